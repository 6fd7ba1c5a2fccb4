"""Who is let in where a place is kept for somebody."""

import pytest

from stationmaster.domain.identity import Evse, IdToken
from stationmaster.domain.messages import (
    Authorize,
    AuthorizeAnswer,
    IdTokenInfo,
    RequestStartTransaction,
    StatusNotification,
)
from stationmaster.station import display
from stationmaster.station.admission import Admission
from stationmaster.station.blocks.availability import Availability
from stationmaster.station.blocks.reader import Reader
from stationmaster.station.blocks.remote_control import RemoteControl
from stationmaster.station.queue import TransactionQueue


def reserve(b, card, reservation_id=9):
    """EVSE 1 is kept for one card."""

    def admit(evse_id, id_token, group):
        if evse_id != 1:
            return Admission(True)
        return Admission(True, reservation_id) if id_token.key == card.key else Admission(False)

    b.program.parts[Reader].admit = admit
    b.program.parts[RemoteControl].admit = admit


async def test_E01_FR_13_the_first_event_of_the_reserved_token_names_the_reservation(bench, card):
    async with bench() as b:
        reserve(b, card)
        await b.plug()
        await b.swipe(card)
        await b.draw()
        named = [event.reservation_id for event in b.csms.events if event.id_token is not None]
        assert named == [9]
        assert [event.reservation_id for event in b.csms.events].count(9) == 1


async def test_an_accepted_token_is_not_let_in_where_a_place_is_kept_for_another(bench, card, other_card):
    async with bench() as b:
        reserve(b, card)
        await b.swipe(other_card)
        assert b.hardware.texts[1] == display.RESERVED_FOR_OTHERS
        assert not b.program.transactions.state(1).situation.authorized


async def test_charging_for_free_does_not_begin_where_a_place_is_kept(bench, card):
    async with bench(auth_enabled=False) as b:
        reserve(b, card)
        await b.plug()
        assert b.hardware.texts[1] == display.RESERVED_FOR_OTHERS
        assert not b.hardware.closed[1]


async def test_F01_FR_21_remote_start_for_another_token_is_rejected(bench, card, other_card):
    async with bench() as b:
        reserve(b, card)
        refused = await b.csms.ask(RequestStartTransaction(id_token=other_card, remote_start_id=1, evse=Evse(1)))
        accepted = await b.csms.ask(RequestStartTransaction(id_token=card, remote_start_id=2, evse=Evse(1)))
        assert (refused.status, accepted.status) == ("Rejected", "Accepted")
        await b.settle()
        assert b.program.transactions.state(1).grant.reservation_id == 9


async def test_F01_FR_20_remote_start_anywhere_goes_where_nothing_is_kept(bench, card, other_card):
    async with bench(evses=2) as b:
        reserve(b, card)
        answer = await b.csms.ask(RequestStartTransaction(id_token=other_card, remote_start_id=1))
        await b.settle()
        assert answer.status == "Accepted"
        assert b.program.transactions.state(2).situation.authorized


async def test_G01_FR_09_a_reserved_place_stays_so_with_a_cable_until_somebody_is_authorized(bench, card):
    async with bench() as b:
        availability = b.program.parts[Availability]
        availability.reserved = lambda evse_id: True
        availability.report_changes()
        await b.settle()
        await b.plug()
        statuses = [told.status for told in b.csms.all(StatusNotification)]
        assert statuses == ["Reserved"]
        await b.swipe(card)
        assert b.csms.all(StatusNotification)[-1].status == "Occupied"


@pytest.mark.parametrize("named", ["MASTER", "Master"])
async def test_C16_a_master_pass_is_known_in_any_case_and_does_what_is_configured(bench, card, named):
    async with bench(master_pass_group_id=named) as b:
        shown = []
        b.program.parts[Reader].master_pass = shown.append
        info = IdTokenInfo(status="Accepted", group=IdToken("master", "Central"))
        b.csms.script[Authorize] = lambda request: AuthorizeAnswer(id_token_info=info)
        await b.swipe(card)
        assert shown == [card]
        assert not b.program.transactions.state(1).situation.authorized


async def test_everybody_who_listens_hears_the_answers_to_transaction_events(bench, card):
    async with bench() as b:
        heard = []
        b.program.parts[TransactionQueue].listeners.append(lambda event, answer: heard.append(event.event_type))
        await b.plug()
        await b.swipe(card)
        assert heard == ["Started", "Updated"]
