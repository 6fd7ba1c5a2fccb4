"""Subjects: dotted words that we make, such as ``station.4711.command``; ``*`` is one word, ``>`` the rest."""

import re
from collections.abc import Iterator
from contextlib import suppress
from typing import Generic, TypeVar

MAX_SUBJECT_LENGTH = 255

_WORD = r"[A-Za-z0-9_-]+"
_SUBJECT = re.compile(rf"{_WORD}(\.{_WORD})*")
_PATTERN = re.compile(rf"(({_WORD}|\*)\.)*({_WORD}|\*|>)")

T = TypeVar("T")


def check_subject(subject: str) -> str:
    """The subject itself; ValueError if it is none that can be published on."""
    return _checked(_SUBJECT, subject)


def check_pattern(pattern: str) -> str:
    """The pattern itself; ValueError if it is none that can be listened on. ``>`` may only be the last word."""
    return _checked(_PATTERN, pattern)


def matches(pattern: str, subject: str) -> bool:
    """Whether a checked pattern covers a checked subject. ``a.>`` covers ``a.b``, but not ``a``."""
    wanted, given = pattern.split("."), subject.split(".")
    if wanted[-1] == ">":
        head = wanted[:-1]
        return len(given) > len(head) and _same(head, given[: len(head)])
    return len(wanted) == len(given) and _same(wanted, given)


class SubjectTable(Generic[T]):
    """Things under patterns. A plain subject is found without looking at the others."""

    def __init__(self) -> None:
        self._plain: dict[str, list[T]] = {}
        self._wild: dict[str, list[T]] = {}

    def add(self, pattern: str, thing: T) -> None:
        self._side(pattern).setdefault(pattern, []).append(thing)

    def remove(self, pattern: str, thing: T) -> None:
        """Take it out once; nothing happens if it is not there."""
        side = self._side(pattern)
        things = side.get(pattern, [])
        with suppress(ValueError):
            things.remove(thing)
        if not things:
            side.pop(pattern, None)

    def find(self, subject: str) -> Iterator[T]:
        """Everything whose pattern covers the subject."""
        yield from self._plain.get(subject, ())
        for pattern, things in self._wild.items():
            if matches(pattern, subject):
                yield from things

    def __len__(self) -> int:
        return sum(len(things) for side in (self._plain, self._wild) for things in side.values())

    def _side(self, pattern: str) -> dict[str, list[T]]:
        return self._wild if "*" in pattern or ">" in pattern else self._plain


def _checked(expression: re.Pattern[str], text: str) -> str:
    if len(text) > MAX_SUBJECT_LENGTH or not expression.fullmatch(text):
        raise ValueError(f"not a subject: {text[:80]!r}")
    return text


def _same(wanted: list[str], given: list[str]) -> bool:
    return all(word in ("*", other) for word, other in zip(wanted, given, strict=True))
