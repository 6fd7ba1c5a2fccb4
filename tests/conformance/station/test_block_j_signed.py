"""E, J: signed meter values, as certification tests a station with calibrated meters (E01 S4, J01.FR.21, J02.FR.21)."""

from base64 import b64decode
from itertools import pairwise
from typing import Any

import msgspec
import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_der_public_key
from said import TxEvent, context_of, moment_of
from scripted_csms import Payload
from station_case import CARD, StationCase
from variables_asked import get, status_of_set, value

from stationmaster.ocpp.version import Version

POLICY = "OCPPCommCtrlr.PublicKeyWithSignedMeterValue"
SIGN = "SampledDataCtrlr.SignReadings"


@pytest.fixture
def model() -> str:
    return "Calibrated 2x22"


def signatures(values: list[Payload]) -> list[Payload | None]:
    """Of each sample, in order."""
    return [sample.get("signedMeterValue") for value in values for sample in value["sampledValue"]]


def holds(signed: Payload, key: str) -> Any:
    """The reading in a signed value, once its signature is found to be by this key."""
    assert (signed["encodingMethod"], signed["signingMethod"]) == ("OCMF", "ECDSA-secp256r1-SHA256")
    kind, payload, signature = b64decode(signed["signedMeterData"]).split(b"|")
    assert kind == b"OCMF"
    public = load_der_public_key(b64decode(key))
    assert isinstance(public, ec.EllipticCurvePublicKey)
    public.verify(bytes.fromhex(msgspec.json.decode(signature)["SD"]), payload, ec.ECDSA(hashes.SHA256()))
    (reading,) = msgspec.json.decode(payload)["RD"]
    return reading


def every(values: list[Payload], seconds: float) -> None:
    moments = [moment_of(value) for value in values]
    for sooner, later in pairwise(moments):
        assert (later - sooner).total_seconds() == pytest.approx(seconds, abs=0.01)


async def ended(case: StationCase) -> TxEvent:
    await case.swipe()
    (last,) = [event for event in [*(await case.unplug()).events, *_all(case)] if event.kind == "Ended"]
    return last


def _all(case: StationCase) -> list[TxEvent]:
    return [TxEvent(call.at, call.payload) for call in case.csms.heard if call.action == "TransactionEvent"]


async def test_TC_E_11_CS_a_signed_value_starts_a_transaction(case: StationCase) -> None:
    case.set(
        TxCtrlr__TxStartPoint="DataSigned",
        TxCtrlr__TxStopPoint="EVConnected",
        **{"SampledDataCtrlr__SignReadings": "true"},
    )
    assert (await case.swipe()).events == []

    said = await case.plug()

    assert said.reports == [(1, 1, "Occupied")]
    started, charging = said.events
    assert (started.kind, started.trigger, started.token) == ("Started", "SignedDataReceived", CARD)
    assert started.place == (1, 1)
    assert started.contexts == ["Transaction.Begin"]
    (signed,) = signatures(started.values)
    assert signed is not None
    reading = holds(signed, signed["publicKey"])
    assert (reading["TX"], reading["RU"]) == ("B", "kWh")
    assert charging.brief == ("Updated", "ChargingStateChanged", "Charging")


async def test_TC_J_04_CS_clock_aligned_values_at_the_end_are_signed(case: StationCase) -> None:
    case.set(
        AlignedDataCtrlr__TxEndedInterval="60",
        AlignedDataCtrlr__TxEndedMeasurands="Energy.Active.Import.Register",
        AlignedDataCtrlr__SendDuringIdle="false",
        AlignedDataCtrlr__SignReadings="true",
        SampledDataCtrlr__TxEndedMeasurands="",
    )
    await case.wait(60)
    await case.charging()
    await case.wait(200)

    last = await ended(case)

    aligned = [each for each in last.values if context_of(each) == "Sample.Clock"]
    assert len(aligned) == 3
    every(aligned, 60)
    found = signatures(aligned)
    assert all(signed is not None for signed in found)
    key, *others = [signed["publicKey"] for signed in found if signed is not None]
    assert key and others == [""] * len(others)  # OncePerTransaction
    registers = [holds(signed, key)["RV"] for signed in found if signed is not None]
    assert registers == sorted(registers)


@pytest.mark.parametrize("policy", ["Never", "OncePerTransaction", "EveryMeterValue"])
async def test_TC_J_11_CS_sampled_values_at_the_end_are_signed(case: StationCase, policy: str) -> None:
    case.set(
        SampledDataCtrlr__TxEndedInterval="30",
        SampledDataCtrlr__TxEndedMeasurands="Energy.Active.Import.Register",
        SampledDataCtrlr__SignReadings="true",
        OCPPCommCtrlr__PublicKeyWithSignedMeterValue=policy,
    )
    await case.charging()
    await case.wait(100)

    last = await ended(case)

    begin, *sampled, end = last.values
    assert (context_of(begin), context_of(end)) == ("Transaction.Begin", "Transaction.End")
    assert len(sampled) >= 3
    assert {context_of(each) for each in sampled} == {"Sample.Periodic"}
    every(sampled, 30)
    keys = [signed["publicKey"] for event in _all(case) for signed in signatures(event.values) if signed is not None]
    assert None not in signatures(last.values)
    told = {"Never": 0, "OncePerTransaction": 1, "EveryMeterValue": len(keys)}[policy]
    assert [bool(key) for key in keys] == [True] * told + [False] * (len(keys) - told)


async def test_nothing_is_signed_that_nobody_wants_signed(case: StationCase) -> None:
    await case.charging()
    last = await ended(case)
    assert set(map(bool, signatures(last.values))) == {False}


async def test_only_what_the_CSMS_asks_for_is_signed_on_the_way(case: StationCase, version: Version) -> None:
    case.set(SampledDataCtrlr__SignReadings="true", SampledDataCtrlr__TxUpdatedInterval="30")
    updated, started = "SampledDataCtrlr.SignUpdatedReadings", "SampledDataCtrlr.SignStartedReadings"
    if version is Version.V21:
        for name in (updated, started):
            assert (await status_of_set(case, name, "false"))[0] == "Accepted"
    else:
        assert {result["attributeStatus"] for result in await get(case, updated, started)} == {"UnknownVariable"}
    wanted = version is not Version.V21

    await case.charging()
    periodic = (await case.wait(31)).events

    begun = [event for event in _all(case) if event.kind == "Started"]
    assert [any(signatures(event.values)) for event in (*begun, *periodic)] == [wanted, wanted]
    assert all(signatures((await ended(case)).values))


async def test_a_station_whose_meters_sign_nothing_has_no_such_variables(case: StationCase, version: Version) -> None:
    assert await value(case, SIGN) == "false"
    assert await value(case, POLICY) == "OncePerTransaction"
    plain = StationCase(version, "Street post 2x22")
    await plain.power_up()
    assert [each["attributeStatus"] for each in await get(plain, SIGN, POLICY)] == ["UnknownVariable"] * 2
    assert await status_of_set(plain, "TxCtrlr.TxStartPoint", "DataSigned") != ("Accepted", None)
    await plain.power_down()


async def test_E01_FR_04_without_signing_switched_on_energy_flows_in_a_transaction_all_the_same(
    case: StationCase,
) -> None:
    case.set(TxCtrlr__TxStartPoint="DataSigned", TxCtrlr__TxStopPoint="DataSigned")
    await case.swipe()

    started, charging = (await case.plug()).events

    assert (started.kind, started.trigger) == ("Started", "CablePluggedIn")
    assert charging.state == "Charging"
    (ended,) = (await case.swipe()).events
    assert ended.kind == "Ended"
