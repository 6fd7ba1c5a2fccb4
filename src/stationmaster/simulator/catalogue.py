"""Cars and stations to simulate with.

All makes are invented. Their figures are the round numbers of each class of vehicle or station as sold in
Europe: pack sizes from 13 to 110 kWh, on-board chargers of 3.7, 7.4, 11 and 22 kW, DC peaks from none to
270 kW, outlets of 16 to 63 A. Connector types are spelled as OCPP 2.x spells them.
"""

from typing import Final

import msgspec

from stationmaster.simulator.battery import Curve
from stationmaster.simulator.ev import EVModel
from stationmaster.simulator.supply import AcSupply, DcSupply

AC_EUROPE: Final = frozenset({"cType2", "sType2"})
CCS_EUROPE: Final = AC_EUROPE | {"cCCS2"}
CHADEMO: Final = frozenset({"sType2", "cG105"})  # a Type 1 inlet: its own cable fits a socket, not a plug

EARLY_PEAK = Curve(((0.0, 0.80), (0.08, 1.0), (0.30, 1.0), (0.50, 0.70), (0.80, 0.40), (0.90, 0.20), (1.0, 0.05)))
FLAT = Curve(((0.0, 0.85), (0.05, 1.0), (0.70, 0.95), (0.80, 0.60), (0.90, 0.30), (1.0, 0.06)))
SLOW_AND_STEADY = Curve(((0.0, 0.90), (0.10, 1.0), (0.55, 0.90), (0.80, 0.45), (1.0, 0.10)))
NO_DC = Curve(((0.0, 0.0),))

EV_MODELS: Final[tuple[EVModel, ...]] = (
    EVModel(
        name="Plug-in hybrid 13",
        battery_wh=13_000,
        pack_voltage_v=350,
        ac_phases=1,
        ac_max_current_a=16,
        dc_max_power_w=0,
        connectors=AC_EUROPE,
        dc_curve=NO_DC,
        ac_efficiency=0.88,
    ),
    EVModel(
        name="First-generation hatchback 24",
        battery_wh=24_000,
        pack_voltage_v=360,
        ac_phases=1,
        ac_max_current_a=32,
        dc_max_power_w=46_000,
        connectors=CHADEMO,
        dc_curve=SLOW_AND_STEADY,
        ac_efficiency=0.88,
    ),
    EVModel(
        name="City car 27",
        battery_wh=27_000,
        pack_voltage_v=330,
        ac_phases=1,
        ac_max_current_a=32,
        dc_max_power_w=30_000,
        connectors=CCS_EUROPE,
        dc_curve=SLOW_AND_STEADY,
    ),
    EVModel(
        name="Small hatchback 52",
        battery_wh=52_000,
        pack_voltage_v=400,
        ac_phases=3,
        ac_max_current_a=32,
        dc_max_power_w=50_000,
        connectors=CCS_EUROPE,
        dc_curve=SLOW_AND_STEADY,
        ac_efficiency=0.89,
    ),
    EVModel(
        name="Compact 58",
        battery_wh=58_000,
        pack_voltage_v=350,
        ac_phases=3,
        ac_max_current_a=16,
        dc_max_power_w=120_000,
        connectors=CCS_EUROPE,
        dc_curve=EARLY_PEAK,
    ),
    EVModel(
        name="Family crossover 77",
        battery_wh=77_000,
        pack_voltage_v=700,
        ac_phases=3,
        ac_max_current_a=16,
        dc_max_power_w=235_000,
        connectors=CCS_EUROPE,
        dc_curve=FLAT,
        ac_efficiency=0.91,
        tells_soc_on_ac=True,
    ),
    EVModel(
        name="Long-range saloon 95",
        battery_wh=95_000,
        pack_voltage_v=720,
        ac_phases=3,
        ac_max_current_a=32,
        dc_max_power_w=270_000,
        connectors=CCS_EUROPE,
        dc_curve=FLAT,
        ac_efficiency=0.92,
        tells_soc_on_ac=True,
    ),
    EVModel(
        name="Delivery van 110",
        battery_wh=110_000,
        pack_voltage_v=400,
        ac_phases=3,
        ac_max_current_a=16,
        dc_max_power_w=115_000,
        connectors=CCS_EUROPE,
        dc_curve=FLAT,
    ),
)


CAR_MODES = (
    *("EnterService", "FixedPFAbsorb", "FixedPFInject", "FixedVar", "FreqDroop", "Gradients", "HFMustTrip"),
    *("HVMustTrip", "LFMustTrip", "LVMustTrip", "VoltVar"),
)
SPECIAL_EV_MODELS: Final[tuple[EVModel, ...]] = (
    EVModel(
        name="Bidirectional DC 77",
        battery_wh=77_000,
        pack_voltage_v=400,
        ac_phases=3,
        ac_max_current_a=16,
        dc_max_power_w=120_000,
        connectors=CCS_EUROPE,
        dc_curve=FLAT,
        feed_max_power_w=60_000,
    ),
    EVModel(
        name="Bidirectional AC 60",
        battery_wh=60_000,
        pack_voltage_v=400,
        ac_phases=3,
        ac_max_current_a=32,
        dc_max_power_w=100_000,
        connectors=CCS_EUROPE,
        dc_curve=FLAT,
        min_current_a=0,
        tells_soc_on_ac=True,
        feed_max_power_w=11_000,
        der_modes=CAR_MODES,
    ),
)
"""What few drive; a fleet has them only if it names them."""


class EVSEModel(msgspec.Struct, frozen=True):
    """One EVSE of a station: its supply and its connectors' types, of which one may be used at a time. ``emulates``:
    the DER controls that it can have a car follow on AC (R03.FR.03), None: it has nothing to do with DER control."""

    supply: AcSupply | DcSupply
    connectors: tuple[str, ...]
    emulates: tuple[str, ...] | None = None

    def fits(self, car: EVModel) -> bool:
        """Whether one of the connectors goes into the car."""
        return not car.connectors.isdisjoint(self.connectors)


class StationModel(msgspec.Struct, frozen=True, kw_only=True):
    """A make of station as it introduces itself in BootNotification, with its EVSEs in order from EVSE 1.
    ``der_modes``: the DER controls that it executes, or passes on to cars. ``detects_cars``: in its parking bays.
    ``signs_readings``: by calibrated meters. ``has_keys``: people can choose something at its display."""

    vendor_name: str
    model: str
    firmware_version: str
    evses: tuple[EVSEModel, ...]
    der_modes: tuple[str, ...] = ()
    swaps_batteries: bool = False
    takes_payments: bool = False
    detects_cars: bool = False
    signs_readings: bool = False
    has_keys: bool = False


WALLBOX_11 = EVSEModel(AcSupply(max_current_a=16), ("cType2",))
WALLBOX_7 = EVSEModel(AcSupply(max_current_a=32, phases=1), ("cType2",))
SOCKET_22 = EVSEModel(AcSupply(max_current_a=32), ("sType2",))
CABLE_43 = EVSEModel(AcSupply(max_current_a=63), ("cType2",))
_CELLS = DcSupply(max_power_w=3_000, max_current_a=50, min_voltage_v=40, max_voltage_v=60)
SLOT = EVSEModel(_CELLS, ("BatterySlot",))
DC_50 = EVSEModel(DcSupply(max_power_w=50_000, max_current_a=125, max_voltage_v=920), ("cCCS2", "cG105"))
DC_150 = EVSEModel(DcSupply(max_power_w=150_000, max_current_a=400, max_voltage_v=920), ("cCCS2",))
DC_300 = EVSEModel(DcSupply(max_power_w=300_000, max_current_a=500), ("cCCS2",))


def _station(model: str, *evses: EVSEModel) -> StationModel:
    return StationModel(vendor_name="Stationmaster", model=model, firmware_version="1.0.0", evses=evses)


STATION_MODELS: Final[tuple[StationModel, ...]] = (
    _station("Wallbox 7", WALLBOX_7),
    _station("Wallbox 11", WALLBOX_11),
    _station("Street post 2x22", SOCKET_22, SOCKET_22),
    _station("Triple 50", DC_50, CABLE_43),
    _station("Fast 2x150", DC_150, DC_150),
    _station("Motorway 2x300", DC_300, DC_300),
)


INVERTER_MODES = (
    *("EnterService", "FixedPFAbsorb", "FixedPFInject", "FixedVar", "FreqDroop", "FreqWatt", "Gradients"),
    *("HFMustTrip", "HVMomCess", "HVMustTrip", "LFMustTrip", "LVMomCess", "LVMustTrip", "LimitMaxDischarge"),
    *("VoltVar", "VoltWatt"),
)
EMULATED_MODES = ("FreqDroop", "FreqWatt", "LimitMaxDischarge", "VoltWatt")
BOTH_WAYS_50 = EVSEModel(msgspec.structs.replace(DC_50.supply, bidirectional=True), DC_50.connectors)
BOTH_WAYS_22 = EVSEModel(AcSupply(max_current_a=32, bidirectional=True), ("cType2",), EMULATED_MODES)
SPECIAL_MODELS: Final[tuple[StationModel, ...]] = (
    StationModel(
        vendor_name="Stationmaster",
        model="Bidirectional 2x50",
        firmware_version="1.0.0",
        evses=(BOTH_WAYS_50, BOTH_WAYS_50),
        der_modes=INVERTER_MODES,
    ),
    StationModel(
        vendor_name="Stationmaster",
        model="Bidirectional AC 22",
        firmware_version="1.0.0",
        evses=(BOTH_WAYS_22,),
        der_modes=INVERTER_MODES,
    ),
    StationModel(
        vendor_name="Stationmaster",
        model="Calibrated 2x22",
        firmware_version="1.0.0",
        evses=(SOCKET_22, SOCKET_22),
        signs_readings=True,
    ),
    StationModel(
        vendor_name="Stationmaster",
        model="Car park 2x11",
        firmware_version="1.0.0",
        evses=(WALLBOX_11, WALLBOX_11),
        detects_cars=True,
    ),
    StationModel(
        vendor_name="Stationmaster",
        model="Terminal 2x150",
        firmware_version="1.0.0",
        evses=(DC_150, DC_150),
        has_keys=True,
    ),
    StationModel(
        vendor_name="Stationmaster",
        model="Card payment 2x22",
        firmware_version="1.0.0",
        evses=(SOCKET_22, SOCKET_22),
        takes_payments=True,
    ),
    StationModel(
        vendor_name="Stationmaster",
        model="Battery swap 4",
        firmware_version="1.0.0",
        evses=(SLOT,) * 4,
        swaps_batteries=True,
    ),
)
"""What stands in few places; a fleet has them only if it names them."""


def ev_model(name: str) -> EVModel:
    """The car of this name. Raises KeyError for an unknown one."""
    return {model.name: model for model in (*EV_MODELS, *SPECIAL_EV_MODELS)}[name]


def station_model(name: str) -> StationModel:
    """The station whose `model` is this. Raises KeyError for an unknown one."""
    return {station.model: station for station in (*STATION_MODELS, *SPECIAL_MODELS)}[name]
