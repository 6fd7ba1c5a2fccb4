"""What the CSMS reads of firmware and campaigns. The store's reads fulfil these structurally."""

from collections.abc import Sequence
from typing import Protocol

from stationmaster.domain.firmware.campaign import Campaign
from stationmaster.domain.firmware.images import FirmwareImage
from stationmaster.domain.firmware.queries import CampaignLoad
from stationmaster.domain.firmware.updates import FirmwareUpdate, Publication


class FirmwareRows(Protocol):
    """Those with a tenant are None where they are another tenant's."""

    async def firmware_image(self, tenant: str, key: int) -> FirmwareImage | None: ...
    async def firmware_update(self, tenant: str, key: int) -> FirmwareUpdate | None: ...
    async def open_firmware_updates(self) -> Sequence[FirmwareUpdate]:
        """Those of every tenant that something is still to come of."""
        ...

    async def uses_of_image(self, image_key: int) -> int:
        """How many open updates and campaigns that are not over are about an image."""
        ...

    async def publication(self, tenant: str, key: int) -> Publication | None: ...
    async def campaign(self, tenant: str, key: int) -> Campaign | None: ...
    async def campaign_load(self, key: int) -> CampaignLoad | None: ...
    async def campaigns_to_follow(self) -> Sequence[int]:
        """Those that run, and those of which something is under way."""
        ...

    async def stations_in_campaigns(self) -> frozenset[int]:
        """Those that wait for an update of a campaign that runs or pauses, or are under way with one."""
        ...
