import asyncio
import socket

from stationmaster.transport.handshake import Refusal, UpgradeRequest
from stationmaster.transport.limits import Limits
from stationmaster.transport.websocket_server import _Protocol, serve


def refuse(request: UpgradeRequest) -> Refusal:
    return Refusal(status=404)


async def test_a_socket_that_is_handed_over_after_the_listener_was_closed_is_dropped_at_once() -> None:
    server = await serve("127.0.0.1", 0, admit=refuse, connected=lambda connection, context: None)
    await server.close()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        theirs = socket.create_connection(listener.getsockname())
        ours, _ = listener.accept()
    for end in (ours, theirs):
        end.setblocking(False)
    loop = asyncio.get_running_loop()
    await loop.connect_accepted_socket(lambda: _Protocol(server, Limits()), ours)
    async with asyncio.timeout(2):
        assert await loop.sock_recv(theirs, 1) == b""
    theirs.close()
    assert not server._sockets
