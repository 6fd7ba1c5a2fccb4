"""What a pattern means is written beside it, as it is told to whoever breaks it."""

from collections.abc import Iterator
from typing import Any

import msgspec

from stationmaster.api.app import description


def _patterns(name: str, node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("pattern"), str) and "description" not in node:
            yield name
        for key, value in node.items():
            yield from _patterns(f"{name}.{key}", value)
    elif isinstance(node, list):
        for value in node:
            yield from _patterns(name, value)


def test_every_pattern_in_a_body_is_described() -> None:
    document = msgspec.json.decode(description("1.0"))
    assert list(_patterns("schemas", document["components"]["schemas"])) == []
