"""A session against a bare end of a line: what it answers, and how its own calls end."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from stationmaster.clock.virtual import VirtualClock, run_virtual
from stationmaster.dialects.table import Unsupported
from stationmaster.domain.facts import StationFacts
from stationmaster.domain.identity import Evse
from stationmaster.domain.messages import (
    ACKNOWLEDGED,
    Answer,
    Authorize,
    AuthorizeAnswer,
    CommandAnswer,
    Heartbeat,
    HeartbeatAnswer,
    IdTokenInfo,
    Request,
    Reset,
    StatusNotification,
    TransactionAnswer,
    TransactionEvent,
    UnlockConnector,
)
from stationmaster.domain.station import Strictness
from stationmaster.ocpp.errors import ErrorKind, OCPPError
from stationmaster.ocpp.version import Version
from stationmaster.ocpp.violations import Violation
from stationmaster.session.failures import (
    AnswerUnreadable,
    CallRefused,
    CallTimedOut,
    ConnectionLost,
)
from stationmaster.session.later import Later
from stationmaster.session.responder import Handler
from stationmaster.session.session import MAX_WAITING_SENDS, Session, Side
from stationmaster.testing.wire import WireClient, WireError
from stationmaster.transport.memory import connection_pair

NOW = datetime(2026, 3, 1, tzinfo=UTC)
STATUS_16 = {"connectorId": 1, "status": "Available", "errorCode": "NoError"}
EVENT_201 = {
    "eventType": "Started",
    "timestamp": "2026-03-01T00:00:00Z",
    "triggerReason": "Authorized",
    "seqNo": 0,
    "transactionInfo": {"transactionId": "T1"},
}


class Recorded:
    """A Watch that remembers."""

    def __init__(self) -> None:
        self.frames: list[tuple[str, str | None]] = []
        self.violated: list[Violation] = []
        self.oddities: list[str] = []

    def frame(self, direction: str, data: bytes, action: str | None, message_id: str | None) -> None:
        self.frames.append((direction, action))

    def violations(self, action: str, direction: str, found: Any) -> None:
        self.violated.extend(found)

    def oddity(self, kind: str, action: str | None, detail: str) -> None:
        self.oddities.append(kind)


class Line:
    """A session of the CSMS's side and the wire end that it talks to."""

    def __init__(self, version: Version, strictness: Strictness = "lenient") -> None:
        self.watch = Recorded()
        self.wire = WireClient(version)
        self.handlers: dict[type[Request], Handler] = {}

        def opened(connection: Any) -> Session:
            self.session = Session(
                connection,
                version,
                Side(
                    facts=lambda: StationFacts(version=version),
                    handlers=self.handlers,
                    clock=VirtualClock(),
                    watch=self.watch,
                    strictness=lambda: strictness,
                    timeout_s=30,
                ),
            )
            return self.session

        def attached(connection: Any) -> WireClient:
            self.wire.connection = connection
            return self.wire

        connection_pair(opened, attached, subprotocol=version.subprotocol)

    def answers(self, kind: type[Request], answer: Answer) -> list[Any]:
        received: list[Any] = []

        async def handler(request: Any) -> Answer:
            received.append(request)
            return answer

        self.handlers[kind] = handler
        return received


def virtual(test: Callable[[], Awaitable[None]]) -> Callable[[], None]:
    """The test on a loop whose time jumps."""

    def run() -> None:
        run_virtual(test())  # type: ignore[arg-type]

    run.__name__, run.__doc__ = test.__name__, test.__doc__
    return run


@virtual
async def test_a_call_is_read_handled_and_answered_in_the_versions_words() -> None:
    line = Line(Version.V16)
    line.answers(Heartbeat, HeartbeatAnswer(current_time=NOW))
    assert await line.wire.call("Heartbeat") == {"currentTime": "2026-03-01T00:00:00Z"}
    assert line.watch.frames == [("in", "Heartbeat"), ("out", "Heartbeat")]


@virtual
async def test_calls_that_come_together_are_answered_in_order() -> None:
    line = Line(Version.V16)
    line.answers(StatusNotification, ACKNOWLEDGED)
    line.answers(Heartbeat, HeartbeatAnswer(current_time=NOW))
    await asyncio.gather(line.wire.call("StatusNotification", STATUS_16), line.wire.call("Heartbeat"))
    assert [frame[1] for frame in line.wire.frames] == ["1.6-1", "1.6-2"]
    assert "concurrent_calls" in line.watch.oddities


@virtual
async def test_what_a_handler_sets_going_is_heard_after_its_answer() -> None:
    line = Line(Version.V16)
    later: list[asyncio.Task[bytes]] = []

    async def triggers(_: Any) -> Answer:
        later.append(asyncio.ensure_future(line.session.call_raw("GetConfiguration", b"{}")))
        return ACKNOWLEDGED

    line.handlers[StatusNotification] = triggers
    await line.wire.call("StatusNotification", STATUS_16)
    assert [direction_and_action[1] for direction_and_action in line.watch.frames][:2] == ["StatusNotification"] * 2
    later[0].cancel()


@pytest.mark.parametrize(
    ("action", "payload", "code"),
    [
        ("Frobnicate", {}, "NotImplemented"),
        ("UnlockConnector", {"connectorId": 1}, "NotSupported"),
        ("Heartbeat", {}, "NotSupported"),
    ],
)
def test_what_it_does_not_do_is_refused_by_the_right_code(action: str, payload: dict[str, Any], code: str) -> None:
    async def scenario() -> None:
        line = Line(Version.V16)
        with pytest.raises(WireError) as caught:
            await line.wire.call(action, payload)
        assert caught.value.code == code

    run_virtual(scenario())


@virtual
async def test_a_handler_that_fails_is_answered_with_internal_error_and_the_next_message_is_served() -> None:
    line = Line(Version.V16)

    async def broken(_: Any) -> Answer:
        raise ZeroDivisionError

    line.handlers[StatusNotification] = broken
    line.answers(Heartbeat, HeartbeatAnswer(current_time=NOW))
    with pytest.raises(WireError) as caught:
        await line.wire.call("StatusNotification", STATUS_16)
    assert caught.value.code == "InternalError"
    assert "ZeroDivision" not in caught.value.description
    await line.wire.call("Heartbeat")


@virtual
async def test_an_error_that_a_handler_raises_is_the_answer() -> None:
    line = Line(Version.V16)

    async def refuses(_: Any) -> Answer:
        raise OCPPError(ErrorKind.SECURITY, "not yet")

    line.handlers[StatusNotification] = refuses
    with pytest.raises(WireError, match="SecurityError: not yet"):
        await line.wire.call("StatusNotification", STATUS_16)


def _now(answer: Answer) -> Answer:
    return answer


def _settled(answer: Answer) -> Later:
    later = Later()
    later.settle(answer)
    return later


def _soon(answer: Answer) -> Later:
    later = Later()
    asyncio.get_running_loop().call_later(1, later.settle, answer)
    return later


async def _awaited(answer: Answer) -> Answer:
    await asyncio.sleep(1)
    return answer


def _future(answer: Answer) -> asyncio.Future[Answer]:
    return asyncio.ensure_future(_awaited(answer))


@pytest.mark.parametrize("give", [_now, _settled, _soon, _awaited, _future])
def test_a_handler_may_answer_at_once_or_later_and_the_next_message_waits_for_it(give: Callable[[Answer], Any]) -> None:
    async def scenario() -> None:
        line = Line(Version.V16)
        line.handlers[StatusNotification] = lambda _: give(ACKNOWLEDGED)
        answered: list[tuple[str, str | None]] = []

        def notes(_: Any) -> Answer:
            answered.extend(frame for frame in line.watch.frames if frame[0] == "out")
            return HeartbeatAnswer(current_time=NOW)

        line.handlers[Heartbeat] = notes
        calls = [line.wire.start_call("StatusNotification", STATUS_16), line.wire.start_call("Heartbeat")]
        assert await asyncio.gather(*calls) == [{}, {"currentTime": "2026-03-01T00:00:00Z"}]
        assert answered == [("out", "StatusNotification")]

    run_virtual(scenario())


@virtual
async def test_F06_FR_04_what_a_handler_sets_going_comes_after_its_answer() -> None:
    line = Line(Version.V201)
    line.wire.on("UnlockConnector", {"status": "Unlocked"})
    going: list[asyncio.Task[Answer]] = []

    async def sets_going(_: Any) -> Answer:
        going.append(asyncio.create_task(line.session.perform(UnlockConnector(evse=Evse(1, 1)))))
        return HeartbeatAnswer(current_time=NOW)

    line.handlers[Heartbeat] = sets_going
    await line.wire.call("Heartbeat")
    await asyncio.gather(*going)
    assert [action for way, action in line.watch.frames if way == "out"] == ["Heartbeat", "UnlockConnector"]


@virtual
async def test_an_error_that_comes_later_is_the_answer() -> None:
    line = Line(Version.V16)
    failures = [OCPPError(ErrorKind.GENERIC, "a newer one took over"), ZeroDivisionError("by zero")]

    def later(_: Any) -> Later:
        made = Later()
        asyncio.get_running_loop().call_later(1, made.settle, failures.pop(0))
        return made

    line.handlers[StatusNotification] = later
    with pytest.raises(WireError, match="GenericError: a newer one took over"):
        await line.wire.call("StatusNotification", STATUS_16)
    with pytest.raises(WireError) as caught:
        await line.wire.call("StatusNotification", STATUS_16)
    assert (caught.value.code, "by zero" in caught.value.description) == ("InternalError", False)


@virtual
async def test_a_handler_that_is_given_up_is_answered_with_internal_error() -> None:
    line = Line(Version.V16)

    async def given_up(_: Any) -> Answer:
        raise asyncio.CancelledError

    line.handlers[StatusNotification] = given_up
    line.answers(Heartbeat, HeartbeatAnswer(current_time=NOW))
    with pytest.raises(WireError, match="InternalError"):
        await line.wire.call("StatusNotification", STATUS_16)
    await line.wire.call("Heartbeat")


@virtual
async def test_an_answer_to_a_broken_line_lets_the_next_message_be_handled_all_the_same() -> None:
    line = Line(Version.V16)
    later = Later()
    line.handlers[StatusNotification] = lambda _: later
    received = line.answers(Heartbeat, HeartbeatAnswer(current_time=NOW))
    calls = [line.wire.start_call("StatusNotification", STATUS_16), line.wire.start_call("Heartbeat")]
    await asyncio.sleep(1)
    line.wire.connection.cut()
    await line.session.wait_closed()
    assert received == []
    later.settle(ACKNOWLEDGED)
    await asyncio.sleep(1)
    assert received == [Heartbeat()]
    assert [type(call.exception()) for call in calls] == [ConnectionError] * 2


@virtual
async def test_lenient_reads_and_records_what_the_schema_forbids() -> None:
    line = Line(Version.V16)
    received = line.answers(StatusNotification, ACKNOWLEDGED)
    await line.wire.call("StatusNotification", {**STATUS_16, "extra": 1})
    assert received[0].status == "Available"
    assert [violation.path for violation in line.watch.violated] == ["$.extra"]


@virtual
async def test_strict_refuses_it_and_names_the_field() -> None:
    line = Line(Version.V16, "strict")
    line.answers(StatusNotification, ACKNOWLEDGED)
    with pytest.raises(WireError) as caught:
        await line.wire.call("StatusNotification", {**STATUS_16, "connectorId": "one"})
    assert caught.value.code == "TypeConstraintViolation"
    assert "$.connectorId" in caught.value.description


@virtual
async def test_strict_never_refuses_a_transaction_message_that_can_be_attributed() -> None:
    line = Line(Version.V201, "strict")
    received = line.answers(TransactionEvent, TransactionAnswer())
    assert await line.wire.call("TransactionEvent", {**EVENT_201, "triggerReason": "Whim"}) == {}
    assert received[0].transaction_id == "T1"
    assert line.watch.violated


@virtual
async def test_lenient_acknowledges_a_notification_that_says_nothing_it_can_use() -> None:
    line = Line(Version.V16)
    received = line.answers(StatusNotification, ACKNOWLEDGED)
    assert await line.wire.call("StatusNotification", {**STATUS_16, "status": "Dancing"}) == {}
    assert received == []
    assert "unattributable" in line.watch.oddities


@virtual
async def test_a_request_is_carried_out_and_its_answer_read() -> None:
    line = Line(Version.V201)
    line.wire.on("UnlockConnector", {"status": "Unlocked"})
    answer = await line.session.perform(UnlockConnector(evse=Evse(1, 2)))
    assert answer == CommandAnswer(status="Unlocked")
    assert line.wire.received.get_nowait() == ("UnlockConnector", {"evseId": 1, "connectorId": 2})


@virtual
async def test_a_handler_may_call_back_before_it_answers() -> None:
    line = Line(Version.V201)
    line.wire.on("UnlockConnector", {"status": "Unlocked"})

    async def calls_back(_: Any) -> Answer:
        await line.session.perform(UnlockConnector(evse=Evse(1, 1)))
        return AuthorizeAnswer(id_token_info=IdTokenInfo(status="Accepted"))

    line.handlers[Authorize] = calls_back
    answer = await line.wire.call("Authorize", {"idToken": {"idToken": "X", "type": "Central"}})
    assert answer["idTokenInfo"]["status"] == "Accepted"


@virtual
async def test_silence_ends_a_call_at_its_deadline_and_a_late_answer_is_an_oddity() -> None:
    line = Line(Version.V201)
    line.wire.on("UnlockConnector", lambda _: None)
    started = asyncio.get_running_loop().time()
    with pytest.raises(CallTimedOut):
        await line.session.perform(UnlockConnector(evse=Evse(1, 1)), timeout_s=7)
    assert asyncio.get_running_loop().time() - started == pytest.approx(7)
    line.wire.send_frame([3, line.wire.frames[0][1], {"status": "Unlocked"}])
    await asyncio.sleep(1)
    assert "late_answer" in line.watch.oddities


@virtual
async def test_a_shorter_deadline_behind_a_longer_call_is_kept() -> None:
    line = Line(Version.V201)
    line.wire.on("UnlockConnector", {"status": "Unlocked"})
    line.wire.on("Reset", lambda _: None)
    await line.session.perform(UnlockConnector(evse=Evse(1, 1)), timeout_s=500)
    started = asyncio.get_running_loop().time()
    with pytest.raises(CallTimedOut):
        await line.session.perform(Reset(type="OnIdle"), timeout_s=5)
    assert asyncio.get_running_loop().time() - started == pytest.approx(5)


@virtual
async def test_a_refusal_keeps_its_code() -> None:
    line = Line(Version.V201)
    with pytest.raises(CallRefused) as caught:
        await line.session.perform(UnlockConnector(evse=Evse(1, 1)))
    assert caught.value.code == "NotSupported"


@virtual
async def test_an_answer_that_is_no_object_is_told_apart() -> None:
    line = Line(Version.V201)
    line.wire.on("UnlockConnector", lambda _: None)
    call = asyncio.create_task(line.session.perform(UnlockConnector(evse=Evse(1, 1))))
    await line.wire.expect("UnlockConnector")
    line.wire.send_frame([3, line.wire.frames[0][1], "yes"])
    with pytest.raises(AnswerUnreadable):
        await call


@virtual
async def test_a_broken_line_ends_what_was_sent_and_what_was_not() -> None:
    line = Line(Version.V201)
    line.wire.on("UnlockConnector", lambda _: None)
    calls = [asyncio.create_task(line.session.perform(UnlockConnector(evse=Evse(n, 1)))) for n in (1, 2)]
    await line.wire.expect("UnlockConnector")
    line.wire.connection.cut()
    first, second = await asyncio.gather(*calls, return_exceptions=True)
    assert isinstance(first, ConnectionLost) and first.sent
    assert isinstance(second, ConnectionLost) and not second.sent
    with pytest.raises(ConnectionLost):
        await line.session.perform(UnlockConnector(evse=Evse(1, 1)))


@virtual
async def test_what_a_version_cannot_carry_is_unsupported_and_nothing_is_sent() -> None:
    line = Line(Version.V16)
    with pytest.raises(Unsupported):
        await line.session.perform(Reset(type="Immediate", evse_id=1))
    assert line.wire.frames == []


@virtual
async def test_a_call_that_is_given_up_while_queued_is_never_sent() -> None:
    line = Line(Version.V201)
    line.wire.on("UnlockConnector", lambda _: None)
    first = asyncio.create_task(line.session.perform(UnlockConnector(evse=Evse(1, 1)), timeout_s=5))
    second = asyncio.create_task(line.session.perform(UnlockConnector(evse=Evse(2, 1)), timeout_s=5))
    await line.wire.expect("UnlockConnector")
    second.cancel()
    await asyncio.gather(first, second, return_exceptions=True)
    await asyncio.sleep(60)
    assert len(line.wire.frames) == 1


@virtual
async def test_sends_that_come_faster_than_they_are_taken_are_dropped_beyond_a_bound() -> None:
    line = Line(Version.V21)
    may_go_on = asyncio.Event()

    async def waits(_: Any) -> Answer:
        await may_go_on.wait()
        return HeartbeatAnswer(current_time=NOW)

    line.handlers[Heartbeat] = waits
    heartbeat = line.wire.start_call("Heartbeat")
    for number in range(MAX_WAITING_SENDS + 50):
        line.wire.send_frame([6, f"s{number}", "NotifyPeriodicEventStream", {}])
    await asyncio.sleep(1)
    assert line.watch.oddities == ["overflow"] * 50
    may_go_on.set()
    await heartbeat
    await line.wire.call("Heartbeat")
    line.wire.send_frame([6, "again", "NotifyPeriodicEventStream", {}])
    await line.wire.call("Heartbeat")
    assert len(line.watch.oddities) == 50 + MAX_WAITING_SENDS + 1, "there is room again"
