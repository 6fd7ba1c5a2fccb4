"""The message log as an operator uses it: followed, held, searched, read beside the specification, and exported."""

import json
import re
from pathlib import Path

import pytest
from accessibility import faults_of_dialog, grave_faults
from playwright.async_api import Locator, Page, expect
from posts import Street
from watched_pages import PHONE, TIMEOUT_MS, Desk

from stationmaster.ocpp.version import Version
from stationmaster.testing.wire import WireError

expect.set_options(timeout=TIMEOUT_MS)


def lines(page: Page, text: str = "") -> Locator:
    """Those that say a text, newest first."""
    return page.get_by_label("Messages, newest first").locator("tbody tr").filter(has_text=text)


async def test_what_a_station_says_appears_by_itself_and_can_be_held(desk: Desk, street: Street) -> None:
    line = await street.line("LOG-1", Version.V16)
    key = await street.key("LOG-1")
    page = await desk.signed_in("operator", f"/messages?station={key}")
    await expect(lines(page, "BootNotification")).to_have_count(2)

    await line.call("Heartbeat", {})
    await expect(lines(page, "Heartbeat")).to_have_count(2)
    await expect(lines(page, "Heartbeat").first).to_contain_text("answer")

    await page.get_by_role("button", name="Hold").click()
    await expect(page.get_by_role("button", name="Go on")).to_be_visible()
    await line.call("StatusNotification", {"connectorId": 1, "errorCode": "NoError", "status": "Available"})
    await page.wait_for_timeout(2500)  # longer than a look at the log's end takes
    await expect(lines(page, "StatusNotification")).to_have_count(0)
    await page.get_by_role("button", name="Go on").click()
    await expect(lines(page, "StatusNotification")).to_have_count(2)


@pytest.mark.nightly
async def test_filters_are_the_apis_and_stand_in_the_address(desk: Desk, street: Street) -> None:
    line = await street.line("LOG-2", Version.V16)
    key = await street.key("LOG-2")
    page = await desk.signed_in("operator", f"/messages?station={key}")
    await line.call("Heartbeat", {})
    await expect(lines(page, "Heartbeat")).to_have_count(2)
    await page.get_by_label("In the frame").fill("chargePointVendor")
    await expect(lines(page)).to_have_count(1)
    assert "text=chargePointVendor" in page.url
    await desk.go(page, page.url)
    await expect(lines(page)).to_have_count(1)
    await page.get_by_label("In the frame").fill("")
    await page.get_by_label("Errors", exact=True).click()
    await page.get_by_role("option", name="Errors only").click()
    await expect(lines(page, "Heartbeat")).to_have_count(0)
    with pytest.raises(WireError):
        await line.call("NoSuchThing", {})
    await expect(lines(page, "NotImplemented")).to_have_count(1)


async def test_a_frame_is_read_beside_the_specification_and_its_answer(desk: Desk, street: Street) -> None:
    line = await street.line("LOG-3", Version.V201)
    key = await street.key("LOG-3")
    about = {"vendorName": "Maker", "colour": "red"}
    await line.call("BootNotification", {"reason": "Because", "chargingStation": about})
    page = await desk.signed_in("operator", f"/messages?station={key}&action=BootNotification&direction=in")
    await lines(page).first.get_by_role("button").click()
    dialog = page.get_by_role("dialog", name="Message")
    call = dialog.get_by_label("The call: BootNotificationRequest")
    row = call.get_by_role("row")
    await expect(row.filter(has_text="vendorName")).to_contain_text("at most 50 characters")
    await expect(row.filter(has_text="model")).to_contain_text("it is needed, and missing")
    await expect(row.filter(has_text="colour")).to_contain_text("no such field")
    await expect(row.filter(has_text="reason")).to_contain_text("one of ApplicationReset")
    await expect(dialog).to_contain_text("3 not as specified")
    answer = dialog.get_by_label("The answer: BootNotificationResponse")
    await expect(answer.get_by_role("row").filter(has_text="interval")).to_contain_text("integer, needed")
    assert await faults_of_dialog(page) == []
    await dialog.get_by_role("link", name="Open as a page").click()
    await page.wait_for_url("**/messages/*")
    await expect(page.get_by_label("The call: BootNotificationRequest")).to_be_visible()
    assert await grave_faults(page) == []


async def test_what_is_looked_at_is_exported_for_a_bug_report(desk: Desk, street: Street, tmp_path: Path) -> None:
    line = await street.line("LOG-4", Version.V16)
    await line.call("Heartbeat", {})
    key = await street.key("LOG-4")
    page = await desk.signed_in("operator", f"/messages?station={key}&action=Heartbeat")
    await expect(lines(page)).to_have_count(2)
    async with page.expect_download() as download:
        await page.get_by_role("link", name="Export for a bug report").click()
    path = tmp_path / "export.jsonl"
    await (await download.value).save_as(path)
    header, *frames, end = [json.loads(each) for each in path.read_text("utf-8").splitlines()]
    assert (header["station"]["identity"], header["station"]["vendor"]) == ("LOG-4", "Maker")
    assert [frame["action"] for frame in frames] == ["Heartbeat", "Heartbeat"]
    assert end["complete"]


@pytest.mark.nightly
async def test_the_log_is_looked_back_through(desk: Desk, street: Street) -> None:
    line = await street.line("LOG-5", Version.V16)
    await line.call("Heartbeat", {})
    key = await street.key("LOG-5")
    page = await desk.signed_in("operator", f"/messages?station={key}", size=PHONE)
    await expect(lines(page, "Heartbeat")).to_have_count(2)
    await page.get_by_role("navigation", name="Message log").get_by_role("link", name="Look back").click()
    await page.wait_for_url("**/messages/history")
    await desk.go(page, f"/messages/history?station={key}&action=Heartbeat")
    await expect(lines(page)).to_have_count(2)
    assert await page.evaluate("document.documentElement.scrollWidth") <= PHONE[0]
    await page.get_by_label("Before").fill("2020-01-01T00:00")
    await expect(page.get_by_text("No message matches.")).to_be_visible()
    assert await grave_faults(page) == []
    await page.wait_for_url(re.compile("to=2020"))
    await page.go_back()
    await expect(lines(page)).to_have_count(2)
    await expect(page.get_by_label("Before")).to_have_value("")
