"""Bringing and fetching files over HTTP(S) and FTP(S), as a station does. Blocking libraries, each call in a thread.

Credentials stand in the address (N01.FR.25). No redirect is followed (N01.FR.30). FTP is passive.
"""

import asyncio
import ftplib
import ssl
from base64 import b64encode
from collections.abc import Callable, Mapping
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from io import BytesIO
from typing import TypeVar
from urllib.parse import quote, unquote, urlsplit

import msgspec

from stationmaster.domain.transfer import FailureKind, TransferFailed

Argument = TypeVar("Argument")
Result = TypeVar("Result")

TIMEOUT_S = 60.0
"""Of one step: to connect, to send or to receive some of it."""
_PORTION_BYTES = 64 * 1024
_KINDS: Mapping[int, FailureKind] = {
    400: "BadMessage",
    401: "PermissionDenied",
    403: "PermissionDenied",
    405: "NotSupportedOperation",
    411: "BadMessage",
    413: "BadMessage",
    501: "NotSupportedOperation",
}
_PORTS = {"http": 80, "https": 443, "ftp": 21, "ftps": 21}
PROTOCOLS = tuple(sorted(scheme.upper() for scheme in _PORTS))


class Address(msgspec.Struct, frozen=True):
    """An address taken apart. Its text is never logged: the password stands in it."""

    scheme: str
    host: str
    port: int
    path: str
    username: str
    password: str

    def __repr__(self) -> str:
        return f"Address({self.scheme}://{self.host}:{self.port})"


class FileClient:
    """Fulfils a station's FileTransfer port. ``tls``: which servers are trusted; None: those the system trusts."""

    protocols = PROTOCOLS

    def __init__(self, tls: ssl.SSLContext | None = None, timeout_s: float = TIMEOUT_S) -> None:
        self._tls = tls
        self._timeout_s = timeout_s

    async def upload(self, url: str, filename: str, body: bytes) -> None:
        """See the port; one that is cancelled may still arrive."""
        address = address_of(named(url, filename))
        put = self._put if address.scheme in ("http", "https") else self._store
        await asyncio.to_thread(_explained, put, address, body)

    async def download(self, url: str, *, max_bytes: int) -> bytes:
        """See the port."""
        address = address_of(url)
        fetch = self._get if address.scheme in ("http", "https") else self._retrieve
        return await asyncio.to_thread(_explained, fetch, address, max_bytes)

    # HTTP ─────────────────────────────────────────────────────────────────────────────────────────────────────────

    def _put(self, address: Address, body: bytes) -> None:
        connection = self._connection(address)
        try:
            headers = {**_authorization(address), "Content-Type": "application/octet-stream"}
            connection.request("PUT", address.path, body=body, headers=headers)
            with connection.getresponse() as response:
                _checked(response).read(_PORTION_BYTES)
        finally:
            connection.close()

    def _get(self, address: Address, max_bytes: int) -> bytes:
        connection = self._connection(address)
        try:
            connection.request("GET", address.path, headers=_authorization(address))
            with connection.getresponse() as response:  # it keeps the socket where the server hangs up after it
                return _content(_checked(response), max_bytes)
        finally:
            connection.close()

    def _connection(self, address: Address) -> HTTPConnection:
        if address.scheme == "http":
            return HTTPConnection(address.host, address.port, timeout=self._timeout_s)
        tls = self._tls or ssl.create_default_context()
        return HTTPSConnection(address.host, address.port, timeout=self._timeout_s, context=tls)

    # FTP ──────────────────────────────────────────────────────────────────────────────────────────────────────────

    def _store(self, address: Address, body: bytes) -> None:
        with self._session(address) as ftp:
            ftp.storbinary(f"STOR {_ftp_path(address)}", BytesIO(body), _PORTION_BYTES)

    def _retrieve(self, address: Address, max_bytes: int) -> bytes:
        content = bytearray()

        def take(data: bytes) -> None:
            content.extend(data)
            if len(content) > max_bytes:
                raise TransferFailed("BadMessage", f"the file is longer than {max_bytes} bytes")

        with self._session(address) as ftp:
            ftp.retrbinary(f"RETR {_ftp_path(address)}", take, _PORTION_BYTES)
        return bytes(content)

    def _session(self, address: Address) -> ftplib.FTP:
        if address.scheme == "ftps":
            tls = self._tls or ssl.create_default_context()
            ftp: ftplib.FTP = ftplib.FTP_TLS(timeout=self._timeout_s, context=tls)  # noqa: S321 - stations must
        else:
            ftp = ftplib.FTP(timeout=self._timeout_s)  # noqa: S321 - N01.FR.14: stations must know it
        try:
            ftp.connect(address.host, address.port)
            ftp.login(address.username or "anonymous", address.password)
            if isinstance(ftp, ftplib.FTP_TLS):
                ftp.prot_p()
        except BaseException:
            ftp.close()
            raise
        return ftp


def named(url: str, filename: str) -> str:
    """The address with the file's name, where it ends with a slash (N01.FR.21, .29)."""
    return url + quote(filename) if url.endswith("/") else url


def address_of(url: str) -> Address:
    """Raises TransferFailed: BadMessage for what is no address, NotSupportedOperation for another protocol."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise TransferFailed("BadMessage", "not an address") from None
    if parts.scheme not in _PORTS:
        raise TransferFailed("NotSupportedOperation", f"protocol {parts.scheme[:20]}")
    if not parts.hostname or not url.isprintable() or " " in url:
        raise TransferFailed("BadMessage", "not an address")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Address(
        scheme=parts.scheme,
        host=parts.hostname,
        port=port or _PORTS[parts.scheme],
        path=quote(path, safe="/%?=&+,;:@!$'()*~-._"),
        username=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
    )


def _explained(work: Callable[[Address, Argument], Result], address: Address, argument: Argument) -> Result:
    """Do it; whatever goes wrong on the way in the port's words."""
    try:
        return work(address, argument)
    except ftplib.error_perm as error:
        raise TransferFailed("PermissionDenied", str(error)[:200]) from None
    except (OSError, EOFError, HTTPException, ftplib.Error, ValueError) as error:
        raise TransferFailed("Failed", f"{type(error).__name__}: {error}"[:200]) from None


def _authorization(address: Address) -> dict[str, str]:
    if not address.username:
        return {}
    credentials = f"{address.username}:{address.password}".encode()
    return {"Authorization": "Basic " + b64encode(credentials).decode()}


def _content(response: HTTPResponse, max_bytes: int) -> bytes:
    """All of it."""
    content = bytearray()
    while data := response.read(_PORTION_BYTES):
        content += data
        if len(content) > max_bytes:
            raise TransferFailed("BadMessage", f"the file is longer than {max_bytes} bytes")
    announced = response.getheader("Content-Length")
    if announced is not None and len(content) != int(announced):
        raise TransferFailed("Failed", "the connection broke")
    return bytes(content)


def _checked(response: HTTPResponse) -> HTTPResponse:
    if 200 <= response.status < 300:
        return response
    if 300 <= response.status < 400:
        raise TransferFailed("RedirectNotAllowed", f"HTTP {response.status}")
    raise TransferFailed(_KINDS.get(response.status, "Failed"), f"HTTP {response.status}")


def _ftp_path(address: Address) -> str:
    return unquote(address.path)
