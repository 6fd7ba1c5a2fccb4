"""A station on its way from 1.5 in SOAP to 1.6 in JSON to 2.0.1, by firmware updates, and back: what it keeps.

The page for operators is ``docs/howto/upgrade-stations.md``; what can go wrong beside the usual way is in
``test_change_of_version.py``.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from rest_desk import ROOT, RestDesk, open_desk
from station_ways import called_at, way_to

from stationmaster.csms.settings import CsmsSettings, TenantPolicy
from stationmaster.domain.identity import IdToken
from stationmaster.ocpp.version import Version
from stationmaster.simulator.catalogue import ev_model, station_model
from stationmaster.simulator.ev import EV
from stationmaster.simulator.firmware_bank import FirmwareBank
from stationmaster.simulator.hardware import SimulatedHardware
from stationmaster.station.app import Place, Station
from stationmaster.station.settings import defaults, with_fields
from stationmaster.storage.station_memory import RamMemory
from stationmaster.testing.firmware import image_of

CARD = "04AABBCC"
PASSWORD = "0123456789abcdef0123"
WITH_LISTS = CsmsSettings(default_policy=TenantPolicy(local_lists="on"), local_list_delay_s=0.1)
FIRMWARE = {Version.V15: "1.0.0", Version.V16: "2.0.0", Version.V201: "3.0.0"}
PRICES = {"currency": "EUR", "energy": {"prices": [{"amount": 0.5}]}, "fixed": {"prices": [{"amount": 0.35}]}}


class Post:
    """A station in the street: its hardware and its memory stay where they are, whatever software runs on them."""

    def __init__(self, desk: RestDesk, model: str = "Street post 2x22") -> None:
        self.desk = desk
        self.memory = RamMemory()
        self.bank = FirmwareBank()
        self.hardware = SimulatedHardware(station_model(model), desk.bench.clock, reboot_s=5, firmware=self.bank)

    @asynccontextmanager
    async def runs(self, version: Version, **settings: Any) -> AsyncIterator[Station]:
        """With the software that speaks this version, until it is switched off."""
        bench = self.desk.bench
        dial = way_to(bench, "CS-1", version, PASSWORD)
        place = Place(hardware=self.hardware, memory=self.memory, clock=bench.clock, dial=dial, files=bench.files)
        own = with_fields(defaults(version.family), {"firmware_signed_only": False, **settings})
        station = Station("CS-1", version, place, settings=own, seed=1)
        running = asyncio.create_task(station.run())
        runs = self.bank.runs

        def changed() -> None:
            if self.bank.runs != runs:  # other software is to start now
                running.cancel()

        self.bank.changed = changed
        try:
            await bench.clock.sleep(5)
            yield station
        finally:
            await station.cut_power()
            await asyncio.wait((running,))
            await bench.clock.sleep(5)

    async def charges(self, seconds: float, evse: int = 1) -> None:
        """A car comes, charges, and leaves."""
        await self.begins(evse)
        await self.desk.bench.clock.sleep(seconds)
        self.hardware.present(IdToken(CARD, "ISO14443"), evse)
        await self.desk.bench.clock.sleep(5)
        self.hardware.unplug(evse)
        await self.desk.bench.clock.sleep(5)

    async def begins(self, evse: int = 1) -> None:
        self.hardware.plug(evse, EV(ev_model("Compact 58"), 0.3))
        self.hardware.present(IdToken(CARD, "ISO14443"), evse)
        await self.desk.bench.clock.sleep(5)


@pytest.fixture
async def desk() -> AsyncIterator[RestDesk]:
    async with open_desk(WITH_LISTS) as made:
        await made.send("POST", "/tokens", {"value": CARD})
        await made.send("POST", "/tariffs", {"name": "street", **PRICES})
        await made.send("POST", "/tariff-assignments", {"tariff": "street"})
        yield made


async def admitted(desk: RestDesk) -> int:
    """The station's key: what an operator has set up for it."""
    made = await desk.send("POST", "/stations", {"identity": "CS-1", "password": PASSWORD, "name": "Quay 1"})
    key: int = made["station"]["key"]
    await desk.send("PUT", "/sites/Harbour", {"zone": "Europe/Berlin"}, status=200)
    await desk.send("PUT", f"/stations/{key}/places/0", {"site": "Harbour", "evse_kind": "AC"}, status=200)
    gateway = f"http://{called_at('CS-1')}/by/gateway/CS-1"
    await desk.send("PATCH", f"/stations/{key}", {"callback_override": gateway}, status=200)
    return key


async def is_updated(desk: RestDesk, key: int, version: str) -> int:
    """An image is told to the station, which fetches and installs it. Its update's key, once the station is off."""
    image = (await desk.send("POST", "/firmware-images", {"name": f"to {version}", "version": version}))["key"]
    content = image_of(version, install_s=5)
    assert (await desk.http.put(f"{ROOT}/firmware-images/{image}/content", content=content)).status_code == 200
    asked = {"image": image, "allow_unsigned": True}
    update: int = (await desk.send("POST", f"/stations/{key}/firmware-updates", asked))["key"]
    await desk.bench.clock.sleep(60)
    return update


async def of_update(desk: RestDesk, key: int, update: int) -> tuple[str, str, bool]:
    found = (await desk.get(f"/stations/{key}/firmware-updates/{update}"))["update"]
    return found["state"], found["version"], found["confirmed_at"] is not None


async def stands(desk: RestDesk, key: int, version: Version) -> None:
    """What must be true of the station, whichever version it has come to."""
    (station,) = (await desk.get("/stations"))["items"]
    assert (station["key"], station["version"], station["connected"]) == (key, str(version), True)
    assert (station["name"], station["site"], station["state"]) == ("Quay 1", "Harbour", "available")
    assert station["info"]["firmware_version"] == FIRMWARE[version]
    assert (station["callback"] is not None) == version.is_soap
    connectors = await desk.get(f"/stations/{key}/connectors")
    assert [(each["evse_id"], each["connector_id"], each["status"]) for each in connectors] == [
        (1, 1, "Available"),
        (2, 1, "Available"),
    ]
    local_list = await desk.until(f"/stations/{key}/local-list", lambda seen: seen["state"] == "in_sync")
    assert local_list["entries"] == 1
    told = await desk.command(key, "GetLocalListVersion")
    assert told["answer"]["version"] == local_list["version"]
    assert (await desk.get(f"/stations/{key}/oddities"))["items"] == []


async def is_billed(desk: RestDesk, key: int, transactions: int) -> None:
    """As many as there were, each with a right bill by the one tariff; their ids are all different."""
    found = (await desk.get("/transactions", station=key))["items"]
    assert len({each["transaction_id"] for each in found}) == len(found) == transactions
    for each in found:
        assert (each["token"], each["authorization"], each["anomalies"]) == (CARD, "Accepted", [])
        bill = await desk.get(f"/transactions/{each['key']}/bill")
        right = round(each["energy_wh"] / 1000 * 0.5, 2) + 0.35
        assert bill["state"] == "issued"
        assert float(bill["content"]["net"]) == pytest.approx(right, abs=0.006)
        assert (await desk.get(f"/bills/{bill['key']}/explanation"))["tariff"] == "street, version 1"


async def test_a_station_keeps_all_that_is_ours_from_soap_to_2_0_1_and_back(desk: RestDesk) -> None:
    key = await admitted(desk)
    post = Post(desk)
    updates: list[dict[str, Any]] = []
    path = [Version.V15, Version.V16, Version.V201]
    for number, (version, following) in enumerate(zip(path, [*path[1:], None], strict=True), 1):
        async with post.runs(version):
            await stands(desk, key, version)
            for update in updates:
                assert await of_update(desk, key, update["key"]) == ("installed", update["version"], True)
            await post.charges(1200, evse=1 + number % 2)
            await is_billed(desk, key, number)
            assert (await desk.command(key, "Reset", reset_type="OnIdle"))["state"] == "accepted"
            await desk.bench.clock.sleep(30)
            await stands(desk, key, version)
            if following is not None:
                wanted = FIRMWARE[following]
                updates.append({"key": await is_updated(desk, key, wanted), "version": wanted})
                assert (await of_update(desk, key, updates[-1]["key"]))[0] in ("under_way", "installed")

    post.bank.runs = FIRMWARE[Version.V16]  # somebody plays the older image back, on site
    async with post.runs(Version.V16):
        await stands(desk, key, Version.V16)
        await post.charges(600)
        await is_billed(desk, key, 4)
        assert [(await of_update(desk, key, each["key"]))[0] for each in updates] == ["installed", "installed"]

    token = (await desk.get("/tokens"))["items"][0]
    assert (token["value"], token["status"]) == (CARD, "Accepted")
    frames = [each["frame"] for each in (await desk.get("/messages", station=key, limit=1000))["items"]]
    assert {frame[0] for frame in frames} == {"<", "["}
    changes = [each.event.data for each in await desk.bench.storage.outbox.after(0, 5000)]
    assert [(each["before"], each["now"]) for each in changes if set(each) == {"before", "now"}] == [
        ("1.5", "1.6"),
        ("1.6", "2.0.1"),
        ("2.0.1", "1.6"),
    ]


@pytest.mark.parametrize(
    ("before", "after", "reason"),
    [
        (Version.V15, Version.V16, "PowerLoss"),
        (Version.V15, Version.V201, "PowerLoss"),
        (Version.V201, Version.V15, "Other"),  # 1.5 tells no reasons
    ],
)
async def test_a_transaction_that_was_under_way_is_ended_by_the_new_software(
    desk: RestDesk, before: Version, after: Version, reason: str
) -> None:
    key = await admitted(desk)
    post = Post(desk)
    async with post.runs(before):
        await post.begins()
        await desk.bench.clock.sleep(1200)
        (running,) = (await desk.get("/transactions", station=key, open="true"))["items"]
    async with post.runs(after):
        await desk.bench.clock.sleep(30)
        (ended,) = (await desk.get("/transactions", station=key))["items"]
        assert (ended["key"], ended["open"], ended["stopped_reason"]) == (running["key"], False, reason)
        assert ended["energy_wh"] >= running["energy_wh"] > 1000
        bill = await desk.get(f"/transactions/{ended['key']}/bill")
        assert bill["state"] == "issued"
        post.hardware.unplug(1)
        await post.charges(600)
        assert [each["open"] for each in (await desk.get("/transactions", station=key))["items"]] == [False, False]


@pytest.mark.parametrize(("before", "after"), [(Version.V15, Version.V201), (Version.V201, Version.V16)])
async def test_a_reservation_stands_and_is_used_in_the_version_that_follows(
    desk: RestDesk, before: Version, after: Version
) -> None:
    key = await admitted(desk)
    post = Post(desk)
    async with post.runs(before):
        wish = {"id_token": {"value": CARD}, "minutes": 60, "evse_id": 2}
        made = await desk.send("POST", f"/stations/{key}/reservations", wish, wait=10)
        assert made["state"] == "active"
    async with post.runs(after):
        assert (await desk.get(f"/reservations/{made['key']}"))["state"] == "active"
        assert [each["status"] for each in await desk.get(f"/stations/{key}/connectors")] == ["Available", "Reserved"]
        await post.charges(600, evse=2)
        used = await desk.get(f"/reservations/{made['key']}")
        (transaction,) = (await desk.get("/transactions", station=key))["items"]
        assert (used["state"], used["transaction"]) == ("used", transaction["key"])


async def test_outlets_of_one_evse_are_connectors_of_it_once_the_station_knows_of_evses(desk: RestDesk) -> None:
    """1.x counts Connectors, and has no word for one EVSE with two of them."""
    key = await admitted(desk)
    post = Post(desk, model="Triple 50")

    async def places() -> list[tuple[int, int]]:
        return [(each["evse_id"], each["connector_id"]) for each in await desk.get(f"/stations/{key}/connectors")]

    async with post.runs(Version.V16):
        assert await places() == [(1, 1), (2, 1), (3, 1)]
        await post.charges(600, evse=2)  # its third outlet
    async with post.runs(Version.V201):
        assert await places() == [(1, 1), (1, 2), (2, 1)]
        await post.charges(600, evse=2)
        newer, older = (await desk.get("/transactions", station=key))["items"]
        assert [(each["evse_id"], each["anomalies"]) for each in (older, newer)] == [(3, []), (2, [])]
    async with post.runs(Version.V16):
        assert await places() == [(1, 1), (2, 1), (3, 1)]


async def test_what_waits_for_the_station_is_said_in_the_words_of_the_version_that_it_comes_back_with(
    desk: RestDesk,
) -> None:
    key = await admitted(desk)
    post = Post(desk)
    async with post.runs(Version.V15):
        desk.bench.http.refuse(called_at("CS-1"))
        waiting = await desk.send("POST", f"/stations/{key}/commands", {"type": "UnlockConnector", "evse_id": 2})
        await desk.bench.clock.sleep(20)
        assert (await desk.get(f"/stations/{key}"))["callback"]["reachable"] == "no"
    async with post.runs(Version.V201):
        done = await desk.get(f"/stations/{key}/commands/{waiting['key']}")
        assert (done["state"], done["status"]) == ("accepted", "Unlocked")
        desk.bench.http.restore(called_at("CS-1"))
        assert (await desk.get(f"/stations/{key}"))["callback"] is None
