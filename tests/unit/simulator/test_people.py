"""Drivers at a station that answers to nobody, or to an app."""

import asyncio

import msgspec

from stationmaster.clock.virtual import VirtualClock, run_virtual
from stationmaster.simulator.catalogue import ev_model, station_model
from stationmaster.simulator.driver import LeaveRule, TokenKind, Visit
from stationmaster.simulator.driver_profile import StartBy, StopBy
from stationmaster.simulator.hardware import SimulatedHardware
from stationmaster.simulator.people import LATE_MIN, TRIES, People

MODEL = station_model("Wallbox 11")
VISIT = Visit(
    number=1,
    arrival_s=60.0,
    token="04AA",
    token_kind=TokenKind.KNOWN,
    vehicle_mac="02AA",
    ev=ev_model("Compact 58"),
    initial_soc=0.5,
    charge_limit_soc=0.9,
    plug_first=True,
    start_by=StartBy.CARD,
    auth_delay_s=10.0,
    forgets=None,
    leave=LeaveRule(after_s=3600.0, at_soc=None, patience_s=600.0),
    stop_by=StopBy.CARD,
    unplug_delay_s=5.0,
)


class Listener:
    """Counts cards; ``lets_in`` closes the contactor at the first and opens it at the next."""

    def __init__(self, hardware, lets_in):
        self.hardware, self.lets_in = hardware, lets_in
        self.cards = 0

    def on_token(self, id_token, evse_id):
        self.cards += 1
        if self.lets_in:
            self.hardware.set_contactor(evse_id, not self.hardware.energized(evse_id))

    def on_cable(self, evse_id, connector_id, plugged): ...
    def on_ev_drawing(self, evse_id, drawing): ...


class Keeper(Listener):
    """Locks the plug while a car is there, and lets the cable go for the card that is shown afterwards."""

    def on_token(self, id_token, evse_id):
        self.cards += 1
        if self.hardware.plugged(evse_id) is None:
            self.hardware.unlock(evse_id, 1)
        else:
            self.hardware.lock(evse_id, 1)
            self.hardware.set_contactor(evse_id, True)


class Phone:
    def __init__(self, hardware):
        self.hardware = hardware
        self.taps = []

    async def start(self, evse_id, id_token):
        self.taps.append(("start", evse_id, id_token.value))
        self.hardware.set_contactor(evse_id, True)

    async def stop(self, evse_id):
        self.taps.append(("stop", evse_id))
        self.hardware.set_contactor(evse_id, False)

    async def reserve(self, evse_id, id_token, minutes):
        self.taps.append(("reserve", evse_id, id_token.value, minutes))
        self.hardware.show(evse_id, "Reserved until 12:00")
        return True


def day(*visits, lets_in=True, with_app=False):
    """What became of an hour and a half of visits: people, cards shown, app, hardware."""

    async def story():
        clock = VirtualClock()
        hardware = SimulatedHardware(MODEL, clock)
        listener, phone = Listener(hardware, lets_in), Phone(hardware)
        hardware.attach(listener)
        people = People(hardware, MODEL, iter(visits), clock, phone if with_app else None)
        tasks = [asyncio.create_task(hardware.run()), asyncio.create_task(people.run())]
        await clock.sleep(5400)
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
        return people, listener.cards, phone.taps, hardware

    return run_virtual(story())


def test_driver_charges_stops_by_card_and_leaves():
    people, cards, _, hardware = day(VISIT)
    assert (people.arrived, people.turned_away, people.gave_up, cards) == (1, 0, 0, 2)
    assert hardware.plugged(1) is None


def test_driver_shows_the_card_once_more_for_a_cable_that_is_kept():
    async def story():
        clock, model = VirtualClock(), station_model("Street post 2x22")
        hardware = SimulatedHardware(model, clock)
        keeper = Keeper(hardware, lets_in=True)
        hardware.attach(keeper)
        people = People(hardware, model, iter([msgspec.structs.replace(VISIT, stop_by=StopBy.PLUG)]), clock, None)
        tasks = [asyncio.create_task(hardware.run()), asyncio.create_task(people.run())]
        await clock.sleep(5400)
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
        assert keeper.cards == 2
        assert hardware.plugged(1) is None and not hardware.locked(1)

    run_virtual(story())


def test_driver_who_is_refused_tries_again_and_leaves():
    people, cards, _, hardware = day(VISIT, lets_in=False)
    assert (people.gave_up, cards) == (1, TRIES)
    assert hardware.plugged(1) is None


def test_second_driver_finds_the_place_taken():
    later = msgspec.structs.replace(VISIT, number=2, arrival_s=120.0)
    people, _, _, _ = day(VISIT, later)
    assert (people.arrived, people.turned_away) == (2, 1)


def test_driver_with_a_car_that_does_not_fit_is_turned_away():
    strange = msgspec.structs.replace(VISIT.ev, connectors=frozenset({"cG105"}))
    people, cards, _, _ = day(msgspec.structs.replace(VISIT, ev=strange))
    assert (people.turned_away, cards) == (1, 0)


def test_driver_with_the_app_shows_no_card():
    visit = msgspec.structs.replace(VISIT, start_by=StartBy.APP, stop_by=StopBy.APP)
    people, cards, taps, _ = day(visit, with_app=True)
    assert (people.gave_up, cards) == (0, 0)
    assert taps == [("start", 1, "04AA"), ("stop", 1)]


def test_driver_without_the_app_shows_the_card_instead():
    visit = msgspec.structs.replace(VISIT, start_by=StartBy.APP, stop_by=StopBy.PLUG)
    people, cards, _, hardware = day(visit)
    assert (people.gave_up, cards) == (0, 1)
    assert hardware.plugged(1) is None


def test_driver_who_reserves_finds_the_place_kept():
    visit = msgspec.structs.replace(VISIT, arrival_s=1800.0, reserves_s=1200.0)
    people, _, taps, _ = day(visit, with_app=True)
    assert taps[0] == ("reserve", 1, "04AA", 20 + LATE_MIN)
    assert (people.reserved, people.turned_away, people.gave_up) == (1, 0, 0)


def test_driver_does_not_stand_where_the_display_says_reserved():
    async def story():
        clock, model = VirtualClock(), station_model("Street post 2x22")
        hardware = SimulatedHardware(model, clock)
        listener = Listener(hardware, lets_in=True)
        hardware.attach(listener)
        hardware.show(1, "Reserved until 12:00")
        people = People(hardware, model, iter([VISIT]), clock)
        tasks = [asyncio.create_task(hardware.run()), asyncio.create_task(people.run())]
        await clock.sleep(600)
        assert (hardware.plugged(1), hardware.plugged(2)) == (None, 1)
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)

    run_virtual(story())
