"""Negotiating permessage-deflate."""

import pytest

from stationmaster.transport.compression import accept_answer, accept_offer, offer


@pytest.mark.parametrize(
    "header",
    [
        "permessage-deflate",
        "permessage-deflate; client_max_window_bits",
        "permessage-deflate; server_no_context_takeover; client_no_context_takeover",
        "x-webkit-deflate-frame, permessage-deflate",
        "permessage-deflate; nonsense=1, permessage-deflate",
    ],
)
def test_the_first_usable_offer_is_taken(header: str) -> None:
    accepted = accept_offer([header])
    assert accepted is not None
    assert accepted[0].startswith("permessage-deflate")


@pytest.mark.parametrize("header", ["", "something-else", "permessage-deflate; nonsense", ";;;,\udcff"])
def test_an_unusable_offer_means_no_compression_and_no_refusal(header: str) -> None:
    assert accept_offer([header]) is None


def test_our_two_sides_agree() -> None:
    accepted = accept_offer([offer()])
    assert accepted is not None
    header, server = accepted
    client = accept_answer([header])
    assert client is not None
    for text in (b"", b"a" * 5000, b"b" * 5000):
        for sender, receiver in ((client, server), (server, client)):
            packed = sender.compress(text)
            assert receiver.inflate(packed, first=True, fin=True, rsv1=True, max_bytes=5000) == text


def test_a_server_that_takes_no_offer_is_fine() -> None:
    assert accept_answer([]) is None


@pytest.mark.parametrize("header", ["other", "permessage-deflate; server_max_window_bits=15", "a, b"])
def test_an_answer_beyond_the_offer_is_an_error(header: str) -> None:
    with pytest.raises(ValueError, match="not usable"):
        accept_answer([header])
