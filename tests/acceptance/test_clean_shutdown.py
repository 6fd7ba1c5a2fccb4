"""SIGTERM: what was answered is stored, the process ends by itself, and soon, whatever the stations do."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from crash_campaign import LONG, Campaign, Load, seed
from crash_server import HOST, CsmsProcess

pytestmark = pytest.mark.no_cover  # what this is about runs in another process

SOON_S = 8.0
"""A station has five seconds to answer our close."""
UPGRADE = (
    b"GET /ocpp/SILENT HTTP/1.1\r\nHost: csms\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
    b"Sec-WebSocket-Protocol: ocpp1.6\r\n\r\n"
)
HALF = b"POST /soap HTTP/1.1\r\nHost: csms\r\nContent-Type: application/soap+xml\r\nContent-Length: 1000\r\n\r\n<"


@asynccontextmanager
async def silent_stations(server: CsmsProcess) -> AsyncIterator[None]:
    """One that never says what it wants, one with an open line, one with a message of which no more comes. None of them
    says anything, or hangs up."""
    _, undecided = await asyncio.open_connection(HOST, server.port)
    reader, silent = await asyncio.open_connection(HOST, server.port)
    silent.write(UPGRADE)
    assert b"101" in await reader.readline()
    _, half = await asyncio.open_connection(HOST, server.files_port)
    half.write(HALF)
    await half.drain()
    yield
    for writer in (undecided, silent, half):
        writer.close()


async def ended(folder: Path, rounds: int, load: Load) -> None:
    campaign = Campaign(folder, seed(), load)
    codes = []

    async def terminate() -> None:
        codes.append(await campaign.server.terminate(SOON_S))

    async with campaign.under_load():
        for _ in range(rounds - 1):
            await campaign.end_server(terminate)
        async with silent_stations(campaign.server):
            await campaign.end_server(terminate)
    report = await campaign.report()
    print(report)
    report.verify()
    assert codes == [0] * rounds, campaign.server.said()
    assert "Traceback" not in campaign.server.said()


async def test_a_server_that_is_asked_to_stop_under_load_and_beside_silent_stations_loses_nothing_and_exits_with_0(
    tmp_path: Path,
) -> None:
    await ended(tmp_path, 2, Load(fleet=0, recorders=1))


@pytest.mark.nightly
@pytest.mark.timeout(3600)
async def test_servers_that_are_asked_to_stop_again_and_again_lose_nothing(tmp_path: Path) -> None:
    await ended(tmp_path, 50, LONG)
