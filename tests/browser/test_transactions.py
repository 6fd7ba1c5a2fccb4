"""Transactions and bills in the browser: followed, stopped, explained, put right, and taken along as CSV."""

import csv
import json
import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from accessibility import grave_faults
from playwright.async_api import Page, expect
from posts import Post, Street
from site_process import Site
from watched_pages import PHONE, Desk, alive

from stationmaster.ocpp.version import Version
from stationmaster.testing.wire import WireClient

_VAT = {"taxes": [{"name": "VAT", "percent": 19}]}
_PRICES = {
    "currency": "EUR",
    "energy": {"prices": [{"amount": 20}], **_VAT},
    "fixed": {"prices": [{"amount": 0.35}], **_VAT},
}
_NASTY = "<img src=x onerror=hacked=1>"


async def priced(site: Site, station_key: int) -> None:
    """The station has prices of its own, whatever other tests do."""
    name = f"of-{station_key}"
    await site.ask("POST", "/tariffs", {"name": name, **_PRICES})
    await site.ask("POST", "/tariff-assignments", {"tariff": name, "station": station_key, "priority": 900})


async def charging(street: Street, identity: str, version: Version) -> tuple[Post, dict[str, Any]]:
    """A station that charges, with prices, and the transaction as the API has it."""
    post = await street.station(identity, version)
    await priced(street.site, post.key)
    card = await street.token(f"CARD-{identity}")
    post.plug()
    post.present(card)
    await post.until("Charging")
    (transaction,) = (await street.site.get("/transactions", station=post.key))["items"]
    return post, transaction


async def told(line: WireClient, kind: str, seq_no: int, at: datetime, wh: float, **more: Any) -> Any:
    """An event of a transaction "<identity>" of a bare line of 2.0.1."""
    contexts = {"Started": "Transaction.Begin", "Ended": "Transaction.End"}
    sample = {"value": wh, "context": contexts.get(kind, "Sample.Periodic"), "unitOfMeasure": {"unit": "Wh"}}
    info = {"transactionId": more.pop("wire_id"), "chargingState": "Charging"}
    event = {
        "eventType": kind,
        "timestamp": at.isoformat().replace("+00:00", "Z"),
        "triggerReason": "MeterValuePeriodic",
        "seqNo": seq_no,
        "transactionInfo": info | ({"stoppedReason": "Local"} if kind == "Ended" else {}),
        "evse": {"id": 1, "connectorId": 1},
        "meterValue": [{"timestamp": at.isoformat(), "sampledValue": [sample]}],
        **more,
    }
    return await line.call("TransactionEvent", event)


async def held(street: Street, identity: str, token: str = "NOBODYS") -> dict[str, Any]:
    """An odd transaction: nobody was authorized, an event is missing, one was told late. Its bill is held."""
    line = await street.line(identity)
    key = await street.key(identity)
    await priced(street.site, key)
    start = datetime.now(UTC) - timedelta(hours=2)
    card = {"idToken": token, "type": "ISO14443"}
    await told(line, "Started", 0, start, 1000, wire_id=identity, idToken=card)
    await told(line, "Updated", 3, start + timedelta(minutes=30), 4000, wire_id=identity, offline=True)
    await told(line, "Ended", 4, start + timedelta(hours=1), 7000, wire_id=identity)
    (transaction,) = (await street.site.get("/transactions", station=key))["items"]
    return transaction


def amounts(cells: list[str]) -> list[Decimal]:
    return [Decimal(cell.split(" ")[0].replace(",", "")) for cell in cells]


async def shown_total(page: Page) -> Decimal:
    return amounts([await page.get_by_test_id("total").inner_text()])[0]


async def shown_lines(page: Page) -> Decimal:
    """The sum of the amounts that stand in the table of lines."""
    rows = page.get_by_label("Lines of the price").locator("tbody tr").filter(has_not_text="in the amounts above")
    return sum(amounts(await rows.locator("td:last-child").all_inner_texts()), Decimal(0))


@pytest.mark.parametrize("version", [Version.V16, Version.V201], ids=str)
async def test_a_running_transaction_is_followed_until_its_bill_is_there(
    version: Version, desk: Desk, street: Street
) -> None:
    post, transaction = await charging(street, f"FOLLOW-{version}", version)
    page = await desk.signed_in("viewer", f"/transactions/{transaction['key']}")
    loads: list[str] = []
    page.on("framenavigated", lambda frame: loads.append(frame.url))
    price = page.locator(".q-card").filter(has=page.get_by_role("heading", name="Price"))
    await expect(price.get_by_text("so far", exact=True)).to_be_visible()
    await expect(page.get_by_test_id("now")).to_have_text(re.compile(r"\d.*W · .*Wh"))
    await expect(page.locator("canvas")).to_be_visible()
    await expect(page.get_by_role("button", name="Stop", exact=True)).to_be_disabled()
    await expect(page.get_by_text("needs the role operator; yours is viewer")).to_be_visible()
    post.unplug()
    await expect(price.get_by_text("issued", exact=True)).to_be_visible()
    await expect(page.get_by_text("ended", exact=True)).to_be_visible()
    bill = await street.site.get(f"/transactions/{transaction['key']}/bill")
    assert await shown_total(page) == await shown_lines(page) == Decimal(bill["content"]["total"]) > 0
    await page.get_by_text("Explained line by line").click()
    await expect(price.get_by_text("Total: ")).to_contain_text(f"= {bill['content']['total']} EUR")
    await expect(page.get_by_label("Events of the transaction").get_by_text("Ended: ")).to_be_visible()
    assert loads == []
    await page.get_by_role("link", name="Look at its token").click()
    await expect(page.get_by_role("link", name=f"CARD-FOLLOW-{version}")).to_be_visible()


async def test_a_transaction_is_limited_and_stopped_by_click(desk: Desk, street: Street) -> None:
    post, transaction = await charging(street, "STOP-1", Version.V201)
    page = await desk.signed_in("operator", f"/transactions/{transaction['key']}")
    await page.get_by_role("button", name="Limit").click()
    await page.get_by_label("Energy (kWh)").fill("40")
    await page.get_by_role("button", name="Set the limit").click()
    await expect(page.get_by_text("40.00 kWh: this system stops it")).to_be_visible()
    await page.get_by_role("button", name="Stop", exact=True).click()
    await page.get_by_role("button", name="Stop it").click()
    await expect(page.get_by_test_id("outcome")).to_contain_text("done")
    assert post.transaction() is None
    await expect(page.get_by_role("button", name="Stop", exact=True)).to_be_hidden()


async def test_a_held_bill_is_found_released_and_corrected(desk: Desk, street: Street) -> None:
    transaction = await held(street, "HELD-1")
    page = await desk.signed_in("operator", "/transactions/bills")
    row = page.get_by_label("Held bills", exact=True).get_by_role("row").filter(has_text="HELD-1")
    await expect(row).to_contain_text("unauthorized")
    await page.get_by_label("With the oddity").fill("nobody was")
    await page.get_by_role("option", name="nobody was authorized").click()
    as_csv = page.get_by_role("link", name="Download CSV")
    await expect(as_csv).to_have_attribute("href", "/api/v1/bills?flag=unauthorized&format=csv")
    await expect(page.get_by_label("Bills", exact=True).locator("tbody tr").first).to_contain_text("unauthorized")
    await row.get_by_role("link").first.click()
    await page.wait_for_url(f"**/transactions/{transaction['key']}")
    await alive(page)
    await expect(page.get_by_text("Odd: nobody was authorized.")).to_be_visible()
    await page.get_by_role("button", name="Release").click()
    await page.get_by_role("dialog").get_by_role("button", name="Release").click()
    await expect(page.get_by_text("issued", exact=True).first).to_be_visible()
    before = await shown_total(page)
    await page.get_by_role("button", name="Correct", exact=True).click()
    form = page.get_by_role("dialog")
    await form.get_by_role("button", name="Make a new version").click()
    await expect(form.get_by_role("alert").or_(form.get_by_text("Expected").first).first).to_be_visible()
    await form.get_by_label("Amount, such as").fill("-2.50")
    await form.get_by_label("What for").fill("the cable was broken")
    await form.get_by_label("Reason").fill("the driver called")
    await form.get_by_role("button", name="Make a new version").dblclick()
    await expect(page.get_by_label("Lines of the price")).to_contain_text("the cable was broken")
    after = await shown_total(page)
    assert after < before
    assert after == await shown_lines(page)
    await page.get_by_text("Versions and corrections").click()
    await expect(page.get_by_label("Versions of the bill").locator("tbody tr")).to_have_count(3)
    await expect(page.get_by_label("Corrections of the bill")).to_contain_text("the driver called")


async def test_correcting_the_end_leaves_the_start_to_the_microsecond(desk: Desk, street: Street) -> None:
    transaction = await held(street, "TIMES-1")
    page = await desk.signed_in("operator", f"/transactions/{transaction['key']}")
    await page.get_by_role("button", name="Correct", exact=True).click()
    form = page.get_by_role("dialog")
    await form.get_by_label("What is wrong").click()
    await page.get_by_role("option", name="Its start or end").click()
    ended = form.get_by_label("Ended")
    shown = datetime.fromisoformat(await ended.input_value())
    earlier = shown.replace(second=7) - timedelta(minutes=5)
    await ended.fill(earlier.isoformat())
    await form.get_by_label("Reason").fill("it had gone")
    await form.get_by_role("button", name="Make a new version").click()
    await expect(form).to_be_hidden()
    (correction,) = (await street.site.get(f"/transactions/{transaction['key']}/corrections"))["items"]
    assert correction["change"].get("started_at") is None
    assert datetime.fromisoformat(correction["change"]["ended_at"]).second == 7
    bill = await street.site.get(f"/transactions/{transaction['key']}/bill")
    before = datetime.fromisoformat(transaction["started_at"])
    assert datetime.fromisoformat(bill["content"]["started_at"]) == before


@pytest.mark.nightly
async def test_gaps_and_what_came_offline_are_marked_and_raw_messages_are_behind_it(desk: Desk, street: Street) -> None:
    transaction = await held(street, "GAPS-1")
    page = await desk.signed_in("operator", f"/transactions/{transaction['key']}")
    events = page.get_by_label("Events of the transaction")
    await expect(events).to_contain_text("told offline")
    await expect(events).to_contain_text("2 messages missing before")
    await events.get_by_role("row").filter(has_text="told offline").get_by_role("button").click()
    await expect(page.get_by_role("dialog")).to_contain_text('"seq_no": 3')
    await page.get_by_role("button", name="Close").click()
    await page.get_by_role("button", name="Show the messages").click()
    messages = page.get_by_label("Messages that name the transaction")
    await expect(messages).to_contain_text("TransactionEvent")
    await messages.get_by_role("row").nth(1).get_by_role("button").click()
    await expect(page.get_by_role("dialog")).to_contain_text("GAPS-1")
    await page.get_by_role("button", name="Close").click()
    await page.get_by_role("button", name="Look for signed data").click()
    await expect(page.get_by_text("The meter has signed nothing")).to_be_visible()
    await page.get_by_role("link", name="Open them in the message log").click()
    await page.wait_for_url("**/messages/history?*")
    await expect(page.get_by_role("row").filter(has_text="TransactionEvent").first).to_be_visible()
    await expect(page.get_by_role("row").filter(has_text="BootNotification")).to_have_count(0)


@pytest.mark.nightly
async def test_a_transaction_whose_end_never_comes_is_closed_by_hand(desk: Desk, street: Street) -> None:
    line = await street.line("CLOSE-1")
    key = await street.key("CLOSE-1")
    await told(line, "Started", 0, datetime.now(UTC), 1000, wire_id="CLOSE-1")
    (transaction,) = (await street.site.get("/transactions", station=key))["items"]
    page = await desk.signed_in("operator", f"/transactions/{transaction['key']}")
    await page.get_by_role("button", name="Close by hand").click()
    await page.get_by_label("Why").fill("the station burned down")
    await page.get_by_role("button", name="Close it").click()
    await expect(page.get_by_text("closed without an end")).to_be_visible()
    await expect(page.get_by_text("the station burned down")).to_be_visible()


async def test_the_list_is_searched_filtered_and_taken_along_as_csv(desk: Desk, street: Street) -> None:
    for identity in ("CSV-ONE", "CSV-TWO"):
        await held(street, identity, token=f"OF-{identity}")
    page = await desk.signed_in("viewer", "/transactions")
    rows = page.get_by_label("Transactions", exact=True).locator("tbody tr")
    search = page.get_by_label("Search", exact=True)
    await search.fill("CSV-")
    await expect(rows).to_have_count(2)
    await page.get_by_label("Search in").click()
    await page.get_by_role("option", name="Token").click()
    await search.fill("OF-CSV-TWO")
    await expect(rows).to_have_count(1)
    await expect(rows).to_contain_text("CSV-TWO")
    async with page.expect_download() as download:
        await page.get_by_role("link", name="Download CSV").click()
    content = Path(await (await download.value).path()).read_text()
    assert [row["station_identity"] for row in csv.DictReader(content.splitlines())] == ["CSV-TWO"]
    await page.reload()
    await alive(page)
    await expect(rows).to_have_count(1)
    await page.get_by_label("From").fill("2040-01-01T00:00")
    await expect(page.get_by_text("No transaction matches.")).to_be_visible()


@pytest.mark.nightly
async def test_a_running_transaction_comes_into_the_list_with_its_power_and_cost(desk: Desk, street: Street) -> None:
    page = await desk.signed_in("viewer", "/transactions?text=LIST-1")
    await expect(page.get_by_text("No transaction matches.")).to_be_visible()
    await charging(street, "LIST-1", Version.V201)
    row = page.get_by_label("Transactions", exact=True).locator("tbody tr")
    await expect(row).to_contain_text(re.compile("charging.*EUR so far"), timeout=15_000)


async def test_what_a_station_tells_is_never_run(desk: Desk, street: Street) -> None:
    transaction = await held(street, "NASTY-TX", token=_NASTY)
    page = await desk.signed_in("administrator", "/transactions?text=NASTY-TX")
    await expect(page.get_by_role("cell", name=_NASTY)).to_be_visible()
    await desk.go(page, f"/transactions/{transaction['key']}")
    await expect(page.get_by_text(f"{_NASTY} (ISO14443)")).to_be_visible()
    await page.get_by_label("Events of the transaction").get_by_role("button").first.click()
    await expect(page.get_by_role("dialog")).to_contain_text(json.dumps(_NASTY))
    assert await page.evaluate("typeof hacked") == "undefined"


@pytest.mark.nightly
async def test_no_grave_fault_and_it_fits_a_phone(desk: Desk, street: Street) -> None:
    transaction = await held(street, "AXE-TX")
    page = await desk.signed_in("administrator", f"/transactions/{transaction['key']}")
    await expect(page.get_by_text("Odd: nobody was authorized.")).to_be_visible()
    assert await grave_faults(page) == []
    await page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    await page.wait_for_function(f"document.documentElement.scrollWidth <= {PHONE[0]}")
    await desk.go(page, "/transactions/bills")
    await expect(page.get_by_label("Held bills", exact=True).get_by_text("AXE-TX")).to_be_visible()
    assert await grave_faults(page) == []
    await page.wait_for_function(f"document.documentElement.scrollWidth <= {PHONE[0]}")
