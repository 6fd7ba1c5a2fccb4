"""Whatever a record holds, its row holds exactly."""

import sqlite3
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stationmaster.domain.metering.values import Sample
from stationmaster.domain.records import Oddity, Reading
from stationmaster.storage import rows
from stationmaster.storage.writes.table import WRITES

MOMENTS = st.datetimes(timezones=st.sampled_from([UTC, timezone(timedelta(hours=5, minutes=30))]))
TEXT = st.text(st.characters(exclude_categories=["Cs"]))
INT64 = st.integers(-(2**63), 2**63 - 1)
DECIMALS = st.decimals(allow_nan=False, allow_infinity=False)
SAMPLES = st.lists(st.builds(Sample, TEXT, TEXT, phase=st.none() | TEXT, multiplier=st.integers(-9, 9)), max_size=3)


@given(MOMENTS)
def test_times_keep_their_microseconds(at: datetime) -> None:
    assert rows.moment(rows.micros(at)) == at


def test_a_time_without_a_zone_is_no_time() -> None:
    with pytest.raises(TypeError):
        rows.micros(datetime(2026, 1, 1))


@given(MOMENTS, MOMENTS, INT64, st.none() | INT64, st.none() | DECIMALS, SAMPLES)
def test_readings_are_exact(
    taken_at: datetime,
    received_at: datetime,
    digest: int,
    transaction_key: int | None,
    register_wh: Decimal | None,
    samples: list[Sample],
) -> None:
    reading = Reading(
        station_key=1,
        taken_at=taken_at,
        digest=digest,
        transaction_key=transaction_key,
        evse_id=1,
        connector_id=0,
        received_at=received_at,
        register_wh=register_wh,
        power_w=None,
        samples=tuple(samples),
    )
    back = rows.to_reading(rows.reading_row(reading))
    assert back == reading
    assert str(back.register_wh) == str(register_wh)


@given(MOMENTS, TEXT, st.none() | TEXT, TEXT)
def test_any_text_survives_the_driver(at: datetime, kind: str, action: str | None, detail: str) -> None:
    oddity = Oddity(station_key=1, at=at, kind=kind, action=action, detail=detail)
    connection = sqlite3.connect(":memory:")
    values = rows.oddity_row(oddity)
    row = connection.execute(f"SELECT {','.join('?' * len(values))}", values).fetchone()
    connection.close()
    assert rows.to_oddity(row) == oddity


def test_every_record_has_a_statement() -> None:
    from stationmaster.domain.records import Record

    assert set(WRITES) == set(Record.__args__)
