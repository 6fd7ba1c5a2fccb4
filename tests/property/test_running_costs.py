"""Whatever a station tells, in whatever order, however often: what memory brings forward is what all of it comes to."""

import asyncio
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from decimal import Decimal as D
from typing import Any, cast

from hypothesis import given, settings
from hypothesis import strategies as st

from stationmaster.csms.cost.accruals import Accruals
from stationmaster.csms.cost.billing import Draft
from stationmaster.domain.cost.bill import Inputs
from stationmaster.domain.cost.billing import content
from stationmaster.domain.cost.billing_records import BookContent
from stationmaster.domain.cost.evidence import Evidence, Point, Power, StateAt, merged
from stationmaster.domain.cost.pricing import TariffFrom
from stationmaster.domain.cost.tariff import Component, Conditions, Price, Tariff
from stationmaster.domain.cost.tariff_choice import Place
from stationmaster.domain.records import Record

T0 = datetime(2026, 3, 10, 21, tzinfo=UTC)
NIGHT = Conditions(from_time="22:00", to_time="06:00")
TARIFF = Tariff(
    key=1,
    tenant="t",
    name="n",
    version=1,
    valid_from=T0,
    currency="EUR",
    energy=Component((Price(D("0.20"), NIGHT), Price(D("0.30"), Conditions(max_energy_wh=D(4000))), Price(D("0.50")))),
    idle_time=Component((Price(D("0.10"), Conditions(min_idle_time_s=600)),)),
    charging_time=Component((Price(D("0.02"), Conditions(min_power_w=D(11_000))), Price(D("0.01")))),
)
BOOK = BookContent()


class Stored:
    """All that was told."""

    def __init__(self) -> None:
        start = (StateAt(T0, "EVConnected", 0), StateAt(T0 + timedelta(seconds=30), "Charging", 1))
        self.evidence = Evidence(
            started_at=T0, first_at=T0, last_at=T0, points=(Point(T0, D(0), "begin"),), states=start
        )

    def content(self, tenant: str) -> BookContent:
        return BOOK

    async def so_far(
        self, transaction_key: int, records: Iterable[Record] = (), until: datetime | None = None
    ) -> Draft | None:
        place = Place(station_key=1, evse_id=1)
        inputs = Inputs(evidence=self.evidence, place=place, tariffs=(TariffFrom(TARIFF),))
        return Draft(cast("Any", None), inputs, content(inputs, closed=False, until=until))


def message(minute: int, used: int, state: str | None, power_w: int | None) -> Evidence:
    at = T0 + timedelta(minutes=minute)
    return Evidence(
        first_at=at,
        last_at=at,
        points=(Point(at, D(used)),),
        states=() if state is None else (StateAt(at, cast("Any", state), minute + 1),),
        powers=() if power_w is None else (Power(at, D(power_w)),),
    )


steps = st.tuples(
    st.integers(1, 40),
    st.integers(0, 900),
    st.sampled_from([None, None, "Charging", "SuspendedEV", "SuspendedEVSE"]),
    st.sampled_from([None, 3_000, 22_000]),
)


@st.composite
def told(draw: st.DrawFn) -> list[Evidence]:
    """Messages of a session, some of them again, some late."""
    minute, used, found = 0, 0, []
    for minutes, wh, state, power_w in draw(st.lists(steps, min_size=1, max_size=12)):
        minute, used = minute + minutes, used + wh
        found.append(message(minute, used, state, power_w))
    again = draw(st.lists(st.sampled_from(found), max_size=3))
    places = draw(st.lists(st.integers(0, len(found)), min_size=len(again), max_size=len(again)))
    for place, repeated in zip(places, again, strict=True):
        found.insert(place, repeated)
    return found


@settings(max_examples=60, deadline=None)
@given(told(), st.sets(st.integers(0, 15)))
def test_the_cost_that_is_brought_forward_is_that_of_all_evidence(messages: list[Evidence], asked: set[int]) -> None:
    async def session() -> None:
        stored = Stored()
        known = Accruals(stored)
        for number, each in enumerate(messages):
            stored.evidence = merged(stored.evidence, each)
            known.told(7, each)
            if number in asked:
                found, whole = await known.so_far("t", 7), await stored.so_far(7)
                assert found is not None
                assert whole is not None
                assert found.content.total == whole.content.total

    asyncio.run(session())
