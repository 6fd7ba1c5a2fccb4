"""A query that differs only in its values is compiled once, and says what it would have said anew."""

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from stationmaster.storage.compiled_cache import CompiledCache
from stationmaster.storage.schema.core import stations, transactions
from stationmaster.storage.statements import compiled

_s, _t = stations.c, transactions.c
Statement = sa.Select[Any]

FORMS: dict[str, Callable[[int, str, list[int]], Statement]] = {
    "equality": lambda number, text, _: sa.select(_s.key).where(_s.tenant == text, _s.key == number),
    "list": lambda number, text, some: sa.select(_s.key).where(_s.key.in_(some), _s.tenant == text).limit(number),
    "tuple": lambda number, text, _: sa.select(_t.body).where(
        sa.tuple_(_t.first_event_at, _t.key) < sa.tuple_(sa.literal(number), sa.literal(number + 1)), _t.tenant == text
    ),
    "text": lambda number, text, _: (
        sa.select(_s.key)
        .where(_s.identity.icontains(text, autoescape=True))
        .order_by(_s.key.desc())
        .limit(number)
        .offset(number)
    ),
    "subquery": lambda number, text, _: sa.select(_t.body).where(
        sa.select(_s.tenant).where(_s.key == _t.station_key, _s.key != number).scalar_subquery() == text
    ),
}


@pytest.mark.parametrize("form", FORMS)
@given(
    asked=st.lists(
        st.tuples(st.integers(0, 2**62), st.text(max_size=8), st.lists(st.integers(0, 9), max_size=4)), min_size=1
    )
)
def test_it_says_what_compiling_anew_would_say(form: str, asked: list[tuple[int, str, list[int]]]) -> None:
    cache, build = CompiledCache(), FORMS[form]
    for number, text, some in asked:
        sql = compiled(build(number, text, some))
        assert cache.sql(build(number, text, some), {}) == (sql.text, sql.arguments())
    assert len(cache) <= 4, "whole numbers have two types, by their size"


def test_named_values_take_their_places() -> None:
    cache = CompiledCache()
    for key in (1, 2):
        statement = sa.select(_s.key).where(_s.key == sa.bindparam("key"), _s.tenant == "a")
        assert cache.sql(statement, {"key": key})[1] == [key, "a"]


def test_what_cannot_be_told_from_its_like_is_compiled_each_time() -> None:
    class Opaque(sa.sql.expression.ColumnElement[int]):
        """Says nothing of what it is made of, so that no cache may know it again."""

        inherit_cache = False
        __visit_name__ = "true"

    cache = CompiledCache()
    assert cache.sql(sa.select(_s.key).where(Opaque(), _s.key == 3), {}) == (
        compiled(sa.select(_s.key).where(sa.true(), _s.key == 3)).text.replace("\nWHERE ", "\nWHERE 1 AND "),
        [3],
    )
    assert len(cache) == 0


def test_it_never_grows_past_its_bound() -> None:
    cache = CompiledCache(most=2)
    for column in (_s.key, _s.tenant, _s.identity, _s.body, _s.version):
        cache.sql(sa.select(column), {})
        assert len(cache) <= 2
