"""Firmware from the operator's wish to its end, without the API; in every version of the protocol: test_api.py."""

from typing import Any

import pytest
from firmware_site import FirmwareSite

from stationmaster.csms.firmware.desk import UpdateWish
from stationmaster.ocpp.version import SOAP_VERSIONS, Version


async def asked(site: FirmwareSite, identity: str, image: Any, **wish: Any) -> Any:
    command = await site.csms.firmware.update(site.bench.station(identity), image, UpdateWish(**wish))
    return await site.csms.commands.wait(command, 30)


@pytest.mark.parametrize("version", SOAP_VERSIONS)
async def test_where_no_signature_is_checked_an_operator_has_to_say_that_this_is_wanted(
    site: FirmwareSite, version: Version
) -> None:
    await site.add("S1", version)
    command = await asked(site, "S1", await site.image())
    assert (command.state, command.status) == ("unsupported", None)
    assert "would not check the signature" in (command.detail or "")
    await site.clock.sleep(300)
    assert site.version("S1") == "1.0.0"


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
