"""Reservations at a charge point of 1.6 (§5.1, §5.13)."""

from datetime import timedelta
from typing import Any

import pytest
from charge_point_case import ChargePointCase, statuses
from scripted_csms import Payload
from station_case import CARD, CARD_2

from stationmaster.station import display


async def reserve(
    case: ChargePointCase, connector: int = 1, number: int = 1, tag: str = CARD, in_s: float = 3600, **more: Any
) -> str:
    """The status that the charge point answers."""
    until = (case.clock.now() + timedelta(seconds=in_s)).isoformat().replace("+00:00", "Z")
    asked: Payload = {"connectorId": connector, "reservationId": number, "idTag": tag, "expiryDate": until, **more}
    return str((await case.ask("ReserveNow", **asked))["status"])


async def test_s5_13_the_reserved_tag_starts_with_its_reservation_id(case: ChargePointCase) -> None:
    assert await reserve(case) == "Accepted"
    assert statuses(await case.wait(), 1) == ["Reserved"]
    said = await case.swipe() + await case.plug()
    (started,) = said.payloads("StartTransaction")
    assert started["reservationId"] == 1
    assert "ReservationStatusUpdate" not in said.order


async def test_s5_13_another_tag_is_refused_there(case: ChargePointCase) -> None:
    await reserve(case)
    await case.plug()
    said = await case.swipe(CARD_2)
    assert said.payloads("StartTransaction") == []
    assert statuses(said, 1) == []
    assert case.hardware.display(1) == display.RESERVED_FOR_OTHERS


async def test_s5_13_one_of_the_same_parent_may_use_it(case: ChargePointCase) -> None:
    await reserve(case, parentIdTag="FLEET-7")
    case.infos[CARD_2] = {"status": "Accepted", "parentIdTag": "FLEET-7"}
    said = await case.plug() + await case.swipe(CARD_2)
    assert [payload["reservationId"] for payload in said.payloads("StartTransaction")] == [1]


async def test_s5_13_after_its_time_the_connector_is_available(case: ChargePointCase) -> None:
    await reserve(case, in_s=60)
    await case.wait()
    said = await case.wait(65)
    assert statuses(said, 1) == ["Available"]
    assert "ReservationStatusUpdate" not in said.order


async def test_s5_13_it_ends_with_a_fault_and_does_not_come_back(case: ChargePointCase) -> None:
    await reserve(case)
    await case.wait()
    case.hardware.fail(1, "GroundFailure")
    assert statuses(await case.wait(), 1) == ["Faulted"]
    case.hardware.fail(1, None)
    assert statuses(await case.wait(), 1) == ["Available"]


async def test_s5_13_it_is_occupied_even_for_the_same_tag(case: ChargePointCase) -> None:
    await reserve(case)
    assert await reserve(case, number=2) == "Occupied"
    assert await reserve(case) == "Accepted"  # the same number replaces


async def test_s5_13_connector_0_keeps_the_last_one(case: ChargePointCase) -> None:
    assert await reserve(case, connector=0) == "Accepted"
    await case.session(CARD_2, 2)
    said = await case.swipe(CARD_2, 1)
    assert said.payloads("StartTransaction") == []
    assert case.hardware.display(1) == display.RESERVED_FOR_OTHERS


async def test_s5_13_connector_0_is_rejected_where_it_is_not_supported(case: ChargePointCase) -> None:
    case.set(ReservationCtrlr__NonEvseSpecific="false")
    answer = await case.ask("GetConfiguration", key=["ReserveConnectorZeroSupported"])
    assert answer["configurationKey"] == [{"key": "ReserveConnectorZeroSupported", "readonly": True, "value": "false"}]
    assert await reserve(case, connector=0) == "Rejected"


async def test_s5_13_a_connector_that_is_not_there_is_rejected(case: ChargePointCase) -> None:
    assert await reserve(case, connector=9) == "Rejected"


@pytest.mark.parametrize("number", [1, 2])
async def test_s5_1_only_a_reservation_that_is_known_can_be_cancelled(case: ChargePointCase, number: int) -> None:
    await reserve(case)
    await case.wait()
    answer = await case.ask("CancelReservation", reservationId=number)
    assert answer["status"] == ("Accepted" if number == 1 else "Rejected")
    assert statuses(await case.wait(), 1) == (["Available"] if number == 1 else [])


async def test_s5_13_the_feature_profile_is_told(case: ChargePointCase) -> None:
    answer = await case.ask("GetConfiguration", key=["SupportedFeatureProfiles"])
    assert "Reservation" in answer["configurationKey"][0]["value"].split(",")
