"""A tariff tried out, and its price shown at stations."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Annotated, Literal

import msgspec
from litestar import Router, post
from litestar.params import JSONBody, PathParameter
from msgspec import Meta

from stationmaster.api.cost.bill_shapes import ContentResource, content_resource
from stationmaster.api.cost.tariff_shapes import Moment
from stationmaster.api.http.numbers import check_numbers
from stationmaster.api.http.parameters import MAX_INT32, MAX_INT64
from stationmaster.api.http.problems import FieldError, ProblemError, invalid, not_found
from stationmaster.api.http.services import ApiRequest
from stationmaster.csms.cost.price_publication import Price, Unpublished
from stationmaster.domain.cost.price_text import price_text
from stationmaster.domain.cost.tariff import EvseKind, Tariff
from stationmaster.domain.cost.tariff_preview import MadeUp, Step, faults
from stationmaster.domain.messages import ChargingState

MOST_STEPS = 500
MOST_STATIONS = 1000
TariffName = Annotated[str, PathParameter(max_length=40)]
Key = Annotated[int, Meta(ge=1, le=MAX_INT64)]
ShortText = Annotated[str, Meta(min_length=1, max_length=255)]
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


class PublishDraft(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where: one of ``stations``, ``site`` and ``all``. ``evse_id``: at one EVSE alone, which needs OCPP 2.1.
    ``offline_text`` is shown while nobody can say what a driver would pay (1.6), ``total_text`` where the total cannot
    be told in the end (2.x)."""

    stations: Annotated[tuple[Key, ...], Meta(min_length=1, max_length=MOST_STATIONS)] | None = None
    site: ShortText | None = None
    all: Literal[True] | None = None
    evse_id: Annotated[int, Meta(ge=1, le=MAX_INT32)] | None = None
    offline_text: ShortText | None = None
    total_text: ShortText | None = None


class PublishedResource(msgspec.Struct, frozen=True, kw_only=True):
    """``commands``: the keys of those by which the station is told, which go on by themselves. ``unsupported``: why it
    cannot be told."""

    station: int
    station_identity: str | None
    commands: tuple[int, ...]
    unsupported: str | None


class PricePublicationResource(msgspec.Struct, frozen=True, kw_only=True):
    tariff: str
    version: int
    stations: tuple[PublishedResource, ...]


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


@post("/{name:str}/publish", summary="Show a tariff's price at stations", status_code=200)
async def publish_tariff(
    request: ApiRequest, name: TariffName, data: JSONBody[PublishDraft]
) -> PricePublicationResource:
    """To everybody, before a card: at each station by whatever its version has for it. Who pays by it is another
    thing: that goes by assignments. A station that is away is told if it comes back soon."""
    tariff, prices = _version(request, name, None), request.services.prices
    price = Price(tariff=tariff, evse_id=data.evse_id or 0, offline_text=data.offline_text, total_text=data.total_text)
    told, keys = [], _stations(request, data)
    identities = await _identities(request, keys)
    for key in keys:
        try:
            commands, why = await prices.publish(request.tenant, key, price, request.caller.name), None
        except Unpublished as unpublished:
            commands, why = (), str(unpublished)
        except LookupError:
            raise invalid("body.stations", f"there is no station {key}") from None
        told.append(
            PublishedResource(station=key, station_identity=identities.get(key), commands=commands, unsupported=why)
        )
    return PricePublicationResource(tariff=tariff.name, version=tariff.version, stations=tuple(told))


async def _identities(request: ApiRequest, keys: Sequence[int]) -> dict[int, str]:
    found: dict[int, str] = {}
    for at in range(0, len(keys), MOST_STATIONS):
        found |= await request.queries.station_identities(request.tenant, keys[at : at + MOST_STATIONS])
    return found


def _stations(request: ApiRequest, data: PublishDraft) -> tuple[int, ...]:
    """Raises a ProblemError of 422."""
    given = [each for each in (data.stations, data.site, data.all) if each is not None]
    if len(given) != 1:
        raise invalid("body", "give one of stations, site and all")
    prices, tenant = request.services.prices, request.tenant
    known = prices.stations_of(tenant)
    if data.stations is not None:
        unknown = sorted(set(data.stations) - set(known))
        if unknown:
            raise invalid("body.stations", f"there is no station {unknown[0]}")
        return tuple(dict.fromkeys(data.stations))
    if data.site is None:
        return known
    if all(site.name != data.site for site in request.services.tariffs.book.content(tenant).sites):
        raise invalid("body.site", "there is no such site")
    return prices.stations_of(tenant, data.site)


def _version(request: ApiRequest, name: str, version: int | None) -> Tariff:
    versions = request.services.tariffs.versions(request.tenant, name)
    if not versions:
        raise not_found("tariff")
    found = versions[0] if version is None else next((each for each in versions if each.version == version), None)
    if found is None:
        raise invalid("body.version", "the tariff has no such version")
    return found


tariff_prices_router = Router("/tariffs", route_handlers=[preview_tariff, publish_tariff], tags=["Tariffs"])
