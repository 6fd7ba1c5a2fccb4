"""The simulated station: what it tells, what it measures."""

import asyncio
from contextlib import asynccontextmanager
from decimal import Decimal

import pytest

from stationmaster.clock.virtual import VirtualClock, run_virtual
from stationmaster.domain.identity import IdToken
from stationmaster.domain.metering.values import power_w, register_wh, soc_percent
from stationmaster.simulator.catalogue import STATION_MODELS, ev_model, station_model
from stationmaster.simulator.charge_path import InterlockError
from stationmaster.simulator.ev import EV
from stationmaster.simulator.hardware import SimulatedHardware


class Listener:
    def __init__(self):
        self.heard = []

    def on_cable(self, evse_id, connector_id, plugged):
        self.heard.append(("cable", evse_id, connector_id, plugged))

    def on_bay(self, evse_id, occupied):
        self.heard.append(("bay", evse_id, occupied))

    def on_token(self, id_token, evse_id):
        self.heard.append(("token", id_token.value, evse_id))

    def on_ev_drawing(self, evse_id, drawing):
        self.heard.append(("drawing", evse_id, drawing))

    def on_ev_stop(self, evse_id):
        self.heard.append(("ev stop", evse_id))

    def on_stop_button(self, evse_id):
        self.heard.append(("button", evse_id))

    def on_fault(self, evse_id, connector_id, error_code, info=""):
        self.heard.append(("fault", evse_id, connector_id, error_code))


@asynccontextmanager
async def running(model="Wallbox 11"):
    clock = VirtualClock()
    hardware, listener = SimulatedHardware(station_model(model), clock), Listener()
    hardware.attach(listener)
    task = asyncio.create_task(hardware.run())
    try:
        yield hardware, listener, clock
    finally:
        task.cancel()
        await asyncio.wait((task,))


def car(soc=0.5, limit=1.0):
    return EV(ev_model("Compact 58"), soc, limit)


@pytest.mark.parametrize("model", [model.model for model in STATION_MODELS])
def test_every_model_describes_and_measures_all_its_evses(model):
    async def story():
        async with running(model) as (hardware, _, _clock):
            for evse in hardware.describe().evses:
                found = hardware.read_meter(evse.id)
                assert register_wh(found) == 0 and power_w(found) == 0
                assert (evse.phases == 0) == (evse.current == "DC")
                assert evse.max_power_w > 0 and evse.connectors

    run_virtual(story())


def test_car_draws_once_the_contactor_is_closed_and_says_when_it_is_full():
    async def story():
        async with running() as (hardware, listener, clock):
            hardware.plug(1, car(0.79, limit=0.8))
            hardware.set_contactor(1, True)
            await clock.sleep(5)
            assert power_w(hardware.read_meter(1)) > 10_000
            await clock.sleep(3600)
            hardware.unplug(1)
            assert listener.heard == [
                ("cable", 1, 1, True),
                ("drawing", 1, True),
                ("drawing", 1, False),
                ("cable", 1, 1, False),
            ]

    run_virtual(story())


def test_meter_counts_up_to_the_moment_it_is_read():
    async def story():
        async with running() as (hardware, _, clock):
            hardware.plug(1, car(0.1))
            hardware.set_contactor(1, True)
            drawn_w = power_w(hardware.read_meter(1))
            await clock.sleep(1.0)
            assert register_wh(hardware.read_meter(1)) == pytest.approx(drawn_w / 3600, abs=Decimal("0.01"))

    run_virtual(story())


def test_nothing_flows_without_the_contactor_and_nothing_is_stepped():
    async def story():
        async with running() as (hardware, listener, clock):
            hardware.plug(1, car())
            await clock.sleep(7 * 86_400)
            assert register_wh(hardware.read_meter(1)) == 0
            assert listener.heard == [("cable", 1, 1, True)]

    run_virtual(story())


def test_a_car_that_draws_is_looked_at_seldom_and_yet_in_time_when_it_is_full():
    async def story():
        async with running() as (hardware, listener, clock):
            looks, look = [], hardware._step
            hardware._step = lambda number, outlet: (looks.append(clock.monotonic()), look(number, outlet))
            hardware.plug(1, car(0.5))
            hardware.set_contactor(1, True)
            while ("drawing", 1, False) not in listener.heard:
                await clock.sleep(1)
            full_at = clock.monotonic()
            assert full_at > 2 * 3600
            assert len(looks) < 100
            hardware.read_meter(1)
            before = register_wh(hardware.read_meter(1))
            await clock.sleep(600)
            assert register_wh(hardware.read_meter(1)) == before
            assert looks[-1] - looks[-2] <= 5

    run_virtual(story())


def test_a_car_follows_a_change_in_two_seconds_however_long_it_was_left_alone():
    async def story():
        async with running() as (hardware, listener, clock):
            hardware.plug(1, car(0.1))
            hardware.set_contactor(1, True)
            await clock.sleep(1000)
            for offered_a, drawing in ((0.0, False), (16.0, True)):
                listener.heard.clear()
                hardware.set_limit(1, offered_a)
                await clock.sleep(1.9)
                assert listener.heard == []
                await clock.sleep(0.2)
                assert listener.heard == [("drawing", 1, drawing)]

    run_virtual(story())


def test_a_contactor_that_was_closed_for_a_moment_leaves_nothing_behind():
    async def story():
        async with running() as (hardware, listener, clock):
            hardware.plug(1, car())
            hardware.set_contactor(1, True)
            hardware.set_contactor(1, False)
            await clock.sleep(100)
            listener.heard.clear()
            hardware.set_contactor(1, True)
            await clock.sleep(1.9)
            assert listener.heard == []
            await clock.sleep(0.2)
            assert listener.heard == [("drawing", 1, True)]

    run_virtual(story())


def test_limit_holds_at_once():
    async def story():
        async with running() as (hardware, _, _clock):
            hardware.plug(1, car())
            hardware.set_contactor(1, True)
            hardware.set_limit(1, 6.0)
            currents = [s.number for s in hardware.read_meter(1) if s.measurand == "Current.Import"]
            assert currents == [6, 6, 6]
            hardware.set_limit(1, None)
            assert power_w(hardware.read_meter(1)) > 10_000

    run_virtual(story())


def test_limit_of_a_dc_outlet_is_the_equal_power():
    async def story():
        async with running("Fast 2x150") as (hardware, _, _clock):
            hardware.plug(1, car(0.2))
            hardware.set_contactor(1, True)
            hardware.set_limit(1, 20.0)
            assert power_w(hardware.read_meter(1)) == pytest.approx(20 * 690, abs=1)

    run_virtual(story())


def test_dc_tells_the_soc_and_plain_ac_does_not():
    async def story():
        async with running("Fast 2x150") as (dc, _, _clock), running() as (ac, _, _clock2):
            dc.plug(1, car(0.25))
            ac.plug(1, car(0.25))
            assert soc_percent(dc.read_meter(1)) == 25
            assert soc_percent(ac.read_meter(1)) is None

    run_virtual(story())


def test_lock_holds_only_a_plug_that_is_in_and_may_jam():
    async def story():
        async with running() as (hardware, _, _clock):
            assert not hardware.lock(1, 1)
            hardware.plug(1, car())
            assert hardware.lock(1, 1) and hardware.unlock(1, 1)
            hardware.jam_lock(1)
            assert not hardware.lock(1, 1)
            hardware.jam_lock(1, False)
            assert hardware.lock(1, 1)
            hardware.jam_lock(1)
            assert not hardware.unlock(1, 1)

    run_virtual(story())


@pytest.mark.parametrize(("model", "stays"), [("Street post 2x22", True), ("Wallbox 11", False)])
def test_cable_that_is_locked_in_a_socket_stays_when_the_car_leaves(model, stays):
    async def story():
        async with running(model) as (hardware, _, _clock):
            hardware.plug(1, car())
            hardware.lock(1, 1)
            hardware.unplug(1)
            assert hardware.locked(1) == stays
            assert hardware.unlock(1, 1) and not hardware.locked(1)

    run_virtual(story())


def test_second_car_does_not_fit():
    async def story():
        async with running() as (hardware, _, _clock):
            hardware.plug(1, car())
            with pytest.raises(InterlockError):
                hardware.plug(1, car())

    run_virtual(story())


def test_everything_people_do_is_heard_and_nothing_while_the_program_is_down():
    async def story():
        async with running() as (hardware, listener, _clock):
            acts = (
                lambda: hardware.present(IdToken("A")),
                lambda: hardware.press_stop(1),
                lambda: hardware.stop_by_car(1),
                lambda: hardware.fail(1, "OtherError"),
            )
            for act in acts:
                act()
            assert listener.heard == [
                ("token", "A", None),
                ("button", 1),
                ("ev stop", 1),
                ("fault", 1, 1, "OtherError"),
            ]
            hardware.attach(None)
            for act in acts:
                act()
            hardware.plug(1, car())
            hardware.unplug(1)
            assert len(listener.heard) == 4

    run_virtual(story())


def test_a_watched_bay_tells_of_cars_that_come_and_go_and_a_plug_in_it_is_a_car():
    async def story():
        async with running("Car park 2x11") as (hardware, listener, _):
            hardware.park(1)
            hardware.park(1)
            hardware.plug(1, car())
            hardware.plug(2, car())
            hardware.unplug(1)
            hardware.leave(1)
            return listener.heard, hardware.parked(1), hardware.parked(2)

    heard, first, second = run_virtual(story())
    assert heard == [
        ("bay", 1, True),
        ("cable", 1, 1, True),
        ("bay", 2, True),
        ("cable", 2, 1, True),
        ("cable", 1, 1, False),
        ("bay", 1, False),
    ]
    assert (first, second) == (False, True)


def test_a_bay_that_nobody_watches_tells_nothing():
    async def story():
        async with running("Wallbox 11") as (hardware, listener, _):
            hardware.park(1)
            hardware.leave(1)
            return listener.heard

    assert run_virtual(story()) == []
