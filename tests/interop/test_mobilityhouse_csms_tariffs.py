"""A CSMS of MobilityHouse's `ocpp` gives our station of 2.1 a tariff, and is told what a transaction comes to by it."""

import asyncio
from typing import Any

from mobilityhouse_csms import SYSTEMS
from our_station import CARD, connected, plug

from stationmaster.ocpp.version import Version

TARIFF = {
    "tariff_id": "T1",
    "currency": "EUR",
    "energy": {"prices": [{"price_kwh": 0.4}], "tax_rates": [{"type": "VAT", "tax": 25}]},
    "fixed_fee": {"prices": [{"price_fixed": 1}]},
}

assert Version.V21 in SYSTEMS


async def test_a_tariff_is_set_told_used_changed_and_cleared() -> None:
    async with connected(Version.V21) as (csms, hardware):
        assert (await csms.tell("SetDefaultTariff", evse_id=0, tariff=TARIFF)).status == "Accepted"
        assert (await csms.tell("SetDefaultTariff", evse_id=1, tariff=TARIFF)).status == "DuplicateTariffId"
        told: list[dict[str, Any]] = (await csms.tell("GetTariffs", evse_id=0)).tariff_assignments
        assert [(each["tariff_id"], each["tariff_kind"]) for each in told] == [("T1", "DefaultTariff")]
        plug(hardware)
        hardware.present(CARD, 1)
        wire_id = await csms.began()
        await csms.heard.first("TransactionEvent", trigger_reason="Authorized")
        other = {**TARIFF, "tariff_id": "T2"}
        changed = await csms.tell("ChangeTransactionTariff", transaction_id=wire_id, tariff=other)
        assert changed.status == "Accepted"
        await csms.heard.first("TransactionEvent", trigger_reason="TariffChanged")
        cleared = (await csms.tell("ClearTariffs")).clear_tariffs_result
        assert [(each["tariff_id"], each["status"]) for each in cleared] == [("T1", "Accepted")]
        await asyncio.sleep(0.2)
        hardware.present(CARD, 1)
        await csms.ended(wire_id)
        (ended,) = csms.heard.all("TransactionEvent", event_type="Ended")
    details = ended["cost_details"]
    assert [period["tariff_id"] for period in details["charging_periods"]][-1] == "T2"
    assert details["total_cost"]["currency"] == "EUR"
    assert details["total_cost"]["type_of_cost"] == "NormalCost"
