"""What is said to a station in passing: of use now or never. No command is kept of it, nothing is said twice."""

from collections.abc import Awaitable, Callable
from functools import partial

import structlog

from stationmaster.csms.background import Background
from stationmaster.csms.connection.desk import Desk
from stationmaster.csms.connection.directory import Directory
from stationmaster.dialects.table import Unsupported
from stationmaster.domain.messages import Request
from stationmaster.domain.station import StationState
from stationmaster.session.failures import CallFailed

log = structlog.get_logger(__name__)

Make = Callable[[StationState], Awaitable[Request | None]]
"""What to say by then; None: nothing."""

_AFTER_OTHERS = -1
"""Commands go first."""


class Notices:
    """Of one node. A slot is what a notice is about: of two that wait for the same one the newer is sent.

    ``directory`` is there once the desks are, whose blocks say things.
    """

    directory: Directory

    def __init__(self, background: Background) -> None:
        self._background = background
        self._waiting: dict[tuple[int, str], Request] = {}
        self._under_way: set[tuple[int, str]] = set()

    def after_answer(self, station_key: int, slot: str, make: Make) -> None:
        """Say something once the message that is being handled is committed and answered. Only from within the lane:
        ``make`` is called in the lane too."""
        desk = self.directory.get(station_key)
        if desk is not None:
            desk.lane.put(partial(self._make, desk, slot, make))

    async def _make(self, desk: Desk, slot: str, make: Make) -> None:
        try:
            request = await make(desk.state)
        except Exception:  # a job in the lane must not raise; what cannot be said is not missed
            log.exception("nothing to say could be made", station=desk.key, slot=slot)
            return
        if request is not None:
            self.tell(desk, slot, request)

    def tell(self, desk: Desk, slot: str, request: Request) -> None:
        """Say it now, if the station is connected here."""
        if desk.session is None:
            return
        place = (desk.key, slot)
        self._waiting[place] = request
        if place not in self._under_way:
            self._under_way.add(place)
            self._background.start(self._say(desk, place))

    async def _say(self, desk: Desk, place: tuple[int, str]) -> None:
        try:
            while (request := self._waiting.pop(place, None)) is not None and desk.session is not None:
                try:
                    await desk.session.perform(request, priority=_AFTER_OTHERS)
                except (Unsupported, CallFailed) as failure:
                    log.info("not told", station=desk.key, request=type(request).__name__, reason=str(failure))
        finally:
            self._waiting.pop(place, None)
            self._under_way.discard(place)
