"""The specification's functional blocks, as the CSMS sees them.

A block is called with the station's aggregate, a request and the time of receipt, and returns a Decision; it may be
async where it must read what memory cannot know. It changes nothing by itself.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

from stationmaster.domain.decision import Decision
from stationmaster.domain.station import StationState

Block = Callable[[StationState, Any, datetime], Decision | Awaitable[Decision]]
