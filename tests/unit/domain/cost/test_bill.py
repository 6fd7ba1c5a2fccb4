"""A bill's content beyond its amounts: flags, corrections, versions, and that it never changes by itself."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal as D
from typing import Any

import msgspec
import pytest

from stationmaster.domain.cost.bill import HOLDING_FLAGS, Bill, Content, Inputs, Policy
from stationmaster.domain.cost.bill_versions import first_version, next_version, released
from stationmaster.domain.cost.billing import content, digest_of, frozen, thawed
from stationmaster.domain.cost.corrections import (
    AdjustmentChange,
    Change,
    Correction,
    IdleChange,
    PayerChange,
    RegisterChange,
    TariffChange,
    TimesChange,
    WaiveChange,
)
from stationmaster.domain.cost.evidence import Evidence, Point, StateAt, StationCost, TariffTold
from stationmaster.domain.cost.pricing import TariffFrom
from stationmaster.domain.cost.tariff import Component, Conditions, Price, Tariff, TaxRate
from stationmaster.domain.cost.tariff_choice import Place

T0 = datetime(2026, 3, 10, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)
VAT = TaxRate("VAT", D(19))
FLAT = Tariff(
    key=1,
    tenant="t",
    name="flat",
    version=1,
    valid_from=T0,
    currency="EUR",
    energy=Component((Price(D("0.40")),), (VAT,)),
    idle_time=Component((Price(D("0.10")),), (VAT,)),
)
SESSION = Evidence(
    started_at=T0,
    ended_at=T0 + HOUR,
    first_at=T0,
    last_at=T0 + HOUR,
    points=(Point(T0, D(1000), "begin"), Point(T0 + HOUR, D(11000), "end")),
    states=(StateAt(T0, "Charging", 0), StateAt(T0 + HOUR / 2, "SuspendedEV", 1)),
    seq_seen=((0, 2),),
    authorized=True,
)


def inputs(evidence: Evidence = SESSION, tariff: Tariff | None = FLAT, *changes: Change, **fields: Any) -> Inputs:
    corrections = tuple(
        Correction(key=place, at=T0, by="op", reason="asked", change=change) for place, change in enumerate(changes)
    )
    values = {"tariffs": () if tariff is None else (TariffFrom(tariff),), "corrections": corrections}
    return Inputs(evidence=evidence, place=Place(station_key=1, evse_id=1), **(values | fields))


def changed(**fields: Any) -> Evidence:
    return msgspec.structs.replace(SESSION, **fields)


def amounts(bill: Content) -> list[tuple[str, str]]:
    return [(line.kind, str(line.amount)) for line in bill.lines]


def test_a_session_in_order_has_no_flags():
    # 10 kWh 4.00, 30 min idle 3.00; 19 % of 7.00
    bill = content(inputs())
    assert amounts(bill) == [("energy", "4.00"), ("idle_time", "3.00"), ("tax", "1.33")]
    assert (bill.flags, bill.held, bill.basis, bill.energy_source) == ((), False, "states", "registers")
    assert (bill.charging_s, bill.idle_s, bill.started_at, bill.ended_at) == (1800, 1800, T0, T0 + HOUR)


ODD: list[tuple[dict[str, Any], str]] = [
    ({"started_at": None}, "lost_start"),
    ({"seq_seen": ((0, 0), (2, 2))}, "gap"),
    ({"conflicts": 1}, "conflict"),
    ({"ended_at": T0 - HOUR}, "ends_before_start"),
    ({"authorized": False}, "unauthorized"),
    ({"ended_at": None}, "end_missing"),
    ({"points": SESSION.points[:1]}, "no_register"),
    ({"states": (), "points": SESSION.points[:1]}, "no_idle_evidence"),
    ({"tariffs": (TariffTold(T0, "other"),)}, "unknown_tariff_told"),
    ({"ended_at": T0 + timedelta(days=500)}, "clock_doubtful"),
    ({"started_at": datetime(1970, 1, 1, tzinfo=UTC)}, "clock_doubtful"),
    ({"station_cost": StationCost(at=T0, seq_no=2, currency="EUR", incl=D("8.40"))}, "station_cost_differs"),
    ({"station_cost": StationCost(at=T0, seq_no=2, currency="USD", incl=D("8.33"))}, "station_cost_differs"),
]


@pytest.mark.parametrize(("fields", "flag"), ODD)
def test_what_is_odd_is_flagged_and_held_where_the_policy_says_so(fields: dict[str, Any], flag: str):
    bill = content(inputs(changed(**fields)))
    assert flag in bill.flags
    assert bill.held == (not set(HOLDING_FLAGS).isdisjoint(bill.flags))
    assert not content(inputs(changed(**fields), policy=Policy(hold=()))).held
    assert content(inputs(changed(**fields), policy=Policy(hold=(flag,)))).held


def test_a_cent_of_rounding_for_each_line_is_no_difference():
    near = StationCost(at=T0, seq_no=2, currency="EUR", excl=D("7.02"), incl=D("8.35"))
    assert content(inputs(changed(station_cost=near))).flags == ()


def test_without_a_tariff_nothing_is_asked_and_that_is_noted():
    bill = content(inputs(tariff=None, policy=Policy(currency="SEK")))
    assert (bill.lines, str(bill.total), bill.currency, bill.flags) == ((), "0.00", "SEK", ("no_tariff",))
    assert bill.energy_wh == 10000


def test_without_any_evidence_there_is_still_a_bill():
    bill = content(inputs(Evidence()))
    assert (str(bill.total), bill.held, bill.started_at) == ("0.00", True, None)


def test_a_tariff_of_another_currency_is_not_used_and_that_is_held():
    other = msgspec.structs.replace(FLAT, key=2, currency="SEK")
    bill = content(inputs(tariffs=(TariffFrom(FLAT), TariffFrom(other, T0 + HOUR / 2))))
    assert (bill.total, bill.flags, bill.held) == (D("8.33"), ("currency_change",), True)


def test_a_price_that_changes_in_a_wide_gap_between_readings_is_noted():
    cheaper = Component((Price(D("0.20"), Conditions(from_time="09:10")), Price(D("0.40"))))
    tariff = msgspec.structs.replace(FLAT, energy=cheaper)
    assert content(inputs(tariff=tariff, policy=Policy(max_gap_s=1800))).flags == ("interpolated_over_gap",)
    assert content(inputs(tariff=tariff, policy=Policy(max_gap_s=3600))).flags == ()


def test_an_open_session_is_estimated_without_minimum_and_never_held():
    open_one = changed(ended_at=None, authorized=False, last_at=T0 + HOUR)
    bill = content(inputs(open_one), closed=False, until=T0 + HOUR * 2)
    assert amounts(bill) == [("energy", "4.00"), ("idle_time", "9.00"), ("tax", "2.47")]
    assert not bill.held


CORRECTED: list[tuple[Change, list[tuple[str, str]]]] = [
    # the end was 6000: 5 kWh 2.00; 5.00 x 19 %
    (
        RegisterChange(stated=(Point(T0 + HOUR, D(6000), "end"),), without=(Point(T0 + HOUR, D(11000)),)),
        [("energy", "2.00"), ("idle_time", "3.00"), ("tax", "0.95")],
    ),
    # a stated end goes before what the station marked
    (
        RegisterChange(stated=(Point(T0 + HOUR, D(6000), "end"),)),
        [("energy", "2.00"), ("idle_time", "3.00"), ("tax", "0.95")],
    ),
    # it ended 15 min earlier: 15 min less of idling
    (TimesChange(ended_at=T0 + HOUR * 3 / 4), [("energy", "4.00"), ("idle_time", "1.50"), ("tax", "1.05")]),
    # 10 min of the idling were our own fault: 20 min are left
    (
        IdleChange(from_at=T0 + HOUR / 2, to_at=T0 + HOUR / 2 + timedelta(minutes=10)),
        [("energy", "4.00"), ("idle_time", "2.00"), ("tax", "1.14")],
    ),
    (
        TariffChange(tariff=msgspec.structs.replace(FLAT, key=2, idle_time=None)),
        [("energy", "4.00"), ("tax", "0.76")],
    ),
    # 1.00 less, with its tax
    (
        AdjustmentChange(amount=D("-1.00"), text="goodwill", taxes=(VAT,)),
        [("energy", "4.00"), ("idle_time", "3.00"), ("adjustment", "-1.00"), ("tax", "1.33"), ("tax", "-0.19")],
    ),
    (WaiveChange(), [("energy", "4.00"), ("idle_time", "3.00"), ("adjustment", "-7.00")]),
    (PayerChange(payer="fleet"), [("energy", "4.00"), ("idle_time", "3.00"), ("tax", "1.33")]),
]


@pytest.mark.parametrize(("change", "expected"), CORRECTED)
def test_a_correction_changes_what_it_says_and_nothing_else(change: Change, expected: list[tuple[str, str]]):
    bill = content(inputs(SESSION, FLAT, change))
    assert amounts(bill) == expected
    assert bill.total == sum(D(amount) for _, amount in expected)
    assert msgspec.json.decode(msgspec.json.encode(change), type=Change) == change


def test_of_two_corrections_the_later_holds():
    later, earlier = TimesChange(ended_at=T0 + HOUR), TimesChange(ended_at=T0 + HOUR * 2)
    assert content(inputs(SESSION, FLAT, earlier, later)).idle_s == 1800


def test_waived_means_nothing_to_pay_whatever_else_was_changed():
    bill = content(inputs(SESSION, FLAT, AdjustmentChange(amount=D(5), text="cable"), WaiveChange()))
    assert (str(bill.total), str(bill.net), str(bill.tax)) == ("0.00", "0.00", "0.00")


def test_inputs_are_frozen_and_thawed_whole():
    whole = inputs(SESSION, FLAT, *(change for change, _ in CORRECTED), max_w=D(22000), payment_brand="VISA")
    assert thawed(frozen(whole)) == whole
    assert digest_of(whole) == digest_of(thawed(frozen(whole))) != digest_of(inputs())


def test_an_unknown_algorithm_is_an_error_and_not_a_guess():
    with pytest.raises(KeyError):
        content(inputs(algorithm=99))


# ── Versions ────────────────────────────────────────────────────────────────────────────────────────────────────


def first(bill: Content | None = None) -> Bill:
    return first_version(
        key=1,
        tenant="t",
        transaction_key=5,
        station_key=6,
        content=bill or content(inputs()),
        inputs_digest="a",
        at=T0,
        cdr_id="CDR-5",
    )


def following(previous: Bill, bill: Content, cause: Any = "evidence", **fields: Any) -> tuple[Bill, Bill] | None:
    return next_version(previous, key=2, content=bill, inputs_digest="b", at=T0 + HOUR, cause=cause, **fields)


HELD = content(inputs(changed(authorized=False)))


def test_the_first_version_is_issued_or_held():
    assert (first().state, first().version, first().cause, first(HELD).state) == ("issued", 1, "ended", "held")


def test_evidence_that_changes_nothing_makes_no_version():
    assert following(first(), content(inputs())) is None


def test_a_changed_bill_supersedes_the_one_before_and_tells_the_difference():
    made = following(first(), content(inputs(SESSION, FLAT, WaiveChange())), "correction")
    assert made is not None
    old, new = made
    assert (old.state, old.content) == ("superseded", first().content)
    assert (new.version, new.corrects, new.difference, new.cdr_id) == (2, 1, D("-8.33"), "CDR-5")


def test_a_correction_that_changes_nothing_is_a_version_all_the_same():
    made = following(first(), content(inputs()), "correction", payer="fleet")
    assert made is not None
    assert (made[1].payer, made[1].difference) == ("fleet", D("0.00"))


def test_what_was_released_stays_so_until_the_sum_changes():
    _, free = released(first(HELD), key=2, at=T0)
    assert (free.state, free.version, free.cause) == ("issued", 2, "released")
    same_sum = following(free, content(inputs(changed(authorized=False, conflicts=1))))
    other_sum = following(free, content(inputs(changed(authorized=False, points=SESSION.points[:1]))))
    assert same_sum is not None
    assert other_sum is not None
    assert (same_sum[1].state, other_sum[1].state) == ("issued", "held")
    with pytest.raises(ValueError, match="issued"):
        released(free, key=3, at=T0)
