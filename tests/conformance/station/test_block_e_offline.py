"""E Transactions, as certification tests a station: without a line, and without an answer (E04, E08, E11-E13)."""

from itertools import pairwise

import pytest
from said import TxEvent
from scripted_csms import Answer, CallError, Payload
from station_case import CARD, CARD_2, StationCase
from station_tokens import group

INTERVAL_S, TIMEOUT_S = 20, 30


def retries(case: StationCase, attempts: int, answers: list[Answer | str]) -> None:
    """T answers the first messages so, everything after them as usual."""
    case.set(
        OCPPCommCtrlr__MessageAttempts__TransactionEvent=str(attempts),
        OCPPCommCtrlr__MessageAttemptInterval__TransactionEvent=str(INTERVAL_S),
        OCPPCommCtrlr__MessageTimeout__Default=str(TIMEOUT_S),
    )
    usual, left = case.csms.script["TransactionEvent"], list(answers)

    def answer(payload: Payload) -> Answer:
        said = left.pop(0) if left else "usual"
        return usual(payload) if isinstance(said, str) else said

    case.csms.script["TransactionEvent"] = answer


def gaps(events: list[TxEvent]) -> list[float]:
    return [later.at - sooner.at for sooner, later in pairwise(events)]


def the_same(events: list[TxEvent]) -> bool:
    return len({(event.tx, event.seq_no) for event in events}) == 1


async def test_TC_E_41_CS_what_is_never_answered_is_sent_so_often_and_no_more(case: StationCase) -> None:
    retries(case, 3, [None] * 3)

    said = await case.plug() + await case.wait(600)

    assert len(said.events) == 3 and the_same(said.events)
    assert gaps(said.events) == pytest.approx([INTERVAL_S + TIMEOUT_S, 2 * INTERVAL_S + TIMEOUT_S])


async def test_TC_E_42_CS_an_answer_ends_the_sending(case: StationCase) -> None:
    retries(case, 3, [None])

    said = await case.plug() + await case.wait(600)

    assert len(said.events) == 2 and the_same(said.events)


async def test_TC_E_50_CS_what_is_answered_with_an_error_is_sent_so_often_and_no_more(case: StationCase) -> None:
    retries(case, 4, [CallError("InternalError")] * 4)

    said = await case.plug() + await case.wait(600)

    assert len(said.events) == 4 and the_same(said.events)
    assert gaps(said.events) == pytest.approx([INTERVAL_S, 2 * INTERVAL_S, 3 * INTERVAL_S])


async def test_TC_E_51_CS_an_answer_after_an_error_ends_the_sending(case: StationCase) -> None:
    retries(case, 3, [CallError("InternalError")])

    said = await case.plug() + await case.wait(600)

    assert len(said.events) == 2 and the_same(said.events)


async def test_E13_FR_04_after_the_last_attempt_the_next_message_goes(case: StationCase) -> None:
    retries(case, 2, [CallError("InternalError")] * 2)
    await case.plug()
    await case.swipe()

    said = await case.wait(100)

    assert [event.seq_no for event in said.events] == [0, 1, 2]


async def test_TC_E_40_CS_meter_values_of_a_time_offline_are_sent_later(case: StationCase) -> None:
    case.set(SampledDataCtrlr__TxUpdatedInterval="30")
    await case.charging()
    await case.go_offline()
    await case.wait(100)

    said = await case.back_online()

    offline = [event for event in said.events if event.offline]
    assert len(offline) >= 3  # E11.FR.01, .02
    for event in offline:
        assert (event.kind, event.trigger) == ("Updated", "MeterValuePeriodic")
        assert event.contexts == ["Sample.Periodic"]
    assert not said.events[-1].offline


async def test_TC_E_43_CS_a_whole_transaction_offline_is_sent_later(case: StationCase) -> None:
    await case.cached()
    await case.go_offline()
    await case.plug()
    await case.swipe()
    await case.swipe()
    await case.unplug()

    said = await case.back_online()

    assert said.told == [
        ("Started", "CablePluggedIn", "EVConnected"),
        ("Updated", "Authorized", "EVConnected"),
        ("Updated", "ChargingStateChanged", "Charging"),
        ("Ended", "StopAuthorized", "EVConnected"),
    ]
    assert all(event.offline for event in said.events)
    assert said.events[1].token == CARD
    begun, ended = (said.events[index].timestamp for index in (0, -1))
    assert (ended - begun).total_seconds() == pytest.approx(10, abs=0.1)  # when it happened, not when it was sent


async def test_TC_E_44_CS_a_stop_offline_is_sent_later(case: StationCase) -> None:
    await case.charging()
    await case.go_offline()
    await case.swipe()
    assert not case.hardware.energized(1)
    await case.unplug()

    said = await case.back_online()

    assert said.events[-1].kind == "Ended"
    assert all(event.offline for event in said.events)


async def test_TC_E_45_CS_a_token_of_the_same_group_stops_offline(case: StationCase) -> None:
    case.infos[CARD] = group("FLEET-7")
    await case.cached(CARD_2, group("FLEET-7"))
    await case.charging()
    await case.go_offline()
    await case.swipe(CARD_2)
    assert not case.hardware.energized(1)  # E08.FR.02
    await case.unplug()

    said = await case.back_online()

    assert all(event.offline for event in said.events)
    (ended,) = [event for event in said.events if event.kind == "Ended"]
    assert ended.token in (None, CARD_2)


# By number ────────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_E11_FR_07_what_is_still_queued_when_the_line_breaks_counts_as_offline(case: StationCase) -> None:
    retries(case, 3, [None])
    await case.plug()
    assert not case.take().events
    await case.go_offline()

    said = await case.back_online()

    assert [event.offline for event in said.events] == [True]


async def test_E04_FR_01_events_outlive_a_loss_of_power_while_offline(case: StationCase) -> None:
    await case.cached()
    await case.go_offline()
    await case.plug()
    await case.swipe()
    await case.cut_power()
    case.csms.accept()

    said = await case.power_up()

    assert said.order[0] == "BootNotification"  # B01.FR.08
    assert said.events[0].kind == "Started"
    assert said.events[-1].reason == "PowerLoss"


async def test_C13_a_known_token_charges_offline_and_an_unknown_one_does_not(case: StationCase) -> None:
    await case.cached()
    await case.go_offline()
    await case.plug()
    await case.swipe(CARD_2)
    assert not case.hardware.energized(1)

    await case.swipe(CARD)

    assert case.hardware.drawing(1)
