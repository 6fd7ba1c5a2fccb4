"""B11, B12 Reset: now or when idle, the station or one EVSE."""

from collections.abc import Callable

from stationmaster.domain.messages import Answer, CommandAnswer, Reset
from stationmaster.station.blocks.transactions import Transactions
from stationmaster.station.ports import Spawn
from stationmaster.station.settings import Configuration


class Resetting:
    """``reboot`` restarts the program, for a BootReason; it is called once everything is told and kept."""

    def __init__(
        self, transactions: Transactions, configuration: Configuration, reboot: Callable[[str], None], spawn: Spawn
    ) -> None:
        self._transactions = transactions
        self._configuration = configuration
        self._reboot = reboot
        self._spawn = spawn
        self._pending: set[int | None] = set()

    @property
    def pending(self) -> bool:
        return bool(self._pending)

    async def reset(self, request: Reset) -> Answer:
        if request.evse_id is not None and request.evse_id not in self._transactions.evse_ids:
            return CommandAnswer(status="Rejected", reason="UnknownEvse")
        if request.evse_id is not None and not self._configuration.now.evse_allow_reset:
            return CommandAnswer(status="Rejected", reason="NotEnabled")  # B11.FR.09, B12.FR.09
        idle = not self._busy(request.evse_id)
        waits = request.type == "OnIdle" and not self._configuration.conventions.idle_reset_stops
        if waits and not idle:
            self._pending.add(request.evse_id)
            return CommandAnswer(status="Scheduled")  # B12.FR.01
        reason = "SoftReset" if request.type == "OnIdle" else None
        self._spawn(self._now(request.evse_id, reason))
        return CommandAnswer(status="Accepted")  # B11.FR.03, B12.FR.02

    async def _now(self, evse_id: int | None, reason: str | None) -> None:
        """B12.FR.04, .08: what runs ends first, and is told if the CSMS listens."""
        for busy in self._busy(evse_id):
            self._transactions.happen(busy, "reset", reason=reason)
        if evse_id is None:
            self._reboot("RemoteReset")

    def on_evse(self, evse_id: int) -> None:
        """B12.FR.03, .07: what was scheduled is due once the last transaction has ended."""
        for scope in [scope for scope in self._pending if not self._busy(scope)]:
            self._pending.discard(scope)
            if scope is None:
                self._reboot("ScheduledReset")

    def on_lock_failure(self, evse_id: int, connector_id: int) -> None:
        """A reset would not free a lock."""

    def _busy(self, evse_id: int | None) -> list[int]:
        return [running for running, _ in self._transactions.running() if evse_id in (None, running)]
