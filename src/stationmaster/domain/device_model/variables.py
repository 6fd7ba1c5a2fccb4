"""What is known of a station's device model, and how it came to be known."""

from collections.abc import Mapping
from datetime import datetime
from typing import Literal

import msgspec

from stationmaster.domain.cost.telling import CAPABILITY
from stationmaster.domain.device_model.addresses import (
    CONFIGURATION_KEY,
    Attribute,
    Characteristics,
    Component,
    Mutability,
    ReportData,
    Variable,
    VariableRef,
)
from stationmaster.domain.secret_names import is_secret

Source = Literal["report", "get", "set"]


class VariableReported(msgspec.Struct, frozen=True, kw_only=True):
    """All that a report tells of a variable. It replaces what was known of it."""

    station_key: int
    data: ReportData
    told_at: datetime


class VariableValue(msgspec.Struct, frozen=True, kw_only=True):
    """One value of a variable; the rest of what is known of it stays. ``mutability`` counts where none was known."""

    station_key: int
    ref: VariableRef
    value: str
    told_at: datetime
    source: Source
    mutability: Mutability | None = None


class VariablesForgotten(msgspec.Struct, frozen=True, kw_only=True):
    """The variables of a station that it did not tell of since ``before``: a full inventory left them out."""

    station_key: int
    before: datetime


class KnownVariable(msgspec.Struct, frozen=True, kw_only=True):
    """A variable as the station last told of it. ``source`` and ``told_at`` are those of its newest value."""

    station_key: int
    component: Component
    variable: Variable
    attributes: tuple[Attribute, ...]
    told_at: datetime
    source: Source
    characteristics: Characteristics | None = None

    def value(self, ref: VariableRef) -> str | None:
        """The value of the attribute that the address names; None where none is known."""
        return next((a.value for a in self.attributes if a.type == ref.attribute), None)


class VariableFilter(msgspec.Struct, frozen=True, kw_only=True):
    """``text`` is looked for in the names of component and variable. Ordered by address."""

    tenant: str
    station_key: int
    component: str | None = None
    variable: str | None = None
    evse_id: int | None = None
    mutability: Mutability | None = None
    text: str | None = None


def without_secrets(data: ReportData) -> ReportData:
    """What may be kept of it: no value of a WriteOnly variable or of one whose name tells of a secret."""
    hidden = is_secret(data.variable.name)
    if not hidden and all(a.value is None or a.mutability != "WriteOnly" for a in data.attributes):
        return data
    attributes = tuple(
        msgspec.structs.replace(a, value=None) if hidden or a.mutability == "WriteOnly" else a for a in data.attributes
    )
    return msgspec.structs.replace(data, attributes=attributes)


_PER_MESSAGE: Mapping[str, str] = {"ItemsPerMessage": "items", "BytesPerMessage": "bytes"}
_WITHOUT_INSTANCE: Mapping[str, str] = {"LocalAuthListCtrlr": "SendLocalList"}
_TOLD = "told:"
NETWORK_PRIORITY = f"{_TOLD}NetworkConfigurationPriority"
REBOOT_REQUIRED = "reboot_required"
SECURITY_EXTENSION = "can:SecurityExtension"
LISTS_AVAILABLE = "can:LocalAuthList"
LISTS_ENABLED = "can:UseLocalAuthList"
LISTS_CHECK_EXPIRY = "can:ListExpiry"
RESERVES = "can:Reservation"
SHOWS_TEXTS = "can:DisplayMessage"
SHOWS_TARIFFS = "can:Tariff"
SHOWS_COSTS = "can:Cost"
COST_MESSAGES = f"can:{CAPABILITY}"
COSTS_AFTER_STOP = "can:IdleFeeAfterStop"
READS_LANGUAGES = "can:MultiLanguageMessages"
LANGUAGES = f"{_TOLD}SupportedLanguages"
TRANSACTION_LIMITS = f"{_TOLD}SupportedLimits"
HEARTBEAT_INTERVAL = f"{_TOLD}HeartbeatInterval"
LIST_ITEMS = "most:items:SendLocalList"
LIST_ROOM = "most:entries:LocalAuthList"
_PROFILES: Mapping[str, str] = {LISTS_AVAILABLE: "localauthlistmanagement", RESERVES: "reservation"}
"""What a station of 1.6 can do if it names this profile."""
_SWITCHES: Mapping[tuple[str, str], str] = {
    ("LocalAuthListCtrlr", "Available"): LISTS_AVAILABLE,
    ("LocalAuthListCtrlr", "Enabled"): LISTS_ENABLED,
    ("LocalAuthListCtrlr", "SupportsExpiryDateTime"): LISTS_CHECK_EXPIRY,
    ("DisplayMessageCtrlr", "Available"): SHOWS_TEXTS,
    ("ReservationCtrlr", "Available"): RESERVES,
    (CONFIGURATION_KEY, "CustomDisplayCostAndPrice"): COST_MESSAGES,
    (CONFIGURATION_KEY, "CustomIdleFeeAfterStop"): COSTS_AFTER_STOP,
    (CONFIGURATION_KEY, "CustomMultiLanguageMessages"): READS_LANGUAGES,
}
"""Booleans that tell what a station can do."""
_WORDS: Mapping[tuple[str, str], str] = {
    ("OCPPCommCtrlr", "NetworkConfigurationPriority"): NETWORK_PRIORITY,
    ("OCPPCommCtrlr", "HeartbeatInterval"): HEARTBEAT_INTERVAL,
    ("TxCtrlr", "SupportedLimits"): TRANSACTION_LIMITS,
    (CONFIGURATION_KEY, "SupportedLanguages"): LANGUAGES,
}
"""What is kept as it was told."""
_COST_SWITCHES: Mapping[str | None, str] = {"Tariff": SHOWS_TARIFFS, "Cost": SHOWS_COSTS}
"""Those of TariffCostCtrlr.Enabled, by its instance."""


def learned_from(ref: VariableRef, value: str) -> dict[str, str]:
    """What a variable's value tells us to go by: limits of messages, what the station can do, which networks it uses.

    The names are those of ``StationState.learned``.
    """
    component, variable = ref.component.name, ref.variable
    if ref.attribute != "Actual" or ref.component.evse is not None:
        return {}
    measure = _PER_MESSAGE.get(variable.name)
    if measure is not None:
        action = variable.instance or _WITHOUT_INSTANCE.get(component)
        return {f"most:{measure}:{action}": value} if action and value.isdecimal() and int(value) > 0 else {}
    words = _WORDS.get((component, variable.name))
    if words is not None:
        return {words: value}
    if component == "SecurityCtrlr":  # 1.6 has these only with the security whitepaper's messages
        return {SECURITY_EXTENSION: "yes"}
    if variable.name == "SupportedFeatureProfiles":
        named = value.lower()
        told = {name: "yes" if profile in named else "no" for name, profile in _PROFILES.items()}
        return {SECURITY_EXTENSION: "yes", **told} if "security" in named else told
    if variable.name == "LocalAuthListMaxLength":
        return _room(value)
    switch = _switch_of(component, variable)
    return {} if switch is None else {switch: "yes" if value.strip().lower() == "true" else "no"}


def _switch_of(component: str, variable: Variable) -> str | None:
    if (component, variable.name) == ("TariffCostCtrlr", "Enabled"):
        return _COST_SWITCHES.get(variable.instance)
    return _SWITCHES.get((component, variable.name))


def learned_of_bounds(ref: VariableRef, characteristics: Characteristics | None) -> dict[str, str]:
    """What the bounds of a variable tell us to go by; names as those of :func:`learned_from`."""
    most = None if characteristics is None else characteristics.max_limit
    if (ref.component.name, ref.variable.name) != ("LocalAuthListCtrlr", "Entries") or most is None:
        return {}
    return _room(str(int(most)))


def _room(value: str) -> dict[str, str]:
    return {LIST_ROOM: value} if value.isdecimal() and int(value) > 0 else {}
