"""The course of a firmware update on a station: a table from the stage that it has reached to what comes next.

Each stage is in memory before it is told and before its work begins, so that after a loss of power the work of the
stage is simply done again. A stage may only be followed by one that ``domain.firmware.updates.NEXT`` lists.
"""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import msgspec
import structlog

from stationmaster.domain.firmware.updates import NEXT, FirmwareStatus, FirmwareStatusNotification, Word
from stationmaster.security.firmware_signatures import Unverifiable, scheme_of
from stationmaster.station.blocks.availability import Availability
from stationmaster.station.local_update import LocalUpdate, UpdateStore
from stationmaster.station.ports import Clock, FileTransfer, Hardware, TransferFailed
from stationmaster.station.settings import Configuration
from stationmaster.station.told_later import ToldLater

log = structlog.get_logger(__name__)

BOOT_REASON = "FirmwareUpdate"
MAX_REBOOTS = 2
TELL_BEFORE_REBOOT_S = 30.0

SecurityNote = Callable[[str, str | None], None]
"""Take down a security event: its type, and technical information."""


class Sessions(Protocol):
    """What is known of charging sessions."""

    def running(self) -> Any: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What an update works with. ``reboot`` restarts the program for a BootReason."""

    hardware: Hardware
    files: FileTransfer
    clock: Clock
    configuration: Configuration
    sessions: Sessions
    availability: Availability
    reboot: Callable[[str], None]
    note: SecurityNote
    online: Callable[[], bool]


class UpdateCourse:
    """Drives one update after another; :meth:`run` is a task, cancelled where a newer request takes its place."""

    def __init__(self, around: Surroundings, store: UpdateStore, teller: ToldLater) -> None:
        self._around = around
        self._store = store
        self._teller = teller
        self._idle = asyncio.Event()

    def on_session_change(self) -> None:
        """A session may have ended."""
        if not self._busy():
            self._idle.set()

    async def run(self, update: LocalUpdate) -> None:
        """From where it stands to its end."""
        try:
            while not update.is_over:
                update = await _STAGES[update.stage](self, update)
        finally:
            self._around.availability.release()

    def _enter(self, update: LocalUpdate, stage: FirmwareStatus, info: str | None = None, **more: Any) -> LocalUpdate:
        """Into the next stage: kept, then told (L01.FR.01, .10)."""
        if stage == update.stage:
            return update
        assert stage in NEXT[update.stage], (update.stage, stage)
        update = msgspec.structs.replace(update, stage=stage, **more)
        self._store.save(update)
        log.info("firmware", status=stage, request=update.request.request_id, info=info)
        told = FirmwareStatusNotification(status=stage, request_id=update.request.request_id, info=info)
        self._teller.put(told)
        return update

    # The stages ───────────────────────────────────────────────────────────────────────────────────────────────────

    async def _await_download(self, update: LocalUpdate) -> LocalUpdate:
        wait_s = self._seconds_until(update.request.firmware.retrieve_at)
        if wait_s > 0:
            update = self._enter(update, "DownloadScheduled")  # L01.FR.13
            await self._around.clock.sleep(wait_s)
        return self._enter(update, "Downloading")

    async def _download(self, update: LocalUpdate) -> LocalUpdate:
        settings, request = self._around.configuration.now, update.request
        retries = settings.firmware_retries if request.retries is None else request.retries
        interval_s = (
            settings.firmware_retry_interval_s if request.retry_interval_s is None else request.retry_interval_s
        )
        while True:
            try:
                image = await self._around.files.download(
                    request.firmware.location, max_bytes=settings.max_firmware_bytes
                )
            except TransferFailed as failure:
                update = msgspec.structs.replace(update, failed_downloads=update.failed_downloads + 1)
                self._store.save(update)
                log.warning("download failed", failure=str(failure), attempts=update.failed_downloads)
                if update.failed_downloads > retries:
                    return self._enter(update, "DownloadFailed", str(failure))  # L01.FR.30
                await self._around.clock.sleep(interval_s)
            else:
                self._store.keep_image(image)
                return self._enter(update, "Downloaded")

    async def _verify(self, update: LocalUpdate) -> LocalUpdate:
        firmware = update.request.firmware
        image = self._store.image()
        if image is None:
            return self._enter(update, "InstallVerificationFailed", "the image is lost")
        if not (firmware.signature and firmware.signing_certificate):
            return await self._await_install(update)
        try:
            scheme = scheme_of(hashlib.sha256(image).digest(), firmware.signature, firmware.signing_certificate)
        except Unverifiable as reason:
            scheme, info = None, str(reason)
        else:
            info = "the signature does not belong to the image"
        if scheme is None:
            self._around.note("InvalidFirmwareSignature", info)  # L01.FR.03
            return self._enter(update, "InvalidSignature", info)
        return self._enter(update, "SignatureVerified")

    async def _await_install(self, update: LocalUpdate) -> LocalUpdate:
        install_at = update.request.firmware.install_at
        wait_s = 0.0 if install_at is None else self._seconds_until(install_at)
        if wait_s > 0:
            update = self._enter(update, "InstallScheduled")  # L01.FR.16
            await self._around.clock.sleep(wait_s)
        description = self._around.hardware.describe()
        if not description.installs_during_charging:
            update = await self._await_sessions(update)  # L01.FR.06
        if description.boots_to_install and update.reboots == 0:
            return self._enter(update, "InstallRebooting")  # L01.FR.15
        return self._enter(update, "Installing")

    async def _install(self, update: LocalUpdate) -> LocalUpdate:
        image = self._store.image()
        if image is None:
            return self._enter(update, "InstallationFailed", "the image is lost")
        outcome = await self._around.hardware.install(image)
        if outcome.status == "VerificationFailed":
            return self._enter(update, "InstallVerificationFailed", outcome.info)  # L01.FR.29
        if outcome.status == "Failed":
            return self._enter(update, "InstallationFailed", outcome.info)
        if outcome.needs_reboot:
            await self._await_sessions(update, tell=False)  # L01.FR.33
            return self._enter(update, "InstallRebooting", installed=outcome.version, reboots=0)  # L01.FR.32
        return self._finish(update, outcome.version)

    async def _reboot(self, update: LocalUpdate) -> LocalUpdate:
        """Before the reboot it makes it, and afterwards looks at what came up."""
        runs = self._around.hardware.describe().info.firmware_version
        if update.installed is None and update.reboots:
            return self._enter(update, "Installing")
        if update.installed is not None and runs == update.installed:
            return self._finish(update, runs)
        if update.reboots >= MAX_REBOOTS:
            return self._enter(update, "InstallationFailed", f"it came up with {runs}")
        await self._all_told()
        update = msgspec.structs.replace(update, reboots=update.reboots + 1)
        self._store.save(update)
        self._around.reboot(BOOT_REASON)
        await asyncio.Event().wait()  # the program ends
        raise AssertionError("unreachable")

    def _finish(self, update: LocalUpdate, version: str | None) -> LocalUpdate:
        done = self._enter(update, "Installed")  # L01.FR.28
        self._around.note("FirmwareUpdated", version)  # L01.FR.31
        return done

    async def _all_told(self) -> None:
        """What was entered goes out before a reboot, if the CSMS can be reached."""
        clock = self._around.clock
        until = clock.monotonic() + TELL_BEFORE_REBOOT_S
        while len(self._teller) and self._around.online() and clock.monotonic() < until:
            await clock.sleep(0.25)

    # Waiting ──────────────────────────────────────────────────────────────────────────────────────────────────────

    async def _await_sessions(self, update: LocalUpdate, *, tell: bool = True) -> LocalUpdate:
        """Until nobody charges; from then on nobody may begin to (L01.FR.06, .07)."""
        if self._busy() and tell:
            update = self._enter(update, "InstallScheduled")  # L01.FR.34
        while self._busy():
            if not self._around.configuration.now.allow_new_sessions_pending_firmware_update:
                self._around.availability.hold()
            self._idle.clear()
            await self._idle.wait()
        self._around.availability.hold()
        return update

    def _busy(self) -> bool:
        return any(True for _ in self._around.sessions.running())

    def _seconds_until(self, moment: Any) -> float:
        seconds: float = (moment - self._around.clock.now()).total_seconds()
        return seconds


_STAGES: Mapping[Word, Callable[[UpdateCourse, LocalUpdate], Awaitable[LocalUpdate]]] = {
    "accepted": UpdateCourse._await_download,
    "DownloadScheduled": UpdateCourse._await_download,
    "Downloading": UpdateCourse._download,
    "Downloaded": UpdateCourse._verify,
    "SignatureVerified": UpdateCourse._await_install,
    "InstallScheduled": UpdateCourse._await_install,
    "Installing": UpdateCourse._install,
    "InstallRebooting": UpdateCourse._reboot,
}
"""This station downloads in one go, so it never pauses."""
