"""Firmware campaigns: one image to many stations, in waves."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Annotated

import msgspec
from litestar import Response, Router, delete, get, post
from litestar.params import JSONBody, QueryParameter
from msgspec import Meta

from stationmaster.api.firmware.images import FirmwareVersion, Model, Name, Vendor, image_of_body, refused
from stationmaster.api.firmware.updates import ImageKey, Moment, Retries, RetryInterval
from stationmaster.api.http.parameters import MAX_INT64, CampaignKey, Paging, PartyId
from stationmaster.api.http.problems import ProblemError, conflict, invalid, not_found
from stationmaster.api.http.resources import JsonResponse, PageOf, page_of, shaped
from stationmaster.api.http.services import ApiRequest
from stationmaster.csms.firmware.campaigns import NoStations
from stationmaster.csms.firmware.images import ImageRefused
from stationmaster.domain.firmware.campaign import (
    MAX_WAVES,
    Campaign,
    CampaignState,
    MemberState,
    Target,
    Wave,
    WrongState,
)
from stationmaster.domain.firmware.queries import MemberFilter, MemberSeen

Count = Annotated[int, Meta(ge=0, le=1_000_000)]
Seconds = Annotated[int, Meta(ge=0, le=2_592_000)]
InState = Annotated[MemberState | None, QueryParameter(name="state")]


class TargetDraft(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The stations that fit all that is given; nothing: all of the image's vendor and model. ``stations``: keys."""

    stations: (
        Annotated[list[Annotated[int, Meta(ge=1, le=MAX_INT64)]], Meta(min_length=1, max_length=20_000)] | None
    ) = None
    vendor: Vendor | None = None
    model: Model | None = None
    party_id: PartyId | None = None
    from_versions: Annotated[list[FirmwareVersion], Meta(min_length=1, max_length=100)] | None = None


class WaveDraft(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``size`` stations or ``percent`` of all; the last wave takes the rest. When it is done with, the next one waits
    ``soak_s``; the campaign pauses once more than ``max_failures`` of the wave have failed."""

    size: Annotated[int, Meta(ge=1, le=100_000)] | None = None
    percent: Annotated[int, Meta(ge=1, le=100)] | None = None
    soak_s: Seconds = 0
    max_failures: Count = 0


class CampaignDraft(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``parallel``: updates under way at once. ``attempts``: for each station. ``offline_wait_s``: how long a wave
    waits for stations that are not connected."""

    name: Name
    image: ImageKey
    target: TargetDraft = TargetDraft()
    waves: Annotated[list[WaveDraft], Meta(min_length=1, max_length=MAX_WAVES - 5)] = msgspec.field(
        default_factory=lambda: [WaveDraft()]
    )
    parallel: Annotated[int, Meta(ge=1, le=10_000)] = 50
    attempts: Annotated[int, Meta(ge=1, le=10)] = 2
    retries: Retries | None = None
    retry_interval_s: RetryInterval | None = None
    install_at: Moment | None = None
    allow_unsigned: bool = False
    offline_wait_s: Seconds = 3600


class WaveResource(msgspec.Struct, frozen=True, kw_only=True):
    size: int | None
    percent: int | None
    soak_s: int
    max_failures: int


class Progress(msgspec.Struct, frozen=True, kw_only=True):
    """Stations by what became of them. ``failed`` ones were tried and did not get it, ``offline`` ones were not there;
    ``skipped`` ones had it, or have no part in it; ``withdrawn`` ones were not begun with when it was aborted.
    ``not_connected``: those of the waiting ones that hold the wave up, as they are not there."""

    stations: int
    waiting: int
    not_connected: int
    under_way: int
    done: int
    failed: int
    offline: int
    skipped: int
    withdrawn: int


class CampaignResource(msgspec.Struct, frozen=True, kw_only=True):
    """``wave`` counts from 1. ``detail`` says why it paused, or for how many stations that are not connected its wave
    waits, and until when."""

    key: int
    name: str
    image: int
    version: str
    state: CampaignState
    detail: str | None
    wave: int
    waves: tuple[WaveResource, ...]
    progress: Progress
    parallel: int
    attempts: int
    retries: int | None
    retry_interval_s: int | None
    install_at: datetime | None
    allow_unsigned: bool
    offline_wait_s: int
    created_at: datetime
    created_by: str | None
    started_at: datetime | None
    ended_at: datetime | None


class WaveProgress(msgspec.Struct, frozen=True, kw_only=True):
    """A wave, counted from 1, and its stations by what became of them."""

    wave: int
    plan: WaveResource
    progress: Progress


class CampaignStationResource(msgspec.Struct, frozen=True, kw_only=True):
    """``update`` is its last attempt, ``status`` the last that was told of that; ``firmware_version`` is what the
    station runs, as it said itself when it booted last."""

    station: int
    identity: str
    wave: int
    state: MemberState
    attempts: int
    detail: str | None
    update: int | None
    status: str | None
    firmware_version: str | None
    confirmed_at: datetime | None
    updated_at: datetime


def _progress(counts: Mapping[str, int], away: int) -> Progress:
    states = [name for name in Progress.__struct_fields__ if name not in ("stations", "not_connected")]
    return Progress(stations=sum(counts.values()), not_connected=away, **{name: counts.get(name, 0) for name in states})


def _resource(campaign: Campaign, counts: Mapping[str, int], away: int = 0) -> CampaignResource:
    return shaped(
        CampaignResource,
        campaign,
        image=campaign.image.key,
        version=campaign.image.version,
        wave=campaign.wave + 1,
        waves=tuple(shaped(WaveResource, wave) for wave in campaign.waves),
        progress=_progress(counts, away),
    )


def _station(seen: MemberSeen) -> CampaignStationResource:
    member, update = seen.member, seen.update
    return shaped(
        CampaignStationResource,
        member,
        station=member.station_key,
        identity=seen.identity,
        wave=member.wave + 1,
        update=member.update_key,
        status=None if update is None else update.status,
        firmware_version=seen.firmware_version,
        confirmed_at=None if update is None else update.confirmed_at,
    )


@get("/", summary="Firmware campaigns, newest first")
async def list_campaigns(
    request: ApiRequest,
    page: Paging,
    in_state: Annotated[CampaignState | None, QueryParameter(name="state")] = None,
) -> PageOf[CampaignResource]:
    found = await request.queries.campaigns(request.tenant, page, in_state)
    counts = await request.queries.campaign_counts([campaign.key for campaign in found.items])
    away = await request.queries.campaign_away(found.items)
    return page_of(found, lambda campaign: _resource(campaign, dict(counts[campaign.key]), away.get(campaign.key, 0)))


@post("/", summary="Draw up a firmware campaign")
async def create_campaign(request: ApiRequest, data: JSONBody[CampaignDraft]) -> Response[CampaignResource]:
    """A draft, with the stations drawn into its waves, those first that are connected now; nothing is sent before it
    is started."""
    image = await image_of_body(request, data.image)
    fields = {name: getattr(data, name) for name in data.__struct_fields__ if name not in ("image", "target", "waves")}
    try:
        campaign, stations = await request.services.firmware.campaigns.create(
            request.tenant,
            image,
            _target(data.target),
            waves=_waves(data.waves),
            created_by=request.caller.name,
            **fields,
        )
    except ImageRefused as error:
        raise refused(error) from None
    except NoStations as error:
        raise invalid("body.target", str(error)) from None
    where = f"/api/v1/firmware-campaigns/{campaign.key}"
    return JsonResponse(_resource(campaign, {"waiting": stations}), headers={"Location": where})


def _target(draft: TargetDraft) -> Target:
    return Target(
        stations=None if draft.stations is None else frozenset(draft.stations),
        vendor=draft.vendor,
        model=draft.model,
        party_id=draft.party_id,
        from_versions=None if draft.from_versions is None else frozenset(draft.from_versions),
    )


def _waves(drafts: list[WaveDraft]) -> tuple[Wave, ...]:
    for number, draft in enumerate(drafts[:-1]):
        if (draft.size is None) == (draft.percent is None):
            raise invalid(f"body.waves[{number}]", "give either size or percent; only the last wave takes the rest")
    return tuple(shaped(Wave, draft) for draft in drafts)


@get("/{campaign_key:int}", summary="One firmware campaign and how far it is")
async def get_campaign(request: ApiRequest, campaign_key: CampaignKey) -> CampaignResource:
    return await _shown(request, await _known(request, campaign_key))


@delete("/{campaign_key:int}", summary="Throw a draft away")
async def delete_campaign(request: ApiRequest, campaign_key: CampaignKey) -> None:
    campaign = await _known(request, campaign_key)
    try:
        await request.services.firmware.campaigns.remove(campaign)
    except WrongState as error:
        raise _wrong(error) from None


@get("/{campaign_key:int}/waves", summary="How far each wave of a campaign is")
async def list_campaign_waves(request: ApiRequest, campaign_key: CampaignKey) -> PageOf[WaveProgress]:
    campaign = await _known(request, campaign_key)
    counts = await request.queries.campaign_wave_counts(campaign.key)
    away = (await request.queries.campaign_away([campaign])).get(campaign.key, 0)
    waves = [
        WaveProgress(
            wave=number + 1,
            plan=shaped(WaveResource, wave),
            progress=_progress(counts.get(number, {}), away if number == campaign.wave else 0),
        )
        for number, wave in enumerate(campaign.waves)
    ]
    return PageOf(tuple(waves), None)


@get("/{campaign_key:int}/stations", summary="What became of each station, in the order they were drawn")
async def list_campaign_stations(
    request: ApiRequest,
    page: Paging,
    campaign_key: CampaignKey,
    in_state: InState = None,
    wave: Annotated[int | None, QueryParameter(ge=1, le=MAX_WAVES, description="Counted from 1.")] = None,
) -> PageOf[CampaignStationResource]:
    campaign = await _known(request, campaign_key)
    query = MemberFilter(
        tenant=request.tenant, campaign_key=campaign.key, state=in_state, wave=None if wave is None else wave - 1
    )
    return page_of(await request.queries.campaign_members(query, page), _station)


@post("/{campaign_key:int}/start", summary="Start a draft", status_code=200)
async def start_campaign(request: ApiRequest, campaign_key: CampaignKey) -> CampaignResource:
    """Stations that run the version already, or are in another campaign, are skipped."""
    return await _turned(request, campaign_key, request.services.firmware.campaigns.begin)


@post("/{campaign_key:int}/pause", summary="Begin no more updates for now", status_code=200)
async def pause_campaign(request: ApiRequest, campaign_key: CampaignKey) -> CampaignResource:
    """Those that are under way go on."""
    return await _turned(request, campaign_key, request.services.firmware.campaigns.pause)


@post("/{campaign_key:int}/resume", summary="Go on with a campaign that paused", status_code=200)
async def resume_campaign(request: ApiRequest, campaign_key: CampaignKey) -> CampaignResource:
    """The failures that this wave has had are borne from now on."""
    return await _turned(request, campaign_key, request.services.firmware.campaigns.resume)


@post("/{campaign_key:int}/abort", summary="Begin no more updates, ever", status_code=200)
async def abort_campaign(request: ApiRequest, campaign_key: CampaignKey) -> CampaignResource:
    """What was sent cannot be called back: it is followed to its end, and stands in the report."""
    return await _turned(request, campaign_key, request.services.firmware.campaigns.abort)


@post("/{campaign_key:int}/retry", summary="Try those once more that failed or were offline", status_code=200)
async def retry_campaign(request: ApiRequest, campaign_key: CampaignKey) -> CampaignResource:
    """They come in a wave of their own at the end."""
    return await _turned(request, campaign_key, request.services.firmware.campaigns.retry)


async def _turned(request: ApiRequest, key: int, turn: Callable[[Campaign], Awaitable[Campaign]]) -> CampaignResource:
    campaign = await _known(request, key)
    try:
        return await _shown(request, await turn(campaign))
    except WrongState as error:
        raise _wrong(error) from None


async def _known(request: ApiRequest, key: int) -> Campaign:
    campaign = await request.queries.campaign(request.tenant, key)
    if campaign is None:
        raise not_found("campaign")
    return campaign


async def _shown(request: ApiRequest, campaign: Campaign) -> CampaignResource:
    counts = await request.queries.campaign_counts([campaign.key])
    away = await request.queries.campaign_away([campaign])
    return _resource(campaign, dict(counts[campaign.key]), away.get(campaign.key, 0))


def _wrong(error: WrongState) -> ProblemError:
    return conflict("campaign-state", f"{str(error)[:1].upper()}{str(error)[1:]}.")


firmware_campaigns_router = Router(
    "/firmware-campaigns",
    route_handlers=[
        list_campaigns,
        create_campaign,
        get_campaign,
        delete_campaign,
        list_campaign_waves,
        list_campaign_stations,
        start_campaign,
        pause_campaign,
        resume_campaign,
        abort_campaign,
        retry_campaign,
    ],
    tags=["Firmware"],
)
