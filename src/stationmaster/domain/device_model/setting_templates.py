"""Settings that many stations are to have: which stations, which values, and whether they have them."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Literal

import msgspec

from stationmaster.domain.command import CommandState
from stationmaster.domain.device_model.addresses import SetVariables, VariableRef, VariableSetting
from stationmaster.domain.secret_names import MASK, is_secret
from stationmaster.domain.station import Station

DriftState = Literal["in_line", "differs", "unknown"]

MAX_SETTINGS = 200
MAX_STATIONS = 10_000
"""Of one application."""


class StationSelection(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Which stations: those named by key, or else those that match all that is given (nothing given: all).

    ``firmware_version`` is compared whole; vendor and model without case.
    """

    station_keys: tuple[int, ...] = ()
    vendor: str | None = None
    model: str | None = None
    firmware_version: str | None = None

    def takes(self, station: Station) -> bool:
        if self.station_keys:
            return station.key in self.station_keys
        info = station.info
        return (
            _same(self.vendor, info.vendor)
            and _same(self.model, info.model)
            and self.firmware_version in (None, info.firmware_version)
        )


def _same(wanted: str | None, said: str) -> bool:
    return wanted is None or wanted.casefold() == said.casefold()


class SettingTemplate(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """``removed_at``: it is no longer listed, and its name is free again."""

    key: int
    tenant: str
    name: str
    stations: StationSelection
    settings: tuple[VariableSetting, ...]
    created_at: datetime
    created_by: str | None = None
    removed_at: datetime | None = None


class TemplateApplied(msgspec.Struct, frozen=True, kw_only=True):
    """One application of a template: the command that each station was given."""

    key: int
    template_key: int
    tenant: str
    at: datetime
    applied_by: str | None
    commands: tuple[tuple[int, int], ...] = ()
    """(station key, command key)"""


class ApplicationProgress(msgspec.Struct, frozen=True, kw_only=True):
    """``states``: the state of each station's command; None where the command is no longer kept, or a
    failure of ours came before it. ``partial``: how many stations took a part of the settings only."""

    applied: TemplateApplied
    states: tuple[tuple[int, int, CommandState | None], ...]
    partial: int = 0


class ItemDrift(msgspec.Struct, frozen=True, kw_only=True):
    """``actual`` None: nothing is known of it."""

    ref: VariableRef
    wanted: str
    actual: str | None
    state: DriftState


class StationDrift(msgspec.Struct, frozen=True, kw_only=True):
    """``state``: differs if any item does, else unknown if any is."""

    station_key: int
    state: DriftState
    items: tuple[ItemDrift, ...]


def request_for(template: SettingTemplate) -> SetVariables:
    return SetVariables(settings=template.settings)


def drift_of(
    station_key: int,
    settings: Iterable[VariableSetting],
    actual: Callable[[VariableRef], str | None],
) -> StationDrift:
    """How a station stands to a template, by what it told last. A secret is never known."""
    items = tuple(_item(setting, actual(setting.ref)) for setting in settings)
    states = {item.state for item in items}
    state: DriftState = "differs" if "differs" in states else "unknown" if "unknown" in states else "in_line"
    return StationDrift(station_key=station_key, state=state, items=items)


def _item(setting: VariableSetting, actual: str | None) -> ItemDrift:
    if is_secret(setting.ref.variable.name):
        return ItemDrift(ref=setting.ref, wanted=MASK, actual=None, state="unknown")
    state: DriftState = (
        "unknown" if actual is None else "in_line" if _means_the_same(setting.value, actual) else "differs"
    )
    return ItemDrift(ref=setting.ref, wanted=setting.value, actual=actual, state=state)


def _means_the_same(wanted: str, actual: str) -> bool:
    """Stations write booleans in any case, and lists with or without blanks."""
    return _plain(wanted) == _plain(actual)


def _plain(text: str) -> str:
    words = ",".join(part.strip() for part in text.split(","))
    return words.lower() if words.lower() in ("true", "false") else words
