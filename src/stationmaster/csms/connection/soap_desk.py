"""SOAP's way in: an envelope that was posted, who it is from, and the envelope that answers it.

Who may come in is the door's to say, as for OCPP-J; what is answered goes through the station's lane, session and
blocks, as there. A session lasts as long as the station speaks the version and is heard of: each message finds it
again, or makes a new one, which takes the place of whatever was there. A line gives way to a BootNotification alone.
"""

from collections.abc import Callable
from functools import partial
from typing import Protocol

from msgspec import Struct

from stationmaster.csms.connection.admission import Admitted, Caller, Door, TurnedAway
from stationmaster.csms.connection.callbacks import Callbacks, NotedCalls
from stationmaster.csms.connection.connections import Connections
from stationmaster.csms.connection.desk import Desk
from stationmaster.csms.ports import Clock
from stationmaster.csms.settings import CsmsSettings
from stationmaster.dialects import dialect_for
from stationmaster.domain.facts import StationFacts
from stationmaster.domain.identity import DEFAULT_TENANT, StationRef
from stationmaster.domain.messages import BootAnswer, BootNotification, StationInfo
from stationmaster.ocpp import codec
from stationmaster.ocpp.sender import Sender
from stationmaster.ocpp.soap.addressing import callback_of
from stationmaster.ocpp.soap.envelope import NEWEST, Refused, Request, read_request
from stationmaster.ocpp.soap.faults import Fault, FaultCode, SubCode, identity_mismatch, protocol_error
from stationmaster.ocpp.soap.parsing import Bounds
from stationmaster.ocpp.soap.tables import SERVICES
from stationmaster.ocpp.version import Version
from stationmaster.session.ports import PostClient
from stationmaster.session.session import Side
from stationmaster.session.soap_calls import Places, SoapCalls, Voice
from stationmaster.session.soap_exchange import NEEDED, Sent, accepted, answered, refused
from stationmaster.session.soap_session import SoapSession

MAX_IDENTITY_CHARS = 255
_WRONG_CREDENTIALS = Fault(FaultCode.SENDER, SubCode.SECURITY_ERROR, "wrong or missing credentials")


class Posted(Struct, frozen=True, kw_only=True):
    """What came by HTTP. ``version``: the only one that may be spoken where it was posted to; None: any."""

    tenant: str
    version: Version | None = None
    body: bytes
    charset: str | None = None
    http_action: str | None = None
    username: bytes | None = None
    password: bytes | None = None
    credentials_broken: bool = False
    address: str = ""


class Outward(Protocol):
    """How stations are called."""

    client: PostClient

    def ours(self, tenant: str) -> str | None:
        """Where we listen, for the stations of a tenant."""
        ...


class SoapDesk:
    """Of one node."""

    def __init__(
        self,
        connections: Connections,
        door: Door,
        callbacks: Callbacks,
        outward: Outward,
        settings: CsmsSettings,
        clock: Clock,
    ) -> None:
        self._connections = connections
        self._door = door
        self._callbacks = callbacks
        self._outward = outward
        self._settings = settings
        self._clock = clock
        self._bounds = Bounds(size=settings.max_soap_bytes)

    async def answer(self, posted: Posted) -> Sent:
        """May be cancelled: what was let in is handled to its end all the same."""
        try:
            request = read_request(
                posted.body,
                Sender.STATION,
                charset=posted.charset,
                http_action=posted.http_action,
                bounds=self._bounds,
                service=NEWEST if posted.version is None else SERVICES[posted.version],
            )
        except Refused as refusal:
            self._note_refusal(posted, refusal)
            return refused(refusal.reply, refusal.fault)
        if posted.version is not None and posted.version is not request.service.version:
            return refused(request.reply, _other_version(posted.version, request.service.version))
        if len(request.identity) > MAX_IDENTITY_CHARS or not request.identity.isprintable():
            return refused(request.reply, _unknown(posted.tenant))
        admitted = self._door.admits(_caller(posted, request.identity, request.service.version))
        if isinstance(admitted, TurnedAway):
            return self._turned_away(posted.tenant, request, admitted)
        if admitted.desk is not None and request.action != "BootNotification" and _keeps_a_line(admitted.desk):
            return await self._beside_the_line(admitted.desk, request)
        desk, session = self.hear(admitted, request.service.version, callback_of(request.addressing))
        return await answered(session, request, session.watch, strict=desk.strictness() == "strict")

    def hear(self, admitted: Admitted, version: Version, address: str | None) -> tuple[Desk, SoapSession]:
        """The session of a station that just sent something; ``address``: where it says that it listens."""
        desk = self._connections.desk_of(admitted)
        session = desk.session
        if not (isinstance(session, SoapSession) and session.is_open and session.version is version):
            older, session = session, self._connections.begin(desk, version, partial(self._session, desk, version))
            if older is not None and not older.version.is_soap:  # perhaps a message that was long on its way
                session.watch.oddity("took_over", None, f"SOAP took over from a line that spoke {older.version}")
        desk.last_seen_at = self._clock.now()
        if address is None or not self._callbacks.told(desk, address):
            self._connections.heard_of(desk)
        return desk, session

    async def _beside_the_line(self, desk: Desk, request: Request) -> Sent:
        """A message that was long on its way, of firmware that is no more, or somebody else's by this name: the line
        stays. What tells of a transaction is taken all the same. A station that is back in SOAP boots first."""
        assert desk.session is not None
        version, line = request.service.version, desk.session.version
        watch = self._connections.watch(desk)
        watch.oddity("beside_the_line", request.action, f"in SOAP ({version}), while a line speaks OCPP {line}")
        if request.action not in NEEDED:
            watch.frame("in", request.document, request.action, request.addressing.message_id)
            reason = f"the station keeps a line that speaks OCPP {line}; it has to boot before it speaks SOAP again"
            return refused(request.reply, Fault(FaultCode.SENDER, SubCode.SECURITY_ERROR, reason))
        session = self._session(desk, version, self._connections.beside(desk, version), _nothing)
        return await answered(session, request, session.watch, strict=False)

    def _session(self, desk: Desk, version: Version, side: Side, ended: Callable[[], None]) -> SoapSession:
        station = desk.state.station
        calls = SoapCalls(
            Voice(service=SERVICES[version], sender=Sender.CSMS, identity=station.identity),
            Places(
                theirs=partial(self._callbacks.in_use, desk),
                ours=partial(self._outward.ours, station.tenant),
                heard=partial(self._seen, desk),
            ),
            self._outward.client,
            side.watch,
        )
        noted = NotedCalls(calls, self._callbacks, desk)
        return SoapSession(version, side, noted, lane=desk.lane, on_closed=ended)

    def _seen(self, desk: Desk) -> None:
        desk.last_seen_at = self._clock.now()

    def _turned_away(self, tenant: str, request: Request, turned_away: TurnedAway) -> Sent:
        """A BootNotification of a stranger is answered with the word that the specification has for it (1.5 §7.30); it
        may be admitted meanwhile, and boots again. Everything else is a fault."""
        if turned_away.status == 401:
            return refused(request.reply, _WRONG_CREDENTIALS, status=401)
        if request.action != "BootNotification":
            return refused(request.reply, _unknown(tenant))
        version = request.service.version
        row = dialect_for(version).incoming[request.action]
        rejected = BootAnswer(
            status="Rejected", current_time=self._clock.now(), interval_s=self._settings.boot_retry_interval_s
        )
        message = row.write(StationFacts(version=version), BootNotification(station=StationInfo()), rejected)
        return accepted(request, codec.write_response(version, request.action, message))

    def _note_refusal(self, posted: Posted, refusal: Refused) -> None:
        """What a station sent that nobody understands, for its operator to see."""
        if refusal.identity is None or len(refusal.identity) > MAX_IDENTITY_CHARS:
            return
        desk = self._door.knows(_caller(posted, refusal.identity, refusal.reply.service.version))
        if desk is None:
            return
        watch = self._connections.watch(desk)
        if refusal.document is not None:
            watch.frame("in", refusal.document, None, refusal.reply.addressing.message_id)
        watch.oddity("soap_refused", None, str(refusal.fault))


def _unknown(tenant: str) -> Fault:
    """Of a stranger. A path may well name a tenant that nobody meant."""
    where = "here" if tenant == DEFAULT_TENANT else f"at this address, which is that of the tenant {tenant}"
    return identity_mismatch(f"no station of this chargeBoxIdentity is admitted {where}")


def _other_version(here: Version, spoken: Version) -> Fault:
    names = [version.removesuffix("S") for version in (here, spoken)]
    return protocol_error("this address is for OCPP {}, and the message is one of OCPP {}".format(*names))


def _keeps_a_line(desk: Desk) -> bool:
    session = desk.session
    return session is not None and session.is_open and not session.version.is_soap


def _nothing() -> None:
    """Nobody waits for its end."""


def _caller(posted: Posted, identity: str, version: Version) -> Caller:
    return Caller(
        ref=StationRef(posted.tenant, identity),
        subprotocols=(f"soap {version.removesuffix('S')}",),
        username=posted.username,
        password=posted.password,
        credentials_broken=posted.credentials_broken,
        address=posted.address,
    )
