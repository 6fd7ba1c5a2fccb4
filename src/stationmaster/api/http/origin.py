"""Whether a browser sends a request on behalf of this site, and of no other one."""

from collections.abc import Mapping
from urllib.parse import urlsplit

_OURS = ("same-origin", "none")
"""``none``: the person did it by themselves, in the address bar."""


def proves_same_origin(headers: Mapping[str, str]) -> bool:
    """True only where the browser says so."""
    site, origin = headers.get("sec-fetch-site"), headers.get("origin")
    if site is not None:
        return site in _OURS
    return origin is not None and _is_host(origin, headers)


def admits_other_origin(headers: Mapping[str, str]) -> bool:
    """True only where the browser says that another site asks; programs that are no browsers say nothing."""
    site, origin = headers.get("sec-fetch-site"), headers.get("origin")
    if site is not None:
        return site not in _OURS
    return origin is not None and not _is_host(origin, headers)


def _is_host(origin: str, headers: Mapping[str, str]) -> bool:
    try:
        return urlsplit(origin).netloc.lower() == headers.get("host", "").lower() != ""
    except ValueError:
        return False
