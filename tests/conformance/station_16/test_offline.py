"""1.6 §3.5, §3.7: a charge point without a line."""

import pytest
from charge_point_case import ChargePointCase, transaction_messages
from scripted_csms import CallError
from station_case import CARD, CARD_2


async def test_1_6_s3_7_transaction_messages_wait_and_go_in_order(case: ChargePointCase) -> None:
    case.set(SampledDataCtrlr__TxUpdatedInterval="60")
    await case.cached()
    await case.go_offline()
    await case.plug()
    await case.swipe()
    await case.wait(150)
    await case.swipe()

    said = await case.back_online()

    calls = transaction_messages(said)
    assert [call.action for call in calls] == ["StartTransaction", "MeterValues", "MeterValues", "StopTransaction"]
    sampled = case.in_meter_values(case.named)
    assert [call.payload.get("transactionId") for call in calls[1:]] == [sampled, sampled, case.named]
    moments = [call.payload.get("timestamp") or call.payload["meterValue"][0]["timestamp"] for call in calls]
    assert moments == sorted(moments)


@pytest.mark.parametrize("attempts", [1, 3])
async def test_1_6_s3_7_1_a_failed_message_is_sent_again_with_growing_waits_then_dropped(
    case: ChargePointCase, attempts: int
) -> None:
    case.set(
        OCPPCommCtrlr__MessageAttempts__TransactionEvent=str(attempts),
        OCPPCommCtrlr__MessageAttemptInterval__TransactionEvent="60",
    )
    await case.plug()
    case.csms.script["StartTransaction"] = lambda _: CallError("InternalError")

    said = await case.swipe() + await case.wait(1000)

    times = [call.at for call in said.of("StartTransaction")]
    assert [round(at - times[0]) for at in times] == [0, 60, 180][:attempts]
    assert case.station.snapshot().queued == 0


async def test_1_6_s3_7_1_new_messages_wait_for_the_queue(case: ChargePointCase) -> None:
    case.set(OCPPCommCtrlr__MessageAttemptInterval__TransactionEvent="60")
    refusals = [CallError("InternalError")]
    usual = case.csms.script["StartTransaction"]
    case.csms.script["StartTransaction"] = lambda payload: refusals.pop() if refusals else usual(payload)
    await case.plug()
    await case.swipe()

    said = await case.swipe()
    assert transaction_messages(said) == []
    said = await case.wait(60)

    assert [call.action for call in transaction_messages(said)] == ["StartTransaction", "StopTransaction"]


async def test_1_6_s3_5_LocalAuthorizeOffline_lets_known_tags_in(case: ChargePointCase) -> None:
    await case.cached()
    await case.go_offline()
    await case.plug()
    await case.swipe(CARD_2)
    assert not case.hardware.energized(1)

    await case.swipe()

    assert case.hardware.drawing(1)


async def test_1_6_s3_5_without_LocalAuthorizeOffline_nobody_is_let_in(case: ChargePointCase) -> None:
    case.set(AuthCtrlr__LocalAuthorizeOffline="false")
    await case.cached()
    await case.go_offline()
    await case.plug()

    await case.swipe()

    assert not case.hardware.energized(1)


@pytest.mark.parametrize(("info", "lets_in"), [(None, True), ({"status": "Blocked"}, False)])
async def test_1_6_s3_5_4_unknown_tags_may_be_let_in_but_refused_ones_not(
    case: ChargePointCase, info: dict[str, str] | None, lets_in: bool
) -> None:
    case.set(AuthCtrlr__OfflineTxForUnknownIdEnabled="true")
    if info is not None:
        await case.cached(info=info)
    await case.go_offline()
    await case.plug()

    await case.swipe()

    assert case.hardware.drawing(1) == lets_in


async def test_1_6_errata_3_17_a_tag_refused_after_an_offline_start_stops_it(case: ChargePointCase) -> None:
    case.set(AuthCtrlr__OfflineTxForUnknownIdEnabled="true", TxCtrlr__StopTxOnInvalidId="true")
    await case.go_offline()
    await case.plug()
    await case.swipe()
    case.tx_infos[CARD] = {"status": "Invalid"}

    said = await case.back_online()

    assert said.payloads("StopTransaction")[0].get("reason") == case.reason("DeAuthorized")
    assert not case.hardware.energized(1)


async def test_1_6_errata_3_4_the_cache_outlives_a_reboot(case: ChargePointCase) -> None:
    case.set(AuthCtrlr__LocalPreAuthorize="true")
    await case.cached()
    await case.cut_power()
    await case.power_up()
    await case.plug()

    assert "Authorize" not in (await case.swipe()).order


async def test_1_6_s4_1_StartTransaction_teaches_the_cache(case: ChargePointCase) -> None:
    case.set(AuthCtrlr__LocalPreAuthorize="true")
    case.tx_infos[CARD] = {"status": "Blocked"}
    await case.plug()
    await case.swipe()
    assert "Authorize" not in (await case.swipe()).order  # which gives the cable back

    assert "Authorize" in (await case.swipe()).order
