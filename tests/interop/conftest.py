"""The programs under test here: a node of ours, with nothing left behind."""

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import pytest_asyncio

from stationmaster.cli.node import Node, running_node
from stationmaster.cli.settings import ServeSettings
from stationmaster.domain.authorization.tokens import Token
from stationmaster.domain.identity import DEFAULT_TENANT, IdToken

_HERE = str(Path(__file__).resolve().parent)

if _HERE not in sys.path:
    sys.path.append(_HERE)

from node_rest import NodeRest, operator  # noqa: E402 - it stands beside this file


def settings(data_dir: Path, **more: int) -> ServeSettings:
    """A CSMS with open doors, on free ports, that asks no station anything of itself."""
    return ServeSettings(
        ocpp_port=0,
        api_port=0,
        files_port=0,
        pages=False,
        data_dir=data_dir,
        registration="open",
        inventory="off",
        **more,
    )


@asynccontextmanager
async def node_with_card(data_dir: Path, **more: int) -> AsyncIterator[Node]:
    """It knows the card CARD."""
    async with running_node(settings(data_dir, **more)) as running:
        storage = running.storage
        card = Token(key=storage.keys.take(), tenant=DEFAULT_TENANT, id_token=IdToken("CARD"))
        await storage.journal.store([card])
        yield running


@pytest.fixture
async def node(tmp_path: Path) -> AsyncIterator[Node]:
    """One for this test alone."""
    async with node_with_card(tmp_path) as running:
        yield running


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def rest(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[NodeRest]:
    """One for many tests, each of which brings stations of its own."""
    async with node_with_card(tmp_path_factory.mktemp("node")) as running, operator(running) as made:
        yield made


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def impatient_rest(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[NodeRest]:
    """One that gives a station one second to answer."""
    async with (
        node_with_card(tmp_path_factory.mktemp("node"), call_timeout_s=1) as running,
        operator(running) as made,
    ):
        yield made
