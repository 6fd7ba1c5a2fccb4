"""Who is let in, speaking what, and what becomes of the connection before."""

from typing import Any

import pytest

from stationmaster.csms.settings import CsmsSettings, TenantPolicy
from stationmaster.domain.identity import StationRef
from stationmaster.ocpp.version import Version
from stationmaster.testing import CsmsBench, ScriptedStation, WireError, csms_bench
from stationmaster.testing.bench import BOOTS
from stationmaster.transport.errors import ConnectRefused

PASSWORD = "0123456789abcdef0123"
HEX_KEY = "00112233445566778899aabbccddeeff00112233"
CLOSED = CsmsSettings()
STRICT = CsmsSettings(default_policy=TenantPolicy(registration="open"), strictness="strict")


async def test_an_unknown_station_gets_404_and_is_listed_for_the_operator() -> None:
    async with csms_bench(CLOSED) as bench:
        for _ in range(3):
            with pytest.raises(ConnectRefused) as refused:
                await bench.dial("STRANGER", Version.V201)
            assert refused.value.status == 404
        await bench.csms.stations.create(StationRef("default", "S1"))
        await bench.boot("S1", Version.V201)

        listed = (await bench.storage.reads.unknown_callers("default")).items

    assert [(caller.identity, caller.subprotocols) for caller in listed] == [("STRANGER", "ocpp2.0.1")]


async def test_a_station_that_is_admitted_is_let_in() -> None:
    async with csms_bench(CLOSED) as bench:
        await bench.csms.stations.create(StationRef("default", "S1"))

        client = await bench.boot("S1", Version.V201)

        assert client.frames[0][2]["status"] == "Accepted"


@pytest.mark.parametrize(
    ("given", "admitted"),
    [
        (PASSWORD.encode(), True),
        (b"something else entirely", False),
        (None, False),
        (PASSWORD.upper().encode(), False),
        (b"", False),
    ],
)
async def test_a_password_must_be_the_stations(given: bytes | None, admitted: bool) -> None:
    async with csms_bench(CLOSED) as bench:
        await bench.csms.stations.create(StationRef("default", "S1"), password=PASSWORD)

        if admitted:
            assert (await bench.dial("S1", Version.V201, password=given)).connection.subprotocol == "ocpp2.0.1"
        else:
            with pytest.raises(ConnectRefused) as refused:
                await bench.dial("S1", Version.V201, password=given)
            assert refused.value.status == 401


async def test_wrong_credentials_are_kept_as_an_oddity_of_the_station_they_were_shown_for() -> None:
    async with csms_bench(CLOSED) as bench:
        await bench.csms.stations.create(StationRef("default", "S1"), password=PASSWORD)
        with pytest.raises(ConnectRefused):
            await bench.dial("S1", Version.V201, password=b"guess")

        client = await bench.dial("S1", Version.V201, password=PASSWORD.encode())
        await client.call("BootNotification", BOOTS[2])

        oddity = (await bench.view("S1").oddities("refused_credentials"))[0]
        assert "guess" not in oddity.detail


@pytest.mark.parametrize("given", [HEX_KEY.encode(), HEX_KEY.upper().encode(), bytes.fromhex(HEX_KEY)])
async def test_a_1_6_key_is_taken_as_bytes_and_as_hex_digits(given: bytes) -> None:
    async with csms_bench(CLOSED) as bench:
        await bench.csms.stations.create(StationRef("default", "S1"), password=HEX_KEY)

        assert (await bench.dial("S1", Version.V16, password=given)).connection.subprotocol == "ocpp1.6"


async def test_a_tenant_may_demand_passwords_of_all_its_stations() -> None:
    strict = CsmsSettings(default_policy=TenantPolicy(registration="open", require_password=True))
    async with csms_bench(strict) as bench:
        with pytest.raises(ConnectRefused) as refused:
            await bench.dial("S1", Version.V201)

    assert refused.value.status == 401


async def test_two_tenants_may_each_have_a_station_of_the_same_name() -> None:
    opened = TenantPolicy(registration="open")
    async with csms_bench(CsmsSettings(policies={"a": opened, "b": opened})) as bench:
        for tenant in ("a", "b"):
            await bench.storage.add_tenant(tenant)
        clients = [await bench.dial("S1", Version.V201, tenant=tenant) for tenant in ("a", "b")]
        for client in clients:
            await client.call("Heartbeat")

        assert not any(client.closed.done() for client in clients)
        assert bench.station("S1", "a").key != bench.station("S1", "b").key


async def test_a_station_that_offers_no_version_is_served_in_its_default() -> None:
    async with csms_bench(CLOSED) as bench:
        await bench.csms.stations.create(StationRef("default", "OLD"), default_version="1.6")
        await bench.csms.stations.create(StationRef("default", "NONE"))

        client = await bench.dial("OLD", Version.V16, subprotocols=())
        answer = await client.call("BootNotification", {"chargePointVendor": "V", "chargePointModel": "M"})
        assert (answer["status"], client.connection.subprotocol) == ("Accepted", None)
        turned_away = await bench.dial("NONE", Version.V16, subprotocols=())
        assert (await turned_away.closed)[0] == 1002


async def test_the_stations_first_choice_of_version_counts(bench: CsmsBench) -> None:
    client = await bench.dial("S1", Version.V201, subprotocols=("ocpp9", "ocpp2.0.1", "ocpp1.6"))

    assert client.connection.subprotocol == "ocpp2.0.1"


# Connections


async def test_the_newest_connection_wins(bench: CsmsBench) -> None:
    old = await bench.boot("S1", Version.V201)
    new = await bench.dial("S1", Version.V201)

    assert "currentTime" in await new.call("Heartbeat")
    code, reason = await old.closed
    assert (code, "newer" in reason) == (1000, True)
    assert bench.station("S1").version == "2.0.1"


async def test_what_an_old_connection_sends_late_is_void(bench: CsmsBench) -> None:
    old = await bench.boot("S1", Version.V201)
    view = bench.view("S1")
    start = ScriptedStation(old, bench.clock.now).transaction().payload("Started", "CablePluggedIn", evse=(1, 1))
    old.start_call("TransactionEvent", start)  # under way as the new one comes
    new = await bench.dial("S1", Version.V201)

    await new.call("Heartbeat")

    assert not await view.transactions()
    assert old.closed.done()
    await new.call("TransactionEvent", start)
    assert (await view.transaction()).is_open


async def test_the_end_of_an_old_connection_does_not_disconnect_the_station(bench: CsmsBench) -> None:
    old = await bench.boot("S1", Version.V201)
    new = await bench.dial("S1", Version.V201)
    await old.closed
    await new.call("Heartbeat")

    view = bench.view("S1")
    assert not await view.told("StationDisconnected")
    desk = bench.csms.directory.get(view.key)
    assert desk is not None and desk.session is not None


async def test_a_new_station_that_connects_twice_at_once_is_registered_once(bench: CsmsBench) -> None:
    first = await bench.dial("S1", Version.V201)
    second = await bench.dial("S1", Version.V201)  # before the first was even loaded

    assert "currentTime" in await second.call("Heartbeat")

    assert first.closed.done()
    assert len(await bench.view("S1").told("StationRegistered")) == 1
    assert (await bench.view("S1").station()).identity == "S1"


async def test_a_disconnection_is_stored_and_told(bench: CsmsBench) -> None:
    client = await bench.boot("S1", Version.V201)
    view = bench.view("S1")
    assert (await view.station()).connected_at is not None

    client.connection.cut()
    await client.closed
    desk = bench.csms.directory.get(view.key)
    assert desk is not None
    await desk.lane.drained()

    assert (await view.station()).disconnected_at is not None
    assert len(await view.told("StationDisconnected")) == 1


# Strictness


BAD_STATUS = {"timestamp": "2030-01-01T00:00:00Z", "connectorStatus": "Available", "evseId": 1, "connectorId": "one"}
BAD_16 = {"connectorId": 1, "errorCode": "NoError", "status": "Available", "vendorId": "x" * 256}


@pytest.mark.parametrize(
    ("version", "action", "payload", "code", "field"),
    [
        (Version.V201, "StatusNotification", BAD_STATUS, "TypeConstraintViolation", "connectorId"),
        (Version.V21, "StatusNotification", BAD_STATUS, "TypeConstraintViolation", "connectorId"),
        (Version.V201, "Authorize", {}, "OccurrenceConstraintViolation", "idToken"),
        (Version.V16, "StatusNotification", BAD_16, "PropertyConstraintViolation", "vendorId"),
        (Version.V16, "Authorize", {}, "OccurenceConstraintViolation", "idTag"),
    ],
)
async def test_a_strict_CSMS_names_the_code_of_the_version_and_the_field(
    version: Version, action: str, payload: Any, code: str, field: str
) -> None:
    async with csms_bench(CsmsSettings(default_policy=TenantPolicy(registration="open"), strictness="strict")) as bench:
        client = await bench.boot("S1", version)

        with pytest.raises(WireError) as refused:
            await client.call(action, payload)

        assert refused.value.code == code
        assert field in refused.value.description


@pytest.mark.parametrize(("version", "code"), [(Version.V16, "FormationViolation"), (Version.V201, "FormatViolation")])
async def test_a_payload_that_is_no_object_is_refused_by_all(bench: CsmsBench, version: Version, code: str) -> None:
    client = await bench.boot("S1", version)

    client.send_frame([2, "bad", "Heartbeat", []])
    await client.call("Heartbeat")

    assert [frame[2] for frame in client.frames if frame[1] == "bad"] == [code]


@pytest.mark.parametrize("strictness", ["lenient", "observe"])
async def test_others_take_what_can_be_understood_and_note_what_is_wrong(strictness: Any) -> None:
    async with csms_bench(
        CsmsSettings(default_policy=TenantPolicy(registration="open"), strictness=strictness)
    ) as bench:
        client = await bench.boot("S1", Version.V16)
        view = bench.view("S1")

        assert await client.call("StatusNotification", BAD_16) == {}

        assert await view.status() == "Available"
        (oddity,) = await view.oddities("schema_violation")
        assert oddity.action == "StatusNotification"
        assert "vendorId" in oddity.detail


async def test_a_strict_CSMS_never_refuses_a_transaction_message() -> None:
    async with csms_bench(CsmsSettings(default_policy=TenantPolicy(registration="open"), strictness="strict")) as bench:
        client = await bench.boot("S1", Version.V201)
        station = ScriptedStation(client, bench.clock.now)
        wrong = station.transaction().payload("Started", "MyOwnTrigger", evse=(1, 1))

        assert await station.say("TransactionEvent", wrong) == {}

        assert (await bench.view("S1").transaction()).is_open
        assert await bench.view("S1").oddities("schema_violation")


async def test_a_station_may_be_treated_otherwise_than_the_rest(bench: CsmsBench) -> None:
    client = await bench.boot("S1", Version.V16)
    await bench.csms.stations.change(bench.station("S1"), strictness="strict")

    with pytest.raises(WireError):
        await client.call("StatusNotification", BAD_16)


async def test_a_clock_that_is_off_is_noted_once(bench: CsmsBench) -> None:
    client = await bench.boot("S1", Version.V201)
    view = bench.view("S1")
    wrong = {"timestamp": "2036-02-07T06:28:16Z", "connectorStatus": "Available", "evseId": 1, "connectorId": 1}

    for _ in range(3):
        await client.call("StatusNotification", wrong)

    assert len(await view.oddities("clock_skew")) == 1


async def test_a_session_from_the_queue_of_a_1_6_station_says_nothing_of_its_clock(bench: CsmsBench) -> None:
    client = await bench.boot("S1", Version.V16)
    old = {"connectorId": 1, "idTag": "T1", "meterStart": 0, "timestamp": "2020-01-01T00:00:00Z"}

    await client.call("StartTransaction", old)

    assert not await bench.view("S1").oddities("clock_skew")


async def test_an_event_without_a_time_is_dated_by_its_receipt(bench: CsmsBench) -> None:
    client = await bench.boot("S1", Version.V201)
    station = ScriptedStation(client, bench.clock.now)
    start = station.transaction().payload("Started", "CablePluggedIn", evse=(1, 1))
    del start["timestamp"]

    await station.say("TransactionEvent", start)

    stored = await bench.view("S1").transaction()
    assert stored.started_at == stored.received_at
    assert not await bench.view("S1").oddities("clock_skew")
