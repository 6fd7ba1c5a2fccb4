"""An operator at the REST API of a node, and the foreign stations that are booted there."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count
from typing import Any

import httpx
from mobilityhouse_station import foreign_station

from stationmaster.cli.node import Node
from stationmaster.domain.identity import DEFAULT_TENANT
from stationmaster.ocpp.version import Version

ROOT = "/api/v1"
ANSWER_S = 10
_numbers = count(1)


class NodeRest:
    """``http`` carries an administrator's key."""

    def __init__(self, node: Node, http: httpx.AsyncClient) -> None:
        self.node = node
        self.http = http

    async def get(self, path: str, **query: Any) -> Any:
        answer = await self.http.get(ROOT + path, params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def send(self, method: str, path: str, body: Any = None, status: int = 201, **query: Any) -> Any:
        answer = await self.http.request(method, ROOT + path, json=body, params=query)
        assert answer.status_code == status, answer.text
        return answer.json() if answer.content else None

    async def command(self, station: int, kind: str, **fields: Any) -> Any:
        """A command once the station has answered it."""
        return await self.send("POST", f"/stations/{station}/commands", {"type": kind, **fields}, wait=ANSWER_S)

    async def begin(self, station: int, kind: str, **fields: Any) -> str:
        """Give a command and wait for nothing; where it is."""
        made = await self.send("POST", f"/stations/{station}/commands", {"type": kind, **fields})
        return f"/stations/{station}/commands/{made['key']}"

    async def until(self, path: str, holds: Any, **query: Any) -> Any:
        """What is at a path once ``holds`` is true of it."""
        async with asyncio.timeout(ANSWER_S):
            while not holds(found := await self.get(path, **query)):
                await asyncio.sleep(0.01)
        return found

    async def in_state(self, path: str, state: str) -> Any:
        return await self.until(path, lambda found: found["state"] == state)


def new_identity() -> str:
    """Of a station that no test has had before."""
    return f"FOREIGN-{next(_numbers)}"


@asynccontextmanager
async def operator(node: Node) -> AsyncIterator[NodeRest]:
    headers = {"Authorization": f"Bearer {node.info.api_key}"}
    async with httpx.AsyncClient(base_url=node.info.api_url, headers=headers, timeout=30) as http:
        yield NodeRest(node, http)


@asynccontextmanager
async def booted(rest: NodeRest, version: Version) -> AsyncIterator[tuple[Any, int]]:
    """A foreign station that nobody knew before, and its key."""
    identity = new_identity()
    async with foreign_station(rest.node.info.ocpp_url, identity, version) as station:
        await station.boot()
        known = await rest.node.storage.reads.find_station(DEFAULT_TENANT, identity)
        assert known is not None
        yield station, known.key
