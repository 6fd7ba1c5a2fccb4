from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stationmaster.domain.transfer import MAX_NAME, Transfer, harmless_name

NOW = datetime(2030, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("log.tar.gz", "log.tar.gz"),
        ("../../etc/passwd", "passwd"),
        ("C:\\logs\\a.txt", "a.txt"),
        ('a"; filename="b', "a; filename=b"),
        ("a\r\nSet-Cookie: x", "aSet-Cookie x"),
        ("...", None),
        ("", None),
        (None, None),
        ("/", None),
        ("ß 1.log", "ß 1.log"),
    ],
)
def test_of_a_name_that_was_sent_only_what_is_harmless_is_kept(sent: str | None, kept: str | None) -> None:
    assert harmless_name(sent) == kept


@given(st.text(max_size=600))
def test_a_kept_name_is_short_and_has_nothing_that_a_path_or_a_header_acts_on(sent: str) -> None:
    kept = harmless_name(sent)
    assert kept is None or (0 < len(kept) <= MAX_NAME and kept.isprintable() and not set('/\\":<>|*?') & set(kept))


def test_a_transfer_is_open_until_it_expires_or_is_closed() -> None:
    transfer = Transfer(
        key=1, tenant="t", station_key=2, purpose="upload", opened_at=NOW, expires_at=NOW + timedelta(hours=1)
    )
    assert transfer.is_open(NOW)
    assert not transfer.is_open(NOW + timedelta(hours=1))
    closed = msgspec.structs.replace(transfer, closed_at=NOW + timedelta(minutes=10))
    assert closed.is_open(NOW)
    assert not closed.is_open(NOW + timedelta(minutes=10))
