"""What a CSMS has put on a station's display."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Annotated

import msgspec
from litestar import Response, Router, delete, get, post, put
from litestar.params import JSONBody, PathParameter

from stationmaster.api.commands.commands import CommandResource, command_resource, give, shown
from stationmaster.api.commands.display_drafts import DisplayTextDraft, ListDraft, MessageDraft
from stationmaster.api.http.parameters import StationKey, Wait
from stationmaster.api.http.problems import invalid
from stationmaster.api.http.resources import JsonResponse
from stationmaster.api.http.services import ApiRequest
from stationmaster.api.stations import known_station
from stationmaster.domain.display_message import (
    MAX_ID,
    ClearDisplayMessage,
    KnownMessage,
    MessageInfo,
    MessageState,
    Priority,
    SetDisplayMessage,
    Standing,
    standing,
)
from stationmaster.domain.texts import Text

MessageId = Annotated[int, PathParameter(ge=0, le=MAX_ID, description="The message's id at the station.")]


class DisplayMessageResource(msgspec.Struct, frozen=True, kw_only=True):
    """``standing``: waiting for its time, shown (while ``state`` holds), or over by its time or its transaction.
    ``transaction``: our key of it. ``command`` null: the station told of it, and nobody here had put it there."""

    id: int
    standing: Standing
    priority: Priority
    message: DisplayTextDraft
    extra: tuple[DisplayTextDraft, ...]
    state: MessageState | None
    from_at: datetime | None = msgspec.field(name="from")
    to_at: datetime | None = msgspec.field(name="to")
    transaction: int | None
    evse_id: int | None
    told_at: datetime
    command: int | None


class DisplayMessageSet(msgspec.Struct, frozen=True, kw_only=True):
    """``id``: what the message is replaced and cleared by. ``command``: what has become of it so far."""

    id: int
    command: CommandResource


@get("/{station_key:int}/display-messages", summary="What is known to stand on a station's display")
async def list_display_messages(request: ApiRequest, station_key: StationKey) -> Sequence[DisplayMessageResource]:
    """Learned from what the station took and told; ``refresh`` asks it."""
    await known_station(request, station_key)
    state = await request.queries.load(station_key)
    under_way = {} if state is None else {wire_id: known.key for wire_id, known in state.open.items()}
    now = request.services.clock.now()
    found = await request.queries.display_messages(station_key)
    return [
        display_message(known, now, under_way.keys(), under_way.get(known.info.transaction_id or "")) for known in found
    ]


@post("/{station_key:int}/display-messages", summary="Put a message on a station's display")
async def set_display_message(
    request: ApiRequest, station_key: StationKey, data: JSONBody[MessageDraft], wait: Wait = 0
) -> Response[DisplayMessageSet]:
    """O01, O02. Gives the station the command SetDisplayMessage (2.x)."""
    await known_station(request, station_key)
    return _told(await set_message(request, station_key, await new_id(request, station_key), data, wait))


@put("/{station_key:int}/display-messages/{message_id:int}", status_code=201, summary="Replace a display message")
async def replace_display_message(
    request: ApiRequest, station_key: StationKey, message_id: MessageId, data: JSONBody[MessageDraft], wait: Wait = 0
) -> Response[DisplayMessageSet]:
    """O06: all of it, not only what differs."""
    await known_station(request, station_key)
    return _told(await set_message(request, station_key, message_id, data, wait))


@delete("/{station_key:int}/display-messages/{message_id:int}", status_code=201, summary="Clear a display message")
async def clear_display_message(
    request: ApiRequest, station_key: StationKey, message_id: MessageId, wait: Wait = 0
) -> Response[CommandResource]:
    """O05. The message need not be one that is known here."""
    await known_station(request, station_key)
    return shown(request, await give(request, station_key, ClearDisplayMessage(id=message_id), wait))


@post("/{station_key:int}/display-messages/refresh", summary="Ask a station what stands on its display")
async def refresh_display_messages(
    request: ApiRequest, station_key: StationKey, data: JSONBody[ListDraft], wait: Wait = 0
) -> Response[CommandResource]:
    """O03, O04. The command's effect is seen once the list is whole."""
    await known_station(request, station_key)
    return shown(request, await give(request, station_key, data.request(), wait, data.lifetime_s))


async def set_message(
    request: ApiRequest, station_key: int, message_id: int, data: MessageDraft, wait_s: float
) -> DisplayMessageSet:
    """Have a station put a message on its display. Raises a ProblemError of 422."""
    transaction_id = await _wire_id(request, station_key, data.transaction)
    asked = SetDisplayMessage(info=data.info(message_id, transaction_id))
    command = await give(request, station_key, asked, wait_s, data.lifetime_s)
    return DisplayMessageSet(id=message_id, command=command_resource(command, request.caller.role))


def _told(made: DisplayMessageSet) -> Response[DisplayMessageSet]:
    where = f"/api/v1/stations/{made.command.station}/commands/{made.command.key}"
    return JsonResponse(made, headers={"Location": where}, status_code=201)


async def new_id(request: ApiRequest, station_key: int) -> int:
    """One that no message of the station is known by; none is drawn twice, at this station or another."""
    taken = {known.info.id for known in await request.queries.display_messages(station_key)}
    while (drawn := request.services.keys.take() % MAX_ID + 1) in taken:
        pass
    return drawn


async def _wire_id(request: ApiRequest, station_key: int, transaction_key: int | None) -> str | None:
    if transaction_key is None:
        return None
    found = await request.queries.transaction(request.tenant, transaction_key)
    if found is None or found.station_key != station_key:
        raise invalid("body.transaction", "the station has no such transaction")
    if found.ended_at is not None:
        raise invalid("body.transaction", "the transaction has ended")
    return found.wire_id


def display_message(
    known: KnownMessage, now: datetime, under_way: Collection[str], transaction: int | None
) -> DisplayMessageResource:
    info = known.info
    return DisplayMessageResource(
        id=info.id,
        standing=standing(info, now, under_way),
        priority=info.priority,
        message=_text(info.message),
        extra=tuple(map(_text, info.extra)),
        state=info.state,
        from_at=info.from_at,
        to_at=info.to_at,
        transaction=transaction,
        evse_id=_evse_id(info),
        told_at=known.told_at,
        command=known.command_key,
    )


def _text(text: Text) -> DisplayTextDraft:
    return DisplayTextDraft(content=text.content, language=text.language, format=text.format)


def _evse_id(info: MessageInfo) -> int | None:
    place = None if info.display is None else info.display.evse
    return None if place is None else place.id


display_messages_router = Router(
    "/stations",
    route_handlers=[
        list_display_messages,
        set_display_message,
        replace_display_message,
        clear_display_message,
        refresh_display_messages,
    ],
    tags=["Display messages"],
)
