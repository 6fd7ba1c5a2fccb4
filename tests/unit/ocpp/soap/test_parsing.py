"""XML is read within bounds; whatever else comes is refused with the one exception, and at once."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stationmaster.ocpp.soap.parsing import Bounds, Element, NotXml, as_utf8, parse, tree_of

DECLARATION = b'<?xml version="1.0" encoding="UTF-8"?>'
SECOND = 1.0


def refused(data: bytes, charset: str | None = None, bounds: Bounds | None = None) -> str:
    with pytest.raises(NotXml) as caught:
        parse(data, charset, bounds or Bounds())
    return caught.value.reason


def declared(encoding: str) -> bytes:
    return f'<?xml version="1.0" encoding="{encoding}"?>'.encode()


READ = {
    "a declaration": (DECLARATION + b"<a>x</a>", "x"),
    "none": (b"<a>x</a>", "x"),
    "blank lines before it": (b"\r\n \t" + DECLARATION + b"<a>x</a>", "x"),
    "a comment before it": (DECLARATION + b"<!-- <!DOCTYPE b> --><?pi x?>\n<a>x</a>", "x"),
    "a comment and CDATA within": (b"<a>x<!-- y --><![CDATA[<z>]]>&amp;&#65;<?pi w?></a>", "x<z>&A"),
    "UTF-8 with a mark": (b"\xef\xbb\xbf" + DECLARATION + "<a>é</a>".encode(), "é"),
    "UTF-16, big end first": (("\ufeff" + declared("UTF-16").decode() + "<a>é</a>").encode("utf-16-be"), "é"),
    "UTF-16, small end first": ("\ufeff<a>é</a>".encode("utf-16-le"), "é"),
    "ISO 8859-1": (declared("ISO-8859-1") + b"<a>\xe9</a>", "é"),
    "US-ASCII": (declared("us-ascii") + b"<a>e</a>", "e"),
}


@pytest.mark.parametrize(("data", "text"), READ.values(), ids=READ)
def test_what_real_stations_send_is_read(data: bytes, text: str) -> None:
    root = parse(data)
    assert (root.tag, root.text) == ("a", text)


EXPANSION = b"".join(b'<!ENTITY e%d "&e%d;&e%d;">' % (n, n - 1, n - 1) for n in range(1, 30))
ATTACKS = {
    "billion laughs": b'<!DOCTYPE a [<!ENTITY e0 "ha">' + EXPANSION + b"]><a>&e29;</a>",
    "quadratic blow-up": b'<!DOCTYPE a [<!ENTITY e "' + b"x" * 60_000 + b'">]><a>' + b"&e;" * 40_000 + b"</a>",
    "an external entity": b'<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/passwd">]><a>&e;</a>',
    "an external entity elsewhere": b'<!DOCTYPE a [<!ENTITY e SYSTEM "http://127.0.0.1:1/">]><a>&e;</a>',
    "a parameter entity": b'<!DOCTYPE a [<!ENTITY % e SYSTEM "http://127.0.0.1:1/">%e;]><a/>',
    "an external subset": b'<!DOCTYPE a SYSTEM "http://127.0.0.1:1/a.dtd"><a/>',
    "a DOCTYPE alone": b"<!DOCTYPE a>",
    "a DOCTYPE after a comment": b"<!-- --><?pi ?>\n<!DOCTYPE a [ ]><a/>",
    "a DOCTYPE after a comment that seems to go on": b'<!--a--><!DOCTYPE a [<!ENTITY e "-->">]><a>&e;</a>',
    "a DOCTYPE after the root": b"<a/><!DOCTYPE a>",
    "a DOCTYPE in UTF-16": "\ufeff<!DOCTYPE a [<!ENTITY e 'x'>]><a>&e;</a>".encode("utf-16-le"),
    "a DOCTYPE in UTF-16 under another name": declared("utf-8") + "<!DOCTYPE a><a/>".encode("utf-16-le"),
    "a DOCTYPE in UTF-7": declared("UTF-7") + b"+ADwAIQ-DOCTYPE a+AD4-<a/>",
    "UTF-7 that does not say so": b"+ADw-a/+AD4-",
    "UTF-16 without a mark": "<a/>".encode("utf-16-be"),
    "UTF-16 only by its declaration": declared("UTF-16") + b"<a/>",
    "UTF-32": "\ufeff<a/>".encode("utf-32-le"),
    "EBCDIC": "<?xml version='1.0' encoding='cp037'?><a/>".encode("cp037"),
    "an encoding that is not known": declared("x-user-defined") + b"<a/>",
    "a codec of Python's": declared("unicode_escape") + b"<a>\\x3c</a>",
    "two marks": b"\xef\xbb\xbf\xff\xfe<a/>",
    "a mark for UTF-8 and a declaration of UTF-16": b"\xef\xbb\xbf" + declared("UTF-16") + b"<a/>",
    "a mark for UTF-16 and a declaration of UTF-8": ("\ufeff" + DECLARATION.decode() + "<a/>").encode("utf-16-le"),
    "half a letter in UTF-16": "\ufeff<a/>".encode("utf-16-le") + b"\x00",
    "letters that US-ASCII does not have": declared("us-ascii") + "<a>é</a>".encode(),
    "ISO 8859-1 that says it is UTF-8": DECLARATION + b"<a>\xe9</a>",
    "an overlong UTF-8 letter": b"<a>\xc0\xbc</a>",
    "half of a surrogate pair": b"<a>\xed\xa0\x80</a>",
    "an entity nobody defined": b"<a>&nbsp;</a>",
    "an entity a standalone document leaves open": b'<?xml version="1.0" standalone="no"?><a>&e;</a>',
    "NUL": b"<a>\x00</a>",
    "NUL as a reference": b"<a>&#0;</a>",
    "a control character": b"<a>\x1e</a>",
    "a control character as a reference": b"<a>&#x1e;</a>",
    "no character": "<a>\ufffe</a>".encode(),
    "a reference to no character": b"<a>&#x110000;</a>",
    "depth": b"<a>" * 33 + b"</a>" * 33,
    "great depth": b"<a>" * 30_000 + b"</a>" * 30_000,
    "depth that is never closed": b"<a>" * 80_000,
    "width": b"<a>" + b"<b/>" * 20_000 + b"</a>",
    "many comments": b"<a>" + b"<!---->" * 30_000 + b"</a>",
    "many attributes": b"<a" + b"".join(b' b%d=""' % n for n in range(33)) + b"/>",
    "very many attributes": b"<a" + b"".join(b' b%d=""' % n for n in range(25_000)) + b"/>",
    "a huge attribute": b'<a b="' + b"x" * 200_000 + b'"/>',
    "a long attribute": b'<a b="' + b"x" * 4097 + b'"/>',
    "a huge text": b"<a>" + b"x" * 140_000 + b"</a>",
    "a huge text between": b"<a><b/>" + b"x" * 140_000 + b"</a>",
    "a long namespace": b'<a xmlns:b = "' + b"n" * 256 + b'"/>',
    "a long namespace for many names": b"<a xmlns='" + b"n" * 60_000 + b"'>" + b"<b/>" * 19_000 + b"</a>",
    "a long default namespace": b'<a xmlns="' + b"&#110;" * 60 + b'"/>',
    "an attribute twice": b'<a b="" b=""/>',
    "an attribute twice by two prefixes": b'<a xmlns:x="u" xmlns:y="u" x:b="" y:b=""/>',
    "a prefix nobody declared": b"<x:a/>",
    "two roots": b"<a/><b/>",
    "words after the root": b"<a/>b",
    "words before the root": b"a<b/>",
    "crossed elements": b"<a><b></a></b>",
    "an end that never comes": b"<a><b>",
    "a comment that never ends": b"<!--" + b"<!--" * 60_000,
    "instructions that never end": b"<?a" * 60_000,
    "comments before nothing": b"<!-- -->" * 30_000,
    "the beginnings of namespaces": b'<a b="' + b"xmlns:" * 40_000,
    "the beginnings of namespaces with quotes": b"<a " + b'xmlns="' * 35_000,
    "too many bytes": b"<a>" + b" " * 262_144 + b"</a>",
    "too many bytes before": b" " * 262_144 + b"<a/>",
    "nothing": b"",
    "blanks": b" \n",
    "JSON": b'[2,"1","Heartbeat",{}]',
    "HTML": b"<!DOCTYPE html><html></html>",
}


@pytest.mark.parametrize("data", ATTACKS.values(), ids=ATTACKS)
def test_an_attack_is_refused_at_once(data: bytes) -> None:
    began = time.perf_counter()
    reason = refused(data)
    assert time.perf_counter() - began < SECOND
    assert len(reason) < 100


DISAGREEING = [
    (DECLARATION + "<a>é</a>".encode(), "iso-8859-1"),
    (declared("iso-8859-1") + b"<a>\xe9</a>", "utf-8"),
    ("\ufeff<a/>".encode("utf-16-le"), "utf-8"),
    (b"\xef\xbb\xbf<a/>", "utf-16"),
    (b"<a/>", "utf-7"),
    (b"<a/>", "utf-16le"),
    ("<a/>".encode("utf-16-le"), "utf-16le"),
]


@pytest.mark.parametrize(("data", "charset"), DISAGREEING)
def test_what_http_says_of_the_encoding_may_not_change_what_is_read(data: bytes, charset: str) -> None:
    refused(data, charset)


@pytest.mark.parametrize("charset", ["utf-8", '"UTF-8"', "ISO-8859-1", "us-ascii", None])
def test_two_encodings_that_mean_the_same_here_are_no_matter(charset: str | None) -> None:
    assert parse(DECLARATION + b"<a>e</a>", charset).text == "e"


def test_http_names_the_encoding_where_the_message_does_not() -> None:
    assert parse(b"<a>\xe9</a>", "ISO-8859-1").text == "é"
    assert parse("\ufeff<a>é</a>".encode("utf-16-be"), "utf-16be").text == "é"


BOUNDS = Bounds(size=200, depth=2, elements=3, attributes=1, attribute_length=5, text_length=5, namespace=4)


@pytest.mark.parametrize(
    ("within", "beyond"),
    [
        (b"<a><b/></a>", b"<a><b><c/></b></a>"),
        (b"<a><b/><b/></a>", b"<a><b/><b/><b/></a>"),
        (b'<a b="1"/>', b'<a b="1" c="1"/>'),
        (b'<a b="12345"/>', b'<a b="123456"/>'),
        (b"<a>12345</a>", b"<a>123456</a>"),
        (b"<a xmlns='1234'/>", b"<a xmlns='12345'/>"),
        (b"<a/>".ljust(200), b"<a/>".ljust(201)),
    ],
)
def test_each_bound_holds_from_the_first_thing_beyond_it(within: bytes, beyond: bytes) -> None:
    parse(within, None, BOUNDS)
    refused(beyond, None, BOUNDS)


def test_a_reason_quotes_nothing_of_the_message() -> None:
    for data in (b"<a>&secret;</a>", declared("secret") + b"<a/>", b"<secret></other>"):
        assert "secret" not in refused(data)


def test_the_message_in_utf_8_can_be_kept() -> None:
    assert as_utf8("\ufeff<a>é</a>".encode("utf-16-le")) == "<a>é</a>".encode()


PIECES = st.sampled_from(
    (
        *(b"<a>", b"</a>", b"<b/>", b"<!--", b"-->", b"<![CDATA[", b"]]>", b"<?", b"?>", b"<!DOCTYPE a", b"&e;"),
        *(b"&#0;", b'xmlns="u"', b"xmlns:", b"=", b'"', b"<", b">", b"\xef\xbb\xbf", b"\xff\xfe", b"\x00", b"\xe9"),
        DECLARATION,
    )
)
CHARSETS = st.none() | st.sampled_from(["utf-8", "utf-16", "us-ascii", "latin1", "", "x"]) | st.text(max_size=5)


def same(one: Element, other: Element) -> bool:
    return (one.tag, one.text, len(one)) == (other.tag, other.text, len(other)) and all(map(same, one, other))


@given(st.binary(max_size=300) | st.lists(PIECES | st.binary(max_size=3), max_size=40).map(b"".join), CHARSETS)
def test_any_bytes_are_read_or_refused_in_the_one_way(data: bytes, charset: str | None) -> None:
    began = time.perf_counter()
    try:
        root = parse(data, charset)
    except NotXml:
        pass
    else:
        assert same(tree_of(as_utf8(data, charset)), root)
    assert time.perf_counter() - began < SECOND
