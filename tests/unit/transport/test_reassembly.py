"""Messages in several frames."""

import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stationmaster.transport.compression import Deflate, accept_answer, accept_offer, offer
from stationmaster.transport.limits import Limits
from stationmaster.transport.reassembly import FrameRefused, Reassembly

LIMITS = Limits(max_message_bytes=100, max_fragments=3)


def _deflates() -> tuple[Deflate, Deflate]:
    accepted = accept_offer([offer()])
    assert accepted is not None
    client = accept_answer([accepted[0]])
    assert client is not None
    return client, accepted[1]


def _refused(frames: Reassembly, data: bytes, *, first: bool, fin: bool, rsv1: bool = False) -> int:
    with pytest.raises(FrameRefused) as refused:
        frames.add(data, first=first, fin=fin, rsv1=rsv1)
    return refused.value.code


def test_fragments_make_one_message_and_the_next_starts_afresh() -> None:
    frames = Reassembly(LIMITS, None)
    for _ in range(2):
        assert frames.add(b"a", first=True, fin=False, rsv1=False) is None
        assert frames.under_way
        assert frames.add(b"", first=False, fin=False, rsv1=False) is None
        assert frames.add(b"b", first=False, fin=True, rsv1=False) == b"ab"
        assert not frames.under_way


def test_the_sum_of_all_fragments_is_bounded() -> None:
    frames = Reassembly(LIMITS, None)
    frames.add(b"x" * 60, first=True, fin=False, rsv1=False)
    assert _refused(frames, b"x" * 41, first=False, fin=True) == 1009


def test_the_number_of_fragments_is_bounded_though_they_are_empty() -> None:
    frames = Reassembly(LIMITS, None)
    frames.add(b"", first=True, fin=False, rsv1=False)
    frames.add(b"", first=False, fin=False, rsv1=False)
    frames.add(b"", first=False, fin=False, rsv1=False)
    assert _refused(frames, b"", first=False, fin=True) == 1009


def test_frames_out_of_place_are_protocol_errors() -> None:
    frames = Reassembly(LIMITS, None)
    assert _refused(frames, b"", first=False, fin=True) == 1002
    frames.add(b"", first=True, fin=False, rsv1=False)
    assert _refused(frames, b"", first=True, fin=True) == 1002


def test_rsv1_is_a_protocol_error_unless_deflate_is_agreed_and_the_message_begins() -> None:
    assert _refused(Reassembly(LIMITS, None), b"", first=True, fin=True, rsv1=True) == 1002
    frames = Reassembly(LIMITS, _deflates()[1])
    frames.add(b"a", first=True, fin=False, rsv1=False)
    assert _refused(frames, b"a", first=False, fin=True, rsv1=True) == 1002


@given(st.lists(st.binary(max_size=100), max_size=5), st.integers(1, 3))
def test_compressed_messages_come_back_in_however_many_frames(messages: list[bytes], pieces: int) -> None:
    client, server = _deflates()
    frames = Reassembly(LIMITS, server)
    for message in messages:
        packed = client.compress(message)
        size = len(packed) // pieces + 1
        cuts = [packed[start : start + size] for start in range(0, len(packed), size)]
        results = [
            frames.add(cut, first=index == 0, fin=index == len(cuts) - 1, rsv1=index == 0)
            for index, cut in enumerate(cuts)
        ]
        assert results[-1] == message


def test_a_message_that_is_not_compressed_may_come_on_a_compressing_connection() -> None:
    frames = Reassembly(LIMITS, _deflates()[1])
    assert frames.add(b"plain", first=True, fin=True, rsv1=False) == b"plain"


@pytest.mark.parametrize("size", [101, 10_000, 10_000_000])
def test_a_bomb_is_not_inflated_beyond_the_limit(size: int) -> None:
    client, server = _deflates()
    frames = Reassembly(LIMITS, server)
    assert _refused(frames, client.compress(b"\0" * size), first=True, fin=True, rsv1=True) == 1009


def test_a_bomb_in_fragments_is_not_inflated_beyond_the_limit() -> None:
    frames = Reassembly(LIMITS, _deflates()[1])
    packer = zlib.compressobj(wbits=-12)
    beginning = packer.compress(b"x" * 100) + packer.flush(zlib.Z_SYNC_FLUSH)
    bomb = packer.compress(b"\0" * 100_000) + packer.flush(zlib.Z_SYNC_FLUSH)
    frames.add(beginning, first=True, fin=False, rsv1=True)
    assert _refused(frames, bomb[:-4], first=False, fin=True) == 1009


def test_broken_compression_is_a_protocol_error() -> None:
    frames = Reassembly(LIMITS, _deflates()[1])
    assert _refused(frames, b"\xff\xff\xff", first=True, fin=True, rsv1=True) == 1002
