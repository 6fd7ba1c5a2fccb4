"""gzip and deflate in both of its forms, both ways, and never more than is allowed."""

import gzip
import tracemalloc
import zlib
from collections.abc import Callable
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stationmaster.transport.http_coding import (
    WORTH_BYTES,
    BadCoding,
    TooLong,
    UnknownCoding,
    decoded,
    encoded,
    request_body,
)
from stationmaster.transport.http_messages import Refused


def bare(content: bytes) -> bytes:
    stream = zlib.compressobj(9, zlib.DEFLATED, -15)
    return stream.compress(content) + stream.flush()


WRITTEN: list[tuple[str, Callable[[bytes], bytes]]] = [
    ("gzip", gzip.compress),
    ("x-gzip", gzip.compress),
    (" GZip ", gzip.compress),
    ("deflate", zlib.compress),
    ("deflate", bare),
    ("identity", bytes),
    ("", bytes),
]


@pytest.mark.parametrize(("coding", "write"), WRITTEN)
@given(content=st.binary(max_size=3000))
def test_what_was_coded_is_read(coding: str, write: Callable[[bytes], bytes], content: bytes) -> None:
    assert decoded(write(content), coding, 3000) == content


@given(content=st.binary(max_size=3000), accepted=st.sampled_from(["gzip", "deflate", "x-gzip;q=0.3", "br", "", None]))
def test_what_we_send_is_read_again(content: bytes, accepted: str | None) -> None:
    sent, coding = encoded(content, accepted)
    assert decoded(sent, coding, 3000) == content


@pytest.mark.parametrize(("coding", "write"), WRITTEN)
def test_as_long_as_allowed_is_read_and_one_more_is_not(coding: str, write: Callable[[bytes], bytes]) -> None:
    assert len(decoded(write(b"x" * 1000), coding, 1000)) == 1000
    with pytest.raises(TooLong):
        decoded(write(b"x" * 1001), coding, 1000)


@pytest.mark.parametrize("write", [gzip.compress, zlib.compress, bare])
def test_a_bomb_costs_no_more_than_what_is_allowed(write: Callable[[bytes], bytes]) -> None:
    bomb = write(bytes(50_000_000))
    tracemalloc.start()
    with pytest.raises(TooLong):
        decoded(bomb, "gzip" if write is gzip.compress else "deflate", 10_000)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(bomb) < 200_000
    assert peak < 1_000_000


@pytest.mark.parametrize("coding", ["gzip", "deflate"])
@given(content=st.binary(min_size=1, max_size=200))
def test_garbage_is_refused_or_read_but_never_worse(coding: str, content: bytes) -> None:
    with suppress(BadCoding, TooLong):
        assert len(decoded(content, coding, 1000)) <= 1000


@pytest.mark.parametrize("write", [gzip.compress, zlib.compress, bare])
def test_what_is_cut_short_or_has_a_tail_is_refused(write: Callable[[bytes], bytes]) -> None:
    coding = "gzip" if write is gzip.compress else "deflate"
    whole = write(b"some content " * 20)
    for wrong in (whole[:-1], whole + b"tail", b""):
        with pytest.raises(BadCoding):
            decoded(wrong, coding, 1000)


@pytest.mark.parametrize("coding", ["br", "zstd", "gzip, gzip", "deflate,gzip", "compress"])
def test_other_codings_are_not_read(coding: str) -> None:
    with pytest.raises(UnknownCoding):
        decoded(b"x", coding, 1000)


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [
        ("gzip", "gzip"),
        ("GZIP", "gzip"),
        ("deflate", "deflate"),
        ("deflate, gzip", "gzip"),
        ("gzip;q=0, deflate;q=0.5", "deflate"),
        ("gzip;q=0.001", "gzip"),
        ("gzip; q=0.000", None),
        ("identity", None),
        ("*", None),
        ("", None),
        (None, None),
    ],
)
def test_only_what_was_asked_for_is_coded(accepted: str | None, coding: str | None) -> None:
    assert encoded(b"x" * WORTH_BYTES, accepted)[1] == coding


def test_what_is_short_is_sent_as_it_is() -> None:
    assert encoded(b"x" * (WORTH_BYTES - 1), "gzip") == (b"x" * (WORTH_BYTES - 1), None)


@pytest.mark.parametrize(
    ("content", "coding", "status"),
    [(b"x", "br", 415), (b"x", "gzip", 400), (gzip.compress(b"x" * 99, mtime=0), "gzip", 413), (b"x" * 99, None, 413)],
)
def test_http_has_a_status_for_each(content: bytes, coding: str | None, status: int) -> None:
    with pytest.raises(Refused) as refused:
        request_body(content, coding, 50)
    assert refused.value.status == status
    assert bool(refused.value.headers) == (status == 415)
