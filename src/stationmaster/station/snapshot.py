"""A station at one moment, for pages, tests and fleets."""

from decimal import Decimal

import msgspec

from stationmaster.domain.messages import ChargingState, ConnectorStatus, RegistrationStatus


class EvseSnapshot(msgspec.Struct, frozen=True, kw_only=True):
    """``charging_state`` and ``transaction_id`` are None without a transaction; ``plugged`` is a connector."""

    id: int
    status: ConnectorStatus
    plugged: int | None
    authorized: bool
    charging_state: ChargingState | None
    transaction_id: str | None
    power_w: Decimal
    energy_wh: Decimal


class StationSnapshot(msgspec.Struct, frozen=True, kw_only=True):
    """``running``: the program is up. Counts are since the object was made, over restarts of the program."""

    identity: str
    version: str
    running: bool
    online: bool
    registration: RegistrationStatus | None
    evses: tuple[EvseSnapshot, ...]
    queued: int
    boots: int
    connections: int
    transactions_started: int
    transactions_ended: int
    messages: int

    @property
    def power_w(self) -> Decimal:
        return sum((evse.power_w for evse in self.evses), Decimal(0))
