"""A bill: what it was made from, what it says, and its versions.

A bill's content is a function of its inputs alone. Inputs are frozen with the bill: neither a newer tariff, nor a newer
time-zone database, nor readings that were thinned out can change what it says. Key, version and date stand around it.
What is frozen is written out whole, defaults too: another default later must not change it.
"""

from datetime import datetime
from decimal import Decimal
from typing import Literal

import msgspec

from stationmaster.domain.cost.corrections import Correction
from stationmaster.domain.cost.evidence import Evidence
from stationmaster.domain.cost.local_time import Offset
from stationmaster.domain.cost.pricing import TariffFrom
from stationmaster.domain.cost.tariff import TaxRate
from stationmaster.domain.cost.tariff_choice import Choice, Place
from stationmaster.domain.transactions.transaction import EnergySource

ALGORITHM = 1
"""The one that new bills are made by."""

HOLDING_FLAGS = (
    "begin_missing",
    "clock_doubtful",
    "conflict",
    "currency_change",
    "end_missing",
    "ends_before_start",
    "estimated_from_intervals",
    "estimated_from_power",
    "lost_start",
    "meter_jump",
    "meter_reset",
    "negative_total",
    "no_register",
    "no_tariff",
    "unauthorized",
    "unknown_tariff_told",
)
"""What keeps a bill from export until somebody has looked, unless the tenant says otherwise."""

LineKind = Literal[
    "reservation_fixed",
    "reservation_time",
    "fixed",
    "energy",
    "charging_time",
    "idle_time",
    "maximum",
    "minimum",
    "adjustment",
    "tax",
]
BillState = Literal["issued", "held", "superseded", "void"]
Cause = Literal["ended", "evidence", "correction", "released"]


class Policy(msgspec.Struct, frozen=True, kw_only=True):
    """A tenant's wishes. ``max_gap_s``: readings further apart than that are noted where a price changes between them.

    ``currency``: of bills without a tariff.
    """

    hold: tuple[str, ...] = HOLDING_FLAGS
    max_gap_s: int | None = None
    currency: str = "EUR"


class Inputs(msgspec.Struct, frozen=True, kw_only=True):
    """All that a bill's content depends on. ``max_w``: what the EVSE can deliver, where known."""

    evidence: Evidence
    place: Place
    tariffs: tuple[TariffFrom, ...] = ()
    choice: Choice = Choice()
    offsets: tuple[Offset, ...] = ()
    max_w: Decimal | None = None
    policy: Policy = Policy()
    corrections: tuple[Correction, ...] = ()
    payment_brand: str | None = None
    payment_recognition: str | None = None
    algorithm: int = ALGORITHM


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """A time of which a line consists: ``quantity`` in the line's unit, ``why`` this price held.

    ``from_wh`` and ``to_wh`` count from the session's start. ``interpolated``: one of them lies between two readings.
    """

    from_at: datetime
    to_at: datetime
    quantity: Decimal
    from_wh: Decimal | None = None
    to_wh: Decimal | None = None
    how: Literal["measured", "interpolated", "rounded_up"] = "measured"
    why: str = ""


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """``quantity`` has six digits and is for people; ``amount`` was rounded once, from the exact one.

    ``of_which``: a tax that is in the amounts already, and is not added.
    """

    no: int
    kind: LineKind
    amount: Decimal
    quantity: Decimal = Decimal(1)
    unit: Literal["kWh", "min", ""] = ""
    price: Decimal | None = None
    taxes: tuple[TaxRate, ...] = ()
    text: str = ""
    of_which: bool = False
    from_at: datetime | None = None
    to_at: datetime | None = None
    parts: tuple[Part, ...] = ()


class Content(msgspec.Struct, frozen=True, kw_only=True):
    """What a bill says. ``total`` is the sum of the lines, by definition; ``net`` and ``tax`` are its two parts.

    ``interpolated_wh``: energy between two readings that lie on both sides of a change of price.
    ``type_of_cost`` as in 2.1's totalCost.
    """

    currency: str
    lines: tuple[Line, ...]
    net: Decimal
    tax: Decimal
    total: Decimal
    energy_wh: Decimal
    energy_source: EnergySource
    started_at: datetime | None
    ended_at: datetime | None
    charging_s: int
    idle_s: int
    paused_s: int
    basis: Literal["states", "power", "register", "none"]
    interpolated_wh: Decimal = Decimal(0)
    type_of_cost: Literal["NormalCost", "MinCost", "MaxCost"] = "NormalCost"
    flags: tuple[str, ...] = ()
    held: bool = False


class Bill(msgspec.Struct, frozen=True, kw_only=True):
    """A version of a transaction's bill. ``corrects`` is the key of the version before, ``difference`` to its total.

    ``cdr_id`` is the same for all versions of one transaction. ``settlement_key``: of what settled it.
    """

    key: int
    tenant: str
    transaction_key: int
    station_key: int
    version: int
    state: BillState
    content: Content
    inputs_digest: str
    issued_at: datetime
    cause: Cause
    cdr_id: str
    difference: Decimal = Decimal(0)
    corrects: int | None = None
    payer: str | None = None
    seller: str | None = None
    settlement_key: int | None = None
