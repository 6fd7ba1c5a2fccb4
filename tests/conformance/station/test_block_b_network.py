"""B09, B10: network profiles, as certification tests a station."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from network_case import NEW, NetworkCase
from variables_asked import base_report, get, names, status_of_set, value

from stationmaster.ocpp.version import Version

PRIORITY = "OCPPCommCtrlr.NetworkConfigurationPriority"
ACTIVE = "OCPPCommCtrlr.ActiveNetworkProfile"


@pytest.fixture
async def case(version: Version, model: str) -> AsyncIterator[NetworkCase]:
    case = NetworkCase(version, model)
    await case.power_up()
    case.set(OCPPCommCtrlr__RetryBackOffRandomRange="0", OCPPCommCtrlr__RetryBackOffRepeatTimes="0")
    yield case
    await case.power_down()


async def test_TC_B_43_CS_a_slot_that_is_not_there_is_rejected(case: NetworkCase) -> None:
    assert await case.set_profile(slot=999) == ("Rejected", "InvalidConfSlot")  # B09.FR.05


async def test_TC_B_45_CS_the_station_moves_to_the_CSMS_of_another_slot(case: NetworkCase) -> None:
    await case.ready_to_move("2,1")
    await case.wait(60)
    assert case.take_new() == []  # B09.FR.01: not before the restart

    await case.restart()
    await case.wait(60)

    said = case.take_new()
    assert said.order[0] == "BootNotification"
    assert said.reports == case.all_report("Available")
    assert case.csms.connection is None  # B10.FR.06
    assert case.csms.lost_at[-1] <= case.new.dialled[0][0]


async def test_TC_B_46_CS_the_next_slot_is_tried_when_the_first_is_dead(case: NetworkCase) -> None:
    await case.ready_to_move("2,1", attempts=2)
    case.new.reachable = False
    case.take()

    await case.restart()
    said = await case.wait(100)

    assert len(case.new.dialled) == 2  # B10.FR.03
    assert said.order.count("BootNotification") == 1
    assert await value(case, ACTIVE) == "1"


async def test_TC_B_49_CS_after_all_attempts_the_last_good_profile_is_gone_back_to(case: NetworkCase) -> None:
    await case.ready_to_move("2,1", attempts=1)
    case.new.reachable = case.csms.reachable = False
    before = len(case.csms.dialled)
    await case.restart()
    while len(case.csms.dialled) == before:
        await case.wait(1)

    case.csms.reachable = True  # the attempt of slot 1 was in vain; the next one is slot 1 again (B10.FR.07)
    said = await case.wait(25)

    assert len(case.new.dialled) == 1
    first, second = (at for at, _ in case.csms.dialled[before:])
    assert second - first == pytest.approx(10, abs=0.5)
    assert said.order.count("BootNotification") == 1


async def test_B10_FR_03_10_a_lost_CSMS_is_replaced_by_the_next_which_gets_a_boot(case: NetworkCase) -> None:
    await case.ready_to_move("1,2", attempts=2)
    case.take()

    case.csms.drop()
    await case.wait(100)

    said = case.take_new()
    assert said.order[0] == "BootNotification"
    assert said.reports == case.all_report("Available")
    assert case.station.snapshot().boots == 1


async def test_B10_FR_08_09_the_list_is_begun_again_for_ever(case: NetworkCase) -> None:
    await case.ready_to_move("2", attempts=1)
    case.new.reachable = case.csms.reachable = False
    await case.restart()
    await case.wait(200)
    assert len(case.new.dialled) > 3

    case.new.reachable = True
    await case.wait(60)
    assert case.take_new().order[0] == "BootNotification"


async def test_B10_FR_03_a_CSMS_that_hangs_up_on_the_station_is_no_success(case: NetworkCase) -> None:
    await case.ready_to_move("2,1", attempts=2)
    case.new.script["BootNotification"] = lambda _: case.new.connection.cut()
    case.take()

    await case.restart()
    said = await case.wait(100)

    assert len(case.new.dialled) == 2
    assert "BootNotification" in said.order


@pytest.mark.parametrize(
    "changes",
    [
        {"ocppTransport": "SOAP"},
        {"ocppVersion": "OCPP16"},
        {"ocppInterface": "Wireless0"},
        {"securityProfile": 3, "ocppCsmsUrl": "wss://new.test"},
        {"ocppCsmsUrl": "wss://new.test"},
        {"ocppCsmsUrl": "http://new.test"},
        {"ocppCsmsUrl": "ws://somebody:word@new.test"},
        {"ocppCsmsUrl": "ws://[broken"},
        {"messageTimeout": 0},
        {"apn": {"apn": "internet", "apnAuthentication": "NONE"}},
        {"vpn": {"server": "vpn.test", "user": "u", "password": "p", "key": "k", "type": "IKEv2"}},
    ],
)
async def test_B09_FR_02_what_the_station_cannot_use_is_rejected(case: NetworkCase, changes: dict[str, Any]) -> None:
    answer = await case.ask("SetNetworkProfile", configurationSlot=2, connectionData=case.profile() | changes)

    assert (answer["status"], answer["statusInfo"]["reasonCode"]) == ("Rejected", "InvalidNetworkConf")


async def test_B09_FR_04_a_lower_security_profile_is_rejected(case: NetworkCase) -> None:
    assert await case.set_profile(securityProfile=0) == ("Rejected", "NoSecurityDowngrade")


@pytest.mark.parametrize(
    ("priority", "verdict"),
    [
        ("1,3", ("Rejected", "InvalidNetworkConf")),
        ("9", ("Rejected", "InvalidValue")),
        ("1,1", ("Rejected", "InvalidValue")),
        ("", ("Rejected", "InvalidValue")),
        ("1", ("Accepted", None)),
        ("2,1", ("RebootRequired", None)),
    ],
)
async def test_B10_FR_01_02_every_slot_of_the_priority_holds_a_profile(
    case: NetworkCase, priority: str, verdict: tuple[str, str | None]
) -> None:
    await case.set_profile()

    assert await status_of_set(case, PRIORITY, priority) == verdict


async def test_B09_profiles_outlive_a_loss_of_power(case: NetworkCase) -> None:
    await case.ready_to_move("2,1")
    await case.cut_power()

    await case.power_up()

    assert case.take_new().order[0] == "BootNotification"


async def test_B09_the_active_profile_may_be_replaced_and_counts_from_the_next_connection(case: NetworkCase) -> None:
    assert await case.set_profile(slot=1) == ("Accepted", None)
    assert (await case.wait(30)).order == ["SetNetworkProfile!"]

    case.csms.drop(and_refuse=False)
    await case.wait(30)

    assert case.take_new().order[0] == "BootNotification"


async def test_A01_FR_01_02_a_new_password_is_used_at_once_and_never_told(case: NetworkCase) -> None:
    password = "a-new-and-long-password"

    assert await status_of_set(case, "SecurityCtrlr.BasicAuthPassword", password) == ("Accepted", None)
    said = await case.wait(30)

    assert len(case.csms.dialled) == 2
    assert case.passwords[-1] == password
    assert "BootNotification" not in said.order  # a mere reconnect
    (result,) = await get(case, "SecurityCtrlr.BasicAuthPassword")
    assert result["attributeStatus"] == "Rejected"  # B06.FR.09
    _, data = await base_report(case, "ConfigurationInventory")
    assert "SecurityCtrlr.BasicAuthPassword" in names(data)
    assert password not in str(data)


@pytest.mark.parametrize("password", ["too-short", "x" * 65])
async def test_A01_a_password_of_another_length_is_rejected(case: NetworkCase, password: str) -> None:
    verdict = await status_of_set(case, "SecurityCtrlr.BasicAuthPassword", password)

    assert verdict == ("Rejected", "ValueOutOfRange")


@pytest.mark.parametrize("version", [Version.V21], ids=["2.1"])
async def test_B09_FR_27_the_password_for_all_replaces_that_of_the_profile_in_use(case: NetworkCase) -> None:
    await case.set_profile(slot=1, url="ws://csms.test", basicAuthPassword="the-password-of-the-profile")
    case.csms.drop(and_refuse=False)
    await case.wait(30)
    assert case.passwords[-1] == "the-password-of-the-profile"

    await status_of_set(case, "SecurityCtrlr.BasicAuthPassword", "the-password-for-everything")
    await case.wait(30)

    assert case.passwords[-1] == "the-password-for-everything"


@pytest.mark.parametrize("version", [Version.V21], ids=["2.1"])
async def test_B09_FR_08_09_the_slots_are_told_as_variables(case: NetworkCase) -> None:
    await case.set_profile(basicAuthPassword="a-password-nobody-sees")

    _, data = await base_report(case, "FullInventory")

    told = {
        (item["component"].get("instance"), item["variable"]["name"]): item["variableAttribute"][0]["value"]
        for item in data
        if item["component"]["name"] == "NetworkConfiguration"
    }
    assert told["2", "OcppCsmsUrl"] == NEW
    assert told["1", "ApnEnabled"] == "false"  # B09.FR.13
    assert "SecurityCtrlr.SecurityProfile" in names(data)
    assert "a-password-nobody-sees" not in str(data)
