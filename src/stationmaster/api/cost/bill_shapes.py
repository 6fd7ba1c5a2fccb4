"""Bills as clients read them, and corrections as they write them."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from stationmaster.api.cost.tariff_shapes import Moment, TaxDraft, money
from stationmaster.api.http.resources import shaped
from stationmaster.domain.cost.bill import Bill, BillState, Cause, Content, Line, Part
from stationmaster.domain.cost.corrections import AdjustmentChange, Change, Correction, TariffChange
from stationmaster.domain.cost.tariff import TaxRate

Words = Annotated[str, Meta(min_length=1, max_length=500)]


class LineResource(msgspec.Struct, frozen=True, kw_only=True):
    """``amount`` was rounded once. ``of_which``: a tax that is in the other amounts already, and is not added."""

    no: int
    kind: str
    text: str
    quantity: Decimal
    unit: str
    price: str | None
    amount: str
    taxes: tuple[TaxRate, ...]
    of_which: bool
    from_at: datetime | None
    to_at: datetime | None
    parts: tuple[Part, ...]


class ContentResource(msgspec.Struct, frozen=True, kw_only=True):
    """What a bill says. ``total`` is the sum of the lines that are not ``of_which``. ``energy_source`` is the evidence
    that the energy is from, ``basis`` that of charging and idling. ``flags`` are what is odd about it."""

    currency: str
    lines: tuple[LineResource, ...]
    net: str
    tax: str
    total: str
    energy_wh: Decimal
    energy_source: str
    started_at: datetime | None
    ended_at: datetime | None
    charging_s: int
    idle_s: int
    paused_s: int
    basis: str
    interpolated_wh: Decimal
    type_of_cost: str
    flags: tuple[str, ...]


class BillFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What is told of a bill wherever it is, beside its content."""

    key: int
    cdr_id: str
    transaction: int
    station: int
    station_identity: str | None
    version: int
    state: BillState
    cause: Cause
    issued_at: datetime
    corrects: int | None
    difference: str
    payer: str | None


class BillResource(BillFacts, frozen=True, kw_only=True):
    """One version of a transaction's bill. ``state``: ``held`` ones wait for somebody to look at what is odd;
    ``superseded`` ones have a version after them. ``corrects`` is the version before, ``difference`` to its total.
    ``station_identity`` is null only where it is no longer known."""

    content: ContentResource
    inputs_digest: str


class RunningResource(msgspec.Struct, frozen=True, kw_only=True):
    """What an open transaction costs by now, of all that is known of it: an estimate."""

    transaction: int
    at: datetime
    content: ContentResource


class ExplanationResource(msgspec.Struct, frozen=True, kw_only=True):
    """``tariff`` is the one in force, ``why`` says why; ``sentences`` are the bill, part by part, in local time."""

    bill: int
    tariff: str | None
    why: str
    zone: str
    sentences: tuple[str, ...]


class RecomputedResource(msgspec.Struct, frozen=True, kw_only=True):
    """``same``: to the last byte."""

    bill: int
    same: bool
    content: ContentResource


class CorrectionResource(msgspec.Struct, frozen=True, kw_only=True):
    """``change`` as it was made, told apart by its ``kind``."""

    key: int
    at: datetime
    by: str
    reason: str
    change: dict[str, Any]


class _Change(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind"):
    """What is to be changed of a bill, told apart by ``kind``; ``reason`` is kept with it."""

    reason: Words


class PointDraft(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The register at a moment. ``mark``: whether it was read at the start, at the end, or in between."""

    at: Moment
    wh: Decimal
    mark: Literal["begin", "sample", "end"] = "sample"


class RegisterCorrection(_Change, frozen=True, kw_only=True, tag="register"):
    """Readings that you know of, and readings that are not to be believed."""

    stated: Annotated[tuple[PointDraft, ...], Meta(max_length=100)] = ()
    without: Annotated[tuple[PointDraft, ...], Meta(max_length=1000)] = ()


class TimesCorrection(_Change, frozen=True, kw_only=True, tag="times"):
    started_at: Moment | None = None
    ended_at: Moment | None = None


class TariffCorrection(_Change, frozen=True, kw_only=True, tag="tariff"):
    """The whole session by another tariff: one of its versions, the newest where none is named."""

    tariff: Annotated[str, Meta(min_length=1, max_length=40)]
    version: Annotated[int, Meta(ge=1, le=1_000_000)] | None = None


class IdleCorrection(_Change, frozen=True, kw_only=True, tag="idle"):
    """A time that was not what it seemed; ``waiting`` costs nothing."""

    from_at: Moment
    to_at: Moment
    was: Literal["charging", "idle", "paused", "waiting"] = "waiting"


class AdjustmentCorrection(_Change, frozen=True, kw_only=True, tag="adjustment"):
    """So much more, or less; with tax or without, as the tariff's prices are."""

    amount: Decimal
    text: Annotated[str, Meta(min_length=1, max_length=200)]
    taxes: Annotated[tuple[TaxDraft, ...], Meta(max_length=5)] = ()


class WaiveCorrection(_Change, frozen=True, kw_only=True, tag="waive"):
    """Nothing is to be paid."""


class PayerCorrection(_Change, frozen=True, kw_only=True, tag="payer"):
    """Somebody else pays."""

    payer: Annotated[str, Meta(min_length=1, max_length=200)]


CorrectionDraft = (
    RegisterCorrection
    | TimesCorrection
    | TariffCorrection
    | IdleCorrection
    | AdjustmentCorrection
    | WaiveCorrection
    | PayerCorrection
)


def content_resource(content: Content) -> ContentResource:
    lines = tuple(map(line_resource, content.lines))
    amounts = {name: money(getattr(content, name)) for name in ("net", "tax", "total")}
    return shaped(ContentResource, content, lines=lines, **amounts)


def line_resource(line: Line) -> LineResource:
    price = None if line.price is None else money(line.price)
    return shaped(LineResource, line, amount=money(line.amount), price=price)


def bill_resource(bill: Bill, station_identity: str | None) -> BillResource:
    return BillResource(
        key=bill.key,
        cdr_id=bill.cdr_id,
        transaction=bill.transaction_key,
        station=bill.station_key,
        station_identity=station_identity,
        version=bill.version,
        state=bill.state,
        cause=bill.cause,
        issued_at=bill.issued_at,
        corrects=bill.corrects,
        difference=money(bill.difference),
        payer=bill.payer,
        content=content_resource(bill.content),
        inputs_digest=bill.inputs_digest,
    )


def correction_resource(correction: Correction) -> CorrectionResource:
    return CorrectionResource(
        key=correction.key,
        at=correction.at,
        by=correction.by,
        reason=correction.reason,
        change=_told(correction.change),
    )


def _told(change: Change) -> dict[str, Any]:
    """As a client would write it again."""
    if isinstance(change, TariffChange):
        return {"kind": "tariff", "tariff": change.tariff.name, "version": change.tariff.version}
    told: dict[str, Any] = msgspec.to_builtins(change, builtin_types=(Decimal, datetime))
    return told | {"amount": money(change.amount)} if isinstance(change, AdjustmentChange) else told
