"""Whether an address that somebody else named may be called. Pure.

A station says itself where it listens. Whoever may speak as a station could thus have us post to any place that we
reach and it does not: our own listeners, the machine's other services, a cloud's metadata. So what is never a station's
address is refused, by its text here and again by the IP address that its name resolved to: the one that is then
connected to (a name may resolve to another one the next moment).
"""

from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from urllib.parse import urlsplit

import msgspec

from stationmaster.transport.http_address import HttpAddress, http_address

MAX_LENGTH = 1000
_NAT64 = IPv6Network("64:ff9b::/96")
_OF_CLOUDS = frozenset(map(ip_address, ("fd00:ec2::254", "100.100.100.200", "168.63.129.16")))
"""Where clouds tell a machine its secrets, beside 169.254.169.254."""
_LOW_PORTS = frozenset({*range(80, 90), 443})
"""Of those below 1024, where HTTP is spoken. At others, what we post may be taken for something else, line by line."""


class Reach(msgspec.Struct, frozen=True, kw_only=True):
    """Which addresses may be called."""

    loopback: bool = False
    """This machine itself: for demos and tests."""
    private: bool = True
    """Networks that are not the internet's: most stations stand in a VPN or behind a carrier's gateway."""


class BadCallback(ValueError):
    """Not to be called; the text says why, and repeats nothing of the address."""


def callback_address(url: str, reach: Reach) -> HttpAddress:
    """Raises BadCallback. A name in it has not been resolved: see :func:`check_ip`."""
    if len(url) > MAX_LENGTH:
        raise BadCallback(f"an address has at most {MAX_LENGTH} characters")
    try:
        address = http_address(url)
        fragment = urlsplit(url).fragment
    except ValueError as error:
        raise BadCallback(str(error)) from None
    if fragment or url.endswith("#"):
        raise BadCallback("an address has no fragment")
    if address.port < 1024 and address.port not in _LOW_PORTS:
        raise BadCallback("the port is that of another service")
    try:
        ip_address(address.host)
    except ValueError:
        return address
    check_ip(address.host, reach)
    return address


def check_ip(text: str, reach: Reach) -> None:
    """Raises BadCallback for an IP address that must not be called."""
    try:
        ip = innermost(text)
    except ValueError:
        raise BadCallback("not an IP address") from None
    if ip.is_loopback and reach.loopback:
        return
    for kind, holds in (
        ("this machine itself", ip.is_loopback),
        ("unspecified", ip.is_unspecified or (ip.version == 4 and ip.packed[0] == 0)),
        ("link-local", ip.is_link_local),
        ("multicast", ip.is_multicast),
        ("a cloud's own", ip in _OF_CLOUDS),
        ("reserved", ip.is_reserved or (isinstance(ip, IPv6Address) and ip.is_site_local)),
        ("private", not reach.private and not ip.is_global),
    ):
        if holds:
            raise BadCallback(f"the address is {kind}")


def innermost(text: str) -> IPv4Address | IPv6Address:
    """An IP address, or the IPv4 address that an IPv6 one leads to. Raises ValueError."""
    ip = ip_address(text.partition("%")[0])
    if isinstance(ip, IPv4Address):
        return ip
    if ip in _NAT64:
        return IPv4Address(ip.packed[-4:])
    teredo = ip.teredo
    return ip.ipv4_mapped or ip.sixtofour or (teredo[1] if teredo else None) or ip
