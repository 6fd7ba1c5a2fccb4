"""The queue of transaction messages: everything that must not be lost goes through it, online too.

It is chronological (1.6 §3.7.1; E04, E08, E11, E12): an event leaves when all before it are answered or given up. An
event is sent again after an error or a timeout, waiting the attempt interval times the transmissions so far, and
discarded when the attempts are used up (E13). A lost connection costs no attempt.
"""

import asyncio
from collections.abc import Callable

import msgspec
import structlog

from stationmaster.domain.messages import TransactionAnswer, TransactionEvent
from stationmaster.station.ports import CannotSay, Clock, Line, Memory, NotTold, Offline
from stationmaster.station.settings import Configuration

log = structlog.get_logger(__name__)

_WIRE_IDS = "wire_transactions"
_NEVER_DROPPED = frozenset(
    {"LimitSet", "EnergyLimitReached", "TimeLimitReached", "CostLimitReached", "SoCLimitReached"}
)
"""E12.FR.04."""


class Entry(msgspec.Struct, frozen=True, omit_defaults=True):
    """An event as it waits."""

    event: TransactionEvent
    offline: bool = False


class TransactionQueue:
    """``wire_transactions``: the ids that the CSMS gave to our transactions, where it is the one to name them.
    ``listeners`` are told of every answer."""

    def __init__(self, memory: Memory, line: Line, clock: Clock, configuration: Configuration) -> None:
        self._memory = memory
        self._line = line
        self._clock = clock
        self._configuration = configuration
        self._news = asyncio.Event()
        self._attempts = 0
        # What waits when the program starts did not go out when it happened.
        self._offline_until = self._last_place()
        kept = memory.get(_WIRE_IDS)
        self.wire_transactions: dict[str, str] = {} if kept is None else msgspec.json.decode(kept, type=dict[str, str])
        self.listeners: list[Callable[[TransactionEvent, TransactionAnswer], None]] = []
        self.discarded = 0

    def __len__(self) -> int:
        return self._memory.queue_length()

    def add(self, event: TransactionEvent, values: dict[str, bytes]) -> None:
        """Keep an event, and what its sender wants kept with it."""
        if len(self) >= self._configuration.now.queue_capacity:
            self._thin_out()
        self._memory.enqueue(msgspec.json.encode(Entry(event, offline=not self._line.online)), values)
        self._news.set()

    def waiting_for(self, transaction_id: str | None = None) -> bool:
        """Whether events wait, of one transaction or of any (E14.FR.04-.08)."""
        if transaction_id is None:
            return len(self) > 0
        return any(
            self._read(body).event.transaction_id == transaction_id for _, body in self._memory.queued(len(self))
        )

    def own_id(self, wire_id: str) -> str:
        """Our id of a transaction that the CSMS speaks of."""
        return next((own for own, wire in self.wire_transactions.items() if wire == wire_id), wire_id)

    def went_offline(self) -> None:
        """E11.FR.07: whatever is still queued now counts as offline."""
        self._offline_until = self._last_place()

    def resume(self) -> None:
        """The CSMS can be reached: send on."""
        self._news.set()

    async def run(self) -> None:
        """Send what waits, until cancelled."""
        while True:
            await self._news.wait()
            self._news.clear()
            while entries := self._memory.queued(1):
                if not await self._send(*entries[0]):
                    break

    async def _send(self, place: int, body: bytes) -> bool:
        """Try the oldest; False: the line is down, wait for news."""
        entry = self._read(body)
        offline = entry.offline or place <= self._offline_until
        event = msgspec.structs.replace(entry.event, offline=offline)
        try:
            answer = await self._line.perform(event)
        except Offline:
            return False
        except CannotSay as refusal:
            log.warning("event cannot be sent", transaction=event.transaction_id, reason=str(refusal))
            self._settle(place, event, None)
        except NotTold as failure:
            await self._failed(place, event, failure)
        else:
            assert isinstance(answer, TransactionAnswer)
            self._settle(place, event, answer)
            for listener in self.listeners:
                listener(event, answer)
        return True

    async def _failed(self, place: int, event: TransactionEvent, failure: NotTold) -> None:
        self._attempts += 1
        settings = self._configuration.now
        if self._attempts >= settings.message_attempts:  # E13.FR.04
            log.warning(
                "event discarded",
                transaction=event.transaction_id,
                event_type=event.event_type,
                seq_no=event.seq_no,
                attempts=self._attempts,
                failure=str(failure),
            )
            self.discarded += 1
            self._settle(place, event, None)
            return
        await self._clock.sleep(settings.message_attempt_interval_s * self._attempts)  # E13.FR.03

    def _settle(self, place: int, event: TransactionEvent, answer: TransactionAnswer | None) -> None:
        """Take an event off the queue, and with it what the answer taught, in one step."""
        self._attempts = 0
        values = {}
        if self._learn(event, answer):
            values[_WIRE_IDS] = msgspec.json.encode(self.wire_transactions)
        self._memory.dequeue((place,), values)

    def _learn(self, event: TransactionEvent, answer: TransactionAnswer | None) -> bool:
        if not self._configuration.conventions.csms_names_transactions or event.transaction_id is None:
            return False
        if event.event_type == "Ended":
            return self.wire_transactions.pop(event.transaction_id, None) is not None
        if answer is None or answer.transaction_id is None:
            return False  # a start that was never delivered has no id: 1.6 errata 3.18
        self.wire_transactions[event.transaction_id] = answer.transaction_id
        return True

    def _thin_out(self) -> None:
        """E04.FR.07, .08: without room, every second of the intermediate events goes, never a start or an end, nor one
        that tells of a limit."""
        entries = self._memory.queued(len(self))
        # The oldest may be on its way right now.
        updates = [place for place, body in entries[1:] if _may_be_dropped(self._read(body).event)]
        self._memory.dequeue(updates[::2])
        log.warning("queue is full", length=len(entries), dropped=len(updates[::2]))

    def _last_place(self) -> int:
        entries = self._memory.queued(max(1, len(self)))
        return entries[-1][0] if entries else 0

    @staticmethod
    def _read(body: bytes) -> Entry:
        return _DECODER.decode(body)


def _may_be_dropped(event: TransactionEvent) -> bool:
    if event.event_type != "Updated" or event.tariff_id is not None:  # I07.FR.32: told once
        return False
    return event.trigger_reason not in _NEVER_DROPPED


_DECODER: msgspec.json.Decoder[Entry] = msgspec.json.Decoder(Entry)
