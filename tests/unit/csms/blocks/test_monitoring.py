from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from stationmaster.csms.blocks.availability import notify_event, status_notification
from stationmaster.csms.blocks.monitoring import NotifyEventBlock, StatusNotificationBlock
from stationmaster.domain.decision import Decision
from stationmaster.domain.identity import Evse
from stationmaster.domain.messages import EventData, NotifyEvent, StatusNotification
from stationmaster.domain.monitoring.alarms import MAX_OPEN, Alarm, StationEvent
from stationmaster.domain.records import Oddity
from stationmaster.domain.station import Station, StationState

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
LATER = AT + timedelta(minutes=1)
NEW = StationState(station=Station(key=1, tenant="default", identity="CS-1", created_at=AT))


class Keys:
    def __init__(self) -> None:
        self._keys = count(100)

    def take(self) -> int:
        return next(self._keys)


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


KEYS = Keys()


def told(state: StationState, *events: EventData, at: datetime = AT) -> Decision:
    return NotifyEventBlock(KEYS)(state, NotifyEvent(events=events), at)


def reported(state: StationState, at: datetime = AT, **changes: Any) -> Decision:
    fields: dict[str, Any] = {"evse": Evse(1, 1), "status": "Available", "timestamp": at}
    return StatusNotificationBlock(KEYS)(state, StatusNotification(**fields | changes), at)


def of(decision: Decision, kind: type[Any]) -> list[Any]:
    return [record for record in decision.records if isinstance(record, kind)]


def kinds(decision: Decision) -> list[str]:
    return [told.kind for told in decision.events]


def after(state: StationState, decision: Decision) -> StationState:
    return decision.state or state


def test_an_alert_raises_an_alarm_and_is_kept_as_its_history() -> None:
    decision = told(NEW, event())
    (alarm,) = of(decision, Alarm)
    (kept,) = of(decision, StationEvent)
    assert (alarm.severity, kept.alarm_key) == (5, alarm.key)
    assert kinds(decision) == ["NotifyEvent", "AlarmRaised"]
    assert decision.events[1].data["severity"] == 5
    assert after(NEW, decision).watched.alarms == {alarm.subject: alarm}


def test_the_same_alert_again_makes_no_second_alarm() -> None:
    first = told(NEW, event())
    again = told(after(NEW, first), event(event_id=2, timestamp=LATER), at=LATER)
    (alarm,) = of(again, Alarm)
    assert (alarm.key, alarm.count) == (of(first, Alarm)[0].key, 2)
    assert kinds(again) == ["NotifyEvent"]


def test_a_repeated_message_changes_no_alarm_and_is_kept_as_evidence_once_more() -> None:
    once = after(NEW, told(NEW, event()))
    again = told(once, event())
    assert of(again, Alarm) == []
    assert len(of(again, StationEvent)) == 1  # the store knows it again by its digest


def test_a_cleared_event_ends_its_alarm() -> None:
    once = after(NEW, told(NEW, event()))
    over = told(once, event(event_id=2, timestamp=LATER, cleared=True), at=LATER)
    (alarm,) = of(over, Alarm)
    assert (alarm.is_open, alarm.ended_at, alarm.ending) == (False, LATER, "cleared")
    assert kinds(over) == ["NotifyEvent", "AlarmEnded"]
    assert after(once, over).watched.alarms == {}


def test_cleared_without_an_alarm_is_an_event_and_nothing_more() -> None:
    decision = told(NEW, event(cleared=True))
    assert of(decision, Alarm) == []
    assert len(of(decision, StationEvent)) == 1
    assert decision.state is None


def test_raised_and_cleared_in_one_message_leaves_an_ended_alarm() -> None:
    decision = told(NEW, event(), event(event_id=2, timestamp=LATER, cleared=True))
    (alarm,) = of(decision, Alarm)
    assert not alarm.is_open
    assert kinds(decision) == ["NotifyEvent", "AlarmRaised", "AlarmEnded"]


def test_a_status_without_an_error_is_what_it_was_before_there_were_alarms() -> None:
    request = StatusNotification(evse=Evse(1, 1), status="Occupied", timestamp=AT)
    assert StatusNotificationBlock(Keys())(NEW, request, AT) == status_notification(NEW, request, AT)


def test_g01_the_status_in_an_event_is_taken_as_before_and_kept_as_an_event_too() -> None:
    request = NotifyEvent(
        events=(event(component="Connector", variable="AvailabilityState", actual_value="Occupied", trigger="Delta"),)
    )
    before, now = notify_event(NEW, request, AT), NotifyEventBlock(Keys())(NEW, request, AT)
    assert (now.events, now.state) == (before.events, before.state)
    assert now.records[:1] == before.records
    assert len(of(now, StationEvent)) == 1


def test_s4_9_an_error_in_a_status_of_16_raises_an_alarm_that_no_error_ends() -> None:
    raised = reported(NEW, status="Faulted", error_code="GroundFailure", vendor_id="Maker", vendor_error_code="E1")
    (alarm,) = of(raised, Alarm)
    assert (alarm.subject.code, alarm.severity, alarm.vendor_error_code) == ("GroundFailure", 3, "E1")
    assert kinds(raised) == ["ConnectorStatusChanged", "AlarmRaised"]
    assert raised.events[1].data["code"] == "GroundFailure"

    state = after(NEW, raised)
    over = reported(state, LATER)
    (alarm,) = of(over, Alarm)
    assert (alarm.is_open, alarm.ended_at) == (False, LATER)
    assert [kept.event.cleared for kept in of(over, StationEvent)] == [True]
    assert after(state, over).watched.alarms == {}


def test_two_errors_that_end_together_each_have_their_end_in_their_history() -> None:
    state = after(NEW, reported(NEW, error_code="WeakSignal"))
    state = after(state, reported(state, LATER, error_code="HighTemperature"))
    over = reported(state, LATER + timedelta(minutes=1))
    assert len(of(over, Alarm)) == 2
    assert len({kept.digest for kept in of(over, StationEvent)}) == 2


def test_a_fault_of_21_is_an_alarm_until_the_next_status() -> None:
    def status(value: str, at: datetime, **changes: Any) -> EventData:
        place = {"component": "Connector", "evse": Evse(1, 1), "variable": "AvailabilityState", "trigger": "Delta"}
        return event(actual_value=value, timestamp=at, monitoring_id=None, **place | changes)

    raised = told(NEW, status("Faulted", AT, tech_code="GroundFailure", tech_info="RCD"))
    (alarm,) = of(raised, Alarm)
    assert (alarm.subject.code, alarm.info) == ("GroundFailure", "RCD")
    vendors = told(NEW, status("Faulted", AT, tech_code="0x17"))
    (other,) = of(vendors, Alarm)
    assert (other.subject.code, other.vendor_error_code) == ("Faulted", "0x17")

    state = after(NEW, raised)
    (alarm,) = of(told(state, status("Available", LATER, event_id=2), at=LATER), Alarm)
    assert not alarm.is_open


def test_a_station_that_makes_up_alarms_is_stopped_and_it_is_noted() -> None:
    many = told(NEW, *[event(event_id=number, monitoring_id=number) for number in range(MAX_OPEN + 5)])
    assert len(of(many, Alarm)) == MAX_OPEN
    assert len(of(many, StationEvent)) == MAX_OPEN + 5
    assert [odd.kind for odd in of(many, Oddity)] == ["too_many_alarms"]


def test_n07_fr_10_a_secret_that_a_station_gives_away_is_not_kept() -> None:
    decision = told(NEW, event(component="SecurityCtrlr", variable="BasicAuthPassword", actual_value="hunter2hunter2"))
    assert "hunter2" not in repr(decision)
