"""docs/howto/authorize-with-another-system.md, step by step: a node with a file of settings, a system that answers, a
station that asks."""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import connect

from stationmaster.cli.config import load
from stationmaster.cli.node import Node, running_node

PAGE = Path(__file__).parents[2] / "docs/howto/authorize-with-another-system.md"
BLOCKS = re.findall(r"```(\w+)\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
SETTINGS, QUESTION, ANSWER = BLOCKS[0][1], json.loads(BLOCKS[1][1]), json.loads(BLOCKS[2][1])


class CardSystem:
    """Answers as the page says, or as it is told to."""

    def __init__(self) -> None:
        self.answers: dict[str, tuple[int, Any]] = {}
        self.questions: list[dict[str, Any]] = []
        self.heads: list[str] = []

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode()
                length = re.search(r"content-length: (\d+)", head, re.I)
                assert length is not None
                question = json.loads(await reader.readexactly(int(length[1])))
                self.heads.append(head)
                self.questions.append(question)
                code, answer = self.answers.get(question["id_token"]["value"], (200, {"status": "Unknown"}))
                body = json.dumps(answer).encode()
                writer.write(f"HTTP/1.1 {code} X\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


@asynccontextmanager
async def serving(tmp_path: Path, cards: CardSystem, *changes: tuple[str, str]) -> AsyncIterator[Node]:
    server = await asyncio.start_server(cards, "127.0.0.1", 0)
    secret = tmp_path / "cards.secret"
    secret.write_text("open sesame\n")
    text = SETTINGS
    for old, new in (
        ("https://cards.example", f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"),
        ("/etc/stationmaster/cards.secret", str(secret)),
        *changes,
    ):
        assert old in text
        text = text.replace(old, new)
    config = tmp_path / "stationmaster.toml"
    config.write_text(
        '[network]\nocpp_port = 0\napi_port = 0\nfiles_port = 0\npages = false\n[stations]\nregistration = "open"\n'
        f'[storage]\ndata_dir = "{tmp_path}/data"\n{text}'
    )
    settings = load({}, {}, config=config).settings
    async with running_node(settings) as node:
        yield node
    server.close()
    await server.wait_closed()


class Station:
    """One of 2.0.1, that says only this."""

    def __init__(self, socket: Any) -> None:
        self._socket = socket
        self._count = 0

    async def call(self, action: str, payload: dict[str, Any]) -> Any:
        self._count += 1
        await self._socket.send(json.dumps([2, str(self._count), action, payload]))
        while True:
            kind, message_id, *rest = json.loads(await self._socket.recv())
            if kind == 3 and message_id == str(self._count):
                return rest[0]

    async def status(self, token: str) -> str:
        info = await self.authorize(token)
        status: str = info["status"]
        return status

    async def authorize(self, token: str) -> dict[str, Any]:
        answer = await self.call("Authorize", {"idToken": {"idToken": token, "type": "ISO14443"}})
        info: dict[str, Any] = answer["idTokenInfo"]
        return info


@asynccontextmanager
async def station_at(node: Node) -> AsyncIterator[Station]:
    async with connect(f"{node.info.ocpp_url}/CS-1", subprotocols=["ocpp2.0.1"]) as socket:  # type: ignore[list-item]
        station = Station(socket)
        await station.call(
            "BootNotification", {"reason": "PowerUp", "chargingStation": {"vendorName": "M", "model": "X"}}
        )
        yield station


async def test_the_page_is_as_it_is(tmp_path: Path) -> None:
    cards = CardSystem()
    cards.answers = {
        "04A1B2C3": (200, ANSWER),
        "04B10C": (200, {"status": "Blocked", "reason": "reported stolen"}),
    }
    async with serving(tmp_path, cards) as node, station_at(node) as station:
        info = await station.authorize("04A1B2C3")
        assert (info["status"], info["groupIdToken"]["idToken"], info["evseId"]) == ("Accepted", "FLEET-7", [1, 2])
        assert await station.status("04B10C") == "Blocked"
        assert await station.status("04C0FFEE") == "Unknown"

        assert set(cards.questions[0]) == set(QUESTION)
        assert set(cards.questions[0]["id_token"]) == set(QUESTION["id_token"])
        assert cards.questions[0]["purpose"] == "authorize"
        assert "bearer open sesame" in cards.heads[0].lower()

        start = {
            "eventType": "Started",
            "timestamp": "2026-03-01T12:00:00Z",
            "triggerReason": "Authorized",
            "seqNo": 0,
            "transactionInfo": {"transactionId": "TX1"},
            "evse": {"id": 1, "connectorId": 1},
            "idToken": {"idToken": "04A1B2C3", "type": "ISO14443"},
        }
        told = await station.call("TransactionEvent", start)
        assert told["idTokenInfo"]["status"] == "Accepted"
        assert (cards.questions[-1]["purpose"], cards.questions[-1]["evse_id"]) == ("start", 1)
        asked = len(cards.questions)
        end = {**start, "eventType": "Ended", "triggerReason": "StopAuthorized", "seqNo": 1}
        told = await station.call("TransactionEvent", end)
        assert told["idTokenInfo"]["status"] == "Accepted"
        assert len(cards.questions) == asked  # nobody is asked about a stop

        async with httpx.AsyncClient(
            base_url=node.info.api_url, headers={"X-API-Key": node.info.api_key or ""}
        ) as http:
            refused = (await http.get("/api/v1/refusals", params={"token": "04B10C"})).json()["items"]
            assert [(each["source"], each["reason"]) for each in refused] == [("outside", "reported stolen")]
            body = {"id_token": {"value": "04A1B2C3"}, "station": refused[0]["station"], "ask_outside": True}
            judged = (await http.post("/api/v1/tokens/judge", json=body)).json()
            assert (judged["status"], judged["source"]) == ("Accepted", "outside")
            metrics = (await http.get("/metrics")).text
            assert re.search(r"outside_asked\S* 5(\.0)?$", metrics, re.M), metrics


@pytest.mark.parametrize(
    ("silent", "status", "source"),
    [("own", "Unknown", "own"), ("refuse", "Invalid", "policy"), ("accept", "Accepted", None)],
)
async def test_its_silence_counts_as_the_settings_say(
    tmp_path: Path, silent: str, status: str, source: str | None
) -> None:
    cards = CardSystem()
    cards.answers = {"04A1B2C3": (500, {})}
    change = ('authorization_when_silent = "own"', f'authorization_when_silent = "{silent}"')
    async with serving(tmp_path, cards, change) as node, station_at(node) as station:
        assert await station.status("04A1B2C3") == status
        async with httpx.AsyncClient(
            base_url=node.info.api_url, headers={"X-API-Key": node.info.api_key or ""}
        ) as http:
            refused = (await http.get("/api/v1/refusals")).json()["items"]
    assert [each["source"] for each in refused] == ([] if source is None else [source])
