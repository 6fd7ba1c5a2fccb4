"""What the station keeps of each EVSE over a loss of power."""

from datetime import datetime
from decimal import Decimal

import msgspec

from stationmaster.domain.identity import IdToken
from stationmaster.domain.messages import EventType
from stationmaster.domain.metering.values import MeterValue
from stationmaster.domain.transactions.limits import TransactionLimit, changed
from stationmaster.station.situation import Situation


class Grant(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Who may charge, and the reservation that this uses up. ``limit``: how far, from the beginning. ``reported``: a
    TransactionEvent has carried the token (E01.FR.10, F02.FR.01) and the limit."""

    id_token: IdToken
    group: IdToken | None = None
    remote_start_id: int | None = None
    reservation_id: int | None = None
    limit: TransactionLimit | None = None
    reported: bool = False


class LocalTransaction(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A running transaction. ``seq_no`` is the next one; ``stop_reason`` was given before a stop point was reached.

    ``deauthorized``: nobody else may take it over (C01.FR.23). ``collected``: values for the Ended event (J02.FR.20).
    ``interrupted`` by a reset after which it goes on (B13). ``key_told``: the meter's public key was in an event.
    ``begin_wh``: the register at its begin. ``limit``: how far it may go; ``limit_csms``: what of that the CSMS said
    (E16). ``cost``: its running cost, as the CSMS told it last. ``invalid_from_wh``: the register from which a refused
    token gets no more (C15.FR.07).
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
    key_told: bool = False
    begin_wh: Decimal = Decimal(0)
    limit: TransactionLimit | None = None
    limit_csms: TransactionLimit | None = None
    cost: Decimal | None = None
    invalid_from_wh: Decimal | None = None


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


def deauthorized(state: EvseState, reason: str | None) -> EvseState:
    """The state of an EVSE whose running transaction nobody may go on with."""
    assert state.transaction is not None
    stopped = msgspec.structs.replace(state.transaction, stop_reason=reason, deauthorized=True)
    return msgspec.structs.replace(state, transaction=stopped)


def limited(
    transaction: LocalTransaction, grant: Grant | None, said: TransactionLimit | None
) -> tuple[LocalTransaction, TransactionLimit | None]:
    """The transaction with what was granted with a limit, and what the next event tells of it; ``said``: it tells this
    anyway."""
    if grant is None or grant.limit is None or grant.reported:
        return transaction, said
    limit = grant.limit if said is None else changed(grant.limit, said)
    return msgspec.structs.replace(transaction, limit=changed(transaction.limit, limit)), limit


def first_trigger(grant: Grant | None, usual: str, kind: EventType) -> str:
    """F01.FR.19, F02.FR.21: the first event after a remote start says so, whatever brought it about."""
    remote = grant is not None and not grant.reported and grant.remote_start_id is not None
    return "RemoteStart" if remote and kind != "Ended" else usual
