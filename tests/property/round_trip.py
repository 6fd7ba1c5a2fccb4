"""What a payload lost on its way into another shape and back, beside a table of what it may lose."""

from collections.abc import Iterator, Mapping
from typing import Any

ANYTHING = None

Losses = Mapping[str, Mapping[str, Mapping[str, str] | None]]
"""By message and place any value, or each old value and what becomes of it."""


def changes(before: Any, after: Any, path: str = "$") -> Iterator[tuple[str, Any, Any]]:
    """(place without indexes, before, after) of each difference."""
    if isinstance(before, dict) and isinstance(after, dict):
        for name in before.keys() | after.keys():
            yield from changes(before.get(name), after.get(name), f"{path}.{name}")
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for old, new in zip(before, after, strict=True):
            yield from changes(old, new, path)
    elif before != after:
        yield path, before, after


def is_listed(lost: Losses, name: str, path: str, before: Any, after: Any) -> bool:
    losses = lost.get(name, {})
    if path not in losses:
        return False
    values = losses[path]
    return values is None or values.get(before) == after
