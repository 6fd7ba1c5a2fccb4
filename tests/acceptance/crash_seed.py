"""What servers under test are forked from: the program, imported, with the application of its API made. That takes
longer to make than all the rest of a start, and remembers nothing but its state (see ``in_process``)."""

import gc
from typing import Any, cast
from unittest.mock import patch

from litestar import Litestar
from litestar.datastructures import State

import stationmaster.cli.logs
import stationmaster.cli.main  # noqa: F401
from stationmaster.api.app import create_app, state_of
from stationmaster.api.http.services import Services
from stationmaster.cli import node

with patch("stationmaster.api.app.state_of", lambda _: State()):
    _APP = create_app(cast(Any, None))


def _with(services: Services) -> Litestar:
    """The one of this process."""
    _APP.state = state_of(services)
    return _APP


node.create_app = _with
gc.collect()
gc.freeze()  # no server need look at all this again
