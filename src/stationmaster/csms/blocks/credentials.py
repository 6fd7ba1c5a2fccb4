"""A01: a station that took a new password is known by it from then on."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

import msgspec

from stationmaster.csms.commands.hooks import CommandHook
from stationmaster.domain.command import Command
from stationmaster.domain.decision import Decision
from stationmaster.domain.device_model.addresses import CONFIGURATION_KEY, SetVariables, VariableRef, VariablesAnswer
from stationmaster.domain.records import Event
from stationmaster.domain.station import StationState

Hash = Callable[[str], str]

_PASSWORDS = {("SecurityCtrlr", "BasicAuthPassword"), (CONFIGURATION_KEY, "AuthorizationKey")}


def with_new_password(hook: CommandHook, hash_password: Hash) -> CommandHook:
    """A hook of SetVariables that also keeps what the station's password has become. What the station did not accept
    leaves the old one in force (A01.FR.03, .04)."""

    def after(
        state: StationState, at: datetime, *, request: SetVariables, answer: Any, command: Command
    ) -> Decision | None:
        decision = None
        if hook.after is not None:
            decision = hook.after(state, at, request=request, answer=answer, command=command)
        password = _accepted(request, answer)
        if password is None:
            return decision
        known = decision or Decision()
        now = known.state or state
        station = msgspec.structs.replace(now.station, password_hash=hash_password(password))
        return msgspec.structs.replace(
            known,
            records=(*known.records, station),
            events=(*known.events, _changed(state, at)),
            state=msgspec.structs.replace(now, station=station),
        )

    return replace(hook, after=after)


def _accepted(request: SetVariables, answer: Any) -> str | None:
    """The password that the station took; the last one where it took several."""
    if not isinstance(answer, VariablesAnswer):
        return None
    took = {result.ref for result in answer.results if result.status == "Accepted"}
    passwords = [item.value for item in request.settings if _is_password(item.ref) and item.ref in took]
    return passwords[-1] if passwords else None


def _is_password(ref: VariableRef) -> bool:
    return (ref.component.name, ref.variable.name) in _PASSWORDS


def _changed(state: StationState, at: datetime) -> Event:
    return Event(kind="StationPasswordChanged", tenant=state.tenant, station_key=state.key, at=at)
