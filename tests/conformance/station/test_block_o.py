"""O Display messages, as certification tests a station: what it answers, and what a driver reads."""

from datetime import timedelta
from typing import Any

import pytest
from scripted_csms import CallError, Payload
from station_case import CARD, StationCase

from stationmaster.ocpp.version import Version

TURN_S = 5.0


async def put(case: StationCase, message_id: int = 1, text: str = "Hello", **more: Any) -> str:
    message: Payload = {"format": "UTF8", "content": text, **more.pop("content", {})}
    info = {"id": message_id, "priority": "NormalCycle", "message": message, **more}
    answer = await case.ask("SetDisplayMessage", message=info)
    return str(answer["status"])


async def listed(case: StationCase, **wanted: Any) -> tuple[str, list[Payload]]:
    """The status, and the messages that were told of."""
    case.csms.script["NotifyDisplayMessages"] = lambda _: {}
    case.take()
    answer = await case.ask("GetDisplayMessages", requestId=7, **wanted)
    parts = (await case.wait()).payloads("NotifyDisplayMessages")
    assert {part["requestId"] for part in parts} <= {7}
    assert [part.get("tbc", False) for part in parts] == [True] * (len(parts) - 1) + [False] * bool(parts)
    return answer["status"], [info for part in parts for info in part["messageInfo"]]


async def read(case: StationCase, seconds: float = 20.0, evse: int = 1) -> set[str]:
    """All that stands on the display of an EVSE in this time."""
    seen = set()
    for _ in range(int(seconds)):
        await case.clock.sleep(1)
        seen.add(case.hardware.display(evse))
    return seen


def later(case: StationCase, seconds: float) -> str:
    return (case.clock.now() + timedelta(seconds=seconds)).isoformat().replace("+00:00", "Z")


# ── O01 ─────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_TC_O_01_CS_a_message_is_shown_in_turns_with_what_the_station_says(case: StationCase) -> None:
    assert await put(case) == "Accepted"
    assert await read(case) == {"Hello", "Available"}  # O01.FR.12
    assert await listed(case) == (
        "Accepted",
        [{"id": 1, "priority": "NormalCycle", "message": {"format": "UTF8", "content": "Hello"}}],
    )


async def test_TC_O_13_CS_a_message_is_not_shown_before_its_start(case: StationCase) -> None:
    assert await put(case, priority="InFront", startDateTime=later(case, 60)) == "Accepted"
    assert await read(case, 50) == {"Available"}  # O01.FR.06
    await case.clock.sleep(15)
    assert await read(case) == {"Hello"}


async def test_TC_O_14_CS_a_message_is_gone_after_its_end(case: StationCase) -> None:
    assert await put(case, priority="InFront", endDateTime=later(case, 60)) == "Accepted"
    assert await read(case, 50) == {"Hello"}
    await case.clock.sleep(15)
    assert await read(case) == {"Available"}  # O01.FR.07
    assert await listed(case) == ("Unknown", [])


@pytest.mark.parametrize(("field", "status"), [("state", "NotSupportedState"), ("format", "NotSupportedMessageFormat")])
async def test_TC_O_18_CS_and_TC_O_19_CS_what_cannot_be_shown_is_refused(
    case: StationCase, field: str, status: str
) -> None:
    unknown: Payload = {"state": "Discharging"} if field == "state" else {"content": {"format": "HTML"}}
    assert await put(case, **unknown) == status
    assert await listed(case) == ("Unknown", [])


@pytest.mark.parametrize("unknown", [{"priority": "Loud"}, {"state": "Dreaming"}])
async def test_a_word_that_nobody_knows_is_not_taken_for_another(case: StationCase, unknown: Payload) -> None:
    with pytest.raises(CallError):
        await put(case, **unknown)
    assert await listed(case) == ("Unknown", [])


async def test_every_priority_is_supported(case: StationCase) -> None:
    for number, priority in enumerate(("AlwaysFront", "InFront", "NormalCycle")):
        assert await put(case, number, priority=priority) == "Accepted"


async def test_TC_O_20_CS_messages_outlive_a_reboot(case: StationCase) -> None:
    await put(case, priority="InFront")
    await case.cut_power()
    await case.power_up()
    assert await read(case) == {"Hello"}  # O01.FR.10


async def test_TC_O_22_CS_several_in_front_take_turns_before_all_else(case: StationCase) -> None:
    for number, text in enumerate(("One", "Two")):
        assert await put(case, number, text, priority="InFront") == "Accepted"
    await put(case, 9, "Cycle")
    assert await read(case) == {"One", "Two"}  # O01.FR.13, .14


async def test_TC_O_24_CS_the_second_that_is_always_in_front_replaces_the_first(case: StationCase) -> None:
    await put(case, 1, "First", priority="AlwaysFront")
    await put(case, 2, "Before", priority="InFront")
    assert await read(case) == {"First"}  # O01.FR.15
    assert await put(case, 3, "Second", priority="AlwaysFront") == "Accepted"
    assert await read(case) == {"Second"}  # O01.FR.16
    assert [info["id"] for info in (await listed(case))[1]] == [2, 3]


async def test_TC_O_36_CS_a_message_for_charging_is_read_while_charging(case: StationCase) -> None:
    await put(case, priority="InFront", state="Charging")
    assert "Hello" not in await read(case)
    await case.charging()
    assert await read(case) == {"Hello"}
    assert "Hello" not in await read(case, evse=2)


async def test_TC_O_37_CS_a_message_for_idle_is_read_while_nobody_charges(case: StationCase) -> None:
    await put(case, priority="InFront", state="Idle")
    assert await read(case) == {"Hello"}
    await case.charging()
    assert "Hello" not in await read(case)


async def test_TC_O_38_CS_a_message_for_unavailable_is_read_when_switched_off(case: StationCase) -> None:
    await put(case, priority="InFront", state="Unavailable")
    assert "Hello" not in await read(case)
    await case.ask("ChangeAvailability", operationalStatus="Inoperative")
    assert await read(case) == {"Hello"}


async def test_TC_O_39_CS_a_message_for_faulted_is_read_when_broken(case: StationCase) -> None:
    await put(case, priority="InFront", state="Faulted")
    assert "Hello" not in await read(case)
    case.hardware.fail(1, "GroundFailure")
    assert await read(case) == {"Hello"}


async def test_O01_FR_11_more_than_the_display_holds_are_rejected(case: StationCase) -> None:
    for number in range(20):
        assert await put(case, number) == "Accepted"
    assert await put(case, 20) == "Rejected"
    assert await put(case, 19, "Replaced") == "Accepted"
    assert len((await listed(case))[1]) == 20


async def test_O01_FR_08_a_driver_reads_the_own_language(case: StationCase) -> None:
    case.infos[CARD] = {"status": "Accepted", "language1": "de-AT"}
    content = {"content": "Welcome", "format": "UTF8", "language": "en"}
    extra = [{"content": "Willkommen", "format": "UTF8", "language": "de"}]
    if case.version is not Version.V21:
        assert await put(case, content=content, messageExtra=extra) == "Rejected"  # it carries one language
        return
    assert await put(case, priority="InFront", content=content, messageExtra=extra) == "Accepted"
    assert await read(case) == {"Welcome"}  # O01.FR.09
    await case.charging()
    assert await read(case) == {"Willkommen"}
    assert await put(case, 2, content={"language": "fi"}) == "LanguageNotSupported"  # O01.FR.18


# ── O02 ─────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_TC_O_06_CS_a_message_goes_with_its_transaction(case: StationCase) -> None:
    charging = await case.charging()
    assert await put(case, priority="InFront", transactionId=charging.tx) == "Accepted"
    assert await read(case) == {"Hello"}
    assert "Hello" not in await read(case, evse=2)
    await case.swipe()
    await case.unplug()
    assert "Hello" not in await read(case)  # O02.FR.02
    assert await listed(case) == ("Unknown", [])


async def test_TC_O_10_CS_a_message_for_no_transaction_is_refused(case: StationCase) -> None:
    assert await put(case, transactionId="nobody") == "UnknownTransaction"  # O02.FR.01


async def test_TC_O_27_CS_and_TC_O_28_CS_times_count_within_a_transaction(case: StationCase) -> None:
    charging = await case.charging()
    span = {"startDateTime": later(case, 30), "endDateTime": later(case, 60)}
    assert await put(case, priority="InFront", transactionId=charging.tx, **span) == "Accepted"
    assert "Hello" not in await read(case, 25)
    await case.clock.sleep(8)
    assert await read(case, 20) == {"Hello"}
    await case.clock.sleep(10)
    assert "Hello" not in await read(case)


async def test_TC_O_30_CS_several_in_front_of_a_transaction_take_turns(case: StationCase) -> None:
    charging = await case.charging()
    for number, text in enumerate(("One", "Two")):
        assert await put(case, number, text, priority="InFront", transactionId=charging.tx) == "Accepted"
    assert await read(case) == {"One", "Two"}


async def test_TC_O_32_CS_the_second_always_in_front_of_a_transaction_replaces_the_first(case: StationCase) -> None:
    charging = await case.charging()
    for number, text in enumerate(("One", "Two")):
        assert await put(case, number, text, priority="AlwaysFront", transactionId=charging.tx) == "Accepted"
    assert await read(case) == {"Two"}


# ── O03 to O06 ──────────────────────────────────────────────────────────────────────────────────────────────────


async def test_TC_O_02_CS_all_messages_are_told_in_parts(case: StationCase) -> None:
    for number in range(7):
        await put(case, number)
    status, told = await listed(case)
    assert (status, [info["id"] for info in told]) == ("Accepted", list(range(7)))


@pytest.mark.parametrize("wanted", [{}, {"id": [1]}, {"priority": "InFront"}, {"state": "Idle"}])
async def test_TC_O_03_CS_and_TC_O_33_CS_there_is_nothing_to_tell(case: StationCase, wanted: Payload) -> None:
    assert await listed(case, **wanted) == ("Unknown", [])


@pytest.mark.parametrize("wanted", [{"id": [2]}, {"priority": "InFront"}, {"state": "Idle"}])
async def test_TC_O_07_CS_TC_O_08_CS_TC_O_09_CS_only_what_matches_is_told(case: StationCase, wanted: Payload) -> None:
    await put(case, 1, "One")
    await put(case, 2, "Two", priority="InFront", state="Idle")
    status, told = await listed(case, **wanted)
    assert (status, [info["id"] for info in told]) == ("Accepted", [2])


@pytest.mark.parametrize("wanted", [{"id": [2]}, {"id": [1], "state": "Idle"}, {"id": [1], "priority": "InFront"}])
async def test_TC_O_11_CS_TC_O_34_CS_TC_O_35_CS_what_does_not_match_is_not_told(
    case: StationCase, wanted: Payload
) -> None:
    await put(case, 1, state="Charging")
    assert await listed(case, **wanted) == ("Unknown", [])


async def test_TC_O_04_CS_a_message_is_cleared(case: StationCase) -> None:
    await put(case, priority="AlwaysFront")
    assert await case.ask("ClearDisplayMessage", id=1) == {"status": "Accepted"}
    assert await read(case) == {"Available"}


async def test_TC_O_05_CS_a_message_that_is_not_there_is_unknown(case: StationCase) -> None:
    assert await case.ask("ClearDisplayMessage", id=1) == {"status": "Unknown"}


async def test_TC_O_12_CS_a_message_of_the_same_id_is_replaced_whole(case: StationCase) -> None:
    await put(case, 1, "Old", priority="InFront", state="Idle")
    assert await put(case, 1, "New", priority="InFront") == "Accepted"
    assert await read(case) == {"New"}
    (told,) = (await listed(case))[1]
    assert "state" not in told


# ── What stands above and below ─────────────────────────────────────────────────────────────────────────────────


async def test_a_refused_driver_reads_why_before_messages_go_on(case: StationCase) -> None:
    await put(case, priority="InFront")
    case.infos[CARD] = {"status": "Blocked"}
    await case.swipe()
    assert case.hardware.display(1) == "This card is blocked"
    await case.clock.sleep(10)
    assert await read(case) == {"Hello"}
