"""Keeps the local authorization lists of stations as the tokens are: whose turn it is, and why.

A station is looked at when it has booted, or has come back after a while or after a change; when tokens have changed
and then been left alone for a moment; when an entry expires at a station that does not look at that itself; now and
then, where the last time it did not work out; and when somebody asks for it.
"""

import asyncio
from collections.abc import Callable, Coroutine
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import msgspec
import structlog

from stationmaster.csms import subjects
from stationmaster.csms.background import Background, kept_up
from stationmaster.csms.commands.commands import CommandDesk
from stationmaster.csms.connection.desk import Desk
from stationmaster.csms.connection.directory import Directory
from stationmaster.csms.local_list.turn import ListTurn
from stationmaster.csms.ports import Bus, Clock, Store
from stationmaster.csms.settings import CsmsSettings
from stationmaster.domain.failures import StorageFailed
from stationmaster.domain.local_list.entries import ContentsForgotten, LocalListState
from stationmaster.domain.queries import CommittedEvent

log = structlog.get_logger(__name__)

AT_ONCE = 20
LOOK_EVERY_S = 60.0
AGAIN_AFTER = timedelta(hours=1)
CHECK_AFTER = timedelta(hours=24)
OFF = b"off"
TAKEN = b"taken"
_SHORTEST_LOOK_S = 0.05
_UNSETTLED = frozenset({"unknown", "stale", "partial", "refused"})


class Ask(msgspec.Struct, frozen=True):
    """Somebody wants a station's list looked at; with ``full`` all of it is sent, whatever the station has.
    ``number``: what is told when that has been done, among others."""

    station_key: int
    full: bool = False
    number: int | None = None


class Turn(msgspec.Struct, frozen=True):
    """What is to be done when it is a station's turn: for all who asked."""

    full: bool = False
    numbers: tuple[int, ...] = ()


class LocalLists:
    """Of one node: of the stations that are connected to it."""

    def __init__(
        self,
        store: Store,
        bus: Bus,
        clock: Clock,
        directory: Directory,
        commands: CommandDesk,
        settings: CsmsSettings,
    ) -> None:
        self._journal = store.journal
        self._bus = bus
        self._clock = clock
        self._directory = directory
        self._delay_s = settings.local_list_delay_s
        self._turn = ListTurn(store.reads, store.journal, clock, commands, settings)
        self._line: asyncio.Queue[int] = asyncio.Queue()
        self._asked: dict[int, Turn] = {}
        self._under_way: set[int] = set()
        self._started_at: datetime | None = None
        self._changed_at: dict[str, datetime] = {}
        self._touched: dict[str, datetime] = {}
        self._news = asyncio.Event()

    def start(self, background: Background) -> None:
        """Until the background ends."""
        self._started_at = self._clock.now()
        works: list[Callable[[], Coroutine[Any, Any, None]]] = [
            *(partial(self._follow_stations, kind) for kind in ("StationBooted", "StationConnected")),
            *(partial(self._follow_tokens, kind) for kind in ("TokenChanged", "TokenGroupChanged")),
            self._serve_asks,
            self._follow_asks,
            self._look_around,
            self._sweep,
            *([self._work] * AT_ONCE),
        ]
        for work in works:
            background.start(kept_up(work, self._clock))

    def put(self, ask: Ask) -> None:
        """Have it looked at, once, however often it is put there before its turn."""
        key = ask.station_key
        if key not in self._asked and key not in self._under_way:
            self._line.put_nowait(key)
        turn = self._asked.get(key, Turn())
        numbers = turn.numbers if ask.number is None else (*turn.numbers, ask.number)
        self._asked[key] = Turn(full=turn.full or ask.full, numbers=numbers)

    async def _work(self) -> None:
        while True:
            key = await self._line.get()
            turn = self._asked.pop(key, Turn())
            self._under_way.add(key)
            try:
                desk = self._directory.get(key)
                if desk is not None:
                    await self._turn.take(desk, full=turn.full)
            except StorageFailed as failed:
                log.error("a local list is not looked at", station=key, reason=str(failed))
            finally:
                self._under_way.discard(key)
                if key in self._asked:
                    self._line.put_nowait(key)
            if turn.numbers:
                await self._bus.publish(subjects.list_looked_at(key), msgspec.json.encode(turn.numbers))

    # What puts a station in line ──────────────────────────────────────────────────────────────────────────────────

    async def _follow_stations(self, kind: str) -> None:
        async for message in self._bus.subscribe(subjects.events(kind)):
            desk = self._directory.get(msgspec.json.decode(message.body, type=CommittedEvent).event.station_key or 0)
            if desk is None:
                continue
            if kind == "StationBooted":
                self._turn.booted(desk.key)
                self.put(Ask(desk.key))
            elif self._is_due(desk):
                self.put(Ask(desk.key))

    async def _follow_tokens(self, kind: str) -> None:
        async for message in self._bus.subscribe(subjects.events(kind)):
            tenant = msgspec.json.decode(message.body, type=CommittedEvent).event.tenant
            self._turn.compiler.forget(tenant)
            self._changed_at[tenant] = self._touched[tenant] = self._clock.now()
            self._news.set()

    async def _serve_asks(self) -> None:
        stop = await self._bus.serve(subjects.LIST_DESK, self._take_ask)
        try:
            await asyncio.Event().wait()
        finally:
            stop()

    async def _take_ask(self, body: bytes) -> bytes:
        desk = self._directory.get(msgspec.json.decode(body, type=Ask).station_key)
        if desk is None or not await self._turn.is_wanted(desk):
            return OFF
        await self._bus.publish(subjects.LOCAL_LISTS, body)
        return TAKEN

    async def _follow_asks(self) -> None:
        async for message in self._bus.subscribe(subjects.LOCAL_LISTS):
            self.put(msgspec.json.decode(message.body, type=Ask))

    async def _look_around(self) -> None:
        """Tokens that have been left alone for a moment: their tenant's stations."""
        quiet = timedelta(seconds=self._delay_s)
        while True:
            await self._news.wait()
            self._news.clear()
            while self._touched:
                await self._clock.sleep(max(_SHORTEST_LOOK_S, self._delay_s / 4))
                for tenant in [tenant for tenant, at in self._touched.items() if at + quiet <= self._clock.now()]:
                    del self._touched[tenant]
                    self._put_all_of(tenant)

    def _put_all_of(self, tenant: str) -> None:
        for desk in self._directory:
            if desk.state.tenant == tenant and desk.session is not None:
                self.put(Ask(desk.key))

    async def _sweep(self) -> None:
        """Now and then: what is due by the clock, and contents that no station has any more."""
        collected_at = self._clock.now()
        while True:
            await self._clock.sleep(LOOK_EVERY_S)
            now = self._clock.now()
            for desk in self._directory:
                if desk.session is not None and _is_overdue(desk.state.local_list, now):
                    self.put(Ask(desk.key))
            if now - collected_at >= AGAIN_AFTER:
                collected_at = now
                await self._journal.store([ContentsForgotten(before=now - AGAIN_AFTER)])

    def _is_due(self, desk: Desk) -> bool:
        """Whether a station that is back is to be looked at."""
        known = desk.state.local_list
        if known is None or known.checked_at is None or known.state in _UNSETTLED:
            return True
        changed_at = self._changed_at.get(desk.state.tenant, self._started_at)
        long_ago = self._clock.now() - CHECK_AFTER
        return known.checked_at < (long_ago if changed_at is None else max(changed_at, long_ago))


def _is_overdue(known: LocalListState | None, now: datetime) -> bool:
    if known is None:
        return False
    if known.resync_at is not None and known.resync_at <= now:
        return True
    tried_at = max([at for at in (known.checked_at, known.sent_at) if at is not None], default=None)
    return known.state in _UNSETTLED and (tried_at is None or now - tried_at >= AGAIN_AFTER)
