"""A fleet's cards made known to a CSMS of ours, over its API."""

import asyncio
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from http.client import HTTPException
from typing import Any

import msgspec

from stationmaster.cli.errors import CommandFailed
from stationmaster.simulator.driver import TokenPool

PORTION = 5000
"""As many as the API takes at a time."""

_TIMEOUT_S = 30.0
_MAX_ANSWER = 64 * 1024


class ApiAccess(msgspec.Struct, frozen=True, kw_only=True):
    """``url`` is where the API listens (http or https), without /api/v1; ``key`` is an operator's."""

    url: str
    key: str

    def __repr__(self) -> str:
        return f"ApiAccess(url={self.url!r})"


async def register_tokens(api: ApiAccess, pool: TokenPool) -> None:
    """The fleet's known cards as Accepted, its blocked ones as Blocked; those that are neither stay strangers.

    Raises CommandFailed where the API cannot be reached, or refuses.
    """
    tokens = list(_drafts(pool))
    for at in range(0, len(tokens), PORTION):
        await asyncio.to_thread(_post, api, tokens[at : at + PORTION])


def _drafts(pool: TokenPool) -> Iterator[dict[str, Any]]:
    for values, status in ((pool.known, "Accepted"), (pool.blocked, "Blocked")):
        for value in values:
            yield {"value": value, "status": status}


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """The key is for the address that was given, and for no other."""

    def redirect_request(self, *_: Any) -> None:
        return None


def _post(api: ApiAccess, tokens: Sequence[dict[str, Any]]) -> None:
    request = urllib.request.Request(  # noqa: S310  (the command line takes http and https only)
        f"{api.url.rstrip('/')}/api/v1/tokens/import",
        data=msgspec.json.encode(tokens),
        headers={"Authorization": f"Bearer {api.key}", "Content-Type": "application/json"},
        method="POST",
    )
    try:
        with urllib.request.build_opener(_NoRedirects).open(request, timeout=_TIMEOUT_S) as answer:
            answer.read(_MAX_ANSWER)
    except urllib.error.HTTPError as refused:
        raise CommandFailed(f"the API at {api.url} did not take the cards: {_reason(refused)}") from None
    except (OSError, HTTPException) as error:
        reason = error.reason if isinstance(error, urllib.error.URLError) else error
        raise CommandFailed(f"the API at {api.url} cannot be reached: {reason}") from None


class _Problem(msgspec.Struct):
    detail: str


def _reason(refused: urllib.error.HTTPError) -> str:
    """What the problem document says, or else the status."""
    with refused:
        try:
            return msgspec.json.decode(refused.read(_MAX_ANSWER), type=_Problem).detail
        except (msgspec.DecodeError, OSError, HTTPException, UnicodeError):
            return f"HTTP {refused.code}"
