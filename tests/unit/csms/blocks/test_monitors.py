from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from stationmaster.csms.blocks.alarms import known_severity
from stationmaster.csms.blocks.monitors import HOOKS, MAX_MONITORS, is_awaited, notify_monitoring_report
from stationmaster.csms.connection.gate import Triggered, refused
from stationmaster.domain.command import Command
from stationmaster.domain.decision import Decision
from stationmaster.domain.device_model.addresses import Component, Variable
from stationmaster.domain.messages import CommandAnswer, EventData, Heartbeat
from stationmaster.domain.monitoring.alarms import Alarm, KnownMonitor, KnownMonitors, Watched, raised, sign_of_event
from stationmaster.domain.monitoring.event_streams import StreamParams
from stationmaster.domain.monitoring.monitors import (
    ClearMonitoringAnswer,
    ClearResult,
    ClearVariableMonitoring,
    GetMonitoringReport,
    Monitor,
    MonitoringAnswer,
    MonitorResult,
    MonitorSetting,
    NotifyMonitoringReport,
    SetMonitoringBase,
    SetVariableMonitoring,
)
from stationmaster.domain.records import Oddity
from stationmaster.domain.station import Station, StationState

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
BEFORE = AT - timedelta(hours=1)
EVSE, POWER = Component(name="EVSE"), Variable(name="Power")
ACCEPTED = CommandAnswer(status="Accepted")


def monitor(key: int, **changes: Any) -> Monitor:
    fields: dict[str, Any] = {"component": EVSE, "variable": POWER, "type": "Delta", "value": Decimal(1), "severity": 7}
    return Monitor(id=key, **fields | changes)


def event(**changes: Any) -> EventData:
    fields: dict[str, Any] = {"trigger": "Alerting", "component": "EVSE", "variable": "Power", "actual_value": "1"}
    return EventData(event_id=1, timestamp=AT, **fields | changes)


def station(*monitors: Monitor, alarm_of: int | None = None) -> StationState:
    alarms: dict[Any, Alarm] = {}
    if alarm_of is not None:
        sign = sign_of_event(event(monitoring_id=alarm_of), AT, None)
        assert sign is not None
        alarms[sign.subject] = raised(1, "default", 1, sign, AT)
    known = {each.id: KnownMonitor(monitor=each, told_at=BEFORE) for each in monitors}
    row = Station(key=1, tenant="default", identity="CS-1", created_at=AT)
    return StationState(station=row, watched=Watched(monitors=known, alarms=alarms))


def command(key: int = 50) -> Command:
    return Command(key=key, station_key=1, tenant="default", kind="X", request={}, created_at=AT, expires_at=AT)


def asked(state: StationState, request: Any, key: int = 50) -> StationState:
    hook = HOOKS[type(request)].before
    assert hook is not None
    decision = hook(state, AT, request=request, command=command(key))
    assert decision is not None and decision.state is not None
    return decision.state


def answered(state: StationState, request: Any, answer: Any, key: int = 50) -> Decision | None:
    hook = HOOKS[type(request)].after
    assert hook is not None
    return hook(state, AT, request=request, answer=answer, command=command(key))


def part(state: StationState, seq_no: int, *monitors: Monitor, more: bool = False, number: int | None = 7) -> Decision:
    request = NotifyMonitoringReport(request_id=number, seq_no=seq_no, to_be_continued=more, monitors=monitors)
    return notify_monitoring_report(state, request, AT)


def ids(decision: Decision | None) -> list[int]:
    assert decision is not None and decision.state is not None
    (stored,) = [record for record in decision.records if isinstance(record, KnownMonitors)]
    assert {known.monitor.id for known in stored.monitors} == set(decision.state.watched.monitors)
    return sorted(decision.state.watched.monitors)


def test_a_whole_report_replaces_what_was_known_in_whatever_order_it_comes() -> None:
    state = asked(station(monitor(1), monitor(9)), GetMonitoringReport(request_id=7))
    second = part(state, 1, monitor(3))
    assert ids(second) == [1, 3, 9]
    assert second.state is not None
    first = part(second.state, 0, monitor(2), more=True)
    assert ids(first) == [2, 3]
    assert first.state is not None and first.state.watched.reports == {}
    assert first.events[0].data == {
        "monitors": 2,
        "removed": 2,
        "request_id": 7,
        "seq_no": 0,
        "told": 1,
        "complete": True,
    }


def test_a_filtered_report_removes_nothing() -> None:
    state = asked(station(monitor(1)), GetMonitoringReport(request_id=7, criteria=("DeltaMonitoring",)))
    assert ids(part(state, 0, monitor(2))) == [1, 2]


def test_a_report_that_nobody_asked_for_is_learned_from() -> None:
    assert ids(part(station(monitor(1)), 0, monitor(2))) == [1, 2]


def test_a_report_without_a_number_is_the_one_that_was_asked_for_last() -> None:
    state = asked(station(monitor(1)), GetMonitoringReport(request_id=7))
    assert ids(part(state, 0, monitor(2), number=None)) == [2]


def test_a_monitor_that_was_set_while_the_report_came_stays_known() -> None:
    state = asked(station(monitor(1)), GetMonitoringReport(request_id=7))
    request = SetVariableMonitoring(
        monitors=(MonitorSetting(component=EVSE, variable=POWER, type="Delta", value=Decimal(1)),)
    )
    result = MonitorResult(component=EVSE, variable=POWER, type="Delta", severity=5, status="Accepted", id=8)
    set_in_between = answered(state, request, MonitoringAnswer(status="Accepted", results=(result,)), 51)
    assert set_in_between is not None and set_in_between.state is not None
    assert ids(part(set_in_between.state, 0, monitor(2))) == [2, 8]


def test_an_empty_result_of_everything_means_that_there_are_none() -> None:
    request = GetMonitoringReport(request_id=7)
    state = asked(station(monitor(1)), request)
    empty = CommandAnswer(status="EmptyResultSet")
    assert ids(answered(state, request, empty)) == []
    filtered = GetMonitoringReport(request_id=7, criteria=("DeltaMonitoring",))
    decision = answered(state, filtered, empty)
    assert decision is not None and decision.state is not None
    assert set(decision.state.watched.monitors) == {1}
    assert decision.state.watched.reports == {}


def test_b02_a_part_of_a_report_is_awaited_only_while_one_was_asked_for() -> None:
    a_part = NotifyMonitoringReport(request_id=7, seq_no=0)
    state = asked(station(), GetMonitoringReport(request_id=7))
    assert is_awaited(state, a_part)
    assert not is_awaited(state, NotifyMonitoringReport(request_id=8, seq_no=0))
    assert not is_awaited(station(), a_part)
    assert not is_awaited(state, Heartbeat())


def test_b02_a_pending_station_may_send_the_monitors_it_was_asked_for_and_no_others() -> None:
    state = asked(station(), GetMonitoringReport(request_id=7))
    row = msgspec.structs.replace(state.station, registration="Pending", booted_at=AT)
    state = msgspec.structs.replace(state, station=row)
    parts = [NotifyMonitoringReport(request_id=number, seq_no=0) for number in (7, 8)]
    refusals = [refused(state, each, Triggered(), "lenient", AT) for each in parts]
    assert refusals[0] is None
    assert refusals[1] is not None


def test_reports_that_never_end_give_way_to_newer_ones() -> None:
    state = station()
    for key in range(30):
        state = asked(state, GetMonitoringReport(request_id=key + 1), key)
    assert sorted(state.watched.reports) == list(range(20, 30))


def test_n07_fr_12_a_cleared_monitor_takes_its_alarm_with_it() -> None:
    request = ClearVariableMonitoring(ids=(1, 2))
    results = (ClearResult(id=1, status="Accepted"), ClearResult(id=2, status="Rejected"))
    state = station(monitor(1), monitor(2), alarm_of=1)

    decision = answered(state, request, ClearMonitoringAnswer(status="Rejected", results=results))

    assert ids(decision) == [2]
    assert decision is not None and decision.state is not None
    assert decision.state.watched.alarms == {}
    assert [told.kind for told in decision.events] == ["MonitorsChanged", "AlarmEnded"]
    assert [record.ending for record in decision.records if isinstance(record, Alarm)] == ["removed"]


def test_n03_fr_04_05_a_base_takes_away_what_it_is_known_to_take_away() -> None:
    state = station(
        monitor(1, origin="CustomMonitor"),
        monitor(2, origin="PreconfiguredMonitor"),
        monitor(3, origin="HardWiredMonitor"),
        monitor(4),
    )
    assert ids(answered(state, SetMonitoringBase(base="FactoryDefault"), ACCEPTED)) == [2, 3, 4]
    assert ids(answered(state, SetMonitoringBase(base="HardWiredOnly"), ACCEPTED)) == [3, 4]
    assert answered(state, SetMonitoringBase(base="All"), ACCEPTED) is None
    assert answered(state, SetMonitoringBase(base="HardWiredOnly"), CommandAnswer(status="Rejected")) is None


def test_a_report_of_an_old_version_does_not_make_us_forget_who_set_a_monitor() -> None:
    decision = part(station(monitor(1, origin="CustomMonitor")), 0, monitor(1, severity=3))
    assert decision.state is not None
    known = decision.state.watched.monitors[1].monitor
    assert (known.origin, known.severity) == ("CustomMonitor", 3)


def test_an_event_is_as_bad_as_it_says_or_else_as_its_monitor() -> None:
    state = station(monitor(1, severity=7))
    assert known_severity(state, event(monitoring_id=1)) == 7
    assert known_severity(state, event(monitoring_id=1, severity=2)) == 2
    assert known_severity(state, event(monitoring_id=2)) is None


def test_a_station_with_more_monitors_than_any_has_is_noted() -> None:
    decision = part(station(), 0, *[monitor(key) for key in range(MAX_MONITORS + 1)])
    assert len(ids(decision)) == MAX_MONITORS
    assert [record.kind for record in decision.records if isinstance(record, Oddity)] == ["too_many_monitors"]


EVERY_10 = StreamParams(interval_s=10)


def test_a_report_which_does_not_tell_of_streams_leaves_what_is_known_of_them() -> None:
    state = station(monitor(1, stream=EVERY_10, type="Periodic"), monitor(2, stream=EVERY_10, type="Periodic"))
    told = part(state, 0, monitor(1, type="Periodic"), monitor(2, type="Delta"))
    assert told.state is not None
    streams = {key: known.monitor.stream for key, known in told.state.watched.monitors.items()}
    assert streams == {1: EVERY_10, 2: None}  # 2 is another monitor now


@pytest.mark.parametrize(
    ("changes", "objects"),
    [
        ({"type": "Periodic", "stream": EVERY_10}, False),
        ({"type": "Delta", "stream": EVERY_10}, False),
        ({"type": "UpperThreshold"}, False),
        ({"type": "UpperThreshold", "stream": EVERY_10}, True),
        ({"type": "Periodic", "stream": StreamParams(interval_s=0, values=0)}, True),
    ],
)
def test_n11_fr_09_what_a_stream_cannot_carry_is_objected_to(changes: dict[str, Any], objects: bool) -> None:
    setting = MonitorSetting(component=EVSE, variable=POWER, value=Decimal(1), **changes)
    objection = HOOKS[SetVariableMonitoring].objects(station(), SetVariableMonitoring(monitors=(setting,)))
    assert (objection is not None) == objects
