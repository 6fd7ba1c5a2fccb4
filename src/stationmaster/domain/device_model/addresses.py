"""B05-B08: the device model. Its addresses, its variables, the messages about them, and what follows from them alone.

A variable is addressed by component x variable x attribute type. Names compare exactly (2.x strings are case
sensitive); an empty instance is none.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Literal, TypeVar

import msgspec

from stationmaster.domain.identity import Evse
from stationmaster.domain.messages import CommandAnswer, Request
from stationmaster.domain.statuses import in_one_word

Value = TypeVar("Value")
Parsed = Decimal | bool | datetime | str | tuple[str, ...]
AttributeType = Literal["Actual", "Target", "MinSet", "MaxSet"]
Mutability = Literal["ReadOnly", "WriteOnly", "ReadWrite"]

CONFIGURATION_KEY = "ConfigurationKey"
"""The component of a 1.x configuration key that has no counterpart in the device model; the variable's name is the
key. A name of our own: no station of 2.x has such a component."""

NO_ANSWER = "NoAnswer"
"""The status of an item that the station did not answer; not a word of the specification."""


class Component(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """``evse`` None: the station itself."""

    name: str
    instance: str | None = None
    evse: Evse | None = None


class Variable(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    name: str
    instance: str | None = None


class VariableRef(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The address of one value."""

    component: Component
    variable: Variable
    attribute: AttributeType = "Actual"


class ComponentVariable(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A question with wildcards: see :func:`asked_for`."""

    component: Component
    variable: Variable | None = None


class Attribute(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """``value`` None: it may not be read (WriteOnly), or was left out; an unset one is empty."""

    type: AttributeType = "Actual"
    value: str | None = None
    mutability: Mutability = "ReadWrite"
    persistent: bool = False
    constant: bool = False


class Characteristics(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """``data_type``: string, decimal, integer, dateTime, boolean, OptionList, SequenceList or MemberList.

    The limits of a text or a list are those of its length in characters.
    """

    data_type: str
    supports_monitoring: bool = False
    unit: str | None = None
    min_limit: Decimal | None = None
    max_limit: Decimal | None = None
    max_elements: int | None = None
    values_list: tuple[str, ...] | None = None


class ReportData(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A variable as a report tells of it."""

    component: Component
    variable: Variable
    attributes: tuple[Attribute, ...] = ()
    characteristics: Characteristics | None = None


class VariableResult(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What became of one item. ``mutability`` is known where 1.6 says whether a key is read only."""

    ref: VariableRef
    status: str
    value: str | None = None
    mutability: Mutability | None = None
    reason: str | None = None
    info: str | None = None


class GetVariables(Request, frozen=True, kw_only=True, omit_defaults=True):
    """B06."""

    variables: tuple[VariableRef, ...]


class VariableSetting(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    ref: VariableRef
    value: str


class SetVariables(Request, frozen=True, kw_only=True, omit_defaults=True):
    """B05. Each setting stands alone; they are tried in this order."""

    settings: tuple[VariableSetting, ...]


class VariablesAnswer(CommandAnswer, frozen=True, kw_only=True, omit_defaults=True):
    """``status`` is :func:`overall` of the results, which stand in the order of the questions."""

    results: tuple[VariableResult, ...] = ()


class GetBaseReport(Request, frozen=True, kw_only=True, omit_defaults=True):
    """B07. ``report_base``: ConfigurationInventory, FullInventory, SummaryInventory, or a word nobody knows."""

    report_base: str
    request_id: int = 0


class GetReport(Request, frozen=True, kw_only=True, omit_defaults=True):
    """B08. ``criteria``: Active, Available, Enabled, Problem, or words nobody knows."""

    request_id: int = 0
    criteria: tuple[str, ...] = ()
    component_variables: tuple[ComponentVariable, ...] = ()


class ReportAnswer(CommandAnswer, frozen=True, kw_only=True, omit_defaults=True):
    """``report`` is set where all of it comes with the answer (1.x)."""

    report: tuple[ReportData, ...] | None = None


class NotifyReport(Request, frozen=True, kw_only=True, omit_defaults=True):
    """One part of a report. ``request_id`` None: 2.0 may leave it out."""

    request_id: int | None
    seq_no: int
    generated_at: datetime | None = None
    to_be_continued: bool = False
    report: tuple[ReportData, ...] = ()


class OutOfRange(ValueError):
    """A value of the right type that lies outside its limits."""


def overall(results: Iterable[VariableResult]) -> str:
    """One word for all of them."""
    return in_one_word(result.status for result in results)


def asked_for(question: ComponentVariable, component: Component, variable: Variable) -> bool:
    """Whether a question means this variable: what it leaves out stands for all (B08.FR.20-25, N02.FR.16-21).

    An EVSE without a connector means the EVSE itself and all its connectors.
    """
    wanted = question.component
    if wanted.name != component.name or (wanted.instance and wanted.instance != component.instance):
        return False
    return _same_place(wanted.evse, component.evse) and _same_variable(question.variable, variable)


def _same_place(wanted: Evse | None, evse: Evse | None) -> bool:
    if wanted is None:
        return True
    return evse is not None and wanted.id == evse.id and wanted.connector_id in (None, evse.connector_id)


def _same_variable(wanted: Variable | None, variable: Variable) -> bool:
    if wanted is None:
        return True
    return wanted.name == variable.name and (not wanted.instance or wanted.instance == variable.instance)


def name_of(ref: VariableRef) -> str:
    """For people and logs, e.g. ``EVSE[left]@1.Power[L1]:Target``. Not a key: names may hold any character."""
    attribute = "" if ref.attribute == "Actual" else f":{ref.attribute}"
    return place_name(ref.component, ref.variable) + attribute


def place_name(component: Component, variable: Variable) -> str:
    """A variable without its attribute type, e.g. ``Connector@1.2.AvailabilityState``."""
    evse = component.evse
    at = "" if evse is None else f"@{evse.id}" if evse.connector_id is None else f"@{evse.id}.{evse.connector_id}"
    return f"{component.name}{_bracketed(component.instance)}{at}.{variable.name}{_bracketed(variable.instance)}"


def _bracketed(instance: str | None) -> str:
    return f"[{instance}]" if instance else ""


def parse(characteristics: Characteristics, text: str) -> Parsed:
    """What a text says as a value of this data type.

    Raises ValueError where it says nothing (B05.FR.07) and :class:`OutOfRange` where it lies outside the limits
    (B05.FR.08). Numbers come as Decimal, lists as tuples without blanks.
    """
    read = _READERS.get(characteristics.data_type, _text)
    return read(characteristics, text)


def _number(characteristics: Characteristics, text: str) -> Decimal:
    try:
        number = Decimal(text.strip())
    except InvalidOperation:
        raise ValueError(f"{text!r} is not a number") from None
    if not number.is_finite():
        raise ValueError(f"{text!r} is not a number")
    return _within(characteristics, number, number)


def _integer(characteristics: Characteristics, text: str) -> Decimal:
    stripped = text.strip()
    if not (stripped.isascii() and stripped.lstrip("+-").isdigit()):
        raise ValueError(f"{text!r} is not a whole number")
    return _number(characteristics, stripped)


def _boolean(_characteristics: Characteristics, text: str) -> bool:
    said = text.strip().lower()
    if said not in ("true", "false"):
        raise ValueError(f"{text!r} is neither true nor false")
    return said == "true"


def _date_time(_characteristics: Characteristics, text: str) -> datetime:
    return msgspec.convert(text.strip(), datetime)  # a msgspec.ValidationError is a ValueError


def _text(characteristics: Characteristics, text: str) -> str:
    return _within(characteristics, text, Decimal(len(text)))


def _option(characteristics: Characteristics, text: str) -> str:
    option = text.strip()
    _check_words(characteristics, (option,))
    return option


def _sequence(characteristics: Characteristics, text: str) -> tuple[str, ...]:
    """Comma separated, in order; an empty text is the empty list."""
    items = tuple(item.strip() for item in text.split(",")) if text.strip() else ()
    _check_words(characteristics, items)
    if characteristics.max_elements is not None and len(items) > characteristics.max_elements:
        raise OutOfRange(f"{len(items)} elements where {characteristics.max_elements} may stand")
    return _within(characteristics, items, Decimal(len(text)))


def _members(characteristics: Characteristics, text: str) -> tuple[str, ...]:
    items = _sequence(characteristics, text)
    if len(set(items)) != len(items):
        raise ValueError("a member is named twice")
    return items


def _check_words(characteristics: Characteristics, items: tuple[str, ...]) -> None:
    known = characteristics.values_list
    strange = next((item for item in items if known is not None and item not in known), None)
    if strange is not None:
        raise ValueError(f"{strange!r} is none of the values that may be chosen")


def _within(characteristics: Characteristics, value: Value, size: Decimal) -> Value:
    low, high = characteristics.min_limit, characteristics.max_limit
    if low is not None and size < low:
        raise OutOfRange(f"{size} is less than {low}")
    if high is not None and size > high:
        raise OutOfRange(f"{size} is more than {high}")
    return value


_READERS: Mapping[str, Callable[[Characteristics, str], Parsed]] = {
    "decimal": _number,
    "integer": _integer,
    "boolean": _boolean,
    "dateTime": _date_time,
    "OptionList": _option,
    "SequenceList": _sequence,
    "MemberList": _members,
    "string": _text,
}
