"""What all that belongs to 1.6's security extension goes by."""

EXTENSION = "SecurityExtension"
"""The capability of a 1.6 station."""
UNKNOWN_ACTION = frozenset({"NotImplemented", "NotSupported"})
"""How a station without it answers."""
