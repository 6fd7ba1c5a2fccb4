"""How a station stands, in the one word that an operator looks for: decided here, for lists, tiles and maps alike."""

from collections.abc import Iterable
from typing import Literal

import msgspec

from stationmaster.domain.messages import ConnectorStatus, RegistrationStatus

Standing = Literal[
    "rejected",
    "never_seen",
    "offline",
    "pending",
    "faulted",
    "charging",
    "occupied",
    "reserved",
    "available",
    "unavailable",
    "unknown",
]
"""``unknown``: it is connected, and said nothing of its Connectors yet."""


class Sign(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that may be true of a station, and how it stands if it is.

    ``registration``: what its BootNotification is answered with. ``connection``: it was never connected, or is not now.
    ``status``: a place has it; ``of`` tells which places: all, the station as a whole (EVSE 0), or its EVSEs and their
    Connectors. ``charging``: energy flows in a transaction. ``in_transaction``: one is open.
    """

    standing: Standing
    registration: RegistrationStatus | None = None
    connection: Literal["never", "not_now"] | None = None
    status: ConnectorStatus | None = None
    of: Literal["all", "station", "evses"] = "all"
    charging: bool = False
    in_transaction: bool = False


SIGNS: tuple[Sign, ...] = (
    Sign(standing="rejected", registration="Rejected"),
    Sign(standing="never_seen", connection="never"),
    Sign(standing="offline", connection="not_now"),
    Sign(standing="pending", registration="Pending"),
    Sign(standing="faulted", status="Faulted"),
    Sign(standing="charging", charging=True),
    Sign(standing="occupied", status="Occupied"),
    Sign(standing="occupied", in_transaction=True),
    Sign(standing="reserved", status="Reserved"),
    Sign(standing="unavailable", status="Unavailable", of="station"),
    Sign(standing="available", status="Available", of="evses"),
    Sign(standing="unavailable", status="Unavailable"),
)
"""The first that is true counts: what wants somebody's attention, then what keeps the station busy."""
OTHERWISE: Standing = "unknown"

WORST_FIRST: tuple[Standing, ...] = (
    "faulted",
    "offline",
    "unavailable",
    "pending",
    "unknown",
    "occupied",
    "reserved",
    "charging",
    "available",
    "never_seen",
    "rejected",
)


def worst(states: Iterable[Standing]) -> Standing:
    """Of several stations that are shown as one: what needs somebody most."""
    return min(states, key=WORST_FIRST.index)
