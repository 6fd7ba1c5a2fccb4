"""Tariffs and their versions."""

from collections.abc import Iterator
from typing import Annotated

from litestar import Response, Router, get, post, put
from litestar.params import JSONBody, PathParameter

from stationmaster.api.cost.tariff_shapes import TariffDraft, TariffResource, TariffTerms, tariff_resource
from stationmaster.api.http.numbers import check_numbers
from stationmaster.api.http.parameters import Paging, Text
from stationmaster.api.http.problems import FieldError, ProblemError, conflict, not_found
from stationmaster.api.http.resources import JsonResponse, PageOf
from stationmaster.api.http.services import ApiRequest
from stationmaster.csms.cost.tariff_desk import NotPossible, NotValid
from stationmaster.domain.cost.tariff import Tariff
from stationmaster.domain.cost.tariff_choice import in_time
from stationmaster.domain.queries import InvalidCursor

TariffName = Annotated[str, PathParameter(max_length=40)]


@get("/", summary="Tariffs, by name, each as its newest version says")
async def list_tariffs(request: ApiRequest, page: Paging, text: Text = None) -> PageOf[TariffResource]:
    """``text``: some part of the name."""
    names = sorted({tariff.name for tariff in request.services.tariffs.book.content(request.tenant).tariffs})
    if page.cursor is not None and page.cursor not in names:
        raise InvalidCursor("not a cursor of this list")
    wanted = (text or "").casefold()
    left = [name for name in names if name > (page.cursor or "") and wanted in name.casefold()]
    found = tuple(next(_resources(request, name)) for name in left[: page.limit])
    return PageOf(found, left[page.limit - 1] if len(left) > page.limit else None)


@post("/", summary="Make a tariff")
async def create_tariff(request: ApiRequest, data: JSONBody[TariffDraft]) -> Response[TariffResource]:
    """It is used once it is assigned. From a tenant's first tariff on its transactions have bills."""
    desk, by = request.services.tariffs, request.caller.name
    check_numbers(data)
    try:
        tariff = await desk.create(request.tenant, data.name, data.valid_from, by, data.fields())
    except (NotPossible, NotValid) as error:
        raise refused(error) from None
    return JsonResponse(next(_resources(request, tariff.name)), headers={"Location": f"/api/v1/tariffs/{tariff.name}"})


@get("/{name:str}", summary="The newest version of a tariff")
async def get_tariff(request: ApiRequest, name: TariffName) -> TariffResource:
    _known(request, name)
    return next(_resources(request, name))


@put("/{name:str}", summary="Make a new version of a tariff")
async def change_tariff(request: ApiRequest, name: TariffName, data: JSONBody[TariffTerms]) -> TariffResource:
    """All of it anew. The older version holds until this one's ``valid_from``, and for what began before it."""
    desk, by = request.services.tariffs, request.caller.name
    check_numbers(data)
    try:
        await desk.change(request.tenant, name, data.valid_from, by, data.fields())
    except LookupError:
        raise not_found("tariff") from None
    except (NotPossible, NotValid) as error:
        raise refused(error) from None
    return next(_resources(request, name))


@get("/{name:str}/versions", summary="All versions of a tariff, newest first")
async def list_tariff_versions(request: ApiRequest, name: TariffName) -> PageOf[TariffResource]:
    _known(request, name)
    return PageOf(tuple(_resources(request, name)), None)


def refused(error: NotPossible | NotValid) -> ProblemError:
    """What the desk says, as a problem: 409 where it does not fit, 422 with the places where it is not valid."""
    if isinstance(error, NotPossible):
        return conflict(f"tariff-{error.kind}", str(error))
    errors = [FieldError(f"body.{each.path}", each.why) for each in error.problems]
    return ProblemError(422, "The request is not valid.", errors=errors)


def _known(request: ApiRequest, name: str) -> tuple[Tariff, ...]:
    versions = request.services.tariffs.versions(request.tenant, name)
    if not versions:
        raise not_found("tariff")
    return versions


def _resources(request: ApiRequest, name: str) -> Iterator[TariffResource]:
    """The versions of a tariff, newest first."""
    desk, now = request.services.tariffs, request.services.clock.now()
    versions, assigned = desk.versions(request.tenant, name), desk.book.content(request.tenant).assignments
    going_on = [each for each in assigned if each.tariff == name and in_time(each, now) != "ended"]
    return (tariff_resource(each, versions, going_on, now) for each in versions)


tariffs_router = Router(
    "/tariffs",
    route_handlers=[list_tariffs, create_tariff, get_tariff, change_tariff, list_tariff_versions],
    tags=["Tariffs"],
)
