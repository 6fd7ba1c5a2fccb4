"""Tables as CSV."""

import csv
import io
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from stationmaster.api.http.csv_stream import csv_response


async def written(rows: list[list[Any]]) -> list[bytes]:
    async def source():
        for row in rows:
            yield row

    return [part async for part in csv_response("name", ("a", "b"), source()).iterator]


async def test_a_long_table_comes_in_portions_that_are_bounded():
    parts = await written([[number, "x" * 90] for number in range(3000)])
    assert len(parts) > 5 and max(map(len, parts)) < 40_000
    assert len(b"".join(parts).splitlines()) == 3001


async def test_times_are_utc_with_z_and_nothing_is_an_empty_cell():
    at = datetime(2030, 1, 1, 12, tzinfo=UTC)
    parts = await written([[at, None], [at.astimezone(timezone(timedelta(hours=2))), 1]])
    assert b"".join(parts).splitlines()[1:] == [b"2030-01-01T12:00:00Z,", b"2030-01-01T12:00:00Z,1"]


async def test_truth_is_spelled_as_in_json():
    assert b"".join(await written([[True, False]])).splitlines()[1:] == [b"true,false"]


@given(st.text(st.characters(codec="utf-8", exclude_characters="\r\n\x00")))
def test_no_cell_is_a_formula_unless_it_is_a_number(text):
    import asyncio

    parts = asyncio.run(written([[text, "end"]]))
    _, (cell, end) = csv.reader(io.StringIO(b"".join(parts).decode(), newline=""))
    assert end == "end" and cell in (text, f"'{text}")
    if cell.startswith(("=", "+", "-", "@", "\t")):
        float(cell)
