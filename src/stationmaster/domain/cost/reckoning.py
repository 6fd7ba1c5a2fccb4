"""From inputs to what was used: evidence checked, time laid out, stretches priced. The middle of algorithm 1."""

from datetime import datetime
from fractions import Fraction
from typing import NamedTuple

from stationmaster.domain.cost.bill import Inputs
from stationmaster.domain.cost.conditions import Circumstances, Course, Powers
from stationmaster.domain.cost.corrections import corrected_evidence, corrected_spans, corrected_tariffs
from stationmaster.domain.cost.curve import Curve
from stationmaster.domain.cost.evidence import Evidence
from stationmaster.domain.cost.flow import Basis, Session, Timeline, basis_of, session, spans
from stationmaster.domain.cost.local_time import DAY, MAX_DAYS, SECOND, LocalClock, micros
from stationmaster.domain.cost.pricing import Ledger, Run, Schedule, TariffFrom, Use, once, priced, round_up
from stationmaster.domain.cost.register import Energy, best_energy, never_charged
from stationmaster.domain.cost.tariff import Dimension, Tariff

FIRST_CREDIBLE_YEAR = 2020


class Reckoned(NamedTuple):
    """``evidence`` is what corrections made of it."""

    evidence: Evidence
    energy: Energy
    basis: Basis
    limits: Session
    course: Course
    schedule: Schedule
    ledger: Ledger
    flags: frozenset[str]
    is_closed: bool

    @property
    def without_energy(self) -> bool:
        """Nothing was used, as far as is known; a closed session whose energy nobody knows is not without."""
        is_known = not self.is_closed or self.energy.source != "none" or never_charged(self.evidence)
        return is_known and not self.course.curve.total


def reckoned(inputs: Inputs, *, closed: bool, until: datetime | None = None) -> Reckoned:
    """What a session used, by rate. ``until``: an open one goes on until then, as far as anybody knows."""
    evidence = corrected_evidence(inputs.evidence, inputs.corrections)
    tariffs, odd_currency = _in_one_currency(corrected_tariffs(inputs.tariffs, inputs.corrections))
    limits = session(evidence, tariffs[0].tariff if tariffs else None, None if until is None else micros(until))
    energy = best_energy(evidence, inputs.max_w)
    basis = basis_of(evidence, energy)
    laid = spans(evidence, energy, limits, tariffs[0].tariff if tariffs else None, basis)
    timeline = Timeline(corrected_spans(laid, inputs.corrections))
    schedule = Schedule(tariffs, limits.start_us)
    course = _course(inputs, evidence, energy, limits, timeline, schedule)
    ledger = Ledger()
    priced(course, schedule, ledger)
    flags = {*energy.flags, *evidence.odd} | _flags(inputs, evidence, limits, basis, ledger, course)
    if odd_currency:
        flags.add("currency_change")
    if closed and evidence.ended_at is None:
        flags.add("end_missing")
    return Reckoned(evidence, energy, basis, limits, course, schedule, ledger, frozenset(flags), closed)


def add_once(ledger: Ledger, course: Course, tariff: Tariff, reserved_from: datetime | None, *, is_free: bool) -> None:
    """The fixed price, and what the reservation costs: evaluated once, at the start (I12.FR.06-.08, .30)."""
    start = course.start_us
    if not is_free:
        _add(ledger, course, tariff, "fixed", start, 1)
    reserved_us = start if reserved_from is None else min(start, micros(reserved_from))
    if reserved_from is not None:
        _add(ledger, course, tariff, "reservation_fixed", reserved_us, 1)
        _add(ledger, course, tariff, "reservation_time", reserved_us, start - reserved_us)


def finish(ledger: Ledger, reckoning: Reckoned) -> None:
    """What is charged once is of the first tariff, increments are of the last (ours)."""
    tariffs = reckoning.schedule.tariffs
    if tariffs:
        is_free = tariffs[0].free_without_energy and reckoning.without_energy
        add_once(ledger, reckoning.course, tariffs[0], reckoning.evidence.reserved_from, is_free=is_free)
        if reckoning.is_closed:
            round_up(ledger, tariffs[-1])


def _add(ledger: Ledger, course: Course, tariff: Tariff, dimension: Dimension, from_us: int, quantity: int) -> None:
    found = once(course, tariff, dimension)
    if found is None or not quantity:
        return
    rate, when = found
    use = ledger.uses.setdefault(rate, Use(from_us, 0, course.start_us))
    use.quantity += quantity
    use.runs.append(Run(from_us, course.start_us, 0, 0, quantity, when, True, True))


def _in_one_currency(tariffs: tuple[TariffFrom, ...]) -> tuple[tuple[TariffFrom, ...], bool]:
    """Without those of another currency than the first: a transaction cannot change it (I11, NoCurrencyChange)."""
    kept = tuple(each for each in tariffs if each.tariff.currency == tariffs[0].tariff.currency)
    return kept, len(kept) < len(tariffs)


def _course(
    inputs: Inputs, evidence: Evidence, energy: Energy, limits: Session, timeline: Timeline, schedule: Schedule
) -> Course:
    boundary = schedule.tariffs[0].boundary if schedule.tariffs else "interpolate"
    return Course(
        start_us=limits.start_us,
        from_us=limits.start_us,
        end_us=limits.end_us,
        timeline=timeline,
        curve=Curve(energy.legs, timeline, (limits.start_us, limits.stopped_us), boundary),
        clock=LocalClock(inputs.offsets),
        powers=Powers(evidence.powers),
        circumstances=circumstances(inputs),
    )


def circumstances(inputs: Inputs) -> Circumstances:
    """What conditions may ask for that does not change during a session."""
    return Circumstances(inputs.place.evse_kind, inputs.payment_brand, inputs.payment_recognition)


def _flags(
    inputs: Inputs, evidence: Evidence, limits: Session, basis: Basis, ledger: Ledger, course: Course
) -> set[str]:
    started, ended = evidence.started_at, evidence.ended_at
    first = started or evidence.first_at
    known = {each.tariff.wire_id for each in inputs.tariffs}
    gap = inputs.policy.max_gap_s
    found = {
        "lost_start": started is None,
        "gap": evidence.seq_gaps > 0,
        "conflict": evidence.conflicts > 0,
        "ends_before_start": started is not None and ended is not None and ended < started,
        "clock_doubtful": (first is not None and first.year < FIRST_CREDIBLE_YEAR)
        or limits.end_us - limits.start_us > MAX_DAYS * DAY,
        "unauthorized": not evidence.authorized,
        "no_tariff": not inputs.tariffs,
        "unknown_tariff_told": any(each.tariff_id not in known for each in evidence.tariffs),
        "no_idle_evidence": basis == "none",
        "interpolated_over_gap": gap is not None and _widest_split(ledger, course) > gap * SECOND,
    }
    return {flag for flag, holds in found.items() if holds}


def _widest_split(ledger: Ledger, course: Course) -> int:
    brackets = (course.curve.bracket(place) for place in ledger.split_brackets)
    return max((last - first for first, last, _ in brackets), default=0)


def split_wh(reckoning: Reckoned) -> Fraction:
    """The energy of brackets of readings that more than one price shares."""
    curve = reckoning.course.curve
    return sum((Fraction(curve.bracket(place)[2]) for place in reckoning.ledger.split_brackets), Fraction(0))
