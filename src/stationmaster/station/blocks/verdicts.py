"""What the CSMS says of a token while its transaction runs (C10.FR.05, C15, E05)."""

from stationmaster.domain.messages import AuthorizationStatus, TransactionAnswer, TransactionEvent
from stationmaster.station import display
from stationmaster.station.blocks.authorization_cache import AuthorizationCache
from stationmaster.station.blocks.limits import Limits
from stationmaster.station.blocks.transactions import Transactions
from stationmaster.station.screen import Screen
from stationmaster.station.settings import Configuration


class Verdicts:
    """Takes the answers to TransactionEvents."""

    def __init__(
        self,
        transactions: Transactions,
        cache: AuthorizationCache,
        limits: Limits,
        configuration: Configuration,
        screen: Screen,
    ) -> None:
        self._transactions = transactions
        self._cache = cache
        self._limits = limits
        self._configuration = configuration
        self._screen = screen

    def on_answer(self, event: TransactionEvent, answer: TransactionAnswer) -> None:
        info = answer.id_token_info
        if info is None or event.id_token is None or event.transaction_id is None:
            return
        self._cache.put(event.id_token, info)
        evse_id = self._transactions.evse_of(event.transaction_id)
        if evse_id is None:
            return
        grant = self._transactions.state(evse_id).grant
        if grant is None or grant.id_token.key != event.id_token.key:
            return
        if info.status != "Accepted":
            self._refused(evse_id, info.status, offline=event.offline)
        elif info.group is not None and grant.group is None:
            self._transactions.learn_group(evse_id, info.group)  # C09.FR.12

    def _refused(self, evse_id: int, status: AuthorizationStatus, *, offline: bool) -> None:
        if not self._transactions.state(evse_id).situation.authorized:
            return
        settings = self._configuration.now
        if settings.stop_tx_on_invalid_id:
            kept = offline or self._configuration.conventions.keeps_cables  # C15.FR.05
            self._transactions.happen(evse_id, "deauthorized, cable kept" if kept else "deauthorized")  # C15.FR.03
        elif settings.max_energy_on_invalid_id_wh == 0:
            self._transactions.happen(evse_id, "invalid but going on")  # C15.FR.06
        else:
            self._limits.allow_no_more_than(evse_id, settings.max_energy_on_invalid_id_wh)  # C15.FR.07
        self._screen.notice(evse_id, display.REFUSALS[status])
