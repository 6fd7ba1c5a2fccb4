"""B Provisioning: registration at the CSMS, heartbeats and the time (B01-B03, G02)."""

import asyncio
from typing import Protocol

import structlog

from stationmaster.domain.messages import (
    BootAnswer,
    BootNotification,
    Heartbeat,
    HeartbeatAnswer,
    RegistrationStatus,
    StationInfo,
)
from stationmaster.station.ports import Line, NotTold, Offline
from stationmaster.station.settings import Configuration, bounds_of
from stationmaster.station.station_clock import StationClock

log = structlog.get_logger(__name__)

DAY_S = 86_400.0
_ELSEWHERE = "Unknown"
"""The BootReason of a station that boots to nobody but a CSMS that does not know it yet."""
HEARTBEAT_INTERVAL = "OCPPCommCtrlr.HeartbeatInterval"


class Traffic(Protocol):
    @property
    def last_sent(self) -> float:
        """When the CSMS last answered something, monotonic."""
        ...


class Provisioning:
    """``status`` is what the CSMS said last, None until it has said anything since the start of the program."""

    def __init__(
        self, info: StationInfo, reason: str, line: Line, clock: StationClock, configuration: Configuration
    ) -> None:
        self._info = info
        self._reason = reason
        self._line = line
        self._clock = clock
        self._configuration = configuration
        self._wake = asyncio.Event()
        self._news = asyncio.Event()
        self._beating = False
        self._last_heartbeat = clock.monotonic()
        self.status: RegistrationStatus | None = None

    @property
    def accepted(self) -> bool:
        return self.status == "Accepted"

    @property
    def reason(self) -> str:
        """Why the program was started, in the words of BootReason."""
        return self._reason

    def boot_now(self) -> None:
        """F06: the CSMS does not want to wait for the next BootNotification."""
        self._reason = "Triggered"
        self._wake.set()

    async def register(self) -> None:
        """Boot until accepted. Raises Offline when the line breaks before that."""
        if self.accepted:  # by another CSMS: B10.FR.10
            self.status, self._reason = None, _ELSEWHERE
        while not self.accepted:
            self._wake.clear()
            wait_s = await self._boot()
            if not self.accepted:
                await self._wait(wait_s, self._wake)

    async def _boot(self) -> float:
        """One BootNotification; the time to wait before another."""
        own_s = float(self._configuration.now.boot_retry_interval_s)
        try:
            answer = await self._line.perform(BootNotification(station=self._info, reason=self._reason), triggered=True)
        except Offline:
            raise
        except NotTold as failure:
            log.warning("boot not answered", failure=str(failure))
            return own_s
        assert isinstance(answer, BootAnswer)
        self.status = answer.status
        self._clock.set_from(answer.current_time)  # B01.FR.06
        if self.accepted and answer.interval_s > 0:  # B01.FR.04
            most_s = bounds_of("heartbeat_interval_s")[1] or answer.interval_s
            self._configuration.change(HEARTBEAT_INTERVAL, str(min(answer.interval_s, most_s)))
        return float(answer.interval_s) or own_s  # B02.FR.07, B03.FR.05

    async def _wait(self, seconds: float, news: asyncio.Event) -> None:
        """For the interval, or until the CSMS asks for the next one (B02.FR.04, .08; B03.FR.06) or sets another."""
        async with asyncio.TaskGroup() as group:
            timer = group.create_task(self._clock.sleep(seconds))
            wake = group.create_task(news.wait())
            await asyncio.wait((timer, wake), return_when=asyncio.FIRST_COMPLETED)
            timer.cancel()
            wake.cancel()

    # Heartbeats ───────────────────────────────────────────────────────────────────────────────────────────────────

    async def heartbeat(self, *, triggered: bool = False) -> None:
        """G02; raises as the line does."""
        answer = await self._line.perform(Heartbeat(), triggered=triggered)
        assert isinstance(answer, HeartbeatAnswer)
        self._last_heartbeat = self._clock.monotonic()
        self._clock.set_from(answer.current_time)  # G02.FR.06

    def begins(self) -> bool:
        """Whether heartbeats are to begin now; they do so once in a program's life."""
        begins, self._beating = not self._beating, True
        return begins

    def on_settings(self) -> None:
        """The interval may have changed."""
        self._news.set()

    async def run(self, traffic: Traffic) -> None:
        """Send heartbeats until cancelled: when nothing else went for the interval, and once a day (G02.FR.05, .07)."""
        while True:
            self._news.clear()
            interval_s = float(self._configuration.now.heartbeat_interval_s)
            quiet_until = traffic.last_sent + interval_s
            due = min(quiet_until, self._last_heartbeat + DAY_S)
            wait_s = due - self._clock.monotonic()
            if wait_s > 0:
                await self._wait(wait_s, self._news)
                continue
            try:
                await self.heartbeat()
            except NotTold:
                await self._wait(interval_s, self._news)
