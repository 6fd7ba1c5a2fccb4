"""L Firmware, as certification tests a station: images that are good, bad, late, cancelled, and in the way."""

from typing import Any

import pytest
from said import Said
from scripted_csms import Payload
from station_case import StationCase

from stationmaster.clock.virtual import EPOCH
from stationmaster.domain.transfer import TransferFailed
from stationmaster.station.settings import with_fields
from stationmaster.testing.firmware import Maker, image_of

WHERE = "http://t7:secret@files.test:9001/fw/7/image.bin"
MAKER = Maker("Test Motors", EPOCH)
SIGNING = MAKER.signing_key()
WHOLE = ["Downloading", "Downloaded", "SignatureVerified", "Installing", "InstallRebooting", "Installed"]
PAST, LATER, LATEST = "2029-12-31T22:00:00Z", "2030-01-01T01:00:00Z", "2030-01-01T02:00:00Z"


@pytest.fixture
def firmware(case: StationCase) -> StationCase:
    """The case, with its maker's root in the station."""
    case.csms.script["FirmwareStatusNotification"] = lambda _: {}
    case.hardware.firmware.roots = (MAKER.root,)
    return case


async def update(
    case: StationCase, image: bytes | None = None, request_id: int = 7, more: Payload | None = None, **firmware: Any
) -> Payload:
    """UpdateFirmware, as OCTT sends it; None in ``firmware`` takes a member away."""
    image = image_of("2.0") if image is None else image
    case.files.offered.setdefault(WHERE, image)
    members = {
        "location": WHERE,
        "retrieveDateTime": PAST,
        "installDateTime": PAST,
        "signingCertificate": SIGNING.certificate,
        "signature": SIGNING.sign(image),
        **firmware,
    }
    members = {name: value for name, value in members.items() if value is not None}
    return await case.ask("UpdateFirmware", requestId=request_id, firmware=members, **(more or {}))


def told(said: Said) -> list[tuple[str, int | None]]:
    return [(p["status"], p.get("requestId")) for p in said.payloads("FirmwareStatusNotification")]


def words(said: Said, request_id: int = 7) -> list[str]:
    assert {number for _, number in told(said)} <= {request_id}  # L01.FR.10, .20
    return [status for status, _ in told(said)]


def events(case: StationCase) -> list[str]:
    kinds = [call.payload["type"] for call in case.csms.security_events]
    return [kind for kind in kinds if "Firmware" in kind]


async def test_TC_L_01_CS_a_signed_image_is_installed_and_told_step_by_step(firmware: StationCase) -> None:
    assert (await update(firmware))["status"] == "Accepted"
    said = await firmware.wait(200)

    assert words(said) == WHOLE  # L01.FR.01
    (boot,) = said.payloads("BootNotification")
    assert boot["reason"] == "FirmwareUpdate"
    assert boot["chargingStation"]["firmwareVersion"] == "2.0"
    assert events(firmware) == ["FirmwareUpdated"]  # L01.FR.31


async def test_TC_L_01_CS_the_response_comes_before_the_first_status(firmware: StationCase) -> None:
    await update(firmware)
    said = await firmware.wait(2)
    assert said.order[:2] == ["UpdateFirmware!", "FirmwareStatusNotification"]


async def test_TC_L_02_CS_an_installation_waits_for_its_time(firmware: StationCase) -> None:
    await update(firmware, installDateTime=LATER)
    said = await firmware.wait(600)
    assert words(said) == ["Downloading", "Downloaded", "SignatureVerified", "InstallScheduled"]  # L01.FR.16
    assert words(await firmware.wait(3600)) == ["Installing", "InstallRebooting", "Installed"]


async def test_TC_L_03_CS_a_download_waits_for_its_time(firmware: StationCase) -> None:
    await update(firmware, retrieveDateTime=LATER, installDateTime=LATEST)
    assert words(await firmware.wait(600)) == ["DownloadScheduled"]  # L01.FR.13
    said = await firmware.wait(3600)
    assert words(said) == ["Downloading", "Downloaded", "SignatureVerified", "InstallScheduled"]
    assert words(await firmware.wait(4000)) == ["Installing", "InstallRebooting", "Installed"]


async def test_TC_L_05_CS_a_certificate_of_somebody_else_is_refused_before_anything_is_fetched(
    firmware: StationCase,
) -> None:
    stranger = Maker("Others", EPOCH).signing_key()
    answer = await update(firmware, signingCertificate=stranger.certificate)
    said = await firmware.wait(60)

    assert answer["status"] == "InvalidCertificate"  # L01.FR.21, .22
    assert told(said) == []
    assert firmware.files.attempts == []
    assert events(firmware) == ["InvalidFirmwareSigningCertificate"]  # L01.FR.02


async def test_TC_L_06_CS_a_signature_that_does_not_belong_is_told_with_a_security_event(
    firmware: StationCase,
) -> None:
    await update(firmware, signature=SIGNING.sign(b"something else"))
    said = await firmware.wait(200)

    assert words(said) == ["Downloading", "Downloaded", "InvalidSignature"]  # L01.FR.04
    assert events(firmware) == ["InvalidFirmwareSignature"]  # L01.FR.03
    assert firmware.hardware.describe().info.firmware_version == "1.0.0"


async def test_TC_L_07_CS_a_download_that_fails_is_told_after_the_last_attempt(firmware: StationCase) -> None:
    firmware.files.fails = [TransferFailed("Failed")] * 3
    await update(firmware, more={"retries": 2, "retryInterval": 10})
    said = await firmware.wait(200)

    assert words(said) == ["Downloading", "DownloadFailed"]  # L01.FR.30
    assert len(firmware.files.attempts) == 3


async def test_TC_L_08_CS_an_image_that_hardware_refuses_leaves_the_old_one_running(firmware: StationCase) -> None:
    await update(firmware, image_of("2.0", fails="verify"))
    said = await firmware.wait(200)

    assert words(said)[-1] == "InstallVerificationFailed"  # L01.FR.29
    assert firmware.hardware.describe().info.firmware_version == "1.0.0"
    assert {status for _, _, status in said.reports[-2:]} == {"Available"}


async def test_TC_L_10_CS_a_newer_request_cancels_a_download(firmware: StationCase) -> None:
    firmware.files.takes_s = 60
    await update(firmware)
    assert words(await firmware.wait(10)) == ["Downloading"]
    answer = await update(firmware, request_id=8)

    assert answer["status"] == "AcceptedCanceled"  # L01.FR.24
    assert words(await firmware.wait(300), 8) == WHOLE


async def test_TC_L_11_CS_an_installation_is_not_cancelled(firmware: StationCase) -> None:
    await update(firmware)
    assert words(await firmware.wait(10))[-1] == "Installing"
    answer = await update(firmware, request_id=8)

    assert answer["status"] == "Rejected"  # L01.FR.27
    assert words(await firmware.wait(300)) == ["InstallRebooting", "Installed"]


async def _charging(case: StationCase) -> None:
    case.set(TxCtrlr__TxStartPoint="EVConnected", TxCtrlr__TxStopPoint="EVConnected")
    await case.charging()


async def test_TC_L_14_CS_who_charges_is_waited_for_and_others_may_still_begin(firmware: StationCase) -> None:
    firmware.set(ChargingStation__AllowNewSessionsPendingFirmwareUpdate="true")
    await _charging(firmware)
    await update(firmware)
    said = await firmware.wait(300)

    assert words(said)[-1] == "InstallScheduled"  # L01.FR.06, .34
    assert (2, 1, "Unavailable") not in said.reports
    said = await firmware.unplug() + await firmware.wait(300)
    assert words(said) == ["Installing", "InstallRebooting", "Installed"]


async def test_TC_L_15_CS_who_charges_is_waited_for_and_nobody_else_may_begin(firmware: StationCase) -> None:
    await _charging(firmware)
    await update(firmware)
    said = await firmware.wait(300)

    assert words(said)[-1] == "InstallScheduled"
    assert (2, 1, "Unavailable") in said.reports  # L01.FR.07
    assert (1, 1, "Unavailable") not in said.reports
    said = await firmware.unplug()
    said = said + await firmware.wait(300)
    assert (1, 1, "Unavailable") in said.reports
    assert words(said) == ["Installing", "InstallRebooting", "Installed"]
    assert set(said.reports[-2:]) == set(firmware.all_report("Available"))


async def test_TC_L_16_CS_hardware_that_can_installs_beside_a_session_and_reboots_after_it(
    firmware: StationCase,
) -> None:
    firmware.hardware.firmware.installs_during_charging = True
    await _charging(firmware)
    await update(firmware)
    assert words(await firmware.wait(300))[-1] == "Installing"
    said = await firmware.unplug() + await firmware.wait(300)
    assert words(said) == ["InstallRebooting", "Installed"]  # L01.FR.33


async def test_TC_L_18_CS_an_image_without_certificate_and_signature_is_refused(firmware: StationCase) -> None:
    answer = await update(firmware, signingCertificate=None, signature=None)
    assert answer["status"] == "Rejected"
    assert told(await firmware.wait(60)) == []


async def test_L02_FR_02_an_unsigned_image_is_installed_where_the_station_is_set_to(firmware: StationCase) -> None:
    firmware.station._configuration.now = with_fields(firmware.station.settings, {"firmware_signed_only": False})
    await update(firmware, signingCertificate=None, signature=None)
    assert words(await firmware.wait(200)) == [word for word in WHOLE if word != "SignatureVerified"]


@pytest.mark.parametrize("broken", [image_of("2.0")[:-100], b"", image_of("2.0") + b"!"])
async def test_L01_FR_04_an_image_that_is_broken_or_incomplete_is_never_installed(
    firmware: StationCase, broken: bytes
) -> None:
    firmware.files.offered[WHERE] = broken
    await update(firmware)
    assert words(await firmware.wait(200)) == ["Downloading", "Downloaded", "InvalidSignature"]


@pytest.mark.parametrize("at_s", [1, 5, 40, 55])
async def test_L01_FR_28_an_update_goes_on_after_a_loss_of_power(firmware: StationCase, at_s: int) -> None:
    await update(firmware)
    said = await firmware.wait(at_s)
    await firmware.cut_power()
    said = said + await firmware.power_up()
    said = said + await firmware.wait(400)
    assert words(said)[-1] == "Installed"
    assert firmware.hardware.describe().info.firmware_version == "2.0"


async def _trigger(case: StationCase) -> list[tuple[str, int | None]]:
    answer = await case.ask("TriggerMessage", requestedMessage="FirmwareStatusNotification")
    assert answer["status"] == "Accepted"
    return told(await case.wait(0.5))


async def test_TC_F_17_CS_idle_is_told_where_nothing_ever_ran(firmware: StationCase) -> None:
    assert await _trigger(firmware) == [("Idle", None)]  # F06.FR.16


async def test_TC_F_18_CS_idle_is_told_once_an_update_is_installed(firmware: StationCase) -> None:
    await update(firmware)
    await firmware.wait(200)
    assert await _trigger(firmware) == [("Idle", None)]  # L01.FR.25


async def test_TC_F_19_CS_the_status_is_told_again_while_an_image_is_fetched(firmware: StationCase) -> None:
    firmware.files.takes_s = 60
    await update(firmware)
    await firmware.wait(10)
    assert await _trigger(firmware) == [("Downloading", 7)]


async def test_L01_FR_26_a_failure_is_told_again_when_asked(firmware: StationCase) -> None:
    firmware.files.fails = [TransferFailed("Failed")]
    await update(firmware, more={"retries": 0})
    await firmware.wait(60)
    assert await _trigger(firmware) == [("DownloadFailed", 7)]
