"""C24, C25 Payments on a web page: the address that stands in a QR code, and what becomes of a payment.

The address is made from a template of the tenant's, with places in braces (C25.FR.50-53):

    https://pay.example/{chargingstationid}/{evse}/{totp}/{version}

and may tell beside it how far its driver wants to go: ``maxenergy`` (Wh), ``maxtime`` (s), ``maxcost`` (C25.FR.56-59).
"""

import re
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Literal
from urllib.parse import SplitResult, parse_qsl, quote, unquote, urlencode, urlsplit

import msgspec

from stationmaster.domain.payment import totp
from stationmaster.domain.payment.payments import SettlementStatus
from stationmaster.domain.transactions.limits import TransactionLimit

MAX_URL = 2000
_MOST = Decimal(10**9)
"""Of a limit in an address."""
_NUMBER = re.compile(r"[0-9]{1,10}(\.[0-9]{1,4})?")
"""No exponents: what has one may be too small or too long for any message."""

STATION, ROAMING, EVSE, CODE, VERSION = "chargingstationid", "roamingevseid", "evse", "totp", "version"
_FORMS: Mapping[str, str] = {
    STATION: r"[^/]{1,576}",  # 48 characters of four bytes, each byte percent-encoded
    ROAMING: r"[^/]{1,576}",
    EVSE: r"[0-9]{1,9}",
    CODE: rf"[0-9A-Za-z]{{{totp.LENGTH[0]},{totp.LENGTH[1]}}}",
    VERSION: r"[0-9A-Za-z.]{1,20}",
}
_PLACE = re.compile(r"\{([^{}]*)\}")


class Unreadable(ValueError):
    """An address that is not made from the template; the text says in what."""


class ScannedUrl(msgspec.Struct, frozen=True, kw_only=True):
    """What stands in the address of a QR code. ``evse_id`` None: whichever the station chooses."""

    station: str
    code: str
    version: str
    evse_id: int | None = None
    limit: TransactionLimit = TransactionLimit()


def template_problem(template: str) -> str | None:
    """Why no station could make an address from it that we can read; None: it can be used."""
    parts = urlsplit(template)
    if parts.scheme.lower() not in ("http", "https") or not parts.netloc or len(template) > MAX_URL:
        return "it is no address that begins with http:// or https://"
    if _PLACE.search(parts.netloc) or "@" in parts.netloc or parts.fragment:
        return "places in braces may stand in the path and the query only, and credentials and # nowhere"
    names = [name.lower() for name in _PLACE.findall(template)]
    unknown = [name for name in names if name not in _FORMS]
    if unknown:
        return f"nobody knows what {{{unknown[0][:50]}}} is"
    if len(set(names)) != len(names) or "}{" in template:
        return "each place may stand there once, and not right behind another one"
    missing = [name for name in (CODE, VERSION) if name not in names]
    if not {STATION, ROAMING} & set(names):
        missing.append(STATION)
    return f"it has no place {{{missing[0]}}} (C25.FR.50)" if missing else None


def filled(template: str, values: Mapping[str, str], limit: TransactionLimit | None = None) -> str:
    """The address for a QR code (C25.FR.51-53, .56-58). A place of which ``values`` tells nothing stays as it is."""

    def value(place: re.Match[str]) -> str:
        told = values.get(place[1].lower())
        return place[0] if told is None else quote(told, safe="")

    url = _PLACE.sub(value, template)
    asked = [(name, str(most)) for name, most in _limits_of(limit).items() if most is not None]
    return url + ("&" if "?" in url else "?") + urlencode(asked) if asked else url


def read(template: str, url: str) -> ScannedUrl:
    """What an address tells that was made from a template of :data:`STATION`. Raises Unreadable.

    What the query has beside the template's own and the limits means nothing (C25.FR.60).
    """
    if len(url) > MAX_URL or not url.isascii() or not url.isprintable():
        raise Unreadable(f"it is longer than {MAX_URL} characters, or has some that no address has")
    try:
        wanted, given = urlsplit(template), urlsplit(url)
    except ValueError:
        raise Unreadable("it is no address") from None
    if (given.scheme.lower(), given.netloc.lower()) != (wanted.scheme.lower(), wanted.netloc.lower()):
        raise Unreadable("it leads elsewhere")
    query = _query(given)
    found = _matched(wanted.path.rstrip("/"), given.path.rstrip("/"), "its path is another one")
    for name, form in parse_qsl(wanted.query, keep_blank_values=True):
        value = quote(query.get(name.lower(), ""), safe="")
        found |= _matched(quote(form, safe="{}"), value, f"its {name} is another one or missing")
    if STATION not in found:
        raise Unreadable("it names no charging station")
    return ScannedUrl(
        station=unquote(found[STATION]),
        code=found[CODE],
        version=found[VERSION],
        evse_id=int(found[EVSE]) or None if EVSE in found else None,
        limit=TransactionLimit(
            max_energy_wh=_number(query, "maxenergy"),
            max_time_s=_whole(query, "maxtime"),
            max_cost=_number(query, "maxcost"),
        ),
    )


def _matched(form: str, text: str, wrong: str) -> dict[str, str]:
    parts = _PLACE.split(form)  # what stands between the places, and their names, in turns
    pattern = "".join(
        f"(?P<{part.lower()}>{_FORMS[part.lower()]})" if index % 2 else re.escape(part)
        for index, part in enumerate(parts)
    )
    found = re.fullmatch(pattern, text)
    if found is None:
        raise Unreadable(wrong)
    return found.groupdict()


def _query(url: SplitResult) -> dict[str, str]:
    """Names without case. Raises Unreadable for one that is there twice."""
    try:
        pairs = parse_qsl(url.query, keep_blank_values=True, max_num_fields=20)
    except ValueError:
        raise Unreadable("it has too many parameters") from None
    query = {name.lower(): value for name, value in pairs}
    if len(query) != len(pairs):
        raise Unreadable("it has a parameter twice")
    return query


def _number(query: Mapping[str, str], name: str) -> Decimal | None:
    text = query.get(name)
    if text is None:
        return None
    value = Decimal(text) if _NUMBER.fullmatch(text) else Decimal(0)
    if not 0 < value <= _MOST:
        raise Unreadable(f"its {name} is no number above 0")
    return value


def _whole(query: Mapping[str, str], name: str) -> int | None:
    value = _number(query, name)
    if value is not None and value != int(value):
        raise Unreadable(f"its {name} is no whole number")
    return None if value is None else int(value)


def _limits_of(limit: TransactionLimit | None) -> dict[str, Decimal | int | None]:
    if limit is None:
        return {}
    return {"maxenergy": limit.max_energy_wh, "maxtime": limit.max_time_s, "maxcost": limit.max_cost}


WebPaymentState = Literal["open", "paid", "cancelled"]


class WebPayment(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A payment on a web page, or at a kiosk, for a session that is still to begin.

    open ──> paid        (in time: the station is asked to start, by ``command``)
      └────> cancelled   (whoever was to pay did not)
    One that stays open until ``until`` is over too. ``evse_id`` None: whichever the station chooses. ``limit``: what
    the driver asked for; ``amount``: what is authorized, and the most that it may cost. ``told``: the command by which
    the station heard of it.
    """

    key: int
    tenant: str
    station_key: int
    evse_id: int | None
    state: WebPaymentState
    opened_at: datetime
    until: datetime
    by_code: bool
    limit: TransactionLimit = TransactionLimit()
    told: int | None = None
    psp_ref: str | None = None
    amount: Decimal | None = None
    paid_at: datetime | None = None
    command: int | None = None

    def is_open(self, at: datetime) -> bool:
        return self.state == "open" and at < self.until


class WebPaymentSeen(msgspec.Struct, frozen=True, kw_only=True):
    """A payment beside the transaction that it began, as far as there is one, with that one's current bill and what was
    settled of it last."""

    payment: WebPayment
    transaction_key: int | None = None
    bill_key: int | None = None
    bill_total: Decimal | None = None
    currency: str | None = None
    settlement_key: int | None = None
    settled_as: SettlementStatus | None = None


class WebPaymentFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Newest first."""

    tenant: str
    station_key: int | None = None
    psp_ref: str | None = None
