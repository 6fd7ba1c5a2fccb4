"""The text of ``lenient.py``: the same names, no bounds, nothing required."""

from generator.model import Array, Field, Module, Named, Scalar, Type
from generator.text import class_line, header, message_table

_KINDS = {
    "text": "Text",
    "uri": "Text",
    "moment": "Moment",
    "integer": "Whole",
    "number": "Number",
    "boolean": "Flag",
    "anything": "Any",
    "custom_data": "dict[str, Any]",
}
_IMPORTS = """\
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from msgspec import Struct

from stationmaster.ocpp.loose import Flag, Loose, Moment, Number, Text, Whole
""".splitlines()


def lenient_text(module: Module) -> str:
    """The whole of ``lenient.py``."""
    enumerations = {each.name for each in module.enumerations}
    lines = [*header(module, "The lenient twins of the messages"), *_IMPORTS]
    for item in module.objects:
        fields = [f"    {_field(field, enumerations)}" for field in item.fields]
        lines += ["", "", *class_line(item, "Loose"), *(fields or ["    pass"])]
    return "\n".join([*lines, "", "", *message_table(module), ""])


def _field(field: Field, enumerations: set[str]) -> str:
    annotation = _annotation(field.type, enumerations)
    if isinstance(field.type, Array):
        return f"{field.name}: {annotation} = ()"
    if field.type == Scalar("anything"):
        return f"{field.name}: {annotation} = None"
    return f"{field.name}: {annotation} | None = None"


def _annotation(kind: Type, enumerations: set[str]) -> str:
    if isinstance(kind, Named):
        return "Text" if kind.name in enumerations else kind.name
    if isinstance(kind, Scalar):
        return _KINDS[kind.kind]
    return f"tuple[{_annotation(kind.item, enumerations)}, ...]"
