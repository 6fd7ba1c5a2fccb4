import socket

import pytest

from stationmaster.cli.dial import websocket_dial, websocket_network
from stationmaster.domain.device_model.network_profile import NetworkProfile
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


@pytest.mark.parametrize(
    ("url", "password", "security"),
    [
        ("ws://csms.test", None, 0),
        ("ws://csms.test", "p", 1),
        ("wss://csms.test", "p", 2),
        ("wss://csms.test", None, 2),
    ],
)
def test_the_first_profile_is_that_of_the_command_line(url: str, password: str | None, security: int) -> None:
    preset = websocket_network(url, "CP-1", Version.V201, password).preset
    assert (preset.csms_url, preset.security_profile, preset.identity) == (url, security, "CP-1")
    assert preset.basic_auth_password is None  # it is not told to anybody


async def test_a_profile_leads_to_its_own_csms() -> None:
    network = websocket_network("ws://127.0.0.1:1", "CP-1", Version.V201)
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        port = held.getsockname()[1]
        profile = NetworkProfile(csms_url=f"ws://127.0.0.1:{port}", message_timeout_s=30, security_profile=1)
        with pytest.raises(ConnectionError, match=str(port)):
            await network.dial(profile)(nobody)
