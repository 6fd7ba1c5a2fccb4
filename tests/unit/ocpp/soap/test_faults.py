"""Faults are written as OCPP wants them, and read from whoever sends one."""

import pytest

from stationmaster.ocpp.errors import ErrorKind, OCPPError
from stationmaster.ocpp.soap.faults import (
    FAULT_OF,
    Fault,
    FaultCode,
    SubCode,
    fault_of,
    header_of,
    http_status,
    identity_mismatch,
    is_fault,
    protocol_error,
    read_fault,
    write_fault,
    write_fault_11,
)
from stationmaster.ocpp.soap.namespaces import ENVELOPE, ENVELOPE_11, WSA
from stationmaster.ocpp.soap.parsing import Element, parse
from stationmaster.ocpp.soap.tables import SERVICES
from stationmaster.ocpp.version import SOAP_VERSIONS, Version

SUBCODE_NAMESPACES = {
    Version.V12: "urn://Ocpp/2010/08/",
    Version.V15: "urn://Ocpp/2012/02/",
    Version.V16S: "urn://Ocpp/Cs/2015/10",
}


def element(text: str) -> Element:
    return parse(f'<h xmlns:env="{ENVELOPE}" xmlns:env11="{ENVELOPE_11}" xmlns:wsa="{WSA}">{text}</h>'.encode())[0]


@pytest.mark.parametrize("kind", ErrorKind)
def test_every_kind_of_error_has_a_fault_that_reads_back_as_its_own_code(kind: ErrorKind) -> None:
    fault = fault_of(OCPPError(kind, "no <such> thing"))
    read = read_fault(element(write_fault(fault, SERVICES[Version.V15])))
    assert (read.code, read.subcode) == FAULT_OF[kind]
    assert read.reason == "no <such> thing"


@pytest.mark.parametrize("version", SOAP_VERSIONS)
def test_the_sub_code_stands_in_the_version_s_own_namespace(version: Version) -> None:
    text = write_fault(identity_mismatch("who?"), SERVICES[version])
    assert f'<env:Value xmlns:ocpp="{SUBCODE_NAMESPACES[version]}">ocpp:IdentityMismatch</env:Value>' in text


def test_what_ws_addressing_calls_it_stands_within_what_ocpp_calls_it() -> None:
    fault = protocol_error("twice", "InvalidAddressingHeader", "InvalidCardinality")
    code = element(write_fault(fault, SERVICES[Version.V16S]))[0]
    values = [each.text for each in code.iter() if each.tag.endswith("}Value")]
    assert values == ["env:Sender", "ocpp:ProtocolError", "wsa:InvalidAddressingHeader", "wsa:InvalidCardinality"]
    assert [each.tag.partition("}")[2] for each in code[1]] == ["Value", "Subcode"]


def test_a_fault_without_a_reason_gets_one_as_soap_wants_it() -> None:
    read = read_fault(element(write_fault(Fault(FaultCode.RECEIVER, SubCode.NOT_SUPPORTED), SERVICES[Version.V12])))
    assert read.reason == "NotSupported"


def test_a_long_reason_is_cut() -> None:
    text = write_fault(protocol_error("x" * 1000), SERVICES[Version.V12])
    assert text.count("x") < 300


def test_the_headers_that_were_not_understood_are_named() -> None:
    fault = Fault(FaultCode.MUST_UNDERSTAND, None, not_understood=("{urn:a&b}Security", "plain"))
    first, second = parse(f'<h xmlns:env="{ENVELOPE}">{header_of(fault)}</h>'.encode())
    assert (first.tag, first.get("qname"), second.get("qname")) == (
        f"{{{ENVELOPE}}}NotUnderstood",
        "h:Security",
        "plain",
    )
    assert 'xmlns:h="urn:a&amp;b"' in header_of(fault)


def test_who_speaks_soap_1_1_is_told_in_it() -> None:
    fault = Fault(FaultCode.VERSION_MISMATCH, None, "1.2 is spoken here")
    read = read_fault(element(write_fault_11(fault)))
    assert (read.code, read.subcode, read.reason) == (FaultCode.VERSION_MISMATCH, None, "1.2 is spoken here")
    assert "SupportedEnvelope" in header_of(fault)


@pytest.mark.parametrize(
    ("fault", "status"),
    [
        (protocol_error("x"), 400),
        (identity_mismatch("x"), 400),
        (Fault(FaultCode.RECEIVER, SubCode.INTERNAL_ERROR), 500),
        (Fault(FaultCode.MUST_UNDERSTAND, None), 500),
        (Fault(FaultCode.VERSION_MISMATCH, None), 500),
    ],
)
def test_http_says_400_only_where_the_sender_is_at_fault(fault: Fault, status: int) -> None:
    assert http_status(fault) == status


def soap12(code: str, reason: str = "<e:Reason><e:Text>r</e:Text></e:Reason>") -> str:
    return f'<e:Fault xmlns:e="{ENVELOPE}">{code}{reason}</e:Fault>'


def code(value: str, *subcodes: str) -> str:
    inner = ""
    for each in reversed(subcodes):
        inner = f"<e:Subcode><e:Value>{each}</e:Value>{inner}</e:Subcode>"
    return f"<e:Code><e:Value>{value}</e:Value>{inner}</e:Code>"


def soap11(faultcode: str, text: str = "r") -> str:
    return (
        f'<s:Fault xmlns:s="{ENVELOPE_11}"><faultcode>{faultcode}</faultcode><faultstring>{text}</faultstring>'
        "<detail><trace>at com.example</trace></detail></s:Fault>"
    )


@pytest.mark.parametrize(
    ("text", "value", "word"),
    [
        (soap12(code("e:Sender", "x:SecurityError")), "Sender", "SecurityError"),
        (soap12(code("e:Receiver", "NotSupported")), "Receiver", "NotSupported"),
        (soap12(code("e:Receiver", "x:notsupported")), "Receiver", "NotSupported"),
        (soap12(code(" e:Sender ", "wsa:ActionNotSupported")), "Sender", "NotSupported"),
        (soap12(code("e:Sender", "a:Odd", "b:IdentityMismatch")), "Sender", "IdentityMismatch"),
        (soap12(code("e:Sender", "a:InvalidMessage", "b:Deeper")), "Sender", "InvalidMessage"),
        (soap12(code("e:Receiver")), "Receiver", "Receiver"),
        (soap12(code("e:MustUnderstand")), "MustUnderstand", "MustUnderstand"),
        (soap12(code("whatever")), "Receiver", "Receiver"),
        (soap12(code("e:Sender", *["x:y"] * 25)), "Sender", "y"),
        (soap12(""), "Receiver", "Receiver"),
        (soap11("s:Client"), "Sender", "Sender"),
        (soap11("s:Server"), "Receiver", "Receiver"),
        (soap11("s:Client.ProtocolError"), "Sender", "ProtocolError"),
        (soap11("s:Server.NotSupported.x"), "Receiver", "NotSupported"),
        (soap11(""), "Receiver", "Receiver"),
    ],
)
def test_faults_of_foreign_stacks_are_read(text: str, value: str, word: str) -> None:
    found = element(text)
    assert is_fault(found)
    fault = read_fault(found)
    assert (fault.code, fault.word, fault.as_error().code) == (value, word, word)


def test_the_english_reason_is_taken_and_an_incomplete_fault_has_none() -> None:
    reason = '<e:Reason><e:Text xml:lang="de">nein</e:Text><e:Text xml:lang="en-GB"> no </e:Text></e:Reason>'
    assert read_fault(element(soap12(code("e:Sender"), reason))).reason == "no"
    assert read_fault(element(soap12("", ""))).reason == ""
    assert len(read_fault(element(soap11("s:Server", "x" * 9000))).reason) == 255


@pytest.mark.parametrize(
    ("word", "kind"),
    [("NotSupported", ErrorKind.NOT_SUPPORTED), ("SecurityError", ErrorKind.SECURITY), ("Odd", ErrorKind.GENERIC)],
)
def test_a_fault_is_the_error_that_json_would_have_brought(word: str, kind: ErrorKind) -> None:
    error = Fault(FaultCode.SENDER, word, "r").as_error()
    assert (error.kind, error.code, error.description) == (kind, word, "r")
