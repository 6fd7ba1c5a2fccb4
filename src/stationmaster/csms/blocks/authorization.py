"""C Authorization: what the CSMS says of a token."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

from stationmaster.csms.authorization.key_code_guard import KeyCodeGuard
from stationmaster.csms.authorization.outside import Outside
from stationmaster.csms.authorization.vouching import AD_HOC, Vouching
from stationmaster.csms.blocks.refusals import AUTHORIZED, authorized, noted
from stationmaster.csms.ports import TokenJudging
from stationmaster.csms.settings import CsmsSettings
from stationmaster.domain.authorization.judging import Known, TokenFacts, VouchedBy, judge
from stationmaster.domain.authorization.outside_word import Said
from stationmaster.domain.authorization.token_rules import KnownEvse
from stationmaster.domain.authorization.verdict import Question, Verdict
from stationmaster.domain.decision import Decision, Passing
from stationmaster.domain.messages import Authorize, AuthorizeAnswer
from stationmaster.domain.station import StationState
from stationmaster.domain.transactions.transaction import Transaction


@dataclass(frozen=True, slots=True)
class Judgement:
    """Says what a token may do. Every question about a token comes here."""

    reads: TokenJudging
    settings: CsmsSettings
    outside: Outside | None = None
    guard: KeyCodeGuard = field(default_factory=KeyCodeGuard)
    vouching: Vouching | None = None

    async def __call__(self, state: StationState | None, question: Question) -> Verdict:
        """``state``: the station's, where the question is about one. A wrong PIN is remembered."""
        verdict = await self.consider(state, question)
        status = verdict.info.status
        if question.id_token.type == "KeyCode" and question.station_key is not None:
            if status in ("Unknown", "Invalid"):
                self.guard.wrong(question.station_key, question.at)
            elif status == "Accepted":
                self.guard.right(question.station_key)
        return verdict

    async def consider(self, state: StationState | None, question: Question, *, ask_outside: bool = True) -> Verdict:
        """As a question from a station, without anything being remembered of it."""
        facts = TokenFacts()
        said: Said | None = None
        vouched: VouchedBy | None = None
        needs_facts = question.id_token.type != "NoAuthorization" and not question.certificate
        locked = self._is_locked(question)
        if needs_facts and not locked:
            facts = await self.reads.token_facts(question.tenant, question.id_token)
            if facts.token is None and self.vouching is not None:
                vouched = await self.vouching(question)
            if ask_outside and vouched != "command":
                said = await self._said(state, question, facts)
        policy = self.settings.policy(question.tenant)
        known = Known(
            facts=facts,
            free=policy.accept_no_authorization,
            locked=locked,
            deauthorized=_other_was_refused(state, question),
            in_use=(policy.outside is not None or question.id_token.type in AD_HOC) and _is_in_use(state, question),
            evses=await self._evses(question, facts),
            hold_most=policy.prepaid_hold_most,
            said=said,
            overrules=policy.outside is not None and policy.outside.overrules,
            vouched=vouched,
        )
        return judge(known, question)

    def hides(self, tenant: str) -> bool:
        return self.settings.policy(tenant).mask_id_tokens

    def _is_locked(self, question: Question) -> bool:
        if question.id_token.type != "KeyCode" or question.station_key is None:
            return False
        return self.guard.locked(question.station_key, question.at)

    async def _said(self, state: StationState | None, question: Question, facts: TokenFacts) -> Said | None:
        policy = self.settings.policy(question.tenant).outside
        if policy is None or self.outside is None:
            return None
        identity = None if state is None else state.station.identity
        return await self.outside.word(policy, question, facts.token, identity)

    async def _evses(self, question: Question, facts: TokenFacts) -> Mapping[int, KnownEvse]:
        rules = None if facts.token is None else facts.token.rules
        if rules is None or rules.kinds is None or question.station_key is None:
            return {}
        return await self.reads.evse_kinds(question.station_key)


def _transaction(state: StationState | None, question: Question) -> Transaction | None:
    """The one under way that the question is about, if it has a token already."""
    if state is None or question.transaction_key is None:
        return None
    of_key = (each for each in state.open.values() if each.key == question.transaction_key)
    transaction = next(of_key, None)
    return None if transaction is None or transaction.id_token is None else transaction


def _other_was_refused(state: StationState | None, question: Question) -> bool:
    """C01.FR.24."""
    transaction = _transaction(state, question)
    if transaction is None or transaction.id_token is None or transaction.authorization in (None, "Accepted"):
        return False
    return transaction.id_token.key not in question.id_token.keys


def _is_in_use(state: StationState | None, question: Question) -> bool:
    transaction = _transaction(state, question)
    if transaction is None or transaction.id_token is None:
        return False
    return transaction.authorization == "Accepted" and transaction.id_token.key in question.id_token.keys


@dataclass(frozen=True, slots=True)
class AuthorizeBlock:
    """C01, C07, C09."""

    judgement: Judgement

    async def __call__(self, state: StationState, request: Authorize, at: datetime) -> Decision:
        question = Question(
            tenant=state.tenant,
            station_key=state.key,
            id_token=request.id_token,
            purpose="authorize",
            at=at,
            certificate=request.certificate is not None or bool(request.certificate_hashes),
        )
        verdict = await self.judgement(state, question)
        answer = AuthorizeAnswer(id_token_info=verdict.info, certificate_status=verdict.certificate_status)
        hides = self.judgement.hides
        passing = Passing(AUTHORIZED, partial(authorized, question, hides))
        decision = Decision(answer=answer, passing=passing if verdict.info.status == "Accepted" else None)
        return noted(decision, question, verdict, hides)
