"""The text of ``types.py``: what the schema allows, and nothing else."""

import re

from generator.model import INT32, Array, Enumeration, Field, Module, Named, Object, Scalar, Type
from generator.text import WIDTH, class_line, filled, header, message_table

_META = {
    "minLength": "min_length",
    "maxLength": "max_length",
    "pattern": "pattern",
    "minimum": "ge",
    "maximum": "le",
    "minItems": "min_length",
    "maxItems": "max_length",
}
_NUMBER = {"minimum": "at_least", "maximum": "at_most", "multipleOf": "multiple_of"}
_PLAIN = {
    "text": "str",
    "uri": "Uri",
    "moment": "Moment",
    "integer": "Integer",
    "number": "Number",
    "boolean": "bool",
    "anything": "Any",
    "custom_data": "CustomData",
}
_STEM = {"text": "Str", "integer": "Int", "number": "Number"}
_WORD = {"maxLength": "", "minLength": "From", "minimum": "", "maximum": "To", "multipleOf": "By"}
_IMPORTS = """\
from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import TYPE_CHECKING, Annotated, Any, Literal

from msgspec import Meta, Struct
""".splitlines()
_KINDS = ("Closed", "CustomData", "Integer", "Maybe", "Moment", "Number", "Open", "Uri", "number")


def strict_text(module: Module) -> str:
    """The whole of ``types.py``."""
    public = [each.name for each in (*module.enumerations, *module.objects)]
    names = filled("__all__ = [", (f'"{name}"' for name in sorted([*public, "MESSAGES"])), "]")
    body = ["", *names, "", *_aliases(module), ""]
    for enumeration in module.enumerations:
        body += _enumeration(enumeration)
    for item in module.objects:
        body += ["", "", *_object(item)]
    body += ["", "", *message_table(module), ""]
    used = [kind for kind in _KINDS if re.search(rf"\b{kind}\b", "\n".join(body))]
    kinds = f"from stationmaster.ocpp.kinds import {', '.join(used)}"
    return "\n".join([*header(module, "The messages"), *_IMPORTS, "", kinds, *body])


def _aliases(module: Module) -> list[str]:
    """Names for bounded plain values; a bounded number is a decimal to the type checker."""
    used = {each for item in module.objects for field in item.fields if (each := _innermost(field.type)).bounds}
    plain = sorted((_scalar(each), each) for each in used if each.kind != "number")
    numbers = sorted((_scalar(each), each) for each in used if each.kind == "number")
    lines = []
    for name, each in plain:
        base = "str" if each.kind == "text" else "int"
        bounds = dict(each.bounds) if base == "str" else _whole_bounds(dict(each.bounds))
        lines.append(f"{name} = Annotated[{base}, {_meta(bounds)}]")
    if numbers:
        lines += ["if TYPE_CHECKING:", *(f"    {name} = Decimal" for name, _ in numbers), "else:"]
        for name, each in numbers:
            bounds_text = ", ".join(f'{_NUMBER[keyword]}=Decimal("{value}")' for keyword, value in each.bounds)
            lines.append(f"    {name} = number({bounds_text})")
    return lines


def _whole_bounds(bounds: dict[str, str]) -> dict[str, str]:
    """An integer is kept within 64 bits on the side that the schema leaves open."""
    return {"minimum": str(-(2**63)), "maximum": str(2**63 - 1), **bounds}


def _innermost(kind: Type) -> Scalar:
    while isinstance(kind, Array):
        kind = kind.item
    return kind if isinstance(kind, Scalar) else Scalar("anything")


def _enumeration(item: Enumeration) -> list[str]:
    values = [f'"{value}"' for value in item.values]
    one_line = f"{item.name} = Literal[{', '.join(values)}]"
    return [one_line] if len(one_line) <= WIDTH else filled(f"{item.name} = Literal[", values, "]")


def _object(item: Object) -> list[str]:
    fields = [f"    {_field(field)}" for field in item.fields]
    doc = f'    """``{item.name}``."""'
    return [*class_line(item, "Closed" if item.closed else "Open"), doc, *([""] if fields else []), *fields]


def _field(field: Field) -> str:
    annotation = _annotation(field.type)
    if field.required:
        return f"{field.name}: {annotation}"
    if isinstance(field.type, Array):
        return f"{field.name}: {annotation} = ()"
    if field.type == Scalar("anything"):
        return f"{field.name}: {annotation} = None"
    return f"{field.name}: Maybe[{annotation}] = None"


def _annotation(kind: Type) -> str:
    if isinstance(kind, Named):
        return kind.name
    if isinstance(kind, Scalar):
        return _scalar(kind)
    items = f"tuple[{_annotation(kind.item)}, ...]"
    return f"Annotated[{items}, {_meta(dict(kind.bounds))}]" if kind.bounds else items


def _scalar(kind: Scalar) -> str:
    if not kind.bounds:
        return _PLAIN[kind.kind]
    if kind == INT32:
        return "Int32"
    order = sorted(kind.bounds, key=lambda bound: list(_WORD).index(bound[0]))
    words = (f"{_WORD[keyword]}{value}" for keyword, value in order)
    return _STEM[kind.kind] + "".join(words).replace(".", "_").replace("-", "Minus")


def _meta(bounds: dict[str, str]) -> str:
    shown = (f"{_META[keyword]}={value}" for keyword, value in bounds.items())
    return f"Meta({', '.join(shown)})"
