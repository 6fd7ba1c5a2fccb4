"""Files with tokens, read line by line: each is a draft, or says what is wrong with it."""

import csv
import io
from collections.abc import Iterator
from typing import Any, Literal, NamedTuple

import msgspec

from stationmaster.api.authorization.token_rules import rules_of
from stationmaster.api.authorization.tokens import TokenDraft
from stationmaster.api.http.problems import ProblemError, invalid
from stationmaster.api.http.wording import worded

FileForm = Literal["csv", "json"]
COLUMNS = tuple(name for name in TokenDraft.__struct_fields__ if name != "rules")
"""Of a CSV file; rules are too deep for one."""
_SEPARATORS = ",;\t"
_BOM = "\ufeff"


class TokenLine(NamedTuple):
    """``line``: of the file in CSV, the first being the names; the place in the list in JSON, from 1. ``draft`` None:
    it is wrong, for ``detail``."""

    line: int
    value: str
    type: str | None
    draft: TokenDraft | None
    detail: str = ""


def token_lines(content: str, form: FileForm | None, most: int) -> list[TokenLine]:
    """Raises a ProblemError of 422 for what is no such file at all, or has more than ``most`` lines."""
    content = content.removeprefix(_BOM).strip()
    found = _of_json(content) if (form or _form_of(content)) == "json" else _of_csv(content)
    lines: list[TokenLine] = []
    for line in found:
        if len(lines) == most:
            raise invalid("body.content", f"at most {most} tokens at a time")
        lines.append(line)
    if not lines:
        raise invalid("body.content", "there is no token in it")
    return lines


def _form_of(content: str) -> FileForm:
    return "json" if content.startswith(("[", "{")) else "csv"


def _of_json(content: str) -> Iterator[TokenLine]:
    try:
        given = msgspec.json.decode(content)
    except msgspec.DecodeError as error:
        raise invalid("body.content", f"not JSON: {error}") from None
    if not isinstance(given, list):
        raise invalid("body.content", "a list of tokens is expected")
    for number, item in enumerate(given, 1):
        yield _line(number, item, strict=True)


def _of_csv(content: str) -> Iterator[TokenLine]:
    first = content.partition("\n")[0]
    separator = max(_SEPARATORS, key=first.count)
    rows = csv.reader(io.StringIO(content), delimiter=separator)
    try:
        names = [name.strip().lower() for name in next(rows, [])]
        _check_names(names)
        for row in rows:
            if any(cell.strip() for cell in row):
                yield _csv_line(rows.line_num, names, row)
    except csv.Error as error:
        raise invalid("body.content", f"line {rows.line_num}: {error}") from None


def _check_names(names: list[str]) -> None:
    unknown = [name for name in names if name not in COLUMNS]
    if unknown or "value" not in names or len(set(names)) != len(names):
        told = f"there is no column {unknown[0][:100]!r}" if unknown else "a column value is needed, and each only once"
        raise invalid("body.content", f"line 1: {told}; the names of the columns are {', '.join(COLUMNS)}")


def _csv_line(number: int, names: list[str], row: list[str]) -> TokenLine:
    cells = {name: cell.strip() for name, cell in zip(names, row, strict=False) if cell.strip()}
    if len(row) > len(names):
        return TokenLine(number, cells.get("value", ""), cells.get("type"), None, "it has more cells than line 1")
    return _line(number, cells, strict=False)


def _line(number: int, given: Any, *, strict: bool) -> TokenLine:
    value = str(given.get("value", "")) if isinstance(given, dict) else ""
    kind = given.get("type") if isinstance(given, dict) else None
    named = kind if isinstance(kind, str) else None
    try:
        draft = msgspec.convert(given, TokenDraft, strict=strict)
        rules_of(draft.rules, "rules")
    except msgspec.ValidationError as error:
        path, detail = worded(TokenDraft, given, error)
        return TokenLine(number, value, named, None, f"{path.removeprefix('.')}: {detail}" if path else detail)
    except ProblemError as problem:
        told = "; ".join(f"{error.path}: {error.detail}" for error in problem.errors)
        return TokenLine(number, value, named, None, told)
    return TokenLine(number, draft.value, draft.type, draft)
