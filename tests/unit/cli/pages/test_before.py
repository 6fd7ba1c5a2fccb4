"""A node with its pages before it: a process of its own that serves both on one port."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import psutil
import pytest
import pytest_asyncio

from stationmaster.cli.node import Node, running_node
from stationmaster.cli.pages.standing_back import NICENESS, Priority
from stationmaster.cli.settings import ServeSettings

pytestmark = pytest.mark.asyncio(loop_scope="module")


class Side:
    """People's side of a node."""

    def __init__(self, node: Node, http: httpx.AsyncClient) -> None:
        self.node = node
        self.http = http

    def process(self) -> psutil.Process:
        """Of the pages that were started last."""
        every = [each for each in psutil.Process().children() if "stationmaster.cli.pages" in each.cmdline()]
        return max(every, key=psutil.Process.create_time)


@asynccontextmanager
async def up(folder: Path, priority: Priority) -> AsyncIterator[Side]:
    settings = ServeSettings(
        ocpp_port=0, api_port=0, files_port=0, data_dir=folder, log_level="error", pages_priority=priority
    )
    async with running_node(settings) as node:
        key = {"Authorization": f"Bearer {node.info.api_key}"}
        async with httpx.AsyncClient(base_url=node.info.api_url, headers=key, trust_env=False, timeout=30) as http:
            yield Side(node, http)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def side(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Side]:
    async with up(tmp_path_factory.mktemp("node"), "low") as made:
        yield made


async def test_pages_and_api_are_on_one_port(side: Side) -> None:
    assert "<title>Sign in" in (await side.http.get("/sign-in")).text
    assert (await side.http.get("/api/v1/stations")).json()["items"] == []
    assert "stations_connected" in (await side.http.get("/metrics")).text


async def test_stations_are_served_before_whoever_looks_at_pages(side: Side) -> None:
    process = side.process()
    assert (process.nice(), os.sched_getscheduler(process.pid)) == (NICENESS, os.SCHED_BATCH)


async def test_the_api_knows_whom_a_request_comes_from(side: Side) -> None:
    spoofed = {"x-stationmaster-caller": "198.51.100.1"}
    answer = await side.http.put("/api/v1/sites/North", json={"zone": "Europe/Berlin"}, headers=spoofed)
    assert answer.is_success, answer.text
    (entry,) = (await side.http.get("/api/v1/audit", params={"limit": 1})).json()["items"]
    assert entry["address"] == "127.0.0.1"


async def test_a_file_goes_through_whole(side: Side) -> None:
    image = os.urandom(3_000_000)
    draft = {"name": "One", "version": "2"}
    made = await side.http.post("/api/v1/firmware-images", json=draft)
    assert made.is_success, made.text
    path = f"/api/v1/firmware-images/{made.json()['key']}/content"
    answer = await side.http.put(path, content=image)
    assert answer.is_success, answer.text
    assert answer.json()["size_bytes"] == len(image)


async def test_an_event_stream_is_heard_through_it(side: Side) -> None:
    async with side.http.stream("GET", "/api/v1/events") as answer:
        lines = answer.aiter_lines()
        assert (await anext(lines)).startswith("retry:")
        made = await side.http.post("/api/v1/tokens", json={"value": "CARD"})
        assert made.is_success, made.text
        async with asyncio.timeout(10):
            while await anext(lines) != "event: TokenChanged":
                pass


async def test_pages_that_die_come_back_while_whoever_asks_waits(side: Side) -> None:
    before = side.process()
    before.send_signal(signal.SIGKILL)
    before.wait(10)
    async with httpx.AsyncClient(base_url=side.node.info.api_url, trust_env=False, timeout=30) as newcomer:
        assert (await newcomer.get("/sign-in")).status_code == 200
    assert side.process().pid != before.pid


async def test_they_end_with_the_node_and_so_do_streams_that_are_open(tmp_path: Path) -> None:
    others = set(psutil.Process().children())
    async with up(tmp_path, "idle") as side, side.http.stream("GET", "/api/v1/events") as stream:
        (process,) = set(psutil.Process().children()) - others
        await anext(stream.aiter_lines())
        assert os.sched_getscheduler(process.pid) == os.SCHED_IDLE
    assert not process.is_running()
