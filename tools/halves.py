"""Which half of each exchange a role has, read from its source: the requests that it handles, and those that it makes.

A dialect can read and write a message that no role ever handles or makes; this tells the difference.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

SOURCE = Path(__file__).resolve().parent.parent / "src" / "stationmaster"


def handled_by_csms() -> frozenset[str]:
    """The keys of the table that `csms.app.blocks` returns."""
    [blocks] = [node for node in _nodes(SOURCE / "csms" / "app.py") if _is_function(node, "blocks")]
    tables = [
        node.value for node in ast.walk(blocks) if isinstance(node, ast.Return) and isinstance(node.value, ast.Dict)
    ]
    return frozenset(key.id for table in tables for key in table.keys if isinstance(key, ast.Name))


def made_by_csms() -> frozenset[str]:
    """What can be commanded, and what the CSMS makes by itself."""
    kinds = {node.id for node in _nodes(SOURCE / "csms" / "commands" / "kinds.py") if isinstance(node, ast.Name)}
    return frozenset(kinds | set(_called(SOURCE / "csms")))


def handled_by_station() -> frozenset[str]:
    """What the wiring of its blocks names, ``parts.handlers[Request] = ...``, and the tables of blocks with several."""
    return frozenset(
        name
        for path in (SOURCE / "station").rglob("*.py")
        for node in _nodes(path)
        for name in (*_subscript_of_handlers(node), *_keys_of_handlers(node))
    )


def made_by_station() -> frozenset[str]:
    return frozenset(_called(SOURCE / "station"))


def _called(folder: Path) -> Iterator[str]:
    for path in folder.rglob("*.py"):
        for node in _nodes(path):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                yield node.func.id


def _nodes(path: Path) -> Iterator[ast.AST]:
    return ast.walk(ast.parse(path.read_text("utf-8")))


def _is_function(node: ast.AST, name: str) -> bool:
    return isinstance(node, ast.FunctionDef) and node.name == name


def _subscript_of_handlers(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Subscript) and _named_handlers(node.value) and isinstance(node.slice, ast.Name):
        yield node.slice.id


def _keys_of_handlers(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Assign | ast.AnnAssign):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        if isinstance(node.value, ast.Dict) and any(map(_named_handlers, targets)):
            yield from _names_of_keys(node.value)


def _names_of_keys(table: ast.AST | None) -> Iterator[str]:
    if isinstance(table, ast.Dict):
        yield from (key.id for key in table.keys if isinstance(key, ast.Name))


def _named_handlers(node: ast.AST) -> bool:
    return isinstance(node, ast.Attribute) and node.attr == "handlers"
