"""Stations of MobilityHouse's `ocpp` that refuse, fail, say nonsense or nothing: the command's state says so."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import pytest
from mobilityhouse_station import STATIONS
from node_rest import NodeRest, booted
from ocpp.exceptions import InternalError, NotImplementedError

from stationmaster.ocpp.version import Version

pytestmark = pytest.mark.asyncio(loop_scope="session")
EVERY = pytest.mark.parametrize("version", STATIONS, ids=str)

INTERVAL = {"component": "OCPPCommCtrlr", "variable": "HeartbeatInterval"}
THRESHOLD = {"component": "EVSE", "evse_id": 1, "variable": "Power", "type": "UpperThreshold", "value": 3}
_NAMED = {"component": {"name": "OCPPCommCtrlr"}, "variable": {"name": "HeartbeatInterval"}}
_MONITOR = {
    "component": {"name": "EVSE", "evse": {"id": 1}},
    "variable": {"name": "Power"},
    "type": "UpperThreshold",
    "severity": 5,
}


class Asked(NamedTuple):
    """What an operator asks for; the answer by which a station refuses it, in its own words; and the word of ours."""

    kind: str
    fields: dict[str, Any]
    refusal: dict[str, Any]
    word: str


_SET = {"settings": [{**INTERVAL, "value": "60"}]}
_GET = {"variables": [INTERVAL]}
_OUT = {"operative": False}
_NOW = {"reset_type": "Immediate"}
_BEAT = {"requested": "Heartbeat"}
_REJECTED = {"status": "Rejected"}
_NOT_SUPPORTED = {"status": "NotSupported"}
_VENDOR = {"status": "UnknownVendorId"}

FIRST: Mapping[str, Asked] = {
    "ChangeConfiguration": Asked("SetVariables", _SET, _NOT_SUPPORTED, "UnknownVariable"),
    "GetConfiguration": Asked("GetVariables", _GET, {"unknown_key": ["HeartbeatInterval"]}, "UnknownVariable"),
    "ChangeAvailability": Asked("ChangeAvailability", _OUT, _REJECTED, "Rejected"),
    "Reset": Asked("Reset", _NOW, _REJECTED, "Rejected"),
    "UnlockConnector": Asked("UnlockConnector", {"evse_id": 1}, {"status": "UnlockFailed"}, "UnlockFailed"),
    "TriggerMessage": Asked("TriggerMessage", _BEAT, {"status": "NotImplemented"}, "NotImplemented"),
    "GetDiagnostics": Asked("GetLog", {}, {}, "Rejected"),
    "DataTransfer": Asked("DataTransfer", {"vendor_id": "com.house"}, _VENDOR, "UnknownVendorId"),
}
SECOND: Mapping[str, Asked] = {
    "SetVariables": Asked(
        "SetVariables", _SET, {"set_variable_result": [{"attribute_status": "Rejected", **_NAMED}]}, "Rejected"
    ),
    "GetVariables": Asked(
        "GetVariables",
        _GET,
        {"get_variable_result": [{"attribute_status": "UnknownVariable", **_NAMED}]},
        "UnknownVariable",
    ),
    "GetBaseReport": Asked("GetBaseReport", {"report_base": "FullInventory"}, _NOT_SUPPORTED, "NotSupported"),
    "GetReport": Asked("GetReport", {"criteria": ["Problem"]}, _NOT_SUPPORTED, "NotSupported"),
    "SetVariableMonitoring": Asked(
        "SetVariableMonitoring",
        {"monitors": [THRESHOLD]},
        {"set_monitoring_result": [{"status": "UnsupportedMonitorType", **_MONITOR}]},
        "UnsupportedMonitorType",
    ),
    "ClearVariableMonitoring": Asked(
        "ClearVariableMonitoring",
        {"ids": [1]},
        {"clear_monitoring_result": [{"status": "NotFound", "id": 1}]},
        "NotFound",
    ),
    "SetMonitoringBase": Asked("SetMonitoringBase", {"base": "All"}, _NOT_SUPPORTED, "NotSupported"),
    "SetMonitoringLevel": Asked("SetMonitoringLevel", {"severity": 4}, _REJECTED, "Rejected"),
    "GetMonitoringReport": Asked("GetMonitoringReport", {}, _NOT_SUPPORTED, "NotSupported"),
    "ChangeAvailability": Asked("ChangeAvailability", _OUT, _REJECTED, "Rejected"),
    "Reset": Asked("Reset", _NOW, _REJECTED, "Rejected"),
    "UnlockConnector": Asked("UnlockConnector", {"evse_id": 1}, {"status": "UnlockFailed"}, "UnlockFailed"),
    "TriggerMessage": Asked("TriggerMessage", _BEAT, {"status": "NotImplemented"}, "NotImplemented"),
    "GetLog": Asked("GetLog", {}, _REJECTED, "Rejected"),
    "DataTransfer": Asked("DataTransfer", {"vendor_id": "com.house"}, _VENDOR, "UnknownVendorId"),
}


LEGAL_EMPTY = frozenset({"GetConfiguration", "GetDiagnostics"})
"""Their answers need not hold anything."""


class Seen(NamedTuple):
    state: str
    status: str | None
    detail: str | None


def all_asked(version: Version) -> Mapping[str, Asked]:
    return FIRST if version is Version.V16 else SECOND


async def seen(rest: NodeRest, key: int, asked: Asked) -> Seen:
    command = await rest.command(key, asked.kind, **asked.fields)
    return Seen(command["state"], command["status"], command["detail"])


@EVERY
@pytest.mark.parametrize("oddity", ["refused", "broken", "unknown", "nonsense", "empty"])
async def test_what_is_not_done_is_told(rest: NodeRest, version: Version, oddity: str) -> None:
    everything = all_asked(version)
    async with booted(rest, version) as (station, key):
        for action, asked in everything.items():
            _ANSWERS[oddity](station, action, asked)
        outcomes = await asyncio.gather(*(seen(rest, key, asked) for asked in everything.values()))
    assert sorted(action for action, _ in station.heard.calls) == sorted(everything), "each is asked once"
    expect = _EXPECTED[oddity]
    unexpected = {
        action: outcome
        for action, outcome in zip(everything, outcomes, strict=True)
        if not expect(everything, action, outcome)
    }
    assert unexpected == {}


@EVERY
async def test_a_station_that_is_silent_is_told_from_one_that_refuses(
    impatient_rest: NodeRest, version: Version
) -> None:
    async with booted(impatient_rest, version) as (station, key):
        asked = all_asked(version)["ChangeAvailability"]
        if version is not Version.V21:  # whose library is silent of itself where nobody handles a call
            station.says("ChangeAvailability", never)
        outcome = await seen(impatient_rest, key, asked)
    assert outcome == Seen("timed_out", None, "no answer to ChangeAvailability in time")


@EVERY
async def test_a_station_that_hangs_up_instead_of_answering_leaves_it_unknown(rest: NodeRest, version: Version) -> None:
    async with booted(rest, version) as (station, key):

        async def hang_up(_: dict[str, Any]) -> Any:
            await station._connection.close()
            return {}

        station.says("Reset", hang_up)
        outcome = await seen(rest, key, all_asked(version)["Reset"])
    assert (outcome.state, outcome.status) == ("unknown", None)


async def never(_: dict[str, Any]) -> Any:
    await asyncio.Event().wait()


def _broken(_: dict[str, Any]) -> Any:
    raise InternalError("on fire")


def _not_known(_: dict[str, Any]) -> Any:
    raise NotImplementedError("not here")


def _perhaps(refusal: dict[str, Any]) -> dict[str, Any]:
    """The same with a word that no version has."""
    if "status" in refusal or "attribute_status" in refusal:
        return {name: "Perhaps" if name.endswith("status") else value for name, value in refusal.items()}
    return {name: [_perhaps(item) for item in items] for name, items in refusal.items()}


def _empty(station: Any, action: str) -> dict[str, None]:
    return dict.fromkeys(getattr(station._call_result, action).__dataclass_fields__)


def _says_perhaps(station: Any, action: str, asked: Asked) -> None:
    nonsense = _empty(station, action) if action in LEGAL_EMPTY else _perhaps(asked.refusal)
    station.says(action, nonsense, checked=False)


_ANSWERS: Mapping[str, Callable[[Any, str, Asked], None]] = {
    "refused": lambda station, action, asked: station.says(action, asked.refusal),
    "broken": lambda station, action, asked: station.says(action, _broken),
    "unknown": lambda station, action, asked: station.says(action, _not_known),
    "nonsense": _says_perhaps,
    "empty": lambda station, action, asked: station.says(action, _empty(station, action), checked=False),
}


def _is_refused(asked: Mapping[str, Asked], action: str, outcome: Seen) -> bool:
    return outcome == Seen("rejected", asked[action].word, None)


def _has_failed(code: str) -> Callable[[Mapping[str, Asked], str, Seen], bool]:
    def holds(asked: Mapping[str, Asked], action: str, outcome: Seen) -> bool:
        return (outcome.state, outcome.status) == ("failed", None) and (outcome.detail or "").startswith(code)

    return holds


def _is_off_schema(asked: Mapping[str, Asked], action: str, outcome: Seen) -> bool:
    told = outcome.detail or ""
    return outcome.state == "rejected" and (action in LEGAL_EMPTY or told.startswith("the answer breaks the schema: $"))


_EXPECTED: Mapping[str, Callable[[Mapping[str, Asked], str, Seen], bool]] = {
    "refused": _is_refused,
    "broken": _has_failed("InternalError: on fire"),
    "unknown": _has_failed("NotImplemented: not here"),
    "nonsense": _is_off_schema,
    "empty": _is_off_schema,
}
