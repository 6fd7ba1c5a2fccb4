"""Requests are read in every version, with what is odd about them; what may be taken in two ways is refused."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stationmaster.ocpp.sender import Sender
from stationmaster.ocpp.soap.addressing import ANONYMOUS
from stationmaster.ocpp.soap.elements import Service
from stationmaster.ocpp.soap.envelope import Refused, Request, read_request
from stationmaster.ocpp.soap.namespaces import ENVELOPE, ENVELOPE_11, WSA, WSA_2004
from stationmaster.ocpp.soap.parsing import Bounds
from stationmaster.ocpp.soap.tables import SERVICES
from stationmaster.ocpp.version import SOAP_VERSIONS, Version

CS = {
    Version.V12: "urn://Ocpp/Cs/2010/08/",
    Version.V15: "urn://Ocpp/Cs/2012/06/",
    Version.V16S: "urn://Ocpp/Cs/2015/10/",
}
NAMESPACE = CS[Version.V16S]
MUST = 'env:mustUnderstand="true"'
IDENTITY = f'<chargeBoxIdentity xmlns="{NAMESPACE}" {MUST}>CP1</chargeBoxIdentity>'
ACTION = f"<wsa:Action {MUST}>/Heartbeat</wsa:Action>"
MESSAGE_ID = "<wsa:MessageID>urn:uuid:1</wsa:MessageID>"
REST = (
    "<wsa:From><wsa:Address>http://10.0.0.5/</wsa:Address></wsa:From>"
    f"<wsa:ReplyTo {MUST}><wsa:Address>{ANONYMOUS[WSA]}</wsa:Address></wsa:ReplyTo><wsa:To {MUST}>http://csms/</wsa:To>"
)
HEADERS = IDENTITY + ACTION + MESSAGE_ID + REST
BODY = f'<heartbeatRequest xmlns="{NAMESPACE}"/>'


def envelope(headers: str = HEADERS, body: str = BODY, *, env: str = ENVELOPE, wsa: str = WSA) -> bytes:
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><env:Envelope xmlns:env="{env}" xmlns:wsa="{wsa}">'
        f"<env:Header>{headers}</env:Header><env:Body>{body}</env:Body></env:Envelope>"
    ).encode()


def read(data: bytes, http_action: str | None = None, sender: Sender = Sender.STATION) -> Request:
    return read_request(data, sender, http_action=http_action)


def refused(data: bytes, sender: Sender = Sender.STATION, service: Service = SERVICES[Version.V16S]) -> Refused:
    with pytest.raises(Refused) as caught:
        read_request(data, sender, service=service)
    return caught.value


def kinds(request: Request) -> list[str]:
    return [each.kind for each in request.oddnesses]


def test_a_request_as_it_should_be_is_read_without_an_oddness() -> None:
    request = read(envelope(), "/Heartbeat")
    assert (request.service.version, request.action, request.identity) == (Version.V16S, "Heartbeat", "CP1")
    assert request.body.tag == f"{{{NAMESPACE}}}heartbeatRequest"
    assert request.addressing.message_id == "urn:uuid:1"
    assert (request.oddnesses, request.strict_fault) == ((), None)
    assert request.document == envelope()


@pytest.mark.parametrize("version", SOAP_VERSIONS)
@pytest.mark.parametrize("spell", [str, lambda each: each.rstrip("/"), str.lower])
def test_the_namespace_of_the_body_tells_the_version_and_is_answered_to_the_letter(
    version: Version, spell: Callable[[str], str]
) -> None:
    namespace = spell(CS[version])
    request = read(envelope(HEADERS, f'<heartbeatRequest xmlns="{namespace}"/>'))
    assert (request.service.version, request.reply.namespace, request.oddnesses) == (version, namespace, ())


def test_the_namespace_that_the_text_of_1_2_prints_is_known() -> None:
    request = read(envelope(HEADERS, '<heartbeatRequest xmlns="urn://Ocpp/Cs/2010/10"/>'))
    assert request.service.version is Version.V12


@pytest.mark.parametrize(
    "header",
    [
        "<chargeBoxIdentity>CP1</chargeBoxIdentity>",
        '<chargeBoxIdentity xmlns="urn://Ocpp/Cp/2012/06/">CP1</chargeBoxIdentity>',
        '<c:ChargeBoxIdentity xmlns:c="urn://Ocpp/Cs/2015/10">\n CP1 </c:ChargeBoxIdentity>',
    ],
)
def test_the_identity_is_found_in_any_namespace_of_ocpp_or_none_whatever_its_case(header: str) -> None:
    assert read(envelope(header + ACTION + MESSAGE_ID + REST)).identity == "CP1"


def test_a_station_reads_what_its_csms_sends() -> None:
    body = '<resetRequest xmlns="urn://Ocpp/Cp/2012/06/"><type>Soft</type></resetRequest>'
    request = read(envelope(IDENTITY, body), sender=Sender.CSMS)
    assert (request.service.version, request.action, request.oddnesses) == (Version.V15, "Reset", ())


def test_older_ws_addressing_is_read() -> None:
    headers = HEADERS.replace(ANONYMOUS[WSA], ANONYMOUS[WSA_2004])
    request = read(envelope(headers, wsa=WSA_2004))
    assert (request.addressing.namespace, request.oddnesses) == (WSA_2004, ())


def test_headers_for_others_on_the_way_are_passed_by() -> None:
    other = f'<x:a xmlns:x="urn:x" {MUST} env:role="{ENVELOPE}/role/none"/><x:b xmlns:x="urn:x"/>'
    assert read(envelope(HEADERS + other + '<wsa:FaultTo env:mustUnderstand="0"/>')).oddnesses == ()


@pytest.mark.parametrize(
    ("headers", "body", "http_action", "kind"),
    [
        (HEADERS.replace(ACTION, ""), BODY, None, "header_missing"),
        (HEADERS.replace(MESSAGE_ID, ""), BODY, None, "header_missing"),
        (HEADERS.replace("/Heartbeat", "Heartbeat"), BODY, None, "action_spelling"),
        (HEADERS.replace("/Heartbeat", f"{NAMESPACE}Heartbeat"), BODY, None, "action_spelling"),
        (HEADERS.replace(ANONYMOUS[WSA], "http://10.0.0.5/"), BODY, None, "reply_elsewhere"),
        (HEADERS + "<wsa:RelatesTo>urn:uuid:0</wsa:RelatesTo>", BODY, None, "request_relates"),
        (HEADERS, BODY, "/BootNotification", "http_action"),
        (HEADERS, '<heartbeatRequest xmlns="urn://Ocpp/Cp/2015/10/"/>', None, "namespace_side"),
    ],
)
def test_what_changes_nothing_is_forgiven_but_not_by_who_is_strict(
    headers: str, body: str, http_action: str | None, kind: str
) -> None:
    request = read(envelope(headers, body), http_action)
    assert (request.action, kinds(request)) == ("Heartbeat", [kind])
    fault = request.strict_fault
    assert fault is not None
    assert (fault.code, fault.subcode) == ("Sender", "ProtocolError")


def test_before_1_6_a_message_needs_no_more_than_identity_and_from() -> None:
    headers = '<chargeBoxIdentity xmlns="urn://Ocpp/Cs/2010/08/">CP1</chargeBoxIdentity>'
    body = '<heartbeatRequest xmlns="urn://Ocpp/Cs/2010/08/"/>'
    assert kinds(read(envelope(headers, body))) == ["header_missing"]
    assert kinds(read(envelope(headers + "<wsa:From>http://10.0.0.5/</wsa:From>", body))) == []


def twice(header: str) -> str:
    return HEADERS + header


REFUSED = {
    "no identity": (HEADERS.replace(IDENTITY, ""), BODY, "ProtocolError", ("MessageAddressingHeaderRequired",)),
    "an empty identity": (
        HEADERS.replace("CP1", " "),
        BODY,
        "ProtocolError",
        ("MessageAddressingHeaderRequired",),
    ),
    "an identity in two parts": (
        HEADERS.replace("CP1", "CP1<x/>CP2"),
        BODY,
        "ProtocolError",
        ("MessageAddressingHeaderRequired",),
    ),
    "a long identity": (HEADERS.replace("CP1", "C" * 2001), BODY, "ProtocolError", ("InvalidAddressingHeader",)),
    "a long From": (HEADERS.replace("10.0.0.5", "1" * 2001), BODY, "ProtocolError", ("InvalidAddressingHeader",)),
    "an identity in a foreign namespace": (
        HEADERS.replace(IDENTITY, '<x:chargeBoxIdentity xmlns:x="urn:x">CP1</x:chargeBoxIdentity>'),
        BODY,
        "ProtocolError",
        ("MessageAddressingHeaderRequired",),
    ),
    "an identity in a foreign namespace that must be understood": (
        HEADERS + f'<x:chargeBoxIdentity xmlns:x="urn:x" {MUST}>CP2</x:chargeBoxIdentity>',
        BODY,
        "MustUnderstand",
        (),
    ),
    "two identities": (
        twice(IDENTITY.replace("CP1", "CP2")),
        BODY,
        "ProtocolError",
        ("InvalidAddressingHeader", "InvalidCardinality"),
    ),
    "two identities, one by another case and namespace": (
        twice("<CHARGEBOXIDENTITY>CP2</CHARGEBOXIDENTITY>"),
        BODY,
        "ProtocolError",
        ("InvalidAddressingHeader", "InvalidCardinality"),
    ),
    "two Actions": (
        twice("<wsa:Action>/Heartbeat</wsa:Action>"),
        BODY,
        "ProtocolError",
        ("InvalidAddressingHeader", "InvalidCardinality"),
    ),
    "two Actions of two addressings": (
        twice(f'<Action xmlns="{WSA_2004}">/BootNotification</Action>'),
        BODY,
        "ProtocolError",
        ("InvalidAddressingHeader", "InvalidCardinality"),
    ),
    "two MessageIDs": (twice(MESSAGE_ID), BODY, "ProtocolError", ("InvalidAddressingHeader", "InvalidCardinality")),
    "another Action than the body": (
        HEADERS.replace("/Heartbeat", "/BootNotification"),
        BODY,
        "ProtocolError",
        ("InvalidAddressingHeader", "ActionMismatch"),
    ),
    "a header that must be understood": (
        HEADERS + f'<s:Security xmlns:s="urn:wsse" {MUST}/>',
        BODY,
        "MustUnderstand",
        (),
    ),
    "a header that the next one must understand": (
        HEADERS + f'<s:Security xmlns:s="urn:wsse" env:mustUnderstand="1" env:role="{ENVELOPE}/role/next"/>',
        BODY,
        "MustUnderstand",
        (),
    ),
    "no body element": (HEADERS, "", "ProtocolError", ()),
    "two body elements": (HEADERS, BODY + BODY, "ProtocolError", ()),
    "a body of no version": (HEADERS, '<heartbeatRequest xmlns="urn:x"/>', "ProtocolError", ()),
    "a body without a namespace": (HEADERS, "<heartbeatRequest/>", "ProtocolError", ()),
    "an answer": (HEADERS, f'<heartbeatResponse xmlns="{NAMESPACE}"/>', "NotSupported", ()),
    "a fault": (HEADERS, "<env:Fault/>", "ProtocolError", ()),
    "a message of the other side": (HEADERS, f'<resetRequest xmlns="{NAMESPACE}"/>', "NotSupported", ()),
    "a message of JSON alone": (HEADERS, f'<signCertificateRequest xmlns="{NAMESPACE}"/>', "NotSupported", ()),
    "a message of a later version": (
        HEADERS,
        '<dataTransferRequest xmlns="urn://Ocpp/Cs/2010/08/"/>',
        "NotSupported",
        (),
    ),
}


@pytest.mark.parametrize(("headers", "body", "word", "wsa"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_answered_is_refused_and_the_reply_knows_the_request(
    headers: str, body: str, word: str, wsa: tuple[str, ...]
) -> None:
    caught = refused(envelope(headers, body))
    assert (caught.fault.word, caught.fault.wsa) == (word, wsa)
    if body not in ("", BODY + BODY) and len(headers) < 2000:
        assert caught.reply.addressing.message_id == "urn:uuid:1"
    assert caught.document == envelope(headers, body)


def test_a_refusal_is_not_made_long_by_what_it_refuses() -> None:
    strange = "".join(f'<x:h{n} xmlns:x="urn:x" {MUST}/>' for n in range(500))
    assert len(refused(envelope(HEADERS + strange)).fault.not_understood) == 10
    assert refused(envelope(HEADERS.replace("uuid:1", "1" * 3000))).reply.addressing.message_id is None


def test_two_identities_are_nobody_s() -> None:
    assert refused(envelope(twice(IDENTITY))).identity is None
    assert refused(envelope(HEADERS.replace("/Heartbeat", "/Reset"))).identity == "CP1"


@pytest.mark.parametrize(
    "inside",
    [
        "<env:Body>{body}</env:Body><env:Body>{body}</env:Body>",
        "<env:Body>{body}</env:Body><env:Header>{headers}</env:Header>",
        "<env:Header>{headers}</env:Header><env:Header>{headers}</env:Header><env:Body>{body}</env:Body>",
        "<env:Header>{headers}</env:Header><env:Body>{body}</env:Body><x/>",
        "<env:Header>{headers}</env:Header>",
        "<Header>{headers}</Header><Body>{body}</Body>",
        "",
    ],
)
def test_an_envelope_has_one_header_and_one_body_in_this_order(inside: str) -> None:
    text = inside.format(headers=HEADERS, body=BODY)
    data = f'<env:Envelope xmlns:env="{ENVELOPE}" xmlns:wsa="{WSA}">{text}</env:Envelope>'.encode()
    assert refused(data).fault.word == "ProtocolError"


def test_a_body_without_a_header_lacks_the_identity() -> None:
    data = f'<env:Envelope xmlns:env="{ENVELOPE}"><env:Body>{BODY}</env:Body></env:Envelope>'.encode()
    assert refused(data).fault.wsa == ("MessageAddressingHeaderRequired",)


def test_soap_1_1_is_another_version_and_is_told_so_in_its_own_envelope() -> None:
    caught = refused(envelope(env=ENVELOPE_11))
    assert (caught.fault.code, caught.reply.is_soap_11) == ("VersionMismatch", True)
    other = refused(envelope(env="urn:soap-2"))
    assert (other.fault.code, other.reply.is_soap_11) == ("VersionMismatch", False)


def test_what_is_no_xml_is_refused_in_the_version_of_the_address_and_not_kept() -> None:
    caught = refused(b"[2]", service=SERVICES[Version.V12])
    assert (caught.fault.word, caught.document, caught.reply.service.version) == ("ProtocolError", None, Version.V12)
    with pytest.raises(Refused):
        read_request(envelope(), Sender.STATION, bounds=Bounds(size=10))


def test_the_encoding_that_http_names_counts() -> None:
    data = envelope(HEADERS.replace("CP1", "CPé")).replace(b'<?xml version="1.0" encoding="UTF-8"?>', b"")
    recoded = data.decode().encode("latin-1")
    assert read_request(recoded, Sender.STATION, charset="iso-8859-1").identity == "CPé"


PIECES = st.sampled_from(
    (
        *(IDENTITY, ACTION, MESSAGE_ID, REST, BODY, "<wsa:From/>", "<a>", "</a>", "x", "<env:Fault/>"),
        *("<env:Header>", "</env:Header>", "<env:Body>", "</env:Body>", f'<resetRequest xmlns="{NAMESPACE}"/>'),
    )
)


@given(st.lists(PIECES, max_size=8).map("".join), st.booleans(), st.text(max_size=9) | st.none())
def test_any_envelope_is_read_or_refused(content: str, whole: bool, http_action: str | None) -> None:
    data = f'<env:Envelope xmlns:env="{ENVELOPE}" xmlns:wsa="{WSA}">{content}</env:Envelope>'.encode()
    try:
        request = read(envelope(content) if whole else data, http_action)
    except Refused as caught:
        assert str(caught)
    else:
        assert (request.identity, request.action) == ("CP1", "Heartbeat")
