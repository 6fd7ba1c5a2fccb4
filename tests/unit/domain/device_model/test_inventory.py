from typing import Any

from stationmaster.domain.device_model.addresses import Attribute, Characteristics, Component, ReportData, Variable
from stationmaster.domain.device_model.inventory import compare
from stationmaster.domain.identity import Evse


def data(name: str, value: str | None = "1", *, evse: Evse | None = None, unit: str = "s", **fields: Any) -> ReportData:
    return ReportData(
        component=Component(name="C", evse=evse),
        variable=Variable(name=name),
        attributes=(Attribute(value=value, **fields),),
        characteristics=Characteristics(data_type="integer", unit=unit),
    )


def test_the_same_inventory_in_another_order_is_no_change() -> None:
    one, two = data("One"), data("Two", evse=Evse(1))
    assert compare([one, two], [two, one]) == ()


def test_what_came_what_went_and_what_is_another_is_told() -> None:
    old = [data("Gone"), data("Value"), data("Unit"), data("Mutability")]
    new = [data("New", "7"), data("Value", "2"), data("Unit", unit="min"), data("Mutability", mutability="ReadOnly")]
    found = {change.variable.name: change for change in compare(old, new)}
    assert {name: change.kind for name, change in found.items()} == {
        "Gone": "removed",
        "New": "added",
        "Value": "value",
        "Unit": "characteristics",
        "Mutability": "mutability",
    }
    assert (found["Value"].old, found["Value"].new, found["New"].new) == ("1", "2", "7")
    assert (found["Mutability"].old, found["Mutability"].new) == ("ReadWrite", "ReadOnly")


def test_a_measured_value_is_no_change() -> None:
    assert compare([data("AvailabilityState", "Available")], [data("AvailabilityState", "Occupied")]) == ()


def test_a_variable_told_in_two_parts_has_the_attributes_of_both() -> None:
    target = data("Power", "9", type="Target")
    whole = [data("Power"), target]
    joined = ReportData(
        component=target.component,
        variable=target.variable,
        attributes=(*data("Power").attributes, *target.attributes),
        characteristics=target.characteristics,
    )
    assert compare(whole, [joined]) == ()


def test_the_same_name_at_another_evse_is_another_variable() -> None:
    kinds = [change.kind for change in compare([data("X", evse=Evse(1))], [data("X", evse=Evse(2))])]
    assert kinds == ["removed", "added"]
