"""Firmware as an administrator handles it: an image put in, a campaign drawn up, started, followed, and what failed."""

from typing import Any

import pytest
from accessibility import faults_of_dialog, grave_faults
from playwright.async_api import Page, expect
from posts import Street
from site_process import Site
from watched_pages import PHONE, TIMEOUT_MS, Desk

from stationmaster.ocpp.version import Version
from stationmaster.testing.firmware import image_of

expect.set_options(timeout=TIMEOUT_MS)
TALL: Any = {"width": 1280, "height": 1800}
"""Nothing of a dialog is out of sight: what is cannot be judged."""


async def an_image(site: Site, version: str, content: bytes | None = None) -> int:
    made = await site.ask("POST", "/firmware-images", {"name": f"Image {version}", "version": version})
    content = image_of(version, install_s=0) if content is None else content
    await site.ask("PUT", f"/firmware-images/{made['key']}/content", content=content)
    return int(made["key"])


async def a_campaign(site: Site, name: str, image: int, stations: list[int], **more: Any) -> str:
    draft = {"name": name, "image": image, "target": {"stations": stations}, "allow_unsigned": True, **more}
    return f"/firmware/{(await site.ask('POST', '/firmware-campaigns', draft))['key']}"


async def chosen(page: Page, label: str, typed: str) -> None:
    """Of a picker: typed, and the one that is found."""
    await page.get_by_label(label, exact=True).press_sequentially(typed)
    await page.get_by_role("option", name=typed).click()


async def test_an_image_is_put_in_and_signed_and_what_is_wrong_with_that_is_said(desk: Desk, site: Site) -> None:
    page = await desk.signed_in("administrator", "/firmware/images")
    await page.get_by_role("button", name="New image").click()
    await page.get_by_role("button", name="Make it known").click()
    form = page.get_by_role("dialog", name="New image")
    await expect(form).to_contain_text("it is needed")
    await form.get_by_label("Name", exact=True).fill("Put in by hand")
    await form.get_by_label("Version").fill("7.1")
    await form.get_by_role("button", name="Make it known").click()

    image = page.get_by_role("dialog", name="Put in by hand 7.1")
    await expect(image).to_contain_text("no content yet")
    assert await faults_of_dialog(page) == []
    content = image_of("7.1")
    file = {"name": "image.bin", "mimeType": "application/octet-stream", "buffer": content}
    await image.get_by_label("File", exact=True).set_input_files(file)  # type: ignore[arg-type]
    await expect(image).to_contain_text("ready")
    await expect(image).to_contain_text("65.5 kB")
    stored = next(each for each in (await site.get("/firmware-images"))["items"] if each["version"] == "7.1")
    assert stored["size_bytes"] == len(content)

    await image.get_by_role("button", name="Sign").click()
    signing = page.get_by_role("dialog", name="Sign the image")
    await signing.get_by_label("Signature").fill("bm90IGEgc2lnbmF0dXJl")
    await signing.get_by_label("Signing certificate").fill("no certificate")
    await signing.get_by_role("button", name="Sign").click()
    await expect(image.get_by_text("cannot be checked").first).to_be_visible()
    await image.get_by_role("button", name="Close").click()
    await expect(page.get_by_role("row").filter(has_text="Put in by hand")).to_contain_text("ready")


async def test_a_campaign_is_drawn_up_started_and_followed_wave_by_wave(desk: Desk, site: Site, street: Street) -> None:
    first = await street.station("FWC-1", Version.V16)
    await street.station("FWC-2", Version.V16)
    await an_image(site, "8.2")
    page = await desk.signed_in("administrator", "/firmware")
    await page.get_by_role("button", name="New campaign").click()
    form = page.get_by_role("dialog", name="New campaign")
    await form.get_by_label("Name", exact=True).fill("Spring")
    await form.get_by_label("Image", exact=True).click()
    await page.get_by_role("option", name="Image 8.2").click()
    for identity in ("FWC-1", "FWC-2"):
        await chosen(page, "Stations", identity)
    await form.get_by_role("heading", name="New campaign").click()
    await form.get_by_role("button", name="Add a wave before it").click()
    await form.get_by_label("Stations, or").fill("1")
    await form.get_by_text("More", exact=True).click()
    await form.get_by_text("Send it even if it is not signed").click()
    await page.set_viewport_size(TALL)
    assert await faults_of_dialog(page) == []
    await form.get_by_role("button", name="Draw it up").click()

    await page.wait_for_url("**/firmware/*")
    await expect(page.get_by_text("draft", exact=True)).to_be_visible()
    assert await grave_faults(page) == []
    await page.get_by_role("button", name="Start").click()
    await page.get_by_role("dialog").get_by_role("button", name="Start").click()
    await expect(page.get_by_text("finished", exact=True)).to_be_visible(timeout=40_000)
    for wave in ("Wave 1", "Wave 2"):
        bar = page.get_by_role("progressbar", name=f"{wave}, how much is done")
        await expect(bar).to_have_attribute("aria-valuenow", "1")
    rows = page.get_by_label("Stations of the campaign").get_by_role("row")
    await expect(rows.filter(has_text="FWC-1")).to_contain_text("8.2")
    assert (await site.get(f"/stations/{first.key}"))["info"]["firmware_version"] == "8.2"
    await expect(page.get_by_role("button", name="Start")).to_be_hidden()


@pytest.mark.nightly
async def test_why_a_station_failed_is_said_and_it_is_tried_again(desk: Desk, site: Site, street: Street) -> None:
    post = await street.station("FWC-3", Version.V16)
    bad = await an_image(site, "9.9", b"this is no image")
    path = await a_campaign(site, "Broken", bad, [post.key], attempts=1, retries=0)
    page = await desk.signed_in("administrator", path)
    await page.get_by_role("button", name="Start").click()
    await page.get_by_role("dialog").get_by_role("button", name="Start").click()
    await expect(page.get_by_text("paused", exact=True)).to_be_visible(timeout=30_000)
    row = page.get_by_label("Stations of the campaign").get_by_role("row").filter(has_text="FWC-3")
    await expect(row).to_contain_text("failed")
    await expect(row).to_contain_text("InstallationFailed")
    await page.get_by_role("button", name="Try the failed ones again").click()
    await page.get_by_role("dialog").get_by_role("button", name="Try the failed ones again").click()
    await expect(page.get_by_role("heading", name="Wave 2")).to_be_visible()
    await expect(page.get_by_text("bears 1 failure", exact=True)).to_be_visible()
    await expect(page.get_by_text("finished", exact=True)).to_be_visible(timeout=30_000)


@pytest.mark.nightly
async def test_an_abort_is_asked_about_and_a_draft_can_be_thrown_away(desk: Desk, site: Site, street: Street) -> None:
    post = await street.station("FWC-5", Version.V16)
    image = await an_image(site, "6.5")
    page = await desk.signed_in("administrator", await a_campaign(site, "Given up", image, [post.key]))
    await page.get_by_role("button", name="Abort").click()
    await page.get_by_role("dialog").get_by_role("button", name="Abort").click()
    await expect(page.get_by_text("aborted", exact=True)).to_be_visible()
    await desk.go(page, await a_campaign(site, "Thrown away", image, [post.key]))
    await page.get_by_role("button", name="Throw the draft away").click()
    await page.get_by_role("dialog").get_by_role("button", name="Throw away").click()
    await page.wait_for_url("**/firmware")
    await expect(page.get_by_role("link", name="Given up")).to_be_visible()
    await expect(page.get_by_role("link", name="Thrown away")).to_have_count(0)


@pytest.mark.nightly
async def test_a_viewer_sees_campaigns_and_may_do_nothing_to_them(desk: Desk, site: Site, street: Street) -> None:
    post = await street.station("FWC-4", Version.V16)
    path = await a_campaign(site, "Only looked at", await an_image(site, "6.0"), [post.key])
    page = await desk.signed_in("viewer", "/firmware", size=PHONE)
    await expect(page.get_by_role("button", name="New campaign")).to_be_disabled()
    await page.get_by_role("link", name="Only looked at").click()
    await page.wait_for_url(f"**{path}")
    await expect(page.get_by_role("button", name="Start")).to_be_disabled()
    assert await page.evaluate("document.documentElement.scrollWidth") <= PHONE[0]
    assert await grave_faults(page) == []
