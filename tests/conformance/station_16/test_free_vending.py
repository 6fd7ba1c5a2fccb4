"""Charging that nobody shows a tag for: 1.6 has no word for it, so the charge point sends an idTag of its own."""

from charge_point_case import ChargePointCase, statuses

NOBODY = "NOAUTH"


async def test_1_6_s4_8_a_transaction_without_a_tag_starts_with_the_tag_of_the_configuration(
    case: ChargePointCase,
) -> None:
    case.set(AuthCtrlr__Enabled="false")

    said = await case.plug()

    assert "Authorize" not in said.order
    (started,) = said.payloads("StartTransaction")
    assert (started["connectorId"], started["idTag"], started["meterStart"]) == (1, NOBODY, 0)
    assert statuses(said, 1) == case.words("Preparing", "Charging")


async def test_1_6_s5_3_the_tag_that_the_central_system_sets_is_the_one_that_is_sent(case: ChargePointCase) -> None:
    case.set(AuthCtrlr__Enabled="false")
    answer = await case.ask("ChangeConfiguration", key="FreeVendIdTag", value="GUEST")
    assert answer == {"status": "Accepted"}

    (started,) = (await case.plug()).payloads("StartTransaction")

    assert started["idTag"] == "GUEST"


async def test_1_6_s4_8_a_transaction_without_a_tag_that_begins_offline_is_told_later(case: ChargePointCase) -> None:
    case.set(AuthCtrlr__Enabled="false")
    await case.go_offline()
    await case.plug()
    await case.wait(3600)
    await case.unplug()

    said = await case.back_online()

    assert [payload["idTag"] for payload in said.payloads("StartTransaction")] == [NOBODY]
    assert [payload["transactionId"] for payload in said.payloads("StopTransaction")] == [1]
    assert said.payloads("StopTransaction")[0]["meterStop"] > 10_000


async def test_1_6_errata_3_17_a_central_system_that_does_not_know_the_tag_stops_it(case: ChargePointCase) -> None:
    case.set(AuthCtrlr__Enabled="false", TxCtrlr__StopTxOnInvalidId="true")
    case.tx_infos[NOBODY] = {"status": "Invalid"}

    said = await case.plug()

    (stopped,) = said.payloads("StopTransaction")
    assert (stopped["transactionId"], stopped.get("reason")) == (1, case.reason("DeAuthorized"))
    assert not case.hardware.energized(1)
