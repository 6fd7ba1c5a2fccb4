from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from stationmaster.dialects.moments import UNKNOWN_TIME
from stationmaster.dialects.table import Unattributable, Unsupported
from stationmaster.dialects.v2.transactions import INCOMING, OUTGOING, read_event_answer, write_event
from stationmaster.domain.facts import StationFacts
from stationmaster.domain.identity import NO_TOKEN, Evse
from stationmaster.domain.messages import IdTokenInfo, TransactionAnswer, TransactionEvent
from stationmaster.domain.metering.values import MeterValue, Sample
from stationmaster.domain.texts import Text
from stationmaster.domain.transactions.limits import TransactionLimit
from stationmaster.ocpp import codec, v21
from stationmaster.ocpp.v21 import lenient as wire
from stationmaster.ocpp.version import Version

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
FACTS = StationFacts(version="2.0.1")
ROW = INCOMING["TransactionEvent"]


def event(**fields: Any) -> TransactionEvent:
    base = {"event_type": "Updated", "timestamp": AT, "trigger_reason": "Trigger", "transaction_id": "t", "seq_no": 1}
    return TransactionEvent(**{**base, **fields})


@pytest.mark.parametrize("info", [None, wire.TransactionType(), wire.TransactionType(transaction_id="")])
def test_an_event_of_no_transaction_is_unattributable(info: Any) -> None:
    with pytest.raises(Unattributable) as refusal:
        ROW.read(FACTS, wire.TransactionEventRequest(transaction_info=info))
    assert refusal.value.field == "transactionInfo.transactionId"


def test_an_event_with_nothing_but_its_id_is_kept() -> None:
    message = wire.TransactionEventRequest(transaction_info=wire.TransactionType(transaction_id="t"))
    assert ROW.read(FACTS, message) == TransactionEvent(
        event_type="Updated", timestamp=UNKNOWN_TIME, trigger_reason="", transaction_id="t"
    )


def test_unknown_words_change_nothing_in_a_transaction() -> None:
    info = wire.TransactionType(transaction_id="t", charging_state="Dancing")
    read = ROW.read(FACTS, wire.TransactionEventRequest(event_type="Paused", transaction_info=info))
    assert (read.event_type, read.charging_state) == ("Updated", None)


def test_values_without_a_time_are_as_old_as_their_event() -> None:
    message = wire.TransactionEventRequest(
        timestamp=AT,
        transaction_info=wire.TransactionType(transaction_id="t"),
        meter_value=(wire.MeterValueType(),),
    )
    assert ROW.read(FACTS, message).meter_values == (MeterValue(AT),)


def test_a_register_of_its_own_becomes_a_meter_value_in_2x() -> None:
    ended = write_event(FACTS, event(event_type="Ended", meter_wh=1500))
    read = ROW.read(FACTS, ended)
    assert read.meter_values == (MeterValue(AT, (Sample("1500", context="Transaction.End", unit="Wh"),)),)


def test_a_register_that_is_among_the_meter_values_is_not_repeated() -> None:
    values = (MeterValue(AT, (Sample("1.5", unit="kWh"),)),)
    assert len(write_event(FACTS, event(event_type="Started", meter_wh=1500, meter_values=values)).meter_value) == 1


def test_the_station_as_a_whole_is_no_evse() -> None:
    assert write_event(FACTS, event(evse=Evse(0))).evse is None


def test_charging_without_authorization_has_a_token_of_that_type() -> None:
    token = write_event(FACTS, event(id_token=NO_TOKEN)).id_token
    assert token == v21.IdTokenType(id_token="", type="NoAuthorization")


@pytest.mark.parametrize("missing", [{"trigger_reason": "Boredom"}, {"transaction_id": None}])
def test_an_event_that_2x_has_no_words_for_is_unsupported(drive: Any, missing: dict[str, Any]) -> None:
    with pytest.raises(Unsupported):
        drive(OUTGOING[TransactionEvent], FACTS, event(**missing))


@pytest.mark.parametrize(
    ("version", "trigger", "sent"),
    [
        ("2.1", "TxResumed", "TxResumed"),
        ("2.0.1", "TxResumed", "ChargingStateChanged"),
        ("2.0.1", "AbnormalCondition", "AbnormalCondition"),
        ("2.0", "LimitSet", "ChargingStateChanged"),
    ],
)
def test_a_trigger_reason_too_new_for_the_version_does_not_cost_the_event(
    version: str, trigger: str, sent: str
) -> None:
    assert write_event(StationFacts(version=version), event(trigger_reason=trigger)).trigger_reason == sent


def test_a_stopped_reason_that_the_version_lacks_is_other() -> None:
    ended = write_event(FACTS, event(event_type="Ended", stopped_reason="ReqEnergyTransferRejected"))
    assert ended.transaction_info.stopped_reason == "Other"


@pytest.mark.parametrize(("cost", "sent"), [("12.50", "12.50"), ("0", "0"), (None, None), ("NaN", None)])
def test_only_an_amount_is_sent_as_total_cost(cost: str | None, sent: str | None) -> None:
    answer = TransactionAnswer(total_cost=None if cost is None else Decimal(cost))
    response = ROW.write(FACTS, event(), answer)
    assert (str(response.total_cost) if response.total_cost is not None else None) == sent


LIMIT = TransactionLimit(max_cost=Decimal("20.5"), max_energy_wh=Decimal(30000), max_time_s=3600, max_soc_pct=80)


@pytest.mark.parametrize(("version", "carried"), [("2.1", LIMIT), ("2.0.1", None), ("2.0", None)])
def test_a_limit_is_told_both_ways_where_the_version_has_one(version: str, carried: TransactionLimit | None) -> None:
    facts, wire_version = StationFacts(version=version), Version(version)
    request = codec.write_request(wire_version, "TransactionEvent", write_event(facts, event(limit=LIMIT)))
    assert ROW.read(facts, codec.read_request(wire_version, "TransactionEvent", request).message).limit == carried
    answer = ROW.write(facts, event(), TransactionAnswer(limit=LIMIT))
    response = codec.write_response(wire_version, "TransactionEvent", answer)
    heard = read_event_answer(facts, event(), codec.read_response(wire_version, "TransactionEvent", response).message)
    assert heard == TransactionAnswer(limit=carried)


def test_a_limit_that_limits_nothing_is_not_told() -> None:
    assert write_event(StationFacts(version="2.1"), event(limit=TransactionLimit())).transaction_info == (
        write_event(StationFacts(version="2.1"), event()).transaction_info
    )


@pytest.mark.parametrize("version", ["2.0", "2.0.1", "2.1"])
def test_an_answer_may_carry_a_text_for_the_driver(version: str) -> None:
    facts, wire_version = StationFacts(version=version), Version(version)
    answer = TransactionAnswer(updated_personal_message=Text(content="3.20 EUR", language="en"))
    response = codec.write_response(wire_version, "TransactionEvent", ROW.write(facts, event(), answer))
    message = codec.read_response(wire_version, "TransactionEvent", response).message
    assert read_event_answer(facts, event(), message) == answer


@pytest.mark.parametrize(
    ("version", "text", "sent"),
    [
        ("2.0.1", Text(content="x" * 600), "x" * 512),
        ("2.1", Text(content="x" * 600), "x" * 600),
        ("2.0.1", Text(content="https://" + "x" * 600, format="URI"), None),
        ("2.0.1", Text(content="code", format="QRCODE"), None),
        ("2.1", Text(content="code", format="QRCODE"), "code"),
    ],
)
def test_a_text_that_the_version_cannot_hold_does_not_cost_the_answer(
    version: str, text: Text, sent: str | None
) -> None:
    facts = StationFacts(version=version)
    message = ROW.write(facts, event(), TransactionAnswer(updated_personal_message=text)).updated_personal_message
    assert (message.content if message is not None else None) == sent


def test_an_answer_says_of_the_token_what_it_was_told() -> None:
    info = IdTokenInfo(status="NoCredit", evse_ids=(1,), language="de-DE-1996", language2="en")
    response = ROW.write(FACTS, event(), TransactionAnswer(id_token_info=info))
    assert response.id_token_info == v21.IdTokenInfoType(
        status="NoCredit", evse_id=(1,), language1="de-DE-19", language2="en"
    )


def test_what_20_has_no_place_for_costs_neither_the_answer_nor_the_event() -> None:
    facts = StationFacts(version="2.0")
    info = IdTokenInfo(status="Accepted", evse_ids=(1,))
    response = ROW.write(facts, event(), TransactionAnswer(id_token_info=info))
    assert b"evseId" not in codec.write_response(Version.V20, "TransactionEvent", response)
    signed = {"signedMeterData": "x", "signingMethod": "", "encodingMethod": "OCMF", "publicKey": ""}
    request = write_event(facts, event(meter_values=(MeterValue(AT, (Sample("1", signed=signed),)),)))
    assert b"OCMF" not in codec.write_request(Version.V20, "TransactionEvent", request)
