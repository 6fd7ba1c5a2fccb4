"""A firmware campaign: one image to many stations, in waves, and only as far as it goes well.

Pure: :func:`plan` looks at a campaign, its members and what became of their updates, and says what is to be done next.
Doing the same twice changes nothing, so a campaign goes on wherever its runner stopped.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from hashlib import blake2b
from math import ceil
from typing import Literal

import msgspec

from stationmaster.domain.firmware.updates import FirmwareUpdate, ImageRef
from stationmaster.domain.station import Station

CampaignState = Literal["draft", "running", "paused", "aborted", "finished"]
MemberState = Literal["waiting", "under_way", "done", "failed", "offline", "skipped", "withdrawn"]

FINAL: frozenset[MemberState] = frozenset({"done", "failed", "offline", "skipped", "withdrawn"})
MAX_WAVES = 20
MAX_MEMBERS = 100_000


class Wave(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Some of the stations: ``size`` of them or ``percent`` of all; neither: the rest. The next wave begins
    ``soak_s`` after the last has ended, if no more than ``max_failures`` of this one's failed."""

    size: int | None = None
    percent: int | None = None
    soak_s: int = 0
    max_failures: int = 0


class Target(msgspec.Struct, frozen=True, kw_only=True):
    """Which stations a campaign is for: those that fit all that is given. ``stations``: by key."""

    stations: frozenset[int] | None = None
    vendor: str | None = None
    model: str | None = None
    party_id: str | None = None
    from_versions: frozenset[str] | None = None

    def takes(self, station: Station) -> bool:
        info = station.info
        return all(
            (
                self.stations is None or station.key in self.stations,
                self.vendor in (None, info.vendor),
                self.model in (None, info.model),
                self.party_id in (None, station.party_id),
                self.from_versions is None or info.firmware_version in self.from_versions,
            )
        )


class Campaign(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """``parallel``: updates under way at once. ``attempts``: for each station. ``offline_wait_s``: how long a wave
    waits for stations that are not connected. ``wave`` counts from 0; ``wave_at`` is when it began, ``soak_at`` when
    its last station was done with. ``detail`` says why it paused, or what it waits for."""

    key: int
    tenant: str
    name: str
    image: ImageRef
    waves: tuple[Wave, ...] = (Wave(),)
    parallel: int = 50
    attempts: int = 2
    retries: int | None = None
    retry_interval_s: int | None = None
    install_at: datetime | None = None
    allow_unsigned: bool = False
    offline_wait_s: int = 3600
    state: CampaignState = "draft"
    wave: int = 0
    wave_at: datetime | None = None
    soak_at: datetime | None = None
    created_at: datetime
    created_by: str | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    detail: str | None = None


class Member(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A station's part in a campaign. ``update_key`` is its last attempt; ``detail`` says what became of it."""

    campaign_key: int
    station_key: int
    wave: int
    place: int
    state: MemberState = "waiting"
    attempts: int = 0
    update_key: int | None = None
    detail: str | None = None
    updated_at: datetime

    @property
    def is_final(self) -> bool:
        return self.state in FINAL


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """``changed``: members in their new states. ``start``: those that are to be sent an update now."""

    campaign: Campaign
    changed: tuple[Member, ...] = ()
    start: tuple[Member, ...] = ()


class CampaignRemoved(msgspec.Struct, frozen=True, kw_only=True):
    """A record: a draft is thrown away."""

    tenant: str
    key: int


DISTRUST: frozenset[str] = frozenset({"InvalidSignature", "InvalidCertificate", "RevokedCertificate"})
"""Failures that lie in the image: every other station would find the same."""
_NO_SECOND_TRY: frozenset[str] = DISTRUST | {"InstallVerificationFailed"}


def drawn(
    campaign: Campaign, stations: Iterable[int], at: datetime, connected: Collection[int] = frozenset()
) -> tuple[Member, ...]:
    """The stations in the order of a hash, which spreads them over sites and is the same each time, cut into waves.
    Those that are ``connected`` come first: a first wave of stations that are not there would only be waited for."""

    def order(station_key: int) -> tuple[bool, bytes]:
        digest = blake2b(f"{campaign.key}:{station_key}".encode(), digest_size=8).digest()
        return station_key not in connected, digest

    ordered = sorted(stations, key=order)
    waves = [number for number, size in enumerate(_sizes(campaign.waves, len(ordered))) for _ in range(size)]
    return tuple(
        Member(campaign_key=campaign.key, station_key=key, wave=wave, place=place, updated_at=at)
        for place, (key, wave) in enumerate(zip(ordered, waves, strict=True))
    )


def _sizes(waves: Sequence[Wave], total: int) -> list[int]:
    """How many stations each wave has; whatever is left over goes into the last."""
    left, sizes = total, []
    for wave in waves[:-1]:
        wanted = wave.size if wave.size is not None else ceil(total * (wave.percent or 0) / 100)
        sizes.append(min(wanted, left))
        left -= sizes[-1]
    return [*sizes, left]


def plan(
    campaign: Campaign,
    members: Sequence[Member],
    updates: Mapping[int, FirmwareUpdate],
    connected: frozenset[int],
    at: datetime,
) -> Plan:
    """What is to be done now. ``updates`` are those of the members, by key; ``connected`` are station keys.

    What is under way is followed to its end whatever state the campaign is in, as the report is to be true.
    """
    now = [_settled(campaign, member, updates, at) for member in members]
    if campaign.state == "running":
        now = [_given_up(campaign, member, connected, at) for member in now]
        campaign = _moved_on(campaign, now, connected, at)
    start = _to_start(campaign, now, connected) if campaign.state == "running" else ()
    campaign = _explained(campaign, now, connected)
    changed = tuple(new for new, old in zip(now, members, strict=True) if new is not old)
    return Plan(campaign=campaign, changed=changed, start=start)


def _settled(campaign: Campaign, member: Member, updates: Mapping[int, FirmwareUpdate], at: datetime) -> Member:
    """The member after what became of its update."""
    update = updates.get(member.update_key or 0)
    if member.state != "under_way" or update is None or update.is_open:
        return member
    if update.state == "installed":
        return _with(member, "done", at, update.detail)
    detail = update.detail or update.status or update.state
    again = member.attempts < campaign.attempts and not distrusted(detail) and update.state not in _FINAL_AT_ONCE
    if again and detail.partition(":")[0] not in _NO_SECOND_TRY and campaign.state in ("running", "paused"):
        return _with(member, "waiting", at, detail)
    return _with(member, "failed", at, detail)


_FINAL_AT_ONCE = frozenset({"unsupported", "superseded", "silent"})
"""Another attempt would end no better, or would come in between somebody else's."""


def distrusted(detail: str | None) -> bool:
    """Whether a station refused the image for what it is."""
    return (detail or "").partition(":")[0] in DISTRUST


def _given_up(campaign: Campaign, member: Member, connected: frozenset[int], at: datetime) -> Member:
    """A station that was not there in its wave's time is not waited for any longer."""
    due = member.state == "waiting" and member.wave == campaign.wave and member.station_key not in connected
    began = campaign.wave_at or at
    if not due or at < began + timedelta(seconds=campaign.offline_wait_s):
        return member
    return _with(member, "offline", at, member.detail or "not connected while its wave ran")


def _moved_on(campaign: Campaign, members: Sequence[Member], connected: frozenset[int], at: datetime) -> Campaign:
    """Into a pause, the next wave, or the end, where it is time for it."""
    wave = campaign.waves[campaign.wave]
    mine = [member for member in members if member.wave == campaign.wave]
    failed = [member for member in mine if member.state == "failed"]
    suspect = next((member for member in failed if distrusted(member.detail) and member.updated_at >= at), None)
    if suspect is not None:
        return paused(campaign, f"a station does not trust the image: {suspect.detail}")
    if len(failed) > wave.max_failures:
        return paused(campaign, f"{len(failed)} of {len(mine)} stations failed in wave {campaign.wave + 1}")
    if not all(member.is_final for member in mine):
        return campaign
    if campaign.soak_at is None and mine:
        campaign = msgspec.structs.replace(campaign, soak_at=at)
    soaked = campaign.soak_at is None or at >= campaign.soak_at + timedelta(seconds=wave.soak_s)
    if not soaked:
        return campaign
    lost = [member for member in mine if member.state == "done" and member.station_key not in connected]
    if wave.soak_s and len(failed) + len(lost) > wave.max_failures:
        return paused(campaign, f"{len(lost)} updated stations of wave {campaign.wave + 1} are not connected")
    if campaign.wave + 1 < len(campaign.waves):
        later = msgspec.structs.replace(campaign, wave=campaign.wave + 1, wave_at=at, soak_at=None)
        return _moved_on(later, members, connected, at)
    return msgspec.structs.replace(campaign, state="finished", ended_at=at)


def _explained(campaign: Campaign, members: Sequence[Member], connected: frozenset[int]) -> Campaign:
    """The campaign with what its wave waits for, where that is stations which are not there."""
    if campaign.state not in ("running", "finished"):
        return campaign  # its detail says why
    away = not_connected(campaign, members, connected)
    detail = None
    if away and campaign.wave_at is not None:
        until = (campaign.wave_at + timedelta(seconds=campaign.offline_wait_s)).isoformat(timespec="seconds")
        who = f"{away} stations that are" if away > 1 else "1 station that is"
        detail = f"wave {campaign.wave + 1} waits for {who} not connected, until {until.replace('+00:00', 'Z')}"
    return campaign if detail == campaign.detail else msgspec.structs.replace(campaign, detail=detail)


def not_connected(campaign: Campaign, members: Iterable[Member], connected: Collection[int]) -> int:
    """How many stations its wave has to wait for."""
    return sum(
        campaign.state == "running"
        and member.state == "waiting"
        and member.wave == campaign.wave
        and member.station_key not in connected
        for member in members
    )


def _to_start(campaign: Campaign, members: Sequence[Member], connected: frozenset[int]) -> tuple[Member, ...]:
    under_way = sum(member.state == "under_way" for member in members)
    waiting = [
        member
        for member in members
        if member.state == "waiting" and member.wave == campaign.wave and member.station_key in connected
    ]
    return tuple(waiting[: max(0, campaign.parallel - under_way)])


def begun(member: Member, update_key: int, at: datetime) -> Member:
    """The member with a new attempt."""
    return msgspec.structs.replace(
        member, state="under_way", attempts=member.attempts + 1, update_key=update_key, detail=None, updated_at=at
    )


# ── What an operator does ───────────────────────────────────────────────────────────────────────────────────────


class WrongState(Exception):
    """A campaign in this state cannot do that; the text is for an operator."""


def started(campaign: Campaign, at: datetime) -> Campaign:
    _expect(campaign, "draft")
    return msgspec.structs.replace(campaign, state="running", started_at=at, wave_at=at)


def paused(campaign: Campaign, detail: str) -> Campaign:
    """What is under way goes on; nothing new begins. Raises WrongState."""
    _expect(campaign, "running")
    return msgspec.structs.replace(campaign, state="paused", detail=detail)


def resumed(campaign: Campaign, members: Sequence[Member], at: datetime) -> Campaign:
    """On with it, and as many more failures are borne in this wave as it was told to bear. Raises WrongState."""
    _expect(campaign, "paused")
    failed = sum(member.state == "failed" and member.wave == campaign.wave for member in members)
    waves = list(campaign.waves)
    wave = waves[campaign.wave]
    waves[campaign.wave] = msgspec.structs.replace(wave, max_failures=max(wave.max_failures, failed))
    return msgspec.structs.replace(campaign, state="running", waves=tuple(waves), wave_at=at, detail=None)


def aborted(campaign: Campaign, members: Sequence[Member], at: datetime) -> tuple[Campaign, tuple[Member, ...]]:
    """Nothing new begins, ever. What was sent cannot be called back, and is followed to its end. Raises WrongState."""
    _expect(campaign, "draft", "running", "paused")
    withdrawn = tuple(_with(member, "withdrawn", at) for member in members if member.state == "waiting")
    why = campaign.detail if campaign.state == "paused" else None
    return msgspec.structs.replace(campaign, state="aborted", ended_at=at, detail=why), withdrawn


def retried(campaign: Campaign, members: Sequence[Member], at: datetime) -> tuple[Campaign, tuple[Member, ...]]:
    """All that failed or were offline come once more, in a wave of their own at the end. Raises WrongState."""
    _expect(campaign, "paused", "finished")
    again = [member for member in members if member.state in ("failed", "offline")]
    if not again:
        raise WrongState("no station of it has failed or was offline")
    waves = (*campaign.waves, Wave(max_failures=len(again)))
    if len(waves) > MAX_WAVES:
        raise WrongState(f"a campaign has {MAX_WAVES} waves at most")
    last = len(waves) - 1
    changed = tuple(
        msgspec.structs.replace(member, state="waiting", wave=last, attempts=0, updated_at=at) for member in again
    )
    ended = campaign.state == "finished"
    campaign = msgspec.structs.replace(campaign, state="running", waves=waves, ended_at=None, detail=None)
    if ended:
        campaign = msgspec.structs.replace(campaign, wave=last, wave_at=at, soak_at=None)
    return campaign, changed


def _expect(campaign: Campaign, *states: CampaignState) -> None:
    if campaign.state not in states:
        raise WrongState(f"the campaign is {campaign.state}, not {' or '.join(states)}")


def _with(member: Member, state: MemberState, at: datetime, detail: str | None = None) -> Member:
    return msgspec.structs.replace(member, state=state, updated_at=at, detail=detail or member.detail)
