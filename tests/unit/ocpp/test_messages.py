"""The registry of messages."""

from collections import Counter

import pytest

from stationmaster.ocpp.messages import Sender, messages, sender_of
from stationmaster.ocpp.soap.tables import SERVICES
from stationmaster.ocpp.version import SOAP_VERSIONS, VERSIONS, Version


@pytest.mark.parametrize(
    ("version", "station", "csms"),
    [
        *((Version.V12, 9, 9), (Version.V15, 9, 14), (Version.V16S, 9, 18), (Version.V16, 13, 25)),
        *((Version.V20, 25, 41), (Version.V201, 24, 39), (Version.V21, 36, 54)),
    ],
)
def test_every_action_of_a_version_has_its_sender(version: Version, station: int, csms: int) -> None:
    senders = Counter(message.sender for message in messages(version).values())
    both = 0 if version is Version.V12 else 1
    assert senders == Counter({Sender.STATION: station, Sender.CSMS: csms, Sender.BOTH: both})


def test_only_the_periodic_event_stream_is_sent_without_an_answer() -> None:
    sends = [(version, action) for version in VERSIONS for action, each in messages(version).items() if each.send]
    assert sends == [(Version.V21, "NotifyPeriodicEventStream")]


@pytest.mark.parametrize("version", VERSIONS)
def test_a_twin_has_the_same_fields_and_wire_names(version: Version) -> None:
    for message in messages(version).values():
        pairs = [(message.request, message.lenient_request), (message.response, message.lenient_response)]
        for strict, lenient in pairs:
            assert (strict is None) is (lenient is None)
            if strict is not None and lenient is not None:
                assert strict.__name__ == lenient.__name__
                assert strict.__struct_fields__ == lenient.__struct_fields__
                assert strict.__struct_encode_fields__ == lenient.__struct_encode_fields__


@pytest.mark.parametrize("version", VERSIONS)
def test_nothing_is_required_of_a_lenient_message(version: Version) -> None:
    for message in messages(version).values():
        assert message.lenient_request() == message.lenient_request()


@pytest.mark.parametrize("version", SOAP_VERSIONS)
def test_the_soap_versions_have_the_messages_of_their_tables(version: Version) -> None:
    operations = SERVICES[version].operations
    assert {action: each.sender for action, each in messages(version).items()} == {
        action: each.sender for action, each in operations.items()
    }


def test_1_6_in_soap_has_all_of_1_6_but_the_security_extension() -> None:
    missing = messages(Version.V16).keys() - messages(Version.V16S).keys()
    assert len(missing) == 11 and {"ExtendedTriggerMessage", "SignedUpdateFirmware", "GetLog"} < missing
    assert all(messages(Version.V16)[action] == each for action, each in messages(Version.V16S).items())


def test_data_transfer_goes_both_ways() -> None:
    assert {sender_of(version, "DataTransfer") for version in VERSIONS} == {Sender.BOTH}
