"""Signed meter values from a calibrated station into the store, and out of the API as the meter signed them."""

import asyncio
from base64 import b64decode

import msgspec
import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_der_public_key
from rest_desk import open_desk, running_station

from stationmaster.domain.identity import IdToken
from stationmaster.ocpp.version import Version
from stationmaster.simulator.catalogue import ev_model
from stationmaster.simulator.ev import EV

CARD = IdToken("04A1B2C3", "ISO14443")


@pytest.mark.parametrize("version", [Version.V201, Version.V21])
async def test_begin_and_end_of_a_bill_can_be_checked_with_the_meter_s_own_key(version: Version) -> None:
    async with open_desk() as desk:
        await desk.bench.add_token(CARD.value, CARD.type)
        signing = {"sampled_sign_readings": True, "public_key_with_signed_meter_value": "EveryMeterValue"}
        async with running_station(desk, version, model="Calibrated 2x22", **signing) as (station, key):
            station.hardware.plug(1, EV(ev_model("Compact 58"), 0.5))  # type: ignore[attr-defined]
            station.hardware.present(CARD, 1)  # type: ignore[attr-defined]
            await desk.until("/transactions", lambda page: any(tx["token"] for tx in page["items"]), station=key)
            await asyncio.sleep(0.1)
            station.hardware.present(CARD, 1)  # type: ignore[attr-defined]
            await asyncio.sleep(0.1)  # else the card is read after the cable has gone, and begins another transaction
            station.hardware.unplug(1)  # type: ignore[attr-defined]
            ended = await desk.until("/transactions", lambda page: not page["items"][0]["open"], station=key)

            values = await desk.get(f"/transactions/{ended['items'][0]['key']}/meter-values")

        samples = [sample for value in values["items"] for sample in value["samples"]]
        signed = {sample["context"]: sample["signed"] for sample in samples if sample["signed"]}
        assert {"Transaction.Begin", "Transaction.End"} <= set(signed)
        for each in signed.values():
            _, payload, signature = b64decode(each["signedMeterData"]).split(b"|")
            public = load_der_public_key(b64decode(each["publicKey"]))
            assert isinstance(public, ec.EllipticCurvePublicKey)
            public.verify(bytes.fromhex(msgspec.json.decode(signature)["SD"]), payload, ec.ECDSA(hashes.SHA256()))
