"""What the versions say of reservations, and what they cannot."""

from datetime import UTC, datetime
from typing import Any

import pytest

from stationmaster.dialects import dialect_for
from stationmaster.dialects.table import Unattributable, Unsupported
from stationmaster.domain.facts import StationFacts
from stationmaster.domain.identity import Evse, IdToken
from stationmaster.domain.messages import ACKNOWLEDGED, Answer, CommandAnswer, Request
from stationmaster.domain.reservation.reservations import CancelReservation, ReservationStatusUpdate, ReserveNow
from stationmaster.ocpp import codec
from stationmaster.ocpp.version import JSON_VERSIONS, Version

UNTIL = datetime(2030, 1, 1, 12, tzinfo=UTC)
SECOND = [version for version in JSON_VERSIONS if version.family == 2]


def reserve(version: Version, **more: Any) -> ReserveNow:
    kind = "ISO14443" if version.family == 2 else None
    plug = Evse(2) if version.family == 2 else Evse(2, 1)
    asked = {"reservation_id": 7, "expires_at": UNTIL, "id_token": IdToken("04AABBCC", kind), "evse": plug}
    return ReserveNow(**asked | more)


def said_and_heard(version: Version, request: Request, answer: Answer) -> tuple[Request, Answer]:
    """What the other side reads, and what it answers as this side reads it."""
    dialect, facts = dialect_for(version), StationFacts(version=str(version))
    exchange = dialect.outgoing[type(request)](facts, request)
    call = next(exchange)
    row = dialect.incoming[call.action]
    reading = codec.read_request(version, call.action, codec.write_request(version, call.action, call.message))
    assert reading.violations == ()
    heard = row.read(facts, reading.message)
    raw = codec.write_response(version, call.action, row.write(facts, heard, answer))
    with pytest.raises(StopIteration) as done:
        exchange.send(codec.read_response(version, call.action, raw).message)
    return heard, done.value.value


@pytest.mark.parametrize("version", JSON_VERSIONS)
@pytest.mark.parametrize("status", ["Accepted", "Faulted", "Occupied", "Rejected", "Unavailable"])
def test_a_reservation_is_heard_as_it_was_said(version: Version, status: str) -> None:
    group = IdToken("FLEET", "Central" if version.family == 2 else None)
    for request in (reserve(version), reserve(version, group=group)):
        answer = CommandAnswer(status=status)
        assert said_and_heard(version, request, answer) == (request, answer)


@pytest.mark.parametrize("version", [Version.V16, Version.V201, Version.V21])
def test_a_place_may_be_left_open(version: Version) -> None:
    request, answer = reserve(version, evse=None), CommandAnswer(status="Accepted")
    assert said_and_heard(version, request, answer) == (request, answer)


@pytest.mark.parametrize(("version", "kind"), [(Version.V201, "cCCS2"), (Version.V21, "cCCS2"), (Version.V21, "cNACS")])
def test_so_may_the_evse_of_a_kind_of_connector(version: Version, kind: str) -> None:
    request, answer = reserve(version, evse=None, connector_type=kind), CommandAnswer(status="Accepted")
    assert said_and_heard(version, request, answer) == (request, answer)


@pytest.mark.parametrize("version", JSON_VERSIONS)
@pytest.mark.parametrize("status", ["Accepted", "Rejected"])
def test_a_cancellation_is_heard_as_it_was_said(version: Version, status: str) -> None:
    request, answer = CancelReservation(reservation_id=7), CommandAnswer(status=status)
    assert said_and_heard(version, request, answer) == (request, answer)


@pytest.mark.parametrize(
    ("version", "more", "reason"),
    [
        (Version.V16, {"connector_type": "cCCS2"}, "name one"),
        (Version.V16, {"id_token": IdToken("0" * 21)}, "1 to 20 characters"),
        (Version.V16, {"group": IdToken("0" * 21)}, "a group of 1 to 20"),
        (Version.V20, {"evse": None}, "a named EVSE only"),
        (Version.V20, {"connector_type": "cNACS"}, "cNACS"),
        (Version.V201, {"connector_type": "cNACS"}, "cNACS"),
        (Version.V21, {"connector_type": "c" * 21}, "kind of connector"),
        (Version.V21, {"evse": Evse(1, 2)}, "not one of its connectors"),
    ],
)
def test_what_a_version_cannot_carry_is_refused_with_the_reason(
    version: Version, more: dict[str, Any], reason: str, drive: Any
) -> None:
    row = dialect_for(version).outgoing[ReserveNow]
    with pytest.raises(Unsupported, match=reason):
        drive(row, StationFacts(version=str(version)), reserve(version, **more))


@pytest.mark.parametrize("version", SECOND)
@pytest.mark.parametrize("status", ["Expired", "Removed"])
def test_the_end_of_one_is_told(version: Version, status: str) -> None:
    update = ReservationStatusUpdate(reservation_id=7, status=status)
    assert said_and_heard(version, update, ACKNOWLEDGED) == (update, ACKNOWLEDGED)


@pytest.mark.parametrize(
    ("version", "status"),
    [
        (Version.V16, "Expired"),
        (Version.V16, "Removed"),
        (Version.V20, "NoTransaction"),
        (Version.V201, "NoTransaction"),
    ],
)
def test_what_a_version_has_no_word_for_stays_untold(version: Version, status: str) -> None:
    update = ReservationStatusUpdate(reservation_id=7, status=status)
    exchange = dialect_for(version).outgoing[ReservationStatusUpdate](StationFacts(version=str(version)), update)
    with pytest.raises(StopIteration) as done:
        next(exchange)
    assert done.value.value is ACKNOWLEDGED


def test_2_1_has_a_word_for_one_that_was_used_without_a_transaction() -> None:
    update = ReservationStatusUpdate(reservation_id=7, status="NoTransaction")
    assert said_and_heard(Version.V21, update, ACKNOWLEDGED) == (update, ACKNOWLEDGED)


@pytest.mark.parametrize(
    ("version", "action", "payload", "field"),
    [
        (
            Version.V16,
            "ReserveNow",
            b'{"connectorId":1,"expiryDate":"2030-01-01T00:00:00Z","idTag":"A"}',
            "reservationId",
        ),
        (Version.V16, "ReserveNow", b'{"connectorId":1,"reservationId":1,"idTag":"A"}', "expiryDate"),
        (Version.V16, "CancelReservation", b"{}", "reservationId"),
        (Version.V21, "ReserveNow", b'{"id":1,"expiryDateTime":"2030-01-01T00:00:00Z"}', "idToken"),
        (Version.V21, "ReservationStatusUpdate", b'{"reservationUpdateStatus":"Expired"}', "reservationId"),
    ],
)
def test_without_its_number_token_or_end_there_is_no_telling_what_is_meant(
    version: Version, action: str, payload: bytes, field: str
) -> None:
    row = dialect_for(version).incoming[action]
    message = codec.read_request(version, action, payload).message
    with pytest.raises(Unattributable, match=field):
        row.read(StationFacts(version=str(version)), message)
