"""C25 What is known of the way in which a station makes its codes, by what became of the command that told it."""

from datetime import UTC, datetime
from typing import Any

import pytest

from stationmaster.csms.blocks.web_payment import Codes, codes_of, setting_up, with_web_payments
from stationmaster.csms.commands.hooks import CommandHook
from stationmaster.csms.settings import WebPaymentPolicy
from stationmaster.domain.command import Command
from stationmaster.domain.decision import Decision
from stationmaster.domain.device_model.addresses import SetVariables, VariableResult, VariablesAnswer, VariableSetting
from stationmaster.domain.records import Oddity
from stationmaster.domain.station import Station, StationState

AT = datetime(2026, 3, 1, tzinfo=UTC)
STATION = Station(key=7, tenant="default", identity="CS-1", created_at=AT)
COMMAND = Command(
    key=20, station_key=7, tenant="default", kind="SetVariables", request={}, created_at=AT, expires_at=AT
)
POLICY = WebPaymentPolicy(template="https://pay.example/{chargingstationid}/{totp}/{version}")
OLD, NEW = Codes(17, 60, 12), Codes(20, 30, 8)
HOOK = with_web_payments(CommandHook(), lambda station, generation: f"secret {station}.{generation}")


def knowing(*codes: Codes) -> StationState:
    told = ",".join(f"{each.generation}:{each.validity_s}:{each.length}" for each in codes)
    return StationState(station=STATION, learned={"web_payment_codes": told} if told else {})


def answered(request: SetVariables, **others: str) -> VariablesAnswer:
    results = [
        VariableResult(ref=each.ref, status=others.get(each.ref.variable.name, "Accepted")) for each in request.settings
    ]
    return VariablesAnswer(status="Accepted", results=tuple(results))


def after(state: StationState, decision: Decision | None) -> tuple[Codes, ...]:
    return codes_of(state if decision is None or decision.state is None else decision.state)


def test_the_secret_is_put_in_when_the_message_leaves_and_not_before() -> None:
    request = setting_up(POLICY, 20)
    assert "secret" not in repr(request).lower().replace("sharedsecret", "")
    assert HOOK.complete is not None
    sent = {each.ref.variable.name: each.value for each in HOOK.complete(knowing(), request, COMMAND).settings}  # type: ignore[attr-defined]
    assert (sent["SharedSecret"], sent["ValidityTime"]) == ("secret 7.20", "30")


def test_while_it_is_under_way_both_may_be_the_one() -> None:
    state, request = knowing(OLD), setting_up(POLICY, 20)
    assert HOOK.before is not None
    assert after(state, HOOK.before(state, AT, request=request, command=COMMAND)) == (OLD, NEW)


def test_what_was_accepted_is_the_one() -> None:
    state, request = knowing(OLD, NEW), setting_up(POLICY, 20)
    assert HOOK.after is not None
    decision = HOOK.after(state, AT, request=request, answer=answered(request), command=COMMAND)
    assert after(state, decision) == (NEW,)


def test_only_the_newest_ways_are_remembered() -> None:
    many = tuple(Codes(number, 30, 8) for number in range(1, 9))
    assert HOOK.before is not None
    decision = HOOK.before(knowing(*many), AT, request=setting_up(POLICY, 20), command=COMMAND)
    assert after(knowing(), decision) == (*many[-3:], NEW)


@pytest.mark.parametrize(("name", "value"), [("ValidityTime", "0"), ("ValidityTime", "9" * 50), ("Length", "1")])
def test_a_way_in_which_no_codes_can_be_made_is_none(name: str, value: str) -> None:
    (of_codes,) = [each for each in setting_up(POLICY, 1).settings if each.ref.variable.name == name]
    request = SetVariables(settings=(VariableSetting(ref=of_codes.ref, value=value),))
    assert HOOK.after is not None
    decision = HOOK.after(knowing(OLD), AT, request=request, answer=answered(request), command=COMMAND)
    assert after(knowing(OLD), decision) == ()


def test_other_variables_change_nothing() -> None:
    request = SetVariables(settings=())
    state = knowing(OLD)
    for hook, more in ((HOOK.before, {}), (HOOK.after, {"answer": answered(request)})):
        assert hook is not None
        assert hook(state, AT, request=request, command=COMMAND, **more) is None


def test_what_else_is_done_about_the_command_is_done_too() -> None:
    odd = Oddity(station_key=7, at=AT, kind="test", action=None, detail="seen")

    def note(state: StationState, at: datetime, **_: Any) -> Decision:
        return Decision(records=(odd,))

    def emptied(state: StationState, request: SetVariables, command: Command) -> SetVariables:
        return SetVariables(settings=tuple(VariableSetting(ref=each.ref, value="x") for each in request.settings))

    hook = with_web_payments(CommandHook(before=note, after=note, complete=emptied), lambda *_: "")
    request = setting_up(POLICY, 20)
    made = [
        hook.before and hook.before(knowing(), AT, request=request, command=COMMAND),
        hook.after and hook.after(knowing(), AT, request=request, command=COMMAND, answer=answered(request)),
    ]
    assert all(each is not None and odd in each.records for each in made)
    assert hook.complete is not None
    assert {each.value for each in hook.complete(knowing(), request, COMMAND).settings} == {"x"}  # type: ignore[attr-defined]
