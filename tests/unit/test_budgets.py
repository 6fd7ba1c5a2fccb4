"""The budgets of docs/architecture.md: what grows past them wants to be two things."""

import ast
from functools import cache
from pathlib import Path
from typing import NamedTuple

import stationmaster

SOURCE = Path(stationmaster.__file__).parent
GENERATED = frozenset({"types.py", "lenient.py"})
MAX_FILE, MAX_CLASS, MAX_FUNCTION, MAX_PARAMETERS = 500, 400, 50, 7


def written_by_hand() -> list[Path]:
    return [path for path in SOURCE.rglob("*.py") if path.name not in GENERATED]


class Measured(NamedTuple):
    """A function or a class."""

    where: str
    lines: int
    parameters: int
    is_class: bool
    is_command: bool


@cache
def measured() -> list[Measured]:
    return [
        Measured(
            f"{path.relative_to(SOURCE)}:{node.lineno} {node.name}",
            (node.end_lineno or node.lineno) - node.lineno + 1,
            0 if isinstance(node, ast.ClassDef) else len(node.args.args) + len(node.args.kwonlyargs),
            isinstance(node, ast.ClassDef),
            _is_a_command(node),
        )
        for path in written_by_hand()
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
    ]


def test_no_file_written_by_hand_is_longer_than_its_budget() -> None:
    lengths = {str(path.relative_to(SOURCE)): len(path.read_text("utf-8").splitlines()) for path in written_by_hand()}
    assert len(lengths) > 300
    assert {name: lines for name, lines in lengths.items() if lines > MAX_FILE} == {}


def test_no_function_and_no_class_is_longer_than_its_budget() -> None:
    over = {
        each.where: each.lines
        for each in measured()
        if each.lines > (MAX_CLASS if each.is_class else MAX_FUNCTION) and not each.is_command
    }
    assert over == {}


def test_no_constructor_takes_more_parameters_than_its_budget() -> None:
    constructors = [each for each in measured() if each.where.endswith(" __init__")]
    assert len(constructors) > 100
    assert {each.where: each.parameters - 1 for each in constructors if each.parameters - 1 > MAX_PARAMETERS} == {}


def _is_a_command(node: ast.AST) -> bool:
    """A command of the command line: most of its lines are its flags and its manual."""
    return isinstance(node, ast.FunctionDef) and any("command" in ast.unparse(each) for each in node.decorator_list)
