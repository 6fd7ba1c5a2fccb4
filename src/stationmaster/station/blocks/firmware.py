"""L Firmware on a station: what is accepted, what gives way to what, and what is told when asked (L01, L02, F06)."""

import asyncio
from collections.abc import Callable, Sequence
from typing import cast

import structlog

from stationmaster.domain.firmware.updates import (
    FirmwareStatus,
    FirmwareStatusNotification,
    UpdateFirmware,
    UpdateFirmwareAnswer,
)
from stationmaster.domain.identity import Evse
from stationmaster.domain.messages import Answer
from stationmaster.security.firmware_signatures import check_certificate
from stationmaster.station.blocks.firmware_course import Surroundings, UpdateCourse
from stationmaster.station.local_update import LocalUpdate, UpdateStore
from stationmaster.station.ports import Line, Spawn
from stationmaster.station.told_later import ToldLater

log = structlog.get_logger(__name__)

URL_SCHEMES = ("http://", "https://", "ftp://", "ftps://")
Roots = Callable[[], Sequence[str]]
"""The manufacturer's root certificates that are installed (PEM)."""


class FirmwareUpdates:
    """One update at a time; the newest request wins where the one before can still be stopped."""

    def __init__(
        self, around: Surroundings, store: UpdateStore, teller: ToldLater, line: Line, roots: Roots, spawn: Spawn
    ) -> None:
        self._around = around
        self._store = store
        self._teller = teller
        self._line = line
        self._roots = roots
        self._spawn = spawn
        self._course = UpdateCourse(around, store, teller)
        self._task: asyncio.Task[None] | None = None

    def begin(self) -> None:
        """At the start of the program: go on with what a restart or a loss of power interrupted."""
        left = self._store.load()
        if left is not None and not left.is_over:
            log.info("firmware update goes on", stage=left.stage)
            self._spawn(self._run(left))

    def resume(self) -> None:
        """The CSMS can be reached (again)."""
        self._teller.resume()

    async def tell(self) -> None:
        """Send what is told, until cancelled."""
        await self._teller.run()

    def on_evse(self, evse_id: int) -> None:
        self._course.on_session_change()

    def on_lock_failure(self, evse_id: int, connector_id: int) -> None:
        """It keeps nobody from updating."""

    async def update(self, request: UpdateFirmware) -> Answer:
        """L01, L02. The certificate is checked before anything is answered (L01.FR.21)."""
        refusal = self._refusal(request)
        if refusal is not None:
            return refusal
        before = self._store.load()
        running = before is not None and not before.is_over
        if before is not None and running:
            if before.request.request_id == request.request_id and request.request_id is not None:
                return UpdateFirmwareAnswer(status="Rejected", reason="DuplicateRequestId")
            if not before.may_be_cancelled:
                return UpdateFirmwareAnswer(status="Rejected", reason="FwUpdateInProgress")  # L01.FR.27
            self._cancel()
        update = LocalUpdate(request=request)
        self._store.save(update)
        self._spawn(self._run(update))
        return UpdateFirmwareAnswer(status="AcceptedCanceled" if running else "Accepted")  # L01.FR.24

    async def report(self, _evse: Evse | None = None, *, extended: bool = False) -> None:
        """F06: Idle after an Installed or where nothing ever ran, else the last status again (L01.FR.25, .26).

        ``extended``: in the form of 1.6's security extension. Raises as the line does.
        """
        told = FirmwareStatusNotification(status="Idle", extended=extended)
        last = self._store.load()
        if last is not None and last.stage not in ("Installed", "accepted"):
            status = cast("FirmwareStatus", last.stage)
            told = FirmwareStatusNotification(status=status, request_id=last.request.request_id, extended=extended)
        await self._line.perform(told, triggered=True)

    def _refusal(self, request: UpdateFirmware) -> UpdateFirmwareAnswer | None:
        firmware, settings = request.firmware, self._around.configuration.now
        if not firmware.location.lower().startswith(URL_SCHEMES):
            return UpdateFirmwareAnswer(status="Rejected", reason="InvalidURL")
        if firmware.signing_certificate is not None:
            checked = check_certificate(firmware.signing_certificate, self._roots(), self._around.clock.now())
            if checked.state != "valid":
                self._around.note("InvalidFirmwareSigningCertificate", checked.reason)  # L01.FR.02
                word = "RevokedCertificate" if checked.state == "revoked" else "InvalidCertificate"
                return UpdateFirmwareAnswer(status=word, reason="InvalidCertificate", info=checked.reason)
        if settings.firmware_signed_only and not firmware.is_signed:
            return UpdateFirmwareAnswer(status="Rejected", reason="MissingParam", info="signed firmware only")
        return None

    def _cancel(self) -> None:
        if self._task is not None:
            self._task.cancel()

    async def _run(self, update: LocalUpdate) -> None:
        self._task = asyncio.current_task()
        await self._course.run(update)
