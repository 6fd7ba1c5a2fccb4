"""What cars told, as far as 2.0.1 can carry it, and the answers; what came with 2.1 is in the dialect's own test."""

from typing import Any

from device_model_strategies import maybe, numbers, text
from hypothesis import strategies as st

from stationmaster.domain import messages as m
from stationmaster.domain.charging_needs import ChargingNeedsAnswer, NotifyEVChargingNeeds

_some = st.integers(0, 10_000)
_AC = dict.fromkeys(("energyAmount", "evMinCurrent", "evMaxCurrent", "evMaxVoltage"), _some)
_DC = {"evMaxCurrent": _some, "evMaxVoltage": _some}
_needs = st.fixed_dictionaries(
    {"requestedEnergyTransfer": st.sampled_from(["AC_single_phase", "AC_three_phase", "DC"])},
    optional={
        "acChargingParameters": st.fixed_dictionaries(_AC),
        "dcChargingParameters": st.fixed_dictionaries(_DC, optional={"stateOfCharge": st.integers(0, 100)}),
        "departureTime": st.just("2026-03-01T12:00:00Z"),
    },
)
V2_REQUESTS: dict[type[m.Request], st.SearchStrategy[Any]] = {
    NotifyEVChargingNeeds: st.builds(
        NotifyEVChargingNeeds, evse_id=st.integers(1, 99), needs=_needs, max_schedule_tuples=maybe(numbers)
    )
}
V2_ANSWERS: dict[type[m.Request], st.SearchStrategy[Any]] = {
    NotifyEVChargingNeeds: st.builds(
        ChargingNeedsAnswer,
        status=st.sampled_from(["Accepted", "Rejected", "Processing"]),
        reason=maybe(text(20)),
    )
}
