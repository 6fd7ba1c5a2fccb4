"""How a real station reaches a node in memory, in whichever way its version is spoken; and which versions can say what.

A test is for every version in which there is such a message (``having``). Those that are left out, and the reasons,
stand in the product's own table (``dialects/coverage.py: UNSUPPORTED``); ``lacking`` is for the test that an operator
who asks for it all the same is told so. What is decided without a look at the version, and of which no version has a
message of its own, is tried in one of each generation and each way (``one_of_each``).
"""

from typing import Any

import pytest

from stationmaster.cli.soap_site import SoapSite
from stationmaster.dialects.coverage import UNSUPPORTED
from stationmaster.ocpp.messages import messages
from stationmaster.ocpp.version import VERSIONS, Version
from stationmaster.station.connection.lines import ToCsms
from stationmaster.testing import CsmsBench
from stationmaster.testing.bench import SOAP_URL
from stationmaster.transport.errors import ConnectFailed, ConnectRefused

every_version = pytest.mark.parametrize("version", VERSIONS, ids=str)
OLDER = (Version.V15, Version.V16)
"""The first generation, in both ways: for what no version of it has, for one reason that is the same in all of them."""
one_of_each = pytest.mark.parametrize("version", (Version.V15, Version.V16, Version.V21), ids=str)


def having(action: str, *, but: tuple[Version, ...] = ()) -> tuple[Version, ...]:
    """The versions that have a message, oldest first, ``but`` for some."""
    there = tuple(version for version in VERSIONS if action in messages(version))
    assert {*there, *lacking(action)} == {*VERSIONS}, "nobody is left out without a reason"
    return tuple(version for version in there if version not in but)


def lacking(action: str) -> tuple[Version, ...]:
    """The versions that do not have it, and are known not to."""
    return tuple(version for version in VERSIONS if (version, action) in UNSUPPORTED)


def way_to(bench: CsmsBench, identity: str, version: Version, password: str | None = None) -> ToCsms:
    """A WebSocket, or SOAP with a listener of the station's own at ``called_at(identity)``."""
    if version.is_soap:
        site = SoapSite(bench.http.client())
        site.base = f"http://{called_at(identity)}"
        bench.http.serve(called_at(identity), site.route())
        return site.place(SOAP_URL, identity, password=password)

    async def dial(receive: Any) -> Any:
        try:
            return await bench.network.connect(
                bench.url(identity),
                subprotocols=(version.subprotocol,),
                receiver_factory=receive,
                basic_auth=None if password is None else (identity, password.encode()),
            )
        except (ConnectRefused, ConnectFailed) as refused:
            raise OSError(str(refused)) from refused

    return dial


def called_at(identity: str) -> str:
    """The authority under which a station that speaks SOAP is called."""
    return f"{identity.lower()}.stations.test:8080"
