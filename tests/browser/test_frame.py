"""What stands around every page: the menu, the theme, the viewer's zone, and the line to the server."""

import asyncio
from datetime import datetime, timedelta

import pytest
from playwright.async_api import Locator, Page, expect
from posts import Street
from site_process import Site
from watched_pages import PHONE, Desk, alive

from stationmaster.ui.navigation import ENTRIES, may


def menu(page: Page) -> Locator:
    return page.get_by_role("navigation", name="Pages")


@pytest.mark.parametrize("role", ["viewer", "operator", "administrator"])
async def test_the_menu_offers_what_the_role_may_open(role: str, desk: Desk) -> None:
    page = await desk.signed_in(role, "/alarms")
    offered = menu(page).get_by_role("link")
    wanted = [entry.title for entry in ENTRIES if may(role, entry.role)]
    await expect(offered).to_have_count(len(wanted))
    assert [(await link.inner_text()).split("\n")[-1] for link in await offered.all()] == wanted
    await expect(page.get_by_role("link", name="Alarms", exact=True)).to_have_attribute("aria-current", "page")


async def test_a_page_that_the_role_may_not_open_says_so(desk: Desk) -> None:
    page = await desk.signed_in("viewer", "/people")
    await expect(page.get_by_role("alert")).to_contain_text("administrator")
    await expect(page.get_by_role("alert")).to_contain_text("viewer")


async def test_the_keyboard_alone_goes_through_the_menu(desk: Desk) -> None:
    page = await desk.signed_in("viewer", "/alarms")
    await page.keyboard.press("Tab")
    await expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    target = menu(page).get_by_role("link", name="Smart charging")
    for _ in range(30):
        await page.keyboard.press("Tab")
        if await target.evaluate("link => link === document.activeElement"):
            break
    await expect(target).to_be_focused()
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/smart-charging")


async def test_the_theme_is_switched_and_stays_so(desk: Desk) -> None:
    page = await desk.signed_in("viewer", "/alarms")
    await page.get_by_role("button", name="Theme: auto").click()
    await page.get_by_role("button", name="Theme: light").click()
    await expect(page.locator("body.body--dark")).to_be_visible()
    await page.get_by_role("button", name="Theme: dark").wait_for()
    await page.reload()
    await alive(page)
    await expect(page.locator("body.body--dark")).to_be_visible()


async def test_on_a_phone_the_menu_is_folded_away_and_opens(desk: Desk) -> None:
    page = await desk.signed_in("viewer", "/alarms", size=PHONE)
    link = page.get_by_role("link", name="Stations", exact=True)
    await expect(link).not_to_be_in_viewport()
    await page.get_by_role("button", name="Menu").click()
    await expect(link).to_be_in_viewport()
    assert await page.evaluate("document.documentElement.scrollWidth") <= PHONE[0]


@pytest.mark.parametrize(("zone", "hours"), [("Asia/Kolkata", 5.5), ("America/Caracas", -4)])
async def test_times_are_those_of_the_viewers_zone(zone: str, hours: float, desk: Desk, street: Street) -> None:
    """Neither zone has a summer time."""
    post = await street.station(f"ZONE{hours}")
    post.fault(1)
    page = await desk.signed_in("viewer", "/alarms", zone=zone)
    row = page.get_by_role("row").filter(has_text=post.identity)
    await expect(row).to_be_visible()
    (alarm,) = (await street.site.get("/alarms", station=post.key))["items"]
    await expect(row).to_contain_text(local(alarm["raised_at"], hours))


def local(moment: str, hours: float) -> str:
    return (datetime.fromisoformat(moment) + timedelta(hours=hours)).strftime("%Y-%m-%d %H:%M:%S")


async def test_a_lost_line_is_shown_and_the_page_comes_back_with_the_server(
    desk: Desk, own_site: Site, browser: object
) -> None:
    theirs = Desk(browser, own_site)  # type: ignore[arg-type]
    try:
        page = await theirs.signed_in("viewer", "/alarms")
        theirs.watch(page).expect("WebSocket|ERR_CONNECTION|Failed to load|Failed to fetch")
        await asyncio.to_thread(own_site.stop)
        await expect(page.get_by_text("Connection lost")).to_be_visible()
        await own_site.start()
        await expect(page.get_by_text("Connection lost")).not_to_be_visible(timeout=20_000)
        await expect(page.get_by_role("heading", level=1)).to_have_text("Alarms")
        await alive(page)
    finally:
        await theirs.close()
