"""Reservations in the browser: asked for, kept by the station, used, changed, cancelled and refused."""

from typing import Any

import pytest
from accessibility import grave_faults
from playwright.async_api import Locator, Page, expect
from posts import Street, eventually
from site_process import Site
from watched_pages import PHONE, Desk, alive

_NASTY = "<img src=x onerror=hacked=1>"


async def reserve(page: Page, identity: str, token: str, evse: str = "1") -> Locator:
    """Open the form, fill it in, and return it."""
    await page.get_by_role("button", name="Reserve", exact=True).click()
    form = page.get_by_role("dialog")
    await fill(page, form, identity, token, evse)
    return form


async def fill(page: Page, form: Locator, identity: str, token: str, evse: str = "1") -> None:
    await form.get_by_label("Station", exact=True).fill(identity)
    await page.get_by_role("option", name=identity).first.click()
    await form.get_by_label("For the token").fill(token)
    await form.get_by_label("EVSE (any where it is empty)").fill(evse)
    await form.get_by_role("button", name="Reserve", exact=True).click()


def row(page: Page, token: str) -> Locator:
    return page.get_by_label("Reservations", exact=True).locator("tbody tr").filter(has_text=token)


async def test_a_place_is_reserved_kept_and_let_go_again(desk: Desk, street: Street) -> None:
    post = await street.station("KEEP-1")
    token = await street.token("KEEPS1")
    page = await desk.signed_in("operator", "/reservations")
    await reserve(page, "KEEP-1", token)
    await expect(page.get_by_test_id("outcome")).to_contain_text("Reserve at KEEP-1 for KEEPS1")
    await expect(page.get_by_test_id("outcome")).to_contain_text("accepted")
    await expect(row(page, token)).to_contain_text("kept")
    await eventually(lambda: post.status() == "Reserved", "the station keeps it")

    await row(page, token).get_by_role("link", name=token).click()
    await page.wait_for_url("**/reservations/*")
    await alive(page)
    await expect(page.get_by_text("EVSE 1", exact=True)).to_be_visible()
    await page.get_by_role("button", name="Cancel it").click()
    await page.get_by_role("dialog").get_by_role("button", name="Cancel the reservation").click()
    await expect(page.get_by_text("cancelled", exact=True)).to_be_visible()
    await expect(page.get_by_test_id("outcome")).to_contain_text("Cancel")
    await eventually(lambda: post.status() == "Available", "the station lets it go")
    await expect(page.get_by_role("button", name="Cancel it")).to_be_hidden()


async def test_a_place_that_is_taken_is_refused_with_the_reason(desk: Desk, street: Street) -> None:
    post = await street.station("TAKEN-1")
    charges, comes_late = await street.token("TAKEN1"), await street.token("TAKEN2")
    post.plug()
    post.present(charges)
    await post.until("Charging")
    page = await desk.signed_in("operator", "/reservations")
    await reserve(page, "TAKEN-1", comes_late)
    await expect(page.get_by_test_id("outcome")).to_contain_text("Occupied")
    await page.get_by_label("State", exact=True).click()
    await page.get_by_role("option", name="refused").click()
    await expect(row(page, comes_late)).to_contain_text("Occupied: the place is occupied or reserved")


@pytest.mark.nightly
async def test_a_reservation_that_is_used_leads_to_its_transaction(desk: Desk, street: Street) -> None:
    post = await street.station("USED-1")
    token = await street.token("USES1", type="ISO14443")
    made = await _reserved(street, post.key, token)
    page = await desk.signed_in("viewer", f"/reservations/{made['key']}")
    await expect(page.get_by_text("kept", exact=True)).to_be_visible()
    await expect(page.get_by_role("button", name="Change", exact=True)).to_be_disabled()
    post.plug()
    post.present(token)
    await post.until("Charging")
    await expect(page.get_by_text("used", exact=True)).to_be_visible(timeout=15_000)
    link = page.get_by_role("link", name="Used by transaction")
    await expect(link).to_be_visible()
    transaction = (await street.site.get("/reservations", station=post.key))["items"][0]["transaction"]
    assert await link.get_attribute("href") == f"/transactions/{transaction}"


@pytest.mark.nightly
async def test_a_reservation_is_changed(desk: Desk, street: Street) -> None:
    post = await street.station("MOVED-1", model="Street post 2x22")
    made = await _reserved(street, post.key, await street.token("MOVES1", type="ISO14443"))
    page = await desk.signed_in("operator", f"/reservations/{made['key']}")
    await page.get_by_role("button", name="Change", exact=True).click()
    form = page.get_by_role("dialog")
    await form.get_by_label("EVSE").fill("2")
    await form.get_by_role("button", name="Change it").click()
    await expect(page.get_by_test_id("outcome")).to_contain_text("accepted")
    await expect(page.get_by_text("EVSE 2", exact=True)).to_be_visible()
    await eventually(lambda: post.status(2) == "Reserved", "the other place is kept")
    await eventually(lambda: post.status(1) == "Available", "the first one is free")


async def test_what_is_wrong_is_told_at_its_field(desk: Desk, street: Street) -> None:
    await street.line("WRONG-1")
    page = await desk.signed_in("operator", "/reservations")
    await page.get_by_role("button", name="Reserve", exact=True).click()
    form = page.get_by_role("dialog")
    await form.get_by_role("button", name="Reserve", exact=True).click()
    await expect(form.get_by_text("choose a station")).to_be_visible()
    await fill(page, form, "WRONG-1", _NASTY)
    await expect(form.get_by_role("alert").first).to_be_visible()
    assert (await street.site.get("/reservations", station=await street.key("WRONG-1")))["items"] == []
    assert await page.evaluate("window.hacked") is None


@pytest.mark.nightly
async def test_the_pages_of_reservations_can_be_used_by_everybody(desk: Desk, street: Street, site: Site) -> None:
    post = await street.station("REACH-1")
    made = await _reserved(street, post.key, await street.token("REACHES1", type="ISO14443"))
    page = await desk.signed_in("operator", "/reservations", size=PHONE)
    for path in ("/reservations", f"/reservations/{made['key']}"):
        await desk.go(page, path)
        await expect(page.get_by_role("main").last).to_contain_text("kept")
        assert await grave_faults(page) == []
        assert await page.evaluate("document.documentElement.scrollWidth") <= PHONE[0], path


async def _reserved(street: Street, station: int, token: str) -> dict[str, Any]:
    body = {"id_token": {"value": token, "type": "ISO14443"}, "evse_id": 1, "minutes": 60}
    made: dict[str, Any] = await street.site.ask("POST", f"/stations/{station}/reservations?wait=5", body)
    return made
