"""A station that comes back with another version of OCPP, as its operator sees it; the stations are scripted.

``test_upgrade_path.py`` has whole stations on the usual way; here is what can go wrong beside it.
"""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from rest_desk import TODAY, RestDesk, open_desk

from stationmaster.ocpp.version import Version
from stationmaster.testing import SoapWireClient, WireClient, WireError
from stationmaster.testing.bench import BOOTS
from stationmaster.testing.script import moment

LATER = TODAY + timedelta(hours=1)
AN_ALARM = {"connectorId": 0, "status": "Faulted", "errorCode": "ReaderFailure"}
KEYS = {"configurationKey": [{"key": "HeartbeatInterval", "readonly": False, "value": "900"}]}
PROFILES = {"key": "SupportedFeatureProfiles", "readonly": True, "value": "Core"}
Client = SoapWireClient | WireClient


@pytest.fixture
async def desk() -> AsyncIterator[RestDesk]:
    async with open_desk() as made:
        await made.bench.add_token("CARD")
        yield made


async def boots(desk: RestDesk, version: Version, **answers: Any) -> Client:
    """The station, with the firmware that speaks this version. ``answers``: what it says to whom calls it."""
    bench = desk.bench
    await bench.clock.sleep(20)
    client = bench.soap("CS-1", version) if version.is_soap else await bench.dial("CS-1", version)
    for action, answer in answers.items():
        client.on(action, answer)
    await client.call("BootNotification", BOOTS[version.family])
    return client


async def says(client: Client, evse: int, connector: int, status: str) -> None:
    """StatusNotification, in the words of its generation; in the first a connector is all there is."""
    if client.version.family == 1:
        await client.call("StatusNotification", {"connectorId": evse, "status": status, "errorCode": "NoError"})
    else:
        place = {"evseId": evse, "connectorId": connector, "connectorStatus": status, "timestamp": moment(TODAY)}
        await client.call("StatusNotification", place)


async def begins(client: Client, connector: int = 1) -> int:
    started = {"connectorId": connector, "idTag": "CARD", "meterStart": 1000, "timestamp": moment(TODAY)}
    return int((await client.call("StartTransaction", started))["transactionId"])


def ending(wire_id: int, wh: int = 6000) -> dict[str, Any]:
    return {"transactionId": wire_id, "idTag": "CARD", "meterStop": wh, "timestamp": moment(LATER)}


async def priced(desk: RestDesk) -> None:
    """A tariff for all, everywhere."""
    await desk.send("POST", "/tariffs", {"name": "street", "currency": "EUR", "energy": {"prices": [{"amount": 0.5}]}})
    await desk.send("POST", "/tariff-assignments", {"tariff": "street"})


async def places(desk: RestDesk, key: int) -> list[tuple[int, int]]:
    return [(each["evse_id"], each["connector_id"]) for each in await desk.get(f"/stations/{key}/connectors")]


async def told(desk: RestDesk, key: int) -> set[str]:
    """The components of the variables that are known."""
    return {each["component"] for each in (await desk.get(f"/stations/{key}/variables"))["items"]}


async def alarms(desk: RestDesk, key: int) -> list[bool]:
    """Whether each is open."""
    return [each["ended_at"] is None for each in (await desk.get(f"/stations/{key}/alarms"))["items"]]


async def oddities(desk: RestDesk, key: int) -> list[tuple[str, str]]:
    return [(each["kind"], each["detail"]) for each in (await desk.get(f"/stations/{key}/oddities"))["items"]]


# What is known of it ────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("before", [Version.V15, Version.V16])
async def test_what_it_told_in_words_of_the_first_generation_is_not_shown_of_the_second(
    desk: RestDesk, before: Version
) -> None:
    client = await boots(desk, before)
    key = desk.bench.station("CS-1").key
    for connector in (1, 2):
        await says(client, connector, 1, "Available")
    await client.call("StatusNotification", AN_ALARM)
    client.on("GetConfiguration", KEYS)
    await desk.command(key, "GetVariables", variables=[{"component": "ConfigurationKey", "variable": "X"}])
    asked = [{"component": "OCPPCommCtrlr", "variable": "HeartbeatInterval"}]
    await desk.command(key, "GetVariables", variables=asked)
    assert await places(desk, key) == [(1, 1), (2, 1)]
    assert (await told(desk, key), await alarms(desk, key)) == ({"OCPPCommCtrlr"}, [True])

    newer = await boots(desk, Version.V201)
    assert (await places(desk, key), await told(desk, key), await alarms(desk, key)) == ([], set(), [False])
    listed = (await desk.get("/stations"))["items"][0]
    assert (listed["key"], listed["version"], listed["state"]) == (key, "2.0.1", "unknown")
    for connector in (1, 2):
        await says(newer, 1, connector, "Available")
    assert await places(desk, key) == [(1, 1), (1, 2)]
    known, stored = desk.bench.csms.directory.get(key), await desk.bench.storage.reads.load(key)
    assert known is not None
    assert stored is not None
    assert known.state.learned == stored.learned == {"spoke": "2.0.1"}
    assert (known.state.connectors, known.state.watched) == (stored.connectors, stored.watched)


async def test_going_back_forgets_what_only_the_second_generation_has(desk: RestDesk) -> None:
    client = await boots(desk, Version.V201)
    key = desk.bench.station("CS-1").key
    for connector in (1, 2):
        await says(client, 1, connector, "Available")
    monitored = {"component": {"name": "Connector"}, "variable": {"name": "Temperature"}}
    made = {**monitored, "status": "Accepted", "type": "UpperThreshold", "id": 7, "severity": 3}
    client.on("SetVariableMonitoring", {"setMonitoringResult": [made]})
    wanted = {"component": "Connector", "variable": "Temperature", "type": "UpperThreshold", "value": 80, "severity": 3}
    await desk.command(key, "SetVariableMonitoring", monitors=[wanted])
    event = {**monitored, "eventId": 1, "timestamp": moment(TODAY), "trigger": "Alerting", "actualValue": "81"}
    event |= {"eventNotificationType": "CustomMonitor", "variableMonitoringId": 7}
    await client.call("NotifyEvent", {"generatedAt": moment(TODAY), "seqNo": 0, "eventData": [event]})
    client.on("SetDisplayMessage", {"status": "Accepted"})
    await desk.command(key, "SetDisplayMessage", id=1, message={"content": "Welcome"}, priority="NormalCycle")
    assert len(await desk.get(f"/stations/{key}/display-messages")) == 1
    assert len(await desk.get(f"/stations/{key}/monitors")) == 1
    assert await alarms(desk, key) == [True]

    older = await boots(desk, Version.V16)
    for connector in (1, 2):
        await says(older, connector, 1, "Available")
    assert (await places(desk, key), await alarms(desk, key)) == ([(1, 1), (2, 1)], [False])
    assert await desk.get(f"/stations/{key}/monitors") == []
    assert await desk.get(f"/stations/{key}/display-messages") == []


async def test_within_a_generation_what_is_known_of_it_stays(desk: RestDesk) -> None:
    client = await boots(desk, Version.V15)
    key = desk.bench.station("CS-1").key
    await says(client, 1, 1, "Available")
    client.on("GetConfiguration", KEYS)
    await desk.command(key, "GetVariables", variables=[{"component": "OCPPCommCtrlr", "variable": "HeartbeatInterval"}])
    await boots(desk, Version.V16)
    assert (await places(desk, key), await told(desk, key)) == ([(1, 1)], {"OCPPCommCtrlr"})


async def test_a_restart_in_the_same_version_forgets_nothing(desk: RestDesk) -> None:
    for _ in range(2):
        client = await boots(desk, Version.V201)
        key = desk.bench.station("CS-1").key
        assert await places(desk, key) in ([], [(1, 1)])
        await says(client, 1, 1, "Available")
    await client.call("BootNotification", BOOTS[2])
    assert await places(desk, key) == [(1, 1)]


# What was on its way ────────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_late_message_in_soap_does_not_break_the_line_of_the_new_firmware(desk: RestDesk) -> None:
    older = await boots(desk, Version.V15)
    key = desk.bench.station("CS-1").key
    wire_id = await begins(older)
    newer = await boots(desk, Version.V201)

    with pytest.raises(WireError) as refused:
        await older.call("StatusNotification", {"connectorId": 1, "status": "Available", "errorCode": "NoError"})
    assert "2.0.1" in refused.value.description
    await older.call("StopTransaction", ending(wire_id))

    station = await desk.get(f"/stations/{key}")
    assert (station["version"], station["connected"], station["callback"]) == ("2.0.1", True, None)
    assert not newer.closed.done() if isinstance(newer, WireClient) else False
    assert await places(desk, key) == []
    (transaction,) = (await desk.get("/transactions"))["items"]
    assert (transaction["open"], transaction["energy_wh"]) == (False, 5000)
    assert [kind for kind, _ in await oddities(desk, key)] == ["beside_the_line", "beside_the_line"]
    await newer.call("Heartbeat", {})


async def test_a_boot_in_soap_takes_over_for_the_older_firmware_is_back(desk: RestDesk) -> None:
    newer = await boots(desk, Version.V16)
    older = await boots(desk, Version.V15)
    key = desk.bench.station("CS-1").key
    await older.call("Heartbeat")
    station = await desk.get(f"/stations/{key}")
    assert (station["version"], station["connected"]) == ("1.5", True)
    assert isinstance(newer, WireClient)
    assert newer.closed.done()
    assert await oddities(desk, key) == [("took_over", "SOAP took over from a line that spoke 1.6")]


async def test_a_message_written_for_the_older_version_is_not_sent_to_the_newer(desk: RestDesk) -> None:
    older = await boots(desk, Version.V15)
    key = desk.bench.station("CS-1").key
    desk.bench.http.refuse("cs-1.test:8080")
    raw = {"action": "ClearCache", "payload": {}, "wait": 0}
    raw_key = (await desk.send("POST", f"/stations/{key}/calls", raw, status=201))["command"]
    typed = await desk.send("POST", f"/stations/{key}/commands", {"type": "UnlockConnector", "evse_id": 1})
    await boots(desk, Version.V201, UnlockConnector={"status": "Unlocked"})

    path = f"/stations/{key}/commands/"
    over = await desk.until(f"{path}{raw_key}", lambda seen: seen["state"] not in ("queued", "sent"))
    assert (over["state"], over["detail"]) == (
        "failed",
        "it was written for OCPP 1.5, and the station speaks OCPP 2.0.1",
    )
    done = await desk.until(f"{path}{typed['key']}", lambda seen: seen["state"] not in ("queued", "sent"))
    assert (done["state"], done["status"]) == ("accepted", "Unlocked"), done
    assert older.received.empty()


async def test_the_message_log_reads_each_message_by_the_version_that_it_was_sent_in(desk: RestDesk) -> None:
    older = await boots(desk, Version.V15)
    await begins(older)
    older = await boots(desk, Version.V16)
    await begins(older, 2)
    await boots(desk, Version.V201)
    if desk.bench.csms.message_log is not None:
        await desk.bench.csms.message_log.flush()
    found = (await desk.get("/messages", limit=100))["items"]
    calls = [each for each in reversed(found) if each["kind"] == "call"]
    read = [await desk.get(f"/messages/{each['key']}") for each in calls]
    assert [
        (each["action"], seen["version"], seen["call"]["problems"]) for each, seen in zip(calls, read, strict=True)
    ] == [
        ("BootNotification", "1.5", 0),
        ("StartTransaction", "1.5", 0),
        ("BootNotification", "1.6", 0),
        ("StartTransaction", "1.6", 0),
        ("BootNotification", "2.0.1", 0),
    ]


# Transactions ───────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_one_whose_end_the_old_firmware_did_not_tell_is_over_when_the_next_begins_there(desk: RestDesk) -> None:
    await priced(desk)
    await begins(await boots(desk, Version.V16))
    newer = await boots(desk, Version.V201)
    card = {"idToken": {"idToken": "OTHER", "type": "ISO14443"}}
    await desk.bench.add_token("OTHER")
    info = {"transactionInfo": {"transactionId": "a-uuid"}, "evse": {"id": 1, "connectorId": 1}}
    begun = {"eventType": "Started", "triggerReason": "Authorized", "seqNo": 0, "timestamp": moment(LATER)}
    assert (await newer.call("TransactionEvent", {**begun, **info, **card}))["idTokenInfo"]["status"] == "Accepted"
    second, first = (await desk.get("/transactions"))["items"]
    assert (second["open"], first["open"], first["closed_reason"]) == (True, False, "next_began")
    bill = await desk.get(f"/transactions/{first['key']}/bill")
    assert (bill["state"], "end_missing" in bill["content"]["flags"]) == ("held", True)


async def test_an_end_that_the_new_firmware_tells_by_the_old_number_is_its_end_and_lacks_nothing(
    desk: RestDesk,
) -> None:
    await priced(desk)
    wire_id = await begins(await boots(desk, Version.V16))
    newer = await boots(desk, Version.V201)
    value = {"value": 6000, "measurand": "Energy.Active.Import.Register", "context": "Transaction.End"}
    ended = {
        "eventType": "Ended",
        "triggerReason": "AbnormalCondition",
        "seqNo": 9,
        "timestamp": moment(LATER),
        "transactionInfo": {"transactionId": str(wire_id), "stoppedReason": "PowerLoss"},
        "meterValue": [{"timestamp": moment(LATER), "sampledValue": [value]}],
    }
    await newer.call("TransactionEvent", ended)
    (transaction,) = (await desk.get("/transactions"))["items"]
    assert (transaction["open"], transaction["stopped_reason"], transaction["energy_wh"]) == (False, "PowerLoss", 5000)
    bill = await desk.get(f"/transactions/{transaction['key']}/bill")
    assert (bill["state"], bill["content"]["net"], bill["content"]["flags"]) == ("issued", "2.50", [])


@pytest.mark.parametrize("was_ended", [True, False])
async def test_a_number_that_the_new_firmware_gives_by_itself_is_not_that_of_an_older_transaction(
    desk: RestDesk, was_ended: bool
) -> None:
    await priced(desk)
    older = await boots(desk, Version.V16)
    wire_id = await begins(older)
    if was_ended:
        await older.call("StopTransaction", ending(wire_id))
    newer = await boots(desk, Version.V201)
    key = desk.bench.station("CS-1").key
    info = {"transactionInfo": {"transactionId": str(wire_id)}, "evse": {"id": 2, "connectorId": 1}}
    begun = {"eventType": "Started", "triggerReason": "Authorized", "seqNo": 0, "timestamp": moment(LATER), **info}
    await newer.call("TransactionEvent", begun)
    await newer.call("TransactionEvent", {**begun, "eventType": "Updated", "triggerReason": "Trigger", "seqNo": 1})

    second, first = (await desk.get("/transactions"))["items"]
    assert (first["open"], first["started_at"], first["evse_id"]) == (False, "2026-12-01T10:00:00Z", 1)
    assert (first["energy_wh"], first["closed_reason"]) == ((5000, None) if was_ended else (None, "next_began"))
    assert (second["open"], second["evse_id"], second["transaction_id"]) == (True, 2, str(wire_id))
    assert (await desk.get(f"/transactions/{first['key']}"))["transaction_id"] == f"was-{wire_id}-{first['key']}"
    bills = (await desk.get(f"/transactions/{first['key']}/bill-versions"))["items"]
    assert [each["content"]["net"] for each in bills] == (["2.50"] if was_ended else ["0.00"])
    assert len((await desk.bench.storage.reads.load(key)).open) == 1  # type: ignore[union-attr]
