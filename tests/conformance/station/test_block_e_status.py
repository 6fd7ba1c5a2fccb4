"""E Transactions, as certification tests a station: what it says of them when it is asked (E14)."""

import asyncio
from typing import Any

from said import Said
from scripted_csms import Payload
from station_case import StationCase

BACK_OFF_S, INTERVAL_S = 60, 20


def patient(case: StationCase) -> None:
    """Meter values come while the station waits to dial again."""
    case.set(
        SampledDataCtrlr__TxUpdatedInterval=str(INTERVAL_S),
        OCPPCommCtrlr__OfflineThreshold=str(BACK_OFF_S + 60),
        OCPPCommCtrlr__RetryBackOffWaitMinimum=str(BACK_OFF_S),
        OCPPCommCtrlr__RetryBackOffRandomRange="0",
    )


async def asked_on_return(case: StationCase, **about: Any) -> tuple[Payload, Said]:
    """Accept again; the answer to a question asked the moment the line is there, and all that was said meanwhile."""
    asked: list[asyncio.Task[Payload]] = []

    def ask() -> None:
        asked.append(asyncio.ensure_future(case.ask("GetTransactionStatus", **about)))

    case.csms.on_connected = ask
    case.csms.accept()
    said = await case.wait(2 * BACK_OFF_S)
    (answer,) = asked
    return await answer, said


def queued(said: Said) -> None:
    """What came of the time without a line."""
    offline = [event for event in said.events if event.offline]
    assert offline
    for event in offline:
        assert event.kind == "Updated" and event.values


async def test_TC_E_28_CS_an_unknown_transaction_is_neither_ongoing_nor_queued(case: StationCase) -> None:
    answer = await case.ask("GetTransactionStatus", transactionId="0b9a8f3e-0000-4000-8000-000000000000")

    assert answer == {"ongoingIndicator": False, "messagesInQueue": False}


async def test_TC_E_29_CS_an_ongoing_transaction_with_messages_in_the_queue(case: StationCase) -> None:
    patient(case)
    tx = (await case.charging()).tx
    await case.go_offline()
    await case.wait(BACK_OFF_S)

    answer, said = await asked_on_return(case, transactionId=tx)

    assert answer == {"ongoingIndicator": True, "messagesInQueue": True}
    queued(said)


async def test_TC_E_30_CS_an_ongoing_transaction_without_messages_in_the_queue(case: StationCase) -> None:
    tx = (await case.charging()).tx

    answer = await case.ask("GetTransactionStatus", transactionId=tx)

    assert answer == {"ongoingIndicator": True, "messagesInQueue": False}


async def test_TC_E_31_CS_an_ended_transaction_with_messages_in_the_queue(case: StationCase) -> None:
    patient(case)
    tx = (await case.charging()).tx
    await case.go_offline()
    await case.swipe()
    await case.unplug()

    answer, said = await asked_on_return(case, transactionId=tx)

    assert answer == {"ongoingIndicator": False, "messagesInQueue": True}
    (ended,) = said.events
    assert (ended.tx, ended.kind, ended.trigger, ended.offline) == (tx, "Ended", "StopAuthorized", True)
    assert said.reports == [(1, 1, "Available")]


async def test_TC_E_32_CS_an_ended_transaction_without_messages_in_the_queue(case: StationCase) -> None:
    tx = (await case.charging()).tx
    await case.swipe()
    await case.unplug()

    answer = await case.ask("GetTransactionStatus", transactionId=tx)

    assert answer == {"ongoingIndicator": False, "messagesInQueue": False}


async def test_TC_E_33_CS_any_transaction_with_messages_in_the_queue(case: StationCase) -> None:
    patient(case)
    await case.charging()
    await case.go_offline()
    await case.wait(BACK_OFF_S)

    answer, said = await asked_on_return(case)

    assert answer == {"messagesInQueue": True}
    queued(said)


async def test_TC_E_34_CS_no_transaction_without_messages_in_the_queue(case: StationCase) -> None:
    assert await case.ask("GetTransactionStatus") == {"messagesInQueue": False}


async def test_E14_FR_05_messages_of_another_transaction_do_not_count(case: StationCase) -> None:
    patient(case)
    first = (await case.charging()).tx
    await case.swipe()
    await case.unplug()
    await case.charging(evse=2)
    await case.go_offline()
    await case.wait(BACK_OFF_S)

    answer, _ = await asked_on_return(case, transactionId=first)

    assert answer == {"ongoingIndicator": False, "messagesInQueue": False}
