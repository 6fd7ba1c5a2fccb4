"""Charge detail records: a bill as other systems read it, as JSON and as rows of a table."""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal

import msgspec

from stationmaster.domain.cost.bill import Bill, BillState, Inputs, Line
from stationmaster.domain.cost.local_time import local
from stationmaster.domain.cost.money import EXACT, rounded

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
"""A cell that begins so is run by table programs: texts get an apostrophe before it."""


class Subject(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Names of what a bill is about. ``token`` may be a pseudonym."""

    station: str
    evse_id: int | None = None
    evse_eid: str | None = None
    token: str | None = None
    token_type: str | None = None
    party_id: str | None = None
    contract_issuer: str | None = None
    tariff: str | None = None


class Cdr(msgspec.Struct, frozen=True, kw_only=True):
    """``started_local`` and ``ended_local`` are what the clock at the station showed, without a zone.

    ``corrects`` is the key of the bill that this one replaces, ``difference`` to its total.
    """

    cdr_id: str
    bill: int
    version: int
    corrects: int | None
    state: BillState
    station: str
    evse: int | None
    evse_eid: str | None
    site: str | None
    zone: str
    token: str | None
    token_type: str | None
    party_id: str | None
    contract_issuer: str | None
    started_at: datetime | None
    ended_at: datetime | None
    started_local: datetime | None
    ended_local: datetime | None
    energy_kwh: Decimal
    energy_source: str
    charging_min: Decimal
    idle_min: Decimal
    currency: str
    net: Decimal
    tax: Decimal
    total: Decimal
    difference: Decimal
    tariff: str | None
    flags: tuple[str, ...]
    lines: tuple[Line, ...]


def cdr(bill: Bill, inputs: Inputs, subject: Subject) -> Cdr:
    """The record of one version of a bill."""
    content, place = bill.content, inputs.place
    return Cdr(
        cdr_id=bill.cdr_id,
        bill=bill.key,
        version=bill.version,
        corrects=bill.corrects,
        state=bill.state,
        station=subject.station,
        evse=place.evse_id if subject.evse_id is None else subject.evse_id,
        evse_eid=subject.evse_eid,
        site=place.site,
        zone=place.zone,
        token=subject.token,
        token_type=subject.token_type,
        party_id=subject.party_id,
        contract_issuer=subject.contract_issuer,
        started_at=content.started_at,
        ended_at=content.ended_at,
        started_local=None if content.started_at is None else local(inputs.offsets, content.started_at),
        ended_local=None if content.ended_at is None else local(inputs.offsets, content.ended_at),
        energy_kwh=EXACT.divide(content.energy_wh, Decimal(1000)),
        energy_source=content.energy_source,
        charging_min=_minutes(content.charging_s),
        idle_min=_minutes(content.idle_s),
        currency=content.currency,
        net=content.net,
        tax=content.tax,
        total=content.total,
        difference=bill.difference,
        tariff=subject.tariff,
        flags=content.flags,
        lines=content.lines,
    )


COLUMNS = tuple(name for name in Cdr.__struct_fields__ if name != "lines")
"""Of the table, in this order; new ones are only ever added at the end."""


def csv_row(record: Cdr) -> tuple[str, ...]:
    """The record as cells, one for each of :data:`COLUMNS`."""
    return tuple(_cell(getattr(record, name)) for name in COLUMNS)


def _cell(value: object) -> str:
    for kind, told in _CELLS:
        if isinstance(value, kind):
            return told(value)
    return "" if value is None else str(value)


def _text(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text


def _time(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")


_CELLS: tuple[tuple[type, Callable[..., str]], ...] = (
    (str, _text),
    (datetime, _time),
    (Decimal, lambda number: f"{number:f}"),
    (tuple, " ".join),
)


def _minutes(seconds: int) -> Decimal:
    return rounded(Decimal(seconds) / 60, 3)
