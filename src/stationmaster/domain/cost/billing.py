"""The content of a bill from its inputs, by numbered algorithms that are only ever added to."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from hashlib import sha256
from types import MappingProxyType
from typing import Protocol

import msgspec

from stationmaster.domain.cost.bill import Content, Inputs
from stationmaster.domain.cost.corrections import changes_of
from stationmaster.domain.cost.evidence import StationCost
from stationmaster.domain.cost.lines import DrawnUp, drawn_up
from stationmaster.domain.cost.local_time import SECOND, moment
from stationmaster.domain.cost.money import EXACT, exponent_of, plain, rounded
from stationmaster.domain.cost.reckoning import Reckoned, finish, reckoned, split_wh
from stationmaster.domain.cost.totals import Money

_encode = msgspec.json.Encoder(order="deterministic").encode


class Algorithm(Protocol):
    def __call__(self, inputs: Inputs, *, closed: bool, until: datetime | None) -> Content: ...


def content(inputs: Inputs, *, closed: bool = True, until: datetime | None = None) -> Content:
    """What the bill says, by the algorithm that the inputs name.

    ``closed=False``: what it would say of what is known so far: without minimum and increments, and never held.
    ``until``: an open session goes on until then. Raises KeyError for an algorithm that this version does not know.
    """
    return ALGORITHMS[inputs.algorithm](inputs, closed=closed, until=until)


def digest_of(inputs: Inputs) -> str:
    """The name of the inputs: equal ones share it, on every machine and in every run."""
    return sha256(frozen(inputs)).hexdigest()


def frozen(inputs: Inputs) -> bytes:
    """The inputs as they are kept with a bill."""
    return _encode(inputs)


def thawed(body: bytes) -> Inputs:
    """Inputs that were kept. Raises msgspec.ValidationError."""
    return msgspec.json.decode(body, type=Inputs)


def content_1(inputs: Inputs, *, closed: bool, until: datetime | None) -> Content:
    """Algorithm 1: see :mod:`reckoning` for the uses, :mod:`pricing` for the prices, :mod:`lines` for the sums."""
    reckoning = reckoned(inputs, closed=closed, until=until)
    tariffs = reckoning.schedule.tariffs
    last = tariffs[-1] if tariffs else None
    money = Money(last.currency, last.rounding) if last else Money(inputs.policy.currency)
    finish(reckoning.ledger, reckoning)
    has_minimum = closed and not (last is not None and last.free_without_energy and reckoning.without_energy)
    drawn = drawn_up(reckoning.ledger, last, money, changes_of(inputs.corrections), has_minimum=has_minimum)
    flags = set(reckoning.flags)
    if drawn.total < 0:
        flags.add("negative_total")
    if closed and differs(reckoning.evidence.station_cost, drawn, money):
        flags.add("station_cost_differs")
    return told(reckoning, drawn, money, flags=flags, held=closed and not flags.isdisjoint(inputs.policy.hold))


def told(reckoning: Reckoned, drawn: DrawnUp, money: Money, *, flags: set[str], held: bool) -> Content:
    """The content of a bill that is drawn up."""
    timeline, limits = reckoning.course.timeline, reckoning.limits
    known = reckoning.evidence.first_at is not None or reckoning.evidence.started_at is not None
    return Content(
        currency=money.currency,
        lines=drawn.lines,
        net=drawn.net,
        tax=EXACT.subtract(drawn.total, drawn.net),
        total=drawn.total,
        energy_wh=plain(reckoning.course.curve.total),
        energy_source=reckoning.energy.source,
        started_at=moment(limits.start_us) if known else None,
        ended_at=moment(limits.end_us) if known else None,
        charging_s=_seconds(timeline.total("charging")),
        idle_s=_seconds(timeline.total("idle")),
        paused_s=_seconds(timeline.total("paused")),
        basis=reckoning.basis,
        interpolated_wh=plain(rounded(split_wh(reckoning), 3)),
        type_of_cost=drawn.type_of_cost,
        flags=tuple(sorted(flags)),
        held=held,
    )


def differs(own: StationCost | None, drawn: DrawnUp, money: Money) -> bool:
    """Whether the station calculated something else, beyond a minor unit of rounding for each line."""
    if own is None:
        return False
    if own.currency != money.currency:
        return True
    allowed = Decimal(max(1, len(drawn.lines))).scaleb(-exponent_of(money.currency))
    pairs = ((own.excl, drawn.net), (own.incl, drawn.total))
    return any(abs(theirs - ours) > allowed for theirs, ours in pairs if theirs is not None)


def _seconds(micros: int) -> int:
    return int(rounded(Fraction(micros, SECOND), 0))


ALGORITHMS: Mapping[int, Algorithm] = MappingProxyType({1: content_1})
"""A bill is recomputed by the algorithm that made it. None is ever edited so that golden files change."""
