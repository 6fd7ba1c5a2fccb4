"""Who may do what: one table, looked into before anything of a request is read. What is not listed is refused."""

from collections.abc import Mapping
from typing import Any

from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler

from stationmaster.api.keys import ROLES, KeyRing, Role
from stationmaster.api.problems import ProblemError

Connection = ASGIConnection[Any, Any, Any, Any]

OPEN = frozenset({"get_index", "get_health", "get_openapi", "options_handler"})
"""These tell nothing of anyone, so they need no key; the last is the framework's, and names a path's methods."""

NEEDED: Mapping[str, Role] = {
    "get_version": "viewer",
    "get_metrics": "viewer",
    "list_stations": "viewer",
    "list_unknown_callers": "viewer",
    "get_station": "viewer",
    "list_connectors": "viewer",
    "list_oddities": "viewer",
    "count_oddities": "viewer",
    "list_tokens": "viewer",
    "get_token": "viewer",
    "list_transactions": "viewer",
    "get_transaction": "viewer",
    "list_transaction_events": "viewer",
    "list_meter_values": "viewer",
    "list_commands": "viewer",
    "get_command": "viewer",
    "stream_events": "viewer",
    "admit_station": "operator",
    "change_station": "operator",
    "name_evse": "operator",
    "create_token": "operator",
    "import_tokens": "operator",
    "change_token": "operator",
    "delete_token": "operator",
    "give_command": "operator",
    "list_messages": "operator",
    "call_station": "administrator",
    "list_api_keys": "administrator",
    "create_api_key": "administrator",
    "revoke_api_key": "administrator",
}
"""The least role for each operation, by the name of its handler."""


def may(role: str, needed: Role) -> bool:
    """Whether a role is enough; one that nobody knows is not."""
    return role in ROLES and ROLES.index(role) >= ROLES.index(needed)


def authorize(connection: Connection, handler: BaseRouteHandler) -> None:
    """A guard: sets ``scope["auth"]`` to the caller's key, or refuses with 401 or 403."""
    operation = handler.handler_name
    if operation in OPEN:
        return
    ring: KeyRing = connection.app.state.services.key_ring
    key = ring.find(_presented(connection))
    if key is None:
        raise ProblemError(
            401,
            "This needs an API key: Authorization: Bearer <key>, or X-API-Key.",
            headers={"WWW-Authenticate": 'Bearer realm="stationmaster"'},
        )
    needed = NEEDED.get(operation)
    if needed is None or not may(key.role, needed):
        raise ProblemError(403, f"This needs the role {needed or 'administrator'}; the key's role is {key.role}.")
    connection.scope["auth"] = key


def _presented(connection: Connection) -> str:
    scheme, _, credentials = connection.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return credentials.strip()
    return connection.headers.get("x-api-key", "")
