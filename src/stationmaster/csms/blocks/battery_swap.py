"""S Battery swap: what was brought to a station and taken from it, as one swap each.

A CSMS cannot refuse a battery by its answer, which is empty. One of too little health is marked, and told to whoever
listens.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import get_args

import msgspec

from stationmaster.csms.commands.hooks import CommandHook, Hooks
from stationmaster.csms.ports import Keys
from stationmaster.csms.settings import CsmsSettings
from stationmaster.domain.battery_swap import (
    BatterySwap,
    RequestBatterySwap,
    Swap,
    SwapEvent,
    SwapState,
    belongs,
    fold,
    is_repeat,
)
from stationmaster.domain.command import Command
from stationmaster.domain.decision import Decision
from stationmaster.domain.messages import CommandAnswer
from stationmaster.domain.records import Event, Oddity
from stationmaster.domain.station import StationState

MAX_KNOWN = 20
"""The newest of a station, for events to be found to belong to."""
_EVENTS: frozenset[str] = frozenset(get_args(SwapEvent))


@dataclass(frozen=True, slots=True)
class BatterySwapBlock:
    """S03.FR.01-.06."""

    keys: Keys
    settings: CsmsSettings

    def __call__(self, state: StationState, request: BatterySwap, at: datetime) -> Decision:
        if request.event not in _EVENTS:
            detail = f"{request.event[:50]} of swap {request.request_id}"
            odd = Oddity(station_key=state.key, at=at, kind="swap_event", action="BatterySwap", detail=detail)
            return Decision(records=(odd,))
        event = msgspec.convert(request.event, SwapEvent)
        newest = next((swap for swap in reversed(state.swaps) if swap.request_id == request.request_id), None)
        if newest is not None and is_repeat(newest, event, request.batteries, at):
            return Decision()
        begun = newest if newest is not None and belongs(newest, event) else self._new(state, request, at)
        swap = fold(begun, event, request.batteries, at)
        poor = self._poor(state.tenant, request) if event == "BatteryIn" else ()
        swap = msgspec.structs.replace(swap, poor=(*swap.poor, *poor))
        refused = (_event(state, "BatteryRefused", swap, at, reason="BatterySoHLow"),) if poor else ()
        return Decision(
            records=(swap,),
            events=(_event(state, "BatterySwapChanged", swap, at), *refused),
            state=_with(state, swap),
        )

    def _new(self, state: StationState, request: BatterySwap, at: datetime) -> Swap:
        """One that the station let begin by itself."""
        return Swap(
            key=self.keys.take(),
            tenant=state.tenant,
            station_key=state.key,
            request_id=request.request_id,
            id_token=request.id_token,
            state="requested",
            started_at=at,
            changed_at=at,
        )

    def _poor(self, tenant: str, request: BatterySwap) -> tuple[str, ...]:
        least = self.settings.policy(tenant).least_battery_soh_pct
        return tuple(battery.serial_number for battery in request.batteries if battery.soh_pct < least)


def is_sent(state: StationState, at: datetime, *, request: RequestBatterySwap, command: Command) -> Decision:
    """S02: known before the station can tell of it."""
    swap = Swap(
        key=command.key,
        tenant=state.tenant,
        station_key=state.key,
        request_id=request.request_id,
        id_token=request.id_token,
        state="requested",
        started_at=at,
        changed_at=at,
    )
    return _decided(state, swap, at)


def is_answered(
    state: StationState, at: datetime, *, request: RequestBatterySwap, answer: CommandAnswer, command: Command
) -> Decision | None:
    return None if answer.status == "Accepted" else _refused(state, at, command)


def is_not_answered(
    state: StationState, at: datetime, *, request: RequestBatterySwap, command: Command, outcome: str
) -> Decision | None:
    """The station may have taken it all the same, unless it never got it."""
    return _refused(state, at, command) if outcome in ("unsupported", "failed") else None


HOOKS: Hooks = {
    RequestBatterySwap: CommandHook(before=is_sent, after=is_answered, unanswered=is_not_answered),
}


def _refused(state: StationState, at: datetime, command: Command) -> Decision | None:
    swap = next((swap for swap in state.swaps if swap.key == command.key and swap.state == "requested"), None)
    if swap is None:
        return None
    refused: SwapState = "refused"
    return _decided(state, msgspec.structs.replace(swap, state=refused, changed_at=at), at)


def _decided(state: StationState, swap: Swap, at: datetime) -> Decision:
    event = _event(state, "BatterySwapChanged", swap, at)
    return Decision(records=(swap,), events=(event,), state=_with(state, swap))


def _with(state: StationState, swap: Swap) -> StationState:
    others = tuple(known for known in state.swaps if known.key != swap.key)
    return msgspec.structs.replace(state, swaps=(*others, swap)[-MAX_KNOWN:])


def _event(state: StationState, kind: str, swap: Swap, at: datetime, **more: str) -> Event:
    data = {
        "swap": swap.key,
        "request_id": swap.request_id,
        "state": swap.state,
        "brought": [battery.serial_number for battery in swap.brought],
        "taken": [battery.serial_number for battery in swap.taken],
        "poor": list(swap.poor),
        **more,
    }
    return Event(kind=kind, tenant=state.tenant, station_key=state.key, at=at, data=data)
