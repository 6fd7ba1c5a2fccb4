"""Reservations: asking a station to keep a place, changing and cancelling that, and what became of it."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Annotated

import msgspec
from litestar import Response, Router, get, patch, post
from litestar.params import JSONBody, PathParameter, QueryParameter
from msgspec import Meta

from stationmaster.api.authorization.token_judging import check_accepted
from stationmaster.api.authorization.tokens import Expiry, Group
from stationmaster.api.commands.command_drafts import IdTokenDraft
from stationmaster.api.commands.commands import give
from stationmaster.api.http.csv_stream import CsvOrJson, csv_list, wants_csv
from stationmaster.api.http.parameters import (
    MAX_INT32,
    MAX_INT64,
    ConnectorId,
    Counting,
    OfStation,
    Paging,
    StationKey,
    Wait,
    Within,
)
from stationmaster.api.http.problems import conflict, invalid, not_found
from stationmaster.api.http.resources import CountedPageOf, JsonResponse, PageOf, page_of, shaped
from stationmaster.api.http.services import ApiRequest
from stationmaster.api.stations import known_station
from stationmaster.csms.blocks.reservation import clash
from stationmaster.domain.command import Command
from stationmaster.domain.identity import Evse, IdToken
from stationmaster.domain.queries import PageRequest
from stationmaster.domain.reservation.reservations import (
    CancelReservation,
    Reservation,
    ReservationFilter,
    ReservationState,
    ReserveNow,
    concluded,
    wish_of,
)

ReservationKey = Annotated[int, PathParameter(ge=1, le=MAX_INT64, description="The key of its first command, too.")]
NamedEvse = Annotated[int, Meta(ge=1, le=MAX_INT32)]
Minutes = Annotated[int, Meta(ge=1, le=10_080)]
ConnectorType = Annotated[str, Meta(min_length=1, max_length=20, examples=["cCCS2"])]


class ReservationDraft(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Until ``expires_at``, or for so many ``minutes`` from now. Without ``evse_id``: whichever is free, with
    ``connector_type`` one that has such a connector (OCPP 2.0.1, 2.1). ``group``: its other tokens may use it too."""

    id_token: IdTokenDraft
    expires_at: Expiry | None = None
    minutes: Minutes | None = None
    evse_id: NamedEvse | None = None
    connector_id: ConnectorId | None = None
    connector_type: ConnectorType | None = None
    group: Group | None = None
    lifetime_s: Annotated[int, Meta(ge=1, le=86_400)] | None = None


class ReservationChange(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is not named stays as it is."""

    id_token: IdTokenDraft | None = None
    expires_at: Expiry | None = None
    minutes: Minutes | None = None
    evse_id: NamedEvse | None = None


class ReservationResource(msgspec.Struct, frozen=True, kw_only=True):
    """``state`` goes queued, asked, then active, refused (with the station's ``status`` for it), failed or unknown; it
    ends as used (by ``transaction``), cancelled, expired, removed (by the station) or no_transaction. ``inferred``: the
    station did not tell of the end, it was seen from something else. ``changing``: a change waits for its answer.
    ``command``: the newest one that asked for it; in the answer to a change or to cancelling, the one that does that.
    ``replaced``: how often it was changed. ``is_open``: it can still be changed or cancelled."""

    key: int
    station: int
    station_identity: str | None
    reservation_id: int
    state: ReservationState
    is_open: bool
    status: str | None
    reason: str | None
    token: str
    token_type: str | None
    group: str | None
    evse_id: int | None
    connector_id: int | None
    connector_type: str | None
    expires_at: datetime
    asked_at: datetime
    changed_at: datetime
    transaction: int | None
    inferred: bool
    changing: bool
    replaced: int
    command: int
    requested_by: str | None


@post("/{station_key:int}/reservations", summary="Have a station keep a place for a token")
async def reserve(
    request: ApiRequest, station_key: StationKey, data: JSONBody[ReservationDraft], wait: Wait = 0
) -> Response[ReservationResource]:
    """The token must be accepted. The reservation is on disk when this answers, as it is after at most ``wait``
    seconds."""
    await known_station(request, station_key)
    if data.evse_id is not None and data.connector_type is not None:
        raise invalid("body.connector_type", "give either evse_id or connector_type")
    if data.connector_id is not None and data.evse_id is None:
        raise invalid("body.connector_id", "a connector belongs to an EVSE")
    asked = ReserveNow(
        id_token=IdToken(data.id_token.value, data.id_token.type),
        expires_at=_end(request, data.expires_at, data.minutes),
        group=None if data.group is None else IdToken(data.group, "Central"),
        evse=None if data.evse_id is None else Evse(data.evse_id, data.connector_id),
        connector_type=data.connector_type,
    )
    await _check(request, station_key, asked, None)
    command = await give(request, station_key, asked, wait, data.lifetime_s)
    reservation = await _settled(request, await _known(request, command.key))
    where = f"/api/v1/reservations/{reservation.key}"
    return JsonResponse(await _resource(request, reservation), headers={"Location": where})


@get("/", summary="Reservations, newest first, as JSON or CSV")
async def list_reservations(  # noqa: PLR0913, PLR0917 - each is a parameter of the query
    request: ApiRequest,
    page: Paging,
    within: Within,
    station: OfStation = None,
    in_state: Annotated[ReservationState | None, QueryParameter(name="state")] = None,
    is_open: Annotated[bool | None, QueryParameter(name="open", description="Not over yet.")] = None,
    token: Annotated[str | None, QueryParameter(max_length=255, description="Value of the token.")] = None,
    count: Counting = False,
    wanted_format: CsvOrJson = None,
) -> Response[CountedPageOf[ReservationResource]]:
    query = ReservationFilter(
        tenant=request.tenant,
        station_key=station,
        state=in_state,
        open=is_open,
        token=token,
        from_at=within.from_at,
        to_at=within.to_at,
    )
    if wants_csv(request, wanted_format):
        return csv_list("reservations", ReservationResource, lambda each: _page(request, query, each))
    found = await _page(request, query, page)
    total = await request.queries.reservation_count(query) if count else None
    return JsonResponse(CountedPageOf(found.items, found.next_cursor, total))


async def _page(request: ApiRequest, query: ReservationFilter, page: PageRequest) -> PageOf[ReservationResource]:
    found = await request.queries.reservations(query, page)
    stations = {each.station_key for each in found.items}
    identities = await request.queries.station_identities(request.tenant, stations)
    return page_of(found, lambda reservation: _of(reservation, identities))


@get("/{reservation_key:int}", summary="One reservation")
async def get_reservation(request: ApiRequest, reservation_key: ReservationKey) -> ReservationResource:
    return await _resource(request, await _settled(request, await _known(request, reservation_key)))


@patch("/{reservation_key:int}", summary="Change a reservation that is not over")
async def change_reservation(
    request: ApiRequest, reservation_key: ReservationKey, data: JSONBody[ReservationChange], wait: Wait = 0
) -> ReservationResource:
    """The station is asked once more with the same reservationId (H01.FR.02); if it refuses, nothing has changed."""
    known = await _going_on(request, reservation_key)
    before = known.wish
    given = data.expires_at is not None or data.minutes is not None
    named = data.evse_id is not None
    asked = ReserveNow(
        reservation_id=known.reservation_id,
        id_token=before.id_token if data.id_token is None else IdToken(data.id_token.value, data.id_token.type),
        expires_at=_end(request, data.expires_at, data.minutes) if given else before.expires_at,
        group=before.group,
        evse=Evse(data.evse_id) if data.evse_id is not None else _place(known),
        connector_type=None if named else before.connector_type,
    )
    await _check(request, known.station_key, asked, known)
    command = await give(request, known.station_key, asked, wait)
    return await _after(request, reservation_key, command)


@post("/{reservation_key:int}/cancel", summary="Cancel a reservation", status_code=200)
async def cancel_reservation(
    request: ApiRequest, reservation_key: ReservationKey, wait: Wait = 0
) -> ReservationResource:
    known = await _going_on(request, reservation_key)
    command = await give(request, known.station_key, CancelReservation(reservation_id=known.reservation_id), wait)
    return await _after(request, reservation_key, command)


def _end(request: ApiRequest, expires_at: datetime | None, minutes: int | None) -> datetime:
    if (expires_at is None) == (minutes is None):
        raise invalid("body.expires_at", "give either expires_at or minutes")
    now = request.services.clock.now()
    if expires_at is not None and expires_at <= now:
        raise invalid("body.expires_at", "this is over already")
    return expires_at or now + timedelta(minutes=minutes or 0)


async def _check(request: ApiRequest, station_key: int, asked: ReserveNow, itself: Reservation | None) -> None:
    """Refuse at once what is known to fail. Two at the same time are told apart in the station's lane."""
    await check_accepted(request, station_key, asked.id_token)
    held = await request.queries.open_reservations(station_key)
    others = [each for each in held if itself is None or each.key != itself.key]
    taken = clash(wish_of(asked), others)
    if taken is not None:
        raise conflict("place-reserved", f"Reservation {taken.key} holds this place already.")


async def _known(request: ApiRequest, key: int) -> Reservation:
    found = await request.queries.reservation(request.tenant, key)
    if found is None:
        raise not_found("reservation")
    return found


async def _settled(request: ApiRequest, reservation: Reservation) -> Reservation:
    """As it is once its command is known to have failed, though that is not written yet."""
    if reservation.state not in ("queued", "asked") and reservation.change is None:
        return reservation
    services = request.services
    command = await services.commands.get(request.tenant, reservation.station_key, reservation.command)
    return reservation if command is None else concluded(reservation, command, services.clock.now()) or reservation


async def _going_on(request: ApiRequest, key: int) -> Reservation:
    known = await _settled(request, await _known(request, key))
    if not _may_change(known):
        raise conflict("reservation-over", f"The reservation is over: {known.state}.")
    return known


def _may_change(reservation: Reservation) -> bool:
    return reservation.is_open or reservation.state == "queued"


def _place(reservation: Reservation) -> Evse | None:
    wish = reservation.wish
    return None if wish.evse_id is None else Evse(wish.evse_id, wish.connector_id)


async def _after(request: ApiRequest, key: int, command: Command) -> ReservationResource:
    """As it is once a command about it was given, which may be on its way still."""
    shown = await _resource(request, await _settled(request, await _known(request, key)))
    return msgspec.structs.replace(shown, command=command.key)


async def _resource(request: ApiRequest, reservation: Reservation) -> ReservationResource:
    identities = await request.queries.station_identities(request.tenant, (reservation.station_key,))
    return _of(reservation, identities)


def _of(reservation: Reservation, identities: Mapping[int, str]) -> ReservationResource:
    wish = reservation.wish
    return shaped(
        ReservationResource,
        reservation,
        station=reservation.station_key,
        station_identity=identities.get(reservation.station_key),
        is_open=_may_change(reservation),
        token=wish.id_token.value,
        token_type=wish.id_token.type,
        group=None if wish.group is None else wish.group.value,
        evse_id=wish.evse_id,
        connector_id=wish.connector_id,
        connector_type=wish.connector_type,
        expires_at=wish.expires_at,
        transaction=reservation.transaction_key,
        changing=reservation.change is not None,
    )


station_reservations_router = Router("/stations", route_handlers=[reserve], tags=["Reservations"])
reservations_router = Router(
    "/reservations",
    route_handlers=[list_reservations, get_reservation, change_reservation, cancel_reservation],
    tags=["Reservations"],
)
