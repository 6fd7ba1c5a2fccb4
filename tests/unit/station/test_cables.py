"""Locks, and cables that wait for their owners."""

import pytest

from stationmaster.clock.virtual import VirtualClock
from stationmaster.domain.identity import IdToken
from stationmaster.simulator.catalogue import ev_model, station_model
from stationmaster.simulator.ev import EV
from stationmaster.simulator.hardware import SimulatedHardware
from stationmaster.station.cables import Cables, KeptCable
from stationmaster.station.records import Grant
from stationmaster.storage.station_memory import RamMemory

GROUP = IdToken("FLEET", "Central")


@pytest.fixture
def grant(card):
    return Grant(id_token=card, group=GROUP)


def plugged(model):
    """Hardware with a car at EVSE 1, locked."""
    hardware = SimulatedHardware(station_model(model), VirtualClock())
    hardware.plug(1, EV(ev_model("Compact 58"), 0.5))
    assert hardware.lock(1, 1)
    return hardware


async def test_own_cable_is_kept_over_a_restart_until_it_is_freed(grant, card):
    hardware, memory = plugged("Street post 2x22"), RamMemory()
    Cables(hardware, memory).keep(1, 1, grant)
    again = Cables(hardware, memory)
    assert again.kept(1) == KeptCable(1, card, GROUP)
    assert hardware.locked(1)
    assert again.free(1, None)
    assert again.kept(1) is None and not hardware.locked(1)
    assert Cables(hardware, memory).kept(1) is None


async def test_fixed_cable_is_let_go_at_once(grant):
    hardware = plugged("Wallbox 11")
    cables = Cables(hardware, RamMemory())
    cables.keep(1, 1, grant)
    assert cables.kept(1) is None and not hardware.locked(1)


async def test_cable_that_nobody_owns_is_let_go():
    hardware = plugged("Street post 2x22")
    cables = Cables(hardware, RamMemory())
    cables.keep(1, 1, None)
    assert cables.kept(1) is None and not hardware.locked(1)


async def test_jammed_lock_does_not_come_free(grant):
    hardware = plugged("Street post 2x22")
    cables = Cables(hardware, RamMemory())
    hardware.jam_lock(1)
    assert not cables.free(1, 1)


async def test_next_session_takes_the_lock_over(grant):
    cables = Cables(plugged("Street post 2x22"), RamMemory())
    cables.keep(1, 1, grant)
    assert cables.lock(1, 1)
    assert cables.kept(1) is None


@pytest.mark.parametrize(
    ("value", "group", "belongs"),
    [("04aabbcc", None, True), ("04DDEEFF", None, False), ("04DDEEFF", GROUP, True), ("04DDEEFF", IdToken("X"), False)],
)
def test_cable_belongs_to_its_token_and_its_group(card, value, group, belongs):
    assert KeptCable(1, card, GROUP).belongs_to(IdToken(value), group) == belongs


def test_cable_without_a_group_belongs_to_no_group(card):
    assert not KeptCable(1, card).belongs_to(IdToken("04DDEEFF"), None)
