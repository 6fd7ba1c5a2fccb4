"""Signing in and out, with the right password and the wrong one, and what becomes of a session that ends."""

import pytest
from playwright.async_api import expect
from signing_in import sign_in
from site_process import PASSWORD, SESSION_COOKIE, Site
from watched_pages import Desk, alive


async def test_a_stranger_is_led_to_the_sign_in_page_and_then_to_where_they_wanted(desk: Desk) -> None:
    page = await desk.page()
    await page.goto("/alarms")
    await expect(page).to_have_title("Sign in · Stationmaster")
    await expect(page.get_by_label("Name", exact=True)).to_be_focused()
    await sign_in(page, "viewer", PASSWORD)
    await page.wait_for_url("**/alarms")
    await expect(page.get_by_role("heading", level=1)).to_have_text("Alarms")


async def test_the_first_administrator_signs_in_with_the_password_of_the_banner(desk: Desk, site: Site) -> None:
    page = await desk.page()
    await page.goto("/sign-in")
    await sign_in(page, *site.administrator)
    await page.wait_for_url(f"{site.url}/")
    await expect(page.get_by_role("heading", level=1)).to_be_visible()


async def test_a_wrong_password_is_told_in_words_and_the_name_stays(desk: Desk) -> None:
    page = await desk.page()
    await page.goto("/sign-in?next=%2Falarms")
    await sign_in(page, "operator", "not the password")
    await expect(page.get_by_role("alert")).to_contain_text("Nobody of this name signs in with this password")
    await expect(page.get_by_label("Name", exact=True)).to_have_value("operator")
    await expect(page.get_by_label("Password")).to_have_value("")
    await sign_in(page, "operator", PASSWORD)
    await page.wait_for_url("**/alarms")


async def test_somebody_who_keeps_guessing_is_slowed_down_and_told_for_how_long(desk: Desk) -> None:
    page = await desk.page()
    await page.goto("/sign-in")
    for number in range(20):
        await sign_in(page, "somebody", f"guess {number}")
        told = await page.get_by_role("alert").text_content()
        if told and "Try again in" in told:
            break
    else:
        pytest.fail("twenty guesses were let through")
    assert "Too many wrong passwords" in (told or "")


async def test_a_link_cannot_lead_somebody_who_signs_in_to_another_site(desk: Desk, site: Site) -> None:
    page = await desk.page()
    await page.goto("/sign-in?next=https%3A%2F%2Felsewhere.example%2F")
    await sign_in(page, "viewer", PASSWORD)
    await page.wait_for_url(f"{site.url}/")


async def test_signing_out_ends_the_session_for_good(desk: Desk, site: Site) -> None:
    secret = await site.new_session("viewer")
    page = await desk.page(session=secret)
    await desk.go(page, "/alarms")
    await page.get_by_role("button", name="Signed in as viewer").click()
    await page.get_by_text("Sign out").click()
    await page.wait_for_url("**/sign-in")
    again = await desk.page(session=secret)
    await again.goto("/alarms")
    await expect(again).to_have_title("Sign in · Stationmaster")


async def test_the_session_is_out_of_reach_of_scripts(desk: Desk) -> None:
    page = await desk.page()
    await page.goto("/sign-in?next=%2Falarms")
    await sign_in(page, "viewer", PASSWORD)
    await page.wait_for_url("**/alarms")
    await alive(page)
    (cookie,) = [each for each in await page.context.cookies() if each["name"] == SESSION_COOKIE]
    assert (cookie["httpOnly"], cookie["sameSite"]) == (True, "Strict")
    assert SESSION_COOKIE not in await page.evaluate("document.cookie")


async def test_a_session_that_ends_is_told_on_the_open_page_which_comes_back_after_signing_in(
    desk: Desk, site: Site
) -> None:
    page = await desk.page(session=await site.new_session("operator"))
    await desk.go(page, "/alarms")
    people = (await site.get("/people", limit=100))["items"]
    key = next(person["key"] for person in people if person["name"] == "operator")
    await site.ask("DELETE", f"/people/{key}/sessions")
    site.forget_session("operator")
    await expect(page.get_by_text("Your session has ended")).to_be_visible(timeout=15_000)
    await page.get_by_role("button", name="Sign in").click()
    await sign_in(page, "operator", PASSWORD)
    await page.wait_for_url("**/alarms")
    await expect(page.get_by_role("heading", level=1)).to_have_text("Alarms")
