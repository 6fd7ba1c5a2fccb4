"""The API's listener: real sockets."""

import asyncio
import signal
import socket

import httpx
import pytest
from in_process import application

from stationmaster.api.http.server import listen, serve_api
from stationmaster.domain.records import Event


@pytest.fixture
def app(world):
    with application(world.services) as made:
        yield made


@pytest.fixture
async def served(app):
    server = await serve_api(app, "127.0.0.1", 0)
    yield server
    await server.close()


async def get(server, path: str, **more) -> httpx.Response:
    async with httpx.AsyncClient() as client:
        return await client.get(f"http://127.0.0.1:{server.port}{path}", **more)


async def test_it_serves_on_the_port_it_took(served):
    assert served.port > 0
    answer = await get(served, "/api/v1/health")
    assert answer.json() == {"status": "ok"}
    assert "server" not in answer.headers


async def test_a_port_that_is_taken_is_an_os_error_and_nothing_is_left_behind(world, served):
    with application(world.services) as other, pytest.raises(OSError, match="in use"):
        await serve_api(other, "127.0.0.1", served.port)
    assert (await get(served, "/api/v1/health")).status_code == 200


async def test_connections_send_at_once_what_they_are_given(served):
    listeners = await listen("127.0.0.1", 0)
    with socket.create_connection(listeners[0].getsockname()):
        while True:
            try:
                accepted, _ = listeners[0].accept()
                break
            except BlockingIOError:
                await asyncio.sleep(0)
        with accepted:
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
    for listener in listeners:
        listener.close()


async def test_signals_are_left_to_the_program(app):
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    server = await serve_api(app, "127.0.0.1", 0)
    assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)] == before
    await server.close()


async def test_after_closing_nobody_answers(app):
    server = await serve_api(app, "127.0.0.1", 0)
    await server.close()
    with pytest.raises(httpx.ConnectError):
        await get(server, "/api/v1/health")


async def test_a_request_under_way_is_answered_before_it_closes(world, app):
    _, secret = await world.ring.make("default", "slow", "viewer")
    reached, go = asyncio.Event(), asyncio.Event()

    async def slow(*_):
        reached.set()
        await go.wait()

    world.queries.station = slow
    server = await serve_api(app, "127.0.0.1", 0)
    asking = asyncio.create_task(get(server, "/api/v1/stations/1", headers={"X-API-Key": secret}))
    await reached.wait()
    closing = asyncio.create_task(server.close())
    await asyncio.sleep(0.01)
    go.set()
    assert (await asking).status_code == 404
    await closing


async def test_an_event_stream_tells_live_and_ends_when_the_server_closes(world, app):
    _, secret = await world.ring.make("default", "listener", "viewer")
    server = await serve_api(app, "127.0.0.1", 0)
    event = Event(kind="StationBooted", tenant="default", station_key=1, at=world.clock.now())
    async with (
        httpx.AsyncClient(timeout=5) as client,
        client.stream(
            "GET",
            f"http://127.0.0.1:{server.port}/api/v1/events?kind=StationBooted&kind=Other&station=1",
            headers={"X-API-Key": secret, "Last-Event-ID": "0"},
        ) as answer,
    ):
        assert answer.headers["content-type"].startswith("text/event-stream")
        lines = answer.aiter_lines()
        assert await anext(lines) == "retry: 3000"
        await world.store.tell(event)
        heard = [await anext(lines) for _ in range(3)]
        assert heard[1:] == ["id: 2", "event: StationBooted"]
        closing = asyncio.create_task(server.close())
        rest = [line async for line in lines]
        assert rest[0].startswith("data: {")
    async with asyncio.timeout(3):
        await closing


async def test_a_viewers_stream_ends_with_its_key_and_tells_nothing_of_keys(world, app):
    key, secret = await world.ring.make("default", "listener", "viewer")
    server = await serve_api(app, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.port}/api/v1/events"
    async with (
        httpx.AsyncClient(timeout=5) as client,
        client.stream("GET", url, headers={"X-API-Key": secret, "Last-Event-ID": "0"}) as answer,
    ):
        lines = answer.aiter_lines()
        assert await anext(lines) == "retry: 3000"
        assert await world.ring.revoke("default", key.key)
        await world.store.tell(Event(kind="StationBooted", tenant="default", station_key=1, at=world.clock.now()))
        assert [line async for line in lines if line] == []
    await server.close()


async def test_a_client_that_leaves_its_stream_is_forgotten(world, app):
    _, secret = await world.ring.make("default", "listener", "viewer")
    server = await serve_api(app, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.port}/api/v1/events"
    async with httpx.AsyncClient() as client, client.stream("GET", url, headers={"X-API-Key": secret}) as answer:
        assert await anext(answer.aiter_lines()) == "retry: 3000"
        assert app.state.streams.count == 1
    async with asyncio.timeout(5):
        while app.state.streams.count:
            await asyncio.sleep(0.01)
    await server.close()


async def test_a_name_with_two_addresses_is_served_on_both_by_one_port(app, monkeypatch):
    found = [
        (socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 0)) for address in ("127.0.0.1", "127.0.0.2", "127.0.0.1")
    ]

    async def getaddrinfo(*_, **__):
        return found

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", getaddrinfo)
    server = await serve_api(app, "both.test", 0)
    for address in ("127.0.0.1", "127.0.0.2"):
        socket.create_connection((address, server.port)).close()
    await server.close()
