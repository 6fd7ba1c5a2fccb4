"""Where a simulated station's firmware lies: what runs, and what the next restart brings up."""

from collections.abc import Callable

from stationmaster.simulator.firmware_image import BrokenImage, read_image
from stationmaster.station.ports import Clock, InstallOutcome


class FirmwareBank:
    """Two slots, as most stations have: what is written into the second one fails without harm.

    ``runs`` None: what the model is delivered with. ``activates_at_once``: without a restart. ``falls_back``: what was
    written does not come up. The rest is told in the hardware's description. ``changed`` is called when something
    else runs or is written, for whoever keeps that longer than the simulation lasts.
    """

    def __init__(
        self,
        *,
        roots: tuple[str, ...] = (),
        boots_to_install: bool = False,
        installs_during_charging: bool = False,
        activates_at_once: bool = False,
        falls_back: bool = False,
    ) -> None:
        self.roots = roots
        self.boots_to_install = boots_to_install
        self.installs_during_charging = installs_during_charging
        self.activates_at_once = activates_at_once
        self.falls_back = falls_back
        self.runs: str | None = None
        self.written: str | None = None
        self.changed: Callable[[], None] = _nothing

    async def install(self, image: bytes, clock: Clock) -> InstallOutcome:
        """As long as the image says."""
        try:
            read = read_image(image)
        except BrokenImage as broken:
            return InstallOutcome(status="VerificationFailed", info=str(broken))
        await clock.sleep(read.install_s)
        if read.fails == "verify":
            return InstallOutcome(status="VerificationFailed", info="the image is not for this station")
        if read.fails == "install":
            return InstallOutcome(status="Failed", info="the flash could not be written")
        if self.activates_at_once:
            self.runs = read.version
            self.changed()
            return InstallOutcome(status="Installed", version=read.version)
        self.written = read.version
        self.changed()
        return InstallOutcome(status="Installed", version=read.version, needs_reboot=True)

    def activate(self) -> None:
        """At a restart."""
        if self.written is not None and not self.falls_back:
            self.runs = self.written
        self.written = None
        self.changed()


def _nothing() -> None:
    """Nobody keeps it."""
