"""Where an HTTP request goes: a URL taken apart. Pure."""

import re
from collections.abc import Mapping
from urllib.parse import urlsplit

import msgspec

PORTS: Mapping[str, int] = {"http": 80, "https": 443}
_HOST = re.compile(r"[a-z0-9][a-z0-9._-]{0,252}|[0-9a-f:.]*:[0-9a-f:.]*(%[a-z0-9._-]{1,32})?")


class HttpAddress(msgspec.Struct, frozen=True):
    """``host``: in lower case, an IPv6 address without brackets; ``target``: path and query."""

    host: str
    port: int
    target: str
    tls: bool

    @property
    def authority(self) -> str:
        """As it stands in a URL and in ``Host``, the port always with it."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def http_address(url: str) -> HttpAddress:
    """Raises ValueError for what is no address, or one with credentials in it. A fragment is dropped."""
    try:
        parts = urlsplit(url)
        given_port = parts.port
    except ValueError:  # its text would repeat the address
        raise ValueError("this is no address") from None
    if parts.scheme not in PORTS or not parts.hostname or not url.isascii() or not url.isprintable() or " " in url:
        raise ValueError("an address is http://... or https://...")
    if parts.username is not None or parts.password is not None:
        raise ValueError("credentials do not belong into an address")
    port = PORTS[parts.scheme] if given_port is None else given_port
    if not port or not _HOST.fullmatch(parts.hostname):
        raise ValueError("an address has a host, and no port 0")
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return HttpAddress(parts.hostname, port, target, parts.scheme == "https")
