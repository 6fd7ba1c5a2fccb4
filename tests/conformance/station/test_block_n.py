"""N Monitoring, as certification tests a station: monitors are set, reported and cleared, and tell what they see."""

from itertools import pairwise
from typing import Any

import pytest
from said import Said
from scripted_csms import Payload
from station_case import StationCase

STATE: Payload = {"component": {"name": "EVSE", "evse": {"id": 1}}, "variable": {"name": "AvailabilityState"}}
POWER: Payload = {"component": {"name": "EVSE", "evse": {"id": 1}}, "variable": {"name": "Power"}}
THRESHOLD: Payload = {"component": {"name": "OCPPCommCtrlr"}, "variable": {"name": "OfflineThreshold"}}
CRITERIA = ["ThresholdMonitoring", "DeltaMonitoring", "PeriodicMonitoring"]


@pytest.fixture(autouse=True)
def takes_reports(case: StationCase) -> None:
    case.csms.script["NotifyMonitoringReport"] = lambda _: {}


def delta(of: Payload = STATE, value: float = 1, severity: int = 8, **more: Any) -> Payload:
    return {**of, "type": "Delta", "value": value, "severity": severity, **more}


def upper(value: float, of: Payload = POWER, severity: int = 5, **more: Any) -> Payload:
    return {**of, "type": "UpperThreshold", "value": value, "severity": severity, **more}


async def attempt(case: StationCase, *monitors: Payload) -> list[Payload]:
    """The results, in the order of the monitors, each about what was asked."""
    answer = await case.ask("SetVariableMonitoring", setMonitoringData=list(monitors))
    results: list[Payload] = answer["setMonitoringResult"]
    assert len(results) == len(monitors)
    for asked, result in zip(monitors, results, strict=True):
        for name in ("component", "variable", "type"):
            assert result[name] == asked[name]
    return results


async def placed(case: StationCase, *monitors: Payload) -> list[int]:
    results = await attempt(case, *monitors)
    assert [result["status"] for result in results] == ["Accepted"] * len(monitors)
    return [result["id"] for result in results]


async def refused(case: StationCase, monitor: Payload, status: str) -> None:
    (result,) = await attempt(case, monitor)
    assert result["status"] == status
    assert "id" not in result


async def reported(case: StationCase, **question: Any) -> list[Payload]:
    """The monitors of a report, each with its component and variable."""
    case.take()
    assert (await case.ask("GetMonitoringReport", requestId=17, **question))["status"] == "Accepted"
    said = await case.wait()
    assert said.order[0] == "GetMonitoringReport!"
    parts = said.payloads("NotifyMonitoringReport")
    assert {part["requestId"] for part in parts} == {17}
    assert [part["seqNo"] for part in parts] == list(range(len(parts)))
    assert [part.get("tbc", False) for part in parts] == [True] * (len(parts) - 1) + [False]
    return [
        {"component": data["component"], "variable": data["variable"], **monitor}
        for part in parts
        for data in part["monitor"]
        for monitor in data["variableMonitoring"]
    ]


async def ids(case: StationCase, **question: Any) -> list[int]:
    return sorted(monitor["id"] for monitor in await reported(case, **question))


async def nothing_reported(case: StationCase, **question: Any) -> None:
    assert (await case.ask("GetMonitoringReport", requestId=18, **question))["status"] == "EmptyResultSet"
    assert (await case.wait()).of("NotifyMonitoringReport") == []


async def set_base(case: StationCase, base: str) -> None:
    assert await case.ask("SetMonitoringBase", monitoringBase=base) == {"status": "Accepted"}


def events(said: Any, monitor_id: int) -> list[Payload]:
    """Those of one monitor; each message tells of one event and is complete (N07.FR.07)."""
    messages = said.payloads("NotifyEvent")
    assert all(message["seqNo"] == 0 and not message.get("tbc", False) for message in messages)
    told = [event for message in messages for event in message["eventData"]]
    return [event for event in told if event.get("variableMonitoringId") == monitor_id]


async def set_offline_threshold(case: StationCase, value: int) -> Any:
    data = [{"attributeValue": str(value), **THRESHOLD}]
    answer = await case.ask("SetVariables", setVariableData=data)
    assert answer["setVariableResult"][0]["attributeStatus"] == "Accepted"
    return await case.wait()


# ── Reports ─────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_TC_N_01_CS_monitors_are_reported_by_criteria(case: StationCase) -> None:
    upper_id, delta_id, periodic_id = await placed(
        case, upper(9000), delta(), {**STATE, "type": "Periodic", "value": 600, "severity": 8}
    )
    assert await ids(case, monitoringCriteria=["ThresholdMonitoring"]) == [upper_id]
    assert await ids(case, monitoringCriteria=["PeriodicMonitoring"]) == [periodic_id]
    assert set(await ids(case, monitoringCriteria=CRITERIA)) >= {upper_id, delta_id, periodic_id}


async def test_TC_N_02_CS_monitors_are_reported_by_variable(case: StationCase) -> None:
    await placed(case, upper(9000))
    (delta_id,) = await placed(case, delta())

    (told,) = await reported(case, componentVariable=[STATE])

    assert (told["id"], told["type"], told["severity"], told["value"]) == (delta_id, "Delta", 8, 1)
    assert (told["component"], told["variable"]) == (STATE["component"], STATE["variable"])
    assert told.get("eventNotificationType") == (None if str(case.version) == "2.0.1" else "CustomMonitor")


async def test_TC_N_03_CS_monitors_are_reported_by_criteria_and_variable(case: StationCase) -> None:
    upper_id, _ = await placed(case, upper(9000), delta(POWER))
    question = {"componentVariable": [POWER]}
    assert await ids(case, monitoringCriteria=["ThresholdMonitoring"], **question) == [upper_id]
    await nothing_reported(case, monitoringCriteria=["PeriodicMonitoring"], **question)


async def test_TC_N_47_CS_all_monitors_are_reported(case: StationCase) -> None:
    (mine,) = await placed(case, delta())
    assert set(await ids(case)) > {mine}


async def test_TC_N_04_CS_a_criterion_that_nobody_knows_is_not_supported(case: StationCase) -> None:
    assert (await case.ask("GetMonitoringReport", requestId=1, monitoringCriteria=["Whatever"]))[
        "status"
    ] == "NotSupported"


# ── Base and level ──────────────────────────────────────────────────────────────────────────────────────────────


async def test_TC_N_05_CS_a_base_decides_which_monitors_there_are(case: StationCase) -> None:
    preconfigured = await ids(case)
    (mine,) = await placed(case, delta())
    await set_base(case, "All")
    assert await ids(case) == [*preconfigured, mine]
    await set_base(case, "FactoryDefault")
    assert await ids(case) == preconfigured


async def test_TC_N_06_CS_hard_wired_only_takes_all_others_away(case: StationCase) -> None:
    await placed(case, delta())
    await set_base(case, "HardWiredOnly")
    await nothing_reported(case)
    await set_base(case, "All")
    assert len(await ids(case)) == 1


async def test_TC_N_07_CS_a_base_that_nobody_knows_is_not_supported(case: StationCase) -> None:
    assert (await case.ask("SetMonitoringBase", monitoringBase="Whatever"))["status"] == "NotSupported"


async def test_TC_N_16_CS_what_is_milder_than_the_level_is_not_told(case: StationCase) -> None:
    mild, bad = await placed(case, delta(THRESHOLD, severity=8), delta(THRESHOLD, severity=4))
    assert await case.ask("SetMonitoringLevel", severity=4) == {"status": "Accepted"}

    said = await set_offline_threshold(case, 200)

    assert (len(events(said, mild)), len(events(said, bad))) == (0, 1)


@pytest.mark.parametrize("severity", [10, -1])
async def test_TC_N_17_CS_a_level_outside_the_scale_is_rejected(case: StationCase, severity: int) -> None:
    assert (await case.ask("SetMonitoringLevel", severity=severity))["status"] == "Rejected"


# ── Setting ─────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_TC_N_08_CS_one_monitor_is_set(case: StationCase) -> None:
    (monitor_id,) = await placed(case, delta())
    assert monitor_id in await ids(case, componentVariable=[STATE])


async def test_TC_N_09_CS_monitors_of_two_variables_are_set(case: StationCase) -> None:
    station = {"component": {"name": "ChargingStation"}, "variable": {"name": "AvailabilityState"}}
    assert len(set(await placed(case, delta(), delta(station)))) == 2


async def test_TC_N_10_CS_two_severities_make_two_monitors_of_a_variable(case: StationCase) -> None:
    both = await placed(case, delta(severity=8), delta(severity=7))
    assert await ids(case, componentVariable=[STATE]) == sorted(both)


async def test_TC_N_11_CS_a_component_that_is_not_there(case: StationCase) -> None:
    await refused(case, delta({**STATE, "component": {"name": "Toaster"}}), "UnknownComponent")


async def test_TC_N_37_CS_a_variable_that_is_not_there(case: StationCase) -> None:
    await refused(case, delta({**STATE, "variable": {"name": "Colour"}}), "UnknownVariable")


async def test_TC_N_38_CS_a_state_has_no_threshold(case: StationCase) -> None:
    await refused(case, upper(8, STATE), "UnsupportedMonitorType")


async def test_TC_N_39_CS_a_monitor_does_not_move_to_another_variable(case: StationCase) -> None:
    (monitor_id,) = await placed(case, delta())
    (result,) = await attempt(case, delta(THRESHOLD, id=monitor_id))
    assert result["status"] == "Rejected"
    (still,) = await reported(case, componentVariable=[STATE])
    assert still["id"] == monitor_id


async def test_TC_N_12_CS_a_negative_delta_is_rejected(case: StationCase) -> None:
    await refused(case, delta(THRESHOLD, value=-1), "Rejected")


async def test_TC_N_13_CS_a_threshold_outside_the_limits_is_rejected(case: StationCase) -> None:
    await refused(case, upper(10_000_000), "Rejected")


async def test_TC_N_43_CS_one_that_fails_does_not_stop_the_others(case: StationCase) -> None:
    results = await attempt(case, delta(severity=7), upper(10_000_000), delta(severity=6))
    assert [result["status"] for result in results] == ["Accepted", "Rejected", "Accepted"]


async def test_TC_N_15_CS_the_same_monitor_twice_is_a_duplicate(case: StationCase) -> None:
    results = await attempt(case, delta(), delta())
    assert [result["status"] for result in results] == ["Accepted", "Duplicate"]


async def test_TC_N_40_CS_a_monitor_is_replaced_by_its_id(case: StationCase) -> None:
    (monitor_id,) = await placed(case, upper(9000))
    assert await placed(case, upper(8000, id=monitor_id, severity=3)) == [monitor_id]
    (told,) = await reported(case, componentVariable=[POWER])
    assert (told["id"], told["value"], told["severity"]) == (monitor_id, 8000, 3)


async def test_TC_N_41_CS_a_preconfigured_monitor_that_was_replaced_comes_back(case: StationCase) -> None:
    (before,) = await reported(case)
    place = {name: before[name] for name in ("component", "variable")}
    await placed(case, delta(place, severity=2, id=before["id"]))
    assert [told["severity"] for told in await reported(case)] == [2]
    await set_base(case, "FactoryDefault")
    assert await reported(case) == [before]


async def test_N04_FR_13_a_monitor_with_an_unknown_id_is_rejected(case: StationCase) -> None:
    await refused(case, delta(id=4711), "Rejected")


# ── Clearing ────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_TC_N_18_CS_two_monitors_are_cleared(case: StationCase) -> None:
    both = await placed(case, delta(severity=8), delta(severity=7))
    answer = await case.ask("ClearVariableMonitoring", id=both)
    assert answer["clearMonitoringResult"] == [{"id": each, "status": "Accepted"} for each in both]
    await nothing_reported(case, componentVariable=[STATE])


async def test_TC_N_19_CS_a_monitor_that_is_not_there_is_not_found(case: StationCase) -> None:
    answer = await case.ask("ClearVariableMonitoring", id=[4711])
    assert answer["clearMonitoringResult"] == [{"id": 4711, "status": "NotFound"}]


# ── Events ──────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_TC_N_20_CS_a_threshold_is_told_when_it_is_crossed_and_when_it_no_longer_is(case: StationCase) -> None:
    (monitor_id,) = await placed(case, upper(1000))

    await case.charging()
    await case.wait(10)
    (raised,) = events(Said(case.csms.heard), monitor_id)
    assert raised["trigger"] == "Alerting"
    assert float(raised["actualValue"]) > 1000
    assert (raised["component"], raised["variable"]) == (POWER["component"], POWER["variable"])
    assert raised.get("cleared", False) is False
    assert raised["eventNotificationType"] == "CustomMonitor"

    (over,) = events(await case.swipe() + await case.wait(10), monitor_id)
    assert over["cleared"] is True
    assert float(over["actualValue"]) <= 1000


async def test_TC_N_51_CS_a_changed_threshold_is_looked_at_at_once(case: StationCase) -> None:
    (monitor_id,) = await placed(case, upper(20_000))
    await case.charging()
    assert events(await case.wait(10), monitor_id) == []

    await placed(case, upper(1000, id=monitor_id))
    assert [event["trigger"] for event in events(await case.wait(), monitor_id)] == ["Alerting"]

    await placed(case, upper(20_000, id=monitor_id))
    (over,) = events(await case.wait(), monitor_id)
    assert over["cleared"] is True
    await case.swipe()


async def test_TC_N_52_CS_a_cleared_monitor_is_silent(case: StationCase) -> None:
    (monitor_id,) = await placed(case, upper(1000))
    await case.charging()
    await case.wait(10)
    await case.ask("ClearVariableMonitoring", id=[monitor_id])
    assert events(await case.swipe() + await case.wait(10), monitor_id) == []


async def test_TC_N_45_CS_a_state_that_changes_is_told(case: StationCase) -> None:
    (monitor_id,) = await placed(case, delta())

    (event,) = events(await case.plug(), monitor_id)

    assert (event["trigger"], event["actualValue"]) == ("Delta", "Occupied")
    (event,) = events(await case.unplug(), monitor_id)
    assert event["actualValue"] == "Available"


async def test_TC_N_61_CS_a_number_is_told_when_it_changes_by_more_than_the_value(case: StationCase) -> None:
    await set_offline_threshold(case, 100)
    (monitor_id,) = await placed(case, delta(THRESHOLD, value=1))
    assert events(await set_offline_threshold(case, 101), monitor_id) == []
    (event,) = events(await set_offline_threshold(case, 102), monitor_id)
    assert (event["trigger"], event["actualValue"]) == ("Delta", "102")


async def test_TC_N_24_CS_a_periodic_monitor_tells_every_so_many_seconds(case: StationCase) -> None:
    (monitor_id,) = await placed(case, {**STATE, "type": "Periodic", "value": 10, "severity": 8})

    said = await case.wait(31)

    told = events(said, monitor_id)
    assert [(event["trigger"], event["actualValue"]) for event in told] == [("Periodic", "Available")] * 3
    moments = [call.at for call in said.of("NotifyEvent")]
    assert [round(later - earlier) for earlier, later in pairwise(moments)] == [10, 10]


async def test_N08_FR_07_a_clock_aligned_monitor_tells_on_the_clock(case: StationCase) -> None:
    (monitor_id,) = await placed(case, {**STATE, "type": "PeriodicClockAligned", "value": 900, "severity": 8})
    told = events(await case.wait(1900), monitor_id)
    assert len(told) == 2
    assert [event["timestamp"][14:19] in ("00:00", "15:00", "30:00", "45:00") for event in told] == [True, True]


async def test_TC_N_53_CS_a_monitor_outlives_a_reboot_with_its_id(case: StationCase) -> None:
    (monitor_id,) = await placed(case, delta())
    assert (await case.ask("Reset", type="Immediate"))["status"] == "Accepted"
    await case.wait(120)
    (told,) = await reported(case, componentVariable=[STATE])
    assert told["id"] == monitor_id
    assert len(events(await case.plug(), monitor_id)) == 1


async def test_N07_FR_14_what_is_back_in_its_bounds_after_a_reboot_is_cleared(case: StationCase) -> None:
    (monitor_id,) = await placed(case, upper(1000))
    await case.charging()
    await case.wait(10)
    await case.ask("Reset", type="Immediate")
    (over,) = events(await case.wait(120), monitor_id)
    assert over["cleared"] is True


# ── Offline ─────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_TC_N_22_CS_what_is_bad_enough_is_told_when_the_line_is_back(case: StationCase) -> None:
    case.set(MonitoringCtrlr__OfflineQueuingSeverity="4")
    mild, bad = await placed(case, delta(severity=6), delta(severity=3))
    await case.go_offline()
    await case.plug()

    said = await case.back_online()

    assert events(said, mild) == []
    (event,) = events(said, bad)
    assert event["actualValue"] == "Occupied"


async def test_TC_N_23_CS_what_came_back_to_what_it_was_is_not_told_if_it_is_mild(case: StationCase) -> None:
    case.set(MonitoringCtrlr__OfflineQueuingSeverity="4")
    (mild,) = await placed(case, delta(severity=6))
    await case.go_offline()
    await case.plug()
    await case.unplug()
    assert events(await case.back_online(), mild) == []


async def test_N07_FR_04_what_waits_outlives_a_loss_of_power(case: StationCase) -> None:
    (monitor_id,) = await placed(case, delta(severity=3))
    await case.go_offline()
    await case.plug()
    await case.cut_power()
    case.csms.accept()
    told = events(await case.power_up() + await case.wait(60), monitor_id)
    assert "Occupied" in [event["actualValue"] for event in told]


async def test_monitoring_that_is_switched_off_tells_nothing(case: StationCase) -> None:
    (monitor_id,) = await placed(case, delta())
    case.set(MonitoringCtrlr__Enabled="false")
    assert events(await case.plug(), monitor_id) == []


async def test_a_monitor_for_transactions_is_silent_without_one(case: StationCase) -> None:
    (monitor_id,) = await placed(case, {**STATE, "type": "Periodic", "value": 10, "severity": 8, "transaction": True})
    assert events(await case.wait(31), monitor_id) == []
    charging = await case.charging()
    told = events(await case.wait(31), monitor_id)
    assert {event["transactionId"] for event in told} == {charging.tx}
