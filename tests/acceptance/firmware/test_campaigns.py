"""Campaigns over many simulated stations of every version: waves, pauses, failures, and a report that is true."""

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from firmware_site import SIGNING, FirmwareSite, firmware_site

from stationmaster.domain.transfer import TransferFailed
from stationmaster.ocpp.version import JSON_VERSIONS, VERSIONS, Version
from stationmaster.testing.firmware import image_of

SILENT_S = 800
"""A station that speaks SOAP, and is not heard of for so long, is gone."""


async def drawn(site: FirmwareSite, image: int, **draft: Any) -> str:
    """The path of a new campaign; stations that speak SOAP check no signature."""
    whole = {"name": "C", "image": image, "allow_unsigned": True, **draft}
    campaign = await site.ask("POST", "/firmware-campaigns", 201, json=whole)
    return f"/firmware-campaigns/{campaign['key']}"


async def ended(site: FirmwareSite, path: str, state: str = "finished", within_s: float = 20_000) -> Any:
    """The campaign once it is in a state."""
    until = site.clock.monotonic() + within_s
    while (campaign := await site.ask("GET", path))["state"] != state:
        assert site.clock.monotonic() < until, campaign
        await site.clock.sleep(60)
    return campaign


async def report(site: FirmwareSite, path: str) -> dict[str, Any]:
    """Every station's part, by identity."""
    found: dict[str, Any] = {}
    query: dict[str, Any] = {"limit": 15}
    while True:
        page = await site.ask("GET", f"{path}/stations", params=query)
        found |= {entry["identity"]: entry for entry in page["items"]}
        if page["next_cursor"] is None:
            return found
        query["cursor"] = page["next_cursor"]


async def stations(site: FirmwareSite, count: int, versions: tuple[Version, ...] = VERSIONS) -> None:
    for number in range(count):
        site.build(f"S{number:03}", versions[number % len(versions)])
        await site.run(f"S{number:03}")
    await site.clock.sleep(10)


@pytest.mark.parametrize("count", [25, pytest.param(200, marks=pytest.mark.nightly)])
async def test_stations_of_all_versions_some_failing_some_offline_end_in_a_true_report(
    site: FirmwareSite, count: int
) -> None:
    await stations(site, count)
    offline = {f"S{number:03}" for number in range(0, count, count // 5)}
    failing = {f"S{number:03}" for number in range(7, count, count // 10)} - offline
    lucky = {f"S{number:03}" for number in range(11, count, count // 8)} - failing - offline
    for identity in offline:
        await site.stop(identity)
    await site.clock.sleep(SILENT_S)
    for identity in failing:
        site.files[identity].fails = [TransferFailed("Failed")] * 50
    for identity in lucky:
        site.files[identity].fails = [TransferFailed("Failed")] * 3
    image = await site.posted_image()
    waves = [{"size": 5, "max_failures": 5}, {"percent": 20, "max_failures": 20, "soak_s": 120}, {"max_failures": 20}]
    path = await drawn(site, image, waves=waves, parallel=25, attempts=2, retries=1, retry_interval_s=5)
    assert (await site.ask("GET", path))["progress"]["waiting"] == count
    await site.ask("POST", f"{path}/start")
    campaign = await ended(site, path)
    parts = await report(site, path)
    assert {identity for identity, part in parts.items() if part["state"] == "offline"} == offline
    assert {identity for identity, part in parts.items() if part["state"] == "failed"} == failing
    assert {identity for identity, part in parts.items() if part["attempts"] == 2} == failing | lucky
    done = {identity for identity, part in parts.items() if part["state"] == "done"}
    assert done == set(site.stations) - offline - failing
    assert all(site.version(identity) == "2.0" for identity in done)
    assert all(site.version(identity) == "1.0.0" for identity in offline | failing)
    assert {parts[identity]["status"] for identity in failing} == {"DownloadFailed"}
    assert {parts[identity]["firmware_version"] for identity in done} == {"2.0"}
    assert campaign["progress"]["done"] == len(done)
    assert Counter(part["wave"] for part in parts.values()) == {1: 5, 2: count // 5, 3: count - 5 - count // 5}


async def test_no_more_updates_are_under_way_than_allowed(site: FirmwareSite) -> None:
    await stations(site, 7)
    path = await drawn(site, await site.posted_image(), parallel=3)
    await site.ask("POST", f"{path}/start")
    most = 0
    while (campaign := await site.ask("GET", path))["state"] == "running":
        most = max(most, campaign["progress"]["under_way"])
        await site.clock.sleep(1)
    assert (most, campaign["progress"]["done"]) == (3, 7)


async def test_too_many_failures_pause_it_and_an_operator_may_go_on(site: FirmwareSite) -> None:
    await stations(site, 8)
    for files in site.files.values():
        files.fails = [TransferFailed("Failed")] * 4
    path = await drawn(site, await site.posted_image(), waves=[{"size": 4}, {}], attempts=1, retries=0, parallel=1)
    await site.ask("POST", f"{path}/start")
    campaign = await ended(site, path, "paused")
    assert "1 of 4 stations failed in wave 1" in campaign["detail"]
    assert (campaign["progress"]["failed"], campaign["progress"]["waiting"]) == (1, 7)
    first, second = (await site.ask("GET", f"{path}/waves"))["items"]
    assert (first["wave"], first["plan"]["size"], first["progress"]["stations"]) == (1, 4, 4)
    assert (first["progress"]["failed"], first["progress"]["waiting"]) == (1, 3)
    assert (second["wave"], second["plan"]["size"], second["progress"]["waiting"]) == (2, None, 4)
    assert len((await site.ask("GET", f"{path}/stations", params={"wave": 1}))["items"]) == 4
    for state, count in (("paused", 1), ("running", 0)):
        assert len((await site.ask("GET", "/firmware-campaigns", params={"state": state}))["items"]) == count
    for files in site.files.values():
        files.fails = []
    await site.ask("POST", f"{path}/resume")
    campaign = await ended(site, path)
    assert (campaign["progress"]["failed"], campaign["progress"]["done"]) == (1, 7)
    await site.ask("POST", f"{path}/retry")
    campaign = await ended(site, path)
    assert (campaign["progress"]["failed"], campaign["progress"]["done"]) == (0, 8)
    *_, last = (await site.ask("GET", f"{path}/waves"))["items"]
    assert (last["wave"], last["progress"]["done"]) == (3, 1)


async def test_a_station_that_does_not_trust_the_image_stops_it_at_once(site: FirmwareSite) -> None:
    await stations(site, 6, JSON_VERSIONS)  # the others look at no signature
    image = await site.posted_image()
    content = image_of("other")
    wrong = {"signature": SIGNING.sign(content), "signing_certificate": SIGNING.certificate}
    await site.ask("PUT", f"/firmware-images/{image}/signature", json=wrong)
    path = await drawn(site, image, waves=[{"max_failures": 100}], parallel=1, attempts=3)
    await site.ask("POST", f"{path}/start")
    campaign = await ended(site, path, "paused")
    assert "does not trust" in campaign["detail"]
    assert campaign["progress"]["failed"] == 1
    assert set(map(site.version, site.stations)) == {"1.0.0"}


async def test_what_was_sent_before_an_abort_is_followed_to_its_end(site: FirmwareSite) -> None:
    await stations(site, 6)
    path = await drawn(site, await site.posted_image(), parallel=2)
    await site.ask("POST", f"{path}/start")
    await site.clock.sleep(2)
    campaign = await site.ask("POST", f"{path}/abort")
    assert (campaign["state"], campaign["progress"]["withdrawn"]) == ("aborted", 4)
    await site.clock.sleep(600)
    campaign = await site.ask("GET", path)
    assert (campaign["progress"]["done"], campaign["progress"]["withdrawn"]) == (2, 4)
    assert sorted(map(str, map(site.version, site.stations))) == ["1.0.0"] * 4 + ["2.0"] * 2


async def test_a_pause_lets_what_is_under_way_end_and_begins_nothing(site: FirmwareSite) -> None:
    await stations(site, 6)
    path = await drawn(site, await site.posted_image(), parallel=2)
    await site.ask("POST", f"{path}/start")
    await site.clock.sleep(2)
    await site.ask("POST", f"{path}/pause")
    await site.clock.sleep(600)
    campaign = await site.ask("GET", path)
    assert (campaign["state"], campaign["progress"]["done"], campaign["progress"]["waiting"]) == ("paused", 2, 4)
    await site.ask("POST", f"{path}/pause", 409)
    await site.ask("POST", f"{path}/resume")
    assert (await ended(site, path))["progress"]["done"] == 6


async def test_a_station_that_comes_back_in_time_has_its_part(site: FirmwareSite) -> None:
    await stations(site, 2)
    await site.stop("S001")
    await site.clock.sleep(SILENT_S)
    path = await drawn(site, await site.posted_image())
    await site.ask("POST", f"{path}/start")
    await site.clock.sleep(600)
    waits = await site.ask("GET", path)
    assert (waits["progress"]["waiting"], waits["progress"]["not_connected"]) == (1, 1)
    assert waits["detail"].startswith("wave 1 waits for 1 station that is not connected, until ")
    assert (await site.ask("GET", "/firmware-campaigns"))["items"] == [waits]
    await site.run("S001")
    assert (await ended(site, path))["progress"]["done"] == 2


async def test_stations_that_have_it_or_are_busy_are_skipped_with_the_reason(site: FirmwareSite) -> None:
    await stations(site, 4)
    first = await site.posted_image()
    path = await drawn(site, first, target={"stations": [site.key("S000")]})
    await site.ask("POST", f"{path}/start")
    await ended(site, path)
    await site.stop("S001")
    busy = await drawn(site, first, target={"stations": [site.key("S001")]})
    await site.ask("POST", f"{busy}/start")
    foreign = await site.posted_image("2.0", vendor="Others")
    await site.ask("POST", "/firmware-campaigns", 422, json={"name": "C", "image": foreign})
    path = await drawn(site, first)
    await site.ask("POST", f"{path}/start")
    await ended(site, path)
    parts = await report(site, path)
    assert {identity: part["state"] for identity, part in parts.items()} == {
        "S000": "skipped",
        "S001": "skipped",
        "S002": "done",
        "S003": "done",
    }
    assert "already" in parts["S000"]["detail"]
    assert "another campaign" in parts["S001"]["detail"]


async def test_wrong_drafts_are_told_where_they_are_wrong(site: FirmwareSite) -> None:
    await stations(site, 1)
    image = await site.posted_image()

    async def places(**draft: Any) -> list[str]:
        problem = await site.ask("POST", "/firmware-campaigns", 422, json={"name": "C", "image": image, **draft})
        return [error["path"] for error in problem["errors"]]

    assert await places(target={"stations": [999_999]}) == ["body.target"]
    assert await places(target={"vendor": "Nobody"}) == ["body.target"]
    assert await places(waves=[{}, {}]) == ["body.waves[0]"]
    assert await places(waves=[]) == ["body.waves"]
    assert await places(parallel=0) == ["body.parallel"]
    path = await drawn(site, image)
    await site.ask("POST", f"{path}/resume", 409)
    await site.ask("DELETE", path, 204)
    await site.ask("GET", path, 404)


@pytest.mark.parametrize("down_after_s", [(1.0, 12.0), (4.0, 40.0)])
async def test_a_campaign_survives_every_end_of_its_csms_and_repeats_nothing(
    tmp_path: Path, down_after_s: tuple[float, ...]
) -> None:
    path = str(tmp_path / "csms.db")
    async with firmware_site(path=path) as site:
        await stations(site, 7)
        campaign = await drawn(site, await site.posted_image(), parallel=3)
        await site.ask("POST", f"{campaign}/start")
        for running_s in down_after_s:
            await site.clock.sleep(running_s)
            await site.crash()
            await site.clock.sleep(60)
            await site.open()
        progress = (await ended(site, campaign, within_s=200_000))["progress"]
        assert progress["done"] == 7
        assert all(part["attempts"] == 1 for part in (await report(site, campaign)).values())
        asked = await site.ask("GET", "/firmware-updates", params={"limit": 100})
        assert len(asked["items"]) == 7


async def test_a_campaign_of_one_version_leaves_the_others_alone(site: FirmwareSite) -> None:
    await site.add("A", Version.V16)
    await site.add("B", Version.V201)
    path = await drawn(site, await site.posted_image(), target={"stations": [site.key("B")]})
    await site.ask("POST", f"{path}/start")
    await ended(site, path)
    assert (site.version("A"), site.version("B")) == ("1.0.0", "2.0")


async def test_stations_that_need_no_reboot_are_done_within_the_hour(site: FirmwareSite) -> None:
    await site.add("A", Version.V201, bank={"activates_at_once": True})
    path = await drawn(site, await site.posted_image())
    await site.ask("POST", f"{path}/start")
    campaign = await ended(site, path, within_s=3600)
    assert campaign["progress"]["done"] == 1
    assert "BootNotification" in (await report(site, path))["A"]["detail"]
