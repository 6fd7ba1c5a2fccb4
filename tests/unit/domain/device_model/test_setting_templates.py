from datetime import UTC, datetime

import pytest

from stationmaster.domain.device_model.addresses import Component, Variable, VariableRef, VariableSetting
from stationmaster.domain.device_model.setting_templates import StationSelection, drift_of
from stationmaster.domain.messages import StationInfo
from stationmaster.domain.station import Station

STATION = Station(
    key=7,
    tenant="default",
    identity="CS-7",
    created_at=datetime(2030, 1, 1, tzinfo=UTC),
    info=StationInfo(vendor="Maker", model="Post", firmware_version="1.2"),
)


def setting(name: str, value: str) -> VariableSetting:
    ref = VariableRef(component=Component(name="C"), variable=Variable(name=name))
    return VariableSetting(ref=ref, value=value)


@pytest.mark.parametrize(
    ("selection", "taken"),
    [
        (StationSelection(), True),
        (StationSelection(vendor="MAKER", model="post", firmware_version="1.2"), True),
        (StationSelection(vendor="Maker", model="Wall"), False),
        (StationSelection(firmware_version="1"), False),
        (StationSelection(station_keys=(7,)), True),
        (StationSelection(station_keys=(8,), vendor="Maker"), False),
    ],
)
def test_a_selection_takes_the_stations_it_names_or_describes(selection: StationSelection, taken: bool) -> None:
    assert selection.takes(STATION) is taken


@pytest.mark.parametrize(
    ("wanted", "actual", "state"),
    [
        ("60", "60", "in_line"),
        ("true", "True", "in_line"),
        ("A,B", "A, B", "in_line"),
        ("A,B", "B,A", "differs"),
        ("60", "61", "differs"),
        ("60", None, "unknown"),
    ],
)
def test_a_value_is_in_line_if_it_means_the_same(wanted: str, actual: str | None, state: str) -> None:
    assert drift_of(7, [setting("X", wanted)], lambda _: actual).state == state


def test_a_station_differs_if_one_item_does_and_is_unknown_if_another_is() -> None:
    known = {"A": "1", "B": "2"}
    settings = [setting("A", "1"), setting("B", "9"), setting("C", "3")]
    drift = drift_of(7, settings, lambda ref: known.get(ref.variable.name))
    assert drift.state == "differs"
    assert [item.state for item in drift.items] == ["in_line", "differs", "unknown"]
    assert drift_of(7, settings[::2], lambda ref: known.get(ref.variable.name)).state == "unknown"


def test_a_secret_is_never_known() -> None:
    (item,) = drift_of(7, [setting("BasicAuthPassword", "secret")], lambda _: "secret").items
    assert (item.state, item.wanted, item.actual) == ("unknown", "***", None)
