"""Payloads made from a JSON schema: whole ones, and every single step away from them."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

Schema = dict[str, Any]

MOMENT = "2026-01-02T03:04:05.678Z"
OTHER_TYPES = (1, Decimal("1.5"), "text", True, [], {}, None)
MOMENTS = (
    "2026-01-02t03:04:05z",
    "2026-01-02T03:04:05.1+05:30",
    "2026-01-02T03:04:05.123456789-00:00",
    "2026-01-02T03:04:05",
    "2026-01-02 03:04:05Z",
    "2026-01-02T03:04:05+0200",
    "2026-01-02T03:04:60Z",
    "2026-01-02T03:04:05+24:00",
    "２026-01-02T03:04:05Z",
    "2026-01-02",
    "2026-02-30T00:00:00Z",
    "2026-01-02T25:00:00Z",
    "2026-01-02T03:04Z",
    "20260102T030405Z",
    "now",
    "",
)
URIS = ("ftp://user:pass@host:21/a%20b?c=d#e", "mailto:x@example.org", "relative/path", "http://a b", "://", "h:%zz")


@dataclass(frozen=True)
class Case:
    """One payload. ``difference`` names a meant difference between the schema and the strict type.

    ``exact`` says that an accepted payload must come out again as it went in.
    """

    label: str
    payload: Any
    difference: str | None = None
    exact: bool = True


class Payloads:
    """Payloads for one object schema.

    Objects behind a ``$ref`` stay small, as each is a schema of its own; with ``deep`` they are full too.
    """

    def __init__(self, schema: Schema, definitions: Schema, deep: bool = False) -> None:
        self.schema = schema
        self.definitions = definitions
        self.deep = deep

    def cases(self) -> Iterator[Case]:
        """The full payload, the smallest, and every mutation of the full one, made and undone in place."""
        full = self._full(self.schema)
        yield Case("full", full)
        yield Case("smallest", self._small(self.schema))
        yield from self._object_cases("$", self.schema, full, full)

    def _object_cases(self, path: str, schema: Schema, here: dict[str, Any], root: Any) -> Iterator[Case]:
        with _changed(here, "noSuchMember", 1):
            yield Case(f"{path} with an unknown member", root, exact=False)
        for name, member in schema.get("properties", {}).items():
            place = f"{path}.{name}"
            with _changed(here, name):
                yield Case(f"{place} left out", root)
            for label, value, difference, exact in self._values(member):
                with _changed(here, name, value):
                    yield Case(f"{place} {label}", root, difference, exact)
            inner = member.get("items", member)
            inner = self._resolved(inner) if self.deep else inner
            if "properties" in inner:
                child = here[name][0] if "items" in member else here[name]
                yield from self._object_cases(place, inner, child, root)

    def _values(self, schema: Schema) -> Iterator[tuple[str, Any, str | None, bool]]:
        """(label, value, meant difference, exact) for one member."""
        schema = self._resolved(schema)
        for value in OTHER_TYPES:
            if not (value == {} and schema.get("type") is None):
                yield f"= {value!r}", value, None, value not in (None, [])
        kind = schema.get("type")
        if kind == "array":
            yield from self._arrays(schema)
        elif kind == "string":
            yield from _texts(schema)
        elif kind in ("integer", "number"):
            yield from _numbers(schema)

    def _arrays(self, schema: Schema) -> Iterator[tuple[str, Any, str | None, bool]]:
        item = self._full(schema["items"])
        for bound in ("minItems", "maxItems"):
            if bound in schema:
                for count in (schema[bound] - 1, schema[bound], schema[bound] + 1):
                    yield f"of {count} items", [item] * count, None, count > 0
        for value in OTHER_TYPES:
            yield f"of {value!r}", [value], None, True

    def _resolved(self, schema: Schema) -> Schema:
        return self.definitions[schema["$ref"].rsplit("/", 1)[1]] if "$ref" in schema else schema

    def _small(self, schema: Schema) -> Any:
        schema = self._resolved(schema)
        kind = schema.get("type")
        if kind == "object":
            required = schema.get("required", ())
            return {name: self._small(schema["properties"][name]) for name in required}
        if kind == "array":
            return [self._small(schema["items"])] * schema.get("minItems", 0)
        return _scalar(schema)

    def _full(self, schema: Schema) -> Any:
        if "$ref" in schema and not self.deep:
            return self._small(schema)
        schema = self._resolved(schema)
        kind = schema.get("type")
        if kind == "object":
            return {name: self._full(member) for name, member in schema.get("properties", {}).items()}
        if kind == "array":
            return [self._full(schema["items"])]
        return _scalar(schema)


def _scalar(schema: Schema) -> Any:
    if "enum" in schema:
        return schema["enum"][0]
    if schema.get("format") == "date-time":
        return MOMENT
    if schema.get("format") == "uri":
        return URIS[0]
    kind = schema.get("type")
    if kind == "string":
        return "é" * min(3, schema.get("maxLength", 3))
    if kind == "boolean":
        return True
    if kind == "number":
        return Decimal(min(schema.get("maximum", 8), 8)) if "multipleOf" not in schema else Decimal("8.1")
    if kind == "integer":
        return int(max(schema.get("minimum", 2), min(2, schema.get("maximum", 2))))
    return {"anything": [1, Decimal("2.50"), None]}


def _texts(schema: Schema) -> Iterator[tuple[str, Any, str | None, bool]]:
    for value in schema.get("enum", ()):
        yield f"= {value!r}", value, None, True
    if "enum" in schema:
        yield "of no listed value", "NoSuchValue", None, True
        yield "in another case", schema["enum"][0].swapcase(), None, True
    if "maxLength" in schema:
        for count in (0, schema["maxLength"], schema["maxLength"] + 1):
            yield f"of {count} characters", "𝄞" * count, None, True
    if schema.get("format") == "date-time":
        yield from ((f"= {value!r}", value, None, False) for value in MOMENTS)
    if schema.get("format") == "uri":
        yield from ((f"= {value!r}", value, None, True) for value in URIS)


def _numbers(schema: Schema) -> Iterator[tuple[str, Any, str | None, bool]]:
    step = schema.get("multipleOf", Decimal("0.001"))
    for bound in ("minimum", "maximum"):
        if bound in schema:
            for value in (schema[bound] - 1, schema[bound], schema[bound] + 1):
                yield f"= {value}", int(value), None, True
    if schema["type"] == "number":
        for value in (step, -step, Decimal("8.1"), Decimal("8.10"), Decimal("8.11"), Decimal("1E+2"), 10**20):
            yield f"= {value}", value, None, True
        yield "out of a double's range", Decimal("1E+309"), "number beyond a double", True
    else:
        yield "= 5.0", Decimal("5.0"), "whole number with a fraction", True
        yield "beyond 64 bits", 2**63, "integer beyond 64 bits", True


_ABSENT = object()


@contextmanager
def _changed(owner: dict[str, Any], name: str, value: Any = _ABSENT) -> Iterator[None]:
    """The object with one member set or, without a value, removed; the order of members is not kept."""
    before = owner.pop(name, _ABSENT)
    if value is not _ABSENT:
        owner[name] = value
    try:
        yield
    finally:
        owner.pop(name, None)
        if before is not _ABSENT:
            owner[name] = before
