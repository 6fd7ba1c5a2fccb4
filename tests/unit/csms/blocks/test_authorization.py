"""What is said of a token, and what that still depends on."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from stationmaster.csms.blocks.authorization import Judgement
from stationmaster.csms.settings import CsmsSettings, TenantPolicy
from stationmaster.domain.authorization.judging import TokenFacts
from stationmaster.domain.authorization.token_rules import KnownEvse
from stationmaster.domain.authorization.tokens import Token
from stationmaster.domain.authorization.verdict import Purpose, Question, Verdict
from stationmaster.domain.claims import TokenClaim
from stationmaster.domain.identity import NO_TOKEN, IdToken

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
CARD = IdToken("T1", "ISO14443")


class Known:
    def __init__(self, **fields: Any) -> None:
        self.token = Token(key=1, tenant="default", id_token=CARD, **fields)

    async def token_facts(self, tenant: str, id_token: IdToken) -> TokenFacts:
        return TokenFacts(token=self.token if id_token.key == CARD.key else None)

    async def evse_kinds(self, station_key: int) -> Mapping[int, KnownEvse]:
        return {}


async def said(question: dict[str, Any] | None = None, policy: TenantPolicy | None = None, **token: Any) -> Verdict:
    judgement = Judgement(Known(**token), CsmsSettings(default_policy=policy or TenantPolicy()))
    asked: dict[str, Any] = {"purpose": "start", "id_token": CARD, "transaction_key": 7, **(question or {})}
    return await judgement(None, Question(tenant="default", station_key=1, at=AT, **asked))


async def test_an_accepted_token_depends_on_who_else_uses_it() -> None:
    verdict = await said(max_concurrent=2)
    assert (verdict.info.status, verdict.reason, verdict.source) == ("Accepted", None, "own")
    (check,) = verdict.checks
    assert check.claim == TokenClaim(tenant="default", token_key="t1", type="ISO14443", limit=2, transaction_key=7)
    assert check.status == "ConcurrentTx"


@pytest.mark.parametrize("purpose", ["authorize", "stop"])
async def test_only_the_start_of_a_use_depends_on_others(purpose: Purpose) -> None:
    assert (await said({"purpose": purpose})).checks == ()


async def test_a_token_without_a_limit_depends_on_nobody() -> None:
    assert (await said(max_concurrent=None)).checks == ()


@pytest.mark.parametrize(
    ("token", "status"),
    [
        ({"status": "Blocked"}, "Blocked"),
        ({"status": "Invalid"}, "Invalid"),
        ({"status": "NoCredit"}, "NoCredit"),
        ({"expires_at": AT - timedelta(days=1)}, "Expired"),
    ],
)
async def test_a_refusal_has_a_reason_and_no_checks(token: dict[str, Any], status: str) -> None:
    verdict = await said(**token)
    assert (verdict.info.status, verdict.checks) == (status, ())
    assert verdict.reason and verdict.token is not None


async def test_what_nobody_knows_is_unknown() -> None:
    verdict = await said({"id_token": IdToken("T2")})
    assert (verdict.info.status, verdict.token, bool(verdict.reason)) == ("Unknown", None, True)


@pytest.mark.parametrize(("free", "status", "source"), [(True, "Accepted", "free"), (False, "Invalid", "policy")])
async def test_without_a_token_the_policy_decides(free: bool, status: str, source: str) -> None:
    verdict = await said({"id_token": NO_TOKEN}, TenantPolicy(accept_no_authorization=free))
    assert (verdict.info.status, verdict.source, verdict.checks) == (status, source, ())


async def test_a_certificate_that_nobody_can_verify_accepts_nothing() -> None:
    verdict = await said({"certificate": True})
    assert (verdict.info.status, verdict.certificate_status) == ("Invalid", "CertChainError")
    assert verdict.reason
