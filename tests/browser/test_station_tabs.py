"""The further tabs of a station: firmware, logs, certificates, messages, health, display, lists and what is rarer."""

import gzip
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from accessibility import grave_faults
from playwright.async_api import Locator, Page, expect
from posts import Post, Street
from watched_pages import PHONE, Desk

from stationmaster.ocpp.version import Version
from stationmaster.testing.firmware import Maker, image_of

MARKUP = "<img src=x onerror=document.title='taken'>"
TABS = (
    *("Configuration", "Firmware", "Logs and diagnostics", "Certificates", "Messages", "Health"),
    *("Display", "Local list", "Data transfer", "Charging profiles", "More"),
)


async def opened(desk: Desk, key: int, tab: str, role: str = "operator", **how: Any) -> Page:
    return await desk.signed_in(role, f"/stations/{key}?tab={tab}", **how)


def outcome(page: Page, title: str) -> Locator:
    return page.get_by_test_id("outcome").filter(has_text=title)


def table(page: Page, label: str) -> Locator:
    return page.get_by_label(label, exact=True)


async def send(page: Page, button: str) -> None:
    await page.get_by_role("dialog").get_by_role("button", name=button).click()


async def choose(page: Page, label: str, option: str) -> None:
    await page.get_by_role("combobox", name=label).click()
    await page.get_by_role("option", name=option, exact=True).click()


# Firmware ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


async def signed_image(street: Street, post: Post, version: str) -> None:
    """An image that the station trusts."""
    maker = Maker("Maker", datetime.now(UTC))
    post.hardware.firmware.roots = (maker.root,)
    content, signing = image_of(version, install_s=0.1), maker.signing_key()
    site = street.site
    key = (await site.ask("POST", "/firmware-images", {"name": f"Release {version}", "version": version}))["key"]
    await site.ask("PUT", f"/firmware-images/{key}/content", content=content)
    signature = {"signature": signing.sign(content), "signing_certificate": signing.certificate}
    await site.ask("PUT", f"/firmware-images/{key}/signature", signature)


async def test_a_firmware_update_is_started_and_followed_to_the_new_version(desk: Desk, street: Street) -> None:
    post = await street.station("UPDATED")
    await signed_image(street, post, "7.7.7")
    page = await opened(desk, post.key, "firmware")
    await page.get_by_role("button", name="Update the firmware").click()
    await choose(page, "Image", "Release 7.7.7 7.7.7")
    await send(page, "Update")
    await expect(outcome(page, "Update the firmware to 7.7.7")).to_contain_text("accepted")
    steps = page.get_by_test_id("timeline")
    for step in ("Asked for", "Downloading", "SignatureVerified", "Installing", "Installed", "Booted with 7.7.7"):
        await expect(steps.get_by_text(step, exact=True)).to_be_visible(timeout=20_000)
    await expect(table(page, "Firmware updates")).to_contain_text("installed")
    await expect(page.locator("dl").filter(has_text="Present version")).to_contain_text("7.7.7")


@pytest.mark.nightly
async def test_an_image_that_is_not_signed_is_refused_in_words(desk: Desk, street: Street) -> None:
    post = await street.station("UNSIGNED")
    site = street.site
    key = (await site.ask("POST", "/firmware-images", {"name": "Bare", "version": "6.6.6"}))["key"]
    await site.ask("PUT", f"/firmware-images/{key}/content", content=image_of("6.6.6"))
    page = await opened(desk, post.key, "firmware")
    desk.watch(page).expect("409")
    await page.get_by_role("button", name="Update the firmware").click()
    await choose(page, "Image", "Bare 6.6.6, not signed")
    await send(page, "Update")
    await expect(page.get_by_role("dialog").get_by_role("alert")).to_contain_text("not signed")


# Logs and what was noticed ────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("version", [Version.V16, Version.V201])
async def test_a_log_is_requested_and_downloaded(version: Version, desk: Desk, street: Street, tmp_path: Path) -> None:
    post = await street.station(f"LOGS-{version}", version)
    page = await opened(desk, post.key, "logs")
    await page.get_by_role("button", name="Request a log").click()
    await send(page, "Request")
    await expect(outcome(page, "Request the log: Diagnostics")).to_contain_text("accepted")
    logs = table(page, "Logs")
    await expect(logs).to_contain_text("uploaded", timeout=20_000)
    async with page.expect_download() as started:
        await logs.get_by_role("link").click()
    file = tmp_path / "log.gz"
    await (await started.value).save_as(file)
    assert b"Stationmaster" in gzip.decompress(file.read_bytes())


@pytest.mark.nightly
async def test_what_a_station_noticed_is_listed_and_a_monitor_set(desk: Desk, street: Street) -> None:
    post = await street.station("NOTICES", Version.V21)
    page = await opened(desk, post.key, "logs")
    await expect(table(page, "Security events")).to_contain_text("StartupOfTheDevice")
    await page.get_by_role("button", name="Set a monitor").click()
    await page.get_by_label("Component").fill("EVSE")
    await page.get_by_role("dialog").get_by_label("EVSE", exact=True).fill("1")
    await page.get_by_label("Variable").fill("Power")
    await page.get_by_label("Bound, difference or seconds").fill("20000")
    await send(page, "Set")
    await expect(outcome(page, "Monitor EVSE Power")).to_contain_text("accepted")
    await expect(table(page, "Monitors")).to_contain_text("rises above 20000")
    post.fault()
    await expect(table(page, "Open alarms").locator("tbody tr")).not_to_have_count(0)


@pytest.mark.nightly
async def test_a_viewer_is_told_that_logs_need_more(desk: Desk, street: Street) -> None:
    post = await street.station("LOGS-VIEWED")
    page = await opened(desk, post.key, "logs", role="viewer")
    await expect(page.get_by_text("Logs need the role operator; yours is viewer.")).to_be_visible()


# Messages ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_messages_are_shown_as_they_go_and_a_call_is_made_by_hand(desk: Desk, street: Street) -> None:
    line = await street.line("TALKS")
    page = await opened(desk, await street.key("TALKS"), "messages", role="administrator")
    await expect(table(page, "Messages, newest first")).to_contain_text("BootNotification")
    await line.call("Heartbeat")
    await expect(table(page, "Messages, newest first")).to_contain_text("Heartbeat")

    line.on("GetLocalListVersion", {"versionNumber": 41})
    await page.get_by_role("combobox", name="Action").first.fill("GetLocalListV")
    await page.get_by_role("option", name="GetLocalListVersion").click()
    await page.get_by_role("button", name="Send").click()
    await expect(page.get_by_test_id("raw-answer")).to_contain_text('"versionNumber": 41')


@pytest.mark.nightly
async def test_a_call_that_is_not_as_its_schema_is_refused_with_the_place(desk: Desk, street: Street) -> None:
    post = await street.station("TALKS-WRONG")
    page = await opened(desk, post.key, "messages", role="administrator")
    await page.get_by_role("combobox", name="Action").first.fill("Reset")
    await page.get_by_role("option", name="Reset").click()
    await page.get_by_label("Payload (JSON)").fill('{"type": "Sideways"}')
    await page.get_by_role("button", name="Send").click()
    await expect(page.get_by_role("alert").filter(has_text="payload.type")).to_be_visible()
    await page.get_by_label("Payload (JSON)").fill("{")
    await page.get_by_role("button", name="Send").click()
    await expect(page.get_by_role("alert").filter(has_text="The payload is no JSON")).to_be_visible()


@pytest.mark.nightly
async def test_a_call_by_hand_is_for_administrators(desk: Desk, street: Street) -> None:
    post = await street.station("TALKS-OPERATOR")
    page = await opened(desk, post.key, "messages")
    await expect(page.get_by_role("button", name="Send")).to_be_disabled()


# Health, display, lists, vendors' messages, certificates ──────────────────────────────────────────────────────────────


@pytest.mark.nightly
async def test_what_was_odd_is_counted_and_listed(desk: Desk, street: Street) -> None:
    line = await street.line("ODD-ONE")
    await line.call("Heartbeat", {"customData": {"vendorId": "v"}, "beat": MARKUP})
    page = await opened(desk, await street.key("ODD-ONE"), "health", role="viewer")
    await expect(page.locator("dl").filter(has_text="Messages against their schema")).to_contain_text(
        "Messages against their schema1"
    )
    await expect(table(page, "The latest oddities")).to_contain_text("schema violation")
    await expect(table(page, "The latest oddities")).to_contain_text("beat")
    assert await page.locator("img[src=x]").count() == 0


@pytest.mark.nightly
async def test_a_message_is_shown_on_the_display_replaced_and_cleared(desk: Desk, street: Street) -> None:
    post = await street.station("SHOWS")
    page = await opened(desk, post.key, "display")
    await page.get_by_role("button", name="Show a message").click()
    await page.get_by_role("dialog").get_by_label("Text").fill(MARKUP)
    await send(page, "Show")
    await expect(outcome(page, "Show a message")).to_contain_text("accepted")
    messages = table(page, "Messages on the display")
    await expect(messages).to_contain_text(MARKUP)
    await messages.get_by_role("button", name=MARKUP).click()
    await page.get_by_role("dialog").get_by_label("Text").fill("Closed on Sunday")
    await send(page, "Replace")
    await expect(messages).to_contain_text("Closed on Sunday")
    await messages.get_by_role("button", name="Closed on Sunday").click()
    await send(page, "Clear it")
    await expect(outcome(page, "Clear a message")).to_contain_text("accepted")
    await expect(page.get_by_text("None is known: set one")).to_be_visible()
    assert "taken" not in await page.title()


@pytest.mark.nightly
async def test_a_local_list_is_kept_and_sent(desk: Desk, street: Street) -> None:
    post = await street.station("KEEPS-LIST")
    token = await street.token("LISTED-TOKEN", type="ISO14443")
    page = await opened(desk, post.key, "local-list")
    await choose(page, "Kept for this station", "Kept")
    await page.get_by_role("button", name="Send the whole list").click()
    await expect(page.get_by_text("in step with ours")).to_be_visible(timeout=20_000)
    await expect(table(page, "Entries of the local list")).to_contain_text(token)


@pytest.mark.nightly
async def test_a_vendors_message_is_sent_and_listed_with_its_answer(desk: Desk, street: Street) -> None:
    line = await street.line("VENDOR")
    line.on("DataTransfer", {"status": "Accepted", "data": {"said": MARKUP}})
    page = await opened(desk, await street.key("VENDOR"), "data-transfer")
    await page.get_by_role("button", name="Send a message").click()
    await page.get_by_role("dialog").get_by_label("Vendor", exact=True).fill("com.example")
    await page.get_by_role("dialog").get_by_label("Data").fill('{"lamp": "on"}')
    await send(page, "Send")
    assert (await line.expect("DataTransfer"))["data"] == {"lamp": "on"}
    sent = table(page, "Vendors' messages")
    await expect(sent).to_contain_text("com.example")
    await sent.locator("tbody").get_by_role("button").click()
    await expect(page.get_by_role("dialog")).to_contain_text(MARKUP)
    assert await page.locator("img[src=x]").count() == 0


@pytest.mark.nightly
async def test_a_root_certificate_is_installed_seen_and_deleted(desk: Desk, street: Street) -> None:
    post = await street.station("TRUSTS")
    page = await opened(desk, post.key, "certificates", role="administrator")
    await page.get_by_role("button", name="Install a root certificate").click()
    await page.get_by_label("Certificate (PEM)").fill(Maker("Root", datetime.now(UTC)).root)
    await send(page, "Install")
    await expect(outcome(page, "Install a root certificate")).to_contain_text("accepted")
    await page.get_by_role("button", name="Ask the station").click()
    await expect(outcome(page, "Ask for the certificates")).to_contain_text("accepted")
    certificates = table(page, "Certificates in the station")
    await certificates.get_by_role("button", name="CSMS root").click()
    await send(page, "Delete it in the station")
    await expect(outcome(page, "Delete a certificate")).to_contain_text("accepted")
    await expect(page.get_by_text("None is known: ask the station for them.")).to_be_visible()


# What is rarer ────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.nightly
async def test_what_a_station_has_nothing_of_is_said_and_appears_with_the_first_of_it(
    desk: Desk, street: Street
) -> None:
    line = await street.line("RARE", Version.V201)
    line.on("SetNetworkProfile", {"status": "Accepted"})
    page = await opened(desk, await street.key("RARE"), "more", role="administrator")
    await expect(page.get_by_text("battery swaps, event streams, network profiles")).to_be_visible()
    await page.get_by_role("button", name="Set a network profile").click()
    await page.get_by_role("dialog").get_by_label("Address").fill("wss://other.example.com")
    await send(page, "Set")
    await expect(table(page, "Network profiles")).to_contain_text("wss://other.example.com")


@pytest.mark.nightly
async def test_the_composite_schedule_is_asked_for_and_shown_as_periods(desk: Desk, street: Street) -> None:
    line = await street.line("SCHEDULES")
    schedule = {
        "evseId": 1,
        "duration": 3600,
        "scheduleStart": "2026-01-01T00:00:00Z",
        "chargingRateUnit": "A",
        "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 16.0}, {"startPeriod": 600, "limit": 32.0}],
    }
    line.on("GetCompositeSchedule", {"status": "Accepted", "schedule": schedule})
    page = await opened(desk, await street.key("SCHEDULES"), "charging-profiles", role="administrator")
    await expect(page.get_by_text("come with smart charging")).to_be_visible()
    await page.get_by_role("button", name="Ask for the composite schedule").click()
    await page.get_by_role("dialog").get_by_label("EVSE (or connector of a 1.6 station)").fill("1")
    await send(page, "Ask")
    periods = table(page, "Periods")
    await expect(periods).to_contain_text("10 min on")
    await expect(periods).to_contain_text("32.0 A")


@pytest.mark.parametrize("phone", [False, True])
@pytest.mark.nightly
async def test_no_tab_has_a_grave_fault_of_accessibility(phone: bool, desk: Desk, street: Street) -> None:
    """All of them in one page, as opening one costs a second."""
    post = await street.station(f"ACCESSIBLE-{phone}", Version.V21)
    how: dict[str, Any] = {"size": PHONE, "dark": True} if phone else {}
    page = await opened(desk, post.key, "now", role="administrator", **how)
    for tab in TABS:
        await page.get_by_role("tab", name=tab, exact=True).click()
        await expect(page.locator(".nicegui-tab-panel").filter(visible=True).first).not_to_be_empty()
        assert await grave_faults(page) == [], tab
        wide = await page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        assert wide <= 0, f"{tab} is too wide"
