"""The device model of a station (B05-B08): its table of variables at work, and what blocks add to it.

Nothing of it is kept ready: a fleet has many stations, and questions are few. Each question walks the table anew.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal

import msgspec

from stationmaster.domain.device_model.addresses import (
    CONFIGURATION_KEY,
    Attribute,
    Characteristics,
    Component,
    Mutability,
    OutOfRange,
    Parsed,
    ReportData,
    Variable,
    VariableRef,
    VariableResult,
    parse,
)
from stationmaster.domain.identity import Evse
from stationmaster.station.device_model.variable_table import TABLE, Row
from stationmaster.station.ports import HardwareDescription
from stationmaster.station.settings import Configuration, bounds_of, value_of

Live = Callable[[Evse | None], str]
"""The value of a variable now; the EVSE or Connector is None for one of the station itself."""
OnChange = Callable[[VariableRef, str, str], None]
"""A variable had the one value and has the other."""


class Verdict(msgspec.Struct, frozen=True):
    """What became of a value that was to be set."""

    status: str = "Accepted"
    reason: str | None = None
    info: str | None = None


ACCEPTED = Verdict()
REBOOT_REQUIRED = Verdict("RebootRequired")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One variable of one component. ``write`` is asked for values that parse; a constant needs none."""

    component: Component
    variable: Variable
    characteristics: Characteristics
    mutability: Mutability
    read: Callable[[], str]
    write: Callable[[str], Verdict] | None = None
    constant: bool = False

    @property
    def readable(self) -> bool:
        return self.mutability != "WriteOnly"

    @property
    def writable(self) -> bool:
        return self.mutability != "ReadOnly"

    def report(self) -> ReportData:
        """As a report tells of it; without a value that nobody may read (B07.FR.03)."""
        attribute = Attribute(
            value=self.read() if self.readable else None,
            mutability=self.mutability,
            persistent=self.writable,
            constant=self.constant,
        )
        return ReportData(
            component=self.component,
            variable=self.variable,
            attributes=(attribute,),
            characteristics=self.characteristics,
        )


class Variables:
    """``live`` tells what no setting holds, by the names of the table's rows; it goes before fields and facts.

    ``checks`` are asked before a setting of that name changes, and give the verdict that refuses it. ``fixed`` names
    settings that this station's hardware leaves no choice of, ``absent`` those that it has nothing for; ``choices`` are
    lists of values that it has other ones of. ``sources`` are entries that the table does not know.
    """

    def __init__(self, configuration: Configuration, description: HardwareDescription, version: str) -> None:
        self._configuration = configuration
        self._hardware = description
        self._evses = description.evses
        self._generation = 2 if version.startswith("2") else 1
        self._version = version
        self.live: dict[str, Live] = {}
        self.checks: dict[str, Callable[[str], Verdict | None]] = {}
        self.fixed: set[str] = set()
        self.absent: set[str] = set()
        self.choices: dict[str, tuple[str, ...]] = {}
        self.sources: list[Callable[[], Iterable[Entry]]] = []
        self.on_change: list[OnChange] = []
        configuration.on_change = self._setting_changed

    # Looking ──────────────────────────────────────────────────────────────────────────────────────────────────────

    def entries(self, component: str | None = None) -> Iterator[Entry]:
        """Everything that the station has, or that a component of this name has, in the order of the table."""
        for row in TABLE:
            if component in (None, row.component) and self._has(row):
                for place in self._places(row):
                    yield self._entry(row, place)
        for source in self.sources:
            yield from source()

    def find(self, ref: VariableRef) -> Entry | str:
        """The entry, or the status that says what of the address is not known (B06.FR.06, .07, .15)."""
        component, variable = _plain(ref)
        known = False
        for entry in self.entries(component.name):
            if entry.component == component:
                known = True
                if _same_variable(entry, variable):
                    return entry if ref.attribute == "Actual" else "NotSupportedAttributeType"
        return "UnknownVariable" if known else "UnknownComponent"

    def get(self, ref: VariableRef) -> VariableResult:
        """B06: one value, or why there is none."""
        entry = self.find(ref)
        if isinstance(entry, str):
            return VariableResult(ref=ref, status=entry, reason="NotFound")
        if not entry.readable:  # B06.FR.09
            return VariableResult(ref=ref, status="Rejected", mutability=entry.mutability, reason="WriteOnly")
        return VariableResult(ref=ref, status="Accepted", value=entry.read(), mutability=entry.mutability)

    # Changing ─────────────────────────────────────────────────────────────────────────────────────────────────────

    def set(self, ref: VariableRef, text: str) -> VariableResult:
        """B05: set one value, or tell why not."""
        entry = self.find(ref)
        if isinstance(entry, str):
            return VariableResult(ref=ref, status=entry, reason="NotFound")
        before = entry.read() if entry.readable else ""
        verdict = _written(entry, text)
        if verdict.status in ("Accepted", "RebootRequired") and not _is_setting(entry):
            own = VariableRef(component=entry.component, variable=entry.variable)
            self.changed(own, before, entry.read() if entry.readable else "")
        return VariableResult(
            ref=ref, status=verdict.status, mutability=entry.mutability, reason=verdict.reason, info=verdict.info
        )

    def changed(self, ref: VariableRef, before: str, now: str) -> None:
        """Tell who listens; for those whose variables are no settings."""
        for listener in self.on_change:
            listener(ref, before, now)

    def _setting_changed(self, name: str, before: str, now: str) -> None:
        row = next(row for row in TABLE if row.name == name)
        for place in self._places(row):
            self.changed(VariableRef(component=_component(row, place), variable=_variable(row)), before, now)

    # Inside ───────────────────────────────────────────────────────────────────────────────────────────────────────

    def _has(self, row: Row) -> bool:
        if row.name in self.absent:
            return False
        spoken = row.generation in (None, self._generation)
        soon = row.since == "2.1" and self._version != "2.1"
        missing = row.hardware is not None and not getattr(self._hardware, row.hardware)
        told = row.field is not None or row.fact is not None or row.name in self.live
        return spoken and told and not soon and not missing

    def _places(self, row: Row) -> Iterator[Evse | None]:
        if row.tier == "station":
            yield None
        elif row.tier == "EVSE":
            yield from (Evse(evse.id) for evse in self._evses)
        else:
            yield from (Evse(evse.id, connector.id) for evse in self._evses for connector in evse.connectors)

    def _entry(self, row: Row, place: Evse | None) -> Entry:
        mutability = self._mutability(row)
        return Entry(
            component=_component(row, place),
            variable=_variable(row),
            characteristics=self._characteristics(row, place),
            mutability=mutability,
            read=lambda: self._read(row, place),
            write=None if mutability == "ReadOnly" else lambda text: self._write(row, text),
            constant=row.fact is not None and row.name not in self.live,
        )

    def _mutability(self, row: Row) -> Mutability:
        if row.name in self.fixed:
            return "ReadOnly"
        return row.mutability_1x if self._generation == 1 and row.mutability_1x is not None else row.mutability

    def _characteristics(self, row: Row, place: Evse | None) -> Characteristics:
        low, high = (None, None) if row.field is None else bounds_of(row.field)
        most = None if high is None else Decimal(high)
        if row.limit is not None:
            most = Decimal(row.limit)
        if row.most is not None:
            most = Decimal(getattr(self._configuration.now, row.most))
        if row.name == "EVSE.Power" and place is not None:
            most = next(Decimal(str(evse.max_power_w)) for evse in self._evses if evse.id == place.id)
        return Characteristics(
            data_type=row.data_type,
            supports_monitoring=row.fact is None,
            unit=row.unit,
            min_limit=None if low is None else Decimal(low),
            max_limit=most,
            values_list=self.choices.get(row.name, row.values),
        )

    def _read(self, row: Row, place: Evse | None) -> str:
        live = self.live.get(row.name)
        if live is not None:
            return live(place)
        return value_of(self._configuration.now, row.name) if row.field is not None else row.fact or ""

    def _write(self, row: Row, text: str) -> Verdict:
        check = self.checks.get(row.name)
        refusal = None if check is None else check(text)
        if refusal is not None:
            return refusal
        before = self._configuration.now
        self._configuration.change(row.name, text)
        return REBOOT_REQUIRED if row.reboot and self._configuration.now != before else ACCEPTED


def _written(entry: Entry, text: str) -> Verdict:
    if entry.write is None or not entry.writable:  # B05.FR.09
        return Verdict("Rejected", "ReadOnly")
    try:
        value = parse(entry.characteristics, text)
        return entry.write(_said(value, text))
    except OutOfRange as failure:  # B05.FR.08
        return Verdict("Rejected", "ValueOutOfRange", str(failure))
    except ValueError as failure:  # B05.FR.07
        return Verdict("Rejected", "InvalidValue", str(failure))


def _said(value: Parsed, text: str) -> str:
    """A value in the one spelling that the station gives it back in."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Decimal):
        return str(value) if value.as_tuple().exponent == 0 else text.strip()
    return ",".join(value) if isinstance(value, tuple) else text


def _is_setting(entry: Entry) -> bool:
    """Whether the configuration itself tells when it changes."""
    return any((row.component, row.variable) == (entry.component.name, entry.variable.name) for row in TABLE)


def _component(row: Row, place: Evse | None) -> Component:
    return Component(name=row.component, evse=place)


def _variable(row: Row) -> Variable:
    return Variable(name=row.variable, instance=row.instance)


def _plain(ref: VariableRef) -> tuple[Component, Variable]:
    """Without what means nothing: an empty instance, EVSE 0."""
    component, variable = ref.component, ref.variable
    evse = component.evse if component.evse is not None and component.evse.id else None
    return (
        Component(name=component.name, instance=component.instance or None, evse=evse),
        Variable(name=variable.name, instance=variable.instance or None),
    )


def _same_variable(entry: Entry, asked: Variable) -> bool:
    if entry.component.name == CONFIGURATION_KEY:  # 1.6 CiString50
        return entry.variable.name.casefold() == asked.name.casefold()
    return entry.variable == asked
