"""D01, D02 The local authorization list, as certification tests a CSMS: sent by an operator, and kept by itself."""

import asyncio
from collections.abc import AsyncIterator
from functools import partial
from typing import Any

import pytest
from csms_case import BLOCKED, EXPIRED, GROUP, MASTER, VALID, VALID_2, Case, accepted, seeded

from stationmaster.csms.settings import CsmsSettings, TenantPolicy
from stationmaster.domain.diagnostics.customer_information import CustomerInformation
from stationmaster.domain.identity import IdToken
from stationmaster.domain.local_list.entries import GetLocalListVersion, ListEntry, LocalListState, SendLocalList
from stationmaster.domain.messages import IdTokenInfo
from stationmaster.domain.records import Event
from stationmaster.ocpp.version import Version
from stationmaster.testing import csms_bench
from stationmaster.testing.script import StatusForm, moment
from stationmaster.testing.wire import Payload

KEEPING = CsmsSettings(default_policy=TenantPolicy(registration="open", local_lists="on"), local_list_delay_s=0.1)
ENTRY = ListEntry(IdToken(VALID, "ISO14443"), IdTokenInfo(status="Accepted"))
TOLD = {"idToken": {"idToken": VALID, "type": "ISO14443"}, "idTokenInfo": {"status": "Accepted"}}


async def sent(case: Case, request: SendLocalList, status: str = "Accepted") -> Payload:
    asked, command = await case.commanded(request, "SendLocalList", status)
    assert command.state == ("accepted" if status == "Accepted" else "rejected")
    assert (asked["updateType"], asked["versionNumber"]) == (request.update, request.version)
    return asked


async def test_TC_D_01_CSMS_a_full_list(case: Case) -> None:
    asked = await sent(case, SendLocalList(update="Full", version=1, entries=(ENTRY,)))
    assert asked["localAuthorizationList"] == [TOLD]


async def test_TC_D_02_CSMS_a_differential_list_after_the_version_is_known(case: Case) -> None:
    case.station.answer("GetLocalListVersion", {"versionNumber": 4})
    told = await case.view.outcome(await case.view.ask(GetLocalListVersion()))
    assert told.answer == {"version": 4}
    asked = await sent(case, SendLocalList(update="Differential", version=5, entries=(ENTRY,)))
    assert asked["localAuthorizationList"] == [TOLD]


async def test_TC_D_03_CSMS_a_token_is_taken_off(case: Case) -> None:
    gone = ListEntry(ENTRY.id_token)
    asked = await sent(case, SendLocalList(update="Differential", version=2, entries=(gone,)))
    assert asked["localAuthorizationList"] == [{"idToken": TOLD["idToken"]}]


async def test_TC_D_04_CSMS_the_list_is_emptied(case: Case) -> None:
    assert "localAuthorizationList" not in await sent(case, SendLocalList(update="Full", version=2))


async def test_TC_D_08_CSMS_and_TC_D_09_CSMS_the_version_is_asked_for(case: Case) -> None:
    for version in (0, 7):
        case.station.answer("GetLocalListVersion", {"versionNumber": version})
        told = await case.view.outcome(await case.view.ask(GetLocalListVersion()))
        assert (told.state, told.answer) == ("accepted", {"version": version})


# Kept by the CSMS itself ────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture(params=[Version.V20, Version.V201, Version.V21], ids=str)
async def keeper(request: pytest.FixtureRequest) -> AsyncIterator[Case]:
    """A station whose list is to be kept; it has version 0, and answers what a case wants of it."""
    form: StatusForm = "NotifyEvent" if request.param is Version.V21 else "StatusNotification"
    async with csms_bench(KEEPING) as bench:
        await seeded(bench)
        case = await Case.connect(bench, request.param, form)
        case.station.answer("GetVariables", told_limits)
        case.station.answer("GetLocalListVersion", {"versionNumber": 0})
        case.station.answer("SendLocalList", partial(accepts, case))
        await case.booted()
        yield case


def accepts(case: Case, payload: Payload) -> Payload:
    """What is taken has its version from then on."""
    case.station.answer("GetLocalListVersion", {"versionNumber": payload["versionNumber"]})
    return {"status": "Accepted"}


def told_limits(payload: Payload) -> Payload:
    """Two entries in a message, and no word of the rest."""
    results = []
    for asked in payload["getVariableData"]:
        known = {"ItemsPerMessage": "3", "Available": "true", "Enabled": "true"}.get(asked["variable"]["name"])
        status = {"attributeStatus": "UnknownVariable" if known is None else "Accepted"}
        results.append({**asked, **status} if known is None else {**asked, **status, "attributeValue": known})
    return {"getVariableResult": results}


def values(asked: Payload) -> list[str]:
    return [entry["idToken"]["idToken"] for entry in asked.get("localAuthorizationList", [])]


async def known(case: Case, state: str, entries: int | None = None) -> LocalListState:
    """What is known of the list, once it is in this state, and has so many entries."""
    async with asyncio.timeout(10):
        while True:
            found = await case.bench.storage.reads.local_list("default", case.view.key)
            if found is not None and found.state == state and entries in (None, found.entries):
                return found
            await asyncio.sleep(0.01)


async def changed(case: Case) -> None:
    event = Event(kind="TokenChanged", tenant="default", at=case.bench.clock.now(), data={})
    await case.bench.storage.journal.store([], [event])


async def first_list(case: Case) -> list[Payload]:
    first, second = [await case.station.asked("SendLocalList") for _ in range(2)]
    await known(case, "in_sync")
    return [first, second]


async def test_D01_FR_03_and_FR_11_a_list_that_is_too_long_is_sent_full_first_and_differential_then(
    keeper: Case,
) -> None:
    first, second = await first_list(keeper)
    assert (first["updateType"], first["versionNumber"]) == ("Full", 1)
    assert (second["updateType"], second["versionNumber"]) == ("Differential", 2)
    assert [len(values(first)), len(values(second))] == [3, 2]
    assert sorted(values(first) + values(second)) == sorted([VALID, VALID_2, BLOCKED, EXPIRED, MASTER])
    entries = {
        entry["idToken"]["idToken"]: entry for asked in (first, second) for entry in asked["localAuthorizationList"]
    }
    assert entries[VALID]["idTokenInfo"]["groupIdToken"] == {"idToken": GROUP, "type": "Central"}
    assert [entries[value]["idTokenInfo"]["status"] for value in (BLOCKED, EXPIRED)] == ["Blocked", "Expired"]


async def test_D01_FR_03_what_differs_is_sent_as_a_difference(keeper: Case) -> None:
    await first_list(keeper)
    await keeper.bench.add_token("04CAFE", "ISO14443")
    await changed(keeper)
    asked = await keeper.station.asked("SendLocalList")
    assert (asked["updateType"], asked["versionNumber"], values(asked)) == ("Differential", 3, ["04CAFE"])


@pytest.mark.parametrize("status", ["VersionMismatch", "Failed"])
async def test_D01_FR_03_a_difference_that_is_not_taken_is_followed_by_the_whole_list(
    keeper: Case, status: str
) -> None:
    await first_list(keeper)
    answers: list[Any] = [{"status": status}]
    keeper.station.answer("SendLocalList", lambda told: answers.pop() if answers else accepts(keeper, told))
    await keeper.bench.add_token("04CAFE", "ISO14443")
    await changed(keeper)
    updates = [(await keeper.station.asked("SendLocalList"))["updateType"] for _ in range(3)]
    assert updates == ["Differential", "Full", "Differential"]
    await known(keeper, "in_sync", entries=6)


async def test_D01_FR_03_a_station_with_another_version_than_was_sent_gets_the_whole_list(keeper: Case) -> None:
    await first_list(keeper)
    keeper.station.answer("GetLocalListVersion", {"versionNumber": 17})
    await keeper.bench.add_token("04CAFE", "ISO14443")
    await changed(keeper)
    asked = await keeper.station.asked("SendLocalList")
    assert (asked["updateType"], asked["versionNumber"]) == ("Full", 18)


async def test_D01_a_station_that_refuses_the_whole_list_is_left_alone_and_says_why(keeper: Case) -> None:
    await first_list(keeper)
    keeper.station.answer("SendLocalList", {"status": "Failed"})
    await keeper.bench.add_token("04CAFE", "ISO14443")
    await changed(keeper)
    await keeper.station.asked("SendLocalList")
    await keeper.station.asked("SendLocalList")
    assert (await known(keeper, "refused")).problem == "Failed"


async def test_TC_N_46_CSMS_a_driver_who_is_erased_is_taken_off_the_list(keeper: Case) -> None:
    await first_list(keeper)
    request = CustomerInformation(report=True, clear=True, id_token=ENTRY.id_token)
    asked, _ = await keeper.commanded(request, "CustomerInformation")
    told = {"data": "cleared", "seqNo": 0, "generatedAt": moment(keeper.station.now()), "requestId": asked["requestId"]}
    assert await keeper.station.say("NotifyCustomerInformation", told) == {}

    token = await keeper.bench.storage.reads.find_token("default", ENTRY.id_token)
    assert token is not None
    await keeper.bench.csms.drivers.erase("default", [token], reason=None, ask_stations=False, requested_by=None)

    sent = await keeper.station.asked("SendLocalList")
    assert (sent["updateType"], sent["versionNumber"]) == ("Differential", 3)
    assert sent["localAuthorizationList"] == [{"idToken": {"idToken": VALID, "type": "ISO14443"}}]


# Tokens of the list, of one group ───────────────────────────────────────────────────────────────────────────────────


async def test_TC_C_40_CSMS_another_token_of_the_group_on_the_list_stops(keeper: Case) -> None:
    await first_list(keeper)
    tx = keeper.station.transaction()
    await keeper.pre_session(tx)
    assert accepted(await tx.updated("Authorized", token=VALID))["groupIdToken"]["idToken"] == GROUP
    await keeper.charging(tx)
    assert (await keeper.stop_authorized(tx, VALID_2))["groupIdToken"]["idToken"] == GROUP
    await keeper.post_session(tx)
    await keeper.disconnected(tx)


async def test_TC_C_43_CSMS_a_token_that_the_list_refuses_stops_once_the_CSMS_accepts_it(keeper: Case) -> None:
    await first_list(keeper)
    tx = keeper.station.transaction()
    await keeper.pre_session(tx)
    assert accepted(await tx.updated("Authorized", token=VALID))["groupIdToken"]["idToken"] == GROUP
    await keeper.charging(tx)
    info = await keeper.station.authorize(VALID_2)
    assert (info["status"], info["groupIdToken"]["idToken"]) == ("Accepted", GROUP)
    assert (await keeper.stop_authorized(tx, VALID_2))["groupIdToken"]["idToken"] == GROUP
    await keeper.post_session(tx)
    await keeper.disconnected(tx)
