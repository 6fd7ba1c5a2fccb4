"""What the memory network and the virtual clock can carry: a day of bare ends of a line, of thirty in a second."""

import asyncio
from time import perf_counter
from typing import Any

import pytest

from stationmaster.clock.timeouts import within
from stationmaster.clock.virtual import VirtualClock, run_virtual
from stationmaster.transport.handshake import Admission
from stationmaster.transport.memory_network import MemoryNetwork
from stationmaster.transport.path import station_url

DAY_S = 24 * 3600
HEARTBEAT_S = 3600
CLOCK = VirtualClock()


class Csms:
    heartbeats = 0

    def __init__(self, connection: Any, context: Any) -> None:
        self.connection = connection

    def on_text(self, data: bytes) -> None:
        Csms.heartbeats += 1
        self.connection.send(b'[3,"1",{}]')

    def on_closed(self, code: int, reason: str) -> None:
        pass


class Station:
    def __init__(self, connection: Any) -> None:
        self.answered = asyncio.Event()

    def on_text(self, data: bytes) -> None:
        self.answered.set()

    def on_closed(self, code: int, reason: str) -> None:
        pass


async def _live(network: MemoryNetwork, number: int) -> None:
    stations: list[Station] = []
    connection = await network.connect(
        station_url("ws://csms.test/ocpp", f"CS{number}"),
        subprotocols=("ocpp1.6",),
        receiver_factory=lambda made: stations.append(Station(made)) or stations[0],
    )
    end = CLOCK.monotonic() + DAY_S
    while CLOCK.monotonic() < end:
        await CLOCK.sleep(HEARTBEAT_S)
        stations[0].answered.clear()
        connection.send(b'[2,"1","Heartbeat",{}]')
        await within(CLOCK, 30, stations[0].answered.wait())
    connection.close()


async def _run(stations: int) -> None:
    network = MemoryNetwork()
    server = await network.serve(
        "csms.test", admit=lambda asked: Admission(subprotocol=asked.subprotocols[0]), connected=Csms
    )
    await asyncio.gather(*(_live(network, number) for number in range(stations)))
    await server.close()


@pytest.mark.parametrize("stations", [200, pytest.param(2000, marks=pytest.mark.nightly)])
def test_a_day_of_many_stations_takes_seconds(stations: int) -> None:
    Csms.heartbeats = 0
    started = perf_counter()
    run_virtual(_run(stations))
    assert Csms.heartbeats == stations * 24
    assert perf_counter() - started < stations * 0.03
