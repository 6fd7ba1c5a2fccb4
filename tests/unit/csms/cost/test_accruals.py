"""Running costs brought forward in memory, and read anew where that does not do."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from decimal import Decimal as D
from typing import Any, cast

from stationmaster.csms.cost import accruals
from stationmaster.csms.cost.accruals import READ_ANEW_AFTER, Accruals
from stationmaster.csms.cost.billing import Draft
from stationmaster.domain.cost.bill import Inputs
from stationmaster.domain.cost.billing import content
from stationmaster.domain.cost.billing_records import BookContent
from stationmaster.domain.cost.evidence import Evidence, Point, StateAt, merged
from stationmaster.domain.cost.pricing import TariffFrom
from stationmaster.domain.cost.tariff import Component, Price, Tariff
from stationmaster.domain.cost.tariff_choice import Place
from stationmaster.domain.records import Record

T0 = datetime(2026, 3, 10, 9, tzinfo=UTC)
TARIFF = Tariff(
    key=1,
    tenant="t",
    name="n",
    version=1,
    valid_from=T0,
    currency="EUR",
    energy=Component((Price(D("0.50")),)),
    charging_time=Component((Price(D("0.10")),)),
)


def at(minutes: float) -> datetime:
    return T0 + timedelta(minutes=minutes)


def message(minutes: float, wh: int, **fields: Any) -> Evidence:
    return Evidence(first_at=at(minutes), last_at=at(minutes), points=(Point(at(minutes), D(wh)),), **fields)


class FakeBilling:
    """What is stored, and how often it was read."""

    def __init__(self, *more: Evidence, tariffs: bool = True) -> None:
        start = Evidence(
            started_at=T0,
            first_at=T0,
            last_at=T0,
            points=(Point(T0, D(0), "begin"),),
            states=(StateAt(T0, "EVConnected", 0), StateAt(at(0.1), "Charging", 1)),
        )
        self.evidence = merged(start, *more)
        self.tariffs = (TariffFrom(TARIFF),) if tariffs else ()
        self.book = BookContent()
        self.reads = 0

    def content(self, tenant: str) -> BookContent:
        return self.book

    async def so_far(
        self, transaction_key: int, records: Iterable[Record] = (), until: datetime | None = None
    ) -> Draft | None:
        self.reads += 1
        if not self.tariffs:
            return None
        inputs = Inputs(evidence=self.evidence, place=Place(station_key=1, evse_id=1), tariffs=self.tariffs)
        return Draft(cast("Any", None), inputs, content(inputs, closed=False, until=until))


async def total(known: Accruals) -> D:
    found = await known.so_far("t", 7)
    assert found is not None
    return found.content.total


async def test_messages_move_the_cost_on_without_another_read() -> None:
    billing = FakeBilling(message(1, 100), message(2, 200), message(3, 300))
    known = Accruals(billing)
    assert await total(known) == D("0.44")  # 0.15 for energy, 2.9 minutes
    for minute in range(4, 60):
        known.told(7, message(minute, minute * 100))
        billing.evidence = merged(billing.evidence, message(minute, minute * 100))
    brought = await total(known)
    assert billing.reads == 1
    known.forget(7)
    assert (await total(known), billing.reads) == (brought, 2)


async def test_a_message_out_of_the_ordinary_has_all_of_it_read_anew() -> None:
    billing = FakeBilling(message(1, 100), message(2, 200), message(3, 300))
    known = Accruals(billing)
    await total(known)
    known.told(7, message(1, 150))
    await total(known)
    assert billing.reads == 2


async def test_a_change_of_prices_or_places_has_it_read_anew() -> None:
    billing = FakeBilling(message(1, 100), message(2, 200))
    known = Accruals(billing)
    await total(known)
    billing.book = BookContent(tariffs=(TARIFF,))
    await total(known)
    assert billing.reads == 2


async def test_after_half_a_day_it_is_read_anew_as_the_clocks_may_have_changed() -> None:
    billing = FakeBilling(message(1, 100), message(2, 200))
    known = Accruals(billing)
    await total(known)
    known.told(7, message(READ_ANEW_AFTER / timedelta(minutes=1) + 3, 900))
    assert known.known("t", 7) is None


async def test_what_it_will_cost_by_a_moment_is_known_without_a_read() -> None:
    billing = FakeBilling(message(1, 100), message(2, 200), message(3, 300))
    known = Accruals(billing)
    await total(known)
    later = await known.until("t", 7, at(13))
    assert later is not None
    assert (later.content.total, later.at, billing.reads) == (D("1.44"), at(13), 1)
    assert await total(known) == D("0.44")  # nothing was changed by asking


async def test_a_session_that_is_not_plain_is_read_each_time() -> None:
    billing = FakeBilling()
    billing.evidence = Evidence(started_at=T0, first_at=T0, last_at=T0, points=(Point(T0, D(5), "begin"),))
    known = Accruals(billing)
    for _ in range(2):
        found = await known.until("t", 7, at(30))
        assert found is not None
        assert found.last == Point(T0, D(5), "begin")
    assert billing.reads == 2


async def test_without_a_tariff_nothing_is_known() -> None:
    known = Accruals(FakeBilling(tariffs=False))
    assert await known.so_far("t", 7) is None
    assert await known.until("t", 7, at(5)) is None


async def test_only_so_many_are_kept_in_mind(monkeypatch: Any) -> None:
    monkeypatch.setattr(accruals, "MOST", 2)
    known = Accruals(FakeBilling(message(1, 100), message(2, 200)))
    for key in (1, 2, 3):
        await known.so_far("t", key)
    assert [known.known("t", key) is not None for key in (1, 2, 3)] == [False, True, True]
