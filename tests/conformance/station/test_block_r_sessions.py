"""R01-R03: DER control at work, in sessions that charge and feed, on DC and on AC (2.1). There are no certification
cases."""

from collections.abc import Mapping
from typing import Any

import pytest
from station_case import StationCase

from stationmaster.domain.der.controls import SETTING_OF
from stationmaster.domain.der.grid import GridSample
from stationmaster.ocpp.version import Version
from stationmaster.simulator.catalogue import CAR_MODES, EMULATED_MODES, INVERTER_MODES, ev_model
from stationmaster.simulator.ev import EV

pytestmark = pytest.mark.parametrize("version", [Version.V21], ids=["2.1"])
on_dc = pytest.mark.parametrize("model", ["Bidirectional 2x50"])
on_ac = pytest.mark.parametrize("model", ["Bidirectional AC 22"])
MANDATORY = {
    *("MaxW", "OverExcitedW", "OverExcitedPF", "UnderExcitedW", "UnderExcitedPF", "MaxVA", "MaxVar", "MaxVarNeg"),
    *("MaxChargeRateW", "MaxChargeRateVA", "ModesSupported", "InverterManufacturer", "InverterModel"),
    *("InverterSwVersion", "InverterHwVersion", "ReactiveSusceptance"),
}
MEASURED = "Power.Active.Import,Power.Active.Export,Power.Reactive.Export,Power.Reactive.Import"
VOLT_WATT = {"curveData": [{"x": 106, "y": 100}, {"x": 110, "y": 0}], "yUnit": "PctMaxW", "priority": 0}
HIGH_TRIP = {"curveData": [{"x": 1, "y": 50.5}], "yUnit": "Not_Applicable", "priority": 0}
DROOP = {
    "priority": 0,
    "overFreq": 50.1,
    "underFreq": 49.9,
    "overDroop": 0.05,
    "underDroop": 0.05,
    "responseTime": 1,
}


@pytest.fixture(autouse=True)
async def answered(case: StationCase) -> None:
    for action in ("NotifyDERStartStop", "NotifyDERAlarm", "ReportDERControl"):
        case.csms.script[action] = lambda _: {}
    case.csms.script["NotifyEVChargingNeeds"] = lambda _: {"status": "NoChargingProfile"}
    case.set(SampledDataCtrlr__TxUpdatedMeasurands=MEASURED)


async def control(case: StationCase, kind: str, **setting: Any) -> None:
    given = {"controlId": kind, "isDefault": True, "controlType": kind, SETTING_OF[kind]: setting}
    assert (await case.ask("SetDERControl", **given))["status"] == "Accepted"


async def session(case: StationCase, car: str, feeds_w: float = 0.0) -> None:
    """A car is plugged in and charges, or is asked to feed."""
    case.hardware.plug(1, EV(ev_model(car), 0.5), 1)
    await case.swipe()
    if feeds_w:
        case.hardware.ask_for_energy(1, feeds_w)
    await case.wait(10)


async def power(case: StationCase) -> Mapping[str, float]:
    """What the next meter values tell, by measurand."""
    asked = {"requestedMessage": "TransactionEvent", "evse": {"id": 1}}
    case.take()
    assert (await case.ask("TriggerMessage", **asked))["status"] == "Accepted"
    (told,) = (await case.wait()).payloads("TransactionEvent")
    (value,) = told["meterValue"]
    return {each["measurand"]: float(each["value"]) for each in value["sampledValue"]}


async def fed_w(case: StationCase) -> float:
    """The power that is fed, negative where it is drawn."""
    found = await power(case)
    return found["Power.Active.Export"] - found["Power.Active.Import"]


# R01: the inverter is in the EVSE ────────────────────────────────────────────────────────────────────────────────────


@on_dc
async def test_R01_FR_01_and_02_a_report_tells_the_nameplate_of_each_evse(case: StationCase) -> None:
    asked = {"requestId": 1, "componentVariable": [{"component": {"name": "DCDERCtrlr"}}]}
    assert (await case.ask("GetReport", **asked))["status"] == "Accepted"
    found = [row for part in (await case.wait()).payloads("NotifyReport") for row in part["reportData"]]
    for evse_id in (1, 2):
        told = {row["variable"]["name"]: row for row in found if row["component"]["evse"]["id"] == evse_id}
        assert told.keys() >= MANDATORY
        values = {name: row["variableAttribute"][0] for name, row in told.items()}
        assert all(each["mutability"] == "ReadOnly" and each["value"] for each in values.values())
        assert values["MaxW"]["value"] == "50000"
        assert set(values["ModesSupported"]["value"].split(",")) == set(INVERTER_MODES)


@on_dc
async def test_R01_FR_03_a_limit_of_discharging_holds_and_outlives_a_reboot(case: StationCase) -> None:
    await session(case, "Bidirectional DC 77", feeds_w=40_000)
    before_w = await fed_w(case)
    await control(case, "LimitMaxDischarge", priority=0, pctMaxDischargePower=50)
    held_w = await fed_w(case)
    assert before_w > 39_000
    assert held_w == pytest.approx(25_000, rel=0.08) and held_w >= 25_000  # at the outlet, with the converter's loss
    await case.cut_power()
    await case.power_up()
    await session_goes_on(case)
    assert await fed_w(case) == pytest.approx(held_w, rel=0.01)


async def session_goes_on(case: StationCase) -> None:
    """Power was lost: that transaction is over, and the driver begins another."""
    case.hardware.unplug(1)
    await case.wait()
    await session(case, "Bidirectional DC 77", feeds_w=40_000)


@on_dc
async def test_R01_a_voltage_curve_bends_the_power_and_lets_go_of_it(case: StationCase) -> None:
    await session(case, "Bidirectional DC 77", feeds_w=40_000)
    await control(case, "VoltWatt", **VOLT_WATT)
    usual_w = await fed_w(case)
    case.hardware.disturb_grid(GridSample(voltage_pct=109))
    await case.wait()
    assert await fed_w(case) == pytest.approx(12_500, rel=0.1)
    case.hardware.disturb_grid()
    await case.wait()
    assert await fed_w(case) == pytest.approx(usual_w, rel=0.01)


@on_dc
async def test_R01_a_droop_has_a_charging_car_draw_less_or_feed(case: StationCase) -> None:
    await session(case, "Bidirectional DC 77")
    await control(case, "FreqDroop", **DROOP)
    usual_w = await fed_w(case)
    case.hardware.disturb_grid(GridSample(frequency_hz=49.4))  # a fifth of 50 kW
    await case.wait()
    assert await fed_w(case) - usual_w == pytest.approx(10_000, rel=0.1)
    case.hardware.disturb_grid(GridSample(frequency_hz=46.4))  # seven fifths
    await case.wait()
    assert await fed_w(case) > 10_000


@on_dc
async def test_R01_what_goes_before_by_priority_is_what_holds(case: StationCase) -> None:
    await session(case, "Bidirectional DC 77", feeds_w=40_000)
    await control(case, "LimitMaxDischarge", priority=1, pctMaxDischargePower=20)
    other = {"controlId": "worse", "isDefault": True, "controlType": "LimitMaxDischarge"}
    answer = await case.ask("SetDERControl", **other, limitMaxDischarge={"priority": 2, "pctMaxDischargePower": 80})
    assert answer["supersededIds"] == ["worse"]
    assert await fed_w(case) == pytest.approx(10_000, rel=0.15)
    answer = await case.ask("SetDERControl", **other, limitMaxDischarge={"priority": 0, "pctMaxDischargePower": 60})
    assert answer["supersededIds"] == ["LimitMaxDischarge"]
    assert await fed_w(case) == pytest.approx(30_000, rel=0.1)


@on_dc
async def test_R01_a_trip_lasts_until_the_grid_was_calm_for_as_long_as_enter_service_says(case: StationCase) -> None:
    await session(case, "Bidirectional DC 77", feeds_w=40_000)
    await control(case, "HFMustTrip", **HIGH_TRIP)
    calm = {"highVoltage": 106, "lowVoltage": 90, "highFreq": 50.2, "lowFreq": 49.8}
    await control(case, "EnterService", priority=0, delay=60, rampRate=100, **calm)
    case.hardware.disturb_grid(GridSample(frequency_hz=51))
    await case.wait()
    assert await fed_w(case) == 0
    case.hardware.disturb_grid(GridSample(frequency_hz=50.3))  # does not trip, but is not calm either
    await case.wait(120)
    assert await fed_w(case) == 0
    case.hardware.disturb_grid()
    await case.wait(50)
    assert await fed_w(case) == 0
    await case.wait(30)
    assert 5_000 < await fed_w(case) < 25_000  # on its way back
    await case.wait(100)
    assert await fed_w(case) > 39_000


@on_dc
async def test_R05_FR_01_and_02_a_limit_is_told_while_it_is_felt(case: StationCase) -> None:
    await control(case, "LimitMaxDischarge", priority=0, pctMaxDischargePower=50)
    await session(case, "Bidirectional DC 77")
    assert case.take().payloads("NotifyDERAlarm") == []
    case.hardware.ask_for_energy(1, 40_000)
    await case.wait(10)
    case.hardware.ask_for_energy(1, 20_000)
    await case.wait(10)
    told = [each.payload for each in case.csms.heard if each.action == "NotifyDERAlarm"]
    assert [(each["controlType"], each.get("alarmEnded", False)) for each in told] == [
        ("LimitMaxDischarge", False),
        ("LimitMaxDischarge", True),
    ]
    assert not any("gridEventFault" in each for each in told)


@on_dc
async def test_R01_reactive_power_is_measured(case: StationCase) -> None:
    await session(case, "Bidirectional DC 77", feeds_w=40_000)
    await control(case, "FixedVar", priority=0, setpoint=-50, unit="PctMaxVar")
    found = await power(case)
    assert found["Power.Reactive.Import"] > 1_000 and found["Power.Reactive.Export"] == 0


# R02, R03: the inverter is in the car ────────────────────────────────────────────────────────────────────────────────


@on_ac
async def test_R02_FR_01_and_R03_FR_01_the_inverter_of_the_car_is_told(case: StationCase) -> None:
    case.take()
    await session(case, "Bidirectional AC 60")
    said = case.csms.heard
    (told,) = [each.payload for each in said if each.action == "NotifyEVChargingNeeds"]
    assert told["evseId"] == 1 and "timestamp" not in told
    needs = told["chargingNeeds"]
    assert needs["requestedEnergyTransfer"] == "AC_BPT_DER" and needs["v2xChargingParameters"]
    der = needs["derChargingParameters"]
    assert set(der["evSupportedDERControl"]) == set(CAR_MODES)
    assert der["maxDischargeApparentPower"] >= 11_000 and der["evInverterModel"] == "Bidirectional AC 60"


@on_dc
async def test_K20_FR_05_needs_that_wait_for_the_line_bear_their_time(case: StationCase) -> None:
    await case.go_offline()
    at = case.now()
    case.set(AuthCtrlr__OfflineTxForUnknownIdEnabled="true")
    await session(case, "Bidirectional DC 77")
    (told,) = (await case.back_online()).payloads("NotifyEVChargingNeeds")
    assert told["chargingNeeds"]["requestedEnergyTransfer"] == "DC_BPT"
    assert at < told["timestamp"] < case.now()


@on_ac
async def test_R03_FR_03_what_the_station_can_emulate_stands_in_a_variable(case: StationCase) -> None:
    component = {"name": "ACDERCtrlr", "evse": {"id": 1}}
    asked = [{"component": component, "variable": {"name": "ModesSupported"}}]
    (found,) = (await case.ask("GetVariables", getVariableData=asked))["getVariableResult"]
    assert (found["attributeStatus"], found["attributeValue"]) == ("Accepted", ",".join(EMULATED_MODES))


@on_ac
async def test_R02_FR_03_and_R03_FR_05_and_06_car_and_station_share_the_controls(case: StationCase) -> None:
    await session(case, "Bidirectional AC 60", feeds_w=11_000)
    await control(case, "LimitMaxDischarge", priority=0, pctMaxDischargePower=50)  # of the car's 11 kW, emulated
    await control(case, "FreqDroop", **DROOP)  # both could: it is the car's
    await control(case, "HFMustTrip", **HIGH_TRIP)  # only the car can
    await control(case, "HVMomCess", curveData=[{"x": 0, "y": 120}], yUnit="PctEffectiveV", priority=0)  # nobody can
    sent = case.hardware.configured(1)
    assert [each.type for each in sent] == ["FreqDroop", "HFMustTrip", "HVMomCess"]
    assert await fed_w(case) == pytest.approx(5_500, rel=0.02)
    case.take()
    case.hardware.disturb_grid(GridSample(frequency_hz=51))
    await case.wait(10)
    assert await fed_w(case) == 0
    case.hardware.disturb_grid()
    said = await case.wait(10)
    told = [(each["controlType"], each.get("alarmEnded", False)) for each in said.payloads("NotifyDERAlarm")]
    assert told == [("LimitMaxDischarge", False)]  # it takes over again (R05.FR.03, .04)
    assert await fed_w(case) == pytest.approx(5_500, rel=0.02)


@on_ac
async def test_R02_FR_02_the_next_car_is_sent_them_too(case: StationCase) -> None:
    await control(case, "FreqDroop", **DROOP)
    for _ in range(2):
        await session(case, "Bidirectional AC 60")
        assert [each.type for each in case.hardware.configured(1)] == ["FreqDroop"]
        case.hardware.unplug(1)
        await case.wait()
        assert case.hardware.configured(1) == ()


@on_ac
async def test_R03_a_car_that_only_charges_is_held_by_what_it_is_offered(case: StationCase) -> None:
    await session(case, "Compact 58")
    assert await fed_w(case) < -10_000
    await control(case, "FreqDroop", **DROOP)
    case.hardware.disturb_grid(GridSample(frequency_hz=49.0))
    await case.wait()
    assert -6_000 < await fed_w(case) <= 0
    assert not [each for each in case.csms.heard if each.action == "NotifyEVChargingNeeds"]
