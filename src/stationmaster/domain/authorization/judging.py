"""What is said of a token: a table of rules, of which the first that has a word to say decides (C01, C02, C04, C07,
C09, C16, C17)."""

from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal

import msgspec

from stationmaster.domain.authorization.outside_word import Said
from stationmaster.domain.authorization.prepaid import Funds
from stationmaster.domain.authorization.token_groups import TokenGroup
from stationmaster.domain.authorization.token_rules import (
    KnownEvse,
    evses_by_kind,
    evses_by_place,
    window_end,
    within,
)
from stationmaster.domain.authorization.token_use import held, put_to_use
from stationmaster.domain.authorization.tokens import Token
from stationmaster.domain.authorization.verdict import Question, Verdict
from stationmaster.domain.identity import IdToken
from stationmaster.domain.messages import AuthorizationStatus, IdTokenInfo

VouchedBy = Literal["command", "station"]
"""Who vouches for a token that is not known: the session was begun by us, or is paid for at the station."""


class TokenFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What is stored of a token. ``group``: what an operator says of its group; ``funds``: its account's."""

    token: Token | None = None
    group: TokenGroup | None = None
    funds: Funds | None = None


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """All that a verdict is made of.

    ``free``: whether charging without a token is. ``locked``: too many wrong PINs at this station lately.
    ``deauthorized``: the transaction has another token, that was refused; ``in_use``: it has this one, and an outside
    system may have accepted it. ``evses``: those of the station, as far as they are known. ``hold_most``: the most of
    an account for one transaction. ``overrules``: the outside system's word goes before ours. ``vouched``: who vouches
    for a token that is not known.
    """

    facts: TokenFacts = TokenFacts()
    free: bool = True
    locked: bool = False
    deauthorized: bool = False
    in_use: bool = False
    evses: Mapping[int, KnownEvse] = {}
    hold_most: Decimal | None = None
    said: Said | None = None
    overrules: bool = False
    vouched: VouchedBy | None = None


def judge(known: Known, question: Question) -> Verdict:
    """Pure: the same facts get the same verdict."""
    return next(verdict for rule in _RULES if (verdict := rule(known, question)) is not None)


def _without_token(known: Known, question: Question) -> Verdict | None:
    """C02: the operator decides whether charging is free for all."""
    if question.id_token.type != "NoAuthorization":
        return None
    if known.free:
        return Verdict(info=IdTokenInfo(status="Accepted"), source="free")
    return Verdict(info=IdTokenInfo(status="Invalid"), source="policy", reason="charging needs a token here")


def _guessed_too_often(known: Known, question: Question) -> Verdict | None:
    """C04.FR.06."""
    if not known.locked:
        return None
    return Verdict(
        info=IdTokenInfo(status="NotAtThisTime"), source="policy", reason="too many wrong PINs at this station"
    )


def _unverified(known: Known, question: Question) -> Verdict | None:
    """C07.FR.17: nothing here can verify a contract certificate."""
    if not question.certificate:
        return None
    return Verdict(
        info=IdTokenInfo(status="Invalid"),
        certificate_status="CertChainError",
        reason="its contract certificate cannot be verified",
    )


def _said_outside(known: Known, question: Question) -> Verdict | None:
    """A refusal from outside holds. An acceptance does where it overrules, or nothing is known of the token here."""
    if known.said is None:
        return None
    if known.said.word.status == "Accepted" and known.facts.token is not None and not known.overrules:
        return None
    verdict = _word_of(known.said, known, question)
    if verdict.info.status != "Accepted" or known.facts.token is None:
        return verdict
    return put_to_use(verdict, question, known.facts.token, known.facts.group, None)


def _vouched_for(known: Known, question: Question) -> Verdict | None:
    """C05, C18.FR.05, C24.FR.01, C25.FR.23: it is good for its session, and nobody is to remember it."""
    if known.facts.token is not None or known.vouched is None:
        return None
    if known.deauthorized and question.purpose == "start":  # C01.FR.24
        info = IdTokenInfo(status="NotAtThisTime")
        return Verdict(info=info, reason="another token was refused on this transaction")
    info = IdTokenInfo(status="Accepted", cache_expiry=question.at)
    return Verdict(info=info, source="command" if known.vouched == "command" else "payment")


def _unknown(known: Known, question: Question) -> Verdict | None:
    if known.facts.token is not None:
        return None
    if known.in_use and question.purpose == "stop":
        return Verdict(info=IdTokenInfo(status="Accepted"), source="outside")
    return Verdict(info=IdTokenInfo(status="Unknown"), reason="the token is not known")


_MARKED: Mapping[str, str] = {
    "Blocked": "is blocked",
    "Invalid": "is marked invalid",
    "NoCredit": "has no credit",
}


def _marked(known: Known, question: Question) -> Verdict | None:
    token, group = _token(known), known.facts.group
    if group is not None and group.status != "Accepted":
        return _refused(token, group.status, f"its group {_MARKED[group.status]}")
    return None if token.status == "Accepted" else _refused(token, token.status, f"the token {_MARKED[token.status]}")


def _expired(known: Known, question: Question) -> Verdict | None:
    token = _token(known)
    if token.expires_at is None or token.expires_at > question.at:
        return None
    return _refused(token, "Expired", "the token has expired", cache_expiry=token.expires_at)


def _starts_nothing(known: Known, question: Question) -> Verdict | None:
    """C12.FR.09, C16.FR.03."""
    group = known.facts.group
    if question.purpose != "start" or group is None or not group.is_master:
        return None
    return _refused(_token(known), "Invalid", "a master pass stops, and starts nothing")


def _elsewhere(known: Known, question: Question) -> Verdict | None:
    """C01.FR.22."""
    token = _token(known)
    if question.station_key is None or token.rules is None or question.purpose == "stop":
        return None
    allowed = evses_by_place(token.rules, question.station_key)
    if allowed is not None and _reaches(allowed, question):
        return None
    return _refused(token, "NotAtThisLocation", "the token may not charge at this place")


def _wrong_kind(known: Known, question: Question) -> Verdict | None:
    """C01.FR.18."""
    token = _token(known)
    if token.rules is None or token.rules.kinds is None or not known.evses or question.purpose == "stop":
        return None
    allowed = evses_by_kind(token.rules.kinds, known.evses)
    if allowed is not None and _reaches(allowed, question):
        return None
    return _refused(token, "NotAllowedTypeEVSE", "the token may not charge at this kind of EVSE")


def _nowhere_left(known: Known, question: Question) -> Verdict | None:
    """Where the place allows some EVSEs and the kind others."""
    if question.purpose == "stop" or _evse_ids(known, question) is not None:
        return None
    return _refused(_token(known), "NotAllowedTypeEVSE", "the token may not charge at any EVSE here")


def _wrong_time(known: Known, question: Question) -> Verdict | None:
    token = _token(known)
    if question.purpose == "stop" or token.rules is None or within(token.rules, question.at):
        return None
    return _refused(token, "NotAtThisTime", "the token may not charge at this time", cache_expiry=question.at)


def _second_token(known: Known, question: Question) -> Verdict | None:
    """C01.FR.24."""
    if not known.deauthorized or question.purpose != "start":
        return None
    return _refused(_token(known), "NotAtThisTime", "another token was refused on this transaction")


def _no_credit(known: Known, question: Question) -> Verdict | None:
    """C17.FR.01; whoever stops needs no money for it."""
    funds = known.facts.funds
    if funds is None or funds.available > 0 or question.purpose == "stop":
        return None
    if question.purpose == "authorize" and funds.balance > 0:
        return None  # it may be held for the very transaction that is to be stopped; the start is looked at again
    return _refused(_token(known), "NoCredit", "nothing is left on the account", cache_expiry=question.at)


def _accepted(known: Known, question: Question) -> Verdict:
    token = _token(known)
    hold = held(question, known.facts.funds, known.hold_most)
    if known.said is not None:
        outside = _word_of(known.said, known, question)
        if outside.info.status == "Accepted":
            return put_to_use(_merged(_own_info(known, question), outside), question, token, known.facts.group, hold)
    verdict = Verdict(info=_own_info(known, question), token=token)
    return put_to_use(verdict, question, token, known.facts.group, hold)


_RULES: tuple[Callable[[Known, Question], Verdict | None], ...] = (
    _without_token,
    _guessed_too_often,
    _unverified,
    _said_outside,
    _vouched_for,
    _unknown,
    _marked,
    _expired,
    _starts_nothing,
    _elsewhere,
    _wrong_kind,
    _nowhere_left,
    _wrong_time,
    _second_token,
    _no_credit,
    _accepted,
)


def _token(known: Known) -> Token:
    token = known.facts.token
    assert token is not None  # _unknown comes before
    return token


def _info(token: Token, **others: Any) -> IdTokenInfo:
    language2 = token.language2 if token.language and token.language2 != token.language else None
    return IdTokenInfo(
        group=IdToken(token.group, "Central") if token.group else None,
        language=token.language,
        language2=language2,
        **others,
    )


def _refused(token: Token, status: AuthorizationStatus, reason: str, cache_expiry: datetime | None = None) -> Verdict:
    return Verdict(info=_info(token, status=status, cache_expiry=cache_expiry), token=token, reason=reason)


def _own_info(known: Known, question: Question) -> IdTokenInfo:
    token = _token(known)
    return _info(
        token,
        status="Accepted",
        cache_expiry=_cache_expiry(known, question),
        charging_priority=token.charging_priority,
        evse_ids=_evse_ids(known, question) or (),
    )


def _cache_expiry(known: Known, question: Question) -> datetime | None:
    """The first moment at which the answer might be another one."""
    token = _token(known)
    ends = [token.expires_at]
    if token.rules is not None:
        ends.append(window_end(token.rules, question.at) if token.rules.windows else None)
        ends.append(question.at if token.rules.quota is not None else None)
    if known.facts.funds is not None:
        ends.append(question.at)
    return min((end for end in ends if end is not None), default=None)


def _evse_ids(known: Known, question: Question) -> tuple[int, ...] | None:
    """C01.FR.19, .20: what the places and the kinds have in common; empty: all EVSEs, None: none."""
    rules = _token(known).rules
    if rules is None:
        return ()
    by_place = () if question.station_key is None else evses_by_place(rules, question.station_key)
    by_kind = () if rules.kinds is None or not known.evses else evses_by_kind(rules.kinds, known.evses)
    if not by_place or not by_kind:
        return None if by_place is None or by_kind is None else by_place or by_kind
    return tuple(evse_id for evse_id in by_place if evse_id in by_kind) or None


def _reaches(allowed: tuple[int, ...], question: Question) -> bool:
    """Whoever does not say where may find a place by the list in the answer."""
    evse = question.evse
    return not allowed or evse is None or evse.id == 0 or question.purpose == "stop" or evse.id in allowed


def _word_of(said: Said, known: Known, question: Question) -> Verdict:
    word = said.word
    status, reason = word.status, word.reason
    if status == "Accepted" and word.expires_at is not None and word.expires_at <= question.at:
        status, reason = "Expired", reason or "the token has expired"
    elif status == "Accepted" and not _reaches(word.evse_ids, question):
        status, reason = "NotAtThisLocation", reason or "the token may not charge at this EVSE"
    expiries = [each for each in (word.cache_expiry, word.expires_at) if each is not None]
    accepted = status == "Accepted"
    return Verdict(
        info=IdTokenInfo(
            status=status,
            cache_expiry=min(expiries, default=None),
            group=IdToken(word.group, "Central") if word.group else None,
            charging_priority=word.charging_priority if accepted else None,
            language=word.language,
            evse_ids=word.evse_ids if accepted else (),
        ),
        token=known.facts.token,
        source="policy" if said.by_policy else "outside",
        reason=None if accepted else reason or f"the outside system says {status}",
        limit=word.transaction_limit() if accepted else None,
    )


def _merged(own: IdTokenInfo, outside: Verdict) -> Verdict:
    """Both accept: what the outside system says more of it, within what we allow."""
    said = outside.info
    expiries = [each for each in (own.cache_expiry, said.cache_expiry) if each is not None]
    both = tuple(each for each in own.evse_ids if each in said.evse_ids)
    info = msgspec.structs.replace(
        own,
        cache_expiry=min(expiries, default=None),
        group=said.group or own.group,
        charging_priority=said.charging_priority if said.charging_priority is not None else own.charging_priority,
        language=said.language or own.language,
        language2=own.language2 if said.language is None else None,
        evse_ids=both if own.evse_ids and said.evse_ids else own.evse_ids or said.evse_ids,
    )
    return msgspec.structs.replace(outside, info=info)
