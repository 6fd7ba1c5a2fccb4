"""The words in which the tables of SOAP messages are written: operations, their elements, and the types of those.

All content is a sequence, so the order of a shape's fields is the order on the wire.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Literal

from msgspec import Struct

from stationmaster.ocpp.sender import Sender
from stationmaster.ocpp.version import Version

Card = Literal["1", "?", "*", "+"]
"""How often an element may stand there: once, at most once, any number of times, at least once."""


class Plain(StrEnum):
    """The types of XML Schema that OCPP uses, by their names there."""

    TEXT = "string"
    INT = "int"
    FLAG = "boolean"
    MOMENT = "dateTime"
    URI = "anyURI"


class Text(Struct, frozen=True):
    """A text of limited length, in characters."""

    name: str
    max_length: int


class Decimals(Struct, frozen=True):
    """A decimal number with a limited number of decimals."""

    name: str
    digits: int


class Words(Struct, frozen=True):
    """A text that is one of a list."""

    name: str
    values: tuple[str, ...]


class Field(Struct, frozen=True):
    """An element inside a shape, or an attribute of it."""

    name: str
    type: "Plain | Text | Decimals | Words | Shape"
    card: Card = "1"
    attribute: bool = False

    @property
    def many(self) -> bool:
        """Whether it may stand there more than once."""
        return self.card in ("*", "+")

    @property
    def required(self) -> bool:
        """Whether it must stand there."""
        return self.card in ("1", "+")


class Shape(Struct, frozen=True):
    """What is inside an element. ``text``: the field that is the element's own text; the others are attributes then."""

    name: str
    fields: tuple[Field, ...] = ()
    text: str | None = None


class Operation(Struct, frozen=True):
    """One action: who starts it, and what is inside the body elements of its request and its response."""

    action: str
    sender: Sender
    request: Shape
    response: Shape

    def shape(self, is_response: bool) -> Shape:
        return self.response if is_response else self.request


class Service(Struct, frozen=True):
    """All that one version says in SOAP, by action.

    ``cs_ns`` is the namespace of what a station starts and of the answers to that, ``cp_ns`` of what the CSMS starts;
    ``subcode_ns`` that of the sub-codes in faults.
    """

    version: Version
    cs_ns: str
    cp_ns: str
    subcode_ns: str
    operations: Mapping[str, Operation]

    def namespace(self, sender: Sender) -> str:
        """Of the messages of an exchange that this side starts; raises ``ValueError`` for ``BOTH``."""
        if sender is Sender.BOTH:
            raise ValueError("either side may start it, in a namespace of its own")
        return self.cs_ns if sender is Sender.STATION else self.cp_ns


def element_name(action: str, is_response: bool) -> str:
    """The local name of the body element: ``authorizeRequest``, ``authorizeResponse``."""
    return f"{action[0].lower()}{action[1:]}{'Response' if is_response else 'Request'}"
