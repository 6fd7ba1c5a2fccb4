"""Payload bytes to messages and back, for every version; those of the SOAP versions are in their JSON form.

A dialect sees two shapes only, the heads of the families: 1.6 for all of 1.x, and 2.1 for all of 2.x. Reading lifts a
message into its family's head; writing lowers it again and refuses what the version cannot carry.

Strict types and lenient twins have the same attributes and hold the same plain values, and those of 2.0.1 get what
2.1 added as absent. So a message is handed on as any of them; read its attributes as those of the lenient twin, where
nothing is certain to be there.
"""

from collections.abc import Callable
from functools import cache, partial
from typing import Any

import msgspec
from msgspec import Struct
from msgspec.structs import fields

from stationmaster.ocpp.checks import decimal_of
from stationmaster.ocpp.kinds import read_kind
from stationmaster.ocpp.messages import MessageType, messages
from stationmaster.ocpp.salvage import Unreadable, salvage, without_nulls
from stationmaster.ocpp.soap.lexical import illegal_place
from stationmaster.ocpp.upgrade import TABLES, Refused, Untold, readable_as
from stationmaster.ocpp.version import Version
from stationmaster.ocpp.violations import Violation, ViolationKind, malformed, violation_of
from stationmaster.ocpp.wire import decode_plain, encode, to_plain
from stationmaster.ocpp.wording import in_words

_NOT_XML = "XML has no such character"
_NOT_JSON = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


class Reading(Struct, frozen=True, gc=False):
    """A message in its family's head shape, and what was wrong with the payload, first things first."""

    message: Struct
    violations: tuple[Violation, ...] = ()


class SchemaViolation(ValueError):
    """A payload that its strict type refuses."""

    def __init__(self, violation: Violation) -> None:
        super().__init__(f"{violation.path}: {violation.detail}")
        self.violation = violation


class CannotCarry(ValueError):
    """A message that the version's schema has no place for. ``path`` is a wire path of that version."""

    def __init__(self, version: Version, action: str, path: str, detail: str) -> None:
        super().__init__(f"OCPP {version} {action} cannot carry {path.removeprefix('$.')}: {in_words(detail)}")
        self.version = version
        self.action = action
        self.path = path
        self.detail = detail


class NothingToTell(ValueError):
    """A request that the version has no words for, whose loss is listed: it is not sent.

    ``response`` is the empty answer that stands for the one which the other side would have given.
    """

    def __init__(self, version: Version, action: str, detail: str, response: Struct) -> None:
        super().__init__(f"OCPP {version} {action} is not told: {detail}")
        self.version = version
        self.action = action
        self.response = response


class _Route(Struct, frozen=True):
    """How one direction of one action is read: decoders made once."""

    strict: msgspec.json.Decoder[Any]
    """Accepts what the version's schema does; its messages have the head's attributes unless there is a ``lift``."""
    shape: type[Struct]
    """The head's lenient twin."""
    lift: Callable[[Any], Any] | None
    """Makes a payload of the version one of the head, where they differ."""
    lower: Callable[[Any], Any] | None
    """Makes a payload of the head one of the version, where they differ."""
    may_be_empty: bool
    """Whether the version's schema requires nothing."""


def read_request(version: Version, action: str, raw: bytes) -> Reading:
    """The request (or SEND) of an action in its family's head shape.

    Raises :class:`Unreadable` if the payload is not a JSON object or beyond repair, and ``KeyError`` for an
    action that the version does not have.
    """
    return _read(_route(version, action, False), raw)


def read_response(version: Version, action: str, raw: bytes) -> Reading:
    """The response to an action, like :func:`read_request`."""
    return _read(_route(version, action, True), raw)


def write_request(version: Version, action: str, message: Struct) -> bytes:
    """The payload of a request given in the family's head shape; absent values and empty lists are left out.

    Raises :class:`CannotCarry` if the version's schema has no place for it, and :class:`NothingToTell` where what it
    says may be lost.
    """
    return _write(version, action, message, False)


def write_response(version: Version, action: str, message: Struct) -> bytes:
    """The payload of a response, like :func:`write_request`; there is always something to tell."""
    return _write(version, action, message, True)


def read_native(version: Version, action: str, raw: bytes, response: bool = False) -> Struct:
    """The message in the version's own strict type; raises :class:`SchemaViolation` if it breaks the schema."""
    try:
        message: Struct = _native_decoder(version, action, response).decode(raw)
    except msgspec.ValidationError as error:
        raise SchemaViolation(violation_of(str(error))) from None
    except _NOT_JSON as error:
        raise SchemaViolation(malformed(str(error))) from None
    illegal = illegal_place(raw) if version.is_soap else None
    if illegal is not None:
        raise SchemaViolation(Violation(ViolationKind.PROPERTY, illegal, _NOT_XML))
    return message


def _read(route: _Route, raw: bytes) -> Reading:
    try:
        message: Struct = route.strict.decode(raw)
    except msgspec.ValidationError as error:
        return _read_leniently(route, raw, violation_of(str(error)))
    except _NOT_JSON as error:
        raise Unreadable(malformed(str(error))) from None
    return Reading(message) if route.lift is None else _read_leniently(route, raw, None)


def _read_leniently(route: _Route, raw: bytes, violation: Violation | None) -> Reading:
    try:
        tree = without_nulls(decode_plain(raw))
    except _NOT_JSON as error:
        raise Unreadable(malformed(str(error))) from None
    if route.lift is not None and isinstance(tree, dict):
        tree = route.lift(tree)
    message, dropped = salvage(tree, route.shape)
    if violation is None or violation in dropped:
        return Reading(message, dropped)
    return Reading(message, (violation, *dropped))


def _write(version: Version, action: str, message: Struct, response: bool) -> bytes:
    route = _route(version, action, response)
    raw = encode(message)
    if route.lower is not None:
        raw = encode(_lowered(version, action, route.lower, decode_plain(raw)))
    if raw == b"{}" and route.may_be_empty:
        return raw
    try:
        native = route.strict.decode(raw)
    except msgspec.ValidationError as error:
        violation = violation_of(str(error))
        raise CannotCarry(version, action, violation.path, violation.detail) from None
    if version is Version.V20:
        _check_nothing_lost(version, action, decode_plain(raw), to_plain(native))
    illegal = illegal_place(raw) if version.is_soap else None
    if illegal is not None:
        raise CannotCarry(version, action, illegal, _NOT_XML)
    return raw


def _lowered(version: Version, action: str, lower: Callable[[Any], Any], tree: Any) -> Any:
    try:
        return lower(tree)
    except Refused as refusal:
        raise CannotCarry(version, action, refusal.path, refusal.detail) from None
    except Untold as untold:
        _, answer = _types(messages(TABLES[version].head)[action], True)
        raise NothingToTell(version, action, str(untold), answer()) from None


def _check_nothing_lost(version: Version, action: str, sent: Any, kept: Any, path: str = "$") -> None:
    """2.0 lets objects have unlisted members: refuse what its type would have ignored."""
    if isinstance(sent, dict) and isinstance(kept, dict):
        for name, value in sent.items():
            if name not in kept and value != []:
                raise CannotCarry(version, action, f"{path}.{name}", "2.0 has no such field")
            _check_nothing_lost(version, action, value, kept.get(name), f"{path}.{name}")
    elif isinstance(sent, list) and isinstance(kept, list | tuple):
        for index, (value, held) in enumerate(zip(sent, kept, strict=True)):
            _check_nothing_lost(version, action, value, held, f"{path}[{index}]")


@cache
def _route(version: Version, action: str, response: bool) -> _Route:
    native = messages(version)[action]
    table = TABLES.get(version)
    if table is not None and action in table.native_only:
        table = None
    spoken_by_dialects = Version.V21 if version is Version.V201 else version if table is None else table.head
    head = messages(spoken_by_dialects)[action]
    (ours, _), (theirs, shape) = _types(native, response), _types(head, response)
    return _Route(
        strict=_decoder(readable_as(ours, theirs) if version is Version.V201 else ours),
        shape=shape,
        lift=None if table is None or table.differs_in_writing_only else partial(table.lift, action, response),
        lower=partial(table.lower, action, response) if table is not None and table.lowers(action, response) else None,
        may_be_empty=not any(each.required for each in fields(ours)),
    )


@cache
def _native_decoder(version: Version, action: str, response: bool) -> msgspec.json.Decoder[Any]:
    return _decoder(_types(messages(version)[action], response)[0])


def _types(message: MessageType, response: bool) -> tuple[type[Struct], type[Struct]]:
    if not response:
        return message.request, message.lenient_request
    if message.response is None or message.lenient_response is None:
        raise KeyError(f"{message.action} has no response")
    return message.response, message.lenient_response


def _decoder(shape: type[Struct]) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(shape, dec_hook=read_kind, float_hook=decimal_of)
