"""A message in the log is told for what it is, by itself alone."""

import msgspec
import pytest

from stationmaster.ocpp.soap.faults import Fault
from stationmaster.ocpp.soap.logged import Logged, Unreadable, read_logged
from stationmaster.ocpp.version import Version


def soap(body: str, env: str = "http://www.w3.org/2003/05/soap-envelope") -> str:
    return f'<e:Envelope xmlns:e="{env}"><e:Header/><e:Body>{body}</e:Body></e:Envelope>'


@pytest.mark.parametrize(
    ("body", "version", "action", "is_answer"),
    [
        ('<heartbeatRequest xmlns="urn://Ocpp/Cs/2010/08/"/>', Version.V12, "Heartbeat", False),
        ('<resetResponse xmlns="urn://Ocpp/Cp/2012/06"/>', Version.V15, "Reset", True),
        ("<resetResponse/>", Version.V16S, "Reset", True),
    ],
)
def test_version_action_and_direction_are_told_by_the_body(
    body: str, version: Version, action: str, is_answer: bool
) -> None:
    logged = read_logged(soap(body), Version.V16S)
    assert isinstance(logged, Logged)
    assert (logged.version, logged.action, logged.is_answer) == (version, action, is_answer)
    assert msgspec.json.decode(logged.payload) == {}


@pytest.mark.parametrize(
    "env", ["http://www.w3.org/2003/05/soap-envelope", "http://schemas.xmlsoap.org/soap/envelope/"]
)
def test_a_fault_is_read_in_either_soap(env: str) -> None:
    assert isinstance(read_logged(soap("<e:Fault/>", env), Version.V12), Fault)


@pytest.mark.parametrize("text", ["<a", "<a/>", soap(""), soap("<a/>"), soap('<resetRequest xmlns="urn:x"/>')])
def test_what_is_no_message_is_unreadable(text: str) -> None:
    with pytest.raises(Unreadable):
        read_logged(text, Version.V12)


def test_without_a_namespace_a_message_of_a_json_station_is_nobody_s() -> None:
    with pytest.raises(Unreadable):
        read_logged(soap("<resetResponse/>"), Version.V16)
