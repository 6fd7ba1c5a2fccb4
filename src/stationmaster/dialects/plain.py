"""Parts of messages that the domain carries whole: dicts with the wire's names on its side, structs on the other."""

from decimal import Decimal
from typing import Any, TypeVar

import msgspec

from stationmaster.ocpp.kinds import read_kind

Part = TypeVar("Part", bound=msgspec.Struct)


def struct_of(plain: Any, kind: type[Part]) -> Part:
    """The struct behind a dict; raises ``msgspec.ValidationError`` naming the member that does not fit."""
    return msgspec.convert(exact(plain), kind, dec_hook=read_kind)


def plain_of(part: Any) -> Any:
    """The dict behind a struct (a list behind several): times as text, decimals as they are, nothing that is absent."""
    return exact(msgspec.to_builtins(part, builtin_types=(Decimal,)))


def exact(value: Any) -> Any:
    """The same value in JSON's own containers, with a decimal for every float: the one that its shortest text names."""
    if isinstance(value, float):
        return Decimal(str(value))
    if isinstance(value, dict):
        return {key: exact(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [exact(item) for item in value]
    return value


def decimal_text(value: Decimal) -> str:
    """The number in digits, without an exponent: ``1E+3`` is ``1000``; trailing zeros stay."""
    text = str(value)
    return format(value, "f") if "E" in text else text
