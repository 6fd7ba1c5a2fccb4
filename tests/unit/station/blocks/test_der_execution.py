from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from stationmaster.domain.der.controls import DERControl
from stationmaster.domain.der.grid import GridSample
from stationmaster.domain.der.nameplate import rated
from stationmaster.domain.der.power import FREE, STOPPED, PowerOrder
from stationmaster.domain.der.service import Cause
from stationmaster.domain.messages import StationInfo
from stationmaster.station.blocks.der_execution import Inverters, SharedControl, StationInverter, inverters
from stationmaster.station.ports import EvseDescription, HardwareDescription

NOW = datetime(2026, 3, 1, tzinfo=UTC)
PLATE = rated(10_000, 11_000)
DC = EvseDescription(id=1, connectors=(), current="DC", phases=0, max_current_a=50, max_power_w=10_000, inverter=PLATE)
AC = EvseDescription(
    id=2,
    connectors=(),
    current="AC",
    phases=3,
    max_current_a=32,
    max_power_w=22_000,
    emulates=("FreqDroop", "VoltWatt"),
)
PLAIN = EvseDescription(id=3, connectors=(), current="AC", phases=3, max_current_a=16, max_power_w=11_000)


class Hardware:
    """Two EVSEs under the test's hand."""

    def __init__(self) -> None:
        self.sample = GridSample()
        self.car: Mapping[str, Any] | None = None
        self.is_plugged = True
        self.usual_w = 0.0
        self.held: dict[int, PowerOrder] = {}
        self.sent: list[list[str]] = []

    def grid(self) -> GridSample:
        return self.sample

    def plugged(self, evse_id: int) -> int | None:
        return 1 if self.is_plugged else None

    def hold_power(self, evse_id: int, order: PowerOrder) -> None:
        self.held[evse_id] = order

    def usual_feed_w(self, evse_id: int) -> float:
        return self.usual_w

    def ev_needs(self, evse_id: int) -> Mapping[str, Any] | None:
        return self.car

    def configure_ev(self, evse_id: int, controls: Sequence[DERControl]) -> None:
        self.sent.append([control.id for control in controls])


def control(kind: str, **setting: Any) -> DERControl:
    return DERControl(id=kind, type=kind, is_default=True, setting={"priority": 0, **setting})


DROOP = control("FreqDroop", overFreq=50, underFreq=50, overDroop=0.05, underDroop=0.05)
TRIP = control("HFMustTrip", curveData=[{"x": 0, "y": 50.5}])
BEND = control("VoltWatt", curveData=[{"x": 100, "y": 50}])


def told(*modes: str) -> dict[str, Any]:
    return {
        "v2xChargingParameters": {"maxChargePower": 8_000, "maxDischargePower": 6_000},
        "derChargingParameters": {"evSupportedDERControl": list(modes)},
    }


def test_each_evse_that_takes_part_has_an_executor() -> None:
    hardware = Hardware()
    description = HardwareDescription(info=StationInfo(), evses=(DC, AC, PLAIN), der_modes=("VoltWatt",))
    made = inverters(description, hardware, Random(1))
    assert made.modes == {"VoltWatt"}
    assert made.follow([BEND], NOW) is None
    assert hardware.held.keys() == {1, 2}


def test_R01_an_inverter_of_the_station_follows_without_a_car() -> None:
    hardware = Hardware()
    hardware.is_plugged = False
    StationInverter(1, PLATE, hardware, 0.0).follow([BEND], GridSample(), NOW)
    assert hardware.held[1].ceiling_w == 5_000
    StationInverter(1, PLATE, hardware, 0.0).follow([], GridSample(), NOW)
    assert hardware.held[1] == FREE


def test_what_was_tripped_when_the_program_ended_waits_for_enter_service() -> None:
    hardware = Hardware()
    made = Inverters((), hardware, [StationInverter(1, PLATE, hardware, 0.0)])
    made.begin(Cause("HFMustTrip", "OverFrequency"))
    calm = {"highVoltage": 110, "lowVoltage": 90, "highFreq": 51, "lowFreq": 49}
    enter = control("EnterService", **calm, delay=60)
    assert made.follow([TRIP, enter], NOW) == Cause("HFMustTrip", "OverFrequency")
    assert hardware.held[1] == STOPPED
    assert made.follow([TRIP, enter], NOW + timedelta(seconds=60)) is None
    assert hardware.held[1] != STOPPED


def test_what_bent_when_the_program_ended_did_not_trip() -> None:
    hardware = Hardware()
    made = Inverters((), hardware, [StationInverter(1, PLATE, hardware, 0.0)])
    made.begin(Cause("VoltWatt", "OverVoltage"))
    assert made.follow([], NOW) is None
    assert hardware.held[1] == FREE


def test_R02_FR_03_a_car_gets_everything_that_the_station_does_not_emulate() -> None:
    hardware = Hardware()
    hardware.car = told("FreqDroop", "HFMustTrip")
    shared = SharedControl(AC, AC.emulates or (), hardware, 0.0)
    for _ in range(2):  # and once only
        shared.follow([DROOP, TRIP, BEND], GridSample(), NOW)
    assert hardware.sent == [["FreqDroop", "HFMustTrip"]]
    assert hardware.held[2].ceiling_w == 3_000  # half of what the car can feed


def test_R03_FR_05_the_station_does_not_emulate_what_the_car_does() -> None:
    hardware = Hardware()
    hardware.car = told("FreqDroop", "HFMustTrip", "VoltWatt")
    shared = SharedControl(AC, AC.emulates or (), hardware, 0.0)
    conduct = shared.follow([DROOP, TRIP, BEND], GridSample(frequency_hz=51), NOW)
    assert hardware.held[2] == FREE
    assert conduct.ruling == Cause("HFMustTrip", "OverFrequency")  # the car's, as it tells the station


def test_a_deviation_that_nobody_executes_is_none() -> None:
    hardware = Hardware()
    hardware.car = told("FreqDroop")
    shared = SharedControl(AC, (), hardware, 0.0)
    assert shared.follow([TRIP], GridSample(frequency_hz=51), NOW).ruling is None


def test_the_next_car_is_sent_the_controls_anew() -> None:
    hardware = Hardware()
    hardware.car = told("FreqDroop")
    shared = SharedControl(AC, (), hardware, 0.0)
    shared.follow([DROOP], GridSample(), NOW)
    hardware.is_plugged = False
    assert shared.follow([DROOP], GridSample(frequency_hz=51), NOW).ruling is None
    assert hardware.held[2] == FREE
    hardware.is_plugged = True
    shared.follow([DROOP], GridSample(), NOW)
    assert hardware.sent == [["FreqDroop"], ["FreqDroop"]]


def test_a_car_that_comes_before_the_next_look_is_sent_them_too() -> None:
    hardware = Hardware()
    hardware.car = told("FreqDroop")
    made = Inverters((), hardware, [SharedControl(AC, (), hardware, 0.0), StationInverter(1, PLATE, hardware, 0.0)])
    made.follow([DROOP], NOW)
    hardware.is_plugged = False
    made.on_evse(AC.id)
    hardware.is_plugged = True
    made.on_evse(AC.id)
    made.follow([DROOP], NOW)
    assert hardware.sent == [["FreqDroop"], ["FreqDroop"]]


def test_a_car_that_tells_nothing_is_sent_nothing_and_droops_on_what_it_draws() -> None:
    hardware = Hardware()
    shared = SharedControl(AC, AC.emulates or (), hardware, 0.0)
    conduct = shared.follow([DROOP, TRIP], GridSample(frequency_hz=49.5), NOW)
    assert hardware.sent == []
    assert hardware.held[2].feed_w(-11_000) == -6_600  # a fifth of the EVSE's 22 kW less
    assert conduct.ruling == Cause("FreqDroop", "UnderFrequency")


def test_R02_a_limit_is_felt_by_who_would_feed_more_than_its_share_of_the_car() -> None:
    hardware = Hardware()
    hardware.car = told("LimitMaxDischarge")
    shared = SharedControl(AC, (), hardware, 0.0)
    half = control("LimitMaxDischarge", pctMaxDischargePower=50)
    found = []
    for usual_w in (-8_000, 3_000, 3_002, 6_000):
        hardware.usual_w = usual_w
        found.append(shared.follow([half], GridSample(), NOW).ruling is not None)
    assert found == [False, False, True, True]
