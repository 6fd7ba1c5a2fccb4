"""What a running cost is told with, whoever tells it."""

from decimal import Decimal

from stationmaster.csms.blocks.driver_prices import reckons_locally
from stationmaster.csms.cost.accruals import SoFar
from stationmaster.domain.cost.bill import Inputs
from stationmaster.domain.cost.local_time import moment
from stationmaster.domain.cost.reckoning import reckoned
from stationmaster.domain.cost.telling import CostBasis, CostUpdated
from stationmaster.domain.cost.unit_prices import UnitPrices, prices_at
from stationmaster.domain.device_model.variables import COST_MESSAGES, SHOWS_COSTS
from stationmaster.domain.station import StationState

_IDLE_W = Decimal(100)
"""Below it a car is taken to have stopped charging."""


def takes_transfers(state: StationState) -> bool:
    """Whether it is a station of 1.6 that shows prices and costs."""
    return state.learned.get(COST_MESSAGES) == "yes" and state.abilities.carries_costs_in_transfers


def shows_costs(state: StationState) -> bool:
    """Whether the station says that it shows what a transaction costs, and does not reckon that by itself."""
    if reckons_locally(state):
        return False
    if state.abilities.carries_costs:
        return state.learned.get(SHOWS_COSTS) == "yes"
    return takes_transfers(state)


def cost_of(wire_id: str, found: SoFar) -> CostUpdated:
    """A running cost with all that a station of any version needs to go on from it."""
    return CostUpdated(transaction_id=wire_id, total=found.content.total, basis=_basis(found))


def idling_after(inputs: Inputs) -> CostBasis | None:
    """What idling goes on to cost after the end of a session; None: nothing, or the car has left already."""
    evidence = inputs.evidence
    if evidence.unplugged_at is not None:
        return None
    if not inputs.tariffs or inputs.tariffs[-1].tariff.after_stop != "idle" or not evidence.points:
        return None
    whole = reckoned(inputs, closed=True)
    prices = prices_at(whole.course, whole.schedule, whole.course.end_us)
    if prices.idle_minute is None:
        return None
    return CostBasis(
        at=moment(whole.course.end_us),
        register_wh=int(evidence.points[-1].wh),
        state="Idle",
        prices=UnitPrices(idle_minute=prices.idle_minute, grace_s=prices.grace_s),
    )


def _basis(found: SoFar) -> CostBasis | None:
    last = found.last
    if last is None:
        return None
    prices = found.prices()
    return CostBasis(
        at=found.at,
        register_wh=int(last.wh),
        state="Idle" if found.is_idle else "Charging",
        prices=prices,
        next=found.next_prices(),
        sample_below_w=None if prices.idle_minute is None else _IDLE_W,
    )
