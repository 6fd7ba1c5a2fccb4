"""Whatever is posted, it is answered with an envelope, the one that is right or a fault, and nothing in the CSMS or in
the station breaks."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any
from xml.etree import ElementTree

import pytest
import structlog
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tries import tries
from xml_mutations import actions, envelope, full_body, mutated_body, mutated_bytes

from stationmaster.cli.soap_site import SoapSite
from stationmaster.ocpp.codec import read_native
from stationmaster.ocpp.sender import Sender
from stationmaster.ocpp.soap.envelope import message_of, service_of
from stationmaster.ocpp.soap.namespaces import parted
from stationmaster.ocpp.soap.payload import to_payload
from stationmaster.ocpp.version import SOAP_VERSIONS, Version
from stationmaster.simulator.catalogue import station_model
from stationmaster.simulator.hardware import SimulatedHardware
from stationmaster.station.app import Place, Station
from stationmaster.storage.station_memory import RamMemory
from stationmaster.testing import CsmsBench, csms_bench, run_virtual
from stationmaster.testing.bench import BOOTS, SOAP_URL

IDENTITY, CALLED_AT = "CP-1", "cp-1.test:8080"
ENVELOPE = "{http://www.w3.org/2003/05/soap-envelope}"
CODES = {"Sender", "Receiver", "MustUnderstand", "VersionMismatch"}
STATUSES = {200, 400, 500, 503}
Post = Callable[[bytes], Awaitable[tuple[int, bytes]]]
"""A document to whoever is fuzzed, and the status and the document that come back."""


@st.composite
def documents(draw: st.DrawFn, version: Version, sender: Sender, most: int) -> list[bytes]:
    """One half changed in the body, the other in the bytes."""
    found = []
    for number in range(draw(st.integers(1, most))):
        action = draw(st.sampled_from(actions(version, sender)))
        body = full_body(version, action, sender)
        in_bytes = draw(st.booleans())
        document = envelope(version, action, body if in_bytes else draw(mutated_body(body)), IDENTITY, number)
        found.append(draw(mutated_bytes(document)) if in_bytes else document)
    return found


def check_answer(status: int, document: bytes) -> None:
    assert status in STATUSES, document
    (content,) = ElementTree.fromstring(document).find(f"{ENVELOPE}Body") or ()
    if content.tag == f"{ENVELOPE}Fault":
        assert status != 200
        code, *subcodes = (each.text.rpartition(":")[2] for each in content.iter(f"{ENVELOPE}Value") if each.text)
        assert (code in CODES and "InternalError" not in subcodes) or status == 503, document
        return
    assert status == 200
    namespace, name = parted(content.tag)
    known = service_of(namespace)
    assert known is not None, document
    action, is_answer = message_of(known[0], name) or ("", False)
    assert is_answer, document
    read_native(known[0].version, action, to_payload(known[0], action, True, content), response=True)


def broken(logs: list[Any]) -> list[Any]:
    return [entry for entry in logs if entry["log_level"] in ("error", "critical") or entry.get("exc_info")]


async def converse(at: Callable[[Version], Any], version: Version, said: list[bytes]) -> None:
    failures: list[Any] = []
    asyncio.get_running_loop().set_exception_handler(lambda _loop, context: failures.append(context))
    with structlog.testing.capture_logs() as logs:
        async with at(version) as (post, is_well):
            for status, document in await asyncio.gather(*map(post, said)):
                check_answer(status, document)
            await is_well()
    assert broken(logs) == []
    assert failures == []


def posting(bench: CsmsBench, url: str) -> Post:
    client = bench.http.client(remote_address="10.1.2.3")

    async def post(document: bytes) -> tuple[int, bytes]:
        line = await client.connect(url)
        answer = await line.post({"Content-Type": "application/soap+xml; charset=utf-8"}, document, 300)
        return answer.status, answer.body

    return post


@asynccontextmanager
async def csms(version: Version) -> AsyncIterator[tuple[Post, Callable[[], Awaitable[None]]]]:
    """A CSMS that knows the station, and answers a heartbeat after all."""
    async with csms_bench() as bench:
        client = bench.soap(IDENTITY, version)
        await client.call("BootNotification", BOOTS[1])

        async def is_well() -> None:
            assert set(await client.call("Heartbeat")) == {"currentTime"}

        yield posting(bench, SOAP_URL), is_well


@asynccontextmanager
async def station(version: Version) -> AsyncIterator[tuple[Post, Callable[[], Awaitable[None]]]]:
    """A station at work, which does what it is told after all, if not at once: it may have been told to restart."""
    async with csms_bench() as bench:
        site = SoapSite(bench.http.client())
        site.base = f"http://{CALLED_AT}"
        bench.http.serve(CALLED_AT, site.route())
        way = site.place(SOAP_URL, IDENTITY)
        hardware = SimulatedHardware(station_model("Street post 2x22"), bench.clock)
        place = Place(hardware=hardware, memory=RamMemory(), clock=bench.clock, dial=way, files=bench.files)
        tested = Station(IDENTITY, version, place, seed=1)
        running = asyncio.create_task(tested.run())
        post = posting(bench, f"{site.base}/{IDENTITY}")
        try:
            async with asyncio.timeout(60):
                while tested.snapshot().registration != "Accepted":
                    await asyncio.sleep(0.1)

            async def is_well() -> None:
                unlock = full_body(version, "UnlockConnector", Sender.CSMS)
                status, document = 0, b""
                async with asyncio.timeout(3600):
                    while status != 200:
                        await asyncio.sleep(30)
                        status, document = await post(envelope(version, "UnlockConnector", unlock, IDENTITY, 1))
                check_answer(status, document)
                assert not running.done()

            yield post, is_well
        finally:
            await tested.cut_power()
            await asyncio.wait((running,))


SIDES = {"csms": (csms, Sender.STATION), "station": (station, Sender.CSMS)}
everywhere = pytest.mark.parametrize(
    ("side", "version"), [(side, version) for side in SIDES for version in SOAP_VERSIONS]
)


@everywhere
@tries(8, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_any_envelope_is_answered_once_and_rightly(side: str, version: Version, data: st.DataObject) -> None:
    at, sender = SIDES[side]
    run_virtual(converse(at, version, data.draw(documents(version, sender, 15))))


@pytest.mark.nightly
@everywhere
@settings(max_examples=3000, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_nightly_any_envelope_is_answered_once_and_rightly(side: str, version: Version, data: st.DataObject) -> None:
    at, sender = SIDES[side]
    run_virtual(converse(at, version, data.draw(documents(version, sender, 15))))
