"""Which tenant and station a path names."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stationmaster.transport.path import BadPath, StationPath, parse_path, station_url


@pytest.mark.parametrize(
    ("target", "tenant", "identity"),
    [
        (b"/CS1", "default", "CS1"),
        (b"/ocpp/CS1", "default", "CS1"),
        (b"/ocpp/acme/CS1", "acme", "CS1"),
        (b"/ocpp/acme/CS1/", "acme", "CS1"),
        (b"/ocpp//CS1", "default", "CS1"),
        (b"/ocpp/acme/CS1?token=x/y#z", "acme", "CS1"),
        (b"/steve/websocket/CentralSystemService/CS1", "default", "CS1"),
        (b"/x/ocpp/acme/CS1", "default", "CS1"),
        (b"/ocpp/a%20b/CS%2F1%3A", "a b", "CS/1:"),
        (b"/ocpp/%C3%BC", "default", "ü"),
        (b"/ocpp/" + b"x" * 255, "default", "x" * 255),
    ],
)
def test_a_path_names_a_tenant_and_a_station(target: bytes, tenant: str, identity: str) -> None:
    assert parse_path(target) == StationPath(tenant, identity)


@pytest.mark.parametrize(
    "target",
    [
        b"",
        b"/",
        b"//",
        b"/?x=CS1",
        b"CS1",
        b"http://csms.test/CS1",
        b"/ocpp/%",
        b"/ocpp/%4",
        b"/ocpp/%zz",
        b"/ocpp/%+1",
        b"/ocpp/%FF",
        b"/ocpp/\xff",
        b"/ocpp/CS%00",
        b"/ocpp/CS%0A",
        b"/ocpp/CS%7F",
        b"/ocpp/%E2%80%AE1SC",
        b"/ocpp/ac%0Dme/CS1",
        b"/ocpp/..",
        b"/ocpp/" + b"x" * 256,
        b"/" + b"x/" * 1100,
    ],
)
def test_a_path_that_names_no_station_is_refused(target: bytes) -> None:
    with pytest.raises(BadPath):
        parse_path(target)


def test_a_listed_prefix_goes_before_the_rule() -> None:
    tenants = {"ocpp/1.6": "default", "berlin": "berlin", "": "root"}
    assert parse_path(b"/ocpp/1.6/CS1", tenants).tenant == "default"
    assert parse_path(b"/ocpp/acme/CS1", tenants).tenant == "acme"
    assert parse_path(b"/berlin/CS1", tenants).tenant == "berlin"
    assert parse_path(b"/CS1", tenants).tenant == "root"


@given(st.text(min_size=1, max_size=48).filter(lambda text: text.isprintable() and text not in (".", "..")))
def test_a_station_url_gives_its_identity_back(identity: str) -> None:
    url = station_url("ws://csms.test/ocpp/acme/", identity)
    path = url.removeprefix("ws://csms.test").encode("ascii")
    assert parse_path(path) == StationPath("acme", identity)


@given(st.binary(max_size=300))
def test_any_bytes_give_a_station_or_bad_path(target: bytes) -> None:
    try:
        station = parse_path(b"/" + target)
    except BadPath:
        return
    assert 1 <= len(station.identity) <= 255
    assert (station.tenant + station.identity).isprintable()


def test_a_base_url_with_a_query_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="query"):
        station_url("ws://csms.test/ocpp?x=1", "CS1")
