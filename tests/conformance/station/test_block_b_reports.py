"""B07, B08: reports of the device model, as certification tests a station."""

import asyncio
from collections.abc import Iterator

import pytest
from scripted_csms import CallError, Payload
from station_case import StationCase
from variables_asked import base_report, get, names, report

from stationmaster.ocpp.version import Version

LISTS = ("OptionList", "SequenceList", "MemberList")
_REQUIRED = """
AlignedDataCtrlr.Interval AlignedDataCtrlr.Measurands AlignedDataCtrlr.TxEndedInterval
AlignedDataCtrlr.TxEndedMeasurands AuthCtrlr.AuthorizeRemoteStart AuthCtrlr.LocalAuthorizeOffline
AuthCtrlr.LocalPreAuthorize ChargingStation.AvailabilityState ChargingStation.Available ChargingStation.SupplyPhases
ClockCtrlr.DateTime ClockCtrlr.TimeSource Connector@1.1.Available Connector@1.1.ConnectorType
Connector@1.1.SupplyPhases Connector@2.1.Available DeviceDataCtrlr.BytesPerMessage[GetReport]
DeviceDataCtrlr.BytesPerMessage[GetVariables] DeviceDataCtrlr.BytesPerMessage[SetVariables]
DeviceDataCtrlr.ItemsPerMessage[GetReport] DeviceDataCtrlr.ItemsPerMessage[GetVariables]
DeviceDataCtrlr.ItemsPerMessage[SetVariables] EVSE@1.AvailabilityState EVSE@1.Available EVSE@1.Power
EVSE@1.SupplyPhases EVSE@2.AvailabilityState OCPPCommCtrlr.ActiveNetworkProfile OCPPCommCtrlr.FileTransferProtocols
OCPPCommCtrlr.MessageAttemptInterval[TransactionEvent] OCPPCommCtrlr.MessageAttempts[TransactionEvent]
OCPPCommCtrlr.MessageTimeout[Default] OCPPCommCtrlr.NetworkConfigurationPriority
OCPPCommCtrlr.NetworkProfileConnectionAttempts OCPPCommCtrlr.OfflineThreshold OCPPCommCtrlr.ResetRetries
OCPPCommCtrlr.RetryBackOffRandomRange OCPPCommCtrlr.RetryBackOffRepeatTimes OCPPCommCtrlr.RetryBackOffWaitMinimum
OCPPCommCtrlr.UnlockOnEVSideDisconnect OCPPCommCtrlr.WebSocketPingInterval SampledDataCtrlr.TxEndedInterval
SampledDataCtrlr.TxEndedMeasurands SampledDataCtrlr.TxStartedMeasurands SampledDataCtrlr.TxUpdatedInterval
SampledDataCtrlr.TxUpdatedMeasurands SecurityCtrlr.CertificateEntries SecurityCtrlr.OrganizationName
SecurityCtrlr.SecurityProfile TxCtrlr.EVConnectionTimeOut TxCtrlr.StopTxOnEVSideDisconnect TxCtrlr.StopTxOnInvalidId
TxCtrlr.TxStartPoint TxCtrlr.TxStopPoint
"""


def attributes(data: list[Payload]) -> Iterator[tuple[Payload, Payload]]:
    """Each attribute with the characteristics of its variable."""
    for item in data:
        for attribute in item["variableAttribute"]:
            yield attribute, item["variableCharacteristics"]


async def test_TC_B_12_CS_the_configuration_inventory_tells_what_can_be_set(case: StationCase) -> None:
    status, data = await base_report(case, "ConfigurationInventory")

    assert status == "Accepted"
    mutabilities = {attribute.get("mutability", "ReadWrite") for attribute, _ in attributes(data)}
    assert mutabilities <= {"ReadWrite", "WriteOnly"}  # B07.FR.07
    assert "OCPPCommCtrlr.OfflineThreshold" in names(data)
    assert all(attribute["persistent"] for attribute, _ in attributes(data))


async def test_TC_B_13_CS_the_full_inventory_tells_every_variable_once(case: StationCase) -> None:
    status, data = await base_report(case, "FullInventory")

    assert status == "Accepted"
    assert len(names(data)) == len(set(names(data)))
    assert "AuthCtrlr.MasterPassGroupId" in names(data)  # B07.FR.11: unset ones too
    assert all(item["variableCharacteristics"]["dataType"] for item in data)


async def test_TC_B_13_CS_a_report_goes_out_in_parts_that_a_CSMS_can_take(case: StationCase) -> None:
    await base_report(case, "FullInventory")

    sizes = [len(str(call.payload)) for call in case.csms.heard if call.action == "NotifyReport"]
    assert len(sizes) > 1
    assert max(sizes) <= 32_768


async def test_TC_B_14_CS_the_summary_tells_of_availability_and_trouble(case: StationCase) -> None:
    case.hardware.jam_lock(1)
    await case.plug()
    await case.swipe()

    status, data = await base_report(case, "SummaryInventory")

    assert status == "Accepted"
    assert set(names(data)) == {
        "ChargingStation.AvailabilityState",
        *(f"EVSE@{evse}.AvailabilityState" for evse in (1, 2)),
        *(f"Connector@{evse}.1.AvailabilityState" for evse in (1, 2)),
        "ConnectorPlugRetentionLock@1.1.Problem",
    }


async def test_TC_B_15_CS_an_unknown_report_base_is_NotSupported_and_not_reported(case: StationCase) -> None:
    assert await base_report(case, "WinterInventory") == ("NotSupported", [])  # B07.FR.02


async def test_TC_B_19_CS_an_unknown_criterion_is_NotSupported(case: StationCase) -> None:
    assert await report(case, componentCriteria=["Sunny"]) == ("NotSupported", [])  # B08.FR.02


async def test_TC_B_53_CS_all_required_variables_are_there_and_lists_name_their_values(case: StationCase) -> None:
    _, data = await base_report(case, "FullInventory")

    assert set(_REQUIRED.split()) <= set(names(data))
    for attribute, characteristics in attributes(data):
        if attribute.get("mutability") == "WriteOnly":
            assert "value" not in attribute
        elif characteristics["dataType"] in LISTS:
            known = characteristics["valuesList"].split(",")
            assert set(filter(None, attribute["value"].split(","))) <= set(known)


async def test_B07_FR_13_B08_FR_16_one_report_at_a_time(case: StationCase) -> None:
    asking = [case.ask("GetBaseReport", requestId=number, reportBase="FullInventory") for number in (1, 2)]

    answers = await asyncio.gather(*asking)

    assert [answer["status"] for answer in answers] == ["Accepted", "Rejected"]
    parts = (await case.wait()).payloads("NotifyReport")
    assert {part["requestId"] for part in parts} == {1}


async def test_B07_FR_03_a_part_that_is_refused_goes_out_once_more(case: StationCase) -> None:
    answers = iter([CallError("InternalError")])
    case.csms.script["NotifyReport"] = lambda _: next(answers, {})

    await case.ask("GetBaseReport", requestId=5, reportBase="SummaryInventory")

    parts = (await case.wait()).payloads("NotifyReport")
    assert [part["seqNo"] for part in parts] == [0, 0]


async def test_TC_B_16_CS_the_criterion_Enabled(case: StationCase) -> None:
    await case.ask("SetVariables", setVariableData=[setting("AuthCacheCtrlr", "Enabled", "false")])

    status, data = await report(case, componentCriteria=["Enabled"])

    assert status == "Accepted"
    assert "AuthCtrlr.Enabled" in names(data)
    assert not [name for name in names(data) if name.startswith("AuthCacheCtrlr")]  # B08.FR.09
    assert "TxCtrlr.TxStartPoint" in names(data)  # it has no such variable
    readable = [item for item in data if item["variableAttribute"][0].get("mutability") != "WriteOnly"]
    for name, item in list(zip(names(readable), readable, strict=True))[:20]:
        (result,) = await get(case, name)
        assert result["attributeValue"] == item["variableAttribute"][0]["value"]


async def test_TC_B_17_CS_one_variable_of_a_component(case: StationCase) -> None:
    asked = {"component": {"name": "EVSE", "evse": {"id": 1}}, "variable": {"name": "AvailabilityState"}}

    status, data = await report(case, componentVariable=[asked])

    assert status == "Accepted"
    (item,) = data
    (attribute,) = item["variableAttribute"]
    assert (attribute["value"], attribute["mutability"]) == ("Available", "ReadOnly")
    characteristics = item["variableCharacteristics"]
    assert characteristics["dataType"] == "OptionList"
    assert set(characteristics["valuesList"].split(",")) == {
        "Available",
        "Occupied",
        "Reserved",
        "Unavailable",
        "Faulted",
    }


@pytest.mark.parametrize(
    ("criterion", "status", "found"), [("Available", "Accepted", 1), ("Problem", "EmptyResultSet", 0)]
)
async def test_TC_B_18_CS_a_variable_and_a_criterion(
    case: StationCase, criterion: str, status: str, found: int
) -> None:
    asked = {"component": {"name": "EVSE", "evse": {"id": 1}}, "variable": {"name": "AvailabilityState"}}

    answered, data = await report(case, componentVariable=[asked], componentCriteria=[criterion])

    assert (answered, len(data)) == (status, found)  # B08.FR.05, .15


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        pytest.param(
            {"component": {"name": "DeviceDataCtrlr"}, "variable": {"name": "ItemsPerMessage"}},
            {f"DeviceDataCtrlr.ItemsPerMessage[{of}]" for of in ("GetReport", "GetVariables", "SetVariables")},
            id="TC_B_54",
        ),
        pytest.param(
            {
                "component": {"name": "DeviceDataCtrlr"},
                "variable": {"name": "ItemsPerMessage", "instance": "GetReport"},
            },
            {"DeviceDataCtrlr.ItemsPerMessage[GetReport]"},
            id="TC_B_55",
        ),
        pytest.param(
            {"component": {"name": "EVSE"}, "variable": {"name": "AvailabilityState"}},
            {"EVSE@1.AvailabilityState", "EVSE@2.AvailabilityState"},
            id="TC_B_56",
        ),
        pytest.param(
            {"component": {"name": "Connector", "evse": {"id": 2}}, "variable": {"name": "ConnectorType"}},
            {"Connector@2.1.ConnectorType"},
            id="B08.FR.22",
        ),
    ],
)
async def test_TC_B_54_CS_TC_B_55_CS_TC_B_56_CS_what_is_left_out_stands_for_all(
    case: StationCase, asked: Payload, found: set[str]
) -> None:
    status, data = await report(case, componentVariable=[asked])

    assert status == "Accepted"
    assert set(names(data)) == found


@pytest.mark.parametrize("version", [Version.V201], ids=["2.0.1"])
async def test_B08_FR_20_a_component_alone_means_all_of_it_and_nothing_that_is_newer(case: StationCase) -> None:
    _, data = await report(case, componentVariable=[{"component": {"name": "TxCtrlr"}}])

    assert "TxCtrlr.StopTxOnInvalidId" in names(data)
    assert "TxCtrlr.ResumptionTimeout" not in names(data)  # 2.1's


def setting(component: str, variable: str, new: str) -> Payload:
    return {"component": {"name": component}, "variable": {"name": variable}, "attributeValue": new}
