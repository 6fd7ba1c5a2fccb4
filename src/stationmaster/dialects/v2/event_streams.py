"""N11-N15 Periodic event streams, which came with 2.1."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from stationmaster.dialects.moments import utc_or
from stationmaster.dialects.table import Incoming, Outgoing, Unattributable, one_call
from stationmaster.dialects.v2.newest import with_21
from stationmaster.dialects.v2.parts import read_answer, write_status_info
from stationmaster.domain.facts import StationFacts
from stationmaster.domain.messages import ACKNOWLEDGED, Acknowledged, CommandAnswer, Request
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
from stationmaster.ocpp import v21
from stationmaster.ocpp.v21 import lenient as wire

_MAX_VALUE = 2500
_WHAT = "a periodic event stream"


def read_open(facts: StationFacts, message: wire.OpenPeriodicEventStreamRequest) -> OpenPeriodicEventStream:
    stream = _read_stream(message.constant_stream_data)
    if stream is None:
        raise Unattributable("constantStreamData")
    return OpenPeriodicEventStream(stream=stream)


def write_open_answer(
    facts: StationFacts, request: OpenPeriodicEventStream, answer: CommandAnswer
) -> v21.OpenPeriodicEventStreamResponse:
    accepted = answer.status == "Accepted"
    return v21.OpenPeriodicEventStreamResponse(
        status="Accepted" if accepted else "Rejected", status_info=write_status_info(answer)
    )


def write_open(facts: StationFacts, request: OpenPeriodicEventStream) -> v21.OpenPeriodicEventStreamRequest:
    return v21.OpenPeriodicEventStreamRequest(constant_stream_data=_write_stream(request.stream))


def read_close(facts: StationFacts, message: wire.ClosePeriodicEventStreamRequest) -> ClosePeriodicEventStream:
    if message.id is None:
        raise Unattributable("id")
    return ClosePeriodicEventStream(id=message.id)


def write_close(facts: StationFacts, request: ClosePeriodicEventStream) -> v21.ClosePeriodicEventStreamRequest:
    return v21.ClosePeriodicEventStreamRequest(id=request.id)


def write_close_answer(
    facts: StationFacts, request: ClosePeriodicEventStream, answer: Acknowledged
) -> v21.ClosePeriodicEventStreamResponse:
    return v21.ClosePeriodicEventStreamResponse()


def read_get(facts: StationFacts, message: wire.GetPeriodicEventStreamRequest) -> GetPeriodicEventStream:
    return GetPeriodicEventStream()


def write_get_answer(
    facts: StationFacts, request: GetPeriodicEventStream, answer: EventStreamList
) -> v21.GetPeriodicEventStreamResponse:
    return v21.GetPeriodicEventStreamResponse(
        constant_stream_data=tuple([_write_stream(stream) for stream in answer.streams])
    )


def write_get(facts: StationFacts, request: GetPeriodicEventStream) -> v21.GetPeriodicEventStreamRequest:
    return v21.GetPeriodicEventStreamRequest()


def read_get_answer(
    facts: StationFacts, request: GetPeriodicEventStream, answer: wire.GetPeriodicEventStreamResponse
) -> EventStreamList:
    streams = map(_read_stream, answer.constant_stream_data)
    return EventStreamList(streams=tuple([stream for stream in streams if stream is not None]))


def read_adjust(facts: StationFacts, message: wire.AdjustPeriodicEventStreamRequest) -> AdjustPeriodicEventStream:
    if message.id is None:
        raise Unattributable("id")
    return AdjustPeriodicEventStream(id=message.id, params=read_params(message.params))


def write_adjust_answer(
    facts: StationFacts, request: AdjustPeriodicEventStream, answer: CommandAnswer
) -> v21.AdjustPeriodicEventStreamResponse:
    accepted = answer.status == "Accepted"
    return v21.AdjustPeriodicEventStreamResponse(
        status="Accepted" if accepted else "Rejected", status_info=write_status_info(answer)
    )


def write_adjust(facts: StationFacts, request: AdjustPeriodicEventStream) -> v21.AdjustPeriodicEventStreamRequest:
    return v21.AdjustPeriodicEventStreamRequest(id=request.id, params=write_params(request.params))


def read_values(facts: StationFacts, message: wire.NotifyPeriodicEventStream) -> NotifyPeriodicEventStream:
    if message.id is None:
        raise Unattributable("id")
    return NotifyPeriodicEventStream(
        id=message.id,
        base_time=utc_or(message.basetime),
        values=tuple([(each.t if each.t is not None else Decimal(0), each.v or "") for each in message.data]),
        pending=message.pending or 0,
    )


def write_values(facts: StationFacts, request: NotifyPeriodicEventStream) -> v21.NotifyPeriodicEventStream:
    return v21.NotifyPeriodicEventStream(
        id=request.id,
        basetime=request.base_time,
        pending=request.pending,
        data=tuple([v21.StreamDataElementType(t=at, v=value[:_MAX_VALUE]) for at, value in request.values]),
    )


def _acknowledged(facts: StationFacts, request: Any, answer: Any) -> Acknowledged:
    return ACKNOWLEDGED


def _read_stream(data: wire.ConstantStreamDataType | None) -> EventStream | None:
    if data is None or data.id is None or data.variable_monitoring_id is None:
        return None
    return EventStream(id=data.id, monitoring_id=data.variable_monitoring_id, params=read_params(data.params))


def _write_stream(stream: EventStream) -> v21.ConstantStreamDataType:
    return v21.ConstantStreamDataType(
        id=stream.id, variable_monitoring_id=stream.monitoring_id, params=write_params(stream.params)
    )


def read_params(params: wire.PeriodicEventStreamParamsType | None) -> StreamParams:
    return StreamParams() if params is None else StreamParams(interval_s=params.interval, values=params.values)


def write_params(params: StreamParams) -> v21.PeriodicEventStreamParamsType:
    return v21.PeriodicEventStreamParamsType(interval=params.interval_s, values=params.values)


INCOMING: Mapping[str, Incoming] = {
    "OpenPeriodicEventStream": Incoming(read_open, write_open_answer),
    "ClosePeriodicEventStream": Incoming(read_close, write_close_answer),
    "GetPeriodicEventStream": Incoming(read_get, write_get_answer),
    "AdjustPeriodicEventStream": Incoming(read_adjust, write_adjust_answer),
    "NotifyPeriodicEventStream": Incoming(read_values, _acknowledged),
}
OUTGOING: Mapping[type[Request], Outgoing] = {
    OpenPeriodicEventStream: with_21(_WHAT, one_call("OpenPeriodicEventStream", write_open, read_answer)),
    ClosePeriodicEventStream: with_21(_WHAT, one_call("ClosePeriodicEventStream", write_close, _acknowledged)),
    GetPeriodicEventStream: with_21(_WHAT, one_call("GetPeriodicEventStream", write_get, read_get_answer)),
    AdjustPeriodicEventStream: with_21(_WHAT, one_call("AdjustPeriodicEventStream", write_adjust, read_answer)),
    NotifyPeriodicEventStream: with_21(_WHAT, one_call("NotifyPeriodicEventStream", write_values, _acknowledged)),
}
