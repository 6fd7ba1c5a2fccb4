"""Reservations of 1.6: a station does not tell how one ended, so that is seen from what it does tell (§5.1, §5.13)."""

from datetime import timedelta
from typing import Any

import pytest
from case_16 import GROUP, TAG, TAG_2, Case16

from stationmaster.domain.identity import Evse, IdToken
from stationmaster.domain.reservation.reservations import CancelReservation, Reservation, ReservationFilter, ReserveNow
from stationmaster.testing.wire import Payload


def reserving(case: Case16, evse: int | None = 1, tag: str = TAG, **more: Any) -> ReserveNow:
    until = case.now() + timedelta(hours=1)
    place = None if evse is None else Evse(evse, 1)
    return ReserveNow(**{"id_token": IdToken(tag), "expires_at": until, "evse": place, **more})


async def reserved(case: Case16, **more: Any) -> Payload:
    asked, command = await case.commanded(reserving(case, **more), "ReserveNow")
    assert command.state == "accepted"
    await case.status("Reserved")
    return asked


async def stored(case: Case16) -> Reservation:
    query = ReservationFilter(tenant="default", station_key=case.view.key)
    (found,) = (await case.bench.storage.reads.reservations(query)).items
    return found


async def test_s5_13_a_connector_is_reserved(case: Case16) -> None:
    asked = await reserved(case, group=IdToken(GROUP))
    assert (asked["connectorId"], asked["idTag"], asked["parentIdTag"]) == (1, TAG, GROUP)
    assert (await stored(case)).state == "active"


async def test_s5_13_connector_0_leaves_it_open(case: Case16) -> None:
    assert (await reserved(case, evse=None))["connectorId"] == 0


async def test_s5_13_no_kind_of_connector_can_be_reserved(case: Case16) -> None:
    outcome = await case.view.outcome(await case.view.ask(reserving(case, None, connector_type="cCCS2")))
    assert (outcome.state, "name one" in (outcome.detail or "")) == ("unsupported", True)


async def test_s4_8_a_start_that_names_its_reservation_uses_it(case: Case16) -> None:
    asked = await reserved(case)
    told = {"connectorId": 1, "idTag": TAG, "meterStart": 0, "timestamp": case.now().isoformat()}
    await case.client.call("StartTransaction", told | {"reservationId": asked["reservationId"]})
    used = await stored(case)
    assert (used.state, used.inferred) == ("used", False)
    assert used.transaction_key == (await case.view.transaction()).key


@pytest.mark.parametrize("tag", [TAG, TAG_2])
async def test_s5_13_so_does_one_that_forgets_to(case: Case16, tag: str) -> None:
    """The tag itself, or one of the same parent."""
    await reserved(case, group=IdToken(GROUP))
    await case.start(tag)
    used = await stored(case)
    assert (used.state, used.inferred) == ("used", True)


async def test_s5_13_a_start_at_another_connector_does_not(case: Case16) -> None:
    await reserved(case)
    await case.start(TAG, connector=2)
    assert (await stored(case)).state == "active"


async def test_s5_13_nor_does_an_old_one_that_is_only_told_now(case: Case16) -> None:
    await reserved(case)
    await case.start(TAG, at=case.now() - timedelta(hours=3))
    assert (await stored(case)).state == "active"


@pytest.mark.parametrize("status", ["Faulted", "Unavailable"])
@pytest.mark.parametrize("connector", [0, 1])
async def test_s5_13_it_ends_when_its_connector_cannot_be_used(case: Case16, status: str, connector: int) -> None:
    await reserved(case)
    more = {"errorCode": "OtherError"} if status == "Faulted" else {}
    await case.status(status, connector, **more)
    gone = await stored(case)
    assert (gone.state, gone.inferred, gone.reason) == ("removed", True, f"its place became {status}")


async def test_s5_13_another_connector_s_fault_does_not_end_it(case: Case16) -> None:
    await reserved(case)
    await case.status("Faulted", 2, errorCode="OtherError")
    assert (await stored(case)).state == "active"


async def test_s5_1_it_is_cancelled(case: Case16) -> None:
    asked = await reserved(case)
    number = asked["reservationId"]
    told, _ = await case.commanded(CancelReservation(reservation_id=number), "CancelReservation")
    assert told == {"reservationId": number}
    assert (await stored(case)).state == "cancelled"


@pytest.mark.parametrize("status", ["Occupied", "Faulted", "Unavailable", "Rejected"])
async def test_s5_13_it_is_refused(case: Case16, status: str) -> None:
    await case.commanded(reserving(case), "ReserveNow", status)
    refused = await stored(case)
    assert (refused.state, refused.status) == ("refused", status)
