"""E Transactions: every version's messages into one transaction, whatever order and however often they come.

Which transaction is meant, is it new, is it a repeat? The common case (the next event of a transaction that is under
way) is decided from the aggregate alone; everything else asks the store first. A transaction message is never refused:
what is odd is recorded and answered.
"""

from collections.abc import Awaitable
from dataclasses import dataclass
from datetime import datetime
from functools import partial

import msgspec

from stationmaster.csms.blocks.authorization import Judgement
from stationmaster.csms.blocks.availability import finished
from stationmaster.csms.blocks.closing import giving_way, overtaken, with_overtaken
from stationmaster.csms.blocks.closing import told as told_of
from stationmaster.csms.blocks.matching import Match, Matcher
from stationmaster.csms.blocks.refusals import noted
from stationmaster.domain.authorization.verdict import Check, Purpose, Question, Verdict
from stationmaster.domain.cost.transaction_energy import energy
from stationmaster.domain.decision import CheckedBy, Decision, Passing
from stationmaster.domain.identity import IdToken
from stationmaster.domain.messages import (
    NOTHING_TO_ADD,
    AuthorizationStatus,
    IdTokenInfo,
    TransactionAnswer,
    TransactionEvent,
)
from stationmaster.domain.metering.readings import event_digest, readings
from stationmaster.domain.records import Conflict, Event, Reading, Record, TransactionEventRecord
from stationmaster.domain.station import StationState
from stationmaster.domain.transactions.limits import LimitSource, TransactionLimit, changed, wish
from stationmaster.domain.transactions.transaction import Transaction, fold, reopened

_encode = msgspec.json.Encoder().encode


@dataclass(frozen=True, slots=True)
class TransactionEventBlock:
    """E01-E12, and 1.6's StartTransaction and StopTransaction."""

    matcher: Matcher
    judgement: Judgement

    def __call__(self, state: StationState, event: TransactionEvent, at: datetime) -> Decision | Awaitable[Decision]:
        if event.id_token is None:
            match = self.matcher.quick(state, event, at)
            if match is not None:  # nearly always: nothing has to be read
                return _fresh(state, match, event, NOTHING_TO_ADD, None, at)
        return self._decided(state, event, at)

    async def _decided(self, state: StationState, event: TransactionEvent, at: datetime) -> Decision:
        match = self.matcher.quick(state, event, at) or await self.matcher.thorough(state, event, at)
        question = None if event.id_token is None else _question(state, match, event, event.id_token, at)
        verdict = None if question is None else await self.judgement(state, question)
        answer = TransactionAnswer(
            id_token_info=None if verdict is None else verdict.info,
            transaction_id=match.transaction.wire_id if event.transaction_id is None else None,
        )
        if match.kind == "repeat":
            return Decision(answer=_as_before(match.transaction, event, answer))
        if match.kind == "conflict":
            return _conflict(state, match, event, answer, at)
        decision = _fresh(state, match, event, answer, verdict, at)
        if question is None or verdict is None:
            return decision
        return noted(decision, question, verdict, self.judgement.hides)


def _question(state: StationState, match: Match, event: TransactionEvent, id_token: IdToken, at: datetime) -> Question:
    return Question(
        tenant=state.station.tenant,
        station_key=state.station.key,
        id_token=id_token,
        purpose=_purpose(match, event),
        at=at,
        evse=event.evse or match.transaction.evse,
        transaction_key=match.transaction.key,
    )


def _purpose(match: Match, event: TransactionEvent) -> Purpose:
    """An event puts its token to use on a transaction under way that had none accepted yet."""
    stops = event.event_type == "Ended" or event.trigger_reason == "StopAuthorized"
    before = match.transaction
    return "stop" if stops or before.ended_at is not None or before.authorization == "Accepted" else "start"


def _fresh(
    state: StationState,
    match: Match,
    event: TransactionEvent,
    answer: TransactionAnswer,
    verdict: Verdict | None,
    at: datetime,
) -> Decision:
    told = _told_by(state, match, event, at)
    found = [(reading.taken_at, reading.register_wh, reading.samples) for reading in told.readings]
    folded = fold(match.transaction, told.event, at, found)
    transaction = reopened(_with_eid(state, match.transaction, folded))
    if verdict is not None and event.event_type != "Ended" and transaction.id_token == event.id_token:
        transaction = _with_token(transaction, verdict)
        if verdict.limit is not None and verdict.info.status == "Accepted" and _purpose(match, event) == "start":
            transaction = _with_limit(transaction, verdict, verdict.limit, at)
    decision = _decide(state, match, told, transaction, answer)
    if verdict is None or not verdict.checks:
        return decision
    checks = tuple([_checked(state, match, told, transaction, answer, verdict.info, each) for each in verdict.checks])
    return msgspec.structs.replace(decision, checks=checks)


def _with_eid(state: StationState, before: Transaction, transaction: Transaction) -> Transaction:
    """The EVSE id is what it was when the place became known: a bill does not change when an EVSE gets another name."""
    evse = transaction.evse
    if evse is None or evse == before.evse:
        return transaction
    eid = state.eid(evse.id, evse.connector_id)
    return transaction if eid is None else msgspec.structs.replace(transaction, evse_eid=eid)


def _checked(
    state: StationState,
    match: Match,
    told: "_Told",
    transaction: Transaction,
    answer: TransactionAnswer,
    info: IdTokenInfo,
    check: Check,
) -> CheckedBy:
    """What holds instead of an acceptance if the check fails."""
    refused = msgspec.structs.replace(transaction, authorization=check.status, limits=match.transaction.limits)
    return CheckedBy(check.claim, _decide(state, match, told, refused, _refusing(answer, info, check.status)))


def _refusing(answer: TransactionAnswer, info: IdTokenInfo, status: AuthorizationStatus) -> TransactionAnswer:
    return msgspec.structs.replace(answer, id_token_info=msgspec.structs.replace(info, status=status))


_BY_CHECKS = frozenset({"ConcurrentTx", "NoCredit", "NotAtThisTime"})
"""What a check that failed may have said of a token."""


def _as_before(transaction: Transaction, event: TransactionEvent, answer: TransactionAnswer) -> TransactionAnswer:
    """A repeat is told again that its token was refused by a check: that was decided when it was stored."""
    info, before = answer.id_token_info, transaction.authorization
    if info is None or info.status != "Accepted" or before is None or before not in _BY_CHECKS:
        return answer
    return _refusing(answer, info, before) if transaction.id_token == event.id_token else answer


def _with_limit(transaction: Transaction, verdict: Verdict, limit: TransactionLimit, at: datetime) -> Transaction:
    """How far it may go on this token. A word that is no other one than before is not told again."""
    before = transaction.limits
    if before is not None and changed(before.wished, limit) == before.wished:
        return transaction
    source: LimitSource = "outside" if verdict.source == "outside" else "prepaid"
    return msgspec.structs.replace(transaction, limits=wish(before, limit, source, at))


def _with_token(transaction: Transaction, verdict: Verdict) -> Transaction:
    token = verdict.token
    if token is None:
        return msgspec.structs.replace(transaction, authorization=verdict.info.status)
    return msgspec.structs.replace(
        transaction,
        authorization=verdict.info.status,
        party_id=token.party_id,
        contract_issuer=token.contract_issuer,
    )


class _Told(msgspec.Struct, frozen=True):
    """What an event tells, taken apart once: the event with a time of its own and without its meter values, those as
    readings, and the digest of the event as it came."""

    event: TransactionEvent
    readings: tuple[Reading, ...]
    digest: int
    at: datetime


def _told_by(state: StationState, match: Match, event: TransactionEvent, at: datetime) -> _Told:
    dated = match.dated(event, at)
    if not dated.meter_values:
        return _Told(dated, (), event_digest(event), at)
    evse = match.transaction.evse or event.evse
    taken = readings(state.station.key, match.transaction.key, evse, dated.meter_values, at)
    return _Told(msgspec.structs.replace(dated, meter_values=()), taken, event_digest(event), at)


def _decide(
    state: StationState, match: Match, told: _Told, transaction: Transaction, answer: TransactionAnswer
) -> Decision:
    periodic = _is_periodic(match, told.event)
    evidence = _evidence(state, match, told, transaction)
    records: tuple[Record, ...] = (evidence, *told.readings)
    if not periodic or transaction.evse_eid != match.transaction.evse_eid:
        records = (transaction, *records)
    after = state.with_transaction(transaction)
    for connector in finished(state, transaction) if told.event.event_type == "Ended" else ():
        records, after = (connector, *records), after.with_connector(connector)
    if periodic:
        passing = Passing("TransactionUpdated", partial(_news, state, match, told, transaction))
        decision = Decision(answer=answer, records=records, passing=passing, state=after)
    else:
        events: tuple[Event, ...] = (_news(state, match, told, transaction),)
        if match.transaction.closed is not None:
            events = (told_of("TransactionReopened", transaction, told.at), *events)
        decision = Decision(answer=answer, records=records, events=events, state=after)
    if match.older is not None:
        decision = giving_way(decision, match.older, told.at)
    if told.event.evse is None or told.event.offline or len(after.open) < 2:
        return decision
    others = overtaken(after, transaction, told.at)
    return with_overtaken(decision, state, others, told.at) if others else decision


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


def _evidence(state: StationState, match: Match, told: _Told, transaction: Transaction) -> TransactionEventRecord:
    event = told.event
    return TransactionEventRecord(
        station_key=state.station.key,
        transaction_key=transaction.key,
        dedupe_key=match.dedupe_key,
        digest=told.digest,
        event_type=event.event_type,
        trigger_reason=event.trigger_reason,
        seq_no=event.seq_no,
        timestamp=event.timestamp,
        received_at=told.at,
        offline=event.offline,
        body=_encode(event),
    )


def _conflict(
    state: StationState, match: Match, event: TransactionEvent, answer: TransactionAnswer, at: datetime
) -> Decision:
    flags = tuple(sorted({*match.transaction.flags, "conflict"}))
    transaction = msgspec.structs.replace(match.transaction, flags=flags)
    conflict = Conflict(
        station_key=state.station.key,
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


def _news(state: StationState, match: Match, told: _Told, transaction: Transaction) -> Event:
    evidence = energy(transaction)
    powers = [reading.power_w for reading in told.readings if reading.power_w is not None]
    data = {
        "transaction": transaction.key,
        "wire_id": transaction.wire_id,
        "evse_id": transaction.evse.id if transaction.evse else None,
        "charging_state": transaction.charging_state,
        "authorization": transaction.authorization,
        "trigger_reason": told.event.trigger_reason,
        "energy_wh": evidence[0] if evidence else None,
        "power_w": powers[0] if powers else None,
    }
    begins = match.kind == "new" and transaction.is_open
    return Event(
        kind="TransactionStarted" if begins else _KINDS[told.event.event_type],
        tenant=state.station.tenant,
        station_key=state.station.key,
        at=told.at,
        data=data,
    )
