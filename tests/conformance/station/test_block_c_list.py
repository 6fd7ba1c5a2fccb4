"""C09, C13, C14 Authorization by the local list, as certification tests a station."""

from datetime import timedelta
from typing import Any

import pytest
from station_case import CARD, CARD_2, StationCase
from station_tokens import asked, group


def entry(status: str = "Accepted", token: str = CARD, **info: Any) -> dict[str, Any]:
    return {"idToken": {"idToken": token, "type": "ISO14443"}, "idTokenInfo": {"status": status, **info}}


@pytest.fixture
async def listing(case: StationCase) -> StationCase:
    """The list may be used, online and offline."""
    case.set(AuthCtrlr__LocalPreAuthorize="true", AuthCtrlr__LocalAuthorizeOffline="true")
    return case


async def has_list(case: StationCase, *entries: dict[str, Any]) -> None:
    sent = await case.ask("SendLocalList", updateType="Full", versionNumber=1, localAuthorizationList=list(entries))
    assert sent == {"status": "Accepted"}
    case.take()


async def presented_offline(case: StationCase) -> bool:
    """Whether the card charges without a line."""
    await case.plug()
    await case.go_offline()
    await case.swipe()
    charges = case.hardware.drawing(1)
    await case.back_online()
    return charges


async def test_TC_C_21_CS_offline_an_accepted_entry_charges(listing: StationCase) -> None:
    await has_list(listing, entry())
    assert await presented_offline(listing)


@pytest.mark.parametrize("unknown", ["false", "true"], ids=["", "unknown tokens may charge"])
@pytest.mark.parametrize("status", ["Invalid", "Blocked", "Expired"])
async def test_TC_C_22_CS_and_TC_C_23_CS_and_TC_C_24_CS_offline_any_other_entry_does_not(
    listing: StationCase, status: str, unknown: str
) -> None:
    listing.set(AuthCtrlr__OfflineTxForUnknownIdEnabled=unknown)
    await has_list(listing, entry(status))
    assert not await presented_offline(listing)


async def test_C13_FR_04_offline_an_entry_past_its_expiry_does_not_charge(listing: StationCase) -> None:
    listing.set(AuthCtrlr__OfflineTxForUnknownIdEnabled="true")
    until = (listing.clock.now() + timedelta(seconds=60)).isoformat().replace("+00:00", "Z")
    await has_list(listing, entry(cacheExpiryDateTime=until))
    await listing.wait(61)
    assert not await presented_offline(listing)


async def test_TC_C_25_CS_the_list_goes_before_the_cache(listing: StationCase) -> None:
    listing.set(AuthCtrlr__OfflineTxForUnknownIdEnabled="true", TxCtrlr__StopTxOnInvalidId="false")
    await listing.cached()
    await has_list(listing, entry("Invalid"))
    assert not await presented_offline(listing)


async def test_TC_C_27_CS_online_an_accepted_entry_is_not_asked_about(listing: StationCase) -> None:
    await has_list(listing, entry())
    await listing.plug()
    said = await listing.swipe()
    assert asked(said) == []
    assert listing.hardware.drawing(1)


@pytest.mark.parametrize("status", ["Invalid", "Blocked", "Expired"])
async def test_TC_C_28_CS_and_TC_C_29_CS_and_TC_C_30_CS_online_any_other_entry_is_asked_about(
    listing: StationCase, status: str
) -> None:
    listing.infos[CARD] = {"status": status}
    await has_list(listing, entry(status))
    await listing.plug()
    said = await listing.swipe()
    assert asked(said) == [CARD]
    assert not listing.hardware.energized(1)


async def test_TC_C_31_CS_what_the_list_refuses_charges_once_the_CSMS_accepts_it(listing: StationCase) -> None:
    await has_list(listing, entry("Invalid"))
    await listing.plug()
    said = await listing.swipe()
    assert asked(said) == [CARD]
    assert listing.hardware.drawing(1)


async def test_TC_C_58_CS_a_refusal_on_the_list_is_final_where_so_configured(listing: StationCase) -> None:
    listing.set(LocalAuthListCtrlr__DisablePostAuthorize="true")
    await has_list(listing, entry("Invalid"))
    await listing.plug()
    said = await listing.swipe()
    assert asked(said) == [] and not listing.hardware.energized(1)


async def test_TC_C_40_CS_another_token_of_the_group_on_the_list_stops(listing: StationCase) -> None:
    listing.infos[CARD] = listing.infos[CARD_2] = group("FLEET-7")
    of_group = group("FLEET-7")["groupIdToken"]
    await has_list(listing, entry(groupIdToken=of_group), entry(token=CARD_2, groupIdToken=of_group))
    await listing.plug()
    await listing.swipe()
    said = await listing.swipe(CARD_2)
    assert asked(said) == []
    assert said.events[0].trigger == "StopAuthorized"


async def test_TC_C_43_CS_a_refused_token_of_the_group_on_the_list_does_not_stop(listing: StationCase) -> None:
    listing.infos[CARD] = group("FLEET-7")
    listing.infos[CARD_2] = group("FLEET-7", "Invalid")
    of_group = group("FLEET-7")["groupIdToken"]
    await has_list(listing, entry(groupIdToken=of_group), entry("Invalid", CARD_2, groupIdToken=of_group))
    await listing.plug()
    await listing.swipe()
    said = await listing.swipe(CARD_2)
    assert asked(said) == [CARD_2]
    assert listing.hardware.drawing(1) and said.events == []


async def test_D01_FR_13_a_list_that_is_switched_off_is_not_used(listing: StationCase) -> None:
    await has_list(listing, entry())
    listing.set(LocalAuthListCtrlr__Enabled="false")
    await listing.plug()
    assert asked(await listing.swipe()) == [CARD]
