"""Where this program listens itself: what nobody may have it call.

A station's address is a stranger's word, and an operator's may be a tenant's. Neither has us post to our own API, to
other listeners of ours, or to other programs of this machine, by whatever name or address the machine has.
"""

import socket
from contextlib import suppress
from urllib.parse import urlsplit

from stationmaster.transport.callback_address import BadCallback, Reach, innermost
from stationmaster.transport.http_address import HttpAddress

_PORTS = {"http": 80, "ws": 80, "https": 443, "wss": 443, "ftp": 21}
_ITSELF = "the address is this CSMS itself"


class OwnListeners:
    """Of one program; they are added as they open."""

    def __init__(self) -> None:
        self._ports: set[int] = set()
        self._named: set[tuple[str, int]] = set()

    def add(self, port: int, *urls: str) -> None:
        """One listens at a port of this machine, and is known by these URLs: behind NAT or a proxy, by quite others."""
        self._ports.add(port)
        for url in urls:
            with suppress(ValueError):  # no URL, or none with a port
                parts = urlsplit(url)
                self._named.add((parts.hostname or "", parts.port or _PORTS.get(parts.scheme, port)))

    def check(self, at: HttpAddress) -> None:
        """Raises BadCallback for what is ours by what is written there. Pure."""
        if (at.host, at.port) in self._named or (at.port in self._ports and _is_loopback(at.host)):
            raise BadCallback(_ITSELF)

    def check_ip(self, ip: str, port: int, reach: Reach) -> None:
        """Raises BadCallback for an IP address and port that are ours; for any port of this machine, where ``reach``
        does not have it."""
        if (ip, port) in self._named:
            raise BadCallback(_ITSELF)
        if is_this_machine(ip):
            if port in self._ports:
                raise BadCallback(_ITSELF)
            if not reach.loopback:
                raise BadCallback("the address is this machine itself")


def _is_loopback(host: str) -> bool:
    with suppress(ValueError):
        return innermost(host).is_loopback
    return host == "localhost"


def is_this_machine(ip: str) -> bool:
    """Whether what is sent to there would not leave it. The kernel answers from its table of routes, and nothing is
    sent; False too where there is no way to the address."""
    address = innermost(ip)
    if address.is_loopback:
        return True
    family = socket.AF_INET if address.version == 4 else socket.AF_INET6
    with suppress(OSError), socket.socket(family, socket.SOCK_DGRAM) as probe:
        probe.connect((str(address), 9))
        return str(probe.getsockname()[0]) == str(address)
    return False
