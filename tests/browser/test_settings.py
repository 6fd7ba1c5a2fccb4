"""The settings in the browser: one's own account, what is kept how long, which bills wait, how the node is set up."""

import pytest
from accessibility import faults_of_dialog, grave_faults
from playwright.async_api import Page, expect
from signing_in import sign_in, somebody
from site_process import PASSWORD, Site
from watched_pages import PHONE, Desk, alive


async def at_settings(desk: Desk, name: str, password: str = PASSWORD) -> Page:
    page = await desk.page()
    await page.goto("/sign-in?next=%2Fsettings")
    await sign_in(page, name, password)
    await page.wait_for_url("**/settings")
    await alive(page)
    return page


async def test_ones_own_password_is_changed_and_one_signs_in_with_the_new_one(desk: Desk, site: Site) -> None:
    await somebody(site, "changer")
    page = await at_settings(desk, "changer")
    await page.get_by_role("button", name="Change your password").click()
    form = page.get_by_role("dialog")
    await form.get_by_label("Your password now").fill("not it")
    await form.get_by_label("The new one, of 12").fill("a better password")
    await form.get_by_label("The new one again").fill("another password")
    await form.get_by_role("button", name="Change", exact=True).click()
    await expect(form.get_by_text("it is not the same")).to_be_visible()
    await form.get_by_label("The new one again").fill("a better password")
    await form.get_by_role("button", name="Change", exact=True).click()
    await expect(form.get_by_text("it is not the password")).to_be_visible()
    await form.get_by_label("Your password now").fill(PASSWORD)
    await form.get_by_role("button", name="Change", exact=True).click()
    await page.wait_for_url("**/sign-in")
    await sign_in(page, "changer", "a better password")
    await page.wait_for_url(f"{site.url}/")


@pytest.mark.nightly
async def test_a_session_elsewhere_is_ended_and_nobody_elses_is_shown(desk: Desk, site: Site) -> None:
    await somebody(site, "two-places")
    here, there = await at_settings(desk, "two-places"), await at_settings(desk, "two-places")
    await here.reload()
    await alive(here)
    listed = here.get_by_label("Your sessions").get_by_role("listitem")
    await expect(listed).to_have_count(2)
    await expect(listed.filter(has_text="this browser")).to_have_count(1)
    await listed.get_by_role("button").click()
    await here.get_by_role("dialog").get_by_role("button", name="End", exact=True).click()
    await expect(listed).to_have_count(1)
    await there.goto("/alarms")
    await expect(there).to_have_title("Sign in · Stationmaster")


@pytest.mark.nightly
async def test_how_long_things_are_kept_is_changed_by_administrators_alone(desk: Desk) -> None:
    viewer = await desk.signed_in("viewer", "/settings/retention")
    await expect(viewer.get_by_role("button", name="Change", exact=True)).to_be_disabled()
    page = await desk.signed_in("administrator", "/settings/retention")
    line = page.get_by_label("How long things are kept", exact=True).get_by_role("row").filter(has_text="Audit log")
    await expect(line).to_contain_text("730 days")
    await page.get_by_role("button", name="Change", exact=True).click()
    form = page.get_by_role("dialog")
    await form.get_by_label("Audit log (days)").fill("many")
    await form.get_by_role("button", name="Save").click()
    await expect(form.get_by_role("alert").filter(has_text="a whole number")).to_be_visible()
    await form.get_by_label("Audit log (days)").fill("1000")
    await form.get_by_role("button", name="Save").click()
    await expect(line).to_contain_text("1,000 days")
    await expect(line).to_contain_text("you")


@pytest.mark.nightly
async def test_which_bills_wait_is_said_and_taken_back(desk: Desk) -> None:
    page = await desk.signed_in("administrator", "/settings/bills")
    said = page.get_by_test_id("holds")
    await expect(said).to_have_text("As the program has it.")
    tick = page.get_by_role("checkbox").first
    before = await tick.is_checked()
    await tick.click()
    await page.get_by_role("button", name="Save").click()
    await expect(said).to_have_text("You have said which.")
    await desk.go(page, "/settings/bills")
    assert await page.get_by_role("checkbox").first.is_checked() is not before
    await page.get_by_role("button", name="As the program has it").click()
    await page.get_by_role("dialog").get_by_role("button", name="Let it").click()
    await expect(said).to_have_text("As the program has it.")
    assert await page.get_by_role("checkbox").first.is_checked() is before


async def test_the_node_tells_its_settings_and_where_each_is_changed(desk: Desk, site: Site) -> None:
    page = await desk.signed_in("administrator", "/settings/node")
    line = page.get_by_role("row").filter(has=page.get_by_role("cell", name="ocpp_port", exact=True))
    await expect(line).to_contain_text(str(site.ocpp_port))
    await expect(line).to_contain_text("--ocpp-port, STATIONMASTER_OCPP_PORT, [network] ocpp_port")
    assert await grave_faults(page) == []


@pytest.mark.nightly
async def test_no_grave_fault_and_it_fits_a_phone(desk: Desk) -> None:
    page = await desk.signed_in("administrator", "/settings", size=PHONE, dark=True)
    for path in ("/settings", "/settings/retention", "/settings/bills", "/settings/node"):
        await desk.go(page, path)
        await expect(page.get_by_role("heading", level=1)).to_have_text("Settings")
        assert await grave_faults(page) == [], path
        assert await page.evaluate("document.documentElement.scrollWidth") <= PHONE[0], path
    await desk.go(page, "/settings/retention")
    await page.get_by_role("button", name="Change", exact=True).click()
    await expect(page.get_by_role("dialog")).to_be_visible()
    assert await faults_of_dialog(page) == []
