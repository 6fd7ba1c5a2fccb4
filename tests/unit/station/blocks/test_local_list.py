"""D, before 1.6: a list that learns from the CSMS's answers."""

import pytest

from stationmaster.domain.identity import IdToken
from stationmaster.domain.local_list.entries import GetLocalListVersion, ListEntry, SendLocalList
from stationmaster.domain.messages import IdTokenInfo
from stationmaster.station.blocks.local_list import LocalList
from stationmaster.station.settings import BEFORE_1_6, Configuration, Settings
from stationmaster.storage.station_memory import RamMemory

CARD, OTHER = IdToken("04A1B2C3"), IdToken("04D4E5F6")
ACCEPTED, BLOCKED = IdTokenInfo(status="Accepted"), IdTokenInfo(status="Blocked")


async def listed(memory: RamMemory) -> LocalList:
    made = LocalList(memory, Configuration(memory, Settings(), BEFORE_1_6))
    entries = (ListEntry(CARD, ACCEPTED), ListEntry(OTHER, ACCEPTED))
    assert (await made.take(SendLocalList(version=3, update="Full", entries=entries))).status == "Accepted"
    return made


@pytest.mark.parametrize("shown", [CARD, IdToken("04a1b2c3", "ISO14443")])
async def test_1_5_s4_8_what_the_CSMS_says_of_a_token_outlives_a_restart_and_leaves_the_version(shown: IdToken) -> None:
    memory = RamMemory()
    (await listed(memory)).learn(shown, BLOCKED)

    restarted = LocalList(memory, Configuration(memory, Settings(), BEFORE_1_6))

    assert (restarted.get(CARD), restarted.get(OTHER)) == (BLOCKED, ACCEPTED)
    assert (await restarted.tell_version(GetLocalListVersion())).version == 3


async def test_1_5_s4_8_a_token_that_is_in_use_elsewhere_is_kept_as_accepted() -> None:
    made = await listed(RamMemory())
    made.learn(CARD, IdTokenInfo(status="ConcurrentTx"))
    assert made.get(CARD) == ACCEPTED


async def test_a_token_that_is_not_listed_is_not_put_there() -> None:
    made = await listed(RamMemory())
    made.learn(IdToken("04FFFFFF"), BLOCKED)
    assert len(made) == 2
