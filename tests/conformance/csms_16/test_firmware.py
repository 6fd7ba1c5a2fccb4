"""Firmware of 1.6 from the Central System's side: plain, signed, and how one learns which a charge point takes."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest
from case_16 import Case16

from stationmaster.csms.firmware.desk import UpdateWish
from stationmaster.domain.command import Command
from stationmaster.domain.firmware.updates import FirmwareUpdate
from stationmaster.domain.messages import TriggerMessage
from stationmaster.ocpp.version import Version
from stationmaster.testing.firmware import Maker, image_of
from stationmaster.testing.script import moment
from stationmaster.testing.wire import Payload

CONTENT = image_of("2.0", size_bytes=5000)
SIGNING = Maker("Test Motors", datetime.now(UTC)).signing_key()


async def portions() -> AsyncIterator[bytes]:
    yield CONTENT


async def asked(case: Case16, action: str, *, signed: bool = True, **wish: Any) -> tuple[Payload | None, Command]:
    """An update of a new image: what was asked of the station, and what the operator then sees."""
    firmware = case.bench.csms.firmware
    image = await firmware.images.create("default", name="F", version="2.0", file_name="f.bin")
    image = await firmware.images.receive(image, portions())
    if signed:
        image = await firmware.images.sign(image, SIGNING.sign(CONTENT), SIGNING.certificate)
    desk = case.bench.csms.directory.get(case.view.key)
    assert desk is not None
    command = await firmware.update(desk.state.station, image, UpdateWish(**wish))
    payload = await case.client.expect(action) if action else None
    return payload, await case.view.outcome(command)


async def update_of(case: Case16, command: Command) -> FirmwareUpdate:
    found = await case.bench.storage.reads.firmware_update("default", command.key)
    assert found is not None
    return found


async def secured(case: Case16) -> None:
    event = {"type": "StartupOfTheDevice", "timestamp": moment(case.now())}
    await case.client.call("SecurityEventNotification", event)


async def test_1_6_s6_19_a_plain_update_is_followed_without_any_id(case: Case16) -> None:
    case.client.on("UpdateFirmware", {})
    payload, command = await asked(case, "UpdateFirmware", signed=False, allow_unsigned=True)

    assert payload is not None
    assert payload["location"].endswith("/f.bin") and "retrieveDate" in payload
    assert command.state == "accepted"
    for status in ("Downloading", "Downloaded", "Installing", "Installed"):
        await case.tell("FirmwareStatusNotification", status=status)
    assert (await update_of(case, command)).state == "installed"


@pytest.mark.parametrize("status", ["DownloadFailed", "InstallationFailed"])
async def test_1_6_s7_25_a_failure_is_the_end_of_it(case: Case16, status: str) -> None:
    case.client.on("UpdateFirmware", {})
    _, command = await asked(case, "UpdateFirmware", signed=False, allow_unsigned=True)
    await case.client.call("FirmwareStatusNotification", {"status": status})
    update = await update_of(case, command)
    assert (update.state, update.status) == ("failed", status)


async def test_1_6_s4_5_idle_changes_nothing(case: Case16) -> None:
    case.client.on("UpdateFirmware", {})
    _, command = await asked(case, "UpdateFirmware", signed=False, allow_unsigned=True)
    await case.client.call("FirmwareStatusNotification", {"status": "Idle"})
    assert (await update_of(case, command)).state == "accepted"


async def test_1_6_security_L01_a_signed_update_is_asked_for_and_followed_by_its_id(case: Case16) -> None:
    await secured(case)
    case.client.on("SignedUpdateFirmware", {"status": "Accepted"})
    payload, command = await asked(case, "SignedUpdateFirmware")

    assert payload is not None
    assert payload["firmware"]["signature"] and payload["firmware"]["signingCertificate"] == SIGNING.certificate
    number = payload["requestId"]
    for status in ("Downloading", "Downloaded", "SignatureVerified", "Installing", "Installed"):
        told = {"status": status, "requestId": number}
        assert await case.client.call("SignedFirmwareStatusNotification", told) == {}
    update = await update_of(case, command)
    assert (update.state, update.signed) == ("installed", True)


async def test_1_6_security_L01_FR_24_an_invalid_certificate_ends_it(case: Case16) -> None:
    case.client.on("SignedUpdateFirmware", {"status": "InvalidCertificate"})
    _, command = await asked(case, "SignedUpdateFirmware")
    assert command.state == "rejected"
    assert (await update_of(case, command)).detail == "InvalidCertificate"


async def test_1_6_security_an_image_is_not_sent_where_nobody_would_check_it(case: Case16) -> None:
    """The station refuses the signed form, or its version has none: then the plain one is sent only where the operator
    allowed it."""
    _, command = await asked(case, "SignedUpdateFirmware" if case.version is Version.V16 else "")
    assert (await case.view.outcome(command)).state == "unsupported"
    case.client.on("UpdateFirmware", {})
    _, command = await asked(case, "UpdateFirmware", allow_unsigned=True)
    assert command.state == "accepted"
    assert (await update_of(case, command)).signed is False


async def test_1_6_security_L01_a_trigger_asks_in_the_form_that_the_station_has(case: Case16) -> None:
    await secured(case)
    trigger = TriggerMessage(requested="FirmwareStatusNotification")
    said, _ = await case.commanded(trigger, "ExtendedTriggerMessage")
    assert said["requestedMessage"] == "FirmwareStatusNotification"
    assert await case.client.call("SignedFirmwareStatusNotification", {"status": "Idle"}) == {}


async def test_1_6_errata_3_48_an_installation_cannot_be_put_off(case: Case16) -> None:
    _, command = await asked(case, "", signed=False, allow_unsigned=True, install_at=case.now())
    assert command.state == "unsupported"
    assert "installDateTime" in (command.detail or "")
    assert (await update_of(case, command)).state in ("unsupported", "requested")
