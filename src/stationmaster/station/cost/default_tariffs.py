"""I07 The default tariffs of one EVSE: the one that counts now, and those that will later."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from stationmaster.domain.cost.local_time import EPOCH
from stationmaster.domain.cost.tariff import Tariff


class Installed(msgspec.Struct, frozen=True):
    """``since``: its validFrom or, without one, when it was installed."""

    tariff: Tariff
    since: datetime


Shelf = tuple[Installed, ...]
"""Of one EVSE, in the order in which they count."""


def valid_from(tariff: Tariff) -> datetime | None:
    """As the CSMS sent it; None: it did not."""
    return None if tariff.valid_from == EPOCH else tariff.valid_from


def put(shelf: Shelf, tariff: Tariff, now: datetime) -> Shelf:
    """With one more. Of two that begin at once the newer one counts (I07.FR.21, .22)."""
    added = Installed(tariff, valid_from(tariff) or now)
    return current((*shelf, added), now)


def current(shelf: Sequence[Installed], now: datetime) -> Shelf:
    """Without those that another one has replaced, which became valid later than they did (I07.FR.20-22); what is not
    valid yet stays (I07.FR.19, .23)."""
    ordered = sorted(shelf, key=lambda each: each.since)
    begun = [each for each in ordered if each.since <= now]
    return (*begun[-1:], *ordered[len(begun) :])


def in_force(shelf: Shelf, now: datetime) -> Tariff | None:
    begun = [each for each in shelf if each.since <= now]
    return begun[-1].tariff if begun else None
