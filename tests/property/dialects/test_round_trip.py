"""What one role says in a version's messages is what the other hears, but for what that version cannot carry."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
import pytest
from dialect_strategies import (
    OWN_ID,
    REQUESTS,
    V1,
    V2,
    WIRE_ID,
    answers,
    connectors,
    evses,
    infos,
    maybe,
    moments,
    plain_tokens,
    samples,
    values_of,
    whole,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from stationmaster.dialects import dialect_for
from stationmaster.domain import messages as m
from stationmaster.domain.facts import StationFacts
from stationmaster.domain.identity import Evse, IdToken
from stationmaster.domain.metering import MeterValue
from stationmaster.ocpp import v16, v21
from stationmaster.ocpp.checks import decimal_of
from stationmaster.ocpp.kinds import read_kind
from stationmaster.ocpp.wire import encode

TYPES = {"1.6": v16, "2.0.1": v21, "2.1": v21}


@dataclass
class Heard:
    requests: list[Any]
    answer: Any


def decoded(message: Any, strict: type, lenient: type) -> tuple[Any, Any]:
    raw = encode(message)
    return tuple(  # type: ignore[return-value]
        msgspec.json.Decoder(kind, dec_hook=read_kind, float_hook=decimal_of).decode(raw) for kind in (strict, lenient)
    )


def converse(facts: StationFacts, request: m.Request, answer: Any) -> Heard:
    """Both ends of an exchange over JSON; the strict types must hold, and read the same as the lenient ones."""
    dialect, types = dialect_for(facts.version), TYPES[facts.version]
    exchange = dialect.outgoing[type(request)](facts, request)
    heard = Heard([], None)
    response = None
    try:
        while True:
            call = exchange.send(response)
            row = dialect.incoming[call.action]
            strict, lenient = types.MESSAGES[call.action], types.lenient.MESSAGES[call.action]
            exact, loose = decoded(call.message, strict[0], lenient[0])
            heard.requests.append(row.read(facts, loose))
            assert row.read(facts, exact) == heard.requests[-1]
            response = decoded(row.write(facts, heard.requests[-1], answer), strict[1], lenient[1])[1]
    except StopIteration as stop:
        heard.answer = stop.value
    return heard


def expected(version: str, request: m.Request) -> m.Request:
    """Our own id of a transaction becomes the wire's in 1.x; all else arrives as it was."""
    if version == V1 and getattr(request, "transaction_id", None) == OWN_ID:
        return msgspec.structs.replace(request, transaction_id=WIRE_ID)
    return request


@pytest.mark.parametrize(("version", "kind"), REQUESTS, ids=lambda part: getattr(part, "__name__", part))
@settings(max_examples=30)
@given(data=st.data())
def test_what_is_said_is_heard_and_so_is_the_answer(version: str, kind: type[m.Request], data: st.DataObject) -> None:
    request = data.draw(REQUESTS[version, kind])
    answer = data.draw(answers(version, kind))
    facts = StationFacts(
        version=version, wire_transactions={OWN_ID: WIRE_ID}, capabilities=frozenset({"SecurityExtension"})
    )
    heard = converse(facts, request, answer)
    assert heard.requests == [expected(version, request)]
    assert heard.answer == answer


@given(
    token=plain_tokens, evse=connectors, at=moments, wh=whole, reservation=maybe(whole), info=infos[V1], given_id=whole
)
def test_a_start_in_16_is_heard_without_an_id_and_answered_with_one(
    token: IdToken, evse: Evse, at: datetime, wh: int, reservation: int | None, info: m.IdTokenInfo, given_id: int
) -> None:
    event = m.TransactionEvent(
        event_type="Started",
        timestamp=at,
        trigger_reason="Authorized",
        evse=evse,
        id_token=token,
        reservation_id=reservation,
        meter_wh=wh,
    )
    answer = m.TransactionAnswer(id_token_info=info, transaction_id=str(given_id))
    assert converse(StationFacts(version=V1), event, answer) == Heard([event], answer)


@given(
    evse=connectors,
    values=values_of(samples),
    status=st.sampled_from(["ChargingStateChanged", "MeterValuePeriodic"]),
    at=moments,
)
def test_an_update_in_16_is_heard_as_its_meter_values_or_not_at_all(
    evse: Evse, values: tuple[MeterValue, ...], status: str, at: datetime
) -> None:
    event = m.TransactionEvent(
        event_type="Updated",
        timestamp=at,
        trigger_reason=status,
        transaction_id=OWN_ID,
        evse=evse,
        meter_values=values,
    )
    heard = converse(StationFacts(version=V1, wire_transactions={OWN_ID: WIRE_ID}), event, m.ACKNOWLEDGED)
    meter_values = m.MeterValues(evse=evse, meter_values=values, transaction_id=WIRE_ID)
    assert heard == Heard([meter_values] if values else [], m.TransactionAnswer())


@given(evse=connectors | evses | st.just(Evse(0)), status=st.just(m.ACKNOWLEDGED), at=moments)
def test_a_status_in_21_is_heard_as_an_event_of_availability_state(evse: Evse, status: Any, at: datetime) -> None:
    request = m.StatusNotification(evse=evse, status="Occupied", timestamp=at)
    heard = converse(StationFacts(version="2.1"), request, status)
    (event,) = heard.requests[0].events
    component = "ChargingStation" if evse.id == 0 else "EVSE" if evse.connector_id is None else "Connector"
    assert (event.component, event.variable, event.actual_value) == (component, "AvailabilityState", "Occupied")
    assert (event.evse, event.timestamp) == (evse if evse.id else None, at)
    assert heard.answer is m.ACKNOWLEDGED


def test_every_domain_request_is_tried_in_both_families() -> None:
    not_carried = {(V1, m.NotifyEvent)}
    kinds = {(version, kind) for version in (V1, V2) for kind in m.Request.__subclasses__()}
    assert kinds - not_carried == set(REQUESTS)
