"""Whatever is missing from a message, it is read, or what is missing is named."""

from typing import Any

import msgspec
import pytest
from dialect_strategies import NEW_IN_21, OWN_ID, REQUESTS, V1, V2
from hypothesis import given
from hypothesis import strategies as st
from tries import tries

from stationmaster.dialects import dialect_for
from stationmaster.dialects.table import Unattributable
from stationmaster.domain import messages as m
from stationmaster.domain.facts import StationFacts
from stationmaster.domain.monitoring.event_streams import NotifyPeriodicEventStream
from stationmaster.ocpp import v16, v21
from stationmaster.ocpp.kinds import read_kind
from stationmaster.ocpp.wire import decode_plain, encode

FAMILIES = {"1.6": V1, "2.0.1": V2, "2.1": V2}
LENIENT = {"1.6": v16.lenient.MESSAGES, "2.0.1": v21.lenient.MESSAGES, "2.1": v21.lenient.MESSAGES}
ROWS = [(version, action) for version in LENIENT for action in dialect_for(version).incoming]
CASES = [
    (version, kind)
    for version, family in FAMILIES.items()
    for of, kind in REQUESTS
    if of == family and (version == "2.1") == (kind in NEW_IN_21)
]
ANSWERED = [(version, kind) for version, kind in CASES if kind is not NotifyPeriodicEventStream]


def facts_of(version: str) -> StationFacts:
    return StationFacts(
        version=version, wire_transactions={OWN_ID: "17"}, capabilities=frozenset({"SecurityExtension"})
    )


def damaged(data: st.DataObject, value: Any) -> Any:
    """The value without some of its members."""
    if isinstance(value, dict):
        return {key: damaged(data, item) for key, item in value.items() if data.draw(st.integers(0, 2))}
    if isinstance(value, list):
        return [damaged(data, item) for item in value]
    return value


@pytest.mark.parametrize(("version", "action"), ROWS)
def test_an_empty_message_is_read_or_named_unattributable(version: str, action: str) -> None:
    message = LENIENT[version][action][0]()
    try:
        assert isinstance(dialect_for(version).incoming[action].read(facts_of(version), message), m.Request)
    except Unattributable as refusal:
        assert refusal.field


@pytest.mark.parametrize(("version", "kind"), CASES, ids=lambda part: getattr(part, "__name__", part))
@tries(10)
@given(data=st.data())
def test_a_message_that_lacks_any_of_its_members_is_read_or_named_unattributable(
    version: str, kind: type[m.Request], data: st.DataObject
) -> None:
    facts, dialect = facts_of(version), dialect_for(version)
    call = dialect.outgoing[kind](facts, data.draw(REQUESTS[FAMILIES[version], kind])).send(None)
    plain = damaged(data, decode_plain(encode(call.message)))
    message = msgspec.convert(plain, LENIENT[version][call.action][0], dec_hook=read_kind)
    try:
        assert isinstance(dialect.incoming[call.action].read(facts, message), m.Request)
    except Unattributable as refusal:
        assert refusal.field


@pytest.mark.parametrize(("version", "kind"), ANSWERED, ids=lambda part: getattr(part, "__name__", part))
@tries(2)
@given(data=st.data())
def test_an_empty_response_accepts_nothing(version: str, kind: type[m.Request], data: st.DataObject) -> None:
    exchange = dialect_for(version).outgoing[kind](facts_of(version), data.draw(REQUESTS[FAMILIES[version], kind]))
    response = LENIENT[version][exchange.send(None).action][1]()
    with pytest.raises(StopIteration) as stop:
        exchange.send(response)
    answer = stop.value.value
    assert isinstance(answer, m.Answer)
    assert getattr(answer, "status", "Rejected") in ("Rejected", "UnlockFailed", "NoAnswer", "EmptyResultSet")
    info = getattr(answer, "id_token_info", None)
    assert info is None or info.status == "Invalid"
