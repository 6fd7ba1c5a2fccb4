from decimal import Decimal
from typing import Any

import pytest

from stationmaster.domain.device_model.addresses import Characteristics, Component, Variable
from stationmaster.domain.monitoring.monitors import MonitorSetting
from stationmaster.station.device_model.monitors import MAX_MONITORS, PRECONFIGURED, MonitorStore, refusal
from stationmaster.station.device_model.variables import Entry
from stationmaster.storage.station_memory import RamMemory

EVSE, POWER = Component(name="EVSE"), Variable(name="Power")


def entry(data_type: str = "decimal", *, monitored: bool = True) -> Entry:
    characteristics = Characteristics(
        data_type=data_type, supports_monitoring=monitored, min_limit=Decimal(0), max_limit=Decimal(22_000)
    )
    return Entry(
        component=EVSE, variable=POWER, characteristics=characteristics, mutability="ReadOnly", read=lambda: "0"
    )


def setting(**changes: Any) -> MonitorSetting:
    fields: dict[str, Any] = {"component": EVSE, "variable": POWER, "type": "UpperThreshold", "value": Decimal(1000)}
    return MonitorSetting(**fields | changes)


def status_of(wanted: MonitorSetting, there: Entry | str | None = None, store: MonitorStore | None = None) -> str:
    verdict = refusal(wanted, there or entry(), store.all if store is not None else {})
    return "Accepted" if verdict is None else verdict.status


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, "Accepted"),
        ({"value": Decimal(22_001)}, "Rejected"),
        ({"value": Decimal(-1)}, "Rejected"),
        ({"type": "Delta", "value": Decimal(-1)}, "Rejected"),
        ({"type": "Delta", "value": Decimal(0)}, "Accepted"),
        ({"type": "Periodic", "value": Decimal(0)}, "Rejected"),
        ({"type": "Periodic", "value": Decimal("1.5")}, "Rejected"),
        ({"type": "PeriodicClockAligned", "value": Decimal(900)}, "Accepted"),
        ({"type": "TargetDelta"}, "UnsupportedMonitorType"),
        ({"type": "Astrology"}, "UnsupportedMonitorType"),
        ({"severity": 10}, "Rejected"),
        ({"severity": -1}, "Rejected"),
        ({"id": 4711}, "Rejected"),
    ],
)
def test_n04_what_can_be_set_and_what_not(changes: dict[str, Any], expected: str) -> None:
    assert status_of(setting(**changes)) == expected


def test_n04_fr_03_04_what_is_not_there_cannot_be_watched() -> None:
    assert status_of(setting(), "UnknownComponent") == "UnknownComponent"
    assert status_of(setting(), "UnknownVariable") == "UnknownVariable"


def test_n04_fr_05_a_constant_and_a_state_have_no_thresholds() -> None:
    assert status_of(setting(), entry(monitored=False)) == "UnsupportedMonitorType"
    assert status_of(setting(), entry("OptionList")) == "UnsupportedMonitorType"


def test_n04_fr_10_the_same_variable_type_and_severity_is_a_duplicate_but_not_of_itself() -> None:
    store = MonitorStore(RamMemory())
    mine = store.add(setting(severity=4)).monitor
    assert status_of(setting(severity=4, value=Decimal(1)), store=store) == "Duplicate"
    assert status_of(setting(severity=5), store=store) == "Accepted"
    assert status_of(setting(severity=4, value=Decimal(1), id=mine.id), store=store) == "Accepted"


def test_n04_fr_16_a_monitor_does_not_move_to_another_variable() -> None:
    store = MonitorStore(RamMemory())
    mine = store.add(setting()).monitor
    assert status_of(setting(variable=Variable(name="Voltage"), id=mine.id), store=store) == "Rejected"


def test_there_is_an_end_to_how_many_monitors_a_station_keeps() -> None:
    store = MonitorStore(RamMemory(), ())
    for number in range(MAX_MONITORS):
        store.add(setting(component=Component(name=f"C{number}")))
    assert status_of(setting(), store=store) == "Rejected"


def test_n07_fr_13_monitors_outlive_a_restart_with_all_that_is_known_of_them() -> None:
    memory = RamMemory()
    store = MonitorStore(memory)
    mine = store.add(setting()).monitor
    store.trigger(mine.id, True)
    store.set_level(4)
    again = MonitorStore(memory)
    assert again.all == store.all
    assert again.all[mine.id].triggered
    assert (again.level, again.base) == (4, "FactoryDefault")
    assert again.add(setting(severity=1)).monitor.id != mine.id


def test_n03_bases_keep_and_take_away_what_they_should() -> None:
    store = MonitorStore(RamMemory())
    (maker,) = PRECONFIGURED
    mine = store.add(setting()).monitor
    overruling = MonitorSetting(
        component=maker.component, variable=maker.variable, type="Delta", value=Decimal(1), severity=1, id=maker.id
    )
    store.add(overruling)

    store.set_base("All")
    assert {kept.monitor.id: kept.monitor.origin for kept in store.all.values()} == {
        maker.id: "CustomMonitor",
        mine.id: "CustomMonitor",
    }
    store.set_base("FactoryDefault")
    assert [kept.monitor for kept in store.all.values()] == [maker]
    store.set_base("HardWiredOnly")
    assert store.all == {}
    store.set_base("All")
    assert [kept.monitor for kept in store.all.values()] == [maker]
