"""E Transactions: every version's messages into one transaction, whatever order and however often they come.

Which transaction is meant, is it new, is it a repeat? The common case (the next event of a transaction that is under
way) is decided from the aggregate alone; everything else asks the store first. A transaction message is never refused:
what is odd is recorded and answered.
"""

from dataclasses import dataclass
from datetime import datetime

import msgspec

from stationmaster.csms.blocks.authorization import Judgement
from stationmaster.csms.blocks.matching import Match, Matcher
from stationmaster.domain.authorization import Token
from stationmaster.domain.decision import Decision, TokenClaim
from stationmaster.domain.messages import IdTokenInfo, TransactionAnswer, TransactionEvent
from stationmaster.domain.metering import power_w
from stationmaster.domain.readings import event_digest, readings
from stationmaster.domain.records import Conflict, Event, Record, TransactionEventRecord
from stationmaster.domain.station import StationState
from stationmaster.domain.transaction import Transaction, energy, fold

_encode = msgspec.json.Encoder().encode


@dataclass(frozen=True, slots=True)
class TransactionEventBlock:
    """E01-E12, and 1.6's StartTransaction and StopTransaction."""

    matcher: Matcher
    judgement: Judgement

    async def __call__(self, state: StationState, event: TransactionEvent, at: datetime) -> Decision:
        match = self.matcher.quick(state, event, at) or await self.matcher.thorough(state, event, at)
        info, token = (None, None)
        if event.id_token is not None:
            info, token = await self.judgement(state.tenant, event.id_token, at)
        answer = TransactionAnswer(
            id_token_info=info,
            transaction_id=match.transaction.wire_id if event.transaction_id is None else None,
        )
        if match.kind == "repeat":
            return Decision(answer=_as_before(match.transaction, event, answer))
        if match.kind == "conflict":
            return _conflict(state, match, event, answer, at)
        return _fresh(state, match, event, answer, token, at)


def _fresh(
    state: StationState,
    match: Match,
    event: TransactionEvent,
    answer: TransactionAnswer,
    token: Token | None,
    at: datetime,
) -> Decision:
    info = answer.id_token_info
    transaction = _with_eid(state, match.transaction, fold(match.transaction, match.dated(event, at), at))
    if info is not None and event.event_type != "Ended" and transaction.id_token == event.id_token:
        transaction = _with_token(transaction, info, token)
    decision = _decide(state, match, event, transaction, answer, at)
    if info is None or token is None or token.max_concurrent is None or not _begins_use(match, transaction, info):
        return decision
    refused = msgspec.structs.replace(info, status="ConcurrentTx")
    otherwise = _decide(
        state,
        match,
        event,
        msgspec.structs.replace(transaction, authorization="ConcurrentTx"),
        msgspec.structs.replace(answer, id_token_info=refused),
        at,
    )
    claim = TokenClaim(
        tenant=state.tenant,
        token_key=token.id_token.key,
        limit=token.max_concurrent,
        transaction_key=transaction.key,
    )
    return msgspec.structs.replace(decision, claim=claim, otherwise=otherwise)


def _with_eid(state: StationState, before: Transaction, transaction: Transaction) -> Transaction:
    """The EVSE id is what it was when the place became known: a bill does not change when an EVSE gets another name."""
    evse = transaction.evse
    if evse is None or evse == before.evse:
        return transaction
    eid = state.eid(evse.id, evse.connector_id)
    return transaction if eid is None else msgspec.structs.replace(transaction, evse_eid=eid)


def _begins_use(match: Match, transaction: Transaction, info: IdTokenInfo) -> bool:
    """Whether this event puts a token to use: accepted, on a transaction under way that had none accepted yet."""
    return info.status == "Accepted" and transaction.is_open and match.transaction.authorization != "Accepted"


def _as_before(transaction: Transaction, event: TransactionEvent, answer: TransactionAnswer) -> TransactionAnswer:
    """A repeat is told again that its token was in use elsewhere: that was decided when it was stored."""
    info = answer.id_token_info
    in_use = transaction.authorization == "ConcurrentTx" and transaction.id_token == event.id_token
    if info is None or info.status != "Accepted" or not in_use:
        return answer
    return msgspec.structs.replace(answer, id_token_info=msgspec.structs.replace(info, status="ConcurrentTx"))


def _with_token(transaction: Transaction, info: IdTokenInfo, token: Token | None) -> Transaction:
    if token is None:
        return msgspec.structs.replace(transaction, authorization=info.status)
    return msgspec.structs.replace(
        transaction,
        authorization=info.status,
        party_id=token.party_id,
        contract_issuer=token.contract_issuer,
    )


def _decide(
    state: StationState,
    match: Match,
    event: TransactionEvent,
    transaction: Transaction,
    answer: TransactionAnswer,
    at: datetime,
) -> Decision:
    records: list[Record] = []
    if not _is_periodic(match, event) or transaction.evse_eid != match.transaction.evse_eid:
        records.append(transaction)
    records.append(_evidence(state, match, event, transaction, at))
    if event.meter_values:
        values = match.dated(event, at).meter_values
        records.extend(readings(state.key, transaction.key, transaction.evse, values, at))
    return Decision(
        answer=answer,
        records=tuple(records),
        events=(_told(state, match, event, transaction, at),),
        state=state.with_transaction(transaction),
    )


def _is_periodic(match: Match, event: TransactionEvent) -> bool:
    """An event that adds nothing but a number and readings. Both are stored as such, and the aggregate is made from
    them again when it is loaded, so the transaction's own row need not be written."""
    return (
        match.kind == "next"
        and match.transaction.is_open  # only those are made again
        and event.event_type == "Updated"
        and event.id_token is None
        and event.trigger_reason in ("MeterValuePeriodic", "MeterValueClock")
        and event.charging_state in (None, match.transaction.charging_state)
        and not event.offline
    )


def _evidence(
    state: StationState, match: Match, event: TransactionEvent, transaction: Transaction, at: datetime
) -> TransactionEventRecord:
    dated = match.dated(event, at)  # what was folded: the aggregate is made from it again
    body = msgspec.structs.replace(dated, meter_values=()) if dated.meter_values else dated
    return TransactionEventRecord(
        station_key=state.key,
        transaction_key=transaction.key,
        dedupe_key=match.dedupe_key,
        digest=event_digest(event),
        event_type=event.event_type,
        trigger_reason=event.trigger_reason,
        seq_no=event.seq_no,
        timestamp=dated.timestamp,
        received_at=at,
        offline=event.offline,
        body=_encode(body),
    )


def _conflict(
    state: StationState, match: Match, event: TransactionEvent, answer: TransactionAnswer, at: datetime
) -> Decision:
    flags = tuple(sorted({*match.transaction.flags, "conflict"}))
    transaction = msgspec.structs.replace(match.transaction, flags=flags)
    conflict = Conflict(
        station_key=state.key,
        transaction_key=transaction.key,
        dedupe_key=match.dedupe_key,
        received_at=at,
        body=_encode(event),
    )
    return Decision(
        answer=answer,
        records=(transaction, conflict),
        state=state.with_transaction(transaction) if transaction.is_open else None,
    )


_KINDS = {"Started": "TransactionStarted", "Updated": "TransactionUpdated", "Ended": "TransactionEnded"}


def _told(state: StationState, match: Match, event: TransactionEvent, transaction: Transaction, at: datetime) -> Event:
    evidence = energy(transaction)
    power = None
    for value in event.meter_values:
        power = power_w(value.samples) if power is None else power
    data = {
        "transaction": transaction.key,
        "wire_id": transaction.wire_id,
        "evse_id": transaction.evse.id if transaction.evse else None,
        "charging_state": transaction.charging_state,
        "authorization": transaction.authorization,
        "trigger_reason": event.trigger_reason,
        "energy_wh": str(evidence[0]) if evidence else None,
        "power_w": str(power) if power is not None else None,
    }
    return Event(
        kind="TransactionStarted" if match.kind == "new" and transaction.is_open else _KINDS[event.event_type],
        tenant=state.tenant,
        station_key=state.key,
        at=at,
        data=data,
        volatile=_is_periodic(match, event),
    )
