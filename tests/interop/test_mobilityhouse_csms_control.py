"""CSMS of MobilityHouse's `ocpp` take our station out of service, unlock it, restart it and ask it for messages."""

from typing import Any

import pytest
from mobilityhouse_csms import SYSTEMS
from our_station import CARD, connected, plug, said

from stationmaster.ocpp.version import Version
from stationmaster.simulator.hardware import SimulatedHardware

EVERY = pytest.mark.parametrize("version", SYSTEMS, ids=str)
NEWER = pytest.mark.parametrize("version", [Version.V201, Version.V21], ids=str)


async def charging(csms: Any, hardware: SimulatedHardware) -> str:
    """At EVSE 1, authorized; the transaction's id."""
    plug(hardware)
    hardware.present(CARD, 1)
    wire_id: str = await csms.began()
    if not csms.heard.all("StartTransaction"):  # a cable is enough to begin one of 2.x
        await csms.heard.first("TransactionEvent", trigger_reason="Authorized")
    return wire_id


async def set_available(csms: Any, version: Version, evse_id: int, word: str) -> str:
    if version is Version.V16:
        answer = await csms.tell("ChangeAvailability", connector_id=evse_id, type=word)
    else:
        answer = await csms.tell("ChangeAvailability", operational_status=word, evse={"id": evse_id})
    return str(answer.status)


@EVERY
async def test_it_goes_out_of_service_and_comes_back(version: Version) -> None:
    async with connected(version) as (csms, _):
        assert await set_available(csms, version, 2, "Inoperative") == "Accepted"
        await said(csms, version, 2, "Unavailable")
        csms.heard.calls.clear()
        assert await set_available(csms, version, 2, "Operative") == "Accepted"
        await said(csms, version, 2, "Available")


@EVERY
async def test_what_is_in_use_goes_out_of_service_when_it_is_free(version: Version) -> None:
    async with connected(version) as (csms, hardware):
        await charging(csms, hardware)
        assert await set_available(csms, version, 1, "Inoperative") == "Scheduled"
        csms.heard.calls.clear()
        hardware.present(CARD, 1)
        hardware.unplug(1)
        await said(csms, version, 1, "Unavailable")
        if version is Version.V16:  # which of both is said first depends on what waits for an answer
            await csms.heard.first("StopTransaction")
        else:
            await csms.heard.first("TransactionEvent", event_type="Ended")


@EVERY
async def test_a_connector_is_unlocked_and_one_that_is_not_there_is_not(version: Version) -> None:
    place: dict[str, int] = {"connector_id": 2} if version is Version.V16 else {"evse_id": 2, "connector_id": 1}
    nowhere = {**place, "connector_id": 7}
    async with connected(version) as (csms, _):
        there = await csms.tell("UnlockConnector", **place)
        not_there = await csms.tell("UnlockConnector", **nowhere)
    assert there.status == "Unlocked"
    assert not_there.status == ("NotSupported" if version is Version.V16 else "UnknownConnector")


@EVERY
async def test_unlocking_in_a_transaction_ends_it_in_1_6_only(version: Version) -> None:
    async with connected(version) as (csms, hardware):
        wire_id = await charging(csms, hardware)
        if version is Version.V16:
            assert (await csms.tell("UnlockConnector", connector_id=1)).status == "Unlocked"
            reason, _ = await csms.ended(wire_id)
            assert reason == "UnlockCommand"
        else:
            answer = await csms.tell("UnlockConnector", evse_id=1, connector_id=1)
            assert answer.status == "OngoingAuthorizedTransaction"


@pytest.mark.parametrize(
    ("version", "word", "reason"),
    [
        (Version.V16, "Hard", "HardReset"),
        (Version.V16, "Soft", "SoftReset"),
        (Version.V201, "Immediate", "ImmediateReset"),
        (Version.V21, "Immediate", "ImmediateReset"),
    ],
    ids=str,
)
async def test_a_restart_ends_what_runs_and_boots_again(version: Version, word: str, reason: str) -> None:
    async with connected(version) as (csms, hardware):
        wire_id = await charging(csms, hardware)
        assert (await csms.tell("Reset", type=word)).status == "Accepted"
        ended, _ = await csms.ended(wire_id)
        assert ended == reason
        again = await csms.heard.first("BootNotification", 2)
        assert again.get("reason") == (None if version is Version.V16 else "RemoteReset")


@NEWER
async def test_a_restart_on_idle_waits_for_the_transaction(version: Version) -> None:
    async with connected(version) as (csms, hardware):
        wire_id = await charging(csms, hardware)
        assert (await csms.tell("Reset", type="OnIdle")).status == "Scheduled"
        assert (await csms.tell("Reset", type="Immediate", evse_id=9)).status == "Rejected"
        assert len(csms.heard.all("BootNotification")) == 1
        hardware.present(CARD, 1)
        hardware.unplug(1)
        await csms.ended(wire_id)
        assert (await csms.heard.first("BootNotification", 2))["reason"] == "ScheduledReset"


@EVERY
@pytest.mark.parametrize("wanted", ["Heartbeat", "StatusNotification", "MeterValues"])
async def test_a_message_that_is_asked_for_comes(version: Version, wanted: str) -> None:
    place: dict[str, Any] = {"connector_id": 2} if version is Version.V16 else {"evse": {"id": 2, "connector_id": 1}}
    if wanted == "Heartbeat":
        place = {}
    async with connected(version) as (csms, _):
        csms.heard.calls.clear()
        assert (await csms.tell("TriggerMessage", requested_message=wanted, **place)).status == "Accepted"
        by = "NotifyEvent" if (version, wanted) == (Version.V21, "StatusNotification") else wanted
        told = await csms.heard.first(by)
    if wanted == "MeterValues":
        assert told["connector_id" if version is Version.V16 else "evse_id"] == 2
        assert told["meter_value"][0]["sampled_value"][0]["context"] == "Trigger"


@EVERY
async def test_a_boot_is_not_repeated_once_it_was_accepted(version: Version) -> None:
    async with connected(version) as (csms, _):
        answer = await csms.tell("TriggerMessage", requested_message="BootNotification")
    assert answer.status == "Rejected"


@pytest.mark.parametrize("wanted", ["LogStatusNotification", "FirmwareStatusNotification", "Heartbeat"])
async def test_1_6_is_asked_by_its_security_extension(wanted: str) -> None:
    async with connected(Version.V16) as (csms, _):
        csms.heard.calls.clear()
        assert (await csms.tell("ExtendedTriggerMessage", requested_message=wanted)).status == "Accepted"
        signed = wanted == "FirmwareStatusNotification"
        told = await csms.heard.first("SignedFirmwareStatusNotification" if signed else wanted)
    if wanted != "Heartbeat":
        assert told["status"] == "Idle"
