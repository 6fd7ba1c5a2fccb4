"""An answer that comes later is heard once, whoever is there first."""

import asyncio

import pytest

from stationmaster.domain.messages import ACKNOWLEDGED, Answer
from stationmaster.session.later import Later

FAILURE = LookupError("no answer")


@pytest.mark.parametrize("outcome", [ACKNOWLEDGED, FAILURE], ids=["answer", "failure"])
def test_who_listens_before_is_told_within_the_settling(outcome: Answer | Exception) -> None:
    later, heard = Later(), []
    later.then(heard.append)
    assert heard == []
    later.settle(outcome)
    assert heard == [outcome]


@pytest.mark.parametrize("outcome", [ACKNOWLEDGED, FAILURE], ids=["answer", "failure"])
def test_who_listens_after_is_told_at_once(outcome: Answer | Exception) -> None:
    later, heard = Later(), []
    later.settle(outcome)
    later.then(heard.append)
    assert heard == [outcome]


async def test_it_can_be_awaited_before_and_after() -> None:
    before, after = Later(), Later()
    waiting = asyncio.ensure_future(_of(before))
    await asyncio.sleep(0)
    before.settle(ACKNOWLEDGED)
    after.settle(ACKNOWLEDGED)
    assert await waiting is ACKNOWLEDGED
    assert await after is ACKNOWLEDGED


async def test_a_failure_is_raised_to_who_awaits() -> None:
    before, after = Later(), Later()
    waiting = asyncio.ensure_future(_of(before))
    await asyncio.sleep(0)
    before.settle(FAILURE)
    after.settle(FAILURE)
    with pytest.raises(LookupError, match="no answer"):
        await waiting
    with pytest.raises(LookupError, match="no answer"):
        await after


async def test_who_gave_up_waiting_does_not_disturb_who_settles() -> None:
    later = Later()
    waiting = asyncio.ensure_future(_of(later))
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.sleep(0)
    later.settle(ACKNOWLEDGED)
    assert waiting.cancelled()


async def _of(later: Later) -> Answer:
    return await later
