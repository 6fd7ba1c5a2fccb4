"""What is wrong with a payload: the decoder's complaint as a kind, a place on the wire, and a detail."""

import re
from enum import StrEnum

from msgspec import Struct

MAX_DETAIL_CHARS = 200
"""Details and names of unknown fields quote what a stranger sent, so they are cut."""


class ViolationKind(StrEnum):
    """The four families of CALLERROR for payloads (OCPP 2.0.1 part 4, 4.3)."""

    FORMAT = "format"
    OCCURRENCE = "occurrence"
    PROPERTY = "property"
    TYPE = "type"


class Violation(Struct, frozen=True):
    """One breach of the schema. ``path`` is spelled as on the wire: ``$.meterValue[0].timestamp``."""

    kind: ViolationKind
    path: str
    detail: str


_RULES: tuple[tuple[re.Pattern[str], ViolationKind], ...] = (
    (re.compile(r"Object (?:contains unknown|missing required) field `(?P<field>.*)`", re.S), ViolationKind.OCCURRENCE),
    (re.compile(r"Expected `array` of length"), ViolationKind.OCCURRENCE),
    (re.compile(r"Expected `\w+`, got `\w+`"), ViolationKind.TYPE),
)
_PLACE = re.compile(r"(?P<what>.*) - at `(?P<path>\$.*)`", re.S)


def violation_of(complaint: str) -> Violation:
    """The violation behind the text of a ``msgspec.ValidationError``."""
    placed = _PLACE.fullmatch(complaint)
    what, path = (placed["what"], placed["path"]) if placed else (complaint, "$")
    if path == "$" and what.startswith("Expected `object`"):
        return malformed(what)
    kind, field = _classified(what)
    # Only the name of an unknown field is the sender's; the rest of the path is the schema's, so it stays whole.
    place = path if field is None else f"{path}.{field[:MAX_DETAIL_CHARS]}"
    return Violation(kind, place, what[:MAX_DETAIL_CHARS])


def _classified(what: str) -> tuple[ViolationKind, str | None]:
    """The kind of a complaint, and the field it names beside the place."""
    for pattern, kind in _RULES:
        found = pattern.match(what)
        if found:
            return kind, found.groupdict().get("field")
    return ViolationKind.PROPERTY, None


def malformed(complaint: str) -> Violation:
    """The violation of a payload that is not JSON or not an object."""
    return Violation(ViolationKind.FORMAT, "$", complaint[:MAX_DETAIL_CHARS])


def steps(path: str) -> tuple[str | int, ...]:
    """The members and indexes of a wire path: ``$.a[0].b`` is ``("a", 0, "b")``."""
    return tuple(int(index) if index else name for name, index in _STEP.findall(path))


_STEP = re.compile(r"\.([^.\[]+)|\[(\d+)\]")
