"""The device model from the API to a station and back: what it told, what was set, what drifted, what changed."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest
from rest_desk import RestDesk, open_desk, running_station

from stationmaster.ocpp.version import JSON_VERSIONS, Version
from stationmaster.testing import WireClient
from stationmaster.testing.bench import BOOTS, OPEN

SECOND_GENERATION = (Version.V20, Version.V201, Version.V21)
ADDRESS = {"component": "OCPPCommCtrlr", "variable": "HeartbeatInterval"}


@pytest.fixture
async def desk() -> AsyncIterator[RestDesk]:
    async with open_desk() as made:
        yield made


async def booted(desk: RestDesk, version: Version, identity: str = "CS-1") -> tuple[WireClient, int]:
    client = await desk.bench.boot(identity, version)
    return client, desk.bench.station(identity).key


def variable(component: str, name: str, instance: str | None = None, **evse: int) -> dict[str, Any]:
    return {
        "component": {"name": component, **({"evse": evse} if evse else {})},
        "variable": {"name": name, **({"instance": instance} if instance else {})},
    }


def got(request: dict[str, Any], value: str = "300") -> dict[str, Any]:
    """Every variable has the value."""
    return {
        "getVariableResult": [
            {
                "attributeStatus": "Accepted",
                "attributeValue": value,
                "component": i["component"],
                "variable": i["variable"],
            }
            for i in request["getVariableData"]
        ]
    }


def set_(request: dict[str, Any], status: str = "Accepted") -> dict[str, Any]:
    return {
        "setVariableResult": [
            {"attributeStatus": status, "component": i["component"], "variable": i["variable"]}
            for i in request["setVariableData"]
        ]
    }


def reported(version: Version, component: str, name: str, value: str | None, mutability: str = "ReadWrite") -> Any:
    attribute = {"value": value, "mutability": mutability}
    if version is Version.V20:
        attribute |= {"value": value or "", "persistence": True, "constant": False}  # type: ignore[dict-item]
    elif value is None:
        del attribute["value"]
    return {
        **variable(component, name),
        "variableAttribute": [attribute],
        "variableCharacteristics": {"dataType": "string", "supportsMonitoring": False},
    }


def part(request_id: int, seq_no: int, *items: Any, tbc: bool = False) -> dict[str, Any]:
    return {
        "requestId": request_id,
        "seqNo": seq_no,
        "tbc": tbc,
        "generatedAt": "2030-01-01T12:00:00Z",
        "reportData": list(items),
    }


async def inventory(desk: RestDesk, client: WireClient, key: int, *items: Any) -> Any:
    """A full inventory in one part; the report."""
    client.on("GetBaseReport", {"status": "Accepted"})
    command = await desk.command(key, "GetBaseReport", report_base="FullInventory")
    asked = await client.expect("GetBaseReport")
    await client.call("NotifyReport", part(asked["requestId"], 0, *items))
    return await desk.get(f"/stations/{key}/reports/{command['key']}")


@pytest.mark.parametrize("version", SECOND_GENERATION)
async def test_a_variable_that_is_read_is_known_and_one_that_is_set_too(desk: RestDesk, version: Version) -> None:
    client, key = await booted(desk, version)
    client.on("GetVariables", got)
    client.on("SetVariables", set_)

    read = await desk.command(key, "GetVariables", variables=[ADDRESS])
    assert (read["state"], read["answer"]["results"][0]["value"]) == ("accepted", "300")
    (known,) = (await desk.get(f"/stations/{key}/variables"))["items"]
    assert (known["component"], known["source"], known["attributes"][0]["value"]) == ("OCPPCommCtrlr", "get", "300")

    written = await desk.command(key, "SetVariables", settings=[{**ADDRESS, "value": "60"}])
    assert (written["state"], written["status"]) == ("accepted", "Accepted")
    (known,) = (await desk.get(f"/stations/{key}/variables"))["items"]
    assert (known["source"], known["attributes"][0]["value"]) == ("set", "60")


@pytest.mark.parametrize("version", SECOND_GENERATION)
async def test_a_full_inventory_is_put_together_and_replaces_what_was_known(desk: RestDesk, version: Version) -> None:
    client, key = await booted(desk, version)
    client.on("GetVariables", got)
    await desk.command(key, "GetVariables", variables=[{"component": "Gone", "variable": "Old"}])
    await asyncio.sleep(1)
    client.on("GetBaseReport", {"status": "Accepted"})
    command = await desk.command(key, "GetBaseReport", report_base="FullInventory")
    number = (await client.expect("GetBaseReport"))["requestId"]

    await client.call("NotifyReport", part(number, 1, reported(version, "B", "Two", "2"), tbc=True))
    whole = await desk.get(f"/stations/{key}/reports/{command['key']}")
    assert (whole["report"]["state"], whole["report"]["missing"]) == ("open", [{"first": 0, "last": 0}])
    await client.call("NotifyReport", part(number, 2, reported(version, "C", "Three", "3")))
    await client.call("NotifyReport", part(number, 0, reported(version, "A", "One", "1"), tbc=True))
    await client.call("NotifyReport", part(number, 0, reported(version, "A", "One", "1"), tbc=True))

    whole = await desk.get(f"/stations/{key}/reports/{command['key']}")
    assert (whole["report"]["state"], whole["report"]["missing"], whole["report"]["flags"]) == ("complete", [], [])
    assert [item["component"] for item in whole["variables"]] == ["A", "B", "C"]
    assert [v["component"] for v in (await desk.get(f"/stations/{key}/variables"))["items"]] == ["A", "B", "C"]
    assert (await desk.get(f"/stations/{key}/commands/{command['key']}"))["state"] == "effect_seen"


async def test_what_changed_between_two_inventories_is_told(desk: RestDesk) -> None:
    version = Version.V201
    client, key = await booted(desk, version)
    same = reported(version, "EVSE", "AvailabilityState", "Available", "ReadOnly")
    await inventory(desk, client, key, same, reported(version, "A", "FirmwareVersion", "1.0"))
    changes = await desk.get(f"/stations/{key}/inventory/changes")
    assert (changes["earlier"], changes["changes"]) == (None, [])

    moved = reported(version, "EVSE", "AvailabilityState", "Occupied", "ReadOnly")
    await inventory(desk, client, key, moved, reported(version, "A", "FirmwareVersion", "2.0"))
    changes = await desk.get(f"/stations/{key}/inventory/changes")
    assert [(c["kind"], c["component"], c["old"], c["new"]) for c in changes["changes"]] == [
        ("value", "A", "1.0", "2.0")
    ]


@pytest.mark.parametrize("status", ["Rejected", "NotSupported", "EmptyResultSet"])
async def test_a_report_that_the_station_does_not_make_says_so(desk: RestDesk, status: str) -> None:
    client, key = await booted(desk, Version.V201)
    client.on("GetBaseReport", {"status": status})
    command = await desk.command(key, "GetBaseReport", report_base="SummaryInventory")
    state = "effect_seen" if status == "EmptyResultSet" else "rejected"
    assert (command["state"], command["status"]) == (state, status)
    (report,) = (await desk.get(f"/stations/{key}/reports"))["items"]
    assert report["state"] == ("empty" if status == "EmptyResultSet" else "refused")


async def test_a_password_that_is_set_is_sent_and_then_nowhere_to_be_found(desk: RestDesk) -> None:
    client, key = await booted(desk, Version.V201)
    client.on("SetVariables", set_)
    setting = {"component": "SecurityCtrlr", "variable": "BasicAuthPassword", "value": "correct horse battery"}
    command = await desk.command(key, "SetVariables", settings=[setting])
    assert (await client.expect("SetVariables"))["setVariableData"][0]["attributeValue"] == "correct horse battery"
    assert command["request"]["settings"][0]["value"] == "***"
    stored = await desk.bench.storage.reads.load_command(command["key"])
    assert stored is not None and "correct" not in repr(stored)
    assert (await desk.get(f"/stations/{key}/variables"))["items"] == []


async def test_a_secret_in_a_report_is_not_kept(desk: RestDesk) -> None:
    client, key = await booted(desk, Version.V201)
    report = await inventory(
        desk, client, key, reported(Version.V201, "SecurityCtrlr", "BasicAuthPassword", "hunter2", "WriteOnly")
    )
    assert report["variables"][0]["attributes"][0]["value"] is None
    (known,) = (await desk.get(f"/stations/{key}/variables"))["items"]
    assert known["attributes"][0]["value"] is None


async def test_a_1_6_station_s_configuration_is_read_by_key_and_by_variable(desk: RestDesk) -> None:
    client, key = await booted(desk, Version.V16)
    client.on(
        "GetConfiguration",
        {
            "configurationKey": [
                {"key": "HeartbeatInterval", "readonly": False, "value": "300"},
                {"key": "GetConfigurationMaxKeys", "readonly": True, "value": "7"},
                {"key": "VendorKey", "readonly": False, "value": "x"},
                {"key": "AuthorizationKey", "readonly": False},
            ],
            "unknownKey": [],
        },
    )
    command = await desk.command(key, "GetBaseReport", report_base="FullInventory")
    assert command["state"] == "effect_seen"
    listed = {item["key"]: item for item in (await desk.get(f"/stations/{key}/configuration"))["items"]}
    assert listed["HeartbeatInterval"]["counterpart"] == "OCPPCommCtrlr.HeartbeatInterval"
    assert (listed["VendorKey"]["value"], listed["VendorKey"]["counterpart"]) == ("x", None)
    assert listed["AuthorizationKey"]["value"] is None
    assert listed["GetConfigurationMaxKeys"]["readonly"]
    report = await desk.get(f"/stations/{key}/reports/{command['key']}")
    assert (report["report"]["state"], len(report["variables"])) == ("complete", 4)

    desk_ = desk.bench.csms.directory.get(key)
    assert desk_ is not None and desk_.facts().limits["items:GetVariables"] == 7

    client.on("ChangeConfiguration", {"status": "Accepted"})
    setting = {"component": "ConfigurationKey", "variable": "heartbeatinterval", "value": "60"}
    await desk.command(key, "SetVariables", settings=[setting])
    assert await client.expect("ChangeConfiguration") == {"key": "HeartbeatInterval", "value": "60"}
    listed = {item["key"]: item for item in (await desk.get(f"/stations/{key}/configuration"))["items"]}
    assert (listed["HeartbeatInterval"]["value"], listed["HeartbeatInterval"]["source"]) == ("60", "set")


async def test_a_template_is_applied_and_its_drift_is_told(desk: RestDesk) -> None:
    newer, newer_key = await booted(desk, Version.V201, "CS-201")
    older, older_key = await booted(desk, Version.V16, "CS-16")
    await booted(desk, Version.V21, "CS-21")
    newer.on("SetVariables", set_)
    older.on("ChangeConfiguration", {"status": "Rejected"})
    template = await desk.send(
        "POST",
        "/setting-templates",
        {
            "name": "Heartbeats",
            "stations": {"vendor": "maker"},
            "settings": [{**ADDRESS, "value": "120"}],
        },
    )
    path = f"/setting-templates/{template['key']}"
    before = await desk.get(f"{path}/drift")
    assert (before["in_line"], before["differs"], before["unknown"]) == (0, 0, 3)

    applied = await desk.send("POST", f"{path}/apply", {"stations": [newer_key, older_key]})
    assert {given["station"] for given in applied["commands"]} == {newer_key, older_key}
    done = await desk.until(
        f"{path}/applications", lambda found: found["items"][0]["progress"] == {"accepted": 1, "rejected": 1}
    )
    assert done["items"][0]["key"] == applied["key"]

    older.on("GetConfiguration", {"configurationKey": [{"key": "HeartbeatInterval", "readonly": False, "value": "9"}]})
    await desk.command(older_key, "GetVariables", variables=[ADDRESS])
    after = await desk.get(f"{path}/drift")
    assert (after["in_line"], after["differs"], after["unknown"]) == (1, 1, 1)
    worst = after["stations"][0]
    assert (worst["identity"], worst["items"][0]["wanted"], worst["items"][0]["actual"]) == ("CS-16", "120", "9")

    again = await desk.send("POST", f"{path}/apply", {"differing_only": True, "lifetime_s": 1})
    assert newer_key not in {given["station"] for given in again["commands"]}
    await desk.send("DELETE", path, status=204)
    await desk.send("GET", path, status=404)


async def test_a_template_holds_no_secret_and_no_setting_twice(desk: RestDesk) -> None:
    for settings in (
        [{"component": "SecurityCtrlr", "variable": "BasicAuthPassword", "value": "x"}],
        [{**ADDRESS, "value": "1"}, {**ADDRESS, "value": "2"}],
    ):
        await desk.send("POST", "/setting-templates", {"name": "T", "settings": settings}, status=422)


@pytest.mark.parametrize("version", JSON_VERSIONS)
async def test_a_real_station_of_any_version_is_read_set_and_inventoried(desk: RestDesk, version: Version) -> None:
    async with running_station(desk, version) as (_, key):
        read = await desk.command(key, "GetVariables", variables=[ADDRESS, {"component": "No", "variable": "Such"}])
        first, second = read["answer"]["results"]
        assert (first["status"], first["value"]) == ("Accepted", "300")
        assert second["status"] in {"UnknownComponent", "UnknownVariable"}

        written = await desk.command(key, "SetVariables", settings=[{**ADDRESS, "value": "77"}])
        assert (written["state"], written["status"]) == ("accepted", "Accepted")

        asked = await desk.command(key, "GetBaseReport", report_base="FullInventory")
        whole = await desk.until(
            f"/stations/{key}/reports/{asked['key']}", lambda found: found["report"]["state"] == "complete"
        )
        assert len(whole["variables"]) > 20
        (known,) = (
            await desk.get(f"/stations/{key}/variables", component="OCPPCommCtrlr", variable="HeartbeatInterval")
        )["items"]
        assert (known["attributes"][0]["value"], known["source"]) == ("77", "report")


async def test_another_tenant_sees_nothing_of_it() -> None:
    two_tenants = msgspec.structs.replace(OPEN, policies={"other": OPEN.default_policy})
    async with open_desk(two_tenants) as desk:
        client = await desk.bench.dial("CS-1", Version.V201, tenant="other")
        await client.call("BootNotification", BOOTS[2])
        key = desk.bench.station("CS-1", "other").key
        for path in ("variables", "configuration", "reports", "reports/1", "inventory/changes"):
            await desk.send("GET", f"/stations/{key}/{path}", status=404)
        draft = {"name": "T", "settings": [{**ADDRESS, "value": "1"}]}
        await desk.send("POST", "/setting-templates", {**draft, "stations": {"stations": [key]}}, status=422)
        template = await desk.send("POST", "/setting-templates", draft)
        applied = await desk.send("POST", f"/setting-templates/{template['key']}/apply", {})
        assert applied["commands"] == []


@pytest.mark.parametrize("version", [Version.V201, Version.V21])
@pytest.mark.parametrize(
    ("action", "fields"),
    [
        ("GetVariables", {"variables": [ADDRESS]}),
        ("SetVariables", {"settings": [{**ADDRESS, "value": "1"}]}),
        ("GetBaseReport", {"report_base": "FullInventory"}),
        ("GetReport", {"criteria": ["Problem"]}),
    ],
)
async def test_a_station_that_is_silent_refuses_or_says_nonsense_is_seen_to(
    version: Version, action: str, fields: dict[str, Any]
) -> None:
    async with open_desk(msgspec.structs.replace(OPEN, call_timeout_s=0.2)) as desk:
        client, key = await booted(desk, version)
        refused = await desk.command(key, action, **fields)
        assert (refused["state"], "NotSupported" in refused["detail"]) == ("failed", True)
        client.on(action, lambda _: None)
        assert (await desk.command(key, action, **fields))["state"] == "timed_out"
        client.on(action, {"status": 7, "getVariableResult": "x", "setVariableResult": [1]})
        assert (await desk.command(key, action, **fields))["state"] in {"failed", "rejected"}


async def test_the_template_of_a_name_is_there_once(desk: RestDesk) -> None:
    draft = {"name": "Once", "settings": [{**ADDRESS, "value": "1"}]}
    first = await desk.send("POST", "/setting-templates", draft)
    await desk.send("POST", "/setting-templates", draft, status=409)
    await desk.send("DELETE", f"/setting-templates/{first['key']}", status=204)
    await desk.send("POST", "/setting-templates", draft)


async def test_of_two_templates_of_a_name_made_at_once_one_is_there(desk: RestDesk) -> None:
    draft = {"name": "Once", "settings": [{**ADDRESS, "value": "1"}]}
    made = [desk.http.post("/api/v1/setting-templates", json=draft) for _ in range(4)]
    assert sorted(answer.status_code for answer in await asyncio.gather(*made)) == [201, 409, 409, 409]


@pytest.mark.parametrize("version", JSON_VERSIONS)
async def test_a_real_station_s_drift_is_brought_into_line(desk: RestDesk, version: Version) -> None:
    async with running_station(desk, version) as (_, key):
        settings = [{**ADDRESS, "value": "99"}, {"component": "No", "variable": "Such", "value": "1"}]
        template = await desk.send("POST", "/setting-templates", {"name": "T", "settings": settings})
        path = f"/setting-templates/{template['key']}"
        asked = await desk.command(key, "GetBaseReport", report_base="FullInventory")
        await desk.until(
            f"/stations/{key}/reports/{asked['key']}", lambda found: found["report"]["state"] == "complete"
        )
        (before,) = (await desk.get(f"{path}/drift"))["stations"]
        assert {item["variable"]: item["state"] for item in before["items"]} == {
            "HeartbeatInterval": "differs",
            "Such": "unknown",
        }
        await desk.send("POST", f"{path}/apply", {"differing_only": True})
        done = await desk.until(f"{path}/applications", lambda found: found["items"][0]["progress"] == {"accepted": 1})
        assert done["items"][0]["partial"] == 1
        (after,) = (await desk.get(f"{path}/drift"))["stations"]
        assert [item["variable"] for item in after["items"]] == ["Such"]
