"""Which places are kept where several would do, and strangers' cables are in some of them."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from stationmaster.domain.identity import IdToken
from stationmaster.domain.reservation.reservations import CancelReservation, ReserveNow
from stationmaster.station.blocks.reservation import Reservations

Bench = Callable[..., Any]


async def reserve(b: Any, number: int, token: IdToken) -> None:
    """Has a place kept, whichever it will be."""
    until = b.clock.now() + timedelta(hours=1)
    answer = await b.csms.ask(ReserveNow(reservation_id=number, id_token=token, expires_at=until))
    assert answer.status == "Accepted"


async def cancel(b: Any, number: int) -> None:
    assert (await b.csms.ask(CancelReservation(reservation_id=number))).status == "Accepted"


def kept(b: Any) -> list[int]:
    """The EVSEs that show that they are reserved."""
    return [evse_id for evse_id in b.hardware.cables if b.program.parts[Reservations].reserved(evse_id)]


async def test_H01_FR_07_of_two_places_with_strangers_cables_one_stays_kept_when_one_reservation_is_cancelled(
    bench: Bench, card: IdToken, other_card: IdToken
) -> None:
    async with bench(evses=2) as b:
        await reserve(b, 1, other_card)
        await reserve(b, 2, card)
        await b.plug(1)
        await b.plug(2)
        assert kept(b) == [1, 2]
        await cancel(b, 1)
        assert kept(b) == [2]
        await b.swipe(card, 2)
        assert b.program.transactions.state(2).grant.reservation_id == 2


async def test_strangers_cables_are_in_nobodys_way_once_another_place_does(
    bench: Bench, card: IdToken, other_card: IdToken
) -> None:
    async with bench(evses=3) as b:
        await b.plug(3)
        await reserve(b, 1, other_card)
        await reserve(b, 2, card)
        await b.plug(1)
        await b.plug(2)
        await b.unplug(3)
        assert kept(b) == [2, 3]
        await cancel(b, 1)
        assert kept(b) == [3]
