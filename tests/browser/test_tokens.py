"""Tokens in the browser: made, blocked, judged, imported, their money, and who was refused."""

from pathlib import Path
from typing import Any

import pytest
from accessibility import grave_faults
from playwright.async_api import Locator, Page, expect
from posts import Street, eventually
from site_process import Site
from watched_pages import PHONE, Desk, alive

_NASTY = "<img src=x onerror=hacked=1>"


async def known(site: Site, value: str, **more: Any) -> dict[str, Any]:
    """A token, as the API has it."""
    found: dict[str, Any] = await site.ask("POST", "/tokens", {"value": value, **more})
    return found


def card(page: Page, title: str) -> Locator:
    return page.locator(".q-card").filter(has=page.get_by_role("heading", name=title, exact=True))


async def test_a_token_is_added_found_and_changed(desk: Desk) -> None:
    page = await desk.signed_in("operator", "/tokens")
    await page.get_by_role("button", name="Add a token").click()
    form = page.get_by_role("dialog")
    await form.get_by_role("button", name="Add", exact=True).click()
    await expect(form.get_by_text("it must not be empty")).to_be_visible()
    await form.get_by_label("Value").fill("ADDED1")
    await form.get_by_label("Group").fill("fleet")
    await form.get_by_role("button", name="Add", exact=True).click()
    await page.wait_for_url("**/tokens/*")
    await alive(page)
    await expect(card(page, "What is known of it")).to_contain_text("fleet")
    await page.get_by_role("button", name="Change", exact=True).click()
    await page.get_by_role("dialog").get_by_label("Group").fill("")
    await page.get_by_role("dialog").get_by_label("Note").fill("found in the yard")
    await page.get_by_role("dialog").get_by_role("button", name="Change").click()
    await expect(card(page, "What is known of it")).to_contain_text("found in the yard")
    await expect(card(page, "What is known of it")).not_to_contain_text("fleet")
    await desk.go(page, "/tokens")
    await page.get_by_label("Search by value").fill("ADDED")
    await expect(page.get_by_label("Tokens", exact=True).locator("tbody tr")).to_have_count(1)
    await expect(page.get_by_text("1 in all")).to_be_visible()


async def test_a_blocked_token_is_refused_by_the_station_and_the_page_tells(desk: Desk, street: Street) -> None:
    post = await street.station("BLOCK-1")
    token = await known(street.site, "BLOCKED1")
    page = await desk.signed_in("operator", f"/tokens/{token['key']}")
    await page.get_by_role("button", name="Block", exact=True).click()
    await expect(page.get_by_role("button", name="Accept again")).to_be_visible()
    post.plug()
    post.present("BLOCKED1")
    await expect(page.get_by_label("Refusals of the token")).to_contain_text("the token is blocked", timeout=15_000)
    await expect(page.get_by_label("Refusals of the token")).to_contain_text("BLOCK-1")
    assert post.transaction() is None or post.status() != "Charging"
    await page.get_by_role("button", name="Judge").click()
    await expect(page.get_by_test_id("judgement")).to_contain_text("the token is blocked")
    await page.get_by_role("button", name="Accept again").click()
    await expect(page.get_by_role("button", name="Block", exact=True)).to_be_visible()
    await page.get_by_role("button", name="Judge").click()
    await expect(page.get_by_test_id("judgement")).to_contain_text("nothing speaks against it")


@pytest.mark.nightly
async def test_all_that_a_token_charges_is_stopped(desk: Desk, street: Street) -> None:
    post = await street.station("STOPALL-1")
    token = await known(street.site, "STOPALL1")
    page = await desk.signed_in("operator", f"/tokens/{token['key']}")
    await expect(page.get_by_text("It has charged nothing yet.")).to_be_visible()
    post.plug()
    post.present("STOPALL1")
    await post.until("Charging")
    await expect(page.get_by_label("Transactions of the token")).to_contain_text("STOPALL-1", timeout=15_000)
    await page.get_by_role("button", name="Stop all it charges").click()
    await page.get_by_role("button", name="Stop all", exact=True).click()
    await expect(page.get_by_test_id("outcome")).to_contain_text("done")
    await eventually(lambda: post.transaction() is None)


async def test_a_file_with_a_wrong_line_is_told_line_by_line(desk: Desk, tmp_path: Path) -> None:
    file = tmp_path / "cards.csv"
    file.write_text("value;type;status\nIMPORT1;ISO14443;Accepted\nIMPORT2;ISO14443;Lost\nIMPORT3;;Blocked\n")
    page = await desk.signed_in("operator", "/tokens/import")
    async with page.expect_file_chooser() as chooser:
        await page.get_by_role("button", name="Choose a file").click()
    await (await chooser.value).set_files(file)
    said, lines = page.get_by_test_id("import"), page.get_by_label("What becomes of each line")
    await expect(said).to_have_text("Nothing is stored yet: 2 new, 1 wrong.")
    await expect(lines.locator("tbody tr").first).to_contain_text("status")
    await expect(lines.locator("tbody tr").first).to_contain_text("3")
    assert (await desk.site.get("/tokens", text="IMPORT"))["items"] == []
    await page.get_by_role("button", name="Import the lines that are right").click()
    await expect(said).to_have_text("Imported: 2 new, 1 wrong.")
    found = (await desk.site.get("/tokens", text="IMPORT"))["items"]
    assert [(token["value"], token["status"]) for token in found] == [("IMPORT1", "Accepted"), ("IMPORT3", "Blocked")]
    await page.get_by_label("Or paste it here").fill("value,colour\nIMPORT4,red\n")
    await page.get_by_role("button", name="Look through what is pasted").click()
    await expect(said).to_contain_text("there is no column 'colour'")


@pytest.mark.nightly
async def test_rules_are_set_and_worded(desk: Desk, street: Street) -> None:
    await street.station("RULES-1")
    token = await known(street.site, "RULED1")
    page = await desk.signed_in("operator", f"/tokens/{token['key']}")
    panel = card(page, "Where and when it may charge")
    await expect(panel).to_contain_text("Everywhere, at any time.")
    await panel.get_by_role("button").click()
    form = page.get_by_role("dialog")
    await form.get_by_label("Only at these stations").fill("RULES-1")
    await page.get_by_role("option", name="RULES-1").click()
    await page.keyboard.press("Escape")
    await form.get_by_label("At most this many starts").fill("3")
    await form.get_by_label("Time zone").fill("Nowhere/City")
    await form.get_by_role("button", name="Save").click()
    await expect(form.get_by_text("not a time zone")).to_be_visible()
    await form.get_by_label("Time zone").fill("Europe/Berlin")
    await form.get_by_role("button", name="Save").click()
    await expect(panel).to_contain_text("Only at RULES-1")
    await expect(panel).to_contain_text("At most 3 starts a month")


async def test_money_is_put_on_an_account_and_told_exactly(desk: Desk) -> None:
    page = await desk.signed_in("operator", "/tokens/accounts")
    await page.get_by_role("button", name="Open an account").click()
    await page.get_by_label("Name").fill("Hansen")
    await page.get_by_label("Currency, such as EUR").fill("EUR")
    await page.get_by_role("button", name="Open", exact=True).click()
    await expect(page.get_by_test_id("balance")).to_have_text("0.00 EUR")
    await page.get_by_role("button", name="Put money on it").click()
    form = page.get_by_role("dialog")
    await form.get_by_label("Amount, such as 20.00").fill("-5")
    await form.get_by_label("Reference").fill("till 7")
    await form.get_by_role("button", name="Put on", exact=True).click()
    await expect(form.get_by_text("more than nothing")).to_be_visible()
    await form.get_by_label("Amount, such as 20.00").fill("1234.505")
    await form.get_by_role("button", name="Put on", exact=True).click()
    await expect(page.get_by_test_id("balance")).to_have_text("1,234.505 EUR")
    await expect(page.get_by_label("What came in and went out")).to_contain_text("till 7")


@pytest.mark.nightly
async def test_what_holds_for_a_group_is_said_and_taken_back(desk: Desk) -> None:
    page = await desk.signed_in("operator", "/tokens/groups")
    await page.get_by_role("button", name="Say what holds for a group").click()
    await page.get_by_label("Name of the group").fill("night shift / west")
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_text("without a slash")).to_be_visible()
    await page.get_by_label("Name of the group").fill("night shift")
    await page.get_by_label("Transactions of all at one time").fill("2")
    await page.get_by_role("button", name="Save").click()
    row = page.get_by_label("Token groups").get_by_role("row").filter(has_text="night shift")
    await expect(row).to_contain_text("2")
    await row.get_by_role("button").click()
    await page.get_by_role("button", name="Say nothing of it any more").click()
    await page.get_by_role("button", name="Say nothing", exact=True).click()
    await expect(row).to_have_count(0)


async def test_what_a_token_is_called_is_never_run(desk: Desk, street: Street) -> None:
    line = await street.line("NASTY-TOKEN")
    token = await known(street.site, _NASTY, status="Blocked", group=_NASTY, note=_NASTY, contract_id=_NASTY)
    await line.call("Authorize", {"idToken": {"idToken": _NASTY, "type": "Central"}})
    page = await desk.signed_in("administrator", "/tokens?text=onerror")
    await expect(page.get_by_role("link", name=_NASTY)).to_be_visible()
    await desk.go(page, f"/tokens/{token['key']}")
    await expect(card(page, "What is known of it").get_by_text(_NASTY).first).to_be_visible()
    await desk.go(page, "/tokens/refusals")
    await expect(page.get_by_role("cell", name=_NASTY).first).to_be_visible()
    assert await page.evaluate("typeof hacked") == "undefined"


@pytest.mark.nightly
async def test_no_grave_fault_and_it_fits_a_phone(desk: Desk) -> None:
    account = await desk.site.ask("POST", "/accounts", {"name": "Axe", "currency": "EUR"})
    token = await known(desk.site, "AXE1", account=account["key"])
    page = await desk.signed_in("administrator", f"/tokens/{token['key']}", size=PHONE)
    await expect(page.get_by_test_id("balance")).to_be_visible()
    assert await grave_faults(page) == []
    assert await page.evaluate("document.documentElement.scrollWidth") <= PHONE[0]
    await desk.go(page, "/tokens/import")
    assert await grave_faults(page) == []
