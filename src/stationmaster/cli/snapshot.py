"""The demo at one moment, as its view shows it. Frozen, so that a view can be tested with no fleet."""

from datetime import datetime

import msgspec


class EvseRow(msgspec.Struct, frozen=True, kw_only=True):
    """One EVSE. ``status`` in OCPP's words; ``who``: the driver or token of its transaction, if one runs."""

    id: int
    status: str
    power_w: float = 0.0
    energy_wh: float = 0.0
    who: str | None = None
    transaction_id: str | None = None


class StationRow(msgspec.Struct, frozen=True, kw_only=True):
    identity: str
    version: str
    online: bool
    evses: tuple[EvseRow, ...] = ()


class VersionTotals(msgspec.Struct, frozen=True, kw_only=True):
    """Transactions of one version of OCPP since the start. ``done``: ran to their end, as the CSMS has it."""

    version: str
    running: int = 0
    done: int = 0


class DemoSnapshot(msgspec.Struct, frozen=True, kw_only=True):
    """``now`` is the fleet's own (fast) time; ``elapsed_s`` the time that went by here."""

    now: datetime
    elapsed_s: float
    stations: tuple[StationRow, ...]
    versions: tuple[VersionTotals, ...]
    messages: int = 0
    messages_per_s: float = 0.0

    @property
    def power_w(self) -> float:
        return sum(evse.power_w for station in self.stations for evse in station.evses)

    @property
    def online(self) -> int:
        return sum(station.online for station in self.stations)

    @property
    def running(self) -> int:
        return sum(totals.running for totals in self.versions)

    @property
    def done(self) -> int:
        return sum(totals.done for totals in self.versions)
