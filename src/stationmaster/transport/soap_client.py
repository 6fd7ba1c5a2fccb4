"""SOAP over HTTP, sending: an envelope goes out, one comes back. No look into its XML.

``connect`` opens a connection, or takes an idle one; ``post`` sends. On a kept connection the other side may hang up
just then, and nobody can tell whether it had read the message: what must not be said twice goes over a fresh one.

All times are seconds of the event loop, also where clocks run faster (``clock/scaled.py``): a peer needs as long as
ever for its answer. A call that gave up after a sixtieth of its time would now and then find its answer lost on a busy
machine, and with it whether the command was carried out.
"""

import asyncio
import ssl
from collections.abc import Mapping
from functools import partial

import h11

from stationmaster.transport.callback_address import BadCallback, Reach, callback_address, check_ip
from stationmaster.transport.errors import NoReply, NotInTime, Unreached
from stationmaster.transport.http_address import HttpAddress, http_address
from stationmaster.transport.http_client import AnswerTooLong, ClientWire, Dialler, IdleWires
from stationmaster.transport.http_coding import ACCEPTED, decoded
from stationmaster.transport.http_messages import Answer
from stationmaster.transport.own_listeners import OwnListeners
from stationmaster.transport.ports import Line

CONNECT_S = 10.0
"""Name, connection and TLS, in seconds of the event loop."""
MAX_ANSWER_BYTES = 256 * 1024
"""As it comes, and inflated."""
MAX_IDLE = 2
"""Connections kept for one host and port."""

_Idle = IdleWires[tuple[bool, str]]


class SoapLine:
    """A connection with nothing sent on it yet, good for one post. Made by :meth:`SoapClient.connect`."""

    def __init__(self, at: HttpAddress, wire: ClientWire, idle: _Idle) -> None:
        self._at = at
        self._wire: ClientWire | None = wire
        self._idle = idle

    async def post(self, headers: Mapping[str, str], body: bytes, timeout_s: float) -> Answer:
        """See ``ports.Line``."""
        wire = self._taken()
        if wire.is_gone:
            wire.close()
            raise Unreached("it hung up before anything was sent")
        try:
            async with asyncio.timeout(timeout_s):
                fields = (("Accept-Encoding", ACCEPTED), *headers.items())
                return readable(await wire.post(self._at, fields, body, MAX_ANSWER_BYTES))
        except TimeoutError:
            raise NotInTime("no answer in time") from None
        except (OSError, EOFError, AnswerTooLong, h11.RemoteProtocolError) as error:
            raise NoReply(str(error)[:200]) from None
        finally:
            self._idle.keep(key_of(self._at), wire)

    def close(self) -> None:
        """Hang up, if nothing was posted."""
        if self._wire is not None:
            self._taken().close()

    def _taken(self) -> ClientWire:
        wire, self._wire = self._wire, None
        if wire is None:
            raise RuntimeError("a line is good for one post")
        return wire


class SoapClient:
    """``reach``: what may be called of addresses that others named, but for what is ``own``; None: addresses are an
    operator's word, and go. ``tls``: which servers are trusted, and who we say that we are; None: those that the system
    trusts, as nobody."""

    def __init__(
        self,
        *,
        reach: Reach | None = None,
        own: OwnListeners | None = None,
        tls: ssl.SSLContext | None = None,
        connect_s: float = CONNECT_S,
    ) -> None:
        self._reach = reach
        self._own = own or OwnListeners()
        self._dialler = Dialler(tls)
        self._connect_s = connect_s
        self._idle: _Idle = IdleWires(MAX_IDLE)

    async def connect(self, address: str, *, fresh: bool = False) -> Line:
        """Reach who listens at a URL. ``fresh``: not over a connection that was used before, which may be dead without
        anybody knowing. Raises Unreached."""
        at = reachable(address, self._reach, self._own)
        wire = None if fresh else await self._idle.take(key_of(at))
        return SoapLine(at, wire or await self._dialled(at), self._idle)

    async def close(self) -> None:
        """Hang up what is idle."""
        await self._idle.close()

    async def _dialled(self, at: HttpAddress) -> ClientWire:
        try:
            async with asyncio.timeout(self._connect_s):
                return await self._dialler.dial(at, partial(self._check, at.port))
        except TimeoutError:
            raise Unreached("nobody answers") from None
        except OSError as error:
            raise Unreached(str(error)[:200]) from None

    def _check(self, port: int, ip: str) -> None:
        if self._reach is None:
            return
        try:
            check_ip(ip, self._reach)
            self._own.check_ip(ip, port, self._reach)
        except BadCallback as error:
            raise PermissionError(str(error)) from None


def reachable(address: str, reach: Reach | None, own: OwnListeners | None = None) -> HttpAddress:
    """Raises Unreached for what is no address, or none to be called, by what is written there."""
    try:
        at = http_address(address) if reach is None else callback_address(address, reach)
        if own is not None and reach is not None:
            own.check(at)
        return at
    except ValueError as error:
        raise Unreached(str(error)) from None


def readable(answer: Answer) -> Answer:
    """The answer without its content coding. Raises NoReply."""
    try:
        body = decoded(answer.body, answer.headers.get("content-encoding"), MAX_ANSWER_BYTES)
    except ValueError as error:
        raise NoReply(str(error)) from None
    return answer._replace(body=body)


def key_of(at: HttpAddress) -> tuple[bool, str]:
    """What connections are kept by."""
    return at.tls, at.authority
