"""From the schemas of one version to its model. What the reader does not understand, it refuses."""

from decimal import Decimal
from typing import Any

from generator.model import Array, Bounds, Enumeration, Field, Module, Named, Object, Scalar, ScalarKind, Type
from generator.names import definition_name, field_name, inline_name

Schema = dict[str, Any]

_SCALARS: dict[tuple[str | None, str | None], ScalarKind] = {
    ("string", None): "text",
    ("string", "uri"): "uri",
    ("string", "date-time"): "moment",
    ("integer", None): "integer",
    ("number", None): "number",
    ("boolean", None): "boolean",
    (None, None): "anything",
}
_BOUNDS = {"minLength", "maxLength", "pattern", "minimum", "maximum", "multipleOf", "minItems", "maxItems"}
_STRUCTURE = {"type", "format", "enum", "properties", "required", "items", "$ref", "definitions"}
_ANNOTATIONS = {
    *("$schema", "$id", "id", "title", "description", "comment", "javaType", "default"),
    *("additionalProperties", "additionalItems"),
}


class Reader:
    """Collects the named types of one version while reading its messages."""

    def __init__(self, version: str) -> None:
        self.version = version
        self.enumerations: dict[str, Enumeration] = {}
        self.objects: dict[str, Object] = {}

    def read(self, schemas: dict[str, Schema]) -> Module:
        """The whole version; raises ``ValueError`` for a schema that could not be enforced in full."""
        for message, schema in schemas.items():
            self._object(message, message, schema, schema.get("definitions", {}))
        return Module(
            self.version,
            tuple(sorted(self.enumerations.values(), key=lambda each: each.name)),
            tuple(self.objects.values()),
            tuple(schemas),
        )

    def _object(self, name: str, message: str, schema: Schema, definitions: Schema, inside: str = "") -> Named:
        required = set(schema.get("required", ()))
        fields = []
        for wire, member in schema.get("properties", {}).items():
            kind = self._type(message, member, definitions, inside, wire)
            fields.append(Field(wire, field_name(wire), kind, wire in required))
        if len({field.name for field in fields}) < len(fields) or not required <= {f.wire for f in fields}:
            raise ValueError(f"{self.version} {name}: field names collide or a required field is undefined")
        found = Object(name, tuple(fields), schema.get("additionalProperties", True) is False)
        known = self.objects.setdefault(name, found)
        if set(known.fields) != set(found.fields) or known.closed != found.closed:
            raise ValueError(f"{self.version} {message}: {name} has two contents")
        return Named(name)

    def _type(self, message: str, schema: Schema, definitions: Schema, inside: str, wire: str) -> Type:
        unknown = set(schema) - _BOUNDS - _STRUCTURE - _ANNOTATIONS
        if unknown:
            raise ValueError(f"{self.version} {message}.{wire}: cannot enforce {sorted(unknown)}")
        if "$ref" in schema:
            return self._definition(message, schema["$ref"].rsplit("/", 1)[1], definitions)
        if "enum" in schema:
            return self._enumeration(self._inline(message, inside, wire), schema)
        if schema.get("type") == "array":
            item = self._type(message, schema["items"], definitions, inside, wire)
            return Array(item, _bounds(schema))
        if schema.get("type") == "object":
            return self._object(self._inline(message, inside, wire), message, schema, definitions, wire)
        return Scalar(_SCALARS[schema.get("type"), schema.get("format")], _bounds(schema))

    def _definition(self, message: str, name: str, definitions: Schema) -> Type:
        schema = definitions[name]
        if name == "CustomDataType":
            return Scalar("custom_data")
        name = definition_name(self.version, message, name)
        if "enum" in schema:
            return self._enumeration(name, schema)
        return self._object(name, message, schema, definitions)

    def _enumeration(self, name: str, schema: Schema) -> Named:
        found = Enumeration(name, tuple(schema["enum"]))
        if set(self.enumerations.setdefault(name, found).values) != set(found.values):
            raise ValueError(f"{self.version}: {name} has two contents")
        return Named(name)

    def _inline(self, message: str, inside: str, wire: str) -> str:
        if inside == "idTagInfo":
            return inline_name(self.version, inside, wire)
        return inline_name(self.version, message, wire)


def _bounds(schema: Schema) -> Bounds:
    return tuple(
        (keyword, schema[keyword] if keyword == "pattern" else _exact(schema[keyword]))
        for keyword in sorted(_BOUNDS & set(schema))
    )


def _exact(value: float) -> str:
    """``0.0`` and ``100`` as ``0`` and ``100``; ``0.1`` as ``0.1``."""
    number = Decimal(str(value))
    return str(int(number)) if number == number.to_integral_value() else str(number)
