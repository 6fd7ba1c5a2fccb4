from datetime import UTC, datetime
from decimal import Decimal

import msgspec
import pytest

from stationmaster.dialects import dialect_for
from stationmaster.dialects.table import Unattributable
from stationmaster.domain.facts import StationFacts
from stationmaster.domain.messages import ACKNOWLEDGED, Answer, CommandAnswer, Request
from stationmaster.domain.monitoring.event_streams import (
    AdjustPeriodicEventStream,
    ClosePeriodicEventStream,
    EventStream,
    EventStreamList,
    GetPeriodicEventStream,
    NotifyPeriodicEventStream,
    OpenPeriodicEventStream,
    StreamParams,
)
from stationmaster.ocpp import codec
from stationmaster.ocpp.messages import messages
from stationmaster.ocpp.version import Version

FACTS = StationFacts(version="2.1")
DIALECT = dialect_for(Version.V21)
STREAM = EventStream(id=1, monitoring_id=5, params=StreamParams(interval_s=10, values=3))
VALUES = NotifyPeriodicEventStream(
    id=1,
    base_time=datetime(2026, 3, 1, tzinfo=UTC),
    values=((Decimal(0), "a"), (Decimal("1.5"), "b")),
    pending=4,
)


@pytest.mark.parametrize(
    ("request_", "answer"),
    [
        (OpenPeriodicEventStream(stream=STREAM), CommandAnswer(status="Rejected", reason="TooManyElements")),
        (ClosePeriodicEventStream(id=0), ACKNOWLEDGED),
        (GetPeriodicEventStream(), EventStreamList(streams=(STREAM,))),
        (GetPeriodicEventStream(), EventStreamList()),
        (AdjustPeriodicEventStream(id=1, params=StreamParams(interval_s=1)), CommandAnswer(status="Accepted")),
    ],
)
def test_what_is_said_is_heard(request_: Request, answer: Answer) -> None:
    exchange = DIALECT.outgoing[type(request_)](FACTS, request_)
    call = next(exchange)
    row = DIALECT.incoming[call.action]
    reading = codec.read_request(Version.V21, call.action, codec.write_request(Version.V21, call.action, call.message))
    assert reading.violations == ()
    assert row.read(FACTS, reading.message) == request_
    raw = codec.write_response(Version.V21, call.action, row.write(FACTS, request_, answer))
    with pytest.raises(StopIteration) as done:
        exchange.send(codec.read_response(Version.V21, call.action, raw).message)
    assert done.value.value == answer


def test_values_go_out_as_a_send() -> None:
    exchange = DIALECT.outgoing[NotifyPeriodicEventStream](FACTS, VALUES)
    call = next(exchange)
    assert messages(Version.V21)[call.action].send
    reading = codec.read_request(Version.V21, call.action, codec.write_request(Version.V21, call.action, call.message))
    assert reading.violations == ()
    assert DIALECT.incoming[call.action].read(FACTS, reading.message) == VALUES
    with pytest.raises(StopIteration):
        exchange.send(None)


@pytest.mark.parametrize(
    "action",
    ["OpenPeriodicEventStream", "ClosePeriodicEventStream", "AdjustPeriodicEventStream", "NotifyPeriodicEventStream"],
)
def test_an_empty_message_is_about_nothing(action: str) -> None:
    empty = msgspec.convert({}, messages(Version.V21)[action].lenient_request)
    with pytest.raises(Unattributable):
        DIALECT.incoming[action].read(FACTS, empty)
