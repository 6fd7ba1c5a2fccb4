"""How a line to the CSMS is opened: by dialling a WebSocket, or over SOAP, which has none and is used as if it had.

Over SOAP a line is open from when the CSMS was reached until it is found away: a call that reaches nobody, or whose
answer is lost, closes it, and with it everything behaves as without a WebSocket. A fault leaves it open. In between are
calls that are not answered in time, and transaction messages that fail, which must not get lost with a CSMS that is
ill: there a Heartbeat tells a bad message from a bad line (1.6-S errata 3.2).
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Protocol

from stationmaster.domain.device_model.network_profile import Capabilities, NetworkProfile
from stationmaster.ocpp.sender import Sender
from stationmaster.ocpp.soap.tables import SERVICES
from stationmaster.ocpp.version import Version
from stationmaster.session.failures import CallFailed, CallRefused, CallTimedOut, ConnectionLost, Unreachable
from stationmaster.session.ports import Calls, PostClient
from stationmaster.session.session import Session, Side
from stationmaster.session.soap_calls import Places, SoapCalls, Voice
from stationmaster.session.soap_exchange import NEEDED
from stationmaster.session.soap_session import SoapSession
from stationmaster.station.connection.network import ONE_WAY, THE_ONE_CSMS, Network, wired
from stationmaster.station.connection.soap_listener import SoapListener
from stationmaster.station.ports import Connection, Dial, DialledConnection, OpenLine

_PROBE = "Heartbeat"


@dataclass(frozen=True, slots=True, kw_only=True)
class SoapPlace:
    """Where a station that speaks SOAP finds its CSMS, and where it is called itself: at ``callback_url``, by way of
    ``listener``."""

    csms_url: str
    client: PostClient
    listener: SoapListener
    callback_url: str


ToCsms = Dial | Network | SoapPlace
"""How a station reaches its CSMS: the one WebSocket that there is, one for each network profile, or SOAP."""


class LineWay(Protocol):
    """Opens lines, one after another. ``preset`` and ``can``: the network profile that it begins with, and which others
    may be set."""

    @property
    def preset(self) -> NetworkProfile: ...
    @property
    def can(self) -> Capabilities: ...
    async def open(self, side: Side, profile: NetworkProfile) -> OpenLine:
        """Raises OSError where nobody is reached."""
        ...

    def on_ping_interval(self) -> None:
        """WebSocketPingInterval has another value, which counts at once."""
        ...

    def rest(self) -> None:
        """The program ends: until it opens a line again, nobody answers the CSMS."""
        ...

    def on_called(self, tell: Callable[[], None]) -> None:
        """``tell`` of each call of the CSMS that comes whether or not a line is open."""
        ...


class WebSocketWay:
    """``ping_s``: the setting for how often an open line is tried."""

    def __init__(self, network: Network, version: Version, ping_s: Callable[[], float]) -> None:
        self.preset = network.preset
        self.can = network.capabilities(str(version))
        self._network = network
        self._version = version
        self._ping_s = ping_s
        self._connection: DialledConnection | None = None

    async def open(self, side: Side, profile: NetworkProfile) -> OpenLine:
        opened: list[Session] = []

        def receive(connection: Connection) -> Session:
            opened.append(Session(connection, self._version, side))
            return opened[-1]

        self._connection = await self._network.dial(profile)(receive)
        self._connection.ping_every(self._ping_s())
        return opened[-1]

    def on_ping_interval(self) -> None:
        if self._connection is not None:
            self._connection.ping_every(self._ping_s())

    def rest(self) -> None:
        """A closed WebSocket brings no questions."""

    def on_called(self, tell: Callable[[], None]) -> None:
        """Nor does one that is not open yet."""


def _nothing() -> None:
    """Nobody wants to know."""


class SoapWay:
    """To the one CSMS: SOAP's versions have no network profiles."""

    def __init__(self, place: SoapPlace, identity: str, version: Version) -> None:
        self.preset = THE_ONE_CSMS
        self.can = ONE_WAY
        self._place = place
        self._version = version
        self._voice = Voice(service=SERVICES[version], sender=Sender.STATION, identity=identity)
        self._places = Places(theirs=lambda: place.csms_url, ours=lambda: place.callback_url)
        self._hear = place.listener.expect(identity, version, self._on_called)
        self._tell_called: Callable[[], None] = _nothing
        self._accepted = False

    async def open(self, side: Side, profile: NetworkProfile) -> OpenLine:
        """For a start somebody must listen, as nothing goes before BootNotification; later a Heartbeat be answered."""

        def lost() -> None:
            session.close()

        calls = SoapCalls(self._voice, self._places, self._place.client, side.watch)
        session = SoapSession(self._version, side, ProbedCalls(calls, lost, self._on_answer))
        self._hear((session, side.watch))
        if self._accepted:
            await _reach(calls, side.timeout_s)
        else:
            (await self._place.client.connect(self._place.csms_url, fresh=True)).close()
        return session

    def on_ping_interval(self) -> None:
        """There is nothing to ping."""

    def rest(self) -> None:
        self._hear(None)
        self._accepted = False

    def on_called(self, tell: Callable[[], None]) -> None:
        self._tell_called = tell

    def _on_called(self) -> None:
        self._tell_called()

    def _on_answer(self, action: str) -> None:
        """Whoever has an answer to anything else has been accepted."""
        self._accepted = self._accepted or action != "BootNotification"


async def _reach(calls: Calls, timeout_s: float) -> None:
    """Raises ConnectionError where not even a fault comes back."""
    try:
        await calls.call(_PROBE, b"{}", timeout_s)
    except CallRefused:
        return
    except CallFailed as failure:
        raise ConnectionError(str(failure)) from failure


class ProbedCalls:
    """Calls that find out whether the CSMS is still there. ``lost`` is told when it is not, ``answered`` of the actions
    that it has answered."""

    def __init__(self, calls: Calls, lost: Callable[[], None], answered: Callable[[str], None]) -> None:
        self._calls = calls
        self._lost = lost
        self._answered = answered

    async def ready(self) -> None:
        await self._calls.ready()

    async def call(self, action: str, payload: bytes, timeout_s: float) -> bytes:
        """See ``Calls``. Raises ConnectionLost also where nobody was reached."""
        try:
            answer = await self._calls.call(action, payload, timeout_s)
        except (Unreachable, ConnectionLost) as failure:
            self._lost()
            raise ConnectionLost(sent=not isinstance(failure, Unreachable) and failure.sent) from failure
        except CallFailed as failure:
            doubtful = isinstance(failure, CallTimedOut) or action in NEEDED
            if doubtful and not await self._is_there(action, timeout_s):
                self._lost()
                raise ConnectionLost(sent=True) from failure
            raise
        self._answered(action)
        return answer

    def close(self) -> None:
        self._calls.close()

    async def _is_there(self, failed: str, timeout_s: float) -> bool:
        """Whether a simple, proven message is answered."""
        if failed != _PROBE:
            with suppress(CallFailed):
                await self._calls.call(_PROBE, b"{}", timeout_s)
                return True
        return False


def line_way(to_csms: ToCsms, identity: str, version: Version, ping_s: Callable[[], float]) -> LineWay:
    if isinstance(to_csms, SoapPlace):
        return SoapWay(to_csms, identity, version)
    return WebSocketWay(to_csms if isinstance(to_csms, Network) else wired(to_csms), version, ping_s)
