"""K15-K20, R02, R03: what cars told their stations. It is kept and told; there is no charging profile for it yet."""

from datetime import datetime

from stationmaster.domain.charging_needs import MAX_EVSE_ID, ChargingNeedsAnswer, KnownNeeds, NotifyEVChargingNeeds
from stationmaster.domain.decision import Decision
from stationmaster.domain.records import Event, Oddity
from stationmaster.domain.station import StationState

_NO_PROFILE = ChargingNeedsAnswer(status="NoChargingProfile")
"""The station need not wait for one (K18.FR.04)."""


def charging_needs(state: StationState, request: NotifyEVChargingNeeds, at: datetime) -> Decision:
    """The newest of each EVSE stay."""
    if not 1 <= request.evse_id <= MAX_EVSE_ID:
        detail = f"there is no EVSE {request.evse_id}"
        odd = Oddity(station_key=state.key, at=at, kind="evse", action="NotifyEVChargingNeeds", detail=detail)
        return Decision(answer=_NO_PROFILE, records=(odd,))
    running = (each for each in state.open.values() if each.evse is not None and each.evse.id == request.evse_id)
    transaction = max((each.key for each in running), default=None)
    known = KnownNeeds(
        station_key=state.key,
        evse_id=request.evse_id,
        needs=request.needs,
        received_at=at,
        told_at=request.timestamp,
        transaction_key=transaction,
        max_schedule_tuples=request.max_schedule_tuples,
    )
    data = {
        "evse": known.evse_id,
        "energy_transfer": known.energy_transfer,
        "der_modes": list(known.der_modes),
        "transaction": transaction,
    }
    event = Event(kind="EVChargingNeeds", tenant=state.tenant, station_key=state.key, at=at, data=data)
    return Decision(answer=_NO_PROFILE, records=(known,), events=(event,))
