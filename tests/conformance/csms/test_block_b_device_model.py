"""B Provisioning: variables and reports of the device model."""

from typing import Any

import pytest
from csms_case import Case

from stationmaster.csms.settings import CsmsSettings, TenantPolicy
from stationmaster.domain.command import Command
from stationmaster.domain.device_model.addresses import (
    Component,
    ComponentVariable,
    GetBaseReport,
    GetReport,
    GetVariables,
    SetVariables,
    Variable,
    VariableRef,
    VariableSetting,
)
from stationmaster.domain.identity import Evse
from stationmaster.ocpp.version import Version
from stationmaster.testing import WireError, csms_bench
from stationmaster.testing.script import moment
from stationmaster.testing.wire import Payload

THRESHOLD = VariableRef(component=Component(name="OCPPCommCtrlr"), variable=Variable(name="OfflineThreshold"))
REMOTE_START = VariableRef(component=Component(name="AuthCtrlr"), variable=Variable(name="AuthorizeRemoteStart"))
STATE: Payload = {"component": {"name": "EVSE", "evse": {"id": 1}}, "variable": {"name": "AvailabilityState"}}
PENDING = CsmsSettings(default_policy=TenantPolicy(registration="open", first_status="Pending"))


def named(ref: VariableRef) -> Payload:
    return {"component": {"name": ref.component.name}, "variable": {"name": ref.variable.name}}


def got(request: Payload) -> Payload:
    """Every variable is "1", told in the opposite order."""
    results = [{"attributeStatus": "Accepted", "attributeValue": "1", **item} for item in request["getVariableData"]]
    return {"getVariableResult": results[::-1]}


def set_to(status: str) -> Any:
    def answer(request: Payload) -> Payload:
        names = [{name: item[name] for name in ("component", "variable")} for item in request["setVariableData"]]
        return {"setVariableResult": [{"attributeStatus": status, **name} for name in names]}

    return answer


def results(command: Command) -> list[tuple[str, str | None]]:
    assert command.answer is not None
    return [(result["status"], result.get("value")) for result in command.answer["results"]]


async def asked(case: Case, action: str, request: Any, answer: Any) -> tuple[list[Payload], Command]:
    """The calls that a command made, and how it ended."""
    case.station.answer(action, answer)
    before = len(case.station.client.frames)
    command = await case.view.outcome(await case.view.ask(request))
    frames = case.station.client.frames[before:]
    return [frame[3] for frame in frames if frame[0] == 2 and frame[2] == action], command


async def part(case: Case, request_id: int, seq_no: int, name: str, *, more: bool = False) -> None:
    item = {
        **STATE,
        "variable": {"name": name},
        "variableAttribute": [{"value": "1", "mutability": "ReadOnly", "persistent": False, "constant": False}],
        "variableCharacteristics": {"dataType": "string", "supportsMonitoring": False},
    }
    told = {"requestId": request_id, "seqNo": seq_no, "generatedAt": moment(case.station.now()), "tbc": more}
    assert await case.station.say("NotifyReport", {**told, "reportData": [item]}) == {}


async def shown(case: Case) -> list[str]:
    return [known.variable.name for known in await case.view.variables()]


async def test_TC_B_06_CSMS_one_variable_is_asked_for_and_its_value_shown(case: Case) -> None:
    calls, command = await asked(case, "GetVariables", GetVariables(variables=(THRESHOLD,)), got)

    assert calls == [{"getVariableData": [named(THRESHOLD)]}]
    assert (command.state, results(command)) == ("accepted", [("Accepted", "1")])
    assert await shown(case) == ["OfflineThreshold"]


async def test_TC_B_07_CSMS_several_variables_are_asked_for_in_one_message(case: Case) -> None:
    request = GetVariables(variables=(THRESHOLD, REMOTE_START))
    calls, command = await asked(case, "GetVariables", request, got)

    assert calls == [{"getVariableData": [named(THRESHOLD), named(REMOTE_START)]}]
    assert results(command) == [("Accepted", "1"), ("Accepted", "1")]


async def test_TC_B_08_CSMS_no_more_variables_go_in_one_message_than_the_station_takes(case: Case) -> None:
    limit = VariableRef(
        component=Component(name="DeviceDataCtrlr"),
        variable=Variable(name="ItemsPerMessage", instance="GetVariables"),
    )

    def four(request: Payload) -> Payload:
        answer = got(request)
        answer["getVariableResult"][0]["attributeValue"] = "4"
        return answer

    await asked(case, "GetVariables", GetVariables(variables=(limit,)), four)
    names = [f"V{number}" for number in range(5)]
    refs = tuple(VariableRef(component=THRESHOLD.component, variable=Variable(name=name)) for name in names)
    calls, command = await asked(case, "GetVariables", GetVariables(variables=refs), got)

    assert [len(call["getVariableData"]) for call in calls] == [4, 1]
    assert results(command) == [("Accepted", "1")] * 5


async def test_TC_B_09_CSMS_one_variable_is_set_and_the_result_shown(case: Case) -> None:
    request = SetVariables(settings=(VariableSetting(ref=THRESHOLD, value="123"),))
    calls, command = await asked(case, "SetVariables", request, set_to("Accepted"))

    assert calls == [{"setVariableData": [{"attributeValue": "123", **named(THRESHOLD)}]}]
    assert (command.state, results(command)) == ("accepted", [("Accepted", None)])


@pytest.mark.parametrize("status", ["Accepted", "RebootRequired", "Rejected", "UnknownComponent", "UnknownVariable"])
async def test_TC_B_10_CSMS_several_variables_are_set_in_one_message(case: Case, status: str) -> None:
    settings = (VariableSetting(ref=THRESHOLD, value="123"), VariableSetting(ref=REMOTE_START, value="false"))
    calls, command = await asked(case, "SetVariables", SetVariables(settings=settings), set_to(status))

    assert [len(call["setVariableData"]) for call in calls] == [2]
    assert command.state == ("accepted" if status in ("Accepted", "RebootRequired") else "rejected")
    assert (command.status, results(command)) == (status, [(status, None)] * 2)


@pytest.mark.parametrize(
    "base",
    [
        pytest.param("ConfigurationInventory", id="TC_B_12_CSMS"),
        pytest.param("FullInventory", id="TC_B_13_CSMS"),
        pytest.param("SummaryInventory", id="TC_B_14_CSMS"),
    ],
)
async def test_TC_B_12_CSMS_TC_B_13_CSMS_TC_B_14_CSMS_all_parts_of_a_base_report_are_taken_and_shown(
    case: Case, base: str
) -> None:
    (call,), command = await asked(case, "GetBaseReport", GetBaseReport(report_base=base), {"status": "Accepted"})
    assert (call["reportBase"], command.state) == (base, "accepted")
    assert call["requestId"] >= 0

    await part(case, call["requestId"], 0, "First", more=True)
    await part(case, call["requestId"], 1, "Second")

    assert await shown(case) == ["First", "Second"]
    await case.took_effect(command)


async def test_TC_B_18_CSMS_a_custom_report_may_be_empty_or_come_in_parts(newer_case: Case) -> None:
    case = newer_case
    question = ComponentVariable(
        component=Component(name="EVSE", evse=Evse(1)), variable=Variable(name="AvailabilityState")
    )
    problem = GetReport(criteria=("Problem",), component_variables=(question,))
    (call,), command = await asked(case, "GetReport", problem, {"status": "EmptyResultSet"})
    assert (call["componentCriteria"], call["componentVariable"]) == (["Problem"], [STATE])
    assert (command.state, command.status) == ("effect_seen", "EmptyResultSet")

    available = GetReport(criteria=("Available",), component_variables=(question,))
    (call,), command = await asked(case, "GetReport", available, {"status": "Accepted"})
    await part(case, call["requestId"], 0, "AvailabilityState")
    assert await shown(case) == ["AvailabilityState"]
    await case.took_effect(command)


@pytest.mark.parametrize("status", ["Rejected", "NotSupported"])
async def test_B07_a_report_that_is_refused_leaves_the_command_so(case: Case, status: str) -> None:
    _, command = await asked(case, "GetBaseReport", GetBaseReport(report_base="FullInventory"), {"status": status})
    assert (command.state, command.status) == ("rejected", status)


@pytest.mark.parametrize(
    ("action", "request_"),
    [
        ("GetVariables", GetVariables(variables=(THRESHOLD,))),
        ("SetVariables", SetVariables(settings=(VariableSetting(ref=THRESHOLD, value="1"),))),
        ("GetBaseReport", GetBaseReport(report_base="FullInventory")),
        ("GetReport", GetReport(criteria=("Problem",))),
    ],
)
async def test_B05_B06_B07_B08_an_error_or_an_answer_that_says_nothing_leaves_the_command_so(
    newer_case: Case, action: str, request_: Any
) -> None:
    case = newer_case
    command = await case.view.outcome(await case.view.ask(request_))  # NotSupported, as nothing is scripted
    assert command.state == "failed" and "NotSupported" in (command.detail or "")

    _, command = await asked(case, action, request_, {})
    assert (command.state, command.status) == ("rejected", "NoAnswer" if "Variables" in action else "Rejected")


async def test_B02_FR_01_a_pending_station_is_asked_for_a_report_and_may_send_only_that() -> None:
    async with csms_bench(PENDING) as bench:
        case = await Case.connect(bench, Version.V201, "StatusNotification")
        await case.station.boot()
        (call,), _ = await asked(
            case, "GetBaseReport", GetBaseReport(report_base="FullInventory"), {"status": "Accepted"}
        )
        await part(case, call["requestId"], 0, "First", more=True)
        await part(case, call["requestId"], 1, "Second")
        with pytest.raises(WireError) as refusal:
            await part(case, call["requestId"], 2, "Third")
        assert refusal.value.code == "SecurityError"
        assert await shown(case) == ["First", "Second"]
