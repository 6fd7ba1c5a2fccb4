"""1.6 §4.1, §4.8, §4.10: authorization, start and stop of transactions by a charge point."""

import pytest
from charge_point_case import ChargePointCase, statuses
from station_case import CARD, CARD_2

FAMILY = {"status": "Accepted", "parentIdTag": "FAMILY"}


async def test_1_6_s4_1_energy_flows_only_after_the_authorization(case: ChargePointCase) -> None:
    case.infos[CARD] = {"status": "Blocked"}

    said = await case.plug() + await case.swipe()

    assert said.payloads("Authorize") == [{"idTag": CARD}]
    assert "StartTransaction" not in said.order
    assert not case.hardware.energized(1)


async def test_1_6_s4_1_the_starting_tag_stops_without_authorization(case: ChargePointCase) -> None:
    await case.session()

    said = await case.swipe()

    assert "Authorize" not in said.order
    (stopped,) = said.payloads("StopTransaction")
    assert stopped["transactionId"] == 1
    assert stopped.get("idTag", CARD) == CARD
    assert stopped.get("reason", "Local") == "Local"


async def test_1_6_s3_9_tags_are_compared_without_case(case: ChargePointCase) -> None:
    await case.session("04aabbcc")

    assert (await case.swipe("04AABBCC")).of("StopTransaction")


@pytest.mark.parametrize(("info", "stops"), [(FAMILY, True), ({**FAMILY, "parentIdTag": "OTHERS"}, False)])
async def test_1_6_s3_10_a_tag_with_the_same_parent_stops(
    case: ChargePointCase, info: dict[str, str], stops: bool
) -> None:
    case.infos = {CARD: FAMILY, CARD_2: info}
    await case.session()

    said = await case.swipe(CARD_2)

    assert said.payloads("Authorize") == [{"idTag": CARD_2}]
    assert bool(said.of("StopTransaction")) == stops


@pytest.mark.parametrize("card_first", [False, True])
async def test_1_6_s4_8_StartTransaction_tells_connector_tag_meter_and_time(
    case: ChargePointCase, card_first: bool
) -> None:
    before = case.clock.now()
    acts = [case.swipe, case.plug] if card_first else [case.plug, case.swipe]
    said = await acts[0]()
    assert "StartTransaction" not in said.order
    said = await acts[1]()

    (started,) = said.payloads("StartTransaction")
    assert (started["connectorId"], started["idTag"], started["meterStart"]) == (1, CARD, 0)
    assert started["timestamp"] > before.isoformat().replace("+00:00", "Z")
    assert case.hardware.drawing(1)


async def test_1_6_s4_8_connectors_of_other_EVSEs_count_on(case: ChargePointCase) -> None:
    assert (await case.session(evse=2))["connectorId"] == 2


@pytest.mark.parametrize("status", ["Invalid", "Blocked", "Expired", "ConcurrentTx"])
async def test_1_6_errata_3_17_a_refusal_in_StartTransaction_stops_it(case: ChargePointCase, status: str) -> None:
    case.set(TxCtrlr__StopTxOnInvalidId="true")
    case.tx_infos[CARD] = {"status": status}

    said = await case.plug() + await case.swipe()

    (stopped,) = said.payloads("StopTransaction")
    assert (stopped["transactionId"], stopped.get("reason")) == (1, case.reason("DeAuthorized"))
    assert not case.hardware.energized(1)


async def test_1_6_errata_3_17_a_refusal_in_StartTransaction_suspends_it_where_so_configured(
    case: ChargePointCase,
) -> None:
    case.set(TxCtrlr__StopTxOnInvalidId="false", TxCtrlr__MaxEnergyOnInvalidId="0")
    case.tx_infos[CARD] = {"status": "Invalid"}

    said = await case.plug() + await case.swipe()

    assert "StopTransaction" not in said.order
    assert statuses(said, 1)[-1:] == case.words("SuspendedEVSE")
    assert not case.hardware.energized(1)


async def test_1_6_errata_3_18_a_start_that_was_never_delivered_leaves_transactionId_minus_1(
    case: ChargePointCase,
) -> None:
    case.set(
        OCPPCommCtrlr__MessageAttempts__TransactionEvent="1",
        OCPPCommCtrlr__MessageTimeout__Default="5",
        SampledDataCtrlr__TxUpdatedInterval="60",
    )
    case.csms.script["StartTransaction"] = lambda _: None
    await case.plug()
    await case.swipe()
    said = await case.wait(100) + await case.swipe()

    assert said.payloads("MeterValues")[0].get("transactionId") == case.in_meter_values(-1)
    assert said.payloads("StopTransaction")[0]["transactionId"] == -1


@pytest.mark.parametrize("given", [0, -7, 2_147_483_647])
async def test_1_6_errata_3_54_any_transactionId_is_used_as_it_is(case: ChargePointCase, given: int) -> None:
    case.csms.script["StartTransaction"] = lambda _: {"transactionId": given, "idTagInfo": {"status": "Accepted"}}
    await case.plug()
    await case.swipe()

    (stopped,) = (await case.swipe()).payloads("StopTransaction")

    assert stopped["transactionId"] == given


async def test_1_6_s4_10_StopTransaction_tells_the_meter(case: ChargePointCase) -> None:
    await case.session()
    await case.wait(3600)

    (stopped,) = (await case.swipe()).payloads("StopTransaction")

    assert 10_000 < stopped["meterStop"] < 12_000


async def test_1_6_s4_10_the_cable_is_unlocked_at_a_normal_stop(case: ChargePointCase) -> None:
    await case.session()
    assert case.hardware.locked(1)

    await case.swipe()

    assert not case.hardware.locked(1)


async def test_1_6_s4_10_a_plug_pulled_at_the_car_stops_it_where_so_configured(case: ChargePointCase) -> None:
    case.set(TxCtrlr__StopTxOnEVSideDisconnect="true")
    await case.session()

    said = await case.unplug()

    (stopped,) = said.payloads("StopTransaction")
    assert stopped.get("reason") == case.reason("EVDisconnected")
    assert "idTag" not in stopped
    assert statuses(said, 1)[-1] == "Available"


async def test_1_6_s4_10_a_plug_pulled_at_the_car_does_not_stop_it_where_so_configured(case: ChargePointCase) -> None:
    case.set(TxCtrlr__StopTxOnEVSideDisconnect="false")
    await case.session()

    said = await case.unplug()
    assert "StopTransaction" not in said.order
    (report,) = said.payloads("StatusNotification")
    assert [report["status"], report["errorCode"]] == case.words("SuspendedEV", "NoError")
    assert report.get("info") == case.beside("EV side disconnected")  # 1.6 §4.9

    said = await case.plug()
    assert statuses(said, 1)[-1:] == case.words("Charging")
    assert "StartTransaction" not in said.order
    assert (await case.swipe()).payloads("StopTransaction")[0]["transactionId"] == 1


async def test_1_6_errata_3_5_the_cable_of_a_refused_tag_is_kept_until_it_is_shown(case: ChargePointCase) -> None:
    case.set(TxCtrlr__StopTxOnInvalidId="true")
    case.tx_infos[CARD] = {"status": "Invalid"}
    await case.plug()
    await case.swipe()
    await case.swipe(CARD_2)
    assert case.hardware.locked(1)

    await case.swipe()

    assert not case.hardware.locked(1)


async def test_1_6_s4_9_a_cable_that_waits_for_its_owner_is_Finishing(case: ChargePointCase) -> None:
    case.set(TxCtrlr__StopTxOnEVSideDisconnect="true", OCPPCommCtrlr__UnlockOnEVSideDisconnect="false")
    await case.session()

    said = await case.unplug()

    (report,) = said.payloads("StatusNotification")
    assert [report["status"]] == case.words("Finishing")
    assert report.get("info") == case.beside("EV side disconnected")
    assert said.payloads("StopTransaction")[0].get("reason") == case.reason("EVDisconnected")
    assert statuses(await case.swipe(), 1) == ["Available"]


async def test_1_6_s3_16_5_no_transactionData_where_nothing_is_to_be_measured(case: ChargePointCase) -> None:
    case.set(SampledDataCtrlr__TxEndedMeasurands="", AlignedDataCtrlr__TxEndedMeasurands="")
    await case.session()

    (stopped,) = (await case.swipe()).payloads("StopTransaction")

    assert "transactionData" not in stopped


async def test_1_6_errata_3_14_transactionData_begins_and_ends_with_the_transaction(case: ChargePointCase) -> None:
    case.set(SampledDataCtrlr__TxEndedInterval="60")
    await case.session()
    await case.wait(200)

    (stopped,) = (await case.swipe()).payloads("StopTransaction")

    contexts = [value["sampledValue"][0].get("context") for value in stopped["transactionData"]]
    assert contexts == ["Transaction.Begin", *["Sample.Periodic"] * 3, "Transaction.End"]
