"""What a 1.6 station shows to everybody before a card: its keys DefaultPrice and DefaultPriceText,<language>.

JSON text, as others tell of OCA's paper on California's pricing rules (see ``dialects.v1.cost_messages``).
"""

from decimal import Decimal

import msgspec

from stationmaster.domain.cost.money import EXACT, plain
from stationmaster.domain.cost.unit_prices import UnitPrices

KEY = "DefaultPrice"
TEXT_KEY = "DefaultPriceText"
"""A comma and the language follow."""
LONGEST = 500
"""Of a configuration value in 1.6, in characters."""


class _Charging(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    kwh_price: Decimal | None = msgspec.field(default=None, name="kWhPrice")
    hour_price: Decimal | None = None
    flat_fee: Decimal | None = None


class DefaultPrice(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """``price_text_offline``: while nobody can say what the driver would pay. ``charging_price``: what a station may
    reckon with then."""

    price_text: str = ""
    price_text_offline: str | None = None
    charging_price: _Charging | None = None


def written(text: str, offline: str | None = None, prices: UnitPrices | None = None) -> str:
    """The value of a key, its texts cut so that it fits."""
    charging = None if prices is None else _charging(prices)
    room = LONGEST
    while True:
        value = _encode(
            DefaultPrice(price_text=_cut(text, room), price_text_offline=offline, charging_price=charging)
        ).decode()
        if len(value) <= LONGEST or room <= 1:
            return value
        room = min(room, len(text)) - (len(value) - LONGEST)


def read(value: str) -> DefaultPrice:
    """Raises ValueError for what is no such value."""
    return _decode(value)


def _charging(prices: UnitPrices) -> _Charging:
    hour = None if prices.minute is None else plain(EXACT.multiply(prices.minute, Decimal(60)))
    return _Charging(kwh_price=prices.kwh, hour_price=hour, flat_fee=prices.flat)


def _cut(text: str, room: int) -> str:
    return text if len(text) <= room else f"{text[: max(room - 1, 0)]}…"


_encode = msgspec.json.Encoder(decimal_format="number").encode
_decode = msgspec.json.Decoder(DefaultPrice, strict=False).decode
