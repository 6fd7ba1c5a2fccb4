"""E Transactions, as certification tests a station: where a detector watches the parking bay (E01 S1, E06 S1)."""

import pytest
from station_case import CARD, StationCase


@pytest.fixture
def model() -> str:
    return "Car park 2x11"


@pytest.fixture
async def bay(case: StationCase) -> StationCase:
    """A transaction runs as long as a car stands there."""
    case.set(TxCtrlr__TxStartPoint="ParkingBayOccupancy", TxCtrlr__TxStopPoint="ParkingBayOccupancy")
    return case


async def test_TC_E_12_CS_a_car_in_the_bay_starts_a_transaction(bay: StationCase) -> None:
    bay.hardware.park(1)

    said = await bay.wait()

    (started,) = said.events
    assert started.brief == ("Started", "EVDetected", "Idle")
    assert started.place == (1, None)
    assert said.reports == []


@pytest.mark.parametrize("remote", [False, True])
async def test_TC_E_19_CS_the_empty_bay_ends_it(bay: StationCase, remote: bool) -> None:
    bay.hardware.park(1)
    (started,) = (await bay.wait()).events
    plugged = (await bay.plug()).events
    assert [event.brief for event in plugged] == [("Updated", "CablePluggedIn", "EVConnected")]
    assert (await bay.swipe()).events[0].token == CARD
    if remote:
        assert (await bay.ask("RequestStopTransaction", transactionId=started.tx))["status"] == "Accepted"
        await bay.wait()
    else:
        await bay.swipe()
    unplugged = (await bay.unplug()).events
    assert [event.brief for event in unplugged] == [("Updated", "EVCommunicationLost", "Idle")]

    bay.hardware.leave(1)

    (ended,) = (await bay.wait()).events
    assert ended.brief == ("Ended", "EVDeparted", "Idle")
    assert (ended.tx, ended.reason) == (started.tx, "Remote" if remote else "Local")


async def test_E03_FR_05_who_parks_and_does_not_plug_in_in_time_is_only_deauthorized(bay: StationCase) -> None:
    bay.set(TxCtrlr__EVConnectionTimeOut="60")
    bay.hardware.park(1)
    await bay.swipe()

    said = await bay.wait(90)

    (late,) = said.events
    assert late.brief == ("Updated", "EVConnectTimeout", "Idle")
    bay.hardware.leave(1)
    (ended,) = (await bay.wait()).events
    assert (ended.kind, ended.reason) == ("Ended", "Timeout")


async def test_E01_FR_01_a_car_that_parks_while_power_is_lost_starts_nothing_by_itself(bay: StationCase) -> None:
    await bay.cut_power()
    bay.hardware.park(1)

    said = await bay.power_up()

    assert said.events == []
    bay.hardware.leave(1)
    assert (await bay.wait()).events == []


async def test_a_car_that_leaves_its_bay_is_an_update_where_the_bay_ends_nothing(case: StationCase) -> None:
    case.set(TxCtrlr__TxStartPoint="ParkingBayOccupancy", TxCtrlr__TxStopPoint="Authorized")
    case.hardware.park(2)
    await case.wait()
    case.hardware.leave(2)

    (departed,) = (await case.wait()).events

    assert departed.brief == ("Updated", "EVDeparted", "Idle")
