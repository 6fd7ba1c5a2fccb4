"""Templates of settings for more stations than are read at once, and through failures."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from itertools import count
from typing import Any

import pytest

from stationmaster.csms.device_model.setting_templates import (
    TooManyStations,
    apply_template,
    drift_summary,
    selected_stations,
)
from stationmaster.domain.device_model.addresses import Component, Variable, VariableRef, VariableSetting
from stationmaster.domain.device_model.setting_templates import SettingTemplate, StationSelection, TemplateApplied
from stationmaster.domain.device_model.variables import KnownVariable
from stationmaster.domain.failures import StorageFailed
from stationmaster.domain.queries import Page, PageRequest, StationFilter
from stationmaster.domain.station import Station

NOW = datetime(2026, 1, 1, tzinfo=UTC)
REF = VariableRef(component=Component(name="OCPPCommCtrlr"), variable=Variable(name="HeartbeatInterval"))
TEMPLATE = SettingTemplate(
    key=1,
    tenant="default",
    name="T",
    stations=StationSelection(),
    settings=(VariableSetting(ref=REF, value="120"),),
    created_at=NOW,
)
APPLICATION = TemplateApplied(key=2, template_key=1, tenant="default", at=NOW, applied_by="me")


def stations(number: int) -> list[Station]:
    return [Station(key=key, tenant="default", identity=f"CS-{key:06}", created_at=NOW) for key in range(1, number + 1)]


class Queries:
    """Of no station anything is known."""

    def __init__(self, known: Sequence[Station]) -> None:
        self._known = known
        self.longest = 0

    async def stations(self, query: StationFilter, request: PageRequest = PageRequest()) -> Page[Station]:  # noqa: B008
        start = int(request.cursor or 0)
        end = start + request.limit
        return Page(tuple(self._known[start:end]), str(end) if end < len(self._known) else None)

    async def variables_named(
        self, tenant: str, station_keys: Sequence[int], names: Sequence[tuple[str, str]]
    ) -> Mapping[int, Sequence[KnownVariable]]:
        self.longest = max(self.longest, len(station_keys))
        return {}


class Keys:
    def __init__(self) -> None:
        self._numbers = count(100)

    def take(self) -> int:
        return next(self._numbers)


class Node:
    """Journal and commands; each thing that is stored, in its order. ``fails_after``: so many commands."""

    def __init__(self, fails_after: int | None = None) -> None:
        self.stored: list[Any] = []
        self._fails_after = fails_after

    async def store(self, records: Sequence[Any], events: Sequence[Any] = ()) -> None:
        self.stored += records

    async def submit(self, tenant: str, station_key: int, request: Any, **more: Any) -> Any:
        if self._fails_after is not None and len(self.stored) > self._fails_after:
            raise StorageFailed("disk full")
        self.stored.append((station_key, more["key"]))


async def test_drift_is_looked_for_at_every_station_however_many_there_are() -> None:
    queries = Queries(stations(12_345))
    found = await drift_summary(queries, TEMPLATE, limit=3)
    assert found.counts == {"differs": 0, "unknown": 12_345, "in_line": 0}
    assert [identity for _, identity in found.first] == ["CS-000001", "CS-000002", "CS-000003"]
    assert queries.longest <= 1000


async def test_only_stations_in_the_state_that_is_asked_for_are_listed_and_all_are_counted() -> None:
    found = await drift_summary(Queries(stations(5)), TEMPLATE, limit=3, only="differs")
    assert (found.counts["unknown"], found.first) == (5, [])


async def test_an_application_tells_of_its_commands_before_there_is_any() -> None:
    node = Node()
    applied = await apply_template(TEMPLATE, stations(120), node, Keys(), node, APPLICATION, None)
    assert node.stored == [applied, *applied.commands]
    assert [station for station, _ in applied.commands] == list(range(1, 121))


async def test_a_failure_on_the_way_leaves_no_command_without_its_application() -> None:
    node = Node(fails_after=70)
    with pytest.raises(StorageFailed):
        await apply_template(TEMPLATE, stations(120), node, Keys(), node, APPLICATION, None)
    applied, *given = node.stored
    assert len(given) == 70
    assert set(given) < set(applied.commands)


async def test_one_application_takes_no_more_than_its_bound() -> None:
    with pytest.raises(TooManyStations):
        await selected_stations(Queries(stations(10_001)), TEMPLATE)
