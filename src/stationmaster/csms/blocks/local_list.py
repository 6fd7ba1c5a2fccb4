"""D as the CSMS sees it: what is known of the list on a station, before and after each message about it."""

from datetime import datetime

import msgspec

from stationmaster.csms.commands.hooks import CommandHook, Hooks, Objection
from stationmaster.domain.command import Command, CommandState
from stationmaster.domain.decision import Decision
from stationmaster.domain.local_list.entries import (
    NO_LIST,
    UNSUPPORTED,
    GetLocalListVersion,
    LocalListState,
    LocalListVersion,
    SendLocalList,
    SendLocalListAnswer,
)
from stationmaster.domain.records import Event
from stationmaster.domain.station import StationState

CHANGED = "LocalListChanged"
BY_HAND = "a list was sent by hand"
NO_LISTS = "the station has no local authorization list"
_replace = msgspec.structs.replace


def list_of(state: StationState) -> LocalListState:
    """What is known of a station's list; of a new one, nothing."""
    return state.local_list or LocalListState(station_key=state.key, tenant=state.tenant)


def changed(state: StationState, new: LocalListState, at: datetime) -> Decision | None:
    """What is known becomes another; others hear of it where they could see a difference."""
    before = list_of(state)
    if new == state.local_list:
        return None
    told: tuple[Event, ...] = ()
    if (before.state, before.version, before.problem) != (new.state, new.version, new.problem):
        data = {"state": new.state, "version": new.version, "problem": new.problem}
        told = (Event(kind=CHANGED, tenant=state.tenant, station_key=state.key, at=at, data=data),)
    return Decision(records=(new,), events=told, state=_replace(state, local_list=new))


def _about_to_send(state: StationState, at: datetime, *, request: SendLocalList, command: Command) -> Decision | None:
    """From here on the station may have it. Where nobody tells, its version will: each call has one of its own."""
    known = list_of(state)
    if request.base is not None and known.digest not in (None, request.base):
        raise Objection("the list on the station has become another one")
    last = request.version + max(len(request.entries), 1) - 1
    new = _replace(
        known,
        state="off" if known.state == "off" else "stale",
        attempted=max(known.attempted, last) if request.version > known.version else last,
        digest=None if request.digest is None else known.digest,
        sent_at=at,
    )
    return changed(state, new, at)


def _sent(
    state: StationState, at: datetime, *, request: SendLocalList, answer: SendLocalListAnswer, command: Command
) -> Decision | None:
    known = list_of(state)
    version = known.version if answer.version is None else answer.version
    if answer.status == "Accepted":
        by_hand = request.digest is None
        new = _replace(
            known,
            state=_unless_off(known, "stale" if by_hand else "in_sync"),
            version=version,
            attempted=version,
            digest=request.digest,
            problem=BY_HAND if by_hand else None,
        )
    else:
        why = ": ".join(filter(None, (answer.status, answer.reason, answer.info)))
        refused = "partial" if answer.sent else "refused" if request.update == "Full" else "stale"
        new = _replace(known, state=_unless_off(known, refused), version=version, digest=None, problem=why)
    return changed(state, new, at)


def _not_answered(
    state: StationState, at: datetime, *, request: SendLocalList, command: Command, outcome: CommandState
) -> Decision | None:
    """Whether the station took it, its version will tell."""
    known = list_of(state)
    new = _replace(known, state=_unless_off(known, "partial"), problem=f"the last update has {outcome}")
    return changed(state, new, at)


def _version_told(
    state: StationState, at: datetime, *, request: GetLocalListVersion, answer: LocalListVersion, command: Command
) -> Decision | None:
    known = _replace(list_of(state), checked_at=at)
    if answer.version == UNSUPPORTED:
        new = _replace(known, state=_unless_off(known, "unsupported"), version=NO_LIST, digest=None, problem=NO_LISTS)
    elif answer.version != known.version:
        lost = "stale" if known.state == "in_sync" else known.state
        new = _replace(known, state=lost, version=answer.version, digest=None)
    else:
        new = known
    return changed(state, new, at)


def _unless_off(known: LocalListState, state: str) -> str:
    """A list that is not ours to keep stays so, whatever is sent by hand."""
    return "off" if known.state == "off" else state


LOCAL_LIST_HOOKS: Hooks = {
    SendLocalList: CommandHook(before=_about_to_send, after=_sent, unanswered=_not_answered),
    GetLocalListVersion: CommandHook(after=_version_told),
}
