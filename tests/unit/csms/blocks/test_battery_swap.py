from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest

from stationmaster.csms.blocks.battery_swap import HOOKS, MAX_KNOWN, BatterySwapBlock
from stationmaster.csms.settings import CsmsSettings, TenantPolicy
from stationmaster.domain.battery_swap import Battery, BatterySwap, RequestBatterySwap
from stationmaster.domain.command import Command
from stationmaster.domain.decision import Decision
from stationmaster.domain.identity import IdToken
from stationmaster.domain.messages import CommandAnswer
from stationmaster.domain.station import Station, StationState
from stationmaster.simulator.battery_slots import new_battery

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
CARD = IdToken("04AABBCC", "ISO14443")
ASKED = RequestBatterySwap(id_token=CARD, request_id=7)
COMMAND = Command(
    key=99, station_key=7, tenant="default", kind="RequestBatterySwap", request={}, created_at=NOW, expires_at=NOW
)
HOOK: Any = HOOKS[RequestBatterySwap]


class Numbers:
    def __init__(self) -> None:
        self._numbers = count(100)

    def take(self) -> int:
        return next(self._numbers)


class Desk:
    def __init__(self, least_soh: int = 0) -> None:
        policy = TenantPolicy(least_battery_soh_pct=least_soh)
        self.block = BatterySwapBlock(Numbers(), CsmsSettings(default_policy=policy))
        self.state = StationState(station=Station(key=7, tenant="default", identity="CS-7", created_at=NOW))
        self.last = Decision()

    def take(self, decision: Decision | None) -> None:
        self.last = decision or Decision()
        self.state = self.last.state or self.state

    def hear(self, event: str, *batteries: Battery, after_s: float = 0, request_id: int = 7) -> None:
        request = BatterySwap(event=event, request_id=request_id, id_token=CARD, batteries=batteries)
        self.take(self.block(self.state, request, NOW + timedelta(seconds=after_s)))

    @property
    def swaps(self) -> list[tuple[int, str, list[str], list[str]]]:
        return [
            (swap.key, swap.state, [b.serial_number for b in swap.brought], [b.serial_number for b in swap.taken])
            for swap in self.state.swaps
        ]


A, B = new_battery("A", 10, soh_pct=60), new_battery("B", 95)


def test_s02_fr_02_a_swap_that_was_asked_for_goes_on_with_its_events() -> None:
    desk = Desk()
    desk.take(HOOK.before(desk.state, NOW, request=ASKED, command=COMMAND))
    assert desk.swaps == [(99, "requested", [], [])]
    desk.hear("BatteryIn", A)
    desk.hear("BatteryOut", B)
    assert desk.swaps == [(99, "done", ["A"], ["B"])]


def test_s01_a_swap_of_the_station_s_own_begins_with_its_first_event() -> None:
    desk = Desk()
    desk.hear("BatteryIn", A)
    desk.hear("BatteryOutTimeout", B)
    assert desk.swaps == [(100, "out_timeout", ["A"], [])]
    desk.hear("BatteryOut", B)
    assert desk.swaps == [(100, "done", ["A"], ["B"])]


def test_the_other_way_round_is_a_swap_too() -> None:
    desk = Desk()
    desk.hear("BatteryOut", B)
    desk.hear("BatteryIn", A)
    assert desk.swaps == [(100, "done", ["A"], ["B"])]


def test_the_same_told_twice_changes_nothing() -> None:
    desk = Desk()
    desk.hear("BatteryIn", A)
    desk.hear("BatteryIn", A, after_s=60)
    assert (desk.swaps, desk.last) == ([(100, "in", ["A"], [])], Decision())


def test_a_number_that_comes_again_after_its_swap_is_another_one() -> None:
    desk = Desk()
    for after_s in (0, 3600):
        desk.hear("BatteryIn", A, after_s=after_s)
        desk.hear("BatteryOut", B, after_s=after_s)
    assert [swap[:2] for swap in desk.swaps] == [(100, "done"), (101, "done")]


def test_a_battery_of_too_little_health_is_marked_and_told_of() -> None:
    desk = Desk(least_soh=70)
    desk.hear("BatteryIn", A, B)
    assert desk.state.swaps[0].poor == ("A",)
    assert [event.kind for event in desk.last.events] == ["BatterySwapChanged", "BatteryRefused"]


@pytest.mark.parametrize(("outcome", "state"), [("unsupported", "refused"), ("timed_out", "requested")])
def test_a_request_without_an_answer(outcome: str, state: str) -> None:
    desk = Desk()
    desk.take(HOOK.before(desk.state, NOW, request=ASKED, command=COMMAND))
    desk.take(HOOK.unanswered(desk.state, NOW, request=ASKED, command=COMMAND, outcome=outcome))
    assert [swap[1] for swap in desk.swaps] == [state]


def test_s02_fr_04_a_station_refuses() -> None:
    desk = Desk()
    desk.take(HOOK.before(desk.state, NOW, request=ASKED, command=COMMAND))
    answer = CommandAnswer(status="Rejected", reason="NoBatteryAvailable")
    desk.take(HOOK.after(desk.state, NOW, request=ASKED, answer=answer, command=COMMAND))
    assert [swap[1] for swap in desk.swaps] == ["refused"]


def test_an_event_of_no_version_is_an_oddity() -> None:
    desk = Desk()
    desk.hear("Tea", A)
    assert (desk.swaps, [record.kind for record in desk.last.records]) == ([], ["swap_event"])  # type: ignore[union-attr]


def test_only_the_newest_are_kept_in_memory() -> None:
    desk = Desk()
    for number in range(MAX_KNOWN + 5):
        desk.hear("BatteryIn", A, request_id=number)
    assert len(desk.swaps) == MAX_KNOWN
