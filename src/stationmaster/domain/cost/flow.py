"""When a session was charging, idle, held back or waiting: its time laid out as spans, from the best basis there is.

One basis serves the whole session: *states* where the station told more than one; else *power* where every two
registers have a power sample between them; else *register*: without energy between two readings it was idle; else
*none*: all of it was charging, and no idling can be billed.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from decimal import Decimal
from itertools import pairwise
from typing import Literal, NamedTuple

import msgspec

from stationmaster.domain.cost.evidence import Evidence, StateAt
from stationmaster.domain.cost.local_time import micros
from stationmaster.domain.cost.money import Exact
from stationmaster.domain.cost.register import Energy
from stationmaster.domain.cost.tariff import Tariff

Kind = Literal["charging", "idle", "paused", "waiting", "gone", "unknown"]
Basis = Literal["states", "power", "register", "none"]

IDLE_BELOW_W = Decimal(50)
_BEFORE_CHARGING: dict[str, Kind] = {"free": "waiting", "idle": "idle", "charging": "charging"}


class Span(msgspec.Struct, frozen=True, gc=False):
    """A stretch of time, in microseconds since 1970, the end not included."""

    from_us: int
    to_us: int
    kind: Kind


Change = tuple[int, Kind]
"""From this moment on."""


class Session(msgspec.Struct, frozen=True, gc=False):
    """From when to when: ``stopped_us`` is the transaction's end, ``end_us`` may be the unplugging after it."""

    start_us: int
    stopped_us: int
    end_us: int


def session(evidence: Evidence, tariff: Tariff | None, until_us: int | None = None) -> Session:
    """The session's limits. ``until_us``: an open one goes on until then."""
    start = evidence.started_at or evidence.first_at
    stop = evidence.ended_at or evidence.last_at or start
    start_us = 0 if start is None else micros(start)
    stopped_us = start_us if stop is None else max(start_us, micros(stop))
    if until_us is not None and evidence.ended_at is None:
        stopped_us = max(stopped_us, until_us)
    end_us = stopped_us
    if tariff is not None and tariff.after_stop == "idle" and evidence.ended_at and evidence.unplugged_at:
        end_us = max(stopped_us, micros(evidence.unplugged_at))
    return Session(start_us, stopped_us, end_us)


def basis_of(evidence: Evidence, energy: Energy) -> Basis:
    """The best there is for the whole session."""
    if len({state.at for state in evidence.states}) > 1:
        return "states"
    if energy.first is None:
        return "none"
    return "power" if has_power_between_readings(evidence, energy) else "register"


def has_power_between_readings(evidence: Evidence, energy: Energy) -> bool:
    """Whether each two readings have a power sample between them."""
    times = [power.at for power in evidence.powers if power.w is not None]
    return all(
        bisect_left(times, before.at) < bisect_right(times, after.at)
        for leg in energy.legs
        for before, after in pairwise(leg.points)
    )


def spans(
    evidence: Evidence,
    energy: Energy,
    limits: Session,
    tariff: Tariff | None,
    basis: Basis,
    has_charged: bool = False,
) -> tuple[Span, ...]:
    """The session without gaps. ``has_charged``: energy had flowed before this evidence begins."""
    changes: Iterable[Change]
    if basis == "states":
        changes = _from_states(evidence.states, tariff, has_charged)
    elif basis == "power":
        changes = _from_power(evidence)
    elif basis == "register":
        changes = _from_register(energy)
    else:
        changes = ((limits.start_us, "charging"),)
    first: Kind = _before_charging(tariff) if basis == "states" and not has_charged else "unknown"
    laid = _laid_out(first, changes, limits.start_us, limits.stopped_us)
    if limits.end_us > limits.stopped_us:
        _append(laid, Span(limits.stopped_us, limits.end_us, "idle"))
    return tuple(laid)


def _before_charging(tariff: Tariff | None) -> Kind:
    return _BEFORE_CHARGING[tariff.before_charging if tariff else "free"]


def _from_states(states: Sequence[StateAt], tariff: Tariff | None, has_charged: bool) -> list[Change]:
    """Charging states of 2.x (part 2, §3.7): SuspendedEV is the car's doing, SuspendedEVSE is ours."""
    kinds: dict[str, Kind] = {
        "Charging": "charging",
        "SuspendedEV": "idle",
        "SuspendedEVSE": tariff.suspended_evse if tariff else "paused",
        "Idle": "gone",
    }
    changes: list[Change] = []
    for state in states:
        has_charged = has_charged or state.state == "Charging"
        plugged: Kind = "idle" if has_charged else _before_charging(tariff)
        changes.append((micros(state.at), kinds.get(state.state, plugged)))
    return changes


def _from_power(evidence: Evidence) -> list[Change]:
    return [
        (micros(power.at), "idle" if power.w < IDLE_BELOW_W else "charging")
        for power in evidence.powers
        if power.w is not None
    ]


def _from_register(energy: Energy) -> list[Change]:
    """Between readings. Outside them, and between two meters, nobody knows."""
    changes: list[Change] = []
    for leg in energy.legs:
        for before, after in pairwise(leg.points):
            changes.append((micros(before.at), "charging" if after.wh > before.wh else "idle"))
        changes.append((micros(leg.points[-1].at), "unknown"))
    return changes


def _laid_out(first: Kind, changes: Iterable[Change], start_us: int, end_us: int) -> list[Span]:
    """Neighbours of one kind are one span. Of several changes at one moment the last counts."""
    laid: list[Span] = []
    at, kind = start_us, first
    for change_at, changed in changes:
        moment = min(max(change_at, start_us), end_us)
        if moment > at and changed != kind:
            _append(laid, Span(at, moment, kind))
            at = moment
        kind = changed
    _append(laid, Span(at, end_us, kind))
    return laid


def _append(laid: list[Span], span: Span) -> None:
    if span.to_us <= span.from_us:
        return
    if laid and laid[-1].kind == span.kind:
        laid[-1] = Span(laid[-1].from_us, span.to_us, span.kind)
    else:
        laid.append(span)


def replaced(laid: Iterable[Span], by: Span) -> tuple[Span, ...]:
    """The spans with this one over them, as far as they reach."""
    result: list[Span] = []
    for span in laid:
        low, high = max(span.from_us, by.from_us), min(span.to_us, by.to_us)
        if low >= high:
            _append(result, span)
            continue
        for piece in (Span(span.from_us, low, span.kind), Span(low, high, by.kind), Span(high, span.to_us, span.kind)):
            _append(result, piece)
    return tuple(result)


class Before(NamedTuple):
    """What had been before a timeline begins; ``idle_since``: if it was idle then, since when."""

    charging_us: int = 0
    idle_us: int = 0
    paused_us: int = 0
    idle_since: int | None = None


NOTHING_BEFORE = Before()


class Timeline:
    """Questions about spans, answered by bisection."""

    def __init__(self, laid: Sequence[Span], before: Before = NOTHING_BEFORE) -> None:
        self.spans = laid
        self._before = before
        self._starts = [span.from_us for span in laid]
        self._charged = [before.charging_us]
        self._idle_since: list[int | None] = []
        idle_since = before.idle_since
        for span in laid:
            charging = span.to_us - span.from_us if span.kind == "charging" else 0
            self._charged.append(self._charged[-1] + charging)
            since = span.from_us if idle_since is None else idle_since
            self._idle_since.append(since if span.kind == "idle" else None)
            idle_since = None

    def kind_at(self, at: Exact) -> Kind:
        """Of the span that begins at or before the moment."""
        place = bisect_right(self._starts, at) - 1
        return self.spans[max(place, 0)].kind if self.spans else "unknown"

    def idle_since(self, at: Exact) -> int | None:
        """When the idle period began that is under way; None where there is none."""
        place = bisect_right(self._starts, at) - 1
        return self._idle_since[place] if place >= 0 and at < self.spans[place].to_us else None

    def after(self) -> Before:
        """What had been when it ends."""
        totals = (self.total("charging"), self.total("idle"), self.total("paused"))
        return Before(*totals, self._idle_since[-1] if self._idle_since else self._before.idle_since)

    def charged(self, at: Exact) -> Exact:
        """The time of charging before the moment."""
        place = bisect_right(self._starts, at) - 1
        if place < 0:
            return self._charged[0]
        span = self.spans[place]
        if span.kind != "charging":
            return self._charged[place]
        return self._charged[place] + min(at, span.to_us) - span.from_us

    def when_charged(self, time: Exact) -> Exact | None:
        """The first moment at which so much time had been spent charging; None if that never was, or was before."""
        if time <= self._charged[0] or time > self._charged[-1]:
            return None
        place = bisect_left(self._charged, time) - 1
        return self.spans[place].from_us + time - self._charged[place]

    def idle_starts(self) -> list[tuple[int, int]]:
        """Of each idle span: when its idle period began, and when it ends."""
        return [
            (since, span.to_us) for span, since in zip(self.spans, self._idle_since, strict=True) if since is not None
        ]

    def total(self, kind: Literal["charging", "idle", "paused"]) -> int:
        """Microseconds, with what had been before."""
        before: int = getattr(self._before, f"{kind}_us")
        return before + sum(span.to_us - span.from_us for span in self.spans if span.kind == kind)
