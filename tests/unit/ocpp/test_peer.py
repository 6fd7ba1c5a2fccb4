"""One end of a connection: rules of the queue, of answering, and of everything strange."""

import json
from collections.abc import Callable
from itertools import count

import pytest

from stationmaster.ocpp.errors import ErrorKind, OCPPError
from stationmaster.ocpp.events import (
    AnswerReceived,
    AnswerRejected,
    CallAborted,
    CallReceived,
    CallSent,
    CallTimedOut,
    ErrorReceived,
    Event,
    Oddity,
    OddityKind,
    SendReceived,
)
from stationmaster.ocpp.frames import encode_call
from stationmaster.ocpp.lifecycle import PeerMisuse
from stationmaster.ocpp.outgoing import QueueFull
from stationmaster.ocpp.peer import Peer
from stationmaster.ocpp.version import Version

ERROR = OCPPError(ErrorKind.FORMAT, "no good", {"field": "x"})


def numbers() -> Callable[[], str]:
    counter = count(1)
    return lambda: str(next(counter))


@pytest.fixture
def peer() -> Peer:
    return Peer(Version.V201, new_id=numbers())


@pytest.fixture
def peer_21() -> Peer:
    return Peer(Version.V21, new_id=numbers())


@pytest.fixture
def peer_16() -> Peer:
    return Peer(Version.V16, new_id=numbers())


def sent(peer: Peer) -> list[list[object]]:
    return [json.loads(frame) for frame in peer.take_output()]


def oddities(events: list[Event]) -> list[OddityKind]:
    return [event.kind for event in events if isinstance(event, Oddity)]


def call(message_id: str, action: str = "Heartbeat", payload: bytes = b"{}") -> bytes:
    return encode_call(message_id, action, payload)


# Our calls --------------------------------------------------------------------------------------------------


def test_a_call_leaves_at_once_when_the_line_is_free(peer: Peer) -> None:
    assert peer.call("Reset", b'{"type":"Immediate"}', 0.0) == "1"
    assert sent(peer) == [[2, "1", "Reset", {"type": "Immediate"}]]
    assert peer.take_events() == [CallSent("1", "Reset")]


def test_one_call_is_outstanding_and_the_next_goes_when_it_is_answered(peer: Peer) -> None:
    peer.call("A", b"{}", 0.0)
    peer.call("B", b"{}", 0.0)
    assert len(sent(peer)) == 1
    assert peer.receive(b'[3,"1",{"x":1}]', 5.0) == [
        CallSent("1", "A"),
        AnswerReceived("1", "A", b'{"x":1}'),
        CallSent("2", "B"),
    ]
    assert sent(peer) == [[2, "2", "B", {}]]
    assert peer.next_deadline() == 35.0


def test_an_error_ends_a_call_and_keeps_its_code(peer: Peer) -> None:
    peer.call("A", b"{}", 0.0)
    peer.take_events()
    (event,) = peer.receive(b'[4,"1","FormationViolation","why",{"k":2}]', 0.0)
    assert isinstance(event, ErrorReceived)
    assert (event.action, event.error.kind, event.error.code) == ("A", ErrorKind.FORMAT, "FormationViolation")
    assert (event.error.description, event.error.details) == ("why", {"k": 2})


def test_the_queue_goes_by_priority_then_age(peer: Peer) -> None:
    for action, priority in (("first", 0), ("low", -1), ("old", 0), ("urgent", 9), ("young", 0)):
        peer.call(action, b"{}", 0.0, priority=priority)
    order = []
    for _ in range(5):
        ((_, message_id, action, _),) = sent(peer)
        order.append(action)
        peer.receive(b'[3,"%b",{}]' % str(message_id).encode(), 0.0)
    assert order == ["first", "urgent", "old", "young", "low"]


def test_the_deadline_starts_when_the_call_is_sent(peer: Peer) -> None:
    peer.call("A", b"{}", 0.0, timeout_s=10.0)
    peer.call("B", b"{}", 1.0, timeout_s=10.0)
    peer.take_events()
    assert peer.tick(9.9) == []
    assert peer.tick(10.0) == [CallTimedOut("1", "A"), CallSent("2", "B")]
    assert peer.next_deadline() == 20.0
    assert peer.tick(20.0) == [CallTimedOut("2", "B")]
    assert peer.next_deadline() is None


def test_an_answer_before_the_tick_counts_even_after_the_deadline(peer: Peer) -> None:
    peer.call("A", b"{}", 0.0, timeout_s=1.0)
    assert AnswerReceived("1", "A", b"{}") in peer.receive(b'[3,"1",{}]', 2.0)
    assert peer.tick(3.0) == []


def test_only_a_queued_call_can_be_cancelled(peer: Peer) -> None:
    for action in "ABC":
        peer.call(action, b"{}", 0.0)
    assert [peer.cancel(i) for i in ("1", "2", "2", "unknown")] == [False, True, False, False]
    peer.take_output()
    peer.receive(b'[3,"1",{}]', 0.0)
    assert sent(peer) == [[2, "3", "C", {}]]


def test_the_queue_is_bounded() -> None:
    peer = Peer(Version.V16, max_queued_calls=2)
    for _ in range(3):
        peer.call("A", b"{}", 0.0)
    with pytest.raises(QueueFull):
        peer.call("A", b"{}", 0.0)


@pytest.mark.parametrize("in_use", ["1", "2"])
def test_an_id_in_use_cannot_be_used_again(peer: Peer, in_use: str) -> None:
    peer.call("A", b"{}", 0.0)
    peer.call("B", b"{}", 0.0)
    with pytest.raises(PeerMisuse):
        peer.call("C", b"{}", 0.0, message_id=in_use)


def test_a_retry_may_reuse_its_id_and_any_answer_ends_it(peer: Peer) -> None:
    peer.call("A", b"{}", 0.0, timeout_s=1.0, message_id="same")
    peer.tick(1.0)
    peer.call("A", b"{}", 2.0, message_id="same")
    assert AnswerReceived("same", "A", b"{}") in peer.receive(b'[3,"same",{}]', 3.0)


def test_an_id_beyond_36_characters_is_never_sent(peer: Peer) -> None:
    with pytest.raises(PeerMisuse):
        peer.call("A", b"{}", 0.0, message_id="x" * 37)


@pytest.mark.parametrize("timeout_s", [0.0, -1.0, float("nan")])
def test_a_timeout_is_positive(peer: Peer, timeout_s: float) -> None:
    with pytest.raises(ValueError, match="timeout"):
        peer.call("A", b"{}", 0.0, timeout_s=timeout_s)


def test_close_ends_every_call_and_tells_which_was_sent(peer: Peer) -> None:
    for action, priority in (("A", 0), ("B", 0), ("C", 5)):
        peer.call(action, b"{}", 0.0, priority=priority)
    peer.take_events()
    assert peer.close() == [
        CallAborted("1", "A", True),
        CallAborted("3", "C", False),
        CallAborted("2", "B", False),
    ]
    assert (peer.close(), peer.next_deadline(), peer.take_output()) == ([], None, [])


def test_after_close_a_late_handler_does_no_harm_but_nothing_new_starts(peer_21: Peer) -> None:
    peer_21.receive(call("a"), 0.0)
    peer_21.close()
    peer_21.answer("a", b"{}")
    peer_21.refuse("a", ERROR)
    peer_21.reject_answer("a", ERROR)
    assert (peer_21.receive(call("b"), 0.0), peer_21.take_output()) == ([], [])
    with pytest.raises(PeerMisuse):
        peer_21.call("A", b"{}", 0.0)
    with pytest.raises(PeerMisuse):
        peer_21.send("A", b"{}")


@pytest.mark.parametrize("version", [Version.V12, Version.V15])
def test_soap_versions_have_no_peer(version: Version) -> None:
    with pytest.raises(ValueError, match="WebSocket"):
        Peer(version)


# Stray answers ----------------------------------------------------------------------------------------------


def test_an_answer_after_the_timeout_is_late(peer: Peer) -> None:
    peer.call("A", b"{}", 0.0, timeout_s=1.0)
    peer.tick(1.0)
    (event,) = peer.receive(b'[3,"1",{}]', 2.0)
    assert isinstance(event, Oddity)
    assert (event.kind, event.message_id, event.frame) == (OddityKind.LATE_ANSWER, "1", b'[3,"1",{}]')


def test_a_second_answer_is_a_duplicate(peer: Peer) -> None:
    peer.call("A", b"{}", 0.0)
    peer.receive(b'[3,"1",{}]', 0.0)
    assert oddities(peer.receive(b'[4,"1","GenericError","",{}]', 0.0)) == [OddityKind.DUPLICATE_ANSWER]


@pytest.mark.parametrize("message_id", ["never", "2", "-1"])
def test_an_answer_to_no_call_is_unsolicited_and_ends_nothing(peer: Peer, message_id: str) -> None:
    peer.call("A", b"{}", 0.0)
    peer.call("B", b"{}", 0.0)
    peer.take_events()
    events = peer.receive(b'[3,"%b",{}]' % message_id.encode(), 0.0)
    assert oddities(events) == [OddityKind.UNSOLICITED_ANSWER]
    assert len(events) == 1


def test_an_unreadable_answer_ends_its_call_and_frees_the_line(peer_21: Peer) -> None:
    peer_21.call("A", b"{}", 0.0)
    peer_21.call("B", b"{}", 0.0)
    peer_21.take_output()
    events = peer_21.receive(b'[3,"1",[]]', 0.0)
    assert oddities(events) == [OddityKind.MALFORMED]
    (error,) = [event.error for event in events if isinstance(event, ErrorReceived)]
    assert (error.kind, error.code) == (ErrorKind.FORMAT, None)
    assert [frame[:3] for frame in sent(peer_21)] == [[5, "1", "FormatViolation"], [2, "2", "B"]]


def test_before_2_1_an_unreadable_answer_is_not_commented_upon(peer: Peer) -> None:
    peer.call("A", b"{}", 0.0)
    peer.take_output()
    peer.receive(b'[3,"1",[]]', 0.0)
    assert sent(peer) == []


# Their calls ------------------------------------------------------------------------------------------------


def test_a_call_is_delivered_and_answered(peer: Peer) -> None:
    assert peer.receive(call("a", "Heartbeat", b'{"x":1}'), 0.0) == [CallReceived("a", "Heartbeat", b'{"x":1}')]
    peer.answer("a", b'{"y":2}')
    assert sent(peer) == [[3, "a", {"y": 2}]]


@pytest.mark.parametrize(("version", "code"), [("1.6", "FormationViolation"), ("2.0.1", "FormatViolation")])
def test_a_refusal_is_spelled_as_the_version_spells_it(version: str, code: str) -> None:
    peer = Peer(Version(version))
    peer.receive(call("a"), 0.0)
    peer.refuse("a", ERROR)
    assert sent(peer) == [[4, "a", code, "no good", {"field": "x"}]]


def test_a_call_is_answered_while_ours_is_outstanding(peer: Peer) -> None:
    peer.call("A", b"{}", 0.0)
    peer.receive(call("a"), 0.0)
    peer.answer("a", b"{}")
    assert [frame[0] for frame in sent(peer)] == [2, 3]


def test_an_answer_that_nobody_is_owed_is_misuse(peer: Peer) -> None:
    peer.receive(call("a"), 0.0)
    peer.receive(call("b"), 0.0)
    peer.answer("b", b"{}")
    for message_id in ("b", "unknown"):
        with pytest.raises(PeerMisuse):
            peer.answer(message_id, b"{}")
    peer.answer("a", b"{}")
    with pytest.raises(PeerMisuse):
        peer.refuse("a", ERROR)


def test_calls_sent_at_once_are_answered_in_their_order(peer: Peer) -> None:
    events = [event for i in "abc" for event in peer.receive(call(i), 0.0)]
    assert oddities(events) == [OddityKind.CONCURRENT_CALLS] * 2
    assert [event.message_id for event in events if isinstance(event, CallReceived)] == ["a", "b", "c"]
    peer.refuse("c", ERROR)
    peer.answer("b", b"{}")
    assert sent(peer) == []
    peer.answer("a", b"{}")
    assert [frame[:2] for frame in sent(peer)] == [[3, "a"], [3, "b"], [4, "c"]]


def test_a_repeated_call_in_progress_is_dropped_and_one_answered_is_delivered_again(peer: Peer) -> None:
    peer.receive(call("a"), 0.0)
    assert oddities(repeated := peer.receive(call("a"), 0.0)) == [OddityKind.REPEATED_CALL]
    assert len(repeated) == 1
    peer.answer("a", b"{}")
    assert peer.receive(call("a"), 0.0) == [CallReceived("a", "Heartbeat", b"{}")]


def test_another_call_with_an_id_in_progress_is_refused(peer: Peer) -> None:
    peer.receive(call("a", "Heartbeat"), 0.0)
    assert oddities(events := peer.receive(call("a", "StatusNotification"), 0.0)) == [OddityKind.REUSED_MESSAGE_ID]
    assert len(events) == 1
    assert [frame[:3] for frame in sent(peer)] == [[4, "a", "RpcFrameworkError"]]
    peer.answer("a", b"{}")
    assert sent(peer) == [[3, "a", {}]]


def test_another_call_with_an_answered_id_is_noted_and_delivered(peer: Peer) -> None:
    peer.receive(call("a", "Heartbeat"), 0.0)
    peer.answer("a", b"{}")
    events = peer.receive(call("a", "StatusNotification"), 0.0)
    assert oddities(events) == [OddityKind.REUSED_MESSAGE_ID]
    assert CallReceived("a", "StatusNotification", b"{}") in events


def test_unanswered_calls_are_bounded() -> None:
    peer = Peer(Version.V16, max_unanswered_calls=2)
    for message_id in "ab":
        peer.receive(call(message_id), 0.0)
    assert oddities(events := peer.receive(call("c"), 0.0)) == [OddityKind.OVERFLOW]
    assert len(events) == 1
    assert [frame[:3] for frame in sent(peer)] == [[4, "c", "GenericError"]]


# SEND and CALLRESULTERROR -----------------------------------------------------------------------------------


def test_a_send_needs_no_free_line_and_gets_no_answer(peer_21: Peer) -> None:
    peer_21.call("A", b"{}", 0.0)
    peer_21.send("NotifyPeriodicEventStream", b'{"id":1}')
    assert sent(peer_21)[1] == [6, "2", "NotifyPeriodicEventStream", {"id": 1}]
    peer_21.take_events()
    assert peer_21.receive(b'[6,"x","S",{}]', 0.0) == [SendReceived("S", b"{}")]
    assert sent(peer_21) == []


def test_before_2_1_there_is_no_send(peer: Peer) -> None:
    with pytest.raises(PeerMisuse):
        peer.send("NotifyPeriodicEventStream", b"{}")


def test_a_2_1_peer_is_told_that_its_answer_made_no_sense(peer_21: Peer, peer: Peer) -> None:
    peer_21.reject_answer("a", ERROR)
    peer.reject_answer("a", ERROR)
    assert sent(peer_21) == [[5, "a", "FormatViolation", "no good", {"field": "x"}]]
    assert sent(peer) == []


def test_an_answer_of_ours_can_be_rejected_once(peer_21: Peer) -> None:
    peer_21.receive(call("a"), 0.0)
    peer_21.answer("a", b"{}")
    rejection = b'[5,"a","TypeConstraintViolation","",{}]'
    (event,) = peer_21.receive(rejection, 0.0)
    assert isinstance(event, AnswerRejected)
    assert (event.message_id, event.action, event.error.kind) == ("a", "Heartbeat", ErrorKind.TYPE)
    assert oddities(peer_21.receive(rejection, 0.0)) == [OddityKind.UNSOLICITED_ANSWER]


@pytest.mark.parametrize("data", [b'[5,"a","GenericError","",{}]', b'[6,"a","S",{}]', b'[6,"a","S"]', b"[5]"])
def test_before_2_1_its_message_types_are_unknown(peer: Peer, data: bytes) -> None:
    assert oddities(peer.receive(data, 0.0)) == [OddityKind.UNKNOWN_MESSAGE_TYPE]
    assert sent(peer) == []


# Broken messages --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("version", "data", "answer"),
    [
        ("1.6", b'[2,"a",7,{}]', [4, "a", "FormationViolation"]),
        ("2.0.1", b'[2,"a",7,{}]', [4, "a", "RpcFrameworkError"]),
        ("1.6", b'[2,"a","Heartbeat",[]]', [4, "a", "FormationViolation"]),
        ("2.1", b'[2,"a","Heartbeat",[]]', [4, "a", "FormatViolation"]),
        ("2.0", b"nonsense", [4, "-1", "RpcFrameworkError"]),
        ("1.6", b"nonsense", None),
    ],
)
def test_a_broken_call_is_answered_as_far_as_the_version_can(
    version: str, data: bytes, answer: list[object] | None
) -> None:
    peer = Peer(Version(version))
    assert oddities(peer.receive(data, 0.0)) == [OddityKind.MALFORMED]
    assert [frame[:3] for frame in sent(peer)] == ([] if answer is None else [answer])


@pytest.mark.parametrize("data", [b'[3,"a"]', b"[3]", b"[4]", b"[5]", b'[6,"a","S"]', b'[7,"a"]'])
def test_what_is_broken_but_no_call_is_never_answered(peer_21: Peer, data: bytes) -> None:
    assert len(oddities(peer_21.receive(data, 0.0))) == 1
    assert sent(peer_21) == []


def test_a_broken_repetition_does_not_contradict_the_answer_to_come(peer: Peer) -> None:
    peer.receive(call("a"), 0.0)
    assert oddities(peer.receive(b'[2,"a","Heartbeat",[]]', 0.0)) == [OddityKind.MALFORMED]
    assert sent(peer) == []


def test_what_is_forgiven_is_noted_and_delivered(peer_16: Peer) -> None:
    events = peer_16.receive(b'[2,"a","Heartbeat",null,1]', 0.0)
    assert oddities(events) == [OddityKind.EXTRA_ELEMENTS, OddityKind.NULL_PAYLOAD]
    assert CallReceived("a", "Heartbeat", b"{}") in events


def test_a_frame_beyond_the_limit_is_refused() -> None:
    peer = Peer(Version.V201, max_frame_bytes=100)
    assert oddities(peer.receive(call("a", "A", b'{"x":"%b"}' % (b"x" * 100)), 0.0)) == [OddityKind.MALFORMED]
    assert [frame[:3] for frame in sent(peer)] == [[4, "a", "FormatViolation"]]


def test_error_details_that_cannot_be_read_do_no_harm(peer: Peer) -> None:
    peer.call("A", b"{}", 0.0)
    events = peer.receive(b'[4,"1","GenericError","",{"n":1e999}]', 0.0)
    assert any(isinstance(event, ErrorReceived) and event.error.details == {} for event in events)


def test_no_event_shows_a_payload_in_its_repr(peer: Peer) -> None:
    (event,) = peer.receive(call("a", "SetVariables", b'{"password":"hunter2"}'), 0.0)
    assert repr(event) == "CallReceived(message_id='a', action='SetVariables', payload='<22 bytes>')"
