"""Where in a TOML text its keys stand. The parser of the standard library does not say, and an error must."""

import re
import tomllib
from collections.abc import Iterator, Mapping

KeyPath = tuple[str, ...]

_PART = r"""(?:[A-Za-z0-9_-]+|"(?:[^"\\]|\\.)*"|'[^']*')"""
_PATH = rf"{_PART}(?:[ \t]*\.[ \t]*{_PART})*"
_HEADER = re.compile(rf"[ \t]*\[\[?[ \t]*({_PATH})[ \t]*\]")
_KEY = re.compile(rf"[ \t]*({_PATH})[ \t]*=")
_SKIPPED = re.compile(  # what may hide a bracket or a line's end: strings, longest quotes first, and comments
    r'"""(?:[^\\]|\\.)*?"""'
    r"|'''.*?'''"
    r'|"(?:[^"\\\n]|\\.)*"'
    r"|'[^'\n]*'"
    r"|\#[^\n]*",
    re.DOTALL,
)
_WEIGHT = {"[": 1, "{": 1, "]": -1, "}": -1}


def key_lines(text: str) -> Mapping[KeyPath, int]:
    """The line, counted from 1, of each key and each table header of a valid TOML text.

    Keys inside inline tables and arrays are not listed; they stand on the line of the key that holds them.
    """
    lines: dict[KeyPath, int] = {}
    table: KeyPath = ()
    for number, statement in _statements(text):
        if header := _HEADER.match(statement):
            table = _parts(header[1])
            lines.setdefault(table, number)
        elif key := _KEY.match(statement):
            lines.setdefault(table + _parts(key[1]), number)
    return lines


def _statements(text: str) -> Iterator[tuple[int, str]]:
    """Each header and each key with its value, however many lines that takes, with the number of its first line."""
    start, number, depth, position = 0, 1, 0, 0
    while position < len(text):
        if skipped := _SKIPPED.match(text, position):
            position = skipped.end()
            continue
        character = text[position]
        position += 1
        depth += _WEIGHT.get(character, 0)
        if character == "\n" and depth == 0:
            yield number, text[start:position]
            number += text.count("\n", start, position)
            start = position
    yield number, text[start:]


def _parts(path: str) -> KeyPath:
    """The parts of a dotted key, without their quotes."""
    (part, value), *_ = tomllib.loads(f"{path} = 0").items()
    parts = [part]
    while isinstance(value, dict):
        (part, value), *_ = value.items()
        parts.append(part)
    return tuple(parts)
