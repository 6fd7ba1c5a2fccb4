"""What a caller shows before it is let in, and what may be answered."""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from stationmaster.transport.basic_auth import BasicAuth, MalformedAuthorization, parse_authorization
from stationmaster.transport.path import parse_path
from stationmaster.transport.ports import Connection, Receiver

SECRET_HEADERS = frozenset({"authorization", "proxy-authorization", "cookie"})


class UpgradeRequest(msgspec.Struct, frozen=True, kw_only=True):
    """A caller at the door. ``repr`` shows no password."""

    path: str
    """As sent, query included, still percent-encoded."""
    tenant: str
    identity: str
    subprotocols: tuple[str, ...] = ()
    """As offered, most wanted first."""
    basic_auth: BasicAuth | None = None
    authorization_malformed: bool = False
    """There was an Authorization header that could not be read; ``basic_auth`` is then None."""
    remote_address: str = ""
    headers: Mapping[str, str] = {}
    """Names in lower case; without those that carry secrets."""
    peer_certificate: bytes | None = None
    """The verified client certificate (DER), where TLS asked for one."""


class Admission(msgspec.Struct, frozen=True, kw_only=True):
    """Let the caller in."""

    subprotocol: str | None = None
    """The one to answer with; None sends no ``Sec-WebSocket-Protocol``."""
    context: Any = None
    """Handed on to ``connected``."""
    close_at_once: tuple[int, str] | None = None
    """Code and reason: shake hands and close, as where no sub-protocol matches (OCPP 2.0.1 part 4, 3.1.2).
    ``connected`` is not called then."""


class Refusal(msgspec.Struct, frozen=True, kw_only=True):
    """Turn the caller away with an HTTP status of 400 or more."""

    status: int
    reason: str = ""
    """Sent as the response's body: nothing that a stranger must not know."""
    headers: Mapping[str, str] = {}


Admit = Callable[[UpgradeRequest], Admission | Refusal]
"""Synchronous and without effects: the handshake may still fail after it."""
Connected = Callable[[Connection, Any], Receiver]
"""Called once the handshake is done, with the admission's context."""


def upgrade_request(
    target: bytes,
    headers: Mapping[str, str],
    *,
    subprotocols: tuple[str, ...],
    tenants: Mapping[str, str],
    remote_address: str,
    peer_certificate: bytes | None = None,
) -> UpgradeRequest:
    """Read what the caller shows; ``headers`` have lower-case names. Raises BadPath."""
    station = parse_path(target, tenants)
    try:
        basic_auth, malformed = parse_authorization(headers.get("authorization")), False
    except MalformedAuthorization:
        basic_auth, malformed = None, True
    return UpgradeRequest(
        path=target.decode("ascii", "replace"),
        tenant=station.tenant,
        identity=station.identity,
        subprotocols=subprotocols,
        basic_auth=basic_auth,
        authorization_malformed=malformed,
        remote_address=remote_address,
        headers={name: value for name, value in headers.items() if name not in SECRET_HEADERS},
        peer_certificate=peer_certificate,
    )


def refusal_headers(refusal: Refusal) -> dict[str, str]:
    """The refusal's headers; a 401 always says which scheme it asks for (RFC 9110 section 11.6.1)."""
    headers = dict(refusal.headers)
    if refusal.status == 401 and not any(name.lower() == "www-authenticate" for name in headers):
        headers["WWW-Authenticate"] = 'Basic realm="OCPP"'
    return headers
