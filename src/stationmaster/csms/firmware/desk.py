"""Firmware as the API sees it: images, single updates, publications, campaigns."""

from dataclasses import dataclass
from datetime import datetime

from stationmaster.csms.commands.commands import CommandDesk
from stationmaster.csms.firmware.campaigns import Campaigns
from stationmaster.csms.firmware.images import ImageDesk, reference, sendable
from stationmaster.csms.ports import Clock
from stationmaster.domain.command import Command
from stationmaster.domain.firmware.images import FirmwareImage
from stationmaster.domain.firmware.updates import Firmware, PublishFirmware, UnpublishFirmware, UpdateFirmware
from stationmaster.domain.station import Station


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateWish:
    """When an image is to be fetched (None: now) and installed (None: as soon as can be), and how stubbornly."""

    retrieve_at: datetime | None = None
    install_at: datetime | None = None
    retries: int | None = None
    retry_interval_s: int | None = None
    allow_unsigned: bool = False


class FirmwareDesk:
    """Any node has one. ``images`` and ``campaigns`` are desks of their own."""

    def __init__(self, images: ImageDesk, campaigns: Campaigns, commands: CommandDesk, clock: Clock) -> None:
        self.images = images
        self.campaigns = campaigns
        self._commands = commands
        self._clock = clock

    async def update(
        self,
        station: Station,
        image: FirmwareImage,
        wish: UpdateWish,
        *,
        requested_by: str | None = None,
        lifetime_s: float | None = None,
    ) -> Command:
        """Ask a station for an update; it has the command's key. Raises ImageRefused."""
        named = sendable(image, allow_unsigned=wish.allow_unsigned)
        firmware = Firmware(
            retrieve_at=wish.retrieve_at or self._clock.now(),
            install_at=wish.install_at,
            signature=image.signature,
            signing_certificate=image.signing_certificate,
        )
        request = UpdateFirmware(
            firmware=firmware,
            retries=wish.retries,
            retry_interval_s=wish.retry_interval_s,
            allow_unsigned=wish.allow_unsigned,
            image=named,
        )
        return await self._commands.submit(
            station.tenant, station.key, request, requested_by=requested_by, lifetime_s=lifetime_s
        )

    async def publish(
        self,
        station: Station,
        image: FirmwareImage,
        *,
        retries: int | None = None,
        retry_interval_s: int | None = None,
        requested_by: str | None = None,
    ) -> Command:
        """Ask a local controller to offer an image (L03). Raises ImageRefused."""
        request = PublishFirmware(
            checksum=image.md5 or "",
            retries=retries,
            retry_interval_s=retry_interval_s,
            image=reference(image),
        )
        return await self._commands.submit(station.tenant, station.key, request, requested_by=requested_by)

    async def unpublish(self, station: Station, checksum: str, requested_by: str | None = None) -> Command:
        """Ask a local controller to offer it no more (L04)."""
        request = UnpublishFirmware(checksum=checksum)
        return await self._commands.submit(station.tenant, station.key, request, requested_by=requested_by)
