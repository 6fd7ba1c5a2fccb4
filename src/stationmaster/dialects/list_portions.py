"""A local list in as many calls as the station takes (D01.FR.03, .11), alike in both families."""

from collections import deque
from collections.abc import Callable, Generator
from typing import Any

from stationmaster.dialects.batches import TOO_MUCH, for_station
from stationmaster.dialects.table import NoAnswer, WireCall
from stationmaster.domain.facts import StationFacts
from stationmaster.domain.local_list.entries import ListEntry, SendLocalList, SendLocalListAnswer, Update
from stationmaster.domain.messages import CommandAnswer

Portion = tuple[ListEntry, ...]
Write = Callable[[Update, int, Portion], Any]
"""The wire's request for a portion."""


def send_in_portions(
    facts: StationFacts,
    request: SendLocalList,
    size: Callable[[ListEntry], int],
    write: Write,
    read: Callable[[Any], CommandAnswer],
) -> Generator[WireCall, Any, SendLocalListAnswer]:
    """The first call as asked for, all others Differential, each with a version of its own.

    A portion that was too much is halved. The first answer but Accepted, or none, ends it: what would come next is made
    upon what was not taken.
    """
    portions: deque[Portion] = deque(for_station(facts, "SendLocalList", request.entries, size))
    if not portions:
        portions.append(())
    version, sent = request.version, 0
    while portions:
        portion = portions.popleft()
        update = request.update if sent == 0 else "Differential"
        answer = yield WireCall("SendLocalList", write(update, version, portion), may_fail=True)
        if isinstance(answer, NoAnswer) and answer.code in TOO_MUCH and len(portion) > 1:
            half = len(portion) // 2
            portions.extendleft((portion[half:], portion[:half]))
            continue
        said = _said(answer, read, sent)
        if said.status != "Accepted":
            reached = version - 1 if sent else None
            return _answer(said, version=reached, sent=sent, of=sent + 1 + len(portions))
        version, sent = version + 1, sent + 1
    return SendLocalListAnswer(status="Accepted", version=version - 1, sent=sent, of=sent)


def _said(answer: Any, read: Callable[[Any], CommandAnswer], sent: int) -> CommandAnswer:
    """Where not even the first call was answered, its failure is raised."""
    if not isinstance(answer, NoAnswer):
        return read(answer)
    if sent == 0 and answer.failure is not None:
        raise answer.failure
    return CommandAnswer(status="Failed", info=f"not answered: {answer.detail}")


def _answer(said: CommandAnswer, *, version: int | None, sent: int, of: int) -> SendLocalListAnswer:
    return SendLocalListAnswer(
        status=said.status, reason=said.reason, info=said.info, version=version, sent=sent, of=of
    )
