"""The running cost: brought forward where it can be, begun again where it must be."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal as D
from typing import Any

import msgspec
import pytest

from stationmaster.domain.cost.bill import Inputs
from stationmaster.domain.cost.billing import content
from stationmaster.domain.cost.corrections import Correction, WaiveChange
from stationmaster.domain.cost.evidence import Evidence, Point, Power, StateAt, TariffTold, merged
from stationmaster.domain.cost.pricing import TariffFrom
from stationmaster.domain.cost.running_cost import Accrual, accrue, opened, running
from stationmaster.domain.cost.tariff import Component, Conditions, Price, Tariff
from stationmaster.domain.cost.tariff_choice import Place

T0 = datetime(2026, 3, 10, 9, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
TIERS = Component((Price(D("0.30"), Conditions(max_energy_wh=D(4000))), Price(D("0.50"))))
FAST = Component((Price(D("0.02"), Conditions(min_power_w=D(11000))), Price(D("0.01"))))
TARIFF = Tariff(key=1, tenant="t", name="n", version=1, valid_from=T0, currency="EUR", energy=TIERS, charging_time=FAST)


def at(minutes: int) -> datetime:
    return T0 + MINUTE * minutes


def message(minutes: int, wh: int, **fields: Any) -> Evidence:
    return Evidence(first_at=at(minutes), last_at=at(minutes), points=(Point(at(minutes), D(wh)),), **fields)


def start(**fields: Any) -> Evidence:
    values: dict[str, Any] = {"started_at": T0, "first_at": T0, "last_at": T0, "points": (Point(T0, D(0), "begin"),)}
    return Evidence(**(values | fields))


def inputs(evidence: Evidence, **fields: Any) -> Inputs:
    place = Place(station_key=1, evse_id=1)
    return Inputs(evidence=evidence, place=place, tariffs=(TariffFrom(TARIFF),), **fields)


def accrual(**fields: Any) -> Accrual:
    evidence = merged(start(**fields), message(1, 100), message(2, 200), message(3, 300))
    found = opened(inputs(evidence))
    assert found is not None
    return found


def test_a_day_of_messages_keeps_no_more_than_its_tail():
    found, whole = accrual(), merged(start(), message(1, 100), message(2, 200), message(3, 300))
    for minute in range(4, 100):
        told = message(minute, minute * 100, powers=(Power(at(minute), D(11000 if minute % 7 else 5000)),))
        whole = merged(whole, told)
        after = accrue(found, told)
        assert after is not None
        found = after
    kept = found.inputs.evidence
    assert len(kept.points) == 2
    assert len(kept.powers) <= 2
    # 9900 Wh: 4 x 0.30 = 1.20, 5.9 x 0.50 = 2.95; the time as the whole says
    assert [str(line.amount) for line in running(found).lines[:2]] == ["1.20", "2.95"]
    assert running(found).total == content(inputs(whole), closed=False).total


def test_it_tells_neither_parts_nor_flags():
    told = running(accrual(), at(30))
    assert (told.flags, told.held, {line.parts for line in told.lines}) == ((), False, {()})


SURPRISES = [
    message(2, 200),
    message(4, 400, ended_at=at(4)),
    message(4, 400, tariffs=(TariffTold(at(4), "x"),)),
    message(4, 400, states=(StateAt(at(4), "SuspendedEV"),)),
    message(4, 400, reserved_from=at(-10)),
    message(4, 400, started_at=at(-1)),
    Evidence(first_at=at(4), last_at=at(4), points=(Point(at(4), D(400), "begin"),)),
    Evidence(first_at=at(4), last_at=at(4), points=(Point(at(4), D(400), stated=True),)),
]


@pytest.mark.parametrize("told", SURPRISES)
def test_what_is_out_of_the_ordinary_begins_again_from_everything(told: Evidence):
    assert accrue(accrual(), told) is None


def test_a_bracket_without_power_begins_again_where_the_power_told_of_idling():
    powers = tuple(Power(at(minute), D(5000)) for minute in range(4))
    found = accrual(powers=powers)
    assert found.basis == "power"
    assert accrue(found, message(4, 400, powers=(Power(at(4), D(5000)),))) is not None
    later = accrue(found, message(9, 900))
    assert later is not None  # the sample of the reading before stands
    assert accrue(later, message(12, 1200)) is None


def test_a_register_that_fell_is_not_settled_but_goes_on():
    found = accrue(accrual(), message(4, 50))
    assert found is not None
    later = accrue(found, message(5, 60))
    assert later is not None
    # up to 300, then a new meter from 50 to 60: 310 Wh
    assert running(later).energy_wh == 310
    assert len(later.inputs.evidence.points) == 4


@pytest.mark.parametrize(
    "evidence",
    [
        Evidence(),
        start(),
        merged(start(), message(1, 100), Evidence(ended_at=at(1))),
        merged(start(), message(1, 500), message(2, 100)),
        merged(start(), message(1, 500), message(2, 100), message(3, 600)),
    ],
)
def test_what_is_not_of_the_plain_kind_is_not_opened(evidence: Evidence):
    assert opened(inputs(evidence)) is None


def test_a_corrected_session_is_not_opened():
    correction = Correction(key=1, at=T0, by="op", reason="r", change=WaiveChange())
    assert opened(inputs(merged(start(), message(1, 100)), corrections=(correction,))) is None


def test_an_accrual_is_never_changed_by_what_comes_after_it():
    found = accrual()
    before = msgspec.json.encode(running(found))
    accrue(found, message(4, 400))
    accrue(found, message(5, 9000))
    assert msgspec.json.encode(running(found)) == before


def test_power_and_current_hold_until_the_next_of_their_own():
    """Not every message tells of both."""
    found, whole = accrual(), merged(start(), message(1, 100), message(2, 200), message(3, 300))
    for minute in range(4, 30):
        power = Power(at(minute), D(12000) if minute % 2 else None, D(16))
        told = message(minute, minute * 100, powers=(power,))
        whole = merged(whole, told)
        after = accrue(found, told) or opened(inputs(whole))
        assert after is not None
        found = after
        assert running(found).total == content(inputs(whole), closed=False).total


def test_nothing_is_settled_up_to_a_moment_with_two_readings():
    """What was counted between them is priced by what comes after that moment, as on the bill."""
    morning = Component((Price(D("0.10"), Conditions(max_time_s=240)), Price(D("0.90"))))
    tariff = msgspec.structs.replace(TARIFF, energy=morning, charging_time=None)
    whole = start()
    found = opened(msgspec.structs.replace(inputs(whole), tariffs=(TariffFrom(tariff),)))
    for minute, wh in ((1, 100), (2, 200), (4, 400), (4, 3400), (5, 3500), (6, 3600)):
        told = message(minute, wh)
        whole = merged(whole, told)
        now = msgspec.structs.replace(inputs(whole), tariffs=(TariffFrom(tariff),))
        found = (accrue(found, told) if found is not None else None) or opened(now)
        if found is not None:
            assert running(found).total == content(now, closed=False).total
    assert found is not None
