"""A frame beside its version's schema: each member with the field that it fills, what is missing, what is unknown."""

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

import msgspec
from msgspec import Struct

from stationmaster.ocpp.checks import decimal_of
from stationmaster.ocpp.kinds import read_kind
from stationmaster.ocpp.messages import messages
from stationmaster.ocpp.shapes import FieldShape, ObjectShape, message_shape, object_types
from stationmaster.ocpp.soap.logged import Logged, Unreadable, read_logged
from stationmaster.ocpp.version import Version
from stationmaster.ocpp.wording import in_words

MOST_LINES = 2000
_MOST_VALUE = 2000
_CALLS = (2, 6)
_RESULT = 3
_ERRORS = (4, 5)
_ERROR_PARTS = ("errorCode", "errorDescription", "errorDetails")
_FAULT_PARTS = ("Code", "Subcode", "Reason")
MISSING = "it is needed, and missing"
UNKNOWN = "the specification has no such field"

_decode = msgspec.json.Decoder(float_hook=decimal_of).decode
_encode = msgspec.json.Encoder(decimal_format="number").encode


class Line(Struct, frozen=True, kw_only=True):
    """One member. ``depth``: how many objects and lists it stands in. ``value``: JSON, cut where it is long; None: what
    follows deeper is its value, or it is not there. ``field`` None: the schema says nothing of it."""

    path: str
    name: str
    depth: int
    value: str | None = None
    field: FieldShape | None = None
    problem: str | None = None


class Explained(Struct, frozen=True, kw_only=True):
    """``unreadable``: why nothing can be said of the frame. ``object``: what its payload is called. ``whole`` false: it
    has more than MOST_LINES. ``version``: by which it was read; XML tells its own."""

    unreadable: str | None = None
    version: Version | None = None
    object: str | None = None
    lines: tuple[Line, ...] = ()
    whole: bool = True

    @property
    def problems(self) -> int:
        return sum(line.problem is not None for line in self.lines)


def explained(version: Version, action: str | None, frame: str) -> Explained:
    """``action``: of the call, as an answer in JSON does not name it."""
    if frame.startswith("<"):
        return _of_xml(version, frame)
    try:
        parts = _decode(frame)
    except (ValueError, RecursionError):
        return Explained(unreadable="It is not JSON, or was cut because it is long.")
    if not isinstance(parts, list) or not parts:
        return Explained(unreadable="It is no OCPP frame: that is a JSON array.")
    kind = parts[0]
    if kind in _ERRORS:
        named = zip(_ERROR_PARTS, parts[2:], strict=False)
        return Explained(lines=tuple(_plain(f"$[{at}]", name, value, 0) for at, (name, value) in enumerate(named, 2)))
    at = 3 if kind in _CALLS else 2
    if kind not in (*_CALLS, _RESULT) or len(parts) != at + 1:
        return Explained(unreadable="It is no OCPP frame: its parts are not those of a message.")
    return _of_payload(version, action, parts[at], kind == _RESULT)


def _of_xml(version: Version, frame: str) -> Explained:
    try:
        logged = read_logged(frame, version)
    except Unreadable as error:
        return Explained(unreadable=str(error))
    if isinstance(logged, Logged):
        return _of_payload(logged.version, logged.action, _decode(logged.payload), logged.is_answer)
    named = zip(_FAULT_PARTS, (logged.code, logged.subcode, logged.reason), strict=True)
    return Explained(lines=tuple(_plain(f"$.{name}", name, value, 0) for name, value in named if value is not None))


def _of_payload(version: Version, action: str | None, payload: Any, is_answer: bool) -> Explained:
    if action not in messages(version):
        return Explained(unreadable=f"OCPP {version} has no message {action}." if action else "Its call is not known.")
    shape = message_shape(version, action)
    name = shape.response if is_answer else shape.request
    if name is None:
        return Explained(unreadable="This message is not answered.")
    if not isinstance(payload, dict):
        return Explained(unreadable="Its payload is no JSON object.")
    objects = {each.name: each for each in shape.objects}
    found = list(islice(_Schema(objects, object_types(version, action)).lines(name, payload), MOST_LINES + 1))
    return Explained(object=name, version=version, lines=tuple(found[:MOST_LINES]), whole=len(found) <= MOST_LINES)


class _Schema:
    """The objects of one message."""

    def __init__(self, objects: Mapping[str, ObjectShape], types: Mapping[str, type[Struct]]) -> None:
        self._objects = objects
        self._types = types

    def lines(self, name: str, value: dict[str, Any], path: str = "$", depth: int = 0) -> Iterator[Line]:
        """Members in the schema's order, with those that are missing; then what the schema does not have."""
        shape = self._objects[name]
        annotations = {each.encode_name: each.type for each in msgspec.structs.fields(self._types[name])}
        for field in shape.fields:
            here = f"{path}.{field.name}"
            if field.name in value:
                yield from self._member(field, annotations[field.name], value[field.name], here, depth)
            elif field.required:
                yield Line(path=here, name=field.name, depth=depth, field=field, problem=MISSING)
        for unknown in [name for name in value if name not in annotations]:
            line = _plain(f"{path}.{unknown}", unknown, value[unknown], depth)
            yield msgspec.structs.replace(line, problem=UNKNOWN if shape.closed else None)

    def _member(self, field: FieldShape, annotation: Any, value: Any, path: str, depth: int) -> Iterator[Line]:
        line = Line(path=path, name=field.name, depth=depth, field=field)
        if field.object is not None and not field.many and isinstance(value, dict):
            yield line
            yield from self.lines(field.object, value, path, depth + 1)
        elif field.object is not None and field.many and isinstance(value, list):
            yield msgspec.structs.replace(line, problem=_size_problem(field, len(value)))
            for number, item in enumerate(value):
                yield from self._item(field.object, item, number, path, depth + 1)
        else:
            yield msgspec.structs.replace(line, value=_json(value), problem=_problem(annotation, value))

    def _item(self, of: str, value: Any, number: int, path: str, depth: int) -> Iterator[Line]:
        here, name = f"{path}[{number}]", f"[{number}]"
        if isinstance(value, dict):
            yield Line(path=here, name=name, depth=depth)
            yield from self.lines(of, value, here, depth + 1)
        else:
            yield msgspec.structs.replace(_plain(here, name, value, depth), problem="it must be an object")


def _plain(path: str, name: str, value: Any, depth: int) -> Line:
    return Line(path=path, name=name, depth=depth, value=_json(value))


def _json(value: Any) -> str:
    text = _encode(value).decode()
    return text if len(text) <= _MOST_VALUE else f"{text[:_MOST_VALUE]}…"


def _problem(annotation: Any, value: Any) -> str | None:
    try:
        msgspec.convert(value, annotation, dec_hook=read_kind)
    except (msgspec.ValidationError, ValueError) as error:
        return in_words(str(error).partition(" - at ")[0])
    return None


def _size_problem(field: FieldShape, size: int) -> str | None:
    if field.min_items is not None and size < field.min_items:
        return f"it needs at least {field.min_items}"
    if field.max_items is not None and size > field.max_items:
        return f"it has {size}, and may have {field.max_items}"
    return None
