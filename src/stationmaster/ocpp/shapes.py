"""What a message looks like, for people: the fields of its request and response as its version's schema has them.

Read from the generated types, so it says what the codec checks.
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from functools import cache
from types import MappingProxyType
from typing import Any, Literal

from msgspec import Struct, inspect

from stationmaster.ocpp.kinds import CustomData, Kind
from stationmaster.ocpp.messages import Sender, messages
from stationmaster.ocpp.version import Version

FieldType = Literal["string", "integer", "number", "boolean", "date-time", "uri", "object", "any"]
_NAMES: dict[type[inspect.Type], FieldType] = {
    inspect.StrType: "string",
    inspect.LiteralType: "string",
    inspect.IntType: "integer",
    inspect.BoolType: "boolean",
    inspect.StructType: "object",
    inspect.AnyType: "any",
}
_KINDS: dict[str, FieldType] = {"Moment": "date-time", "WholeNumber": "integer", "Number": "number"}
_STORABLE = (-(2**63), 2**63 - 1)
"""Bounds that we put to whole numbers; the schemas have none there."""


class FieldShape(Struct, frozen=True, kw_only=True):
    """One field, named as on the wire. ``many``: a list of such values, of ``min_items`` to ``max_items``. ``object``:
    the name of the object that it is. ``values``: all that it may be. Lengths are in characters."""

    name: str
    type: FieldType
    many: bool
    required: bool
    object: str | None = None
    values: tuple[str, ...] = ()
    at_least: Decimal | None = None
    at_most: Decimal | None = None
    multiple_of: Decimal | None = None
    max_length: int | None = None
    min_items: int | None = None
    max_items: int | None = None


class ObjectShape(Struct, frozen=True, kw_only=True):
    """``closed``: it has no other members than these."""

    name: str
    closed: bool
    fields: tuple[FieldShape, ...]


class MessageShape(Struct, frozen=True, kw_only=True):
    """``request`` and ``response`` are names in ``objects``; ``response`` None: it is sent without being answered."""

    version: Version
    action: str
    sender: Sender
    request: str
    response: str | None
    objects: tuple[ObjectShape, ...]


@cache
def message_shape(version: Version, action: str) -> MessageShape:
    """Raises ``KeyError`` where the version has no such action."""
    message = messages(version)[action]
    return MessageShape(
        version=version,
        action=action,
        sender=message.sender,
        request=message.request.__name__,
        response=None if message.response is None else message.response.__name__,
        objects=tuple(_found(version, action).values()),
    )


@cache
def object_types(version: Version, action: str) -> Mapping[str, type[Struct]]:
    """The types behind the objects of a message, by name. Raises ``KeyError``."""
    return MappingProxyType({of.__name__: of for of in _found(version, action)})


@cache
def _found(version: Version, action: str) -> dict[type, ObjectShape]:
    message = messages(version)[action]
    found: dict[type, ObjectShape] = {}
    for each in (message.request, message.response):
        if each is not None:
            _collect(inspect.type_info(each), found)
    return found


def _struct(of: inspect.Type) -> inspect.StructType:
    assert isinstance(of, inspect.StructType)
    return of


def _collect(of: inspect.Type, found: dict[type, ObjectShape]) -> None:
    """The object itself, and those in it, each once."""
    struct = _struct(of)
    if struct.cls in found:
        return
    found[struct.cls] = _object(struct)
    for inner in _objects_in(struct):
        _collect(inner, found)


def _objects_in(struct: inspect.StructType) -> Iterator[inspect.Type]:
    for field in struct.fields:
        each = field.type.item_type if isinstance(field.type, inspect.VarTupleType) else field.type
        if isinstance(each, inspect.StructType):
            yield each


def _object(struct: inspect.StructType) -> ObjectShape:
    fields = tuple(map(_field, struct.fields))
    return ObjectShape(name=struct.cls.__name__, closed=struct.forbid_unknown_fields, fields=fields)


def _field(field: inspect.Field) -> FieldShape:
    of, items = field.type, dict[str, Any]()
    if isinstance(of, inspect.VarTupleType):
        items = {"min_items": of.min_length, "max_items": of.max_length}
        of = of.item_type
    many = isinstance(field.type, inspect.VarTupleType)
    return FieldShape(
        name=field.encode_name, many=many, required=field.required, type=_type(of), **items, **_bounds(of)
    )


def _type(of: inspect.Type) -> FieldType:
    if isinstance(of, inspect.CustomType):
        return "object" if issubclass(of.cls, CustomData) else _KINDS[of.cls.__name__]
    if isinstance(of, inspect.StrType) and of.pattern is not None:
        return "uri"
    return _NAMES[type(of)]


def _bounds(of: inspect.Type) -> dict[str, Any]:
    if isinstance(of, inspect.StrType):
        return {"max_length": of.max_length}
    if isinstance(of, inspect.LiteralType):
        return {"values": of.values}
    if isinstance(of, inspect.IntType):
        least, most = (None if bound in _STORABLE or bound is None else Decimal(bound) for bound in (of.ge, of.le))
        return {"at_least": least, "at_most": most}
    if isinstance(of, inspect.StructType):
        return {"object": of.cls.__name__}
    if isinstance(of, inspect.CustomType) and isinstance(of.cls, Kind):
        return of.cls.bounds._asdict()
    return {}
