"""Asking a tenant's own authorization system over HTTP: one POST for each question, on connections that are kept.

Redirects are not followed: a question goes nowhere but where an operator said.
"""

import ssl
from collections.abc import Mapping

import h11
import msgspec

from stationmaster.domain.authorization.outside_word import OracleSilent
from stationmaster.transport.http_address import HttpAddress, http_address
from stationmaster.transport.http_client import AnswerTooLong, ClientWire, Dialler, IdleWires

MAX_ANSWER_BYTES = 64 * 1024
MAX_KEPT = 8
"""Idle connections of one tenant."""


class Endpoint(msgspec.Struct, frozen=True):
    """Where a tenant's questions go, see :func:`endpoint`; ``secret``: a bearer token."""

    address: HttpAddress
    secret: str = ""

    def __repr__(self) -> str:
        return f"Endpoint({self.address.authority})"


def endpoint(url: str, secret: str = "") -> Endpoint:
    """Raises ValueError for what is no address, or one with credentials in it."""
    address = http_address(url)
    if not (secret.isascii() and secret.isprintable()):
        raise ValueError("the secret has letters that HTTP does not carry")
    return Endpoint(address, secret)


class AuthorizationClient:
    """Fulfils the CSMS's Oracle port. ``tls``: which servers are trusted; None: those that the system trusts."""

    def __init__(self, endpoints: Mapping[str, Endpoint], tls: ssl.SSLContext | None = None) -> None:
        self._endpoints = dict(endpoints)
        self._dialler = Dialler(tls)
        self._idle: IdleWires[str] = IdleWires(MAX_KEPT)

    async def ask(self, tenant: str, question: bytes) -> bytes:
        """The body of a 200; raises OracleSilent for anything else. The time it may take is the caller's to bound."""
        at = self._endpoints.get(tenant)
        if at is None:
            raise OracleSilent(f"tenant {tenant} has no authorization system")
        try:
            return await self._asked(tenant, at, question)
        except AnswerTooLong as error:
            raise OracleSilent(str(error)) from None
        except (OSError, EOFError, h11.ProtocolError) as error:
            raise OracleSilent(f"{type(error).__name__}: {error}"[:200]) from None

    async def close(self) -> None:
        """Hang up. Nothing may be asked afterwards."""
        await self._idle.close()

    async def _asked(self, tenant: str, at: Endpoint, question: bytes) -> bytes:
        while (wire := await self._idle.take(tenant)) is not None:
            try:
                return await self._exchanged(tenant, wire, at, question)
            except OSError:  # mostly hung up while nobody used it; to ask twice does no harm
                continue
        return await self._exchanged(tenant, await self._dialler.dial(at.address), at, question)

    async def _exchanged(self, tenant: str, wire: ClientWire, at: Endpoint, question: bytes) -> bytes:
        headers = [("Content-Type", "application/json"), ("Accept", "application/json")]
        if at.secret:
            headers.append(("Authorization", f"Bearer {at.secret}"))
        try:
            answer = await wire.post(at.address, headers, question, MAX_ANSWER_BYTES)
        finally:
            self._idle.keep(tenant, wire)
        if answer.status != 200:
            raise OracleSilent(f"HTTP {answer.status}")
        return answer.body
