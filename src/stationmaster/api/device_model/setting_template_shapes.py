"""Templates of settings as a client writes and reads them."""

from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta

from stationmaster.api.commands.device_model_drafts import SettingDraft
from stationmaster.api.device_model.variables import AddressResource, address_fields
from stationmaster.api.http.parameters import MAX_INT64
from stationmaster.api.http.resources import shaped
from stationmaster.domain.command import CommandState
from stationmaster.domain.device_model.addresses import AttributeType
from stationmaster.domain.device_model.setting_templates import (
    MAX_SETTINGS,
    ApplicationProgress,
    DriftState,
    ItemDrift,
    SettingTemplate,
    StationDrift,
)

MAX_NAMED = 1000

Key = Annotated[int, Meta(ge=1, le=MAX_INT64)]
Name = Annotated[str, Meta(min_length=1, max_length=200)]
Word = Annotated[str, Meta(min_length=1, max_length=50)]


class SelectionDraft(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Either ``stations`` by key, or all that match everything else that is given (nothing: all stations)."""

    stations: Annotated[tuple[Key, ...], Meta(min_length=1, max_length=MAX_NAMED)] | None = None
    vendor: Word | None = None
    model: Word | None = None
    firmware_version: Word | None = None


class TemplateDraft(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    name: Name
    stations: SelectionDraft = SelectionDraft()
    settings: Annotated[tuple[SettingDraft, ...], Meta(min_length=1, max_length=MAX_SETTINGS)]


class ApplyDraft(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``stations``: only these of the template's. ``differing_only``: leave out those that are known to be in line.
    ``lifetime_s``: how long a command waits for a station that is not connected."""

    stations: Annotated[tuple[Key, ...], Meta(min_length=1, max_length=MAX_NAMED)] | None = None
    differing_only: bool = False
    lifetime_s: Annotated[int, Meta(ge=1, le=86_400)] | None = None


class SelectionResource(msgspec.Struct, frozen=True, kw_only=True):
    stations: tuple[int, ...]
    vendor: str | None
    model: str | None
    firmware_version: str | None


class SettingResource(AddressResource, frozen=True, kw_only=True):
    attribute: AttributeType
    value: str


class TemplateResource(msgspec.Struct, frozen=True, kw_only=True):
    key: int
    name: str
    stations: SelectionResource
    settings: tuple[SettingResource, ...]
    created_at: datetime
    created_by: str | None


class GivenResource(msgspec.Struct, frozen=True, kw_only=True):
    """``state`` null: the command is no longer kept."""

    station: int
    command: int
    state: CommandState | None


class ApplicationResource(msgspec.Struct, frozen=True, kw_only=True):
    """``progress``: how many commands are in which state, as of now. ``partial``: of how many that are accepted the
    station took a part only."""

    key: int
    template: int
    at: datetime
    applied_by: str | None
    progress: dict[str, int]
    partial: int
    commands: tuple[GivenResource, ...]


class ItemDriftResource(AddressResource, frozen=True, kw_only=True):
    """``actual`` null: nothing is known of it."""

    attribute: AttributeType
    state: DriftState
    wanted: str
    actual: str | None


class StationDriftResource(msgspec.Struct, frozen=True, kw_only=True):
    """``items``: those that are not in line."""

    station: int
    identity: str
    state: DriftState
    items: tuple[ItemDriftResource, ...]


class DriftResource(msgspec.Struct, frozen=True, kw_only=True):
    """How many of the template's stations are how, and the first of them: those that differ, then those of which
    something is unknown, then those in line."""

    in_line: int
    differs: int
    unknown: int
    stations: tuple[StationDriftResource, ...]


def template_resource(template: SettingTemplate) -> TemplateResource:
    selection = template.stations
    return shaped(
        TemplateResource,
        template,
        stations=shaped(SelectionResource, selection, stations=selection.station_keys),
        settings=tuple(
            SettingResource(
                **address_fields(setting.ref.component, setting.ref.variable),
                attribute=setting.ref.attribute,
                value=setting.value,
            )
            for setting in template.settings
        ),
    )


def application_resource(progress: ApplicationProgress) -> ApplicationResource:
    counts: dict[str, int] = {}
    for _, _, state in progress.states:
        counts[state or "forgotten"] = counts.get(state or "forgotten", 0) + 1
    applied = progress.applied
    return ApplicationResource(
        key=applied.key,
        template=applied.template_key,
        at=applied.at,
        applied_by=applied.applied_by,
        progress=counts,
        partial=progress.partial,
        commands=tuple(
            GivenResource(station=station, command=command, state=state) for station, command, state in progress.states
        ),
    )


def drift_resource(drift: StationDrift, identity: str) -> StationDriftResource:
    return StationDriftResource(
        station=drift.station_key,
        identity=identity,
        state=drift.state,
        items=tuple(item_resource(item) for item in drift.items if item.state != "in_line"),
    )


def item_resource(item: ItemDrift) -> ItemDriftResource:
    return ItemDriftResource(
        **address_fields(item.ref.component, item.ref.variable),
        attribute=item.ref.attribute,
        state=item.state,
        wanted=item.wanted,
        actual=item.actual,
    )
