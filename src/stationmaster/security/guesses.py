"""Wrong passwords, by the address that they come from: after a few at once, one in a while. Time is an argument."""

import ipaddress

BURST = 20
"""Wrong ones at once: many stations may stand behind one address."""
REGAIN_S = 5.0
"""In which one more is allowed."""
MAX_ADDRESSES = 10_000


class Guesses:
    """Bounded: of more addresses than ``most`` the one whose last wrong password is the oldest is forgotten."""

    def __init__(self, burst: int = BURST, regain_s: float = REGAIN_S, most: int = MAX_ADDRESSES) -> None:
        self._burst = burst
        self._regain_s = regain_s
        self._most = most
        self._clear_at: dict[str, float] = {}
        """By address, in the order of its last wrong one: when none of them counts any more."""

    def wait_s(self, address: str, now_s: float) -> float:
        """How long it must wait before it may try again; 0: it may."""
        return max(0.0, self._due_s(_source(address), now_s) - (self._burst - 1) * self._regain_s)

    def wrong(self, address: str, now_s: float) -> None:
        """It has shown a wrong password."""
        source = _source(address)
        due_s = self._due_s(source, now_s)
        self._clear_at.pop(source, None)
        self._clear_at[source] = now_s + due_s + self._regain_s
        if len(self._clear_at) > self._most:
            del self._clear_at[next(iter(self._clear_at))]

    def right(self, address: str, now_s: float) -> None:
        """What was counted as wrong before it was looked at was right."""
        source = _source(address)
        left_s = self._due_s(source, now_s) - self._regain_s
        if left_s > 0:
            self._clear_at[source] = now_s + left_s
        else:
            self._clear_at.pop(source, None)

    def _due_s(self, source: str, now_s: float) -> float:
        return max(0.0, self._clear_at.get(source, now_s) - now_s)


def _source(address: str) -> str:
    """Who holds one address of IPv6 holds all of its /64."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv4Address):
        return address
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return str(ipaddress.ip_network((parsed, 64), strict=False))
