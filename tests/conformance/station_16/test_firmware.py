"""Firmware of a charge point of 1.6: the plain messages, and the signed ones of the security extension."""

from typing import Any

import pytest
from charge_point_case import ChargePointCase
from said import Said
from scripted_csms import CallError

from stationmaster.clock.virtual import EPOCH
from stationmaster.domain.transfer import TransferFailed
from stationmaster.station.settings import with_fields
from stationmaster.testing.firmware import Maker, image_of

WHERE = "http://t7:secret@files.test:9001/fw/7/image.bin"
MAKER = Maker("Test Motors", EPOCH)
SIGNING = MAKER.signing_key()
PAST = "2029-12-31T22:00:00Z"


@pytest.fixture
def firmware(case: ChargePointCase) -> ChargePointCase:
    for action in ("FirmwareStatusNotification", "SignedFirmwareStatusNotification"):
        case.csms.script[action] = lambda _: {}
    case.hardware.firmware.roots = (MAKER.root,)
    case.files.offered[WHERE] = image_of("2.0")
    return case


def plain(said: Said) -> list[str]:
    return [payload["status"] for payload in said.payloads("FirmwareStatusNotification")]


def signed(said: Said) -> list[tuple[str, int | None]]:
    return [(p["status"], p.get("requestId")) for p in said.payloads("SignedFirmwareStatusNotification")]


async def signed_update(case: ChargePointCase, request_id: int = 7, **firmware: Any) -> str:
    members = {
        "location": WHERE,
        "retrieveDateTime": PAST,
        "signingCertificate": SIGNING.certificate,
        "signature": SIGNING.sign(image_of("2.0")),
        **firmware,
    }
    answer = await case.ask("SignedUpdateFirmware", requestId=request_id, firmware=members)
    return str(answer["status"])


async def test_1_6_s5_19_firmware_is_fetched_installed_and_told(firmware: ChargePointCase) -> None:
    assert await firmware.ask("UpdateFirmware", location=WHERE, retrieveDate=PAST) == {}
    said = await firmware.wait(200)

    assert plain(said) == firmware.words("Downloading", "Downloaded", "Installing", "Installed")  # errata 3.47
    assert signed(said) == []
    assert said.payloads("BootNotification")[-1]["firmwareVersion"] == "2.0"


async def test_1_6_s9_1_the_feature_profile_is_told(firmware: ChargePointCase) -> None:
    answer = await firmware.ask("GetConfiguration", key=["SupportedFeatureProfiles"])
    assert "FirmwareManagement" in answer["configurationKey"][0]["value"].split(",")


async def test_1_6_s5_19_a_download_is_not_begun_before_its_date(firmware: ChargePointCase) -> None:
    await firmware.ask("UpdateFirmware", location=WHERE, retrieveDate="2030-01-01T01:00:00Z")
    assert plain(await firmware.wait(3000)) == []
    assert plain(await firmware.wait(1500)) == firmware.words("Downloading", "Downloaded", "Installing", "Installed")


async def test_1_6_s5_19_retries_come_after_the_first_attempt_errata_3_50(firmware: ChargePointCase) -> None:
    firmware.files.fails = [TransferFailed("Failed")] * 3
    await firmware.ask("UpdateFirmware", location=WHERE, retrieveDate=PAST, retries=2, retryInterval=5)
    assert plain(await firmware.wait(60)) == firmware.words("Downloading", "DownloadFailed")
    assert len(firmware.files.attempts) == 3


@pytest.mark.parametrize("image", [image_of("2.0", fails="install"), image_of("2.0")[:-5], b"?"])
async def test_1_6_s5_19_what_cannot_be_installed_has_failed(firmware: ChargePointCase, image: bytes) -> None:
    firmware.files.offered[WHERE] = image
    await firmware.ask("UpdateFirmware", location=WHERE, retrieveDate=PAST)
    assert plain(await firmware.wait(200))[-1] == "InstallationFailed"


async def test_1_6_s4_5_idle_is_told_when_triggered_and_nothing_goes_on(firmware: ChargePointCase) -> None:
    await firmware.ask("TriggerMessage", requestedMessage="FirmwareStatusNotification")
    assert plain(await firmware.wait(1)) == ["Idle"]


async def test_1_6_security_L01_idle_is_told_in_the_form_it_was_asked_in(firmware: ChargePointCase) -> None:
    await firmware.ask("ExtendedTriggerMessage", requestedMessage="FirmwareStatusNotification")
    assert signed(await firmware.wait(1)) == [("Idle", None)]


async def test_1_6_security_L01_a_signed_image_is_verified_and_told_with_its_request(
    firmware: ChargePointCase,
) -> None:
    assert await signed_update(firmware) == "Accepted"
    said = await firmware.wait(200)

    words = ["Downloading", "Downloaded", "SignatureVerified", "Installing", "InstallRebooting", "Installed"]
    assert signed(said) == [(word, 7) for word in words]
    assert plain(said) == []
    assert "FirmwareUpdated" in [call.payload["type"] for call in firmware.csms.security_events]


async def test_1_6_security_L01_a_wrong_signature_and_a_wrong_certificate_are_told_apart(
    firmware: ChargePointCase,
) -> None:
    stranger = Maker("Others", EPOCH).signing_key()
    assert await signed_update(firmware, signingCertificate=stranger.certificate) == "InvalidCertificate"
    assert await signed_update(firmware, signature=SIGNING.sign(b"?")) == "Accepted"
    assert signed(await firmware.wait(200))[-1] == ("InvalidSignature", 7)
    kinds = [call.payload["type"] for call in firmware.csms.security_events]
    assert [kind for kind in kinds if "InvalidFirmware" in kind] == [
        "InvalidFirmwareSigningCertificate",
        "InvalidFirmwareSignature",
    ]


async def test_1_6_security_L01_FR_20_a_station_for_signed_firmware_does_not_know_the_plain_form(
    firmware: ChargePointCase,
) -> None:
    settings = with_fields(firmware.station.settings, {"firmware_signed_only": True})
    firmware.station._configuration.now = settings
    with pytest.raises(CallError, match="NotSupported"):
        await firmware.ask("UpdateFirmware", location=WHERE, retrieveDate=PAST)
    assert firmware.files.attempts == []


async def test_1_6_security_L01_FR_26_a_newer_request_cancels_the_one_before(firmware: ChargePointCase) -> None:
    firmware.files.takes_s = 60
    await signed_update(firmware)
    await firmware.wait(5)
    assert await signed_update(firmware, 8) == "AcceptedCanceled"
    assert signed(await firmware.wait(300))[-1] == ("Installed", 8)
