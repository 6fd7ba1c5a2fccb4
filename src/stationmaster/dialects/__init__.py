"""OCPP messages to the domain's and back: tables of small functions that decide nothing."""

from stationmaster.dialects import v1, v2
from stationmaster.dialects.table import Dialect

_BY_FAMILY = {"1": v1.DIALECT, "2": v2.DIALECT}


def dialect_for(version: str) -> Dialect:
    """The dialect of a version as the wire spells it ("1.6", "2.0.1"); raises ``KeyError`` for any other."""
    return _BY_FAMILY[version.partition(".")[0]]
