"""A limit of a transaction, as it is asked for."""

from decimal import Decimal
from typing import Annotated

import msgspec
from msgspec import Meta

from stationmaster.api.http.parameters import MAX_INT32
from stationmaster.domain.transactions.limits import TransactionLimit

Whole = Annotated[int, Meta(ge=0, le=MAX_INT32)]


class LimitDraft(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``max_cost`` in the tariff's currency, taxes included; ``max_time_s`` from the start of the transaction."""

    max_energy_wh: Whole | None = None
    max_time_s: Whole | None = None
    max_cost: Annotated[float, Meta(ge=0, le=1_000_000)] | None = None
    max_soc_pct: Annotated[int, Meta(ge=0, le=100)] | None = None

    def limit(self) -> TransactionLimit:
        return TransactionLimit(
            max_cost=None if self.max_cost is None else Decimal(str(self.max_cost)),
            max_energy_wh=None if self.max_energy_wh is None else Decimal(self.max_energy_wh),
            max_time_s=self.max_time_s,
            max_soc_pct=self.max_soc_pct,
        )
