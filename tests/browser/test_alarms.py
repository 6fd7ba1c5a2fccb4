"""The alarms of all stations: one comes and goes before the viewer's eyes, and somebody says that he has seen it."""

import pytest
from playwright.async_api import Locator, Page, expect
from posts import Street
from watched_pages import Desk

from stationmaster.ocpp.version import Version


def row(page: Page, identity: str) -> Locator:
    return page.get_by_role("row").filter(has=page.get_by_role("link", name=identity, exact=True))


@pytest.mark.parametrize("version", [Version.V16, Version.V201])
async def test_an_alarm_comes_is_seen_by_somebody_and_goes(version: Version, desk: Desk, street: Street) -> None:
    identity = f"ALARM-{version}"
    post = await street.station(identity, version)
    page = await desk.signed_in("operator", "/alarms")
    post.fault()
    alarm = row(page, identity)
    await expect(alarm).to_be_visible()
    await page.get_by_label("Search").fill("no such alarm")
    await expect(alarm).to_have_count(0)
    await page.get_by_label("Search").fill(identity.lower())
    await expect(alarm).to_be_visible()
    await expect(page.get_by_text("1 in all")).to_be_visible()
    await alarm.get_by_role("cell").nth(2).click()
    await page.get_by_label("Note").fill("Kim drives there")
    await page.keyboard.press("Enter")  # one line more, and nothing is sent
    await expect(page.get_by_label("Note")).to_have_value("Kim drives there\n")
    await page.get_by_role("button", name="Acknowledge").click()
    await expect(page.get_by_role("dialog")).to_have_count(0)
    await expect(alarm).to_contain_text("operator")
    post.fault(code=None)
    await expect(alarm).to_have_count(0)


async def test_a_viewer_sees_an_alarm_and_why_he_cannot_acknowledge_it(desk: Desk, street: Street) -> None:
    post = await street.station("ALARM-VIEW")
    post.fault()
    page = await desk.signed_in("viewer", "/alarms")
    await row(page, "ALARM-VIEW").get_by_role("cell").nth(2).click()
    await expect(page.get_by_role("button", name="Acknowledge")).to_be_disabled()
