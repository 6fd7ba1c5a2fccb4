"""The overview: what is shown of the fleet follows it without reload, and leads to where it comes from."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
import pytest_asyncio
from accessibility import grave_faults, sticking_out
from playwright.async_api import Locator, Page, expect
from posts import Street
from site_process import Site
from watched_pages import PHONE, Desk
from windows import Windows

SOON_MS = 20_000
"""The page looks at the fleet every few seconds, and at once when something happened."""
XSS = "<img src=x onerror=\"document.title='broken'\">"


@dataclass(frozen=True)
class Alone:
    """A CSMS of which these tests know every station, as the figures are of all."""

    desk: Desk
    street: Street


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def quiet_site(browser: Windows, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Site]:
    made = Site(tmp_path_factory.mktemp("overview"))
    try:
        await made.start()
        yield made
    finally:
        await made.close()


@pytest_asyncio.fixture(loop_scope="session")
async def alone(browser: Windows, quiet_site: Site) -> AsyncIterator[Alone]:
    made = Alone(Desk(browser, quiet_site), Street(quiet_site))
    yield made
    await made.street.close()
    await made.desk.close()


def tile(page: Page, title: str) -> Locator:
    return page.get_by_test_id(title)


async def a_place(site: Site, key: int, name: str, latitude: float, longitude: float) -> None:
    """A site on the map, and a station there."""
    about = {"zone": "UTC", "latitude": latitude, "longitude": longitude}
    await site.ask("PUT", f"/sites/{name}", about)
    await site.ask("PUT", f"/stations/{key}/places/0", {"site": name})


async def test_the_tiles_follow_a_car_and_a_fault_without_reload(alone: Alone) -> None:
    page = await alone.desk.signed_in("viewer", "/")
    await expect(tile(page, "Online")).to_have_text("0")
    await expect(page.get_by_text("No station is known yet.").first).to_be_visible()
    await expect(page.get_by_text("No station has a place on the map yet.")).to_be_visible()
    post = await alone.street.station("OV-1")
    await expect(tile(page, "Online")).to_have_text("1", timeout=SOON_MS)
    await alone.street.token("OV-CARD")
    post.plug()
    post.present("OV-CARD")
    await post.until("Charging")
    await expect(tile(page, "Charging")).to_have_text("1", timeout=SOON_MS)
    await expect(tile(page, "Power now")).to_contain_text("kW", timeout=SOON_MS)
    await expect(tile(page, "Energy today")).not_to_have_text("0 Wh", timeout=SOON_MS)
    post.fault(2)
    await expect(tile(page, "Faulted")).to_have_text("1", timeout=SOON_MS)
    await post.switch_off()
    await expect(tile(page, "Offline")).to_have_text("1", timeout=SOON_MS)
    await tile(page, "Offline").click()
    await expect(page).to_have_url(f"{alone.desk.site.url}/stations?state=offline")
    await expect(page.get_by_role("link", name="OV-1")).to_be_visible()


async def test_the_map_can_be_looked_at_from_nearer_and_opens_a_station(alone: Alone) -> None:
    posts = [await alone.street.station(f"OVM-{number}") for number in (1, 2)]
    await alone.desk.site.ask("PATCH", f"/stations/{posts[0].key}", {"name": XSS})
    await a_place(alone.desk.site, posts[0].key, "OV North", 52.5, 13.4)
    await a_place(alone.desk.site, posts[1].key, "OV South", 52.4, 13.4)
    page = await alone.desk.signed_in("viewer", "/")
    chart = page.get_by_role("img", name="Map of stations")
    await expect(chart).to_be_visible(timeout=SOON_MS)
    await expect(page.get_by_text("2 stations are shown")).to_be_visible(timeout=SOON_MS)
    await expect(page.get_by_text("km", exact=False).first).to_be_visible()
    await expect(page.get_by_text(XSS).first).to_be_visible()
    assert await page.title() == "Overview · Stationmaster"
    box = await chart.bounding_box()
    assert box is not None
    before = await page.locator(".sm-map-scale").inner_text()
    await page.get_by_role("button", name="Nearer").click()
    await expect(page.locator(".sm-map-scale")).not_to_have_text(before)
    await page.get_by_role("button", name="All stations").click()
    await expect(page.locator(".sm-map-scale")).to_have_text(before)
    height = box["height"]
    await page.mouse.click(box["x"] + box["width"] / 2, box["y"] + height * (0.5 - 0.5 / 1.2))
    await page.wait_for_url(f"**/stations/{posts[0].key}")


@pytest.mark.nightly
async def test_shares_are_told_by_site_and_by_station(desk: Desk, street: Street, site: Site) -> None:
    post = await street.station("OVS-1")
    await a_place(site, post.key, "OV Shares", 10, 20)
    page = await desk.signed_in("viewer", "/")
    row = page.get_by_role("row", name="OV Shares")
    await expect(row.first).to_contain_text("100.0 %", timeout=SOON_MS)
    await page.get_by_label("Sort by").click()
    await page.get_by_role("option", name="Used, falling").click()
    await expect(page.get_by_role("link", name="OVS-1")).to_be_visible()


@pytest.mark.nightly
async def test_the_overview_with_a_map_has_no_grave_fault(desk: Desk, street: Street, site: Site) -> None:
    post = await street.station("OVA-1")
    await a_place(site, post.key, "OV Axe", 1.5, 2.5)
    page = await desk.signed_in("viewer", "/")
    await expect(page.get_by_role("img", name="Map of stations")).to_be_visible()
    assert await grave_faults(page) == []
    await page.emulate_media(color_scheme="dark")
    await page.wait_for_selector("body.body--dark")
    assert await grave_faults(page) == []
    await page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    assert await sticking_out(page) == []
