"""Money cases worked by hand: each comment is the calculation, done without the code."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal as D

import msgspec
import pytest

from stationmaster.domain.cost.bill import Content, Inputs
from stationmaster.domain.cost.billing import content
from stationmaster.domain.cost.evidence import Evidence, Mark, Point, Power, StateAt, TariffTold
from stationmaster.domain.cost.local_time import Offset
from stationmaster.domain.cost.pricing import TariffFrom
from stationmaster.domain.cost.tariff import Bound, Component, Conditions, Price, Tariff, TaxRate
from stationmaster.domain.cost.tariff_choice import Place

VAT = TaxRate("VAT", D(19))
BERLIN = (
    Offset(datetime(2025, 10, 26, 1, tzinfo=UTC), 3600),
    Offset(datetime(2026, 3, 29, 1, tzinfo=UTC), 7200),
    Offset(datetime(2026, 10, 25, 1, tzinfo=UTC), 3600),
)
MORNING = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def tariff(**fields: object) -> Tariff:
    values = {"key": 1, "tenant": "t", "name": "day", "version": 1, "valid_from": MORNING, "currency": "EUR"}
    return Tariff(**(values | fields))  # type: ignore[arg-type]


def priced(amount: str, **when: object) -> Price:
    return Price(D(amount), Conditions(**when) if when else None)  # type: ignore[arg-type]


def points(*readings: tuple[datetime, str]) -> tuple[Point, ...]:
    """The first one marked as the begin, the last one as the end."""
    marks: dict[int, Mark] = {0: "begin", len(readings) - 1: "end"}
    return tuple(Point(when, D(wh), marks.get(place, "sample")) for place, (when, wh) in enumerate(readings))


def session(*readings: tuple[datetime, str], **fields: object) -> Evidence:
    first, last = readings[0][0], readings[-1][0]
    values = {
        "started_at": first,
        "ended_at": last,
        "first_at": first,
        "last_at": last,
        "points": points(*readings),
        "authorized": True,
    }
    return Evidence(**(values | fields))  # type: ignore[arg-type]


def billed(evidence: Evidence, *tariffs: Tariff, **fields: object) -> Content:
    values = {
        "evidence": evidence,
        "place": Place(station_key=1, evse_id=1, zone="Europe/Berlin"),
        "tariffs": tuple(TariffFrom(each) for each in tariffs),
        "offsets": BERLIN,
    }
    return content(Inputs(**(values | fields)))  # type: ignore[arg-type]


def amounts(bill: Content) -> list[tuple[str, str]]:
    return [(line.kind, str(line.amount)) for line in bill.lines]


NIGHT = tariff(energy=Component((priced("0.25", from_time="00:00", to_time="06:00"), priced("0.45"))))


def test_midnight_between_two_readings_is_interpolated():
    # 22:30 to 01:30 are 3 h, 30 kWh: 10 kWh an hour. 1.5 h before midnight 15 kWh x 0.45 = 6.75, after it 15 x 0.25
    bill = billed(session((at("2026-03-10T22:30+01:00"), "1000"), (at("2026-03-11T01:30+01:00"), "31000")), NIGHT)
    assert amounts(bill) == [("energy", "6.75"), ("energy", "3.75")]
    assert bill.total == D("10.50")
    assert bill.interpolated_wh == 30000
    assert {part.how for line in bill.lines for part in line.parts} == {"interpolated"}


def test_a_reading_at_midnight_is_used_as_such():
    # 16 kWh before midnight x 0.45 = 7.20, 14 kWh after it x 0.25 = 3.50
    evening, night, end = at("2026-03-10T22:30+01:00"), at("2026-03-11T00:00+01:00"), at("2026-03-11T01:30+01:00")
    bill = billed(session((evening, "1000"), (night, "17000"), (end, "31000")), NIGHT)
    assert amounts(bill) == [("energy", "7.20"), ("energy", "3.50")]
    assert (bill.total, bill.interpolated_wh) == (D("10.70"), 0)
    assert {part.how for line in bill.lines for part in line.parts} == {"measured"}


def test_where_interpolating_is_not_allowed_a_bracket_costs_what_was_in_force_at_its_first_reading():
    # One bracket that begins at 22:30: all 30 kWh x 0.45
    evidence = session((at("2026-03-10T22:30+01:00"), "1000"), (at("2026-03-11T01:30+01:00"), "31000"))
    bill = billed(evidence, msgspec.structs.replace(NIGHT, boundary="bracket_start"))
    assert (amounts(bill), bill.interpolated_wh) == ([("energy", "13.50")], 0)


def test_bracket_start_takes_the_tier_of_the_first_reading_too():
    # 0.30 up to 10 kWh, 0.50 above. Brackets 0-8, 8-12, 12-15 kWh: the first two begin below 10 kWh.
    # 12 x 0.30 = 3.60, 3 x 0.50 = 1.50
    steps = tariff(energy=Component((priced("0.30", max_energy_wh=D(10000)), priced("0.50"))), boundary="bracket_start")
    readings = [(MORNING + HOUR * hours, wh) for hours, wh in enumerate(("0", "8000", "12000", "15000"))]
    assert amounts(billed(session(*readings), steps)) == [("energy", "3.60"), ("energy", "1.50")]


TWO_TO_THREE = tariff(energy=Component((priced("0.20", from_time="02:00", to_time="03:00"), priced("0.40"))))


def test_when_the_clocks_go_forward_the_skipped_hour_costs_nothing_less():
    # 01:30 to 04:30 on the wall are 2 h, as 02:00-03:00 does not exist: 20 kWh x 0.40
    bill = billed(session((at("2026-03-29T00:30Z"), "0"), (at("2026-03-29T02:30Z"), "20000")), TWO_TO_THREE)
    assert amounts(bill) == [("energy", "8.00")]


def test_when_the_clocks_go_back_the_repeated_hour_counts_twice():
    # 01:30 summer time to 03:30 winter time are 3 h, 10 kWh each; 02:00-03:00 comes twice: 20 x 0.20 + 10 x 0.40
    bill = billed(session((at("2026-10-24T23:30Z"), "0"), (at("2026-10-25T02:30Z"), "30000")), TWO_TO_THREE)
    assert sorted(amounts(bill)) == [("energy", "4.00"), ("energy", "4.00")]
    assert bill.total == D("8.00")


def test_a_tier_begins_at_its_watt_hour():
    # 10 x 0.30 = 3.00; 2.345678 x 0.50 = 1.172839 -> 1.17. The split is exact, nothing is guessed.
    tiers = tariff(energy=Component((priced("0.30", max_energy_wh=D(10000)), priced("0.50"))))
    bill = billed(session((MORNING, "500"), (MORNING + HOUR, "12845.678")), tiers)
    assert amounts(bill) == [("energy", "3.00"), ("energy", "1.17")]
    assert (bill.total, bill.interpolated_wh) == (D("4.17"), 0)


IDLE = tariff(
    energy=Component((priced("0.39"),)),
    idle_time=Component((priced("0.10", min_idle_time_s=900, from_time="07:00", to_time="22:00"),)),
)


def test_an_idle_fee_after_full_has_its_grace_and_its_hours():
    # 22.222 x 0.39 = 8.66658 -> 8.67. Full at 20:40:30, grace until 20:55:30, hours until 22:00: 64.5 min x 0.10 = 6.45
    start, full, gone = (at(f"2026-03-10T{time}+01:00") for time in ("19:00:00", "20:40:30", "23:15:00"))
    states = (StateAt(start, "Charging", 0), StateAt(full, "SuspendedEV", 1))
    bill = billed(session((start, "0"), (gone, "22222"), states=states), IDLE)
    assert amounts(bill) == [("energy", "8.67"), ("idle_time", "6.45")]
    assert bill.total == D("15.12")
    assert (bill.charging_s, bill.idle_s) == (6030, 9270)


def test_a_new_idle_period_has_a_new_grace():
    # Idle 10 min, charging 5 min, idle 20 min: only the second passes 15 min, by 5 min x 0.10
    moments = [MORNING + timedelta(minutes=minutes) for minutes in (0, 30, 40, 45, 65)]
    names = ("Charging", "SuspendedEV", "Charging", "SuspendedEV")
    states = tuple(StateAt(when, name) for when, name in zip(moments, names, strict=False))  # type: ignore[arg-type]
    bill = billed(session((MORNING, "0"), (moments[-1], "0.000"), states=states), IDLE)
    assert amounts(bill) == [("idle_time", "0.50")]


STACKED = (TaxRate("energy tax", D("2.5")), TaxRate("VAT", D(19), 1))
MINIMUM = tariff(
    fixed=Component((priced("0.35"),), STACKED),
    energy=Component((priced("0.3361"),), STACKED),
    minimum=Bound(excl=D("3.00")),
)


def test_a_minimum_without_tax_is_reached_before_stacked_taxes():
    # 4.321 x 0.3361 = 1.4522881 -> 1.45; 0.35 + 1.45 = 1.80, 1.20 missing.
    # 3.00 x 2.5 % = 0.075 -> 0.08; 3.08 x 19 % = 0.5852 -> 0.59; 3.00 + 0.08 + 0.59 = 3.67
    bill = billed(session((MORNING, "0"), (MORNING + HOUR, "4321")), MINIMUM)
    assert amounts(bill) == [
        ("fixed", "0.35"),
        ("energy", "1.45"),
        ("minimum", "1.20"),
        ("tax", "0.08"),
        ("tax", "0.59"),
    ]
    assert (bill.net, bill.tax, bill.total, bill.type_of_cost) == (D("3.00"), D("0.67"), D("3.67"), "MinCost")


def test_above_the_minimum_it_changes_nothing():
    # 14.321 x 0.3361 = 4.8132881 -> 4.81; 5.16; x 2.5 % = 0.129 -> 0.13; 5.29 x 19 % = 1.0051 -> 1.01; 6.30
    bill = billed(session((MORNING, "0"), (MORNING + HOUR, "14321")), MINIMUM)
    assert amounts(bill) == [("fixed", "0.35"), ("energy", "4.81"), ("tax", "0.13"), ("tax", "1.01")]
    assert (bill.total, bill.type_of_cost) == (D("6.30"), "NormalCost")


def test_a_session_without_energy_costs_nothing():
    bill = billed(session((MORNING, "100"), (MORNING + HOUR, "100")), MINIMUM)
    assert (bill.lines, str(bill.total), bill.flags) == ((), "0.00", ())


def test_without_energy_the_fixed_price_stays_where_the_tariff_says_so():
    # 0.35, up to 3.00; taxes as above: 3.67
    kept = msgspec.structs.replace(MINIMUM, free_without_energy=False)
    assert billed(session((MORNING, "100"), (MORNING + HOUR, "100")), kept).total == D("3.67")


FLAT = tariff(energy=Component((priced("0.40"),)))


def test_a_new_meter_on_the_way_bills_what_both_measured_and_is_held():
    # 998000 to 1000000: 2 kWh; new meter 150 to 4150: 4 kWh; x 0.40 = 2.40
    readings = [
        (MORNING + timedelta(minutes=15 * quarter), wh)
        for quarter, wh in enumerate(("998000", "1000000", "150", "4150"))
    ]
    bill = billed(session(*readings), FLAT)
    assert (bill.total, bill.energy_wh, bill.flags, bill.held) == (D("2.40"), 6000, ("meter_reset",), True)


def test_a_single_reading_that_its_neighbours_contradict_is_left_out():
    # 1000 to 9000: 8 kWh x 0.40
    readings = [
        (MORNING + timedelta(minutes=15 * quarter), wh) for quarter, wh in enumerate(("1000", "3000", "0", "9000"))
    ]
    bill = billed(session(*readings), FLAT)
    assert (bill.total, bill.flags, bill.held) == (D("3.20"), ("meter_glitch",), False)


def test_prices_that_include_tax_show_it_but_do_not_add_it():
    # 10 kWh x 0.39 = 3.90 gross; / 1.19 = 3.27731 -> 3.28 net; tax 3.90 - 3.28 = 0.62
    gross = tariff(energy=Component((priced("0.39"),), (VAT,)), includes_tax=True)
    bill = billed(session((MORNING, "0"), (MORNING + HOUR, "10000")), gross)
    assert amounts(bill) == [("energy", "3.90"), ("tax", "0.62")]
    assert bill.lines[1].of_which
    assert (bill.net, bill.tax, bill.total) == (D("3.28"), D("0.62"), D("3.90"))


def test_a_maximum_with_tax_is_met_to_the_cent_though_no_net_amount_leads_there():
    # 100 kWh x 0.40 = 40.00 net, 47.60 gross. At most 11.91: 11.91 / 1.19 = 10.0084 -> 10.01 net, 1.90 tax
    # (19 % of 10.01 would be 1.9019 -> 1.90: 11.91). Line: 10.01 - 40.00
    capped = tariff(energy=Component((priced("0.40"),), (VAT,)), maximum=Bound(incl=D("11.91")))
    bill = billed(session((MORNING, "0"), (MORNING + HOUR * 4, "100000")), capped)
    assert amounts(bill) == [("energy", "40.00"), ("maximum", "-29.99"), ("tax", "1.90")]
    assert (bill.total, bill.type_of_cost) == (D("11.91"), "MaxCost")


def test_where_rounding_leaves_a_cent_the_last_tax_takes_it():
    # At most 0.10 with 19 %: 0.10 / 1.19 = 0.0840 -> 0.08 net; 19 % of it is 0.0152 -> 0.02. Fits.
    # At most 0.04: 0.0336 -> 0.03 net, tax 0.0057 -> 0.01. Fits. At most 0.03: 0.0252 -> 0.03 net, tax 0.01: a cent
    # too much, so the tax is 0.00 and is written, as its base is not 0.
    capped = tariff(energy=Component((priced("0.40"),), (VAT,)), maximum=Bound(incl=D("0.03")))
    bill = billed(session((MORNING, "0"), (MORNING + HOUR, "1000")), capped)
    assert amounts(bill) == [("energy", "0.40"), ("maximum", "-0.37"), ("tax", "0.00")]
    assert bill.total == D("0.03")


def test_a_maximum_is_shared_out_over_the_groups_of_taxes():
    # Energy 10 kWh x 0.60 = 6.00 at 19 %, fixed 3.00 at 7 %. At most 6.00 net: 3.00 too much,
    # by weight 6:3, so 2.00 and 1.00 less. 4.00 x 19 % = 0.76, 2.00 x 7 % = 0.14; 6.90
    low = TaxRate("low", D(7))
    two = tariff(
        fixed=Component((priced("3.00"),), (low,)),
        energy=Component((priced("0.60"),), (VAT,)),
        maximum=Bound(excl=D("6.00")),
    )
    bill = billed(session((MORNING, "0"), (MORNING + HOUR, "10000")), two)
    assert amounts(bill) == [
        ("fixed", "3.00"),
        ("energy", "6.00"),
        ("maximum", "-1.00"),
        ("maximum", "-2.00"),
        ("tax", "0.14"),
        ("tax", "0.76"),
    ]
    assert bill.total == D("6.90")


def test_a_minimum_may_have_taxes_of_its_own():
    # 1 kWh x 0.40 = 0.40 at 19 %: 0.08 (0.076). At least 1.00 net: 0.60 more at 7 %: 0.04 (0.042)
    low = TaxRate("low", D(7))
    least = tariff(energy=Component((priced("0.40"),), (VAT,)), minimum=Bound(excl=D("1.00"), taxes=(low,)))
    bill = billed(session((MORNING, "0"), (MORNING + HOUR, "1000")), least)
    assert amounts(bill) == [("energy", "0.40"), ("minimum", "0.60"), ("tax", "0.08"), ("tax", "0.04")]
    assert bill.total == D("1.12")


def test_increments_are_rounded_up_once_at_the_end():
    # 3.2 kWh in steps of 500 Wh: 3.5 kWh x 0.40 = 1.40. 62 min 10 s in steps of 60 s: 63 min x 0.05 = 3.15
    steps = tariff(energy=Component((priced("0.40"),), step=500), charging_time=Component((priced("0.05"),), step=60))
    end = MORNING + timedelta(minutes=62, seconds=10)
    bill = billed(session((MORNING, "0"), (MORNING + HOUR / 2, "1700"), (end, "3200")), steps)
    assert amounts(bill) == [("energy", "1.40"), ("charging_time", "3.15")]
    assert [line.parts[-1].how for line in bill.lines] == ["rounded_up", "rounded_up"]


def test_what_is_rounded_up_costs_the_price_of_the_end():
    # 0.45 until midnight, 0.25 after it. 16 + 14.3 kWh in steps of 1 kWh: 0.7 kWh more at 0.25.
    # 16 x 0.45 = 7.20; 15 x 0.25 = 3.75
    whole = msgspec.structs.replace(NIGHT, energy=msgspec.structs.replace(NIGHT.energy, step=1000))
    evening, night, end = at("2026-03-10T22:30+01:00"), at("2026-03-11T00:00+01:00"), at("2026-03-11T01:30+01:00")
    bill = billed(session((evening, "0"), (night, "16000"), (end, "30300")), whole)
    assert amounts(bill) == [("energy", "7.20"), ("energy", "3.75")]


def test_days_and_dates_are_local():
    # Saturday 2026-03-14 from 00:00 local (23:00Z on Friday). 22:00Z to 01:00Z: 1 h Friday, 2 h Saturday, 10 kWh each.
    # 10 x 0.50 = 5.00; 20 x 0.30 = 6.00
    weekend = tariff(energy=Component((priced("0.30", days=("Saturday", "Sunday")), priced("0.50"))))
    evidence = session((at("2026-03-13T22:00Z"), "0"), (at("2026-03-14T01:00Z"), "30000"))
    assert amounts(billed(evidence, weekend)) == [("energy", "5.00"), ("energy", "6.00")]
    first_day = datetime(2026, 3, 14, tzinfo=UTC).date()
    from_then = tariff(energy=Component((priced("0.30", from_date=first_day), priced("0.50"))))
    assert amounts(billed(evidence, from_then)) == [("energy", "5.00"), ("energy", "6.00")]
    until_then = tariff(energy=Component((priced("0.50", to_date=first_day), priced("0.30"))))
    assert amounts(billed(evidence, until_then)) == [("energy", "5.00"), ("energy", "6.00")]


def test_hours_over_midnight_are_one_window():
    # 22:00-06:00 at 0.20, else 0.40; 21:00 to 23:00 local, 10 kWh an hour: 10 x 0.40 + 10 x 0.20
    night = tariff(energy=Component((priced("0.20", from_time="22:00", to_time="06:00"), priced("0.40"))))
    bill = billed(session((at("2026-03-10T21:00+01:00"), "0"), (at("2026-03-10T23:00+01:00"), "20000")), night)
    assert amounts(bill) == [("energy", "4.00"), ("energy", "2.00")]


def test_fast_charging_costs_more_while_it_is_fast():
    # 50 kW and more at 0.60. Register 0, 20, 25 kWh at 0:00, 0:20, 0:40; samples 60 kW at 0:00, 15 kW at 0:20:
    # 20 x 0.60 = 12.00; 5 x 0.40 = 2.00
    fast = tariff(energy=Component((priced("0.60", min_power_w=D(50000)), priced("0.40"))))
    moments = [MORNING + timedelta(minutes=minutes) for minutes in (0, 20, 40)]
    powers = (Power(moments[0], D(60000)), Power(moments[1], D(15000)))
    evidence = session(*zip(moments, ("0", "20000", "25000"), strict=True), powers=powers)
    assert amounts(billed(evidence, fast)) == [("energy", "12.00"), ("energy", "2.00")]


def test_currents_are_sums_and_what_was_not_told_is_in_no_range():
    # Up to 32 A at 0.30. From 0:20 on 48 A; nothing is known before 0:10: 0.50 there.
    # Even 12 kWh in 60 min: 10 min 2 kWh x 0.50, 10 min 2 kWh x 0.30, 40 min 8 kWh x 0.50 = 5.00 + 0.60
    slow = tariff(energy=Component((priced("0.30", max_current_a=D(32)), priced("0.50"))))
    powers = (
        Power(MORNING + timedelta(minutes=10), a=D(16)),
        Power(MORNING + timedelta(minutes=20), a=D(48)),
    )
    bill = billed(session((MORNING, "0"), (MORNING + HOUR, "12000"), powers=powers), slow)
    assert amounts(bill) == [("energy", "5.00"), ("energy", "0.60")]


def test_time_since_the_start_and_time_of_charging_are_counted_apart():
    # Charging 30 min, paused 30 min, charging 60 min. 0.10/min after 45 min of charging: 90 - 45 = 45 min, 4.50;
    # 0.05/min before it: 45 min, 2.25
    moments = [MORNING + timedelta(minutes=minutes) for minutes in (0, 30, 60, 120)]
    states = tuple(
        StateAt(when, state)  # type: ignore[arg-type]
        for when, state in zip(moments, ("Charging", "SuspendedEVSE", "Charging"), strict=False)
    )
    by_time = tariff(charging_time=Component((priced("0.10", min_charging_time_s=2700), priced("0.05"))))
    evidence = session((moments[0], "0"), (moments[-1], "9000"), states=states)
    bill = billed(evidence, by_time)
    assert amounts(bill) == [("charging_time", "2.25"), ("charging_time", "4.50")]
    assert bill.paused_s == 1800
    # 0.10/min from the 90th minute since the start on: 30 min 3.00; 60 min before it 3.00
    since_start = tariff(charging_time=Component((priced("0.10", min_time_s=5400), priced("0.05"))))
    assert amounts(billed(evidence, since_start)) == [("charging_time", "3.00"), ("charging_time", "3.00")]


def test_energy_between_readings_flows_while_it_charges():
    # 20:00 to 02:00, but charging only until 21:00: all 10 kWh at 0.45, though midnight lies in the bracket
    start, full, end = (
        at(time) for time in ("2026-03-10T20:00+01:00", "2026-03-10T21:00+01:00", "2026-03-11T02:00+01:00")
    )
    states = (StateAt(start, "Charging"), StateAt(full, "SuspendedEV"))
    assert amounts(billed(session((start, "0"), (end, "10000"), states=states), NIGHT)) == [("energy", "4.50")]


def test_a_changed_tariff_holds_from_its_time_on_and_the_first_one_keeps_the_fixed_price():
    # 1.00 fixed by the first. 0:00-0:30 10 kWh x 0.40 = 4.00, then 10 kWh x 0.20 = 2.00 (I11.FR.08, not retroactive)
    first = msgspec.structs.replace(FLAT, fixed=Component((priced("1.00"),)))
    second = tariff(key=2, energy=Component((priced("0.20"),)), fixed=Component((priced("9.00"),)))
    half = MORNING + HOUR / 2
    evidence = session(
        (MORNING, "0"), (half, "10000"), (MORNING + HOUR, "20000"), tariffs=(TariffTold(half, second.wire_id),)
    )
    bill = billed(evidence, tariffs=(TariffFrom(first), TariffFrom(second, half)))
    assert amounts(bill) == [("fixed", "1.00"), ("energy", "4.00"), ("energy", "2.00")]
    assert bill.flags == ()


def test_a_reservation_costs_once_and_by_its_time_until_the_start():
    # 0.50 for reserving; 12.5 min x 0.08 = 1.00; 1 kWh x 0.40
    reserving = msgspec.structs.replace(
        FLAT, reservation_fixed=Component((priced("0.50"),)), reservation_time=Component((priced("0.08"),))
    )
    evidence = session(
        (MORNING, "0"), (MORNING + HOUR, "1000"), reserved_from=MORNING - timedelta(minutes=12, seconds=30)
    )
    bill = billed(evidence, reserving)
    assert amounts(bill) == [("reservation_fixed", "0.50"), ("reservation_time", "1.00"), ("energy", "0.40")]


def test_being_paid_for_energy_is_possible_and_a_negative_bill_is_held():
    # 10 kWh x -0.05
    bill = billed(
        session((MORNING, "0"), (MORNING + HOUR, "10000")), tariff(energy=Component((priced("-0.05"),), (VAT,)))
    )
    assert amounts(bill) == [("energy", "-0.50"), ("tax", "-0.10")]  # -0.095, away from zero
    assert (bill.total, bill.flags, bill.held) == (D("-0.60"), ("negative_total",), True)


def test_idle_after_the_stop_lasts_until_the_cable_is_pulled():
    # 10 kWh x 0.39 = 3.90; ended 10:00, unplugged 10:40: 25 min past the grace x 0.10 = 2.50
    after = msgspec.structs.replace(IDLE, after_stop="idle")
    unplugged = MORNING + HOUR + timedelta(minutes=40)
    bill = billed(session((MORNING, "0"), (MORNING + HOUR, "10000"), unplugged_at=unplugged), after)
    assert amounts(bill) == [("energy", "3.90"), ("idle_time", "2.50")]


@pytest.mark.parametrize(
    ("currency", "expected"), [("JPY", "12"), ("EUR", "12.35"), ("KWD", "12.346"), ("XYZ", "12.35")]
)
def test_each_currency_has_its_digits(currency: str, expected: str):
    # 1 kWh x 12.3456
    bill = billed(
        session((MORNING, "0"), (MORNING + HOUR, "1000")),
        tariff(currency=currency, energy=Component((priced("12.3456"),))),
    )
    assert str(bill.total) == expected


def test_half_a_cent_goes_up_or_to_the_even_one():
    # 0.5 kWh x 0.25 = 0.125
    evidence = session((MORNING, "0"), (MORNING + HOUR, "500"))
    quarter = tariff(energy=Component((priced("0.25"),)))
    assert billed(evidence, quarter).total == D("0.13")
    assert billed(evidence, msgspec.structs.replace(quarter, rounding="half_even")).total == D("0.12")


def test_energy_in_no_time_is_billed_too_and_by_its_tiers():
    # Begin and end at one moment, 12 kWh apart: 10 x 0.30 + 2 x 0.50
    tiers = tariff(energy=Component((priced("0.30", max_energy_wh=D(10000)), priced("0.50"))))
    bill = billed(session((MORNING, "0"), (MORNING, "12000")), tiers)
    assert amounts(bill) == [("energy", "3.00"), ("energy", "1.00")]


def test_a_minimum_holds_where_no_price_did_and_has_the_taxes_of_energy():
    # Energy costs something at night only; by day nothing, up to 3.00; x 19 % = 0.57
    only_night = tariff(
        energy=Component((priced("0.25", from_time="00:00", to_time="06:00"),), (VAT,)), minimum=Bound(excl=D("3.00"))
    )
    bill = billed(session((MORNING, "0"), (MORNING + HOUR, "5000")), only_night)
    assert amounts(bill) == [("minimum", "3.00"), ("tax", "0.57")]
