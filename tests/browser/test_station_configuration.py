"""What stations are set to: seen, read anew and set on the pages, and the station has it; what it refuses is said."""

from typing import Any

import pytest
from playwright.async_api import Locator, Page, expect
from posts import Street
from watched_pages import Desk

from stationmaster.ocpp.version import Version
from stationmaster.testing.wire import WireClient

MARKUP = "<img src=x onerror=document.title='taken'>"


def variable(name: str, value: str, *, read_only: bool = False, **told: Any) -> dict[str, Any]:
    """As a station reports it."""
    return {
        "component": {"name": "TestCtrlr"},
        "variable": {"name": name},
        "variableAttribute": [{"value": value, "mutability": "ReadOnly" if read_only else "ReadWrite"}],
        "variableCharacteristics": {"dataType": "string", "supportsMonitoring": False, **told},
    }


async def reporting(street: Street, identity: str, *variables: dict[str, Any]) -> tuple[WireClient, int]:
    """A bare line whose full inventory is known to the CSMS."""
    line = await street.line(identity)
    key = await street.key(identity)
    line.on("GetBaseReport", {"status": "Accepted"})
    command = {"type": "GetBaseReport", "report_base": "FullInventory"}
    await street.site.ask("POST", f"/stations/{key}/commands", command)
    asked = await line.expect("GetBaseReport")
    part = {
        "requestId": asked["requestId"],
        "seqNo": 0,
        "generatedAt": "2026-01-01T00:00:00Z",
        "reportData": list(variables),
    }
    await line.call("NotifyReport", part)
    return line, key


def answering(line: WireClient, status: str, **info: Any) -> None:
    def answer(request: dict[str, Any]) -> dict[str, Any]:
        told = {"attributeStatusInfo": info} if info else {}
        results = [
            {"attributeStatus": status, "component": one["component"], "variable": one["variable"], **told}
            for one in request["setVariableData"]
        ]
        return {"setVariableResult": results}

    line.on("SetVariables", answer)


async def opened(desk: Desk, key: int, role: str = "operator", **how: Any) -> Page:
    return await desk.signed_in(role, f"/stations/{key}?tab=configuration", **how)


def row(page: Page, name: str) -> Locator:
    return page.get_by_role("row").filter(has=page.get_by_role("button", name=name, exact=True))


def outcome(page: Page, title: str) -> Locator:
    return page.get_by_test_id("outcome").filter(has_text=title)


@pytest.mark.parametrize("version", [Version.V16, Version.V201])
async def test_a_value_is_set_on_the_page_and_the_station_has_it(version: Version, desk: Desk, street: Street) -> None:
    post = await street.station(f"CONFIGURED-{version}", version)
    page = await opened(desk, post.key)
    await page.get_by_role("button", name="Read all anew").click()
    await expect(outcome(page, "Read all values")).to_contain_text("done")
    await expect(page.get_by_text("Last report of the station: complete")).to_be_visible()
    await page.get_by_label("Search by name").fill("HeartbeatInterval")
    await row(page, "HeartbeatInterval").get_by_role("button").click()
    dialog = page.get_by_role("dialog")
    await expect(dialog).to_contain_text("integer, s")
    await dialog.get_by_label("Value").fill("77")
    await dialog.get_by_role("button", name="Set").click()
    await expect(outcome(page, "HeartbeatInterval")).to_contain_text("accepted")
    await expect(page.get_by_test_id("answers")).to_contain_text("Accepted")
    await expect(row(page, "HeartbeatInterval")).to_contain_text("77 s")
    assert post.station.variable("OCPPCommCtrlr.HeartbeatInterval") == "77"


async def test_a_refused_value_is_said_with_the_stations_reason_and_stays_as_it_was(desk: Desk, street: Street) -> None:
    line, key = await reporting(street, "REFUSES-VALUES", variable("Interval", "10", dataType="integer", unit="s"))
    answering(line, "Rejected", reasonCode="ValueOutOfRange", additionalInfo="not below 20")
    page = await opened(desk, key)
    await row(page, "Interval").get_by_role("button").click()
    await page.get_by_role("dialog").get_by_label("Value").fill("5")
    await page.get_by_role("dialog").get_by_role("button", name="Set").click()
    answers = page.get_by_test_id("answers")
    await expect(answers).to_contain_text("Rejected")
    await expect(answers).to_contain_text("ValueOutOfRange")
    await expect(answers).to_contain_text("not below 20")
    await expect(outcome(page, "Set TestCtrlr.Interval")).to_contain_text("refused")
    await expect(row(page, "Interval")).to_contain_text("10 s")


async def test_several_are_set_at_once_each_with_its_own_answer(desk: Desk, street: Street) -> None:
    line, key = await reporting(
        street,
        "SEVERAL-VALUES",
        variable("Mode", "slow", dataType="OptionList", valuesList="slow,fast"),
        variable("Name", "old", maxLimit=20),
        variable("Serial", "7", read_only=True),
    )
    answering(line, "RebootRequired")
    page = await opened(desk, key)
    await expect(row(page, "Mode")).to_be_visible()  # of a table without rows nothing is ticked
    await page.get_by_role("checkbox", name="Select all that are shown").click()
    await page.get_by_role("button", name="Change ticked").click()
    dialog = page.get_by_role("dialog")
    await expect(dialog.get_by_label("TestCtrlr.Serial")).to_have_count(0)
    await expect(dialog).to_contain_text("at most 20 characters")
    await dialog.get_by_role("combobox", name="TestCtrlr.Mode").click()
    await page.get_by_role("option", name="fast").click()
    await dialog.get_by_label("TestCtrlr.Name").fill("new")
    await dialog.get_by_role("button", name="Set").click()
    asked = await line.expect("SetVariables")
    assert [(one["variable"]["name"], one["attributeValue"]) for one in asked["setVariableData"]] == [
        ("Mode", "fast"),
        ("Name", "new"),
    ]
    await expect(page.get_by_test_id("answers").get_by_text("Accepted, counts after a restart")).to_have_count(2)


@pytest.mark.nightly
async def test_what_cannot_be_set_says_so(desk: Desk, street: Street) -> None:
    _, key = await reporting(street, "READS-ONLY", variable("Serial", "7", read_only=True))
    page = await opened(desk, key)
    await row(page, "Serial").get_by_role("button").click()
    dialog = page.get_by_role("dialog")
    await expect(dialog).to_contain_text("nobody can set this: it is read only")
    await expect(dialog.get_by_role("button", name="Set")).to_be_disabled()


@pytest.mark.nightly
async def test_a_value_that_was_not_changed_is_not_sent(desk: Desk, street: Street) -> None:
    line, key = await reporting(street, "UNCHANGED", variable("Name", "old"))
    answering(line, "Accepted")
    page = await opened(desk, key)
    await row(page, "Name").get_by_role("button").click()
    await page.get_by_role("dialog").get_by_role("button", name="Set").click()
    await expect(page.get_by_role("dialog")).to_have_count(0)
    assert not any(frame[2] == "SetVariables" for frame in line.frames if frame[0] == 2)


@pytest.mark.nightly
async def test_one_who_may_only_look_is_told_what_it_would_take(desk: Desk, street: Street) -> None:
    _, key = await reporting(street, "LOOKED-AT", variable("Name", "old"))
    page = await opened(desk, key, role="viewer")
    button = page.get_by_role("button", name="Read all anew")
    await expect(button).to_be_disabled()
    await button.hover(force=True)
    await expect(page.get_by_text("This needs the role operator; yours is viewer.")).to_be_visible()
    await row(page, "Name").get_by_role("button").click()
    await expect(page.get_by_role("dialog").get_by_role("button", name="Set")).to_be_disabled()


async def test_drift_from_a_template_is_seen_and_mended(desk: Desk, street: Street) -> None:
    line, key = await reporting(street, "DRIFTED", variable("Name", "right"))
    answering(line, "Accepted")
    page = await opened(desk, key)
    await page.get_by_role("checkbox", name="Select Name").click()
    await page.get_by_role("button", name="Keep ticked as a template").click()
    await page.get_by_role("dialog").get_by_label("Name").fill("House rules")
    await page.get_by_role("dialog").get_by_role("button", name="Keep").click()
    await expect(row(page, "House rules")).to_contain_text("in line")

    wrong = {"type": "SetVariables", "settings": [{"component": "TestCtrlr", "variable": "Name", "value": "wrong"}]}
    await street.site.ask("POST", f"/stations/{key}/commands", wrong)
    await expect(row(page, "House rules")).to_contain_text("differs")
    await row(page, "House rules").get_by_role("button").click()
    await expect(page.get_by_role("dialog")).to_contain_text("is wrong, should be right")
    await page.get_by_role("dialog").get_by_role("button", name="Apply to this station").click()
    await expect(outcome(page, "Apply House rules")).to_contain_text("accepted")
    await expect(row(page, "House rules")).to_contain_text("in line")


@pytest.mark.nightly
async def test_markup_that_a_station_sends_stays_text(desk: Desk, street: Street) -> None:
    told = variable(MARKUP, MARKUP, dataType="OptionList", valuesList=f"a,{MARKUP}")
    line, key = await reporting(street, "SENDS-MARKUP", told)
    answering(line, "Rejected", reasonCode="Odd", additionalInfo=MARKUP)
    page = await opened(desk, key)
    await row(page, MARKUP).get_by_role("button").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_role("combobox", name="Value").click()
    await page.get_by_role("option", name="a", exact=True).click()
    await dialog.get_by_role("button", name="Set").click()
    await expect(page.get_by_test_id("answers")).to_contain_text(MARKUP)
    assert await page.locator("img[src=x]").count() == 0
    assert "taken" not in await page.title()


@pytest.mark.nightly
async def test_a_station_that_is_away_leaves_the_command_waiting(desk: Desk, street: Street) -> None:
    post = await street.station("AWAY-VALUES")
    await post.switch_off()
    page = await opened(desk, post.key)
    await page.get_by_role("button", name="Read all anew").click()
    await expect(outcome(page, "Read all values")).to_contain_text("waiting for the station")
