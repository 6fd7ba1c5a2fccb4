"""L Firmware: what is said about firmware, and the course of an update, which both roles go by.

The words of an update are a table, :data:`NEXT`: a station drives an update along it; a CSMS holds against it what it
is told, records what does not follow from what went before, and believes it all the same.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Literal

import msgspec

from stationmaster.domain.messages import CommandAnswer, Request

FirmwareStatus = Literal[
    "Downloaded",
    "DownloadFailed",
    "Downloading",
    "DownloadScheduled",
    "DownloadPaused",
    "Idle",
    "InstallationFailed",
    "Installing",
    "Installed",
    "InstallRebooting",
    "InstallScheduled",
    "InstallVerificationFailed",
    "InvalidSignature",
    "SignatureVerified",
]
Word = Literal["accepted"] | FirmwareStatus
"""Where an update stands: as it was accepted, or at the last status that was told of it."""

_BROKEN: frozenset[Word] = frozenset({"InstallVerificationFailed", "InstallationFailed"})
_INSTALL: frozenset[Word] = _BROKEN.union({"InstallScheduled", "InstallRebooting", "Installing"})

NEXT: Mapping[Word, frozenset[Word]] = {
    "accepted": frozenset({"DownloadScheduled", "Downloading", "Downloaded", "DownloadFailed"}),
    "DownloadScheduled": frozenset({"Downloading", "DownloadFailed"}),
    "Downloading": frozenset({"DownloadPaused", "DownloadScheduled", "Downloaded", "DownloadFailed"}),
    "DownloadPaused": frozenset({"Downloading", "DownloadFailed"}),
    "Downloaded": _INSTALL.union({"SignatureVerified", "InvalidSignature", "Installed"}),
    "SignatureVerified": _INSTALL.union({"Installed"}),
    "InstallScheduled": _BROKEN.union({"InstallRebooting", "Installing", "Installed"}),
    "InstallRebooting": _BROKEN.union({"Installing", "Installed"}),
    "Installing": _BROKEN.union({"InstallScheduled", "InstallRebooting", "Installed"}),
    "DownloadFailed": frozenset({"DownloadScheduled", "Downloading"}),
    "Installed": frozenset(),
    "InstallationFailed": frozenset(),
    "InstallVerificationFailed": frozenset(),
    "InvalidSignature": frozenset(),
    "Idle": frozenset(),
}
"""The statuses that may follow. After DownloadFailed some stations try again; Idle is an answer, not a stage."""

FAILURES: frozenset[str] = frozenset(
    {"DownloadFailed", "InstallationFailed", "InstallVerificationFailed", "InvalidSignature"}
)
ENDS: frozenset[str] = FAILURES | {"Installed"}


# ── What is said ────────────────────────────────────────────────────────────────────────────────────────────────


class Firmware(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An image and when it is due. ``signature`` is base64, ``signing_certificate`` PEM; neither: L02, unsigned."""

    location: str = ""
    retrieve_at: datetime
    install_at: datetime | None = None
    signing_certificate: str | None = None
    signature: str | None = None

    @property
    def is_signed(self) -> bool:
        return bool(self.signing_certificate and self.signature)


class ImageRef(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An image that the CSMS keeps: ``blob`` is its content, ``version`` what a station has that runs it."""

    key: int
    blob: str
    file_name: str
    version: str


class CampaignPlace(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Where in a campaign an update stands: the station's place and wave, and how often it was tried before."""

    key: int
    place: int
    wave: int
    attempts: int


class UpdateFirmware(Request, frozen=True, kw_only=True, omit_defaults=True):
    """L01, L02. ``request_id`` None: 1.6's plain form, which has none; 0: to be drawn.

    The rest is the CSMS's own. ``image``: the location is made for it when the request is sent, as the credentials in
    it are not to be stored.
    """

    firmware: Firmware
    request_id: int | None = 0
    retries: int | None = None
    retry_interval_s: int | None = None
    allow_unsigned: bool = False
    image: ImageRef | None = None
    campaign: CampaignPlace | None = None


class UpdateFirmwareAnswer(CommandAnswer, frozen=True, kw_only=True, omit_defaults=True):
    """``signed``: in which of two forms the station took it; None where its version has one."""

    signed: bool | None = None


class FirmwareStatusNotification(Request, frozen=True, kw_only=True, omit_defaults=True):
    """L01.FR.01. ``extended``: in the form of 1.6's security extension, whether or not it has a requestId."""

    status: FirmwareStatus
    request_id: int | None = None
    reason: str | None = None
    info: str | None = None
    extended: bool = False


PublishStatus = Literal[
    "Idle",
    "DownloadScheduled",
    "Downloading",
    "Downloaded",
    "Published",
    "DownloadFailed",
    "DownloadPaused",
    "InvalidChecksum",
    "ChecksumVerified",
    "PublishFailed",
]
PUBLISH_FAILURES: frozenset[str] = frozenset({"DownloadFailed", "InvalidChecksum", "PublishFailed"})


class PublishFirmware(Request, frozen=True, kw_only=True, omit_defaults=True):
    """L03: a local controller is to offer an image to its stations. ``checksum``: MD5 over the whole file, in hex."""

    location: str = ""
    checksum: str
    request_id: int = 0
    retries: int | None = None
    retry_interval_s: int | None = None
    image: ImageRef | None = None


class UnpublishFirmware(Request, frozen=True, kw_only=True, omit_defaults=True):
    """L04. Answered Unpublished, NoFirmware or DownloadOngoing."""

    checksum: str


class PublishFirmwareStatusNotification(Request, frozen=True, kw_only=True, omit_defaults=True):
    """L03.FR.01. ``locations``: where the image can be had, once it is Published (L03.FR.04)."""

    status: PublishStatus
    request_id: int | None = None
    locations: tuple[str, ...] = ()
    reason: str | None = None
    info: str | None = None


# ── An update, as a CSMS follows it ─────────────────────────────────────────────────────────────────────────────

UpdateState = Literal[
    "queued",
    "requested",
    "accepted",
    "under_way",
    "installed",
    "failed",
    "rejected",
    "superseded",
    "expired",
    "unsupported",
    "unanswered",
    "silent",
    "wrong_version",
]
WAITING: frozenset[UpdateState] = frozenset({"queued", "requested", "accepted", "under_way"})
"""The states that are to be followed by another."""

_FIRM: frozenset[UpdateState] = frozenset({"installed", "failed", "rejected", "superseded", "wrong_version"})
"""What no further status changes, but for a download that is tried again."""

PATIENCE = timedelta(hours=24)
"""Without news for so long after its last, or after the time it was due, an update counts as silent."""
SHOWN_WITHIN = timedelta(minutes=30)
"""How long after Installed a boot with the new version is waited for: some stations need none."""
TOLD_BY_BOOT = timedelta(minutes=15)
"""How long after a boot with the new version an Installed may still be on its way."""


class FirmwareUpdate(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One station's update. Its key is its command's.

    ``status`` is the last that was told. ``version`` is wanted, ``from_version`` was there when it was asked for.
    ``confirmed_at``: when the station showed the wanted version in a BootNotification. ``silent_at``: when to give up
    waiting for news.
    """

    key: int
    tenant: str
    station_key: int
    request_id: int | None
    state: UpdateState = "queued"
    status: FirmwareStatus | None = None
    image_key: int | None = None
    campaign_key: int | None = None
    version: str | None = None
    from_version: str | None = None
    signed: bool | None = None
    created_at: datetime
    updated_at: datetime
    silent_at: datetime
    requested_at: datetime | None = None
    confirmed_at: datetime | None = None
    ended_at: datetime | None = None
    detail: str | None = None

    @property
    def is_proven(self) -> bool:
        """Installed, and shown to be where a version to look for is known."""
        return self.state == "installed" and (self.version is None or self.confirmed_at is not None)

    @property
    def is_open(self) -> bool:
        """Whether anything is still to come of it."""
        return self.state in WAITING or (self.state == "installed" and not self.is_proven and self.ended_at is None)


class FirmwareStatusRecord(msgspec.Struct, frozen=True, kw_only=True):
    """One status as it was told: the evidence. ``update_key`` None: nobody knows what it was about."""

    station_key: int
    update_key: int | None
    status: str
    request_id: int | None
    at: datetime
    in_order: bool
    info: str | None = None


def opened(
    request: UpdateFirmware, *, key: int, tenant: str, station_key: int, at: datetime, from_version: str | None = None
) -> FirmwareUpdate:
    """The update that a command asks for, before it is sent."""
    due = max(at, request.firmware.retrieve_at, request.firmware.install_at or at)
    return FirmwareUpdate(
        key=key,
        tenant=tenant,
        station_key=station_key,
        request_id=request.request_id,
        image_key=None if request.image is None else request.image.key,
        campaign_key=None if request.campaign is None else request.campaign.key,
        version=None if request.image is None else request.image.version,
        from_version=from_version,
        created_at=at,
        updated_at=at,
        silent_at=due + PATIENCE,
    )


def requested(update: FirmwareUpdate, at: datetime) -> FirmwareUpdate:
    return _moved(update, "requested", at, requested_at=at)


def answered(update: FirmwareUpdate, answer: CommandAnswer, at: datetime) -> FirmwareUpdate:
    """After the station's answer, which may come after its first status."""
    signed = answer.signed if isinstance(answer, UpdateFirmwareAnswer) else None
    update = msgspec.structs.replace(update, signed=signed)
    if update.state not in ("queued", "requested"):
        return update
    if answer.status in ("Accepted", "AcceptedCanceled"):
        return _moved(update, "accepted", at)
    return ended(update, "rejected", at, ": ".join(filter(None, (answer.status, answer.reason, answer.info))))


def ended(update: FirmwareUpdate, state: UpdateState, at: datetime, detail: str | None = None) -> FirmwareUpdate:
    """The update as it is concluded from without."""
    return _moved(update, state, at, ended_at=at, detail=detail)


def heard(update: FirmwareUpdate, told: FirmwareStatusNotification, at: datetime) -> tuple[FirmwareUpdate, bool]:
    """The update after a status, and whether the status could follow the last one. A repeat changes nothing."""
    status = told.status
    if status in ("Idle", update.status):
        return update, True
    in_order = status in NEXT[update.status or "accepted"]
    retried = update.status == "DownloadFailed" and in_order and update.state == "failed"
    if update.state in _FIRM and not retried:
        # L01.FR.24: what was cancelled may still be told to have failed.
        return update, update.state == "superseded" and status in FAILURES
    detail = ": ".join(filter(None, (told.reason, told.info))) or None
    if status in FAILURES:
        return _moved(update, "failed", at, status=status, ended_at=at, detail=detail or status), in_order
    if status == "Installed":
        return _installed(update, at), in_order
    return _moved(update, "under_way", at, status=status, ended_at=None, detail=None), in_order


def _installed(update: FirmwareUpdate, at: datetime) -> FirmwareUpdate:
    done = _moved(update, "installed", at, status="Installed", ended_at=None, detail=None)
    return msgspec.structs.replace(done, ended_at=at) if done.is_proven else done


def booted(update: FirmwareUpdate, version: str | None, at: datetime) -> FirmwareUpdate:
    """The update after a BootNotification that names the station's version.

    The version proves something only where it is another than before: then the update is done once Installed was told
    as well (or :func:`overdue`). A station that told Installed and boots with another one has fallen back.
    """
    asked = update.state in ("requested", "accepted", "under_way", "installed", "unanswered", "silent")
    if not asked or update.version is None or version is None:
        return update
    if version == update.version:
        if version == update.from_version and update.state != "installed":
            return update
        seen = msgspec.structs.replace(update, confirmed_at=update.confirmed_at or at, updated_at=at)
        if seen.state == "installed":
            return msgspec.structs.replace(seen, ended_at=seen.ended_at or at)
        return seen
    if update.state == "installed" and update.confirmed_at is None:
        return ended(update, "wrong_version", at, f"the station booted with {version}, not with {update.version}")
    return update


def overdue(update: FirmwareUpdate, at: datetime) -> FirmwareUpdate | None:
    """The update as it is concluded because nothing more was heard of it; None: there is still time."""
    if not update.is_open or update.state == "queued":
        return None
    if update.confirmed_at is not None:
        if at < update.confirmed_at + TOLD_BY_BOOT:
            return None
        return ended(update, "installed", at, "shown by its BootNotification; no Installed was told")
    if update.state == "installed":
        if at < update.updated_at + SHOWN_WITHIN:
            return None
        return ended(update, "installed", at, f"no BootNotification has shown {update.version}")
    if at < max(update.silent_at, update.updated_at + PATIENCE):
        return None
    return ended(update, "silent", at, f"nothing was told since {update.updated_at.isoformat(timespec='seconds')}")


def _moved(update: FirmwareUpdate, state: UpdateState, at: datetime, **changes: object) -> FirmwareUpdate:
    return msgspec.structs.replace(update, state=state, updated_at=at, **changes)


def about(
    updates: tuple[FirmwareUpdate, ...], request_id: int | None, *, after_end: bool = True
) -> FirmwareUpdate | None:
    """The update that a status is about: the one with its requestId; without one, the newest that is open."""
    newest_first = reversed(updates)
    if request_id is not None:
        return next((update for update in newest_first if update.request_id == request_id), None)
    found = next((update for update in newest_first if update.is_open and update.state != "queued"), None)
    return found or (updates[-1] if updates and after_end and updates[-1].state in ("silent", "unanswered") else None)


# ── A publication ───────────────────────────────────────────────────────────────────────────────────────────────

PublicationState = Literal[
    "queued", "requested", "accepted", "under_way", "published", "failed", "rejected", "unpublished"
]


class Publication(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An image that a local controller was asked to offer. Its key is its command's."""

    key: int
    tenant: str
    station_key: int
    request_id: int
    checksum: str
    image_key: int | None = None
    state: PublicationState = "queued"
    status: PublishStatus | None = None
    locations: tuple[str, ...] = ()
    created_at: datetime
    updated_at: datetime
    detail: str | None = None

    @property
    def is_open(self) -> bool:
        return self.state in ("queued", "requested", "accepted", "under_way")


def publication_heard(publication: Publication, told: PublishFirmwareStatusNotification, at: datetime) -> Publication:
    """The publication after a status; Idle says nothing of it."""
    if told.status == "Idle":
        return publication
    state: PublicationState = "under_way"
    if told.status == "Published":
        state = "published"
    elif told.status in PUBLISH_FAILURES:
        state = "failed"
    return msgspec.structs.replace(
        publication,
        state=state,
        status=told.status,
        locations=told.locations or publication.locations,
        updated_at=at,
        detail=": ".join(filter(None, (told.reason, told.info))) or None,
    )
