from datetime import UTC, datetime
from typing import Any

import pytest

from stationmaster.domain.der.controls import SETTING_OF, DERControl, Malformed, SetDERControl, control_of
from stationmaster.domain.der.grid import JUDGED, Acting, GridSample, acting, rank

WHEN: dict[str, Any] = {"startTime": "2026-03-01T12:00:00Z", "duration": 60}


def asked(kind: str, settings: dict[str, Any], *, is_default: bool = True) -> SetDERControl:
    return SetDERControl(id="a", type=kind, is_default=is_default, settings=settings)


def test_a_control_knows_its_priority_and_its_time() -> None:
    control = control_of(asked("FixedVar", {"fixedVar": {"priority": 2, **WHEN}}, is_default=False))
    assert (control.priority, control.starts_at, control.ends_at) == (
        2,
        datetime(2026, 3, 1, 12, tzinfo=UTC),
        datetime(2026, 3, 1, 12, 1, tzinfo=UTC),
    )


@pytest.mark.parametrize("kind", SETTING_OF)
def test_r04_fr_16_each_type_takes_its_own_setting(kind: str) -> None:
    control = control_of(asked(kind, {SETTING_OF[kind]: {"priority": 0}}))
    assert (control.type, control.setting) == (kind, {"priority": 0})


@pytest.mark.parametrize(
    ("request_", "reason"),
    [
        (asked("FixedVar", {}), "InvalidValue"),  # R04.FR.17
        (asked("FixedVar", {"curve": {}}), "InvalidValue"),
        (asked("FixedVar", {"fixedVar": {}, "curve": {}}), "InvalidValue"),
        (asked("Tea", {"curve": {}}), "InvalidValue"),
        (asked("FixedVar", {"fixedVar": {"duration": 5}}), "InvalidValue"),  # R04.FR.13
        (asked("EnterService", {"enterService": WHEN}, is_default=False), "InvalidValue"),  # R04.FR.15
        (asked("FixedVar", {"fixedVar": {"duration": 5}}, is_default=False), "MissingParam"),
        (asked("FixedVar", {"fixedVar": {**WHEN, "duration": -1}}, is_default=False), "InvalidValue"),
        (asked("FixedVar", {"fixedVar": {**WHEN, "duration": "x"}}, is_default=False), "InvalidValue"),
        (asked("FixedVar", {"fixedVar": {**WHEN, "startTime": "noon"}}, is_default=False), "InvalidValue"),
        (
            asked("FixedVar", {"fixedVar": {**WHEN, "startTime": "2026-03-01T12:00:00"}}, is_default=False),
            "InvalidValue",
        ),
        (asked("FixedVar", {"fixedVar": {"priority": -1}}), "InvalidValue"),
    ],
)
def test_r04_fr_12_to_17_what_a_type_does_not_allow_is_malformed(request_: SetDERControl, reason: str) -> None:
    with pytest.raises(Malformed) as malformed:
        control_of(request_)
    assert malformed.value.reason == reason


def test_a_duration_beyond_the_calendar_ends_with_it() -> None:
    control = control_of(asked("FixedVar", {"fixedVar": {**WHEN, "duration": 1e18}}, is_default=False))
    assert control.ends_at is not None and control.ends_at.year == 9999


def curve(kind: str, *points: tuple[float, float]) -> DERControl:
    data = [{"x": x, "y": y} for x, y in points]
    return DERControl(id="a", type=kind, is_default=True, setting={"priority": 0, "curveData": data})


TRIP = curve("HVMustTrip", (2, 110), (0.16, 120))
DROOP = DERControl(
    id="a", type="FreqDroop", is_default=True, setting={"priority": 0, "overFreq": 50.2, "underFreq": 49.8}
)


@pytest.mark.parametrize(
    ("control", "sample", "expected"),
    [
        (TRIP, GridSample(), None),
        (TRIP, GridSample(voltage_pct=115), Acting("OverVoltage", 2)),
        (TRIP, GridSample(voltage_pct=125), Acting("OverVoltage", 0.16)),
        (curve("LVMomCess", (0, 50)), GridSample(voltage_pct=40), Acting("UnderVoltage", 0)),
        (curve("HFMayTrip", (300, 51)), GridSample(frequency_hz=51.5), None),  # it rides through
        (curve("LFMustTrip", (300, 48)), GridSample(frequency_hz=47.5), Acting("UnderFrequency", 300)),
        (DROOP, GridSample(frequency_hz=50.1), None),
        (DROOP, GridSample(frequency_hz=50.3), Acting("OverFrequency", 0)),
        (DROOP, GridSample(frequency_hz=49.7), Acting("UnderFrequency", 0)),
        (curve("VoltWatt", (106, 100), (110, 0)), GridSample(voltage_pct=104), None),
        (curve("VoltWatt", (106, 100), (110, 0)), GridSample(voltage_pct=108), Acting("OverVoltage", 0)),
        (curve("FreqWatt", (50.2, 100), (52, 0)), GridSample(frequency_hz=60.1, nominal_hz=60), None),
        (curve("FreqWatt", (50.2, 100), (52, 0)), GridSample(frequency_hz=51), Acting("OverFrequency", 0)),
        (curve("WattVar", (0, 0), (100, 100)), GridSample(voltage_pct=50), None),
    ],
)
def test_r05_a_control_acts_where_the_grid_leaves_its_bounds(
    control: DERControl, sample: GridSample, expected: Acting | None
) -> None:
    assert acting(control, sample) == expected


def test_what_trips_rules_over_what_bends() -> None:
    assert sorted(JUDGED, key=rank)[0].endswith("MustTrip")
    assert rank("HVMustTrip") < rank("HVMomCess") < rank("VoltWatt") == rank("FreqDroop")


@pytest.mark.parametrize(
    "setting", [{}, {"priority": "x", "startTime": 7, "duration": -1}, {"priority": [], "duration": {}}]
)
def test_whatever_a_station_reports_can_be_looked_at(setting: dict[str, Any]) -> None:
    control = DERControl(id="a", type="FixedVar", is_default=False, setting=setting)
    assert (control.priority, control.starts_at, control.ends_at) == (0, None, None)
