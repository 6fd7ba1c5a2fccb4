"""The registry of messages."""

from collections import Counter

import pytest

from stationmaster.ocpp.messages import Sender, messages, sender_of
from stationmaster.ocpp.version import JSON_VERSIONS, Version


@pytest.mark.parametrize(
    ("version", "station", "csms"),
    [(Version.V16, 13, 25), (Version.V20, 25, 41), (Version.V201, 24, 39), (Version.V21, 36, 54)],
)
def test_every_action_of_a_version_has_its_sender(version: Version, station: int, csms: int) -> None:
    senders = Counter(message.sender for message in messages(version).values())
    assert senders == {Sender.STATION: station, Sender.CSMS: csms, Sender.BOTH: 1}


def test_only_the_periodic_event_stream_is_sent_without_an_answer() -> None:
    sends = [(version, action) for version in JSON_VERSIONS for action, each in messages(version).items() if each.send]
    assert sends == [(Version.V21, "NotifyPeriodicEventStream")]


@pytest.mark.parametrize("version", JSON_VERSIONS)
def test_a_twin_has_the_same_fields_and_wire_names(version: Version) -> None:
    for message in messages(version).values():
        pairs = [(message.request, message.lenient_request), (message.response, message.lenient_response)]
        for strict, lenient in pairs:
            assert (strict is None) is (lenient is None)
            if strict is not None and lenient is not None:
                assert strict.__name__ == lenient.__name__
                assert strict.__struct_fields__ == lenient.__struct_fields__
                assert strict.__struct_encode_fields__ == lenient.__struct_encode_fields__


@pytest.mark.parametrize("version", JSON_VERSIONS)
def test_nothing_is_required_of_a_lenient_message(version: Version) -> None:
    for message in messages(version).values():
        assert message.lenient_request() == message.lenient_request()


def test_a_version_without_json_has_no_messages() -> None:
    with pytest.raises(KeyError):
        messages(Version.V15)


def test_data_transfer_goes_both_ways() -> None:
    assert {sender_of(version, "DataTransfer") for version in JSON_VERSIONS} == {Sender.BOTH}
