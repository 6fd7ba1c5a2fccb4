"""DER controls from the API to a simulated inverter and back."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from rest_desk import RestDesk, open_desk, running_station

from stationmaster.domain.der.grid import GridSample
from stationmaster.ocpp.version import JSON_VERSIONS, Version
from stationmaster.simulator.hardware import SimulatedHardware
from stationmaster.testing.script import moment

MODEL = "Bidirectional 2x50"
LIMIT = {"priority": 1, "pctMaxDischargePower": 55.5}
TRIP = {"priority": 0, "yUnit": "PctEffectiveV", "curveData": [{"x": 0.16, "y": 120}, {"x": 0, "y": 110}]}


@pytest.fixture
async def desk() -> AsyncIterator[RestDesk]:
    async with open_desk() as made:
        yield made


async def put(desk: RestDesk, key: int, name: str, kind: str, **settings: Any) -> Any:
    is_default = not any("startTime" in setting for setting in settings.values())
    body = {"control_type": kind, "is_default": is_default, "settings": settings}
    return await desk.send("PUT", f"/stations/{key}/der-controls/{name}", body, wait=10)


async def test_controls_are_set_run_reported_and_cleared(desk: RestDesk) -> None:
    async with running_station(desk, Version.V21, model=MODEL) as (_, key):
        path = f"/stations/{key}/der-controls"
        usual = await put(desk, key, "usual", "LimitMaxDischarge", limitMaxDischarge=LIMIT)
        assert (usual["type"], usual["status"]) == ("SetDERControl", "Accepted")
        soon = {**LIMIT, "startTime": moment(desk.bench.clock.now() + timedelta(seconds=0.3)), "duration": 3600}
        await put(desk, key, "soon", "LimitMaxDischarge", limitMaxDischarge=soon)

        def runs(found: Any) -> bool:
            return {each["id"]: each["state"] for each in found["items"]} == {"soon": "active", "usual": "waiting"}

        found = {each["id"]: each for each in (await desk.until(path, runs))["items"]}
        assert found["soon"]["desired"] and found["soon"]["setting"]["pctMaxDischargePower"] == 55.5
        assert found["soon"]["ends_at"] is not None and found["usual"]["ends_at"] is None

        refreshed = await desk.send("POST", f"{path}/refresh", wait=10)
        assert refreshed["status"] == "Accepted"
        await desk.until(path, lambda found: all(each["reported_at"] for each in found["items"]))

        cleared = await desk.send("DELETE", f"{path}/soon", wait=10)
        assert cleared["status"] == "Accepted"
        assert [each["id"] for each in (await desk.get(path))["items"]] == ["usual"]
        await desk.send("DELETE", path, kind="default", control_type="LimitMaxDischarge", wait=10)
        assert (await desk.get(path))["items"] == []
        await desk.send("DELETE", f"{path}/usual", status=404)


async def test_a_newer_control_of_the_same_priority_supersedes_the_older(desk: RestDesk) -> None:
    async with running_station(desk, Version.V21, model=MODEL) as (_, key):
        await put(desk, key, "a", "LimitMaxDischarge", limitMaxDischarge=LIMIT)
        answer = (await put(desk, key, "b", "LimitMaxDischarge", limitMaxDischarge=LIMIT))["answer"]
        assert answer["superseded"] == ["a"]
        found = (await desk.get(f"/stations/{key}/der-controls"))["items"]
        assert {each["id"]: each["state"] for each in found} == {"a": "superseded", "b": "waiting"}


async def test_a_voltage_beyond_the_curve_raises_an_alarm_that_ends(desk: RestDesk) -> None:
    async with running_station(desk, Version.V21, model=MODEL) as (station, key):
        await put(desk, key, "trip", "HVMustTrip", curve=TRIP)
        hardware = station.hardware
        assert isinstance(hardware, SimulatedHardware)
        hardware.disturb_grid(GridSample(voltage_pct=115))
        path = f"/stations/{key}/der-alarms"
        (alarm,) = (await desk.until(path, lambda found: found["items"], open=True))["items"]
        assert (alarm["control_type"], alarm["fault"], alarm["ended_at"]) == ("HVMustTrip", "OverVoltage", None)
        hardware.disturb_grid()
        await desk.until(path, lambda found: not found["items"], open=True)
        assert len((await desk.get(path))["items"]) == 1


async def test_a_type_of_control_that_is_not_known_is_told_those_that_are(desk: RestDesk) -> None:
    async with running_station(desk, Version.V21, model=MODEL) as (_, key):
        body = {"control_type": "Nonsense", "is_default": True, "settings": {}}
        problem = await desk.send("PUT", f"/stations/{key}/der-controls/x", body, status=422)
        (error,) = problem["errors"]
        assert error["path"] == "body.control_type"
        assert error["detail"].startswith("one of ") and "FreqDroop" in error["detail"]


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ({"control_type": "FixedVar", "settings": {"limitMaxDischarge": LIMIT}}, "takes fixedVar"),
        ({"control_type": "LimitMaxDischarge", "settings": {"limitMaxDischarge": {**LIMIT, "duration": 5}}}, "default"),
    ],
)
async def test_what_its_type_does_not_allow_is_refused_before_it_is_sent(
    desk: RestDesk, body: dict[str, Any], why: str
) -> None:
    async with running_station(desk, Version.V21, model=MODEL) as (_, key):
        path = f"/stations/{key}/der-controls/x"
        problem = await desk.send("PUT", path, {"is_default": True, **body}, status=422)
        assert why in problem["errors"][0]["detail"]


async def test_a_setting_off_the_schema_is_unsupported_and_not_kept_as_wanted(desk: RestDesk) -> None:
    async with running_station(desk, Version.V21, model=MODEL) as (_, key):
        outcome = await put(desk, key, "x", "LimitMaxDischarge", limitMaxDischarge={"tea": 1})
        assert (outcome["state"], "not a setting" in outcome["detail"]) == ("unsupported", True)
        (known,) = (await desk.get(f"/stations/{key}/der-controls"))["items"]
        assert (known["state"], known["desired"]) == ("rejected", False)


async def test_a_station_without_an_inverter_supports_no_control(desk: RestDesk) -> None:
    async with running_station(desk, Version.V21) as (_, key):
        outcome = await put(desk, key, "x", "LimitMaxDischarge", limitMaxDischarge=LIMIT)
        assert (outcome["state"], outcome["status"]) == ("rejected", "NotSupported")
        (known,) = (await desk.get(f"/stations/{key}/der-controls"))["items"]
        assert (known["state"], known["desired"]) == ("rejected", False)


@pytest.mark.parametrize("version", [version for version in JSON_VERSIONS if version is not Version.V21])
async def test_older_versions_say_that_they_have_no_der_control(desk: RestDesk, version: Version) -> None:
    async with running_station(desk, version) as (_, key):
        outcome = await put(desk, key, "x", "LimitMaxDischarge", limitMaxDischarge=LIMIT)
        assert outcome["state"] == "unsupported"
        assert "OCPP 2.1" in outcome["detail"]
