"""What stations answer of their variables is kept, and what speaks against setting them."""

from datetime import UTC, datetime
from typing import Any

from stationmaster.csms.blocks.variables import HOOKS
from stationmaster.domain.command import Command
from stationmaster.domain.decision import Decision
from stationmaster.domain.device_model.addresses import (
    Component,
    GetVariables,
    SetVariables,
    Variable,
    VariableRef,
    VariableResult,
    VariablesAnswer,
    VariableSetting,
)
from stationmaster.domain.device_model.variables import VariableValue
from stationmaster.domain.station import Station, StationState

AT = datetime(2030, 1, 1, 12, tzinfo=UTC)
STATE = StationState(station=Station(key=1, tenant="default", identity="CS-1", created_at=AT))
COMMAND = Command(
    key=10, station_key=1, tenant="default", kind="GetVariables", request={}, created_at=AT, expires_at=AT
)


def ref(name: str, component: str = "C", instance: str | None = None) -> VariableRef:
    return VariableRef(component=Component(name=component), variable=Variable(name=name, instance=instance))


def after(request: Any, *results: VariableResult, state: StationState = STATE) -> Decision | None:
    hook = HOOKS[type(request)].after
    assert hook is not None
    answer = VariablesAnswer(status="Accepted", results=results)
    return hook(state, AT, request=request, answer=answer, command=COMMAND)


def test_B06_what_a_station_tells_of_a_variable_is_kept() -> None:
    request = GetVariables(variables=(ref("A"), ref("B"), ref("C")))
    decision = after(
        request,
        VariableResult(ref=ref("A"), status="Accepted", value="1", mutability="ReadOnly"),
        VariableResult(ref=ref("B"), status="UnknownVariable"),
        VariableResult(ref=ref("SimPin"), status="Accepted", value="1234"),
    )
    assert decision is not None
    (kept,) = decision.records
    assert kept == VariableValue(
        station_key=1, ref=ref("A"), value="1", told_at=AT, source="get", mutability="ReadOnly"
    )


def test_B05_what_was_set_is_known_and_what_was_refused_is_not() -> None:
    request = SetVariables(
        settings=(VariableSetting(ref=ref("A"), value="7"), VariableSetting(ref=ref("B"), value="8"))
    )
    decision = after(
        request,
        VariableResult(ref=ref("A"), status="RebootRequired"),
        VariableResult(ref=ref("B"), status="Rejected"),
    )
    assert decision is not None and decision.state is not None
    assert [(r.ref, r.value, r.source) for r in decision.records if isinstance(r, VariableValue)] == [
        (ref("A"), "7", "set")
    ]
    assert decision.state.learned == {"reboot_required": "yes"}


def test_nothing_to_keep_is_nothing_decided() -> None:
    assert after(GetVariables(variables=(ref("A"),)), VariableResult(ref=ref("A"), status="Rejected")) is None


def test_B05_FR_13_the_same_attribute_is_not_set_twice_in_one_request() -> None:
    twice = SetVariables(settings=(VariableSetting(ref=ref("A"), value="1"), VariableSetting(ref=ref("A"), value="2")))
    assert "B05.FR.13" in (HOOKS[SetVariables].objects(STATE, twice) or "")


def test_B09_FR_21_a_network_profile_in_use_is_not_changed_by_its_variables() -> None:
    state = STATE.with_learned({"told:NetworkConfigurationPriority": "1, 2"})

    def objection(slot: str) -> str | None:
        place = VariableRef(
            component=Component(name="NetworkConfiguration", instance=slot), variable=Variable(name="OcppCsmsUrl")
        )
        return HOOKS[SetVariables].objects(state, SetVariables(settings=(VariableSetting(ref=place, value="x"),)))

    assert "B09.FR.21" in (objection("2") or "")
    assert objection("3") is None
