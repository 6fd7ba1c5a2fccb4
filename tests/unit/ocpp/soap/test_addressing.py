"""WS-Addressing is read in both versions, and only what is a URL is a place to call."""

import pytest

from stationmaster.ocpp.sender import Sender
from stationmaster.ocpp.soap.addressing import (
    ANONYMOUS,
    Addressing,
    action_of,
    callback_of,
    oddnesses_of,
    read_addressing,
    written,
)
from stationmaster.ocpp.soap.namespaces import WSA, WSA_2004
from stationmaster.ocpp.soap.parsing import parse
from stationmaster.ocpp.soap.tables import SERVICES
from stationmaster.ocpp.version import SOAP_VERSIONS, Version

FULL = Addressing(
    action="/Heartbeat",
    message_id="urn:uuid:1",
    to="http://csms/soap?a=1&b=2",
    from_address="http://10.0.0.5:8080/ocpp",
    reply_to=ANONYMOUS[WSA],
)


@pytest.mark.parametrize("namespace", [WSA, WSA_2004])
def test_headers_are_read_in_the_version_in_which_they_are_written(namespace: str) -> None:
    text = written(FULL, must_understand=True)
    root = parse(f'<h xmlns:env="urn:env" xmlns:wsa="{namespace}">{text}</h>'.encode())
    assert read_addressing(root) == Addressing(
        **{name: getattr(FULL, name) for name in FULL.__struct_fields__} | {"namespace": namespace}
    )


def test_white_space_around_headers_and_empty_ones_are_nothing() -> None:
    root = parse(
        f'<h xmlns="{WSA}"><To>\n http://a </To><Action/><From><Address>\t http://b\n</Address></From>'
        "<ReplyTo> http://c </ReplyTo><FaultTo><Address>http://d</Address></FaultTo></h>".encode()
    )
    assert read_addressing(root) == Addressing(to="http://a", from_address="http://b", reply_to="http://c")


@pytest.mark.parametrize(
    ("action", "means"),
    [
        ("/Heartbeat", "Heartbeat"),
        ("Heartbeat", "Heartbeat"),
        ('"/Heartbeat"', "Heartbeat"),
        ("urn://Ocpp/Cs/2012/06/Heartbeat", "Heartbeat"),
        ("urn://Ocpp/Cs/2010/08/:CentralSystemService:HeartbeatRequest", "Heartbeat"),
        ("", ""),
    ],
)
def test_an_action_is_known_by_its_last_word(action: str, means: str) -> None:
    assert action_of(action) == means


@pytest.mark.parametrize(
    ("from_address", "reply_to", "callback"),
    [
        ("http://10.0.0.5:8080/ocpp", None, "http://10.0.0.5:8080/ocpp"),
        ("https://cp.example.com", "http://other", "https://cp.example.com"),
        (ANONYMOUS[WSA], "http://10.0.0.5/", "http://10.0.0.5/"),
        (ANONYMOUS[WSA_2004], ANONYMOUS[WSA], None),
        (f"{WSA}/none", None, None),
        ("http://[fe80::1]:8080/", None, "http://[fe80::1]:8080/"),
        (None, None, None),
        ("10.0.0.5:8080", None, None),
        ("ftp://10.0.0.5/", None, None),
        ("file:///etc/passwd", None, None),
        ("http://", None, None),
        ("http://user:secret@10.0.0.5/", None, None),
        ("http://10.0.0.5:99999/", None, None),
        ("http://[::1", None, None),
        ("http://10.0.0.5/\r\nX: y", None, None),
        ("http://10.0.0.5/é", None, None),
        ("http://10.0.0.5/" + "x" * 2000, None, None),
    ],
)
def test_a_station_is_called_where_from_says_or_else_reply_to(
    from_address: str | None, reply_to: str | None, callback: str | None
) -> None:
    assert callback_of(Addressing(from_address=from_address, reply_to=reply_to)) == callback


@pytest.mark.parametrize("version", SOAP_VERSIONS)
def test_nothing_is_odd_about_what_we_write_ourselves(version: Version) -> None:
    assert oddnesses_of(FULL, SERVICES[version], "Heartbeat", Sender.STATION) == ()


def test_each_version_misses_only_what_its_own_text_asks_for() -> None:
    missing = {
        version: [each.detail.split()[3] for each in oddnesses_of(Addressing(), SERVICES[version], "X", Sender.STATION)]
        for version in SOAP_VERSIONS
    }
    assert missing == {
        Version.V12: ["From"],
        Version.V15: ["From"],
        Version.V16S: ["Action", "MessageID", "From", "ReplyTo", "To"],
    }


def test_a_csms_need_not_say_from_where_it_calls() -> None:
    assert oddnesses_of(Addressing(), SERVICES[Version.V15], "Reset", Sender.CSMS) == ()


@pytest.mark.parametrize(
    ("headers", "kind"),
    [
        ({"action": "Heartbeat"}, "action_spelling"),
        ({"relates_to": "urn:uuid:0"}, "request_relates"),
        ({"reply_to": "http://10.0.0.5/"}, "reply_elsewhere"),
    ],
)
def test_what_is_odd_about_headers_is_told(headers: dict[str, str], kind: str) -> None:
    odd = Addressing(**{name: getattr(FULL, name) for name in FULL.__struct_fields__} | headers)
    assert [each.kind for each in oddnesses_of(odd, SERVICES[Version.V16S], "Heartbeat", Sender.STATION)] == [kind]
