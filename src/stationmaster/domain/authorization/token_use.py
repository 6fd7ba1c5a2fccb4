"""What an acceptance depends on where a token begins to be used: how often it is in use, and what money there is."""

from decimal import Decimal

import msgspec

from stationmaster.domain.authorization.prepaid import Funds, Hold, hold_for
from stationmaster.domain.authorization.token_groups import GroupUse, TokenGroup, group_key
from stationmaster.domain.authorization.token_rules import Quota, period_start
from stationmaster.domain.authorization.tokens import Token
from stationmaster.domain.authorization.verdict import Check, Question, Verdict
from stationmaster.domain.claims import CreditClaim, GroupClaim, QuotaClaim, TokenClaim
from stationmaster.domain.transactions.limits import TransactionLimit, lower_of


class Use(msgspec.Struct, frozen=True):
    """A token that is put to use by a transaction."""

    question: Question
    transaction_key: int
    token: Token


def put_to_use(
    verdict: Verdict, question: Question, token: Token, group: TokenGroup | None, hold: Hold | None
) -> Verdict:
    """The acceptance with what is to be looked at when it is written, and what is to be stored with it."""
    if question.purpose != "start" or question.transaction_key is None:
        return verdict
    use = Use(question, question.transaction_key, token)
    checks = (_of_token(use), _of_group(use, group), _of_quota(use), _of_credit(hold))
    membership = _membership(use)
    limit = verdict.limit
    if hold is not None:
        affordable = TransactionLimit(max_cost=hold.amount)
        limit = affordable if limit is None else lower_of(limit, affordable)
    return msgspec.structs.replace(
        verdict,
        checks=tuple([check for check in checks if check is not None]),
        records=tuple([record for record in (membership, hold) if record is not None]),
        limit=limit,
    )


def held(question: Question, funds: Funds | None, most: Decimal | None) -> Hold | None:
    """What is to be held of a prepaid account for the transaction."""
    if funds is None or question.transaction_key is None:
        return None
    return hold_for(funds, most, question.transaction_key, question.at)


def _of_token(use: Use) -> Check | None:
    if use.token.max_concurrent is None:
        return None
    claim = TokenClaim(
        tenant=use.question.tenant,
        token_key=use.question.id_token.key,
        type=use.question.id_token.type,
        limit=use.token.max_concurrent,
        transaction_key=use.transaction_key,
    )
    return Check(claim=claim, status="ConcurrentTx", reason="the token is in use elsewhere")


def _membership(use: Use) -> GroupUse | None:
    if not use.token.group:
        return None
    return GroupUse(
        tenant=use.question.tenant, group_key=group_key(use.token.group), transaction_key=use.transaction_key
    )


def _of_group(use: Use, group: TokenGroup | None) -> Check | None:
    if group is None or group.max_concurrent is None:
        return None
    claim = GroupClaim(
        tenant=use.question.tenant,
        group_key=group.key,
        limit=group.max_concurrent,
        transaction_key=use.transaction_key,
    )
    return Check(claim=claim, status="ConcurrentTx", reason="its group is in use as often as it may")


def _of_quota(use: Use) -> Check | None:
    rules = use.token.rules
    if rules is None or rules.quota is None:
        return None
    quota: Quota = rules.quota
    claim = QuotaClaim(
        tenant=use.question.tenant,
        token_key=use.question.id_token.key,
        type=use.question.id_token.type,
        since=period_start(quota, rules.time_zone, use.question.at),
        limit=quota.starts,
        transaction_key=use.transaction_key,
    )
    reason = f"the token has charged as often as it may in a {quota.period}"
    return Check(claim=claim, status="NotAtThisTime", reason=reason)


def _of_credit(hold: Hold | None) -> Check | None:
    if hold is None:
        return None
    claim = CreditClaim(account_key=hold.account_key, amount=hold.amount, transaction_key=hold.transaction_key)
    return Check(claim=claim, status="NoCredit", reason="what is on the account is held for others")
