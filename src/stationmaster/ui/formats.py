"""Values in words and units, for people. Everything here is pure; what is missing reads as an en dash."""

from datetime import UTC, datetime, timedelta, tzinfo
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

NONE = "–"
_Number = Decimal | float | int | str


def zone_of(name: str) -> tzinfo:
    """The viewer's zone as the browser names it; UTC where it names none that is known."""
    try:
        return ZoneInfo(name) if name else UTC
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return UTC


def parsed(moment: str | datetime | None) -> datetime | None:
    """A moment of the API's JSON."""
    return datetime.fromisoformat(moment) if isinstance(moment, str) else moment


def moment(value: str | datetime | None, zone: tzinfo) -> str:
    """``2026-05-04 13:02:09`` in the zone."""
    at = parsed(value)
    return NONE if at is None else at.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")


def clock_time(value: str | datetime | None, zone: tzinfo) -> str:
    """``13:02:09`` in the zone."""
    at = parsed(value)
    return NONE if at is None else at.astimezone(zone).strftime("%H:%M:%S")


def power(watt: _Number | None) -> str:
    """``850 W``, ``7.36 kW``, ``1.20 MW``."""
    return NONE if watt is None else _scaled(Decimal(str(watt)), "W")


def energy(watt_hours: _Number | None) -> str:
    """``850 Wh``, ``12.35 kWh``, ``1.20 MWh``."""
    return NONE if watt_hours is None else _scaled(Decimal(str(watt_hours)), "Wh")


def _scaled(value: Decimal, unit: str) -> str:
    """In the first unit in which it is less than a thousand, as it is shown."""
    shown = ""
    for exponent, prefix, digits in _PREFIXES:
        rounded = value.scaleb(-exponent).quantize(digits, ROUND_HALF_UP)
        shown = f"{rounded} {prefix}{unit}"
        if abs(rounded) < 1000:
            break
    return shown


_WHOLE, _CENT = Decimal(1), Decimal("0.01")
_PREFIXES = ((0, "", _WHOLE), (3, "k", _CENT), (6, "M", _CENT), (9, "G", _CENT))


def money(amount: _Number | None, currency: str | None) -> str:
    """``12.30 EUR``: two decimals at least, more where the amount has them."""
    if amount is None:
        return NONE
    exact = Decimal(str(amount))
    exponent = exact.normalize().as_tuple().exponent
    decimals = max(2, -exponent if isinstance(exponent, int) else 2)
    return f"{exact:,.{decimals}f} {currency or ''}".strip()


def duration(seconds: float | timedelta | None) -> str:
    """``45 s``, ``12 min``, ``3 h 05 min``, ``2 d 4 h``."""
    if seconds is None:
        return NONE
    whole = int(seconds.total_seconds() if isinstance(seconds, timedelta) else seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min"
    if whole < 86400:
        return f"{whole // 3600} h {whole % 3600 // 60:02d} min"
    return f"{whole // 86400} d {whole % 86400 // 3600} h"


def share(value: _Number | None) -> str:
    """``98.3 %`` of a share between 0 and 1."""
    return NONE if value is None else f"{Decimal(str(value)) * 100:.1f} %"


def count(value: int | None) -> str:
    """``12,345``."""
    return NONE if value is None else f"{value:,}"


def counted(number: int, one: str, more: str = "") -> str:
    """``1 station``, ``12,345 stations``. ``more``: what several are called, where that is more than an s behind it."""
    return f"{count(number)} {one if number == 1 else more or f'{one}s'}"


def size(size_bytes: int | None) -> str:
    """``850 B``, ``12.4 kB``, ``1.2 MB``."""
    if size_bytes is None:
        return NONE
    for factor, unit in ((10**9, "GB"), (10**6, "MB"), (1000, "kB")):
        if size_bytes >= factor:
            return f"{size_bytes / factor:.1f} {unit}"
    return f"{size_bytes} B"


def text(value: object) -> str:
    """A value of any kind; nothing as an en dash."""
    if value is None or value == "":
        return NONE
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


def for_input(value: str | datetime | None, zone: tzinfo) -> str:
    """A moment as an input of date and time has it: ``2026-05-04T13:02:09`` in the zone."""
    at = parsed(value)
    return "" if at is None else at.astimezone(zone).strftime("%Y-%m-%dT%H:%M:%S")


def from_input(typed: str | None, zone: tzinfo) -> str | None:
    """What stands in an input of date and time, as the API takes it; what is no moment goes on as it is."""
    if not typed:
        return None
    try:
        at = datetime.fromisoformat(typed)
    except ValueError:
        return typed
    return (at if at.tzinfo else at.replace(tzinfo=zone)).isoformat()


def changed_moment(prefilled: str, now: str | None, zone: tzinfo) -> str | None:
    """What was typed over ``for_input``'s text, as the API takes it; None where it is the same moment still.

    The text has less than the moment: no fractions of a second, and nothing tells the two hours apart that a clock
    goes through twice. So what nobody changed must not be sent from it.
    """
    typed = from_input(now, zone)
    return None if typed == from_input(prefilled, zone) else typed


def kept_moment(given: str | None, now: str | None, zone: tzinfo) -> str | None:
    """What stands in an input that began with ``given``: exactly that while nobody changed it, else what was typed."""
    typed = from_input(now, zone)
    return given if given and typed == from_input(for_input(given, zone), zone) else typed


def typed_number(typed: str | None) -> str:
    """What was typed as the API takes it, exactly; a decimal comma is a point. What is no number goes on as it is."""
    return (typed or "").strip().replace(",", ".")


def scaled(typed: str | None, factor: int) -> str:
    """A number that was typed, in the API's unit, of which ``factor`` are one of the input's."""
    try:
        return plain(Decimal(typed_number(typed)) * factor)
    except InvalidOperation:
        return typed_number(typed)


def unscaled(number: _Number | None, factor: int) -> str:
    """The other way round: a number of the API's, as it is typed."""
    return "" if number is None else plain(Decimal(str(number)) / factor)


def plain(number: _Number | None) -> str:
    """A number as it is typed: ``19``, ``2.5``."""
    return "" if number in (None, "") else f"{Decimal(str(number)).normalize():f}"
