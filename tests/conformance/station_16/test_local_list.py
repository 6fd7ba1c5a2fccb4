"""1.6 §3.5, §5.10, §5.15: the Local Authorization List of a Charge Point."""

from datetime import timedelta
from typing import Any

import pytest
from charge_point_case import ChargePointCase, reports
from said import Said
from station_case import CARD, CARD_2


def entry(tag: str = CARD, status: str = "Accepted", **info: Any) -> dict[str, Any]:
    return {"idTag": tag, "idTagInfo": {"status": status, **info}}


async def send(case: ChargePointCase, update: str, version: int, *entries: dict[str, Any]) -> str:
    more = {"localAuthorizationList": list(entries)} if entries else {}
    answer = await case.ask("SendLocalList", updateType=update, listVersion=version, **more)
    case.take()
    return str(answer["status"])


async def version_of(case: ChargePointCase) -> int:
    return int((await case.ask("GetLocalListVersion"))["listVersion"])


def asked(said: Said) -> list[str]:
    return [payload["idTag"] for payload in said.payloads("Authorize")]


async def charges_offline(case: ChargePointCase) -> bool:
    await case.plug()
    await case.go_offline()
    await case.swipe()
    charges = case.hardware.drawing(1)
    await case.back_online()
    return charges


async def test_s5_15_a_full_list_replaces_and_a_differential_one_changes(case: ChargePointCase) -> None:
    assert await send(case, "Full", 3, entry(), entry(CARD_2)) == "Accepted"
    assert await send(case, "Differential", 4, {"idTag": CARD}) == "Accepted"
    assert await version_of(case) == 4
    assert await send(case, "Differential", 4, entry()) == "VersionMismatch"
    assert await send(case, "Full", 2) == "Accepted"
    assert await version_of(case) == 2


async def test_s5_10_without_a_list_the_version_is_0(case: ChargePointCase) -> None:
    assert await version_of(case) == 0


async def test_s5_10_and_s5_15_a_list_that_is_switched_off_is_not_supported(case: ChargePointCase) -> None:
    case.set(LocalAuthListCtrlr__Enabled="false")
    assert await version_of(case) == -1
    assert await send(case, "Full", 1, entry()) == "NotSupported"


@pytest.mark.parametrize("number", [0, -1])
async def test_errata_3_52_a_list_has_no_version_that_means_something_else(case: ChargePointCase, number: int) -> None:
    assert await send(case, "Full", number, entry()) == "Failed"


@pytest.mark.parametrize("status", ["Accepted", "ConcurrentTx"])
async def test_s3_5_2_entries_that_are_valid_charge_offline(case: ChargePointCase, status: str) -> None:
    await send(case, "Full", 1, entry(status=status))
    assert await charges_offline(case)


@pytest.mark.parametrize("status", ["Blocked", "Expired", "Invalid"])
async def test_s3_5_4_entries_that_are_not_valid_are_refused_offline_whatever_unknown_tags_may(
    case: ChargePointCase, status: str
) -> None:
    case.set(AuthCtrlr__OfflineTxForUnknownIdEnabled="true")
    await send(case, "Full", 1, entry(status=status))
    assert not await charges_offline(case)


async def test_s3_5_4_entries_that_expire_are_refused_offline_whatever_unknown_tags_may(case: ChargePointCase) -> None:
    case.set(AuthCtrlr__OfflineTxForUnknownIdEnabled="true")
    until = (case.clock.now() + timedelta(seconds=60)).isoformat().replace("+00:00", "Z")
    await send(case, "Full", 1, entry(expiryDate=until))
    await case.wait(61)
    assert not await charges_offline(case)


async def test_s3_5_4_a_tag_that_expired_in_the_cache_is_not_an_unknown_one(case: ChargePointCase) -> None:
    case.set(AuthCtrlr__OfflineTxForUnknownIdEnabled="true")
    until = (case.clock.now() + timedelta(seconds=600)).isoformat().replace("+00:00", "Z")
    case.infos[CARD] = case.tx_infos[CARD] = {"status": "Accepted", "expiryDate": until}
    await case.session()
    await case.swipe()
    await case.unplug()
    await case.wait(601)
    assert not await charges_offline(case)


async def test_s3_5_3_tags_of_the_list_are_not_cached(case: ChargePointCase) -> None:
    case.set(AuthCtrlr__LocalPreAuthorize="true")
    await send(case, "Full", 1, entry())
    await case.session()
    await case.swipe()
    await case.unplug()
    await send(case, "Full", 2)
    await case.plug()
    assert asked(await case.swipe()) == [CARD]  # neither in the list any more nor in the cache


async def test_s3_5_2_a_start_that_the_list_accepted_and_the_CSMS_refuses_is_told_as_a_conflict(
    case: ChargePointCase,
) -> None:
    case.set(AuthCtrlr__LocalPreAuthorize="true")
    await send(case, "Full", 1, entry())
    case.tx_infos[CARD] = {"status": "Blocked"}
    said = await case.plug() + await case.swipe()
    assert asked(said) == []
    conflict = [told for told in reports(said, 0) if told["errorCode"] == "LocalListConflict"]
    assert [told["status"] for told in conflict] == ["Available"]


async def test_1_5_s4_8_and_s4_10_the_list_keeps_what_the_CSMS_says_at_a_start(case: ChargePointCase) -> None:
    case.set(AuthCtrlr__LocalPreAuthorize="true", TxCtrlr__StopTxOnInvalidId="true")
    await send(case, "Full", 1, entry())
    case.tx_infos[CARD] = {"status": "Blocked"}
    said = await case.plug() + await case.swipe()
    assert asked(said) == []
    assert {told["errorCode"] for told in said.payloads("StatusNotification")} == {"NoError"}
    await case.swipe()  # which gives the cable back
    await case.unplug()
    assert await version_of(case) == 1
    assert not await charges_offline(case)


async def test_s9_3_the_keys_tell_what_the_list_can_hold(case: ChargePointCase) -> None:
    keys = ["LocalAuthListEnabled", "LocalAuthListMaxLength", "SendLocalListMaxLength", "SupportedFeatureProfiles"]
    told = (await case.ask("GetConfiguration", key=keys))["configurationKey"]
    values = {item["key"]: (item["value"], item["readonly"]) for item in told}
    assert values["LocalAuthListEnabled"] == ("true", False)
    assert values["LocalAuthListMaxLength"] == ("1000", True)
    assert values["SendLocalListMaxLength"] == ("50", True)
    assert "LocalAuthListManagement" in values["SupportedFeatureProfiles"][0].split(",")
