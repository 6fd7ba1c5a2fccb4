"""What the generated strict types are made of: base structs, and the values that JSON has no exact type for.

A *kind* is a type whose values are plain Python values of another type: a ``Number`` is a ``Decimal`` that
was written as a JSON number, never as text. Decoders read kinds through :func:`read_kind`.
"""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

from msgspec import Meta, Struct

from stationmaster.ocpp.checks import check_number, json_name, json_number, json_whole, utc_moment

__all__ = [
    "Bounds",
    "Closed",
    "CustomData",
    "Integer",
    "Kind",
    "Maybe",
    "Moment",
    "Number",
    "Open",
    "Uri",
    "WholeNumber",
    "kind",
    "number",
    "python_type",
    "read_kind",
]


class Open(Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """A JSON object of a version that lets objects have members the schema does not list.

    Structs are trees made from JSON and never hold a cycle, so the garbage collector need not follow them.
    """


class Closed(Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True, gc=False):
    """A JSON object that has only the members its schema lists."""


class Kind(type):
    """The metaclass of kinds: ``isinstance`` asks for the plain Python type behind the kind."""

    python: type
    read: Callable[[Any], Any]
    bounds: "Bounds"


class Bounds(NamedTuple):
    """Of a number, as far as it has some."""

    at_least: Decimal | None = None
    at_most: Decimal | None = None
    multiple_of: Decimal | None = None


_UNBOUNDED = Bounds()


def kind(name: str, python: type, read: Callable[[Any], Any], bounds: Bounds = _UNBOUNDED) -> Kind:
    """A kind whose values are of the type ``python``, made from decoded JSON values by ``read``.

    ``read`` raises ``ValueError`` for a value that it does not accept.
    """
    return _kinds_of(python)(name, (), {"python": python, "read": staticmethod(read), "bounds": bounds})


@cache
def _kinds_of(python: type) -> type[Kind]:
    # The decoder asks isinstance for every value: answered by the type's own method, no Python code runs.
    return type("Kind", (Kind,), {"__instancecheck__": python.__instancecheck__})


def python_type(annotation: Any) -> Any:
    """The plain Python type behind a kind; anything else is returned as it is."""
    return annotation.python if isinstance(annotation, Kind) else annotation


def read_kind(kind: Any, value: Any) -> Any:
    """The decoder's hook: a decoded JSON value as the kind wants it, or ``ValueError``."""
    return kind.read(value)


class CustomData(dict[str, Any]):
    """``customData``: a vendor's id and members of the vendor's own, which are kept as they came."""

    @staticmethod
    def read(value: object) -> "CustomData":
        """Raises ``ValueError`` unless the value is an object with a ``vendorId`` of at most 255."""
        if not isinstance(value, dict):
            raise ValueError(f"Expected `object`, got `{json_name(value)}`")
        if "vendorId" not in value:
            raise ValueError("Object missing required field `vendorId`")
        vendor_id = value["vendorId"]
        if not isinstance(vendor_id, str):
            raise ValueError(f"Expected `str`, got `{json_name(vendor_id)}`")
        if len(vendor_id) > 255:
            raise ValueError("Expected `str` of length <= 255")
        return CustomData(value)


Integer = Annotated[int, Meta(ge=-(2**63), le=2**63 - 1)]
"""A whole number that a store can keep; the schemas set no limit, the specification says 32 bits."""

Uri = Annotated[str, Meta(pattern=r"^[A-Za-z][A-Za-z0-9+.\-]*:([!#$&-;=?-Z\[\]_a-z~]|%[0-9A-Fa-f]{2})*\Z")]
"""An absolute URI (RFC 3986): a scheme, a colon, and only the characters a URI may have."""

if TYPE_CHECKING:
    from typing import Optional as Maybe

    Moment = datetime
    Number = Decimal
    WholeNumber = Decimal
else:

    class Maybe:
        """A field that may be left out but is never null: ``Maybe[T]`` reads as ``T`` and defaults to None."""

        def __class_getitem__(cls, kind):
            return kind

    Moment = kind("Moment", datetime, utc_moment)
    """A date and time with a zone, as aware UTC."""

    Number = kind("Number", Decimal, json_number)
    """A JSON number, kept exactly."""

    WholeNumber = kind("WholeNumber", Decimal, json_whole)
    """An ``Integer`` where a later version has a ``Number``."""


def number(at_least: Decimal | None = None, at_most: Decimal | None = None, multiple_of: Decimal | None = None) -> Kind:
    """A kind of JSON number with bounds, which are checked exactly."""

    def read(value: object) -> Decimal:
        found = json_number(value)
        check_number(found, at_least, at_most, multiple_of)
        return found

    return kind("Number", Decimal, read, Bounds(at_least, at_most, multiple_of))
