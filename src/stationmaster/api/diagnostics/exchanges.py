"""One frame of the message log, read beside its version's schema, with its answer or its call."""

from typing import Annotated

import msgspec
from litestar import Router, get
from litestar.params import PathParameter

from stationmaster.api.diagnostics.messages import MessageResource, message_resource
from stationmaster.api.diagnostics.protocol import ProtocolField, protocol_field
from stationmaster.api.http.parameters import MAX_INT64
from stationmaster.api.http.problems import not_found
from stationmaster.api.http.resources import shaped
from stationmaster.api.http.services import ApiRequest
from stationmaster.api.stations import known_station
from stationmaster.domain.queries import LoggedFrame
from stationmaster.domain.station import Station
from stationmaster.ocpp.explained import MISSING, Explained, explained
from stationmaster.ocpp.version import JSON_VERSIONS, VERSIONS, Version

MessageKey = Annotated[int, PathParameter(ge=0, le=MAX_INT64)]


class MessageLine(msgspec.Struct, frozen=True, kw_only=True):
    """One member. ``depth``: how many objects and lists it stands in. ``value``: JSON, cut where it is long; null: what
    follows deeper is its value, or it is not there. ``field``: what the schema says of it. ``problem``: what is wrong
    with it, in words."""

    path: str
    name: str
    depth: int
    value: str | None
    field: ProtocolField | None
    problem: str | None


class ExplainedMessage(msgspec.Struct, frozen=True, kw_only=True):
    """``unreadable``: why its members cannot be told. ``object``: what its payload is called. ``whole`` false: there
    are more members than are told."""

    message: MessageResource
    unreadable: str | None
    object: str | None
    lines: tuple[MessageLine, ...]
    problems: int
    whole: bool


class MessageExchange(msgspec.Struct, frozen=True, kw_only=True):
    """``version``: by which both are read, the station's; in XML it is the message's own. ``asked``: which of them the
    request named. Either is null where the log does not have it."""

    version: str
    station_identity: str
    asked: int
    call: ExplainedMessage | None
    answer: ExplainedMessage | None


@get("/{message_key:int}", summary="A call and its answer, each member beside the specification's field")
async def get_message(request: ApiRequest, message_key: MessageKey) -> MessageExchange:
    """Masked values are shown as they are kept, so they may not fit their fields."""
    found = await request.queries.frame_exchange(request.tenant, message_key)
    if found is None:
        raise not_found("message")
    station = await known_station(request, found.one.frame.station_key)
    is_call = found.one.frame.kind in ("call", "send")
    call, answer = (found.one, found.other) if is_call else (found.other, found.one)
    version, of_call, of_answer = _read(_spoken(station.version), call, answer)
    return MessageExchange(
        version=next((told.version for told in (of_call, of_answer) if told and told.version), version),
        station_identity=station.identity,
        asked=found.one.key,
        call=_explained(station, call, of_call),
        answer=_explained(station, answer, of_answer),
    )


def _spoken(version: str | None) -> Version:
    """The newest, where the station's is not known."""
    return Version(version) if version in VERSIONS else VERSIONS[-1]


def _read(
    spoken: Version, call: LoggedFrame | None, answer: LoggedFrame | None
) -> tuple[Version, Explained | None, Explained | None]:
    """Both by the station's version; by one of another generation, where they lack what this one needs and are right
    in that: the station spoke it before it changed. Versions of one generation are too much alike to tell."""
    own = (spoken, _told(spoken, call), _told(spoken, answer))
    if not any(map(_is_foreign, own[1:])):
        return own
    others = [each for each in reversed(JSON_VERSIONS) if each.family != spoken.family]
    read = ((each, _told(each, call), _told(each, answer)) for each in others)
    return next((each for each in read if _is_right(*each[1:])), own)


def _is_foreign(told: Explained | None) -> bool:
    return told is not None and (told.unreadable is not None or any(line.problem == MISSING for line in told.lines))


def _is_right(*told: Explained | None) -> bool:
    return all(each is None or (each.unreadable is None and not each.problems) for each in told)


def _told(version: Version, logged: LoggedFrame | None) -> Explained | None:
    return None if logged is None else explained(version, logged.frame.action, logged.frame.frame)


def _explained(station: Station, logged: LoggedFrame | None, told: Explained | None) -> ExplainedMessage | None:
    if logged is None or told is None:
        return None
    return shaped(
        ExplainedMessage,
        told,
        message=message_resource(logged, station.identity),
        lines=_lines(told),
        problems=told.problems,
    )


def _lines(told: Explained) -> tuple[MessageLine, ...]:
    return tuple(
        shaped(MessageLine, line, field=None if line.field is None else protocol_field(line.field))
        for line in told.lines
    )


exchanges_router = Router("/messages", route_handlers=[get_message], tags=["Messages"])
