"""Which addresses of others may be called."""

import re
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stationmaster.transport.callback_address import MAX_LENGTH, BadCallback, Reach, callback_address, check_ip
from stationmaster.transport.http_address import HttpAddress, http_address

USUAL = Reach()


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("http://cs1.example", HttpAddress("cs1.example", 80, "/", False)),
        ("https://CS1.Example/ocpp?x=1", HttpAddress("cs1.example", 443, "/ocpp?x=1", True)),
        ("http://10.1.2.3:8080/a", HttpAddress("10.1.2.3", 8080, "/a", False)),
        ("http://[2001:4860::7]:81/", HttpAddress("2001:4860::7", 81, "/", False)),
        ("http://10.1.2.3:1024/", HttpAddress("10.1.2.3", 1024, "/", False)),
        ("http://100.64.0.9/", HttpAddress("100.64.0.9", 80, "/", False)),  # a carrier's NAT
        ("http://[fd12::1]/", HttpAddress("fd12::1", 80, "/", False)),
        (
            "http://" + "x" * 60 + ".example/" + "y" * 900,
            HttpAddress("x" * 60 + ".example", 80, "/" + "y" * 900, False),
        ),
    ],
)
def test_where_a_station_may_stand_is_taken_apart(url: str, address: HttpAddress) -> None:
    assert callback_address(url, USUAL) == address
    assert http_address(url) == address


@pytest.mark.parametrize(
    "url",
    [
        "",
        "cs1.example",
        "ftp://cs1.example/",
        "file:///etc/passwd",
        "gopher://cs1.example/",
        "http:///path",
        "http://:80/",
        "http://user@cs1.example/",
        "http://user:secret@cs1.example/",
        "http://@cs1.example/",
        "http://cs1.example/#part",
        "http://cs1.example/#",
        "http://cs1.example:0/",
        "http://cs1.example:22/",
        "http://cs1.example:25/",
        "https://cs1.example:445/",
        "http://cs1.example:65536/",
        "http://cs1.example:port/",
        "http://cs1 .example/",
        "http://cs1.example/a b",
        "http://cs1.example/\r\nX: y",
        "http://cs1.example/\u00fc",
        "http://c\u0455.example/",
        "http://[::1",
        "http://a\\b/",
        "http://cs1.example,evil/",
        "http://cs1.example/" + "x" * MAX_LENGTH,
    ],
)
def test_what_is_no_plain_address_is_refused(url: str) -> None:
    with pytest.raises(BadCallback) as refused:
        callback_address(url, Reach(loopback=True))
    assert not {"secret", "cs1", "evil", "65536"} & set(re.findall(r"\w+", str(refused.value)))


REFUSED = [
    "127.0.0.1",
    "127.9.9.9",
    "::1",
    "::ffff:127.0.0.1",
    "::127.0.0.1",
    "64:ff9b::7f00:1",
    "2002:7f00:1::",
    "0.0.0.0",
    "0.1.2.3",
    "::",
    "169.254.0.1",
    "169.254.169.254",
    "::ffff:169.254.169.254",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "224.0.0.1",
    "ff02::1",
    "239.255.255.250",
    "255.255.255.255",
    "240.0.0.1",
    "fd00:ec2::254",
    "100.100.100.200",
    "168.63.129.16",
]


@pytest.mark.parametrize("ip", REFUSED)
def test_what_is_never_a_stations_address_is_refused(ip: str) -> None:
    with pytest.raises(BadCallback) as refused:
        check_ip(ip, USUAL)
    assert ip not in str(refused.value)
    with pytest.raises(BadCallback):
        callback_address(f"http://[{ip}]/" if ":" in ip else f"http://{ip}/", USUAL)


@pytest.mark.parametrize("ip", ["127.0.0.1", "::1", "::ffff:127.0.0.1"])
def test_this_machine_is_called_where_that_is_allowed(ip: str) -> None:
    check_ip(ip, Reach(loopback=True))


@pytest.mark.parametrize("ip", REFUSED[7:])
def test_nothing_else_is_allowed_with_it(ip: str) -> None:
    with pytest.raises(BadCallback):
        check_ip(ip, Reach(loopback=True))


@pytest.mark.parametrize("ip", ["10.0.0.1", "172.16.0.1", "192.168.1.1", "100.64.0.1", "fd12::1", "::ffff:10.0.0.1"])
def test_private_networks_are_called_unless_that_is_forbidden(ip: str) -> None:
    check_ip(ip, USUAL)
    with pytest.raises(BadCallback, match="private"):
        check_ip(ip, Reach(private=False))


@pytest.mark.parametrize("ip", ["8.8.8.8", "2001:4860:4860::8888", "::ffff:8.8.8.8", "64:ff9b::808:808"])
def test_the_internet_is_always_called(ip: str) -> None:
    check_ip(ip, Reach(private=False))


@pytest.mark.parametrize("text", ["", "localhost", "1.2.3", "0x7f.1"])
def test_a_name_is_no_ip_address(text: str) -> None:
    with pytest.raises(BadCallback):
        check_ip(text, Reach(loopback=True))


@given(st.text(max_size=80).map("http://".__add__) | st.text(max_size=80))
def test_no_text_makes_it_fail_otherwise(url: str) -> None:
    with suppress(BadCallback):
        assert http_address(f"http://{callback_address(url, USUAL).authority}").host
