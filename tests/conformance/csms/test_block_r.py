"""R DER control (2.1). There are no certification cases."""

from typing import Any

import pytest
from csms_case import Case

from stationmaster.domain.der.controls import ClearDERControl, GetDERControl, SetDERControl
from stationmaster.ocpp.version import Version
from stationmaster.testing import CsmsBench
from stationmaster.testing.script import moment
from stationmaster.testing.wire import Payload

VAR = {"priority": 1, "setpoint": 20, "unit": "PctMaxVar"}


@pytest.fixture
async def case(bench: CsmsBench) -> Case:
    case = await Case.connect(bench, Version.V21, "NotifyEvent")
    await case.booted()
    return case


def wanted(name: str, **setting: Any) -> SetDERControl:
    return SetDERControl(id=name, type="FixedVar", is_default=True, settings={"fixedVar": {**VAR, **setting}})


def entry(name: str, *, superseded: bool = False) -> Payload:
    return {"id": name, "isDefault": True, "isSuperseded": superseded, "fixedVar": VAR}


async def known(case: Case) -> dict[str, tuple[str, bool]]:
    found = await case.bench.storage.reads.der_controls("default", case.view.key)
    return {each.control.id: (each.state, each.desired) for each in found.items}


async def test_R04_FR_02_a_default_is_set(case: Case) -> None:
    asked, command = await case.commanded(wanted("a"), "SetDERControl")
    assert asked == {"isDefault": True, "controlId": "a", "controlType": "FixedVar", "fixedVar": VAR}
    assert (command.state, await known(case)) == ("accepted", {"a": ("waiting", True)})


async def test_R04_FR_03_the_answer_names_what_is_superseded(case: Case) -> None:
    await case.commanded(wanted("a"), "SetDERControl")
    await case.commanded(wanted("b"), "SetDERControl", supersededIds=["a"])
    assert await known(case) == {"a": ("superseded", True), "b": ("waiting", True)}


async def test_R04_FR_12_14_16_what_is_not_allowed_is_not_sent(case: Case) -> None:
    done = await case.view.outcome(await case.view.ask(wanted("a", duration=5)))
    assert (done.state, done.sent_at) == ("failed", None)
    assert await known(case) == {}


async def test_R04_FR_20_to_22_a_control_begins_before_the_answer_comes(case: Case) -> None:
    at = moment(case.station.now())

    def answer(_: Payload) -> Payload:
        told = {"controlId": "a", "started": True, "timestamp": at}
        case.station.client.start_call("NotifyDERStartStop", told)
        return {"status": "Accepted"}

    case.station.answer("SetDERControl", answer)
    await case.view.outcome(await case.view.ask(wanted("a")))
    assert await known(case) == {"a": ("active", True)}
    assert await case.station.say("NotifyDERStartStop", {"controlId": "a", "started": False, "timestamp": at}) == {}
    assert await known(case) == {"a": ("ended", True)}


async def test_R04_FR_31_and_32_a_report_in_parts(case: Case) -> None:
    await case.commanded(wanted("gone"), "SetDERControl")
    asked, command = await case.commanded(GetDERControl(), "GetDERControl")
    number = asked["requestId"]
    assert number > 0 and command.state == "accepted"
    part = {"requestId": number, "tbc": True, "fixedVar": [entry("x")]}
    assert await case.station.say("ReportDERControl", part) == {}
    gradient = {"id": "y", "gradient": {"priority": 0, "gradient": 1, "softGradient": 2}}
    assert await case.station.say("ReportDERControl", {"requestId": number, "gradient": [gradient]}) == {}
    assert await known(case) == {"gone": ("missing", True), "x": ("waiting", False), "y": ("waiting", False)}


async def test_R04_FR_30_nothing_there(case: Case) -> None:
    await case.commanded(wanted("a"), "SetDERControl")
    await case.commanded(GetDERControl(), "GetDERControl", status="NotFound")
    assert await known(case) == {"a": ("missing", True)}


async def test_R04_FR_46_what_is_cleared_is_gone(case: Case) -> None:
    await case.commanded(wanted("a"), "SetDERControl")
    asked, _ = await case.commanded(ClearDERControl(is_default=True, id="a"), "ClearDERControl")
    assert asked == {"isDefault": True, "controlId": "a"}
    assert await known(case) == {}


async def test_R05_FR_01_and_02_an_alarm_and_its_end(case: Case) -> None:
    about = {"controlType": "HVMustTrip", "gridEventFault": "OverVoltage"}
    at = moment(case.station.now())
    assert await case.station.say("NotifyDERAlarm", {**about, "timestamp": at}) == {}
    assert await case.station.say("NotifyDERAlarm", {**about, "timestamp": at}) == {}  # once more: the same
    assert await case.station.say("NotifyDERAlarm", {**about, "timestamp": at, "alarmEnded": True}) == {}
    found = (await case.bench.storage.reads.der_alarms("default", case.view.key)).items
    assert [(each.alarm.type, each.alarm.ended_at is not None) for each in found] == [("HVMustTrip", True)]


async def test_a_restart_of_ours_forgets_nothing(case: Case) -> None:
    await case.commanded(wanted("a"), "SetDERControl")
    state = await case.bench.storage.reads.load(case.view.key)
    assert state is not None and list(state.der.controls) == ["a"]
    assert state.der.controls["a"].control.setting == VAR


@pytest.mark.parametrize("answer", [{"status": "NotSupported"}, {"status": "Rejected"}])
async def test_R04_FR_01_a_station_that_does_not_take_it(case: Case, answer: Payload) -> None:
    _, command = await case.commanded(wanted("a"), "SetDERControl", **answer)
    assert (command.state, await known(case)) == ("rejected", {"a": ("rejected", False)})


async def test_a_station_that_has_no_der_control_at_all(case: Case) -> None:
    done = await case.view.outcome(await case.view.ask(wanted("a")))
    assert (done.state, await known(case)) == ("failed", {"a": ("rejected", False)})


async def test_R02_FR_01_and_R03_FR_01_the_inverter_of_a_car_is_kept_and_answered(case: Case) -> None:
    der = {"evSupportedDERControl": ["HFMustTrip", "LimitMaxDischarge"], "maxDischargeApparentPower": 11000}
    needs = {"requestedEnergyTransfer": "AC_BPT_DER", "derChargingParameters": der}
    told = {"evseId": 1, "maxScheduleTuples": 8, "chargingNeeds": needs}
    assert await case.station.say("NotifyEVChargingNeeds", told) == {"status": "NoChargingProfile"}  # K18.FR.04
    (known,) = (await case.bench.storage.reads.charging_needs("default", case.view.key)).items
    assert (known.evse_id, known.needs, known.max_schedule_tuples) == (1, needs, 8)
    assert known.der_modes == ("HFMustTrip", "LimitMaxDischarge")
