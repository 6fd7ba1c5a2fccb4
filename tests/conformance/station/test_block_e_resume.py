"""E17 Resuming a transaction after a forced reboot, as 2.1 has it."""

from typing import Any

import pytest
from said import TxEvent
from station_case import StationCase

from stationmaster.ocpp.version import Version
from stationmaster.simulator.catalogue import ev_model
from stationmaster.simulator.ev import EV
from stationmaster.station.connection.boot_reason import leave_boot_reason


@pytest.fixture
def version() -> Version:
    return Version.V21


def resumes(case: StationCase, *, energy: bool = True, within_s: int = 600, delay_s: int = 0, **more: str) -> None:
    case.set(
        TxCtrlr__ResumptionTimeout=str(within_s),
        TxCtrlr__AllowEnergyTransferResumption=str(energy).lower(),
        TxCtrlr__EnergyTransferResumptionRandomRange=str(delay_s),
        **more,
    )


async def interrupted(case: StationCase, seconds: float = 60, meanwhile: Any = None) -> list[TxEvent]:
    """What the station tells of transactions after a loss of power of that length."""
    await case.cut_power()
    case.take()
    if meanwhile is not None:
        meanwhile()
    await case.clock.sleep(seconds)
    return (await case.power_up()).events


async def test_E17_FR_10_11_14_a_short_interruption_ends_nothing(case: StationCase) -> None:
    resumes(case)
    before = await case.charging()

    (resumed,) = await interrupted(case)

    assert resumed.brief == ("Updated", "TxResumed", "Charging")
    assert (resumed.tx, resumed.seq_no) == (before.tx, before.seq_no + 1)
    await case.wait()
    assert case.hardware.drawing(1)


async def test_E17_FR_12_without_leave_no_energy_flows_in_it_any_more(case: StationCase) -> None:
    resumes(case, energy=False)
    await case.charging()

    (resumed,) = await interrupted(case)

    assert resumed.brief == ("Updated", "TxResumed", "SuspendedEVSE")
    await case.wait(600)
    assert not case.hardware.drawing(1)


async def test_E17_FR_13_what_did_not_charge_is_as_it_was(case: StationCase) -> None:
    resumes(case, energy=False)
    await case.pre_session()

    (resumed,) = await interrupted(case)

    assert resumed.brief == ("Updated", "TxResumed", "EVConnected")
    await case.swipe()
    assert case.hardware.drawing(1)


async def test_E17_FR_18_energy_waits_a_while_of_the_station_s_own(case: StationCase) -> None:
    resumes(case, delay_s=300)
    await case.charging()

    (resumed,) = await interrupted(case)

    assert resumed.brief == ("Updated", "TxResumed", "SuspendedEVSE")
    said = await case.wait(305)
    assert [event.state for event in said.events][-1] == "Charging"
    assert said.events[0].at - resumed.at > 5


async def test_E17_FR_18_a_second_interruption_while_it_waits_does_not_keep_it_from_charging(case: StationCase) -> None:
    resumes(case, delay_s=300)
    await case.charging()
    await interrupted(case)

    await interrupted(case, 5)
    await case.wait(310)

    assert case.hardware.drawing(1)


async def test_E17_FR_02_the_time_counts_from_the_loss_of_power(case: StationCase) -> None:
    resumes(case, within_s=120)
    await case.charging()
    await case.wait(3000)  # nothing is told of it meanwhile

    (resumed,) = await interrupted(case, 100)

    assert resumed.trigger == "TxResumed"


async def test_E17_FR_16_the_car_left_and_the_transaction_waits_for_it(case: StationCase) -> None:
    resumes(case, TxCtrlr__TxStopPoint="Authorized", TxCtrlr__StopTxOnEVSideDisconnect="false")
    await case.charging()

    (resumed,) = await interrupted(case, meanwhile=lambda: case.hardware.unplug(1))

    assert resumed.brief == ("Updated", "TxResumed", "Idle")


async def test_E17_FR_17_the_car_left_and_the_transaction_ends_as_it_would_have(case: StationCase) -> None:
    resumes(case)
    await case.charging()

    (ended,) = await interrupted(case, meanwhile=lambda: case.hardware.unplug(1))

    assert (ended.kind, ended.trigger, ended.reason) == ("Ended", "EVCommunicationLost", "EVDisconnected")


async def test_E17_another_car_in_its_place_gets_no_energy_of_the_first(case: StationCase) -> None:
    resumes(case, energy=False)
    await case.charging()

    def swapped() -> None:
        case.hardware.unplug(1)
        case.hardware.plug(1, EV(ev_model("Compact 58"), 0.3), 1)

    await interrupted(case, meanwhile=swapped)
    await case.wait()

    assert not case.hardware.drawing(1)


async def test_E17_FR_20_21_too_long_a_loss_of_power_ends_it(case: StationCase) -> None:
    resumes(case, within_s=60)
    await case.charging()

    (ended, *_) = await interrupted(case, 100)

    assert (ended.kind, ended.trigger, ended.reason) == ("Ended", "AbnormalCondition", "PowerLoss")


async def test_E17_FR_22_and_a_restart_of_the_station_s_own_says_so(case: StationCase) -> None:
    await case.charging()
    leave_boot_reason(case.memory, "Watchdog")

    (ended, *_) = await interrupted(case)

    assert (ended.kind, ended.trigger, ended.reason) == ("Ended", "AbnormalCondition", "Reboot")


async def test_E03_FR_05_the_wait_for_the_car_goes_on_after_it(case: StationCase) -> None:
    resumes(case, TxCtrlr__EVConnectionTimeOut="120", TxCtrlr__TxStartPoint="Authorized")
    await case.swipe()

    (resumed,) = await interrupted(case, 20)

    assert resumed.brief == ("Updated", "TxResumed", "Idle")
    (ended,) = (await case.wait(130)).events
    assert (ended.kind, ended.reason) == ("Ended", "Timeout")
