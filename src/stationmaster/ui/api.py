"""The REST API as one person sees it: every read and every deed of a page goes through here.

The calls are made with the person's own session. So who may do what, what is written down, what is in bounds and how
a refusal is worded is decided in one place, for pages and for integrators alike.
"""

from collections.abc import Mapping
from typing import Any

import httpx
import msgspec
import structlog

CALLER = "x-stationmaster-caller"
"""The header that says for whom the pages ask: the address of their browser."""
TIMEOUT = httpx.Timeout(120.0, connect=5.0)

_BASE = "http://pages"
_PREFIX = "/api/v1"
_UNATTENDED = "x-unattended"

Query = Mapping[str, Any]

log = structlog.get_logger(__name__)


class Problem(Exception):
    """A request that the API did not fulfil. ``errors``: (path of a field, what is wrong with it)."""

    def __init__(
        self, status: int, detail: str, errors: tuple[tuple[str, str], ...] = (), retry_after_s: int | None = None
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.errors = errors
        self.retry_after_s = retry_after_s

    @property
    def is_signed_out(self) -> bool:
        """Whether the session has ended: nothing can be asked until its person signs in again."""
        return self.status == 401

    def in_words(self) -> str:
        """The whole of it for a person, wrong fields by name."""
        if not self.errors:
            return self.detail
        return "; ".join(f"{path.removeprefix('body.').removeprefix('query.')}: {what}" for path, what in self.errors)


class Doorway:
    """The way into the API, shared by all pages. It is never closed: it ends with the process."""

    def __init__(self, way: httpx.AsyncBaseTransport) -> None:
        self._way = way

    def client(self, address: str) -> httpx.AsyncClient:
        """``address``: whom the API is to take for the caller, as its audit log names it."""
        return httpx.AsyncClient(
            transport=self._way, base_url=_BASE, headers={CALLER: address}, timeout=TIMEOUT, trust_env=False
        )


class Api:
    """One person's. ``token`` is the session's secret: it is never shown or logged."""

    def __init__(self, doorway: Doorway, token: str, address: str) -> None:
        self._client = doorway.client(address)
        self._headers = {"authorization": f"Bearer {token}"} if token else {}

    async def get(self, path: str, query: Query | None = None) -> Any:
        """The decoded JSON of an answer. Raises Problem, as all of these do. ``path`` begins behind /api/v1."""
        return _decoded(await self._request("GET", path, query=query))

    async def look(self, path: str, query: Query | None = None) -> Any:
        """As ``get``, of a page by itself: nobody's session is kept alive by it."""
        headers = {**self._headers, _UNATTENDED: "1"}
        answer = await self._asked("GET", path, params=_parameters(query), headers=headers)
        if answer.is_error:
            raise problem_of(answer)
        return _decoded(answer)

    async def text(self, path: str, query: Query | None = None) -> str:
        """An answer that is no JSON: CSV, JSON Lines."""
        return (await self._request("GET", path, query=query)).text

    async def post(self, path: str, body: Any = None, query: Query | None = None) -> Any:
        return _decoded(await self._request("POST", path, body, query))

    async def put(self, path: str, body: Any = None, query: Query | None = None) -> Any:
        return _decoded(await self._request("PUT", path, body, query))

    async def patch(self, path: str, body: Any, query: Query | None = None) -> Any:
        return _decoded(await self._request("PATCH", path, body, query))

    async def delete(self, path: str, query: Query | None = None) -> Any:
        return _decoded(await self._request("DELETE", path, query=query))

    async def upload(self, path: str, content: bytes, media_type: str = "application/octet-stream") -> Any:
        return _decoded(await self._request("PUT", path, content=content, media_type=media_type))

    async def answer(
        self, method: str, path: str, body: Any, headers: Mapping[str, str] | None = None
    ) -> httpx.Response:
        """The bare answer, with its headers, whatever its status. ``headers``: of the browser's own request."""
        told = {**(headers or {}), **self._headers, "content-type": "application/json"}
        return await self._asked(method, path, content=msgspec.json.encode(body), headers=told)

    async def _request(
        self,
        method: str,
        path: str,
        body: Any = None,
        query: Query | None = None,
        *,
        content: bytes | None = None,
        media_type: str = "application/json",
    ) -> httpx.Response:
        if body is not None:
            content = msgspec.json.encode(body)
        answer = await self._send(method, path, content, query, media_type)
        if answer.is_error:
            raise problem_of(answer)
        return answer

    async def _send(
        self, method: str, path: str, content: bytes | None, query: Query | None, media_type: str
    ) -> httpx.Response:
        headers = {**self._headers, "content-type": media_type} if content is not None else self._headers
        return await self._asked(method, path, content=content, params=_parameters(query), headers=headers)

    async def _asked(self, method: str, path: str, **request: Any) -> httpx.Response:
        try:
            return await self._client.request(method, _PREFIX + path, **request)
        except httpx.TransportError as error:
            log.warning("API out of reach", path=path, reason=repr(error))
            raise Problem(503, "The CSMS does not answer just now.") from error


def problem_of(answer: httpx.Response) -> Problem:
    """From a problem document; from the bare status where it is none."""
    try:
        document = msgspec.json.decode(answer.content)
        errors = tuple((str(error["path"]), str(error["detail"])) for error in document.get("errors", ()))
        detail = str(document.get("detail") or document["title"])
    except (msgspec.DecodeError, KeyError, TypeError, AttributeError):
        errors, detail = (), f"The request failed with status {answer.status_code}."
    wait = answer.headers.get("retry-after", "")
    return Problem(answer.status_code, detail, errors, int(wait) if wait.isdigit() else None)


def _parameters(query: Query | None) -> dict[str, str]:
    return {name: _written(value) for name, value in (query or {}).items() if value not in (None, "")}


def _decoded(answer: httpx.Response) -> Any:
    return msgspec.json.decode(answer.content) if answer.content else None


def _written(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
