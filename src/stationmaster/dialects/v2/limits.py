"""How far a transaction may go, in 2.1: TransactionLimitType."""

from stationmaster.domain.transactions.limits import TransactionLimit
from stationmaster.ocpp import v21
from stationmaster.ocpp.v21 import lenient as wire


def read_limit(limit: wire.TransactionLimitType | None) -> TransactionLimit | None:
    if limit is None:
        return None
    return TransactionLimit(
        max_cost=limit.max_cost,
        max_energy_wh=limit.max_energy,
        max_time_s=limit.max_time,
        max_soc_pct=limit.max_soc,
    )


def write_limit(limit: TransactionLimit | None) -> v21.TransactionLimitType | None:
    """None where nothing is limited."""
    if limit is None or limit.is_empty:
        return None
    return v21.TransactionLimitType(
        max_cost=limit.max_cost,
        max_energy=limit.max_energy_wh,
        max_time=limit.max_time_s,
        max_soc=limit.max_soc_pct,
    )
