"""The budgets of docs/architecture.md: what grows past them wants to be two things."""

import ast
from collections.abc import Iterator
from pathlib import Path

import stationmaster

SOURCE = Path(stationmaster.__file__).parent
GENERATED = frozenset({"types.py", "lenient.py"})
MAX_FILE, MAX_CLASS, MAX_FUNCTION, MAX_PARAMETERS = 500, 400, 50, 7


def written_by_hand() -> list[Path]:
    return [path for path in SOURCE.rglob("*.py") if path.name not in GENERATED]


def nodes() -> Iterator[tuple[str, ast.AST]]:
    for path in written_by_hand():
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                yield f"{path.relative_to(SOURCE)}:{node.lineno} {node.name}", node


def length(node: ast.AST) -> int:
    assert isinstance(node, ast.stmt)
    return (node.end_lineno or node.lineno) - node.lineno + 1


def test_no_file_written_by_hand_is_longer_than_its_budget() -> None:
    lengths = {str(path.relative_to(SOURCE)): len(path.read_text("utf-8").splitlines()) for path in written_by_hand()}
    assert len(lengths) > 300
    assert {name: lines for name, lines in lengths.items() if lines > MAX_FILE} == {}


def test_no_function_and_no_class_is_longer_than_its_budget() -> None:
    over = {
        where: length(node)
        for where, node in nodes()
        if length(node) > (MAX_CLASS if isinstance(node, ast.ClassDef) else MAX_FUNCTION) and not _is_a_command(node)
    }
    assert over == {}


def test_no_constructor_takes_more_parameters_than_its_budget() -> None:
    over = {
        where: len(node.args.args) + len(node.args.kwonlyargs) - 1
        for where, node in nodes()
        if isinstance(node, ast.FunctionDef)
        and node.name == "__init__"
        and len(node.args.args) + len(node.args.kwonlyargs) - 1 > MAX_PARAMETERS
    }
    assert over == {}


def _is_a_command(node: ast.AST) -> bool:
    """A command of the command line: most of its lines are its flags and its manual."""
    return isinstance(node, ast.FunctionDef) and any("command" in ast.unparse(each) for each in node.decorator_list)
