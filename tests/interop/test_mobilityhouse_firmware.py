"""Stations of MobilityHouse's `ocpp` are updated by our CSMS: they fetch the image with a library of their own, check
its signature with `cryptography`, and tell of it in their words."""

import asyncio
import base64
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from typing import Any

import httpx
import ocpp.v16
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from mobilityhouse_station import Station16, Station21, Station201
from ocpp.routing import after, on
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from stationmaster.cli.node import Node
from stationmaster.csms.firmware.desk import UpdateWish
from stationmaster.domain.firmware.updates import FirmwareUpdate
from stationmaster.domain.identity import DEFAULT_TENANT
from stationmaster.ocpp.version import Version
from stationmaster.testing.firmware import Maker, image_of

CONTENT = image_of("2.0", size_bytes=200_000)
SIGNING = Maker("Test Motors", datetime.now(UTC), "RSA").signing_key()
WORDS = ["Downloading", "Downloaded", "SignatureVerified", "Installing", "Installed"]


async def fetched(address: str) -> bytes:
    """By HTTP, with the credentials in the address."""
    async with httpx.AsyncClient() as http:
        answer = await http.get(address)
        answer.raise_for_status()
        return answer.content


def verified(content: bytes, firmware: dict[str, Any]) -> None:
    """RSA-PSS over the whole file, as the specification names it first; raises where it does not hold."""
    certificate = x509.load_pem_x509_certificate(firmware["signing_certificate"].encode())
    scheme = padding.PSS(mgf=padding.MGF1(hashes.SHA256()), salt_length=padding.PSS.AUTO)
    key: Any = certificate.public_key()
    key.verify(base64.b64decode(firmware["signature"]), content, scheme, hashes.SHA256())


class _Updated2x:
    """What 2.0.1 and 2.1 have in common; to be mixed into their stations."""

    got = b""

    @on("UpdateFirmware")
    def update(self, **payload: Any) -> Any:
        return self.library.call_result.UpdateFirmware(status="Accepted")  # type: ignore[attr-defined]

    @after("UpdateFirmware")
    async def carry_out(self, request_id: int, firmware: dict[str, Any], **_: Any) -> None:
        self.got = await fetched(firmware["location"])
        verified(self.got, firmware)
        tell: Any = self.tell  # type: ignore[attr-defined]
        for word in WORDS:
            await tell("FirmwareStatusNotification", status=word, request_id=request_id)
        about = {"model": "Foreign", "vendor_name": "House", "firmware_version": "2.0"}
        await tell("BootNotification", charging_station=about, reason="FirmwareUpdate")


class Updated201(_Updated2x, Station201):
    """OCPP 2.0.1."""


class Updated21(_Updated2x, Station21):
    """OCPP 2.1."""


class Updated16(Station16):
    """OCPP 1.6 without the security extension."""

    got = b""

    @on("UpdateFirmware")
    def update(self, **payload: Any) -> Any:
        return ocpp.v16.call_result.UpdateFirmware()

    @after("UpdateFirmware")
    async def carry_out(self, location: str, **_: Any) -> None:
        self.got = await fetched(location)
        for word in [word for word in WORDS if word != "SignatureVerified"]:
            await self.call(ocpp.v16.call.FirmwareStatusNotification(status=word), suppress=False)
        boot = ocpp.v16.call.BootNotification(
            charge_point_model="Foreign", charge_point_vendor="House", firmware_version="2.0"
        )
        await self.call(boot, suppress=False)


class Signed16(Updated16):
    """OCPP 1.6 with it."""

    @on("SignedUpdateFirmware")
    def signed_update(self, **payload: Any) -> Any:
        return ocpp.v16.call_result.SignedUpdateFirmware(status="Accepted")

    @after("SignedUpdateFirmware")
    async def carry_out_signed(self, request_id: int, firmware: dict[str, Any], **_: Any) -> None:
        self.got = await fetched(firmware["location"])
        verified(self.got, firmware)
        for word in WORDS:
            told = ocpp.v16.call.SignedFirmwareStatusNotification(status=word, request_id=request_id)
            await self.call(told, suppress=False)
        boot = ocpp.v16.call.BootNotification(
            charge_point_model="Foreign", charge_point_vendor="House", firmware_version="2.0"
        )
        await self.call(boot, suppress=False)


@asynccontextmanager
async def connected(node: Node, kind: Any, version: Version) -> Any:
    async with connect(f"{node.info.ocpp_url}/FOREIGN", subprotocols=[version.subprotocol]) as connection:
        station = kind("FOREIGN", connection)
        listening = asyncio.create_task(station.start())
        yield station
        listening.cancel()
    with suppress(ConnectionClosed, asyncio.CancelledError):
        await listening


async def portions() -> Any:
    yield CONTENT


async def finished(node: Node, key: int) -> FirmwareUpdate:
    async with asyncio.timeout(15):
        while True:
            update = await node.storage.reads.firmware_update(DEFAULT_TENANT, key)
            if update is not None and not update.is_open:
                return update
            await asyncio.sleep(0.02)


@pytest.mark.parametrize(
    ("kind", "version", "signed"),
    [
        (Updated201, Version.V201, None),
        (Updated21, Version.V21, None),
        (Updated16, Version.V16, False),
        (Signed16, Version.V16, True),
    ],
    ids=["2.0.1", "2.1", "1.6", "1.6 with the security extension"],
)
async def test_it_fetches_checks_and_installs_what_it_is_sent(
    node: Node, kind: Any, version: Version, signed: bool | None
) -> None:
    firmware = node.csms.firmware
    image = await firmware.images.create(DEFAULT_TENANT, name="F", version="2.0", file_name="f.bin")
    image = await firmware.images.receive(image, portions())
    image = await firmware.images.sign(image, SIGNING.sign(CONTENT), SIGNING.certificate)
    async with connected(node, kind, version) as station:
        await station.boot()
        known = await node.storage.reads.find_station(DEFAULT_TENANT, "FOREIGN")
        assert known is not None
        wish = UpdateWish(allow_unsigned=signed is False)
        if signed:  # it shows that it has the extension
            event = ocpp.v16.call.SecurityEventNotification(
                type="StartupOfTheDevice",
                timestamp=datetime.now(UTC).isoformat().replace("+00:00", "Z"),
                tech_info="",
            )
            await station.call(event, suppress=False)
        command = await firmware.update(known, image, wish)
        update = await finished(node, command.key)
        assert station.got == CONTENT
    assert (update.state, update.is_proven, update.signed) == ("installed", True, signed)
