"""The list of stations: searched, filtered, sorted and paged; stations that are admitted; callers that are none."""

import re

import pytest
import pytest_asyncio
from playwright.async_api import Locator, Page, expect
from posts import Street, is_let_in
from site_process import Site
from watched_pages import PHONE, Desk

from stationmaster.ocpp.version import Version

MARKUP = "<img src=x onerror=document.title='taken'>"
MANY = 30


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def many(site: Site) -> int:
    """Stations that were never seen, PARK-00 and so on."""
    for number in range(MANY):
        await site.ask("POST", "/stations", {"identity": f"PARK-{number:02}", "name": f"Bay {MANY - number:02}"})
    return MANY


def rows(page: Page) -> Locator:
    return page.locator("tbody tr")


async def choose(page: Page, label: str, option: str) -> None:
    await page.get_by_role("combobox", name=label).click()
    await page.get_by_role("option", name=option).click()


async def test_stations_are_searched_and_paged(desk: Desk, many: int) -> None:
    page = await desk.signed_in("viewer", "/stations")
    await page.get_by_label("Search").fill("park-")
    await expect(page.get_by_text(f"{many} in all")).to_be_visible()
    await expect(rows(page)).to_have_count(25)
    await page.get_by_role("button", name="Next page").click()
    await expect(rows(page)).to_have_count(many - 25)
    await expect(rows(page).first).to_contain_text("PARK-25")
    await choose(page, "Page", "50 rows")
    await expect(rows(page)).to_have_count(many)


@pytest.mark.nightly
async def test_what_is_asked_for_stands_in_the_address_and_back_goes_back(desk: Desk, many: int) -> None:
    page = await desk.signed_in("viewer", "/stations?text=PARK-&sort=-identity&rows=50")
    await expect(rows(page)).to_have_count(many)
    await expect(rows(page).first).to_contain_text("PARK-29")
    await choose(page, "Sort by", "Name, rising")
    await expect(rows(page).first).to_contain_text("Bay 01")
    await page.wait_for_url(re.compile(r"sort=name"))
    await page.get_by_label("Search").fill("PARK-07")
    await expect(rows(page)).to_have_count(1)
    await page.wait_for_url(re.compile(r"text=PARK-07"))
    await page.reload(wait_until="domcontentloaded")
    await page.go_back()  # long before the page has its live connection
    await expect(rows(page)).to_have_count(many)
    await expect(page.get_by_label("Search")).to_have_value("PARK-")
    await page.go_back()
    await expect(rows(page).first).to_contain_text("PARK-29")


async def test_stations_are_filtered_by_what_there_is(desk: Desk, street: Street, many: int) -> None:
    post = await street.station("FILTERED", Version.V21)
    page = await desk.signed_in("viewer", "/stations?rows=100")
    await choose(page, "State", "never seen")
    await expect(rows(page).filter(has_text="PARK-07")).to_be_visible()
    await expect(rows(page).filter(has_text=post.identity)).to_have_count(0)
    await page.get_by_role("button", name="No filters").click()
    await choose(page, "Version", "2.1")
    await expect(rows(page).filter(has_text=post.identity)).to_be_visible()
    await expect(rows(page).filter(has_text="PARK-07")).to_have_count(0)
    await page.wait_for_url(re.compile(r"version=2\.1"))


async def test_a_station_that_comes_and_goes_is_seen_without_a_reload(desk: Desk, street: Street) -> None:
    page = await desk.signed_in("viewer", "/stations?text=COMES-GOES")
    await expect(page.get_by_text("No station matches.")).to_be_visible()
    post = await street.station("COMES-GOES")
    row = rows(page).filter(has_text="COMES-GOES")
    await expect(row).to_contain_text("available")
    post.fault()
    await expect(row).to_contain_text("faulted")
    await post.switch_off()
    await expect(row).to_contain_text("offline")
    await row.get_by_role("link", name="COMES-GOES").click()
    await expect(page.get_by_test_id("station")).to_contain_text("COMES-GOES")


async def test_a_name_with_markup_is_only_a_name(desk: Desk, site: Site) -> None:
    made = await site.ask("POST", "/stations", {"identity": "MARKED-UP", "name": MARKUP})
    page = await desk.signed_in("viewer", "/stations?text=MARKED-UP")
    await expect(rows(page)).to_contain_text(MARKUP)
    await desk.go(page, f"/stations/{made['station']['key']}?tab=settings")
    await expect(page.get_by_role("definition").filter(has_text=MARKUP)).to_be_visible()
    assert await page.locator("img[src=x]").count() == 0
    assert "taken" not in await page.title()


@pytest.mark.nightly
async def test_what_the_address_should_not_say_is_shown_in_words_and_a_viewer_admits_nobody(desk: Desk) -> None:
    page = await desk.signed_in("viewer", "/stations?state=broken&rows=7")
    await expect(page.get_by_role("button", name="Admit a station")).to_be_disabled()
    await expect(page.get_by_role("alert")).to_contain_text("state")
    await page.get_by_role("button", name="No filters").click()
    await expect(page.get_by_role("alert")).not_to_be_visible()


async def test_a_station_is_admitted_and_connects_with_the_password_that_is_shown_once(desk: Desk, site: Site) -> None:
    page = await desk.signed_in("operator", "/stations")
    await page.get_by_role("button", name="Admit a station").click()
    form = page.get_by_role("dialog", name="Admit a station")
    await form.get_by_label("Identity").fill("not an identity")
    await form.get_by_role("button", name="Admit").click()
    await expect(form.locator(".q-field--error")).to_contain_text("Identity")
    await form.get_by_label("Identity").fill("ADMITTED-1")
    await form.get_by_role("button", name="Admit").click()
    shown = page.get_by_role("dialog", name="Enter this in the station")
    await expect(shown).to_contain_text(f"{site.ocpp_url}/ADMITTED-1")
    password = await shown.get_by_role("definition").last.inner_text()
    assert await is_let_in(site, "ADMITTED-1", password)
    assert not await is_let_in(site, "ADMITTED-1", "wrong password")
    await shown.get_by_role("button", name="Done").click()
    await page.wait_for_url(re.compile(r"/stations/\d+$"))
    assert password not in await page.content()


@pytest.mark.nightly
async def test_a_station_that_is_not_there_is_said_to_be_not_there(desk: Desk) -> None:
    page = await desk.signed_in("viewer", "/stations/999999999")
    await expect(page.get_by_role("alert")).to_contain_text("There is no such station.")
    await desk.go(page, "/stations/nonsense")
    await expect(page.get_by_role("alert")).to_be_visible()


@pytest.mark.nightly
async def test_on_a_phone_the_list_is_within_its_width(desk: Desk, many: int) -> None:
    page = await desk.signed_in("viewer", "/stations?text=PARK-", size=PHONE)
    await expect(rows(page)).to_have_count(25)
    assert await page.evaluate("document.documentElement.scrollWidth") <= PHONE[0]
