"""SIGTERM: what was answered is stored, the process ends by itself, and soon, whatever the stations do."""

import asyncio
from pathlib import Path

from crash_campaign import Campaign, Load, seed
from crash_server import HOST, CsmsProcess

SOON_S = 8.0
"""A station has five seconds to answer our close."""
UPGRADE = (
    b"GET /ocpp/SILENT HTTP/1.1\r\nHost: csms\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
    b"Sec-WebSocket-Protocol: ocpp1.6\r\n\r\n"
)


async def test_a_server_that_is_asked_to_stop_under_load_loses_nothing_and_exits_with_0(tmp_path: Path) -> None:
    campaign = Campaign(tmp_path, seed(), Load())
    codes = []

    async def terminate() -> None:
        codes.append(await campaign.server.terminate(SOON_S))

    async with campaign.under_load():
        for _ in range(3):
            await campaign.end_server(terminate)
    report = await campaign.report()
    print(report)
    report.verify()
    assert codes == [0, 0, 0], campaign.server.said()
    assert "Traceback" not in campaign.server.said()


async def test_stations_that_say_nothing_and_never_hang_up_do_not_keep_a_server_from_stopping(tmp_path: Path) -> None:
    server = CsmsProcess(tmp_path)
    await server.start()
    try:
        _, undecided = await asyncio.open_connection(HOST, server.port)
        reader, silent = await asyncio.open_connection(HOST, server.port)
        silent.write(UPGRADE)
        assert b"101" in await reader.readline()
        assert await server.terminate(SOON_S) == 0
        undecided.close()
        silent.close()
    finally:
        server.close()
