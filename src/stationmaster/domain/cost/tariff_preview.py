"""What a tariff comes to in a session that nobody charged in: made up to try the tariff out."""

from datetime import datetime
from decimal import Decimal

import msgspec

from stationmaster.domain.cost.bill import Content, Inputs, Policy
from stationmaster.domain.cost.billing import content
from stationmaster.domain.cost.evidence import Evidence, Mark, Point, Power, StateAt, merged
from stationmaster.domain.cost.local_time import Offset
from stationmaster.domain.cost.pricing import TariffFrom
from stationmaster.domain.cost.tariff import EvseKind, Tariff
from stationmaster.domain.cost.tariff_choice import Place
from stationmaster.domain.messages import ChargingState


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """From ``at`` on: what the session has used by then, what state it is in, and the power drawn. None: as before."""

    at: datetime
    energy_wh: Decimal | None = None
    state: ChargingState | None = None
    power_w: Decimal | None = None


class MadeUp(msgspec.Struct, frozen=True, kw_only=True):
    """A session of ``energy_wh`` in all. It charges from its start to ``idle_from`` (None: to its end), unless steps
    say otherwise. ``reserved_from``: a reservation came before it. ``zone`` None: UTC."""

    start: datetime
    end: datetime
    energy_wh: Decimal = Decimal(0)
    idle_from: datetime | None = None
    steps: tuple[Step, ...] = ()
    reserved_from: datetime | None = None
    unplugged_at: datetime | None = None
    evse_kind: EvseKind | None = None
    zone: str | None = None


def faults(made_up: MadeUp) -> tuple[tuple[str, str], ...]:
    """What cannot be: the place, and why."""
    found = []
    if made_up.end <= made_up.start:
        found.append(("end", "is not after the start"))
    if made_up.idle_from is not None and not made_up.start <= made_up.idle_from <= made_up.end:
        found.append(("idle_from", "is not within the session"))
    if made_up.reserved_from is not None and made_up.reserved_from > made_up.start:
        found.append(("reserved_from", "is after the start"))
    if made_up.unplugged_at is not None and made_up.unplugged_at < made_up.end:
        found.append(("unplugged_at", "is before the end"))
    used = Decimal(0)
    for number, step in enumerate(made_up.steps):
        if not made_up.start <= step.at <= made_up.end:
            found.append((f"steps.{number}.at", "is not within the session"))
        if step.energy_wh is not None and step.energy_wh < used:
            found.append((f"steps.{number}.energy_wh", "is less than before"))
        if step.power_w is not None and step.power_w < 0:
            found.append((f"steps.{number}.power_w", "is less than nothing"))
        used = max(used, step.energy_wh or used)
    if made_up.energy_wh < used:
        found.append(("energy_wh", "is less than a step has"))
    return tuple(found)


def previewed(tariff: Tariff, made_up: MadeUp, offsets: tuple[Offset, ...]) -> Content:
    """What the session would be billed, by this tariff alone."""
    inputs = Inputs(
        evidence=_evidence(made_up),
        place=Place(
            station_key=0,
            evse_id=1,
            connector_id=None,
            site=None,
            evse_kind=made_up.evse_kind,
            zone=made_up.zone or "UTC",
        ),
        tariffs=(TariffFrom(tariff),),
        offsets=offsets,
        policy=Policy(hold=(), currency=tariff.currency),
    )
    return content(inputs)


def _evidence(made_up: MadeUp) -> Evidence:
    charged_until = made_up.idle_from or made_up.end
    points = [_point(made_up.start, Decimal(0), "begin"), _point(made_up.end, made_up.energy_wh, "end")]
    if made_up.idle_from is not None:
        points.append(_point(charged_until, made_up.energy_wh))
    points += [_point(step.at, step.energy_wh) for step in made_up.steps if step.energy_wh is not None]
    states = [StateAt(made_up.start, "Charging")]
    if made_up.idle_from is not None:
        states.append(StateAt(made_up.idle_from, "SuspendedEV", 1))
    states += [StateAt(step.at, step.state, 2) for step in made_up.steps if step.state is not None]
    return merged(
        Evidence(
            started_at=made_up.start,
            ended_at=made_up.end,
            first_at=made_up.start,
            last_at=made_up.end,
            points=tuple(points),
            powers=tuple(Power(step.at, step.power_w) for step in made_up.steps if step.power_w is not None),
            states=tuple(states),
            stopped_reason="Local",
            authorized=True,
            reserved_from=made_up.reserved_from,
            unplugged_at=made_up.unplugged_at,
        )
    )


def _point(at: datetime, wh: Decimal, mark: Mark = "sample") -> Point:
    return Point(at, wh, mark)
