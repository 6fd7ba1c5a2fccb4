"""What the generator knows of one OCPP version, independent of schema and of Python text."""

from dataclasses import dataclass
from typing import Literal

Bounds = tuple[tuple[str, str], ...]
"""JSON Schema keyword and its value as exact decimal text, sorted by keyword."""

ScalarKind = Literal["text", "uri", "moment", "integer", "number", "boolean", "anything", "custom_data"]


@dataclass(frozen=True)
class Scalar:
    """A plain value with its bounds."""

    kind: ScalarKind
    bounds: Bounds = ()


INT32 = Scalar("integer", (("maximum", str(2**31 - 1)), ("minimum", str(-(2**31)))))
"""``xs:int``, which is known by a name of its own."""


@dataclass(frozen=True)
class Named:
    """A reference to an enumeration or an object of the same version."""

    name: str


@dataclass(frozen=True)
class Array:
    """A list of items, with bounds on how many."""

    item: "Type"
    bounds: Bounds = ()


Type = Scalar | Named | Array


@dataclass(frozen=True)
class Enumeration:
    """The closed list of texts a field may hold."""

    name: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class Field:
    """One member of an object: its wire name, its Python name, its type."""

    wire: str
    name: str
    type: Type
    required: bool


@dataclass(frozen=True)
class Object:
    """A JSON object; a closed one refuses members it does not list."""

    name: str
    fields: tuple[Field, ...]
    closed: bool


@dataclass(frozen=True)
class Module:
    """One version: enumerations, objects (parts before wholes), and the names of its messages."""

    version: str
    enumerations: tuple[Enumeration, ...]
    objects: tuple[Object, ...]
    messages: tuple[str, ...]
    source: str = "the schemas"
