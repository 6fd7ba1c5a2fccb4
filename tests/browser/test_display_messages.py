"""Messages on displays, over all stations: set on several at once, searched, and cleared."""

import pytest
from accessibility import faults_of_dialog, grave_faults
from playwright.async_api import Locator, Page, expect
from posts import Post, Street, eventually
from watched_pages import PHONE, TIMEOUT_MS, Desk

expect.set_options(timeout=TIMEOUT_MS)


def rows(page: Page, text: str) -> Locator:
    return page.get_by_label("Messages on displays").locator("tbody tr").filter(has_text=text)


def shown(post: Post) -> str:
    return post.hardware.display(1)


async def test_one_message_is_shown_by_several_stations_and_cleared(desk: Desk, street: Street) -> None:
    first, second = await street.station("SHOW-1"), await street.station("SHOW-2")
    page = await desk.signed_in("operator", "/display-messages")
    await page.get_by_role("button", name="Show a message").click()
    form = page.get_by_role("dialog", name="Show a message")
    await form.get_by_label("Text", exact=True).fill("Closed from noon")
    await form.get_by_label("Place").click()
    await page.get_by_role("option", name="always in front").click()
    await form.get_by_role("button", name="Show", exact=True).click()
    await expect(form).to_contain_text("it must not be empty")
    stations = form.get_by_label("On which stations")
    for identity in ("SHOW-1", "SHOW-2"):
        await stations.press_sequentially(identity)
        await page.get_by_role("option", name=identity).click()
    await form.get_by_role("heading", name="Show a message").click()
    await form.get_by_role("button", name="Show", exact=True).click()

    await eventually(lambda: shown(first) == shown(second) == "Closed from noon", "both displays")
    await expect(rows(page, "Closed from noon")).to_have_count(2)
    outcomes = page.get_by_test_id("outcome")
    await expect(outcomes.filter(has_text="SHOW-1")).to_contain_text("Accepted")

    await page.get_by_label("Search what is shown").fill("midnight")
    await expect(rows(page, "Closed")).to_have_count(0)
    await page.get_by_label("Search what is shown").fill("NOON")
    await expect(rows(page, "Closed")).to_have_count(2)
    await rows(page, "SHOW-1").get_by_role("checkbox").click()
    await page.get_by_role("button", name="Clear the ticked ones").click()
    await page.get_by_role("dialog").get_by_role("button", name="Clear", exact=True).click()
    await eventually(lambda: shown(first) != "Closed from noon", "its display cleared")
    await expect(rows(page, "Closed")).to_have_count(1)
    assert shown(second) == "Closed from noon"
    assert await grave_faults(page) == []


@pytest.mark.nightly
async def test_a_viewer_may_only_look(desk: Desk, street: Street) -> None:
    await street.station("SHOW-3")
    page = await desk.signed_in("viewer", "/display-messages", size=PHONE)
    await expect(page.get_by_role("button", name="Show a message")).to_be_disabled()
    await expect(page.get_by_role("button", name="Clear the ticked ones")).to_be_disabled()
    assert await page.evaluate("document.documentElement.scrollWidth") <= PHONE[0]
    assert await grave_faults(page) == []


@pytest.mark.nightly
async def test_the_dialog_has_no_grave_fault(desk: Desk) -> None:
    page = await desk.signed_in("operator", "/display-messages", size=(1280, 1800))
    await page.get_by_role("button", name="Show a message").click()
    await expect(page.get_by_role("dialog", name="Show a message")).to_be_visible()
    assert await faults_of_dialog(page) == []
