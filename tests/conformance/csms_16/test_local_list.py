"""1.6 §3.5, §5.10, §5.15: the Local Authorization List, sent by an operator, and kept by the Central System itself."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from case_16 import BLOCKED, EXPIRED, GROUP, TAG, TAG_2, Case16, seeded

from stationmaster.csms.settings import CsmsSettings, TenantPolicy
from stationmaster.domain.identity import IdToken
from stationmaster.domain.local_list.entries import GetLocalListVersion, ListEntry, LocalListState, SendLocalList
from stationmaster.domain.messages import IdTokenInfo
from stationmaster.domain.records import Event
from stationmaster.ocpp.version import Version
from stationmaster.testing import csms_bench
from stationmaster.testing.wire import Payload

KEEPING = CsmsSettings(default_policy=TenantPolicy(registration="open", local_lists="on"), local_list_delay_s=0.02)
ENTRY = ListEntry(IdToken(TAG), IdTokenInfo(status="Accepted", group=IdToken(GROUP)))
TOLD = {"idTag": TAG, "idTagInfo": {"status": "Accepted", "parentIdTag": GROUP}}


async def sent(case: Case16, request: SendLocalList, status: str = "Accepted") -> Payload:
    asked, command = await case.commanded(request, "SendLocalList", status)
    assert command.state == ("accepted" if status == "Accepted" else "rejected")
    assert (asked["updateType"], asked["listVersion"]) == (request.update, request.version)
    return asked


async def test_1_6_s5_15_a_full_list_is_sent(case: Case16) -> None:
    asked = await sent(case, SendLocalList(update="Full", version=1, entries=(ENTRY,)))
    assert asked["localAuthorizationList"] == [TOLD]


async def test_1_6_s5_15_a_token_is_taken_off(case: Case16) -> None:
    asked = await sent(case, SendLocalList(update="Differential", version=2, entries=(ListEntry(ENTRY.id_token),)))
    assert asked["localAuthorizationList"] == [{"idTag": TAG}]


async def test_1_6_s5_15_the_list_is_emptied(case: Case16) -> None:
    assert not (await sent(case, SendLocalList(update="Full", version=2))).get("localAuthorizationList")


@pytest.mark.parametrize("status", ["Failed", "NotSupported", "VersionMismatch"])
async def test_1_6_s5_15_a_list_that_is_not_taken_is_rejected(case: Case16, status: str) -> None:
    await sent(case, SendLocalList(update="Full", version=1, entries=(ENTRY,)), status)


async def test_1_6_s5_10_the_version_is_asked_for(case: Case16) -> None:
    for number in (0, 7, -1):
        case.client.on("GetLocalListVersion", {"listVersion": number})
        told = await case.view.outcome(await case.view.ask(GetLocalListVersion()))
        assert (told.state, told.answer) == ("accepted", {"version": number})


# Kept by the Central System itself ──────────────────────────────────────────────────────────────────────────────────


class Keeper:
    """A station whose list is to be kept: it takes three entries in a message, and has what was sent it last, unless it
    answers one of its ``refusals``."""

    case: Case16

    def __init__(self, version: int = 0) -> None:
        self.version = version
        self.refusals: list[str] = []

    @classmethod
    @asynccontextmanager
    async def booted(cls, spoken: Version, version: int = 0) -> AsyncIterator["Keeper"]:
        kept = cls(version)
        async with csms_bench(KEEPING) as bench:
            await seeded(bench)
            kept.case = await Case16.booted(
                bench,
                spoken,
                GetConfiguration=told_limits,
                GetLocalListVersion=lambda _: {"listVersion": kept.version},
                SendLocalList=kept.takes,
            )
            yield kept

    def takes(self, payload: Payload) -> Payload:
        if self.refusals:
            return {"status": self.refusals.pop()}
        self.version = payload["listVersion"]
        return {"status": "Accepted"}

    async def sent(self) -> Payload:
        """What it was sent next."""
        return await self.case.client.expect("SendLocalList")

    async def first_list(self) -> list[Payload]:
        asked = [await self.sent() for _ in range(2)]
        await self.known("in_sync")
        return asked

    async def known(self, state: str, entries: int | None = None) -> LocalListState:
        """What the Central System knows of it, once it is in this state, and has so many entries."""
        async with asyncio.timeout(10):
            while True:
                found = await self.case.bench.storage.reads.local_list("default", self.case.view.key)
                if found is not None and found.state == state and entries in (None, found.entries):
                    return found
                await asyncio.sleep(0.01)

    async def one_more(self) -> None:
        """There is another token."""
        await self.case.bench.add_token("04CAFE")
        event = Event(kind="TokenChanged", tenant="default", at=self.case.now(), data={})
        await self.case.bench.storage.journal.store([], [event])


def told_limits(payload: Payload) -> Payload:
    known = {"SendLocalListMaxLength": "3", "LocalAuthListEnabled": "true"}
    asked = payload.get("key") or known
    return {
        "configurationKey": [{"key": key, "value": known[key], "readonly": True} for key in asked if key in known],
        "unknownKey": [key for key in asked if key not in known],
    }


def entries(*asked: Payload) -> dict[str, Any]:
    """What each token is told to be; None where it is taken off."""
    told = [entry for payload in asked for entry in payload.get("localAuthorizationList", [])]
    return {entry["idTag"]: entry.get("idTagInfo") for entry in told}


@pytest.fixture
async def keeper(version: Version) -> AsyncIterator[Keeper]:
    async with Keeper.booted(version) as kept:
        yield kept


async def test_1_6_s5_15_a_list_that_is_too_long_is_sent_full_first_and_differential_then(keeper: Keeper) -> None:
    first, second = await keeper.first_list()
    assert (first["updateType"], first["listVersion"]) == ("Full", 1)
    assert (second["updateType"], second["listVersion"]) == ("Differential", 2)
    assert [len(entries(first)), len(entries(second))] == [3, 1]
    told = entries(first, second)
    assert {tag: info["status"] for tag, info in told.items()} == {
        TAG: "Accepted",
        TAG_2: "Accepted",
        BLOCKED: "Blocked",
        EXPIRED: "Expired",
    }
    assert told[TAG]["parentIdTag"] == GROUP


async def test_1_6_s5_15_what_differs_is_sent_as_a_difference(keeper: Keeper) -> None:
    await keeper.first_list()
    await keeper.one_more()
    asked = await keeper.sent()
    assert (asked["updateType"], asked["listVersion"], list(entries(asked))) == ("Differential", 3, ["04CAFE"])


@pytest.mark.parametrize("status", ["VersionMismatch", "Failed", "HashError"])
async def test_1_6_s5_15_a_difference_that_is_not_taken_is_followed_by_the_whole_list(
    keeper: Keeper, status: str
) -> None:
    await keeper.first_list()
    keeper.refusals = [status]
    await keeper.one_more()
    updates = [(await keeper.sent())["updateType"] for _ in range(3)]
    assert updates == ["Differential", "Full", "Differential"]
    await keeper.known("in_sync", entries=5)


async def test_1_6_s5_10_a_station_with_another_version_than_was_sent_gets_the_whole_list(keeper: Keeper) -> None:
    await keeper.first_list()
    keeper.version = 17
    await keeper.one_more()
    asked = await keeper.sent()
    assert (asked["updateType"], asked["listVersion"]) == ("Full", 18)


async def test_1_6_s5_15_a_station_that_refuses_the_whole_list_is_left_alone_and_says_why(keeper: Keeper) -> None:
    await keeper.first_list()
    keeper.refusals = ["Failed"] * 9
    await keeper.one_more()
    for _ in range(2):
        await keeper.sent()
    assert (await keeper.known("refused")).problem == "Failed"


async def test_1_6_s5_10_a_station_without_lists_says_so_by_version_minus_1_and_is_sent_none(version: Version) -> None:
    async with Keeper.booted(version, -1) as keeper:
        assert (await keeper.known("unsupported")).problem
        assert keeper.version == -1
