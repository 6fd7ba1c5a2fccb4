"""GetConfiguration and ChangeConfiguration (1.6 §5.8, §5.3, §9)."""

import pytest
from charge_point_case import ChargePointCase

from stationmaster.domain.identity import IdToken

CORE = """
AuthorizeRemoteTxRequests ClockAlignedDataInterval ConnectionTimeOut ConnectorPhaseRotation GetConfigurationMaxKeys
HeartbeatInterval LocalAuthorizeOffline LocalPreAuthorize MeterValuesAlignedData MeterValuesSampledData
MeterValueSampleInterval NumberOfConnectors ResetRetries StopTransactionOnEVSideDisconnect StopTransactionOnInvalidId
StopTxnAlignedData StopTxnSampledData SupportedFeatureProfiles TransactionMessageAttempts
TransactionMessageRetryInterval UnlockConnectorOnEVSideDisconnect
"""


async def configuration(case: ChargePointCase, *keys: str) -> tuple[dict[str, tuple[str | None, bool]], list[str]]:
    """Key to value and readonly, and the unknown ones."""
    answer = await case.ask("GetConfiguration", **({"key": list(keys)} if keys else {}))
    known = {item["key"]: (item.get("value"), item["readonly"]) for item in answer.get("configurationKey", [])}
    return known, answer.get("unknownKey", [])


async def change(case: ChargePointCase, key: str, value: str) -> str:
    return str((await case.ask("ChangeConfiguration", key=key, value=value))["status"])


async def test_1_6_s5_8_without_keys_all_settings_are_told_and_the_core_ones_are_there(case: ChargePointCase) -> None:
    known, unknown = await configuration(case)

    assert set(CORE.split()) <= known.keys()
    assert unknown == []
    assert known["NumberOfConnectors"] == ("2", True)
    assert known["SupportedFeatureProfiles"][1]
    assert known["ConnectorPhaseRotation"] == ("0.Unknown,1.Unknown,2.Unknown", False)
    assert all(len(value or "") <= 500 for value, _ in known.values())


async def test_1_6_s5_8_known_and_unknown_keys_are_told_apart_whatever_their_case(case: ChargePointCase) -> None:
    known, unknown = await configuration(case, "heartbeatinterval", "NUMBEROFCONNECTORS", "Sunshine")

    assert known == {"HeartbeatInterval": ("86400", False), "NumberOfConnectors": ("2", True)}
    assert unknown == ["Sunshine"]


@pytest.mark.parametrize(
    ("key", "value", "status"),
    [
        ("ConnectionTimeOut", "45", "Accepted"),
        ("MessageTimeout", "20", "Accepted"),
        ("ConnectionTimeOut", "-1", "Rejected"),
        ("ConnectionTimeOut", "soon", "Rejected"),
        ("WebSocketPingInterval", "-1", "Rejected"),
        ("NumberOfConnectors", "3", "Rejected"),
        ("LocalPreAuthorize", "TRUE", "Accepted"),
        ("MeterValuesSampledData", "Voltage,SoC", "Accepted"),
        ("MeterValuesSampledData", "Voltage,Sunshine", "Rejected"),
        ("StopTxnAlignedData", "", "Accepted"),
        ("ConnectorPhaseRotation", "0.RST,1.RST,2.RTS", "Accepted"),
        ("ConnectorPhaseRotation", "1.UVW", "Rejected"),
        ("FreeVendIdTag", "GUEST", "Accepted"),
        ("FreeVendIdTag", "", "Rejected"),
        ("FreeVendIdTag", "x" * 21, "Rejected"),
        ("Sunshine", "1", "NotSupported"),
    ],
)
async def test_1_6_s5_3_a_change_is_accepted_rejected_or_not_supported(
    case: ChargePointCase, key: str, value: str, status: str
) -> None:
    if key.startswith("WebSocket") and case.version.is_soap:
        status = "NotSupported"  # there is none
    before = (await configuration(case, key))[0].get(key)

    assert await change(case, key, value) == status

    now = (await configuration(case, key))[0].get(key)
    told = value.lower() if value == "TRUE" else value
    assert now == ((told, False) if status == "Accepted" else before)


async def test_1_6_s5_3_a_key_of_two_variables_sets_both(case: ChargePointCase) -> None:
    assert await change(case, "MeterValueSampleInterval", "30") == "Accepted"

    assert case.station.variable("SampledDataCtrlr.TxUpdatedInterval") == "30"
    assert case.station.variable("SampledDataCtrlr.TxEndedInterval") == "30"


async def test_1_6_s5_3_a_new_sample_interval_counts_at_once(case: ChargePointCase) -> None:
    await case.session()

    assert await change(case, "MeterValueSampleInterval", "10") == "Accepted"

    assert (await case.wait(31)).order.count("MeterValues") == 3


async def test_1_6_s5_3_changes_outlive_a_reset(case: ChargePointCase) -> None:
    await change(case, "LocalPreAuthorize", "true")
    await case.ask("Reset", type="Hard")
    await case.wait(60)

    assert (await configuration(case, "LocalPreAuthorize"))[0] == {"LocalPreAuthorize": ("true", False)}


async def test_1_6_s9_1_the_interval_of_the_boot_is_the_heartbeat_interval(case: ChargePointCase) -> None:
    await change(case, "HeartbeatInterval", "60")
    assert (await case.wait(125)).order.count("Heartbeat") == 2

    case.csms.script["BootNotification"] = lambda _: case.boot_answer("Accepted", 400)
    await case.ask("Reset", type="Hard")
    await case.wait(60)

    assert (await configuration(case, "HeartbeatInterval"))[0] == {"HeartbeatInterval": ("400", False)}


async def test_1_6_s5_8_the_connection_timeout_that_was_set_is_the_one_that_is_waited(case: ChargePointCase) -> None:
    await change(case, "ConnectionTimeOut", "20")
    case.hardware.present(IdToken("04A1B2C3"), 1)
    await case.wait()

    said = await case.wait(20)

    assert [p["status"] for p in said.payloads("StatusNotification") if p["connectorId"] == 1] == ["Available"]
