"""F Remote control: start, stop and unlock by the CSMS (F01-F05)."""

from collections.abc import Callable

from stationmaster.domain.messages import (
    Answer,
    CommandAnswer,
    RequestStartAnswer,
    RequestStartTransaction,
    RequestStopTransaction,
    UnlockConnector,
)
from stationmaster.station import display
from stationmaster.station.admission import Admit, LimitOf, admit_all, no_limit
from stationmaster.station.blocks.authorization import Authorization
from stationmaster.station.blocks.availability import Availability
from stationmaster.station.blocks.transactions import Transactions
from stationmaster.station.ports import Spawn
from stationmaster.station.records import EvseState, Grant
from stationmaster.station.screen import Screen
from stationmaster.station.settings import Configuration


class RemoteControl:
    """``own_id``: from the CSMS's id of a transaction to ours. ``admit``: whether a token may use an EVSE."""

    def __init__(
        self,
        screen: Screen,
        transactions: Transactions,
        availability: Availability,
        authorization: Authorization,
        configuration: Configuration,
        own_id: Callable[[str], str],
        spawn: Spawn,
    ) -> None:
        self._screen = screen
        self._transactions = transactions
        self._availability = availability
        self._authorization = authorization
        self._configuration = configuration
        self._own_id = own_id
        self._spawn = spawn
        self.admit: Admit = admit_all
        self.limit_of: LimitOf = no_limit

    async def start(self, request: RequestStartTransaction) -> Answer:
        """F01, F02: an EVSE that is named must be free; without a name one is chosen (F01.FR.20)."""
        evse_id = self._choose(request) if request.evse is None else request.evse.id
        if evse_id not in self._transactions.evse_ids or not self._free(evse_id):
            return RequestStartAnswer(status="Rejected", reason=self._reason(evse_id))
        if not self._admits(evse_id, request):
            return RequestStartAnswer(status="Rejected", info=display.RESERVED_FOR_OTHERS)  # F01.FR.21, .22
        transaction = self._transactions.state(evse_id).transaction
        self._spawn(self._start(request, evse_id))
        return RequestStartAnswer(
            status="Accepted",
            transaction_id=transaction.id if transaction is not None else None,  # F01.FR.13
        )

    async def stop(self, request: RequestStopTransaction) -> Answer:
        """F03: after the answer, as what follows is a message of its own."""
        evse_id = self._transactions.evse_of(self._own_id(request.transaction_id))
        if evse_id is None:
            return CommandAnswer(status="Rejected", reason="TxNotFound")  # F03.FR.08
        self._spawn(self._stop(evse_id))
        return CommandAnswer(status="Accepted")

    async def unlock(self, request: UnlockConnector) -> Answer:
        """F05; in 1.x a transaction is ended first (1.6 §5.18)."""
        connector = request.evse
        if connector not in self._availability.connectors:
            return CommandAnswer(status="UnknownConnector")  # F05.FR.03
        assert connector.connector_id is not None
        situation = self._transactions.state(connector.id).situation
        if situation.authorized and situation.connector == connector.connector_id:
            if not self._configuration.conventions.unlock_stops:
                return CommandAnswer(status="OngoingAuthorizedTransaction")  # F05.FR.02
            self._transactions.happen(connector.id, "unlocked")
        free = self._transactions.free_cable(connector.id, connector.connector_id)
        return CommandAnswer(status="Unlocked" if free else "UnlockFailed")

    async def _start(self, request: RequestStartTransaction, evse_id: int) -> None:
        group = request.group
        if self._configuration.now.authorize_remote_start:  # F01.FR.01
            info = await self._authorization.authorize(request.id_token)
            if info.status != "Accepted":
                self._screen.notice(evse_id, display.REFUSALS[info.status])
                return
            group = group or info.group
        if not self._free(evse_id):
            return
        admission = self.admit(evse_id, request.id_token, group)
        if admission.allowed:
            granted = Grant(
                id_token=request.id_token,
                group=group,
                remote_start_id=request.remote_start_id,
                reservation_id=admission.reservation_id,
                limit=self.limit_of(evse_id, request.id_token),
            )
            self._transactions.grant(evse_id, granted)
        else:
            self._screen.notice(evse_id, display.RESERVED_FOR_OTHERS)

    async def _stop(self, evse_id: int) -> None:
        if self._transactions.state(evse_id).transaction is not None:
            self._transactions.happen(evse_id, "stopped remotely")

    def _free(self, evse_id: int) -> bool:
        """F01.FR.23, .24: usable, and nobody is authorized there."""
        state = self._transactions.state(evse_id)
        kept = self._transactions.cables.kept(evse_id)
        return self._availability.usable(evse_id) and not _claimed(state) and kept is None

    def _admits(self, evse_id: int, request: RequestStartTransaction) -> bool:
        return self.admit(evse_id, request.id_token, request.group).allowed

    def _choose(self, request: RequestStartTransaction) -> int:
        """A free EVSE, rather one where a car waits; 0 if there is none."""
        evse_ids = self._transactions.evse_ids
        free = [evse_id for evse_id in evse_ids if self._free(evse_id) and self._admits(evse_id, request)]
        waiting = [evse_id for evse_id in free if self._transactions.state(evse_id).situation.connector is not None]
        return next(iter((*waiting, *free)), 0)

    def _reason(self, evse_id: int) -> str:
        if evse_id not in self._transactions.evse_ids:
            return "UnknownEvse"
        return "TxInProgress" if _claimed(self._transactions.state(evse_id)) else "NotEnabled"


def _claimed(state: EvseState) -> bool:
    return state.situation.authorized or state.transaction_stopped
