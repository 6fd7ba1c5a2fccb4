"""1.6 §4.7, §3.16: meter values of a charge point."""

from datetime import datetime

from charge_point_case import ChargePointCase
from scripted_csms import Payload
from station_case import CARD_2

ENERGY = "Energy.Active.Import.Register"


def samples(payload: Payload) -> list[Payload]:
    return [sample for value in payload["meterValue"] for sample in value["sampledValue"]]


async def test_1_6_errata_3_15_sampled_values_come_at_the_interval_with_their_measurands(
    case: ChargePointCase,
) -> None:
    case.set(SampledDataCtrlr__TxUpdatedInterval="60", SampledDataCtrlr__TxUpdatedMeasurands=f"{ENERGY},Voltage")
    await case.session()

    calls = (await case.wait(200)).of("MeterValues")

    assert len(calls) == 3
    assert calls[1].at - calls[0].at == 60
    for call in calls:
        assert (call.payload["connectorId"], call.payload["transactionId"]) == (1, 1)
        found = samples(call.payload)
        assert {sample.get("measurand", ENERGY) for sample in found} == {ENERGY, "Voltage"}
        assert {sample.get("context", "Sample.Periodic") for sample in found} == {"Sample.Periodic"}
        voltages = [sample for sample in found if sample.get("measurand") == "Voltage"]
        assert {sample.get("phase") for sample in voltages} >= {"L1-N", "L2-N", "L3-N"}  # 1.6 §3.16.3


async def test_1_6_s3_16_1_interval_0_is_no_sampled_value(case: ChargePointCase) -> None:
    await case.session()

    assert (await case.wait(300)).of("MeterValues") == []


async def test_1_6_s3_16_2_aligned_values_come_at_the_clock(case: ChargePointCase) -> None:
    case.set(AlignedDataCtrlr__Interval="120", AlignedDataCtrlr__Measurands=ENERGY)
    await case.session()

    payloads = (await case.wait(500)).payloads("MeterValues")

    assert {payload["connectorId"] for payload in payloads} >= {1, 2}
    for payload in payloads:
        (value,) = payload["meterValue"]
        moment = datetime.fromisoformat(value["timestamp"])
        assert (moment.minute % 2, moment.second) == (0, 0)
        assert {sample["context"] for sample in value["sampledValue"]} == {"Sample.Clock"}
        assert ("transactionId" in payload) == (payload["connectorId"] == 1)  # 1.6 errata 3.16


async def test_1_6_errata_3_16_values_of_a_transaction_are_those_of_its_connector(case: ChargePointCase) -> None:
    case.set(SampledDataCtrlr__TxUpdatedInterval="60")
    await case.session(evse=1)
    await case.session(CARD_2, evse=2)

    payloads = (await case.wait(120)).payloads("MeterValues")

    found = {(payload["connectorId"], payload.get("transactionId")) for payload in payloads}
    assert found == {(connector, case.in_meter_values(connector)) for connector in (1, 2)}
