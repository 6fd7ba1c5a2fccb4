"""Sites in the browser: made, changed, and stations put there."""

from typing import Any

import pytest
from accessibility import grave_faults
from playwright.async_api import Locator, Page, expect
from posts import Street
from site_process import Site
from watched_pages import PHONE, Desk, alive

_NASTY = "<img src=x onerror=hacked=1>"


async def test_a_site_is_made_and_what_is_wrong_is_told_at_its_field(desk: Desk) -> None:
    page = await desk.signed_in("administrator", "/sites")
    await page.get_by_role("button", name="New site").click()
    form = page.get_by_role("dialog")
    zone = form.get_by_label("Time zone")
    await expect(zone).to_have_value("Europe/Berlin")
    await form.get_by_label("Name").fill("Old quay")
    await zone.fill("Europe/Atlantis")
    await form.get_by_role("button", name="Make the site").click()
    await expect(_at(page, page.get_by_label("Time zone")).get_by_role("alert")).to_contain_text("Europe/Atlantis")
    await zone.fill("Europe/Lisbon")
    await form.get_by_label("Address").fill(_NASTY)
    await form.get_by_label("Latitude").fill("98")
    await form.get_by_label("Longitude").fill("-9,14")
    await form.get_by_role("button", name="Make the site").click()
    await expect(_at(page, page.get_by_label("Latitude")).get_by_role("alert")).to_contain_text("90")
    await form.get_by_label("Latitude").fill("38.7")
    await form.get_by_role("button", name="Make the site").click()
    await page.wait_for_url("**/sites/Old%20quay")
    await alive(page)
    await expect(page.get_by_text("Europe/Lisbon")).to_be_visible()
    await expect(page.get_by_text("38.7, -9.14")).to_be_visible()
    await expect(page.get_by_text(_NASTY)).to_be_visible()
    assert await page.evaluate("window.hacked") is None


async def test_stations_are_put_at_a_site_and_taken_off(desk: Desk, street: Street) -> None:
    for identity in ("QUAY-1", "QUAY-2", "QUAY-3"):
        await street.line(identity)
    await street.site.ask("PUT", "/sites/Quay", {"zone": "Europe/Berlin"})
    page = await desk.signed_in("administrator", "/sites/Quay")
    await expect(page.get_by_text("No station stands here yet.")).to_be_visible()
    await page.get_by_role("button", name="Put stations here").click()
    form = page.get_by_role("dialog")
    for identity in ("QUAY-1", "QUAY-3"):
        await form.get_by_label("Stations", exact=True).fill(identity)
        await page.get_by_role("option", name=identity).click()
    await page.keyboard.press("Escape")
    await form.get_by_role("button", name="Put them here").click()
    stations = page.get_by_label("Stations at this site").locator("tbody tr")
    await expect(stations).to_have_count(2)
    await expect(stations.nth(1)).to_contain_text("QUAY-3")
    places = page.get_by_label("Places at this site").locator("tbody tr")
    await expect(places).to_have_count(2)
    await page.get_by_label("Select QUAY-1").click()
    await page.get_by_role("button", name="Take the ticked ones off").click()
    await page.get_by_role("dialog").get_by_role("button", name="Take them off").click()
    await expect(stations).to_have_count(1)
    known = await street.site.get(f"/stations/{await street.key('QUAY-3')}/places")
    assert [(place["site"], place["zone_in_force"]) for place in known["items"]] == [("Quay", "Europe/Berlin")]


@pytest.mark.nightly
async def test_what_is_said_of_a_place_is_changed(desk: Desk, street: Street) -> None:
    await street.line("PLACE-1")
    key = await street.key("PLACE-1")
    await street.site.ask("PUT", "/sites/Places", {"zone": "Europe/Berlin"})
    await street.site.ask("PUT", f"/stations/{key}/places/0", {"site": "Places"})
    page = await desk.signed_in("administrator", "/sites/Places")
    await page.get_by_label("Places at this site").get_by_role("button", name="PLACE-1").click()
    form = page.get_by_role("dialog")
    await form.get_by_label("Can deliver").fill("22")
    await form.get_by_label("AC or DC").click()
    await page.get_by_role("option", name="AC", exact=True).click()
    await form.get_by_role("button", name="Save").click()
    places = page.get_by_label("Places at this site").locator("tbody tr")
    await expect(places).to_contain_text("22.00 kW")
    (place,) = (await street.site.get(f"/stations/{key}/places"))["items"]
    assert (place["site"], place["evse_kind"], place["max_power_w"]) == ("Places", "AC", 22000)


@pytest.mark.nightly
async def test_a_viewer_may_look_but_not_touch(desk: Desk, site: Site) -> None:
    await site.ask("PUT", "/sites/Seen", {"zone": "Europe/Berlin"})
    page = await desk.signed_in("viewer", "/sites")
    await expect(page.get_by_role("button", name="New site")).to_be_disabled()
    await page.get_by_label("Search by name or address").fill("see")
    await expect(page.get_by_label("Sites", exact=True).locator("tbody tr")).to_have_count(1)
    await page.get_by_role("link", name="Seen").click()
    await page.wait_for_url("**/sites/Seen")
    await expect(page.get_by_role("button", name="Put stations here")).to_be_disabled()


@pytest.mark.nightly
async def test_the_pages_of_sites_can_be_used_by_everybody(desk: Desk, site: Site) -> None:
    await site.ask("PUT", "/sites/Reached", {"zone": "Europe/Berlin", "address": "Quay 1"})
    page = await desk.signed_in("administrator", "/sites", size=PHONE)
    for path in ("/sites", "/sites/Reached"):
        await desk.go(page, path)
        await expect(page.get_by_text("Quay 1").first).to_be_visible()
        assert await grave_faults(page) == []
        assert await page.evaluate("document.documentElement.scrollWidth") <= PHONE[0], path


def _at(page: Page, field: Locator) -> Any:
    return page.locator(".q-field").filter(has=field)
