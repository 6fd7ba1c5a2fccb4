from datetime import UTC, datetime

import pytest

from stationmaster.csms.blocks.charging_needs import charging_needs
from stationmaster.domain.charging_needs import MAX_EVSE_ID, KnownNeeds, NotifyEVChargingNeeds
from stationmaster.domain.decision import Decision
from stationmaster.domain.identity import Evse
from stationmaster.domain.records import Oddity
from stationmaster.domain.station import Station, StationState
from stationmaster.domain.transactions.transaction import Transaction

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
STATE = StationState(station=Station(key=7, tenant="default", identity="CS-7", created_at=NOW))
NEEDS = {"requestedEnergyTransfer": "AC_BPT_DER", "derChargingParameters": {"evSupportedDERControl": ["FreqDroop"]}}


def decided(evse_id: int, state: StationState = STATE) -> Decision:
    return charging_needs(state, NotifyEVChargingNeeds(evse_id=evse_id, needs=NEEDS, timestamp=NOW), NOW)


def test_needs_are_kept_whole_told_and_answered_with_no_profile() -> None:
    decision = decided(2)
    known = KnownNeeds(station_key=7, evse_id=2, needs=NEEDS, received_at=NOW, told_at=NOW)
    assert decision.records == (known,)
    (event,) = decision.events
    assert event.kind == "EVChargingNeeds"
    assert event.data == {
        "evse": 2,
        "energy_transfer": "AC_BPT_DER",
        "der_modes": ["FreqDroop"],
        "transaction": None,
    }
    assert decision.answer is not None and decision.answer.status == "NoChargingProfile"


def test_they_belong_to_the_transaction_at_their_evse() -> None:
    state = STATE
    for key, evse_id in ((11, 1), (12, 2)):
        running = Transaction(
            key=key,
            tenant="default",
            station_key=7,
            wire_id=f"t{key}",
            evse=Evse(evse_id, 1),
            first_event_at=NOW,
            received_at=NOW,
        )
        state = state.with_transaction(running)
    (known,) = decided(2, state).records
    assert isinstance(known, KnownNeeds) and known.transaction_key == 12


@pytest.mark.parametrize("evse_id", [0, -1, MAX_EVSE_ID + 1])
def test_an_evse_that_cannot_be_is_odd_and_not_kept(evse_id: int) -> None:
    decision = decided(evse_id)
    assert [type(record) for record in decision.records] == [Oddity]
    assert decision.events == ()
