"""Updates on a station with simulated hardware, from the request to the version it boots with."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import msgspec
import pytest

from stationmaster.clock.virtual import EPOCH
from stationmaster.domain.firmware.updates import (
    NEXT,
    Firmware,
    FirmwareStatusNotification,
    UpdateFirmware,
)
from stationmaster.domain.identity import Evse, IdToken
from stationmaster.domain.messages import BootNotification, TriggerMessage
from stationmaster.simulator.catalogue import ev_model, station_model
from stationmaster.simulator.ev import EV
from stationmaster.simulator.firmware_bank import FirmwareBank
from stationmaster.simulator.hardware import SimulatedHardware
from stationmaster.station.ports import TransferFailed
from stationmaster.testing.firmware import Maker, image_of

EVSE1, EVSE2 = Evse(1, 1), Evse(2, 1)
URL = "http://user:secret@files.test/fw/1/image.bin"
WHOLE = ["Downloading", "Downloaded", "SignatureVerified", "Installing", "InstallRebooting", "Installed"]
MAKER = Maker("Test Motors", EPOCH)
SIGNING = MAKER.signing_key(lasts=timedelta(days=365))

OF_STARTS = frozenset({"StartupOfTheDevice", "ResetOrReboot"})


class Files:
    """What can be fetched; each failure in ``failures`` happens once, first."""

    def __init__(self, clock: Any) -> None:
        self.clock = clock
        self.content: dict[str, bytes] = {}
        self.failures: list[TransferFailed] = []
        self.fetched = 0
        self.takes_s = 10.0

    async def upload(self, url: str, filename: str, body: bytes) -> None:
        raise TransferFailed("NotSupportedOperation")

    async def download(self, url: str, *, max_bytes: int) -> bytes:
        self.fetched += 1
        await self.clock.sleep(self.takes_s)
        if self.failures:
            raise self.failures.pop(0)
        return self.content[url]


@pytest.fixture
def updating(bench: Any) -> Callable[..., Any]:
    class Updating(bench):  # type: ignore[misc]
        def __init__(self, *, bank: dict[str, Any] | None = None, **settings: Any) -> None:
            super().__init__(**settings)
            self.hardware = SimulatedHardware(
                station_model("Street post 2x22"),
                self.clock,
                reboot_s=10,
                firmware=FirmwareBank(roots=(MAKER.root,), **(bank or {})),
            )
            self.files = Files(self.clock)

        @property
        def events(self) -> list[tuple[str, str | None]]:
            """The security log, but for what every start notes."""
            lines = self.program.security.lines()
            return [(line.kind, line.text) for line in lines if line.kind not in OF_STARTS]

        async def power_down(self) -> None:
            self._running.cancel()
            await asyncio.wait((self._running,))

        def request(self, image: bytes | None = None, *, request_id: int | None = 7, **changes: Any) -> UpdateFirmware:
            image = image_of("2.0") if image is None else image
            self.files.content[URL] = image
            firmware = Firmware(
                location=URL,
                retrieve_at=self.clock.now() - timedelta(hours=2),
                signing_certificate=SIGNING.certificate,
                signature=SIGNING.sign(image),
            )
            more = {name: changes.pop(name) for name in ("retries", "retry_interval_s") if name in changes}
            return UpdateFirmware(firmware=msgspec.structs.replace(firmware, **changes), request_id=request_id, **more)

        async def ask(self, request: Any) -> str:
            answer = await self.csms.ask(request)
            return str(answer.status)

        @property
        def words(self) -> list[str]:
            return [told.status for told in self.csms.all(FirmwareStatusNotification)]

        @property
        def kinds(self) -> list[str]:
            return [kind for kind, _ in self.events]

        @property
        def version(self) -> str | None:
            version: str | None = self.hardware.describe().info.firmware_version
            return version

    return Updating


async def test_a_signed_image_is_fetched_verified_installed_and_runs_after_a_reboot(updating: Any) -> None:
    async with updating() as bench:
        assert await bench.ask(bench.request()) == "Accepted"
        await bench.settle(120)
        assert bench.words == WHOLE
        assert {told.request_id for told in bench.csms.all(FirmwareStatusNotification)} == {7}
        (boot,) = bench.csms.all(BootNotification)
        assert (boot.reason, boot.station.firmware_version) == ("FirmwareUpdate", "2.0")
        assert bench.events == [("FirmwareUpdated", "2.0")]


async def test_hardware_that_activates_at_once_needs_no_reboot(updating: Any) -> None:
    async with updating(bank={"activates_at_once": True}) as bench:
        await bench.ask(bench.request())
        await bench.settle(120)
        assert bench.words == [word for word in WHOLE if word != "InstallRebooting"]
        assert (bench.boots, bench.version) == (1, "2.0")


async def test_a_boot_loader_that_installs_is_booted_first(updating: Any) -> None:
    async with updating(bank={"boots_to_install": True, "activates_at_once": True}) as bench:
        await bench.ask(bench.request())
        await bench.settle(120)
        assert bench.words[2:] == ["SignatureVerified", "InstallRebooting", "Installing", "Installed"]


async def test_a_download_and_an_installation_wait_for_their_time(updating: Any) -> None:
    async with updating() as bench:
        now = bench.clock.now()
        await bench.ask(bench.request(retrieve_at=now + timedelta(hours=1), install_at=now + timedelta(hours=3)))
        await bench.settle(3500)
        assert bench.words == ["DownloadScheduled"]
        await bench.settle(1000)
        assert bench.words[1:] == ["Downloading", "Downloaded", "SignatureVerified", "InstallScheduled"]
        await bench.settle(3 * 3600)
        assert bench.words[-3:] == ["Installing", "InstallRebooting", "Installed"]


async def test_a_failed_download_is_tried_again_and_told_once_all_attempts_have_failed(updating: Any) -> None:
    async with updating() as bench:
        bench.files.failures = [TransferFailed("Failed")] * 3
        await bench.ask(bench.request(retries=2, retry_interval_s=100))
        await bench.settle(200)
        assert bench.words == ["Downloading"]
        await bench.settle(100)
        assert (bench.words, bench.files.fetched) == (["Downloading", "DownloadFailed"], 3)


async def test_a_download_that_succeeds_in_the_end_is_a_download(updating: Any) -> None:
    async with updating() as bench:
        bench.files.failures = [TransferFailed("Failed")]
        await bench.ask(bench.request())
        await bench.settle(300)
        assert bench.words == WHOLE


@pytest.mark.parametrize("broken", [image_of("2.0")[:-1], image_of("2.1"), b""])
async def test_an_image_that_is_not_the_signed_one_is_never_installed(updating: Any, broken: bytes) -> None:
    async with updating() as bench:
        request = bench.request()
        bench.files.content[URL] = broken
        await bench.ask(request)
        await bench.settle(300)
        assert bench.words == ["Downloading", "Downloaded", "InvalidSignature"]
        assert (bench.kinds, bench.version) == (["InvalidFirmwareSignature"], "1.0.0")


@pytest.mark.parametrize(
    ("image", "end"),
    [
        (image_of("2.0", fails="verify"), "InstallVerificationFailed"),
        (image_of("2.0", fails="install"), "InstallationFailed"),
        (b"{}", "InstallVerificationFailed"),
        (image_of("2.0") + b"?", "InstallVerificationFailed"),
    ],
)
async def test_what_hardware_refuses_leaves_the_old_firmware_and_the_connectors_available(
    updating: Any, image: bytes, end: str
) -> None:
    async with updating() as bench:
        await bench.ask(bench.request(image))
        await bench.settle(300)
        assert (bench.words[-1], bench.version, bench.boots) == (end, "1.0.0", 1)
        assert bench.program.availability.usable(1)


async def test_firmware_that_does_not_come_up_has_failed(updating: Any) -> None:
    async with updating(bank={"falls_back": True}) as bench:
        await bench.ask(bench.request())
        await bench.settle(300)
        assert bench.words[-2:] == ["InstallRebooting", "InstallationFailed"]
        assert bench.version == "1.0.0"
        assert bench.program.availability.usable(1)


async def test_a_certificate_that_no_installed_root_has_issued_is_refused_before_anything_is_fetched(
    updating: Any,
) -> None:
    async with updating() as bench:
        stranger = Maker("Others", EPOCH).signing_key(lasts=timedelta(days=365))
        assert await bench.ask(bench.request(signing_certificate=stranger.certificate)) == "InvalidCertificate"
        assert await bench.ask(bench.request(signing_certificate="rubbish")) == "InvalidCertificate"
        await bench.settle(60)
        assert (bench.words, bench.files.fetched) == ([], 0)
        assert bench.kinds == ["InvalidFirmwareSigningCertificate"] * 2


async def test_unsigned_firmware_is_refused_unless_the_station_is_set_to_take_it(updating: Any) -> None:
    unsigned = {"signing_certificate": None, "signature": None}
    async with updating() as bench:
        assert await bench.ask(bench.request(**unsigned)) == "Rejected"
    async with updating(firmware_signed_only=False) as bench:
        assert await bench.ask(bench.request(**unsigned)) == "Accepted"
        await bench.settle(120)
        assert bench.words == [word for word in WHOLE if word != "SignatureVerified"]


async def test_an_address_of_no_known_kind_is_refused(updating: Any) -> None:
    async with updating() as bench:
        assert await bench.ask(bench.request(location="gopher://files.test/x")) == "Rejected"


async def test_a_newer_request_cancels_what_can_be_cancelled(updating: Any) -> None:
    async with updating() as bench:
        await bench.ask(bench.request())
        await bench.settle(5)
        assert await bench.ask(bench.request(image_of("3.0"), request_id=8)) == "AcceptedCanceled"
        await bench.settle(120)
        told = bench.csms.all(FirmwareStatusNotification)
        assert [one.status for one in told if one.request_id == 8] == WHOLE
        assert [one.status for one in told if one.request_id == 7] == ["Downloading"]
        assert bench.version == "3.0"


async def test_an_installation_is_not_cancelled_and_a_repeat_is_no_new_request(updating: Any) -> None:
    async with updating() as bench:
        request = bench.request()
        await bench.ask(request)
        await bench.settle(5)
        assert await bench.ask(request) == "Rejected"
        await bench.settle(10)
        assert bench.words[-1] == "Installing"
        assert await bench.ask(bench.request(image_of("3.0"), request_id=8)) == "Rejected"
        await bench.settle(120)
        assert (bench.words, bench.version) == (WHOLE, "2.0")


async def test_a_charging_session_is_waited_for_and_nobody_else_may_begin(updating: Any) -> None:
    async with updating() as bench:
        bench.hardware.plug(1, EV(ev_model("Compact 58"), 0.2))
        await bench.settle(3)
        bench.hardware.present(IdToken("04AABBCC", "ISO14443"), 1)
        await bench.settle(10)
        await bench.ask(bench.request())
        await bench.settle(600)
        assert bench.words[-1] == "InstallScheduled"
        assert bench.program.availability.status(EVSE2).status == "Unavailable"
        assert bench.program.availability.status(EVSE1).status == "Occupied"
        bench.hardware.unplug(1)
        await bench.settle(120)
        assert bench.words[-2:] == ["InstallRebooting", "Installed"]
        assert bench.program.availability.status(EVSE2).status == "Available"


async def test_the_last_status_is_told_again_when_asked_and_idle_after_success(updating: Any) -> None:
    trigger = TriggerMessage(requested="FirmwareStatusNotification")
    async with updating() as bench:
        assert await bench.ask(trigger) == "Accepted"
        await bench.settle(1)
        assert bench.words == ["Idle"]
        await bench.ask(bench.request())
        await bench.settle(5)
        await bench.ask(trigger)
        await bench.settle(1)
        assert bench.words == ["Idle", "Downloading", "Downloading"]
        await bench.settle(120)
        await bench.ask(trigger)
        await bench.settle(1)
        assert bench.words[-2:] == ["Installed", "Idle"]


async def test_what_could_not_be_told_is_told_in_order_when_the_line_is_back(updating: Any) -> None:
    async with updating(bank={"activates_at_once": True}) as bench:
        await bench.ask(bench.request())
        await bench.settle(1)
        bench.csms.drop()
        await bench.settle(120)
        assert bench.words == ["Downloading"]
        bench.csms.reachable = True
        await bench.settle(300)
        assert bench.words == [word for word in WHOLE if word != "InstallRebooting"]


@pytest.mark.parametrize("cut_after_s", range(0, 75, 3))
async def test_a_loss_of_power_at_any_moment_ends_in_the_new_firmware(updating: Any, cut_after_s: int) -> None:
    async with updating() as bench:
        await bench.ask(bench.request())
        await bench.settle(cut_after_s)
        await bench.power_down()
        await bench.settle(60)
        await bench.power_up()
        await bench.settle(600)
        assert bench.version == "2.0"
        words = bench.words
        assert words[-1] == "Installed"
        once = [word for word, before in zip(words, [None, *words], strict=False) if word != before]
        assert all(after in NEXT[word] for word, after in zip(["accepted", *once], once, strict=False)), once
        assert {told.request_id for told in bench.csms.all(FirmwareStatusNotification)} == {7}
        assert bench.kinds.count("FirmwareUpdated") == 1
