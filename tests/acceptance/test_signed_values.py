"""Signed meter values from a calibrated station into the store, and out of the API as the meter signed them."""

import asyncio
from base64 import b64decode
from typing import Any
from xml.etree import ElementTree

import msgspec
import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_der_public_key
from rest_desk import RestDesk, open_desk, running_station

from stationmaster.domain.identity import IdToken
from stationmaster.ocpp.version import Version
from stationmaster.simulator.catalogue import ev_model
from stationmaster.simulator.ev import EV
from stationmaster.station.app import Station

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


def checked(blob: str, key: Any) -> Any:
    """The payload of an OCMF record, once its signature is right."""
    _, payload, signature = blob.split("|")
    encoded = bytes.fromhex(key["text"]) if key["encoding"] == "hex" else b64decode(key["text"])
    public = load_der_public_key(encoded)
    assert isinstance(public, ec.EllipticCurvePublicKey)
    public.verify(bytes.fromhex(msgspec.json.decode(signature)["SD"]), payload.encode(), ec.ECDSA(hashes.SHA256()))
    return msgspec.json.decode(payload)


async def charged(desk: RestDesk, station: Station, key: int) -> str:
    """The path of a transaction that is over."""
    hardware: Any = station.hardware
    hardware.plug(1, EV(ev_model("Compact 58"), 0.5))
    hardware.present(CARD, 1)
    await desk.until("/transactions", lambda page: any(tx["token"] for tx in page["items"]), station=key)
    await asyncio.sleep(60)
    hardware.present(CARD, 1)
    await asyncio.sleep(5)
    hardware.unplug(1)
    ended = await desk.until("/transactions", lambda page: not page["items"][0]["open"], station=key)
    return f"/api/v1/transactions/{ended['items'][0]['key']}"


@pytest.mark.parametrize("policy", ["EveryMeterValue", "OncePerTransaction"])
@pytest.mark.parametrize("version", [Version.V201, Version.V21])
async def test_a_driver_gets_what_was_signed_as_a_file_that_can_be_checked(version: Version, policy: str) -> None:
    signing = {"sampled_sign_readings": True, "public_key_with_signed_meter_value": policy}
    async with open_desk() as desk:
        await desk.bench.add_token(CARD.value, CARD.type)
        async with running_station(desk, version, model="Calibrated 2x22", **signing) as (station, key):
            path = f"{await charged(desk, station, key)}/signed-data"
            told = (await desk.http.get(path)).json()
            xml = await desk.http.get(path, headers={"Accept": "application/xml"})
            text = await desk.http.get(path, params={"format": "text"})
            assert (await desk.http.get(path, headers={"Accept": "image/png"})).status_code == 406

    contexts = [value["context"] for value in told["values"]]
    assert (contexts[0], contexts[-1]) == ("Transaction.Begin", "Transaction.End")
    assert len(told["public_keys"]) == 1
    readings = [checked(value["data"], value["public_key"]) for value in told["values"]]
    assert [each["RD"][0]["TX"] for each in (readings[0], readings[-1])] == ["B", "E"]

    assert xml.headers["content-type"].startswith("application/xml")
    assert 'filename="signed-data-' in xml.headers["content-disposition"]
    values = ElementTree.fromstring(xml.text).findall("value")
    assert [value.get("context") for value in values] == contexts
    for value in values:
        signed, public = value.find("signedData"), value.find("publicKey")
        assert signed is not None and public is not None and signed.text and public.text
        assert signed.attrib == {"format": "OCMF", "encoding": "plain"}
        checked(signed.text, {"text": public.text, "encoding": public.get("encoding")})
    assert text.text.splitlines() == [value["data"] for value in told["values"]]


async def test_what_a_1_6_station_signed_is_a_file_too_and_without_any_there_is_none() -> None:
    blob = 'OCMF|{"FV":"1.0","RD":[{"TX":"B","RV":0.2,"RU":"kWh"}]}|{"SD":"3045"}'
    async with open_desk() as desk:
        station = await desk.bench.boot("CP-1", Version.V16)
        at = "2026-03-01T12:00:00Z"
        begun = {"connectorId": 1, "idTag": "X", "meterStart": 0, "timestamp": at}
        number = (await station.call("StartTransaction", begun))["transactionId"]
        path = f"/transactions/{(await desk.get('/transactions'))['items'][0]['key']}/signed-data"
        assert (await desk.get(path))["values"] == []
        await desk.send("GET", path, status=404, format="xml")

        sample = {"value": blob, "format": "SignedData", "context": "Transaction.Begin"}
        values = {
            "connectorId": 1,
            "transactionId": number,
            "meterValue": [{"timestamp": at, "sampledValue": [sample]}],
        }
        await station.call("MeterValues", values)

        (value,) = (await desk.get(path))["values"]
        assert (value["format"], value["data"], value["public_key"]) == ("OCMF", blob, None)
        assert value["sent"] == {"value": blob}
        assert (await desk.http.get(f"/api/v1{path}", headers={"Accept": "text/plain"})).text == f"{blob}\n"
        xml = (await desk.http.get(f"/api/v1{path}", headers={"Accept": "text/xml;q=0.9, image/png"})).text
        assert ElementTree.fromstring(xml).findtext("value/signedData") == blob
