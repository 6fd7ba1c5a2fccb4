"""Prices and costs for 1.6, as JSON text in DataTransfer.

The names and the shapes are those of OCA's "OCPP & California Pricing Requirements" as others have told of it; the
paper itself was not at hand. So what is read is read leniently, and what is written keeps to the fields that all know.
Prices by the hour, as the paper has them, are by the minute inside.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal

import msgspec

from stationmaster.dialects.moments import utc
from stationmaster.domain.cost.money import EXACT, plain
from stationmaster.domain.cost.telling import ConnectorUnplugged, CostBasis, CostUpdated, TellFinalCost, TellPrice
from stationmaster.domain.cost.unit_prices import NextPrices, UnitPrices
from stationmaster.domain.data_transfer import DataTransfer, DataTransferAnswer, VendorCall, Vendors
from stationmaster.domain.identity import IdToken
from stationmaster.domain.messages import Request
from stationmaster.domain.texts import Text

VENDOR = "org.openchargealliance.costmsg"
_HOUR = Decimal(60)
_KW = Decimal(1000)
_MOST_GRACE = 525_600
"""A year of minutes."""


class _Shape(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """Base of what stands in the text."""


class _Extra(_Shape, frozen=True, kw_only=True, omit_defaults=True):
    format: str = ""
    language: str | None = None
    content: str = ""


class _ChargingPrice(_Shape, frozen=True, kw_only=True, omit_defaults=True):
    kwh_price: Decimal | None = msgspec.field(default=None, name="kWhPrice")
    hour_price: Decimal | None = None
    flat_fee: Decimal | None = None


class _IdlePrice(_Shape, frozen=True, kw_only=True, omit_defaults=True):
    grace_minutes: int | None = None
    hour_price: Decimal | None = None


class _NextPeriod(_Shape, frozen=True, kw_only=True, omit_defaults=True):
    at_time: datetime
    charging_price: _ChargingPrice = _ChargingPrice()
    idle_price: _IdlePrice | None = None


class _Triggers(_Shape, frozen=True, kw_only=True, omit_defaults=True):
    at_time: datetime | None = None
    at_energy_kwh: Decimal | None = msgspec.field(default=None, name="atEnergykWh")
    at_power_kw: Decimal | None = msgspec.field(default=None, name="atPowerkW")
    at_cp_status: tuple[str, ...] = msgspec.field(default=(), name="atCPStatus")


class _SetUserPrice(_Shape, frozen=True, kw_only=True, omit_defaults=True):
    id_token: str
    price_text: str = ""
    price_text_extra: tuple[_Extra, ...] = ()


class _RunningCost(_Shape, frozen=True, kw_only=True, omit_defaults=True):
    transaction_id: int
    timestamp: datetime
    meter_value: Decimal
    cost: Decimal
    state: str = ""
    charging_price: _ChargingPrice | None = None
    idle_price: _IdlePrice | None = None
    next_period: _NextPeriod | None = None
    trigger_meter_value: _Triggers | None = None


class _FinalCost(_Shape, frozen=True, kw_only=True, omit_defaults=True):
    transaction_id: int
    cost: Decimal
    price_text: str = ""
    price_text_extra: tuple[_Extra, ...] = ()
    qr_code_text: str | None = None


class _ConnectorUnplugged(_Shape, frozen=True, kw_only=True, omit_defaults=True):
    transaction_id: int
    timestamp: datetime


# ── Writing ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def price_message(request: TellPrice) -> DataTransfer:
    return _transfer(
        "SetUserPrice",
        _SetUserPrice(
            id_token=request.id_token.value, price_text=request.text, price_text_extra=_write_extra(request.extra)
        ),
    )


def running_message(request: CostUpdated, basis: CostBasis) -> DataTransfer:
    following = basis.next
    trigger = basis.sample_below_w
    return _transfer(
        "RunningCost",
        _RunningCost(
            transaction_id=int(request.transaction_id),
            timestamp=basis.at,
            meter_value=Decimal(basis.register_wh),
            cost=request.total,
            state=basis.state,
            charging_price=_write_charging(basis.prices),
            idle_price=_write_idle(basis.prices),
            next_period=None
            if following is None
            else _NextPeriod(
                at_time=following.at,
                charging_price=_write_charging(following.prices),
                idle_price=_write_idle(following.prices),
            ),
            trigger_meter_value=None if trigger is None else _Triggers(at_power_kw=plain(EXACT.divide(trigger, _KW))),
        ),
    )


def final_message(request: TellFinalCost) -> DataTransfer:
    return _transfer(
        "FinalCost",
        _FinalCost(
            transaction_id=int(request.transaction_id),
            cost=request.total,
            price_text=request.text,
            price_text_extra=_write_extra(request.extra),
            qr_code_text=request.receipt_url,
        ),
    )


def unplugged_message(transaction_id: int, at: datetime) -> DataTransfer:
    return _transfer("ConnectorUnplugged", _ConnectorUnplugged(transaction_id=transaction_id, timestamp=at))


def _transfer(message_id: str, said: _Shape) -> DataTransfer:
    return DataTransfer(vendor_id=VENDOR, message_id=message_id, data=_encode(said).decode())


def _write_charging(prices: UnitPrices) -> _ChargingPrice:
    return _ChargingPrice(
        kwh_price=prices.kwh,
        hour_price=None if prices.minute is None else _by_hour(prices.minute),
        flat_fee=prices.flat,
    )


def _write_idle(prices: UnitPrices) -> _IdlePrice | None:
    if prices.idle_minute is None:
        return None
    return _IdlePrice(grace_minutes=prices.grace_s // 60, hour_price=_by_hour(prices.idle_minute))


def _by_hour(price: Decimal) -> Decimal:
    return plain(EXACT.multiply(price, _HOUR))


def _write_extra(texts: tuple[Text, ...]) -> tuple[_Extra, ...]:
    return tuple(_Extra(format=text.format, language=text.language, content=text.content) for text in texts)


# ── Reading ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def read_message(message: DataTransfer) -> Request | None:
    """What a transfer of this vendor says to a station, None: nothing that can be made out."""
    return _read(message, _TO_STATION)


def read_report(message: DataTransfer) -> Request | None:
    """The same of what a station says."""
    return _read(message, _TO_CSMS)


def _read(message: DataTransfer, table: Mapping[str, tuple[Any, Callable[[Any], Request]]]) -> Request | None:
    if message.vendor_id.casefold() != VENDOR:
        return None
    row = table.get(message.message_id or "")
    if row is None or not isinstance(message.data, str):
        return None
    shape, made = row
    try:
        return made(msgspec.json.decode(message.data, type=shape, strict=False))
    except (msgspec.DecodeError, ArithmeticError):
        return None


def _price(said: _SetUserPrice) -> TellPrice:
    return TellPrice(id_token=IdToken(said.id_token), text=said.price_text, extra=_extra(said.price_text_extra))


def _running(said: _RunningCost) -> CostUpdated:
    following, trigger = said.next_period, said.trigger_meter_value
    power_kw = None if trigger is None else trigger.at_power_kw
    return CostUpdated(
        transaction_id=str(said.transaction_id),
        total=_finite(said.cost),
        basis=CostBasis(
            at=utc(said.timestamp) or said.timestamp,
            register_wh=int(_finite(said.meter_value)),
            state="Idle" if said.state == "Idle" else "Charging",
            prices=_prices(said.charging_price, said.idle_price),
            next=None
            if following is None
            else NextPrices(
                at=utc(following.at_time) or following.at_time,
                prices=_prices(following.charging_price, following.idle_price),
            ),
            sample_below_w=None if power_kw is None else EXACT.multiply(_finite(power_kw), _KW),
        ),
    )


def _final(said: _FinalCost) -> TellFinalCost:
    return TellFinalCost(
        transaction_id=str(said.transaction_id),
        total=_finite(said.cost),
        text=said.price_text,
        extra=_extra(said.price_text_extra),
        receipt_url=said.qr_code_text,
    )


def _unplugged(said: _ConnectorUnplugged) -> ConnectorUnplugged:
    return ConnectorUnplugged(transaction_id=str(said.transaction_id), at=utc(said.timestamp) or said.timestamp)


def _prices(charging: _ChargingPrice | None, idle: _IdlePrice | None) -> UnitPrices:
    charging, idle = charging or _ChargingPrice(), idle or _IdlePrice()
    grace_minutes = idle.grace_minutes or 0
    if not 0 <= grace_minutes <= _MOST_GRACE:
        raise ArithmeticError("no grace")
    return UnitPrices(
        kwh=None if charging.kwh_price is None else _finite(charging.kwh_price),
        minute=_by_minute(charging.hour_price),
        flat=None if charging.flat_fee is None else _finite(charging.flat_fee),
        idle_minute=_by_minute(idle.hour_price),
        grace_s=60 * grace_minutes,
    )


def _by_minute(price: Decimal | None) -> Decimal | None:
    return None if price is None else plain((_finite(price) / _HOUR).quantize(Decimal("1e-9")))


def _finite(number: Decimal) -> Decimal:
    """Raises ArithmeticError."""
    if not number.is_finite() or abs(number.adjusted()) > 15:
        raise ArithmeticError("no amount")
    return number


def _extra(told: tuple[_Extra, ...]) -> tuple[Text, ...]:
    return tuple(Text(content=each.content, language=each.language) for each in told if each.content)


def _unreadable(call: VendorCall) -> DataTransferAnswer:
    return DataTransferAnswer(status="Rejected", reason="FormatViolation")


UNREADABLE: Mapping[Literal["csms", "station"], Vendors] = {
    "station": {VENDOR: dict.fromkeys(("SetUserPrice", "RunningCost", "FinalCost"), _unreadable)},
    "csms": {VENDOR: {"ConnectorUnplugged": _unreadable}},
}
"""What answers the messages of this vendor, by who is asked, that could not be read as what they mean."""
_encode = msgspec.json.Encoder(decimal_format="number").encode
_TO_STATION: Mapping[str, tuple[Any, Callable[[Any], Request]]] = {
    "SetUserPrice": (_SetUserPrice, _price),
    "RunningCost": (_RunningCost, _running),
    "FinalCost": (_FinalCost, _final),
}
_TO_CSMS: Mapping[str, tuple[Any, Callable[[Any], Request]]] = {
    "ConnectorUnplugged": (_ConnectorUnplugged, _unplugged),
}
