"""B05, B06: variables are read and set, as certification tests a station."""

from typing import Any

import pytest
from scripted_csms import CallError
from station_case import StationCase
from variables_asked import address, get, report, set_, status_of_set, value

from stationmaster.ocpp.version import Version
from stationmaster.testing.certificates import Authority

THRESHOLD, REMOTE = "OCPPCommCtrlr.OfflineThreshold", "AuthCtrlr.AuthorizeRemoteStart"


async def test_TC_B_06_CS_one_variable_is_read(case: StationCase) -> None:
    (result,) = await get(case, THRESHOLD)

    assert result == address(THRESHOLD) | {
        "attributeStatus": "Accepted",
        "attributeType": "Actual",  # B06.FR.11
        "attributeValue": case.station.variable(THRESHOLD),
    }


async def test_TC_B_07_CS_two_variables_are_read_and_their_attribute_type_is_repeated(case: StationCase) -> None:
    results = await get(case, THRESHOLD, REMOTE, attributeType="Actual")

    assert [result["attributeStatus"] for result in results] == ["Accepted", "Accepted"]
    assert [result["attributeType"] for result in results] == ["Actual", "Actual"]  # B06.FR.03
    assert [result["variable"]["name"] for result in results] == ["OfflineThreshold", "AuthorizeRemoteStart"]
    assert results[1]["attributeValue"] == "true"


@pytest.mark.parametrize(
    ("asked", "attribute", "status"),
    [
        pytest.param("UnknownCtrlr.Interval", {}, "UnknownComponent", id="TC_B_32"),
        pytest.param("OCPPCommCtrlr.Unknown", {}, "UnknownVariable", id="TC_B_33"),
        pytest.param(THRESHOLD, {"attributeType": "Target"}, "NotSupportedAttributeType", id="TC_B_34"),
    ],
)
async def test_TC_B_32_CS_TC_B_33_CS_TC_B_34_CS_what_is_not_there_is_not_read(
    case: StationCase, asked: str, attribute: dict[str, str], status: str
) -> None:
    (result,) = await get(case, asked, **attribute)

    assert result["attributeStatus"] == status
    assert "attributeValue" not in result  # B06.FR.06-.08
    assert result["attributeType"] == attribute.get("attributeType", "Actual")


async def test_TC_B_09_CS_one_variable_is_set(case: StationCase) -> None:
    (result,) = await set_(case, {THRESHOLD: "123"})

    assert result == address(THRESHOLD) | {"attributeStatus": "Accepted", "attributeType": "Actual"}  # B05.FR.12
    assert await value(case, THRESHOLD) == "123"


async def test_TC_B_10_CS_two_variables_are_set(case: StationCase) -> None:
    results = await set_(case, {THRESHOLD: "200", REMOTE: "false"}, attributeType="Actual")

    assert [result["attributeStatus"] for result in results] == ["Accepted", "Accepted"]
    assert (await value(case, THRESHOLD), await value(case, REMOTE)) == ("200", "false")


@pytest.mark.parametrize(
    ("asked", "refused"),
    [
        (THRESHOLD, ["60.1", "true", "2026-01-01T00:00:00Z", "abc"]),
        (REMOTE, ["60", "60.1", "2026-01-01T00:00:00Z", "abc"]),
        ("ClockCtrlr.NextTimeOffsetTransitionDateTime", ["60", "60.1", "true", "abc"]),
    ],
)
async def test_TC_B_11_CS_values_of_another_type_are_rejected(
    case: StationCase, asked: str, refused: list[str]
) -> None:
    before = await value(case, asked)

    for text in refused:
        assert await status_of_set(case, asked, text) == ("Rejected", "InvalidValue")  # B05.FR.07
    assert await value(case, asked) == before


@pytest.mark.parametrize(
    ("asked", "attribute", "status"),
    [
        pytest.param("UnknownCtrlr.Interval", {}, "UnknownComponent", id="TC_B_35"),
        pytest.param("OCPPCommCtrlr.Unknown", {}, "UnknownVariable", id="TC_B_36"),
        pytest.param(THRESHOLD, {"attributeType": "Target"}, "NotSupportedAttributeType", id="TC_B_37"),
    ],
)
async def test_TC_B_35_CS_TC_B_36_CS_TC_B_37_CS_what_is_not_there_is_not_set(
    case: StationCase, asked: str, attribute: dict[str, str], status: str
) -> None:
    (result,) = await set_(case, {asked: "3"}, **attribute)

    assert result["attributeStatus"] == status


async def test_TC_B_39_CS_a_read_only_variable_is_not_set(case: StationCase) -> None:
    assert await status_of_set(case, "OCPPCommCtrlr.MessageTimeout[Default]", "31") == ("Rejected", "ReadOnly")
    assert await value(case, "OCPPCommCtrlr.MessageTimeout[Default]") == "30"


async def test_B05_FR_08_values_outside_the_limits_are_rejected(case: StationCase) -> None:
    assert await status_of_set(case, "OCPPCommCtrlr.HeartbeatInterval", "0") == ("Rejected", "ValueOutOfRange")


async def test_B05_FR_01_each_of_many_settings_stands_alone(case: StationCase) -> None:
    results = await set_(
        case, {THRESHOLD: "77", "OCPPCommCtrlr.Unknown": "1", REMOTE: "maybe", "TxCtrlr.StopTxOnInvalidId": "false"}
    )

    assert [result["attributeStatus"] for result in results] == ["Accepted", "UnknownVariable", "Rejected", "Accepted"]
    assert (await value(case, THRESHOLD), await value(case, "TxCtrlr.StopTxOnInvalidId")) == ("77", "false")


@pytest.mark.parametrize("text", ["Voltage,Voltage", "Voltage,Sunshine"])
async def test_B05_FR_07_a_list_has_known_members_once(case: StationCase, text: str) -> None:
    verdict = await status_of_set(case, "SampledDataCtrlr.TxUpdatedMeasurands", text)

    assert verdict == ("Rejected", "InvalidValue")


async def test_B06_FR_13_an_unset_variable_is_read_as_empty(case: StationCase) -> None:
    assert await value(case, "AuthCtrlr.MasterPassGroupId") == ""


async def test_B06_FR_15_without_an_instance_no_instance_is_meant(case: StationCase) -> None:
    (result,) = await get(case, "OCPPCommCtrlr.MessageAttempts")

    assert result["attributeStatus"] == "UnknownVariable"


async def test_B06_FR_16_more_than_the_station_takes_is_an_OccurrenceConstraintViolation(case: StationCase) -> None:
    with pytest.raises(CallError, match="OccurrenceConstraintViolation"):
        await get(case, *[THRESHOLD] * 101)


async def test_B05_set_variables_outlive_a_reset(case: StationCase) -> None:
    await set_(case, {THRESHOLD: "4321"})
    await case.ask("Reset", type="Immediate")
    await case.wait(60)

    assert await value(case, THRESHOLD) == "4321"


async def test_B01_FR_04_the_heartbeat_interval_is_that_of_the_boot_and_may_be_set(case: StationCase) -> None:
    assert await value(case, "OCPPCommCtrlr.HeartbeatInterval") == "86400"

    await set_(case, {"OCPPCommCtrlr.HeartbeatInterval": "60"})
    said = await case.wait(190)
    assert said.order.count("Heartbeat") == 3


@pytest.mark.parametrize("version", [Version.V21], ids=["2.1"])
async def test_E17_the_resumption_timeout_has_its_name_of_2_1(case: StationCase) -> None:
    (result,) = await set_(case, {"TxCtrlr.ResumptionTimeout": "300"})

    assert result["attributeStatus"] == "Accepted"


async def test_B06_states_are_those_of_the_moment(case: StationCase) -> None:
    await case.plug(1)
    asked = ("EVSE@1.AvailabilityState", "EVSE@2.AvailabilityState", "Connector@1.1.AvailabilityState")

    results = await get(case, *asked, "ChargingStation.AvailabilityState", "EVSE@9.AvailabilityState")

    told: list[Any] = [result.get("attributeValue", result["attributeStatus"]) for result in results]
    assert told == ["Occupied", "Available", "Occupied", "Available", "UnknownComponent"]


async def test_2_1_4_FileTransferProtocols_are_those_of_the_station_s_own_client(case: StationCase) -> None:
    assert await value(case, "OCPPCommCtrlr.FileTransferProtocols") == "FTP,HTTP"  # as this bench's client has them


async def test_2_2_4_CertificateEntries_counts_what_is_installed_and_tells_how_many_can_be(case: StationCase) -> None:
    root = Authority("Root", case.clock.now())
    assert await value(case, "SecurityCtrlr.CertificateEntries") == "0"

    for use in ("CSMSRootCertificate", "ManufacturerRootCertificate"):
        await case.ask("InstallCertificate", certificateType=use, certificate=root.pem)

    assert await value(case, "SecurityCtrlr.CertificateEntries") == "2"
    asked = {"component": {"name": "SecurityCtrlr"}, "variable": {"name": "CertificateEntries"}}
    _, (told,) = await report(case, componentVariable=[asked])
    assert told["variableCharacteristics"]["maxLimit"] == 20
