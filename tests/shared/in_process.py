"""The REST API of a node for tests: of many that are made one after another, and without sockets in virtual time."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from functools import partial
from unittest.mock import patch

import httpx
from litestar import Litestar

from stationmaster.api.app import create_app, state_of
from stationmaster.api.http.services import Services
from stationmaster.security.person_passwords import HashCost, PersonPasswords

CHEAP = HashCost(memory_kib=8, passes=1)

_idle: list[Litestar] = []
"""Those that nobody uses. An application is slow to make, and remembers nothing but its state."""


@contextmanager
def application(services: Services) -> Iterator[Litestar]:
    """One to serve with these."""
    app = _idle.pop() if _idle else create_app(services)
    app.state = state_of(services)
    try:
        yield app
    finally:
        _idle.append(app)


@contextmanager
def applications_of_nodes() -> Iterator[None]:
    """Nodes that begin within, and end, serve with such ones too, and spend next to nothing on passwords."""
    with ExitStack() as taken:

        def take(services: Services) -> Litestar:
            return taken.enter_context(application(services))

        with (
            patch("stationmaster.cli.node.create_app", take),
            patch("stationmaster.cli.node.PersonPasswords", partial(PersonPasswords, CHEAP)),
        ):
            yield


@asynccontextmanager
async def asking(services: Services, secret: str | None) -> AsyncIterator[httpx.AsyncClient]:
    """A client that carries a key, in the process of the API. What the API does not catch is raised at the request."""
    with application(services) as app:
        started, ending = asyncio.Event(), asyncio.Event()

        async def live() -> None:
            async with app.lifespan():
                started.set()
                await ending.wait()

        living = asyncio.create_task(live())  # the framework wants one task to begin and to end it
        await started.wait()
        transport, headers = httpx.ASGITransport(app), {"Authorization": f"Bearer {secret}"}
        try:
            async with httpx.AsyncClient(transport=transport, base_url="http://csms.test", headers=headers) as http:
                yield http
        finally:
            app.state.streams.end()
            ending.set()
            await living
