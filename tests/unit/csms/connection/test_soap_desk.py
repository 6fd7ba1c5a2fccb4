"""SOAP's way in, beside what stations and operators see of it (tests/acceptance/test_soap_stations.py)."""

import asyncio
from collections.abc import AsyncIterator

import msgspec
import pytest

from stationmaster.csms.settings import CsmsSettings, TenantPolicy
from stationmaster.domain.failures import StorageFailed
from stationmaster.domain.identity import StationRef
from stationmaster.ocpp.soap.answers import Answer, read_answer
from stationmaster.ocpp.soap.faults import Fault
from stationmaster.ocpp.soap.tables import SERVICES
from stationmaster.ocpp.version import SOAP_VERSIONS, Version
from stationmaster.testing import CsmsBench, SoapWireClient, WireError, csms_bench
from stationmaster.testing.bench import OPEN, SOAP_URL
from stationmaster.transport.http_messages import Reply, request_head

BOOT = {"chargePointVendor": "Maker", "chargePointModel": "Model"}


@pytest.fixture
async def bench() -> AsyncIterator[CsmsBench]:
    async with csms_bench() as made:
        yield made


async def refusal(client: SoapWireClient, action: str = "Heartbeat") -> tuple[str, int]:
    with pytest.raises(WireError) as refused:
        await client.call(action)
    return refused.value.code, client.status


def fault_in(body: bytes, version: Version = Version.V16S) -> Fault:
    answer: Answer = read_answer(body, SERVICES[version], "Heartbeat")
    assert isinstance(answer.content, Fault)
    return answer.content


@pytest.mark.parametrize("version", SOAP_VERSIONS)
async def test_the_version_of_a_path_is_the_only_one_that_is_spoken_there(bench: CsmsBench, version: Version) -> None:
    for other in SOAP_VERSIONS:
        client = bench.soap(f"CS-{other}", version)
        client.url = f"{SOAP_URL}/v{other.removesuffix('S')}"
        if other is version:
            assert (await client.call("BootNotification", BOOT))["status"] == "Accepted"
        else:
            names = [each.removesuffix("S") for each in (other, version)]
            with pytest.raises(WireError, match="for OCPP {}, and the message is one of OCPP {}".format(*names)):
                await client.call("Heartbeat")
            assert await refusal(client) == ("ProtocolError", 400)
    assert len(bench.csms.directory) == 1


@pytest.mark.parametrize("version", SOAP_VERSIONS)
async def test_a_place_shows_the_contract_of_its_version_with_its_own_address(
    bench: CsmsBench, version: Version
) -> None:
    shown = await get(bench, f"/soap/acme/v{version.removesuffix('S')}", "wsdl")
    assert f'"{SOAP_URL}/acme/v{version.removesuffix("S")}"'.encode() in shown.body
    assert SERVICES[version].cs_ns.encode() in shown.body


async def get(bench: CsmsBench, path: str, query: str) -> Reply:
    async def nothing() -> bytes:
        return b""

    return await bench.csms.soap_route().respond(request_head("GET", f"{path}?{query}", (), "10.0.0.1"), nothing)


async def test_stations_of_a_tenant_are_others() -> None:
    settings = CsmsSettings(policies={"acme": TenantPolicy(registration="open")})
    async with csms_bench(settings) as bench:
        client = bench.soap("CS-1", Version.V15, tenant="acme")
        await client.call("BootNotification", BOOT)
        assert bench.csms.directory.find(StationRef("acme", "CS-1")) is not None
        assert bench.csms.directory.find(StationRef("default", "CS-1")) is None
        assert await refusal(bench.soap("CS-1", Version.V15)) == ("IdentityMismatch", 400)
        with pytest.raises(WireError, match="which is that of the tenant v15"):
            await bench.soap("CS-1", Version.V15, tenant="v15").call("Heartbeat")


async def test_what_nobody_understands_is_seen_by_the_operator_of_a_station_that_is_known(bench: CsmsBench) -> None:
    client = bench.soap("CS-1", Version.V16S)
    await client.call("BootNotification", BOOT)
    envelope = (
        '<e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope"><e:Header>'
        '<chargeBoxIdentity xmlns="urn://Ocpp/Cs/2015/10/">CS-1</chargeBoxIdentity></e:Header>'
        '<e:Body><dance xmlns="urn://Ocpp/Cs/2015/10/"/></e:Body></e:Envelope>'
    )
    refused = fault_in(await client.post(envelope.encode()))
    assert (refused.word, client.status) == ("NotSupported", 500)
    assert fault_in(await client.post(b"<!DOCTYPE a><a/>")).word == "ProtocolError"
    await client.call("StatusNotification", {"connectorId": 1, "status": "Available", "errorCode": "NoError"})
    (oddity,) = await bench.view("CS-1").oddities("soap_refused")
    assert oddity.detail.startswith("NotSupported")


async def test_a_strict_station_is_told_what_is_missing_from_its_headers() -> None:
    async with csms_bench(msgspec.structs.replace(OPEN, strictness="strict")) as bench:
        client = bench.soap("CS-1", Version.V16S)
        await client.call("BootNotification", BOOT)
        client.says_from = None
        assert await refusal(client) == ("ProtocolError", 400)


async def test_a_lenient_one_is_answered_and_it_is_noted(bench: CsmsBench) -> None:
    client = bench.soap("CS-1", Version.V16S)
    client.says_from = None
    await client.call("BootNotification", BOOT)
    (oddity,) = await bench.view("CS-1").oddities("header_missing")
    assert oddity.detail == "there is no From header"


async def test_what_could_not_be_stored_may_be_sent_again(bench: CsmsBench, monkeypatch: pytest.MonkeyPatch) -> None:
    async def fails(_key: int) -> int:
        raise StorageFailed("the disk is full")

    client = bench.soap("CS-1", Version.V15)
    with monkeypatch.context() as broken:
        broken.setattr(bench.storage.journal, "register_connection", fails)
        assert await refusal(client, "BootNotification") == ("InternalError", 503)
        assert client.headers["retry-after"] == "5"
    assert (await client.call("BootNotification", BOOT))["status"] == "Accepted"


async def test_a_message_that_another_version_took_over_from_may_be_sent_again(bench: CsmsBench) -> None:
    older, newer = bench.soap("CS-1", Version.V15), bench.soap("CS-1", Version.V16S)
    await older.call("BootNotification", BOOT)
    start = {"connectorId": 1, "idTag": "CARD", "timestamp": "2026-01-01T00:00:00Z", "meterStart": 0}
    stop = {"transactionId": 1, "timestamp": "2026-01-01T01:00:00Z", "meterStop": 0}
    first, refused, booted = await asyncio.gather(
        older.call("StopTransaction", stop),
        older.call("StartTransaction", start),  # waits for the one before
        newer.call("BootNotification", BOOT),
        return_exceptions=True,
    )
    assert isinstance(refused, WireError) and isinstance(booted, dict), (first, refused, booted)
    assert (older.status, older.headers["retry-after"]) == (503, "5")
    assert (await older.call("StartTransaction", start))["transactionId"] > 0


async def test_an_identity_that_none_can_have_is_nobody_s_and_is_not_listed(bench: CsmsBench) -> None:
    assert await refusal(bench.soap("X" * 300, Version.V15, address="http://long.test/"), "BootNotification") == (
        "IdentityMismatch",
        400,
    )
    assert (await bench.storage.reads.unknown_callers("default")).items == ()


async def test_a_message_that_takes_over_from_json_is_odd(bench: CsmsBench) -> None:
    line = await bench.boot("CS-1", Version.V201)
    client = bench.soap("CS-1", Version.V15)
    await client.call("BootNotification", BOOT)
    (oddity,) = await bench.view("CS-1").oddities("took_over")
    assert oddity.detail == "SOAP took over from a line that spoke 2.0.1"
    assert (await line.closed)[0] == 1000


@pytest.mark.parametrize("version", [*SOAP_VERSIONS, Version.V16])
async def test_a_card_too_long_for_its_version_is_answered_and_noted_as_it_is_in_json(
    bench: CsmsBench, version: Version
) -> None:
    client = bench.soap("CS-1", version) if version.is_soap else await bench.dial("CS-1", version)
    await client.call("BootNotification", BOOT)
    for length in (20, 21, 500):
        answer = await client.call("Authorize", {"idTag": "X" * length})
        assert answer["idTagInfo"]["status"] == "Invalid"
    noted = await bench.view("CS-1").oddities("schema_violation")
    assert ["idTag" in each.detail for each in noted] == [True, True]
