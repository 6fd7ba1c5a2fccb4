from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stationmaster.domain.device_model.addresses import Characteristics, Component, Variable
from stationmaster.domain.monitoring.monitors import Monitor, Observed, crossed, monitor_types

DECIMAL = Characteristics(data_type="decimal")


def monitor(kind: str, value: str = "10", **changes: Any) -> Monitor:
    fields: dict[str, Any] = {
        "id": 1,
        "component": Component(name="EVSE"),
        "variable": Variable(name="Power"),
        "type": kind,
        "value": Decimal(value),
        "severity": 5,
    }
    return Monitor(**fields | changes)


@pytest.mark.parametrize(
    ("kind", "actual", "triggered", "expected"),
    [
        ("UpperThreshold", "10", False, None),
        ("UpperThreshold", "10.1", False, "raised"),
        ("UpperThreshold", "11", True, None),
        ("UpperThreshold", "10", True, "cleared"),
        ("LowerThreshold", "10", False, None),
        ("LowerThreshold", "9.9", False, "raised"),
        ("LowerThreshold", "10", True, "cleared"),
        ("UpperThreshold", "warm", True, None),
    ],
)
def test_N07_FR_02_16_17_a_threshold_is_crossed_beyond_its_value(
    kind: str, actual: str, triggered: bool, expected: str | None
) -> None:
    assert crossed(monitor(kind), DECIMAL, Observed(actual=actual), triggered=triggered) == expected


@pytest.mark.parametrize(
    ("data_type", "base", "actual", "expected"),
    [
        ("integer", "60", "61", None),
        ("integer", "60", "62", "raised"),
        ("integer", "60", "58", "raised"),
        ("string", "a", "b", "raised"),
        ("OptionList", "Available", "Available", None),
        ("dateTime", "2026-01-01T00:00:00Z", "2026-01-01T00:00:01Z", None),
        ("dateTime", "2026-01-01T00:00:00Z", "2026-01-01T00:00:02Z", "raised"),
    ],
)
def test_N07_FR_18_19_a_delta_tells_of_a_change_by_more_than_its_value(
    data_type: str, base: str, actual: str, expected: str | None
) -> None:
    seen = Observed(actual=actual, base=base)
    assert crossed(monitor("Delta", "1"), Characteristics(data_type=data_type), seen, triggered=False) == expected


def test_a_delta_without_a_value_to_compare_with_says_nothing() -> None:
    assert crossed(monitor("Delta"), DECIMAL, Observed(actual="5"), triggered=False) is None


@pytest.mark.parametrize(
    ("kind", "value", "actual", "expected"),
    [
        ("TargetDelta", "2", "12", None),
        ("TargetDelta", "2", "12.5", "raised"),
        ("TargetDelta", "2", "7.5", "raised"),
        ("TargetDeltaRelative", "0.1", "11", None),
        ("TargetDeltaRelative", "0.1", "11.5", "raised"),
    ],
)
def test_N07_FR_22_23_a_target_is_missed_by_more_than_the_value(
    kind: str, value: str, actual: str, expected: str | None
) -> None:
    seen = Observed(actual=actual, target="10")
    assert crossed(monitor(kind, value), DECIMAL, seen, triggered=False) == expected


@given(st.lists(st.integers(-20, 20), max_size=30), st.sampled_from(["UpperThreshold", "LowerThreshold"]))
def test_a_threshold_is_never_raised_twice_without_being_cleared(values: list[int], kind: str) -> None:
    triggered, told = False, []
    for value in values:
        crossing = crossed(monitor(kind, "0"), DECIMAL, Observed(actual=str(value)), triggered=triggered)
        if crossing is not None:
            triggered = crossing == "raised"
            told.append(crossing)
    assert told == ["raised", "cleared"] * (len(told) // 2) + ["raised"] * (len(told) % 2)


def test_what_a_variable_can_be_watched_for_follows_from_its_data_type() -> None:
    assert "UpperThreshold" in monitor_types(DECIMAL)
    assert monitor_types(Characteristics(data_type="OptionList")) == {"Delta", "Periodic", "PeriodicClockAligned"}
    assert monitor_types(Characteristics(data_type="dateTime")) == {"Delta"}
