"""Asking another system about VAT numbers: what it says, and what counts where it is silent."""

import asyncio
from datetime import UTC, datetime

import msgspec
import pytest

from stationmaster.csms.authorization.circuit import FAILURES
from stationmaster.csms.payment.vat_office import MAX_UNDER_WAY, VatOffice
from stationmaster.csms.settings import VatPolicy
from stationmaster.domain.authorization.outside_word import OracleSilent
from stationmaster.domain.payment.payments import Company, VatWord

NUMBER = "DE136695976"
POLICY = VatPolicy(timeout_s=1.5)
COMPANY = b'{"name":"Ada","address1":"1 Mill Lane","city":"York","postalCode":"YO1","country":"UK"}'


class Clock:
    """Time passes where somebody sleeps."""

    def __init__(self) -> None:
        self.at = 0.0

    def now(self) -> datetime:
        return datetime(2026, 3, 1, tzinfo=UTC)

    def monotonic(self) -> float:
        return self.at

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(0)
        self.at += seconds


class Registry:
    def __init__(self, answer: bytes | Exception = b'{"valid":true}') -> None:
        self.answer = answer
        self.questions: list[object] = []
        self.open = asyncio.Event()
        self.open.set()

    async def ask(self, tenant: str, question: bytes) -> bytes:
        self.questions.append(msgspec.json.decode(question))
        await self.open.wait()
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


async def word(registry: Registry, policy: VatPolicy = POLICY) -> VatWord:
    return await VatOffice(registry, Clock()).word(policy, "default", NUMBER, "CS-1")


async def test_the_question_says_who_asks_about_what() -> None:
    registry = Registry(b'{"valid":true,"company":' + COMPANY + b',"more":1}')
    company = Company(name="Ada", address1="1 Mill Lane", city="York", postal_code="YO1", country="UK")
    assert await word(registry) == VatWord(valid=True, company=company)
    assert registry.questions == [{"tenant": "default", "station": "CS-1", "vat_number": NUMBER}]


async def test_its_refusal_is_a_refusal_and_no_policy_of_ours_can_come_from_it() -> None:
    assert await word(Registry(b'{"valid":false,"by_policy":true}')) == VatWord(valid=False)


@pytest.mark.parametrize("policy", [POLICY, VatPolicy(when_silent="accept")], ids=["refuse", "accept"])
@pytest.mark.parametrize(
    "answer",
    [
        OracleSilent("HTTP 500"),
        b"",
        b"[]",
        b'{"valid":"yes"}',
        b'{"valid":true,"company":{"name":"Ada"}}',
        b'{"valid":true,"company":' + COMPANY.replace(b"Ada", b"A" * 51) + b"}",
    ],
)
async def test_what_is_no_answer_is_silence(answer: bytes | Exception, policy: VatPolicy) -> None:
    assert await word(Registry(answer), policy) == VatWord(valid=policy.when_silent == "accept", by_policy=True)


async def test_it_has_so_long_and_no_longer() -> None:
    registry = Registry()
    registry.open.clear()
    clock = Clock()
    assert (await VatOffice(registry, clock).word(POLICY, "default", NUMBER, "CS-1")).by_policy
    assert clock.at == 1.5


async def test_one_that_is_down_is_left_alone_for_a_while() -> None:
    registry = Registry(OracleSilent("HTTP 503"))
    office = VatOffice(registry, Clock())
    for _ in range(FAILURES + 5):
        await office.word(POLICY, "default", NUMBER, "CS-1")
    assert len(registry.questions) == FAILURES


async def test_only_so_many_questions_are_under_way() -> None:
    registry = Registry()
    registry.open.clear()

    class Patient(Clock):
        async def sleep(self, seconds: float) -> None:
            await asyncio.Event().wait()

    office = VatOffice(registry, Patient())
    asked = [asyncio.create_task(office.word(POLICY, "default", NUMBER, "CS-1")) for _ in range(MAX_UNDER_WAY + 3)]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    registry.open.set()
    words = await asyncio.gather(*asked)
    assert [each.by_policy for each in words].count(True) == 3
