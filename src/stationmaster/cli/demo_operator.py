"""The operator of the demo: does what is to be done over the REST API, as anybody would."""

from typing import Any

import httpx

from stationmaster.cli.errors import CommandFailed

_TIMEOUT_S = 30.0


def connected(url: str, key: str) -> httpx.AsyncClient:
    """To the API of a node, with an administrator's key."""
    headers = {"Authorization": f"Bearer {key}"}
    return httpx.AsyncClient(base_url=url, headers=headers, timeout=_TIMEOUT_S, trust_env=False)


class DemoOperator:
    """``http`` is closed with it."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self._http = http

    async def close(self) -> None:
        await self._http.aclose()

    async def get(self, path: str, **query: Any) -> Any:
        return await self._ask("GET", path, params=query)

    async def post(self, path: str, body: Any) -> Any:
        return await self._ask("POST", path, json=body)

    async def put(self, path: str, body: Any) -> Any:
        return await self._ask("PUT", path, json=body)

    async def upload(self, path: str, content: bytes) -> Any:
        return await self._ask("PUT", path, content=content, headers={"Content-Type": "application/octet-stream"})

    async def _ask(self, method: str, path: str, **what: Any) -> Any:
        """The answer's JSON. Raises CommandFailed with the API's own words where it refuses."""
        try:
            answer = await self._http.request(method, f"/api/v1{path}", **what)
        except httpx.HTTPError as error:
            raise CommandFailed(f"the demo's own API gave no answer to {method} {path}: {error}") from None
        if answer.is_error:
            raise CommandFailed(f"the demo's own API refused {method} {path}: {answer.text}")
        return answer.json() if answer.content else None
