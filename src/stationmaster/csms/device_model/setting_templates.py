"""Templates of settings brought to many stations, and how far the stations are from them."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain
from typing import Protocol

import msgspec

from stationmaster.domain.command import Command
from stationmaster.domain.device_model.addresses import VariableRef
from stationmaster.domain.device_model.setting_templates import (
    MAX_STATIONS,
    DriftState,
    SettingTemplate,
    StationDrift,
    TemplateApplied,
    drift_of,
    request_for,
)
from stationmaster.domain.device_model.variables import KnownVariable
from stationmaster.domain.messages import Request
from stationmaster.domain.queries import Page, PageRequest, StationFilter
from stationmaster.domain.records import Event, Record
from stationmaster.domain.station import Station

_TOGETHER = 50
"""Commands that are stored at once."""
_PAGE = 1000
WORST_FIRST: tuple[DriftState, ...] = ("differs", "unknown", "in_line")


class Commands(Protocol):
    async def submit(
        self,
        tenant: str,
        station_key: int,
        request: Request,
        *,
        requested_by: str | None = None,
        lifetime_s: float | None = None,
        key: int | None = None,
    ) -> Command: ...


class Keys(Protocol):
    def take(self) -> int: ...


class Queries(Protocol):
    async def stations(self, query: StationFilter, request: PageRequest = ...) -> Page[Station]: ...
    async def variables_named(
        self, tenant: str, station_keys: Sequence[int], names: Sequence[tuple[str, str]]
    ) -> Mapping[int, Sequence[KnownVariable]]: ...


class Journal(Protocol):
    async def store(self, records: Sequence[Record], events: Sequence[Event] = ()) -> None: ...


class TooManyStations(Exception):
    """A template takes more stations than one application may."""


async def selected_stations(queries: Queries, template: SettingTemplate) -> list[Station]:
    """The stations that one application of a template takes, by identity. Raises TooManyStations."""
    found: list[Station] = []
    async for some in _selected(queries, template):
        found += some
        if len(found) > MAX_STATIONS:
            raise TooManyStations(f"the template takes more than {MAX_STATIONS} stations")
    return found


async def _selected(queries: Queries, template: SettingTemplate) -> AsyncIterator[list[Station]]:
    """All stations that a template takes, by identity, as many at a time as are read together."""
    request = PageRequest(limit=_PAGE)
    while True:
        page = await queries.stations(StationFilter(tenant=template.tenant), request)
        yield [station for station in page.items if template.stations.takes(station)]
        if page.next_cursor is None:
            return
        request = PageRequest(limit=_PAGE, cursor=page.next_cursor)


@dataclass(frozen=True, slots=True)
class DriftSummary:
    """``counts``: of all stations that the template takes. ``first``: some of them, with their identities, the worst
    first, then by identity."""

    counts: Mapping[DriftState, int]
    first: Sequence[tuple[StationDrift, str]]


async def drift_summary(
    queries: Queries, template: SettingTemplate, *, limit: int, only: DriftState | None = None
) -> DriftSummary:
    """How all stations of a template stand to it; at most ``limit`` of them by name, only those in a state if one is
    given. However many there are, no more than one page and what is told of them is held."""
    counts: dict[DriftState, int] = dict.fromkeys(WORST_FIRST, 0)
    kept: dict[DriftState, list[tuple[StationDrift, str]]] = {state: [] for state in WORST_FIRST}
    async for stations in _selected(queries, template):
        for station, drift in zip(stations, await drifts(queries, template, stations), strict=True):
            counts[drift.state] += 1
            if only in (None, drift.state) and len(kept[drift.state]) < limit:
                kept[drift.state].append((drift, station.identity))
    return DriftSummary(counts, list(chain.from_iterable(kept.values()))[:limit])


async def drifts(queries: Queries, template: SettingTemplate, stations: Sequence[Station]) -> list[StationDrift]:
    """How each of the stations stands to the template, by what it told last."""
    names = sorted({(s.ref.component.name, s.ref.variable.name) for s in template.settings})
    known = await queries.variables_named(template.tenant, [station.key for station in stations], names)
    return [_drift(template, station, known.get(station.key, ())) for station in stations]


def _drift(template: SettingTemplate, station: Station, known: Sequence[KnownVariable]) -> StationDrift:
    by_place = {(variable.component, variable.variable): variable for variable in known}

    def actual(ref: VariableRef) -> str | None:
        found = by_place.get((ref.component, ref.variable))
        return None if found is None else found.value(ref)

    return drift_of(station.key, template.settings, actual)


async def apply_template(
    template: SettingTemplate,
    stations: Sequence[Station],
    commands: Commands,
    keys: Keys,
    journal: Journal,
    application: TemplateApplied,
    lifetime_s: float | None,
) -> TemplateApplied:
    """Give every station its command. The application tells which one before there is any, so that none is without
    it; the commands' states are the progress."""
    given = tuple([(station.key, keys.take()) for station in stations])
    applied = msgspec.structs.replace(application, commands=given)
    data = {"template": template.key, "name": template.name, "application": applied.key, "stations": len(given)}
    event = Event(kind="SettingTemplateApplied", tenant=template.tenant, at=applied.at, data=data)
    await journal.store([applied], [event])
    submit = partial(
        commands.submit,
        template.tenant,
        request=request_for(template),
        requested_by=applied.applied_by,
        lifetime_s=lifetime_s,
    )
    for first in range(0, len(given), _TOGETHER):
        await asyncio.gather(*[submit(station, key=key) for station, key in given[first : first + _TOGETHER]])
    return applied
