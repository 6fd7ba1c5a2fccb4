import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stationmaster.cli.toml_lines import key_lines


def test_keys_stand_on_the_lines_where_they_are_written() -> None:
    text = "# comment\na = 1\n\n[one]\nb = 2 # [not.a.table]\n  c.d = 3\n\n[\"two.three\"]\n'e' = 4"
    assert key_lines(text) == {
        ("a",): 2,
        ("one",): 4,
        ("one", "b"): 5,
        ("one", "c", "d"): 6,
        ("two.three",): 8,
        ("two.three", "e"): 9,
    }


@pytest.mark.parametrize(
    "value",
    [
        '"""\nx = 1\n[y]\n"""',
        "'''\nx = 1\n'''",
        "[\n  1, # ]\n  2,\n]",
        '["[",\n "]"]',
        '"# = ["',
        "'\\'",
        "{ x = 1, y = [2] }",
        '"""a""""',
    ],
)
def test_what_a_value_contains_is_not_taken_for_keys(value: str) -> None:
    text = f"before = {value}\nafter = 1\n"
    tomllib.loads(text)
    assert key_lines(text) == {("before",): 1, ("after",): 2 + value.count("\n")}


_NAMES = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), min_size=1, max_size=8)
_VALUES = st.sampled_from(["1", '"]["', "[1,\n2]", '"""\nx=1\n"""', "true", "{a=1}"])


@given(st.dictionaries(_NAMES, st.dictionaries(_NAMES, _VALUES, max_size=4), max_size=4), st.integers(0, 2))
def test_every_key_of_a_text_is_found_on_its_line(document: dict[str, dict[str, str]], blanks: int) -> None:
    lines: list[str] = []
    expected: dict[tuple[str, ...], int] = {}
    for table, content in document.items():
        lines += [""] * blanks + [f"[{_quoted(table)}] # ="]
        expected[(table,)] = len(lines)
        for key, value in content.items():
            expected[(table, key)] = len(lines) + 1
            lines += f"{_quoted(key)} = {value}".split("\n")
    text = "\n".join(lines)
    tomllib.loads(text)
    assert key_lines(text) == expected


def _quoted(name: str) -> str:
    return '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'
