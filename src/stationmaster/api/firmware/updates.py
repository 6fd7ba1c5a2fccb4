"""Firmware updates of single stations, and images that local controllers publish."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

import msgspec
from litestar import Response, Router, delete, get, post
from litestar.params import JSONBody, QueryParameter
from msgspec import Meta

from stationmaster.api.firmware.images import image_of_body, refused
from stationmaster.api.http.parameters import (
    MAX_INT64,
    FirmwareUpdateKey,
    OfStation,
    Paging,
    PublicationKey,
    StationKey,
)
from stationmaster.api.http.problems import not_found
from stationmaster.api.http.resources import JsonResponse, PageOf, page_of, shaped
from stationmaster.api.http.services import ApiRequest
from stationmaster.api.stations import known_station
from stationmaster.csms.firmware.desk import UpdateWish
from stationmaster.csms.firmware.images import ImageRefused
from stationmaster.domain.firmware.queries import UpdateFilter
from stationmaster.domain.firmware.updates import FirmwareUpdate, Publication, PublicationState, UpdateState, opened
from stationmaster.domain.firmware.updates import UpdateFirmware as UpdateFirmwareRequest
from stationmaster.domain.queries import PageRequest

Moment = Annotated[datetime, Meta(tz=True)]
ImageKey = Annotated[int, Meta(ge=1, le=MAX_INT64, description="Key of a firmware image.")]
Retries = Annotated[int, Meta(ge=0, le=100, description="After the first attempt; null: as the station will.")]
RetryInterval = Annotated[int, Meta(ge=0, le=86_400, description="Seconds")]
Lifetime = Annotated[
    int, Meta(ge=1, le=86_400, description="Seconds that it waits for a station that is not connected.")
]
OfCampaign = Annotated[int | None, QueryParameter(name="campaign", ge=1, le=MAX_INT64)]
InState = Annotated[UpdateState | None, QueryParameter(name="state")]


class FirmwareUpdateDraft(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``retrieve_at`` null: at once; ``install_at`` null: as soon as it can be. ``allow_unsigned``: send an image that
    is not signed, or by a message of 1.6 that carries no signature."""

    image: ImageKey
    retrieve_at: Moment | None = None
    install_at: Moment | None = None
    retries: Retries | None = None
    retry_interval_s: RetryInterval | None = None
    allow_unsigned: bool = False
    lifetime_s: Lifetime | None = None


class FirmwareUpdateResource(msgspec.Struct, frozen=True, kw_only=True):
    """``state``: queued, requested, accepted, under_way, then installed, failed, rejected, superseded by a newer one,
    expired (never sent), unsupported by the station's version, unanswered, silent, or wrong_version: it said Installed
    and booted with another. ``status``: the last that was told. ``confirmed_at``: when a BootNotification showed the
    image's version. ``signed`` false: sent without its signature. The key is its command's, too."""

    key: int
    station: int
    station_identity: str | None
    image: int | None
    campaign: int | None
    request_id: int | None
    state: UpdateState
    status: str | None
    detail: str | None
    version: str | None
    from_version: str | None
    signed: bool | None
    created_at: datetime
    requested_at: datetime | None
    updated_at: datetime
    confirmed_at: datetime | None
    ended_at: datetime | None


class StatusEntry(msgspec.Struct, frozen=True, kw_only=True):
    """``in_order`` false: it does not follow from the status before it."""

    at: datetime
    status: str
    in_order: bool
    info: str | None


class FirmwareUpdateAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """An update and all that was told of it, oldest first."""

    update: FirmwareUpdateResource
    statuses: tuple[StatusEntry, ...]


class PublicationDraft(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The station must be a local controller (L03)."""

    image: ImageKey
    retries: Retries | None = None
    retry_interval_s: RetryInterval | None = None


class PublicationResource(msgspec.Struct, frozen=True, kw_only=True):
    """``locations``: where the local controller's stations can fetch it, once it is published."""

    key: int
    station: int
    image: int | None
    request_id: int
    checksum: str
    state: PublicationState
    status: str | None
    detail: str | None
    locations: tuple[str, ...]
    created_at: datetime
    updated_at: datetime


class Unpublishing(msgspec.Struct, frozen=True, kw_only=True):
    """The command that asks the local controller to offer the image no more; its status says what became of it."""

    command: int


async def _resources(request: ApiRequest, updates: Sequence[FirmwareUpdate]) -> list[FirmwareUpdateResource]:
    """With what their stations are called: asked once for a page."""
    identities = await request.queries.station_identities(request.tenant, {each.station_key for each in updates})
    return [_resource(each, identities.get(each.station_key)) for each in updates]


async def _listed(request: ApiRequest, query: UpdateFilter, page: PageRequest) -> PageOf[FirmwareUpdateResource]:
    found = await request.queries.firmware_updates(query, page)
    return PageOf(tuple(await _resources(request, found.items)), found.next_cursor)


def _resource(update: FirmwareUpdate, identity: str | None) -> FirmwareUpdateResource:
    return shaped(
        FirmwareUpdateResource,
        update,
        station_identity=identity,
        station=update.station_key,
        image=update.image_key,
        campaign=update.campaign_key,
    )


def _publication(publication: Publication) -> PublicationResource:
    return shaped(PublicationResource, publication, station=publication.station_key, image=publication.image_key)


@get("/", summary="Firmware updates of all stations, newest first")
async def list_firmware_updates(
    request: ApiRequest,
    page: Paging,
    station: OfStation = None,
    campaign: OfCampaign = None,
    in_state: InState = None,
) -> PageOf[FirmwareUpdateResource]:
    query = UpdateFilter(tenant=request.tenant, station_key=station, campaign_key=campaign, state=in_state)
    return await _listed(request, query, page)


@get("/{station_key:int}/firmware-updates", summary="A station's firmware updates, newest first")
async def list_station_firmware_updates(
    request: ApiRequest, page: Paging, station_key: StationKey, in_state: InState = None
) -> PageOf[FirmwareUpdateResource]:
    await known_station(request, station_key)
    query = UpdateFilter(tenant=request.tenant, station_key=station_key, state=in_state)
    return await _listed(request, query, page)


@post("/{station_key:int}/firmware-updates", summary="Update a station's firmware")
async def update_firmware(
    request: ApiRequest, station_key: StationKey, data: JSONBody[FirmwareUpdateDraft]
) -> Response[FirmwareUpdateResource]:
    """Asked again while an earlier one is under way, it is sent all the same: the station cancels the earlier one, or
    rejects this one. An image that is not signed is refused with 409 unless ``allow_unsigned`` is said."""
    station = await known_station(request, station_key)
    image = await image_of_body(request, data.image)
    wish = UpdateWish(
        retrieve_at=data.retrieve_at,
        install_at=data.install_at,
        retries=data.retries,
        retry_interval_s=data.retry_interval_s,
        allow_unsigned=data.allow_unsigned,
    )
    try:
        command = await request.services.firmware.update(
            station, image, wish, requested_by=request.caller.name, lifetime_s=data.lifetime_s
        )
    except ImageRefused as error:
        raise refused(error) from None
    stored = await request.queries.firmware_update(request.tenant, command.key)
    asked = msgspec.convert(command.request, UpdateFirmwareRequest)
    update = stored or opened(
        asked, key=command.key, tenant=request.tenant, station_key=station_key, at=command.created_at
    )
    where = f"/api/v1/stations/{station_key}/firmware-updates/{command.key}"
    return JsonResponse(_resource(update, station.identity), headers={"Location": where})


@get("/{station_key:int}/firmware-updates/{update_key:int}", summary="One firmware update, and what was told of it")
async def get_firmware_update(
    request: ApiRequest, station_key: StationKey, update_key: FirmwareUpdateKey
) -> FirmwareUpdateAnswer:
    update = await request.queries.firmware_update(request.tenant, update_key)
    if update is None or update.station_key != station_key:
        raise not_found("firmware update")
    told = await request.queries.firmware_statuses(update_key)
    (resource,) = await _resources(request, [update])
    return FirmwareUpdateAnswer(update=resource, statuses=tuple(shaped(StatusEntry, record) for record in told))


@get("/{station_key:int}/publications", summary="Images that a local controller was asked to publish, newest first")
async def list_publications(request: ApiRequest, page: Paging, station_key: StationKey) -> PageOf[PublicationResource]:
    await known_station(request, station_key)
    return page_of(await request.queries.publications(request.tenant, station_key, page), _publication)


@post("/{station_key:int}/publications", summary="Have a local controller publish an image")
async def publish_firmware(
    request: ApiRequest, station_key: StationKey, data: JSONBody[PublicationDraft]
) -> PublicationResource:
    station = await known_station(request, station_key)
    image = await image_of_body(request, data.image)
    try:
        command = await request.services.firmware.publish(
            station,
            image,
            retries=data.retries,
            retry_interval_s=data.retry_interval_s,
            requested_by=request.caller.name,
        )
    except ImageRefused as error:
        raise refused(error) from None
    return _publication(await _known_publication(request, station_key, command.key))


@delete(
    "/{station_key:int}/publications/{publication_key:int}",
    summary="Have a local controller publish an image no more",
    status_code=201,
)
async def unpublish_firmware(
    request: ApiRequest, station_key: StationKey, publication_key: PublicationKey
) -> Unpublishing:
    station = await known_station(request, station_key)
    publication = await _known_publication(request, station_key, publication_key)
    command = await request.services.firmware.unpublish(station, publication.checksum, request.caller.name)
    return Unpublishing(command=command.key)


async def _known_publication(request: ApiRequest, station_key: int, key: int) -> Publication:
    publication = await request.queries.publication(request.tenant, key)
    if publication is None or publication.station_key != station_key:
        raise not_found("publication")
    return publication


firmware_updates_router = Router("/firmware-updates", route_handlers=[list_firmware_updates], tags=["Firmware"])
station_firmware_router = Router(
    "/stations",
    route_handlers=[
        list_station_firmware_updates,
        update_firmware,
        get_firmware_update,
        list_publications,
        publish_firmware,
        unpublish_firmware,
    ],
    tags=["Firmware"],
)
