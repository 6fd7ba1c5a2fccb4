from datetime import UTC, datetime
from typing import Any, get_args

import msgspec
import pytest

from stationmaster.dialects.moments import UNKNOWN_TIME
from stationmaster.dialects.table import Unsupported
from stationmaster.dialects.v1.transactions import INCOMING, OUTGOING, REASONS
from stationmaster.domain.facts import StationFacts
from stationmaster.domain.identity import NO_TOKEN, Evse, IdToken
from stationmaster.domain.messages import IdTokenInfo, TransactionAnswer, TransactionEvent
from stationmaster.domain.metering.values import MeterValue, Sample
from stationmaster.ocpp import v16, v201

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
FACTS = StationFacts(version="1.6", wire_transactions={"own": "17"})
START, STOP = INCOMING["StartTransaction"], INCOMING["StopTransaction"]
SEND = OUTGOING[TransactionEvent]


def event(**fields: Any) -> TransactionEvent:
    base = {"event_type": "Ended", "timestamp": AT, "trigger_reason": "StopAuthorized", "transaction_id": "own"}
    return TransactionEvent(**{**base, "meter_wh": 500, **fields})


def test_a_start_is_read_with_its_evse_token_register_and_reservation() -> None:
    facts = StationFacts(version="1.6", connectors={2: Evse(1, 2)})
    message = v16.StartTransactionRequest(connector_id=2, id_tag="A1", meter_start=7, reservation_id=3, timestamp=AT)
    assert START.read(facts, message) == TransactionEvent(
        event_type="Started",
        timestamp=AT,
        trigger_reason="Authorized",
        evse=Evse(1, 2),
        id_token=IdToken("A1"),
        reservation_id=3,
        meter_wh=7,
    )


def test_a_start_without_anything_is_still_a_start_at_an_unknown_time() -> None:
    read = START.read(FACTS, v16.lenient.StartTransactionRequest())
    assert read == TransactionEvent(event_type="Started", timestamp=UNKNOWN_TIME, trigger_reason="Authorized")


def test_a_start_is_answered_with_the_id_and_what_is_said_of_the_token() -> None:
    answer = TransactionAnswer(transaction_id="42", id_token_info=IdTokenInfo(status="NoCredit"))
    response = START.write(FACTS, event(), answer)
    assert (response.transaction_id, response.id_tag_info.status) == (42, "Invalid")


def test_a_start_of_whose_token_nothing_is_said_is_not_accepted() -> None:
    assert START.write(FACTS, event(), TransactionAnswer(transaction_id="42")).id_tag_info.status == "Invalid"


def test_a_stop_without_an_id_is_of_a_transaction_that_was_never_acknowledged() -> None:
    assert STOP.read(FACTS, v16.lenient.StopTransactionRequest()).transaction_id == "-1"


def test_a_stop_without_a_reason_is_local() -> None:
    read = STOP.read(FACTS, v16.StopTransactionRequest(meter_stop=9, timestamp=AT, transaction_id=17))
    assert (read.stopped_reason, read.trigger_reason, read.meter_wh) == ("Local", "StopAuthorized", 9)


@pytest.mark.parametrize("version", ["1.2", "1.5"])
@pytest.mark.parametrize(("id_tag", "reason"), [("A1", "Local"), (None, "Other")])
def test_before_16_a_stop_without_a_token_is_not_the_driver_s(version: str, id_tag: str | None, reason: str) -> None:
    message = v16.lenient.StopTransactionRequest(transaction_id=1, id_tag=id_tag)
    assert STOP.read(StationFacts(version=version), message).stopped_reason == reason


def test_a_stop_with_an_unknown_reason_is_other() -> None:
    assert STOP.read(FACTS, v16.lenient.StopTransactionRequest(reason="Bored")).stopped_reason == "Other"


def test_every_reason_of_16_is_mapped_to_reasons_of_2x() -> None:
    assert set(REASONS) == set(get_args(v16.Reason))
    assert {stopped for stopped, _ in REASONS.values()} <= set(get_args(v201.ReasonEnumType))
    assert {trigger for _, trigger in REASONS.values()} <= set(get_args(v201.TriggerReasonEnumType))


@pytest.mark.parametrize("reason", sorted(set(REASONS) - {"SoftReset"}))
def test_a_reason_of_16_that_was_read_is_written_as_it_was(drive: Any, reason: str) -> None:
    stopped, trigger = REASONS[reason]
    (call, *_), _answer = drive(
        SEND, FACTS, event(stopped_reason=stopped, trigger_reason=trigger), v16.lenient.StopTransactionResponse()
    )
    assert call.message.reason == reason


def test_a_soft_reset_has_a_reason_of_its_own(drive: Any) -> None:
    calls, _ = drive(SEND, FACTS, event(stopped_reason="SoftReset"), v16.lenient.StopTransactionResponse())
    assert calls[0].message.reason == "SoftReset"


@pytest.mark.parametrize("reason", ["EnergyLimitReached", "GroundFault", "StoppedByEV"])
def test_a_reason_that_16_lacks_is_other(drive: Any, reason: str) -> None:
    calls, _ = drive(SEND, FACTS, event(stopped_reason=reason), v16.lenient.StopTransactionResponse())
    assert calls[0].message.reason == "Other"


def test_a_start_learns_its_wire_id_from_the_answer(drive: Any) -> None:
    response = v16.lenient.StartTransactionResponse(
        transaction_id=17, id_tag_info=v16.lenient.IdTagInfo(status="Accepted")
    )
    calls, answer = drive(SEND, FACTS, event(event_type="Started", id_token=IdToken("A1"), evse=Evse(2, 1)), response)
    assert [call.action for call in calls] == ["StartTransaction"]
    assert calls[0].message.connector_id == 2
    assert answer == TransactionAnswer(transaction_id="17", id_token_info=IdTokenInfo(status="Accepted"))


def test_a_register_among_the_meter_values_serves_as_meter_start_and_is_rounded(drive: Any) -> None:
    values = (MeterValue(AT, (Sample("1.2345", unit="kWh"),)),)
    started = event(event_type="Started", id_token=IdToken("A1"), meter_wh=None, meter_values=values)
    calls, _ = drive(SEND, FACTS, started, v16.lenient.StartTransactionResponse())
    assert calls[0].message.meter_start == 1234


@pytest.mark.parametrize("token", [None, NO_TOKEN, IdToken("x" * 21)])
def test_a_start_without_a_token_that_16_could_carry_is_unsupported(drive: Any, token: IdToken | None) -> None:
    with pytest.raises(Unsupported, match="idTag"):
        drive(SEND, FACTS, event(event_type="Started", id_token=token))


def test_a_start_that_nobody_showed_a_token_for_has_the_id_tag_that_the_station_is_configured_with(drive: Any) -> None:
    facts = StationFacts(version="1.6", role="station", free_vend_id_tag="NOAUTH")
    started = event(event_type="Started", id_token=NO_TOKEN)
    calls, _ = drive(SEND, facts, started, v16.lenient.StartTransactionResponse())
    assert calls[0].message.id_tag == "NOAUTH"
    assert START.read(FACTS, calls[0].message).id_token == IdToken("NOAUTH")  # a token as any other


@pytest.mark.parametrize("token", [None, IdToken("x" * 21)])
def test_the_id_tag_of_nobody_does_not_stand_for_a_token_that_16_cannot_carry(
    drive: Any, token: IdToken | None
) -> None:
    facts = StationFacts(version="1.6", role="station", free_vend_id_tag="NOAUTH")
    with pytest.raises(Unsupported, match="idTag"):
        drive(SEND, facts, event(event_type="Started", id_token=token))


@pytest.mark.parametrize("kind", ["Started", "Ended"])
def test_a_register_is_never_made_up(drive: Any, kind: str) -> None:
    with pytest.raises(Unsupported, match="register"):
        drive(SEND, FACTS, event(event_type=kind, id_token=IdToken("A1"), meter_wh=None))


@pytest.mark.parametrize("token", [None, NO_TOKEN, IdToken("x" * 21)])
def test_a_stop_goes_out_even_if_its_token_cannot(drive: Any, token: IdToken | None) -> None:
    calls, _ = drive(SEND, FACTS, event(id_token=token), v16.lenient.StopTransactionResponse())
    assert calls[0].message.id_tag is None


def test_the_end_of_a_transaction_that_was_never_acknowledged_is_sent_with_minus_one(drive: Any) -> None:
    calls, _ = drive(SEND, FACTS, event(transaction_id="other"), v16.lenient.StopTransactionResponse())
    assert calls[0].message.transaction_id == -1


def test_an_update_without_meter_values_makes_no_call(drive: Any) -> None:
    assert drive(SEND, FACTS, event(event_type="Updated")) == ([], TransactionAnswer())


def test_an_update_sends_its_meter_values_under_the_wire_id(drive: Any) -> None:
    values = (MeterValue(AT, (Sample("1"),)),)
    calls, answer = drive(SEND, FACTS, event(event_type="Updated", evse=Evse(1, 1), meter_values=values), object())
    assert (calls[0].action, calls[0].message.transaction_id, calls[0].message.connector_id) == ("MeterValues", 17, 1)
    assert answer == TransactionAnswer()


def test_a_stop_is_answered_about_its_token_only_if_something_is_said() -> None:
    assert STOP.write(FACTS, event(), TransactionAnswer()) == v16.StopTransactionResponse()
    said = TransactionAnswer(id_token_info=IdTokenInfo(status="Accepted", group=IdToken("x" * 21)))
    assert msgspec.to_builtins(STOP.write(FACTS, event(), said)) == {"idTagInfo": {"status": "Accepted"}}
