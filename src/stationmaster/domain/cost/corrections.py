"""What operators change of a bill afterwards. Corrections are only ever added; each makes a new version of the bill."""

from datetime import datetime
from decimal import Decimal

import msgspec

from stationmaster.domain.cost.evidence import Evidence, Point
from stationmaster.domain.cost.flow import Kind, Span, replaced
from stationmaster.domain.cost.local_time import micros
from stationmaster.domain.cost.pricing import TariffFrom
from stationmaster.domain.cost.tariff import Tariff, TaxRate


class _Change(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind"):
    """What to do, by its kind."""


class RegisterChange(_Change, frozen=True, kw_only=True, tag="register", omit_defaults=True):
    """Readings that an operator states, and readings that are not to be believed (by their time and register)."""

    stated: tuple[Point, ...] = ()
    without: tuple[Point, ...] = ()


class TimesChange(_Change, frozen=True, kw_only=True, tag="times", omit_defaults=True):
    started_at: datetime | None = None
    ended_at: datetime | None = None


class TariffChange(_Change, frozen=True, kw_only=True, tag="tariff"):
    """The whole session by this tariff."""

    tariff: Tariff


class IdleChange(_Change, frozen=True, kw_only=True, tag="idle"):
    """A time that was not what it seemed; ``waiting`` is billed as nothing."""

    from_at: datetime
    to_at: datetime
    was: Kind = "waiting"


class AdjustmentChange(_Change, frozen=True, kw_only=True, tag="adjustment", omit_defaults=True):
    """An amount more or less, net or gross as the tariff's own prices are."""

    amount: Decimal
    text: str
    taxes: tuple[TaxRate, ...] = ()


class WaiveChange(_Change, frozen=True, kw_only=True, tag="waive"):
    """Nothing is to be paid: all stays on the bill, and is taken off again."""


class PayerChange(_Change, frozen=True, kw_only=True, tag="payer"):
    """Somebody else pays; the content stays the same."""

    payer: str


Change = RegisterChange | TimesChange | TariffChange | IdleChange | AdjustmentChange | WaiveChange | PayerChange


class Correction(msgspec.Struct, frozen=True, kw_only=True):
    """``key`` orders them: of two that contradict each other the later holds."""

    key: int
    at: datetime
    by: str
    reason: str
    change: Change


def corrected_evidence(evidence: Evidence, corrections: tuple[Correction, ...]) -> Evidence:
    """The evidence as the operators see it."""
    for change in changes_of(corrections):
        if isinstance(change, RegisterChange):
            evidence = _with_registers(evidence, change)
        elif isinstance(change, TimesChange):
            evidence = msgspec.structs.replace(
                evidence,
                started_at=change.started_at or evidence.started_at,
                ended_at=change.ended_at or evidence.ended_at,
            )
    return evidence


def ends_crossed(change: TimesChange, evidence: Evidence, corrections: tuple[Correction, ...]) -> bool:
    """Whether the session would end no later than it starts: an end that is not changed is as it is known by now."""
    known = corrected_evidence(evidence, corrections)
    first, last = change.started_at or known.started_at, change.ended_at or known.ended_at
    return first is not None and last is not None and last <= first


def corrected_tariffs(tariffs: tuple[TariffFrom, ...], corrections: tuple[Correction, ...]) -> tuple[TariffFrom, ...]:
    """The tariffs to bill by."""
    for change in changes_of(corrections):
        if isinstance(change, TariffChange):
            tariffs = (TariffFrom(change.tariff),)
    return tariffs


def corrected_spans(spans: tuple[Span, ...], corrections: tuple[Correction, ...]) -> tuple[Span, ...]:
    """The session's time as the operators see it."""
    for change in changes_of(corrections):
        if isinstance(change, IdleChange):
            spans = replaced(spans, Span(micros(change.from_at), micros(change.to_at), change.was))
    return spans


def changes_of(corrections: tuple[Correction, ...]) -> list[Change]:
    """In the order in which they were made."""
    return [correction.change for correction in sorted(corrections, key=lambda each: each.key)]


def _with_registers(evidence: Evidence, change: RegisterChange) -> Evidence:
    gone = {(point.at, point.wh) for point in change.without}
    kept = tuple(point for point in evidence.points if (point.at, point.wh) not in gone)
    stated = tuple(msgspec.structs.replace(point, stated=True) for point in change.stated)
    return msgspec.structs.replace(evidence, points=kept + stated)
