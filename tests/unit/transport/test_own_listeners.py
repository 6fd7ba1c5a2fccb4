"""What is ours is nobody's callback address."""

import socket
from unittest.mock import patch

import pytest

from stationmaster.transport import own_listeners
from stationmaster.transport.callback_address import BadCallback, Reach
from stationmaster.transport.http_address import http_address
from stationmaster.transport.own_listeners import OwnListeners, is_this_machine

HERE = Reach(loopback=True)


@pytest.fixture
def own() -> OwnListeners:
    own = OwnListeners()
    own.add(9001, "http://203.0.113.7:80/soap", "https://csms.example/soap", "")
    own.add(9000, "ws://csms.example:9000/ocpp")
    own.add(8080, "http://[2001:db8::7]:bad/")
    return own


@pytest.mark.parametrize(
    "url",
    [
        "http://203.0.113.7/",
        "http://203.0.113.7:80/else/where",
        "https://csms.example/",
        "https://CSMS.example:443/soap",
        "http://csms.example:9000/",
        "http://127.0.0.1:8080/api/v1/stations",
        "http://127.9.9.9:9001/",
        "http://[::1]:9001/soap",
        "http://[::ffff:127.0.0.1]:9000/",
        "http://localhost:8080/",
    ],
)
def test_our_own_addresses_are_known_by_what_is_written_there(own: OwnListeners, url: str) -> None:
    with pytest.raises(BadCallback, match="this CSMS itself"):
        own.check(http_address(url))


@pytest.mark.parametrize(
    "url", ["http://203.0.113.7:8080/", "http://csms.example/", "http://127.0.0.1:8081/", "http://cs1.example:9001/"]
)
def test_others_are_not_taken_for_ours(own: OwnListeners, url: str) -> None:
    own.check(http_address(url))


@pytest.mark.parametrize("ip", ["10.0.0.5", "2001:db8::5", "::ffff:10.0.0.5"])
def test_an_address_of_this_machine_in_its_network_is_ours_with_our_ports(own: OwnListeners, ip: str) -> None:
    with patch.object(own_listeners, "is_this_machine", lambda asked: asked == ip):
        with pytest.raises(BadCallback, match="this CSMS itself"):
            own.check_ip(ip, 8080, HERE)
        with pytest.raises(BadCallback, match="this machine itself"):
            own.check_ip(ip, 8081, Reach())
        own.check_ip(ip, 8081, HERE)
        own.check_ip("10.0.0.6", 8080, Reach())


def test_a_name_that_leads_to_our_address_in_the_internet_is_ours(own: OwnListeners) -> None:
    with pytest.raises(BadCallback, match="this CSMS itself"):
        own.check_ip("203.0.113.7", 80, HERE)


def test_this_machine_is_known_by_each_of_its_addresses() -> None:
    for ip in ("127.0.0.1", "127.1.2.3", "::1", "::ffff:127.0.0.1"):
        assert is_this_machine(ip)
    for ip in ("192.0.2.1", "2001:db8::1", "fe80::1%nowhere"):
        assert not is_this_machine(ip)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
        except OSError:
            pytest.skip("this machine is in no network")
        assert is_this_machine(probe.getsockname()[0])
