"""A network without sockets: servers under URLs, clients that dial them, thousands of both in virtual time."""

import asyncio
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import structlog

from stationmaster.transport.basic_auth import authorization_header
from stationmaster.transport.close_codes import GOING_AWAY, INTERNAL_ERROR
from stationmaster.transport.errors import ConnectFailed, ConnectRefused
from stationmaster.transport.handshake import Admission, Admit, Connected, Refusal, upgrade_request
from stationmaster.transport.limits import Limits
from stationmaster.transport.memory import MemoryConnection
from stationmaster.transport.path import BadPath
from stationmaster.transport.ports import OpenReceiver, Receiver
from stationmaster.transport.subprotocol import offered_subprotocols

log = structlog.get_logger(__name__)


class MemoryServer:
    """What listens under one name of a MemoryNetwork."""

    def __init__(self, admit: Admit, connected: Connected, limits: Limits, tenants: Mapping[str, str]) -> None:
        self.admit = admit
        self.connected = connected
        self.limits = limits
        self.tenants = tenants
        self.open = True
        self.members: set[MemoryConnection] = set()
        self._empty = asyncio.Event()
        self._empty.set()

    @property
    def connections(self) -> int:
        return len(self.members)

    async def close(self, code: int = GOING_AWAY) -> None:
        """Stop listening, close every connection and return when all are gone."""
        self.open = False
        for member in tuple(self.members):
            member.close(code)
        await self._empty.wait()

    def add(self, member: MemoryConnection) -> None:
        self.members.add(member)
        self._empty.clear()

    def remove(self, member: MemoryConnection) -> None:
        self.members.discard(member)
        if not self.members:
            self._empty.set()


class MemoryNetwork:
    """Maps ``host:port`` to servers, and dials them as the WebSocket engine would."""

    def __init__(self) -> None:
        self._servers: dict[str, MemoryServer] = {}
        self._dialled = 0

    async def serve(
        self,
        name: str,
        *,
        admit: Admit,
        connected: Connected,
        limits: Limits = Limits(),  # noqa: B008 - frozen
        tenants: Mapping[str, str] | None = None,
    ) -> MemoryServer:
        """Listen under ``name``, the authority of the URLs that clients dial, e.g. ``csms.test`` or
        ``127.0.0.1:9000``. A server that was there keeps its connections and gets no new ones."""
        server = MemoryServer(admit, connected, limits, tenants or {})
        self._servers[name] = server
        return server

    async def connect(
        self,
        url: str,
        *,
        subprotocols: tuple[str, ...],
        receiver_factory: OpenReceiver,
        basic_auth: tuple[str, bytes] | None = None,
        limits: Limits = Limits(),  # noqa: B008 - frozen
    ) -> MemoryConnection:
        """Dial ``url``. Raises ConnectRefused, ConnectFailed."""
        parts = urlsplit(url)
        server = self._servers.get(parts.netloc)
        if server is None or not server.open:
            raise ConnectFailed(f"nobody listens at {parts.netloc}")
        self._dialled += 1
        caller = f"memory:{self._dialled}"
        admission = _ask(server, parts.path.encode(), subprotocols, basic_auth, caller)
        near = MemoryConnection(subprotocol=admission.subprotocol, remote_address=parts.netloc, limits=limits)
        far = MemoryConnection(subprotocol=admission.subprotocol, remote_address=caller, limits=server.limits)
        near.join(far)
        far.join(near)
        server.add(far)
        _open_far_end(server, far, admission)
        near.attach(receiver_factory(near))
        return near


class _Member:
    """A server's receiver, watched so that the server knows its connections."""

    def __init__(self, server: MemoryServer, connection: MemoryConnection) -> None:
        self.receiver: Receiver | None = None
        self._server = server
        self._connection = connection

    def on_text(self, data: bytes) -> None:
        if self.receiver is not None:
            self.receiver.on_text(data)

    def on_closed(self, code: int, reason: str) -> None:
        self._server.remove(self._connection)
        if self.receiver is not None:
            self.receiver.on_closed(code, reason)


def _open_far_end(server: MemoryServer, far: MemoryConnection, admission: Admission) -> None:
    member = _Member(server, far)
    far.attach(member)
    if admission.close_at_once is not None:
        far.close(*admission.close_at_once)
        return
    try:
        member.receiver = server.connected(far, admission.context)
    except Exception:
        log.exception("connection_not_taken", remote_address=far.remote_address)
        far.close(INTERNAL_ERROR, "internal error")


def _ask(
    server: MemoryServer,
    path: bytes,
    subprotocols: tuple[str, ...],
    basic_auth: tuple[str, bytes] | None,
    caller: str,
) -> Admission:
    if server.connections >= server.limits.max_connections:
        raise ConnectRefused(503)
    headers: dict[str, Any] = {}
    if basic_auth is not None:
        headers["authorization"] = authorization_header(*basic_auth)
    try:
        shown = upgrade_request(
            path,
            headers,
            subprotocols=offered_subprotocols(subprotocols),
            tenants=server.tenants,
            remote_address=caller,
        )
    except BadPath as error:
        raise ConnectRefused(400, str(error)) from None
    try:
        decision = server.admit(shown)
    except Exception:
        log.exception("admission_failed", identity=shown.identity, remote_address=caller)
        raise ConnectRefused(500) from None
    if isinstance(decision, Refusal):
        raise ConnectRefused(decision.status, decision.reason)
    return decision
