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
from stationmaster.station.settings import Configuration
from stationmaster.station.station_clock import StationClock

log = structlog.get_logger(__name__)

DAY_S = 86_400.0


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
        self._heartbeat_interval_s = float(configuration.now.heartbeat_interval_s)
        self._last_heartbeat = clock.monotonic()
        self.status: RegistrationStatus | None = None

    @property
    def accepted(self) -> bool:
        return self.status == "Accepted"

    def boot_now(self) -> None:
        """F06: the CSMS does not want to wait for the next BootNotification."""
        self._reason = "Triggered"
        self._wake.set()

    async def register(self) -> None:
        """Boot until accepted. Raises Offline when the line breaks before that."""
        while not self.accepted:
            self._wake.clear()
            wait_s = await self._boot()
            if not self.accepted:
                await self._wait(wait_s)

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
        if self.accepted and answer.interval_s > 0:
            self._heartbeat_interval_s = float(answer.interval_s)  # B01.FR.04
        return float(answer.interval_s) or own_s  # B02.FR.07, B03.FR.05

    async def _wait(self, seconds: float) -> None:
        """For the interval, or until the CSMS asks for the next one (B02.FR.04, .08; B03.FR.06)."""
        async with asyncio.TaskGroup() as group:
            timer = group.create_task(self._clock.sleep(seconds))
            wake = group.create_task(self._wake.wait())
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

    async def run(self, traffic: Traffic) -> None:
        """Send heartbeats until cancelled: when nothing else went for the interval, and once a day (G02.FR.05, .07)."""
        while True:
            quiet_until = traffic.last_sent + self._heartbeat_interval_s
            due = min(quiet_until, self._last_heartbeat + DAY_S)
            wait_s = due - self._clock.monotonic()
            if wait_s > 0:
                await self._clock.sleep(wait_s)
                continue
            try:
                await self.heartbeat()
            except NotTold:
                await self._clock.sleep(self._heartbeat_interval_s)
