"""R DER control (2.1), at a station with inverters. There are no certification cases."""

from datetime import timedelta
from typing import Any

import pytest
from scripted_csms import CallError
from station_case import StationCase

from stationmaster.domain.der.grid import GridSample
from stationmaster.ocpp.version import Version

pytestmark = [
    pytest.mark.parametrize("version", [Version.V21], ids=["2.1"]),
    pytest.mark.parametrize("model", ["Bidirectional 2x50"]),
]
VAR = {"priority": 5, "setpoint": 20, "unit": "PctMaxVar"}


@pytest.fixture(autouse=True)
async def answered(case: StationCase) -> None:
    for action in ("NotifyDERStartStop", "NotifyDERAlarm", "ReportDERControl"):
        case.csms.script[action] = lambda _: {}


async def set_var(case: StationCase, name: str, priority: int = 5, start: float | None = None, **more: Any) -> Any:
    setting: dict[str, Any] = {**VAR, "priority": priority}
    if start is not None:
        at = case.clock.now() + timedelta(seconds=start)
        setting |= {"startTime": at.isoformat(), "duration": 100}
    given = {"controlId": name, "isDefault": start is None, "controlType": "FixedVar", "fixedVar": setting}
    return await case.ask("SetDERControl", **given | more)


async def test_R04_FR_20_and_22_it_tells_when_a_control_begins_and_ends(case: StationCase) -> None:
    assert await set_var(case, "s", start=0) == {"status": "Accepted"}
    said = await case.wait(200)
    assert said.order[0] == "SetDERControl!"
    told = said.payloads("NotifyDERStartStop")
    assert [(each["controlId"], each["started"]) for each in told] == [("s", True), ("s", False)]


async def test_R04_FR_03_and_06_and_08_answers_name_what_is_superseded(case: StationCase) -> None:
    await set_var(case, "d1", 5)
    assert (await set_var(case, "d2", 4))["supersededIds"] == ["d1"]
    assert (await set_var(case, "d3", 9))["supersededIds"] == ["d3"]
    await set_var(case, "s1", 5, start=50)
    assert (await set_var(case, "s2", 4, start=60))["supersededIds"] == ["s1"]
    told = (await case.wait(300)).payloads("NotifyDERStartStop")
    assert {each["controlId"] for each in told} == {"s2"}  # R04.FR.09


async def test_R04_FR_21_a_beginning_names_what_it_supersedes(case: StationCase) -> None:
    await set_var(case, "s1", 5, start=0)
    await case.wait(5)
    await set_var(case, "s2", 4, start=10)
    (told,) = (await case.wait(20)).payloads("NotifyDERStartStop")
    assert (told["controlId"], told["supersededIds"]) == ("s2", ["s1"])


async def test_R04_FR_31_and_32_reports_follow_the_answer(case: StationCase) -> None:
    for number in range(25):
        await set_var(case, str(number))
    case.take()
    assert (await case.ask("GetDERControl", requestId=7))["status"] == "Accepted"
    said = await case.wait()
    assert said.order[0] == "GetDERControl!"
    reports = said.payloads("ReportDERControl")
    assert [(each["requestId"], each.get("tbc", False), len(each["fixedVar"])) for each in reports] == [
        (7, True, 20),
        (7, False, 5),
    ]


async def test_R04_FR_01_30_36_41_43_what_is_not_there(case: StationCase) -> None:
    watt_pf = {"curveData": [{"x": 1, "y": 1}], "yUnit": "PctMaxW", "priority": 0}
    given = {"controlId": "c", "isDefault": True, "controlType": "WattPF", "curve": watt_pf}
    assert (await case.ask("SetDERControl", **given))["status"] == "NotSupported"
    assert (await case.ask("GetDERControl", requestId=1))["status"] == "NotFound"
    assert (await case.ask("GetDERControl", requestId=1, controlType="WattPF"))["status"] == "NotSupported"
    assert (await case.ask("ClearDERControl", isDefault=True, controlType="FixedVar"))["status"] == "NotFound"
    assert (await case.ask("ClearDERControl", isDefault=True, controlType="WattPF"))["status"] == "NotSupported"
    assert (await case.ask("ClearDERControl", isDefault=True))["status"] == "Accepted"


async def test_R04_FR_13_15_17_what_a_type_does_not_allow(case: StationCase) -> None:
    late = {"fixedVar": {**VAR, "duration": 5}}
    assert (await set_var(case, "a", **late))["status"] == "Rejected"
    both = {"fixedPFAbsorb": {"priority": 0, "displacement": 0.9, "excitation": True}}
    answer = await set_var(case, "a", **both)
    assert (answer["status"], answer["statusInfo"]["reasonCode"]) == ("Rejected", "InvalidValue")


async def test_R03_FR_02_controls_survive_a_loss_of_power(case: StationCase) -> None:
    await set_var(case, "d")
    await case.cut_power()
    await case.power_up()
    assert (await case.ask("GetDERControl", requestId=7, controlId="d"))["status"] == "Accepted"


async def test_R05_an_alarm_waits_for_the_line(case: StationCase) -> None:
    trip = {"curveData": [{"x": 1, "y": 110}], "yUnit": "PctEffectiveV", "priority": 0}
    given = {"controlId": "t", "isDefault": True, "controlType": "HVMustTrip", "curve": trip}
    assert (await case.ask("SetDERControl", **given))["status"] == "Accepted"
    await case.go_offline()
    case.hardware.disturb_grid(GridSample(voltage_pct=115))
    await case.wait(60)
    case.hardware.disturb_grid()
    await case.wait(60)
    told = (await case.back_online()).payloads("NotifyDERAlarm")
    assert [(each["gridEventFault"], each.get("alarmEnded", False)) for each in told] == [
        ("OverVoltage", False),
        ("OverVoltage", True),
    ]


async def test_a_setting_that_lacks_a_member_is_refused_and_does_no_harm(case: StationCase) -> None:
    given = {"controlId": "d", "isDefault": True, "controlType": "FreqDroop", "freqDroop": {"priority": 0}}
    with pytest.raises(CallError):
        await case.ask("SetDERControl", **given)
    case.hardware.disturb_grid(GridSample(frequency_hz=51))
    await case.wait(60)
    assert (await case.ask("GetDERControl", requestId=1))["status"] == "NotFound"
