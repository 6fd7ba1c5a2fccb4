"""Tariffs in the browser: made by a form, assigned, charged by, tried out, and told to stations."""

import asyncio
from typing import Any

import pytest
from accessibility import grave_faults
from playwright.async_api import Locator, Page, expect
from posts import Street
from site_process import Site
from watched_pages import PHONE, Desk, alive

_NASTY = "<img src=x onerror=hacked=1>"
ALL_OF_IT: dict[str, Any] = {
    "currency": "SEK",
    "includes_tax": True,
    "energy": {
        "prices": [
            {
                "amount": "2.15",
                "when": {
                    "from_time": "22:00",
                    "to_time": "06:00",
                    "days": ["Monday", "Sunday"],
                    "from_date": "2030-01-01",
                    "to_date": "2031-01-01",
                    "evse_kind": "DC",
                    "min_energy_wh": "1500",
                    "max_energy_wh": "90000",
                    "min_current_a": "6.5",
                    "min_power_w": "11000",
                    "max_power_w": "350000",
                    "min_time_s": 90,
                    "max_charging_time_s": 7200,
                },
            },
            {"amount": "3.336125"},
        ],
        "taxes": [{"name": "VAT", "percent": 25}, {"name": "City", "percent": 1.5, "stack": 1}],
        "step": 100,
    },
    "charging_time": {"prices": [{"amount": "0"}]},
    "idle_time": {
        "prices": [{"amount": "0", "when": {"max_idle_time_s": 600}}, {"amount": "1.5"}],
        "taxes": [{"name": "VAT", "percent": 25}, {"name": "City", "percent": 1.5, "stack": 1}],
        "step": 60,
    },
    "fixed": {"prices": [{"amount": "5", "when": {"payment_brand": "VISA", "payment_recognition": "Credit"}}]},
    "reservation_fixed": {"prices": [{"amount": "10"}]},
    "reservation_time": {"prices": [{"amount": "0.25"}]},
    "minimum": {"excl": "8", "incl": "10", "taxes": [{"name": "VAT", "percent": 25}]},
    "maximum": {"incl": "900"},
    "suspended_evse": "idle",
    "before_charging": "charging",
    "after_stop": "idle",
    "free_without_energy": False,
    "boundary": "bracket_start",
    "rounding": "half_even",
    "texts": [{"language": "sv", "content": "Billigt på natten"}, {"language": "en", "content": _NASTY}],
}
_OF_A_VERSION = frozenset({"key", "version", "wire_id", "valid_from", "valid_to", "state", "created_at", "warnings"})


async def pick(page: Page, field: Locator, text: str) -> None:
    """Search with a picker, and choose what it finds."""
    await field.fill(text)
    await page.get_by_role("option", name=text).first.click()


async def test_a_tariff_made_by_the_form_and_assigned_is_what_a_session_costs(desk: Desk, street: Street) -> None:
    post = await street.station("TARIFF-1")
    card = await street.token("PAYS1")
    page = await desk.signed_in("administrator", "/tariffs")
    await page.get_by_role("button", name="New tariff").click()
    await page.wait_for_url("**/tariffs/_/new")
    await alive(page)
    await page.get_by_label("Name", exact=True).fill("by-form")
    await page.get_by_role("button", name="Add a tax").first.click()
    await page.get_by_label("Rate").fill("19")
    await page.get_by_text("What each kilowatt-hour costs.").click()
    await page.get_by_role("button", name="Add a price for energy").click()
    await page.get_by_label("Energy: price").fill("0,25")
    await page.get_by_role("button", name="Only when").first.click()
    await page.get_by_text("Energy so far", exact=True).click()
    await page.get_by_label("Energy so far: below").fill("0.01")
    await page.get_by_role("button", name="Add a price for energy").click()
    await page.get_by_label("Energy: price").nth(1).fill("0.45")
    await page.get_by_role("button", name="Make the tariff").click()
    await page.wait_for_url("**/tariffs/by-form")
    await alive(page)
    told = "up to 0.01 kWh 0.25 EUR/kWh, else 0.45 EUR/kWh; plus VAT 19 %"
    await expect(page.get_by_test_id("price-text")).to_have_text(told)
    await expect(page.get_by_label("Prices", exact=True)).to_contain_text("0.45 EUR per kWhotherwise")

    await page.get_by_role("button", name="Assign", exact=True).click()
    form = page.get_by_role("dialog")
    await pick(page, form.get_by_label("Station", exact=True), "TARIFF-1")
    await form.get_by_role("button", name="Assign", exact=True).click()
    await expect(page.get_by_label("Assignments", exact=True)).to_contain_text("station TARIFF-1")

    post.plug()
    post.present(card)
    await post.until("Charging")
    found = await _transaction(street.site, post.key)
    await desk.go(page, f"/transactions/{found['key']}")
    await expect(page.get_by_text("0.25 EUR per kWh")).to_be_visible(timeout=15_000)
    post.unplug()
    await expect(page.get_by_text("issued", exact=True)).to_be_visible(timeout=15_000)


async def test_what_is_wrong_is_told_at_its_field(desk: Desk) -> None:
    page = await desk.signed_in("administrator", "/tariffs/_/new")
    await page.get_by_label("Name", exact=True).fill("wrong")
    await page.get_by_text("What each kilowatt-hour costs.").click()
    await page.get_by_role("button", name="Add a price for energy").click()
    amount = page.get_by_label("Energy: price")
    await amount.fill("dear")
    await page.get_by_role("button", name="Make the tariff").click()
    await expect(_at(page, amount)).to_contain_text("this is no number")
    await amount.fill("0.1234567")
    await page.get_by_role("button", name="Make the tariff").click()
    await expect(_at(page, amount)).to_contain_text("has more than 6 digits behind the point")
    await amount.fill("0.4")
    await page.get_by_role("button", name="Only when").first.click()
    await page.get_by_text("Energy so far", exact=True).click()
    low, high = page.get_by_label("Energy so far: from"), page.get_by_label("Energy so far: below")
    await low.fill("20")
    await high.fill("10")
    await page.get_by_role("button", name="Make the tariff").click()
    await expect(_at(page, high)).to_contain_text("is not above")
    await expect(_at(page, amount)).not_to_contain_text("digits")
    await high.fill("30")
    currency = page.get_by_label("Currency")
    await currency.fill("eur")
    await page.get_by_role("button", name="Make the tariff").click()
    await expect(_at(page, currency)).to_contain_text("such as EUR")
    await currency.fill("EUR")
    await page.get_by_role("button", name="Make the tariff").click()
    await page.wait_for_url("**/tariffs/wrong")


@pytest.mark.nightly
async def test_a_name_that_is_taken_is_told(desk: Desk, site: Site) -> None:
    await site.ask("POST", "/tariffs", {"name": "taken", "currency": "EUR"})
    page = await desk.signed_in("administrator", "/tariffs/_/new")
    await page.get_by_label("Name", exact=True).fill("taken")
    await page.get_by_role("button", name="Make the tariff").click()
    await expect(page.get_by_role("alert").filter(has_text="There is a tariff taken already")).to_be_visible()


@pytest.mark.nightly
async def test_a_new_version_begins_as_the_old_one_was_to_the_last_field(desk: Desk, site: Site) -> None:
    before = await site.ask("POST", "/tariffs", {"name": "all-of-it", **ALL_OF_IT})
    page = await desk.signed_in("administrator", "/tariffs/all-of-it/change")
    await page.get_by_role("button", name="Make the version").click()
    await page.wait_for_url("**/tariffs/all-of-it")
    await alive(page)
    await expect(page.get_by_label("Versions", exact=True).locator("tbody tr")).to_have_count(2)
    after = await site.get("/tariffs/all-of-it")
    assert after["version"] == 2
    assert _terms(after) == _terms(before)
    await expect(page.get_by_label("Versions", exact=True).locator("tbody tr").nth(1)).to_contain_text("has ended")
    assert await page.evaluate("window.hacked") is None


@pytest.mark.nightly
async def test_conditions_and_prices_are_taken_away_again(desk: Desk, site: Site) -> None:
    await site.ask("POST", "/tariffs", {"name": "less", **ALL_OF_IT})
    page = await desk.signed_in("administrator", "/tariffs/less/change")
    for condition in ("Power", "Dates"):
        await page.get_by_label(f"Take the condition {condition} away").click()
    await page.get_by_label("Take this price away").nth(2).click()
    await page.get_by_label("Take this text away").nth(1).click()
    await page.get_by_role("button", name="Make the version").click()
    await page.wait_for_url("**/tariffs/less")
    after = await site.get("/tariffs/less")
    assert not {"min_power_w", "max_power_w", "from_date", "to_date"} & set(after["energy"]["prices"][0]["when"])
    assert after["charging_time"] is None
    assert [text["language"] for text in after["texts"]] == ["sv"]


async def test_a_session_that_is_made_up_is_priced_line_by_line(desk: Desk, site: Site) -> None:
    prices = [{"amount": "0.30", "when": {"from_time": "20:00", "to_time": "06:00"}}, {"amount": "0.50"}]
    idle = [{"amount": "0.10"}]
    energy = {"prices": prices, "taxes": [{"name": "VAT", "percent": 19}]}
    terms = {"name": "try-out", "currency": "EUR", "energy": energy, "idle_time": {"prices": idle}}
    await site.ask("POST", "/tariffs", terms)
    page = await desk.signed_in("viewer", "/tariffs/try-out")
    await page.get_by_label("From", exact=True).fill("2026-05-04T18:00")
    await page.get_by_label("For", exact=True).fill("4:00")
    await page.get_by_label("Idle at the end for").fill("1:00")
    await page.get_by_label("Energy", exact=True).fill("30")
    await page.get_by_role("button", name="Reckon").click()
    lines = page.get_by_label("Lines of the preview")
    # 20 of 30 kWh before eight, by the clock of the station
    await expect(lines.locator("tbody tr").nth(0)).to_contain_text(
        "20.000 kWh0.50 EUR per kWh10.00 EUR18:00-20:00 always"
    )
    await expect(lines.locator("tbody tr").nth(1)).to_contain_text("0.30 EUR per kWh3.00 EUR20:00-21:00 20:00-06:00")
    await expect(lines).to_contain_text("60.000 min")
    await expect(page.get_by_test_id("preview-total")).to_have_text("21.47 EUR")
    await page.get_by_label("For", exact=True).fill("never")
    await page.get_by_role("button", name="Reckon").click()
    await expect(_at(page, page.get_by_label("For", exact=True)).get_by_role("alert")).to_be_visible()
    await expect(page.get_by_test_id("preview-total")).to_be_hidden()


async def test_which_price_holds_is_answered_with_why_no_other(desk: Desk, street: Street) -> None:
    await street.line("CHOICE-1")
    for name in ("choice-all", "choice-here"):
        await street.site.ask(
            "POST", "/tariffs", {"name": name, "currency": "EUR", "fixed": {"prices": [{"amount": "1"}]}}
        )
    key = await street.key("CHOICE-1")
    await street.site.ask("POST", "/tariff-assignments", {"tariff": "choice-here", "station": key, "priority": 5})
    await street.site.ask("POST", "/tariff-assignments", {"tariff": "choice-all", "station": key, "evse_id": 2})
    page = await desk.signed_in("viewer", "/tariffs/_/choice")
    await page.get_by_role("button", name="Look").click()
    await expect(_at(page, page.get_by_label("At the station"))).to_contain_text("needed")
    await pick(page, page.get_by_label("At the station"), "CHOICE-1")
    await page.get_by_role("button", name="Look").click()
    await expect(page.get_by_role("link", name="Tariff choice-here, version 1")).to_be_visible()
    rows = page.get_by_label("Assignments, the one that holds first").locator("tbody tr")
    await expect(rows.first).to_contain_text("holds")
    await expect(rows.filter(has_text="choice-all")).to_contain_text("is for another evse_id")


@pytest.mark.nightly
async def test_an_assignment_is_withdrawn(desk: Desk, site: Site) -> None:
    await site.ask("POST", "/tariffs", {"name": "gone", "currency": "EUR"})
    await site.ask("POST", "/tariff-assignments", {"tariff": "gone", "group": _NASTY})
    page = await desk.signed_in("administrator", "/tariffs/gone")
    table = page.get_by_label("Assignments", exact=True)
    await table.get_by_text(f"group {_NASTY}").click()
    await page.get_by_role("dialog").get_by_role("button", name="Withdraw").click()
    await expect(page.get_by_text("Nothing is assigned here.")).to_be_visible()
    assert (await site.get("/tariff-assignments", tariff="gone"))["items"][0]["state"] == "ended"
    assert await page.evaluate("window.hacked") is None


async def test_a_price_told_to_stations_says_what_each_made_of_it(desk: Desk, street: Street) -> None:
    await street.station("SHOWS-1")
    await street.line("SHOWS-2")
    tariff = {"name": "shown", "currency": "EUR", "energy": {"prices": [{"amount": "0.4"}]}}
    await street.site.ask("POST", "/tariffs", tariff)
    page = await desk.signed_in("operator", "/tariffs/shown")
    await page.get_by_role("button", name="Show at stations").click()
    form = page.get_by_role("dialog")
    await form.get_by_text("Some stations").click()
    for identity in ("SHOWS-1", "SHOWS-2"):
        await pick(page, form.get_by_label("Stations", exact=True), identity)
    await page.keyboard.press("Escape")
    await form.get_by_role("button", name="Show it").click()
    told = page.get_by_test_id("published")
    await expect(told.get_by_role("link", name="SHOWS-1")).to_be_visible()
    await expect(told.get_by_role("link", name="SHOWS-2")).to_be_visible()
    await expect(told).to_contain_text("SetVariables")
    await page.reload()
    await alive(page)
    await expect(told.get_by_role("link", name="SHOWS-2")).to_be_visible()
    lines = told.locator(".row").filter(has=page.get_by_role("link", name="SHOWS-1"))
    await expect(lines).to_contain_text("SetVariables")
    await street.site.ask("POST", "/tariffs/shown/publish", {"stations": [await street.key("SHOWS-1")]})
    await expect(told.get_by_role("link", name="SHOWS-2")).to_be_hidden()
    await expect(lines).to_contain_text("SetVariables")


@pytest.mark.nightly
async def test_a_payment_that_nobody_pays_is_cancelled(desk: Desk, street: Street) -> None:
    post = await street.station("PAYMENT-1")
    await street.site.ask("POST", "/web-payments", {"station": post.key, "evse_id": 1})
    page = await desk.signed_in("operator", "/tariffs/_/payments")
    payment = page.get_by_label("Web payments").locator("tbody tr").filter(has_text="PAYMENT-1")
    await expect(payment).to_contain_text("waits to be paid")
    await payment.get_by_role("button").click()
    await page.get_by_role("dialog").get_by_role("button", name="Cancel the payment").click()
    await expect(payment).to_contain_text("cancelled")


@pytest.mark.nightly
async def test_a_viewer_sees_prices_and_why_they_may_not_change_them(desk: Desk, site: Site) -> None:
    await site.ask("POST", "/tariffs", {"name": "looked-at", "currency": "EUR"})
    page = await desk.signed_in("viewer", "/tariffs/looked-at")
    for name in ("Change", "Show at stations", "Assign"):
        await expect(page.get_by_role("button", name=name, exact=True)).to_be_disabled()
    await expect(page.get_by_text("Nothing has a price: sessions cost nothing.")).to_be_visible()
    await desk.go(page, "/tariffs/looked-at/change")
    await expect(page.get_by_role("alert")).to_contain_text("needs the role administrator")
    desk.watch(page).expect("404")
    await desk.go(page, "/tariffs/nowhere")
    await expect(page.get_by_role("alert")).to_contain_text("There is no such tariff.")


@pytest.mark.nightly
async def test_the_pages_of_tariffs_can_be_used_by_everybody(desk: Desk, site: Site) -> None:
    await site.ask("POST", "/tariffs", {"name": "reached", **ALL_OF_IT, "texts": []})
    page = await desk.signed_in("administrator", "/tariffs", size=PHONE)
    for path in ("/tariffs", "/tariffs/reached", "/tariffs/reached/change", "/tariffs/_/choice", "/tariffs/_/payments"):
        await desk.go(page, path)
        assert await grave_faults(page) == []
        assert await page.evaluate("document.documentElement.scrollWidth") <= PHONE[0], path


def _at(page: Page, field: Locator) -> Locator:
    """The whole of an input, with what is said of it."""
    return page.locator(".q-field").filter(has=field)


def _terms(tariff: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in tariff.items() if name not in _OF_A_VERSION and name != "created_by"}


async def _transaction(site: Site, station: int) -> dict[str, Any]:
    async with asyncio.timeout(10):
        while not (found := (await site.get("/transactions", station=station))["items"]):
            await asyncio.sleep(0.05)
    first: dict[str, Any] = found[0]
    return first
