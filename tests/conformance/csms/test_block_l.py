"""L Firmware, as certification tests a CSMS: what it asks for, and what it makes of all that stations tell."""

import hashlib
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from csms_case import Case

from stationmaster.csms.firmware.desk import UpdateWish
from stationmaster.domain.command import Command
from stationmaster.domain.firmware.images import FirmwareImage
from stationmaster.domain.firmware.updates import FirmwareUpdate, Publication
from stationmaster.domain.messages import TriggerMessage
from stationmaster.ocpp.version import Version
from stationmaster.testing.firmware import Maker, image_of
from stationmaster.testing.wire import Payload

CONTENT = image_of("2.0", size_bytes=5000)
MAKER = Maker("Test Motors", datetime.now(UTC))
SIGNING = MAKER.signing_key()
MD5 = hashlib.md5(CONTENT).hexdigest()
BEGIN = ["Downloading", "Downloaded", "SignatureVerified"]
SHORT = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"
"""A certificate as 2.0's field holds one; nothing here looks into it."""


async def portions() -> AsyncIterator[bytes]:
    yield CONTENT


async def image_in(case: Case) -> FirmwareImage:
    images = case.bench.csms.firmware.images
    image = await images.create("default", name="F", version="2.0", file_name="f.bin")
    image = await images.receive(image, portions())
    short = case.station.client.version is Version.V20
    return await images.sign(image, SIGNING.sign(CONTENT), SHORT if short else SIGNING.certificate)


async def asked(case: Case, status: str = "Accepted", **wish: Any) -> tuple[Payload, Command]:
    """An update that the station answers so: what was asked of it, and what the operator then sees."""
    case.station.answer("UpdateFirmware", {"status": status})
    station = case.bench.csms.directory.get(case.view.key)
    assert station is not None
    command = await case.bench.csms.firmware.update(station.state.station, await image_in(case), UpdateWish(**wish))
    said = await case.station.asked("UpdateFirmware")
    return said, await case.view.outcome(command)


async def tell(case: Case, request_id: int, *statuses: str) -> None:
    """Each is answered with nothing."""
    for status in statuses:
        told = {"status": status, "requestId": request_id}
        assert await case.station.say("FirmwareStatusNotification", told) == {}


async def update_of(case: Case, command: Command) -> FirmwareUpdate:
    found = await case.bench.storage.reads.firmware_update("default", command.key)
    assert found is not None
    return found


async def security_event(case: Case, kind: str) -> None:
    told = {"type": kind, "timestamp": case.station.now().isoformat().replace("+00:00", "Z")}
    assert await case.station.say("SecurityEventNotification", told) == {}


async def booted(case: Case) -> None:
    assert (await case.station.boot("FirmwareUpdate", firmwareVersion="2.0"))["status"] == "Accepted"


async def test_TC_L_01_CSMS_an_update_is_asked_for_with_its_signature_and_followed_to_its_end(case: Case) -> None:
    said, command = await asked(case)

    firmware = said["firmware"]
    assert firmware["signingCertificate"] and firmware["signature"]  # L01.FR.11
    assert firmware["location"].endswith("/f.bin") and "installDateTime" not in firmware
    assert (command.state, command.status) == ("accepted", "Accepted")
    await tell(case, said["requestId"], *BEGIN, "Installing", "InstallRebooting")
    await booted(case)
    await case.reported("Available")
    await tell(case, said["requestId"], "Installed")
    await security_event(case, "FirmwareUpdated")
    update = await update_of(case, command)
    assert (update.state, update.is_proven) == ("installed", True)
    assert await case.view.oddities("firmware_order") == []


async def test_TC_L_02_CSMS_an_installation_may_be_asked_for_later(case: Case) -> None:
    later = case.station.now() + timedelta(hours=2)
    said, command = await asked(case, install_at=later)

    assert datetime.fromisoformat(said["firmware"]["installDateTime"]) == later.replace(
        microsecond=later.microsecond // 1000 * 1000
    )
    await tell(case, said["requestId"], *BEGIN, "InstallScheduled", "Installing", "Installed")
    assert (await update_of(case, command)).state == "installed"


async def test_TC_L_03_CSMS_a_download_may_be_asked_for_later(case: Case) -> None:
    later = case.station.now() + timedelta(hours=2)
    said, command = await asked(case, retrieve_at=later)

    assert datetime.fromisoformat(said["firmware"]["retrieveDateTime"]) > case.station.now()
    await tell(case, said["requestId"], "DownloadScheduled", *BEGIN, "Installing", "Installed")
    assert (await update_of(case, command)).state == "installed"


@pytest.mark.parametrize(
    "status",
    [
        pytest.param("RevokedCertificate", id="TC_L_04_CSMS"),
        pytest.param("InvalidCertificate", id="TC_L_05_CSMS"),
    ],
)
async def test_TC_L_04_CSMS_and_TC_L_05_CSMS_a_certificate_that_is_refused_ends_it(
    newer_case: Case, status: str
) -> None:
    _, command = await asked(newer_case, status)
    await security_event(newer_case, "InvalidFirmwareSigningCertificate")

    assert (command.state, command.status) == ("rejected", status)
    update = await update_of(newer_case, command)
    assert (update.state, update.detail) == ("rejected", status)


@pytest.mark.parametrize(
    ("statuses", "failure"),
    [
        pytest.param(["Downloading", "Downloaded"], "InvalidSignature", id="TC_L_06_CSMS"),
        pytest.param(["Downloading"], "DownloadFailed", id="TC_L_07_CSMS"),
        pytest.param([*BEGIN, "Installing"], "InstallVerificationFailed", id="TC_L_08_CSMS"),
    ],
)
async def test_TC_L_06_CSMS_TC_L_07_CSMS_and_TC_L_08_CSMS_a_failure_is_the_end(
    case: Case, statuses: list[str], failure: str
) -> None:
    said, command = await asked(case)
    await tell(case, said["requestId"], *statuses, failure)
    if failure == "InvalidSignature":
        await security_event(case, failure.replace("Invalid", "InvalidFirmware"))

    update = await update_of(case, command)
    assert (update.state, update.status) == ("failed", failure)


async def test_TC_L_09_CSMS_an_installation_that_fails_after_the_reboot_is_a_failure(case: Case) -> None:
    said, command = await asked(case)
    await tell(case, said["requestId"], *BEGIN, "Installing", "InstallRebooting")
    await case.booted("FirmwareUpdate")
    await tell(case, said["requestId"], "InstallationFailed")

    update = await update_of(case, command)
    assert (update.state, update.status) == ("failed", "InstallationFailed")


async def test_TC_L_10_CSMS_a_second_request_that_cancels_the_first_takes_its_place(case: Case) -> None:
    said, first = await asked(case)
    await tell(case, said["requestId"], "Downloading")
    again, second = await asked(case, "AcceptedCanceled")
    await tell(case, said["requestId"], "DownloadFailed")
    await tell(case, again["requestId"], *BEGIN, "Installing", "Installed")

    assert said["requestId"] != again["requestId"]
    assert (second.state, second.status) == ("accepted", "AcceptedCanceled")
    assert (await update_of(case, first)).state == "superseded"
    assert (await update_of(case, second)).state == "installed"
    assert await case.view.oddities("firmware_order") == []  # L01.FR.24: the old one may be told to have failed


async def test_TC_L_11_CSMS_a_second_request_that_is_rejected_leaves_the_first(case: Case) -> None:
    said, first = await asked(case)
    await tell(case, said["requestId"], "Downloading")
    _, second = await asked(case, "Rejected")
    await tell(case, said["requestId"], "Downloaded", "SignatureVerified", "Installing", "Installed")

    assert second.state == "rejected"
    assert (await update_of(case, second)).state == "rejected"
    assert (await update_of(case, first)).state == "installed"


async def test_TC_L_13_CSMS_a_download_that_waits_for_sessions_is_followed(case: Case) -> None:
    said, command = await asked(case)
    await tell(case, said["requestId"], "DownloadScheduled")
    await case.reported("Unavailable")
    await tell(case, said["requestId"], *BEGIN, "Installing", "Installed")
    await case.reported("Available")
    assert (await update_of(case, command)).state == "installed"


async def test_TC_F_18_CSMS_a_status_may_be_triggered(case: Case) -> None:
    trigger = TriggerMessage(requested="FirmwareStatusNotification")
    said, command = await case.commanded(trigger, "TriggerMessage")
    assert said == {"requestedMessage": "FirmwareStatusNotification"}
    idle = {"status": "Idle"} if case.station.client.version is not Version.V20 else {"status": "Idle", "requestId": 0}
    assert await case.station.say("FirmwareStatusNotification", idle) == {}
    await case.took_effect(command)


async def test_L01_FR_20_a_status_of_no_request_is_answered_and_noted(case: Case) -> None:
    await tell(case, 4711, "Downloading")
    (oddity,) = await case.view.oddities("firmware_unknown_request")
    assert "4711" in oddity.detail


# Publishing


async def published(case: Case) -> tuple[Payload, Command]:
    case.station.answer("PublishFirmware", {"status": "Accepted"})
    station = case.bench.csms.directory.get(case.view.key)
    assert station is not None
    command = await case.bench.csms.firmware.publish(station.state.station, await image_in(case))
    said = await case.station.asked("PublishFirmware")
    return said, await case.view.outcome(command)


async def publishing(case: Case, said: Payload, *statuses: str, **last: Any) -> None:
    number = {} if case.station.client.version is Version.V20 else {"requestId": said["requestId"]}
    for status in statuses:
        more = last if status == statuses[-1] else {}
        told = {"status": status, **number, **more}
        assert await case.station.say("PublishFirmwareStatusNotification", told) == {}


async def publication_of(case: Case, command: Command) -> Publication:
    found = await case.bench.storage.reads.publication("default", command.key)
    assert found is not None
    return found


async def test_TC_L_17_CSMS_a_local_controller_publishes_and_names_the_places(case: Case) -> None:
    said, command = await published(case)
    assert said["checksum"] == MD5  # L03.FR.02
    places = ["http://lc.test/f.bin"]
    await publishing(case, said, "Downloading", "Downloaded", "ChecksumVerified", "Published", location=places)

    publication = await publication_of(case, command)
    assert (publication.state, publication.locations) == ("published", tuple(places))


@pytest.mark.parametrize(
    ("statuses", "failure"),
    [
        pytest.param(["Downloading", "Downloaded"], "InvalidChecksum", id="TC_L_19_CSMS"),
        pytest.param(["Downloading", "Downloaded", "ChecksumVerified"], "PublishFailed", id="TC_L_20_CSMS"),
        pytest.param(["Downloading"], "DownloadFailed", id="TC_L_24_CSMS"),
    ],
)
async def test_TC_L_19_CSMS_TC_L_20_CSMS_and_TC_L_24_CSMS_a_publication_that_fails_says_how(
    case: Case, statuses: list[str], failure: str
) -> None:
    said, command = await published(case)
    await publishing(case, said, *statuses, failure)

    publication = await publication_of(case, command)
    assert (publication.state, publication.status) == ("failed", failure)


@pytest.mark.parametrize(
    ("status", "state"),
    [
        pytest.param("Unpublished", "unpublished", id="TC_L_21_CSMS"),
        pytest.param("NoFirmware", "unpublished", id="TC_L_22_CSMS"),
        pytest.param("DownloadOngoing", "published", id="TC_L_23_CSMS"),
    ],
)
async def test_TC_L_21_CSMS_TC_L_22_CSMS_and_TC_L_23_CSMS_what_is_published_is_taken_back_or_not(
    case: Case, status: str, state: str
) -> None:
    said, command = await published(case)
    await publishing(case, said, "Downloading", "Downloaded", "Published", location=["http://lc.test/f.bin"])
    case.station.answer("UnpublishFirmware", {"status": status})
    station = case.bench.csms.directory.get(case.view.key)
    assert station is not None
    asked_back = await case.bench.csms.firmware.unpublish(station.state.station, MD5)
    assert await case.station.asked("UnpublishFirmware") == {"checksum": MD5}
    assert (await case.view.outcome(asked_back)).status == status
    assert (await publication_of(case, command)).state == state
