from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from stationmaster.csms.blocks import der
from stationmaster.domain.decision import Decision
from stationmaster.domain.der.controls import (
    ClearDERControl,
    ControlForgotten,
    DERAlarm,
    DERAlarmEnded,
    DERAnswer,
    DERControl,
    GetDERControl,
    KnownControl,
    NotifyDERAlarm,
    NotifyDERStartStop,
    ReportDERControl,
    SetDERControl,
)
from stationmaster.domain.messages import CommandAnswer
from stationmaster.domain.station import Station, StationState

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
STATE = StationState(station=Station(key=7, tenant="default", identity="CS-7", created_at=NOW))
HOOKS: Any = der.HOOKS


def wanted(name: str, **setting: Any) -> SetDERControl:
    settings = {"limitMaxDischarge": {"priority": 1, **setting}}
    return SetDERControl(id=name, type="LimitMaxDischarge", is_default=True, settings=settings)


def reported(name: str, *, superseded: bool = False) -> DERControl:
    return DERControl(
        id=name, type="LimitMaxDischarge", is_default=True, setting={"priority": 1}, superseded=superseded
    )


class Desk:
    """A station's aggregate that decisions are applied to."""

    def __init__(self) -> None:
        self.state = STATE
        self.last = Decision()

    def take(self, decision: Decision | None) -> None:
        self.last = decision or Decision()
        self.state = self.last.state or self.state

    def set(self, request: SetDERControl, status: str = "Accepted", *superseded: str) -> None:
        hook = HOOKS[SetDERControl]
        assert hook.objection(self.state, request) is None
        self.take(hook.before(self.state, NOW, request=request, command=None))
        answer = DERAnswer(status=status, superseded=superseded)
        self.take(hook.after(self.state, NOW, request=request, answer=answer, command=None))

    def get(self, status: str = "Accepted", **criteria: Any) -> None:
        hook, request = HOOKS[GetDERControl], GetDERControl(request_id=4, **criteria)
        self.take(hook.before(self.state, NOW, request=request, command=None))
        self.take(hook.after(self.state, NOW, request=request, answer=CommandAnswer(status=status), command=None))

    def report(self, *controls: DERControl, more: bool = False, request_id: int = 4) -> None:
        request = ReportDERControl(request_id=request_id, controls=controls, to_be_continued=more)
        self.take(der.report(self.state, request, NOW))

    def start_stop(self, name: str, started: bool, *superseded: str) -> None:
        request = NotifyDERStartStop(id=name, started=started, timestamp=NOW, superseded=superseded)
        self.take(der.start_stop(self.state, request, NOW))

    @property
    def states(self) -> dict[str, tuple[str, bool]]:
        return {name: (known.state, known.desired) for name, known in self.state.der.controls.items()}


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_a_control_is_known_from_the_moment_it_is_sent(desk: Desk) -> None:
    hook = HOOKS[SetDERControl]
    desk.take(hook.before(desk.state, NOW, request=wanted("a"), command=None))
    assert desk.states == {"a": ("sent", True)}
    assert isinstance(desk.last.records[0], KnownControl)


def test_r04_fr_12_14_16_what_must_not_be_sent_is_objected_to() -> None:
    objection = HOOKS[SetDERControl].objection
    assert "no startTime" in objection(STATE, wanted("a", duration=5))
    assert objection(STATE, wanted("a")) is None


def test_the_station_s_answer_says_what_is_superseded(desk: Desk) -> None:
    desk.set(wanted("a"))
    desk.set(wanted("b"), "Accepted", "a")
    desk.set(wanted("c"), "Accepted", "c")
    assert desk.states == {"a": ("superseded", True), "b": ("waiting", True), "c": ("superseded", True)}


@pytest.mark.parametrize("status", ["Rejected", "NotSupported"])
def test_what_a_station_refuses_is_not_wanted_of_it_any_more(desk: Desk, status: str) -> None:
    desk.set(wanted("a"), status)
    assert desk.states == {"a": ("rejected", False)}


@pytest.mark.parametrize(
    ("outcome", "left"),
    [
        ("unsupported", ("rejected", False)),
        ("failed", ("rejected", False)),
        ("timed_out", ("sent", True)),
        ("unknown", ("sent", True)),
    ],
)
def test_what_never_reached_the_station_is_not_wanted_of_it(desk: Desk, outcome: str, left: tuple[str, bool]) -> None:
    hook = HOOKS[SetDERControl]
    desk.take(hook.before(desk.state, NOW, request=wanted("a"), command=None))
    desk.take(hook.unanswered(desk.state, NOW, request=wanted("a"), command=None, outcome=outcome))
    assert desk.states == {"a": left}


def test_r04_fr_20_to_22_it_begins_supersedes_and_ends(desk: Desk) -> None:
    desk.set(wanted("a"))
    desk.set(wanted("b"))
    desk.start_stop("a", True)
    desk.start_stop("b", True, "a")
    assert desk.states == {"a": ("superseded", True), "b": ("active", True)}
    desk.start_stop("b", False)
    assert desk.states["b"] == ("ended", True)
    assert [event.kind for event in desk.last.events] == ["DERStartStop", "DERControlsChanged"]


def test_a_beginning_of_what_nobody_knows_is_told_all_the_same(desk: Desk) -> None:
    desk.start_stop("x", True)
    assert (desk.states, [event.kind for event in desk.last.events]) == ({}, ["DERStartStop"])


def test_a_whole_report_says_what_is_there_and_what_is_missing(desk: Desk) -> None:
    for name in ("there", "gone", "done"):
        desk.set(wanted(name))
    desk.start_stop("done", False)
    desk.get()
    desk.report(reported("there", superseded=True), more=True)
    assert desk.states["gone"] == ("waiting", True)
    desk.report(reported("theirs"))
    assert desk.states == {
        "there": ("superseded", True),
        "gone": ("missing", True),
        "theirs": ("waiting", False),
    }
    assert ControlForgotten(station_key=7, id="done") in desk.last.records
    assert desk.state.der.reports == {}
    assert desk.state.der.controls["theirs"].reported_at == NOW


def test_a_control_of_the_station_s_own_is_forgotten_once_it_is_not_reported(desk: Desk) -> None:
    desk.get()
    desk.report(reported("theirs"))
    desk.get("NotFound")
    assert desk.states == {}


@pytest.mark.parametrize("criteria", [{"is_default": True}, {"type": "FixedVar"}, {"id": "a"}])
def test_a_report_by_criteria_says_nothing_of_the_rest(desk: Desk, criteria: dict[str, Any]) -> None:
    desk.set(wanted("a"))
    desk.get(**criteria)
    desk.report()
    assert desk.states == {"a": ("waiting", True)}
    desk.get("NotFound", **criteria)
    assert desk.states == {"a": ("waiting", True)}


def test_a_report_that_nobody_asked_for_is_taken_for_what_it_says(desk: Desk) -> None:
    desk.set(wanted("a"))
    desk.report(reported("b"), request_id=99)
    assert desk.states == {"a": ("waiting", True), "b": ("waiting", False)}


def test_what_is_being_set_may_have_come_too_late_for_a_report(desk: Desk) -> None:
    desk.get()
    desk.take(HOOKS[SetDERControl].before(desk.state, NOW, request=wanted("a"), command=None))
    desk.report()
    assert desk.states == {"a": ("sent", True)}


def test_a_report_does_not_undo_what_is_active(desk: Desk) -> None:
    desk.set(wanted("a"))
    desk.start_stop("a", True)
    desk.report(reported("a"))
    assert desk.states == {"a": ("active", True)}


@pytest.mark.parametrize(
    ("status", "criteria", "left"),
    [
        ("Accepted", {"is_default": True}, set()),
        ("NotFound", {"is_default": True, "id": "a"}, {"b"}),
        ("Accepted", {"is_default": True, "type": "FixedVar"}, {"a", "b"}),
        ("Accepted", {"is_default": False}, {"a", "b"}),
        ("NotSupported", {"is_default": True}, {"a", "b"}),
    ],
)
def test_r04_fr_44_to_46_what_is_cleared_is_forgotten(
    desk: Desk, status: str, criteria: dict[str, Any], left: set[str]
) -> None:
    desk.set(wanted("a"))
    desk.set(wanted("b"))
    answer = CommandAnswer(status=status)
    request = ClearDERControl(**criteria)
    desk.take(HOOKS[ClearDERControl].after(desk.state, NOW, request=request, answer=answer, command=None))
    assert set(desk.states) == left


def test_r05_an_alarm_is_kept_and_its_end_ends_all_of_its_fault() -> None:
    begun = NotifyDERAlarm(type="HVMustTrip", timestamp=NOW, fault="OverVoltage", extra="L1")
    decision = der.alarm(STATE, begun, NOW + timedelta(seconds=1))
    assert decision.records == (
        DERAlarm(
            station_key=7,
            type="HVMustTrip",
            fault="OverVoltage",
            started_at=NOW,
            received_at=NOW + timedelta(seconds=1),
            extra="L1",
        ),
    )
    ended = msgspec.structs.replace(begun, ended=True)
    assert der.alarm(STATE, ended, NOW).records == (DERAlarmEnded(station_key=7, fault="OverVoltage", ended_at=NOW),)


def test_what_a_station_reports_beyond_all_bounds_is_not_kept(desk: Desk) -> None:
    desk.report(*(reported(str(number)) for number in range(der.MAX_KNOWN + 10)))
    assert len(desk.states) == der.MAX_KNOWN
    assert HOOKS[SetDERControl].objection(desk.state, wanted("new")) is not None
    assert HOOKS[SetDERControl].objection(desk.state, wanted("0")) is None


def test_b02_fr_02_only_a_report_that_was_asked_for_is_awaited(desk: Desk) -> None:
    desk.get()
    assert der.is_der_report_awaited(desk.state, ReportDERControl(request_id=4))
    assert not der.is_der_report_awaited(desk.state, ReportDERControl(request_id=5))
