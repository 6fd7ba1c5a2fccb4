"""The display of a station: whatever wants to be read there, in layers, and only the uppermost is shown.

From top to bottom: the message that stands in front of all; a notice to whoever stands there, for a while; messages in
front, in turns; what the EVSE itself has to say with what the charging costs, in turns with the other messages
(OCPP 2.0.1 part 2, O01.FR.12-16).
"""

import asyncio
from collections.abc import Callable, Iterable
from datetime import datetime

import msgspec

from stationmaster.clock.timeouts import within
from stationmaster.station import display
from stationmaster.station.ports import Clock

NOTICE_S = 10.0
"""How long a notice stands."""
TURN_S = 5.0
"""How long each of several texts stands that take turns."""

Show = Callable[[int | None, str], None]


class Layers(msgspec.Struct, frozen=True, kw_only=True):
    """The messages for one EVSE now. ``until``: when they will be other ones, by time alone."""

    always_front: str | None = None
    in_front: tuple[str, ...] = ()
    in_turns: tuple[str, ...] = ()
    until: datetime | None = None


NO_MESSAGES = Layers()


class _Face(msgspec.Struct):
    """What is known of one EVSE's part of the display."""

    status: str = display.STARTING
    cost: str | None = None
    price: str | None = None
    notice: str = ""
    notice_until: float = 0.0
    """In monotonic time."""
    shown: str | None = None


class Screen:
    """``messages`` tells what a CSMS has for an EVSE."""

    def __init__(self, show: Show, evse_ids: Iterable[int], clock: Clock) -> None:
        self._show = show
        self._clock = clock
        self._faces = {evse_id: _Face() for evse_id in evse_ids}
        self._news = asyncio.Event()
        self.messages: Callable[[int], Layers] = lambda evse_id: NO_MESSAGES

    def status(self, evse_id: int, text: str) -> None:
        """What the EVSE itself has to say from now on. It ends a notice: something has happened since."""
        face = self._faces[evse_id]
        face.status, face.notice_until = text, 0.0
        self._draw(evse_id)

    def notice(self, evse_id: int | None, text: str, lasts_s: float = NOTICE_S) -> None:
        """To whoever stands there now; None: at any EVSE."""
        for each in self._faces if evse_id is None else (evse_id,):
            face = self._faces[each]
            face.notice, face.notice_until = text, self._clock.monotonic() + lasts_s
            self._draw(each)

    def cost(self, evse_id: int, text: str | None) -> None:
        """What the charging costs so far, or None: nothing is to be said of it."""
        self._faces[evse_id].cost = text
        self._draw(evse_id)

    def price(self, evse_id: int, text: str | None) -> None:
        """What charging costs here, in turns with what the EVSE has to say; None: nothing is to be said of it."""
        if text != self._faces[evse_id].price:
            self._faces[evse_id].price = text
            self._draw(evse_id)

    def refresh(self) -> None:
        """The messages may have become other ones."""
        for evse_id in self._faces:
            self._draw(evse_id)

    async def run(self) -> None:
        """Take turns, and take away what has stood long enough; until cancelled."""
        while True:
            self._news.clear()
            wait_s = self._wait_s()
            try:
                if wait_s is None:
                    await self._news.wait()
                else:
                    await within(self._clock, wait_s, self._news.wait())
            except TimeoutError:
                self.refresh()

    def _draw(self, evse_id: int) -> None:
        face = self._faces[evse_id]
        text = self._text(face, self.messages(evse_id))
        if text != face.shown:
            face.shown = text
            self._show(evse_id, text)
        self._news.set()

    def _text(self, face: _Face, layers: Layers) -> str:
        now = self._clock.monotonic()
        if layers.always_front is not None:
            return layers.always_front
        if now < face.notice_until:
            return face.notice
        turns = _turns(face, layers)
        return turns[int(now // TURN_S) % len(turns)]

    def _wait_s(self) -> float | None:
        """How long until something changes by itself; None: nothing does."""
        now, at = self._clock.monotonic(), self._clock.now()
        waits: list[float] = []
        for evse_id, face in self._faces.items():
            layers = self.messages(evse_id)
            if now < face.notice_until:
                waits.append(face.notice_until - now)
            if len(_turns(face, layers)) > 1:
                waits.append(TURN_S - now % TURN_S)
            if layers.until is not None:
                waits.append(max((layers.until - at).total_seconds(), 0.0))
        return min(waits, default=None)


def _turns(face: _Face, layers: Layers) -> tuple[str, ...]:
    """What takes turns when nothing stands before it."""
    if layers.in_front:
        return layers.in_front
    own = face.status if face.cost is None else f"{face.status}: {face.cost}"
    return (own, *layers.in_turns) if face.price is None else (own, face.price, *layers.in_turns)
