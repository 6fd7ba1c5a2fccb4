from stationmaster.clock.virtual import VirtualClock
from stationmaster.domain.der.controls import SETTING_OF
from stationmaster.domain.device_model.addresses import parse
from stationmaster.domain.identity import Evse
from stationmaster.simulator.catalogue import BOTH_WAYS_50, EMULATED_MODES, INVERTER_MODES, station_model
from stationmaster.simulator.hardware import SimulatedHardware
from stationmaster.station.device_model.der_variables import der_entries
from stationmaster.station.device_model.variables import Entry


def entries(model: str) -> list[Entry]:
    return list(der_entries(SimulatedHardware(station_model(model), VirtualClock()).describe()))


def test_R01_FR_01_each_dc_evse_has_the_ratings_of_its_inverter() -> None:
    found = {(each.component.evse, each.variable.name): each.read() for each in entries("Bidirectional 2x50")}
    assert {evse for evse, _ in found} == {Evse(1), Evse(2)}
    plug = Evse(1)
    assert found[plug, "MaxW"] == "50000"
    supply = BOTH_WAYS_50.supply
    assert float(found[plug, "MaxChargeRateW"]) == round(supply.inlet_power_w(supply.full_load_w), 3)  # type: ignore[union-attr]
    assert (found[plug, "OverExcitedPF"], found[plug, "ReactiveSusceptance"]) == ("0.9", "0")
    assert found[plug, "InverterModel"] == "Bidirectional 2x50"
    assert found[plug, "ModesSupported"] == ",".join(INVERTER_MODES)


def test_everything_is_read_only_constant_and_fits_its_own_characteristics() -> None:
    for entry in (*entries("Bidirectional 2x50"), *entries("Bidirectional AC 22")):
        assert not entry.writable and entry.constant
        assert parse(entry.characteristics, entry.read()) is not None


def test_R03_FR_03_an_ac_evse_has_the_modes_that_it_emulates() -> None:
    (modes,) = entries("Bidirectional AC 22")
    assert (modes.component.name, modes.component.evse, modes.variable.name) == (
        "ACDERCtrlr",
        Evse(1),
        "ModesSupported",
    )
    assert modes.read() == ",".join(EMULATED_MODES)
    assert modes.characteristics.values_list == tuple(SETTING_OF)


def test_other_stations_have_none_of_them() -> None:
    assert entries("Street post 2x22") == entries("Fast 2x150") == []
