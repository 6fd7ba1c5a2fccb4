"""What `stationmaster fleet` runs: a fleet on the network, watched from outside."""

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack, suppress

import msgspec

from stationmaster.cli.called_at import SOAP_URL, CalledAt
from stationmaster.cli.dial import websocket_dial
from stationmaster.cli.fleet_tokens import ApiAccess, register_tokens
from stationmaster.cli.soap_site import soap_site
from stationmaster.clock.scaled import ScaledClock
from stationmaster.clock.wall import WallClock
from stationmaster.ocpp.version import Version
from stationmaster.simulator.fleet import Fleet, FleetPlan, FleetSnapshot, WayFor
from stationmaster.station.connection.lines import ToCsms
from stationmaster.station.ports import Clock
from stationmaster.transport.file_client import FileClient

PERIOD_S = 1.0

Show = Callable[[float, FleetSnapshot], None]
"""Takes the seconds that went by here, and the fleet as it is then."""

Failed = Callable[[str], None]


class FleetOptions(msgspec.Struct, frozen=True, kw_only=True):
    """``for_s``: seconds here, None: until cancelled. ``speed``: the fleet's seconds per second here. ``api``: where to
    make the drivers' cards known first, None: nowhere. ``soap_url``, ``called_at``: of the stations that speak
    SOAP, where their CSMS is and where they are."""

    url: str
    count: int
    versions: tuple[Version, ...]
    seed: int
    speed: float
    prefix: str
    for_s: float | None = None
    api: ApiAccess | None = None
    soap_url: str | None = None
    called_at: CalledAt = CalledAt()


async def run_fleet(options: FleetOptions, show: Show, failed: Failed = lambda _: None) -> None:
    """Run it for its time, or until cancelled; every station hangs up before this returns or raises. ``failed`` is told
    why a station has no line, each time.

    Raises CommandFailed where the cards cannot be made known; then no station starts.
    """

    async with AsyncExitStack() as stack:
        way_for = await _ways(options, failed, stack)
        plan = FleetPlan(
            count=options.count,
            seed=options.seed,
            versions=options.versions,
            prefix=options.prefix,
            keeps_own_time=options.speed != 1,
        )
        fleet = Fleet(plan, way_for, ScaledClock(options.speed), FileClient())
        if options.api is not None:
            await register_tokens(options.api, fleet.tokens)
        running = asyncio.ensure_future(fleet.run())
        try:
            await watch(running, lambda elapsed_s: show(elapsed_s, fleet.snapshot()), WallClock(), options.for_s)
        finally:
            await fleet.stop()
            running.cancel()
            with suppress(asyncio.CancelledError):
                await running


async def _ways(options: FleetOptions, failed: Failed, stack: AsyncExitStack) -> WayFor:
    """How its stations reach the CSMS; all that speak SOAP are called at one address."""
    if not any(version.is_soap for version in options.versions):
        return lambda identity, version: websocket_dial(options.url, identity, version, failed=failed)
    site = await stack.enter_async_context(soap_site(options.called_at))

    def way_for(identity: str, version: Version) -> ToCsms:
        if version.is_soap:
            return site.place(options.soap_url or SOAP_URL, identity, failed=failed)
        return websocket_dial(options.url, identity, version, failed=failed)

    return way_for


async def watch(
    running: asyncio.Future[None],
    look: Callable[[float], None],
    clock: Clock,
    for_s: float | None,
    period_s: float = PERIOD_S,
) -> None:
    """Look once a period until the time is over, and a last time then. An error of what runs is raised at once."""
    started = clock.monotonic()
    while not running.done():
        elapsed_s = clock.monotonic() - started
        look(elapsed_s)
        left_s = period_s if for_s is None else min(period_s, for_s - elapsed_s)
        if left_s <= 0:
            return
        await _either(running, asyncio.ensure_future(clock.sleep(left_s)))
    running.result()


async def _either(running: asyncio.Future[None], pause: asyncio.Future[None]) -> None:
    try:
        await asyncio.wait((running, pause), return_when=asyncio.FIRST_COMPLETED)
    finally:
        pause.cancel()
