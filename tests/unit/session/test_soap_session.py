"""A session without a line: what it answers, and how its own calls go out and end."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest

from stationmaster.dialects.table import Unsupported
from stationmaster.domain.facts import StationFacts
from stationmaster.domain.identity import Evse
from stationmaster.domain.messages import (
    CommandAnswer,
    Heartbeat,
    HeartbeatAnswer,
    Reset,
    StatusNotification,
    UnlockConnector,
)
from stationmaster.ocpp.errors import ErrorKind, OCPPError
from stationmaster.ocpp.version import Version
from stationmaster.session.failures import CallTimedOut, ConnectionLost, Unreachable
from stationmaster.session.later import Later
from stationmaster.session.session import Side
from stationmaster.session.soap_session import MAX_WAITING, SoapSession
from stationmaster.session.watch import Unwatched

NOW = datetime(2026, 3, 1, tzinfo=UTC)
UNLOCKED = b'{"status":"Unlocked"}'
ACCEPTED = b'{"status":"Accepted"}'


class Oddities(Unwatched):
    def __init__(self) -> None:
        self.seen: list[tuple[str, str | None]] = []

    def oddity(self, kind: str, action: str | None, detail: str) -> None:
        self.seen.append((kind, action))


class Station:
    """The other side; each call waits until it is answered."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, bytes, float]] = []
        self.answers: list[asyncio.Future[bytes]] = []
        self.reachable = True

    def close(self) -> None:
        self.closed = True

    async def ready(self) -> None:
        if not self.reachable:
            raise Unreachable("nobody listens there")

    async def call(self, action: str, payload: bytes, timeout_s: float) -> bytes:
        self.asked.append((action, payload, timeout_s))
        self.answers.append(asyncio.get_running_loop().create_future())
        return await self.answers[-1]


class Pair:
    def __init__(self) -> None:
        self.station = Station()
        self.watch = Oddities()
        self.handled: list[Later] = []
        self.closed = 0
        side = Side(
            facts=lambda: StationFacts(version=Version.V16, role="csms"),
            handlers={Heartbeat: lambda _: HeartbeatAnswer(current_time=NOW), StatusNotification: self._later},
            clock=None,  # type: ignore[arg-type]
            watch=self.watch,
            timeout_s=30.0,
        )
        self.session = SoapSession(Version.V16, side, self.station, on_closed=self._count)

    def _later(self, _: Any) -> Later:
        self.handled.append(Later())
        return self.handled[-1]

    def _count(self) -> None:
        self.closed += 1

    def receive(self, action: str, payload: bytes = b"{}") -> list[bytes | OCPPError]:
        done: list[bytes | OCPPError] = []
        assert self.session.receive(action, payload, done.append)
        return done


STATUS = b'{"connectorId":1,"status":"Available","errorCode":"NoError"}'
UNLOCK = UnlockConnector(evse=Evse(1, 1))


@pytest.fixture
async def pair():
    return Pair()


async def settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_a_call_is_answered_with_the_payload_of_its_version(pair):
    assert pair.receive("Heartbeat") == [b'{"currentTime":"2026-03-01T00:00:00Z"}']


async def test_what_is_no_action_of_the_version_is_refused(pair):
    (outcome,) = pair.receive("GetReport")
    assert isinstance(outcome, OCPPError)
    assert outcome.kind is ErrorKind.NOT_IMPLEMENTED


async def test_calls_are_handled_one_after_another(pair):
    first, second = pair.receive("StatusNotification", STATUS), pair.receive("Heartbeat")
    assert (first, second) == ([], [])
    pair.handled[0].settle(OCPPError(ErrorKind.INTERNAL, "no"))
    assert len(first) == len(second) == 1


async def test_a_station_that_calls_faster_than_it_is_answered_is_told_so(pair):
    pair.receive("StatusNotification", STATUS)
    waiting = [pair.receive("Heartbeat") for _ in range(MAX_WAITING)]
    assert not pair.session.receive("Heartbeat", b"{}", lambda _: None)
    pair.handled[0].settle(OCPPError(ErrorKind.INTERNAL, "no"))
    assert all(len(done) == 1 for done in waiting)
    assert pair.session.receive("Heartbeat", b"{}", lambda _: None)


async def test_a_request_of_ours_goes_out_and_its_answer_comes_back_in_the_domain_s_words(pair):
    performing = asyncio.create_task(pair.session.perform(UNLOCK))
    await settle()
    assert pair.station.asked == [("UnlockConnector", b'{"connectorId":1}', 30.0)]
    pair.station.answers[0].set_result(UNLOCKED)
    assert await performing == CommandAnswer(status="Unlocked")


async def test_one_call_is_under_way_at_a_time_and_the_urgent_goes_first(pair):
    performing = [
        asyncio.create_task(pair.session.perform(UNLOCK, priority=priority, timeout_s=10 + priority))
        for priority in (0, 0, 5)
    ]
    for _ in range(3):
        await settle()
        pair.station.answers[-1].set_result(UNLOCKED)
    await asyncio.gather(*performing)
    assert [timeout_s for *_, timeout_s in pair.station.asked] == [10, 15, 10]


async def test_a_call_that_is_given_up_lets_the_next_one_go(pair):
    first, second, third = (asyncio.create_task(pair.session.perform(UNLOCK)) for _ in range(3))
    await settle()
    second.cancel()
    first.cancel()
    await settle()
    assert len(pair.station.asked) == 2
    pair.station.answers[1].set_result(UNLOCKED)
    assert await third == CommandAnswer(status="Unlocked")


async def test_an_answer_that_does_not_come_is_told_to_whoever_watches(pair):
    performing = asyncio.create_task(pair.session.perform(UNLOCK))
    await settle()
    pair.station.answers[0].set_exception(CallTimedOut("no answer"))
    with pytest.raises(CallTimedOut):
        await performing
    assert pair.watch.seen == [("timeout", "UnlockConnector")]


async def test_what_waits_when_it_is_closed_was_never_sent(pair):
    first, second = (asyncio.create_task(pair.session.perform(UNLOCK)) for _ in range(2))
    await settle()
    pair.session.close()
    pair.session.close()
    with pytest.raises(ConnectionLost) as lost:
        await second
    assert not lost.value.sent
    pair.station.answers[0].set_result(UNLOCKED)
    assert await first == CommandAnswer(status="Unlocked")
    with pytest.raises(ConnectionLost):
        await pair.session.perform(UNLOCK)
    assert (pair.session.is_open, pair.closed, pair.station.closed) == (False, 1, True)
    await pair.session.wait_closed()


async def test_whether_a_call_can_leave_is_known_before_it_does(pair):
    await pair.session.ready()
    pair.station.reachable = False
    with pytest.raises(Unreachable):
        await pair.session.ready()
    assert pair.station.asked == []


async def test_what_the_version_cannot_carry_is_unsupported(pair):
    with pytest.raises(Unsupported):
        await pair.session.perform(Reset(type="Immediate", evse_id=1))
    assert pair.station.asked == []


async def test_what_is_not_answered_cannot_be_said(pair):
    with pytest.raises(Unsupported, match="needs a line that stays"):
        pair.session.send_raw("NotifyPeriodicEventStream", b"{}")
