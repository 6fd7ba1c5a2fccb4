import re
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from stationmaster.simulator.names import mac_address, rfid_uid, serial_number, station_identity


@given(st.integers())
def test_names_have_the_shape_of_what_they_stand_for(seed):
    random = Random(seed)
    assert re.fullmatch(r"[0-9A-F]{14}", rfid_uid(random))
    assert re.fullmatch(r"[0-9]{10}", serial_number(random))
    assert re.fullmatch(r"[0-9A-F][26AE][0-9A-F]{10}", mac_address(random))  # unicast, locally administered


def test_the_same_seed_gives_the_same_names():
    assert rfid_uid(Random(1)) == rfid_uid(Random(1)) != rfid_uid(Random(2))


def test_identities_sort_by_number():
    assert station_identity(7) == "SIM-00007"
    assert station_identity(99) < station_identity(100)
