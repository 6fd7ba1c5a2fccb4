"""Who may start a message."""

from enum import StrEnum


class Sender(StrEnum):
    """The side that may start a message."""

    STATION = "station"
    CSMS = "csms"
    BOTH = "both"
