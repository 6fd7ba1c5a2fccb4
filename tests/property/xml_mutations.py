"""Envelopes with things in them that nobody meant to send: in the body, by what the tables say stands there, and in the
bytes, by what XML is made of."""

import re
from copy import deepcopy
from typing import Any

import msgspec
from hypothesis import strategies as st

from stationmaster.ocpp.sender import Sender
from stationmaster.ocpp.soap import writing
from stationmaster.ocpp.soap.elements import Decimals, Field, Plain, Shape, Words
from stationmaster.ocpp.soap.parsing import Element
from stationmaster.ocpp.soap.payload import to_element
from stationmaster.ocpp.soap.tables import SERVICES
from stationmaster.ocpp.version import Version

# Valid ones -----------------------------------------------------------------------------------------------------------

MOMENT = "2026-01-02T03:04:05.678Z"
_PLAIN: dict[Plain, Any] = {
    Plain.TEXT: "text",
    Plain.INT: 1,
    Plain.FLAG: True,
    Plain.MOMENT: MOMENT,
    Plain.URI: "ftp://user:pass@host/a%20b",
}


def actions(version: Version, sender: Sender) -> tuple[str, ...]:
    """What this side may start."""
    return tuple(
        operation.action
        for operation in SERVICES[version].operations.values()
        if operation.sender in (sender, Sender.BOTH)
    )


def full_body(version: Version, action: str, sender: Sender) -> Element:
    """A request with all that the tables allow in it, once."""
    service = SERVICES[version]
    payload = msgspec.json.encode(_full(service.operations[action].request))
    return to_element(service, action, False, payload, service.namespace(sender))


def envelope(version: Version, action: str, body: Element, identity: str, number: int) -> bytes:
    headers = writing.request_headers(action, f"urn:uuid:{number}", "http://csms.test/soap", "http://cp.test:8080/")
    return writing.write_request(SERVICES[version], body, identity, headers)


def _full(shape: Shape) -> dict[str, Any]:
    return {each.name: [_one(each)] if each.many else _one(each) for each in shape.fields}


def _one(field: Field) -> Any:
    kind = field.type
    if isinstance(kind, Shape):
        return _full(kind)
    if isinstance(kind, Words):
        return kind.values[0]
    if isinstance(kind, Decimals):
        return 8.1
    return _PLAIN[kind] if isinstance(kind, Plain) else "text"


# In the body ----------------------------------------------------------------------------------------------------------

TEXTS: tuple[str, ...] = (
    *("", " ", "\n\t", "x", "0", "-1", "-0", "+5", "007", " 5 ", "1.5", "5.", ".5", "1e3", "1e999999", "0x10", "1_000"),
    *("2147483647", "2147483648", "-2147483649", "9223372036854775808", "9" * 5000, "0." + "1" * 5000, "１２"),
    *("NaN", "INF", "-INF", "sNaN", "Infinity", "true", "TRUE", "0", "null", "nil"),
    *("0001-01-01T00:00:00Z", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59.999999999Z", "2026-01-01T24:00:00Z"),
    *("9999-12-31T24:00:00Z", "9999-12-31T23:59:59-14:00", "1970-01-01T00:00:00", "2026-06-30T23:59:60Z", "2026-01-01"),
    *(
        "2026-01-01T00:00:00." + "1" * 300 + "Z",
        "-0001-01-01T00:00:00Z",
        "2026-02-30T00:00:00Z",
        "12026-01-01T00:00:00Z",
    ),
    *("2026-01-01T00:00:00+23:59", "2036-02-07T06:28:16Z", "now", "\u202e\u2066", "\ufeff", "İıſß", "\x85\u2028"),
    *("x" * 3000, "𝄞" * 300, "'; DROP TABLE stations; --", '" OR 1=1 --', "%_\\%", "${jndi:ldap://x}", "../../etc"),
    *("]]>", "<b/>", "&amp;", "<![CDATA[x]]>", "http://[::1", "ftp://a:b@127.0.0.1:9001/", "urn:x", "Occupied"),
)
"""Contents of elements and attributes."""
NAMES = ("idTag", "connectorId", "noSuchElement", "Envelope", "Fault", "transactionId", "status", "_", "ﬀ")
NAMESPACES = (
    *("", "urn:other", "http://www.w3.org/2003/05/soap-envelope"),
    *(namespace for service in SERVICES.values() for namespace in (service.cs_ns, service.cp_ns)),
)
_NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"


@st.composite
def mutated_body(draw: st.DrawFn, body: Element, most: int = 3) -> Element:
    """The body's element after a few changes below it, and seldom of itself."""
    root = deepcopy(body)
    for _ in range(draw(st.integers(0, most))):
        parents = {child: parent for parent in root.iter() for child in parent}
        element = draw(st.sampled_from([*parents, *([root] if len(parents) < 2 else [])]))
        _change(draw, element, parents.get(element))
    return root


def _change(draw: st.DrawFn, element: Element, parent: Element | None) -> None:
    kinds = ("text", "text", "text", "attribute", "nil", "child", "name", "namespace", "shuffle")
    match draw(st.sampled_from(kinds if parent is None else (*kinds, "remove", "repeat"))):
        case "text":
            element.text = draw(st.sampled_from(TEXTS))
        case "attribute":
            name = draw(st.sampled_from(("unit", "context", "measurand", "value", "x", "{urn:other}x")))
            element.set(name, draw(st.sampled_from(TEXTS)))
        case "nil":
            element.set(_NIL, draw(st.sampled_from(("true", "1", "0", "perhaps"))))
        case "child":
            child = Element(draw(st.sampled_from(NAMES)))
            child.text = draw(st.sampled_from(TEXTS))
            element.insert(0, child)
        case "name":
            element.tag = element.tag.rpartition("}")[0] + "}" * ("}" in element.tag) + draw(st.sampled_from(NAMES))
        case "namespace":
            namespace = draw(st.sampled_from(NAMESPACES))
            element.tag = (f"{{{namespace}}}" if namespace else "") + element.tag.rpartition("}")[2]
        case "shuffle":
            element[:] = draw(st.permutations(list(element)))
        case "remove" if parent is not None:
            parent.remove(element)
        case "repeat" if parent is not None:
            parent.extend(deepcopy(element) for _ in range(draw(st.integers(1, 30))))


# In the bytes ---------------------------------------------------------------------------------------------------------

SNIPPETS: tuple[bytes, ...] = (
    *(b"<!DOCTYPE a>", b'<!DOCTYPE a [<!ENTITY e "x">]>', b"&e;", b"&amp;", b"&#0;", b"&#x1F600;", b"&#55296;", b"&"),
    *(b"<![CDATA[", b"]]>", b"<![CDATA[<x>]]>", b"<!--", b"-->", b"<!-- -->", b"<?a b?>", b"<?xml version='1.0'?>"),
    *(
        b"<a>",
        b"</a>",
        b"<a/>",
        b"<a xmlns='urn:b'/>",
        b"<p:a/>",
        b"<a a='1' a='2'/>",
        b" xmlns=''",
        b" x",
        b"='",
        b'"',
    ),
    *(
        b"<",
        b">",
        b"\x00",
        b"\x0b",
        b"\xff",
        b"\xfe\xff",
        b"\xef\xbb\xbf",
        b"\xed\xa0\x80",
        b"\xf4\x90\x80\x80",
        b"\r\n",
    ),
    *(b"<a>" * 40 + b"</a>" * 40, b"<a/>" * 300, b"x" * 3000, b"<chargeBoxIdentity>OTHER</chargeBoxIdentity>"),
    *(b"<Header/>", b"<Body/>", b"<wsa:Action>/Heartbeat</wsa:Action>", b'<a mustUnderstand="true"/>'),
)
_EDGE = re.compile(rb"[<>\"=/]")


@st.composite
def mutated_bytes(draw: st.DrawFn, document: bytes, most: int = 3) -> bytes:
    """A document after a few changes at the edges of what it is made of."""
    for _ in range(draw(st.integers(1, most))):
        edges = [0, *(match.start() for match in _EDGE.finditer(document)), len(document)]
        at, to = sorted((draw(st.sampled_from(edges)), draw(st.sampled_from(edges))))
        match draw(st.sampled_from(("insert", "insert", "insert", "cut out", "repeat", "swap", "end", "recode"))):
            case "insert":
                document = document[:at] + draw(st.sampled_from(SNIPPETS)) + document[at:]
            case "cut out":
                document = document[:at] + document[to:]
            case "repeat":
                document = document[:to] + document[at:to] + document[to:]
            case "swap":
                document = document[at:to] + document[:at] + document[to:]
            case "end":
                document = document[:to]
            case _:
                told, coding = draw(
                    st.sampled_from((("UTF-16", "utf-16"), ("UTF-8", "utf-16-le"), ("latin-1", "utf-8")))
                )
                text = document.decode("utf-8", "replace").replace('encoding="UTF-8"', f'encoding="{told}"')
                document = text.encode(coding, "replace")
    return document
