"""Cars that feed the grid, and inverters that are held to an order."""

import asyncio
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stationmaster.clock.virtual import VirtualClock, run_virtual
from stationmaster.domain.der.controls import DERControl
from stationmaster.domain.der.grid import GridSample
from stationmaster.domain.der.power import STOPPED, PowerOrder
from stationmaster.domain.metering.values import power_w
from stationmaster.simulator.car_inverter import needs_of
from stationmaster.simulator.catalogue import (
    BOTH_WAYS_22,
    BOTH_WAYS_50,
    DC_50,
    SPECIAL_EV_MODELS,
    WALLBOX_11,
    ev_model,
    station_model,
)
from stationmaster.simulator.charge_path import ChargePath, PilotState
from stationmaster.simulator.ev import EV
from stationmaster.simulator.hardware import SimulatedHardware

SUPPLIES = [BOTH_WAYS_50.supply, BOTH_WAYS_22.supply]
powers = st.floats(-60_000, 60_000)


def session(supply, soc=0.6, model="Bidirectional DC 77", feed_w=0.0):
    path = ChargePath(supply)
    path.plug(EV(ev_model(model), soc))
    path.close_contactor()
    path.offer(feed_w=feed_w)
    return path


@pytest.mark.parametrize("supply", SUPPLIES)
@given(feed_w=st.floats(1, 100_000), soc=st.floats(0.31, 1), hours=st.floats(0, 10))
def test_what_leaves_the_battery_arrives_in_the_register_less_the_losses(supply, feed_w, soc, hours):
    path = session(supply, soc, feed_w=feed_w)
    before_wh = path.ev.battery.energy_wh
    path.advance(3600 * hours)
    given_wh = before_wh - path.ev.battery.energy_wh
    fed_wh = float(path.reading().fed_wh)
    assert path.reading().energy_wh == 0
    assert 0 <= fed_wh <= given_wh + 0.01
    assert fed_wh == pytest.approx(given_wh * efficiency(path), rel=1e-3, abs=0.01)
    assert path.ev.soc >= 0.3 - 1e-6


def efficiency(path):
    model = path.ev.model
    return model.ac_efficiency if path.supply in SUPPLIES[1:] else model.dc_efficiency


@pytest.mark.parametrize("supply", SUPPLIES)
@given(ceiling_w=st.floats(0, 60_000), floor_w=st.floats(-60_000, 0), shift_w=powers, feed_w=st.floats(0, 60_000))
def test_an_order_is_kept_at_the_side_of_the_grid(supply, ceiling_w, floor_w, shift_w, feed_w):
    path = session(supply, feed_w=feed_w)
    path.obey(PowerOrder(floor_w=floor_w, ceiling_w=ceiling_w, shift_w=shift_w))
    reading = path.reading()
    assert floor_w - 1 <= -reading.inlet_power_w <= ceiling_w + 1
    assert sum(phase.power_w for phase in reading.phases) == pytest.approx(reading.inlet_power_w, abs=1e-6)
    path.advance(60)  # and no register runs backwards


@pytest.mark.parametrize("supply", SUPPLIES)
def test_a_car_that_is_held_at_nothing_still_wants_energy(supply):
    path = session(supply)
    path.obey(STOPPED)
    assert path.reading().power_w == 0
    assert path.pilot is PilotState.C


def test_an_order_to_draw_goes_before_what_is_offered():
    path = session(BOTH_WAYS_50.supply)
    path.offer(power_w=5_000)
    path.obey(PowerOrder(ceiling_w=-20_000))
    assert path.reading().inlet_power_w == pytest.approx(20_000, rel=0.001)


@pytest.mark.parametrize("supply", [DC_50.supply, WALLBOX_11.supply])
def test_nothing_is_fed_through_what_goes_one_way(supply):
    path = session(supply, feed_w=5_000)
    path.advance(3600)
    assert (path.reading().power_w, path.reading().fed_wh) == (0, None)


def test_a_car_that_only_charges_feeds_nothing():
    path = session(BOTH_WAYS_50.supply, model="Compact 58", feed_w=5_000)
    assert path.reading().power_w == 0


@pytest.mark.parametrize("supply", SUPPLIES)
@pytest.mark.parametrize("feed_w", [0, 5_000])
def test_a_grid_without_voltage_carries_nothing(supply, feed_w):
    path = session(supply.disturbed(GridSample(voltage_pct=0)), feed_w=feed_w)
    assert path.reading().inlet_power_w == 0


@pytest.mark.parametrize("supply", SUPPLIES)
def test_feeding_raises_the_voltage_and_drawing_lowers_it(supply):
    def voltage(feed_w):
        return session(supply, feed_w=feed_w).reading().phases[0].voltage_v

    assert voltage(0) < 230 < voltage(9_000)


@pytest.mark.parametrize(
    ("model", "supply", "service"),
    [
        ("Bidirectional AC 60", BOTH_WAYS_22.supply, "AC_BPT_DER"),
        ("Bidirectional AC 60", BOTH_WAYS_50.supply, "DC_BPT"),
        ("Bidirectional DC 77", BOTH_WAYS_22.supply, "AC_BPT"),
        ("Bidirectional DC 77", DC_50.supply, None),
        ("Compact 58", BOTH_WAYS_50.supply, None),
    ],
)
def test_which_service_a_car_agrees_on(model, supply, service):
    needs = needs_of(EV(ev_model(model), 0.5), supply)
    assert (needs or {}).get("requestedEnergyTransfer") == service
    assert ("derChargingParameters" in (needs or {})) == (service == "AC_BPT_DER")


def test_special_cars_are_found_by_their_names():
    assert all(ev_model(model.name) is model for model in SPECIAL_EV_MODELS)


class Kept:
    """Registers that remember."""

    def __init__(self):
        self.fed = Decimal(0)

    def first_wh(self, evse_id):
        return Decimal(0)

    def on_reading(self, evse_id, energy_wh):
        pass

    def first_fed_wh(self, evse_id):
        return self.fed

    def on_fed(self, evse_id, fed_wh):
        self.fed = fed_wh


def test_what_was_fed_is_kept_and_measured_both_ways():
    async def story():
        clock, kept = VirtualClock(), Kept()
        hardware = SimulatedHardware(station_model("Bidirectional AC 22"), clock, registers=kept)
        task = asyncio.create_task(hardware.run())
        hardware.plug(1, EV(ev_model("Bidirectional AC 60"), 0.9))
        hardware.set_contactor(1, True)
        hardware.ask_for_energy(1, 6_000)
        await clock.sleep(3600)
        found = {(each.measurand, each.phase): float(each.value) for each in hardware.read_meter(1)}
        assert found["Energy.Active.Export.Register", None] == pytest.approx(6_000, rel=0.01)
        assert found["Power.Active.Export", None] == pytest.approx(6_000, rel=0.01)
        assert found["Power.Active.Import", None] == found["Current.Import", "L1"] == 0
        assert found["Current.Export", "L1"] == pytest.approx(8.7, abs=0.1)
        again = SimulatedHardware(station_model("Bidirectional AC 22"), clock, registers=kept)
        assert again.read_meter(1)[2].value == f"{kept.fed:.3f}"
        task.cancel()

    run_virtual(story())


def test_the_inverter_of_a_car_follows_what_it_can_and_forgets_it_with_the_plug():
    async def story():
        clock = VirtualClock()
        hardware = SimulatedHardware(station_model("Bidirectional AC 22"), clock)
        hardware.plug(1, EV(ev_model("Bidirectional AC 60"), 0.5))
        hardware.set_contactor(1, True)
        points = {"priority": 0, "curveData": [{"x": 0, "y": 110}]}
        controls = [
            DERControl(id=kind, type=kind, is_default=True, setting=points) for kind in ("HVMustTrip", "HVMomCess")
        ]
        hardware.configure_ev(1, controls[1:])  # it cannot
        hardware.disturb_grid(GridSample(voltage_pct=115))
        assert power_w(hardware.read_meter(1)) > 0
        hardware.configure_ev(1, controls)
        assert power_w(hardware.read_meter(1)) == 0
        hardware.disturb_grid()
        assert power_w(hardware.read_meter(1)) > 0
        hardware.unplug(1)
        assert hardware.configured(1) == ()

    run_virtual(story())
