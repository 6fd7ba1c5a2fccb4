"""Whatever a real stack answers with is read, or said to be no answer."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stationmaster.ocpp.soap.answers import Answer, BadAnswer, read_answer
from stationmaster.ocpp.soap.faults import Fault
from stationmaster.ocpp.soap.namespaces import ENVELOPE, ENVELOPE_11, WSA
from stationmaster.ocpp.soap.parsing import Element
from stationmaster.ocpp.soap.tables import SERVICES
from stationmaster.ocpp.version import Version

ASKED = "urn:uuid:1"
BODY = '<resetResponse xmlns="urn://Ocpp/Cp/2015/10/"><status>Accepted</status></resetResponse>'
RELATES = f"<wsa:RelatesTo>{ASKED}</wsa:RelatesTo>"
FAULT = "<env:Fault><env:Code><env:Value>env:Receiver</env:Value></env:Code></env:Fault>"
FAULT_11 = "<env:Fault><faultcode>env:Server</faultcode><faultstring>no</faultstring></env:Fault>"


def envelope(body: str = BODY, headers: str = RELATES, env: str = ENVELOPE) -> bytes:
    head = f"<env:Header>{headers}</env:Header>" if headers else ""
    return (
        f'<env:Envelope xmlns:env="{env}" xmlns:wsa="{WSA}">{head}<env:Body>{body}</env:Body></env:Envelope>'
    ).encode()


def read(data: bytes, version: Version = Version.V16S) -> Answer:
    return read_answer(data, SERVICES[version], "Reset", message_id=ASKED)


def test_an_answer_as_it_should_be_is_read_without_an_oddness() -> None:
    answer = read(envelope())
    assert isinstance(answer.content, Element)
    assert answer.content[0].text == "Accepted"
    assert (answer.oddnesses, answer.addressing.relates_to, answer.document) == ((), ASKED, envelope())


@pytest.mark.parametrize(
    ("data", "kinds"),
    [
        (envelope(headers=""), ["header_missing"]),
        (envelope(headers="<wsa:RelatesTo>urn:uuid:2</wsa:RelatesTo>"), ["answer_relates"]),
        (envelope(BODY.replace("2015/10/", "2012/06/")), ["answer_namespace"]),
        (envelope(BODY.replace(' xmlns="urn://Ocpp/Cp/2015/10/"', "")), ["answer_namespace"]),
        (envelope(BODY.replace("Cp/2015/10/", "Cs/2015/10")), []),
        (envelope(headers=RELATES + '<x xmlns="urn:x" env:mustUnderstand="1"/>'), ["not_understood"]),
        (envelope(env=ENVELOPE_11), ["soap_11"]),
    ],
)
def test_an_odd_answer_is_read_all_the_same(data: bytes, kinds: list[str]) -> None:
    answer = read(data)
    assert isinstance(answer.content, Element)
    assert [each.kind for each in answer.oddnesses] == kinds


def test_before_1_6_nobody_misses_the_headers_of_an_answer() -> None:
    assert read(envelope(BODY.replace("2015/10/", "2012/06/"), ""), Version.V15).oddnesses == ()


@pytest.mark.parametrize(("body", "env"), [(FAULT, ENVELOPE), (FAULT_11, ENVELOPE_11)])
def test_a_fault_is_an_answer_too(body: str, env: str) -> None:
    fault = read(envelope(body, "", env)).content
    assert isinstance(fault, Fault)
    assert fault.word == "Receiver"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<html><body>404</body></html>",
        b"<!DOCTYPE html><html></html>",
        envelope(""),
        envelope(BODY + BODY),
        envelope(BODY.replace("reset", "clearCache")),
        envelope(BODY.replace("Response", "Request")),
        envelope(BODY.replace("urn://Ocpp/Cp/2015/10/", "urn:x")),
        envelope(env="urn:soap-2"),
    ],
)
def test_what_is_no_answer_is_said_to_be_none(data: bytes) -> None:
    with pytest.raises(BadAnswer):
        read(data)


PIECES = st.sampled_from([BODY, RELATES, FAULT, "<env:Fault/>", "<a/>", "<wsa:RelatesTo/>", "x", "<", "</env:Body>"])


@given(st.lists(PIECES, max_size=5).map("".join), st.lists(PIECES, max_size=3).map("".join))
def test_anything_is_an_answer_or_none(body: str, headers: str) -> None:
    try:
        answer = read(envelope(body, headers))
    except BadAnswer as error:
        assert error.reason
    else:
        assert isinstance(answer.content, Fault) or answer.content.tag.endswith("resetResponse")
