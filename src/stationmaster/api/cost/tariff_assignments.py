"""To whom and where tariffs apply, and which one does."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any

import msgspec
from litestar import Response, Router, delete, get, post
from litestar.params import FromQuery, JSONBody, PathParameter, QueryParameter
from msgspec import Meta

from stationmaster.api.cost.tariff_shapes import Moment, Name, Word
from stationmaster.api.cost.tariffs import refused
from stationmaster.api.http.parameters import MAX_INT32, MAX_INT64, Paging
from stationmaster.api.http.problems import invalid, not_found
from stationmaster.api.http.resources import JsonResponse, PageOf, shaped
from stationmaster.api.http.services import ApiRequest
from stationmaster.csms.cost.billing import audience_of
from stationmaster.csms.cost.tariff_desk import NotPossible, NotValid
from stationmaster.domain.cost.price_text import price_text
from stationmaster.domain.cost.tariff import Tariff
from stationmaster.domain.cost.tariff_choice import Assignment, Audience, InTime, Place, for_whom, in_time
from stationmaster.domain.identity import IdToken
from stationmaster.domain.queries import InvalidCursor

AssignmentKey = Annotated[int, PathParameter(ge=1, le=MAX_INT64)]
Key = Annotated[int, Meta(ge=1, le=MAX_INT64)]
Id = Annotated[int, Meta(ge=1, le=MAX_INT32)]
Short = Annotated[str, Meta(min_length=1, max_length=255)]
_AT_ONCE = 500
"""Assignments whose stations and tokens are looked up together."""
At = Annotated[datetime | None, QueryParameter(name="at", description="Now where it is left out.")]


class AssignmentDraft(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who pays by a tariff, and where: whatever is given must fit. ``ad_hoc``: drivers without a token that is known.

    Of several that fit, the one of higher ``priority`` holds; then the one for fewer people; then for fewer places.
    """

    tariff: Name
    site: Short | None = None
    station: Key | None = None
    evse_id: Id | None = None
    connector_id: Id | None = None
    token: Key | None = None
    group: Short | None = None
    contract_id: Short | None = None
    party_id: Short | None = None
    token_type: Word | None = None
    ad_hoc: bool | None = None
    priority: Annotated[int, Meta(ge=-1000, le=1000)] = 0
    from_at: Moment | None = None
    to_at: Moment | None = None


class AssignmentResource(msgspec.Struct, frozen=True, kw_only=True):
    """``state``: whether a session that starts now may go by it. ``text``: for whom and where, in words.
    ``token_value`` is null where the token is gone."""

    key: int
    tariff: str
    state: InTime
    text: str
    site: str | None
    station: int | None
    station_identity: str | None
    evse_id: int | None
    connector_id: int | None
    token: int | None
    token_value: str | None
    group: str | None
    contract_id: str | None
    party_id: str | None
    token_type: str | None
    ad_hoc: bool | None
    priority: int
    from_at: datetime
    to_at: datetime | None
    withdrawn_at: datetime | None


class CandidateResource(msgspec.Struct, frozen=True, kw_only=True):
    """``why_not`` is empty where the assignment would do; the first of those is the one that holds."""

    assignment: AssignmentResource
    why_not: str


class ChoiceResource(msgspec.Struct, frozen=True, kw_only=True):
    """``tariff`` null: none applies, and the bill of such a session is held."""

    tariff: str | None
    version: int | None
    tariff_key: int | None
    why: str
    price_text: str | None
    zone: str
    site: str | None
    candidates: tuple[CandidateResource, ...]


@get("/", summary="Assignments of tariffs, newest first")
async def list_tariff_assignments(
    request: ApiRequest,
    page: Paging,
    tariff: Annotated[str | None, QueryParameter(max_length=40)] = None,
    ended: FromQuery[bool | None] = None,
) -> PageOf[AssignmentResource]:
    """``ended`` false: those that hold now, or will."""
    found, now = request.services.tariffs.book.content(request.tenant).assignments, request.services.clock.now()
    if page.cursor is not None and page.cursor not in {str(each.key) for each in found}:
        raise InvalidCursor("not a cursor of this list")
    left = [
        each
        for each in sorted(found, key=lambda each: -each.key)
        if (page.cursor is None or each.key < int(page.cursor))
        and tariff in (None, each.tariff)
        and ended in (None, in_time(each, now) == "ended")
    ]
    shown = await _assignments(request, left[: page.limit])
    return PageOf(tuple(shown.values()), str(left[page.limit - 1].key) if len(left) > page.limit else None)


@post("/", summary="Assign a tariff")
async def create_tariff_assignment(
    request: ApiRequest, data: JSONBody[AssignmentDraft]
) -> Response[AssignmentResource]:
    """From now on or later, never back: what was billed wrongly is corrected bill by bill."""
    given = {name: getattr(data, name) for name in data.__struct_fields__ if name not in ("station", "token")}
    fields: dict[str, Any] = {**given, "station_key": data.station, "token_key": data.token}
    if data.station is not None and await request.queries.station(request.tenant, data.station) is None:
        raise invalid("body.station", "there is no such station")
    if data.token is not None and await request.queries.token(request.tenant, data.token) is None:
        raise invalid("body.token", "there is no such token")
    try:
        assignment = await request.services.tariffs.assign(request.tenant, fields)
    except NotValid as error:
        raise refused(error) from None
    where = f"/api/v1/tariff-assignments/{assignment.key}"
    return JsonResponse(await _one(request, assignment), headers={"Location": where})


@delete("/{assignment_key:int}", summary="Withdraw an assignment", status_code=200)
async def withdraw_tariff_assignment(
    request: ApiRequest, assignment_key: AssignmentKey, at: At = None
) -> AssignmentResource:
    """From now on, or from ``at`` on: sessions that began before keep their price."""
    try:
        withdrawn = await request.services.tariffs.withdraw(request.tenant, assignment_key, _zoned(at))
    except LookupError:
        raise not_found("assignment") from None
    except NotPossible as error:
        raise refused(error) from None
    return await _one(request, withdrawn)


@get("/", summary="Which tariff applies to a session, and why no other")
async def choose_tariff(
    request: ApiRequest,
    station: Annotated[int, QueryParameter(ge=1, le=MAX_INT64, description="Key of a station.")],
    evse_id: Annotated[int, QueryParameter(ge=1, le=MAX_INT32)] = 1,
    connector_id: Annotated[int | None, QueryParameter(ge=1, le=MAX_INT32)] = None,
    token: Annotated[
        str | None, QueryParameter(max_length=255, description="Value of a token; none: nobody's.")
    ] = None,
    token_type: Annotated[str | None, QueryParameter(max_length=20)] = None,
    at: At = None,
) -> ChoiceResource:
    """For one that starts at ``at``, as things stand."""
    if await request.queries.station(request.tenant, station) is None:
        raise invalid("query.station", "there is no such station")
    book, tenant = request.services.tariffs.book, request.tenant
    place, _ = book.place(tenant, station, evse_id, connector_id)
    audience = await _audience(request, token, token_type)
    moment = _zoned(at) or request.services.clock.now()
    choice = book.choose(tenant, place, audience, moment)
    tariff = book.tariff(tenant, choice.tariff_key)
    found = [(each.assignment, each.why_not) for each in book.candidates(tenant, place, audience, moment)]
    shown = await _assignments(request, [assignment for assignment, _ in found])
    candidates = [CandidateResource(assignment=shown[each.key], why_not=why_not) for each, why_not in found]
    return _choice(place, choice.why, tariff, candidates)


async def _audience(request: ApiRequest, value: str | None, kind: str | None) -> Audience:
    if value is None:
        return Audience(ad_hoc=True)
    id_token = IdToken(value, kind)
    return audience_of(id_token, await request.queries.find_token(request.tenant, id_token))


def _choice(place: Place, why: str, tariff: Tariff | None, candidates: Iterable[CandidateResource]) -> ChoiceResource:
    return ChoiceResource(
        tariff=tariff.name if tariff else None,
        version=tariff.version if tariff else None,
        tariff_key=tariff.key if tariff else None,
        why=why,
        price_text=price_text(tariff) if tariff else None,
        zone=place.zone,
        site=place.site,
        candidates=tuple(candidates),
    )


def _zoned(at: datetime | None) -> datetime | None:
    if at is not None and at.tzinfo is None:
        raise invalid("query.at", "a time needs its zone, such as Z")
    return at


async def _one(request: ApiRequest, assignment: Assignment) -> AssignmentResource:
    return (await _assignments(request, [assignment]))[assignment.key]


async def _assignments(request: ApiRequest, found: Sequence[Assignment]) -> dict[int, AssignmentResource]:
    """As clients read them, by key, in their order."""
    shown: dict[int, AssignmentResource] = {}
    for at in range(0, len(found), _AT_ONCE):
        some = found[at : at + _AT_ONCE]
        identities = await request.queries.station_identities(request.tenant, _keys(each.station_key for each in some))
        values = await request.queries.token_values(request.tenant, _keys(each.token_key for each in some))
        now = request.services.clock.now()
        shown |= {each.key: _assignment(each, now, identities, values) for each in some}
    return shown


def _keys(given: Iterable[int | None]) -> set[int]:
    return {key for key in given if key is not None}


def _assignment(
    assignment: Assignment, now: datetime, identities: Mapping[int, str], values: Mapping[int, str]
) -> AssignmentResource:
    station, token = assignment.station_key, assignment.token_key
    return shaped(
        AssignmentResource,
        assignment,
        state=in_time(assignment, now),
        text=for_whom(assignment),
        station=station,
        station_identity=None if station is None else identities.get(station),
        token=token,
        token_value=None if token is None else values.get(token),
    )


tariff_assignments_router = Router(
    "/tariff-assignments",
    route_handlers=[list_tariff_assignments, create_tariff_assignment, withdraw_tariff_assignment],
    tags=["Tariffs"],
)
tariff_choice_router = Router("/tariff-choice", route_handlers=[choose_tariff], tags=["Tariffs"])
