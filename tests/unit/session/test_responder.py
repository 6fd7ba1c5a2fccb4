"""The shortest answer, which is given without asking the dialect's row, is the one that the row would give."""

from typing import Any

import msgspec
import pytest

from stationmaster.dialects import dialect_for
from stationmaster.domain.facts import StationFacts
from stationmaster.domain.messages import ACKNOWLEDGED, NOTHING_TO_ADD, Answer, Request, TransactionEvent
from stationmaster.ocpp.errors import OCPPError
from stationmaster.ocpp.messages import Sender, messages
from stationmaster.ocpp.version import JSON_VERSIONS, Version
from stationmaster.session.responder import Responder
from stationmaster.session.watch import Unwatched

AT = "2026-03-01T00:00:00Z"
PAYLOADS: dict[tuple[int, str], dict[str, Any]] = {
    (1, "MeterValues"): {"connectorId": 1, "meterValue": [{"timestamp": AT, "sampledValue": [{"value": "1"}]}]},
    (1, "StartTransaction"): {"connectorId": 1, "idTag": "T1", "meterStart": 0, "timestamp": AT},
    (1, "StatusNotification"): {"connectorId": 1, "status": "Available", "errorCode": "NoError"},
    (1, "StopTransaction"): {"transactionId": 1, "meterStop": 10, "timestamp": AT},
    (2, "MeterValues"): {"evseId": 1, "meterValue": [{"timestamp": AT, "sampledValue": [{"value": 1}]}]},
    (2, "NotifyEvent"): {"generatedAt": AT, "seqNo": 0, "eventData": []},
    (2, "StatusNotification"): {"timestamp": AT, "connectorStatus": "Available", "evseId": 1, "connectorId": 1},
    (2, "TransactionEvent"): {
        "eventType": "Updated",
        "timestamp": AT,
        "triggerReason": "MeterValuePeriodic",
        "seqNo": 1,
        "transactionInfo": {"transactionId": "T1"},
    },
}
OTHER_SIDE = {"csms": Sender.STATION, "station": Sender.CSMS}
MAY_BE_EMPTY = [
    (version, role, action)
    for version in JSON_VERSIONS
    for role, sender in OTHER_SIDE.items()
    for action, message in sorted(messages(version).items())
    if message.answer_may_be_empty
    and action in dialect_for(version).incoming
    and message.sender in (sender, Sender.BOTH)
]


def answered(version: Version, role: Any, action: str, copied: bool) -> bytes | OCPPError:
    """What goes over the wire when the handler has nothing to say. A copy of its answer is not known at a glance."""

    def handler(request: Any) -> Answer:
        answer = NOTHING_TO_ADD if isinstance(request, TransactionEvent) else ACKNOWLEDGED
        return msgspec.structs.replace(answer) if copied else answer

    facts = StationFacts(version=version, role=role)
    handlers = dict.fromkeys(Request.__subclasses__(), handler)
    responder = Responder(version, lambda: facts, handlers, lambda: "lenient", Unwatched())
    payload = msgspec.json.encode(PAYLOADS[version.family, action])
    outcomes: list[bytes | OCPPError] = []
    responder.respond(action, payload, outcomes.append)
    (outcome,) = outcomes
    return outcome


@pytest.mark.parametrize(("version", "role", "action"), MAY_BE_EMPTY, ids=str)
def test_an_empty_answer_is_what_the_dialects_row_would_have_written(version: Version, role: str, action: str) -> None:
    assert answered(version, role, action, copied=False) == b"{}"
    assert answered(version, role, action, copied=True) == b"{}"


def test_every_version_has_answers_that_may_be_empty() -> None:
    assert {version for version, _, _ in MAY_BE_EMPTY} == set(JSON_VERSIONS)


def test_a_start_of_1_6_is_never_answered_with_nothing() -> None:
    outcome = answered(Version.V16, "csms", "StartTransaction", copied=False)
    assert outcome == answered(Version.V16, "csms", "StartTransaction", copied=True)
    assert isinstance(outcome, bytes)
    assert msgspec.json.decode(outcome)["idTagInfo"] == {"status": "Invalid"}
