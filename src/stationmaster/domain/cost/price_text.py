"""A tariff in words that fit on a display: the operator's own, or made from the prices."""

from stationmaster.domain.cost.condition_words import ALWAYS, in_words
from stationmaster.domain.cost.money import plain, spelled
from stationmaster.domain.cost.tariff import Bound, Component, Dimension, Tariff, TaxRate, main_taxes

MAX_CONTENT = 512
"""Of a MessageContent in 2.0.1; 2.1 takes 1024."""

_UNITS: tuple[tuple[Dimension, str, str], ...] = (
    ("energy", "", "/kWh"),
    ("charging_time", "charging ", "/min"),
    ("idle_time", "idle ", "/min"),
    ("fixed", "start ", ""),
    ("reservation_fixed", "reservation ", ""),
    ("reservation_time", "reservation ", "/min"),
)


def price_text(tariff: Tariff, language: str | None = None, limit: int = MAX_CONTENT) -> str:
    """What to tell a driver before charging, at most ``limit`` characters.

    The operator's text in the language, in its base language, else the first there is; else one in English from the
    prices, for example ``22:00-06:00 0.25 EUR/kWh, else 0.45 EUR/kWh; plus VAT 19 %``.
    """
    text = _own_text(tariff, language) if tariff.texts else _made(tariff)
    return text if len(text) <= limit else f"{text[: limit - 1]}…"


def _own_text(tariff: Tariff, language: str | None) -> str:
    wanted = (language or "en").casefold()
    by_language = {text.language.casefold(): text.content for text in reversed(tariff.texts)}
    base = wanted.partition("-")[0]
    return by_language.get(wanted) or by_language.get(base) or by_language.get("en") or tariff.texts[0].content


def _made(tariff: Tariff) -> str:
    parts = []
    for dimension, name, unit in _UNITS:
        component = tariff.component(dimension)
        if component is not None:
            parts.append(_component(component, name, tariff.currency, unit))
    parts += [_bound("at least", tariff.minimum, tariff), _bound("at most", tariff.maximum, tariff)]
    parts.append(_taxes(main_taxes(tariff), tariff.includes_tax))
    return "; ".join(part for part in parts if part)


def _component(component: Component, name: str, currency: str, unit: str) -> str:
    words = []
    for place, price in enumerate(component.prices):
        when = in_words(price.when)
        condition = when if when != ALWAYS else "else" if place else ""
        words.append(f"{condition} {spelled(price.amount, currency)} {currency}{unit}".strip())
    return name + ", ".join(words)


def _bound(name: str, bound: Bound | None, tariff: Tariff) -> str:
    if bound is None:
        return ""
    amount = bound.excl if bound.incl is None else bound.incl
    return "" if amount is None else f"{name} {spelled(amount, tariff.currency)} {tariff.currency}"


def _taxes(taxes: tuple[TaxRate, ...], includes_tax: bool) -> str:
    names = ", ".join(f"{rate.name} {plain(rate.percent)} %" for rate in taxes)
    if not names:
        return ""
    return f"incl. {names}" if includes_tax else f"plus {names}"
