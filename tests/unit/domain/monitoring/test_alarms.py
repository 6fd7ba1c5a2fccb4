from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from stationmaster.dialects.words import words
from stationmaster.domain.identity import Evse
from stationmaster.domain.messages import ConnectorStatus, EventData, StatusNotification
from stationmaster.domain.monitoring.alarms import (
    ERROR_SEVERITIES,
    Alarm,
    Sign,
    Subject,
    again,
    ended,
    raised,
    sign_of_event,
    signs_of_status,
)
from stationmaster.ocpp import v16

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)


def event(**changes: Any) -> EventData:
    fields: dict[str, Any] = {
        "event_id": 1,
        "timestamp": AT,
        "trigger": "Alerting",
        "component": "EVSE",
        "variable": "Power",
        "actual_value": "17",
        "evse": Evse(1),
        "monitoring_id": 4,
    }
    return EventData(**fields | changes)


def status(word: ConnectorStatus = "Available", code: str | None = None, **changes: Any) -> StatusNotification:
    return StatusNotification(evse=Evse(1, 1), status=word, timestamp=AT, error_code=code, **changes)


def alarms(*signs: Sign) -> dict[Subject, Alarm]:
    return {sign.subject: raised(key, "default", 1, sign, AT) for key, sign in enumerate(signs, 1)}


def test_an_alerting_event_raises_an_alarm_of_its_monitor_with_the_usual_severity() -> None:
    sign = sign_of_event(event(), AT, None)
    assert sign is not None
    assert (sign.severity, sign.subject.monitor_id, sign.value) == (5, 4, "17")


def test_the_severity_that_is_said_counts_and_stays_within_the_scale() -> None:
    severities = [sign_of_event(event(), AT, said) for said in (2, -7, 10**9)]
    assert [sign.severity for sign in severities if sign is not None] == [2, 0, 9]


@pytest.mark.parametrize("trigger", ["Delta", "Periodic", "Whatever"])
def test_an_event_that_alerts_of_nothing_says_nothing_of_an_alarm(trigger: str) -> None:
    assert sign_of_event(event(trigger=trigger), AT, 3) is None


def test_a_cleared_event_ends_the_alarm_of_the_same_monitor() -> None:
    begun, over = sign_of_event(event(), AT, None), sign_of_event(event(cleared=True, actual_value="3"), AT, None)
    assert begun is not None and over is not None
    assert (over.subject, over.severity) == (begun.subject, None)


@pytest.mark.parametrize(("value", "severity"), [("true", 4), ("TRUE", 4), ("false", None)])
def test_a_problem_is_an_alarm_while_it_is_true_whoever_tells_of_it(value: str, severity: int | None) -> None:
    sign = sign_of_event(event(variable="Problem", trigger="Delta", actual_value=value), AT, None)
    assert sign is not None
    assert (sign.severity, sign.subject.monitor_id) == (severity, None)


def test_a_problem_that_is_neither_true_nor_false_says_nothing() -> None:
    assert sign_of_event(event(variable="Problem", actual_value="perhaps"), AT, None) is None


def test_every_error_code_of_16_has_a_severity() -> None:
    codes = set(words(v16.ChargePointErrorCode)) - {"NoError"}
    assert codes <= set(ERROR_SEVERITIES)


def test_s4_9_an_error_code_raises_an_alarm_with_what_the_vendor_says() -> None:
    (sign,) = signs_of_status(status("Available", "WeakSignal", info="-110 dBm", vendor_error_code="E17"), {}, AT)
    assert (sign.severity, sign.subject.code, sign.info, sign.vendor_error_code) == (6, "WeakSignal", "-110 dBm", "E17")


def test_a_code_that_nobody_knows_is_as_bad_as_any_other_error() -> None:
    (sign,) = signs_of_status(status("Available", "CoffeeMachineEmpty"), {}, AT)
    assert sign.severity == ERROR_SEVERITIES["OtherError"]


def test_what_makes_a_connector_faulted_is_critical_at_least() -> None:
    (mild,) = signs_of_status(status("Faulted", "WeakSignal"), {}, AT)
    (bare,) = signs_of_status(status("Faulted"), {}, AT)
    (worse,) = signs_of_status(status("Faulted", "PowerSwitchFailure"), {}, AT)
    assert (mild.severity, bare.severity, bare.subject.code, worse.severity) == (3, 3, "Faulted", 1)


def test_without_an_error_all_alarms_of_the_place_are_over_and_no_others() -> None:
    here = [*signs_of_status(status("Charging", "WeakSignal"), {}, AT), *signs_of_status(status("Faulted"), {}, AT)]
    elsewhere = signs_of_status(
        StatusNotification(evse=Evse(2, 1), status="Faulted", error_code="ReaderFailure"), {}, AT
    )
    monitored = sign_of_event(event(), AT, None)
    assert monitored is not None
    known = alarms(*here, *elsewhere, monitored)

    over = signs_of_status(status("Available"), known, AT)

    assert [sign.subject for sign in over] == [sign.subject for sign in here]
    assert all(sign.severity is None for sign in over)


def test_s4_9_another_error_does_not_end_the_first() -> None:
    known = alarms(*signs_of_status(status("Charging", "WeakSignal"), {}, AT))
    signs = signs_of_status(status("Charging", "HighTemperature"), known, AT)
    assert [(sign.subject.code, sign.severity) for sign in signs] == [("HighTemperature", 3)]


def test_a_reason_that_comes_later_takes_the_place_of_a_bare_fault() -> None:
    known = alarms(*signs_of_status(status("Faulted"), {}, AT))
    signs = signs_of_status(status("Faulted", "GroundFailure"), known, AT)
    assert [(sign.subject.code, sign.severity) for sign in signs] == [("Faulted", None), ("GroundFailure", 3)]


def test_the_same_message_twice_changes_nothing_and_another_counts() -> None:
    sign = sign_of_event(event(), AT, 6)
    later = sign_of_event(event(event_id=2, timestamp=AT + timedelta(minutes=1), actual_value="19"), AT, 2)
    assert sign is not None and later is not None
    alarm = raised(1, "default", 1, sign, AT)
    assert again(alarm, sign) is alarm
    counted = again(alarm, later)
    assert (counted.count, counted.severity, counted.value, counted.raised_at) == (2, 2, "19", AT)


def test_an_alarm_that_ended_is_no_longer_open() -> None:
    sign = sign_of_event(event(), AT, None)
    assert sign is not None
    over = ended(raised(1, "default", 1, sign, AT), AT, AT)
    assert (over.is_open, over.ending) == (False, "cleared")
