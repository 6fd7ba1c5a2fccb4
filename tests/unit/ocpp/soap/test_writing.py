"""What we write reads back as it was meant, in every version, and in the sender's own words."""

import pytest

from stationmaster.ocpp.errors import ErrorKind, OCPPError
from stationmaster.ocpp.sender import Sender
from stationmaster.ocpp.soap.addressing import ANONYMOUS, Addressing
from stationmaster.ocpp.soap.answers import read_answer
from stationmaster.ocpp.soap.elements import element_name
from stationmaster.ocpp.soap.envelope import Refused, Reply, Request, read_request
from stationmaster.ocpp.soap.faults import Fault, fault_of, protocol_error
from stationmaster.ocpp.soap.namespaces import ENVELOPE, ENVELOPE_11, WSA, WSA_2004
from stationmaster.ocpp.soap.parsing import Element, parse
from stationmaster.ocpp.soap.tables import SERVICES
from stationmaster.ocpp.soap.writing import (
    content_type,
    request_headers,
    write_refusal,
    write_request,
    write_response,
)
from stationmaster.ocpp.version import SOAP_VERSIONS, Version

IDENTITY = "CP<1>&"
CALLBACK = "http://10.0.0.5:8080/?a=1&b=2"


def request_of(version: Version, action: str = "Heartbeat", sender: Sender = Sender.STATION) -> bytes:
    service = SERVICES[version]
    body = Element(f"{{{service.namespace(sender)}}}{element_name(action, False)}")
    return write_request(service, body, IDENTITY, request_headers(action, "urn:uuid:1", "http://csms/", CALLBACK))


def read(data: bytes, sender: Sender = Sender.STATION) -> Request:
    return read_request(data, sender)


@pytest.mark.parametrize("version", SOAP_VERSIONS)
@pytest.mark.parametrize(("action", "sender"), [("Heartbeat", Sender.STATION), ("Reset", Sender.CSMS)])
def test_our_requests_are_read_without_an_oddness(version: Version, action: str, sender: Sender) -> None:
    data = request_of(version, action, sender)
    request = read(data, sender)
    assert (request.service.version, request.action, request.identity) == (version, action, IDENTITY)
    assert request.oddnesses == ()
    assert request.addressing.from_address == CALLBACK
    assert data.startswith(b'<?xml version="1.0" encoding="UTF-8"?>')


@pytest.mark.parametrize("version", SOAP_VERSIONS)
def test_only_1_6_asks_for_its_headers_to_be_understood(version: Version) -> None:
    header = parse(request_of(version))[0]
    must = {each.tag.partition("}")[2] for each in header if each.get(f"{{{ENVELOPE}}}mustUnderstand") == "true"}
    assert must == ({"chargeBoxIdentity", "Action", "To", "ReplyTo"} if version is Version.V16S else set())


@pytest.mark.parametrize("version", SOAP_VERSIONS)
def test_an_answer_has_the_headers_that_real_stations_insist_on(version: Version) -> None:
    request = read(request_of(version))
    body = Element(f"{{{request.reply.namespace}}}heartbeatResponse")
    body.text = "<now>"
    answer = read_answer(
        write_response(request.reply, "Heartbeat", body, "urn:uuid:2"),
        SERVICES[version],
        "Heartbeat",
        message_id="urn:uuid:1",
    )
    assert isinstance(answer.content, Element)
    assert (answer.content.text, answer.oddnesses) == ("<now>", ())
    assert answer.addressing == Addressing(
        action="/HeartbeatResponse", message_id="urn:uuid:2", relates_to="urn:uuid:1", to=ANONYMOUS[WSA]
    )


@pytest.mark.parametrize("fault", [fault_of(OCPPError(kind, "no")) for kind in ErrorKind])
def test_a_fault_relates_to_the_request_that_it_answers(fault: Fault) -> None:
    request = read(request_of(Version.V15))
    data = write_refusal(request.reply, fault, "urn:uuid:2")
    answer = read_answer(data, SERVICES[Version.V15], "Heartbeat", message_id="urn:uuid:1")
    assert isinstance(answer.content, Fault)
    assert (answer.content.code, answer.content.word, answer.content.reason) == (fault.code, fault.word, "no")
    assert (answer.addressing.relates_to, answer.addressing.action) == ("urn:uuid:1", f"{WSA}/fault")


def test_older_ws_addressing_is_answered_in_the_same() -> None:
    asked = Addressing(message_id="urn:uuid:1", namespace=WSA_2004)
    reply = Reply(addressing=asked)
    body = Element(f"{{{reply.namespace}}}heartbeatResponse")
    for data in (
        write_response(reply, "Heartbeat", body, "urn:uuid:2"),
        write_refusal(reply, protocol_error("no", "ActionMismatch"), "urn:uuid:2"),
    ):
        headers = read_answer(data, SERVICES[Version.V16S], "Heartbeat").addressing
        assert (headers.namespace, headers.relates_to, headers.to) == (WSA_2004, "urn:uuid:1", ANONYMOUS[WSA_2004])
        assert WSA.encode() not in data


def test_a_request_without_an_id_is_answered_without_relating_to_it() -> None:
    body = Element("{urn:x}heartbeatResponse")
    assert b"RelatesTo" not in write_response(Reply(), "Heartbeat", body, "urn:uuid:2")


def test_who_speaks_soap_1_1_is_answered_in_it() -> None:
    with pytest.raises(Refused) as caught:
        read(request_of(Version.V16S).replace(ENVELOPE.encode(), ENVELOPE_11.encode()))
    data = write_refusal(caught.value.reply, caught.value.fault, "urn:uuid:2")
    header, body = parse(data)
    assert header.tag == f"{{{ENVELOPE_11}}}Header"
    assert [each.tag for each in header] == [f"{{{ENVELOPE}}}Upgrade"]
    assert body[0].tag == f"{{{ENVELOPE_11}}}Fault"
    supported = header[0][0]
    assert (supported.tag, supported.get("qname")) == (f"{{{ENVELOPE}}}SupportedEnvelope", "env:Envelope")


def test_the_content_type_names_the_action() -> None:
    assert content_type("/Heartbeat") == 'application/soap+xml; charset=utf-8; action="/Heartbeat"'
    assert content_type() == "application/soap+xml; charset=utf-8"
    assert content_type("/Heartbeat", is_soap_11=True) == "text/xml; charset=utf-8"
