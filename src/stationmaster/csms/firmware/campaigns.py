"""Runs firmware campaigns: does what ``domain.firmware.campaign.plan`` says, whenever something has happened or time
has passed.

A station's place in a campaign, its update and its command are committed together, so a crash repeats nothing; after
a start all that is not over is gone on with. One node runs campaigns.
"""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from typing import Any

import msgspec
import structlog

from stationmaster.clock.timeouts import within
from stationmaster.csms import subjects
from stationmaster.csms.background import Background, kept_up
from stationmaster.csms.commands.commands import CommandDesk
from stationmaster.csms.firmware.images import sendable
from stationmaster.csms.ports import Bus, Clock, Store
from stationmaster.domain.failures import StorageFailed
from stationmaster.domain.firmware.campaign import (
    Campaign,
    CampaignRemoved,
    Member,
    Target,
    WrongState,
    aborted,
    drawn,
    paused,
    plan,
    resumed,
    retried,
    started,
)
from stationmaster.domain.firmware.images import FirmwareImage
from stationmaster.domain.firmware.queries import CampaignLoad
from stationmaster.domain.firmware.updates import CampaignPlace, Firmware, UpdateFirmware
from stationmaster.domain.records import Event
from stationmaster.domain.station import Station

log = structlog.get_logger(__name__)

CHANGED = "CampaignChanged"
TICK_S = 15.0
"""How often time alone is looked at: soaking, and stations that are waited for."""
IDLE_S = 300.0
"""The same where no campaign is under way: one that starts is told of."""
GATHER_S = 0.5
"""What happens within this time is looked at together."""
_WAKING = ("FirmwareStatusChanged", "StationConnected", CHANGED)


class NoStations(Exception):
    """A target that cannot be met; the text is for an operator."""


class Campaigns:
    """The desk of campaigns and their runner: one after the other, so that neither undoes the other's work."""

    def __init__(self, store: Store, bus: Bus, clock: Clock, commands: CommandDesk) -> None:
        self._store = store
        self._bus = bus
        self._clock = clock
        self._commands = commands
        self._lock = asyncio.Lock()
        self._news = asyncio.Event()

    # What an operator does ────────────────────────────────────────────────────────────────────────────────────────

    async def create(self, tenant: str, image: FirmwareImage, target: Target, **fields: Any) -> tuple[Campaign, int]:
        """A draft with the target's stations drawn into its waves, and how many those are.

        Raises ImageRefused, and NoStations where the target has none, or names one that is not there.
        """
        named = sendable(image, allow_unsigned=bool(fields.get("allow_unsigned")))
        now = self._clock.now()
        campaign = Campaign(key=self._store.keys.take(), tenant=tenant, image=named, created_at=now, **fields)
        known = [station for station in await self._store.reads.all_stations() if station.tenant == tenant]
        missing = (target.stations or frozenset()) - {station.key for station in known}
        if missing:
            raise NoStations(f"there is no station {min(missing)}")
        chosen = [s.key for s in known if target.takes(s) and (target.stations is not None or _is_for(image, s))]
        if not chosen:
            raise NoStations("the target takes no station")
        connected = {station.key for station in known if station.is_connected}
        await self._save(campaign, drawn(campaign, chosen, now, connected), "created")
        return campaign, len(chosen)

    async def begin(self, campaign: Campaign) -> Campaign:
        """Raises WrongState. Stations that have the version, or are in another campaign, are skipped."""
        async with self._lock:
            load = await self._load(campaign)
            begun = started(load.campaign, self._clock.now())
            await self._save(begun, await self._skipped(load, begun), "started")
        return begun

    async def pause(self, campaign: Campaign) -> Campaign:
        """Raises WrongState."""
        async with self._lock:
            load = await self._load(campaign)
            return await self._save(paused(load.campaign, "by an operator"), (), "paused")

    async def resume(self, campaign: Campaign) -> Campaign:
        """Raises WrongState."""
        async with self._lock:
            load = await self._load(campaign)
            return await self._save(resumed(load.campaign, load.members, self._clock.now()), (), "resumed")

    async def abort(self, campaign: Campaign) -> Campaign:
        """Raises WrongState."""
        async with self._lock:
            load = await self._load(campaign)
            ended, withdrawn = aborted(load.campaign, load.members, self._clock.now())
            return await self._save(ended, withdrawn, "aborted")

    async def retry(self, campaign: Campaign) -> Campaign:
        """Raises WrongState."""
        async with self._lock:
            load = await self._load(campaign)
            again, members = retried(load.campaign, load.members, self._clock.now())
            return await self._save(again, members, "retried")

    async def remove(self, campaign: Campaign) -> None:
        """A draft. Raises WrongState."""
        async with self._lock:
            load = await self._load(campaign)
            if load.campaign.state != "draft":
                raise WrongState(f"the campaign is {load.campaign.state}; only a draft can be thrown away")
            removed = CampaignRemoved(tenant=campaign.tenant, key=campaign.key)
            await self._store.journal.store([removed], [self._event(load.campaign, "removed")])

    # Running ──────────────────────────────────────────────────────────────────────────────────────────────────────

    def start(self, background: Background) -> None:
        """Until the background ends."""
        for kind in _WAKING:
            background.start(kept_up(partial(self._listen, kind), self._clock))
        background.start(kept_up(self._run, self._clock))

    async def _listen(self, kind: str) -> None:
        async for _ in self._bus.subscribe(subjects.events(kind)):
            self._news.set()

    async def _run(self) -> None:
        while True:
            self._news.clear()
            under_way = await self._store.reads.campaigns_to_follow()
            for key in under_way:
                try:
                    async with self._lock:
                        await self._step(key)
                except StorageFailed as failed:
                    log.error("campaign not gone on with", campaign=key, reason=str(failed))
            with suppress(TimeoutError):
                await within(self._clock, TICK_S if under_way else IDLE_S, self._news.wait())
            await self._clock.sleep(GATHER_S)

    async def _step(self, key: int) -> None:
        load = await self._store.reads.campaign_load(key)
        if load is None:
            return
        done = plan(load.campaign, load.members, load.updates, load.connected, self._clock.now())
        if done.changed or done.campaign is not load.campaign:
            what = done.campaign.state if done.campaign.state != load.campaign.state else "progress"
            await self._save(done.campaign, done.changed, what)
        if not done.start:
            return
        image = await self._store.reads.firmware_image(load.campaign.tenant, load.campaign.image.key)
        if image is None or image.state != "ready":
            await self._save(paused(done.campaign, "its image is gone"), (), "paused")
            return
        for member in done.start:
            await self._send(done.campaign, member, image)

    async def _send(self, campaign: Campaign, member: Member, image: FirmwareImage) -> None:
        firmware = Firmware(
            retrieve_at=self._clock.now(),
            install_at=campaign.install_at,
            signature=image.signature,
            signing_certificate=image.signing_certificate,
        )
        request = UpdateFirmware(
            firmware=firmware,
            retries=campaign.retries,
            retry_interval_s=campaign.retry_interval_s,
            allow_unsigned=campaign.allow_unsigned,
            image=campaign.image,
            campaign=CampaignPlace(key=campaign.key, place=member.place, wave=member.wave, attempts=member.attempts),
        )
        await self._commands.submit(
            campaign.tenant, member.station_key, request, requested_by=f"campaign {campaign.key}"
        )

    async def _skipped(self, load: CampaignLoad, campaign: Campaign) -> tuple[Member, ...]:
        """The members that have no part in it."""
        now = self._clock.now()
        image = await self._store.reads.firmware_image(campaign.tenant, campaign.image.key)
        if image is None or image.state != "ready":
            raise WrongState("its image is gone")
        stations = {station.key: station for station in await self._store.reads.all_stations()}
        busy = await self._store.reads.stations_in_campaigns()
        skipped = []
        for member in load.members:
            why = _no_part(stations.get(member.station_key), image, busy)
            if why is not None:
                skipped.append(msgspec.structs.replace(member, state="skipped", detail=why, updated_at=now))
        return tuple(skipped)

    async def _load(self, campaign: Campaign) -> CampaignLoad:
        load = await self._store.reads.campaign_load(campaign.key)
        if load is None:
            raise WrongState("the campaign is gone")
        return load

    async def _save(self, campaign: Campaign, members: Sequence[Member], what: str) -> Campaign:
        await self._store.journal.store([campaign, *members], [self._event(campaign, what)])
        return campaign

    def _event(self, campaign: Campaign, what: str) -> Event:
        data = {
            "campaign": campaign.key,
            "what": what,
            "state": campaign.state,
            "wave": campaign.wave,
            "detail": campaign.detail,
        }
        return Event(kind=CHANGED, tenant=campaign.tenant, at=self._clock.now(), data=data)


def _is_for(image: FirmwareImage, station: Station) -> bool:
    return image.vendor in (None, station.info.vendor) and image.model in (None, station.info.model)


def _no_part(station: Station | None, image: FirmwareImage, busy: frozenset[int]) -> str | None:
    if station is None:
        return "the station is gone"
    if station.booted_at is None:
        return "it has never booted here"
    if not _is_for(image, station):
        return f"the image is for {' '.join(filter(None, (image.vendor, image.model)))}"
    if station.info.firmware_version == image.version:
        return f"it runs {image.version} already"
    if station.key in busy:
        return "it is in another campaign"
    return None
