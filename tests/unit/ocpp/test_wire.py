"""Payload bytes: exact numbers, and times as OCPP wants them."""

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest

from stationmaster.ocpp import v16, v21
from stationmaster.ocpp.wire import decode_plain, encode, milliseconds

CEST = timezone(timedelta(hours=2))


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        (datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC), "2026-01-02T03:04:05Z"),
        (datetime(2026, 1, 2, 3, 4, 5, 678999, tzinfo=UTC), "2026-01-02T03:04:05.678Z"),
        (datetime(2026, 1, 2, 3, 4, 5, 999, tzinfo=UTC), "2026-01-02T03:04:05Z"),
        (datetime(2026, 1, 2, 3, 4, 5, tzinfo=CEST), "2026-01-02T01:04:05Z"),
        (datetime(2026, 1, 2, 3, 4, 5, 120000, tzinfo=CEST), "2026-01-02T01:04:05.120Z"),
    ],
)
def test_a_time_is_utc_with_at_most_three_decimals(moment: datetime, text: str) -> None:
    assert encode(v16.HeartbeatResponse(current_time=moment)) == b'{"currentTime":"%s"}' % text.encode()


def test_a_text_that_looks_like_an_exact_time_stays_as_it_is() -> None:
    message = v16.DataTransferRequest(vendor_id="v", data="2026-01-02T03:04:05.123456Z")
    assert decode_plain(encode(message))["data"] == "2026-01-02T03:04:05.123456Z"


def test_a_time_without_a_zone_is_not_given_one() -> None:
    moment = datetime(2026, 1, 2, 3, 4, 5, 678900)
    assert milliseconds(moment) is moment


def test_numbers_keep_their_digits() -> None:
    raw = b'{"value":8.10,"whole":12345678901234567890}'
    plain = decode_plain(raw)
    assert plain["value"] == Decimal("8.10")
    assert encode(plain) == raw


def test_a_number_out_of_range_stays_text() -> None:
    assert decode_plain(b'{"a":1e999999999}') == {"a": "1e999999999"}


def test_absent_values_and_empty_lists_are_left_out() -> None:
    assert encode(v21.lenient.MeterValuesRequest(evse_id=1)) == b'{"evseId":1}'
