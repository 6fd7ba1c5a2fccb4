"""What the station keeps of each EVSE over a loss of power."""

from datetime import datetime

import msgspec

from stationmaster.domain.identity import IdToken
from stationmaster.domain.metering import MeterValue
from stationmaster.station.situation import Situation


class Grant(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Who may charge. ``reported``: a TransactionEvent has carried the token (E01.FR.10, F02.FR.01)."""

    id_token: IdToken
    group: IdToken | None = None
    remote_start_id: int | None = None
    reported: bool = False


class LocalTransaction(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A running transaction. ``seq_no`` is the next one; ``stop_reason`` was given before a stop point was reached.

    ``deauthorized``: nobody else may take it over (C01.FR.23). ``collected``: values for the Ended event (J02.FR.20).
    ``interrupted`` by a reset after which it goes on (B13).
    """

    id: str
    seq_no: int
    started_at: datetime
    last_event_at: datetime
    begin: MeterValue | None = None
    stop_reason: str | None = None
    deauthorized: bool = False
    interrupted: bool = False
    collected: tuple[MeterValue, ...] = ()


class EvseState(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    situation: Situation = Situation()
    grant: Grant | None = None
    transaction: LocalTransaction | None = None

    @property
    def transaction_stopped(self) -> bool:
        """Whether a transaction goes on that nobody is authorized for any more."""
        return self.transaction is not None and self.transaction.deauthorized


MAX_COLLECTED = 200


def with_collected(transaction: LocalTransaction, value: MeterValue) -> LocalTransaction:
    """The transaction with one more value for its end; when there are too many, every second one goes."""
    collected = (*transaction.collected, value)
    if len(collected) > MAX_COLLECTED:
        collected = collected[::2]
    return msgspec.structs.replace(transaction, collected=collected)


def state_key(evse_id: int) -> str:
    return f"evse.{evse_id}"


def encoded(state: EvseState) -> bytes:
    return msgspec.json.encode(state)


def decoded(value: bytes | None) -> EvseState:
    return EvseState() if value is None else msgspec.json.decode(value, type=EvseState)
