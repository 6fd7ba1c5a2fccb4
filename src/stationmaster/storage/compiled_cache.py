"""Queries that are put together anew for each request, compiled once for each form that they take.

To build an expression costs little; to say it in SQL costs several times as much, and holds the interpreter's lock
while a station waits for its answer. Two expressions that differ in nothing but their values have one SQL text.
"""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import sqlite
from sqlalchemy.sql.expression import ClauseElement

_DIALECT = sqlite.dialect(paramstyle="qmark")
MOST_FORMS = 1000
"""Kept at a time: filters come in combinations, and a caller could try them all."""


class CompiledCache:
    """Safe to be used by several threads: the worst is that two of them compile the same form."""

    def __init__(self, most: int = MOST_FORMS) -> None:
        self._most = most
        self._forms: dict[Any, sa.sql.compiler.SQLCompiler] = {}

    def __len__(self) -> int:
        return len(self._forms)

    def sql(self, statement: ClauseElement, values: dict[str, Any]) -> tuple[str, list[Any]]:
        """The text and its parameters in order; ``values`` are those of named parameters."""
        key = statement._generate_cache_key()
        if key is None:  # it holds something of which only its author knows whether it stays the same
            return _spoken(_compiled(statement), values)
        form = self._forms.get(key.key)
        if form is None:
            form = _compiled(statement, cache_key=key)
            if len(self._forms) >= self._most:
                self._forms.clear()
            self._forms[key.key] = form
        return _spoken(form, form.construct_params(values, extracted_parameters=key.bindparams))


def _compiled(statement: ClauseElement, **how: Any) -> sa.sql.compiler.SQLCompiler:
    result = statement.compile(dialect=_DIALECT, **how)
    assert isinstance(result, sa.sql.compiler.SQLCompiler)
    return result


def _spoken(form: sa.sql.compiler.SQLCompiler, values: Mapping[str, Any]) -> tuple[str, list[Any]]:
    """A list of values has as many places as it has values, so its text is finished only now."""
    if form.post_compile_params or form.literal_execute_params:
        state = form.construct_expanded_state(dict(values))
        return state.statement, list(state.positional_parameters)
    given = {**form.params, **values}
    return form.string, [given[name] for name in form.positiontup or ()]
