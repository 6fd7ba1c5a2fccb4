"""Stations that speak SOAP, as their operator sees them at the API: the CSMS is all there, the station is scripted."""

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from rest_desk import TODAY, RestDesk, open_desk

from stationmaster.api.station_callback import CallbackResource, callback_resource
from stationmaster.clock.virtual import VirtualClock
from stationmaster.csms.settings import CsmsSettings, TenantPolicy
from stationmaster.domain.authorization.clear_cache import ClearCache
from stationmaster.domain.identity import StationRef
from stationmaster.ocpp.version import SOAP_VERSIONS, Version
from stationmaster.testing import SoapWireClient, WireError, csms_bench
from stationmaster.testing.bench import OPEN, SOAP_HOST
from stationmaster.testing.script import moment

CLOSED = CsmsSettings()
OLDER = (Version.V12, Version.V15)
BOOT = {"chargePointVendor": "Maker", "chargePointModel": "Model"}
PRICES = {
    "currency": "EUR",
    "energy": {"prices": [{"amount": 0.5}]},
    "fixed": {"prices": [{"amount": 0.35}]},
}
PASSWORD = "0123456789abcdef0123"
UNLOCKED = {Version.V12: "Accepted", Version.V15: "Accepted", Version.V16S: "Unlocked"}


def metered(version: Version, transaction: int, minutes: int, wh: int) -> dict[str, Any]:
    """MeterValues of connector 1 in the version's words."""
    at = moment(TODAY + timedelta(minutes=minutes))
    match version:
        case Version.V12:
            return {"connectorId": 1, "values": [{"timestamp": at, "value": wh}]}
        case Version.V15:
            value = {"value": str(wh), "unit": "Wh", "measurand": "Energy.Active.Import.Register"}
            return {"connectorId": 1, "transactionId": transaction, "values": [{"timestamp": at, "value": [value]}]}
        case _:
            sample = {"value": str(wh), "unit": "Wh", "measurand": "Energy.Active.Import.Register"}
            values = [{"timestamp": at, "sampledValue": [sample]}]
            return {"connectorId": 1, "transactionId": transaction, "meterValue": values}


async def booted(desk: RestDesk, version: Version, identity: str = "CS-1", **more: Any) -> tuple[SoapWireClient, int]:
    """A station that was let in, and its key."""
    client = desk.bench.soap(identity, version, **more)
    assert (await client.call("BootNotification", BOOT))["status"] == "Accepted"
    return client, desk.bench.station(identity).key


async def called(desk: RestDesk, station: int) -> Any:
    return (await desk.get(f"/stations/{station}"))["callback"]


def path_of(station: int, command: Any) -> str:
    return f"/stations/{station}/commands/{command['key']}"


async def outcome(desk: RestDesk, station: int, command: Any) -> Any:
    """A command that waits no more, and is not under way."""
    return await desk.until(path_of(station, command), lambda found: found["state"] not in ("queued", "sent"))


async def events(desk: RestDesk, kind: str) -> list[Mapping[str, Any]]:
    committed = await desk.bench.storage.outbox.after(0, 1000)
    return [each.event.data for each in committed if each.event.kind == kind]


@pytest.mark.parametrize("version", SOAP_VERSIONS)
async def test_a_session_from_boot_to_bill(version: Version) -> None:
    async with open_desk() as desk:
        await desk.bench.add_token("CARD")
        await desk.send("POST", "/tariffs", {"name": "street", **PRICES})
        await desk.send("POST", "/tariff-assignments", {"tariff": "street"})
        client, key = await booted(desk, version)
        assert (await client.call("Authorize", {"idTag": "CARD"}))["idTagInfo"]["status"] == "Accepted"
        status = "Occupied" if version in OLDER else "Charging"
        await client.call("StatusNotification", {"connectorId": 1, "status": status, "errorCode": "NoError"})
        begun = {"connectorId": 1, "idTag": "CARD", "meterStart": 1000, "timestamp": moment(TODAY)}
        started = await client.call("StartTransaction", begun)
        assert started["idTagInfo"]["status"] == "Accepted"
        wire_id = started["transactionId"]
        await client.call("MeterValues", metered(version, wire_id, 10, 3500))
        ended = {"transactionId": wire_id, "idTag": "CARD", "meterStop": 6000}
        await client.call("StopTransaction", {**ended, "timestamp": moment(TODAY + timedelta(minutes=30))})

        (transaction,) = (await desk.get("/transactions"))["items"]
        bill = await desk.get(f"/transactions/{transaction['key']}/bill")
        readings = await desk.bench.view("CS-1").readings()
        station = await desk.get(f"/stations/{key}")

    assert (transaction["energy_wh"], transaction["stopped_reason"]) == (5000, "Local")
    assert [str(reading.samples[0].value) for reading in readings] == ["3500"]
    assert (station["version"], station["connected"], station["info"]["vendor"]) == (str(version), True, "Maker")
    assert (bill["state"], bill["content"]["net"]) == ("issued", "2.85")


@pytest.mark.parametrize("version", OLDER)
async def test_a_transaction_that_ends_without_a_card_did_not_end_at_the_station(version: Version) -> None:
    async with open_desk() as desk:
        await desk.bench.add_token("CARD")
        client, _ = await booted(desk, version)
        begun = {"connectorId": 1, "idTag": "CARD", "meterStart": 0, "timestamp": moment(TODAY)}
        wire_id = (await client.call("StartTransaction", begun))["transactionId"]
        await client.call("StopTransaction", {"transactionId": wire_id, "meterStop": 1, "timestamp": moment(TODAY)})
        (transaction,) = (await desk.get("/transactions"))["items"]

    assert transaction["stopped_reason"] == "Other"


@pytest.mark.parametrize("version", SOAP_VERSIONS)
async def test_commands_go_to_where_the_station_says_that_it_listens(version: Version) -> None:
    async with open_desk() as desk:
        client, key = await booted(desk, version)
        client.on("UnlockConnector", {"status": UNLOCKED[version]})
        client.on("Reset", {"status": "Accepted"})
        client.on("RemoteStartTransaction", {"status": "Rejected"})
        client.on("RemoteStopTransaction", {"status": "Rejected"})
        unlocked = await desk.command(key, "UnlockConnector", evse_id=1)
        reset = await desk.command(key, "Reset", reset_type="Immediate")
        card = {"value": "CARD", "type": "ISO14443"}
        start = await desk.command(key, "RequestStartTransaction", id_token=card)
        known = await called(desk, key)

    assert (unlocked["state"], unlocked["status"]) == ("accepted", "Unlocked")
    assert reset["state"] == "accepted"
    assert start["state"] == "rejected"
    assert [request.action for request in client.requests] == ["UnlockConnector", "Reset", "RemoteStartTransaction"]
    assert known == {
        "told": "http://cs-1.test:8080/",
        "told_at": "2026-12-01T10:00:00Z",
        "override": None,
        "in_use": "http://cs-1.test:8080/",
        "reachable": "yes",
        "unreachable_since": None,
        "reason": None,
    }
    assert [request.addressing.from_address for request in client.requests] == [f"http://{SOAP_HOST}/soap"] * 3


async def test_a_remote_start_makes_a_transaction_and_a_remote_stop_ends_it() -> None:
    async with open_desk() as desk:
        await desk.bench.add_token("CARD")
        client, key = await booted(desk, Version.V15)
        client.on("RemoteStartTransaction", {"status": "Accepted"})
        client.on("RemoteStopTransaction", {"status": "Accepted"})
        command = await desk.command(key, "RequestStartTransaction", id_token={"value": "CARD"}, evse_id=1)
        begun = {"connectorId": 1, "idTag": "CARD", "meterStart": 0, "timestamp": moment(TODAY)}
        wire_id = (await client.call("StartTransaction", begun))["transactionId"]
        started = await desk.get(path_of(key, command))
        await desk.command(key, "RequestStopTransaction", transaction_id=str(wire_id))

    assert started["state"] == "effect_seen"
    assert [request.action for request in client.requests] == ["RemoteStartTransaction", "RemoteStopTransaction"]


async def test_what_cannot_be_delivered_waits_and_goes_out_with_the_next_heartbeat() -> None:
    async with open_desk() as desk:
        client, key = await booted(desk, Version.V15)
        client.on("Reset", {"status": "Accepted"})
        desk.bench.http.refuse("cs-1.test:8080")
        given = {"type": "Reset", "reset_type": "OnIdle", "lifetime_s": 3600}
        command = await desk.send("POST", f"/stations/{key}/commands", given, wait=3)
        unreached = await called(desk, key)
        await asyncio.sleep(600)
        still = await desk.get(path_of(key, command))
        desk.bench.http.restore("cs-1.test:8080")
        await client.call("Heartbeat")
        delivered = await outcome(desk, key, command)
        reached = await called(desk, key)
        told = await events(desk, "StationCallbackChanged")

    reason = "the station cannot be reached: nobody listens at cs-1.test:8080"
    assert (command["state"], command["detail"]) == ("queued", reason)
    assert (still["state"], still["detail"]) == ("queued", reason)
    assert (unreached["reachable"], unreached["reason"]) == ("no", "nobody listens at cs-1.test:8080")
    assert unreached["unreachable_since"] == "2026-12-01T10:00:00Z"
    assert delivered["state"] == "accepted"
    assert (reached["reachable"], reached["unreachable_since"]) == ("yes", None)
    assert [data["reachable"] for data in told] == [None, False, True]


async def test_a_station_at_another_address_is_called_there() -> None:
    async with open_desk() as desk:
        client, key = await booted(desk, Version.V16S)
        client.on("ClearCache", {"status": "Accepted"})
        desk.bench.http.refuse("cs-1.test:8080")
        given = {"type": "ClearCache", "lifetime_s": 3600}
        command = await desk.send("POST", f"/stations/{key}/commands", given, wait=3)
        client.says_from = "http://10.9.8.7/ocpp"
        client.listen(client.says_from)
        await client.call("Heartbeat")
        delivered = await outcome(desk, key, command)

        assert delivered["state"] == "accepted"
        assert (await called(desk, key))["in_use"] == "http://10.9.8.7/ocpp"
    assert client.requests[0].addressing.to == "http://10.9.8.7/ocpp"


async def test_a_command_that_cannot_be_delivered_in_its_time_says_why() -> None:
    async with open_desk() as desk:
        client, key = await booted(desk, Version.V15, address="http://cs-1.test:8080/")
        desk.bench.http.refuse("cs-1.test:8080")
        command = await desk.send("POST", f"/stations/{key}/commands", {"type": "ClearCache"}, wait=1)
        await asyncio.sleep(180)
        late = await desk.get(path_of(key, command))

    assert (late["state"], late["detail"]) == (
        "timed_out",
        "the station cannot be reached: nobody listens at cs-1.test:8080",
    )
    assert client.requests == []


async def test_an_operator_s_address_goes_before_what_the_station_says() -> None:
    async with open_desk() as desk:
        client, key = await booted(desk, Version.V15, address="http://192.168.0.1/")
        client.on("ClearCache", {"status": "Accepted"})
        desk.bench.http.refuse("192.168.0.1")
        given = {"type": "ClearCache", "lifetime_s": 3600}
        command = await desk.send("POST", f"/stations/{key}/commands", given, wait=3)
        client.listen("http://gateway.test:9100/cs-1")
        override = {"callback_override": "http://gateway.test:9100/cs-1"}
        answer = await desk.send("PATCH", f"/stations/{key}", override, status=200)
        delivered = await outcome(desk, key, command)
        await client.call("Heartbeat")
        known = await called(desk, key)
        await desk.send("PATCH", f"/stations/{key}", {"callback_override": None}, status=200)
        back = await called(desk, key)

    assert (answer["station"]["callback"]["in_use"], delivered["state"]) == (override["callback_override"], "accepted")
    assert (known["told"], known["in_use"], known["reachable"]) == (
        "http://192.168.0.1/",
        override["callback_override"],
        "yes",
    )
    assert (back["in_use"], back["reachable"]) == ("http://192.168.0.1/", "untried")


@pytest.mark.parametrize("address", ["http://127.0.0.1:9001/soap", "http://169.254.169.254/latest", "http://[::1]/"])
async def test_nobody_is_called_where_no_station_can_be(address: str) -> None:
    async with open_desk() as desk:
        client, key = await booted(desk, Version.V15, address=address)
        known = await called(desk, key)
        refused = await desk.send("PATCH", f"/stations/{key}", {"callback_override": address}, status=422)
        await client.call("Heartbeat")
        await desk.bench.clock.sleep(60)
        oddities = await desk.bench.view("CS-1").oddities("callback_refused")

    assert (known["told"], known["in_use"]) == (None, None)
    assert refused["errors"][0]["path"] == "body.callback_override"
    assert len(oddities) == 2


async def test_where_only_operators_say_it_what_stations_say_is_not_heeded() -> None:
    policy = TenantPolicy(registration="open", soap_callbacks="operator")
    async with open_desk(CsmsSettings(default_policy=policy)) as desk:
        client, key = await booted(desk, Version.V15)
        unknown = await called(desk, key)
        await desk.send("PATCH", f"/stations/{key}", {"callback_override": "http://cs-1.test:8080/"}, status=200)
        client.on("ClearCache", {"status": "Accepted"})
        assert (await desk.command(key, "ClearCache"))["state"] == "accepted"

    assert (unknown["told"], unknown["in_use"]) == (None, None)


async def test_a_station_that_is_silent_is_gone_and_is_back_when_it_is_heard_of() -> None:
    async with open_desk() as desk:
        client, key = await booted(desk, Version.V15)
        await asyncio.sleep(700)
        there = (await desk.get(f"/stations/{key}"))["connected"]
        await asyncio.sleep(100)
        gone = await desk.get(f"/stations/{key}")
        await client.call("Heartbeat")
        back = await desk.get(f"/stations/{key}")

    assert (there, gone["connected"], back["connected"]) == (True, False, True)
    assert back["connected_at"] > gone["disconnected_at"]


async def test_an_answer_to_a_command_is_a_sign_of_life_too() -> None:
    async with open_desk() as desk:
        client, key = await booted(desk, Version.V15)
        client.on("ClearCache", {"status": "Accepted"})
        for _ in range(4):
            await asyncio.sleep(600)
            await desk.command(key, "ClearCache")
        assert (await desk.get(f"/stations/{key}"))["connected"] is True


@pytest.mark.parametrize("version", SOAP_VERSIONS)
async def test_a_stranger_is_told_rejected_at_boot_and_refused_else(version: Version) -> None:
    async with open_desk(CLOSED) as desk:
        client = desk.bench.soap("STRANGER", version)
        rejected = await client.call("BootNotification", BOOT)
        with pytest.raises(WireError) as refused:
            await client.call("Heartbeat")
        status = client.status
        (listed,) = (await desk.get("/stations/unknown"))["items"]
        await desk.bench.csms.stations.create(StationRef("default", "STRANGER"))
        accepted = await client.call("BootNotification", BOOT)

    assert rejected["status"] == "Rejected"
    assert (refused.value.code, status) == ("IdentityMismatch", 400)
    assert (listed["identity"], listed["subprotocols"]) == ("STRANGER", f"soap {version.removesuffix('S')}")
    assert accepted["status"] == "Accepted"


async def test_a_wrong_password_changes_nothing() -> None:
    async with open_desk(CLOSED) as desk:
        await desk.bench.csms.stations.create(StationRef("default", "CS-1"), password=PASSWORD)
        client = desk.bench.soap("CS-1", Version.V15, password=b"guess")
        for given in (b"guess", None):
            client.password = given
            with pytest.raises(WireError) as refused:
                await client.call("BootNotification", BOOT)
            assert (refused.value.code, client.status) == ("SecurityError", 401)
            assert client.headers["www-authenticate"] == 'Basic realm="OCPP"'
        station = desk.bench.station("CS-1")
        assert (await called(desk, station.key), station.connected_at) == (None, None)
        client.password = PASSWORD.encode()
        assert (await client.call("BootNotification", BOOT))["status"] == "Accepted"
        assert (await called(desk, station.key))["told"] == "http://cs-1.test:8080/"


async def test_a_station_that_comes_with_json_takes_over_and_is_not_called_any_more() -> None:
    async with open_desk() as desk:
        client, key = await booted(desk, Version.V15)
        upgraded = await desk.bench.boot("CS-1", Version.V16)
        upgraded.on("ClearCache", {"status": "Accepted"})
        assert (await desk.command(key, "ClearCache"))["state"] == "accepted"
        station = await desk.get(f"/stations/{key}")

        assert (station["version"], station["connected"], station["callback"]) == ("1.6", True, None)
        assert client.requests == []
        with pytest.raises(WireError, match=r"keeps a line that speaks OCPP 1\.6"):
            await client.call("Heartbeat")
        await client.call("BootNotification", BOOT)
        assert (await desk.get(f"/stations/{key}"))["version"] == "1.5"
        assert (await upgraded.closed)[0] == 1000


async def test_a_new_version_of_a_station_takes_over_from_the_old_one() -> None:
    async with open_desk() as desk:
        _, key = await booted(desk, Version.V15)
        newer, again = await booted(desk, Version.V16S)
        newer.on("ClearCache", {"status": "Accepted"})
        assert (await desk.command(key, "ClearCache"))["state"] == "accepted"
        assert (again, (await desk.get(f"/stations/{key}"))["version"]) == (key, "1.6S")


async def test_what_a_version_does_not_have_is_unsupported_and_not_asked_by_ourselves() -> None:
    async with open_desk(CsmsSettings(inventory="changed", default_policy=TenantPolicy(registration="open"))) as desk:
        client, key = await booted(desk, Version.V12)
        await asyncio.sleep(10)
        assert (await desk.command(key, "TriggerMessage", requested="Heartbeat"))["state"] == "unsupported"
        commands = (await desk.get(f"/stations/{key}/commands"))["items"]

    assert [command["type"] for command in commands] == ["TriggerMessage"]
    assert client.requests == []


async def test_a_raw_call_is_in_the_words_of_the_version() -> None:
    async with open_desk() as desk:
        client, key = await booted(desk, Version.V15)
        client.on("ChangeConfiguration", {"status": "Accepted"})
        asked = {"action": "ChangeConfiguration", "payload": {"key": "HeartBeatInterval", "value": "60"}}
        answer = await desk.send("POST", f"/stations/{key}/calls", asked)
        wrong = {"action": "TriggerMessage", "payload": {"requestedMessage": "Heartbeat"}}
        refused = await desk.send("POST", f"/stations/{key}/calls", wrong, status=422)

    assert answer["answer"] == {"status": "Accepted"}
    assert await client.expect("ChangeConfiguration") == asked["payload"]
    assert refused["errors"][0]["detail"].startswith("OCPP 1.5 has no action TriggerMessage")


async def test_what_to_configure_in_a_station_is_told() -> None:
    async with open_desk() as desk:
        _, key = await booted(desk, Version.V15)
        address = (await desk.get(f"/stations/{key}/address"))["soap"]

    base = f"http://{SOAP_HOST}/soap"
    assert address == {"any": base, "1.2": f"{base}/v1.2", "1.5": f"{base}/v1.5", "1.6": f"{base}/v1.6"}


async def test_a_restart_of_the_csms_keeps_where_stations_are_called(tmp_path: Path) -> None:
    path, clock = str(tmp_path / "csms.db"), VirtualClock(TODAY)
    async with csms_bench(path=path, clock=clock) as bench:
        client = bench.soap("CS-1", Version.V15)
        await client.call("BootNotification", BOOT)
        await asyncio.sleep(1)
    async with csms_bench(path=path, clock=clock) as bench:
        client = bench.soap("CS-1", Version.V15)
        client.says_from = None
        client.on("ClearCache", {"status": "Accepted"})
        command = await bench.csms.commands.submit("default", bench.station("CS-1").key, ClearCache())
        await asyncio.sleep(1)
        assert client.requests == []
        await client.call("Heartbeat")
        answered = await bench.csms.commands.wait(command, 5)
        assert (answered.state, client.requests[0].addressing.to) == ("accepted", "http://cs-1.test:8080/")


async def test_what_stations_said_is_forgotten_where_only_operators_say_it_from_now_on(tmp_path: Path) -> None:
    path, clock = str(tmp_path / "csms.db"), VirtualClock(TODAY)
    policy = TenantPolicy(registration="open", soap_callbacks="operator")
    shown: list[CallbackResource | None] = []
    for settings in (OPEN, CsmsSettings(default_policy=policy)):
        async with csms_bench(settings, path=path, clock=clock) as bench:
            if settings is OPEN:
                await bench.soap("CS-1", Version.V15).call("BootNotification", BOOT)
                await asyncio.sleep(1)
            station = await bench.storage.reads.station("default", bench.station("CS-1").key)
            assert station is not None
            shown.append(callback_resource(station))
    assert [each and each.in_use for each in shown] == ["http://cs-1.test:8080/", None]


@pytest.mark.parametrize("version", OLDER)
async def test_a_car_that_stays_when_its_transaction_has_ended_is_told_as_finished(version: Version) -> None:
    async with open_desk() as desk:
        await desk.bench.add_token("CARD")
        client, key = await booted(desk, version)

        async def seen(status: str | None = None) -> Any:
            if status is not None:
                told = {"connectorId": 1, "status": status, "errorCode": "NoError"}
                await client.call("StatusNotification", told)
            (connector,) = await desk.get(f"/stations/{key}/connectors")
            return connector["occupancy"]

        async def charged(minutes: int) -> int:
            at = moment(TODAY + timedelta(minutes=minutes))
            begun = {"connectorId": 1, "idTag": "CARD", "meterStart": 0, "timestamp": at}
            return int((await client.call("StartTransaction", begun))["transactionId"])

        async def ended(transaction: int, minutes: int) -> None:
            at = moment(TODAY + timedelta(minutes=minutes))
            await client.call("StopTransaction", {"transactionId": transaction, "meterStop": 9, "timestamp": at})

        plugged = await seen("Occupied")
        first = await charged(1)
        charging = await seen()
        await ended(first, 30)
        after = [await seen(), await seen("Occupied")]
        second = await charged(40)
        again = await seen()
        await ended(second, 50)
        await seen("Available")
        other_car = await seen("Occupied")
        await ended(await charged(-90), -60)
        late = await seen()

    assert (plugged, charging, after) == ("plugged_without_authorization", "charging", ["finished", "finished"])
    assert (again, other_car, late) == ("charging", "plugged_without_authorization", "plugged_without_authorization")


@pytest.mark.parametrize("version", SOAP_VERSIONS)
async def test_files_come_and_go_by_ftp_where_the_texts_want_it_and_somebody_listens(version: Version) -> None:
    async with open_desk() as desk:
        client, key = await booted(desk, version)
        client.on("GetDiagnostics", {"fileName": "log"})
        asked: dict[str, str] = {}
        for listens, protocol in (("no", None), ("yes", None), ("http", "http")):
            if listens == "yes":
                desk.bench.csms.files.addresses["ftp"] = "ftp://csms.test:2121"
            body = {} if protocol is None else {"protocol": protocol}
            await desk.send("POST", f"/stations/{key}/log-uploads", body, wait=10)
            location = (await client.expect("GetDiagnostics"))["location"]
            asked[listens] = location.partition(":")[0]

    assert asked == {"no": "http", "yes": "ftp" if version in OLDER else "http", "http": "http"}
