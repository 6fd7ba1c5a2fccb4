"""O Display messages: what a CSMS asks for and remembers."""

from datetime import datetime, timedelta
from typing import Any

import msgspec
import pytest
from csms_case import Case

from stationmaster.domain.command import Command
from stationmaster.domain.display_message import (
    ClearDisplayMessage,
    GetDisplayMessages,
    KnownMessage,
    MessageInfo,
    SetDisplayMessage,
)
from stationmaster.domain.texts import Text
from stationmaster.testing.wire import Payload

HELLO = MessageInfo(id=1, priority="NormalCycle", message=Text(content="Hello", language="en"))
ON_WIRE: Payload = {
    "id": 1,
    "priority": "NormalCycle",
    "message": {"format": "UTF8", "content": "Hello", "language": "en"},
}


async def put(case: Case, status: str = "Accepted", **changes: Any) -> tuple[Payload, Command]:
    info = msgspec.structs.replace(HELLO, **changes)
    asked, command = await case.commanded(SetDisplayMessage(info=info), "SetDisplayMessage", status)
    return asked["message"], command


async def known(case: Case) -> list[KnownMessage]:
    """As stored, which is what stands in memory."""
    stored = list(await case.bench.storage.reads.display_messages(case.view.key))
    desk = case.bench.csms.directory.get(case.view.key)
    assert desk is not None
    assert sorted(desk.state.messages.known) == [each.info.id for each in stored]
    return stored


async def listed(case: Case, *parts: list[Payload], status: str = "Accepted", **wanted: Any) -> Command:
    asked, command = await case.commanded(GetDisplayMessages(**wanted), "GetDisplayMessages", status)
    for number, part in enumerate(parts):
        told = {"requestId": asked["requestId"], "messageInfo": part, "tbc": number < len(parts) - 1}
        assert await case.station.say("NotifyDisplayMessages", told) == {}
    return command


async def test_TC_O_01_CSMS_a_message_is_set(case: Case) -> None:
    asked, command = await put(case)
    assert asked == ON_WIRE  # O01.FR.04: no transactionId
    assert command.state == "accepted"
    (there,) = await known(case)
    assert (there.info, there.command_key) == (HELLO, command.key)


async def test_TC_O_02_CSMS_a_whole_list_tells_what_is_there_and_what_is_not(case: Case) -> None:
    await put(case, id=9)
    command = await listed(case, [ON_WIRE], [ON_WIRE | {"id": 2}])
    assert [each.info.id for each in await known(case)] == [1, 2]
    assert (await case.view.command(command)).state == "effect_seen"


async def test_TC_O_03_CSMS_a_station_without_messages_has_none(case: Case) -> None:
    await put(case)
    command = await listed(case, status="Unknown")
    assert command.state == "effect_seen"  # it is an answer, no refusal
    assert await known(case) == []


async def test_TC_O_04_CSMS_a_message_is_cleared(case: Case) -> None:
    await put(case)
    asked, command = await case.commanded(ClearDisplayMessage(id=1), "ClearDisplayMessage")
    assert (asked, command.state) == ({"id": 1}, "accepted")
    assert await known(case) == []


async def test_TC_O_05_CSMS_an_unknown_message_cannot_be_cleared(case: Case) -> None:
    _, command = await case.commanded(ClearDisplayMessage(id=3), "ClearDisplayMessage", "Unknown")
    assert (command.state, command.status) == ("rejected", "Unknown")


async def test_TC_O_06_CSMS_a_message_is_for_a_transaction(case: Case) -> None:
    tx = case.station.transaction("TX-1")
    await case.charging(tx)
    asked, _ = await put(case, transaction_id="TX-1")
    assert asked["transactionId"] == "TX-1"
    assert [each.info.transaction_id for each in await known(case)] == ["TX-1"]


async def test_O02_a_transaction_that_is_not_under_way_gets_no_message(case: Case) -> None:
    command = await case.view.outcome(
        await case.view.ask(SetDisplayMessage(info=msgspec.structs.replace(HELLO, transaction_id="gone")))
    )
    assert (command.state, "not under way" in (command.detail or "")) == ("failed", True)


async def test_TC_O_10_CSMS_a_station_may_not_know_the_transaction(case: Case) -> None:
    await case.charging(case.station.transaction("TX-1"))
    _, command = await put(case, "UnknownTransaction", transaction_id="TX-1")
    assert (command.state, command.status) == ("rejected", "UnknownTransaction")
    assert await known(case) == []


@pytest.mark.parametrize(
    ("wanted", "wire"),
    [({"ids": (1,)}, {"id": [1]}), ({"priority": "NormalCycle"}, {}), ({"state": "Idle"}, {})],
)
async def test_TC_O_07_CSMS_TC_O_08_CSMS_TC_O_09_CSMS_a_list_is_filtered(
    case: Case, wanted: Any, wire: Payload
) -> None:
    await put(case, id=9)
    asked, _ = await case.commanded(GetDisplayMessages(**wanted), "GetDisplayMessages")
    assert {name: asked[name] for name in set(asked) - {"requestId"}} == wire or set(wanted) <= set(asked)
    await case.station.say("NotifyDisplayMessages", {"requestId": asked["requestId"], "messageInfo": [ON_WIRE]})
    assert [each.info.id for each in await known(case)] == [1, 9]  # what was not asked for stays


async def test_TC_O_11_CSMS_nothing_matches_a_filter(case: Case) -> None:
    await put(case)
    await listed(case, status="Unknown", ids=(5,))
    assert [each.info.id for each in await known(case)] == [1]


async def test_TC_O_12_CSMS_a_message_is_replaced(case: Case) -> None:
    await put(case, state="Idle")
    await put(case, message=Text(content="New"))
    (there,) = await known(case)
    assert (there.info.message.content, there.info.state) == ("New", None)


async def test_TC_O_13_CSMS_and_TC_O_14_CSMS_a_message_has_its_time(case: Case) -> None:
    start = case.bench.clock.now().replace(microsecond=0) + timedelta(minutes=1)
    asked, _ = await put(case, from_at=start, to_at=start + timedelta(minutes=1))
    told = [datetime.fromisoformat(asked[name]) for name in ("startDateTime", "endDateTime")]
    assert told == [start, start + timedelta(minutes=1)]


async def test_TC_O_27_CSMS_and_TC_O_28_CSMS_each_time_alone_within_a_transaction(case: Case) -> None:
    await case.charging(case.station.transaction("TX-1"))
    at = case.bench.clock.now().replace(microsecond=0) + timedelta(minutes=1)
    starting, _ = await put(case, transaction_id="TX-1", from_at=at)
    ending, _ = await put(case, transaction_id="TX-1", to_at=at)
    assert not {"endDateTime", "state"} & set(starting)
    assert not {"startDateTime", "state"} & set(ending)


@pytest.mark.parametrize(
    ("case_id", "status"),
    [
        ("TC_O_17_CSMS", "NotSupportedPriority"),
        ("TC_O_18_CSMS", "NotSupportedState"),
        ("TC_O_19_CSMS", "NotSupportedMessageFormat"),
        ("TC_O_26_CSMS", "Rejected"),
    ],
)
async def test_TC_O_17_CSMS_TC_O_18_CSMS_TC_O_19_CSMS_TC_O_26_CSMS_a_refusal_is_told(
    case: Case, case_id: str, status: str
) -> None:
    _, command = await put(case, status)
    assert (command.state, command.status) == ("rejected", status), case_id
    assert await known(case) == []


async def test_TC_O_25_CSMS_a_message_is_for_a_state(case: Case) -> None:
    asked, _ = await put(case, state="Charging")
    assert asked["state"] == "Charging"


async def test_O01_FR_16_the_next_that_stands_in_front_of_all_takes_the_place_of_the_last(case: Case) -> None:
    await put(case, id=1, priority="AlwaysFront")
    await put(case, id=2, priority="AlwaysFront")
    assert [each.info.id for each in await known(case)] == [2]


async def test_a_list_that_nobody_asked_for_is_learned_from_too(case: Case) -> None:
    assert await case.station.say("NotifyDisplayMessages", {"requestId": 77, "messageInfo": [ON_WIRE]}) == {}
    (there,) = await known(case)
    assert (there.info, there.command_key) == (HELLO, None)
