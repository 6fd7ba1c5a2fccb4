"""B05, B06 as the CSMS sees them: what a station answers of its variables is kept, and learned from."""

from collections.abc import Mapping
from datetime import datetime

from stationmaster.csms.blocks.learning import learn
from stationmaster.csms.commands.hooks import CommandHook
from stationmaster.domain.command import Command
from stationmaster.domain.decision import Decision
from stationmaster.domain.device_model.addresses import (
    GetVariables,
    SetVariables,
    VariableRef,
    VariableResult,
    VariablesAnswer,
    name_of,
)
from stationmaster.domain.device_model.variables import NETWORK_PRIORITY, REBOOT_REQUIRED, VariableValue, learned_from
from stationmaster.domain.messages import Request
from stationmaster.domain.records import Record
from stationmaster.domain.secret_names import is_secret
from stationmaster.domain.station import StationState

_AGREED = frozenset({"Accepted", "RebootRequired"})


def _variables_answered(
    state: StationState, at: datetime, *, request: Request, answer: VariablesAnswer, command: Command
) -> Decision | None:
    """Keep what was told or set. A value that may not be read, or is a secret, is not."""
    asked = {setting.ref: setting.value for setting in request.settings} if isinstance(request, SetVariables) else {}
    records: list[Record] = []
    learned: dict[str, str] = {}
    for result in answer.results:
        value = asked.get(result.ref, result.value) if asked else result.value
        if result.status not in _AGREED or value is None:
            continue
        learned |= learned_from(result.ref, value)
        if asked and result.status == "RebootRequired":
            learned[REBOOT_REQUIRED] = "yes"
        if _may_be_kept(result):
            records.append(_value(state, result, value, at, is_set=bool(asked)))
    more, known = learn(state, learned)
    return Decision(records=(*records, *more), state=known) if records or more else None


def _may_be_kept(result: VariableResult) -> bool:
    return not is_secret(result.ref.variable.name) and result.mutability != "WriteOnly"


def _value(state: StationState, result: VariableResult, value: str, at: datetime, *, is_set: bool) -> VariableValue:
    return VariableValue(
        station_key=state.key,
        ref=result.ref,
        value=value,
        told_at=at,
        source="set" if is_set else "get",
        mutability=result.mutability,
    )


def _objection_to_setting(state: StationState, request: SetVariables) -> str | None:
    seen: set[VariableRef] = set()
    for setting in request.settings:
        if setting.ref in seen:
            return f"{name_of(setting.ref)} is set twice (B05.FR.13)"
        seen.add(setting.ref)
    in_use = [slot.strip() for slot in state.learned.get(NETWORK_PRIORITY, "").split(",")]
    for setting in request.settings:
        component = setting.ref.component
        if component.name == "NetworkConfiguration" and component.instance in in_use:
            return f"network profile {component.instance} is in use (B09.FR.21)"
    return None


HOOKS: Mapping[type[Request], CommandHook] = {
    GetVariables: CommandHook(after=_variables_answered),
    SetVariables: CommandHook(objection=_objection_to_setting, after=_variables_answered),
}
