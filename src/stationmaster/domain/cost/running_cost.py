"""The running cost, brought forward by each message instead of calculated anew.

What lies before the last reading but one cannot change any more, as long as registers rise and messages come in
order: a reading is only ever dropped for what its neighbours say (:func:`register.checked`). So that part is settled
into sums, and only the tail is kept as evidence. Whatever is out of the ordinary (an older message, a marked register,
a better basis for the time of idling) makes :func:`accrue` return None: then begin again from all of the evidence.

It is an estimate to tell the driver; the bill is never made from it.
"""

from datetime import datetime
from decimal import Decimal
from operator import attrgetter
from typing import NamedTuple

import msgspec

from stationmaster.domain.cost.bill import Content, Inputs
from stationmaster.domain.cost.billing import told as told_content
from stationmaster.domain.cost.conditions import Course, Powers
from stationmaster.domain.cost.curve import Curve
from stationmaster.domain.cost.evidence import Evidence, Point, Power, StateAt, merged
from stationmaster.domain.cost.flow import Basis, Before, Session, Timeline, has_power_between_readings, session, spans
from stationmaster.domain.cost.lines import drawn_up
from stationmaster.domain.cost.local_time import LocalClock, micros, moment
from stationmaster.domain.cost.pricing import Ledger, Schedule, priced
from stationmaster.domain.cost.reckoning import Reckoned, circumstances, finish, reckoned
from stationmaster.domain.cost.register import Energy, checked, source_of
from stationmaster.domain.cost.totals import Money


class Accrual(NamedTuple):
    """A session settled up to ``at_us``. The evidence of ``inputs`` is only the tail, from the reading there on.

    ``had_power``: there was a power sample between each two readings of the settled part.
    """

    inputs: Inputs
    schedule: Schedule
    ledger: Ledger
    basis: Basis
    first: Point
    start_us: int
    at_us: int
    used_wh: Decimal = Decimal(0)
    before: Before = Before()
    has_charged: bool = False
    had_power: bool = True


def opened(inputs: Inputs) -> Accrual | None:
    """The start of a running cost from all the evidence of an open session, settled as far as it can be.

    None where the session is not of the plain kind: calculate ``content(inputs, closed=False)`` then.
    """
    whole = reckoned(inputs, closed=False)
    is_plain = whole.basis != "none" and _rises(whole.evidence.points, whole.energy)
    if not is_plain or inputs.corrections or whole.evidence.ended_at is not None or whole.energy.first is None:
        return None
    evidence = msgspec.structs.replace(whole.evidence, points=whole.energy.legs[0].points)
    accrual = Accrual(
        inputs=msgspec.structs.replace(inputs, evidence=evidence),
        schedule=whole.schedule,
        ledger=Ledger(),
        basis=whole.basis,
        first=whole.energy.first,
        start_us=whole.limits.start_us,
        at_us=whole.limits.start_us,
    )
    return _settled(accrual)


def accrue(accrual: Accrual, told: Evidence) -> Accrual | None:
    """The running cost with what one more message told. None: begin again from all the evidence."""
    if not _goes_on(accrual, told):
        return None
    evidence = merged(accrual.inputs.evidence, told)
    if accrual.basis != "states" and _basis(accrual, evidence) != accrual.basis:
        return None
    return _settled(accrual._replace(inputs=msgspec.structs.replace(accrual.inputs, evidence=evidence)))


def running(accrual: Accrual, until: datetime | None = None) -> Content:
    """What the session costs so far: the same lines and sums as the whole has, without parts and flags."""
    evidence, inputs = accrual.inputs.evidence, accrual.inputs
    limits = _limits(accrual, until)
    energy = _tail(accrual, evidence.points)
    course = _course(accrual, energy, max(limits.end_us, accrual.at_us))
    ledger = accrual.ledger.copied()
    priced(course, accrual.schedule, ledger)
    reckoning = Reckoned(evidence, energy, accrual.basis, limits, course, accrual.schedule, ledger, frozenset(), False)
    finish(ledger, reckoning)
    tariffs = accrual.schedule.tariffs
    last = tariffs[-1] if tariffs else None
    money = Money(last.currency, last.rounding) if last else Money(inputs.policy.currency)
    drawn = drawn_up(ledger, last, money, (), has_minimum=False)
    lines = tuple(msgspec.structs.replace(line, parts=()) for line in drawn.lines)
    ledger.split_brackets.clear()
    return told_content(reckoning, drawn._replace(lines=lines), money, flags=set(), held=False)


def course_so_far(accrual: Accrual, until: datetime | None = None) -> Course:
    """The session from where it is settled to the end of what is known, or to ``until``."""
    energy = _tail(accrual, accrual.inputs.evidence.points)
    return _course(accrual, energy, max(_limits(accrual, until).end_us, accrual.at_us))


def _limits(accrual: Accrual, until: datetime | None) -> Session:
    return session(accrual.inputs.evidence, None, None if until is None else micros(until))


def _goes_on(accrual: Accrual, told: Evidence) -> bool:
    """Whether what was told is later than all that is settled, and nothing out of the ordinary."""
    known, at = accrual.inputs.evidence, moment(accrual.at_us)
    return (
        told.ended_at is None
        and told.started_at in (None, known.started_at)
        and not told.tariffs
        and told.reserved_from in (None, known.reserved_from)
        and (told.first_at is None or told.first_at > at)
        and all(point.mark == "sample" and not point.stated and point.at > at for point in told.points)
        and all(power.at > at for power in told.powers)
        and all(state.at > at and accrual.basis == "states" for state in told.states)
    )


def _basis(accrual: Accrual, evidence: Evidence) -> Basis:
    energy = _tail(accrual, evidence.points)
    return "power" if accrual.had_power and has_power_between_readings(evidence, energy) else "register"


def _settled(accrual: Accrual) -> Accrual:
    """Moved on to the last reading but one, if all after the settled one rises. Not to a moment of two readings: what
    was counted between them belongs to what comes after it."""
    evidence = accrual.inputs.evidence
    points = evidence.points
    if len(points) < 3 or not _rises(points, _tail(accrual, points)):
        return accrual
    at = points[-2].at
    if at in (points[-1].at, points[-3].at):
        return accrual
    energy = _tail(accrual, points[:-1])
    course = _course(accrual, energy, micros(at))
    ledger = accrual.ledger.copied()
    priced(course, accrual.schedule, ledger)
    tail = msgspec.structs.replace(
        evidence,
        points=points[-2:],
        powers=_powers_from(evidence.powers, at),
        states=_from(evidence.states, at),
    )
    return accrual._replace(
        inputs=msgspec.structs.replace(accrual.inputs, evidence=tail),
        ledger=ledger.copied(),
        at_us=course.end_us,
        used_wh=course.curve.total,
        before=course.timeline.after(),
        has_charged=accrual.has_charged or _charges(evidence.states, at),
        had_power=accrual.had_power and has_power_between_readings(evidence, energy),
    )


def _charges(states: tuple[StateAt, ...], at: datetime) -> bool:
    """Whether it had been charging by then."""
    return any(state.state == "Charging" for state in states if state.at <= at)


def _rises(points: tuple[Point, ...], energy: Energy) -> bool:
    """Whether the readings are one leg, none of them dropped, and none lower than one before."""
    if len(energy.legs) != 1 or energy.dropped:
        return False
    known = set(points)
    return all(point in known for point in energy.legs[0].points)


def _tail(accrual: Accrual, points: tuple[Point, ...]) -> Energy:
    found = checked(points, accrual.inputs.max_w)
    last = points[-1]
    return Energy(Decimal(0), source_of(accrual.first, last), found.legs, accrual.first, last, found.dropped)


def _course(accrual: Accrual, energy: Energy, end_us: int) -> Course:
    """From where it is settled to a moment."""
    inputs, tariffs = accrual.inputs, accrual.schedule.tariffs
    tariff = tariffs[0] if tariffs else None
    limits = Session(accrual.at_us, end_us, end_us)
    laid = spans(inputs.evidence, energy, limits, tariff, accrual.basis, accrual.has_charged)
    timeline = Timeline(laid, accrual.before)
    boundary = tariff.boundary if tariff else "interpolate"
    return Course(
        start_us=accrual.start_us,
        from_us=accrual.at_us,
        end_us=end_us,
        timeline=timeline,
        curve=Curve(energy.legs, timeline, (accrual.at_us, end_us), boundary, accrual.used_wh),
        clock=LocalClock(inputs.offsets),
        powers=Powers(inputs.evidence.powers),
        circumstances=circumstances(inputs),
    )


def _from(states: tuple[StateAt, ...], at: datetime) -> tuple[StateAt, ...]:
    """Those from a moment on, with the last ones before it: they hold until the next."""
    earlier = [state for state in states if state.at <= at]
    last = earlier[-1].at if earlier else at
    return tuple(state for state in states if state.at >= last)


def _powers_from(powers: tuple[Power, ...], at: datetime) -> tuple[Power, ...]:
    """The same; power and current each hold until the next of their own, and not every message tells of both."""
    earlier = [power for power in powers if power.at <= at]
    known = [[power.at for power in earlier if told(power) is not None] for told in (_power, _current)]
    since = min((moments[-1] for moments in known if moments), default=at)
    return tuple(power for power in powers if power.at >= since)


_power, _current = attrgetter("w"), attrgetter("a")
