"""Tariffs made on a clock that goes on while they are made, and places of which several are said at once."""

import asyncio
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import count
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest

from stationmaster.csms.cost.tariff_desk import NotPossible, NotValid, TariffDesk
from stationmaster.domain.cost.billing_records import PlaceForgotten
from stationmaster.domain.cost.sites import PlaceFacts, Site
from stationmaster.domain.cost.tariff import Component, Price, Tariff
from stationmaster.domain.cost.tariff_choice import Assignment

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
TERMS = {"currency": "EUR", "energy": Component(prices=(Price(Decimal("0.4")),))}
SITES = tuple(Site(tenant="default", name=name, zone="UTC") for name in ("Mall", "Port"))


class Stored:
    """What is stored: what the journal was given, by its kind."""

    def __init__(self) -> None:
        self.tariffs: tuple[Tariff, ...] = ()
        self.assignments: dict[int, Assignment] = {}
        self.places: dict[tuple[int, int], PlaceFacts] = {}

    def take(self, record: Any) -> None:
        match record:
            case Tariff():
                self.tariffs += (record,)
            case Assignment(key=key):
                self.assignments[key] = record
            case PlaceFacts(station_key=key, evse_id=evse_id):
                self.places[key, evse_id] = record
            case PlaceForgotten(station_key=key, evse_id=evse_id):
                del self.places[key, evse_id]


class Book:
    """In memory: what was stored when it was loaded last."""

    def __init__(self, stored: Stored) -> None:
        self._stored = stored
        self._content: Any = SimpleNamespace(tariffs=(), assignments=(), sites=SITES, places=())

    def content(self, tenant: str) -> Any:
        return self._content

    async def load(self, tenant: str) -> None:
        stored = self._stored
        places, assignments = tuple(stored.places.values()), tuple(stored.assignments.values())
        await asyncio.sleep(0)
        self._content = SimpleNamespace(tariffs=stored.tariffs, assignments=assignments, sites=SITES, places=places)


class Journal:
    def __init__(self, stored: Stored) -> None:
        self._stored = stored

    async def store(self, records: Any, events: Any = ()) -> None:
        await asyncio.sleep(0)
        for record in records:
            self._stored.take(record)


class Ticking:
    """A clock that is a microsecond later each time it is looked at."""

    def __init__(self) -> None:
        self._ticks = count()

    def now(self) -> datetime:
        return START + timedelta(microseconds=next(self._ticks))


@pytest.fixture
def desk() -> TariffDesk:
    stored = Stored()
    book: Any = Book(stored)
    journal: Any = Journal(stored)
    keys: Any = SimpleNamespace(take=count(1).__next__)
    clock: Any = Ticking()
    return TariffDesk(book, journal, keys, clock)


async def test_a_version_without_a_beginning_begins_now(desk: TariffDesk) -> None:
    one = await desk.create("default", "t", None, "ada", TERMS)
    two = await desk.change("default", "t", None, "ada", TERMS)
    assert (one.version, two.version) == (1, 2)
    assert one.valid_from < two.valid_from


async def test_no_version_begins_in_the_past_or_before_the_one_before_it(desk: TariffDesk) -> None:
    with pytest.raises(NotValid, match="lies in the past"):
        await desk.create("default", "t", START - timedelta(days=1), "ada", TERMS)
    await desk.create("default", "t", START + timedelta(days=7), "ada", TERMS)
    with pytest.raises(NotPossible, match="this one not later"):
        await desk.change("default", "t", None, "ada", TERMS)
    later = await desk.change("default", "t", START + timedelta(days=8), "ada", TERMS)
    assert later.version == 2


async def test_of_two_that_end_an_assignment_at_once_one_is_told_that_it_has_ended(desk: TariffDesk) -> None:
    await desk.create("default", "t", None, "ada", TERMS)
    made = await desk.assign("default", {"tariff": "t"})
    both = [desk.withdraw("default", made.key, None) for _ in range(2)]
    first, second = await asyncio.gather(*both, return_exceptions=True)
    assert isinstance(first, Assignment)
    assert isinstance(second, NotPossible)


async def test_an_assignment_that_is_not_there_cannot_be_ended(desk: TariffDesk) -> None:
    with pytest.raises(LookupError):
        await desk.withdraw("default", 9, None)


async def test_what_is_said_of_a_station_stays_while_it_is_put_at_a_site(desk: TariffDesk) -> None:
    told = PlaceFacts(station_key=1, max_power_w=Decimal(22000))
    await asyncio.gather(desk.put_place("default", told), desk.put_stations("default", "Mall", [1], []))
    assert desk.book.content("default").places == (msgspec.structs.replace(told, site="Mall"),)


async def test_a_station_that_is_taken_off_one_site_and_put_at_another_at_once_is_at_the_other(
    desk: TariffDesk,
) -> None:
    await desk.put_stations("default", "Mall", [1], [])
    moved = await asyncio.gather(
        desk.put_stations("default", "Port", [1], []), desk.put_stations("default", "Mall", [], [1])
    )
    assert moved == [((1,), ()), ((), ())]
    assert [place.site for place in desk.book.content("default").places] == ["Port"]


async def test_what_was_taken_back_is_not_said_again_by_who_puts_the_station_at_a_site(desk: TariffDesk) -> None:
    await desk.put_place("default", PlaceFacts(station_key=1, max_power_w=Decimal(22000)))
    await asyncio.gather(desk.forget_place("default", 1, 0), desk.put_stations("default", "Mall", [1], []))
    assert desk.book.content("default").places == (PlaceFacts(station_key=1, site="Mall"),)
