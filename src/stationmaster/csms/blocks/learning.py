"""What a block learns of a station beside what it stores of it."""

from collections.abc import Mapping

from stationmaster.domain.records import Learned
from stationmaster.domain.station import StationState


def learn(state: StationState, told: Mapping[str, str]) -> tuple[tuple[Learned, ...], StationState]:
    """Records of what is new, and the aggregate that knows it."""
    new = {name: value for name, value in told.items() if state.learned.get(name) != value}
    if not new:
        return (), state
    records = tuple(Learned(station_key=state.key, name=name, value=value) for name, value in new.items())
    return records, state.with_learned(new)
