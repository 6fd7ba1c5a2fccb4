"""Every page of the menu, light and dark: nothing that axe-core finds serious, and nothing wider than a phone."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from accessibility import grave_faults, sticking_out
from playwright.async_api import Page
from posts import Street
from site_process import Site
from watched_pages import PHONE, WIDE, Desk

from stationmaster.ui.navigation import ENTRIES

OFTEN = ("/", "/stations", "/transactions", "/tariffs", "/messages")
"""Looked at each time; the others every night."""
PATHS = [
    pytest.param(entry.path, marks=() if entry.path in OFTEN else pytest.mark.nightly, id=entry.path)
    for entry in ENTRIES
]
TARIFF = {
    "name": "axe",
    "currency": "EUR",
    "energy": {"prices": [{"amount": "0.49"}], "taxes": [{"name": "VAT", "percent": "19"}]},
}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def visitor(browser: Any, site: Site) -> AsyncIterator[tuple[Desk, Page]]:
    """An administrator with one window for all pages, so that it loads what they share but once; and something on
    every list."""
    street, desk = Street(site), Desk(browser, site)
    try:
        post = await street.station("AXE-1")
        post.fault(2)
        await street.token("AXE-CARD")
        await site.ask("PUT", "/sites/Axe", {"zone": "Europe/Berlin", "latitude": 52.5, "longitude": 13.4})
        await site.ask("POST", "/tariffs", TARIFF)
        post.plug()
        post.present("AXE-CARD")
        await post.until("Charging")
        page = await desk.page(session=await site.session("administrator"))
        yield desk, page
    finally:
        await street.close()
        await desk.close()


@pytest.mark.parametrize("path", PATHS)
async def test_a_page_has_no_grave_fault_in_light_and_dark_and_fits_a_phone(
    path: str, visitor: tuple[Desk, Page]
) -> None:
    desk, page = visitor
    await page.emulate_media(color_scheme="light")
    await page.set_viewport_size({"width": WIDE[0], "height": WIDE[1]})
    await desk.go(page, path)
    assert await grave_faults(page) == []
    await page.emulate_media(color_scheme="dark")
    await page.wait_for_selector("body.body--dark")
    assert await grave_faults(page) == []
    await page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    assert await sticking_out(page) == []
    desk.watch(page).check()


async def test_the_sign_in_page_has_no_grave_fault(desk: Desk) -> None:
    page = await desk.page()
    await desk.go(page, "/sign-in?problem=401")
    assert await grave_faults(page) == []
