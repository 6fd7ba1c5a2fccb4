"""What stations are told to connect to."""

from stationmaster.cli.node import ocpp_url
from stationmaster.cli.settings import ServeSettings


def test_stations_are_told_the_nodes_own_address_unless_another_is_set() -> None:
    assert ocpp_url(ServeSettings(), 9000) == "ws://127.0.0.1:9000/ocpp"
    assert ocpp_url(ServeSettings(ocpp_host="::"), 9000) == "ws://[::1]:9000/ocpp"
    assert ocpp_url(ServeSettings(ocpp_url="wss://csms.example/ocpp/"), 9000) == "wss://csms.example/ocpp"
