"""A station's page: what the station does is seen as it does it, and what it is asked to do is followed to its end."""

import re
from typing import Any

import pytest
from accessibility import grave_faults
from playwright.async_api import Locator, Page, expect
from posts import Post, Street, eventually
from watched_pages import PHONE, Desk

from stationmaster.ocpp.version import Version

VERSIONS = (Version.V16, Version.V21)


def evse(page: Page, number: int = 1) -> Locator:
    return page.get_by_test_id("evse").filter(has=page.get_by_role("heading", name=f"EVSE {number}"))


def outcome(page: Page, title: str) -> Locator:
    return page.get_by_test_id("outcome").filter(has_text=title)


async def opened(desk: Desk, post: Post, role: str = "operator", **how: Any) -> Page:
    return await desk.signed_in(role, f"/stations/{post.key}", **how)


async def choose(page: Page, label: str, option: str) -> None:
    await page.get_by_role("combobox", name=label).click()
    await page.get_by_role("option", name=option).click()


@pytest.mark.parametrize("version", VERSIONS)
async def test_charging_is_started_and_stopped_and_the_page_follows(
    version: Version, desk: Desk, street: Street
) -> None:
    post = await street.station(f"NOW-{version}", version)
    token = await street.token(f"NOW{version}".replace(".", ""), type="ISO14443")
    post.plug()
    page = await opened(desk, post)
    await evse(page).get_by_role("button", name="Start at EVSE 1").click()
    await page.get_by_label("Token").fill(token)
    await page.get_by_role("dialog").get_by_role("button", name="Start").click()
    await expect(outcome(page, f"Start at EVSE 1 for {token}")).to_contain_text("done")
    await post.until("Charging")
    running = evse(page).get_by_test_id("transaction")
    await expect(running).to_contain_text(token)
    await expect(running).to_contain_text(re.compile(r"\d+ W|\d kW"))
    await expect(page.get_by_test_id("station")).to_contain_text("charging")
    await running.get_by_role("button", name="Stop").click()
    await page.get_by_role("dialog").get_by_role("button", name="Stop").click()
    await expect(outcome(page, "Stop at EVSE 1")).to_contain_text("done")
    await expect(running).to_have_count(0)
    assert post.transaction() is None


@pytest.mark.nightly
async def test_a_known_token_is_offered_while_one_types(desk: Desk, street: Street) -> None:
    post = await street.station("NOW-OFFER")
    token = await street.token("OFFERED77", type="ISO14443", note="the blue card")
    page = await opened(desk, post)
    await evse(page).get_by_role("button", name="Start at EVSE 1").click()
    await page.get_by_label("Token").fill("ffered7")
    await expect(page.locator(f'datalist option[value="{token}"]')).to_have_count(1)


async def test_a_refusal_is_shown_with_the_stations_word(desk: Desk, street: Street) -> None:
    line = await street.line("NOW-REFUSES")
    await line.call(
        "StatusNotification",
        {"timestamp": "2026-01-01T00:00:00Z", "connectorStatus": "Available", "evseId": 1, "connectorId": 1},
    )
    line.on("UnlockConnector", {"status": "OngoingAuthorizedTransaction", "statusInfo": {"reasonCode": "Busy"}})
    page = await desk.signed_in("operator", f"/stations/{await street.key('NOW-REFUSES')}")
    await page.get_by_role("button", name="Unlock connector 1 of EVSE 1").click()
    await page.get_by_role("dialog").get_by_role("button", name="Unlock").click()
    told = outcome(page, "Unlock at EVSE 1, connector 1")
    await expect(told).to_contain_text("refused")
    await expect(told).to_contain_text("OngoingAuthorizedTransaction")


async def test_a_connector_is_unlocked(desk: Desk, street: Street) -> None:
    post = await street.station("NOW-UNLOCK")
    post.plug()
    await post.until("EVConnected")
    page = await opened(desk, post)
    await expect(evse(page)).to_contain_text("plugged in, nobody authorized")
    await page.get_by_role("button", name="Unlock connector 1 of EVSE 1").click()
    await page.get_by_role("dialog").get_by_role("button", name="Unlock").click()
    await expect(outcome(page, "Unlock at EVSE 1")).to_contain_text("Unlocked")


@pytest.mark.parametrize("version", VERSIONS)
async def test_an_evse_goes_out_of_service_and_back(version: Version, desk: Desk, street: Street) -> None:
    post = await street.station(f"SERVICE-{version}", version)
    page = await opened(desk, post)
    for choice, seen, status in (
        ("Out of service", "out of service", "Unavailable"),
        ("In service", "free", "Available"),
    ):
        await evse(page).get_by_role("button", name="Service at EVSE 1").click()
        await page.get_by_role("radio", name=choice).click()
        await page.get_by_role("dialog").get_by_role("button", name="Ask for it").click()
        await post.until(status)
        await expect(evse(page).get_by_test_id("connector")).to_contain_text(seen)
        await expect(page.get_by_test_id("outcome").first).to_contain_text("done")


@pytest.mark.nightly
async def test_the_station_is_reset_and_seen_to_come_back(desk: Desk, street: Street) -> None:
    post = await street.station("NOW-RESET")
    page = await opened(desk, post)
    before = (await street.site.get(f"/stations/{post.key}"))["booted_at"]
    await page.get_by_role("button", name="Reset …").click()
    await page.get_by_role("radio", name="At once (1.6: hard)").click()
    await page.get_by_role("dialog").get_by_role("button", name="Reset").click()
    await expect(outcome(page, "Reset the station (at once)")).to_contain_text("done", timeout=20_000)
    assert (await street.site.get(f"/stations/{post.key}"))["booted_at"] > before


@pytest.mark.nightly
async def test_a_message_is_triggered(desk: Desk, street: Street) -> None:
    post = await street.station("NOW-TRIGGER")
    page = await opened(desk, post)
    await page.get_by_role("button", name="Trigger a message …").click()
    await choose(page, "Message", "Heartbeat")
    await page.get_by_role("dialog").get_by_role("button", name="Ask for it").click()
    await expect(outcome(page, "Trigger Heartbeat")).to_contain_text("done")


async def test_a_place_is_reserved_and_let_go_again(desk: Desk, street: Street) -> None:
    post = await street.station("NOW-RESERVE")
    token = await street.token("RESERVER1", type="ISO14443")
    page = await opened(desk, post)
    await evse(page).get_by_role("button", name="Reserve at EVSE 1").click()
    await page.get_by_label("For the token").fill(token)
    await choose(page, "How long", "30 minutes")
    await page.get_by_role("dialog").get_by_role("button", name="Reserve").click()
    await expect(outcome(page, f"Reserve at EVSE 1 for {token}")).to_contain_text("accepted")
    await post.until("Reserved")
    kept = evse(page).get_by_test_id("reservation")
    await expect(kept).to_contain_text(f"Reserved for {token}")
    await kept.get_by_role("button", name="Cancel").click()
    await page.get_by_role("dialog").get_by_role("button", name="Cancel the reservation").click()
    await post.until("Available")
    await expect(kept).to_have_count(0)


@pytest.mark.nightly
async def test_what_the_api_finds_wrong_is_shown_at_its_field(desk: Desk, street: Street) -> None:
    post = await street.station("NOW-WRONG")
    page = await opened(desk, post)
    await evse(page).get_by_role("button", name="Reserve at EVSE 1").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_role("button", name="Reserve").click()
    await expect(dialog.locator(".q-field--error")).to_contain_text("For the token")
    await page.get_by_label("For the token").fill("NOBODYS")
    await dialog.get_by_role("button", name="Reserve").click()
    await expect(dialog.get_by_role("alert").filter(has_text="The token is not accepted")).to_be_visible()


async def test_a_station_that_is_away_is_waited_for_and_does_it_when_it_is_back(desk: Desk, street: Street) -> None:
    post = await street.station("NOW-AWAY")
    page = await opened(desk, post)
    await post.switch_off()
    await expect(page.get_by_text("The station is not connected.")).to_be_visible()
    await expect(page.get_by_test_id("station")).to_contain_text("offline")
    await page.get_by_role("button", name="Service …").click()
    await choose(page, "Wait for the station", "15 minutes")
    await page.get_by_role("dialog").get_by_role("button", name="Ask for it").click()
    waiting = outcome(page, "Take the station out of service")
    await expect(waiting).to_contain_text("waiting for the station")
    await expect(waiting).to_contain_text("waits until")
    await page.reload()
    again = outcome(page, "ChangeAvailability")
    await expect(again).to_contain_text("waiting for the station")
    await post.switch_on()
    await expect(again).to_contain_text("done", timeout=20_000)
    await expect(page.get_by_text("The station is not connected.")).not_to_be_visible()


async def test_the_keyboard_alone_starts_a_transaction(desk: Desk, street: Street) -> None:
    post = await street.station("NOW-KEYS")
    token = await street.token("KEYBOARD1", type="ISO14443")
    post.plug()
    page = await opened(desk, post)
    await evse(page).get_by_role("button", name="Start at EVSE 1").focus()
    await page.keyboard.press("Enter")
    await expect(page.get_by_label("Token")).to_be_focused()
    await page.keyboard.type(token)
    button = page.get_by_role("dialog").get_by_role("button", name="Start")
    for _ in range(6):
        await page.keyboard.press("Tab")
        if await button.evaluate("each => each === document.activeElement"):
            break
    await page.keyboard.press("Enter")
    await expect(outcome(page, f"for {token}")).to_contain_text("done")


@pytest.mark.nightly
async def test_a_viewer_sees_all_and_may_do_nothing(desk: Desk, street: Street) -> None:
    post = await street.station("NOW-VIEWER")
    page = await opened(desk, post, "viewer")
    await expect(evse(page).get_by_test_id("connector")).to_contain_text("free")
    for name in ("Start at EVSE 1", "Reserve at EVSE 1", "Unlock connector 1 of EVSE 1", "Reset …"):
        await expect(page.get_by_role("button", name=name)).to_be_disabled()


@pytest.mark.nightly
async def test_the_tab_stands_in_the_address_and_back_leads_back(desk: Desk, street: Street) -> None:
    post = await street.station("NOW-TABS")
    page = await opened(desk, post)
    await page.get_by_role("tab", name="Settings").click()
    await page.wait_for_url(re.compile(r"tab=settings"))
    await page.reload()
    await expect(page.get_by_role("heading", name="Decided by us")).to_be_visible()
    await page.get_by_role("tab", name="Now").click()
    await expect(evse(page)).to_be_visible()
    await page.go_back()
    await expect(page.get_by_role("heading", name="Decided by us")).to_be_visible()


@pytest.mark.nightly
async def test_what_we_decide_is_changed_and_a_new_password_shown_once(desk: Desk, street: Street) -> None:
    post = await street.station("NOW-OURS")
    await street.site.ask("PUT", "/sites/Yard", {"zone": "Europe/Berlin"})
    page = await desk.signed_in("administrator", f"/stations/{post.key}?tab=settings")
    await page.get_by_role("button", name="Change", exact=True).click()
    await page.get_by_label("Name", exact=True).fill("By the gate")
    await choose(page, "Registration", "Pending")
    await page.get_by_role("dialog").get_by_role("button", name="Save").click()
    await expect(page.get_by_test_id("station")).to_contain_text("By the gate")
    assert (await street.site.get(f"/stations/{post.key}"))["registration"] == "Pending"
    await page.get_by_role("button", name="Change where it stands").click()
    await choose(page, "Site", "Yard (Europe/Berlin)")
    await page.get_by_label("Degrees north").fill("95")
    await page.get_by_label("Degrees east").fill("0")
    await page.get_by_role("dialog").get_by_role("button", name="Save").click()
    await expect(page.locator(".q-field--error")).to_contain_text("Degrees north")
    await page.get_by_label("Degrees north").fill("51.5")
    await page.get_by_role("dialog").get_by_role("button", name="Save").click()
    await expect(page.get_by_role("definition").filter(has_text="51.5, 0")).to_be_visible()
    await expect(page.get_by_test_id("station")).to_contain_text("Yard")
    await page.get_by_role("button", name="New password").click()
    await page.get_by_role("dialog").get_by_role("button", name="Make it").click()
    shown = page.get_by_role("dialog", name="Enter this in the station")
    await expect(shown).to_contain_text(f"{street.site.ocpp_url}/NOW-OURS")
    await shown.get_by_role("button", name="Done").click()
    await expect(page.get_by_text("anybody who knows the identity")).to_have_count(0)


@pytest.mark.nightly
async def test_the_page_of_a_busy_station_has_no_grave_fault_and_fits_a_phone(desk: Desk, street: Street) -> None:
    post = await street.station("NOW-PHONE", model="Fast 2x150")
    await street.token("PHONECARD", type="ISO14443")
    post.plug()
    post.present("PHONECARD")
    await eventually(post.transaction, "a transaction")
    page = await opened(desk, post, size=PHONE)
    await expect(evse(page).get_by_test_id("transaction")).to_be_visible()
    await evse(page).get_by_role("button", name="Stop").scroll_into_view_if_needed()
    assert await page.evaluate("document.documentElement.scrollWidth") <= PHONE[0]
    assert await grave_faults(page) == []
    await page.emulate_media(color_scheme="dark")
    await page.wait_for_selector("body.body--dark")
    assert await grave_faults(page) == []
    await evse(page, 2).get_by_role("button", name="Reserve at EVSE 2").click()
    await expect(page.get_by_role("dialog", name="Reserve")).to_be_visible()
    assert await grave_faults(page) == []
    await page.get_by_role("button", name="Cancel").last.click()
    await page.get_by_role("tab", name="Settings").click()
    await expect(page.get_by_role("heading", name="Where it stands")).to_be_visible()
    assert await grave_faults(page) == []
