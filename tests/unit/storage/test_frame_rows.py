"""What was heard of a station comes back from its row as it was."""

import sqlite3
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stationmaster.domain.frame_stretch import SEPARATOR, Stretch
from stationmaster.storage.frame_rows import stretch_row, to_frames, to_stretch

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters=SEPARATOR), max_size=20)
MOMENTS = st.datetimes(datetime(1970, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))
HEADS = st.tuples(MOMENTS, st.sampled_from(["in", "out"]), st.none() | TEXT, st.none() | TEXT)


@given(st.lists(st.tuples(HEADS, TEXT), min_size=1, max_size=5))
def test_heads_and_texts_survive_the_driver(
    heard: list[tuple[tuple[datetime, str, str | None, str | None], str]],
) -> None:
    stretch = Stretch(7, [head for head, _ in heard], SEPARATOR.join(text for _, text in heard))
    row = stretch_row(stretch)
    connection = sqlite3.connect(":memory:")
    stored = connection.execute(f"SELECT {','.join('?' * len(row))}", row).fetchone()
    connection.close()
    frames = to_frames(to_stretch((stored[0], *stored[4:])))
    assert [((each.at, each.direction, each.message_id, each.action), each.frame) for each in frames] == heard
    assert {each.station_key for each in frames} == {7}


def test_a_row_spans_its_frames_though_the_clock_was_set_back() -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    heads = [(now, "in", None, None), (now - timedelta(seconds=5), "in", None, None)]
    _, from_at, to_at, frames, *_ = stretch_row(Stretch(1, heads, SEPARATOR))
    assert (to_at - from_at, frames) == (5_000_000, 2)


DEEP = "[" * 3000


@pytest.mark.parametrize(
    ("text", "error"),
    [
        (f'[4,"a","b","c",{DEEP}', "b"),
        (f'[4,"a",{DEEP}', None),
        (f"[4,{DEEP}", None),
        ('[5, "a\\"," , "F\\u006frmatViolation","",{}]', "FormatViolation"),
        ('[4,-1,"GenericError","",{}]', "GenericError"),
        ('[4,"a","\\x","",{}]', None),
        ('[4,"a",null,"c",{}]', None),
        ('[4,"a","cut', None),
        ('[4,"' + "\\\\" * 30_000, None),
    ],
)
def test_an_error_s_code_is_read_from_its_beginning_and_no_frame_is_too_odd_to_be_shown(
    text: str, error: str | None
) -> None:
    (frame,) = to_frames(Stretch(1, [(datetime(2026, 1, 1, tzinfo=UTC), "in", None, None)], text))
    assert (frame.frame, frame.error) == (text, error)
