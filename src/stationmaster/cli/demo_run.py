"""The demo put together: a node and a fleet on one fast clock, joined by real WebSockets, and HTTP for SOAP."""

import asyncio
from collections import Counter
from collections.abc import Mapping
from contextlib import AsyncExitStack, suppress

import msgspec

from stationmaster.cli.called_at import SOAP_URL, CalledAt
from stationmaster.cli.demo_contract import DemoOptions, DemoRun, DemoSummary
from stationmaster.cli.demo_operator import DemoOperator, connected
from stationmaster.cli.demo_scene import set_scene
from stationmaster.cli.demo_story import Story
from stationmaster.cli.dial import websocket_dial
from stationmaster.cli.node import Node, running_node
from stationmaster.cli.node_info import NodeInfo
from stationmaster.cli.settings import ServeSettings
from stationmaster.cli.snapshot import DemoSnapshot, EvseRow, StationRow, VersionTotals
from stationmaster.cli.soap_site import SoapSite, soap_site
from stationmaster.clock.scaled import ScaledClock
from stationmaster.clock.wall import WallClock
from stationmaster.csms import subjects
from stationmaster.domain.authorization.tokens import Token, TokenStatus
from stationmaster.domain.identity import DEFAULT_TENANT, IdToken, StationRef
from stationmaster.domain.queries import CommittedEvent
from stationmaster.ocpp.version import VERSIONS, Version
from stationmaster.simulator.driver_profile import MOTORWAY, DriverProfile
from stationmaster.simulator.fleet import ALL_VERSIONS, Fleet, FleetPlan, WayFor
from stationmaster.station.connection.lines import ToCsms
from stationmaster.station.snapshot import EvseSnapshot, StationSnapshot
from stationmaster.transport.file_client import FileClient

HURRIED: DriverProfile = msgspec.structs.replace(
    MOTORWAY,
    mean_gap_s=240,
    stay_median_s=420,
    hourly_weights=(1.0,) * 24,
    auth_delay_median_s=8.0,
    patience_s=(60.0, 120.0),
    forgetful_share=0.0,
)
"""Drivers who charge for minutes, so that whoever watches sees all of it."""


def create_demo(options: DemoOptions, settings: ServeSettings) -> DemoRun:
    return Demo(options, settings)


class Demo:
    """See DemoRun."""

    def __init__(self, options: DemoOptions, settings: ServeSettings) -> None:
        self._options = options
        self._settings = settings
        self._clock = ScaledClock(options.speed)
        self._wall = WallClock()
        self._stack = AsyncExitStack()
        self._ended: Counter[str] = Counter()
        self._messages = (0.0, 0)
        self._rate = 0.0
        self._began = 0.0
        self._node: Node
        self._fleet: Fleet

    async def start(self) -> NodeInfo:
        self._began = self._wall.monotonic()
        async with AsyncExitStack() as stack:
            self._node = await stack.enter_async_context(running_node(self._settings, self._clock))
            site = await stack.enter_async_context(soap_site(CalledAt()))
            plan = FleetPlan(
                count=self._options.stations,
                seed=self._options.seed,
                versions=ALL_VERSIONS,
                profile=HURRIED,
                stagger_s=60.0,
                prefix="DEMO",
            )
            self._fleet = Fleet(plan, _ways(self._node.info, site), self._clock, FileClient())
            await self._admit_drivers()
            story = await self._set_scene(stack)
            listening = asyncio.create_task(self._count_ended())
            stack.push_async_callback(_end, listening)
            running = asyncio.create_task(self._fleet.run())
            stack.push_async_callback(_end, running)
            stack.push_async_callback(self._fleet.stop)
            telling = asyncio.create_task(story.run())
            stack.push_async_callback(_end, telling)
            self._stack = stack.pop_all()
        return self._node.info

    def snapshot(self) -> DemoSnapshot:
        stations = [station.snapshot() for station in self._fleet.stations]
        elapsed_s = self._wall.monotonic() - self._began
        messages = sum(station.messages for station in stations)
        self._measure(elapsed_s, messages)
        return DemoSnapshot(
            now=self._clock.now(),
            elapsed_s=elapsed_s,
            stations=tuple(_row(station, self._tokens_at(station.identity)) for station in stations),
            versions=self._totals(),
            messages=messages,
            messages_per_s=self._rate,
        )

    async def stop(self) -> DemoSummary:
        stations = [station.snapshot() for station in self._fleet.stations]
        booted = {
            desk.state.station.identity
            for desk in self._node.csms.directory
            if desk.state.station.booted_at is not None and desk.state.station.registration == "Accepted"
        }
        await self._stack.aclose()
        return DemoSummary(
            stations=len(stations),
            booted=len(booted),
            finished_by_version={str(version): self._ended[version] for version in self._versions()},
            never_booted=tuple(s.identity for s in stations if s.identity not in booted),
        )

    async def _set_scene(self, stack: AsyncExitStack) -> Story:
        """Sites, prices and places; the rest is told once the stations are there."""
        info = self._node.info
        assert info.api_key is not None  # the data directory is new
        operator = DemoOperator(connected(info.api_url, info.api_key))
        stack.push_async_callback(operator.close)
        keys = await set_scene(operator, [station.identity for station in self._fleet.stations])
        return Story(operator, self._fleet.stations, keys, self._fleet.tokens.known, self._clock)

    async def _admit_drivers(self) -> None:
        """The fleet's cards, as the CSMS knows them; those that are neither known nor blocked stay strangers."""
        pool, keys = self._fleet.tokens, self._node.storage.keys
        pools: tuple[tuple[tuple[str, ...], TokenStatus], ...] = ((pool.known, "Accepted"), (pool.blocked, "Blocked"))
        tokens = [
            Token(key=keys.take(), tenant="default", id_token=IdToken(value), status=status)
            for values, status in pools
            for value in values
        ]
        await self._node.storage.journal.store(tokens)

    async def _count_ended(self) -> None:
        """Transactions that ran to their end, as the CSMS has stored them."""
        async for message in self._node.bus.subscribe(subjects.events("TransactionEnded")):
            event = msgspec.json.decode(message.body, type=CommittedEvent).event
            desk = self._node.csms.directory.get(event.station_key or 0)
            if desk is not None:
                self._ended[desk.version] += 1

    def _totals(self) -> tuple[VersionTotals, ...]:
        running: Counter[str] = Counter()
        for desk in self._node.csms.directory:
            running[desk.version] += len(desk.state.open)
        return tuple(
            VersionTotals(version=str(version), running=running[version], done=self._ended[version])
            for version in self._versions()
        )

    def _tokens_at(self, identity: str) -> dict[int, str]:
        """Whose transaction runs at each EVSE, as the CSMS knows it."""
        desk = self._node.csms.directory.find(StationRef(DEFAULT_TENANT, identity))
        running = desk.state.open.values() if desk else ()
        return {tx.evse.id: tx.id_token.value for tx in running if tx.evse and tx.id_token}

    def _versions(self) -> list[Version]:
        spoken = {station.version for station in self._fleet.stations}
        return [version for version in VERSIONS if version in spoken]

    def _measure(self, elapsed_s: float, messages: int) -> None:
        last_s, last = self._messages
        if elapsed_s - last_s >= 1.0:
            self._rate = (messages - last) / (elapsed_s - last_s)
            self._messages = (elapsed_s, messages)


def _ways(node: NodeInfo, site: SoapSite) -> WayFor:
    def way_for(identity: str, version: Version) -> ToCsms:
        if version.is_soap:
            return site.place(node.soap_url or SOAP_URL, identity)
        return websocket_dial(node.ocpp_url, identity, version)

    return way_for


async def _end(task: "asyncio.Task[None]") -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


def _row(station: StationSnapshot, tokens: Mapping[int, str]) -> StationRow:
    return StationRow(
        identity=station.identity,
        version=station.version,
        online=station.online,
        evses=tuple(_evse(evse, tokens.get(evse.id)) for evse in station.evses),
    )


def _evse(evse: EvseSnapshot, who: str | None) -> EvseRow:
    return EvseRow(
        id=evse.id,
        status=evse.charging_state or evse.status,
        power_w=float(evse.power_w),
        energy_wh=float(evse.energy_wh),
        who=who,
        transaction_id=evse.transaction_id,
    )
