"""N11-N15 Periodic event streams: which there are, and their values, which are kept and told in passing."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any

import msgspec

from stationmaster.csms.commands.hooks import CommandHook, Hooks
from stationmaster.domain.command import Command
from stationmaster.domain.decision import Decision, Passing
from stationmaster.domain.messages import BootNotification, CommandAnswer
from stationmaster.domain.monitoring.alarms import KnownMonitor, KnownMonitors
from stationmaster.domain.monitoring.event_streams import (
    AdjustPeriodicEventStream,
    ClosePeriodicEventStream,
    EventStream,
    EventStreamList,
    GetPeriodicEventStream,
    KnownStream,
    NotifyPeriodicEventStream,
    OpenPeriodicEventStream,
    StreamClosed,
    StreamParams,
    Streams,
    StreamValue,
    moment_of,
)
from stationmaster.domain.records import Event, Oddity
from stationmaster.domain.station import StationState

MAX_STREAMS = 100
"""Of one station."""
MAX_VALUES = 1000
"""Of one message; what is more is not kept."""
LAGS_AFTER = 3
"""Messages in a row with ever more values pending (N15.FR.05)."""

_REJECTED = CommandAnswer(status="Rejected")


def open_stream(state: StationState, request: OpenPeriodicEventStream, at: datetime) -> Decision:
    """N11.FR.05, .06."""
    stream = request.stream
    if stream.params.is_empty or (len(state.streams) >= MAX_STREAMS and stream.id not in state.streams):
        return Decision(answer=_REJECTED)
    opened = _known(state, stream, at)
    told = _event(state, "StreamOpened", {"id": stream.id, "monitoring_id": stream.monitoring_id}, at)
    return Decision(
        answer=CommandAnswer(status="Accepted"), records=(opened,), events=(told,), state=_with(state, opened)
    )


def close_stream(state: StationState, request: ClosePeriodicEventStream, at: datetime) -> Decision:
    """N13.FR.02."""
    if request.id not in state.streams:
        return Decision()
    return _closed(state, (request.id,), at)


def take_values(state: StationState, request: NotifyPeriodicEventStream, at: datetime) -> Decision:
    """N15.FR.03. Values of a stream that nobody opened here are kept all the same, as far as there is room."""
    known = state.streams.get(request.id)
    odd: tuple[Oddity, ...] = ()
    if known is None:
        odd = (_odd(state, "stream_unknown", f"values of stream {request.id}, which was not opened", at),)
        if len(state.streams) >= MAX_STREAMS:
            return Decision(records=odd)
        known = KnownStream(
            station_key=state.key, id=request.id, monitoring_id=None, params=StreamParams(), opened_at=at
        )
    growing = known.growing + 1 if request.pending > known.pending else 0
    if growing == LAGS_AFTER:
        odd += (_odd(state, "stream_lags", f"stream {request.id} has {request.pending} values pending", at),)
    known = msgspec.structs.replace(known, last_at=at, pending=request.pending, growing=growing)
    values = _values(known, request, at)
    return Decision(
        records=(known, *values, *odd),
        passing=Passing("StreamValues", partial(_news, state, known, values, at)),
        state=_with(state, known),
    )


def _values(known: KnownStream, request: NotifyPeriodicEventStream, at: datetime) -> tuple[StreamValue, ...]:
    taken = [(moment_of(request.base_time, offset_s), value) for offset_s, value in request.values[:MAX_VALUES]]
    return tuple(
        StreamValue(
            station_key=known.station_key,
            stream_id=known.id,
            monitoring_id=known.monitoring_id,
            at=moment,
            received_at=at,
            value=value,
        )
        for moment, value in taken
        if moment is not None
    )


def _news(state: StationState, known: KnownStream, values: tuple[StreamValue, ...], at: datetime) -> Event:
    told = [{"at": value.at.isoformat(), "value": value.value} for value in values]
    data = {"id": known.id, "monitoring_id": known.monitoring_id, "pending": known.pending, "values": told}
    return _event(state, "StreamValues", data | _words(_monitor(state, known)), at)


def _monitor(state: StationState, stream: KnownStream) -> KnownMonitor | None:
    """What is known of the monitor whose values a stream carries."""
    return None if stream.monitoring_id is None else state.watched.monitors.get(stream.monitoring_id)


def _words(known: KnownMonitor | None) -> dict[str, Any]:
    """N15.FR.03: what an event would have said around the values."""
    if known is None:
        return {}
    monitor = known.monitor
    evse = monitor.component.evse
    return {
        "trigger": "Periodic",
        "component": monitor.component.name,
        "component_instance": monitor.component.instance,
        "evse_id": evse.id if evse else None,
        "connector_id": evse.connector_id if evse else None,
        "variable": monitor.variable.name,
        "variable_instance": monitor.variable.instance,
        "severity": monitor.severity,
        "notification_type": monitor.origin,
    }


Boots = Callable[[StationState, BootNotification, datetime], Decision]


def closes_streams(block: Boots) -> Boots:
    """A station that boots opens its streams again; those that it does not are gone."""

    def decide(state: StationState, request: BootNotification, at: datetime) -> Decision:
        decision = block(state, request, at)
        if not state.streams:
            return decision
        closed = _closed(decision.state or state, tuple(state.streams), at)
        return msgspec.structs.replace(
            decision,
            records=(*decision.records, *closed.records),
            events=(*decision.events, *closed.events),
            state=closed.state,
        )

    return decide


# What we ask ────────────────────────────────────────────────────────────────────────────────────────────────────────


def objection(state: StationState, request: AdjustPeriodicEventStream) -> str | None:
    """N11.FR.09."""
    return "a stream needs an interval, a number of values, or both" if request.params.is_empty else None


def is_adjusted(
    state: StationState, at: datetime, *, request: AdjustPeriodicEventStream, answer: CommandAnswer, command: Command
) -> Decision | None:
    known = state.streams.get(request.id)
    if known is None or answer.status != "Accepted":
        return None
    known = msgspec.structs.replace(known, params=request.params, growing=0)
    return _monitor_adjusted(Decision(records=(known,)), _with(state, known), known)


def _monitor_adjusted(decision: Decision, state: StationState, stream: KnownStream) -> Decision:
    """What its monitor was set with is no more; the station opens the stream with the new parameters from now on."""
    found = _monitor(state, stream)
    if found is None or found.monitor.stream is None:
        return msgspec.structs.replace(decision, state=state)
    monitor = msgspec.structs.replace(found.monitor, stream=stream.params)
    monitors = {**state.watched.monitors, monitor.id: KnownMonitor(monitor=monitor, told_at=found.told_at)}
    record = KnownMonitors(station_key=state.key, monitors=tuple(monitors.values()))
    watched = msgspec.structs.replace(state.watched, monitors=monitors)
    return msgspec.structs.replace(
        decision,
        records=(*decision.records, record),
        state=msgspec.structs.replace(state, watched=watched),
    )


def are_told(
    state: StationState, at: datetime, *, request: GetPeriodicEventStream, answer: EventStreamList, command: Command
) -> Decision:
    """N12: these are all; what we thought to know beside them is gone."""
    streams = answer.streams[:MAX_STREAMS]
    there = tuple(_known(state, stream, at) for stream in streams)
    gone = tuple(number for number in state.streams if number not in {stream.id for stream in streams})
    closed = _closed(_with(state, *there), gone, at)
    return msgspec.structs.replace(closed, records=(*there, *closed.records))


HOOKS: Hooks = {
    AdjustPeriodicEventStream: CommandHook(objection=objection, after=is_adjusted),
    GetPeriodicEventStream: CommandHook(after=are_told),
}


def _known(state: StationState, stream: EventStream, at: datetime) -> KnownStream:
    before = state.streams.get(stream.id)
    if before is not None and before.monitoring_id == stream.monitoring_id:
        return msgspec.structs.replace(before, params=stream.params)
    return KnownStream(
        station_key=state.key,
        id=stream.id,
        monitoring_id=stream.monitoring_id,
        params=stream.params,
        opened_at=at,
    )


def _closed(state: StationState, numbers: tuple[int, ...], at: datetime) -> Decision:
    left: Streams = {number: known for number, known in state.streams.items() if number not in numbers}
    return Decision(
        records=tuple(StreamClosed(station_key=state.key, id=number) for number in numbers),
        events=tuple(_event(state, "StreamClosed", {"id": number}, at) for number in numbers),
        state=msgspec.structs.replace(state, streams=left),
    )


def _with(state: StationState, *streams: KnownStream) -> StationState:
    return msgspec.structs.replace(state, streams={**state.streams, **{known.id: known for known in streams}})


def _odd(state: StationState, kind: str, detail: str, at: datetime) -> Oddity:
    return Oddity(station_key=state.key, at=at, kind=kind, action="NotifyPeriodicEventStream", detail=detail)


def _event(state: StationState, kind: str, data: dict[str, Any], at: datetime) -> Event:
    return Event(kind=kind, tenant=state.tenant, station_key=state.key, at=at, data=data)
