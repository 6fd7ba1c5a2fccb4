"""Who and where: tenants, stations, EVSEs and the tokens that people hold to a reader."""

from collections.abc import Mapping

import msgspec

DEFAULT_TENANT = "default"
READER_TYPE = "ISO14443"
"""The type under which a token without one goes to a station that compares types: what nearly every card is."""


class StationRef(msgspec.Struct, frozen=True, gc=False):
    """A station as the network names it. Two tenants may each have a station of the same identity."""

    tenant: str
    identity: str

    def __str__(self) -> str:
        return self.identity if self.tenant == DEFAULT_TENANT else f"{self.tenant}/{self.identity}"


class Evse(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """An EVSE of a station and, where it is known, one Connector of it; both count from 1.

    ``id`` 0 means the station as a whole (1.6 connector 0).
    """

    id: int
    connector_id: int | None = None


class IdToken(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """A token as the reader saw it. ``type`` is None where the version has no types (1.x idTag)."""

    value: str
    type: str | None = None
    additional: tuple[tuple[str, str], ...] = ()

    @property
    def key(self) -> str:
        """What two spellings of one token have in common: tokens compare without case (2.0.1 part 2, §4), and without
        what only separates the parts of an eMAID or a MAC address."""
        folded = self.value.casefold()
        separators = _SEPARATORS.get(self.type)
        return folded if separators is None else folded.translate(separators) or folded

    @property
    def keys(self) -> tuple[str, ...]:
        """Every key that the same token may have under another type, or under none; its own is the first."""
        return tuple(dict.fromkeys([self.key, *(IdToken(self.value, kind).key for kind in (None, *_SEPARATORS))]))


_ADDRESS = str.maketrans("", "", ":-.")
_SEPARATORS: Mapping[str | None, dict[int, int | None]] = {
    "eMAID": str.maketrans("", "", "-"),
    "MacAddress": _ADDRESS,
    "EVCCID": _ADDRESS,
}

NO_TOKEN = IdToken("", "NoAuthorization")
