import socket

import pytest

from stationmaster.cli.dial import websocket_dial
from stationmaster.ocpp.version import Version
from stationmaster.station.ports import Connection, Receiver


def nobody(connection: Connection) -> Receiver:
    raise AssertionError("there is no connection")


async def test_where_nobody_listens_the_station_gets_a_connection_error_and_the_person_the_reason() -> None:
    reasons: list[str] = []
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        url = f"ws://127.0.0.1:{held.getsockname()[1]}"
        with pytest.raises(ConnectionError) as caught:
            await websocket_dial(url, "CP-1", Version.V201, "password", reasons.append)(nobody)
    assert reasons == [str(caught.value)]
    assert "password" not in reasons[0]
