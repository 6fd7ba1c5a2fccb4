"""S Battery swap (2.1), at a station with slots. There are no certification cases."""

from typing import Any

import pytest
from said import Said
from scripted_csms import Payload
from station_case import CARD, StationCase

from stationmaster.ocpp.version import Version
from stationmaster.simulator.battery_slots import new_battery

pytestmark = [
    pytest.mark.parametrize("version", [Version.V21], ids=["2.1"]),
    pytest.mark.parametrize("model", ["Battery swap 4"]),
]
EMPTY_SLOT, FIRST_OFFERED = 4, 1
HOUR_S = 3600.0


@pytest.fixture(autouse=True)
def swaps_are_taken(case: StationCase) -> None:
    case.csms.script["BatterySwap"] = lambda _: {}


async def brought(case: StationCase, soc_pct: int = 10) -> Said:
    """A driver with a good card puts a battery in."""
    await case.swipe()
    case.hardware.slots().insert(EMPTY_SLOT, new_battery("OLD-1", soc_pct))
    return await case.wait()


def swaps(said: Said) -> list[tuple[str, int, int, str]]:
    """(event, requestId, slot, serial number)."""
    return [
        (told["eventType"], told["requestId"], battery["evseId"], battery["serialNumber"])
        for told in said.payloads("BatterySwap")
        for battery in told["batteryData"]
    ]


async def told(case: StationCase, component: str, variable: str, evse: int | None = None, **more: Any) -> Payload:
    place = {"name": component} | ({} if evse is None else {"evse": {"id": evse, **more}})
    data = [{"component": place, "variable": {"name": variable}}]
    (result,) = (await case.ask("GetVariables", getVariableData=data))["getVariableResult"]
    return dict(result)


async def changed(case: StationCase, name: str, value: str) -> str:
    component, variable = name.split(".")
    data = [{"component": {"name": component}, "variable": {"name": variable}, "attributeValue": value}]
    (result,) = (await case.ask("SetVariables", setVariableData=data))["setVariableResult"]
    return str(result["attributeStatus"])


async def test_S01_FR_01_an_authorized_card_opens_an_empty_slot(case: StationCase) -> None:
    said = await case.swipe()
    assert said.order == ["Authorize"]
    assert case.hardware.slots().usable == {EMPTY_SLOT}


async def test_S01_a_card_that_is_not_authorized_opens_none(case: StationCase) -> None:
    case.infos[CARD] = {"status": "Blocked"}
    await case.swipe()
    assert case.hardware.slots().usable == set()


async def test_S01_FR_02_without_a_battery_in_time_the_swap_is_off_and_nothing_is_told(case: StationCase) -> None:
    case.set(BatterySwapCtrlr__Timeout__In="30")
    await case.swipe()
    assert (await case.wait(60)).order == []
    assert case.hardware.slots().usable == set()


async def test_S02_FR_01_02_and_04_the_csms_asks_for_a_swap(case: StationCase) -> None:
    token = {"idToken": CARD, "type": "ISO14443"}
    assert (await case.ask("RequestBatterySwap", requestId=77, idToken=token))["status"] == "Accepted"
    refused = await case.ask("RequestBatterySwap", requestId=78, idToken=token)
    assert (refused["status"], refused["statusInfo"]["reasonCode"]) == ("Rejected", "NoBatteryAvailable")
    await case.wait(1)
    case.hardware.slots().insert(EMPTY_SLOT, new_battery("OLD-1", 10))
    assert swaps(await case.wait()) == [("BatteryIn", 77, EMPTY_SLOT, "OLD-1")]


async def test_S03_FR_01_to_04_both_halves_are_told_with_one_number_and_the_slots_change(case: StationCase) -> None:
    said = await brought(case)
    assert swaps(said) == [("BatteryIn", 1, EMPTY_SLOT, "OLD-1")]
    assert said.payloads("BatterySwap")[0]["idToken"] == {"idToken": CARD, "type": "ISO14443"}
    assert (EMPTY_SLOT, 1, "Occupied") in said.reports
    case.hardware.slots().take(FIRST_OFFERED)
    said = await case.wait()
    assert swaps(said) == [("BatteryOut", 1, FIRST_OFFERED, "SM-0001")]
    assert said.reports == [(FIRST_OFFERED, 1, "Available")]


async def test_S03_FR_05_a_driver_gets_nothing_where_no_battery_is_charged(case: StationCase) -> None:
    assert await changed(case, "BatterySwapCtrlr.MaxSoC", "100") == "Accepted"
    assert await changed(case, "BatterySwapCtrlr.TargetSoC", "100") == "Accepted"
    await case.swipe()
    assert case.hardware.slots().usable == set()


async def test_S03_FR_06_what_is_not_taken_in_time_is_told_and_charged_again(case: StationCase) -> None:
    await changed(case, "BatterySwapCtrlr.MaxSoC", "100")
    case.set(BatterySwapCtrlr__Timeout__Out="30")
    await brought(case)
    assert FIRST_OFFERED not in {evse for evse in (1, 2, 3, 4) if case.hardware.energized(evse)}
    assert swaps(await case.wait(60)) == [("BatteryOutTimeout", 1, FIRST_OFFERED, "SM-0001")]
    assert case.hardware.energized(FIRST_OFFERED)


async def test_S04_FR_01_and_03_a_battery_is_charged_for_nobody(case: StationCase) -> None:
    (started,) = [event for event in (await brought(case)).events if event.place == (EMPTY_SLOT, 1)]
    assert started.brief == ("Started", "CablePluggedIn", "Charging")
    assert started.payload["idToken"] == {"idToken": "", "type": "NoAuthorization"}
    assert case.hardware.energized(EMPTY_SLOT)


async def test_S04_FR_02_a_battery_is_charged_for_the_token_that_is_set(case: StationCase) -> None:
    assert await changed(case, "BatterySwapCtrlr.IdToken", "SLOTS-7") == "Accepted"
    (started,) = [event for event in (await brought(case)).events if event.place == (EMPTY_SLOT, 1)]
    assert started.brief == ("Started", "CablePluggedIn", "Charging")
    assert started.payload["idToken"] == {"idToken": "SLOTS-7", "type": "Central"}


async def test_S04_FR_04_and_06_the_charge_is_told_up_to_the_most_and_the_transaction_stays(case: StationCase) -> None:
    case.set(SampledDataCtrlr__TxUpdatedInterval="600", SampledDataCtrlr__TxUpdatedMeasurands="SoC")
    await brought(case)
    events = [event for event in (await case.wait(3 * HOUR_S)).events if event.place == (EMPTY_SLOT, 1)]
    periodic = [event for event in events if event.trigger == "MeterValuePeriodic"]
    socs = [event.values[0]["sampledValue"][0]["value"] for event in periodic]
    assert (socs[0] < socs[1], round(socs[-1])) == (True, 95)
    (limited,) = [event for event in events if event.trigger == "EnergyLimitReached"]
    assert limited.brief == ("Updated", "EnergyLimitReached", "SuspendedEVSE")
    assert not case.hardware.energized(EMPTY_SLOT)
    assert [event.kind for event in events if event.kind != "Updated"] == []


async def test_S04_FR_05_a_battery_at_the_target_can_be_swapped(case: StationCase) -> None:
    for slot in (1, 2, 3):
        await brought_and_taken(case, slot)
    await case.swipe()
    assert case.hardware.slots().usable == set()
    await case.wait(3 * HOUR_S)
    await case.swipe()
    assert case.hardware.slots().usable != set()


async def brought_and_taken(case: StationCase, slot: int) -> None:
    """An empty battery goes into the free slot, and the charged one of ``slot`` goes out."""
    await case.swipe()
    (free,) = case.hardware.slots().usable
    case.hardware.slots().insert(free, new_battery(f"OLD-{slot}", 1))
    await case.wait(1)
    assert case.hardware.slots().usable == {slot}
    case.hardware.slots().take(slot)
    await case.wait(1)


async def test_S04_FR_07_a_battery_that_is_taken_ends_its_transaction(case: StationCase) -> None:
    await brought(case)
    case.hardware.slots().take(FIRST_OFFERED)
    (ended,) = (await case.wait()).events
    assert (*ended.brief, ended.reason) == ("Ended", "EVCommunicationLost", "Idle", "EVDisconnected")


@pytest.mark.parametrize("point", ["TxStartPoint", "TxStopPoint"])
async def test_S04_FR_08_and_09_transactions_go_from_one_plug_to_the_next(case: StationCase, point: str) -> None:
    assert (await told(case, "TxCtrlr", point))["attributeValue"] == "EVConnected"
    assert await changed(case, f"TxCtrlr.{point}", "Authorized") == "Rejected"


async def test_S04_FR_10_the_most_is_never_less_than_the_target(case: StationCase) -> None:
    assert await changed(case, "BatterySwapCtrlr.MaxSoC", "79") == "Rejected"
    assert await changed(case, "BatterySwapCtrlr.TargetSoC", "96") == "Rejected"
    assert await changed(case, "BatterySwapCtrlr.MaxSoC", "80") == "Accepted"


async def test_S04_FR_11_after_a_reboot_all_batteries_begin_anew_the_full_ones_too(case: StationCase) -> None:
    await case.wait(60)
    await case.ask("Reset", type="Immediate")
    events = (await case.wait(120)).events
    started = [event for event in events if event.kind == "Started"]
    assert [event.place for event in started] == [(1, 1), (2, 1), (3, 1)]
    assert {event.brief for event in started} == {("Started", "CablePluggedIn", "Charging")}
    limited = [event.place for event in events if event.trigger == "EnergyLimitReached"]
    assert sorted(limited) == [(1, 1), (2, 1), (3, 1)]
    assert {event.reason for event in events if event.kind == "Ended"} == {"ImmediateReset"}


async def test_S04_a_loss_of_power_ends_and_begins_them_too(case: StationCase) -> None:
    await case.cut_power()
    events = (await case.power_up() + await case.wait(60)).events
    assert [event.reason for event in events if event.kind == "Ended"] == ["PowerLoss"] * 3
    assert len([event for event in events if event.kind == "Started"]) == 3


async def test_2_20_the_variables_of_slots_and_batteries(case: StationCase) -> None:
    async def of(slot: int) -> list[str]:
        names = ("Available", "SoC", "SoH", "WorkingMode")
        values = [(await told(case, "BatteryCartridge", name, slot))["attributeValue"] for name in names]
        return [*values, (await told(case, "Connector", "SlotStatus", slot, connectorId=1))["attributeValue"]]

    assert await of(1) == ["true", "95", "98", "Full", "Locked"]
    assert await of(EMPTY_SLOT) == ["false", "0", "0", "Standby", "Locked"]
    await case.swipe()
    assert (await of(EMPTY_SLOT))[-1] == "Open"
    case.hardware.slots().insert(EMPTY_SLOT, new_battery("OLD-1", 10, soh_pct=71))
    await case.wait(1)
    assert await of(EMPTY_SLOT) == ["true", "10", "71", "CC", "Locked"]
    assert (await told(case, "BatterySwapCtrlr", "TargetSoC"))["attributeValue"] == "80"


async def test_G03_a_slot_out_of_operation_takes_no_part_until_it_is_back(case: StationCase) -> None:
    assert (await case.ask("ChangeAvailability", operationalStatus="Inoperative", evse={"id": EMPTY_SLOT}))["status"]
    await case.swipe()
    assert case.hardware.slots().usable == set()
    await case.ask("ChangeAvailability", operationalStatus="Operative", evse={"id": EMPTY_SLOT})
    await case.swipe()
    assert case.hardware.slots().usable == {EMPTY_SLOT}
