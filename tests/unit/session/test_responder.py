"""The shortest answer, which is given without asking the dialect's row, is the one that the row would give."""

from typing import Any, get_type_hints

import msgspec
import pytest
from msgspec import inspect

from stationmaster.dialects import dialect_for
from stationmaster.domain.facts import StationFacts
from stationmaster.domain.messages import ACKNOWLEDGED, NOTHING_TO_ADD, Acknowledged, Answer, Request, TransactionAnswer
from stationmaster.ocpp.errors import OCPPError
from stationmaster.ocpp.kinds import Moment
from stationmaster.ocpp.messages import Sender, messages
from stationmaster.ocpp.version import JSON_VERSIONS, Version
from stationmaster.session.responder import Responder
from stationmaster.session.watch import Unwatched

OTHER_SIDE = {"csms": Sender.STATION, "station": Sender.CSMS}


def nothing_to_say(version: Version, action: str) -> Answer | None:
    """The answer that a handler of the action gives when it has nothing to say; None: it always has."""
    answer = get_type_hints(dialect_for(version).incoming[action].write)["answer"]
    return {Any: ACKNOWLEDGED, Acknowledged: ACKNOWLEDGED, TransactionAnswer: NOTHING_TO_ADD}.get(answer)


MAY_BE_EMPTY = [
    (version, role, action)
    for version in JSON_VERSIONS
    for role, sender in OTHER_SIDE.items()
    for action, message in sorted(messages(version).items())
    if message.answer_may_be_empty
    and message.sender in (sender, Sender.BOTH)
    and action in dialect_for(version).incoming
    and nothing_to_say(version, action) is not None
]


def shortest(kind: inspect.Type) -> Any:
    """A value of a type that holds no more than its schema demands."""
    match kind:
        case inspect.StructType(fields=fields):
            return {field.encode_name: shortest(field.type) for field in fields if field.required}
        case inspect.StrType(min_length=length):
            return "1" * (length or 1)
        case inspect.LiteralType(values=values):
            return values[0]
        case inspect.EnumType(cls=enum):
            return next(iter(enum)).value
        case inspect.IntType() | inspect.FloatType() | inspect.DecimalType():
            return 1
        case inspect.BoolType():
            return True
        case inspect.CustomType(cls=cls):
            return {Moment: "2026-03-01T00:00:00Z"}.get(cls, 1)
        case inspect.VarTupleType(item_type=item) | inspect.ListType(item_type=item):
            return [shortest(item)]
        case inspect.UnionType(types=types):
            return shortest(types[0])
    raise TypeError(kind)


def answered(version: Version, role: Any, action: str, copied: bool) -> bytes | OCPPError:
    """What goes over the wire when the handler has nothing to say. A copy of its answer is not known at a glance."""
    handled: list[Request] = []

    def handler(request: Request) -> Answer:
        handled.append(request)
        answer = nothing_to_say(version, action)
        assert answer is not None
        given = msgspec.structs.replace(answer) if copied else answer
        assert (given is not answer) == copied
        return given

    facts = StationFacts(version=version, role=role)
    handlers = dict.fromkeys(Request.__subclasses__(), handler)
    responder = Responder(version, lambda: facts, handlers, lambda: "lenient", Unwatched())
    payload = msgspec.json.encode(shortest(inspect.type_info(messages(version)[action].request)))
    outcomes: list[bytes | OCPPError] = []
    responder.respond(action, payload, outcomes.append)
    (outcome,) = outcomes
    assert len(handled) == 1
    return outcome


@pytest.mark.parametrize(("version", "role", "action"), MAY_BE_EMPTY, ids=str)
def test_an_empty_answer_is_what_the_dialects_row_would_have_written(version: Version, role: str, action: str) -> None:
    assert answered(version, role, action, copied=False) == b"{}"
    assert answered(version, role, action, copied=True) == b"{}"


@pytest.mark.parametrize("version", JSON_VERSIONS)
def test_the_most_common_messages_may_be_answered_so(version: Version) -> None:
    actions = {action for each, _, action in MAY_BE_EMPTY if each is version}
    assert {
        "MeterValues",
        "StatusNotification",
        "StopTransaction" if version.family == 1 else "TransactionEvent",
    } <= actions


def test_a_start_of_1_6_is_never_answered_with_nothing() -> None:
    outcome = answered(Version.V16, "csms", "StartTransaction", copied=False)
    assert outcome == answered(Version.V16, "csms", "StartTransaction", copied=True)
    assert isinstance(outcome, bytes)
    assert msgspec.json.decode(outcome)["idTagInfo"] == {"status": "Invalid"}
