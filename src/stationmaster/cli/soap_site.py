"""The SOAP side of the stations in this process: one listener for the CSMS's calls, one client for their own."""

import os
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from urllib.parse import quote

from stationmaster.cli.called_at import CalledAt
from stationmaster.cli.errors import CommandFailed
from stationmaster.session.ports import PostClient, Posted, PostLine
from stationmaster.station.connection.lines import SoapPlace
from stationmaster.station.connection.soap_listener import SoapListener
from stationmaster.transport.basic_auth import authorization_header
from stationmaster.transport.http_server import serve_http
from stationmaster.transport.soap_client import SoapClient
from stationmaster.transport.soap_path import SoapPath, any_path
from stationmaster.transport.soap_server import SoapReply, SoapRequest, SoapRoute

Failed = Callable[[str], None]


def _nobody(reason: str) -> None:
    """Is told."""


class SoapSite:
    """``base``: what each station adds its identity to, for the address at which it is called."""

    def __init__(self, client: PostClient) -> None:
        self.base = ""
        self.listener = SoapListener()
        self._client = client

    def place(
        self, csms_url: str, identity: str, *, password: str | None = None, failed: Failed = _nobody
    ) -> SoapPlace:
        """Of one station. ``failed`` is told why the CSMS cannot be reached."""
        return SoapPlace(
            csms_url=csms_url,
            client=_StationClient(self._client, identity, password, failed),
            listener=self.listener,
            callback_url=f"{self.base}/{quote(identity, safe='')}",
        )

    def route(self) -> SoapRoute:
        """For a listener: calls, and the contract of the station at a path."""
        return SoapRoute(self._answer, contract=self._contract, place_of=self._place_of)

    async def _answer(self, request: SoapRequest) -> SoapReply:
        sent = await self.listener.answer(request)
        later = {} if sent.retry_after_s is None else {"Retry-After": str(sent.retry_after_s)}
        return SoapReply(status=sent.status, body=sent.body, headers={"Content-Type": sent.content_type, **later})

    def _place_of(self, path: str) -> SoapPath | None:
        place = any_path(path)
        return place and SoapPath(version=self.listener.version_at(path))

    def _contract(self, place: SoapPath) -> bytes | None:
        return self.listener.contract(place.version, f"{self.base}/")


class _StationClient:
    """A station's own: with its password, and told about."""

    def __init__(self, client: PostClient, identity: str, password: str | None, failed: Failed) -> None:
        self._client = client
        self._failed = failed
        self._headers: Mapping[str, str] = (
            {} if password is None else {"Authorization": authorization_header(identity, password.encode())}
        )

    async def connect(self, address: str, *, fresh: bool = False) -> PostLine:
        try:
            line = await self._client.connect(address, fresh=fresh)
        except ConnectionError as error:
            self._failed(str(error))
            raise
        return _StationLine(line, self._headers)


class _StationLine:
    def __init__(self, line: PostLine, headers: Mapping[str, str]) -> None:
        self._line = line
        self._headers = headers

    async def post(self, headers: Mapping[str, str], body: bytes, timeout_s: float) -> Posted:
        return await self._line.post({**headers, **self._headers}, body, timeout_s)

    def close(self) -> None:
        self._line.close()


@asynccontextmanager
async def soap_site(at: CalledAt) -> AsyncIterator[SoapSite]:
    """Listening. Raises CommandFailed where that cannot be done."""
    client = SoapClient()
    site = SoapSite(client)
    try:
        server = await serve_http((site.route().on("/"),), at.host, at.port)
    except OSError as error:
        why = os.strerror(error.errno) if error.errno else str(error)
        raise CommandFailed(f"the CSMS's calls cannot be listened for at {at.host}:{at.port}: {why}") from error
    host = f"[{at.host}]" if ":" in at.host else at.host
    site.base = (at.url or f"http://{host}:{server.port}").rstrip("/")
    try:
        yield site
    finally:
        await server.close()
        await client.close()
