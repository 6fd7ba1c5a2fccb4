"""Templates of settings brought to many stations, and how far the stations are from them."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Protocol

import msgspec

from stationmaster.domain.command import Command
from stationmaster.domain.device_model import VariableRef
from stationmaster.domain.messages import Request
from stationmaster.domain.queries import Page, PageRequest, StationFilter
from stationmaster.domain.records import Event, Record
from stationmaster.domain.setting_templates import (
    MAX_STATIONS,
    SettingTemplate,
    StationDrift,
    TemplateApplied,
    drift_of,
    request_for,
)
from stationmaster.domain.station import Station
from stationmaster.domain.variables import KnownVariable

_TOGETHER = 50
"""Commands that are stored at once."""


class Commands(Protocol):
    async def submit(
        self,
        tenant: str,
        station_key: int,
        request: Request,
        *,
        requested_by: str | None = None,
        lifetime_s: float | None = None,
    ) -> Command: ...


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
    """The stations that a template takes, by identity. Raises TooManyStations."""
    found: list[Station] = []
    request = PageRequest(limit=1000)
    while True:
        page = await queries.stations(StationFilter(tenant=template.tenant), request)
        found += [station for station in page.items if template.stations.takes(station)]
        if len(found) > MAX_STATIONS:
            raise TooManyStations(f"the template takes more than {MAX_STATIONS} stations")
        if page.next_cursor is None:
            return found
        request = PageRequest(limit=1000, cursor=page.next_cursor)


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
    journal: Journal,
    application: TemplateApplied,
    lifetime_s: float | None,
) -> TemplateApplied:
    """Give every station its command, and keep in the application which one: their states are the progress."""
    request = request_for(template)
    given: list[tuple[int, int]] = []
    for first in range(0, len(stations), _TOGETHER):
        made = await asyncio.gather(
            *[
                commands.submit(
                    template.tenant, station.key, request, requested_by=application.applied_by, lifetime_s=lifetime_s
                )
                for station in stations[first : first + _TOGETHER]
            ]
        )
        given += [(command.station_key, command.key) for command in made]
    applied = msgspec.structs.replace(application, commands=tuple(given))
    data = {"template": template.key, "name": template.name, "application": applied.key, "stations": len(given)}
    event = Event(kind="SettingTemplateApplied", tenant=template.tenant, at=applied.at, data=data)
    await journal.store([applied], [event])
    return applied
