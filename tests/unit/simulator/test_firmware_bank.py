import pytest

from stationmaster.clock.virtual import VirtualClock, run_virtual
from stationmaster.simulator.firmware_bank import FirmwareBank
from stationmaster.simulator.firmware_image import BrokenImage, image_of, read_image
from stationmaster.station.ports import InstallOutcome


def installed(bank: FirmwareBank, image: bytes) -> InstallOutcome:
    return run_virtual(bank.install(image, VirtualClock()))


def test_an_image_says_what_it_is_and_how_long_it_is() -> None:
    image = image_of("2.0", size_bytes=5000, fails="verify", install_s=3)
    read = read_image(image)
    assert (len(image), read.version, read.fails, read.install_s) == (5000, "2.0", "verify", 3)


@pytest.mark.parametrize("broken", [b"", b"no header", b"{}\n", b"[1]\n", image_of("2.0")[:-1], image_of("2.0") + b"x"])
def test_an_image_that_is_not_whole_is_broken(broken: bytes) -> None:
    with pytest.raises(BrokenImage):
        read_image(broken)
    assert installed(FirmwareBank(), broken).status == "VerificationFailed"


def test_what_is_written_runs_after_the_next_restart() -> None:
    bank, changes = FirmwareBank(), []
    bank.changed = lambda: changes.append((bank.runs, bank.written))
    outcome = installed(bank, image_of("2.0"))
    assert (outcome.status, outcome.needs_reboot, bank.runs) == ("Installed", True, None)
    bank.activate()
    assert (bank.runs, bank.written) == ("2.0", None)
    assert changes == [(None, "2.0"), ("2.0", None)]
    bank.activate()
    assert bank.runs == "2.0"


def test_what_does_not_come_up_leaves_what_ran() -> None:
    bank = FirmwareBank(falls_back=True)
    installed(bank, image_of("2.0"))
    bank.activate()
    assert bank.runs is None


@pytest.mark.parametrize(("fails", "status"), [("verify", "VerificationFailed"), ("install", "Failed")])
def test_an_image_can_be_made_to_fail(fails: str, status: str) -> None:
    bank = FirmwareBank()
    assert installed(bank, image_of("2.0", fails=fails)).status == status  # type: ignore[arg-type]
    assert bank.written is None


def test_some_hardware_needs_no_restart() -> None:
    bank = FirmwareBank(activates_at_once=True)
    assert not installed(bank, image_of("2.0")).needs_reboot
    assert bank.runs == "2.0"
