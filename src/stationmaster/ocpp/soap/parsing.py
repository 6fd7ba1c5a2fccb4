"""XML from strangers: a tree within bounds, or one exception.

What keeps it safe:

- There is no ``<!DOCTYPE``, so there are no entities to expand or fetch: beside character references only XML's own
  five can be named. SOAP forbids it as well (SOAP 1.2 part 1, 5).
- The encoding is settled before the parser sees a byte, and is one of four. What says two different things of itself is
  read only as far as both mean the same. The parser gets UTF-8 and is told so; it believes no declaration.
- What is cheap to count is counted in the bytes, before anything is built from them. Names of namespaces are short: the
  parser repeats them in every name, so that a long one would multiply.
- The parser is expat, new for each message. libxml2 (lxml) keeps every name that it ever read as long as its thread
  lives, so that strangers who make up names could fill the memory.
"""

import codecs
import re
from collections.abc import Sequence
from typing import Final, NoReturn
from xml.etree.ElementTree import Element, ParseError, XMLParser
from xml.parsers.expat import ErrorString

import msgspec

__all__ = ["DEFAULT_BOUNDS", "Bounds", "Element", "NotXml", "as_utf8", "parse", "tree_of"]


class Bounds(msgspec.Struct, frozen=True):
    """What a message may make us hold. ``size``: bytes of a message as it came. ``depth``: levels of elements, of which
    the root is the first. ``elements``: of the whole message, where comments and the like count as well.
    ``attributes``: of one element. Lengths are in characters, of one value each; ``namespace`` in bytes."""

    size: int = 256 * 1024
    depth: int = 32
    elements: int = 20_000
    attributes: int = 32
    attribute_length: int = 4096
    text_length: int = 128 * 1024
    namespace: int = 255


DEFAULT_BOUNDS: Final = Bounds()


class NotXml(Exception):
    """A message that is no XML that we read. ``reason`` quotes nothing of it."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def parse(data: bytes, charset: str | None = None, bounds: Bounds = DEFAULT_BOUNDS) -> Element:
    """The root of a message; ``charset`` is what HTTP says of it. Comments and processing instructions are not in it.

    Raises ``NotXml``, and nothing else, whatever the bytes.
    """
    return tree_of(as_utf8(data, charset, bounds), bounds)


def tree_of(document: bytes, bounds: Bounds = DEFAULT_BOUNDS) -> Element:
    """The root of a message in UTF-8. Raises ``NotXml``."""
    _check_bytes(document, bounds)
    root = _tree(document)
    _check_tree(root, document, bounds)
    return root


# Encoding ---------------------------------------------------------------------------------------------

_UTF_8: Final = "utf-8"
_CODECS: Final = {
    "utf-8": _UTF_8,
    "utf8": _UTF_8,
    "us-ascii": "ascii",
    "ascii": "ascii",
    "iso-8859-1": "latin-1",
    "latin1": "latin-1",
    "utf-16": "utf-16",
    "utf-16le": "utf-16",
    "utf-16be": "utf-16",
}
_MARKS: Final = ((codecs.BOM_UTF8, _UTF_8), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_DECLARED = re.compile(
    rb"""<\?xml[ \t\r\n]++version[ \t\r\n]*+=[ \t\r\n]*+["'][\w.:-]{1,20}["']"""
    rb"""[ \t\r\n]++encoding[ \t\r\n]*+=[ \t\r\n]*+["']([\w.:-]{1,40})["']"""
)
_DECLARATION = re.compile(rb"\A<\?xml[ \t\r\n].*?\?>", re.DOTALL)


def as_utf8(data: bytes, charset: str | None = None, bounds: Bounds = DEFAULT_BOUNDS) -> bytes:
    """The message in UTF-8, without a declaration that says otherwise. Blank lines before it are forgiven.

    Raises ``NotXml``.
    """
    if len(data) > bounds.size:
        _refuse(f"longer than {bounds.size} bytes")
    data = data.lstrip(b" \t\r\n")
    for mark, codec in _MARKS:
        if data.startswith(mark):
            return _marked(data[len(mark) :], codec, charset)
    found = _DECLARED.match(data)
    declared = None if found is None else _codec(found[1].decode("ascii", "replace"))
    told = None if charset is None else _codec(charset)
    codec = declared or told or _UTF_8
    if codec == "utf-16":
        _refuse("UTF-16 without a byte order mark")
    if told is not None and told != codec and not data.isascii():
        _refuse("two encodings are named, and it matters which one holds")
    return _recoded(data, codec)


def _marked(data: bytes, codec: str, charset: str | None) -> bytes:
    """A message after its byte order mark, which is right about itself; nobody else may say otherwise."""
    document = _decoded(data, codec)
    found = _DECLARED.match(document)
    family = "utf-16" if codec.startswith("utf-16") else codec
    for said in (charset, None if found is None else found[1].decode("ascii", "replace")):
        if said is not None and _codec(said) != family:
            _refuse("another encoding is named than the byte order mark has")
    return document if family == _UTF_8 else _DECLARATION.sub(b"", document, count=1)


def _codec(name: str) -> str:
    codec = _CODECS.get(name.strip("\"' ").lower())
    return codec if codec is not None else _refuse("an encoding that is not read here")


def _recoded(data: bytes, codec: str) -> bytes:
    if data.isascii():
        return data
    document = _decoded(data, codec)
    return document if codec == _UTF_8 else _DECLARATION.sub(b"", document, count=1)


def _decoded(data: bytes, codec: str) -> bytes:
    try:
        return data.decode(codec).encode()
    except UnicodeError:
        _refuse("bytes that its encoding does not have")


# Bounds -----------------------------------------------------------------------------------------------

_PROLOG = re.compile(rb"(?:[ \t\r\n]++|<!--.*?-->|<\?.*?\?>)*+<(?![!?])", re.DOTALL)
"""What may stand before the root's name. A comment or an instruction ends where the parser would end it, so that
nothing can hide behind one; each is looked through once."""
_NAMESPACE = re.compile(rb"""xmlns(?::[^\s=:]*+)?+\s*+=\s*+(?:"([^"]*+)"|'([^']*+)')""")


def _check_bytes(document: bytes, bounds: Bounds) -> None:
    if _PROLOG.match(document) is None:
        _refuse("a DOCTYPE" if b"<!DOCTYPE" in document else "no XML document")
    if document.count(b"<") - document.count(b"</") > bounds.elements:
        _refuse(f"more than {bounds.elements} elements")
    for found in _NAMESPACE.finditer(document):
        if found.end() - found.start() > bounds.namespace and len(found[1] or found[2] or b"") > bounds.namespace:
            _refuse(f"a namespace of more than {bounds.namespace} bytes")


def _tree(document: bytes) -> Element:
    parser = XMLParser(encoding=_UTF_8)  # noqa: S314  # without a DOCTYPE there is nothing to expand
    try:
        parser.feed(document)
        root: Element = parser.close()
    except ParseError as error:
        line, column = error.position
        _refuse(f"{ErrorString(error.code)}: line {line}, column {column}")
    return root


def _check_tree(root: Element, document: bytes, bounds: Bounds) -> None:
    """Level by level. What these bytes have no room for is not looked for."""
    any_long = len(document) > min(bounds.attribute_length, bounds.text_length)
    any_many = any_long or document.count(b"=") > bounds.attributes
    level: Sequence[Element] = (root,)
    depth = 0
    while level:
        depth += 1
        if depth > bounds.depth:
            _refuse(f"nested deeper than {bounds.depth} levels")
        if any_many:
            _check_attributes(level, bounds)
        if any_long and any(_is_longer(element, bounds.text_length) for element in level):
            _refuse(f"a text of more than {bounds.text_length} characters")
        level = [child for element in level if len(element) for child in element]


def _check_attributes(level: Sequence[Element], bounds: Bounds) -> None:
    for element in level:
        attributes = element.items()
        if len(attributes) > bounds.attributes:
            _refuse(f"more than {bounds.attributes} attributes of one element")
        if any(len(value) > bounds.attribute_length for _, value in attributes):
            _refuse(f"an attribute of more than {bounds.attribute_length} characters")


def _is_longer(element: Element, length: int) -> bool:
    return len(element.text or "") > length or len(element.tail or "") > length


def _refuse(reason: str) -> NoReturn:
    raise NotXml(reason)
