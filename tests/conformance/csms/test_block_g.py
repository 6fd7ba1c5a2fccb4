"""G Availability."""

import pytest
from csms_case import VALID, Case

from stationmaster.domain.identity import Evse
from stationmaster.domain.messages import ChangeAvailability
from stationmaster.testing import ScriptedTransaction

INOPERATIVE = ChangeAvailability(operative=False)
OPERATIVE = ChangeAvailability(operative=True)


async def _stopped(case: Case, tx: ScriptedTransaction) -> None:
    await case.stop_authorized(tx)
    await case.post_session(tx)
    await case.disconnected(tx)


async def test_TC_G_20_CSMS_a_lock_failure_is_passed_on(case: Case) -> None:
    assert await case.station.notify("ConnectorPlugRetentionLock", "Problem", "true", evse=(1, 1)) == {}

    (told,) = await case.view.told("NotifyEvent")
    (event,) = told.data["events"]
    assert (event["component"], event["variable"], event["actual_value"]) == (
        "ConnectorPlugRetentionLock",
        "Problem",
        "true",
    )
    assert await case.view.status() == "Available"


async def test_TC_G_03_CSMS_an_EVSE_is_made_inoperative(case: Case) -> None:
    request = ChangeAvailability(operative=False, evse=Evse(1))

    asked, command = await case.commanded(request, "ChangeAvailability")

    assert asked == {"operationalStatus": "Inoperative", "evse": {"id": 1}}
    await case.reported("Unavailable")
    await case.took_effect(command)


async def test_TC_G_04_CSMS_an_EVSE_is_made_operative(case: Case) -> None:
    await case.reported("Unavailable")

    asked, command = await case.commanded(ChangeAvailability(operative=True, evse=Evse(1)), "ChangeAvailability")

    assert asked == {"operationalStatus": "Operative", "evse": {"id": 1}}
    await case.reported("Available")
    await case.took_effect(command)


async def test_TC_G_11_CSMS_an_EVSE_becomes_inoperative_after_its_transaction(case: Case) -> None:
    tx = case.station.transaction()
    await case.charging(tx)

    asked, command = await case.commanded(
        ChangeAvailability(operative=False, evse=Evse(1)), "ChangeAvailability", "Scheduled"
    )

    assert asked == {"operationalStatus": "Inoperative", "evse": {"id": 1}}
    await _stopped(case, tx)
    assert (await case.view.command(command)).state == "accepted"
    await case.reported("Unavailable")
    await case.took_effect(command)


async def test_TC_G_05_CSMS_a_station_is_made_inoperative(case: Case) -> None:
    asked, command = await case.commanded(INOPERATIVE, "ChangeAvailability")

    assert asked == {"operationalStatus": "Inoperative"}
    await case.reported("Unavailable")
    await case.reported("Unavailable", (2, 1))
    await case.took_effect(command)


async def test_TC_G_06_CSMS_a_station_is_made_operative(case: Case) -> None:
    await case.reported("Unavailable")

    asked, command = await case.commanded(OPERATIVE, "ChangeAvailability")

    assert asked == {"operationalStatus": "Operative"}
    await case.reported("Available")
    await case.took_effect(command)


async def test_TC_G_14_CSMS_a_station_becomes_inoperative_after_its_transaction(case: Case) -> None:
    tx = case.station.transaction()
    await case.charging(tx)

    asked, command = await case.commanded(INOPERATIVE, "ChangeAvailability", "Scheduled")

    assert asked == {"operationalStatus": "Inoperative"}
    await case.reported("Unavailable", (2, 1))
    await _stopped(case, tx)
    await case.reported("Unavailable")
    await case.took_effect(command)


async def test_TC_G_07_CSMS_a_connector_is_made_inoperative(newer_case: Case) -> None:
    request = ChangeAvailability(operative=False, evse=Evse(1, 1))

    asked, command = await newer_case.commanded(request, "ChangeAvailability")

    assert asked == {"operationalStatus": "Inoperative", "evse": {"id": 1, "connectorId": 1}}
    await newer_case.reported("Unavailable")
    await newer_case.took_effect(command)


async def test_TC_G_08_CSMS_a_connector_is_made_operative(newer_case: Case) -> None:
    await newer_case.reported("Unavailable")

    asked, command = await newer_case.commanded(
        ChangeAvailability(operative=True, evse=Evse(1, 1)), "ChangeAvailability"
    )

    assert asked == {"operationalStatus": "Operative", "evse": {"id": 1, "connectorId": 1}}
    await newer_case.reported("Available")
    await newer_case.took_effect(command)


async def test_TC_G_17_CSMS_a_connector_becomes_inoperative_after_its_transaction(newer_case: Case) -> None:
    tx = newer_case.station.transaction()
    await newer_case.charging(tx)

    asked, command = await newer_case.commanded(
        ChangeAvailability(operative=False, evse=Evse(1, 1)), "ChangeAvailability", "Scheduled"
    )

    assert asked == {"operationalStatus": "Inoperative", "evse": {"id": 1, "connectorId": 1}}
    await _stopped(newer_case, tx)
    await newer_case.reported("Unavailable")
    await newer_case.took_effect(command)


# Requirements that the cases do not reach


@pytest.mark.parametrize("status", ["Available", "Occupied", "Reserved", "Unavailable", "Faulted"])
async def test_G01_FR_01_every_status_is_stored_and_told(case: Case, status: str) -> None:
    await case.reported(status, (2, 3))

    told = (await case.view.told("ConnectorStatusChanged"))[-1]
    assert (told.data["evse_id"], told.data["connector_id"], told.data["status"]) == (2, 3, status)


async def test_G02_FR_03_a_heartbeat_is_answered_with_the_time(case: Case) -> None:
    answer = await case.station.say("Heartbeat")

    assert list(answer) == ["currentTime"]


async def test_G02_FR_04_any_message_is_a_sign_of_life(case: Case) -> None:
    desk = case.bench.csms.directory.get(case.view.key)
    assert desk is not None and desk.last_seen_at is not None
    before = desk.last_seen_at

    await case.station.authorize(VALID)

    assert desk.last_seen_at > before


async def test_G03_FR_01_a_change_that_the_station_rejects(case: Case) -> None:
    _, command = await case.commanded(INOPERATIVE, "ChangeAvailability", "Rejected")

    assert command.state == "rejected"
