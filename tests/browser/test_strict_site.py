"""A CSMS that lets nobody in unasked, and gives stations a second to answer."""

import re
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import expect
from posts import Street, is_let_in
from site_process import Site
from watched_pages import Desk

MARKUP = "<img src=x onerror=document.title='taken'>"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def strict_site(browser: Any, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Site]:
    """Stations have a second to answer, and nobody is let in unasked."""
    made = Site(tmp_path_factory.mktemp("strict"), "--call-timeout-s", "1", "--registration", "closed")
    try:
        await made.start()
        yield made
    finally:
        await made.close()


async def test_an_unknown_caller_is_admitted(strict_site: Site, browser: Any) -> None:
    assert not await is_let_in(strict_site, "STRANGER", None)
    desk = Desk(browser, strict_site)
    try:
        page = await desk.signed_in("operator", "/stations/unknown")
        await page.get_by_role("row").filter(has_text="STRANGER").get_by_role("button").click()
        await expect(page.get_by_label("Identity")).to_have_value("STRANGER")
        await page.get_by_role("combobox", name="Password").click()
        await page.get_by_role("option", name="None").click()
        await page.get_by_role("dialog").get_by_role("button", name="Admit").click()
        await page.get_by_role("button", name="Done").click()
        await page.wait_for_url(re.compile(r"/stations/\d+$"))
        assert await is_let_in(strict_site, "STRANGER", None)
        await expect(page.get_by_test_id("station")).not_to_contain_text("never seen")
    finally:
        await desk.close()


async def test_a_station_that_never_answers_holds_nothing_up(strict_site: Site, browser: Any) -> None:
    desk, street = Desk(browser, strict_site), Street(strict_site)
    try:
        await strict_site.ask("POST", "/stations", {"identity": "DUMB", "name": MARKUP})
        line = await street.line("DUMB")
        line.on("Reset", lambda _: None)
        page = await desk.signed_in("operator", f"/stations/{await street.key('DUMB')}")
        await page.get_by_role("button", name="Reset …").click()
        await page.get_by_role("dialog").get_by_role("button", name="Reset").click()
        silent = page.get_by_test_id("outcome").filter(has_text="Reset the station")
        await expect(silent).to_contain_text(re.compile("sent|no answer"))
        await page.get_by_role("tab", name="Settings").click()
        await expect(page.get_by_role("heading", name="Where it stands")).to_be_visible()
        await page.get_by_role("tab", name="Now").click()
        await expect(silent).to_contain_text("no answer")
        await expect(page.get_by_test_id("station")).to_contain_text(MARKUP)
        assert await page.locator("img[src=x]").count() == 0
        assert "taken" not in await page.title()
    finally:
        await desk.close()
        await street.close()
