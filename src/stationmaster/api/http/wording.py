"""What is wrong with a body, in words for whoever wrote it: where, what may stand there, and what was meant.

The decoder names the place; what may stand there is read from the type of the body and from what is written beside it.
"""

import re
from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from typing import Any

import msgspec
from msgspec import inspect

from stationmaster.ocpp.wording import in_words

_MAX_NAMED = 200
_COMPLAINT = re.compile(r"^(?P<detail>.*?)(?: - at `(?P<key>key in )?\$(?P<path>.*)`)?$", re.DOTALL)
_STEP = re.compile(r"\.([^.\[]+)|\[(\d+|\.\.\.)\]")
_UNKNOWN = re.compile(r"Object contains unknown field `(?P<name>.*)`", re.DOTALL)
_MISSING = re.compile(r"Object missing required field `(?P<name>.*)`", re.DOTALL)
_CHOICE = re.compile(r"Invalid (?:enum )?value .*", re.DOTALL)
_PATTERN = re.compile(r"Expected `str` matching regex .*", re.DOTALL)


def worded(annotation: Any, body: Any, error: msgspec.ValidationError) -> tuple[str, str]:
    """The path in the body (empty, or ``.field`` and ``[0]``), and what is wrong there."""
    found = _COMPLAINT.fullmatch(str(error))
    assert found is not None  # it matches any text
    detail, path = found["detail"], found["path"] or ""
    there = tuple(_types_at(inspect.type_info(annotation), body, _STEP.findall(path)))
    unknown = _UNKNOWN.fullmatch(detail)
    if unknown is not None:
        name = unknown["name"][:_MAX_NAMED]
        return f"{path}.{name}", _not_known(name, _fields(there))
    missing = _MISSING.fullmatch(detail)
    if missing is not None:
        return f"{path}.{missing['name']}", "it is needed"
    if _CHOICE.fullmatch(detail):
        return path, _one_of(_choices(there)) or detail
    if _PATTERN.fullmatch(detail):
        return path, _as_described(there)
    return path, in_words(detail)


def one_of(annotation: Any) -> str | None:
    """What a parameter of this type may be, where that is a choice."""
    return _one_of(_choices((inspect.type_info(annotation),)))


def _types_at(of: inspect.Type, value: Any, steps: Sequence[tuple[str, str]]) -> Iterator[inspect.Type]:
    """The types that may stand at a place; of a tagged union, those of the body's own tag."""
    for each in _alternatives(of, value):
        if not steps:
            yield each
            continue
        (name, index), rest = steps[0], steps[1:]
        if isinstance(each, inspect.StructType) and name:
            for field in each.fields:
                if field.encode_name == name:
                    yield from _types_at(field.type, _member(value, name), rest)
            if name == each.tag_field:
                yield inspect.LiteralType((each.tag,))
        elif isinstance(each, inspect.ListType | inspect.VarTupleType) and index:
            yield from _types_at(each.item_type, _item(value, index), rest)
        elif isinstance(each, inspect.DictType):
            yield from _types_at(each.value_type, _member(value, name), rest)


def _alternatives(of: inspect.Type, value: Any) -> Iterator[inspect.Type]:
    if not isinstance(of, inspect.UnionType):
        yield of
        return
    for each in of.types:
        bare = each.type if isinstance(each, inspect.Metadata) else each
        tag = _member(value, bare.tag_field) if isinstance(bare, inspect.StructType) and bare.tag_field else None
        if tag is None or tag == getattr(bare, "tag", None) or not _is_known(of, tag):
            yield each


def _is_known(union: inspect.UnionType, tag: Any) -> bool:
    return any(tag == getattr(each, "tag", None) for each in union.types)


def _member(value: Any, name: str | None) -> Any:
    return value.get(name) if isinstance(value, dict) else None


def _item(value: Any, index: str) -> Any:
    known = isinstance(value, list) and index.isdecimal() and int(index) < len(value)
    return value[int(index)] if known else None


def _bare(each: inspect.Type) -> inspect.Type:
    return each.type if isinstance(each, inspect.Metadata) else each


def _fields(there: Sequence[inspect.Type]) -> list[str]:
    found = [_bare(each) for each in there]
    return [field.encode_name for each in found if isinstance(each, inspect.StructType) for field in each.fields]


def _not_known(name: str, known: list[str]) -> str:
    close = get_close_matches(name, known, n=1)
    if close:
        return f"not known here; did you mean {close[0]}?"
    return f"not known here; known are {', '.join(sorted(set(known)))}" if known else "not known here"


def _choices(there: Sequence[inspect.Type]) -> list[str]:
    """The words that may stand there, each once."""
    found: dict[str, None] = {}
    for outer in there:
        for each in map(_bare, _alternatives(_bare(outer), None)):
            if isinstance(each, inspect.LiteralType):
                found |= dict.fromkeys(map(str, each.values))
            elif isinstance(each, inspect.EnumType):
                found |= dict.fromkeys(str(member.value) for member in each.cls)
    return list(found)


def _one_of(choices: list[str]) -> str | None:
    return f"one of {', '.join(choices)}" if choices else None


def _as_described(there: Sequence[inspect.Type]) -> str:
    """What is written beside a pattern says more than the pattern itself."""
    for outer in there:
        for each in (outer, *_alternatives(_bare(outer), None)):
            said = (each.extra_json_schema or {}) if isinstance(each, inspect.Metadata) else {}
            example = "".join([f" (such as {each})" for each in said.get("examples", ())[:1]])
            if "description" in said:
                return f"it does not fit: {said['description']}{example}"
    return "it holds characters that may not stand here, or too many of them"
