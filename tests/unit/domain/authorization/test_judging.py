"""What is said of a token, row by row of the table."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from stationmaster.domain.authorization.judging import Known, TokenFacts, judge
from stationmaster.domain.authorization.outside_word import OutsideLimit, OutsideWord, Said
from stationmaster.domain.authorization.prepaid import Account, Funds
from stationmaster.domain.authorization.token_groups import TokenGroup
from stationmaster.domain.authorization.token_rules import EvseKinds, KnownEvse, Quota, TokenPlace, TokenRules, Window
from stationmaster.domain.authorization.tokens import Token
from stationmaster.domain.authorization.verdict import Question, Verdict
from stationmaster.domain.claims import CreditClaim, GroupClaim, QuotaClaim, TokenClaim
from stationmaster.domain.identity import Evse, IdToken
from stationmaster.domain.transactions.limits import TransactionLimit

AT = datetime(2026, 3, 2, 12, tzinfo=UTC)  # a Monday
CARD = IdToken("T1", "ISO14443")
TOKEN = Token(key=1, tenant="default", id_token=CARD)
START = Question(
    tenant="default", station_key=1, id_token=CARD, purpose="start", at=AT, transaction_key=7, evse=Evse(1)
)
ACCOUNT = Account(key=5, tenant="default", name="A", currency="EUR")


def funds(balance: str, held: str = "0") -> Funds:
    return Funds(account=ACCOUNT, balance=Decimal(balance), held=Decimal(held))


def said(
    facts: dict[str, Any] | None = None,
    known: dict[str, Any] | None = None,
    asked: dict[str, Any] | None = None,
    **token: Any,
) -> Verdict:
    of_token = {"token": msgspec.structs.replace(TOKEN, **token)}
    facts_of = TokenFacts(**{**of_token, **(facts or {})})
    return judge(Known(facts=facts_of, **(known or {})), msgspec.structs.replace(START, **(asked or {})))


def group(**fields: Any) -> dict[str, Any]:
    return {"group": TokenGroup(tenant="default", name="FLEET", **fields)}


WINDOW = TokenRules(windows=(Window(days=(0,), from_minute=13 * 60, to_minute=14 * 60),))
ELSEWHERE = TokenRules(places=(TokenPlace(station_key=2),))
OTHER_EVSE = TokenRules(places=(TokenPlace(station_key=1, evse_ids=(2,)),))
DC_ONLY = TokenRules(kinds=EvseKinds(currents=("DC",)))
AC, DC = KnownEvse(current="AC"), KnownEvse(current="DC")


@pytest.mark.parametrize(
    ("given", "status"),
    [
        ({"facts": {"token": None}}, "Unknown"),
        ({"facts": group(status="Blocked"), "group": "FLEET"}, "Blocked"),
        ({"facts": group(is_master=True), "group": "FLEET"}, "Invalid"),
        ({"status": "NoCredit"}, "NoCredit"),
        ({"expires_at": AT}, "Expired"),
        ({"known": {"locked": True}}, "NotAtThisTime"),
        ({"asked": {"certificate": True}}, "Invalid"),
        ({"asked": {"id_token": IdToken("", "NoAuthorization")}, "known": {"free": False}}, "Invalid"),
        ({"rules": ELSEWHERE}, "NotAtThisLocation"),
        ({"rules": OTHER_EVSE}, "NotAtThisLocation"),
        ({"rules": DC_ONLY, "known": {"evses": {1: AC}}}, "NotAllowedTypeEVSE"),
        ({"rules": DC_ONLY, "known": {"evses": {1: AC, 2: DC}}}, "NotAllowedTypeEVSE"),
        ({"rules": WINDOW}, "NotAtThisTime"),
        ({"known": {"deauthorized": True}}, "NotAtThisTime"),
        ({"facts": {"funds": funds("0")}}, "NoCredit"),
        ({"facts": {"funds": funds("5", "5")}}, "NoCredit"),
    ],
)
def test_a_refusal_has_a_status_and_words_and_depends_on_nothing(given: dict[str, Any], status: str) -> None:
    verdict = said(**given)
    assert (verdict.info.status, verdict.checks, verdict.records, verdict.limit) == (status, (), (), None)
    assert verdict.reason


@pytest.mark.parametrize(
    "given",
    [
        {"facts": group(is_master=True), "group": "FLEET"},
        {"rules": ELSEWHERE},
        {"rules": OTHER_EVSE},
        {"rules": WINDOW},
        {"rules": DC_ONLY, "known": {"evses": {1: AC}}},
        {"facts": {"funds": funds("0")}},
        {"known": {"deauthorized": True}},
    ],
)
def test_whoever_stops_is_not_held_to_where_and_when_he_may_start(given: dict[str, Any]) -> None:
    verdict = said(**{**given, "asked": {"purpose": "stop"}})
    assert (verdict.info.status, verdict.checks, verdict.records) == ("Accepted", (), ())


def test_C01_FR_19_a_token_for_the_whole_station_names_no_evses() -> None:
    assert said(rules=TokenRules(places=(TokenPlace(station_key=1),))).info.evse_ids == ()


def test_C01_FR_20_a_token_for_some_evses_names_them() -> None:
    verdict = said(rules=OTHER_EVSE, asked={"purpose": "authorize", "evse": None})
    assert (verdict.info.status, verdict.info.evse_ids) == ("Accepted", (2,))


def test_places_and_kinds_must_both_fit() -> None:
    both = TokenRules(places=(TokenPlace(station_key=1, evse_ids=(1, 2)),), kinds=EvseKinds(currents=("DC",)))
    asked = {"purpose": "authorize", "evse": None}
    assert said(rules=both, known={"evses": {1: AC, 2: DC, 3: DC}}, asked=asked).info.evse_ids == (2,)
    assert said(rules=both, known={"evses": {1: AC, 2: AC, 3: DC}}, asked=asked).info.status == "NotAllowedTypeEVSE"


def test_an_answer_may_be_kept_until_it_might_be_another_one() -> None:
    rules = TokenRules(windows=(Window(days=(0,), from_minute=11 * 60, to_minute=14 * 60),))
    assert said(rules=rules, expires_at=AT + timedelta(days=1)).info.cache_expiry == AT + timedelta(hours=2)
    assert said(rules=rules, expires_at=AT + timedelta(hours=1)).info.cache_expiry == AT + timedelta(hours=1)
    assert said(rules=TokenRules(quota=Quota(starts=1, period="day"))).info.cache_expiry == AT
    assert said().info.cache_expiry is None


@pytest.mark.parametrize(("balance", "status"), [("0.01", "Accepted"), ("0", "NoCredit"), ("-1", "NoCredit")])
def test_C17_FR_01_and_02_the_balance_decides_and_nobody_keeps_the_answer(balance: str, status: str) -> None:
    verdict = said({"funds": funds(balance)}, asked={"purpose": "authorize", "transaction_key": None})
    assert (verdict.info.status, verdict.info.cache_expiry) == (status, AT)


def test_C17_FR_03_a_prepaid_start_is_limited_to_what_is_free() -> None:
    verdict = said({"funds": funds("20", "5")})
    assert verdict.limit == TransactionLimit(max_cost=Decimal(15))
    assert CreditClaim(account_key=5, amount=Decimal(15), transaction_key=7) in [each.claim for each in verdict.checks]
    assert said({"funds": funds("20", "5")}, {"hold_most": Decimal(4)}).limit == TransactionLimit(max_cost=Decimal(4))


def test_a_start_depends_on_everything_that_is_counted() -> None:
    token = {"group": "Fleet", "rules": TokenRules(quota=Quota(starts=3, period="day")), "max_concurrent": 2}
    verdict = said({**group(max_concurrent=9), "funds": funds("1")}, **token)
    assert [(type(each.claim), each.status) for each in verdict.checks] == [
        (TokenClaim, "ConcurrentTx"),
        (GroupClaim, "ConcurrentTx"),
        (QuotaClaim, "NotAtThisTime"),
        (CreditClaim, "NoCredit"),
    ]


def test_the_second_language_is_another_one_and_none_without_a_first() -> None:
    assert said(language="de", language2="en").info.language2 == "en"
    assert said(language="de", language2="de").info.language2 is None
    assert said(language2="en").info.language2 is None


OUT_YES = OutsideWord(status="Accepted", group="ROAM", limit=OutsideLimit(max_time_s=60))
OUT_NO = OutsideWord(status="Blocked", reason="stolen")


def heard(word: OutsideWord, **known: Any) -> dict[str, Any]:
    return {"said": Said(word=word), **known}


def test_a_token_that_only_the_outside_system_knows_is_as_it_says() -> None:
    verdict = said({"token": None}, heard(OUT_YES))
    assert (verdict.info.status, verdict.source, verdict.limit) == (
        "Accepted",
        "outside",
        TransactionLimit(max_time_s=60),
    )
    assert verdict.info.group == IdToken("ROAM", "Central")
    refused = said({"token": None}, heard(OUT_NO))
    assert (refused.info.status, refused.source, refused.reason) == ("Blocked", "outside", "stolen")


def test_a_refusal_from_outside_holds_though_we_would_accept() -> None:
    assert said(known=heard(OUT_NO)).info.status == "Blocked"


@pytest.mark.parametrize(("overrules", "status"), [(False, "Expired"), (True, "Accepted")])
def test_an_acceptance_from_outside_goes_before_ours_only_where_it_overrules(overrules: bool, status: str) -> None:
    assert said(known=heard(OUT_YES, overrules=overrules), expires_at=AT).info.status == status


def test_where_both_accept_both_limits_hold() -> None:
    word = msgspec.structs.replace(OUT_YES, evse_ids=(1, 2), limit=OutsideLimit(max_cost=Decimal(50)))
    rules = TokenRules(places=(TokenPlace(station_key=1, evse_ids=(1, 3)),))
    verdict = said({"funds": funds("20")}, heard(word), rules=rules)
    assert (verdict.source, verdict.info.evse_ids, verdict.limit) == (
        "outside",
        (1,),
        TransactionLimit(max_cost=Decimal(20)),
    )
    assert {type(each.claim) for each in verdict.checks} == {TokenClaim, CreditClaim}


def test_an_outside_word_has_an_end_and_a_place_too() -> None:
    late = msgspec.structs.replace(OUT_YES, expires_at=AT)
    assert said({"token": None}, heard(late)).info.status == "Expired"
    elsewhere = msgspec.structs.replace(OUT_YES, evse_ids=(2,))
    assert said({"token": None}, heard(elsewhere)).info.status == "NotAtThisLocation"


def test_a_token_that_was_accepted_from_outside_stays_so_for_its_transaction() -> None:
    assert said({"token": None}, {"in_use": True}, {"purpose": "stop"}).info.status == "Accepted"
    assert said({"token": None}, {"in_use": True}, {"purpose": "start"}).info.status == "Unknown"


def test_silence_that_counts_as_a_word_is_a_policy() -> None:
    verdict = said({"token": None}, {"said": Said(word=OutsideWord(status="Accepted"), by_policy=True)})
    assert (verdict.info.status, verdict.source) == ("Accepted", "policy")


@pytest.mark.parametrize(("vouched", "source"), [("command", "command"), ("station", "payment")])
def test_C05_C18_a_token_that_somebody_vouches_for_is_accepted_and_kept_by_nobody(vouched: str, source: str) -> None:
    verdict = said({"token": None}, {"vouched": vouched})
    assert (verdict.info.status, verdict.source, verdict.info.cache_expiry) == ("Accepted", source, AT)
    assert said({"token": None}, {"vouched": None}).info.status == "Unknown"


def test_nobody_vouches_for_a_token_that_is_known_or_that_comes_after_a_refused_one() -> None:
    assert said(known={"vouched": "station"}, status="Blocked").info.status == "Blocked"
    second = said({"token": None}, {"vouched": "station", "deauthorized": True}, {"purpose": "start"})
    assert second.info.status == "NotAtThisTime"  # C01.FR.24


def test_a_refusal_from_outside_goes_before_whoever_vouches() -> None:
    word = OutsideWord(status="Blocked")
    assert said({"token": None}, {"vouched": "station", "said": Said(word=word)}).info.status == "Blocked"
