"""Payload bytes and the values they hold: exact numbers, times in UTC with milliseconds at most."""

import re
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import msgspec

from stationmaster.ocpp.checks import decimal_of

OPAQUE = frozenset({"data", "customData"})
"""Members whose content is between vendors: carried as it came, nulls and all."""

_ENCODER = msgspec.json.Encoder(decimal_format="number")
_INEXACT_TIME = re.compile(rb'T\d\d:\d\d:\d\d(?:\.\d{4,}Z|(?:\.\d+)?[+-]\d\d:\d\d)"')


def encode(value: Any) -> bytes:
    """A message, or plain values, as JSON.

    Decimals are numbers. Aware times are UTC with ``Z`` and at most three decimals, the rest cut off
    (OCPP 2.0.1 part 2, dateTime).
    """
    raw = _ENCODER.encode(value)
    if _INEXACT_TIME.search(raw) is None:
        return raw
    return _ENCODER.encode(_with_milliseconds(to_plain(value)))


def _number(text: str) -> Decimal | str:
    try:
        return decimal_of(text)
    except ValueError:
        return text


_DECODER = msgspec.json.Decoder(float_hook=_number)


def to_plain(value: Any) -> Any:
    """A message as dicts, lists and scalars; decimals and times stay what they are."""
    return msgspec.to_builtins(value, builtin_types=(Decimal, datetime))


def decode_plain(raw: bytes) -> Any:
    """Any JSON as dicts, lists and scalars, with exact decimals; a number out of range stays text.

    Raises ``msgspec.DecodeError`` or ``UnicodeDecodeError``, and ``RecursionError`` if nested too deep.
    """
    return _DECODER.decode(raw)


def milliseconds(moment: datetime) -> datetime:
    """The moment in UTC, cut to the milliseconds that OCPP may carry; one without a zone is left as it is."""
    if moment.tzinfo is None:
        return moment
    return moment.astimezone(UTC).replace(microsecond=moment.microsecond // 1000 * 1000)


def _with_milliseconds(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _with_milliseconds(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_with_milliseconds(item) for item in value]
    if not isinstance(value, datetime):
        return value
    exact = milliseconds(value)
    if exact.microsecond == 0 or exact.tzinfo is None:
        return exact
    return exact.isoformat(timespec="milliseconds").replace("+00:00", "Z")
