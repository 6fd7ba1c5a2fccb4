"""D01, D02 The local authorization list, as certification tests a station."""

from typing import Any

import pytest
from scripted_csms import CallError
from station_case import CARD, CARD_2, StationCase

ENTRY = {"idToken": {"idToken": CARD, "type": "ISO14443"}, "idTokenInfo": {"status": "Accepted"}}
ENTRY_2 = {"idToken": {"idToken": CARD_2, "type": "ISO14443"}, "idTokenInfo": {"status": "Accepted"}}
REMOVED = {"idToken": ENTRY["idToken"]}


async def send(case: StationCase, update: str, version: int, *entries: dict[str, Any]) -> dict[str, Any]:
    more = {"localAuthorizationList": list(entries)} if entries else {}
    return await case.ask("SendLocalList", updateType=update, versionNumber=version, **more)


async def version_of(case: StationCase) -> int:
    return int((await case.ask("GetLocalListVersion"))["versionNumber"])


async def listed(case: StationCase) -> int:
    """How many entries the station says it has."""
    asked = {"component": {"name": "LocalAuthListCtrlr"}, "variable": {"name": "Entries"}}
    (told,) = (await case.ask("GetVariables", getVariableData=[asked]))["getVariableResult"]
    return int(told["attributeValue"])


@pytest.fixture
async def with_list(case: StationCase) -> StationCase:
    """IdTokenLocalAuthList: one valid token, version 5."""
    assert await send(case, "Full", 5, ENTRY) == {"status": "Accepted"}
    return case


async def test_TC_D_01_CS_a_full_list_replaces_what_was(with_list: StationCase) -> None:
    assert await send(with_list, "Full", 6, ENTRY_2) == {"status": "Accepted"}
    assert (await version_of(with_list), await listed(with_list)) == (6, 1)
    assert await send(with_list, "Differential", 7, REMOVED) == {"status": "Accepted"}
    assert await listed(with_list) == 1


async def test_TC_D_02_CS_a_differential_list_adds_and_changes(with_list: StationCase) -> None:
    blocked = {**ENTRY, "idTokenInfo": {"status": "Blocked"}}
    assert await send(with_list, "Differential", 6, ENTRY_2, blocked) == {"status": "Accepted"}
    assert (await version_of(with_list), await listed(with_list)) == (6, 2)


async def test_TC_D_03_CS_a_differential_list_takes_off_what_comes_without_info(with_list: StationCase) -> None:
    assert await send(with_list, "Differential", 6, REMOVED) == {"status": "Accepted"}
    assert (await version_of(with_list), await listed(with_list)) == (6, 0)


async def test_TC_D_04_CS_a_full_list_without_entries_empties_it(with_list: StationCase) -> None:
    assert await send(with_list, "Full", 6) == {"status": "Accepted"}
    assert (await version_of(with_list), await listed(with_list)) == (6, 0)


async def test_TC_D_05_CS_a_differential_list_without_entries_changes_the_version_alone(with_list: StationCase) -> None:
    assert await send(with_list, "Differential", 6) == {"status": "Accepted"}
    assert (await version_of(with_list), await listed(with_list)) == (6, 1)


@pytest.mark.parametrize("version_sent", [4, 5], ids=["older", "the same"])
async def test_TC_D_06_CS_a_differential_list_that_is_not_newer_is_refused(
    with_list: StationCase, version_sent: int
) -> None:
    assert (await send(with_list, "Differential", version_sent, ENTRY_2))["status"] == "VersionMismatch"
    assert (await version_of(with_list), await listed(with_list)) == (5, 1)


async def test_TC_D_07_CS_the_list_outlasts_a_restart(with_list: StationCase) -> None:
    await with_list.cut_power()
    await with_list.power_up()
    assert (await version_of(with_list), await listed(with_list)) == (5, 1)


async def test_TC_D_08_CS_the_version_is_told(with_list: StationCase) -> None:
    assert await version_of(with_list) == 5


async def test_D02_FR_02_without_a_list_the_version_is_0(case: StationCase) -> None:
    assert await version_of(case) == 0


async def test_TC_D_10_CS_a_list_that_is_switched_off_has_version_0_and_is_kept(with_list: StationCase) -> None:
    with_list.set(LocalAuthListCtrlr__Enabled="false")
    assert await version_of(with_list) == 0
    refused = await send(with_list, "Full", 6, ENTRY_2)
    assert (refused["status"], refused["statusInfo"]["reasonCode"]) == ("Failed", "NotEnabled")  # D01.FR.13
    with_list.set(LocalAuthListCtrlr__Enabled="true")
    assert await version_of(with_list) == 5


@pytest.mark.parametrize(
    ("update", "version_sent", "entries", "reason"),
    [
        ("Full", 6, (ENTRY, ENTRY), "InvalidValue"),  # D01.FR.06
        ("Full", 0, (ENTRY,), "ValueOutOfRange"),  # D01.FR.18
        ("Full", 6, (ENTRY_2, REMOVED), "MissingParam"),
    ],
    ids=["twice", "version 0", "nothing said of it"],
)
async def test_D01_a_list_that_cannot_be_is_refused_as_a_whole(
    with_list: StationCase, update: str, version_sent: int, entries: Any, reason: str
) -> None:
    refused = await send(with_list, update, version_sent, *entries)
    assert (refused["status"], refused["statusInfo"]["reasonCode"]) == ("Failed", reason)
    assert (await version_of(with_list), await listed(with_list)) == (5, 1)


async def test_D01_FR_11_more_entries_than_a_message_may_have_are_refused(with_list: StationCase) -> None:
    many = [{**ENTRY, "idToken": {"idToken": f"T{n}", "type": "ISO14443"}} for n in range(51)]
    with pytest.raises(CallError) as refused:
        await send(with_list, "Full", 6, *many)
    assert refused.value.code == "OccurrenceConstraintViolation"
    assert await version_of(with_list) == 5


async def test_D01_FR_12_there_is_room_for_so_many_and_no_more(with_list: StationCase) -> None:
    for start in range(0, 1000, 50):
        many = [{**ENTRY, "idToken": {"idToken": f"T{n}", "type": "ISO14443"}} for n in range(start, start + 50)]
        answer = await send(with_list, "Differential", 6 + start, *many)
        if answer["status"] != "Accepted":
            break
    assert (answer["status"], answer["statusInfo"]["reasonCode"]) == ("Failed", "OutOfStorage")
    assert await listed(with_list) == 951
