"""Variables of 2.x and configuration keys of 1.6 as one thing: a value of a station, and how it may be set. Pure."""

from datetime import tzinfo
from typing import Any

import msgspec

from stationmaster.ui.formats import NONE, counted, moment, text
from stationmaster.ui.parts.data_table import Column, Row
from stationmaster.ui.words import word_of

WRITTEN_ONLY = "written only"
_SOURCES = {"report": "reported", "get": "asked", "set": "set"}
_LISTS = ("MemberList", "SequenceList")


class Setting(msgspec.Struct, frozen=True, kw_only=True):
    """One value. ``address``: as the API's commands name it, the attribute included. ``value`` None: not known."""

    name: str
    address: dict[str, Any]
    value: str | None
    mutability: str
    data_type: str | None = None
    unit: str | None = None
    min_limit: float | None = None
    max_limit: float | None = None
    max_elements: int | None = None
    choices: tuple[str, ...] = ()

    @property
    def is_writable(self) -> bool:
        return self.mutability != "ReadOnly"

    @property
    def is_list(self) -> bool:
        return self.data_type in _LISTS


def item_key(item: Row) -> str:
    """What tells an item of the table from others."""
    if "key" in item:
        return str(item["key"])
    return "\x1f".join(str(item[name]) for name in ("component", "instance", "evse_id", "connector_id")) + (
        f"\x1f{item['variable']}\x1f{item['variable_instance']}"
    )


def settings_of(item: Row) -> tuple[Setting, ...]:
    """The values of a variable, one for each of its attributes; a configuration key has one."""
    if "key" in item:
        return (_of_key(item),)
    told = item["characteristics"] or {}
    place = {name: item[name] for name in ("component", "instance", "evse_id", "connector_id", "variable")}
    place["variable_instance"] = item["variable_instance"]
    given = {name: value for name, value in place.items() if value is not None}
    return tuple(
        Setting(
            name=full_name(item) + ("" if attribute["type"] == "Actual" else f", {attribute['type']}"),
            address={**given, "attribute": attribute["type"]},
            value=attribute["value"],
            mutability=attribute["mutability"],
            data_type=told.get("data_type"),
            unit=told.get("unit"),
            min_limit=told.get("min_limit"),
            max_limit=told.get("max_limit"),
            max_elements=told.get("max_elements"),
            choices=tuple(told.get("values_list") or ()),
        )
        for attribute in item["attributes"]
    )


def _of_key(item: Row) -> Setting:
    return Setting(
        name=item["key"],
        address={"component": "ConfigurationKey", "variable": item["key"]},
        value=item["value"],
        mutability="ReadOnly" if item["readonly"] else "ReadWrite",
        data_type=item["data_type"],
        unit=item["unit"],
    )


def full_name(item: Row) -> str:
    """``OCPPCommCtrlr.HeartbeatInterval``, ``EVSE[left]@1.Power[L1]``: for people."""
    evse, connector = item["evse_id"], item["connector_id"]
    at = "" if evse is None else f"@{evse}" if connector is None else f"@{evse}.{connector}"
    component = f"{item['component']}{_bracketed(item['instance'])}"
    return f"{component}{at}.{item['variable']}{_bracketed(item['variable_instance'])}"


def _bracketed(instance: str | None) -> str:
    return f"[{instance}]" if instance else ""


def component_name(item: Row) -> str:
    """``Connector, EVSE 1, connector 2``."""
    words = [f"{item['component']}{_bracketed(item['instance'])}"]
    if item["evse_id"] is not None:
        words.append(f"EVSE {item['evse_id']}")
    if item["connector_id"] is not None:
        words.append(f"connector {item['connector_id']}")
    return ", ".join(words)


def variable_name(item: Row) -> str:
    return f"{item['variable']}{_bracketed(item['variable_instance'])}"


def values_in_words(item: Row) -> str:
    """The value of each attribute that the station told of."""
    attributes = item["attributes"]
    if len(attributes) == 1 and attributes[0]["type"] == "Actual":
        return _with_unit(_value(attributes[0]), (item["characteristics"] or {}).get("unit"))
    return " · ".join(f"{attribute['type']} {_value(attribute)}" for attribute in attributes) or text(None)


def _with_unit(value: str, unit: str | None) -> str:
    return value if unit is None or value in (NONE, WRITTEN_ONLY) else f"{value} {unit}"


def _value(attribute: Row) -> str:
    return WRITTEN_ONLY if attribute["mutability"] == "WriteOnly" else text(attribute["value"])


def mutability_in_words(item: Row) -> str:
    """Whether it can be set."""
    kinds = {attribute["mutability"] for attribute in item["attributes"]}
    if kinds == {"ReadOnly"}:
        return "read only"
    return WRITTEN_ONLY if kinds == {"WriteOnly"} else "can be set"


def bounds(setting: Setting) -> str:
    """What values it may take, as far as the station told: ``integer, s, 10 to 600``."""
    words = [setting.data_type or "", setting.unit or ""]
    low, high = _plain(setting.min_limit), _plain(setting.max_limit)
    of_text = setting.is_list or setting.data_type == "string"
    if low and high:
        words.append(f"{low} to {high}{' characters' if of_text else ''}")
    elif low or high:
        words.append(f"at {f'least {low}' if low else f'most {high}'}{' characters' if of_text else ''}")
    if setting.max_elements is not None:
        words.append(f"at most {counted(setting.max_elements, 'element')}")
    if setting.is_list and not setting.choices:
        words.append("separated by commas")
    return ", ".join(word for word in words if word)


def _plain(number: float | None) -> str:
    if number is None:
        return ""
    return str(int(number)) if number == int(number) else str(number)


def told(item: Row, zone: tzinfo) -> str:
    """How and when the value came to be known."""
    return f"{word_of(_SOURCES, item['source'])} {moment(item['told_at'], zone)}"


def variable_columns(zone: tzinfo) -> tuple[Column, ...]:
    """Of a station of 2.x."""
    return (
        Column(name="variable", label="Variable", cell=variable_name),
        Column(name="component", label="Component", cell=component_name),
        Column(name="value", label="Value", cell=values_in_words),
        Column(name="takes", label="Takes", cell=_takes, wide_only=True),
        Column(name="mutability", label="Changes", cell=mutability_in_words, wide_only=True),
        Column(name="told", label="Known from", cell=lambda v: told(v, zone), wide_only=True),
    )


def _takes(item: Row) -> str:
    """Type, unit and bounds; they are those of all its attributes."""
    return text(next((bounds(setting) for setting in settings_of(item)), None))


def key_columns(zone: tzinfo) -> tuple[Column, ...]:
    """Of a station of 1.x."""
    return (
        Column(name="key", label="Key", cell=lambda k: str(k["key"])),
        Column(name="value", label="Value", cell=lambda k: _with_unit(text(k["value"]), k["unit"])),
        Column(name="counterpart", label="In OCPP 2.x", cell=lambda k: text(k["counterpart"]), wide_only=True),
        Column(
            name="mutability",
            label="Changes",
            cell=lambda k: "read only" if k["readonly"] else "can be set",
            wide_only=True,
        ),
        Column(name="told", label="Known from", cell=lambda k: told(k, zone), wide_only=True),
    )
