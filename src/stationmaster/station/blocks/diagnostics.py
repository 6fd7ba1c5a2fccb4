"""N01 Logs, and 1.x's diagnostics: a file is put together, brought where the CSMS wants it, and its fate is told.

One upload runs at a time; a new request cancels the one before (N01.FR.12). What a loss of power interrupts is told as
failed at the next start.
"""

import asyncio
from collections.abc import Callable, Iterable

import msgspec
import structlog

from stationmaster.domain.diagnostics.log_upload import GetLog, GetLogAnswer, LogStatusNotification
from stationmaster.domain.identity import Evse
from stationmaster.domain.messages import Answer
from stationmaster.station.diagnostics.log_file import LogFile, log_file, within
from stationmaster.station.diagnostics.log_ring import Line
from stationmaster.station.ports import (
    Clock,
    FileTransfer,
    Memory,
    NotTold,
    Offline,
    Spawn,
    TransferFailed,
)
from stationmaster.station.ports import Line as ToCsms
from stationmaster.station.settings import Configuration

log = structlog.get_logger(__name__)

RETRIES = 3
RETRY_INTERVAL_S = 60
"""Where the CSMS names none: it leaves them to the station."""
_KEY = "log_upload"

Lines = Callable[[], Iterable[Line]]
Texts = Callable[[], Iterable[object]]


class LogSource(msgspec.Struct, frozen=True, kw_only=True):
    """What a kind of log is made of. ``head``: what stands above its lines; without one there must be lines."""

    lines: Lines
    head: Texts | None = None


class Diagnostics:
    """``sources``: by log type; what is not there the station has not. ``done`` is called when an upload is over."""

    def __init__(
        self,
        station: str,
        memory: Memory,
        line: ToCsms,
        clock: Clock,
        configuration: Configuration,
        files: FileTransfer,
        spawn: Spawn,
    ) -> None:
        self._station = station
        self._memory = memory
        self._line = line
        self._clock = clock
        self._configuration = configuration
        self._files = files
        self._spawn = spawn
        self._current: GetLog | None = None
        self._task: asyncio.Task[None] | None = None
        self._online = asyncio.Event()
        self.sources: dict[str, LogSource] = {}
        self.done: Callable[[], None] = lambda: None

    @property
    def busy(self) -> bool:
        return self._current is not None

    async def get_log(self, request: GetLog) -> Answer:
        """N01.FR.01, .05, .12."""
        file = self._compose(request)
        if file is None:
            return GetLogAnswer(status="Rejected", reason="NotFound", info="there is nothing of it in this log")
        before = self._current
        if self._task is not None and before is not None:
            self._task.cancel()
        self._begin(request)
        self._spawn(self._run(request, file, before))
        return GetLogAnswer(status="Accepted" if before is None else "AcceptedCanceled", filename=file.name)

    async def report(self, _evse: Evse | None = None, *, extended: bool = False) -> None:
        """F06.FR.14, .15. Raises as the line does."""
        told = LogStatusNotification(status="Idle", extended=extended)
        if self._current is not None:
            told = LogStatusNotification(status="Uploading", request_id=self._current.request_id, extended=extended)
        await self._line.perform(told, triggered=True)

    def recover(self) -> None:
        """After a start: what the last run did not finish has failed."""
        kept = self._memory.get(_KEY)
        if kept is not None:
            self._spawn(self._end(msgspec.json.decode(kept, type=GetLog), "UploadFailure", "the station was restarted"))

    def resume(self) -> None:
        """The CSMS can be reached (again)."""
        self._online.set()

    def _compose(self, request: GetLog) -> LogFile | None:
        source = self.sources.get(request.log_type)
        if source is None:
            return None
        lines = within(source.lines(), request.oldest_at, request.latest_at)
        if not lines and source.head is None:
            return None
        head = source.head() if source.head is not None else ()
        return log_file(self._station, request.log_type, self._clock.now(), [*head, *lines])

    def _begin(self, request: GetLog) -> None:
        self._current = request
        self._memory.put(_KEY, msgspec.json.encode(msgspec.structs.replace(request, location="")))

    async def _run(self, request: GetLog, file: LogFile, before: GetLog | None) -> None:
        self._task = asyncio.current_task()
        if before is not None:
            await self._tell(before, "AcceptedCanceled")  # N01.FR.20
        await self._tell(request, "Uploading")  # N01.FR.08
        failure = await self._bring(request, file)
        if failure is None:
            await self._end(request, "Uploaded")  # N01.FR.09
        else:
            await self._end(request, *_told(failure))  # N01.FR.10

    async def _bring(self, request: GetLog, file: LogFile) -> TransferFailed | None:
        """Try as often as was asked for; the last failure, or None."""
        retries = RETRIES if request.retries is None else request.retries
        interval_s = RETRY_INTERVAL_S if request.retry_interval_s is None else request.retry_interval_s
        failure = None
        for attempt in range(retries + 1):
            if attempt:
                await self._clock.sleep(interval_s)
            try:
                await self._files.upload(_directory(request), file.name, file.body)
            except TransferFailed as failed:
                log.warning("log not brought", attempt=attempt + 1, failure=failed.kind)
                failure = failed
            else:
                return None
        return failure

    async def _end(self, request: GetLog, status: str, info: str | None = None, reason: str | None = None) -> None:
        """Tell how it ended, however long the CSMS is away; then forget it."""
        self._current = self._current or request
        while not await self._tell(request, status, reason=reason, info=info):
            await self._online.wait()
        self._current = self._task = None
        self._memory.delete(_KEY)
        self.done()

    async def _tell(self, request: GetLog, status: str, *, reason: str | None = None, info: str | None = None) -> bool:
        """Whether it is done with; False: there is no line."""
        told = LogStatusNotification(status=status, request_id=request.request_id, reason=reason, info=info)
        for attempt in range(1, self._configuration.now.message_attempts + 1):
            self._online.clear()
            try:
                await self._line.perform(told)
            except Offline:
                return False
            except NotTold as failure:
                log.warning("log status not taken", status=status, attempt=attempt, failure=str(failure))
                await self._clock.sleep(self._configuration.now.message_attempt_interval_s)
            else:
                return True
        return True


def _directory(request: GetLog) -> str:
    """The address; 1.x's GetDiagnostics names a directory (1.6 §6.21)."""
    location = request.location
    return location + "/" if request.request_id is None and not location.endswith("/") else location


def _told(failure: TransferFailed) -> tuple[str, str | None, str | None]:
    """Status, info and reason (N01.FR.10, .30)."""
    if failure.kind == "RedirectNotAllowed":
        return "UploadFailure", None, failure.kind
    return ("UploadFailure" if failure.kind == "Failed" else failure.kind), str(failure)[:512], None
