"""Requests to the API on their way through the process of the pages: real sockets on both sides."""

import asyncio
import socket
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
import pytest_asyncio

from stationmaster.api.http.server import listen, serve
from stationmaster.cli.pages.passage import Passage

CALLER = "x-caller"


class Behind:
    """Stands in for the API."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []
        self.left = asyncio.Event()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await receive()
            await send({"type": "lifespan.startup.complete"})
            await receive()
            await send({"type": "lifespan.shutdown.complete"})
            return
        told = {"method": scope["method"], "path": scope["raw_path"].decode(), "query": scope["query_string"].decode()}
        told["headers"] = [(name.decode(), value.decode()) for name, value in scope["headers"]]
        self.asked.append(told)
        await getattr(self, scope["path"].strip("/").partition("/")[0], self.echo)(receive, send)

    async def echo(self, receive: Any, send: Any) -> None:
        body, more = b"", True
        while more:
            message = await receive()
            body, more = body + message.get("body", b""), message.get("more_body", False)
        headers = [(b"set-cookie", b"a=1"), (b"set-cookie", b"b=2"), (b"retry-after", b"7")]
        await send({"type": "http.response.start", "status": 418, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    async def stream(self, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"one", "more_body": True})
        while (await receive())["type"] != "http.disconnect":
            pass
        self.left.set()

    async def refuse(self, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 413, "headers": [(b"content-length", b"3")]})
        await send({"type": "http.response.body", "body": b"no!"})

    async def breaks(self, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"1000")]})
        await send({"type": "http.response.body", "body": b"begun", "more_body": True})
        raise ConnectionError("the API has gone")


class Door:
    def __init__(self, behind: Behind, http: httpx.AsyncClient) -> None:
        self.behind = behind
        self.http = http


def lifespan_of(passage: Passage) -> Any:
    """As the pages' application does it."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "lifespan":
            await passage(scope, receive, send)
            return
        for word in ("startup", "shutdown"):
            await receive()
            await send({"type": f"lifespan.{word}.complete"})

    return app


@pytest_asyncio.fixture
async def door(tmp_path: Path):
    path = str(tmp_path / "api.sock")
    inside = socket.socket(socket.AF_UNIX)
    inside.bind(path)
    inside.listen()
    inside.setblocking(False)
    behind = Behind()
    api = await serve(behind, [inside])
    way = httpx.AsyncHTTPTransport(uds=path)
    front = await serve(lifespan_of(Passage(way, CALLER)), await listen("127.0.0.1", 0))
    async with way, httpx.AsyncClient(base_url=f"http://127.0.0.1:{front.port}", trust_env=False) as http:
        yield Door(behind, http)
    await front.close()
    await api.close()


async def test_a_request_and_its_answer_go_through_as_they_are(door: Door):
    answer = await door.http.put("/api/v1/a%2Fb?x=1&x=%26", content=b"body", headers={"X-One": "1"})
    (asked,) = door.behind.asked
    assert (asked["method"], asked["path"], asked["query"]) == ("PUT", "/api/v1/a%2Fb", "x=1&x=%26")
    headers = dict(asked["headers"])
    assert headers["x-one"] == "1"
    assert headers["host"] == door.http.base_url.netloc.decode()
    assert headers["content-length"] == "4"
    assert (answer.status_code, answer.content) == (418, b"body")
    assert answer.headers.get_list("set-cookie") == ["a=1", "b=2"]
    assert answer.headers["retry-after"] == "7"
    assert len(answer.headers.get_list("date")) == 1


async def test_the_api_is_told_whom_it_comes_from_and_nobody_can_say_another(door: Door):
    await door.http.get("/api", headers={CALLER: "198.51.100.1"})
    assert [value for name, value in door.behind.asked[0]["headers"] if name == CALLER] == ["127.0.0.1"]


async def test_what_belongs_to_one_connection_stays_there(door: Door):
    await door.http.get("/api", headers={"te": "trailers", "proxy-authorization": "Basic x", "upgrade": "h2c"})
    names = {name for name, _ in door.behind.asked[0]["headers"]}
    assert not names & {"te", "proxy-authorization", "upgrade", "transfer-encoding"}


async def test_a_body_without_a_length_and_a_large_one_arrive_whole(door: Door):
    async def pieces():
        for _ in range(64):
            yield b"x" * 65536

    answer = await door.http.post("/api", content=pieces())
    assert len(answer.content) == 64 * 65536


async def test_an_answer_is_passed_on_while_it_comes_and_ends_when_nobody_is_there_to_hear_it(door: Door):
    async with door.http.stream("GET", "/stream") as answer:
        assert await anext(answer.aiter_raw()) == b"one"
        assert not door.behind.left.is_set()
    async with asyncio.timeout(5):
        await door.behind.left.wait()


async def test_a_refusal_before_the_body_was_read_arrives(door: Door):
    answer = await door.http.post("/refuse", content=b"x" * 1000)
    assert (answer.status_code, answer.content) == (413, b"no!")


async def test_an_answer_that_breaks_off_is_seen_to_have_broken_off(door: Door):
    with pytest.raises(httpx.RemoteProtocolError):
        await door.http.get("/breaks")


async def test_a_head_request_has_no_body(door: Door):
    answer = await door.http.head("/api")
    assert (answer.status_code, answer.content) == (418, b"")


async def test_an_api_that_is_away_is_said_to_be_so(tmp_path: Path):
    passage = Passage(httpx.AsyncHTTPTransport(uds=str(tmp_path / "none.sock")), CALLER)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(passage), base_url="http://here") as http:
        answer = await http.get("/api/v1/stations")
    assert answer.status_code == 502
    assert answer.headers["content-type"] == "application/problem+json"
    assert msgspec.json.decode(answer.content)["detail"] == "The CSMS does not answer just now."
