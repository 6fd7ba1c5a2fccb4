"""What goes on at a station at this moment."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

import msgspec

from stationmaster.domain.reservation.reservations import Reservation
from stationmaster.domain.station import Connector, Place
from stationmaster.domain.transactions.transaction import Transaction


class Underway(msgspec.Struct, frozen=True, kw_only=True):
    """A transaction that is open, by its newest readings. ``told_at``: the station's time of the newest. ``power_w`` is
    None where none is told that is new enough, ``soc_pct`` where no car tells it."""

    transaction: Transaction
    told_at: datetime | None = None
    power_w: Decimal | None = None
    soc_pct: Decimal | None = None


class StationNow(msgspec.Struct, frozen=True, kw_only=True):
    """``connectors``: those places that the station has told the status of, by place."""

    connectors: tuple[Connector, ...]
    underway: tuple[Underway, ...]
    reservations: tuple[Reservation, ...]
    eids: Mapping[Place, str]
