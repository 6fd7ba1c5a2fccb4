"""Firmware from the operator's wish to the version that a station boots with, in every version of the protocol."""

from typing import Any

import pytest
from firmware_site import FirmwareSite

from stationmaster.csms.firmware.desk import UpdateWish
from stationmaster.ocpp.version import JSON_VERSIONS, Version

SECOND = [version for version in JSON_VERSIONS if version.family == 2]
WHOLE = ["Downloading", "Downloaded", "SignatureVerified", "Installing", "InstallRebooting", "Installed"]


async def asked(site: FirmwareSite, identity: str, image: Any, **wish: Any) -> Any:
    command = await site.csms.firmware.update(site.bench.station(identity), image, UpdateWish(**wish))
    return await site.csms.commands.wait(command, 30)


@pytest.mark.parametrize("version", JSON_VERSIONS)
async def test_a_signed_image_is_installed_and_shown_by_the_next_boot(site: FirmwareSite, version: Version) -> None:
    await site.add("S1", version)
    command = await asked(site, "S1", await site.image())
    assert (command.state, command.status) == ("accepted", "Accepted")
    await site.clock.sleep(300)
    (update,) = await site.updates("S1")
    assert (update.key, update.state, update.status) == (command.key, "installed", "Installed")
    assert update.is_proven
    assert await site.words(update) == WHOLE
    assert site.version("S1") == "2.0"
    assert site.bench.station("S1").info.firmware_version == "2.0"


async def test_an_address_with_credentials_is_nowhere_stored(site: FirmwareSite) -> None:
    await site.add("S1", Version.V201)
    command = await asked(site, "S1", await site.image())
    await site.clock.sleep(60)
    assert "location" not in command.request["firmware"] or not command.request["firmware"]["location"]
    assert "http" not in str(command)


async def test_what_was_fetched_cannot_be_fetched_again_once_the_update_is_over(site: FirmwareSite) -> None:
    await site.add("S1", Version.V201)
    command = await asked(site, "S1", await site.image())
    await site.clock.sleep(300)
    transfer = await site.reads.transfer(command.key)
    assert transfer is not None
    assert not transfer.is_open(site.clock.now())
