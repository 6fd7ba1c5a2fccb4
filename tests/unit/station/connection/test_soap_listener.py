"""Who answers a call of the CSMS, and who does not."""

import pytest

from stationmaster.clock.virtual import VirtualClock
from stationmaster.domain.facts import StationFacts
from stationmaster.domain.messages import CommandAnswer, UnlockConnector
from stationmaster.ocpp.sender import Sender
from stationmaster.ocpp.soap import writing
from stationmaster.ocpp.soap.answers import read_answer
from stationmaster.ocpp.soap.faults import Fault
from stationmaster.ocpp.soap.payload import to_element
from stationmaster.ocpp.soap.tables import SERVICES
from stationmaster.ocpp.version import Version
from stationmaster.session.session import Side
from stationmaster.session.soap_session import SoapSession
from stationmaster.session.watch import Unwatched
from stationmaster.station.connection.soap_listener import Hear, SoapListener
from stationmaster.transport.soap_server import SoapRequest


def asked(identity: str, version: Version = Version.V15) -> SoapRequest:
    """An UnlockConnector."""
    service = SERVICES[version]
    body = to_element(service, "UnlockConnector", False, b'{"connectorId":1}', service.cp_ns)
    headers = writing.request_headers("UnlockConnector", "urn:uuid:1", "http://post.test/", None)
    return SoapRequest(tenant="default", body=writing.write_request(service, body, identity, headers))


async def said(listener: SoapListener, posted: SoapRequest, version: Version = Version.V15) -> tuple[int, str]:
    """The status, and the answer's one word."""
    sent = await listener.answer(posted)
    content = read_answer(sent.body, SERVICES[version], "UnlockConnector", message_id="urn:uuid:1").content
    return sent.status, content.word if isinstance(content, Fault) else "".join(content.itertext())


def hears(hear: Hear, status: str, version: Version = Version.V15) -> None:
    """Somebody answers, with this status."""
    facts = StationFacts(version=str(version), role="station")

    def unlock(_: UnlockConnector) -> CommandAnswer:
        return CommandAnswer(status=status)

    side = Side(facts=lambda: facts, handlers={UnlockConnector: unlock}, clock=VirtualClock())
    hear((SoapSession(version, side, None), Unwatched()))  # type: ignore[arg-type]


async def test_of_many_stations_the_one_answers_that_is_called() -> None:
    listener = SoapListener()
    hears(listener.expect("A", Version.V15), "Unlocked")
    hears(listener.expect("B", Version.V15), "UnlockFailed")
    hears(listener.expect("C", Version.V16S), "UnlockFailed", Version.V16S)
    assert await said(listener, asked("A")) == (200, "Accepted")
    assert await said(listener, asked("B")) == (200, "Rejected")
    assert await said(listener, asked("C", Version.V16S), Version.V16S) == (200, "UnlockFailed")


async def test_nobody_answers_for_a_stranger() -> None:
    listener = SoapListener()
    hears(listener.expect("A", Version.V15), "Unlocked")
    assert await said(listener, asked("B")) == (400, "IdentityMismatch")


async def test_a_station_understands_no_version_but_its_own() -> None:
    listener = SoapListener()
    hears(listener.expect("A", Version.V15), "Unlocked")
    assert await said(listener, asked("A", Version.V12), Version.V12) == (500, "NotSupported")


async def test_a_station_that_starts_asks_to_be_called_again() -> None:
    listener = SoapListener()
    hear = listener.expect("A", Version.V15)
    assert await said(listener, asked("A")) == (503, "InternalError")
    hears(hear, "Unlocked")
    assert await said(listener, asked("A")) == (200, "Accepted")
    hear(None)
    sent = await listener.answer(asked("A"))
    assert (sent.status, sent.retry_after_s) == (503, 10)


async def test_what_is_no_envelope_is_refused() -> None:
    sent = await SoapListener().answer(SoapRequest(tenant="default", body=b"<!DOCTYPE a><a/>"))
    assert sent.status == 400
    assert b"ProtocolError" in sent.body


@pytest.mark.parametrize(
    ("path", "version"),
    [("/A", Version.V12), ("/x/B%201/", Version.V15), ("/", None), ("/other", None)],
)
def test_a_path_that_ends_with_an_identity_is_that_stations(path: str, version: Version | None) -> None:
    listener = SoapListener()
    listener.expect("A", Version.V12)
    listener.expect("B 1", Version.V15)
    assert listener.version_at(path) is version


def test_of_stations_of_one_version_every_path_is_that_version_s() -> None:
    listener = SoapListener()
    listener.expect("A", Version.V12)
    listener.expect("B", Version.V12)
    assert listener.version_at("/anything") is Version.V12


def test_the_contract_is_that_of_the_station_s_service_with_its_address_in_it() -> None:
    contract = SoapListener().contract(Version.V15, "http://post.test/A")
    assert contract is not None
    assert b"http://post.test/A" in contract
    assert SERVICES[Version.V15].namespace(Sender.CSMS).encode() in contract
    assert SoapListener().contract(None, "http://post.test/") is None
    assert SoapListener().contract(Version.V16, "http://post.test/") is None
