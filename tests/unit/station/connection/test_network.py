"""The way through the network profiles (B10)."""

from itertools import islice

import pytest

from stationmaster.domain.device_model.network_profile import NetworkProfile
from stationmaster.station.connection.network import Route
from stationmaster.station.settings import Configuration, Settings
from stationmaster.storage.station_memory import RamMemory

PRESET = NetworkProfile(csms_url="ws://one.test", message_timeout_s=30, security_profile=1)
OTHER = NetworkProfile(csms_url="ws://two.test", message_timeout_s=10, security_profile=1)


def made(priority, attempts=2, memory=None, slots=(2, 3)):
    memory = memory or RamMemory()
    settings = Settings(network_priority=priority, network_profile_connection_attempts=attempts)
    route = Route(Configuration(memory, settings), memory, PRESET)
    for slot in slots:
        route.profiles.put(slot, OTHER)
    route.begin()
    return route


def tried(route, count):
    def slots():
        while True:
            yield route.slot
            route.failed()

    return list(islice(slots(), count))


def test_B10_FR_03_each_slot_is_tried_so_many_times_in_order_and_then_from_the_start():
    assert tried(made(("3", "1")), 6) == [3, 3, 1, 1, 3, 3]


def test_B10_FR_07_the_last_good_profile_is_gone_back_to_before_the_list_begins_anew():
    route = made(("1",), attempts=1)
    route.succeeded()
    route = made(("2", "3"), attempts=1, memory=route._memory)
    assert tried(route, 6) == [2, 3, 1, 2, 3, 1]


def test_B10_FR_04_a_restart_begins_with_the_first_slot():
    route = made(("2", "1"))
    route.failed()
    route.failed()
    assert route.slot == 1
    route.begin()
    assert route.slot == 2


@pytest.mark.parametrize(("priority", "slots"), [(("3",), ()), (("3", "2"), (2,))])
def test_slots_without_a_profile_are_passed_over(priority, slots):
    assert made(priority, slots=slots).slot == (2 if slots else 1)


def test_a_profile_that_is_set_counts_from_the_next_beginning():
    route = made(("2",))
    route.profiles.put(2, PRESET)
    assert route.profile == OTHER
    route.begin()
    assert route.profile == PRESET


def test_profiles_outlive_the_program_and_the_preset_may_be_another_next_time():
    memory = RamMemory()
    made(("1",), memory=memory)
    later = Route(Configuration(memory, Settings()), memory, OTHER)
    assert set(later.profiles.slots) == {1, 2, 3}
    assert later.profile == OTHER and later.is_preset
