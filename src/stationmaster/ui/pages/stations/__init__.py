"""The pages of stations: the list of all, callers that are none, and one station with its tabs."""

from stationmaster.ui.pages.stations import every, unknown  # isort: skip - before /stations/{station_key}
from stationmaster.ui.pages.stations import one  # isort: skip

__all__ = ["every", "one", "unknown"]
