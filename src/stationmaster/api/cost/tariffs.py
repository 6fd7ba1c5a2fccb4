"""Tariffs, their versions, to whom and where they apply."""

from datetime import datetime
from typing import Annotated, Any

import msgspec
from litestar import Response, Router, delete, get, post, put
from litestar.params import JSONBody, PathParameter, QueryParameter
from msgspec import Meta

from stationmaster.api.cost.tariff_shapes import (
    Moment,
    Name,
    TariffDraft,
    TariffResource,
    TariffTerms,
    Word,
    tariff_resource,
)
from stationmaster.api.http.numbers import check_numbers
from stationmaster.api.http.parameters import MAX_INT32, MAX_INT64
from stationmaster.api.http.problems import FieldError, ProblemError, conflict, invalid, not_found
from stationmaster.api.http.resources import JsonResponse, PageOf, shaped
from stationmaster.api.http.services import ApiRequest
from stationmaster.csms.cost.billing import audience_of
from stationmaster.csms.cost.tariff_desk import NotPossible, NotValid
from stationmaster.domain.cost.price_text import price_text
from stationmaster.domain.cost.tariff import Tariff
from stationmaster.domain.cost.tariff_choice import Assignment, Audience, Candidate, Place
from stationmaster.domain.identity import IdToken

TariffName = Annotated[str, PathParameter(max_length=40)]
AssignmentKey = Annotated[int, PathParameter(ge=1, le=MAX_INT64)]
Key = Annotated[int, Meta(ge=1, le=MAX_INT64)]
Id = Annotated[int, Meta(ge=1, le=MAX_INT32)]
Short = Annotated[str, Meta(min_length=1, max_length=255)]
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
    key: int
    tariff: str
    site: str | None
    station: int | None
    evse_id: int | None
    connector_id: int | None
    token: int | None
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


@get("/", summary="Tariffs, by name, each as its newest version says")
async def list_tariffs(request: ApiRequest) -> PageOf[TariffResource]:
    desk = request.services.tariffs
    names = sorted({tariff.name for tariff in desk.book.content(request.tenant).tariffs})
    newest = [desk.newest(request.tenant, name) for name in names]
    return PageOf(tuple(tariff_resource(each) for each in newest if each is not None), None)


@post("/", summary="Make a tariff")
async def create_tariff(request: ApiRequest, data: JSONBody[TariffDraft]) -> Response[TariffResource]:
    """It is used once it is assigned. From a tenant's first tariff on its transactions have bills."""
    desk, by = request.services.tariffs, request.caller.name
    check_numbers(data)
    try:
        tariff = await desk.create(request.tenant, data.name, data.valid_from, by, data.fields())
    except (NotPossible, NotValid) as error:
        raise refused(error) from None
    return JsonResponse(tariff_resource(tariff), headers={"Location": f"/api/v1/tariffs/{tariff.name}"})


@get("/{name:str}", summary="The newest version of a tariff")
async def get_tariff(request: ApiRequest, name: TariffName) -> TariffResource:
    return tariff_resource(_known(request, name)[0])


@put("/{name:str}", summary="Make a new version of a tariff")
async def change_tariff(request: ApiRequest, name: TariffName, data: JSONBody[TariffTerms]) -> TariffResource:
    """All of it anew. The older version holds until this one's ``valid_from``, and for what began before it."""
    desk, by = request.services.tariffs, request.caller.name
    check_numbers(data)
    try:
        return tariff_resource(await desk.change(request.tenant, name, data.valid_from, by, data.fields()))
    except LookupError:
        raise not_found("tariff") from None
    except (NotPossible, NotValid) as error:
        raise refused(error) from None


@get("/{name:str}/versions", summary="All versions of a tariff, newest first")
async def list_tariff_versions(request: ApiRequest, name: TariffName) -> PageOf[TariffResource]:
    return PageOf(tuple(map(tariff_resource, _known(request, name))), None)


@get("/", summary="Assignments of tariffs, newest first")
async def list_tariff_assignments(request: ApiRequest) -> PageOf[AssignmentResource]:
    found = request.services.tariffs.book.content(request.tenant).assignments
    return PageOf(tuple(_assignment(each) for each in reversed(found)), None)


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
    return JsonResponse(_assignment(assignment), headers={"Location": where})


@delete("/{assignment_key:int}", summary="Withdraw an assignment", status_code=200)
async def withdraw_tariff_assignment(
    request: ApiRequest, assignment_key: AssignmentKey, at: At = None
) -> AssignmentResource:
    """From now on, or from ``at`` on: sessions that began before keep their price."""
    desk = request.services.tariffs
    assignment = desk.assignment(request.tenant, assignment_key)
    if assignment is None:
        raise not_found("assignment")
    try:
        return _assignment(await desk.withdraw(assignment, _zoned(at)))
    except NotPossible as error:
        raise refused(error) from None


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
    return _choice(place, choice.why, tariff, book.candidates(tenant, place, audience, moment))


async def _audience(request: ApiRequest, value: str | None, kind: str | None) -> Audience:
    if value is None:
        return Audience(ad_hoc=True)
    id_token = IdToken(value, kind)
    return audience_of(id_token, await request.queries.find_token(request.tenant, id_token))


def _choice(place: Place, why: str, tariff: Tariff | None, found: tuple[Candidate, ...]) -> ChoiceResource:
    return ChoiceResource(
        tariff=tariff.name if tariff else None,
        version=tariff.version if tariff else None,
        tariff_key=tariff.key if tariff else None,
        why=why,
        price_text=price_text(tariff) if tariff else None,
        zone=place.zone,
        site=place.site,
        candidates=tuple(
            CandidateResource(assignment=_assignment(each.assignment), why_not=each.why_not) for each in found
        ),
    )


def refused(error: NotPossible | NotValid) -> ProblemError:
    """What the desk says, as a problem: 409 where it does not fit, 422 with the places where it is not valid."""
    if isinstance(error, NotPossible):
        return conflict(f"tariff-{error.kind}", str(error))
    errors = [FieldError(f"body.{each.path}", each.why) for each in error.problems]
    return ProblemError(422, "The request is not valid.", errors=errors)


def _zoned(at: datetime | None) -> datetime | None:
    if at is not None and at.tzinfo is None:
        raise invalid("query.at", "a time needs its zone, such as Z")
    return at


def _known(request: ApiRequest, name: str) -> tuple[Tariff, ...]:
    versions = request.services.tariffs.versions(request.tenant, name)
    if not versions:
        raise not_found("tariff")
    return versions


def _assignment(assignment: Assignment) -> AssignmentResource:
    return shaped(AssignmentResource, assignment, station=assignment.station_key, token=assignment.token_key)


tariffs_router = Router(
    "/tariffs",
    route_handlers=[list_tariffs, create_tariff, get_tariff, change_tariff, list_tariff_versions],
    tags=["Tariffs"],
)
tariff_assignments_router = Router(
    "/tariff-assignments",
    route_handlers=[list_tariff_assignments, create_tariff_assignment, withdraw_tariff_assignment],
    tags=["Tariffs"],
)
tariff_choice_router = Router("/tariff-choice", route_handlers=[choose_tariff], tags=["Tariffs"])
