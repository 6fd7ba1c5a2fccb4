"""E16 How far a transaction may go, as the CSMS sees it: told to a station that keeps limits, kept by us for any other.

A limit goes into the first answer that can carry it. A station that does not say it again within a minute of events has
not taken it, and then its transaction is stopped by us (`csms.limit_watch`).
"""

from collections.abc import Awaitable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Protocol

import msgspec

from stationmaster.csms.ports import Commands
from stationmaster.domain.command import Command
from stationmaster.domain.decision import Decision, whichever_way
from stationmaster.domain.device_model.variables import TRANSACTION_LIMITS
from stationmaster.domain.messages import TransactionAnswer, TransactionEvent
from stationmaster.domain.records import Event
from stationmaster.domain.station import StationState
from stationmaster.domain.transactions.limits import (
    LimitReason,
    LimitSource,
    LimitState,
    TransactionLimit,
    changed,
    only,
    to_send,
    wish,
)
from stationmaster.domain.transactions.transaction import Transaction

CONFIRMS_WITHIN = timedelta(seconds=60)
STARTS_WITHIN = timedelta(hours=1)
"""How long after the command a transaction may begin, and have the limit that came with the command."""
_REACHED: dict[str, LimitReason] = {
    "EnergyLimitReached": "energy",
    "TimeLimitReached": "time",
    "CostLimitReached": "cost",
    "SoCLimitReached": "soc",
}


class TransactionBlock(Protocol):
    def __call__(
        self, state: StationState, event: TransactionEvent, at: datetime
    ) -> Decision | Awaitable[Decision]: ...


@dataclass(frozen=True, slots=True)
class WithLimits:
    """Around the block of transactions. Where there are no limits it costs a look."""

    block: TransactionBlock
    commands: Commands

    def __call__(self, state: StationState, event: TransactionEvent, at: datetime) -> Decision | Awaitable[Decision]:
        decision = self.block(state, event, at)
        if isinstance(decision, Decision):
            return self._quickly(state, event, at, decision)
        return self._later(state, event, at, decision)

    def _quickly(
        self, state: StationState, event: TransactionEvent, at: datetime, decision: Decision
    ) -> Decision | Awaitable[Decision]:
        if event.remote_start_id is not None:
            return self._later(state, event, at, decision)
        known = state.open.get(event.transaction_id or "")
        if known is None or known.limits is None:
            return decision
        return limited(state, event, at, None, decision)

    async def _later(
        self, state: StationState, event: TransactionEvent, at: datetime, decision: Decision | Awaitable[Decision]
    ) -> Decision:
        decided = decision if isinstance(decision, Decision) else await decision
        return limited(state, event, at, await self._of_start(state, event, at), decided)

    async def _of_start(self, state: StationState, event: TransactionEvent, at: datetime) -> TransactionLimit | None:
        """What came with the command that this transaction began by: 1.x does not say which that was."""
        by_token = event.transaction_id is None and event.id_token is not None
        if event.remote_start_id is None and not by_token:
            return None
        starts = await self.commands.commands_in_hand(state.key, at - STARTS_WITHIN)
        found = [each.request for each in starts if each.kind == "RequestStartTransaction" and _began(each, event)]
        told = found[-1].get("limit") if found else None
        return None if told is None else msgspec.convert(told, TransactionLimit, strict=False)


def _began(command: Command, event: TransactionEvent) -> bool:
    if event.remote_start_id is not None:
        return bool(command.request.get("remote_start_id") == event.remote_start_id)
    token = command.request.get("id_token") or {}
    value: Any = token.get("value", "")
    return event.id_token is not None and str(value).casefold() == event.id_token.value.casefold()


def limited(
    state: StationState, event: TransactionEvent, at: datetime, of_start: TransactionLimit | None, decision: Decision
) -> Decision:
    """The decision with what is to be said of limits, whichever way it goes."""
    return whichever_way(decision, partial(_limited, state, event, at, of_start))


def _limited(
    state: StationState, event: TransactionEvent, at: datetime, of_start: TransactionLimit | None, decision: Decision
) -> Decision:
    answer = decision.answer
    if not isinstance(answer, TransactionAnswer):
        return decision
    transaction = (decision.state or state).open.get(event.transaction_id or answer.transaction_id or "")
    if transaction is None:
        return decision
    if decision.state is None:  # a repeat: the answer to the first may have been lost
        return _saying(decision, answer, _still_to_confirm(transaction))
    before = transaction.limits
    wanted = before if of_start is None or _is_wished(before, of_start) else wish(before, of_start, "command", at)
    if wanted is None:
        return decision
    now, said = _moved(state.abilities.keeps_limits, _supported(state), transaction, event, wanted, at)
    decision = _saying(decision, answer, said)
    return decision if now == before else _with(decision, msgspec.structs.replace(transaction, limits=now), at)


def _moved(
    keeps: bool,
    supported: frozenset[str] | None,
    transaction: Transaction,
    event: TransactionEvent,
    limits: LimitState,
    at: datetime,
) -> tuple[LimitState, TransactionLimit | None]:
    """What becomes of a limit by an event, and what its answer is to say."""
    by = _REACHED.get(event.trigger_reason)
    if by is not None and limits.state != "reached":
        return msgspec.structs.replace(limits, state="reached", by=by, at=at), None
    if limits.state == "wished":
        return _first_said(keeps, supported, transaction, event, limits, at)
    if limits.state != "sent":
        return limits, None
    if to_send(limits.wished, transaction.limit) is None:
        return msgspec.structs.replace(limits, state="confirmed", at=at), None
    if not event.offline and at - limits.at > CONFIRMS_WITHIN:
        return _by_us(limits, at), None
    return limits, None


def _first_said(
    keeps: bool,
    supported: frozenset[str] | None,
    transaction: Transaction,
    event: TransactionEvent,
    limits: LimitState,
    at: datetime,
) -> tuple[LimitState, TransactionLimit | None]:
    if not keeps:
        return _by_us(limits, at), None
    if event.offline:  # E16.FR.18
        return limits, None
    said = to_send(limits.wished, transaction.limit)
    takes = None if said is None else only(said, supported)
    if takes != said:  # E16.FR.12: what it does not keep is not said; as one of them is ours to keep, all are watched
        return _by_us(limits, at), takes
    return msgspec.structs.replace(limits, state="confirmed" if said is None else "sent", at=at), said


def _supported(state: StationState) -> frozenset[str] | None:
    """The limits that the station says it keeps, in the wire's words; None: it has not said."""
    told = state.learned.get(TRANSACTION_LIMITS)
    return None if told is None else frozenset(each.strip() for each in told.split(",") if each.strip())


def _by_us(limits: LimitState, at: datetime) -> LimitState:
    return msgspec.structs.replace(limits, state="not_supported", enforced_by="csms", at=at)


def _still_to_confirm(transaction: Transaction) -> TransactionLimit | None:
    limits = transaction.limits
    return None if limits is None or limits.state != "sent" else to_send(limits.wished, transaction.limit)


def _saying(decision: Decision, answer: TransactionAnswer, limit: TransactionLimit | None) -> Decision:
    if limit is None:
        return decision
    return msgspec.structs.replace(decision, answer=msgspec.structs.replace(answer, limit=limit))


def _with(decision: Decision, transaction: Transaction, at: datetime) -> Decision:
    """The decision with this transaction in the place of what it has of it."""
    assert decision.state is not None
    others = tuple([each for each in decision.records if not _is_of(each, transaction)])
    return msgspec.structs.replace(
        decision,
        records=(transaction, *others),
        events=(*decision.events, told(transaction, at)),
        state=decision.state.with_transaction(transaction),
    )


def _is_of(record: object, transaction: Transaction) -> bool:
    return isinstance(record, Transaction) and record.key == transaction.key


def _is_wished(limits: LimitState | None, limit: TransactionLimit) -> bool:
    return limits is not None and changed(limits.wished, limit) == limits.wished


def told(transaction: Transaction, at: datetime) -> Event:
    """That there is news of a limit."""
    limits = transaction.limits
    assert limits is not None
    data = {
        "transaction": transaction.key,
        "wire_id": transaction.wire_id,
        "state": limits.state,
        "enforced_by": limits.enforced_by,
        "by": limits.by,
    }
    return Event(
        kind="TransactionLimit", tenant=transaction.tenant, station_key=transaction.station_key, at=at, data=data
    )


def wished(
    state: StationState, at: datetime, *, transaction: Transaction, limit: TransactionLimit, source: LimitSource
) -> Decision | None:
    """Want this of a transaction; None where it is over. It is told with the next answer that can carry it."""
    now = state.open.get(transaction.wire_id, transaction)
    if now.key != transaction.key or not now.is_open:
        return None
    limits = wish(now.limits, limit, source, at)
    if not state.abilities.keeps_limits:
        limits = _by_us(limits, at)
    after = msgspec.structs.replace(now, limits=limits)
    return Decision(records=(after,), events=(told(after, at),), state=state.with_transaction(after))


def concluded(state: StationState, at: datetime, *, transaction: Transaction, by: LimitReason) -> Decision | None:
    """It is reached, and this system is about to stop the transaction; None where that was known, or it is over."""
    now = state.open.get(transaction.wire_id)
    if now is None or now.key != transaction.key or now.limits is None or now.limits.state == "reached":
        return None
    after = msgspec.structs.replace(now, limits=msgspec.structs.replace(now.limits, state="reached", by=by, at=at))
    return Decision(records=(after,), events=(told(after, at),), state=state.with_transaction(after))
