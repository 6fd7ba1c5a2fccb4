"""What a decoder complains of, in words for people: the decoder speaks of Python's types and of regular expressions."""

import re
from collections.abc import Callable

_KINDS = {
    "str": "a text",
    "int": "a whole number",
    "float": "a number",
    "number": "a number",
    "decimal": "a number",
    "bool": "true or false",
    "object": "an object",
    "array": "a list",
    "datetime": "a time (RFC 3339)",
    "null": "null",
}
_UNITS = {"str": "character", "array": "item", "object": "member", "bytes": "byte"}
_BOUNDS = {"<=": "at most", ">=": "at least", "<": "less than", ">": "more than", "==": "exactly"}


def in_words(complaint: str) -> str:
    """The complaint of a ``msgspec.ValidationError`` without its place, said plainly; an unknown one as it is."""
    for pattern, say in _SAYINGS:
        found = pattern.fullmatch(complaint)
        if found is not None:
            return say(found)
    return complaint


def _length(found: re.Match[str]) -> str:
    number, unit = int(found["number"]), _UNITS.get(found["kind"], "item")
    if (found["sign"], number) == (">=", 1):
        return "it must not be empty"
    return f"{_BOUNDS[found['sign']]} {number} {unit}{'' if number == 1 else 's'}"


def _bound(found: re.Match[str]) -> str:
    return f"{_kind(found['kind'])} of {_BOUNDS[found['sign']]} {found['number']}"


def _types(found: re.Match[str]) -> str:
    wanted = [_kind(kind) for kind in found["wanted"].split(" | ")]
    return f"{' or '.join(wanted)} is needed, not {_kind(found['given'])}"


def _kind(name: str) -> str:
    return _KINDS.get(name, name)


_SIGN = r"(?P<sign><=|>=|<|>|==)"
_SAYINGS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], str]], ...] = (
    (re.compile(rf"Expected `(?P<kind>\w+)` of length {_SIGN} (?P<number>\d+)"), _length),
    (re.compile(rf"Expected `(?P<kind>\w+)` {_SIGN} (?P<number>-?[\d.]+)"), _bound),
    (re.compile(r"Expected `(?P<wanted>\w+(?: \| \w+)*)`, got `(?P<given>\w+)`"), _types),
    (re.compile(r"Expected `datetime` with a timezone component"), lambda _: "a time needs its zone, such as Z"),
    (re.compile(r"Invalid decimal string"), lambda _: "this is no number"),
    (re.compile(r"Invalid RFC3339 encoded datetime"), lambda _: "no time as RFC 3339 has it, 2030-01-31T12:00:00Z"),
)
