"""Stations of MobilityHouse's `ocpp` are taken out of service, unlocked, restarted and asked for messages: the command
says what they answered, and then what was seen of it."""

from typing import Any

import pytest
from mobilityhouse_station import STATIONS, at, text
from node_rest import NodeRest, booted

from stationmaster.ocpp.version import Version

pytestmark = pytest.mark.asyncio(loop_scope="session")
EVERY = pytest.mark.parametrize("version", STATIONS, ids=str)


async def tell_status(station: Any, version: Version, minute: int, word: str) -> None:
    """Of EVSE 2 and its first connector: connector 2 of 1.6."""
    if version is Version.V16:
        await station.tell(
            "StatusNotification", connector_id=2, error_code="NoError", status=word, timestamp=text(at(minute))
        )
    else:
        await station.tell(
            "StatusNotification", timestamp=text(at(minute)), connector_status=word, evse_id=2, connector_id=1
        )


@EVERY
async def test_what_is_in_use_goes_out_of_service_when_it_is_free(rest: NodeRest, version: Version) -> None:
    async with booted(rest, version) as (station, key):
        station.says("ChangeAvailability", {"status": "Scheduled"})
        command = await rest.command(key, "ChangeAvailability", operative=False, evse_id=2)
        (asked,) = station.heard.all("ChangeAvailability")
        assert asked == (
            {"connector_id": 2, "type": "Inoperative"}
            if version is Version.V16
            else {"operational_status": "Inoperative", "evse": {"id": 2}}
        )
        assert (command["state"], command["status"]) == ("accepted", "Scheduled")

        path = f"/stations/{key}/commands/{command['key']}"
        await tell_status(station, version, 1, "Available")
        assert (await rest.get(path))["state"] == "accepted"
        await tell_status(station, version, 2, "Unavailable")
        assert (await rest.get(path))["state"] == "effect_seen"


@pytest.mark.parametrize(
    ("version", "word", "state", "status"),
    [
        (Version.V16, "Unlocked", "accepted", "Unlocked"),
        (Version.V16, "UnlockFailed", "rejected", "UnlockFailed"),
        (Version.V16, "NotSupported", "rejected", "NotSupported"),
        (Version.V201, "Unlocked", "accepted", "Unlocked"),
        (Version.V201, "UnlockFailed", "rejected", "UnlockFailed"),
        (Version.V201, "OngoingAuthorizedTransaction", "rejected", "OngoingAuthorizedTransaction"),
        (Version.V201, "UnknownConnector", "rejected", "UnknownConnector"),
        (Version.V21, "Unlocked", "accepted", "Unlocked"),
        (Version.V21, "OngoingAuthorizedTransaction", "rejected", "OngoingAuthorizedTransaction"),
    ],
    ids=str,
)
async def test_every_answer_to_an_unlock_is_told(
    rest: NodeRest, version: Version, word: str, state: str, status: str
) -> None:
    async with booted(rest, version) as (station, key):
        station.says("UnlockConnector", {"status": word})
        command = await rest.command(key, "UnlockConnector", evse_id=2)
        (asked,) = station.heard.all("UnlockConnector")
    assert asked == ({"connector_id": 2} if version is Version.V16 else {"evse_id": 2, "connector_id": 1})
    assert (command["state"], command["status"]) == (state, status)


@pytest.mark.parametrize(
    ("version", "wanted", "word"),
    [
        (Version.V16, "Immediate", "Hard"),
        (Version.V16, "OnIdle", "Soft"),
        (Version.V201, "Immediate", "Immediate"),
        (Version.V201, "OnIdle", "OnIdle"),
        (Version.V21, "ImmediateAndResume", "ImmediateAndResume"),
    ],
    ids=str,
)
async def test_a_restart_is_done_when_the_station_boots_again(
    rest: NodeRest, version: Version, wanted: str, word: str
) -> None:
    async with booted(rest, version) as (station, key):
        station.says("Reset", {"status": "Accepted"})
        command = await rest.command(key, "Reset", reset_type=wanted)
        assert station.heard.all("Reset") == [{"type": word}]
        assert command["state"] == "accepted"
        await station.boot()
        assert (await rest.get(f"/stations/{key}/commands/{command['key']}"))["state"] == "effect_seen"


@pytest.mark.parametrize("version", [Version.V201, Version.V21], ids=str)
async def test_one_evse_is_restarted_later(rest: NodeRest, version: Version) -> None:
    async with booted(rest, version) as (station, key):
        station.says("Reset", {"status": "Scheduled"})
        command = await rest.command(key, "Reset", reset_type="OnIdle", evse_id=2)
        assert station.heard.all("Reset") == [{"type": "OnIdle", "evse_id": 2}]
    assert (command["state"], command["status"]) == ("accepted", "Scheduled")


async def test_1_6_cannot_restart_one_evse_and_says_so(rest: NodeRest) -> None:
    async with booted(rest, Version.V16) as (station, key):
        command = await rest.command(key, "Reset", reset_type="OnIdle", evse_id=2)
        assert station.heard.all("Reset") == []
    assert command["state"] == "unsupported"


@EVERY
async def test_a_message_that_is_asked_for_comes(rest: NodeRest, version: Version) -> None:
    async with booted(rest, version) as (station, key):
        station.says("TriggerMessage", {"status": "Accepted"})
        command = await rest.command(key, "TriggerMessage", requested="StatusNotification", evse_id=2, connector_id=1)
        (asked,) = station.heard.all("TriggerMessage")
        place = {"connector_id": 2} if version is Version.V16 else {"evse": {"id": 2, "connector_id": 1}}
        assert asked == {"requested_message": "StatusNotification", **place}
        assert command["state"] == "accepted"
        await tell_status(station, version, 1, "Available")
        assert (await rest.get(f"/stations/{key}/commands/{command['key']}"))["state"] == "effect_seen"


@EVERY
@pytest.mark.parametrize("word", ["Rejected", "NotImplemented"])
async def test_a_message_that_is_not_to_come_is_told(rest: NodeRest, version: Version, word: str) -> None:
    async with booted(rest, version) as (station, key):
        station.says("TriggerMessage", {"status": word})
        command = await rest.command(key, "TriggerMessage", requested="Heartbeat")
    assert (command["state"], command["status"]) == ("rejected", word)


async def test_1_6_is_asked_by_its_security_extension_once_it_shows_that_it_has_it(rest: NodeRest) -> None:
    async with booted(rest, Version.V16) as (station, key):
        wanted = {"requested": "SignChargingStationCertificate"}
        refused = await rest.command(key, "TriggerMessage", **wanted)
        assert (refused["state"], "security extension" in refused["detail"]) == ("unsupported", True)

        await station.tell(
            "SecurityEventNotification", type="StartupOfTheDevice", timestamp=text(at(1)), tech_info=None
        )
        station.says("ExtendedTriggerMessage", {"status": "Accepted"})
        assert (await rest.command(key, "TriggerMessage", **wanted))["state"] == "accepted"
        assert station.heard.all("ExtendedTriggerMessage") == [{"requested_message": "SignChargePointCertificate"}]
