"""H Reservation: the station keeps EVSEs for drivers."""

from datetime import timedelta
from typing import Any

import pytest
from said import Said
from scripted_csms import Payload
from station_case import CARD, CARD_2, StationCase

from stationmaster.ocpp.version import Version
from stationmaster.station import display

FLEET = {"idToken": "FLEET-7", "type": "Central"}
GROUPED = {"status": "Accepted", "groupIdToken": FLEET}
FAST = "Triple 50"


async def reserve(
    case: StationCase, number: int = 1, evse: int | None = 1, token: str = CARD, in_s: float = 3600, **more: Any
) -> Payload:
    """What the station answers to a ReserveNowRequest."""
    until = (case.clock.now() + timedelta(seconds=in_s)).isoformat().replace("+00:00", "Z")
    where = {} if evse is None else {"evseId": evse}
    id_token = {"idToken": token, "type": "ISO14443"}
    return await case.ask("ReserveNow", id=number, expiryDateTime=until, idToken=id_token, **where, **more)


async def reserved(case: StationCase, number: int = 1, evse: int = 1, **more: Any) -> Said:
    """The reusable state: accepted, and told of."""
    assert (await reserve(case, number, evse, **more))["status"] == "Accepted"
    said = await case.wait()
    assert said.reports == [(evse, 1, "Reserved")]
    return said


def updates(said: Said) -> list[tuple[int, str]]:
    found = said.payloads("ReservationStatusUpdate")
    return [(payload["reservationId"], payload["reservationUpdateStatus"]) for payload in found]


@pytest.fixture(autouse=True)
def heard(case: StationCase) -> None:
    case.csms.script["ReservationStatusUpdate"] = lambda _: {}


async def test_TC_H_01_CS_the_reserved_token_charges_and_its_transaction_names_the_reservation(
    case: StationCase,
) -> None:
    """H01.FR.15, H03.FR.01, .09, .10, E01.FR.13."""
    await reserved(case)
    said = await case.swipe()
    assert said.reports == [(1, 1, "Available")]
    assert said.events[0].payload["reservationId"] == 1
    said = await case.plug()
    assert case.hardware.drawing(1)
    assert all("reservationId" not in event.payload for event in said.events)
    assert case.hardware.display(1) == "Charging"


async def test_TC_H_02_CS_another_token_gets_no_energy_there(case: StationCase) -> None:
    """G01.FR.09: a cable alone does not change the status."""
    await reserved(case)
    said = await case.plug()
    assert said.reports == []
    assert [event.brief for event in said.events] == [("Started", "CablePluggedIn", "EVConnected")]
    said = await case.swipe(CARD_2)
    assert said.events == []
    assert not case.hardware.energized(1)
    assert case.hardware.display(1) == display.RESERVED_FOR_OTHERS


async def test_TC_H_02_CS_F01_FR_21_22_F02_FR_23_24_nor_is_it_started_there_from_afar(case: StationCase) -> None:
    await reserved(case)
    other = {"idToken": CARD_2, "type": "ISO14443"}
    answer = await case.ask("RequestStartTransaction", idToken=other, remoteStartId=7, evseId=1)
    assert answer["status"] == "Rejected"
    mine = {"idToken": CARD, "type": "ISO14443"}
    assert (await case.ask("RequestStartTransaction", idToken=mine, remoteStartId=8, evseId=1))["status"] == "Accepted"
    said = await case.wait()
    assert said.events[0].payload["reservationId"] == 1


async def test_F01_FR_21_the_group_of_a_remote_start_may_use_it(case: StationCase) -> None:
    await reserved(case, groupIdToken=FLEET)
    other = {"idToken": CARD_2, "type": "ISO14443"}
    case.infos[CARD_2] = GROUPED
    asked = {"idToken": other, "remoteStartId": 7, "evseId": 1, "groupIdToken": FLEET}
    assert (await case.ask("RequestStartTransaction", **asked))["status"] == "Accepted"


async def test_TC_H_03_CS_a_reserved_evse_is_occupied_for_the_next_one(case: StationCase) -> None:
    await reserved(case)
    assert (await reserve(case, 2, token=CARD_2))["status"] == "Occupied"


async def test_TC_H_04_CS_an_evse_in_use_cannot_be_reserved(case: StationCase) -> None:
    await case.charging()
    assert (await reserve(case, token=CARD_2))["status"] == "Occupied"


async def test_H01_FR_11_an_evse_with_a_car_cannot_be_reserved(case: StationCase) -> None:
    await case.plug()
    assert (await reserve(case))["status"] == "Occupied"


async def test_H01_FR_12_a_broken_evse_is_faulted(case: StationCase) -> None:
    case.hardware.fail(1, "GroundFailure")
    await case.wait()
    assert (await reserve(case))["status"] == "Faulted"


async def test_TC_H_06_CS_one_that_is_switched_off_is_unavailable(case: StationCase) -> None:
    await case.ask("ChangeAvailability", operationalStatus="Inoperative", evse={"id": 1})
    await case.wait()
    assert (await reserve(case))["status"] == "Unavailable"


async def test_TC_H_07_CS_after_its_time_the_evse_is_free_and_the_csms_is_told(case: StationCase) -> None:
    """H04.FR.01-.03."""
    await reserved(case, in_s=60)
    said = await case.wait(65)
    assert updates(said) == [(1, "Expired")]
    assert said.reports == [(1, 1, "Available")]
    await case.plug()
    await case.swipe(CARD_2)
    assert case.hardware.drawing(1)


async def test_TC_H_08_CS_without_an_evse_one_is_kept(case: StationCase) -> None:
    """H01.FR.04, .07: which of two it will be is open; the last free one is kept."""
    assert (await reserve(case, evse=None))["status"] == "Accepted"
    said = await case.wait()
    assert said.reports == []
    said = await case.plug(2)
    assert sorted(said.reports) == [(1, 1, "Reserved"), (2, 1, "Occupied")]
    await case.swipe(CARD_2, 2)
    assert case.hardware.drawing(2)
    await case.swipe(CARD_2, 1)
    assert case.hardware.display(1) == display.RESERVED_FOR_OTHERS
    said = await case.swipe(CARD, 1)
    assert said.events[0].payload["reservationId"] == 1


async def test_TC_H_09_CS_no_more_reservations_than_evses(case: StationCase) -> None:
    await reserved(case, 1, 1)
    await reserved(case, 2, 2, token=CARD_2)
    assert (await reserve(case, 3, None, token="04C3"))["status"] == "Occupied"


async def test_TC_H_10_CS_nor_where_all_are_in_use(case: StationCase) -> None:
    await case.charging(1)
    await case.charging(2, CARD_2)
    assert (await reserve(case, 1, None, token="04C3"))["status"] == "Occupied"


async def test_TC_H_12_CS_nor_where_all_are_switched_off(case: StationCase) -> None:
    await case.ask("ChangeAvailability", operationalStatus="Inoperative")
    await case.wait()
    assert (await reserve(case, evse=None))["status"] == "Unavailable"


async def test_TC_H_13_CS_a_station_that_wants_an_evse_named_rejects_others(case: StationCase) -> None:
    case.set(ReservationCtrlr__NonEvseSpecific="false")
    assert (await reserve(case, evse=None))["status"] == "Rejected"
    assert (await reserve(case, evse=1))["status"] == "Accepted"


async def test_TC_H_14_CS_as_many_as_there_are_evses_reserve_them_all(case: StationCase) -> None:
    """H01.FR.20."""
    assert (await reserve(case, 1, None))["status"] == "Accepted"
    assert (await case.wait()).reports == []
    assert (await reserve(case, 2, None, token=CARD_2))["status"] == "Accepted"
    assert sorted((await case.wait()).reports) == [(1, 1, "Reserved"), (2, 1, "Reserved")]
    said = await case.swipe(CARD, 1)
    assert said.reports == [(1, 1, "Available")]
    assert (await reserve(case, 3, None, token="04C3"))["status"] == "Occupied"


@pytest.mark.parametrize("model", [FAST])
async def test_TC_H_15_CS_a_kind_of_connector_is_reserved_where_there_is_one(case: StationCase) -> None:
    """H01.FR.06, .09."""
    kinds = {evse.id: {plug.type for plug in evse.connectors} for evse in case.hardware.describe().evses}
    kind = next(iter(sorted(kinds[1])))
    assert (await reserve(case, evse=None, connectorType=kind))["status"] == "Accepted"
    absent = await reserve(case, 2, evse=None, connectorType="cGBT")
    assert absent["status"] == "Rejected"


@pytest.mark.parametrize("model", [FAST])
async def test_TC_H_16_CS_H01_FR_23_24_the_last_one_of_its_kind_is_reserved_with_all_its_connectors(
    case: StationCase,
) -> None:
    kinds = {evse.id: {plug.type for plug in evse.connectors} for evse in case.hardware.describe().evses}
    kind = sorted(kinds[1])[0]
    places = [evse_id for evse_id, there in kinds.items() if kind in there]
    for number, _ in enumerate(places, 1):
        assert (await reserve(case, number, None, connectorType=kind, token=f"04C{number}"))["status"] == "Accepted"
    said = await case.wait()
    wanted = [(evse, connector, "Reserved") for evse, connector in case.connectors if evse in places]
    assert sorted(said.reports) == wanted
    assert (await reserve(case, 99, None, connectorType=kind))["status"] == "Occupied"


async def test_TC_H_17_CS_H02_FR_02_a_cancelled_reservation_frees_its_evse(case: StationCase) -> None:
    await reserved(case)
    assert (await case.ask("CancelReservation", reservationId=1))["status"] == "Accepted"
    assert (await case.wait()).reports == [(1, 1, "Available")]
    assert (await case.ask("CancelReservation", reservationId=1))["status"] == "Rejected"


async def test_TC_H_18_CS_H02_FR_01_one_that_is_not_known_cannot_be_cancelled(case: StationCase) -> None:
    await reserved(case)
    assert (await case.ask("CancelReservation", reservationId=2))["status"] == "Rejected"
    assert (await case.wait()).reports == []


async def test_TC_H_19_CS_another_token_of_the_group_may_use_it(case: StationCase) -> None:
    """H03.FR.04, .08."""
    await reserved(case, groupIdToken=FLEET)
    case.infos[CARD_2] = GROUPED
    await case.plug()
    said = await case.swipe(CARD_2)
    assert said.payloads("Authorize")[0]["idToken"]["idToken"] == CARD_2
    assert said.events[0].payload["reservationId"] == 1
    assert case.hardware.drawing(1)


async def test_H03_FR_07_the_group_is_known_from_the_cache(case: StationCase) -> None:
    case.set(AuthCtrlr__LocalPreAuthorize="true")
    await case.cached(CARD_2, GROUPED)
    await reserved(case, groupIdToken=FLEET)
    said = await case.swipe(CARD_2)
    assert said.payloads("Authorize") == []
    assert said.events[0].payload["reservationId"] == 1


async def test_TC_H_21_CS_H01_FR_17_it_is_removed_when_its_evse_is_switched_off(case: StationCase) -> None:
    await reserved(case)
    await case.ask("ChangeAvailability", operationalStatus="Inoperative", evse={"id": 1})
    said = await case.wait()
    assert updates(said) == [(1, "Removed")]
    assert said.reports == [(1, 1, "Unavailable")]


async def test_H01_FR_16_it_is_removed_when_its_evse_breaks_down(case: StationCase) -> None:
    await reserved(case)
    case.hardware.fail(1, "GroundFailure")
    said = await case.wait()
    assert updates(said) == [(1, "Removed")]
    assert said.reports == [(1, 1, "Faulted")]


async def test_TC_H_22_CS_H01_FR_01_a_station_that_is_set_to_takes_none(case: StationCase) -> None:
    case.set(ReservationCtrlr__Enabled="false")
    assert (await reserve(case))["status"] == "Rejected"


async def test_a_station_that_is_set_to_take_none_keeps_what_it_has_and_goes_by_it_later(case: StationCase) -> None:
    """Part 2, chapter 2 (2.1)."""
    await reserved(case)
    case.set(ReservationCtrlr__Enabled="false")
    assert (await case.wait()).reports == [(1, 1, "Available")]
    case.set(ReservationCtrlr__Enabled="true")
    assert (await case.wait()).reports == [(1, 1, "Reserved")]


async def test_TC_H_23_CS_H01_FR_02_the_same_number_again_takes_the_old_one_s_place(case: StationCase) -> None:
    await reserved(case)
    assert (await reserve(case, 1, 2, token=CARD_2))["status"] == "Accepted"
    assert sorted((await case.wait()).reports) == [(1, 1, "Available"), (2, 1, "Reserved")]
    await case.swipe(CARD, 2)
    assert case.hardware.display(2) == display.RESERVED_FOR_OTHERS
    said = await case.swipe(CARD_2, 2)
    assert said.events[0].payload["reservationId"] == 1


async def test_H01_FR_02_one_that_cannot_be_changed_stays_as_it_was(case: StationCase) -> None:
    await reserved(case)
    await case.charging(2, CARD_2)
    assert (await reserve(case, 1, 2))["status"] == "Occupied"
    said = await case.swipe(CARD, 1)
    assert said.events[0].payload["reservationId"] == 1


async def test_TC_H_24_CS_a_group_may_use_one_without_an_evse(case: StationCase) -> None:
    assert (await reserve(case, evse=None, groupIdToken=FLEET))["status"] == "Accepted"
    case.infos[CARD_2] = GROUPED
    said = await case.swipe(CARD_2, 2)
    assert said.events[0].payload["reservationId"] == 1


async def test_H03_FR_11_one_that_is_used_without_a_transaction_is_told_so(case: StationCase, version: Version) -> None:
    case.set(TxCtrlr__TxStartPoint="PowerPathClosed")
    await reserved(case)
    await case.swipe()
    said = await case.wait(130)
    assert said.events == []
    assert updates(said) == ([(1, "NoTransaction")] if version is Version.V21 else [])


async def test_a_reservation_outlives_a_loss_of_power(case: StationCase) -> None:
    await reserved(case)
    await case.cut_power()
    said = await case.power_up() + await case.wait()
    assert (1, 1, "Reserved") in said.reports
    await case.plug()
    await case.swipe(CARD_2)
    assert case.hardware.display(1) == display.RESERVED_FOR_OTHERS


async def test_what_ended_while_the_line_was_away_is_told_later(case: StationCase) -> None:
    await reserved(case, in_s=60)
    await case.go_offline()
    await case.wait(65)
    assert updates(await case.back_online()) == [(1, "Expired")]


async def test_the_display_says_until_when(case: StationCase) -> None:
    case.set(ClockCtrlr__TimeOffset="+02:00")
    await reserved(case)
    until = case.clock.now() - timedelta(seconds=5) + timedelta(hours=3)
    assert case.hardware.display(1) == f"Reserved until {until:%H:%M}"
