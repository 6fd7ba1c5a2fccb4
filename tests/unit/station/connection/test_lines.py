"""How lines are opened, and what closes one that has no socket."""

from typing import Any

import pytest

from stationmaster.clock.virtual import VirtualClock
from stationmaster.domain.facts import StationFacts
from stationmaster.domain.messages import BootNotification, Heartbeat, StationInfo
from stationmaster.ocpp.soap.tables import SERVICES
from stationmaster.ocpp.version import Version
from stationmaster.session.failures import (
    AnswerUnreadable,
    CallFailed,
    CallRefused,
    CallTimedOut,
    ConnectionLost,
    Unreachable,
)
from stationmaster.session.session import Side
from stationmaster.session.soap_session import SoapSession
from stationmaster.station.connection.lines import ProbedCalls, SoapPlace, SoapWay, WebSocketWay, line_way
from stationmaster.station.connection.network import ONE_WAY, THE_ONE_CSMS, wired
from stationmaster.station.connection.soap_listener import SoapListener
from stationmaster.transport.memory_http import MemoryHttp
from stationmaster.transport.soap_server import SoapReply, SoapRequest, SoapRoute

REFUSED = CallRefused("InternalError", "no")
BROKEN = ConnectionLost(sent=True)


class Calls:
    """Fails as it is told, by action."""

    def __init__(self, **failures: CallFailed) -> None:
        self.failures = failures
        self.made: list[str] = []

    async def ready(self) -> None: ...
    def close(self) -> None: ...

    async def call(self, action: str, payload: bytes, timeout_s: float) -> bytes:
        self.made.append(action)
        if action in self.failures:
            raise self.failures[action]
        return b"{}"


async def outcome(action: str, **failures: CallFailed) -> tuple[CallFailed | None, list[str], bool]:
    """How a call ends, what was sent for it, and whether the line was lost."""
    calls, lost, answered = Calls(**failures), list[bool](), list[str]()
    probed = ProbedCalls(calls, lambda: lost.append(True), answered.append)
    failure: CallFailed | None = None
    try:
        await probed.call(action, b"{}", 30)
    except CallFailed as raised:
        failure = raised
    assert answered == ([] if failure else [action])
    return failure, calls.made, bool(lost)


async def test_what_is_answered_is_handed_on() -> None:
    assert await outcome("Authorize") == (None, ["Authorize"], False)


async def test_who_is_not_reached_is_away_and_nothing_was_sent() -> None:
    failure, made, lost = await outcome("Authorize", Authorize=Unreachable("nobody"))
    assert isinstance(failure, ConnectionLost)
    assert (failure.sent, made, lost) == (False, ["Authorize"], True)


@pytest.mark.parametrize("sent", [True, False])
async def test_whose_answer_was_lost_is_away(sent: bool) -> None:
    failure, _, lost = await outcome("Authorize", Authorize=ConnectionLost(sent))
    assert isinstance(failure, ConnectionLost)
    assert (failure.sent, lost) == (sent, True)


@pytest.mark.parametrize("failure", [REFUSED, AnswerUnreadable("no")])
async def test_a_fault_leaves_the_line_open(failure: CallFailed) -> None:
    assert await outcome("Authorize", Authorize=failure) == (failure, ["Authorize"], False)
    assert await outcome("Heartbeat", Heartbeat=failure) == (failure, ["Heartbeat"], False)


@pytest.mark.parametrize("action", ["StartTransaction", "MeterValues", "StopTransaction"])
async def test_errata_3_2_a_transaction_message_that_fails_is_followed_by_a_heartbeat(action: str) -> None:
    assert await outcome(action, **{action: REFUSED}) == (REFUSED, [action, "Heartbeat"], False)


@pytest.mark.parametrize("ill", [REFUSED, CallTimedOut(), BROKEN, Unreachable()])
async def test_errata_3_2_without_a_heartbeat_it_was_the_line(ill: CallFailed) -> None:
    failure, _, lost = await outcome("StartTransaction", StartTransaction=REFUSED, Heartbeat=ill)
    assert isinstance(failure, ConnectionLost)
    assert (failure.sent, lost) == (True, True)


async def test_what_is_not_answered_in_time_is_followed_by_a_heartbeat() -> None:
    late = CallTimedOut()
    assert await outcome("Authorize", Authorize=late) == (late, ["Authorize", "Heartbeat"], False)
    failure, _, lost = await outcome("Authorize", Authorize=late, Heartbeat=late)
    assert (type(failure), lost) == (ConnectionLost, True)


async def test_a_heartbeat_that_is_not_answered_in_time_is_not_followed_by_another() -> None:
    failure, made, lost = await outcome("Heartbeat", Heartbeat=CallTimedOut())
    assert (type(failure), made, lost) == (ConnectionLost, ["Heartbeat"], True)


# Opening ----------------------------------------------------------------------------------------------

SIDE = Side(facts=lambda: StationFacts(version="1.5", role="station"), handlers={}, clock=VirtualClock())
BOOT = BootNotification(station=StationInfo(vendor="V", model="M"), reason="PowerUp")


class FarCsms:
    """Answers as it is told; first by a fault."""

    def __init__(self) -> None:
        self.network = MemoryHttp()
        self.network.serve("csms.test", SoapRoute(self._answer))
        self.heard: list[str | None] = []
        self.reply = SoapReply(status=500)
        self.place = SoapPlace(
            csms_url="http://csms.test/soap",
            client=self.network.client(),
            listener=SoapListener(),
            callback_url="http://post.test/S1",
        )
        self.way = SoapWay(self.place, "S1", Version.V15)

    async def _answer(self, posted: SoapRequest) -> SoapReply:
        self.heard.append(posted.http_action)
        return self.reply

    async def open(self) -> SoapSession:
        line = await self.way.open(SIDE, THE_ONE_CSMS)
        assert isinstance(line, SoapSession)
        return line

    def says(self, element: str) -> None:
        body = f'<{element} xmlns="{SERVICES[Version.V15].cs_ns}"><currentTime>2030-01-01T00:00:00Z</currentTime>'
        envelope = f'<e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope"><e:Body>{body}</{element}></e:Body>'
        self.reply = SoapReply(status=200, body=f"{envelope}</e:Envelope>".encode())


async def test_a_first_line_is_open_where_somebody_listens_and_nothing_was_said() -> None:
    csms = FarCsms()
    line = await csms.open()
    assert line.is_open
    assert csms.heard == []


async def test_where_nobody_listens_there_is_no_line() -> None:
    csms = FarCsms()
    csms.network.refuse("csms.test")
    with pytest.raises(ConnectionError):
        await csms.open()


async def test_a_line_closes_itself_when_nobody_is_reached_any_more() -> None:
    csms = FarCsms()
    line = await csms.open()
    csms.network.refuse("csms.test")
    with pytest.raises(ConnectionLost):
        await line.perform(Heartbeat())
    await line.wait_closed()
    assert not line.is_open


async def test_once_it_was_accepted_only_an_answered_heartbeat_opens_another_line() -> None:
    csms = FarCsms()
    csms.says("heartbeatResponse")
    await (await csms.open()).perform(Heartbeat())
    csms.network.delay("csms.test", back_s=100)
    with pytest.raises(ConnectionError):
        await csms.open()
    csms.network.restore("csms.test")
    assert (await csms.open()).is_open
    csms.reply = SoapReply(status=500)  # it is ill, and there
    assert (await csms.open()).is_open
    assert csms.heard == ["/Heartbeat"] * 4


async def test_nothing_goes_before_a_boot_notification() -> None:
    csms = FarCsms()
    csms.says("heartbeatResponse")
    line = await csms.open()
    with pytest.raises(CallFailed):
        await line.perform(BOOT)
    await csms.open()
    assert csms.heard == ["/BootNotification"]
    await line.perform(Heartbeat())
    csms.way.rest()  # another start of the program
    await csms.open()
    assert csms.heard == ["/BootNotification", "/Heartbeat"]


class Connection:
    """Of a WebSocket; remembers how often it is to be tried."""

    subprotocol: str | None = None
    remote_address = "memory"

    def __init__(self) -> None:
        self.pings: list[float] = []

    def send(self, data: bytes) -> None: ...
    def close(self, code: int = 1000, reason: str = "") -> None: ...
    def ping_every(self, interval_s: float) -> None:
        self.pings.append(interval_s)


async def test_a_websocket_is_tried_as_often_as_is_set() -> None:
    connection, interval_s = Connection(), [60.0]

    async def dial(receive: Any) -> Connection:
        receive(connection)
        return connection

    way = line_way(dial, "S1", Version.V201, lambda: interval_s[0])
    assert isinstance(way, WebSocketWay)
    way.on_ping_interval()
    await way.open(SIDE, THE_ONE_CSMS)
    interval_s[0] = 10.0
    way.on_ping_interval()
    assert connection.pings == [60.0, 10.0]


async def test_a_station_takes_the_way_that_its_place_has() -> None:
    csms = FarCsms()
    assert isinstance(line_way(csms.place, "S1", Version.V16S, lambda: 0.0), SoapWay)
    network = wired(lambda _: pytest.fail("not dialled"))
    assert line_way(network, "S1", Version.V16, lambda: 0.0).preset is network.preset


def test_over_soap_no_network_profile_can_be_set() -> None:
    assert FarCsms().way.can is ONE_WAY
