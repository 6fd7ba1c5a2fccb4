"""H Reservation: the CSMS has stations keep EVSEs for drivers."""

from datetime import timedelta
from typing import Any

import pytest
from csms_case import GROUP, VALID, VALID_2, Case

from stationmaster.domain.identity import Evse, IdToken
from stationmaster.domain.reservation.reservations import CancelReservation, Reservation, ReservationFilter, ReserveNow
from stationmaster.ocpp.version import Version
from stationmaster.testing.wire import Payload

FLEET = IdToken(GROUP, "Central")
TOKEN = IdToken(VALID, "ISO14443")


def reserving(case: Case, evse: int | None = 1, token: str = VALID, **more: Any) -> ReserveNow:
    until = case.bench.clock.now() + timedelta(hours=1)
    place = None if evse is None else Evse(evse)
    return ReserveNow(id_token=IdToken(token, "ISO14443"), expires_at=until, evse=place, **more)


async def reserved(case: Case, request: ReserveNow | None = None, evse: int = 1) -> tuple[Payload, Reservation]:
    """What went over the wire, and what is stored once the station has accepted it and told so."""
    asked, command = await case.commanded(request or reserving(case), "ReserveNow")
    assert command.state == "accepted"
    await case.reported("Reserved", (evse, 1))
    known = await stored(case)
    assert known[-1].state == "active"
    return asked, known[-1]


async def stored(case: Case) -> list[Reservation]:
    """The oldest first."""
    query = ReservationFilter(tenant="default", station_key=case.view.key)
    return list((await case.bench.storage.reads.reservations(query)).items)[::-1]


def held(case: Case) -> list[int]:
    """The numbers of those that the CSMS goes by."""
    desk = case.bench.csms.directory.get(case.view.key)
    assert desk is not None
    return [each.reservation_id for each in desk.state.reservations]


async def update(case: Case, number: int, status: str) -> Payload:
    return await case.station.say(
        "ReservationStatusUpdate", {"reservationId": number, "reservationUpdateStatus": status}
    )


async def test_TC_H_01_CSMS_a_reserved_evse_is_used_by_its_token(case: Case) -> None:
    asked, reservation = await reserved(case)
    assert (asked["evseId"], asked["idToken"]) == (1, {"idToken": VALID, "type": "ISO14443"})
    assert "connectorType" not in asked
    assert asked["id"] == reservation.reservation_id
    tx = case.station.transaction()
    await case.station.authorize(VALID)
    payload = tx.payload("Started", "Authorized", token=VALID, evse=(1, 1))
    await case.station.say("TransactionEvent", payload | {"reservationId": asked["id"]})
    (used,) = await stored(case)
    assert (used.state, used.inferred) == ("used", False)
    assert used.transaction_key == (await case.view.transaction(tx.id)).key
    assert held(case) == []


async def test_a_transaction_of_the_token_uses_it_though_it_does_not_say_so(case: Case) -> None:
    await reserved(case)
    tx = case.station.transaction()
    await tx.started("Authorized", token=VALID, evse=(1, 1))
    (used,) = await stored(case)
    assert (used.state, used.inferred) == ("used", True)


async def test_another_token_s_transaction_does_not_use_it(case: Case) -> None:
    await case.bench.add_token("04C0FFEE", "ISO14443")
    await reserved(case)
    await case.station.transaction().started("Authorized", token="04C0FFEE", evse=(1, 1))
    assert [each.state for each in await stored(case)] == ["active"]


async def test_TC_H_07_CSMS_a_reservation_that_nobody_used_expires(case: Case) -> None:
    asked, _ = await reserved(case)
    await case.reported("Available")
    assert await update(case, asked["id"], "Expired") == {}
    (expired,) = await stored(case)
    assert (expired.state, expired.status, expired.inferred) == ("expired", "Expired", False)
    assert await update(case, asked["id"], "Expired") == {}  # a repeat changes nothing
    assert await stored(case) == [expired]


async def test_TC_H_08_CSMS_an_evse_is_reserved_without_being_named(newer_case: Case) -> None:
    asked, _ = await reserved(newer_case, reserving(newer_case, None))
    assert "evseId" not in asked
    assert "connectorType" not in asked


async def test_2_0_says_that_it_needs_an_evse(bench: Any) -> None:
    case = await Case.connect(bench, Version.V20, "StatusNotification")
    await case.booted()
    outcome = await case.view.outcome(await case.view.ask(reserving(case, None)))
    assert (outcome.state, outcome.detail) == ("unsupported", "OCPP 2.0 reserves a named EVSE only")


async def test_TC_H_14_CSMS_as_many_as_there_are_evses(newer_case: Case) -> None:
    case = newer_case
    await case.reported("Available", (2, 1))
    for token in (VALID, VALID_2):
        await case.commanded(reserving(case, None, token), "ReserveNow")
    for evse in (1, 2):
        await case.reported("Reserved", (evse, 1))
    assert [each.state for each in await stored(case)] == ["active", "active"]
    third = await case.view.outcome(await case.view.ask(reserving(case, None)))
    assert third.state == "failed"
    assert "as many reservations as there are EVSEs" in (third.detail or "")


async def test_TC_H_15_CSMS_a_kind_of_connector_is_reserved(newer_case: Case) -> None:
    asked, _ = await reserved(newer_case, reserving(newer_case, None, connector_type="cCCS2"))
    assert (asked["connectorType"], "evseId" in asked) == ("cCCS2", False)


async def test_TC_H_17_CSMS_a_reservation_is_cancelled(case: Case) -> None:
    asked, _ = await reserved(case)
    request = CancelReservation(reservation_id=asked["id"])
    told, command = await case.commanded(request, "CancelReservation")
    assert (told, command.state) == ({"reservationId": asked["id"]}, "accepted")
    await case.reported("Available")
    assert [each.state for each in await stored(case)] == ["cancelled"]


async def test_one_that_the_station_does_not_know_is_no_longer_held(case: Case) -> None:
    asked, _ = await reserved(case)
    await case.commanded(CancelReservation(reservation_id=asked["id"]), "CancelReservation", "Rejected")
    (gone,) = await stored(case)
    assert (gone.state, gone.inferred, gone.reason) == ("removed", True, "the station does not know it")


async def test_TC_H_19_CSMS_a_group_may_use_it(case: Case) -> None:
    asked, _ = await reserved(case, reserving(case, group=FLEET))
    assert asked["groupIdToken"] == {"idToken": GROUP, "type": "Central"}
    await case.station.transaction().started("Authorized", token=VALID_2, evse=(1, 1))
    assert [each.state for each in await stored(case)] == ["used"]


@pytest.mark.parametrize("status", ["Faulted", "Unavailable"])
async def test_TC_H_20_CSMS_the_station_gives_it_up(case: Case, status: str) -> None:
    asked, _ = await reserved(case)
    await case.reported(status)
    assert await update(case, asked["id"], "Removed") == {}
    (gone,) = await stored(case)
    assert (gone.state, gone.status) == ("removed", "Removed")


@pytest.mark.parametrize("status", ["Rejected", "Occupied", "Faulted", "Unavailable"])
async def test_TC_H_22_CSMS_the_station_takes_none(case: Case, status: str) -> None:
    _, command = await case.commanded(reserving(case), "ReserveNow", status)
    assert (command.state, command.status) == ("rejected", status)
    (refused,) = await stored(case)
    assert (refused.state, refused.status) == ("refused", status)
    assert refused.reason
    assert held(case) == []


async def test_never_two_for_one_place(case: Case) -> None:
    _, first = await reserved(case)
    second = await case.view.outcome(await case.view.ask(reserving(case, token=VALID_2)))
    assert second.state == "failed"
    assert f"reservation {first.key}" in (second.detail or "")
    failed = await until_state(case, "failed")
    assert failed.reason == second.detail
    assert held(case) == [first.reservation_id]


async def until_state(case: Case, state: str) -> Reservation:
    for _ in range(200):
        if (newest := (await stored(case))[-1]).state == state:
            return newest
        await case.bench.clock.sleep(0.01)
    raise AssertionError(f"never {state}")


async def test_H01_FR_02_the_same_number_again_changes_it(case: Case) -> None:
    asked, first = await reserved(case)
    await case.reported("Available", (2, 1))
    again = reserving(case, 2, VALID_2, reservation_id=asked["id"])
    told, _ = await case.commanded(again, "ReserveNow")
    assert (told["id"], told["evseId"]) == (asked["id"], 2)
    (changed,) = await stored(case)
    assert (changed.key, changed.wish.evse_id, changed.wish.id_token.value) == (first.key, 2, VALID_2)
    assert (changed.state, changed.replaced, changed.change) == ("active", 1, None)


async def test_a_change_that_the_station_refuses_leaves_it_as_it_was(case: Case) -> None:
    asked, first = await reserved(case)
    await case.commanded(reserving(case, 2, reservation_id=asked["id"]), "ReserveNow", "Occupied")
    (same,) = await stored(case)
    assert (same.state, same.wish, same.status, same.change) == ("active", first.wish, "Occupied", None)


async def test_an_update_about_no_reservation_of_ours_is_odd(case: Case) -> None:
    assert await update(case, 4711, "Expired") == {}
    (odd,) = await case.view.oddities("unknown_reservation")
    assert "4711" in odd.detail


async def test_H03_FR_11_used_without_a_transaction(bench: Any) -> None:
    case = await Case.connect(bench, Version.V21, "NotifyEvent")
    await case.booted()
    asked, _ = await reserved(case)
    assert await update(case, asked["id"], "NoTransaction") == {}
    assert [each.state for each in await stored(case)] == ["no_transaction"]


async def test_they_are_known_again_after_the_station_s_next_connection(case: Case) -> None:
    asked, _ = await reserved(case)
    again = await case.reconnect()
    await again.booted(status="Reserved")
    assert held(again) == [asked["id"]]
    assert (await again.view.outcome(await again.view.ask(reserving(again)))).state == "failed"


async def test_a_word_that_is_not_answered_leaves_it_unknown_and_its_place_held(case: Case) -> None:
    case.station.answer("ReserveNow", lambda _: None)
    command = await case.view.ask(reserving(case))
    await case.station.asked("ReserveNow")
    case.station.client.connection.cut()
    assert (await case.view.outcome(command)).state == "unknown"
    assert (await until_state(case, "unknown")).wish.evse_id == 1
    assert len(held(case)) == 1
