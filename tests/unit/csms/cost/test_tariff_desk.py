"""Tariffs made on a clock that goes on while they are made."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import count
from types import SimpleNamespace
from typing import Any

import pytest

from stationmaster.csms.cost.tariff_desk import NotPossible, NotValid, TariffDesk
from stationmaster.domain.cost.tariff import Component, Price, Tariff

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
TERMS = {"currency": "EUR", "energy": Component(prices=(Price(Decimal("0.4")),))}


class Book:
    def __init__(self) -> None:
        self.tariffs: tuple[Tariff, ...] = ()

    def content(self, tenant: str) -> Any:
        return SimpleNamespace(tariffs=self.tariffs, assignments=(), sites=(), places=())

    async def load(self, tenant: str) -> None: ...


class Journal:
    def __init__(self, book: Book) -> None:
        self._book = book

    async def store(self, records: Any, events: Any = ()) -> None:
        self._book.tariffs += tuple(records)


class Ticking:
    """A clock that is a microsecond later each time it is looked at."""

    def __init__(self) -> None:
        self._ticks = count()

    def now(self) -> datetime:
        return START + timedelta(microseconds=next(self._ticks))


@pytest.fixture
def desk() -> TariffDesk:
    book: Any = Book()
    journal: Any = Journal(book)
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
