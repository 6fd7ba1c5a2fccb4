"""What must hold for two peers on any line, and for one peer whatever it is sent."""

import json
from collections import Counter
from itertools import count

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from tries import tries

from stationmaster.ocpp.errors import ErrorKind, OCPPError
from stationmaster.ocpp.events import (
    AnswerReceived,
    CallAborted,
    CallReceived,
    CallSent,
    CallTimedOut,
    ErrorReceived,
    Event,
    Oddity,
    SendReceived,
)
from stationmaster.ocpp.frames import CALL, BadFrame, decode
from stationmaster.ocpp.incoming import RECENT_ANSWERS
from stationmaster.ocpp.outgoing import RECENT_CALLS
from stationmaster.ocpp.peer import Peer
from stationmaster.ocpp.version import JSON_VERSIONS

ENDS = (AnswerReceived, ErrorReceived, CallTimedOut, CallAborted)

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
NEARLY_FRAMES = st.builds(
    lambda kind, message_id, rest: [kind, message_id, *rest],
    st.integers(0, 8) | VALUES,
    st.sampled_from(["1", "2", "a", "x" * 40, "x" * 300]) | VALUES,
    st.lists(st.just({}) | st.sampled_from(["Heartbeat", "GenericError"]) | VALUES, max_size=5),
)
MESSAGES = st.one_of(
    st.binary(),
    st.text().map(str.encode),
    VALUES.map(lambda value: json.dumps(value).encode()),
    NEARLY_FRAMES.map(lambda value: json.dumps(value).encode()),
    NEARLY_FRAMES.map(lambda value: json.dumps(value).encode()[:-1]),
    st.builds(lambda head, tail: head + tail, st.just(b'[2,"1","A",{"a":"'), st.binary()),
)


@given(MESSAGES)
@example(b"[" * 200_000)
@example(b'{"a":' * 200_000)
@example(b'[2,"1","A",' + b"[" * 63)
def test_any_bytes_are_a_frame_or_a_bad_frame(data: bytes) -> None:
    try:
        frame = decode(data)
    except BadFrame:
        return
    assert frame == decode(data)
    assert isinstance(json.loads(bytes(frame.payload)), dict)
    assert len(frame.message_id) <= 255


@given(st.sampled_from(JSON_VERSIONS), st.lists(MESSAGES, max_size=30))
def test_nothing_that_arrives_raises_and_every_refusal_is_a_frame(version: str, messages: list[bytes]) -> None:
    peer = Peer(version, max_unanswered_calls=5, new_id=map(str, count(1)).__next__)
    for now, data in enumerate(messages):
        peer.call("A", b"{}", now)
        for event in peer.receive(data, now):
            repr(event)
        for output in peer.take_output():
            decode(output)


@given(st.sampled_from(JSON_VERSIONS), MESSAGES)
def test_two_peers_never_quarrel_about_a_broken_message(version: str, data: bytes) -> None:
    ends = Peer(version), Peer(version)
    line = [data]
    for turn in range(4):
        for frame in line:
            for event in ends[turn % 2].receive(frame, 0.0):
                if isinstance(event, CallReceived):
                    ends[turn % 2].answer(event.message_id, b"{}")
        line = ends[turn % 2].take_output()
    assert line == []


@pytest.mark.parametrize("version", JSON_VERSIONS)
def test_memory_is_bounded_over_many_calls(version: str) -> None:
    peer = Peer(version, new_id=map(str, count(1)).__next__)
    for i in range(2_000):
        message_id = peer.call("A", b"{}", i, timeout_s=0.5)
        waiting = peer.call("B", b"{}", i)
        assert peer.cancel(waiting)
        peer.receive(b'[2,"c%d","A",{}]' % i, i)
        peer.answer(f"c{i}", b"{}")
        if i % 2:
            peer.receive(b'[3,"%b",{}]' % message_id.encode(), i)
        peer.tick(i + 0.5)
        peer.take_output()
    assert len(peer._outgoing._ended) <= RECENT_CALLS
    assert len(peer._incoming._answered) <= RECENT_ANSWERS
    assert (len(peer._outgoing._queue), len(peer._outgoing._queued), len(peer._incoming._unanswered)) == (0, 0, 0)


class End:
    """A peer, the line that leads to the other one, and a record of what became of its calls."""

    def __init__(self, version: str, name: str) -> None:
        ids = count(1)
        self.peer = Peer(version, default_timeout_s=5.0, new_id=lambda: f"{name}{next(ids)}")
        self.line: list[bytes] = []
        self.made: set[str] = set()
        self.cancelled: set[str] = set()
        self.ends: Counter[str] = Counter()
        self.outstanding: set[str] = set()
        self.owed: list[str] = []

    def note(self, events: list[Event]) -> None:
        for event in events:
            if isinstance(event, CallSent):
                self.outstanding.add(event.message_id)
                assert len(self.outstanding) == 1
            elif isinstance(event, ENDS):
                self.ends[event.message_id] += 1
                self.outstanding.discard(event.message_id)
            elif isinstance(event, CallReceived):
                assert event.message_id not in self.owed
                self.owed.append(event.message_id)
            else:
                assert isinstance(event, Oddity | SendReceived)
        self.line += self.peer.take_output()


class TwoPeers(RuleBasedStateMachine):
    """Two peers on a line that loses, delays, doubles and reorders."""

    @initialize(version=st.sampled_from(JSON_VERSIONS))
    def connect(self, version: str) -> None:
        self.now = 0.0
        self.sides = (End(version, "a"), End(version, "b"))

    @rule(side=st.integers(0, 1), priority=st.integers(-1, 1))
    def call(self, side: int, priority: int) -> None:
        end = self.sides[side]
        end.made.add(end.peer.call("Heartbeat", b"{}", self.now, priority=priority))
        end.note(end.peer.take_events())

    @rule(side=st.integers(0, 1), data=st.data())
    def cancel(self, side: int, data: st.DataObject) -> None:
        end = self.sides[side]
        if end.made:
            message_id = data.draw(st.sampled_from(sorted(end.made)))
            if end.peer.cancel(message_id):
                assert message_id not in end.cancelled
                end.cancelled.add(message_id)

    @rule(side=st.integers(0, 1), keep=st.booleans(), data=st.data())
    def deliver(self, side: int, keep: bool, data: st.DataObject) -> None:
        line = self.sides[side].line
        if line:
            index = data.draw(st.integers(0, len(line) - 1))
            frame = line[index] if keep else line.pop(index)
            other = self.sides[1 - side]
            other.note(other.peer.receive(frame, self.now))

    @rule(side=st.integers(0, 1), data=st.data())
    def lose(self, side: int, data: st.DataObject) -> None:
        line = self.sides[side].line
        if line:
            line.pop(data.draw(st.integers(0, len(line) - 1)))

    @rule(side=st.integers(0, 1), well=st.booleans(), data=st.data())
    def answer(self, side: int, well: bool, data: st.DataObject) -> None:
        end = self.sides[side]
        if end.owed:
            message_id = end.owed.pop(data.draw(st.integers(0, len(end.owed) - 1)))
            if well:
                end.peer.answer(message_id, b"{}")
            else:
                end.peer.refuse(message_id, OCPPError(ErrorKind.INTERNAL))
            end.note([])

    @rule(seconds=st.floats(0.0, 6.0))
    def wait(self, seconds: float) -> None:
        self.now += seconds
        for end in self.sides:
            end.note(end.peer.tick(self.now))

    @rule(side=st.integers(0, 1), noise=MESSAGES)
    def hear_noise(self, side: int, noise: bytes) -> None:
        end = self.sides[side]
        end.note(end.peer.receive(noise, self.now))

    @invariant()
    def no_call_ends_twice_or_after_its_cancellation(self) -> None:
        for end in self.sides:
            assert all(times == 1 for times in end.ends.values())
            assert not end.cancelled & end.ends.keys()

    @invariant()
    def a_deadline_runs_exactly_while_a_call_is_outstanding(self) -> None:
        for end in self.sides:
            assert (end.peer.next_deadline() is not None) == bool(end.outstanding)

    def teardown(self) -> None:
        for end in getattr(self, "sides", ()):
            end.note(end.peer.close())
            assert end.ends.keys() | end.cancelled == end.made
            self.no_call_ends_twice_or_after_its_cancellation()


TestTwoPeers = TwoPeers.TestCase
TestTwoPeers.settings = tries(30, stateful_step_count=40)


@given(st.lists(st.sampled_from(["answer", "wait"]), min_size=1, max_size=20), st.integers(1, 20))
def test_a_queue_drains_whether_calls_are_answered_or_not(fates: list[str], calls: int) -> None:
    peer = Peer(JSON_VERSIONS[0], default_timeout_s=1.0, new_id=map(str, count(1)).__next__)
    for _ in range(calls):
        peer.call("A", b"{}", 0.0)
    events = peer.take_events()
    for i in range(calls):
        (frame,) = peer.take_output()
        message = json.loads(frame)
        assert message[0] == CALL
        if fates[i % len(fates)] == "answer":
            events += peer.receive(json.dumps([3, message[1], {}]).encode(), i)
        else:
            events += peer.tick(peer.next_deadline() or 0.0)
    assert peer.take_output() == []
    assert len([event for event in events if isinstance(event, ENDS)]) == calls
