"""SOAP as a transport brings it, and as the CSMS takes it."""

from stationmaster.csms.connection.soap_desk import Posted, SoapDesk
from stationmaster.csms.settings import CsmsSettings
from stationmaster.ocpp.sender import Sender
from stationmaster.ocpp.soap.envelope import NEWEST
from stationmaster.ocpp.soap.tables import SERVICES
from stationmaster.ocpp.soap.wsdl import wsdl
from stationmaster.session.ports import PostClient
from stationmaster.session.soap_exchange import Sent
from stationmaster.transport.callback_address import BadCallback, Reach, callback_address
from stationmaster.transport.errors import Unreached
from stationmaster.transport.own_listeners import OwnListeners
from stationmaster.transport.ports import Line
from stationmaster.transport.soap_path import SoapPath, soap_address
from stationmaster.transport.soap_server import SoapReply, SoapRequest, SoapRoute


class SoapPlace:
    """Where SOAP is spoken, as the composition root has it.

    ``url``: how stations reach us, such as ``http://host:9001/soap``; None as long as nobody listens. ``client``: how
    we reach them.
    """

    def __init__(self, settings: CsmsSettings) -> None:
        self.url: str | None = None
        self.client: PostClient = Nobody()
        self.reach = Reach(loopback=settings.loopback_callbacks, private=settings.private_callbacks)
        """Which addresses stations may be called at."""
        self.own = OwnListeners()
        """Which are our own, so none of a station."""
        self._max_bytes = settings.max_soap_bytes

    def why_not(self, address: str) -> str | None:
        """Fulfils ``AddressCheck``: by what is written there. A name is looked at again once it is resolved."""
        try:
            self.own.check(callback_address(address, self.reach))
        except BadCallback as bad:
            return str(bad)
        return None

    def ours(self, tenant: str) -> str | None:
        """Where we listen, for the stations of a tenant."""
        return None if self.url is None else soap_address(self.url, SoapPath(tenant))

    def contract(self, place: SoapPath) -> bytes | None:
        """The WSDL of a place; where any version may be spoken, that of the newest."""
        if self.url is None:
            return None
        service = NEWEST if place.version is None else SERVICES[place.version]
        return wsdl(service, Sender.STATION, soap_address(self.url, place))

    def route(self, desk: SoapDesk) -> SoapRoute:
        """What a listener is to serve."""

        async def answer(request: SoapRequest) -> SoapReply:
            return _reply(await desk.answer(_posted(request)))

        return SoapRoute(answer, contract=self.contract, max_body_bytes=self._max_bytes)


class Nobody:
    """A way to stations that leads nowhere, where none was given. Fulfils ``PostClient``."""

    async def connect(self, address: str, *, fresh: bool = False) -> Line:
        raise Unreached("no station is called from here")


def _posted(request: SoapRequest) -> Posted:
    username, password = request.basic_auth or (None, None)
    return Posted(
        tenant=request.tenant,
        version=request.version,
        body=request.body,
        charset=request.charset,
        http_action=request.http_action,
        username=username,
        password=password,
        credentials_broken=request.authorization_malformed,
        address=request.remote_address,
    )


def _reply(sent: Sent) -> SoapReply:
    wait = {} if sent.retry_after_s is None else {"Retry-After": str(sent.retry_after_s)}
    return SoapReply(status=sent.status, body=sent.body, headers={"Content-Type": sent.content_type, **wait})
