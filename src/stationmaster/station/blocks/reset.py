"""B11-B13 Reset: now, when idle, or now with transactions that go on afterwards; the station or one EVSE."""

from collections.abc import Callable

from stationmaster.domain.messages import Answer, CommandAnswer, Reset
from stationmaster.station.blocks.transactions import Transactions
from stationmaster.station.ports import Spawn
from stationmaster.station.settings import Configuration


class Resetting:
    """``reboot`` restarts the program, for a BootReason; it is called once everything is told and kept.

    ``busy`` says what else than transactions a reset of the station on idle waits for, such as an upload; whoever
    appends to it calls :meth:`look_again` when it is done.
    """

    def __init__(
        self, transactions: Transactions, configuration: Configuration, reboot: Callable[[str], None], spawn: Spawn
    ) -> None:
        self._transactions = transactions
        self._configuration = configuration
        self._reboot = reboot
        self._spawn = spawn
        self._pending: set[int | None] = set()
        self.busy: list[Callable[[], bool]] = []

    @property
    def pending(self) -> bool:
        return bool(self._pending)

    async def reset(self, request: Reset) -> Answer:
        scope = request.evse_id
        refusal = self._refusal(request)
        if refusal is not None:
            return refusal
        waits = request.type == "OnIdle" and not self._configuration.conventions.idle_reset_stops
        if waits and not self._idle(scope):
            self._pending.add(scope)
            return CommandAnswer(status="Scheduled")  # B12.FR.01
        if request.type == "ImmediateAndResume":
            self._spawn(self._now_and_resume(scope))
        else:
            self._spawn(self._now(scope, "SoftReset" if request.type == "OnIdle" else None))
        return CommandAnswer(status="Accepted")  # B11.FR.03, B12.FR.02, B13.FR.02, .03

    def _refusal(self, request: Reset) -> CommandAnswer | None:
        settings = self._configuration.now
        if request.evse_id is not None and request.evse_id not in self._transactions.evse_ids:
            return CommandAnswer(status="Rejected", reason="UnknownEvse")
        if request.evse_id is not None and not settings.evse_allow_reset:
            return CommandAnswer(status="Rejected", reason="NotEnabled")  # B11.FR.09, B12.FR.09
        if request.type == "ImmediateAndResume" and not settings.tx_resumption_timeout_s:
            return CommandAnswer(status="Rejected", reason="NotEnabled")  # B13.FR.01
        return None

    async def _now(self, evse_id: int | None, reason: str | None) -> None:
        """B12.FR.04, .08: what runs ends first, and is told if the CSMS listens."""
        for running in self._running(evse_id):
            self._transactions.happen(running, "reset", reason=reason)
        if evse_id is None:
            self._reboot("RemoteReset")

    async def _now_and_resume(self, evse_id: int | None) -> None:
        """B13.FR.04, .10-.12, .20-.23: what runs is interrupted, and goes on once the reset is over."""
        running = self._running(evse_id)
        for interrupted in running:
            self._transactions.interrupt(interrupted)
        if evse_id is None:
            self._reboot("RemoteReset")
            return
        for interrupted in running:
            self._transactions.resume(interrupted)

    def on_evse(self, evse_id: int) -> None:
        """B12.FR.03, .07: what was scheduled is due once the last transaction has ended."""
        self.look_again()

    def look_again(self) -> None:
        """Something that a reset waited for may be over."""
        for scope in [scope for scope in self._pending if self._idle(scope)]:
            self._pending.discard(scope)
            if scope is None:
                self._reboot("ScheduledReset")

    def on_lock_failure(self, evse_id: int, connector_id: int) -> None:
        """A reset would not free a lock."""

    def _idle(self, evse_id: int | None) -> bool:
        otherwise_busy = evse_id is None and any(busy() for busy in self.busy)
        return not otherwise_busy and not self._running(evse_id)

    def _running(self, evse_id: int | None) -> list[int]:
        return [running for running, _ in self._transactions.running() if evse_id in (None, running)]
