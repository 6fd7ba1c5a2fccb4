"""What changed between two inventories of a station."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Literal

import msgspec

from stationmaster.domain.device_model.addresses import Attribute, Component, ReportData, Variable

ChangeKind = Literal["added", "removed", "value", "mutability", "characteristics"]

_MEASURED = frozenset(
    {"AvailabilityState", "DateTime", "Power", "Current", "Voltage", "Temperature", "ChargingState", "StateOfCharge"}
)
"""Variables that are another's every moment: that they differ tells nothing of the hardware."""


class InventoryChange(msgspec.Struct, frozen=True, kw_only=True):
    """``attribute`` is set where one attribute's value or mutability differs; ``old`` and ``new`` are texts."""

    kind: ChangeKind
    component: Component
    variable: Variable
    attribute: str | None = None
    old: str | None = None
    new: str | None = None


def compare(old: Iterable[ReportData], new: Iterable[ReportData]) -> tuple[InventoryChange, ...]:
    """The changes from one inventory to the next, by address. Measured values are left out."""
    before, after = _by_address(old), _by_address(new)
    changes: list[InventoryChange] = []
    for address in sorted(before.keys() | after.keys()):
        was, is_now = before.get(address), after.get(address)
        if was is None and is_now is not None:
            changes.append(_whole("added", is_now, None, _shown(is_now)))
        elif is_now is None and was is not None:
            changes.append(_whole("removed", was, _shown(was), None))
        elif was is not None and is_now is not None:
            changes += _differences(was, is_now)
    return tuple(changes)


def _by_address(report: Iterable[ReportData]) -> Mapping[tuple[str, int, int, str, str, str], ReportData]:
    """A variable that is told of in two parts has the attributes of both."""
    found: dict[tuple[str, int, int, str, str, str], ReportData] = {}
    for item in report:
        address = address_of(item.component, item.variable)
        known = found.get(address)
        found[address] = item if known is None else _joined(known, item)
    return found


def address_of(component: Component, variable: Variable) -> tuple[str, int, int, str, str, str]:
    """Component, EVSE, connector, the component's instance, variable and its instance; what is absent is empty."""
    evse = component.evse
    evse_id, connector_id = (evse.id, evse.connector_id or 0) if evse is not None else (0, 0)
    return component.name, evse_id, connector_id, component.instance or "", variable.name, variable.instance or ""


def _joined(first: ReportData, second: ReportData) -> ReportData:
    attributes = {a.type: a for a in (*first.attributes, *second.attributes)}
    characteristics = second.characteristics or first.characteristics
    return msgspec.structs.replace(first, attributes=tuple(attributes.values()), characteristics=characteristics)


def _whole(kind: ChangeKind, item: ReportData, old: str | None, new: str | None) -> InventoryChange:
    return InventoryChange(kind=kind, component=item.component, variable=item.variable, old=old, new=new)


def _shown(item: ReportData) -> str | None:
    return next((a.value for a in item.attributes if a.type == "Actual"), None)


def _differences(was: ReportData, is_now: ReportData) -> Iterator[InventoryChange]:
    old, new = ({a.type: a for a in item.attributes} for item in (was, is_now))
    for type_ in sorted(old.keys() | new.keys()):
        yield from _attribute_differences(is_now, old.get(type_), new.get(type_))
    if was.characteristics != is_now.characteristics:
        texts = [
            None if item.characteristics is None else msgspec.json.encode(item.characteristics).decode()
            for item in (was, is_now)
        ]
        yield _whole("characteristics", is_now, *texts)


def _attribute_differences(item: ReportData, old: Attribute | None, new: Attribute | None) -> Iterator[InventoryChange]:
    either = new or old
    if either is None:
        return
    change = InventoryChange(kind="value", component=item.component, variable=item.variable, attribute=either.type)
    values = (old.value if old else None, new.value if new else None)
    if values[0] != values[1] and item.variable.name not in _MEASURED:
        yield msgspec.structs.replace(change, old=values[0], new=values[1])
    if old is not None and new is not None and old.mutability != new.mutability:
        yield msgspec.structs.replace(change, kind="mutability", old=old.mutability, new=new.mutability)
