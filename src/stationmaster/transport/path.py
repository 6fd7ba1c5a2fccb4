"""The URL path a station connects to: which tenant, which station."""

from collections.abc import Mapping
from urllib.parse import quote, unquote_to_bytes

import msgspec

DEFAULT_TENANT = "default"
MAX_PATH_BYTES = 2048
MAX_IDENTITY_LENGTH = 255
"""Looser than the 48 characters of OCPP 2.0.1: whoever admits the station decides how strict to be."""

_NO_TENANTS: Mapping[str, str] = {}
_HEX = frozenset(b"0123456789abcdefABCDEF")


class BadPath(ValueError):
    """The path names no station: HTTP 400."""


class StationPath(msgspec.Struct, frozen=True):
    tenant: str
    identity: str


def parse_path(target: bytes, tenants: Mapping[str, str] = _NO_TENANTS) -> StationPath:
    """Read an HTTP request target such as ``/ocpp/acme/CS%2D1?x=1``.

    The identity is the last segment. The tenant is ``tenants[prefix]`` where the segments before it, joined by ``/``,
    are listed; else the middle one of ``/ocpp/{tenant}/{identity}``; else ``default``. The query and empty segments
    (a trailing slash, a doubled one) don't count. ``:`` is let through, though OCPP forbids it in an identity that
    is also a Basic user name. Raises BadPath.
    """
    if len(target) > MAX_PATH_BYTES or not target.startswith(b"/"):
        raise BadPath("the path is too long or not absolute")
    raw_segments = target.partition(b"#")[0].partition(b"?")[0].split(b"/")
    segments = [_decoded(segment) for segment in raw_segments if segment]
    if not segments:
        raise BadPath("the path names no station")
    *prefix, identity = segments
    if len(identity) > MAX_IDENTITY_LENGTH:
        raise BadPath("the identity is too long")
    return StationPath(_tenant(prefix, tenants), identity)


def station_url(base: str, identity: str) -> str:
    """The URL a station dials: ``base`` plus its percent-encoded identity (OCPP 2.0.1 part 4, 3.1.2).

    Raises ValueError if ``base`` has a query or a fragment.
    """
    if "?" in base or "#" in base:
        raise ValueError("the base URL of a CSMS has no query and no fragment")
    return f"{base.rstrip('/')}/{quote(identity, safe='')}"


def _tenant(prefix: list[str], tenants: Mapping[str, str]) -> str:
    listed = tenants.get("/".join(prefix))
    if listed is not None:
        return listed
    match prefix:
        case ["ocpp", tenant]:
            return tenant
        case _:
            return DEFAULT_TENANT


def _decoded(segment: bytes) -> str:
    for position, byte in enumerate(segment):
        if byte == ord("%") and not _is_escape(segment[position + 1 : position + 3]):
            raise BadPath("broken percent-encoding")
    try:
        text = unquote_to_bytes(segment).decode()
    except UnicodeDecodeError:
        raise BadPath("the path is not UTF-8") from None
    if not text.isprintable() or text in {".", ".."}:
        raise BadPath("a segment of the path has characters that no name has")
    return text


def _is_escape(digits: bytes) -> bool:
    return len(digits) == 2 and digits[0] in _HEX and digits[1] in _HEX
