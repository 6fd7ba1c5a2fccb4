from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from stationmaster.dialects import dialect_for
from stationmaster.dialects.table import Unattributable, Unsupported
from stationmaster.domain.battery_swap import Battery, BatterySwap, RequestBatterySwap
from stationmaster.domain.facts import StationFacts
from stationmaster.domain.identity import IdToken
from stationmaster.domain.messages import ACKNOWLEDGED, Answer, CommandAnswer, Request
from stationmaster.ocpp import codec
from stationmaster.ocpp.messages import messages
from stationmaster.ocpp.version import Version

FACTS = StationFacts(version="2.1")
CARD = IdToken("04AABBCC", "ISO14443")
BATTERY = Battery(
    evse_id=3,
    serial_number="S1",
    soc_pct=Decimal("95.5"),
    soh_pct=Decimal(100),
    produced_at=datetime(2025, 1, 1, tzinfo=UTC),
    vendor_info="x",
)
DIALECT = dialect_for(Version.V21)


@pytest.mark.parametrize(
    ("request_", "answer"),
    [
        (BatterySwap(event="BatteryIn", request_id=7, id_token=CARD, batteries=(BATTERY,)), ACKNOWLEDGED),
        (RequestBatterySwap(request_id=7, id_token=CARD), CommandAnswer(status="Accepted")),
        (
            RequestBatterySwap(request_id=7, id_token=CARD),
            CommandAnswer(status="Rejected", reason="NoBatteryAvailable"),
        ),
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


def test_an_event_of_no_version_is_unsupported(drive: Any) -> None:
    tea = BatterySwap(event="Tea", request_id=7, id_token=CARD, batteries=(BATTERY,))
    with pytest.raises(Unsupported, match="Tea"):
        drive(DIALECT.outgoing[BatterySwap], FACTS, tea)


@pytest.mark.parametrize("action", ["BatterySwap", "RequestBatterySwap"])
def test_an_empty_message_is_about_nothing(action: str) -> None:
    empty = msgspec.convert({}, messages(Version.V21)[action].lenient_request)
    with pytest.raises(Unattributable):
        DIALECT.incoming[action].read(FACTS, empty)


def test_a_battery_that_says_nothing_is_read_as_empty() -> None:
    told = {"eventType": "BatteryIn", "requestId": 1, "batteryData": [{}]}
    message = msgspec.convert(told, messages(Version.V21)["BatterySwap"].lenient_request)
    request: Any = DIALECT.incoming["BatterySwap"].read(FACTS, message)
    assert (request.id_token.type, request.batteries[0].soc_pct) == ("NoAuthorization", 0)
