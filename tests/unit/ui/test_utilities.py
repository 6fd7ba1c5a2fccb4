"""Every class that a page names must be somebody's: ours, Quasar's or one of the stylesheet's small words."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import nicegui

from stationmaster.ui import utilities

UI = Path(utilities.__file__).parent
_MINE = re.compile(r"^(sm-[a-z-]+|q-[a-z0-9-]+|nicegui-[a-z-]+)$")
_IN_MARKUP = re.compile(r'(?<![:\w])class="([^"{]*)"')
_MEASURE = re.compile(r"^(w|h|p[xytblr]?|m[xytblr]?|gap(-[xy])?)-\d+$")
"""What may come to `classes` by a variable."""


def quasars() -> set[str]:
    """Classes that nothing of the framework's overrules."""
    sheet = (Path(nicegui.__file__).parent / "static" / "quasar.important.prod.css").read_text("utf-8")
    return set(re.findall(r"\.([a-z][a-z0-9-]*)", sheet)) | {"no-wrap", "absolute-top"}


def words_of(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "classes":
            given = [*node.args, *(each.value for each in node.keywords if each.arg)]
            yield from (word for value in given for text in texts_in(value) for word in text.split())
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield from (word for text in _IN_MARKUP.findall(node.value) for word in text.split())
            yield from (word for word in node.value.split() if _MEASURE.match(word))


def texts_in(value: ast.expr) -> Iterator[str]:
    yield from (n.value for n in ast.walk(value) if isinstance(n, ast.Constant) and isinstance(n.value, str))


def named() -> dict[str, set[str]]:
    """Each word, and the files that name it."""
    found: dict[str, set[str]] = {}
    for path in UI.rglob("*.py"):
        for word in words_of(path.read_text("utf-8")):
            found.setdefault(word, set()).add(path.name)
    return found


def test_each_class_that_a_page_names_is_defined() -> None:
    known = utilities.names() | quasars()
    assert {word: files for word, files in named().items() if word not in known and not _MINE.match(word)} == {}


def test_no_word_is_defined_that_no_page_names() -> None:
    everything = " ".join(path.read_text("utf-8") for path in UI.rglob("*.py") if path.name != "utilities.py")
    assert {
        name for name in utilities.names() if not re.search(rf"(?<![\w:-]){re.escape(name)}(?![\w-])", everything)
    } == set()


def test_a_word_for_wide_windows_stands_in_a_media_query() -> None:
    sheet = utilities.stylesheet()
    assert ".w-56 { width: 14rem }" in sheet
    assert re.search(r"@media \(min-width: 40rem\) \{ \.sm\\:grid-cols-2 \{ grid-template-columns: repeat\(2,", sheet)
