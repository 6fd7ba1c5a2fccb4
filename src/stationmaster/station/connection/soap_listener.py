"""Where the CSMS calls stations that speak SOAP: who is meant, and what may be said to it."""

from collections.abc import Callable
from typing import Protocol
from urllib.parse import unquote

from stationmaster.ocpp.errors import ErrorKind, OCPPError
from stationmaster.ocpp.sender import Sender
from stationmaster.ocpp.soap.envelope import Refused, read_request
from stationmaster.ocpp.soap.faults import Fault, FaultCode, SubCode, fault_of, identity_mismatch
from stationmaster.ocpp.soap.tables import SERVICES
from stationmaster.ocpp.soap.wsdl import wsdl
from stationmaster.ocpp.version import Version
from stationmaster.session.soap_exchange import Sent, answered, refused
from stationmaster.session.soap_session import SoapSession
from stationmaster.session.watch import Watch

AGAIN_AFTER_S = 10
"""When to call a station again that just starts."""
_STARTING = OCPPError(ErrorKind.INTERNAL, "the station starts; it may be called again")

Hearing = tuple[SoapSession, Watch]
Hear = Callable[[Hearing | None], None]


class Posted(Protocol):
    """What HTTP brings: the envelope, and what the content type says of it."""

    @property
    def body(self) -> bytes: ...
    @property
    def charset(self) -> str | None: ...
    @property
    def http_action(self) -> str | None: ...


def _nothing() -> None:
    """Nobody wants to know."""


class _Station:
    """``hearing`` None: its program does not run, or has not looked for its CSMS yet. ``called`` is told of calls that
    somebody answers."""

    def __init__(self, version: Version, called: Callable[[], None]) -> None:
        self.version = version
        self.called = called
        self.hearing: Hearing | None = None


class SoapListener:
    """One address for any number of stations: the chargeBoxIdentity says which of them is called.

    A station answers from when it first looks for its CSMS until its program ends, whether or not it can itself reach
    the CSMS just then.
    """

    def __init__(self) -> None:
        self._stations: dict[str, _Station] = {}

    def expect(self, identity: str, version: Version, called: Callable[[], None] = _nothing) -> Hear:
        """A station is called here, and ``called`` is told. The result takes who answers; None: nobody, for a while."""
        station = self._stations[identity] = _Station(version, called)

        def hear(hearing: Hearing | None) -> None:
            station.hearing = hearing

        return hear

    async def answer(self, posted: Posted) -> Sent:
        """What goes back. May be cancelled: a request is handled to its end all the same."""
        try:
            request = read_request(posted.body, Sender.CSMS, charset=posted.charset, http_action=posted.http_action)
        except Refused as refusal:
            return refused(refusal.reply, refusal.fault)
        station = self._stations.get(request.identity)
        if station is None:
            return refused(request.reply, identity_mismatch("no station of this identity is called here"))
        if request.service.version is not station.version:
            return refused(request.reply, _speaks(station.version))
        if station.hearing is None:
            return refused(request.reply, fault_of(_STARTING), status=503, retry_after_s=AGAIN_AFTER_S)
        session, watch = station.hearing
        station.called()
        return await answered(session, request, watch, strict=False)

    def version_at(self, path: str) -> Version | None:
        """What the station speaks whose identity is the path's last part, or all that are called here; None: nothing
        that they have in common."""
        station = self._stations.get(unquote(path.rstrip("/").rpartition("/")[2]))
        spoken = {each.version for each in ([station] if station else self._stations.values())}
        return spoken.pop() if len(spoken) == 1 else None

    def contract(self, version: Version | None, address: str) -> bytes | None:
        """The WSDL of the ChargePointService, to be called at ``address``; None: there is none for this version."""
        service = None if version is None else SERVICES.get(version)
        return None if service is None else wsdl(service, Sender.CSMS, address)


def _speaks(version: Version) -> Fault:
    return Fault(FaultCode.RECEIVER, SubCode.NOT_SUPPORTED, f"this station speaks OCPP {version}")
