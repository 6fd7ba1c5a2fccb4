"""Asking another system about tokens: bounds, and what counts where it is silent."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from stationmaster.csms.authorization.circuit import FAILURES, REST_S
from stationmaster.csms.authorization.outside import MAX_REMEMBERED, MAX_UNDER_WAY, Outside
from stationmaster.csms.settings import OutsidePolicy
from stationmaster.domain.authorization.outside_word import OracleSilent, Said
from stationmaster.domain.authorization.tokens import Token
from stationmaster.domain.authorization.verdict import Question
from stationmaster.domain.identity import Evse, IdToken

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
CARD = IdToken("T1", "ISO14443", (("X", "eMAID"),))
KNOWN = Token(key=1, tenant="default", id_token=CARD, group="G")
ALL = OutsidePolicy(ask="all")


class Clock:
    """Time passes where somebody sleeps."""

    def __init__(self) -> None:
        self.at = 0.0

    def now(self) -> datetime:
        return AT

    def monotonic(self) -> float:
        return self.at

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(0)
        self.at += seconds


class Oracle:
    def __init__(self, answer: Any = b'{"status":"Accepted","group":"ROAM"}') -> None:
        self.answer = answer
        self.questions: list[dict[str, Any]] = []
        self.hold = asyncio.Event()
        self.hold.set()

    async def ask(self, tenant: str, question: bytes) -> bytes:
        self.questions.append(msgspec.json.decode(question))
        await self.hold.wait()
        if isinstance(self.answer, Exception):
            raise self.answer
        answer: bytes = self.answer
        return answer


def question(**fields: Any) -> Question:
    asked = {"tenant": "default", "station_key": 7, "id_token": CARD, "purpose": "start", "at": AT} | fields
    return Question(**asked)


async def word(outside: Outside, policy: OutsidePolicy = ALL, token: Token | None = None, **fields: Any) -> Said | None:
    return await outside.word(policy, question(**fields), token, "CS-1")


async def test_the_question_says_who_where_and_what_for() -> None:
    oracle = Oracle()
    said = await word(Outside(oracle, Clock()), token=KNOWN, evse=Evse(2, 1))
    assert said is not None and said.word.group == "ROAM" and not said.by_policy
    assert oracle.questions == [
        {
            "tenant": "default",
            "station": {"key": 7, "identity": "CS-1"},
            "evse_id": 2,
            "connector_id": 1,
            "id_token": {"value": "T1", "type": "ISO14443", "additional": [{"value": "X", "type": "eMAID"}]},
            "purpose": "start",
            "at": "2026-03-01T12:00:00Z",
            "known": {"status": "Accepted", "group": "G"},
        }
    ]


async def test_only_unknown_tokens_are_asked_about_where_that_is_the_policy() -> None:
    oracle = Oracle()
    outside = Outside(oracle, Clock())
    assert await word(outside, OutsidePolicy(), KNOWN) is None
    assert await word(outside, OutsidePolicy()) is not None
    assert len(oracle.questions) == 1


async def test_nobody_is_asked_about_a_stop_and_the_last_word_goes_on() -> None:
    oracle = Oracle()
    outside = Outside(oracle, Clock())
    assert await word(outside, purpose="stop") is None
    first = await word(outside)
    assert await word(outside, purpose="stop") == first
    assert len(oracle.questions) == 1


async def test_what_is_remembered_is_bounded() -> None:
    outside = Outside(Oracle(), Clock())
    for number in range(MAX_REMEMBERED + 1):
        await word(outside, id_token=IdToken(str(number)))
    assert await word(outside, purpose="stop", id_token=IdToken("0")) is None
    assert await word(outside, purpose="stop", id_token=IdToken("1")) is not None


SILENCES = [
    OracleSilent("HTTP 500"),
    b"not JSON",
    b"{}",
    b'{"status":"Perhaps"}',
    b'{"status":"Accepted","evse_ids":[0]}',
    b'{"status":"Accepted","limit":{"max_cost":-1}}',
    b'{"status":"Accepted","expires_at":"2026-01-01T00:00:00"}',
]


@pytest.mark.parametrize("answer", SILENCES)
@pytest.mark.parametrize(("policy", "status"), [("own", None), ("accept", "Accepted"), ("refuse", "Invalid")])
async def test_whatever_is_no_word_is_silence_and_the_policy_decides(answer: Any, policy: Any, status: str) -> None:
    outside = Outside(Oracle(answer), Clock())
    said = await word(outside, OutsidePolicy(ask="all", when_silent=policy))
    assert (None if said is None else said.word.status) == status
    assert said is None or (said.by_policy and said.word.cache_expiry == AT)
    assert (outside.asked, outside.silent) == (1, 1)


async def test_a_system_that_is_slow_is_silent_in_time() -> None:
    oracle, clock = Oracle(), Clock()
    oracle.hold.clear()
    assert await word(Outside(oracle, clock), OutsidePolicy(ask="all", timeout_s=1.5)) is None
    assert clock.at == 1.5


async def test_a_system_that_is_down_is_left_alone_and_then_tried_once() -> None:
    oracle, clock = Oracle(OracleSilent("down")), Clock()
    outside = Outside(oracle, clock)
    for _ in range(FAILURES + 3):
        await word(outside)
    assert len(oracle.questions) == FAILURES

    clock.at += REST_S
    await word(outside)  # the probe fails
    await word(outside)
    assert len(oracle.questions) == FAILURES + 1

    clock.at += REST_S
    oracle.answer = b'{"status":"Accepted"}'
    assert await word(outside) is not None
    assert await word(outside) is not None
    assert len(oracle.questions) == FAILURES + 3


async def test_while_it_is_tried_the_others_go_on() -> None:
    oracle, clock = Oracle(OracleSilent("down")), Clock()
    outside = Outside(oracle, clock)
    for _ in range(FAILURES):
        await word(outside)
    clock.at += REST_S
    oracle.hold.clear()
    probe = asyncio.create_task(word(outside, OutsidePolicy(ask="all", timeout_s=1e9)))
    await asyncio.sleep(0)
    assert await word(outside) is None
    assert len(oracle.questions) == FAILURES + 1
    probe.cancel()


async def test_one_tenants_system_being_down_is_nothing_to_another() -> None:
    oracle = Oracle(OracleSilent("down"))
    outside = Outside(oracle, Clock())
    for _ in range(FAILURES):
        await word(outside)
    oracle.answer = b'{"status":"Accepted"}'
    assert await word(outside, tenant="other") is not None


class StillClock(Clock):
    async def sleep(self, seconds: float) -> None:
        await asyncio.Event().wait()


async def test_so_many_questions_are_under_way_and_no_more() -> None:
    oracle = Oracle()
    oracle.hold.clear()
    outside = Outside(oracle, StillClock())
    asked = [asyncio.create_task(word(outside)) for _ in range(MAX_UNDER_WAY)]
    await asyncio.sleep(0)
    assert await word(outside) is None
    oracle.hold.set()
    assert None not in await asyncio.gather(*asked)
    assert await word(outside) is not None
