"""What all that belongs to 1.6's security extension goes by."""

from stationmaster.domain.facts import StationFacts
from stationmaster.ocpp.messages import messages
from stationmaster.ocpp.version import Version

EXTENSION = "SecurityExtension"
"""The capability of a 1.6 station."""
UNKNOWN_ACTION = frozenset({"NotImplemented", "NotSupported"})
"""How a station without it answers."""


def may_know(facts: StationFacts, action: str) -> bool:
    """Whether a station can be asked at all: the extension is for 1.6 in JSON only (security whitepaper, ed. 3 §1)."""
    return action in messages(Version(facts.version))
