"""The audit log of the API: who did what.

What is promised: of every request that may change something and comes from somebody who is known, one row is on disk
*before* its operation begins, and what was answered is added to it before the answer leaves. If the row cannot be
written, nothing is done, and the answer is 503. If only the outcome cannot be written, the answer is 503 as well: the
deed may be done, and its row, without a status, says that nobody was told so. The same is left where the node dies in
between. A request that is refused before its operation begins has its row with the refusal. Reading is not written
down; neither is whoever is not known, but for those who try to sign in (see ``csms.people.sign_in``).
"""

from typing import Any

import msgspec
from litestar.connection import ASGIConnection, Request
from litestar.exceptions import LitestarException
from litestar.exceptions.http_exceptions import RequestEntityTooLarge
from litestar.handlers import BaseRouteHandler
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from stationmaster.api.http import audit_detail
from stationmaster.api.http.access import SAFE_METHODS
from stationmaster.api.http.parameters import MAX_INT64
from stationmaster.api.http.problems import ProblemError, on_storage_failed
from stationmaster.api.http.resources import address_of
from stationmaster.api.http.services import ApiRequest, Services
from stationmaster.domain.failures import StorageFailed
from stationmaster.domain.people.audit import AuditEntry, AuditOutcome
from stationmaster.domain.people.person import Caller

_KEY = "audit_key"
_UNTOLD = frozenset({"change_own_password", "import_token_file"})
"""Operations whose body is secret, or has secrets in a form that is not looked into (PINs in a file)."""


async def audited(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """A guard, after all others: writes down what is about to be done. Raises StorageFailed."""
    scope = connection.scope
    caller = scope.get("auth")
    if caller is None or scope.get("method") in SAFE_METHODS:
        return
    entry = _entry(scope, caller, None, await _detail(connection, handler))
    await _services(scope).journal.store([entry])
    scope["state"][_KEY] = entry.key


def audit_middleware(app: ASGIApp) -> ASGIApp:
    """Adds what was answered, before it is."""

    async def answering(scope: Scope, receive: Receive, send: Send) -> None:
        if scope.get("method") in SAFE_METHODS:
            await app(scope, receive, send)
            return
        unwritten = False

        async def answer(message: Message) -> None:
            nonlocal unwritten
            if message["type"] == "http.response.start" and scope.get("auth") is not None:
                try:
                    await _written(scope, message["status"])
                except StorageFailed as failed:
                    unwritten = True
                    await _unwritten(scope, receive, send, failed)
            if not unwritten:
                await send(message)

        await app(scope, receive, answer)

    return answering


async def _written(scope: Scope, status: int) -> None:
    key = scope["state"].get(_KEY)
    record = _entry(scope, scope["auth"], status, "") if key is None else AuditOutcome(key=key, status=status)
    await _services(scope).journal.store([record])


async def _unwritten(scope: Scope, receive: Receive, send: Send, failed: StorageFailed) -> None:
    request: Request[Any, Any, Any] = ApiRequest(scope, receive, send)
    await on_storage_failed(request, failed).to_asgi_response(app=None, request=request)(scope, receive, send)


def _entry(scope: Scope, caller: Caller, status: int | None, detail: str) -> AuditEntry:
    services = _services(scope)
    return AuditEntry(
        key=services.keys.take(),
        tenant=caller.tenant,
        at=services.clock.now(),
        actor_kind=caller.kind,
        actor_key=caller.key,
        actor=caller.name,
        operation=scope["route_handler"].handler_name,
        method=str(scope.get("method")),
        path=scope["path"][:500],
        station_key=_station_key(scope),
        status=status,
        address=address_of(scope),
        detail=detail,
    )


async def _detail(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> str:
    """Only what the operation takes as valid: what stands in a field that it does not have could be anything, also a
    secret. The operation itself says what is wrong with the rest."""
    if not isinstance(connection, ApiRequest) or connection.route_handler.parsed_data_field is None:
        return ""
    if handler.handler_name in _UNTOLD:
        return "(secret)"
    try:
        await connection.json()
        return audit_detail.told(await connection.body())
    except RequestEntityTooLarge:  # it cannot be read a second time
        raise
    except (ProblemError, LitestarException, msgspec.MsgspecError, ValueError, RecursionError):
        return "(not valid)"


def _station_key(scope: Scope) -> int | None:
    key: object = scope["path_params"].get("station_key")
    return key if isinstance(key, int) and 0 < key <= MAX_INT64 else None


def _services(scope: Scope) -> Services:
    services: Services = scope["litestar_app"].state.services
    return services
