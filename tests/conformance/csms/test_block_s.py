"""S Battery swap (2.1), at a CSMS. There are no certification cases."""

from collections.abc import Sequence
from typing import Any

import pytest
from csms_case import BLOCKED, VALID, Case

from stationmaster.domain.battery_swap import RequestBatterySwap, Swap, SwapFilter
from stationmaster.domain.identity import IdToken
from stationmaster.ocpp.version import Version
from stationmaster.testing import CsmsBench
from stationmaster.testing.script import id_token, moment
from stationmaster.testing.wire import Payload

SLOT: Payload = {"id": 4, "connectorId": 1}


@pytest.fixture
async def case(bench: CsmsBench) -> Case:
    case = await Case.connect(bench, Version.V21, "NotifyEvent")
    await case.booted()
    return case


async def swaps(case: Case) -> Sequence[Swap]:
    found = await case.bench.storage.reads.battery_swaps(SwapFilter(tenant="default"))
    return list(found.items)


async def swap(case: Case, event: str, serial: str, request_id: int = 9) -> Payload:
    battery = {"evseId": 4, "serialNumber": serial, "soC": 12.5, "soH": 97}
    told = {"eventType": event, "requestId": request_id, "idToken": id_token(VALID), "batteryData": [battery]}
    return await case.station.say("BatterySwap", told)


async def charge(case: Case, kind: str, trigger: str, state: str, seq_no: int, **more: Any) -> Payload:
    """One event of the transaction of a slot; ``soc`` comes as a meter value."""
    soc = more.pop("soc", None)
    values = [{"timestamp": moment(case.station.now()), "sampledValue": [{"value": soc, "measurand": "SoC"}]}]
    info = {"transactionId": "slot-4", "chargingState": state, **more.pop("info", {})}
    event = {
        "eventType": kind,
        "timestamp": moment(case.station.now()),
        "triggerReason": trigger,
        "seqNo": seq_no,
        "transactionInfo": info,
        "evse": SLOT,
        **({} if soc is None else {"meterValue": values}),
        **more,
    }
    return await case.station.say("TransactionEvent", event)


async def test_S01_a_card_is_judged_before_a_swap_as_before_charging(case: Case) -> None:
    for card, status in ((VALID, "Accepted"), (BLOCKED, "Blocked")):
        answer = await case.station.say("Authorize", {"idToken": id_token(card)})
        assert answer["idTokenInfo"]["status"] == status


async def test_S02_FR_02_and_S03_events_with_our_number_are_the_swap_that_was_asked_for(case: Case) -> None:
    asked, command = await case.commanded(
        RequestBatterySwap(id_token=IdToken(VALID, "ISO14443"), request_id=31), "RequestBatterySwap"
    )
    assert (asked["requestId"], command.state) == (31, "accepted")
    assert await swap(case, "BatteryIn", "OLD-1", 31) == {}
    assert await swap(case, "BatteryOut", "NEW-1", 31) == {}
    (done,) = await swaps(case)
    assert (done.key, done.state) == (command.key, "done")


async def test_S03_FR_06_a_battery_that_was_not_taken_leaves_the_swap_open(case: Case) -> None:
    await swap(case, "BatteryIn", "OLD-1")
    await swap(case, "BatteryOutTimeout", "NEW-1")
    (left,) = await swaps(case)
    assert (left.state, [battery.serial_number for battery in left.offered]) == ("out_timeout", ["NEW-1"])


async def test_S04_a_slot_is_charged_in_a_transaction_of_nobody_and_suspended_at_the_most(case: Case) -> None:
    nobody = {"idToken": {"idToken": "", "type": "NoAuthorization"}}
    answer = await charge(case, "Started", "CablePluggedIn", "Charging", 0, **nobody)
    assert answer["idTokenInfo"]["status"] == "Accepted"
    await charge(case, "Updated", "MeterValuePeriodic", "Charging", 1, soc=40)
    await charge(case, "Updated", "EnergyLimitReached", "SuspendedEVSE", 2, soc=95)
    transaction = await case.view.transaction("slot-4")
    assert (transaction.is_open, transaction.charging_state) == (True, "SuspendedEVSE")
    samples = [sample for reading in await case.view.readings() for sample in reading.samples]
    assert [float(sample.value) for sample in samples if sample.measurand == "SoC"] == [40, 95]
    await charge(case, "Ended", "EVCommunicationLost", "Idle", 3, info={"stoppedReason": "EVDisconnected"})
    ended = await case.view.transaction("slot-4")
    assert (ended.is_open, ended.stopped_reason) == (False, "EVDisconnected")


@pytest.mark.parametrize(("token", "status"), [("SLOTS-7", "Accepted"), ("NEVER-HEARD-OF", "Unknown")])
async def test_S04_FR_02_the_token_of_the_slots_is_one_that_the_csms_knows(
    bench: CsmsBench, case: Case, token: str, status: str
) -> None:
    await bench.add_token("SLOTS-7", "Central")
    central = {"idToken": {"idToken": token, "type": "Central"}}
    answer = await charge(case, "Started", "CablePluggedIn", "Charging", 0, **central)
    assert answer["idTokenInfo"]["status"] == status
