"""What every transport promises a session, run over each engine."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from stationmaster.transport import websocket_client, websocket_server
from stationmaster.transport.errors import ConnectFailed, ConnectRefused
from stationmaster.transport.handshake import Admission, Refusal, UpgradeRequest
from stationmaster.transport.limits import Limits
from stationmaster.transport.memory_network import MemoryNetwork
from stationmaster.transport.path import station_url

SMALL = Limits(max_message_bytes=1000, close_timeout_s=0.3)
OCPP = ("ocpp2.0.1", "ocpp1.6")


class Recorder:
    """A receiver that remembers, and does what it is told with each message."""

    def __init__(self, connection: Any, react: Callable[[Any, bytes], None] | None = None) -> None:
        self.connection = connection
        self.texts: list[bytes] = []
        self.closed: list[tuple[int, str]] = []
        self._react = react
        self._news = asyncio.Event()

    def on_text(self, data: bytes) -> None:
        self.texts.append(data)
        self._news.set()
        if self._react is not None:
            self._react(self.connection, data)

    def on_closed(self, code: int, reason: str) -> None:
        self.closed.append((code, reason))
        self._news.set()

    async def until(self, done: Callable[["Recorder"], bool]) -> None:
        async with asyncio.timeout(5):
            while not done(self):
                self._news.clear()
                await self._news.wait()

    async def has_texts(self, count: int) -> None:
        await self.until(lambda self: len(self.texts) >= count)

    async def is_closed(self) -> None:
        await self.until(lambda self: bool(self.closed))


class WebSocketEngine:
    def __init__(self) -> None:
        self.servers: list[Any] = []

    async def serve(self, **kwargs: Any) -> Any:
        server = await websocket_server.serve("127.0.0.1", 0, **kwargs)
        self.servers.append(server)
        return server

    def url(self, path: str) -> str:
        return f"ws://127.0.0.1:{self.servers[-1].port}{path}"

    nobody = "ws://127.0.0.1:1/ocpp/CS1"
    connect = staticmethod(websocket_client.connect)


class MemoryEngine:
    def __init__(self) -> None:
        self.servers: list[Any] = []
        self.network = MemoryNetwork()
        self.connect = self.network.connect

    async def serve(self, **kwargs: Any) -> Any:
        server = await self.network.serve("csms.test", **kwargs)
        self.servers.append(server)
        return server

    def url(self, path: str) -> str:
        return f"ws://csms.test{path}"

    nobody = "ws://nobody.test/ocpp/CS1"


class Site:
    """One server and its clients over one engine."""

    def __init__(self, engine: Any) -> None:
        self.engine = engine
        self.asked: list[UpgradeRequest] = []
        self.far: list[Recorder] = []
        self.server: Any = None

    async def open(
        self,
        decide: Callable[[UpgradeRequest], Admission | Refusal] = lambda asked: Admission(),
        react: Callable[[Any, bytes], None] | None = None,
        **kwargs: Any,
    ) -> None:
        def admit(asked: UpgradeRequest) -> Admission | Refusal:
            self.asked.append(asked)
            return decide(asked)

        def connected(connection: Any, context: Any) -> Recorder:
            self.far.append(Recorder(connection, react))
            return self.far[-1]

        self.server = await self.engine.serve(admit=admit, connected=connected, **{"limits": SMALL, **kwargs})

    async def dial(self, path: str = "/ocpp/CS1", **kwargs: Any) -> Recorder:
        near: list[Recorder] = []

        def receiver(connection: Any) -> Recorder:
            near.append(Recorder(connection))
            return near[-1]

        connection = await self.engine.connect(
            self.engine.url(path), receiver_factory=receiver, **{"subprotocols": OCPP, "limits": SMALL, **kwargs}
        )
        assert near[0].connection is connection
        return near[0]


@pytest.fixture(params=[WebSocketEngine, MemoryEngine], ids=["websocket", "memory"])
async def site(request: pytest.FixtureRequest) -> AsyncIterator[Site]:
    engine = request.param()
    yield Site(engine)
    for server in engine.servers:
        await server.close()
        assert server.connections == 0


def _echo(connection: Any, data: bytes) -> None:
    connection.send(data)


async def test_messages_come_whole_and_in_order_both_ways(site: Site) -> None:
    await site.open(react=_echo)
    near = await site.dial()
    sent = [f'[2,"{number}","Heartbeat",{{"x":"{"ü" * number}"}}]'.encode() for number in range(200)]
    for message in sent:
        near.connection.send(message)
    await near.has_texts(200)
    assert site.far[0].texts == sent
    assert near.texts == sent


async def test_nothing_is_delivered_inside_send(site: Site) -> None:
    await site.open()
    near = await site.dial()
    near.connection.send(b"[]")
    assert not site.far or not site.far[0].texts


async def test_the_one_who_admits_sees_who_asks(site: Site) -> None:
    await site.open()
    await site.dial("/ocpp/acme/CS%20%C3%BC?x=1", basic_auth=("CS ü", b"\xff:\x00raw"))
    asked = site.asked[0]
    assert (asked.tenant, asked.identity, asked.subprotocols) == ("acme", "CS ü", OCPP)
    assert asked.basic_auth == ("CS ü".encode(), b"\xff:\x00raw")
    assert not asked.authorization_malformed
    assert asked.remote_address
    assert "authorization" not in asked.headers
    assert "raw" not in repr(asked)


async def test_a_prefix_can_name_a_tenant(site: Site) -> None:
    await site.open(tenants={"steve/websocket": "berlin"})
    await site.dial("/steve/websocket/CS1/")
    assert (site.asked[0].tenant, site.asked[0].identity) == ("berlin", "CS1")


async def test_a_dialled_station_url_gives_its_identity_back(site: Site) -> None:
    await site.open()
    await site.dial(station_url("/any/where", "a/b %?#ü"))
    assert site.asked[0].identity == "a/b %?#ü"


async def test_both_ends_know_the_sub_protocol(site: Site) -> None:
    await site.open(lambda asked: Admission(subprotocol="ocpp1.6"))
    near = await site.dial()
    await site.far[0].until(lambda far: True)
    assert near.connection.subprotocol == site.far[0].connection.subprotocol == "ocpp1.6"


async def test_the_context_of_the_admission_reaches_connected(site: Site) -> None:
    contexts = []
    marker = object()

    def connected(connection: Any, context: Any) -> Recorder:
        contexts.append(context)
        return Recorder(connection)

    await site.engine.serve(admit=lambda asked: Admission(context=marker), connected=connected)
    await site.dial()
    assert contexts == [marker]


async def test_no_common_sub_protocol_shakes_hands_and_closes_at_once(site: Site) -> None:
    await site.open(lambda asked: Admission(close_at_once=(1002, "no sub-protocol")))
    near = await site.dial()
    await near.is_closed()
    assert near.connection.subprotocol is None
    assert near.closed == [(1002, "no sub-protocol")]
    assert site.far == []


@pytest.mark.parametrize("status", [400, 401, 404, 503])
async def test_a_refusal_tells_its_status(site: Site, status: int) -> None:
    await site.open(lambda asked: Refusal(status=status, reason="go away"))
    with pytest.raises(ConnectRefused) as refused:
        await site.dial()
    assert (refused.value.status, refused.value.reason) == (status, "go away")
    assert site.far == []


async def test_a_path_that_names_no_station_is_refused_with_400(site: Site) -> None:
    await site.open()
    with pytest.raises(ConnectRefused) as refused:
        await site.dial("/ocpp/%FF")
    assert refused.value.status == 400
    assert site.asked == []


async def test_a_failing_admission_refuses_with_500(site: Site) -> None:
    await site.open(lambda asked: 1 / 0)
    with pytest.raises(ConnectRefused) as refused:
        await site.dial()
    assert refused.value.status == 500


async def test_a_failing_connected_closes_with_1011(site: Site) -> None:
    await site.engine.serve(admit=lambda asked: Admission(), connected=lambda connection, context: 1 / 0)
    near = await site.dial()
    await near.is_closed()
    assert near.closed[0][0] == 1011


async def test_dialling_where_nobody_listens_fails(site: Site) -> None:
    with pytest.raises(ConnectFailed):
        await site.engine.connect(site.engine.nobody, subprotocols=(), receiver_factory=Recorder)


async def test_more_connections_than_allowed_are_refused(site: Site) -> None:
    await site.open(limits=Limits(max_connections=1))
    near = await site.dial()
    with pytest.raises((ConnectRefused, ConnectFailed)):
        await site.dial()
    near.connection.close()
    await site.far[0].is_closed()
    await near.is_closed()
    await site.dial()


@pytest.mark.parametrize("who", ["near", "far"])
async def test_either_end_can_close_and_both_are_told_once(site: Site, who: str) -> None:
    await site.open()
    near = await site.dial()
    far = site.far[0]
    closing = near if who == "near" else far
    closing.connection.send(b"last words")
    closing.connection.close(4001, "because")
    closing.connection.close(4002, "again")
    await near.is_closed()
    await far.is_closed()
    assert near.closed == far.closed == [(4001, "because")]
    assert (far if who == "near" else near).texts == [b"last words"]


async def test_nothing_is_delivered_after_closing(site: Site) -> None:
    await site.open(react=lambda connection, data: connection.close(1000) if data == b"stop" else None)
    near = await site.dial()
    for message in (b"go", b"stop", b"more"):
        near.connection.send(message)
    await site.far[0].is_closed()
    assert site.far[0].texts == [b"go", b"stop"]


async def test_sending_on_a_closed_connection_does_nothing(site: Site) -> None:
    await site.open()
    near = await site.dial()
    near.connection.close()
    near.connection.send(b"too late")
    await near.is_closed()
    near.connection.send(b"much too late")
    near.connection.close()
    await site.far[0].is_closed()
    assert site.far[0].texts == []
    assert len(near.closed) == 1


async def test_a_long_reason_is_cut_at_a_character(site: Site) -> None:
    await site.open()
    near = await site.dial()
    near.connection.close(4000, "ü" * 100)
    await site.far[0].is_closed()
    assert site.far[0].closed == [(4000, "ü" * 61)]


async def test_an_empty_message_is_a_message(site: Site) -> None:
    await site.open()
    near = await site.dial()
    near.connection.send(b"")
    await site.far[0].has_texts(1)
    assert site.far[0].texts == [b""]


async def test_a_message_as_big_as_allowed_arrives_and_a_bigger_one_closes_with_1009(site: Site) -> None:
    await site.open()
    near = await site.dial()
    near.connection.send(b"x" * 1000)
    await site.far[0].has_texts(1)
    near.connection.send(b"x" * 1001)
    await near.is_closed()
    await site.far[0].is_closed()
    assert site.far[0].texts == [b"x" * 1000]
    assert near.closed[0][0] == site.far[0].closed[0][0] == 1009


async def test_text_that_is_not_utf8_closes_with_1007(site: Site) -> None:
    await site.open()
    near = await site.dial()
    near.connection.send(b'["\xff"]')
    await near.is_closed()
    assert near.closed[0][0] == 1007
    assert site.far[0].texts == []


async def test_a_failing_receiver_closes_its_connection_alone(site: Site) -> None:
    def react(connection: Any, data: bytes) -> None:
        if data == b"bad":
            raise RuntimeError("a mistake of ours")
        connection.send(data)

    await site.open(react=react)
    unlucky, other = await site.dial("/CS1"), await site.dial("/CS2")
    unlucky.connection.send(b"bad")
    await unlucky.is_closed()
    assert unlucky.closed[0][0] == 1011
    other.connection.send(b"good")
    await other.has_texts(1)


async def test_a_receiver_that_fails_at_the_end_disturbs_nobody(site: Site) -> None:
    class Sour(Recorder):
        def on_closed(self, code: int, reason: str) -> None:
            raise RuntimeError("a mistake of ours")

    server = await site.engine.serve(
        admit=lambda asked: Admission(), connected=lambda connection, context: Sour(connection)
    )
    near, other = await site.dial("/CS1"), await site.dial("/CS2")
    near.connection.close()
    await near.is_closed()
    async with asyncio.timeout(5):
        while server.connections > 1:
            await asyncio.sleep(0.005)
    assert other.closed == []


async def test_a_closing_server_tells_everyone_and_waits_for_them(site: Site) -> None:
    await site.open()
    near = [await site.dial(f"/CS{number}") for number in range(5)]
    assert site.server.connections == 5
    await site.server.close()
    assert site.server.connections == 0
    assert [far.closed for far in site.far] == [[(1001, "")]] * 5
    for recorder in near:
        await recorder.is_closed()
        assert recorder.closed == [(1001, "")]
    with pytest.raises(ConnectFailed):
        await site.dial()
