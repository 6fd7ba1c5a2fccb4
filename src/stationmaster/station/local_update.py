"""What the station keeps of a firmware update over a loss of power."""

import msgspec

from stationmaster.domain.firmware.updates import NEXT, UpdateFirmware, Word
from stationmaster.station.ports import Memory

_UPDATE, _IMAGE = "firmware.update", "firmware.image"


class LocalUpdate(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """``stage`` is the last status, or "accepted" before the first. ``failed_downloads``: attempts so far.

    ``installed``: the version that waits for its activation by a reboot; ``reboots``: how often that was tried.
    """

    request: UpdateFirmware
    stage: Word = "accepted"
    failed_downloads: int = 0
    installed: str | None = None
    reboots: int = 0

    @property
    def is_over(self) -> bool:
        return not NEXT[self.stage] or self.stage == "DownloadFailed"

    @property
    def may_be_cancelled(self) -> bool:
        """What writes to the flash is not to be stopped (L01.FR.27)."""
        return self.stage not in ("Installing", "InstallRebooting")


class UpdateStore:
    """The newest update, and the image while it is needed."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory

    def load(self) -> LocalUpdate | None:
        kept = self._memory.get(_UPDATE)
        return None if kept is None else msgspec.json.decode(kept, type=LocalUpdate)

    def save(self, update: LocalUpdate) -> None:
        self._memory.put(_UPDATE, msgspec.json.encode(update))
        if update.is_over:
            self._memory.delete(_IMAGE)

    def image(self) -> bytes | None:
        return self._memory.get(_IMAGE)

    def keep_image(self, image: bytes) -> None:
        self._memory.put(_IMAGE, image)
