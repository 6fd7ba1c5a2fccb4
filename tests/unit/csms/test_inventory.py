"""Stations that are new or changed are asked for their inventory, so many at a time."""

import asyncio
from typing import Any

from stationmaster.csms.inventory import AT_ONCE
from stationmaster.csms.settings import CsmsSettings, TenantPolicy
from stationmaster.ocpp.version import Version
from stationmaster.testing import WireClient, csms_bench

OPEN = TenantPolicy(registration="open")
ASKING = CsmsSettings(default_policy=OPEN, inventory="changed")
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


async def asked_in(client: WireClient, seconds: float = 0.2) -> bool:
    try:
        async with asyncio.timeout(seconds):
            await client.expect("GetBaseReport")
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
