"""A tariff's price shown at stations, and what each of them made of that."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Literal

import msgspec
from litestar import Router, get, post
from litestar.params import JSONBody, PathParameter
from msgspec import Meta

from stationmaster.api.http.parameters import MAX_INT32, MAX_INT64, Paging
from stationmaster.api.http.problems import invalid, not_found
from stationmaster.api.http.resources import PageOf, page_of, shaped
from stationmaster.api.http.services import ApiRequest
from stationmaster.csms.cost.price_publication import Price
from stationmaster.domain.command import CommandState
from stationmaster.domain.cost.publications import PublicationProgress
from stationmaster.domain.cost.tariff import Tariff

MOST_STATIONS = 1000
TariffName = Annotated[str, PathParameter(max_length=40)]
Key = Annotated[int, Meta(ge=1, le=MAX_INT64)]
ShortText = Annotated[str, Meta(min_length=1, max_length=255)]


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
    """``commands``: the keys of those by which the station is told, which go on by themselves; ``states``: theirs, in
    the same order, null: no longer kept. ``unsupported``: why it cannot be told."""

    station: int
    station_identity: str | None
    commands: tuple[int, ...]
    states: tuple[CommandState | None, ...]
    unsupported: str | None


class PricePublicationResource(msgspec.Struct, frozen=True, kw_only=True):
    """``progress``: how many commands are in which state, as of now; "forgotten": no longer kept. ``partial``: of how
    many that are accepted the station took a part only."""

    key: int
    tariff: str
    version: int
    at: datetime
    published_by: str
    progress: dict[str, int]
    partial: int
    stations: tuple[PublishedResource, ...]


@post("/{name:str}/publish", summary="Show a tariff's price at stations", status_code=200)
async def publish_tariff(
    request: ApiRequest, name: TariffName, data: JSONBody[PublishDraft]
) -> PricePublicationResource:
    """To everybody, before a card: at each station by whatever its version has for it. Who pays by it is another
    thing: that goes by assignments. A station that is away is told if it comes back soon. The tariff's publications
    tell what became of it."""
    tariff = _tariff(request, name)
    price = Price(tariff=tariff, evse_id=data.evse_id or 0, offline_text=data.offline_text, total_text=data.total_text)
    stations = _stations(request, data)
    try:
        published = await request.services.prices.publish(request.tenant, stations, price, request.caller.name)
    except LookupError as error:
        raise invalid("body.stations", f"there is no station {error}") from None
    given: dict[int, CommandState] = {key: "queued" for told in published.stations for key in told.commands}
    progress = PublicationProgress(published=published, states=given)
    return _resource(progress, await _identities(request, [progress]))


@get("/{name:str}/publications", summary="When a tariff's price was shown, and what became of it, newest first")
async def list_price_publications(
    request: ApiRequest, name: TariffName, page: Paging
) -> PageOf[PricePublicationResource]:
    _tariff(request, name)
    found = await request.queries.price_publications(request.tenant, name, page)
    identities = await _identities(request, found.items)
    return page_of(found, lambda progress: _resource(progress, identities))


def _resource(progress: PublicationProgress, identities: Mapping[int, str]) -> PricePublicationResource:
    published, states = progress.published, progress.states
    stations = tuple(
        PublishedResource(
            station=told.station_key,
            station_identity=identities.get(told.station_key),
            commands=told.commands,
            states=tuple(states.get(key) for key in told.commands),
            unsupported=told.unsupported,
        )
        for told in published.stations
    )
    counts = Counter(state or "forgotten" for each in stations for state in each.states)
    return shaped(
        PricePublicationResource, published, progress=dict(counts), partial=progress.partial, stations=stations
    )


async def _identities(request: ApiRequest, shown: Sequence[PublicationProgress]) -> Mapping[int, str]:
    keys = sorted({told.station_key for each in shown for told in each.published.stations})
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


def _tariff(request: ApiRequest, name: str) -> Tariff:
    """As its newest version says."""
    found = request.services.tariffs.newest(request.tenant, name)
    if found is None:
        raise not_found("tariff")
    return found


price_publications_router = Router(
    "/tariffs", route_handlers=[publish_tariff, list_price_publications], tags=["Tariffs"]
)
