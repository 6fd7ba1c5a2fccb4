"""Commands over the API."""

from decimal import Decimal
from typing import get_args

import pytest

from stationmaster.api.commands.command_drafts import CommandDraft
from stationmaster.csms.commands.kinds import KINDS, RawCall
from stationmaster.domain.authorization.clear_cache import ClearCache
from stationmaster.domain.cost.tariff_commands import ClearTariffs, GetTariffs
from stationmaster.domain.data_transfer import DataTransfer
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
from stationmaster.domain.diagnostics.log_upload import GetLog
from stationmaster.domain.display_message import (
    ClearDisplayMessage,
    GetDisplayMessages,
    MessageInfo,
    SetDisplayMessage,
)
from stationmaster.domain.identity import Evse, IdToken
from stationmaster.domain.local_list.entries import GetLocalListVersion
from stationmaster.domain.messages import (
    ChangeAvailability,
    RequestStartTransaction,
    RequestStopTransaction,
    Reset,
    TriggerMessage,
    UnlockConnector,
)
from stationmaster.domain.monitoring.monitors import (
    ClearVariableMonitoring,
    GetMonitoringReport,
    MonitorSetting,
    SetMonitoringBase,
    SetMonitoringLevel,
    SetVariableMonitoring,
)
from stationmaster.domain.payment.payments import NotifyWebPaymentStarted
from stationmaster.domain.priority_charging import UsePriorityCharging
from stationmaster.domain.texts import Text
from stationmaster.domain.transactions.transaction_status import GetTransactionStatus

PATH = "/api/v1/stations/1/commands"
LOOKED_UP = {"ChangeTransactionTariff", "CostUpdated", "SendLocalList", "SetDefaultTariff"}
"""These need a tariff, a cost or a list: tests/acceptance/test_cost_commands.py and test_local_list.py give them."""
POWER = VariableRef(component=Component(name="EVSE", evse=Evse(1)), variable=Variable(name="Power"))
GIVEN = [
    ({"type": "GetTariffs", "evse_id": 2}, GetTariffs(evse_id=2)),
    ({"type": "ClearTariffs", "tariff_ids": ["night.7"]}, ClearTariffs(tariff_ids=("night.7",))),
    ({"type": "GetLocalListVersion"}, GetLocalListVersion()),
    (
        {"type": "UsePriorityCharging", "transaction": 10, "activate": True},
        UsePriorityCharging(transaction_id="wire-10", activate=True),
    ),
    (
        {"type": "NotifyWebPaymentStarted", "evse_id": 1, "timeout_s": 60},
        NotifyWebPaymentStarted(evse_id=1, timeout_s=60),
    ),
    (
        {
            "type": "RequestStartTransaction",
            "id_token": {"value": "04A1", "type": "ISO14443"},
            "evse_id": 2,
            "group": "FLEET",
        },
        RequestStartTransaction(
            id_token=IdToken("04A1", "ISO14443"), remote_start_id=0, evse=Evse(2), group=IdToken("FLEET", "Central")
        ),
    ),
    ({"type": "RequestStopTransaction", "transaction": 10}, RequestStopTransaction(transaction_id="wire-10")),
    ({"type": "RequestStopTransaction", "transaction_id": "abc"}, RequestStopTransaction(transaction_id="abc")),
    ({"type": "UnlockConnector", "evse_id": 1}, UnlockConnector(evse=Evse(1, 1))),
    (
        {"type": "GetLog", "log_type": "SecurityLog", "location": "ftp://h/x/", "retries": 2},
        GetLog(log_type="SecurityLog", location="ftp://h/x/", retries=2),
    ),
    (
        {"type": "DataTransfer", "vendor_id": "com.example", "message_id": "m", "data": {"a": [1]}},
        DataTransfer(vendor_id="com.example", message_id="m", data={"a": [1]}),
    ),
    ({"type": "Reset", "reset_type": "OnIdle"}, Reset(type="OnIdle")),
    (
        {"type": "TriggerMessage", "requested": "StatusNotification", "evse_id": 1, "connector_id": 2},
        TriggerMessage(requested="StatusNotification", evse=Evse(1, 2)),
    ),
    ({"type": "ChangeAvailability", "operative": False}, ChangeAvailability(operative=False)),
    (
        {"type": "SetDisplayMessage", "id": 3, "message": {"content": "Hi"}, "state": "Idle"},
        SetDisplayMessage(
            info=MessageInfo(id=3, priority="NormalCycle", message=Text(content="Hi"), state="Idle"),
        ),
    ),
    ({"type": "GetDisplayMessages", "ids": [3]}, GetDisplayMessages(ids=(3,))),
    ({"type": "ClearDisplayMessage", "id": 3}, ClearDisplayMessage(id=3)),
    (
        {"type": "GetVariables", "variables": [{"component": "EVSE", "evse_id": 1, "variable": "Power"}]},
        GetVariables(variables=(POWER,)),
    ),
    (
        {"type": "SetVariables", "settings": [{"component": "EVSE", "evse_id": 1, "variable": "Power", "value": "1"}]},
        SetVariables(settings=(VariableSetting(ref=POWER, value="1"),)),
    ),
    ({"type": "GetTransactionStatus", "transaction": 10}, GetTransactionStatus(transaction_id="wire-10")),
    ({"type": "ClearCache"}, ClearCache()),
    ({"type": "GetBaseReport", "report_base": "FullInventory"}, GetBaseReport(report_base="FullInventory")),
    ({"type": "GetReport", "criteria": ["Problem"]}, GetReport(criteria=("Problem",))),
    (
        {
            "type": "SetVariableMonitoring",
            "monitors": [{"component": "EVSE", "evse_id": 1, "variable": "Power", "type": "Delta", "value": 1.5}],
        },
        SetVariableMonitoring(
            monitors=(
                MonitorSetting(
                    component=POWER.component, variable=POWER.variable, type="Delta", value=Decimal("1.5"), severity=5
                ),
            )
        ),
    ),
    ({"type": "ClearVariableMonitoring", "ids": [3, 4]}, ClearVariableMonitoring(ids=(3, 4))),
    ({"type": "SetMonitoringBase", "base": "FactoryDefault"}, SetMonitoringBase(base="FactoryDefault")),
    ({"type": "SetMonitoringLevel", "severity": 4}, SetMonitoringLevel(severity=4)),
    (
        {"type": "GetMonitoringReport", "component_variables": [{"component": "EVSE", "evse_id": 1}]},
        GetMonitoringReport(component_variables=(ComponentVariable(component=POWER.component),)),
    ),
]


@pytest.fixture(autouse=True)
def station(world):
    world.add_station(1)
    world.add_station(2)
    world.add_transaction(10)
    world.add_transaction(20, station_key=2)


@pytest.mark.parametrize(("body", "request_"), GIVEN, ids=[body["type"] for body, _ in GIVEN])
async def test_a_command_is_stored_and_can_be_followed(world, operator, body, request_):
    answer = await operator.post(PATH, json=body)
    assert answer.status_code == 201
    assert world.commands.submitted == [(request_, "operator of default", None)]
    assert answer.headers["location"] == f"{PATH}/501"
    told = (await operator.get(answer.headers["location"])).json()
    assert (told["type"], told["state"], told["requested_by"]) == (body["type"], "queued", "operator of default")
    assert world.commands.waits == []


def test_every_kind_of_command_can_be_given():
    """Those that a resource of their own gives stand beside their test."""
    drafts = {draft.__struct_config__.tag for draft in get_args(CommandDraft)}
    assert {body["type"] for body, _ in GIVEN} | LOOKED_UP == drafts <= set(KINDS)


@pytest.mark.parametrize("named", [{}, {"transaction_id": "abc"}])
async def test_a_station_is_asked_for_one_transaction_or_for_all(world, operator, named):
    await operator.post(PATH, json={"type": "GetTransactionStatus", **named})
    assert world.commands.submitted[0][0] == GetTransactionStatus(transaction_id=named.get("transaction_id"))


async def test_waiting_answers_with_what_became_of_it(world, operator):
    world.commands.ending = {"state": "accepted", "status": "Accepted"}
    told = (await operator.post(f"{PATH}?wait=2.5", json=GIVEN[7][0])).json()
    assert (told["state"], told["status"]) == ("accepted", "Accepted")
    assert (await operator.get(f"{PATH}/501?wait=7")).json()["state"] == "accepted"
    assert world.commands.waits == [2.5, 7]


@pytest.mark.parametrize("wait", ["-1", "121", "forever", "nan"])
async def test_nobody_waits_longer_than_two_minutes(world, operator, wait):
    assert (await operator.post(f"{PATH}?wait={wait}", json=GIVEN[7][0])).status_code == 422
    assert world.commands.submitted == []


async def test_a_command_may_wait_for_a_station_that_is_away(world, operator):
    await operator.post(PATH, json={"type": "Reset", "reset_type": "OnIdle", "lifetime_s": 3600})
    assert world.commands.submitted[0][2] == 3600


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({"type": "Explode"}, "body.type"),
        ({"reset_type": "OnIdle"}, "body.type"),
        ({"type": "Reset", "reset_type": "Hard"}, "body.reset_type"),
        ({"type": "Reset", "reset_type": "OnIdle", "lifetime_s": 90_000}, "body.lifetime_s"),
        ({"type": "UnlockConnector", "evse_id": 0}, "body.evse_id"),
        ({"type": "RequestStartTransaction", "id_token": {"value": ""}}, "body.id_token.value"),
        ({"type": "RequestStopTransaction"}, "body.transaction"),
        ({"type": "RequestStopTransaction", "transaction": 10, "transaction_id": "a"}, "body.transaction"),
        ({"type": "RequestStopTransaction", "transaction": 20}, "body.transaction"),
        ({"type": "RequestStopTransaction", "transaction": 999}, "body.transaction"),
        ({"type": "GetTransactionStatus", "transaction": 10, "transaction_id": "a"}, "body.transaction"),
        ({"type": "GetTransactionStatus", "transaction": 20}, "body.transaction"),
        ({"type": "TriggerMessage", "requested": "no such; thing"}, "body.requested"),
    ],
)
async def test_what_is_no_command_is_not_given(world, operator, body, path):
    answer = await operator.post(PATH, json=body)
    assert answer.status_code == 422
    assert [error["path"] for error in answer.json()["errors"]] == [path]
    assert world.commands.submitted == []


async def test_commands_are_listed_by_state(world, viewer, operator):
    await operator.post(PATH, json=GIVEN[7][0])
    found = (await viewer.get(f"{PATH}?state=queued")).json()["items"]
    assert [command["key"] for command in found] == [501]
    assert (world.queries.asked[-1].station_key, world.queries.asked[-1].state) == (1, "queued")


async def test_a_command_belongs_to_its_station(world, operator):
    await operator.post(PATH, json=GIVEN[7][0])
    assert (await operator.get("/api/v1/stations/2/commands/501")).status_code == 404


async def test_what_a_raw_call_holds_is_shown_to_administrators_only(world, viewer, administrator):
    call = RawCall(action="ChangeConfiguration", payload={"key": "AuthorizationKey", "value": "secret"})
    await world.commands.submit("default", 1, call)
    for path in (PATH, f"{PATH}/501"):
        assert "ChangeConfiguration" in (await viewer.get(path)).text
        assert "AuthorizationKey" not in (await viewer.get(path)).text
        assert "AuthorizationKey" in (await administrator.get(path)).text
        assert "secret" not in (await administrator.get(path)).text
