"""C Authorization, as certification tests a station: a master pass where people can choose (C16)."""

import pytest
from station_case import CARD, CARD_2, MASTER, StationCase
from station_tokens import asked, group

from stationmaster.station import display
from stationmaster.station.blocks.master_pass import CHOICE_S


@pytest.fixture
def model() -> str:
    return "Terminal 2x150"


@pytest.fixture
async def two(case: StationCase) -> StationCase:
    """Both EVSEs charge, and the master pass is known."""
    case.set(AuthCtrlr__MasterPassGroupId="MASTERPASS")
    case.infos[MASTER] = group("MASTERPASS")
    await case.charging(1)
    await case.charging(2, CARD_2)
    return case


async def test_TC_C_47_CS_a_master_pass_and_a_choice_stop_everything(two: StationCase) -> None:
    shown = await two.swipe(MASTER)
    assert asked(shown) == [MASTER]
    assert shown.events == []
    assert [two.hardware.display(evse_id) for evse_id in (1, 2)] == [display.CHOOSE_TO_STOP] * 2

    two.hardware.choose()
    said = await two.wait()

    assert {event.place[0] for event in said.events} == {1, 2}
    for ended in said.events:
        assert (ended.kind, ended.reason) == ("Ended", "MasterPass")
        assert ended.token in (None, MASTER)
    assert not two.hardware.energized(1) and not two.hardware.energized(2)


async def test_TC_C_48_CS_a_master_pass_and_a_choice_stop_one_and_leave_the_other(two: StationCase) -> None:
    await two.swipe(MASTER)
    two.hardware.choose(1)
    said = await two.wait()

    (ended,) = said.events
    assert (ended.kind, ended.reason, ended.place[0]) == ("Ended", "MasterPass", 1)
    assert not two.hardware.energized(1) and two.hardware.energized(2)
    assert two.hardware.display(2) != display.CHOOSE_TO_STOP


async def test_C16_FR_01_a_choice_without_a_master_pass_or_too_late_stops_nothing(two: StationCase) -> None:
    two.hardware.choose()
    assert (await two.wait()).events == []
    await two.swipe(MASTER)
    await two.wait(CHOICE_S)
    two.hardware.choose()
    assert (await two.wait()).events == []
    assert two.hardware.energized(1) and two.hardware.energized(2)


async def test_C16_FR_01_one_showing_of_the_pass_is_good_for_one_choice(two: StationCase) -> None:
    await two.swipe(MASTER)
    two.hardware.choose(1)
    await two.wait()
    two.hardware.choose(2)
    assert (await two.wait()).events == []


async def test_C16_FR_03_a_master_pass_starts_nothing(case: StationCase) -> None:
    case.set(AuthCtrlr__MasterPassGroupId="MASTERPASS")
    case.infos[MASTER] = group("MASTERPASS")
    said = await case.swipe(MASTER)
    assert said.events == []
    assert case.hardware.display(1) == display.NOTHING_TO_STOP
    assert asked(await case.swipe(CARD)) == [CARD]
