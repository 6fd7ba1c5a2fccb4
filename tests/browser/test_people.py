"""People, API keys and the audit log in the browser."""

import csv
import io
from typing import Any

import httpx
import pytest
from accessibility import faults_of_dialog
from playwright.async_api import Locator, Page, expect
from posts import Street
from signing_in import sign_in, somebody
from site_process import PASSWORD, Site
from watched_pages import PHONE, Desk

_NASTY = "<img src=x onerror=hacked=1>"
_ENTER_TWICE = """input => ["Enter", "Enter"].forEach(
    key => input.dispatchEvent(new KeyboardEvent("keydown", {key, bubbles: true})))"""


def row(page: Page, table: str, text: str) -> Locator:
    return page.get_by_label(table, exact=True).get_by_role("row").filter(has_text=text)


async def shown_secret(page: Page) -> str:
    """What is shown this once; its dialog is closed."""
    secret = await page.get_by_test_id("secret").text_content()
    await page.get_by_role("button", name="Done").click()
    assert secret
    return secret


async def deed(page: Page, name: str, button: str, sure: str) -> None:
    """Open a person, press a button there, and say yes."""
    await row(page, "People", name).get_by_role("button", name=name, exact=True).click()
    await page.get_by_role("dialog", name=name, exact=True).get_by_role("button", name=button, exact=True).click()
    sure_dialog = page.get_by_role("dialog").filter(has=page.get_by_role("button", name="Cancel")).last
    await sure_dialog.get_by_role("button", name=sure, exact=True).click()


async def test_somebody_is_let_in_and_signs_in_with_the_password_shown_once(desk: Desk) -> None:
    page = await desk.signed_in("administrator", "/people")
    await page.get_by_role("button", name="Let somebody in").click()
    form = page.get_by_role("dialog")
    await form.get_by_label("Name to sign in with").fill("two words")
    await page.keyboard.press("Enter")
    await expect(form.get_by_text("1 to 100 of A-Z")).to_be_visible()
    await form.get_by_label("Name to sign in with").fill("new.person")
    await form.get_by_label("What the person is called").fill("New Person")
    await form.get_by_label("Password").fill("short")
    await form.get_by_role("button", name="Let in", exact=True).click()
    await expect(form.get_by_text("it must have 12 to 200 characters")).to_be_visible()
    await form.get_by_label("Password").fill("")
    await form.get_by_role("button", name="Let in", exact=True).click()
    secret = await shown_secret(page)
    await expect(row(page, "People", "new.person")).to_contain_text("New Person")
    other = await desk.page()
    await other.goto("/sign-in?next=%2Falarms")
    await sign_in(other, "new.person", secret)
    await other.wait_for_url("**/alarms")
    await expect(other.get_by_role("link", name="People")).to_have_count(0)
    assert secret not in await page.content()


async def test_a_role_is_changed_and_the_person_is_signed_out(desk: Desk, site: Site) -> None:
    await somebody(site, "climber")
    page, theirs = await desk.signed_in("administrator", "/people"), await desk.page()
    await theirs.goto("/sign-in?next=%2Falarms")
    await sign_in(theirs, "climber", PASSWORD)
    await theirs.wait_for_url("**/alarms")
    await row(page, "People", "climber").get_by_role("button").click()
    form = page.get_by_role("dialog", name="climber", exact=True)
    await form.get_by_label("Role").click()
    await page.get_by_role("option", name="Operator").click()
    await form.get_by_role("button", name="Save").click()
    await expect(row(page, "People", "climber")).to_contain_text("operator")
    await expect(theirs.get_by_text("Your session has ended")).to_be_visible(timeout=15_000)


@pytest.mark.nightly
async def test_somebody_is_disabled_enabled_and_given_a_new_password(desk: Desk, site: Site) -> None:
    await somebody(site, "leaver")
    page = await desk.signed_in("administrator", "/people")
    await deed(page, "leaver", "Disable", "Disable")
    await expect(row(page, "People", "leaver")).to_contain_text("disabled")
    await deed(page, "leaver", "Enable", "Enable")
    await expect(row(page, "People", "leaver")).to_contain_text("may sign in")
    await deed(page, "leaver", "New password", "Give")
    secret = await shown_secret(page)
    async with httpx.AsyncClient(base_url=site.url) as http:
        for password, status in ((PASSWORD, 401), (secret, 201)):
            body = {"name": "leaver", "password": password}
            assert (await http.post("/api/v1/session", json=body)).status_code == status


@pytest.mark.nightly
async def test_the_last_administrator_cannot_be_disabled_and_the_page_says_why(own_site: Site, browser: Any) -> None:
    desk = Desk(browser, own_site)
    try:
        people = (await own_site.get("/people"))["items"]
        first = next(person for person in people if person["name"] == own_site.administrator[0])
        await own_site.ask("PATCH", f"/people/{first['key']}", {"disabled": True})
        page = await desk.signed_in("administrator", "/people")
        await deed(page, "administrator", "Disable", "Disable")
        await expect(page.get_by_role("alert")).to_contain_text("nobody could manage the others")
    finally:
        await desk.close()


async def test_a_key_is_made_shown_once_used_and_revoked(desk: Desk, site: Site) -> None:
    page = await desk.signed_in("administrator", "/api-keys")
    await page.get_by_role("button", name="Make a key").click()
    await page.get_by_label("Name of the program").fill("billing run")
    await page.get_by_label("Name of the program").evaluate(_ENTER_TWICE)
    secret = await shown_secret(page)
    async with httpx.AsyncClient(base_url=site.url, headers={"X-API-Key": secret}) as http:
        assert (await http.get("/api/v1/version")).status_code == 200
        await expect(row(page, "API keys", "billing run")).to_have_count(1)
        await row(page, "API keys", "billing run").get_by_role("button").click()
        await page.get_by_role("button", name="Revoke").click()
        await expect(row(page, "API keys", "billing run")).to_have_count(0)
        assert (await http.get("/api/v1/version")).status_code == 401


async def test_what_somebody_did_is_found_in_the_log_with_its_outcome_and_without_secrets(
    desk: Desk, street: Street, site: Site
) -> None:
    await street.station("AUDITED-1")
    await somebody(site, "watched", "operator")
    async with httpx.AsyncClient(base_url=f"{site.url}/api/v1") as http:
        await http.post("/session", json={"name": "watched", "password": PASSWORD})
        same = {"Sec-Fetch-Site": "same-origin"}
        key = (await site.get("/stations", text="AUDITED-1"))["items"][0]["key"]
        change = {"name": "By the gate", "password": "a station password 1"}
        assert (await http.patch(f"/stations/{key}", json=change, headers=same)).status_code == 200
        assert (await http.post("/people", json={"name": "x", "role": "viewer"}, headers=same)).status_code == 403
    page = await desk.signed_in("administrator", "/audit?actor=watched")
    table = page.get_by_label("Who did what", exact=True)
    await expect(table.locator("tbody tr")).to_have_count(3)
    await expect(row(page, "Who did what", "create person")).to_contain_text("refused (403)")
    await expect(row(page, "Who did what", "sign in")).to_contain_text("done (201)")
    await row(page, "Who did what", "change station").get_by_role("button").click()
    entry = page.get_by_role("dialog")
    await expect(entry).to_contain_text("By the gate")
    await expect(entry).to_contain_text('"password": "***"')
    await entry.get_by_role("button", name="Close").click()
    await page.get_by_label("Did what", exact=True).fill("change")
    await page.get_by_role("option", name="change station").click()
    await expect(table.locator("tbody tr")).to_have_count(1)
    async with page.expect_download() as coming:
        await page.get_by_role("link", name="Download as CSV").click()
    text = (await (await coming.value).path()).read_text()
    (only,) = csv.DictReader(io.StringIO(text))
    assert (only["actor"], only["operation"], only["status"]) == ("watched", "change_station", "200")
    assert "a station password" not in text


@pytest.mark.nightly
async def test_a_viewer_is_told_that_these_pages_are_not_for_them(desk: Desk) -> None:
    page = await desk.signed_in("viewer", "/audit")
    for path in ("/audit", "/people", "/api-keys", "/settings/node"):
        await desk.go(page, path)
        await expect(page.get_by_role("alert")).to_have_text("This page needs the role administrator; yours is viewer.")


@pytest.mark.nightly
async def test_what_somebody_is_called_is_never_run(desk: Desk, site: Site) -> None:
    await site.ask("POST", "/people", {"name": "nasty", "role": "viewer", "display_name": _NASTY})
    await site.ask("POST", "/api-keys", {"name": _NASTY, "role": "viewer"})
    page = await desk.signed_in("administrator", "/people")
    await expect(page.get_by_text(_NASTY)).to_be_visible()
    await row(page, "People", "nasty").get_by_role("button").click()
    await expect(page.get_by_role("dialog").get_by_label("What the person is called")).to_have_value(_NASTY)
    assert await faults_of_dialog(page) == []
    await desk.go(page, "/api-keys")
    await row(page, "API keys", _NASTY).get_by_role("button").click()
    await expect(page.get_by_role("heading", name=_NASTY)).to_be_visible()
    await desk.go(page, "/audit")
    await row(page, "Who did what", "create api key").first.get_by_role("button").click()
    await expect(page.get_by_role("dialog")).to_contain_text(_NASTY)
    assert await faults_of_dialog(page) == []
    assert await page.evaluate("typeof hacked") == "undefined"
    await page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    assert await page.evaluate("document.documentElement.scrollWidth") <= PHONE[0]
