"""What pages look at anew after: a kind that nobody tells would leave them waiting, and nothing would say so."""

import ast
from collections.abc import Iterator
from pathlib import Path

import stationmaster

SOURCE = Path(stationmaster.__file__).parent
TELLING = ("csms", "api", "domain")
MAKERS = ("event", "told", "told_of", "passing")
"""How the functions end that make an event of a kind."""


def nodes_of(folder: str) -> Iterator[ast.AST]:
    for path in sorted((SOURCE / folder).rglob("*.py")):
        yield from ast.walk(ast.parse(path.read_text(encoding="utf-8")))


def texts(*nodes: ast.AST) -> set[str]:
    """String constants anywhere in them."""
    inside = (each for node in nodes for each in ast.walk(node) if isinstance(each, ast.Constant))
    return {each.value for each in inside if isinstance(each.value, str)}


def name_of(node: ast.expr) -> str:
    """The last word of what is called or assigned."""
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def told_by(node: ast.AST) -> set[str]:
    """Kinds of ``kind="X"``, of ``CHANGED = "X"``, of a table of them, and of what is given to a maker of events."""
    match node:
        case ast.keyword(arg="kind", value=value):
            return texts(value)
        case ast.Assign(targets=[ast.Name(id=name)], value=ast.Constant() | ast.Dict() as value) if name.isupper():
            return texts(value)
        case ast.Call(func=func, args=args) if name_of(func).lower().endswith(MAKERS):
            return texts(*(each for each in args if isinstance(each, ast.Constant | ast.IfExp)))
    return set()


def waited_for_by(node: ast.AST) -> set[str]:
    """Kinds of ``kinds=(…)`` and of ``CHANGES = (…)``."""
    match node:
        case ast.keyword(arg="kinds", value=value):
            return texts(value)
        case ast.Assign(targets=[ast.Name(id=name)], value=value) if name.endswith("CHANGES"):
            return texts(value)
    return set()


def test_every_kind_that_a_page_waits_for_is_told_by_somebody() -> None:
    told = set[str]().union(*(told_by(node) for folder in TELLING for node in nodes_of(folder)))
    waited_for = set[str]().union(*(waited_for_by(node) for node in nodes_of("ui")))
    assert {"AlarmRaised", "CommandChanged", "StationBooted"} <= waited_for
    assert waited_for - told == set()
