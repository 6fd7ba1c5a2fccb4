"""What one role says in a version's messages is what the other hears, but for what that version cannot carry."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
import pytest
from dialect_strategies import (
    NEW_IN_21,
    NOT_IN_V1,
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
from driver_strategies import OWN_TESTS
from hypothesis import given
from hypothesis import strategies as st
from tries import tries

from stationmaster.dialects import dialect_for
from stationmaster.dialects.table import Unsupported, WireCall
from stationmaster.domain import messages as m
from stationmaster.domain.facts import StationFacts
from stationmaster.domain.identity import Evse, IdToken
from stationmaster.domain.metering.values import MeterValue
from stationmaster.ocpp import codec
from stationmaster.ocpp.kinds import read_kind
from stationmaster.ocpp.messages import messages
from stationmaster.ocpp.version import Version
from stationmaster.ocpp.wire import decode_plain, encode

FAMILIES = {Version.V16: V1, Version.V20: V2, Version.V201: V2, Version.V21: V2}
WHOLE_IN_20 = {m.BootNotification, m.Heartbeat, m.StatusNotification, m.UnlockConnector}
"""What 2.0 can carry all of; the rest loses a reason, a type or an EVSE on its way down."""
CASES = [
    (version, kind)
    for version, family in FAMILIES.items()
    for of, kind in REQUESTS
    if of == family and (version, kind) != (Version.V21, m.StatusNotification)
    if version is not Version.V20 or kind in WHOLE_IN_20
    if version is Version.V21 or kind not in NEW_IN_21
]


@dataclass
class Heard:
    requests: list[Any]
    answer: Any


def converse(facts: StationFacts, request: m.Request, answer: Any) -> Heard:
    """Both ends of an exchange over the bytes of the version, whose schema must hold."""
    version, dialect = Version(facts.version), dialect_for(facts.version)
    exchange = dialect.outgoing[type(request)](facts, request)
    heard = Heard([], None)
    response = None
    try:
        while True:
            call = exchange.send(response)
            row = dialect.incoming[call.action]
            message = valid(codec.read_request(version, call.action, sent(version, call)))
            heard.requests.append(row.read(facts, message))
            assert row.read(facts, loose(version, call)) == heard.requests[-1]
            if messages(version)[call.action].response is None:  # a SEND
                response = None
                continue
            raw = codec.write_response(version, call.action, row.write(facts, heard.requests[-1], answer))
            response = valid(codec.read_response(version, call.action, raw))
    except StopIteration as stop:
        heard.answer = stop.value
    return heard


def sent(version: Version, call: WireCall) -> bytes:
    return codec.write_request(version, call.action, call.message)


def valid(reading: codec.Reading) -> Any:
    assert reading.violations == ()
    return reading.message


def loose(version: Version, call: WireCall) -> Any:
    """The message as the lenient twin of its family's head."""
    head = Version.V21 if version.family == 2 else version
    return msgspec.convert(
        decode_plain(encode(call.message)), messages(head)[call.action].lenient_request, dec_hook=read_kind
    )


def expected(version: Version, request: m.Request) -> m.Request:
    """Our own id of a transaction becomes the wire's in 1.x; all else arrives as it was."""
    if version is Version.V16 and getattr(request, "transaction_id", None) == OWN_ID:
        return msgspec.structs.replace(request, transaction_id=WIRE_ID)
    return request


@pytest.mark.parametrize(("version", "kind"), CASES, ids=lambda part: getattr(part, "__name__", part))
@tries(10)
@given(data=st.data())
def test_what_is_said_is_heard_and_so_is_the_answer(
    version: Version, kind: type[m.Request], data: st.DataObject
) -> None:
    request = data.draw(REQUESTS[FAMILIES[version], kind])
    answer = data.draw(answers(FAMILIES[version], kind))
    facts = StationFacts(
        version=version.value, wire_transactions={OWN_ID: WIRE_ID}, capabilities=frozenset({"SecurityExtension"})
    )
    heard = converse(facts, request, answer)
    assert heard.requests == [expected(version, request)]
    assert heard.answer == answer


@pytest.mark.parametrize("version", [Version.V20, Version.V201])
@given(data=st.data())
def test_what_came_with_21_is_not_said_before_it(version: Version, data: st.DataObject) -> None:
    request = data.draw(st.one_of([REQUESTS[V2, kind] for kind in NEW_IN_21]))
    with pytest.raises(Unsupported, match=r"needs OCPP 2\.1"):
        converse(StationFacts(version=version.value), request, m.ACKNOWLEDGED)


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
    assert converse(StationFacts(version="1.6"), event, answer) == Heard([event], answer)


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
    heard = converse(StationFacts(version="1.6", wire_transactions={OWN_ID: WIRE_ID}), event, m.ACKNOWLEDGED)
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
    kinds = {(version, kind) for version in (V1, V2) for kind in m.Request.__subclasses__() if kind not in OWN_TESTS}
    assert kinds - {(V1, kind) for kind in NOT_IN_V1} == set(REQUESTS)
