"""Stations that mean no good meet a whole CSMS. Each gets a clear answer or is cut off, what it did can be seen
afterwards, nothing breaks, and a well-behaved station beside it charges on."""

import asyncio
import gc
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import structlog
from hostile_input import BAD_PATHS, FRAMES, HOSTILE_TEXTS, MOMENTS, NUMBERS, ODD_IDENTITIES
from hostile_station import (
    CARD,
    NOW,
    Payload,
    Registration,
    System,
    event,
    good_station,
    in_memory,
    over_websocket,
    resident_bytes,
)

from stationmaster.domain.identity import StationRef
from stationmaster.domain.messages import CommandAnswer, Reset
from stationmaster.domain.queries import CallerSeen, PageRequest
from stationmaster.ocpp.version import JSON_VERSIONS, Version
from stationmaster.testing import WireClient, WireError
from stationmaster.transport.errors import ConnectFailed, ConnectRefused

TRANSPORTS = {"websocket": over_websocket, "memory": in_memory}
KIB = 1024
loud = pytest.mark.no_cover
"""Much of the same: measured line by line it would take twice as long, and tell nothing."""
real_first = pytest.mark.parametrize(
    "system", ["websocket", pytest.param("memory", marks=pytest.mark.nightly)], indirect=True
)
"""The memory's network is no stranger's way in: what it bears is known after a night."""


@pytest.fixture(autouse=True)
def nothing_breaks() -> Iterator[None]:
    """Input that is merely bad is no error of ours: nothing is logged as one, and nothing with a traceback."""
    with structlog.testing.capture_logs() as logs:
        yield
    assert [entry for entry in logs if entry["log_level"] in ("error", "critical") or entry.get("exc_info")] == []


@pytest.fixture(autouse=True, scope="module")
def nothing_left_behind() -> Iterator[None]:
    """A task or future would warn at the end, and a warning fails a test. To look after each one takes longer than
    most of them."""
    yield
    gc.collect()


@pytest.fixture(params=TRANSPORTS)
async def system(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[System]:
    async with TRANSPORTS[request.param](tmp_path) as system:
        yield system


@pytest.fixture
async def websocket(tmp_path: Path) -> AsyncIterator[System]:
    async with over_websocket(tmp_path) as system:
        yield system


async def until_settled(client: WireClient) -> None:
    """Everything sent before is dealt with when this returns."""
    await client.call("Heartbeat")


# Frames ───────────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_broken_frame_is_answered_with_what_is_wrong_and_the_line_stays_up(system: System) -> None:
    client = await system.dial("EVIL")
    async with good_station(system):
        for name, (said, message_id, code) in FRAMES.items():
            client.frames.clear()
            client.send_bytes(said)
            await until_settled(client)
            answers = [frame for frame in client.frames if frame[0] == 4]
            assert [(frame[1], frame[2]) for frame in answers] == [(message_id, code)], name
            assert 0 < len(answers[0][3]) <= 255, name


@pytest.mark.parametrize("version", JSON_VERSIONS, ids=str)
async def test_broken_frames_are_kept_as_oddities_of_their_station(tmp_path: Path, version: Version) -> None:
    async with in_memory(tmp_path) as system:
        client = await system.dial("EVIL", version)
        for said, _, _ in FRAMES.values():
            client.send_bytes(said)
        await until_settled(client)
        kinds = Counter(oddity.kind for oddity in await system.oddities("EVIL"))
        assert kinds["malformed"] > 15
        assert all(len(oddity.detail) <= 500 for oddity in await system.oddities("EVIL"))


@pytest.mark.parametrize(
    ("said", "code"),
    [(b'[2,"x","Heartbeat",{"a":"' + b"x" * 300 * KIB + b'"}]', 1009), (b'[2,"x","Heartbeat",{"a":"\xc3\x28"}]', 1007)],
    ids=["oversized", "not UTF-8"],
)
async def test_what_no_websocket_may_carry_closes_the_line_with_the_code_for_it(
    system: System, said: bytes, code: int
) -> None:
    async with good_station(system):
        client = await system.dial("EVIL")
        client.send_bytes(said)
        async with asyncio.timeout(5):
            assert (await client.closed)[0] == code


@pytest.mark.parametrize("version", JSON_VERSIONS, ids=str)
async def test_answers_to_calls_never_made_are_noted_and_never_answered(tmp_path: Path, version: Version) -> None:
    async with in_memory(tmp_path) as system:
        client = await system.dial("EVIL", version)
        for number in range(10):
            client.send_frame([3, f"never-{number}", {"status": "Accepted"}])
            client.send_frame([3, "the same", {"status": "Accepted"}])
            client.send_frame([4, f"never-{number}", "GenericError", "", {}])
            client.send_bytes(b'[3,"broken",{"status":')
        await until_settled(client)
        assert [frame[0] for frame in client.frames] == [3], "only the heartbeat is answered"
        kinds = Counter(oddity.kind for oddity in await system.oddities("EVIL"))
        assert kinds["unsolicited_answer"] == 30
        assert kinds["malformed"] == 10


async def test_a_second_answer_to_a_call_is_noted_and_changes_nothing(system: System) -> None:
    client = await system.dial("EVIL")
    desk = system.csms.directory.find(StationRef("default", "EVIL"))
    assert desk is not None
    assert desk.session is not None

    def answered_three_times(_request: Payload) -> None:
        message_id = client.frames[-1][1]
        client.send_frame([3, message_id, {"status": "Accepted"}])
        client.send_frame([3, message_id, {"status": "Rejected"}])
        client.send_frame([4, message_id, "GenericError", "", {}])

    client.on("Reset", answered_three_times)
    await until_settled(client)
    answer = await desk.session.perform(Reset(type="Immediate"))
    assert isinstance(answer, CommandAnswer)
    assert answer.status == "Accepted"
    await until_settled(client)
    assert Counter(oddity.kind for oddity in await system.oddities("EVIL"))["duplicate_answer"] == 2


# Values ───────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("version", [Version.V16, Version.V201], ids=str)
async def test_a_hostile_text_is_stored_as_it_came_wherever_it_stands(system: System, version: Version) -> None:
    for number, text in enumerate(HOSTILE_TEXTS):
        await system.know(text)
        await store_hostile_text(system, version, f"EVIL-{number}", text)


async def store_hostile_text(system: System, version: Version, identity: str, text: str) -> None:
    client = await system.dial(identity, version)
    boot, authorize, start = {
        Version.V16: (
            {"chargePointVendor": text, "chargePointModel": text},
            {"idTag": text},
            ("StartTransaction", {"connectorId": 1, "idTag": text, "timestamp": NOW, "meterStart": 0}),
        ),
        Version.V201: (
            {"reason": "PowerUp", "chargingStation": {"vendorName": text, "model": text}},
            {"idToken": {"idToken": text, "type": "ISO14443"}},
            ("TransactionEvent", event("Started", 0, text, idToken={"idToken": text, "type": "ISO14443"})),
        ),
    }[version]
    await client.call("BootNotification", boot)
    answer = await client.call("Authorize", authorize)
    assert next(iter(answer.values()))["status"] == "Accepted"
    await client.call(*start)
    (transaction,) = await system.transactions(identity)
    assert transaction.id_token is not None
    assert transaction.id_token.value == text
    assert version is Version.V16 or transaction.wire_id == text
    station = await system.storage.reads.find_station("default", identity)
    assert station is not None
    assert (station.info.vendor, station.info.model) == (text, text)


async def test_a_text_of_60_kib_is_refused_or_cut_but_never_breaks_anything(system: System) -> None:
    huge = "x'" * 30 * KIB
    client = await system.dial("EVIL")
    token = {"idToken": huge, "type": "ISO14443"}
    async with good_station(system):
        await client.call(
            "BootNotification", {"reason": huge, "chargingStation": {"vendorName": huge[:99], "model": "M"}}
        )
        answer = await client.call("Authorize", {"idToken": token})
        assert answer["idTokenInfo"]["status"] != "Accepted"
        await client.call("TransactionEvent", event("Started", 0, huge))
        await client.call("TransactionEvent", event("Started", 0, "T", idToken=token))
    assert Counter(oddity.kind for oddity in await system.oddities("EVIL"))["schema_violation"] >= 4


async def test_a_transaction_at_any_moment_is_stored_and_answered(system: System) -> None:
    client = await system.dial("EVIL")
    for name, moment in MOMENTS.items():
        odd = {"timestamp": moment}
        value = [{**odd, "sampledValue": [{"value": 5}]}]
        await client.call("TransactionEvent", event("Started", 0, name, meterValue=value) | odd)
        await client.call("TransactionEvent", event("Ended", 1, name) | odd)
        await client.call("StatusNotification", {"connectorStatus": "Available", "evseId": 1, "connectorId": 1} | odd)
    stored = await system.transactions("EVIL")
    assert {transaction.wire_id for transaction in stored} == MOMENTS.keys()
    assert not any(transaction.is_open for transaction in stored)


async def test_a_huge_number_is_dropped_or_refused_wherever_it_stands(system: System) -> None:
    client = await system.dial("EVIL")
    plain = b'"eventType":"Started","timestamp":"%b","triggerReason":"Authorized"' % NOW.encode()
    templates = (
        b'{%b,"seqNo":@,"transactionInfo":{"transactionId":"A"}}' % plain,
        b'{%b,"seqNo":0,"transactionInfo":{"transactionId":"B","remoteStartId":@}}' % plain,
        b'{%b,"seqNo":0,"transactionInfo":{"transactionId":"C"},"meterValue":[{"timestamp":"%b","sampledValue":'
        b'[{"value":@,"unitOfMeasure":{"multiplier":@}}]}]}' % (plain, NOW.encode()),
        b'{%b,"seqNo":0,"transactionInfo":{"transactionId":"D"},"evse":{"id":@,"connectorId":@}}' % plain,
    )
    sent = [
        (f"n{number}", template.replace(b"@", digits.encode()))
        for number, (digits, template) in enumerate((digits, template) for digits in NUMBERS for template in templates)
    ]
    for message_id, payload in sent:
        client.send_bytes(b'[2,"%b","TransactionEvent",%b]' % (message_id.encode(), payload))
    await until_settled(client)
    answered = Counter(frame[1] for frame in client.frames)
    assert answered.keys() > {message_id for message_id, _ in sent}
    assert set(answered.values()) == {1}
    assert {transaction.wire_id for transaction in await system.transactions("EVIL")} == set("ABCD")


# Identities ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def handshake(path: str, *headers: str) -> bytes:
    lines = [f"GET {path} HTTP/1.1", "Host: csms.test", "Upgrade: websocket", "Connection: Upgrade"]
    lines += ["Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA=="]
    lines += ["Sec-WebSocket-Protocol: ocpp2.0.1", *headers]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


async def status_of(system: System, sent: bytes) -> int:
    """The HTTP status that a request is answered with."""
    reader, writer = await asyncio.open_connection("127.0.0.1", system.port)
    writer.write(sent)
    async with asyncio.timeout(5):
        line = await reader.readline()
    writer.transport.abort()
    return int(line.split()[1])


async def test_an_identity_that_no_station_has_is_turned_away_though_registration_is_open(websocket: System) -> None:
    found = {path: await status_of(websocket, handshake(path)) for path in BAD_PATHS}
    assert found == BAD_PATHS
    assert len(websocket.csms.directory) == 0


async def test_an_odd_identity_is_one_station_and_only_that(system: System) -> None:
    for identity in ODD_IDENTITIES:
        client = await system.dial(identity)
        await client.call("TransactionEvent", event("Started", 0))
    for identity in ODD_IDENTITIES:
        assert len(await system.transactions(identity)) == 1, identity
        again = await system.dial(identity)
        await again.call("TransactionEvent", event("Ended", 1))
        (transaction,) = await system.transactions(identity)
        assert not transaction.is_open, identity
    stored = await system.storage.reads.all_stations()
    assert sorted(station.identity for station in stored) == sorted(ODD_IDENTITIES)


async def test_credentials_that_are_broken_or_somebody_elses_are_refused(websocket: System) -> None:
    for shown in ("Basic !!!", "Bearer " + "x" * 2000, "Basic T1RIRVI6c2VjcmV0", "Basic Zm9v", "Basic", "Digest x"):
        assert await status_of(websocket, handshake("/ocpp/EVIL", f"Authorization: {shown}")) == 401, shown


async def knock(system: System, identity: str) -> int:
    try:
        await system.dial(identity)
    except ConnectRefused as refused:
        return refused.status
    return 101


async def unknown_callers(system: System) -> list[CallerSeen]:
    page = await system.storage.reads.unknown_callers("default", PageRequest(limit=1000))
    listed = list(page.items)
    while page.next_cursor is not None:
        page = await system.storage.reads.unknown_callers("default", PageRequest(limit=1000, cursor=page.next_cursor))
        listed += page.items
    return listed


async def strangers(folder: Path, transport: str, registration: Registration, callers: int) -> None:
    async with TRANSPORTS[transport](folder, registration) as system:
        for start in range(0, callers, 100):
            found = await asyncio.gather(*(knock(system, f"STRANGER-{n}") for n in range(start, start + 100)))
            assert set(found) == {404}
        for _ in range(200):
            assert await knock(system, "STRANGER-0") == 404
        assert len(system.csms.directory) == 0
        await asyncio.sleep(0.2)
        listed = await unknown_callers(system)
        assert len(listed) == callers
        assert max(caller.calls for caller in listed) < 20, "one that knocks all the time is written down now and then"


@loud
async def test_hundreds_of_unknown_callers_get_404_and_are_listed(tmp_path: Path) -> None:
    await strangers(tmp_path, "websocket", "closed", 300)


# Floods ───────────────────────────────────────────────────────────────────────────────────────────────────────────────


async def flood(client: WireClient, calls: int, marker: str) -> Counter[str]:
    """CALLs without waiting; returns how often each was answered."""
    client.frames.clear()
    for number in range(calls):
        action, payload = (
            ("Heartbeat", {}),
            ("TransactionEvent", event("Updated", number, marker)),
            ("Authorize", {"idToken": {"idToken": CARD, "type": "ISO14443"}}),
            ("MakeCoffee", {}),
        )[number % 4]
        client.send_frame([2, f"{marker}-{number}", action, payload])
        if number % 500 == 499:
            await asyncio.sleep(0)
    async with asyncio.timeout(30 + calls / 200):
        while len(client.frames) < calls and not client.closed.done():
            await asyncio.sleep(0.01)
    return Counter(frame[1] for frame in client.frames)


@loud
@real_first
async def test_every_call_of_a_flood_is_answered_once(system: System) -> None:
    client = await system.dial("EVIL")
    async with good_station(system) as good:
        answered = await flood(client, 4000, "F")
    assert len(answered) == 4000
    assert set(answered.values()) == {1}
    assert good.done > 0
    kinds = {oddity.kind for oddity in await system.oddities("EVIL")}
    assert kinds & {"concurrent_calls", "overflow"}


@loud
@real_first
async def test_a_flood_of_sends_keeps_to_its_bound_and_the_line_stays_up(system: System) -> None:
    client = await system.dial("EVIL", Version.V21)
    sent = {"id": 1, "pending": 0, "basetime": NOW, "data": [{"t": 0, "v": "1"}]}
    async with good_station(system):
        for number in range(4000):
            client.send_frame([6, f"s{number}", "NotifyPeriodicEventStream", sent])
        await until_settled(client)
    assert len(client.frames) == 1, "a SEND is never answered"


async def test_half_open_sockets_and_slow_handshakes_keep_nobody_waiting(websocket: System) -> None:
    whole = handshake("/ocpp/EVIL")
    opened = []
    async with good_station(websocket) as good:
        for number in range(300):
            _, writer = await asyncio.open_connection("127.0.0.1", websocket.port)
            writer.write(whole[: number % len(whole)])
            opened.append(writer)
        before = good.done
        async with asyncio.timeout(20):
            while good.done < before + 3:
                await asyncio.sleep(0.01)
        for writer in opened:
            writer.transport.abort()


@loud
async def test_one_identity_that_connects_all_the_time_ends_as_one_station_with_one_line(system: System) -> None:
    clients: list[WireClient] = []
    async with good_station(system):
        for number in range(300):
            client = await system.dial("EVIL")
            client.send_frame([2, f"{number}", "Heartbeat", {}])
            clients.append(client)
        await until_settled(clients[-1])
        async with asyncio.timeout(10):
            await asyncio.gather(*(client.closed for client in clients[:-1]))
        assert not clients[-1].closed.done()
        desk = system.csms.directory.find(StationRef("default", "EVIL"))
        assert desk is not None
        assert desk.session is not None
        with pytest.raises(WireError, match="NotImplemented"):
            await clients[-1].call("MakeCoffee")


async def storm(system: System, rounds: int) -> None:
    """Everything at once, again and again."""
    for number in range(rounds):
        client = await system.dial(f"EVIL-{number % 3}")
        for said, _, _ in FRAMES.values():
            client.send_bytes(said)
        await flood(client, 400, f"S{number}")
        try:
            other = await system.dial(f"EVIL-{number % 3}")
            other.send_bytes(b"x" * 300 * KIB)
            async with asyncio.timeout(5):
                await other.closed
        except (ConnectFailed, ConnectRefused):
            continue
        await asyncio.gather(*(knock(system, "x" * 65 + str(stranger)) for stranger in range(20)))


async def bounded(system: System, rounds: int, growth_bytes: int) -> None:
    async with good_station(system):
        await storm(system, 3)  # what is allocated once is there now
        gc.collect()
        before = resident_bytes()
        await storm(system, rounds)
        gc.collect()
        assert resident_bytes() - before < growth_bytes


@loud
@real_first
async def test_memory_stays_bounded_in_a_storm(system: System) -> None:
    await bounded(system, 10, 40 * KIB * KIB)


@pytest.mark.nightly
@pytest.mark.timeout(3600)
async def test_nightly_memory_stays_bounded_in_a_long_storm(websocket: System) -> None:
    """Beyond the 64 MiB of pages that the database may keep; in memory the database itself would grow."""
    await bounded(websocket, 1000, 100 * KIB * KIB)


@pytest.mark.nightly
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("transport", TRANSPORTS)
async def test_nightly_ten_thousand_unknown_callers_get_404_and_are_listed(tmp_path: Path, transport: str) -> None:
    await strangers(tmp_path, transport, "closed", 10_000)  # as many as are kept
