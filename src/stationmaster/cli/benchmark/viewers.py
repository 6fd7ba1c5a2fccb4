"""People who look at the pages: ``python -m stationmaster.cli.benchmark.viewers``, a process of its own.

It reads one line of JSON (``Looking``), opens those pages, prints an empty ``Seen``, and keeps them open until its
standard input ends; then it prints what came over their connections.
"""

import asyncio
import os
import sys
from contextlib import suppress

import httpx
import msgspec

from stationmaster.cli.benchmark.page_client import OpenPage
from stationmaster.cli.errors import CommandFailed

_TIMEOUT_S = 30.0


class Looking(msgspec.Struct, frozen=True, kw_only=True):
    """``session``: the secret of a session; ``paths``: one for each page to open."""

    url: str
    session: str
    paths: tuple[str, ...]


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """What came over all connections. ``lost`` pages were not alive any more in the end."""

    messages: int = 0
    characters: int = 0
    lost: int = 0


async def look(looking: Looking) -> None:
    pages = [OpenPage(looking.url, looking.session, path) for path in looking.paths]
    async with httpx.AsyncClient(timeout=_TIMEOUT_S, trust_env=False) as http:
        for page in pages:
            await page.open(http)
    _tell(Seen())
    ended = asyncio.Event()
    asyncio.get_running_loop().add_reader(sys.stdin, ended.set)  # nobody writes there any more: readable is ended
    await ended.wait()
    seen = Seen(
        messages=sum(page.messages for page in pages),
        characters=sum(page.characters for page in pages),
        lost=sum(not page.is_alive for page in pages),
    )
    for page in pages:
        await page.close()
    _tell(seen)


def _tell(seen: Seen) -> None:
    print(msgspec.json.encode(seen).decode(), flush=True)


def main() -> None:
    _stand_back()
    looking = msgspec.json.decode(sys.stdin.readline(), type=Looking)
    try:
        asyncio.run(look(looking))
    except CommandFailed as failed:
        sys.exit(str(failed))


def _stand_back() -> None:
    """Browsers are on other machines: here they take what the others leave."""
    os.nice(19)
    with suppress(AttributeError, OSError):  # Linux has it
        os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))


if __name__ == "__main__":
    main()
