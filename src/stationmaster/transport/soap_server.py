"""SOAP 1.2 over HTTP, receiving: what a POST carries, without a look into its XML.

An envelope comes and one goes back on the same connection; who answers (:data:`SoapAnswerer`) sees neither codings nor
connections. The same route stands on a listener (``http_server``) and in a network in memory (``memory_http``).
"""

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping

import msgspec

from stationmaster.ocpp.version import Version
from stationmaster.transport.basic_auth import BasicAuth, MalformedAuthorization, parse_authorization
from stationmaster.transport.http_coding import encoded, request_body
from stationmaster.transport.http_messages import Header, Read, Refused, Reply, RequestHead
from stationmaster.transport.http_server import Route, whole
from stationmaster.transport.soap_path import PREFIX, ReadPath, SoapPath, asks_for_contract, soap_path

MEDIA_TYPE = "application/soap+xml"
READ_AS_SOAP = frozenset({MEDIA_TYPE, "text/xml", "application/xml"})
"""Only the first is right. A body without any type is refused: a page in an operator's browser could send that to a
listener on its own machine."""
MAX_BODY_BYTES = 256 * 1024
MAX_AT_ONCE = 1000
"""Whole envelopes that wait for their answer."""
REQUEST_S = 60.0
BODY_S = 20.0
"""For a body to arrive, also over GPRS."""
GRACE_S = 5.0
_PARAMETER = re.compile(r';\s*([\w-]+)\s*=\s*(?:"([^"]*)"|([^";]*))')
_ENVELOPE: Header = (b"content-type", f"{MEDIA_TYPE}; charset=utf-8".encode())
_CONTRACT: Header = (b"content-type", b"text/xml; charset=utf-8")
_PATHS = (
    "Messages are posted to /soap or /soap/TENANT, where one version is meant with /v1.2, /v1.5 or /v1.6 behind it."
)
_HOW = "Messages of OCPP are posted here, in SOAP 1.2. With ?wsdl behind the address, GET shows the contract."
_TYPES = f"A message in SOAP comes as {MEDIA_TYPE}; text/xml and application/xml are read too."
_CHALLENGE: Header = (b"www-authenticate", b'Basic realm="OCPP"')


class SoapRequest(msgspec.Struct, frozen=True, kw_only=True):
    """A posted envelope. ``repr`` shows no password."""

    tenant: str
    version: Version | None = None
    """The only one that may be spoken at this path; None: any."""
    path: str = ""
    """As sent, query left out."""
    body: bytes
    media_type: str = MEDIA_TYPE
    charset: str | None = None
    """As the content type says."""
    http_action: str | None = None
    """The content type's ``action``, or SOAP 1.1's ``SOAPAction`` header."""
    basic_auth: BasicAuth | None = None
    authorization_malformed: bool = False
    """There was an Authorization header that could not be read; ``basic_auth`` is then None."""
    remote_address: str = ""


class SoapReply(msgspec.Struct, frozen=True, kw_only=True):
    """``headers`` win over what is said without them: the content type (SOAP in UTF-8), and Basic's challenge where the
    status is 401."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = {}


SoapAnswerer = Callable[[SoapRequest], Awaitable[SoapReply]]
"""May be cancelled (the route's time is over, the server closes): what must not be lost then is the answerer's to
shield. A client that hangs up does not cancel it."""
Contract = Callable[[SoapPath], bytes | None]
"""The WSDL of a place; None: there is none."""


def no_contract(place: SoapPath) -> bytes | None:
    """Nothing to show."""
    return None


class SoapRoute:
    """POSTs at some paths, answered by ``answer``; ``GET ?wsdl`` by ``contract``."""

    def __init__(
        self,
        answer: SoapAnswerer,
        *,
        contract: Contract = no_contract,
        place_of: ReadPath = soap_path,
        max_body_bytes: int = MAX_BODY_BYTES,
    ) -> None:
        self._answer = answer
        self._contract = contract
        self._place_of = place_of
        self.max_body_bytes = max_body_bytes
        """Of a body as it comes, and of what it inflates to."""

    def on(self, *prefixes: str, max_at_once: int = MAX_AT_ONCE, request_s: float = REQUEST_S) -> Route:
        """This as a listener's route, under ``/soap`` where no prefix is given."""
        return Route(
            prefixes=prefixes or (PREFIX,),
            serve=whole(self.respond, max_at_once),
            request_s=request_s,
            max_body_bytes=self.max_body_bytes,
            grace_s=GRACE_S,
        )

    async def respond(self, head: RequestHead, read: Read) -> Reply:
        """Fulfils ``http_messages.Respond``. Raises Refused."""
        place = self._place_of(head.path)
        if place is None:
            raise Refused(404, says=_PATHS)
        if head.method == "GET":
            return self._shown(head, place)
        if head.method != "POST":
            raise Refused(405, (b"allow", b"GET, POST"), says=_HOW)
        media_type, parameters = _content_type(head)
        if media_type not in READ_AS_SOAP:
            raise Refused(415, says=_TYPES)
        body = request_body(await _read_in_time(read), head.headers.get("content-encoding"), self.max_body_bytes)
        credentials, malformed = _credentials(head)
        request = SoapRequest(
            tenant=place.tenant,
            version=place.version,
            path=head.path,
            body=body,
            media_type=media_type,
            charset=parameters.get("charset"),
            http_action=parameters.get("action") or head.headers.get("soapaction", "").strip('" ') or None,
            basic_auth=credentials,
            authorization_malformed=malformed,
            remote_address=head.remote_address,
        )
        return _http_reply(await self._answer(request), head)

    def _shown(self, head: RequestHead, place: SoapPath) -> Reply:
        if not asks_for_contract(head.path, head.query):
            raise Refused(405, (b"allow", b"POST"), says=_HOW)
        contract = self._contract(place)
        if contract is None:
            raise Refused(404, says="There is no contract to show here.")
        return _coded(Reply(status=200, headers=(_CONTRACT,), body=contract), head)


async def _read_in_time(read: Read) -> bytes:
    try:
        async with asyncio.timeout(BODY_S):
            return await read()
    except TimeoutError:
        raise Refused(408, says="The message did not come in time.") from None


def _content_type(head: RequestHead) -> tuple[str, Mapping[str, str]]:
    """Also with an ``action`` that has a slash and no quotes, which is no token of HTTP and yet seen."""
    media_type, semicolon, rest = head.headers.get("content-type", "").partition(";")
    found = _PARAMETER.findall(semicolon + rest)
    return media_type.strip().lower(), {name.lower(): quoted or bare.strip() for name, quoted, bare in found}


def _credentials(head: RequestHead) -> tuple[BasicAuth | None, bool]:
    try:
        return parse_authorization(head.headers.get("authorization")), False
    except MalformedAuthorization:
        return None, True


def _http_reply(reply: SoapReply, head: RequestHead) -> Reply:
    headers = {name.lower().encode(): value.encode() for name, value in reply.headers.items()}
    if reply.body:
        headers.setdefault(*_ENVELOPE)
    if reply.status == 401:  # RFC 9110 §11.6.1: always says which scheme it asks for
        headers.setdefault(*_CHALLENGE)
    return _coded(Reply(status=reply.status, headers=tuple(headers.items()), body=reply.body), head)


def _coded(reply: Reply, head: RequestHead) -> Reply:
    body, coding = encoded(reply.body, head.headers.get("accept-encoding"))
    if coding is None:
        return reply
    coded: tuple[Header, ...] = ((b"content-encoding", coding.encode()), (b"vary", b"accept-encoding"))
    return Reply(status=reply.status, headers=(*reply.headers, *coded), body=body)
