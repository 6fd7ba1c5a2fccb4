"""Our CSMS against stations made with zeep, in both directions, operation by operation."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import pytest_asyncio
from node_rest import NodeRest
from zeep_contracts import ORIGINAL, OWN
from zeep_messages import CARD, CENTRAL_SYSTEM, CHARGE_POINT, FILE
from zeep_station import ZeepStation, zeep_station

from stationmaster.ocpp.version import SOAP_VERSIONS, Version

pytestmark = pytest.mark.asyncio(loop_scope="session")
SOURCES = (OWN, pytest.param(ORIGINAL, marks=pytest.mark.originals))
EVERY = pytest.mark.parametrize("source", SOURCES)
Stations = Callable[[str, Version], Awaitable[ZeepStation]]


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def stations(soap_rest: NodeRest) -> AsyncIterator[Stations]:
    """One for each WSDL, for as long as the tests run."""
    made: dict[tuple[str, Version], ZeepStation] = {}
    async with AsyncExitStack() as stack:

        async def station(source: str, version: Version) -> ZeepStation:
            if (source, version) not in made:
                entered = zeep_station(soap_rest, source, version)
                made[source, version] = await stack.enter_async_context(entered)
            return made[source, version]

        yield station


# What a station starts


def time_of_now(told: Any) -> bool:
    return abs(datetime.now(UTC) - datetime.fromisoformat(told)) < timedelta(seconds=5)


def accepted(told: Any) -> bool:
    return bool(told["status"] == "Accepted")


def boot_accepted(told: Any) -> bool:
    interval = told.get("interval", told.get("heartbeatInterval"))
    return accepted(told) and interval == 300 and time_of_now(told["currentTime"])


def nothing(told: Any) -> bool:
    return not told


ANSWERED: dict[str, Callable[[Any], bool]] = {
    "Authorize": accepted,
    "BootNotification": boot_accepted,
    "DataTransfer": lambda told: told == {"status": "UnknownVendorId"},
    "DiagnosticsStatusNotification": nothing,
    "FirmwareStatusNotification": nothing,
    "Heartbeat": time_of_now,
    "MeterValues": nothing,
    "StartTransaction": lambda told: told["transactionId"] > 0 and accepted(told["idTagInfo"]),
    "StatusNotification": nothing,
    "StopTransaction": accepted,
}
"""Whether an answer of our CSMS is what the request asked for."""


@EVERY
@pytest.mark.parametrize(
    ("version", "action"),
    [(version, action) for version in SOAP_VERSIONS for action in CENTRAL_SYSTEM[version].requests],
)
async def test_zeep_is_answered_by_our_csms(stations: Stations, source: str, version: Version, action: str) -> None:
    station = await stations(source, version)
    request = dict(CENTRAL_SYSTEM[version].requests[action])
    if "transactionId" in request:
        request["transactionId"] = await station.start()
    assert ANSWERED[action](await station.client.ask(action, request))
    assert station.server.wrong == []


@EVERY
@pytest.mark.parametrize("version", SOAP_VERSIONS)
async def test_all_that_zeep_says_is_understood_as_it_was_meant(
    soap_rest: NodeRest, source: str, version: Version
) -> None:
    async with zeep_station(soap_rest, source, version) as station:
        said = CENTRAL_SYSTEM[version].requests
        wire_id = await station.start()
        await station.client.ask("MeterValues", {**said["MeterValues"], **_named(said["MeterValues"], wire_id)})
        await station.client.ask("StopTransaction", {**said["StopTransaction"], "transactionId": wire_id})
        await station.client.ask("StatusNotification", said["StatusNotification"])
        shown = await soap_rest.get(f"/stations/{station.key}")
        assert (shown["info"]["vendor"], shown["info"]["model"]) == ("Foreign", "Toolkit & Co <1>")
        assert (shown["callback"]["told"], shown["version"]) == (station.server.url, version)
        (transaction,) = (await soap_rest.get("/transactions", station=station.key))["items"]
        assert (transaction["energy_wh"], transaction["ended_at"]) == (2500, "2026-03-01T12:30:00Z")
        (connector, *_) = await soap_rest.get(f"/stations/{station.key}/connectors")
        assert connector["status"] == "Faulted"
        odd = (await soap_rest.get(f"/stations/{station.key}/oddities"))["items"]
        assert {each["kind"] for each in odd} <= {"clock_skew"}  # what it tells was long ago


def _named(request: Any, wire_id: int) -> dict[str, int]:
    return {"transactionId": wire_id} if "transactionId" in request else {}


# What the CSMS starts


@EVERY
@pytest.mark.parametrize(
    ("version", "action"),
    [(version, action) for version in SOAP_VERSIONS for action in CHARGE_POINT[version].requests],
)
async def test_a_raw_call_reaches_zeep_as_it_was_given_and_its_answer_comes_back(
    soap_rest: NodeRest, stations: Stations, source: str, version: Version, action: str
) -> None:
    station = await stations(source, version)
    said = CHARGE_POINT[version]
    body = {"action": action, "payload": said.requests[action], "wait": 10}
    outcome = await soap_rest.send("POST", f"/stations/{station.key}/calls", body)
    assert station.server.wrong == []
    assert (outcome["error"], outcome["answer"]) == (None, said.answers[action])
    assert said.requests[action] in station.server.heard(action)


KEY = {"component": "OCPPCommCtrlr", "variable": "HeartbeatInterval"}
COMMANDS: dict[str, Callable[[Version], dict[str, Any]]] = {
    "ChangeAvailability": lambda _: {"type": "ChangeAvailability", "operative": False, "evse_id": 1},
    "ChangeConfiguration": lambda _: {"type": "SetVariables", "settings": [{**KEY, "value": "20"}]},
    "ClearCache": lambda _: {"type": "ClearCache"},
    "DataTransfer": lambda _: {"type": "DataTransfer", "vendor_id": "com.example", "data": "text"},
    "GetConfiguration": lambda _: {"type": "GetVariables", "variables": [KEY]},
    "GetDiagnostics": lambda _: {"type": "GetLog", "location": FILE.partition("?")[0]},
    "GetLocalListVersion": lambda _: {"type": "GetLocalListVersion"},
    "RemoteStartTransaction": lambda version: {
        "type": "RequestStartTransaction",
        "id_token": {"value": CARD},
        **({} if version is Version.V12 else {"evse_id": 1}),
    },
    "Reset": lambda _: {"type": "Reset", "reset_type": "Immediate"},
    "SendLocalList": lambda _: {"type": "SendLocalList", "update": "Full", "entries": [{"value": CARD}]},
    "TriggerMessage": lambda _: {"type": "TriggerMessage", "requested": "Heartbeat"},
    "UnlockConnector": lambda _: {"type": "UnlockConnector", "evse_id": 1},
}
"""What an operator asks for, by the operation that it becomes."""


@EVERY
@pytest.mark.parametrize(
    ("version", "action"),
    [(version, action) for version in SOAP_VERSIONS for action in COMMANDS if action in CHARGE_POINT[version].requests],
)
async def test_an_operators_command_is_carried_out_by_zeep(
    soap_rest: NodeRest, source: str, version: Version, action: str
) -> None:
    async with zeep_station(soap_rest, source, version) as station:
        draft = COMMANDS[action](version)
        command = await soap_rest.command(station.key, draft.pop("type"), **draft)
        assert station.server.wrong == []
        assert len(station.server.heard(action)) == 1
        assert command["state"] in ("accepted", "effect_seen"), command


@EVERY
@pytest.mark.parametrize("version", SOAP_VERSIONS)
async def test_an_operator_stops_a_transaction_at_zeep(soap_rest: NodeRest, source: str, version: Version) -> None:
    async with zeep_station(soap_rest, source, version) as station:
        wire_id = await station.start()
        (transaction,) = (await soap_rest.get("/transactions", station=station.key))["items"]
        command = await soap_rest.command(station.key, "RequestStopTransaction", transaction=transaction["key"])
        assert station.server.heard("RemoteStopTransaction") == [{"transactionId": wire_id}]
        assert command["state"] == "accepted"


@EVERY
@pytest.mark.parametrize("version", [version for version in SOAP_VERSIONS if version is not Version.V12])
async def test_an_operator_reserves_at_zeep_and_cancels_it(soap_rest: NodeRest, source: str, version: Version) -> None:
    async with zeep_station(soap_rest, source, version) as station:
        station.server.answers["CancelReservation"] = {"status": "Accepted"}
        draft = {"id_token": {"value": CARD}, "evse_id": 1, "minutes": 30}
        made = await soap_rest.send("POST", f"/stations/{station.key}/reservations", draft, wait=10)
        (asked,) = station.server.heard("ReserveNow")
        assert (asked["connectorId"], asked["idTag"], made["state"]) == (1, CARD, "active")
        await soap_rest.send("POST", f"/reservations/{made['key']}/cancel", status=200, wait=10)
        assert station.server.heard("CancelReservation") == [{"reservationId": asked["reservationId"]}]
        assert station.server.wrong == []
