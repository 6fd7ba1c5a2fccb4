"""What may be odd about a bill, in the words of the API, and which of it a tenant wants somebody to look at first."""

from collections.abc import Mapping
from types import MappingProxyType

import msgspec

FLAGS: Mapping[str, str] = MappingProxyType(
    {
        "begin_missing": "no register was told at the start",
        "clock_doubtful": "the station's time cannot be",
        "conflict": "the station told different things under one number",
        "currency_change": "a tariff of another currency was told, and not used",
        "end_missing": "no register was told at the end, or no end at all",
        "ends_before_start": "it ended before it started",
        "estimated_from_intervals": "no register was told; the energy is that of intervals",
        "estimated_from_power": "no register was told; the energy is made from power",
        "gap": "messages are missing",
        "interpolated_over_gap": "the price changed between readings that lie far apart",
        "lost_start": "the start was never told",
        "meter_glitch": "a reading was left out, as its neighbours contradict it",
        "meter_jump": "the register rose by more than the EVSE can deliver",
        "meter_reset": "the register fell: what lies between is not counted",
        "negative_total": "the sum is negative",
        "no_idle_evidence": "nothing tells of charging and idling: all of it counts as charging",
        "no_register": "nothing tells of any energy",
        "no_tariff": "no tariff applied",
        "register_backwards": "the register stood lower than at the end of the transaction before",
        "register_gap": "the meter counted energy between the transaction before and this one",
        "register_jump": "between the transaction before and this one it counted more than can be delivered",
        "samples_outside": "readings lie outside of the transaction, and were left out",
        "station_cost_differs": "the station calculated another sum",
        "two_registers_at_once": "two registers were told for one moment",
        "unauthorized": "nobody was authorized",
        "unknown_tariff_told": "the station used a tariff that is not known",
    }
)
"""Every flag there is, and what it means."""


class BillHolds(msgspec.Struct, frozen=True, kw_only=True):
    """Which flags keep a tenant's bills from export until somebody has looked. None: as the program has it."""

    tenant: str
    flags: tuple[str, ...] | None
