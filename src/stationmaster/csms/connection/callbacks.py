"""Where stations without a line are called: what they say of it, what operators say, and whether it worked.

A station says in every message where it listens. That is a stranger's word as long as the station has no password, so
what must not be called is refused (``AddressCheck``, and again when the name is resolved), and an operator's word goes
before it. Only what changes is stored, in the station's lane.
"""

from collections.abc import Callable, Sequence
from functools import partial

import msgspec
import structlog

from stationmaster.csms.connection.desk import Desk
from stationmaster.csms.ports import Clock, Journal
from stationmaster.csms.settings import CsmsSettings
from stationmaster.domain.callback import AddressCheck, Callback, CallbackKnown
from stationmaster.domain.failures import StorageFailed
from stationmaster.domain.records import Event, Oddity
from stationmaster.domain.station import Station
from stationmaster.session.failures import Unreachable
from stationmaster.session.ports import Calls

log = structlog.get_logger(__name__)

CHANGED = "StationCallbackChanged"

Change = Callable[[Callback], Callback]


class Callbacks:
    """Of one node. ``again``: takes up what waits for a station, as it is called at another address now."""

    def __init__(
        self,
        journal: Journal,
        clock: Clock,
        settings: CsmsSettings,
        check: AddressCheck,
        again: Callable[[Desk], None],
    ) -> None:
        self._journal = journal
        self._clock = clock
        self._settings = settings
        self._check = check
        self._again = again

    def in_use(self, desk: Desk) -> str | None:
        """Where a station is called; None: nobody knows."""
        station = desk.state.station
        if station.callback_override is not None or not self._listens_to(desk):
            return station.callback_override
        return desk.callback.told

    def told(self, desk: Desk, address: str) -> bool:
        """A station names its address. Whether it is taken for another one from now on."""
        if not self._listens_to(desk):
            if desk.callback.told is not None:
                desk.lane.put(partial(self._change, desk, lambda _: Callback()))
            return False
        if address == desk.callback.told:
            return False
        why_not = self._check(address)
        if why_not is not None:
            self._odd(desk, why_not)
            return False
        at = self._clock.now()
        desk.lane.put(partial(self._change, desk, lambda known: known.telling(address, at)))
        return True

    def reached(self, desk: Desk) -> None:
        """It answers where it is called."""
        if desk.callback.reached_at is None:
            at = self._clock.now()
            desk.lane.put(partial(self._change, desk, lambda known: known.reached(at)))

    def unreachable(self, desk: Desk, reason: str) -> None:
        """It was called and not reached."""
        if desk.callback.reason != reason:
            at = self._clock.now()
            desk.lane.put(partial(self._change, desk, lambda known: known.unreachable(reason, at)))

    def overridden(self, desk: Desk) -> None:
        """An operator has another word about where it is called."""
        desk.lane.put(partial(self._readdress, desk))

    async def _readdress(self, desk: Desk) -> None:
        await self._change(desk, Callback.untried)
        self._again(desk)

    def _listens_to(self, desk: Desk) -> bool:
        return self._settings.policy(desk.state.tenant).soap_callbacks == "told"

    async def _change(self, desk: Desk, change: Change) -> None:
        before = desk.callback
        after = change(before)
        if after == before:
            return
        record = CallbackKnown(station_key=desk.key, callback=after)
        try:
            await self._journal.store([record], [self._event(desk, before, after)])
        except StorageFailed as failed:  # it is told again with the next message, or found out with the next call
            log.error("callback not stored", station=desk.key, reason=str(failed))
            return
        desk.callback = after
        if after.told != before.told:
            self._again(desk)

    def _event(self, desk: Desk, before: Callback, after: Callback) -> Event:
        state = desk.state
        data = {"before": before.told, "told": after.told, "reachable": after.reachable, "reason": after.reason}
        return Event(kind=CHANGED, tenant=state.tenant, station_key=desk.key, at=self._clock.now(), data=data)

    def _odd(self, desk: Desk, why_not: str) -> None:
        detail = f"its address is not called: {why_not}"
        at = self._clock.now()
        desk.odd(Oddity(station_key=desk.key, at=at, kind="callback_refused", action=None, detail=detail))


async def forgotten(stations: Sequence[Station], journal: Journal, settings: CsmsSettings) -> list[Station]:
    """The same, but for what those said of their addresses who are not listened to (any more)."""
    after = [_forgotten(station, settings) for station in stations]
    changed = [
        CallbackKnown(station_key=now.key, callback=now.callback)
        for before, now in zip(stations, after, strict=True)
        if now is not before
    ]
    if changed:
        await journal.store(changed)
    return after


def _forgotten(station: Station, settings: CsmsSettings) -> Station:
    if station.callback.told is None or settings.policy(station.tenant).soap_callbacks == "told":
        return station
    return msgspec.structs.replace(station, callback=Callback())


class NotedCalls:
    """The way to a station, with a note of whether it leads there. Fulfils ``Calls``."""

    def __init__(self, calls: Calls, callbacks: Callbacks, desk: Desk) -> None:
        self._calls = calls
        self._callbacks = callbacks
        self._desk = desk

    async def ready(self) -> None:
        address = self._callbacks.in_use(self._desk)
        try:
            await self._calls.ready()
        except Unreachable as unreachable:
            self._note(address, str(unreachable))
            raise
        self._callbacks.reached(self._desk)

    async def call(self, action: str, payload: bytes, timeout_s: float) -> bytes:
        address = self._callbacks.in_use(self._desk)
        try:
            return await self._calls.call(action, payload, timeout_s)
        except Unreachable as unreachable:
            self._note(address, str(unreachable))
            raise

    def close(self) -> None:
        self._calls.close()

    def _note(self, address: str | None, reason: str) -> None:
        """That no address is known, or another one by now, says nothing of the one in use."""
        if address is not None and address == self._callbacks.in_use(self._desk):
            self._callbacks.unreachable(self._desk, reason)
