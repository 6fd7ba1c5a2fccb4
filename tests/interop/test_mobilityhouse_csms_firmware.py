"""CSMS of MobilityHouse's `ocpp` update our station: it fetches the image from a foreign web server and checks it."""

from datetime import UTC, datetime
from typing import Any

import pytest
from file_receiver import receiver
from mobilityhouse_csms import SYSTEMS
from our_station import connected

from stationmaster.ocpp.version import Version
from stationmaster.simulator.firmware_bank import FirmwareBank
from stationmaster.testing.firmware import Maker, image_of

EVERY = pytest.mark.parametrize("version", SYSTEMS, ids=str)

MAKER = Maker("Test Motors", datetime.now(UTC))
SIGNING = MAKER.signing_key()
CONTENT = image_of("2.0", install_s=1)
PATH = "/images/2.0.bin"


def bank() -> FirmwareBank:
    return FirmwareBank(roots=(MAKER.root,))


async def ask(csms: Any, version: Version, location: str, signature: str) -> Any:
    """Have it updated with a signed image."""
    firmware = {
        "location": location,
        "retrieve_date_time": datetime.now(UTC).isoformat(),
        "signing_certificate": SIGNING.certificate,
        "signature": signature,
    }
    action = "SignedUpdateFirmware" if version is Version.V16 else "UpdateFirmware"
    return await csms.tell(action, request_id=7, firmware=firmware, retries=0)


async def told_until(csms: Any, version: Version, last: str) -> list[str]:
    action = "SignedFirmwareStatusNotification" if version is Version.V16 else "FirmwareStatusNotification"
    await csms.heard.first(action, status=last, request_id=7)
    return [each["status"] for each in csms.heard.all(action, request_id=7)]


@EVERY
async def test_a_signed_image_is_fetched_checked_and_installed(version: Version) -> None:
    with receiver() as files:
        files.files[PATH] = CONTENT
        async with connected(version, bank()) as (csms, _):
            answer = await ask(csms, version, files.address(PATH), SIGNING.sign(CONTENT))
            assert answer.status == "Accepted"
            told = await told_until(csms, version, "Installed")
            boot = await csms.heard.first("BootNotification", 2)
    steps = ["Downloading", "Downloaded", "SignatureVerified", "Installing", "Installed"]
    assert [word for word in told if word in steps] == steps
    runs = boot["firmware_version"] if version is Version.V16 else boot["charging_station"]["firmware_version"]
    assert runs == "2.0"


@EVERY
async def test_an_image_that_is_not_the_signed_one_is_refused(version: Version) -> None:
    with receiver() as files:
        files.files[PATH] = image_of("2.0-evil", install_s=1)
        async with connected(version, bank()) as (csms, _):
            await ask(csms, version, files.address(PATH), SIGNING.sign(CONTENT))
            told = await told_until(csms, version, "InvalidSignature")
            event = await csms.heard.first("SecurityEventNotification", type="InvalidFirmwareSignature")
    assert told == ["Downloading", "Downloaded", "InvalidSignature"]
    assert event["timestamp"].endswith("Z")


@EVERY
async def test_an_image_that_is_not_there_is_told_as_such(version: Version) -> None:
    with receiver() as files:
        async with connected(version, bank()) as (csms, _):
            await ask(csms, version, files.address(PATH), SIGNING.sign(CONTENT))
            told = await told_until(csms, version, "DownloadFailed")
    assert told == ["Downloading", "DownloadFailed"]


async def test_1_6_is_updated_without_a_signature_too() -> None:
    with receiver() as files:
        files.files[PATH] = CONTENT
        async with connected(Version.V16, bank()) as (csms, _):
            now = datetime.now(UTC).isoformat()
            await csms.tell("UpdateFirmware", location=files.address(PATH), retrieve_date=now)
            await csms.heard.first("FirmwareStatusNotification", status="Installed")
            boot = await csms.heard.first("BootNotification", 2)
            told = [each["status"] for each in csms.heard.all("FirmwareStatusNotification")]
    assert told == ["Downloading", "Downloaded", "Installing", "Installed"]
    assert boot["firmware_version"] == "2.0"
