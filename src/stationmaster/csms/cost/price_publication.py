"""Showing a tariff's price to everybody before a card: at each station by whatever its version has for that.

A station of 2.1 that reckons by itself is given the tariff; others of 2.x are given texts to fall back upon; those of
1.6 have keys for them, if they show prices at all. Nothing is billed by it: that goes by assignments.
"""

from collections.abc import Mapping
from datetime import datetime

import msgspec

from stationmaster.csms.blocks.driver_prices import reckons_locally
from stationmaster.domain.cost.default_price import KEY, TEXT_KEY, written
from stationmaster.domain.cost.local_time import Offset
from stationmaster.domain.cost.price_text import price_text
from stationmaster.domain.cost.tariff import Tariff, components
from stationmaster.domain.cost.tariff_commands import SetDefaultTariff
from stationmaster.domain.cost.telling import CAPABILITY
from stationmaster.domain.cost.unit_prices import UnitPrices, flat_prices
from stationmaster.domain.device_model.addresses import (
    CONFIGURATION_KEY,
    Component,
    SetVariables,
    Variable,
    VariableRef,
    VariableSetting,
)
from stationmaster.domain.device_model.variables import LANGUAGES, SHOWS_COSTS, SHOWS_TARIFFS
from stationmaster.domain.messages import Request
from stationmaster.domain.station import StationState

LONGEST_FALLBACK = 255
"""Of a fallback message in 2.x."""
NEVER_CONNECTED = "the station has never connected, so its version is not known"
NOT_SHOWN = "the station does not say that it shows prices (key CustomDisplayCostAndPrice)"
TOO_OLD = "OCPP 1.2 and 1.5 have no way to tell a price"
NO_DISPLAY = "the station says that it shows neither tariffs nor costs"
ONLY_WHOLE = "one EVSE alone can only be given a price in OCPP 2.1, by a station that reckons with tariffs"


class Unpublished(Exception):
    """Why a station cannot be told, in words for an operator."""


class Price(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be shown. ``offline_text``: while nobody can say what a driver would pay. ``total_text``: where the
    total cannot be told. ``at_once``: the tariff is valid already. ``offsets``: of the clock on the wall there, from
    now on; empty: nobody said where it is."""

    tariff: Tariff
    evse_id: int = 0
    offline_text: str | None = None
    total_text: str | None = None
    at_once: bool = False
    offsets: tuple[Offset, ...] = ()


def told_to(state: StationState, price: Price) -> tuple[Request, ...]:
    """The commands by which a station is told. Raises Unpublished."""
    if state.station.version is None:
        raise Unpublished(NEVER_CONNECTED)
    if state.abilities.has_settings_of_price:
        return _second_generation(state, price)
    if not state.abilities.carries_costs_in_transfers:
        raise Unpublished(TOO_OLD)
    if price.evse_id:
        raise Unpublished(ONLY_WHOLE)
    if state.learned.get(f"can:{CAPABILITY}") != "yes":
        raise Unpublished(NOT_SHOWN)
    return (_settings({**_default_prices(state, price), **_clock(price)}),)


def _second_generation(state: StationState, price: Price) -> tuple[Request, ...]:
    if {state.learned.get(SHOWS_TARIFFS), state.learned.get(SHOWS_COSTS)} == {"no"}:
        raise Unpublished(NO_DISPLAY)
    reckons = reckons_locally(state)
    if price.evse_id and not reckons:
        raise Unpublished(ONLY_WHOLE)
    texts: dict[str, str] = {}
    if not price.evse_id:
        texts["TariffCostCtrlr.TariffFallbackMessage"] = price_text(price.tariff, None, LONGEST_FALLBACK)
        texts["TariffCostCtrlr.Currency"] = price.tariff.currency
        if price.total_text is not None:
            texts["TariffCostCtrlr.TotalCostFallbackMessage"] = price.total_text[:LONGEST_FALLBACK]
    if not reckons:
        return (_settings(texts),)
    by_the_clock = {**texts, **(_clock(price) if _goes_by_the_clock(price.tariff) else {})}
    tariff = SetDefaultTariff(evse_id=price.evse_id, tariff=price.tariff, at_once=price.at_once)
    return (_settings(by_the_clock), tariff) if by_the_clock else (tariff,)


def _default_prices(state: StationState, price: Price) -> Mapping[str, str]:
    tariff, offline = price.tariff, price.offline_text
    prices: UnitPrices | None = flat_prices(tariff)
    found = {f"{CONFIGURATION_KEY}.{KEY}": written(price_text(tariff), offline, prices)}
    supported = {each.strip().casefold() for each in state.learned.get(LANGUAGES, "").split(",")}
    for text in tariff.texts:
        if text.language.casefold() in supported:
            found[f"{CONFIGURATION_KEY}.{TEXT_KEY},{text.language}"] = written(text.content, offline)
    return found


def _clock(price: Price) -> Mapping[str, str]:
    """What the clock on the wall shows there, and when that changes next."""
    if not price.offsets:
        return {}
    now, *later = price.offsets
    found = {"ClockCtrlr.TimeOffset": _spelled(now.seconds)}
    if later:
        found["ClockCtrlr.NextTimeOffsetTransitionDateTime"] = _moment(later[0].from_at)
        found["ClockCtrlr.TimeOffset[NextTransition]"] = _spelled(later[0].seconds)
    return found


def _spelled(seconds: int) -> str:
    """As in +01:00."""
    sign, minutes = ("-" if seconds < 0 else "+"), abs(seconds) // 60
    return f"{sign}{minutes // 60:02}:{minutes % 60:02}"


def _moment(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")


def _goes_by_the_clock(tariff: Tariff) -> bool:
    whens = (price.when for _, component in components(tariff) for price in component.prices)
    return any(
        when and (when.from_time or when.to_time or when.days or when.from_date or when.to_date) for when in whens
    )


def _settings(values: Mapping[str, str]) -> SetVariables:
    return SetVariables(settings=tuple(_setting(name, value) for name, value in values.items()))


def _setting(name: str, value: str) -> VariableSetting:
    component, _, rest = name.partition(".")
    variable, _, instance = rest.rstrip("]").partition("[")
    ref = VariableRef(component=Component(name=component), variable=Variable(name=variable, instance=instance or None))
    return VariableSetting(ref=ref, value=value)
