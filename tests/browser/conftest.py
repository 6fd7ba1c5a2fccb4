"""The pages in a real Chromium, against a CSMS in a process of its own, with stations that the tests steer.

A test asks for ``desk`` (somebody at a screen), ``street`` (stations) and ``site`` (the CSMS and its API). One CSMS and
one browser serve all tests of a worker, so a test names its stations and tokens so that nobody else uses them; one that
stops the CSMS makes a Site of its own.
"""

import asyncio
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

_HERE = str(Path(__file__).resolve().parent)
if _HERE not in sys.path:
    sys.path.append(_HERE)

from posts import Street  # noqa: E402 - beside this file
from site_process import Site  # noqa: E402
from watched_pages import Desk, browser_path, launched  # noqa: E402
from windows import Windows  # noqa: E402

NO_BROWSER = "no browser"


@pytest.hookimpl(hookwrapper=True)
def pytest_pycollect_makemodule() -> Iterator[None]:
    """All tests here share the loop that the browser's connection lives on."""
    outcome = yield
    outcome.get_result().add_marker(pytest.mark.asyncio(loop_scope="session"))  # type: ignore[attr-defined]


def pytest_asyncio_loop_factories() -> dict[str, Any]:
    return {"real": asyncio.new_event_loop}


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Windows]:
    if browser_path() is None:
        pytest.skip(NO_BROWSER)
    from playwright.async_api import async_playwright

    async with async_playwright() as playwright:
        chromium = await launched(playwright)
        yield Windows(chromium)
        await chromium.close()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def site(browser: Windows, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Site]:
    made = Site(tmp_path_factory.mktemp("site"))
    try:
        await made.start()
        yield made
    finally:
        await made.close()


@pytest_asyncio.fixture(loop_scope="session")
async def own_site(browser: Windows, tmp_path: Path) -> AsyncIterator[Site]:
    """One that the test may stop."""
    made = Site(tmp_path)
    try:
        await made.start()
        yield made
    finally:
        await made.close()


@pytest_asyncio.fixture(loop_scope="session")
async def desk(browser: Windows, site: Site) -> AsyncIterator[Desk]:
    made = Desk(browser, site)
    yield made
    await made.close()


@pytest_asyncio.fixture(loop_scope="session")
async def street(site: Site) -> AsyncIterator[Street]:
    made = Street(site)
    try:
        yield made
    finally:
        await made.close()
