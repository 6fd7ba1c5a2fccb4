"""C25 The codes in a station's QR codes: what they are made with, as far as the station took it.

A secret is set by SetVariables like any other variable, but what is stored in its place is the number of its generation
(``generation:17``): the secret itself is made when the message leaves, and again whenever a code is looked at. A new
one counts once the station has accepted it with all that belongs to it. Where its answer never came, nobody knows
which one it has: then both do.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import msgspec

from stationmaster.csms.blocks.learning import learn
from stationmaster.csms.commands.hooks import CommandHook
from stationmaster.csms.settings import WebPaymentPolicy
from stationmaster.domain.command import Command
from stationmaster.domain.decision import Decision
from stationmaster.domain.device_model.addresses import (
    Component,
    SetVariables,
    Variable,
    VariableRef,
    VariablesAnswer,
    VariableSetting,
)
from stationmaster.domain.payment import totp
from stationmaster.domain.station import StationState

SecretOf = Callable[[int, int], str]
"""The secret of a station (by key) in a generation."""

COMPONENT = "WebPaymentsCtrlr"
_CODES = "web_payment_codes"
_MARK = re.compile(r"generation:([1-9][0-9]{0,18})")
_MOST = 4
"""Ways of which it is not known which one the station took."""
_NOT_NEEDED = frozenset({"Enabled", "TOTPVersion"})
"""A station may have only one version, and no switch."""


class Codes(msgspec.Struct, frozen=True):
    """A way in which a station may be making its codes."""

    generation: int
    validity_s: int
    length: int

    @property
    def is_possible(self) -> bool:
        shortest, longest = totp.VALIDITY_S
        fewest, most = totp.LENGTH
        return shortest <= self.validity_s <= longest and fewest <= self.length <= most


def codes_of(state: StationState) -> tuple[Codes, ...]:
    """The ways in which a station may be making its codes, the newest last; none where it makes none of ours."""
    told = state.learned.get(_CODES, "")
    return tuple(Codes(*map(int, each.split(":"))) for each in told.split(",") if each)


def setting_up(policy: WebPaymentPolicy, generation: int) -> SetVariables:
    """What a station must be told to show codes of this generation: how they are made before the secret itself."""
    values = {
        "URLTemplate": policy.template,
        "TOTPVersion": totp.VERSION,
        "ValidityTime": str(policy.validity_s),
        "Length": str(policy.length),
        "SharedSecret": f"generation:{generation}",
        "Enabled": "true",
    }
    return SetVariables(settings=tuple(VariableSetting(ref=_ref(name), value=text) for name, text in values.items()))


def with_web_payments(hook: CommandHook, secret_of: SecretOf) -> CommandHook:
    """A hook of SetVariables that also sees to the secrets."""

    def before(state: StationState, at: datetime, *, request: SetVariables, command: Command) -> Decision | None:
        decided = None if hook.before is None else hook.before(state, at, request=request, command=command)
        asked = _asked(request)
        return decided if asked is None else _known(state, decided, (*codes_of(state), asked)[-_MOST:])

    def complete(state: StationState, request: SetVariables, command: Command) -> SetVariables:
        request = request if hook.complete is None else _completed(hook, state, request, command)
        settings = [_with_secret(each, command.station_key, secret_of) for each in request.settings]
        return msgspec.structs.replace(request, settings=tuple(settings))

    def after(
        state: StationState, at: datetime, *, request: SetVariables, answer: Any, command: Command
    ) -> Decision | None:
        decided = None if hook.after is None else hook.after(state, at, request=request, answer=answer, command=command)
        if not isinstance(answer, VariablesAnswer) or not _concerned(request):
            return decided
        return _known(state, decided, _taken(codes_of(state), request, answer))

    return replace(hook, before=before, complete=complete, after=after)


def _completed(hook: CommandHook, state: StationState, request: SetVariables, command: Command) -> SetVariables:
    assert hook.complete is not None
    made = hook.complete(state, request, command)
    assert isinstance(made, SetVariables)
    return made


def _with_secret(setting: VariableSetting, station_key: int, secret_of: SecretOf) -> VariableSetting:
    generation = _generation(setting)
    if generation is None:
        return setting
    return msgspec.structs.replace(setting, value=secret_of(station_key, generation))


def _generation(setting: VariableSetting) -> int | None:
    if setting.ref != _ref("SharedSecret"):
        return None
    marked = _MARK.fullmatch(setting.value)
    return None if marked is None else int(marked[1])


def _concerned(request: SetVariables) -> bool:
    return any(each.ref.component == Component(name=COMPONENT) for each in request.settings)


def _asked(request: SetVariables) -> Codes | None:
    """The way in which the station is to make its codes; None where that is not all in the request."""
    values = _values(request.settings)
    generation = next((found for each in request.settings if (found := _generation(each)) is not None), None)
    validity, length = values.get("ValidityTime", ""), values.get("Length", "")
    if generation is None or not (validity.isdecimal() and length.isdecimal()):
        return None
    return Codes(generation, int(validity), int(length))


def _taken(before: Sequence[Codes], request: SetVariables, answer: VariablesAnswer) -> tuple[Codes, ...]:
    """By what the station says of each variable. A secret that is not ours makes codes that nobody here can read."""
    took = {result.ref for result in answer.results if result.status in ("Accepted", "RebootRequired")}
    accepted = [each for each in request.settings if each.ref in took]
    asked, secret = _asked(request), _ref("SharedSecret")
    needed = [each for each in request.settings if each.ref.variable.name not in _NOT_NEEDED]
    if asked is not None and all(each in accepted for each in needed):
        return (asked,)
    if asked is not None:
        before = [each for each in before if each.generation != asked.generation]
    if any(each.ref == secret for each in accepted):
        return ()
    values = _values(accepted)
    return tuple(_with(each, values.get("ValidityTime"), values.get("Length")) for each in before)


def _with(codes: Codes, validity: str | None, length: str | None) -> Codes:
    return Codes(
        codes.generation,
        int(validity) if validity and validity.isdecimal() else codes.validity_s,
        int(length) if length and length.isdecimal() else codes.length,
    )


def _known(state: StationState, decided: Decision | None, codes: Sequence[Codes]) -> Decision:
    """A decision with this beside it. Codes of a kind that there cannot be are none of ours."""
    decided = decided or Decision()
    possible = [each for each in codes if each.is_possible]
    told = ",".join(f"{each.generation}:{each.validity_s}:{each.length}" for each in possible)
    records, known = learn(decided.state or state, {_CODES: told})
    return msgspec.structs.replace(decided, records=(*decided.records, *records), state=known)


def _values(settings: Sequence[VariableSetting]) -> dict[str, str]:
    own = Component(name=COMPONENT)
    return {each.ref.variable.name: each.value for each in settings if each.ref.component == own}


def _ref(variable: str) -> VariableRef:
    return VariableRef(component=Component(name=COMPONENT), variable=Variable(name=variable))
