"""How the stations of `station` and `fleet` reach their CSMS."""

import ssl
from collections.abc import Callable

from stationmaster.domain.device_model.network_profile import NetworkProfile
from stationmaster.ocpp.version import Version
from stationmaster.station.connection.network import Network
from stationmaster.station.ports import Connection, Dial, DialledConnection, Receiver
from stationmaster.transport.errors import ConnectFailed, ConnectRefused
from stationmaster.transport.path import station_url
from stationmaster.transport.websocket_client import connect


def websocket_dial(
    url: str,
    identity: str,
    version: Version,
    password: str | None = None,
    failed: Callable[[str], None] = lambda _: None,
) -> Dial:
    """A line over WebSocket; ``failed`` is told why there is none. ``url`` has no query, see `station.csms_url`."""
    address = station_url(url, identity)
    tls = ssl.create_default_context() if address.startswith("wss:") else None
    credentials = None if password is None else (identity, password.encode())

    async def dial(receiver: Callable[[Connection], Receiver]) -> DialledConnection:
        try:
            return await connect(
                address,
                subprotocols=(version.subprotocol,),
                receiver_factory=receiver,
                basic_auth=credentials,
                tls=tls,
            )
        except (ConnectFailed, ConnectRefused) as error:
            failed(str(error))
            raise ConnectionError(str(error)) from error  # a station knows no HTTP: it tries again later

    return dial


def websocket_network(
    url: str,
    identity: str,
    version: Version,
    password: str | None = None,
    failed: Callable[[str], None] = lambda _: None,
) -> Network:
    """Any CSMS that can be dialled, ``url`` first; a profile may bring its own identity and password (2.1)."""
    tls = url.startswith("wss:")
    security = 2 if tls else int(password is not None)

    def dial(profile: NetworkProfile) -> Dial:
        own_password = profile.basic_auth_password or password
        return websocket_dial(profile.csms_url, profile.identity or identity, version, own_password, failed)

    preset = NetworkProfile(csms_url=url, message_timeout_s=30, security_profile=security, identity=identity)
    return Network(preset=preset, dial=dial)
