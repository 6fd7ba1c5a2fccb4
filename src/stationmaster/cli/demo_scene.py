"""What the demo finds there: sites in four towns, prices, and stations that stand somewhere."""

import asyncio
from collections.abc import Mapping, Sequence
from itertools import cycle
from typing import Any

import msgspec

from stationmaster.cli.demo_operator import DemoOperator

_AT_ONCE = 8


class DemoSite(msgspec.Struct, frozen=True, kw_only=True):
    """``tariff``: what drivers pay there."""

    name: str
    latitude: float
    longitude: float
    tariff: str
    zone: str = "Europe/Berlin"


SITES: Sequence[DemoSite] = (
    DemoSite(name="Harbour", latitude=53.5436, longitude=9.9665, tariff="street"),
    DemoSite(name="Old town", latitude=51.3402, longitude=12.3747, tariff="street"),
    DemoSite(name="Motorway south", latitude=48.7651, longitude=11.4237, tariff="fast"),
    DemoSite(name="Lakeside", latitude=47.6603, longitude=9.1758, tariff="fast"),
)

_VAT = [{"name": "VAT", "percent": "19"}]


def _component(*prices: Mapping[str, Any]) -> dict[str, Any]:
    return {"prices": list(prices), "taxes": _VAT}


TARIFFS: Sequence[Mapping[str, Any]] = (
    {
        "name": "street",
        "currency": "EUR",
        "energy": _component(
            {"amount": "0.39", "when": {"from_time": "22:00", "to_time": "06:00"}},
            {"amount": "0.49"},
        ),
        "idle_time": _component({"amount": "0", "when": {"max_idle_time_s": 600}}, {"amount": "0.10"}),
        "maximum": {"excl": "60.00"},
    },
    {
        "name": "fast",
        "currency": "EUR",
        "fixed": _component({"amount": "0.50"}),
        "energy": _component({"amount": "0.69", "when": {"min_power_w": "100000"}}, {"amount": "0.59"}),
        "idle_time": _component({"amount": "0.20"}),
    },
)


async def set_scene(operator: DemoOperator, identities: Sequence[str]) -> dict[str, int]:
    """Make all of it, before any station comes; the stations' keys by identity."""
    for site in SITES:
        place = {"zone": site.zone, "latitude": site.latitude, "longitude": site.longitude}
        await operator.put(f"/sites/{site.name}", place)
    for tariff in TARIFFS:
        await operator.post("/tariffs", tariff)
    for site in SITES:
        await operator.post("/tariff-assignments", {"tariff": site.tariff, "site": site.name})
    keys: dict[str, int] = {}
    limit = asyncio.Semaphore(_AT_ONCE)

    async def admit(identity: str, site: DemoSite, number: int) -> None:
        async with limit:
            draft = {"identity": identity, "name": f"{site.name} {number}"}
            key = (await operator.post("/stations", draft))["station"]["key"]
            await operator.put(f"/stations/{key}/places/0", {"site": site.name})
            keys[identity] = key

    numbered = zip(identities, cycle(SITES), (1 + at // len(SITES) for at in range(len(identities))), strict=False)
    await asyncio.gather(*(admit(*each) for each in numbered))
    return keys
