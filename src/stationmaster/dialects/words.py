"""The closed word lists of the wire's types, and texts that must fit a field."""

from collections.abc import Mapping
from typing import Any, get_args


def words(literal: Any) -> Mapping[Any, Any]:
    """The words of a ``Literal`` type by themselves: a text is looked up and comes back typed, or is not there."""
    return {word: word for word in get_args(literal)}


def clip(text: str | None, length: int) -> str | None:
    """A text for people, cut to what the field holds."""
    return text[:length] if text is not None else None


def whole(identifier: str | None, length: int) -> str | None:
    """An identifier, or None where the field cannot hold all of it: a part of one may name another thing."""
    return identifier if identifier is not None and len(identifier) <= length else None
