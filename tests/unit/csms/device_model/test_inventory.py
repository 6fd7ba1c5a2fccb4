"""Stations that boot are asked for their inventory if they are new or changed, and for monitors that they had."""

import asyncio
from typing import Any

import pytest

from stationmaster.csms.after_boot import AT_ONCE
from stationmaster.csms.settings import CsmsSettings, TenantPolicy
from stationmaster.ocpp.version import Version
from stationmaster.testing import CsmsBench, WireClient, csms_bench

OPEN = TenantPolicy(registration="open")
ASKING = CsmsSettings(default_policy=OPEN, inventory="changed")
MONITORS = CsmsSettings(default_policy=OPEN, monitor_reports="after-boot")
BOTH = CsmsSettings(default_policy=OPEN, inventory="changed", monitor_reports="after-boot")
PENDING = CsmsSettings(default_policy=TenantPolicy(registration="open", first_status="Pending"), inventory="changed")


def boot(firmware: str) -> dict[str, Any]:
    return {
        "reason": "PowerUp",
        "chargingStation": {"vendorName": "Maker", "model": "Model", "firmwareVersion": firmware},
    }


def answered(client: WireClient) -> None:
    client.on("GetBaseReport", {"status": "Accepted"})


async def told(client: WireClient) -> None:
    """The inventory that the CSMS asked for, in one part."""
    asked = await client.expect("GetBaseReport")
    assert asked["reportBase"] == "FullInventory"
    part = {"requestId": asked["requestId"], "seqNo": 0, "generatedAt": "2030-01-01T12:00:00Z"}
    await client.call("NotifyReport", part)


async def asked_in(client: WireClient, seconds: float = 0.2, action: str = "GetBaseReport") -> bool:
    try:
        async with asyncio.timeout(seconds):
            await client.expect(action)
    except TimeoutError:
        return False
    return True


async def test_B07_FR_14_a_new_station_and_one_with_other_firmware_are_asked_and_others_are_not() -> None:
    async with csms_bench(ASKING) as bench:
        client = await bench.dial("CS-1", Version.V201)
        answered(client)
        await client.call("BootNotification", boot("1.0"))
        await told(client)
        await client.call("BootNotification", boot("1.0"))
        assert not await asked_in(client)
        await client.call("BootNotification", boot("2.0"))
        await told(client)


async def test_what_an_inventory_was_made_for_is_known_after_a_reconnection() -> None:
    async with csms_bench(ASKING) as bench:
        first = await bench.dial("CS-1", Version.V201)
        answered(first)
        await first.call("BootNotification", boot("1.0"))
        await told(first)
        second = await bench.dial("CS-1", Version.V201)
        answered(second)
        await second.call("BootNotification", boot("1.0"))
        assert not await asked_in(second)


async def test_a_pending_station_is_left_to_its_operator_and_nobody_is_asked_without_the_setting() -> None:
    for settings in (PENDING, CsmsSettings(default_policy=OPEN)):
        async with csms_bench(settings) as bench:
            client = await bench.dial("CS-1", Version.V201)
            answered(client)
            await client.call("BootNotification", boot("1.0"))
            assert not await asked_in(client)


async def test_only_so_many_inventories_are_under_way_at_once() -> None:
    async with csms_bench(ASKING) as bench:
        clients = [await bench.dial(f"CS-{number}", Version.V201) for number in range(AT_ONCE + 3)]
        for client in clients:
            client.on("GetBaseReport", lambda _: None)
            await client.call("BootNotification", boot("1.0"))
        await asyncio.sleep(0.3)
        asked = [client for client in clients if any(f[0] == 2 and f[2] == "GetBaseReport" for f in client.frames)]
        assert len(asked) == AT_ONCE


# ── N04.FR.19 ───────────────────────────────────────────────────────────────────────────────────────────────────

MONITOR = {"id": 7, "transaction": False, "value": 1, "type": "Delta", "severity": 5}
WATCHED = {"component": {"name": "EVSE", "evse": {"id": 1}}, "variable": {"name": "Power"}}


async def tell_monitors(client: WireClient, request_id: int, *monitors: dict[str, Any]) -> None:
    part = {"requestId": request_id, "seqNo": 0, "generatedAt": "2030-01-01T12:00:00Z"}
    await client.call("NotifyMonitoringReport", part | {"monitor": [WATCHED | {"variableMonitoring": list(monitors)}]})


async def known(bench: CsmsBench) -> list[int]:
    return [monitor.id for monitor in await bench.view("CS-1").monitors()]


@pytest.mark.parametrize("version", [Version.V20, Version.V201])
async def test_N04_FR_19_after_a_boot_the_monitors_are_asked_for_again(version: Version) -> None:
    async with csms_bench(MONITORS) as bench:
        client = await bench.dial("CS-1", version)
        client.on("GetMonitoringReport", {"status": "Accepted"})
        await client.call("BootNotification", boot("1.0"))
        assert not await asked_in(client, action="GetMonitoringReport")  # it has none that are known
        await tell_monitors(client, 99, MONITOR)
        await client.call("BootNotification", boot("1.0"))
        asked = await client.expect("GetMonitoringReport")
        await tell_monitors(client, asked["requestId"], MONITOR | {"id": 8})
        assert await known(bench) == [8]


async def test_N04_FR_19_the_monitors_follow_the_inventory_and_a_reconnection_asks_for_neither() -> None:
    async with csms_bench(BOTH) as bench:
        client = await bench.dial("CS-1", Version.V201)
        answered(client)
        client.on("GetMonitoringReport", {"status": "EmptyResultSet"})
        await client.call("BootNotification", boot("1.0"))
        await told(client)
        await tell_monitors(client, 99, MONITOR)
        await client.call("BootNotification", boot("2.0"))
        await told(client)
        await client.expect("GetMonitoringReport")
        assert [f[2] for f in client.frames if f[0] == 2] == ["GetBaseReport", "GetBaseReport", "GetMonitoringReport"]
        async with asyncio.timeout(10):
            while await known(bench):  # it said that it has none
                await asyncio.sleep(0.01)
        again = await bench.dial("CS-1", Version.V201)
        assert not await asked_in(again, action="GetMonitoringReport")


async def test_monitors_are_not_asked_for_where_that_is_switched_off() -> None:
    async with csms_bench(ASKING) as bench:
        client = await bench.dial("CS-1", Version.V201)
        answered(client)
        await client.call("BootNotification", boot("1.0"))
        await told(client)
        await tell_monitors(client, 99, MONITOR)
        await client.call("BootNotification", boot("1.0"))
        assert not await asked_in(client, action="GetMonitoringReport")
