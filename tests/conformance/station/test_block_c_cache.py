"""C10-C14 The authorization cache, as certification tests a station."""

import pytest
from said import Said
from station_case import CARD, CARD_2, MASTER, StationCase
from station_tokens import asked, group


@pytest.fixture
async def cached(case: StationCase) -> StationCase:
    """The cache may be used while online."""
    case.set(AuthCtrlr__LocalPreAuthorize="true")
    return case


async def offline_start(case: StationCase) -> Said:
    """A cached token starts offline; T then calls it Invalid."""
    await case.cached()
    await case.pre_session()
    await case.go_offline()
    await case.swipe()
    assert case.hardware.drawing(1)
    case.tx_infos[CARD] = {"status": "Invalid"}
    said = await case.back_online()
    assert asked(said) == []
    assert [event.token for event in said.events if event.token] == [CARD]
    return said


async def test_TC_C_08_CS_a_cached_accepted_token_charges_without_being_asked_about(cached: StationCase) -> None:
    await cached.cached()

    await cached.charging()

    assert asked(Said(cached.csms.heard)) == [CARD]  # when it was learned


async def refused_again(case: StationCase, status: str) -> None:
    """C10.FR.03: what is cached and not Accepted is asked about."""
    await case.cached(info={"status": status})
    await case.pre_session()

    said = await case.swipe()

    assert asked(said) == [CARD] and said.events == []


async def test_TC_C_09_CS_a_cached_invalid_token_is_asked_about(cached: StationCase) -> None:
    await refused_again(cached, "Invalid")


async def test_TC_C_10_CS_a_cached_blocked_token_is_asked_about(cached: StationCase) -> None:
    await refused_again(cached, "Blocked")


async def test_TC_C_11_CS_a_cached_expired_token_is_asked_about(cached: StationCase) -> None:
    await refused_again(cached, "Expired")


async def test_TC_C_57_CS_a_cached_refusal_is_final_where_so_configured(cached: StationCase) -> None:
    cached.set(AuthCacheCtrlr__DisablePostAuthorize="true")
    await cached.cached(info={"status": "Invalid"})
    await cached.pre_session()

    said = await cached.swipe()

    assert asked(said) == [] and said.events == []
    assert not cached.hardware.energized(1)


async def test_TC_C_12_CS_a_cached_invalid_token_charges_once_the_CSMS_accepts_it(cached: StationCase) -> None:
    await cached.cached(info={"status": "Invalid"})
    cached.infos[CARD] = {"status": "Accepted"}
    await cached.pre_session()

    said = await cached.swipe()

    assert asked(said) == [CARD]
    assert said.told[-1] == ("Updated", "ChargingStateChanged", "Charging")


async def test_TC_C_13_CS_a_cached_token_waits_for_the_cable(cached: StationCase) -> None:
    await cached.cached()

    said = await cached.swipe()
    (started,) = said.events
    assert (started.kind, started.trigger, started.token) == ("Started", "Authorized", CARD)
    assert asked(said) == [] and not cached.hardware.energized(1)

    said = await cached.plug()
    assert said.told[-1] == ("Updated", "ChargingStateChanged", "Charging")


async def test_TC_C_14_CS_a_cached_master_pass_stops_a_transaction(cached: StationCase) -> None:
    cached.set(AuthCtrlr__MasterPassGroupId="MASTERPASS")
    await cached.cached(MASTER, group("MASTERPASS"))
    await cached.charging()

    said = await cached.swipe(MASTER)

    assert asked(said) == []
    (ended,) = said.events
    assert (ended.kind, ended.trigger, ended.token) == ("Ended", "StopAuthorized", MASTER)
    assert ended.reason == "MasterPass"


async def test_TC_C_15_CS_a_token_refused_later_gets_the_energy_that_is_allowed(cached: StationCase) -> None:
    cached.set(TxCtrlr__StopTxOnInvalidId="false", TxCtrlr__MaxEnergyOnInvalidId="10000")

    await offline_start(cached)

    assert cached.hardware.drawing(1)
    said = await cached.wait(3600)
    assert said.told == [("Updated", "ChargingStateChanged", "SuspendedEVSE")]
    energy_wh = cached.station.snapshot().evses[0].energy_wh
    assert 10_000 <= energy_wh < 13_000  # 700 s at 11 kW had passed when the answer came


def deauthorized(case: StationCase, said: Said) -> None:
    *queued, ended = said.events
    assert all(event.offline for event in queued) and not ended.offline
    assert (ended.kind, ended.trigger, ended.reason) == ("Ended", "Deauthorized", "DeAuthorized")
    assert not case.hardware.energized(1)


async def test_TC_C_16_CS_a_token_refused_later_ends_the_transaction(cached: StationCase) -> None:
    cached.set(TxCtrlr__StopTxOnInvalidId="true", TxCtrlr__MaxEnergyOnInvalidId="0")

    said = await offline_start(cached)

    deauthorized(cached, said)


async def test_TC_C_18_CS_energy_allowed_to_invalid_tokens_does_not_matter_where_they_end_a_transaction(
    cached: StationCase,
) -> None:
    cached.set(TxCtrlr__StopTxOnInvalidId="true", TxCtrlr__MaxEnergyOnInvalidId="500")

    said = await offline_start(cached)

    deauthorized(cached, said)


async def test_TC_C_17_CS_a_token_refused_later_suspends_the_transaction(cached: StationCase) -> None:
    cached.set(TxCtrlr__StopTxOnInvalidId="false", TxCtrlr__MaxEnergyOnInvalidId="0")

    said = await offline_start(cached)

    assert said.told[-1] == ("Updated", "ChargingStateChanged", "SuspendedEVSE")
    assert not cached.hardware.energized(1)


async def test_TC_C_32_CS_the_cache_outlives_a_reboot(cached: StationCase) -> None:
    await cached.cached()
    await cached.cut_power()
    assert (await cached.power_up()).order[0] == "BootNotification"

    said = await cached.swipe()

    assert asked(said) == []
    assert (said.events[0].trigger, said.events[0].token) == ("Authorized", CARD)


async def test_TC_C_33_CS_the_cache_learns_from_AuthorizeResponse(cached: StationCase) -> None:
    await cached.pre_session()
    assert asked(await cached.swipe()) == [CARD]
    await cached.swipe()
    await cached.unplug()

    await cached.pre_session()

    said = await cached.swipe()
    assert asked(said) == []
    assert (said.events[0].trigger, said.events[0].token) == ("Authorized", CARD)


async def test_TC_C_34_CS_the_cache_learns_from_TransactionEventResponse(cached: StationCase) -> None:
    await cached.cached()
    await cached.pre_session()
    cached.tx_infos[CARD] = {"status": "Invalid"}
    assert asked(await cached.swipe()) == []
    await cached.unplug()
    cached.infos[CARD] = {"status": "Invalid"}
    await cached.pre_session()

    assert asked(await cached.swipe()) == [CARD]


async def test_TC_C_36_CS_the_cache_is_not_used_online_unless_so_configured(case: StationCase) -> None:
    await case.cached()
    case.infos[CARD] = {"status": "Invalid"}

    said = await case.swipe()

    assert asked(said) == [CARD] and said.events == []


async def test_TC_C_41_CS_a_cached_token_of_the_same_group_stops(cached: StationCase) -> None:
    await cached.cached(CARD, group("FLEET-7"))
    await cached.cached(CARD_2, group("FLEET-7"))
    await cached.charging()

    said = await cached.swipe(CARD_2)

    assert asked(said) == []
    (ended,) = said.events
    assert (ended.kind, ended.trigger, ended.token) == ("Ended", "StopAuthorized", CARD_2)


async def test_TC_C_44_CS_a_cached_invalid_token_of_the_same_group_does_not_stop(cached: StationCase) -> None:
    await cached.cached(CARD, group("FLEET-7"))
    await cached.cached(CARD_2, group("FLEET-7", "Invalid"))
    await cached.charging()

    said = await cached.swipe(CARD_2)

    assert asked(said) == [CARD_2] and said.events == []
    assert cached.hardware.drawing(1)


async def test_TC_C_46_CS_a_cached_token_is_forgotten_after_its_life_time(cached: StationCase) -> None:
    cached.set(AuthCacheCtrlr__LifeTime="300")
    await cached.cached()
    await cached.wait(301)

    assert asked(await cached.swipe()) == [CARD]


async def test_C10_FR_13_cacheExpiryDateTime_wins_over_the_life_time(cached: StationCase) -> None:
    expiry = {"status": "Accepted", "cacheExpiryDateTime": "2030-01-01T00:10:00Z"}
    await cached.cached(CARD, expiry)
    await cached.wait(900)

    assert asked(await cached.swipe()) == [CARD]


async def test_C10_FR_11_a_disabled_cache_knows_nobody(cached: StationCase) -> None:
    cached.set(AuthCacheCtrlr__Enabled="false")
    await cached.cached()

    assert asked(await cached.swipe()) == [CARD]


async def test_TC_C_37_CS_a_cleared_cache_knows_nobody(cached: StationCase) -> None:
    await cached.cached()

    assert await cached.ask("ClearCache") == {"status": "Accepted"}

    await cached.pre_session()
    said = await cached.swipe()
    assert asked(said) == [CARD]
    authorized, charging = said.events
    assert (authorized.trigger, authorized.token) == ("Authorized", CARD)
    assert charging.brief == ("Updated", "ChargingStateChanged", "Charging")


async def test_TC_C_38_CS_a_cache_that_is_switched_off_is_not_cleared(cached: StationCase) -> None:
    await cached.cached()
    cached.set(AuthCacheCtrlr__Enabled="false")

    assert (await cached.ask("ClearCache"))["status"] == "Rejected"


async def test_C10_FR_07_a_full_cache_forgets_who_was_refused_before_who_was_accepted(cached: StationCase) -> None:
    await cached.cached(CARD)
    await cached.cached(CARD_2, {"status": "Blocked"})
    for number in range(199):
        await cached.swipe(f"05{number:06X}")
        await cached.swipe(f"05{number:06X}")

    assert asked(await cached.swipe(CARD)) == []


async def test_C10_FR_08_the_life_time_counts_from_the_last_use(cached: StationCase) -> None:
    cached.set(AuthCacheCtrlr__LifeTime="1000")
    await cached.cached()
    await cached.go_offline()
    for _ in range(3):
        await cached.wait(600)
        await cached.swipe()
        assert cached.station.snapshot().evses[0].authorized
        await cached.swipe()

    await cached.wait(1001)
    await cached.swipe()

    assert not cached.station.snapshot().evses[0].authorized
