"""Commands as resources: what was asked of a station, and what became of it."""

from datetime import datetime
from typing import Annotated, Any

import msgspec
from litestar import Response, Router, get, post
from litestar.params import JSONBody, QueryParameter

from stationmaster.api.commands.command_drafts import (
    CommandDraft,
    GetTransactionStatusCommand,
    RequestStopTransactionCommand,
    UsePriorityChargingCommand,
)
from stationmaster.api.commands.local_list_drafts import SendLocalListCommand
from stationmaster.api.cost.cost_commands import CostDraft, cost_request
from stationmaster.api.http.parameters import CommandKey, Paging, StationKey, Wait
from stationmaster.api.http.problems import invalid, not_found
from stationmaster.api.http.resources import JsonResponse, PageOf, page_of, shaped
from stationmaster.api.http.services import ApiRequest
from stationmaster.api.stations import known_station
from stationmaster.csms.connection.masking import fit_to_show
from stationmaster.domain.command import Command, CommandState
from stationmaster.domain.local_list.entries import NO_LIST, SendLocalList, duplicates, next_version
from stationmaster.domain.messages import Request, RequestStopTransaction
from stationmaster.domain.people.roles import may
from stationmaster.domain.priority_charging import UsePriorityCharging
from stationmaster.domain.queries import CommandFilter
from stationmaster.domain.transactions.transaction_status import GetTransactionStatus


class CommandResource(msgspec.Struct, frozen=True, kw_only=True):
    """``state`` goes queued, sent, then accepted, rejected, failed, timed_out, unsupported or unknown. One that has
    still to show its effect goes on from accepted: to effect_seen once the station has acted, or to no_effect, with the
    reason in ``detail``, where that was not seen in an hour (a day if it was Scheduled) or cannot come any more.
    ``status`` is the station's own word; Partial where it took some of several things, which the ``answer`` tells one
    by one. ``transaction``: the one that the command started or ended.

    Passwords, keys and the like are masked. A raw call's contents may hold others: they are shown to administrators
    only."""

    key: int
    station: int
    type: str
    state: CommandState
    status: str | None
    detail: str | None
    request: dict[str, Any]
    answer: dict[str, Any] | None
    transaction: int | None
    created_at: datetime
    expires_at: datetime
    sent_at: datetime | None
    answered_at: datetime | None
    effect_at: datetime | None
    requested_by: str | None


@get("/{station_key:int}/commands", summary="Commands to a station, newest first")
async def list_commands(
    request: ApiRequest,
    page: Paging,
    station_key: StationKey,
    in_state: Annotated[CommandState | None, QueryParameter(name="state")] = None,
) -> PageOf[CommandResource]:
    await known_station(request, station_key)
    query = CommandFilter(tenant=request.tenant, station_key=station_key, state=in_state)
    found = await request.queries.commands(query, page)
    return page_of(found, lambda command: command_resource(command, request.caller.role))


@post("/{station_key:int}/commands", summary="Give a station a command")
async def give_command(
    request: ApiRequest, station_key: StationKey, data: JSONBody[CommandDraft], wait: Wait = 0
) -> Response[CommandResource]:
    """The command is on disk when this answers, as it is after at most ``wait`` seconds; ask for it again to follow it.
    It waits ``lifetime_s`` seconds for a station that is not connected."""
    await known_station(request, station_key)
    asked = await _request_of(request, station_key, data)
    return shown(request, await give(request, station_key, asked, wait, data.lifetime_s))


@get("/{station_key:int}/commands/{command_key:int}", summary="One command, as it is or once it is answered")
async def get_command(
    request: ApiRequest, station_key: StationKey, command_key: CommandKey, wait: Wait = 0
) -> CommandResource:
    command = await request.services.commands.get(request.tenant, station_key, command_key)
    if command is None:
        raise not_found("command")
    return command_resource(await waited(request, command, wait), request.caller.role)


async def give(
    request: ApiRequest, station_key: int, asked: Request, wait_s: float, lifetime_s: float | None = None
) -> Command:
    """Have the caller's command sent: as it is after at most ``wait_s``."""
    command = await request.services.commands.submit(
        request.tenant, station_key, asked, requested_by=request.caller.name, lifetime_s=lifetime_s
    )
    return await waited(request, command, wait_s)


def shown(request: ApiRequest, command: Command) -> Response[CommandResource]:
    """The answer to who gave it."""
    return JsonResponse(command_resource(command, request.caller.role), headers={"Location": location(command)})


async def waited(request: ApiRequest, command: Command, wait_s: float) -> Command:
    """The command once it is answered, or as it is after ``wait_s``."""
    return await request.services.commands.wait(command, wait_s) if wait_s else command


def location(command: Command) -> str:
    return f"/api/v1/stations/{command.station_key}/commands/{command.key}"


def command_resource(command: Command, role: str) -> CommandResource:
    command = fit_to_show(command)
    hidden = command.kind == "RawCall" and not may(role, "administrator")
    return shaped(
        CommandResource,
        command,
        station=command.station_key,
        type=command.kind,
        request={"action": command.request.get("action")} if hidden else command.request,
        answer=None if hidden else command.answer,
        transaction=command.transaction_key,
    )


async def _request_of(request: ApiRequest, station_key: int, draft: CommandDraft) -> Request:
    if isinstance(draft, RequestStopTransactionCommand):
        return RequestStopTransaction(transaction_id=await _wire_id(request, station_key, draft))
    if isinstance(draft, GetTransactionStatusCommand):
        of_all = draft.transaction is None and draft.transaction_id is None
        return GetTransactionStatus(transaction_id=None if of_all else await _wire_id(request, station_key, draft))
    if isinstance(draft, UsePriorityChargingCommand):
        wire_id = await _wire_id(request, station_key, draft)
        return UsePriorityCharging(transaction_id=wire_id, activate=draft.activate)
    if isinstance(draft, CostDraft):
        return await cost_request(request, station_key, draft)
    if isinstance(draft, SendLocalListCommand):
        return await _list_by_hand(request, station_key, draft)
    return draft.request()


async def _list_by_hand(request: ApiRequest, station_key: int, draft: SendLocalListCommand) -> SendLocalList:
    known = await request.queries.local_list(request.tenant, station_key)
    sent = draft.with_version(draft.version or next_version(known, NO_LIST))
    twice = duplicates(sent.entries)
    if twice:
        raise invalid("body.entries", f"{twice[0]} is there more than once")
    if draft.update == "Full" and any(entry.info is None for entry in sent.entries):
        raise invalid("body.entries", "a full list takes nothing off: leave the token out")
    return sent


async def _wire_id(
    request: ApiRequest,
    station_key: int,
    draft: RequestStopTransactionCommand | GetTransactionStatusCommand | UsePriorityChargingCommand,
) -> str:
    if (draft.transaction is None) == (draft.transaction_id is None):
        raise invalid("body.transaction", "give either transaction or transaction_id")
    if draft.transaction is None:
        return str(draft.transaction_id)
    transaction = await request.queries.transaction(request.tenant, draft.transaction)
    if transaction is None or transaction.station_key != station_key:
        raise invalid("body.transaction", "the station has no such transaction")
    return transaction.wire_id


commands_router = Router("/stations", route_handlers=[list_commands, give_command, get_command], tags=["Commands"])
