"""What is asked of the store about firmware, and the rows that are no struct elsewhere."""

import msgspec

from stationmaster.domain.firmware.campaign import Campaign, Member, MemberState
from stationmaster.domain.firmware.updates import FirmwareUpdate, UpdateState


class UpdateFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Of a tenant; the rest only where it is given."""

    tenant: str
    station_key: int | None = None
    campaign_key: int | None = None
    state: UpdateState | None = None


class MemberFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Of one campaign of a tenant. Waves count from 0."""

    tenant: str
    campaign_key: int
    state: MemberState | None = None
    wave: int | None = None


class MemberSeen(msgspec.Struct, frozen=True, kw_only=True):
    """A member with its station's identity, and its last update."""

    member: Member
    identity: str
    firmware_version: str | None
    update: FirmwareUpdate | None


class CampaignLoad(msgspec.Struct, frozen=True, kw_only=True):
    """All that a runner must know of a campaign: its members in order, their updates by key, and who is connected."""

    campaign: Campaign
    members: tuple[Member, ...]
    updates: dict[int, FirmwareUpdate]
    connected: frozenset[int]
