"""The programs under test here: a node of ours, with nothing left behind."""

import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from stationmaster.cli.node import Node, running_node
from stationmaster.cli.settings import ServeSettings
from stationmaster.domain.authorization import Token
from stationmaster.domain.identity import DEFAULT_TENANT, IdToken

_HERE = str(Path(__file__).resolve().parent)

if _HERE not in sys.path:
    sys.path.append(_HERE)


@pytest.fixture
async def node(tmp_path: Path) -> AsyncIterator[Node]:
    """A CSMS with open doors, which knows the card CARD."""
    settings = ServeSettings(
        ocpp_port=0, api_port=0, files_port=0, data_dir=tmp_path, registration="open", inventory="off"
    )
    async with running_node(settings) as running:
        storage = running.storage
        card = Token(key=storage.keys.take(), tenant=DEFAULT_TENANT, id_token=IdToken("CARD"))
        await storage.journal.store([card])
        yield running
