"""DER control: what is wanted of a station's inverter, what the station says of it, and its alarms."""

from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
from litestar import Response, Router, delete, get, post, put
from litestar.params import JSONBody, PathParameter, QueryParameter
from msgspec import Meta

from stationmaster.api.commands.commands import CommandResource, command_resource, location, waited
from stationmaster.api.http.parameters import Paging, StationKey, Wait
from stationmaster.api.http.problems import invalid, not_found
from stationmaster.api.http.resources import JsonResponse, PageOf, page_of, shaped
from stationmaster.api.http.services import ApiRequest
from stationmaster.api.stations import known_station
from stationmaster.domain.der.controls import (
    MAX_ID,
    SETTING_OF,
    ClearDERControl,
    GetDERControl,
    KnownControl,
    KnownState,
    Malformed,
    SetDERControl,
    StoredAlarm,
    control_of,
)
from stationmaster.domain.messages import Request
from stationmaster.domain.queries import MAX_PAGE, PageRequest

ControlId = Annotated[str, PathParameter(min_length=1, max_length=MAX_ID, pattern=r"^[\x20-\x7e]+$")]
ControlType = Annotated[str, Meta(min_length=1, max_length=40, examples=["LimitMaxDischarge"])]


class DERControlDraft(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``settings`` has the one member of SetDERControlRequest that the type takes, in its own shape: ``curve``,
    ``fixedPFAbsorb``, ``fixedPFInject``, ``fixedVar``, ``freqDroop``, ``limitMaxDischarge``, ``enterService`` or
    ``gradient``. A control that is no default has startTime and duration in it."""

    control_type: ControlType
    is_default: bool
    settings: dict[str, dict[str, Any]]


class DERControlResource(msgspec.Struct, frozen=True, kw_only=True):
    """``desired``: set from here and not cleared. ``state``: sent, rejected, waiting (the station has it), active,
    superseded, ended, or missing from the station's last whole report. ``reported_at``: when the station last told of
    it."""

    id: str
    control_type: str
    is_default: bool
    state: KnownState
    desired: bool
    changed_at: datetime
    reported_at: datetime | None
    priority: int
    starts_at: datetime | None
    ends_at: datetime | None
    setting: dict[str, Any]


class DERAlarmResource(msgspec.Struct, frozen=True, kw_only=True):
    """``started_at`` and ``ended_at`` are the station's times; null: it holds on."""

    key: int
    control_type: str
    fault: str | None
    started_at: datetime
    received_at: datetime
    ended_at: datetime | None
    extra: str | None


@get("/{station_key:int}/der-controls", summary="The DER controls of a station, wanted and reported")
async def list_der_controls(request: ApiRequest, page: Paging, station_key: StationKey) -> PageOf[DERControlResource]:
    """Ask the station with a POST to ``der-controls/refresh``."""
    await known_station(request, station_key)
    return page_of(await request.queries.der_controls(request.tenant, station_key, page), _control_resource)


@put("/{station_key:int}/der-controls/{control_id:str}", status_code=201, summary="Have a station take a DER control")
async def set_der_control(
    request: ApiRequest,
    station_key: StationKey,
    control_id: ControlId,
    data: JSONBody[DERControlDraft],
    wait: Wait = 0,
) -> Response[CommandResource]:
    """The answer is the command; what has become of the control stands in the list."""
    await known_station(request, station_key)
    if data.control_type not in SETTING_OF:
        raise invalid("body.control_type", f"one of {', '.join(SETTING_OF)}")
    asked = SetDERControl(
        id=control_id, type=data.control_type, is_default=data.is_default, settings=dict(data.settings)
    )
    try:
        control_of(asked)
    except Malformed as malformed:
        raise invalid("body.settings", str(malformed)) from None
    return await _asked(request, station_key, asked, wait)


@post("/{station_key:int}/der-controls/refresh", summary="Ask a station which DER controls it has")
async def refresh_der_controls(
    request: ApiRequest, station_key: StationKey, wait: Wait = 0
) -> Response[CommandResource]:
    """Its report follows the command's answer."""
    await known_station(request, station_key)
    return await _asked(request, station_key, GetDERControl(), wait)


@delete(
    "/{station_key:int}/der-controls/{control_id:str}", status_code=201, summary="Have a station clear a DER control"
)
async def clear_der_control(
    request: ApiRequest, station_key: StationKey, control_id: ControlId, wait: Wait = 0
) -> Response[CommandResource]:
    await known_station(request, station_key)
    found = await request.queries.der_controls(request.tenant, station_key, PageRequest(limit=MAX_PAGE))
    known = next((each.control for each in found.items if each.control.id == control_id), None)
    if known is None:
        raise not_found("DER control")
    return await _asked(request, station_key, ClearDERControl(is_default=known.is_default, id=known.id), wait)


@delete("/{station_key:int}/der-controls", status_code=201, summary="Have a station clear DER controls")
async def clear_der_controls(
    request: ApiRequest,
    station_key: StationKey,
    kind: Annotated[Literal["default", "scheduled"], QueryParameter(description="Which of them go.")],
    control_type: Annotated[str | None, QueryParameter(max_length=40, description="Only those of this type.")] = None,
    wait: Wait = 0,
) -> Response[CommandResource]:
    await known_station(request, station_key)
    return await _asked(request, station_key, ClearDERControl(is_default=kind == "default", type=control_type), wait)


@get("/{station_key:int}/der-alarms", summary="Alarms of a station's inverter, newest first")
async def list_der_alarms(
    request: ApiRequest,
    page: Paging,
    station_key: StationKey,
    open_only: Annotated[bool, QueryParameter(name="open", description="Only those that hold on.")] = False,
) -> PageOf[DERAlarmResource]:
    await known_station(request, station_key)
    found = await request.queries.der_alarms(request.tenant, station_key, page, open_only=open_only)
    return page_of(found, _alarm_resource)


async def _asked(request: ApiRequest, station_key: int, asked: Request, wait_s: float) -> Response[CommandResource]:
    command = await request.services.commands.submit(
        request.tenant, station_key, asked, requested_by=request.caller.name
    )
    command = await waited(request, command, wait_s)
    return JsonResponse(command_resource(command, request.caller.role), headers={"Location": location(command)})


def _control_resource(known: KnownControl) -> DERControlResource:
    control = known.control
    return shaped(
        DERControlResource,
        known,
        id=control.id,
        control_type=control.type,
        is_default=control.is_default,
        priority=control.priority,
        starts_at=control.starts_at,
        ends_at=control.ends_at,
        setting=control.setting,
    )


def _alarm_resource(stored: StoredAlarm) -> DERAlarmResource:
    return shaped(DERAlarmResource, stored.alarm, key=stored.key, control_type=stored.alarm.type)


_OF_A_STATION: list[Any] = [
    list_der_controls,
    set_der_control,
    refresh_der_controls,
    clear_der_control,
    clear_der_controls,
    list_der_alarms,
]
der_router = Router("/stations", route_handlers=_OF_A_STATION, tags=["DER control"])
