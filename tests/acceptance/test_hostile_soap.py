"""Strangers that mean no good post SOAP to a whole node on real sockets. Each gets one clear answer or is cut off,
nothing of what they sent is stored, nothing that they name is fetched or called, and who comes next is served."""

import asyncio
import gc
import logging
import re
import socket
import struct
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from functools import partial, partialmethod
from pathlib import Path
from typing import NamedTuple
from unittest.mock import patch
from urllib.parse import urlsplit

import pytest
import structlog
from hostile_input import MOMENTS, NUMBERS
from hostile_soap import (
    CODINGS,
    CREDENTIALS,
    ENCODINGS,
    FRAMING,
    GOOD,
    ID,
    IDENTITY,
    KIB,
    SECRET,
    SHAPES,
    SMUGGLED,
    Attack,
    basic,
    boot,
    entities,
    envelope,
    heartbeat,
    names_of_loopback,
    of_values,
    posted,
    refused_callbacks,
)
from hostile_station import CARD, resident_bytes
from in_process import applications_of_nodes

from stationmaster.cli.node import Node, running_node
from stationmaster.cli.settings import ServeSettings
from stationmaster.csms.connection.desk import Desk
from stationmaster.domain.authorization.tokens import Token
from stationmaster.domain.identity import IdToken, StationRef
from stationmaster.domain.queries import OddityFilter, PageRequest, TransactionFilter
from stationmaster.transport import http_server
from stationmaster.transport.http_room import Bodies
from stationmaster.transport.http_wire import HttpLimits
from stationmaster.transport.soap_server import SoapRoute

pytestmark = pytest.mark.usefixtures("only_what_comes_is_collected")

MIB = 1024 * 1024
PATIENCE_S = 10.0
"""How long one answer may take, on a slow and busy machine."""

# A node ---------------------------------------------------------------------------------------------------------------


class Heard(NamedTuple):
    """An answer. ``headers``: names in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def fault(self) -> str:
        """Its codes from the outside in, as ``Sender/ProtocolError``; empty where it is no fault."""
        return "/".join(re.findall(r"<env:Value[^>]*>\w+:(\w+)<", self.body.decode()))


class Line:
    """One connection, by hand."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer
        self.is_over = False

    def send(self, data: bytes) -> None:
        self.writer.write(data)

    async def answer(self) -> Heard:
        async with asyncio.timeout(PATIENCE_S):
            first, *lines = (await self.reader.readuntil(b"\r\n\r\n")).decode().rstrip().split("\r\n")
            headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
            body = await self.reader.readexactly(int(headers["content-length"]))
        self.is_over = headers.get("connection") == "close"
        return Heard(int(first.split()[1]), headers, body)

    async def rest(self) -> bytes:
        """Until the server hangs up."""
        async with asyncio.timeout(PATIENCE_S):
            try:
                return await self.reader.read()
            except ConnectionError:
                return b""

    async def close(self) -> None:
        self.writer.close()
        with suppress(OSError):
            await self.writer.wait_closed()


class Canary:
    """A listener that nobody has a reason to call."""

    def __init__(self) -> None:
        self.port = 0
        self.calls = 0

    def heard(self, _reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.calls += 1
        writer.close()


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    node: Node
    canary: Canary

    async def dial(self) -> Line:
        return Line(*await asyncio.open_connection("127.0.0.1", self.node.files.port))

    async def exchange(self, data: bytes) -> Heard:
        """On a connection of its own."""
        line = await self.dial()
        try:
            line.send(data)
            return await line.answer()
        finally:
            await line.close()

    def desk(self, identity: str = GOOD) -> Desk:
        desk = self.node.csms.directory.find(StationRef("default", identity))
        assert desk is not None
        return desk

    async def oddities(self) -> list[str]:
        """The kinds of all that was odd of GOOD, stored or not yet."""
        query = OddityFilter(tenant="default", station_key=self.desk().key)
        await self.node.storage.journal.store(self.desk().take_oddities())
        found = await self.node.storage.reads.oddities(query, PageRequest(limit=1000))
        return [item.oddity.kind for item in found.items]

    @property
    def stations(self) -> int:
        return len(self.node.csms.directory)

    async def transactions(self) -> int:
        query, page = TransactionFilter(tenant="default"), PageRequest(limit=1000)
        return len((await self.node.storage.reads.transactions(query, page)).items)


@asynccontextmanager
async def soap_node(
    folder: Path, *, limits: HttpLimits | None = None, loopback_callbacks: bool = False
) -> AsyncIterator[Target]:
    """The node that `serve` runs, open to new stations, with one that has booted. ``limits``: of its listener."""
    settings = ServeSettings(
        data_dir=folder,
        ocpp_port=0,
        api_port=0,
        files_port=0,
        pages=False,
        registration="open",
        soap_loopback_callbacks=loopback_callbacks,
    )
    canary = Canary()
    async with AsyncExitStack() as stack:
        stack.enter_context(applications_of_nodes())
        if limits is not None:
            stack.enter_context(patch("stationmaster.cli.node.http_limits", lambda _: limits))
        listener = await stack.enter_async_context(await asyncio.start_server(canary.heard, "127.0.0.1", 0))
        canary.port = listener.sockets[0].getsockname()[1]
        node = await stack.enter_async_context(running_node(settings))
        token = Token(key=node.storage.keys.take(), tenant="default", id_token=IdToken(CARD, "ISO14443"))
        await node.storage.journal.store([token])
        target = Target(node=node, canary=canary)
        assert b">Accepted<" in (await target.exchange(posted(boot()))).body
        yield target


@pytest.fixture(autouse=True)
def nothing_breaks(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Input that is merely bad is no error of ours: nothing is logged as one, nothing with a traceback, and no task
    dies of it."""
    with structlog.testing.capture_logs() as logs:
        yield
    assert [entry for entry in logs if entry["log_level"] in ("error", "critical") or entry.get("exc_info")] == []
    records = [*caplog.get_records("call"), *caplog.get_records("teardown")]
    assert [record.getMessage() for record in records if record.levelno >= logging.ERROR] == []


@pytest.fixture
async def target(tmp_path: Path) -> AsyncIterator[Target]:
    async with soap_node(tmp_path / "data") as target:
        yield target
    gc.collect()  # a task or future left behind would warn now, and a warning fails the test


def attacks(target: Target, folder: Path) -> dict[str, Attack]:
    file = folder / "secret"
    file.write_text(SECRET)
    canary = f"http://127.0.0.1:{target.canary.port}/"
    return entities(canary, file) | SHAPES | ENCODINGS | SMUGGLED | CODINGS


async def next_is_served(target: Target, line: Line) -> None:
    """On the same connection, unless the server has said that it ends."""
    heard = await exchange(line, posted(heartbeat())) if not line.is_over else await good(target)
    assert (heard.status, heard.fault) == (200, "")
    assert b"heartbeatResponse" in heard.body


async def exchange(line: Line, request: bytes) -> Heard:
    line.send(request)
    return await line.answer()


async def good(target: Target) -> Heard:
    return await target.exchange(posted(heartbeat()))


async def nothing_came_of_it(target: Target) -> None:
    assert target.canary.calls == 0
    assert target.stations == 1
    assert await target.transactions() == 0


async def test_what_the_attacks_carry_would_be_stored_if_it_were_read(target: Target) -> None:
    heard = await target.exchange(posted(envelope()))
    assert (heard.status, heard.fault) == (200, "")
    assert await target.transactions() == 1


async def test_an_attack_gets_its_status_and_fault_and_the_next_request_is_served(
    target: Target, tmp_path: Path
) -> None:
    line = await target.dial()
    for name, (request, status, fault) in attacks(target, tmp_path).items():
        heard = await exchange(line, request)
        assert (heard.status, heard.fault) == (status, fault), name
        assert SECRET.encode() not in heard.body, name
        assert len(heard.body) < 4096, name
        await next_is_served(target, line)
        if line.is_over:
            await line.close()
            line = await target.dial()
    await line.close()
    await nothing_came_of_it(target)


async def test_soap_1_1_is_told_in_its_own_words_which_envelope_is_read_here(target: Target) -> None:
    request, status, _ = SMUGGLED["SOAP 1.1"]
    heard = await target.exchange(request)
    assert heard.status == status
    assert heard.headers["content-type"].startswith("text/xml")
    assert b"<faultcode>env11:VersionMismatch</faultcode>" in heard.body
    assert b"Upgrade" in heard.body


async def test_an_http_action_of_another_message_is_noted_and_changes_nothing(target: Target) -> None:
    media_type = 'application/soap+xml; action="/StartTransaction"'
    heard = await target.exchange(posted(heartbeat(), media_type=media_type))
    assert heard.status == 200
    assert b"heartbeatResponse" in heard.body
    assert "http_action" in await target.oddities()
    await nothing_came_of_it(target)


async def test_no_value_of_a_field_is_too_strange_to_answer(target: Target) -> None:
    line = await target.dial()
    for value in (*NUMBERS, *map(str, MOMENTS.values()), "NaN", "1_000", "١٢", "²", "24:00:00", "x" * 60_000):
        for name, body in of_values(value).items():
            if len(body) < 256 * 1024:
                heard = await exchange(line, posted(envelope(IDENTITY + ID, body)))
                assert (heard.status, heard.fault) in ((200, ""), (400, "Sender/ProtocolError")), (name, value[:50])
                assert len(heard.body) < 4096, (name, value[:50])
    await next_is_served(target, line)
    await line.close()


async def test_a_strange_post_takes_no_memory_that_stays(target: Target, tmp_path: Path) -> None:
    table = attacks(target, tmp_path)
    for _ in range(2):  # first what any first use takes
        await post_all(target, table)
    before = resident_bytes()
    for _ in range(5):
        await post_all(target, table)
    assert resident_bytes() - before < 50 * MIB
    await nothing_came_of_it(target)


async def post_all(target: Target, table: dict[str, Attack]) -> None:
    for request, _, _ in table.values():
        await target.exchange(request)
    gc.collect()


# Connections ----------------------------------------------------------------------------------------------------------


async def test_a_request_whose_end_is_in_doubt_is_the_last_of_its_connection(target: Target) -> None:
    for name, (request, status) in FRAMING.items():
        line = await target.dial()
        line.send(request)
        said = await line.rest()
        await line.close()
        assert said.count(b"HTTP/1.1 ") == 1, name
        assert said.startswith(b"HTTP/1.1 %d " % status), name
        assert b"connection: close" in said.lower(), name
        assert (await good(target)).status == 200, name
    await nothing_came_of_it(target)


IMPATIENT = HttpLimits(head_s=0.4, keep_alive_s=0.4, idle_s=0.4, drain_s=0.2)
HALVES = {
    "nothing": b"",
    "half a head": posted(envelope())[:50],
    "a head alone": posted(envelope()).partition(b"<")[0],
    "half a body": posted(envelope())[:-50],
    "half a chunk": b"POST /soap HTTP/1.1\r\nHost: x\r\nContent-Type: text/xml\r\n"
    b"Transfer-Encoding: chunked\r\n\r\nff\r\n<a",
}


async def test_who_is_slow_is_cut_off_and_nobody_waits_for_them(tmp_path: Path) -> None:
    async with soap_node(tmp_path, limits=IMPATIENT) as target:
        lines = [await target.dial() for _ in range(40) for _ in HALVES]
        for line, half in zip(lines, list(HALVES.values()) * 40, strict=True):
            line.send(half)
        dripping = await target.dial()
        drops = asyncio.create_task(drip(dripping))
        assert (await good(target)).status == 200
        assert {await line.rest() for line in lines} == {b""}
        assert await dripping.rest() == b""
        drops.cancel()
        for line in (*lines, dripping):
            await line.close()
        assert target.node.files.connections == 0
        await nothing_came_of_it(target)


async def drip(line: Line) -> None:
    """A head without end, a byte at a time."""
    while True:
        line.send(b"a")
        await asyncio.sleep(0.02)


async def test_who_hangs_up_within_a_request_leaves_nothing_behind(target: Target) -> None:
    for reset in (False, True):
        lines = [await target.dial() for _ in range(20) for _ in HALVES]
        for line, half in zip(lines, list(HALVES.values()) * 20, strict=True):
            line.send(half)
            if reset:
                option = struct.pack("ii", 1, 0)
                line.writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, option)
        assert (await good(target)).status == 200  # by now all of it is read
        await asyncio.gather(*[line.close() for line in lines])
        await until(lambda: target.node.files.connections == 0)
    await nothing_came_of_it(target)


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not holds():
            await asyncio.sleep(0.01)


async def test_of_1000_posts_at_once_each_is_answered_or_told_to_come_again(target: Target) -> None:
    lines = [await target.dial() for _ in range(200)]
    for line in lines:
        line.send(posted(heartbeat()) * 5)
    told = Counter([(heard.status, heard.fault) for line in lines for heard in [await line.answer() for _ in range(5)]])
    for line in lines:
        await line.close()
    assert set(told) <= {(200, ""), (503, "Receiver/InternalError")}
    assert told[200, ""] >= 20
    assert told.total() == 1000
    assert (await good(target)).status == 200


async def test_any_number_of_posts_by_halves_keeps_no_place_from_whole_ones(tmp_path: Path) -> None:
    few = partialmethod(SoapRoute.on, max_at_once=3)
    little = partial(Bodies, 100 * KIB)
    long = posted(envelope() + " " * 20 * KIB)
    with patch.object(SoapRoute, "on", few), patch.object(http_server, "Bodies", little):
        async with soap_node(tmp_path, limits=HttpLimits(drain_s=0.1)) as target:
            halves = [await target.dial() for _ in range(20)]
            for line in halves:
                line.send(long[:-10])
            assert (await good(target)).status == 200
            slow = await target.dial()
            slow.send(long[:-10])
            assert {(await line.answer()).status for line in halves[:10]} == {503}
            slow.send(long[-10:])
            assert (await slow.answer()).status == 200
            await asyncio.gather(*[line.close() for line in (*halves, slow)])


# Who they say they are ------------------------------------------------------------------------------------------------


async def test_wrong_credentials_are_refused_and_nothing_is_done(target: Target) -> None:
    for name, header in CREDENTIALS.items():
        heard = await target.exchange(posted(envelope(), header))
        assert (heard.status, heard.fault) == (401, "Sender/SecurityError"), name
        assert heard.headers["www-authenticate"].startswith("Basic"), name
    await nothing_came_of_it(target)


async def test_a_station_with_a_password_is_not_believed_without_it(target: Target) -> None:
    ref = StationRef("default", "LOCKED")
    await target.node.csms.stations.create(ref, password="a-password-of-its-own")
    for header in ((), (basic("LOCKED:guess"),), (basic("GOOD:a-password-of-its-own"),)):
        heard = await target.exchange(posted(boot("LOCKED", "http://10.1.1.1/"), *header))
        assert (heard.status, heard.fault) == (401, "Sender/SecurityError")
    assert target.desk("LOCKED").session is None
    assert target.desk("LOCKED").callback.told is None
    right = basic("LOCKED:a-password-of-its-own")
    assert (await target.exchange(posted(boot("LOCKED"), right))).status == 200


async def test_an_address_that_no_station_has_is_never_called(target: Target) -> None:
    own = target.node.info.api_url
    for number, address in enumerate((*refused_callbacks(target.canary.port), f"{own}/api/v1/stations")):
        identity = f"EVIL-{number}"
        heard = await target.exchange(posted(boot(identity, address)))
        assert (heard.status, heard.fault) == (200, ""), address
        assert target.desk(identity).callback.told is None, address
    assert target.canary.calls == 0


async def test_a_name_of_this_machine_is_found_out_when_it_is_called(target: Target) -> None:
    for number, address in enumerate(names_of_loopback(target.canary.port)):
        desk = await booted_at(target, f"EVIL-{number}", address)
        await until(lambda desk=desk: desk.callback.reason is not None)  # type: ignore[misc]
        assert "this machine itself" in str(desk.callback.reason), address
    assert target.canary.calls == 0


async def test_the_canary_would_be_called_where_that_is_allowed(tmp_path: Path) -> None:
    async with soap_node(tmp_path, loopback_callbacks=True) as target:
        await booted_at(target, "EVIL", f"http://127.0.0.1:{target.canary.port}/")
        await until(lambda: target.canary.calls > 0)


async def test_a_listener_of_ours_is_not_called_even_where_this_machine_may_be(tmp_path: Path) -> None:
    async with soap_node(tmp_path, loopback_callbacks=True) as target:
        ports = {urlsplit(url).port for url in (target.node.info.api_url, target.node.info.ocpp_url)}
        for port in (*ports, target.node.files.port):
            await target.exchange(posted(boot(f"EVIL-{port}", f"http://127.0.0.1:{port}/api/v1/stations")))
            assert target.desk(f"EVIL-{port}").callback.told is None
            desk = await booted_at(target, f"NAME-{port}", f"http://127.1:{port}/api/v1/stations")
            await until(lambda desk=desk: desk.callback.reason is not None)  # type: ignore[misc]
            assert desk.callback.reason == "the address is this CSMS itself"


async def booted_at(target: Target, identity: str, address: str) -> Desk:
    """A station that says it listens there; it is asked what it is as soon as it has booted."""
    heard = await target.exchange(posted(boot(identity, address)))
    assert (heard.status, heard.fault) == (200, "")
    return target.desk(identity)
