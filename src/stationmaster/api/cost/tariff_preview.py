"""A tariff tried out."""

from decimal import Decimal
from typing import Annotated

import msgspec
from litestar import Router, post
from litestar.params import JSONBody, PathParameter
from msgspec import Meta

from stationmaster.api.cost.bill_shapes import ContentResource, content_resource
from stationmaster.api.cost.tariff_shapes import Moment
from stationmaster.api.http.numbers import check_numbers
from stationmaster.api.http.parameters import MAX_INT32
from stationmaster.api.http.problems import FieldError, ProblemError, invalid, not_found
from stationmaster.api.http.services import ApiRequest
from stationmaster.domain.cost.price_text import price_text
from stationmaster.domain.cost.tariff import EvseKind, Tariff
from stationmaster.domain.cost.tariff_preview import MadeUp, Step, faults
from stationmaster.domain.messages import ChargingState

MOST_STEPS = 500
TariffName = Annotated[str, PathParameter(max_length=40)]
Zone = Annotated[str, Meta(min_length=1, max_length=64, examples=["Europe/Berlin"])]


class StepDraft(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """From ``at`` on: the energy used by then, the state, the power drawn; what is left out stays as it was."""

    at: Moment
    energy_wh: Decimal | None = None
    state: ChargingState | None = None
    power_w: Decimal | None = None


class PreviewDraft(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A session that nobody charged in. It uses ``energy_wh`` evenly from its start to ``idle_from`` (or to its end),
    unless ``steps`` say otherwise, which come in the order of time. ``version``: of the tariff, the newest where it is
    left out, whether it is valid yet or not. ``zone``: of the clock on the wall, UTC where it is left out."""

    start: Moment
    end: Moment
    energy_wh: Decimal = Decimal(0)
    idle_from: Moment | None = None
    steps: Annotated[tuple[StepDraft, ...], Meta(max_length=MOST_STEPS)] = ()
    reserved_from: Moment | None = None
    unplugged_at: Moment | None = None
    evse_kind: EvseKind | None = None
    zone: Zone | None = None
    version: Annotated[int, Meta(ge=1, le=MAX_INT32)] | None = None


class PreviewResource(msgspec.Struct, frozen=True, kw_only=True):
    """What the session would be billed, and what a driver would read of the price before it."""

    tariff: str
    version: int
    price_text: str
    content: ContentResource


@post("/{name:str}/preview", summary="What a tariff would cost", status_code=200)
async def preview_tariff(request: ApiRequest, name: TariffName, data: JSONBody[PreviewDraft]) -> PreviewResource:
    """By the same rules as a bill is made, for a session that is made up. Nothing is stored."""
    check_numbers(data)
    tariff = _version(request, name, data.version)
    given = {field: getattr(data, field) for field in MadeUp.__struct_fields__ if field != "steps"}
    made_up = MadeUp(
        **given,
        steps=tuple(
            Step(at=each.at, energy_wh=each.energy_wh, state=each.state, power_w=each.power_w) for each in data.steps
        ),
    )
    found = [FieldError(f"body.{path}", why) for path, why in faults(made_up)]
    if found:
        raise ProblemError(422, "The request is not valid.", errors=found)
    try:
        content = await request.services.prices.preview(tariff, made_up)
    except LookupError as error:
        raise invalid("body.zone", str(error)) from None
    return PreviewResource(
        tariff=tariff.name,
        version=tariff.version,
        price_text=price_text(tariff),
        content=content_resource(content),
    )


def _version(request: ApiRequest, name: str, version: int | None) -> Tariff:
    versions = request.services.tariffs.versions(request.tenant, name)
    if not versions:
        raise not_found("tariff")
    found = versions[0] if version is None else next((each for each in versions if each.version == version), None)
    if found is None:
        raise invalid("body.version", "the tariff has no such version")
    return found


tariff_preview_router = Router("/tariffs", route_handlers=[preview_tariff], tags=["Tariffs"])
