"""A station that boots with another version of OCPP than the last time: after a firmware update, or its undoing.

What is ours stays as it is: who it is, its transactions, tokens, reservations, updates, and the facts about its places.
What it told of itself may hold no longer. Versions of one generation (1.x, or 2.x) call things by the same names, so
there only its inventory is to be asked for anew. Another generation counts its places in another way (1.x knows
Connectors, 2.x EVSEs that have some), has other variables, and tells of trouble and of its end in other words: nothing
that was told before would ever be put right.
"""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

import msgspec

from stationmaster.csms.blocks.alarms import without_alarms
from stationmaster.csms.blocks.learning import learn
from stationmaster.csms.blocks.reports import INVENTORY_OF
from stationmaster.domain.abilities import abilities_of
from stationmaster.domain.decision import Decision
from stationmaster.domain.device_model.variables import VariablesForgotten
from stationmaster.domain.display_message import KnownMessages, Messages
from stationmaster.domain.messages import BootNotification
from stationmaster.domain.monitoring.alarms import KnownMonitors, Watched
from stationmaster.domain.records import ConnectorForgotten, Event, Record, Unlearned
from stationmaster.domain.station import StationState

CHANGED = "StationVersionChanged"
SPOKE = "spoke"
"""What is learned at each boot: its version."""
_OF_ITSELF = ("can:", "most:", "told:")
"""What is learned of what a station tells of itself; other names belong to the blocks."""

Boots = Callable[[StationState, Any, datetime], Decision]


def forgets_other_versions(boot: Boots) -> Boots:
    """The block of BootNotification, which also forgets what was true in the words of another version."""

    def block(state: StationState, request: BootNotification, at: datetime) -> Decision:
        decision = boot(state, request, at)
        booted = decision.state or state
        before, now = booted.learned.get(SPOKE), booted.station.version
        if now is None or before == now:
            return decision
        records, booted = learn(booted, {SPOKE: now})
        more = Decision(records=records, state=booted)
        return _with(decision, more if before is None else _changed(more, booted, before, now, at))

    return block


def having_spoken(state: StationState, now: str) -> StationState:
    """The aggregate of a station that connects in a version: one whose boots were not noted yet spoke, before this,
    what it connected with the last time."""
    before = state.station.version
    return state if before in (None, now) or SPOKE in state.learned else state.with_learned({SPOKE: before})


def _changed(learned: Decision, state: StationState, before: str, now: str, at: datetime) -> Decision:
    data = {"before": before, "now": now}
    event = Event(kind=CHANGED, tenant=state.tenant, station_key=state.key, at=at, data=data)
    told = _with(learned, Decision(events=(event,)))
    if abilities_of(before).speaks_only_of_connectors == abilities_of(now).speaks_only_of_connectors:
        return _with(told, _unlearned(state, (INVENTORY_OF,)))
    return _with(told, _of_another_generation(state, at))


def _of_another_generation(state: StationState, at: datetime) -> Decision:
    over = without_alarms(state, at)
    names = (INVENTORY_OF, *(name for name in state.learned if name.startswith(_OF_ITSELF)))
    unlearned = _unlearned(over.state or state, names)
    records: list[Record] = [VariablesForgotten(station_key=state.key, before=at)]
    records += [
        ConnectorForgotten(station_key=state.key, evse_id=evse_id, connector_id=connector_id)
        for evse_id, connector_id in state.connectors
    ]
    if state.watched.monitors:
        records.append(KnownMonitors(station_key=state.key, monitors=()))
    if state.messages.known:
        records.append(KnownMessages(station_key=state.key, messages=()))
    known = msgspec.structs.replace(
        unlearned.state or state, connectors={}, watched=Watched(), messages=Messages(), reports={}
    )
    return _with(_with(over, unlearned), Decision(records=tuple(records), state=known))


def _unlearned(state: StationState, names: Iterable[str]) -> Decision:
    gone = frozenset(name for name in names if name in state.learned)
    left = {name: value for name, value in state.learned.items() if name not in gone}
    records = tuple(Unlearned(station_key=state.key, name=name) for name in sorted(gone))
    return Decision(records=records, state=msgspec.structs.replace(state, learned=left))


def _with(decision: Decision, more: Decision) -> Decision:
    """Both; ``more`` was made of the state that the decision leaves."""
    return msgspec.structs.replace(
        decision,
        records=(*decision.records, *more.records),
        events=(*decision.events, *more.events),
        state=more.state or decision.state,
    )
