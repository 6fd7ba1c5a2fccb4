"""Body elements to payload bytes and back.

A payload is the JSON form of the version's own message: an object whose members are named as the elements and
attributes are. The text of an element that has attributes is a member too (``{"value": "12", "unit": "Wh"}``).

Reading judges nothing: what has the wrong form stays text, an element that the version does not have stays a member,
one that stands there too often is a list. So the strict types find what is wrong with XML as they do with JSON. Only
the order of the elements is not looked at.
"""

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any
from xml.etree.ElementTree import SubElement

import msgspec
from msgspec import Struct
from msgspec.structs import fields

from stationmaster.ocpp.messages import messages
from stationmaster.ocpp.soap.elements import Service, Shape, element_name
from stationmaster.ocpp.soap.lexical import read_text, reader_of, written
from stationmaster.ocpp.soap.parsing import Element
from stationmaster.ocpp.soap.tables import SERVICES
from stationmaster.ocpp.version import Version
from stationmaster.ocpp.wire import decode_plain

_INSTANCE = "{http://www.w3.org/2001/XMLSchema-instance}"
_NIL = f"{_INSTANCE}nil"
_OURS = "urn://Ocpp/"

_encode = msgspec.json.Encoder(decimal_format="number").encode


class _Read(Struct, frozen=True, gc=False):
    """How one member is read: ``inner`` if it is an object, else ``scalar``."""

    many: bool
    scalar: Callable[[str], Any] | None
    inner: "_Reading | None" = None


class _Reading(Struct, frozen=True, gc=False):
    """How an object is read. ``text``: the member that its own text is."""

    members: Mapping[str, _Read]
    text: str | None = None
    always: tuple[str, ...] = ()
    """Lists that JSON has even when they are empty."""


class _Write(Struct, frozen=True, gc=False):
    """How one member is written."""

    name: str
    tag: str
    attribute: bool
    inner: "_Writing | None" = None


class _Writing(Struct, frozen=True, gc=False):
    """How an object is written, in this order. ``text``: the member that becomes its own text."""

    members: tuple[_Write, ...]
    names: frozenset[str]
    text: str | None = None


def to_payload(service: Service, action: str, is_response: bool, element: Element) -> bytes:
    """What the body element says. Its children may stand in its own namespace, in none, or in another of OCPP.

    Raises ``KeyError`` for an action that the version does not have.
    """
    return _encode(_object(_reading(service.version, action, is_response), element, _prefix(element)))


def to_element(
    service: Service, action: str, is_response: bool, payload: bytes, namespace: str | None = None
) -> Element:
    """The body element that says what the payload does; absent values and empty lists are left out.

    ``namespace``: where it is not the service's own for the side that starts the action; DataTransfer, which either
    side starts, needs it. Members that the version does not have come last.

    Raises ``KeyError`` for an action that the version does not have, and ``ValueError`` for a payload that is no
    object, or has one or a list where XML has a text.
    """
    if namespace is None:
        namespace = service.namespace(service.operations[action].sender)
    tree = decode_plain(payload)
    if not isinstance(tree, dict):
        raise ValueError("the payload is no JSON object")
    root = Element(f"{{{namespace}}}{element_name(action, is_response)}")
    _fill(root, _writing(service.version, action, is_response, namespace), tree, namespace)
    return root


def _object(reading: _Reading, element: Element, prefix: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if reading.text is not None:
        found[reading.text] = element.text or ""
    for name, text in element.items():
        if not name.startswith("{"):
            known = reading.members.get(name)
            found[name] = text if known is None or known.scalar is None else known.scalar(text)
    members, cut = reading.members, len(prefix)
    for child in element:
        tag = child.tag
        name = tag[cut:] if tag.startswith(prefix) else _name(tag)
        member = members.get(name)
        if member is None:
            _add(found, name, _anything(child), False)
            continue
        if member.inner is not None:
            value = None if child.get(_NIL) in _YES else _object(member.inner, child, prefix)
        elif len(child):
            value = _anything(child)
        else:
            value = _scalar(member, child)
        if value is not None:
            _add(found, name, value, member.many)
    for name in reading.always:
        found.setdefault(name, [])
    return found


def _scalar(member: _Read, element: Element) -> Any:
    """None where it is nil."""
    text = element.text
    if text is None:
        return None if element.get(_NIL) in _YES else ""
    return text if member.scalar is None else member.scalar(text)


_YES = frozenset({"true", "1"})


def _add(found: dict[str, Any], name: str, value: Any, many: bool) -> None:
    """One more value of a member: the second makes it a list, where it should not be one."""
    if name not in found:
        found[name] = [value] if many else value
    elif isinstance(found[name], list):
        found[name].append(value)
    else:
        found[name] = [found[name], value]


def _anything(element: Element) -> Any:
    """An element whose content is not known: its text, or its children as members."""
    if not len(element):
        return element.text or ""
    found: dict[str, Any] = {}
    for child in element:
        _add(found, _name(child.tag), _anything(child), False)
    return found


def _prefix(element: Element) -> str:
    """The namespace in front of its tag, with its braces."""
    tag = element.tag
    return tag[: tag.rfind("}") + 1]


def _name(tag: str) -> str:
    """The local name of what stands in a namespace of OCPP or in none; else the whole, which is no name of ours."""
    namespace, _, name = tag.rpartition("}")
    return name if not namespace or namespace.startswith(f"{{{_OURS}") else tag


def _fill(element: Element, writing: _Writing, tree: dict[str, Any], namespace: str) -> None:
    for member in writing.members:
        value = tree.get(member.name)
        if value is None:
            continue
        if member.attribute:
            element.set(member.name, written(value))
        elif member.name == writing.text:
            element.text = written(value)
        else:
            for item in value if isinstance(value, list) else (value,):
                _child(element, member.tag, member.inner, item, namespace)
    if tree.keys() <= writing.names:
        return
    for name in tree.keys() - writing.names:
        value = tree[name]
        for item in value if isinstance(value, list) else (value,):
            _child(element, f"{{{namespace}}}{name}", None, item, namespace)


def _child(parent: Element, tag: str, inner: _Writing | None, value: Any, namespace: str) -> None:
    child = SubElement(parent, tag)
    if isinstance(value, dict):
        _fill(child, inner or _NOTHING_KNOWN, value, namespace)
    elif value is not None:
        child.text = written(value)


_NOTHING_KNOWN = _Writing((), frozenset())


@lru_cache(512)
def _reading(version: Version, action: str, is_response: bool) -> _Reading:
    message = messages(version)[action]
    shape = SERVICES[version].operations[action].shape(is_response)
    reading = _reading_of(shape)
    of_json = message.response if is_response else message.request
    assert of_json is not None
    needed = {each.encode_name for each in fields(of_json) if each.required}
    always = tuple(each.name for each in shape.fields if each.card == "*" and each.name in needed)
    return msgspec.structs.replace(reading, always=always)


def _reading_of(shape: Shape) -> _Reading:
    return _Reading(
        {
            each.name: _Read(each.many, None, _reading_of(each.type))
            if isinstance(each.type, Shape)
            else _Read(each.many, _unless_plain(reader_of(each.type)))
            for each in shape.fields
            if each.name != shape.text
        },
        shape.text,
    )


def _unless_plain(read: Callable[[str], Any]) -> Callable[[str], Any] | None:
    """None where there is nothing to do: most members are text."""
    return None if read is read_text else read


@lru_cache(512)
def _writing(version: Version, action: str, is_response: bool, namespace: str) -> _Writing:
    return _writing_of(SERVICES[version].operations[action].shape(is_response), namespace)


def _writing_of(shape: Shape, namespace: str) -> _Writing:
    return _Writing(
        tuple(
            _Write(
                name=each.name,
                tag=f"{{{namespace}}}{each.name}",
                attribute=each.attribute,
                inner=_writing_of(each.type, namespace) if isinstance(each.type, Shape) else None,
            )
            for each in shape.fields
        ),
        frozenset(each.name for each in shape.fields),
        shape.text,
    )
