"""Tariffs that the station reckons with by itself. Only 2.1 has words for them."""

from collections.abc import Callable

from stationmaster.domain.cost.tariff_commands import (
    ChangeTransactionTariff,
    ClearTariffs,
    GetTariffs,
    SetDefaultTariff,
)
from stationmaster.domain.device_model.addresses import VariableRef
from stationmaster.station.blocks.authorization import Authorization
from stationmaster.station.blocks.authorization_cache import AuthorizationCache
from stationmaster.station.blocks.cost import CostDisplay
from stationmaster.station.blocks.driver_tariffs import DriverTariffs
from stationmaster.station.blocks.limits import Limits
from stationmaster.station.blocks.local_cost import LocalCost, Shop
from stationmaster.station.blocks.metering import Metering
from stationmaster.station.blocks.reader import Reader
from stationmaster.station.blocks.reservation import Reservations
from stationmaster.station.blocks.tariffs import Tariffs
from stationmaster.station.blocks.transactions import Transactions
from stationmaster.station.connection.gate import if_reckoned
from stationmaster.station.cost.cost_problem import COMPONENT, VARIABLE, CostProblem
from stationmaster.station.device_model.event_queue import EventQueue
from stationmaster.station.device_model.monitors import MonitorStore
from stationmaster.station.device_model.watching import Watching
from stationmaster.station.parts import Parts
from stationmaster.station.queue import TransactionQueue
from stationmaster.station.screen import Screen


def _cost_problem(parts: Parts) -> CostProblem | None:
    if parts.version != "2.1":
        return None
    made = CostProblem(parts.memory, parts.clock, lambda: parts[EventQueue])

    def watched() -> bool:
        monitors = (kept.monitor for kept in parts[MonitorStore].all.values())
        return any(
            (each.component.name, each.variable.name, each.type) == (COMPONENT, VARIABLE, "Delta") for each in monitors
        )

    def look() -> None:
        parts[Watching].look()

    made.watched, made.look = watched, look
    parts.variables.live[f"{COMPONENT}.{VARIABLE}"] = lambda _: str(made.is_there).lower()
    return made


def _tariffs(parts: Parts) -> Tariffs | None:
    if parts.version != "2.1":
        return None
    made = Tariffs(parts[Transactions].evse_ids, parts.memory, parts.clock, parts.configuration)
    parts.handlers[SetDefaultTariff] = if_reckoned(made.set_default, parts.configuration)
    parts.handlers[GetTariffs] = made.tell
    parts.handlers[ClearTariffs] = made.clear
    return made


def _driver_tariffs(parts: Parts) -> DriverTariffs | None:
    if parts.version != "2.1":
        return None
    made = DriverTariffs(parts.memory, parts[AuthorizationCache], parts.configuration, parts[CostProblem])
    parts[Authorization].taken, parts[AuthorizationCache].on_gone = made.take, made.prune
    return made


def _local_cost(parts: Parts) -> LocalCost | None:
    if parts.version != "2.1":
        return None
    transactions, tariffs, shown = parts[Transactions], parts[Tariffs], parts[CostDisplay]
    shop = Shop(tariffs=tariffs, drivers=parts[DriverTariffs], problem=parts[CostProblem], spawn=parts.spawn)
    made = LocalCost(shop, parts[Screen], transactions, parts.hardware, parts.memory, parts.clock, parts.configuration)
    made.measure, made.own_id = parts[Metering].update, parts[TransactionQueue].own_id
    made.on_total, made.reserved_from = parts[Limits].on_cost, parts[Reservations].since
    transactions.more, tariffs.sold, tariffs.changed = made.complete, made.sold, made.on_prices
    transactions.observers.append(made)
    shown.reckons, shown.price = made.reckons, made.price
    parts[Limits].reckons = made.reckons_transaction
    parts[Reader].tariff_refused = made.refuse
    parts.variables.on_change.append(lambda ref, before, now: _on_variable(made, ref))
    parts.handlers[ChangeTransactionTariff] = if_reckoned(made.change, parts.configuration)
    parts.keep_running(made.run)
    return made


def _on_variable(local_cost: LocalCost, ref: VariableRef) -> None:
    if ref.component.name == COMPONENT:
        local_cost.on_prices()


BLOCKS: tuple[Callable[[Parts], object], ...] = (_cost_problem, _tariffs, _driver_tariffs, _local_cost)
