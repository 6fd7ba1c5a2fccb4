"""The programs under test here: a node of ours, with nothing left behind."""

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import pytest_asyncio
from in_process import applications_of_nodes

from stationmaster.cli.node import Node, running_node
from stationmaster.cli.settings import ServeSettings
from stationmaster.domain.authorization.tokens import Token
from stationmaster.domain.identity import DEFAULT_TENANT, IdToken

_HERE = str(Path(__file__).resolve().parent)

if _HERE not in sys.path:
    sys.path.append(_HERE)

from node_rest import NodeRest, operator  # noqa: E402 - it stands beside this file
from zeep_contracts import VARIABLE, missing_originals  # noqa: E402
from zeep_messages import CARD as SHARED_CARD  # noqa: E402

_LEFT_OUT = f"{VARIABLE} names no folder that has OCA's WSDLs"


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "originals: by the WSDLs as they were published, which are not kept here")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    missing = missing_originals()
    for item in items:
        if missing and item.get_closest_marker("originals") is not None:
            item.add_marker(pytest.mark.skip(reason=_LEFT_OUT))


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
    with applications_of_nodes():
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


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def soap_rest(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[NodeRest]:
    """One that calls stations on this machine, and knows a card that is used at many at once."""
    async with (
        node_with_card(tmp_path_factory.mktemp("node"), soap_loopback_callbacks=True) as running,
        operator(running) as made,
    ):
        await made.send("POST", "/tokens", {"value": SHARED_CARD, "max_concurrent": None})
        yield made
