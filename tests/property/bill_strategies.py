"""Sessions and tariffs as they come, on whole minutes, so that what lies on the line between two readings is exact."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

from hypothesis import strategies as st

from stationmaster.domain.cost.bill import Inputs
from stationmaster.domain.cost.evidence import Evidence, Point, StateAt
from stationmaster.domain.cost.local_time import Offset
from stationmaster.domain.cost.pricing import TariffFrom
from stationmaster.domain.cost.tariff import DAYS, Bound, Component, Conditions, Price, Tariff, TaxRate
from stationmaster.domain.cost.tariff_choice import Place

BERLIN = (
    Offset(datetime(2025, 10, 26, 1, tzinfo=UTC), 3600),
    Offset(datetime(2026, 3, 29, 1, tzinfo=UTC), 7200),
    Offset(datetime(2026, 10, 25, 1, tzinfo=UTC), 3600),
)
STARTS = (datetime(2026, 3, 28, 18, tzinfo=UTC), datetime(2026, 10, 24, 18, tzinfo=UTC))
"""Some hours before the clocks are changed."""

MINUTE = timedelta(minutes=1)
STATES: tuple[Any, ...] = ("Charging", "SuspendedEV", "SuspendedEVSE", "EVConnected", "Charging")
VAT = (TaxRate("VAT", Decimal(19)),)
STACKED = (TaxRate("energy", Decimal("2.5")), TaxRate("city", Decimal(1)), TaxRate("VAT", Decimal(19), 1))
TAXES = st.sampled_from([(), VAT, STACKED])


@st.composite
def sessions(draw: st.DrawFn, *, with_states: bool | None = None) -> Evidence:
    """A closed session whose readings rise, by charging states or without any."""
    if with_states is None:
        with_states = draw(st.booleans())
    start = draw(st.sampled_from(STARTS)) + MINUTE * draw(st.integers(0, 600))
    length = draw(st.integers(30, 720))
    times = sorted({0, length, *draw(st.lists(st.integers(1, length - 1), max_size=8))})
    changes = sorted({0, *draw(st.lists(st.integers(1, length - 1), min_size=1, max_size=6))}) if with_states else []
    states = [draw(st.sampled_from(STATES)) for _ in changes]
    wh, points = 0, []
    for place, minute in enumerate(times):
        mark = "begin" if place == 0 else "end" if place == len(times) - 1 else "sample"
        points.append(Point(start + MINUTE * minute, Decimal(wh), mark))  # type: ignore[arg-type]
        if place + 1 < len(times):
            minutes = flowing(minute, times[place + 1], changes, states)
            wh += minutes * draw(st.integers(0, 180))
    end = start + MINUTE * length
    return Evidence(
        started_at=start,
        ended_at=end,
        first_at=start,
        last_at=end,
        points=tuple(points),
        states=tuple(
            StateAt(start + MINUTE * minute, state, number)
            for number, (minute, state) in enumerate(zip(changes, states, strict=True))
        ),
        authorized=True,
    )


def flowing(first: int, last: int, changes: list[int], states: list[str]) -> int:
    """The minutes of charging between two readings; all of them where there are none."""
    edges = [*changes, 10**9]
    charging = sum(
        max(0, min(last, high) - max(first, low))
        for (low, high), state in zip(pairwise(edges), states, strict=True)
        if state == "Charging"
    )
    return charging or last - first


@st.composite
def conditions(draw: st.DrawFn, dimension: str) -> Conditions:
    """One or two conditions that matter in a session of some hours."""
    hour = st.integers(0, 23).map(lambda number: f"{number:02}:00") | st.sampled_from(["02:30", "22:15"])
    kinds: dict[str, st.SearchStrategy[dict[str, Any]]] = {
        "hours": st.fixed_dictionaries({"from_time": hour, "to_time": hour}),
        "days": st.fixed_dictionaries({"days": st.lists(st.sampled_from(DAYS), min_size=1, max_size=4).map(tuple)}),
        "time": st.fixed_dictionaries({"min_time_s": st.integers(0, 30000)}),
        "charging": st.fixed_dictionaries({"max_charging_time_s": st.integers(1, 20000)}),
        "energy": st.fixed_dictionaries({"max_energy_wh": st.integers(1, 40000).map(Decimal)}),
        "idle": st.fixed_dictionaries({"min_idle_time_s": st.integers(0, 5000)}),
    }
    names = [name for name in kinds if name != "idle" or dimension == "idle_time"]
    fields: dict[str, Any] = {}
    for name in draw(st.lists(st.sampled_from(names), min_size=1, max_size=2, unique=True)):
        fields |= draw(kinds[name])
    return Conditions(**fields)


@st.composite
def components(draw: st.DrawFn, dimension: str, taxes: tuple[TaxRate, ...]) -> Component:
    amounts = st.integers(0, 9999).map(lambda number: Decimal(number).scaleb(-4))
    prices = [Price(draw(amounts), draw(conditions(dimension))) for _ in range(draw(st.integers(0, 2)))]
    return Component((*prices, Price(draw(amounts))), taxes)


@st.composite
def tariffs(draw: st.DrawFn, *, one_tax: bool = False) -> Tariff:
    """Prices of energy, time and idling, with a last price that always holds; none is negative."""
    all_taxes = draw(TAXES)
    fields: dict[str, Any] = {}
    for dimension in ("fixed", "energy", "charging_time", "idle_time"):
        taxes = all_taxes if one_tax else draw(TAXES)
        if dimension == "fixed":
            fields[dimension] = draw(st.none() | st.just(Component((Price(Decimal("0.35")),), taxes)))
        else:
            fields[dimension] = draw(
                (st.none() if dimension != "energy" else st.nothing()) | components(dimension, taxes)
            )
    cents = st.integers(0, 4000).map(lambda number: Decimal(number).scaleb(-2))
    low, high = sorted([draw(cents), draw(cents)])
    side = draw(st.sampled_from(["excl", "incl"]))
    return Tariff(
        key=1,
        tenant="t",
        name="any",
        version=1,
        valid_from=STARTS[0],
        currency=draw(st.sampled_from(["EUR", "JPY", "KWD"])),
        includes_tax=draw(st.booleans()),
        minimum=draw(st.sampled_from([None, Bound(**{side: low})])),
        maximum=draw(st.sampled_from([None, Bound(**{side: high})])),
        suspended_evse=draw(st.sampled_from(["paused", "idle", "charging"])),
        before_charging=draw(st.sampled_from(["free", "idle", "charging"])),
        rounding=draw(st.sampled_from(["half_up", "half_even"])),
        **fields,
    )


def inputs(evidence: Evidence, tariff: Tariff) -> Inputs:
    place = Place(station_key=1, evse_id=1, zone="Europe/Berlin")
    return Inputs(evidence=evidence, place=place, tariffs=(TariffFrom(tariff),), offsets=BERLIN)
