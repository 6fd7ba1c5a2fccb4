"""1.6 §5.3 ChangeConfiguration and §5.8 GetConfiguration, as an operator uses them."""

from typing import Any

import pytest
from case_16 import Case16

from stationmaster.dialects.v1.configuration_keys import key_named
from stationmaster.domain.command import Command
from stationmaster.domain.device_model.addresses import (
    GetBaseReport,
    GetReport,
    GetVariables,
    SetVariables,
    VariableSetting,
)
from stationmaster.testing.wire import Payload

INTERVAL = key_named("HeartbeatInterval").ref
VENDOR = key_named("VendorKey").ref


def value(key: str, value: str, readonly: bool = False) -> Payload:
    return {"key": key, "value": value, "readonly": readonly}


async def asked(case: Case16, action: str, request: Any, answer: Any) -> tuple[list[Payload], Command]:
    """The calls that a command made, and how it ended."""
    calls: list[Payload] = []

    def told(payload: Payload) -> Any:
        calls.append(payload)
        return answer(payload) if callable(answer) else answer

    case.client.on(action, told)
    return calls, await case.view.outcome(await case.view.ask(request))


def results(command: Command) -> list[tuple[str, str | None]]:
    assert command.answer is not None
    return [(result["status"], result.get("value")) for result in command.answer["results"]]


async def test_5_8_keys_are_asked_for_by_name_and_their_values_shown(case: Case16) -> None:
    answer = {"configurationKey": [value("HeartbeatInterval", "300")], "unknownKey": ["VendorKey"]}
    calls, command = await asked(case, "GetConfiguration", GetVariables(variables=(INTERVAL, VENDOR)), answer)
    assert calls == [{"key": ["HeartbeatInterval", "VendorKey"]}]
    assert results(command) == [("Accepted", "300"), ("UnknownVariable", None)]
    assert [known.variable.name for known in await case.view.variables()] == ["HeartbeatInterval"]


async def test_5_8_without_a_key_all_of_them_are_told_and_what_is_gone_is_forgotten(case: Case16) -> None:
    await asked(
        case, "GetConfiguration", GetVariables(variables=(VENDOR,)), {"configurationKey": [value("VendorKey", "x")]}
    )
    whole = {"configurationKey": [value("HeartbeatInterval", "300"), value("NumberOfConnectors", "2", readonly=True)]}
    calls, command = await asked(case, "GetConfiguration", GetBaseReport(report_base="FullInventory"), whole)
    assert (calls, command.state) == ([{}], "effect_seen")
    known = {item.variable.name: item.attributes[0].mutability for item in await case.view.variables()}
    assert known == {"HeartbeatInterval": "ReadWrite", "NumberOfConnectors": "ReadOnly"}


async def test_GetConfigurationMaxKeys_bounds_the_keys_of_one_request(case: Case16) -> None:
    limit = key_named("GetConfigurationMaxKeys").ref
    told = {"configurationKey": [value("GetConfigurationMaxKeys", "1", readonly=True)]}
    await asked(case, "GetConfiguration", GetVariables(variables=(limit,)), told)
    calls, _ = await asked(
        case,
        "GetConfiguration",
        GetVariables(variables=(INTERVAL, VENDOR)),
        lambda request: {"unknownKey": request["key"]},
    )
    assert calls == [{"key": ["HeartbeatInterval"]}, {"key": ["VendorKey"]}]


@pytest.mark.parametrize(
    ("said", "state", "status"),
    [
        ("Accepted", "accepted", "Accepted"),
        ("RebootRequired", "accepted", "RebootRequired"),
        ("Rejected", "rejected", "Rejected"),
        ("NotSupported", "rejected", "UnknownVariable"),
    ],
)
async def test_5_3_a_key_is_changed_and_the_station_s_word_shown(
    case: Case16, said: str, state: str, status: str
) -> None:
    request = SetVariables(settings=(VariableSetting(ref=INTERVAL, value="60"),))
    calls, command = await asked(case, "ChangeConfiguration", request, {"status": said})
    assert calls == [{"key": "HeartbeatInterval", "value": "60"}]
    assert (command.state, command.status) == (state, status)
    assert bool(await case.view.variables()) is (state == "accepted")


async def test_5_3_several_keys_are_changed_one_after_another(case: Case16) -> None:
    request = SetVariables(settings=(VariableSetting(ref=VENDOR, value="x"), VariableSetting(ref=INTERVAL, value="60")))
    answer: Any = lambda told: {"status": "Accepted" if told["key"] == "HeartbeatInterval" else "Rejected"}  # noqa: E731
    calls, command = await asked(case, "ChangeConfiguration", request, answer)
    assert [call["key"] for call in calls] == ["VendorKey", "HeartbeatInterval"]
    assert results(command) == [("Rejected", None), ("Accepted", None)]


async def test_keys_of_the_security_whitepaper_tell_that_its_messages_may_be_sent(case: Case16) -> None:
    told = {"configurationKey": [value("SecurityProfile", "1")]}
    await asked(case, "GetConfiguration", GetBaseReport(report_base="FullInventory"), told)
    desk = case.bench.csms.directory.get(case.view.key)
    assert desk is not None and "SecurityExtension" in desk.facts().capabilities


async def test_a_key_that_is_written_only_is_never_stored_or_shown(case: Case16) -> None:
    key = key_named("AuthorizationKey").ref
    request = SetVariables(settings=(VariableSetting(ref=key, value="00112233445566778899aabbccddeeff"),))
    calls, command = await asked(case, "ChangeConfiguration", request, {"status": "Accepted"})
    assert calls[0]["value"] == "00112233445566778899aabbccddeeff"
    assert "00112233" not in repr(await case.view.command(command))
    assert await case.view.variables() == ()


@pytest.mark.parametrize("request_", [GetBaseReport(report_base="SummaryInventory"), GetReport(criteria=("Problem",))])
async def test_what_1_6_has_no_words_for_is_told_the_operator(case: Case16, request_: Any) -> None:
    _, command = await asked(case, "GetConfiguration", request_, {})
    assert command.state == "unsupported" and command.detail


@pytest.mark.parametrize("action", ["GetConfiguration", "ChangeConfiguration"])
async def test_a_station_that_refuses_the_message_leaves_the_command_failed(case: Case16, action: str) -> None:
    request: Any = GetVariables(variables=(INTERVAL,))
    if action == "ChangeConfiguration":
        request = SetVariables(settings=(VariableSetting(ref=INTERVAL, value="1"),))
    command = await case.view.outcome(await case.view.ask(request))
    assert command.state == "failed" and "NotSupported" in (command.detail or "")
