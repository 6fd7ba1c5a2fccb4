"""What a driver is told of money: what a transaction costs so far and in the end, and by which prices.

2.x has CostUpdated, and says the rest in its answers (I01-I06). To stations of 1.6 it is told by DataTransfer, in the
words of OCA's paper on California's pricing rules, where they say that they can show it.
"""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Literal

import msgspec

from stationmaster.domain.cost.unit_prices import NextPrices, UnitPrices
from stationmaster.domain.identity import IdToken
from stationmaster.domain.messages import Request
from stationmaster.domain.texts import Text

CAPABILITY = "CostMessages"
"""Of a 1.6 station that shows prices and costs (its key CustomDisplayCostAndPrice)."""

CostState = Literal["Charging", "Idle"]


class CostBasis(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a running cost was reckoned from, for a station that goes on by itself until the next one (1.6).

    ``register_wh`` was read at ``at``. ``prices`` None: only idling costs anything any more. ``sample_below_w``: when
    power falls below that or rises above it, a meter value is wanted at once.
    """

    at: datetime
    register_wh: int
    state: CostState = "Charging"
    prices: UnitPrices = UnitPrices()
    next: NextPrices | None = None
    sample_below_w: Decimal | None = None


class CostUpdated(Request, frozen=True, kw_only=True, omit_defaults=True):
    """I02. ``transaction_id`` is the wire's; ``total`` in the tariff's currency, taxes included."""

    transaction_id: str
    total: Decimal
    basis: CostBasis | None = None


class TellPrice(Request, frozen=True, kw_only=True, omit_defaults=True):
    """The price for a driver who has shown a token (1.6 SetUserPrice)."""

    id_token: IdToken
    text: str
    extra: tuple[Text, ...] = ()


class TellFinalCost(Request, frozen=True, kw_only=True, omit_defaults=True):
    """What a transaction came to (1.6 FinalCost). ``receipt_url``: to be shown as a QR code."""

    transaction_id: str
    total: Decimal
    text: str
    extra: tuple[Text, ...] = ()
    receipt_url: str | None = None


class ConnectorUnplugged(Request, frozen=True, kw_only=True, omit_defaults=True):
    """The car of a transaction that was over has left (1.6): what idling costs after the stop ends here."""

    transaction_id: str
    at: datetime


def carried_on(told: CostUpdated, register_wh: Decimal, at: datetime, idle_since: datetime | None = None) -> Decimal:
    """What a transaction comes to by now, from the running cost that was told last: for a display that goes on by
    itself. ``idle_since``: when idling began, whose grace counts from there; None: with what was told."""
    basis = told.basis
    if basis is None:
        return told.total
    following = basis.next
    prices = basis.prices if following is None or at < following.at else following.prices
    minutes = max(_minutes(basis.at, at), Decimal(0))
    if basis.state == "Idle":
        free_until = (idle_since or basis.at) + timedelta(seconds=prices.grace_s)
        minutes = max(_minutes(max(basis.at, free_until), at), Decimal(0))
        return told.total + minutes * (prices.idle_minute or 0)
    used_kwh = max(register_wh - basis.register_wh, Decimal(0)) / 1000
    return told.total + used_kwh * (prices.kwh or 0) + minutes * (prices.minute or 0)


def _minutes(from_at: datetime, to_at: datetime) -> Decimal:
    return Decimal((to_at - from_at) // timedelta(milliseconds=1)) / 60_000
