"""C01, C10, C13, C15, as seen at the reader."""

from datetime import timedelta

import pytest

from stationmaster.domain.identity import IdToken
from stationmaster.domain.messages import (
    Authorize,
    AuthorizeAnswer,
    IdTokenInfo,
    TransactionAnswer,
    TransactionEvent,
)
from stationmaster.session.failures import CallRefused, CallTimedOut
from stationmaster.station.blocks.authorization_cache import CAPACITY, AuthorizationCache
from stationmaster.station.display import REFUSALS


def says(b, status, **more):
    b.csms.script[Authorize] = lambda _: AuthorizeAnswer(id_token_info=IdTokenInfo(status=status, **more))


async def learn(b):
    """A session that leaves the card in the cache."""
    await b.charge()
    await b.swipe()
    await b.unplug()
    b.csms.forget()


async def offline(b):
    b.csms.drop()
    await b.settle()


@pytest.mark.parametrize("status", list(REFUSALS))
async def test_C01_FR_02_refused_card_charges_nothing_and_is_told_why(bench, status):
    async with bench() as b:
        says(b, status)
        await b.plug()
        await b.swipe()
        assert b.told() == [("Started", "CablePluggedIn")]
        assert not b.hardware.closed[1]
        assert b.hardware.texts[1] == REFUSALS[status]


async def test_C01_FR_21_card_for_other_evses_is_refused(bench):
    async with bench(evses=2) as b:
        says(b, "Accepted", evse_ids=(2,))
        await b.plug(1)
        await b.swipe(evse_id=1)
        assert not b.hardware.closed[1]
        await b.plug(2)
        await b.swipe(evse_id=2)
        assert b.hardware.closed[2]


@pytest.mark.parametrize("failure", [CallTimedOut(), CallRefused("InternalError", "")])
async def test_card_that_nobody_answers_for_is_refused(bench, failure):
    async with bench() as b:
        b.csms.script[Authorize] = lambda _: failure
        await b.plug()
        await b.swipe()
        await b.settle(31)
        assert not b.hardware.closed[1]


async def test_C05_FR_01_central_token_is_not_asked_for(bench):
    async with bench() as b:
        await b.plug()
        await b.swipe(IdToken("C1", "Central"))
        assert b.csms.all(Authorize) == []
        assert b.hardware.closed[1]


async def test_C10_FR_03_known_card_is_asked_for_again_unless_preauthorized(bench):
    async with bench() as b:
        await learn(b)
        await b.swipe()
        assert len(b.csms.all(Authorize)) == 1


async def test_known_card_is_let_in_at_once_where_preauthorized(bench):
    async with bench(local_pre_authorize=True) as b:
        await learn(b)
        await b.charge()
        assert b.csms.all(Authorize) == []
        assert b.hardware.closed[1]


async def test_C01_FR_05_unknown_card_is_refused_where_asking_is_switched_off(bench):
    async with bench(disable_remote_authorization=True) as b:
        await b.plug()
        await b.swipe()
        assert b.csms.all(Authorize) == []
        assert not b.hardware.closed[1]


@pytest.mark.parametrize("allowed", [True, False])
async def test_C13_known_card_charges_offline_if_so_set(bench, allowed):
    async with bench(local_authorize_offline=allowed) as b:
        await learn(b)
        await offline(b)
        await b.plug()
        await b.swipe()
        assert b.hardware.closed[1] is allowed


@pytest.mark.parametrize("allowed", [True, False])
async def test_C15_FR_08_unknown_card_charges_offline_if_so_set(bench, allowed):
    async with bench(offline_tx_for_unknown_id_enabled=allowed) as b:
        await offline(b)
        await b.plug()
        await b.swipe()
        assert b.hardware.closed[1] is allowed


async def test_card_known_as_blocked_is_refused_offline_in_any_case(bench):
    async with bench(offline_tx_for_unknown_id_enabled=True) as b:
        says(b, "Blocked")
        await b.plug()
        await b.swipe()
        await offline(b)
        await b.swipe()
        assert not b.hardware.closed[1]


async def test_card_shown_while_the_line_breaks_is_judged_offline(bench):
    async with bench(offline_tx_for_unknown_id_enabled=True) as b:
        b.csms.script[Authorize] = lambda _: CallTimedOut()
        await b.plug()
        await b.swipe()
        await offline(b)
        assert b.hardware.closed[1]


async def test_C10_FR_02_cache_survives_a_restart(bench, card):
    async with bench() as b:
        await learn(b)
        await b.power_down()
        await b.power_up()
        cache = AuthorizationCache(b.memory, b.clock, b.configuration)
        assert cache.get(card).status == "Accepted"


async def test_C10_FR_13_10_entries_expire(bench, card):
    async with bench(auth_cache_life_time_s=1000) as b:
        cache = AuthorizationCache(b.memory, b.clock, b.configuration)
        cache.put(card, IdTokenInfo(status="Accepted"))
        await b.settle(999)
        assert cache.get(card) is not None
        await b.settle(2)
        assert cache.get(card) is None
        cache.put(card, IdTokenInfo(status="Accepted", cache_expiry=b.clock.now() + timedelta(seconds=5)))
        await b.settle(6)
        assert cache.get(card) is None


async def test_C10_FR_07_oldest_entries_make_room(bench):
    async with bench() as b:
        cache = AuthorizationCache(b.memory, b.clock, b.configuration)
        for number in range(CAPACITY + 1):
            cache.put(IdToken(f"T{number}"), IdTokenInfo(status="Accepted"))
        assert len(cache) == CAPACITY
        assert cache.get(IdToken("T0")) is None
        assert cache.get(IdToken("t1")) is not None  # C01.FR.25: without case
        cache.clear()
        assert len(cache) == 0


async def test_common_reader_finds_the_evse_that_is_meant(bench, other_card):
    async with bench(evses=3) as b:
        await b.charge(evse_id=1)
        await b.plug(3)
        await b.swipe(other_card, None)
        assert b.hardware.closed == {1: True, 2: False, 3: True}
        await b.swipe(evse_id=None)
        assert b.hardware.closed == {1: False, 2: False, 3: True}


async def test_card_held_up_twice_at_once_counts_once(bench, card):
    async with bench() as b:
        await b.plug()
        b.hardware.listener.on_token(card, 1)
        b.hardware.listener.on_token(card, 1)
        await b.settle()
        assert b.hardware.closed[1]


async def test_C09_FR_12_group_may_be_learnt_from_the_transaction(bench, card, other_card):
    group = IdToken("FAMILY", "Central")
    async with bench() as b:
        b.csms.script[TransactionEvent] = lambda event: TransactionAnswer(
            id_token_info=IdTokenInfo(status="Accepted", group=group) if event.id_token else None
        )
        await b.charge()
        says(b, "Accepted", group=group)
        await b.swipe(other_card)
        assert b.told()[-1] == ("Ended", "StopAuthorized")


async def test_group_of_another_card_in_the_cache_stops_without_asking(bench, other_card):
    group = IdToken("FAMILY", "Central")
    async with bench() as b:
        says(b, "Accepted", group=group)
        b.csms.script[TransactionEvent] = lambda event: TransactionAnswer(
            id_token_info=IdTokenInfo(status="Accepted", group=group) if event.id_token else None
        )
        await b.charge(other_card)
        await b.swipe(other_card)
        await b.unplug()
        await b.charge()
        b.csms.forget()
        await b.swipe(other_card)
        assert b.csms.all(Authorize) == []
        assert b.told() == [("Ended", "StopAuthorized")]


async def test_C16_FR_02_master_pass_at_a_charging_evse_stops_it(bench, card, other_card):
    async with bench(master_pass_group_id="STAFF") as b:
        await b.charge()
        says(b, "Accepted", group=IdToken("STAFF", "Central"))
        await b.swipe(other_card)
        ended = b.csms.events[-1]
        assert (ended.stopped_reason, ended.id_token) == ("MasterPass", other_card)


async def test_verdict_that_comes_after_the_end_changes_nothing(bench, card):
    async with bench() as b:
        await b.plug()
        b.csms.drop()
        await b.settle()
        b.configuration.change("AuthCtrlr.OfflineTxForUnknownIdEnabled", "true")
        await b.swipe()
        await b.swipe()
        b.csms.script[TransactionEvent] = lambda event: TransactionAnswer(
            id_token_info=IdTokenInfo(status="Invalid") if event.id_token else None
        )
        b.csms.reachable = True
        await b.settle(60)
        assert b.told()[-1] == ("Ended", "StopAuthorized")
        cache = AuthorizationCache(b.memory, b.clock, b.configuration)
        assert cache.get(card).status == "Invalid"  # C10.FR.05
