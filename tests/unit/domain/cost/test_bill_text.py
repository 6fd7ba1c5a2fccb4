"""A bill in one line."""

from datetime import UTC, datetime
from decimal import Decimal as D
from typing import Any

from stationmaster.domain.cost.bill import Content, Line
from stationmaster.domain.cost.bill_text import bill_text

T0 = datetime(2026, 3, 10, 9, tzinfo=UTC)


def content(*lines: Line, **fields: Any) -> Content:
    values: dict[str, Any] = {
        **{"currency": "EUR", "net": D(0), "tax": D(0), "total": D("3.31"), "energy_wh": D(7123)},
        **{"energy_source": "registers", "started_at": T0, "ended_at": T0, "basis": "states"},
        **{"charging_s": 3000, "idle_s": 120, "paused_s": 0},
    }
    return Content(lines=lines, **{**values, **fields})


def test_amounts_of_one_kind_are_added_and_what_costs_nothing_is_left_out() -> None:
    lines = (
        Line(no=1, kind="energy", amount=D("2.00")),
        Line(no=2, kind="energy", amount=D("0.31")),
        Line(no=3, kind="idle_time", amount=D("0.00")),
        Line(no=4, kind="tax", amount=D("1.00")),
    )
    assert bill_text(content(*lines)) == "3.31 EUR: 7.1 kWh, 52 min (energy 2.31, tax 1.00)"


def test_taxes_that_are_in_the_amounts_are_not_named_beside_them() -> None:
    lines = (Line(no=1, kind="energy", amount=D("3.31")), Line(no=2, kind="tax", amount=D("0.53"), of_which=True))
    assert bill_text(content(*lines)) == "3.31 EUR: 7.1 kWh, 52 min (energy 3.31)"


def test_what_costs_nothing_has_nothing_to_list() -> None:
    assert bill_text(content(total=D("0.00"))) == "0.00 EUR: 7.1 kWh, 52 min"
