"""The bus of a single node: everything within one event loop."""

import asyncio
import weakref
from collections.abc import Awaitable, Callable

import structlog

from stationmaster.bus.errors import NobodyThere, ServiceFailed
from stationmaster.bus.message import BusMessage
from stationmaster.bus.subjects import SubjectTable, check_pattern, check_subject
from stationmaster.bus.subscription import Subscription

log = structlog.get_logger(__name__)

DEFAULT_CAPACITY = 1024
_MAX_FOUND = 100_000

Handler = Callable[[bytes], Awaitable[bytes]]


class MemoryBus:
    """Publish and request within one process. Message bodies are passed by reference, never copied."""

    def __init__(self, *, capacity: int = DEFAULT_CAPACITY) -> None:
        """``capacity``: messages that may wait for one listener before it loses the oldest."""
        self._capacity = capacity
        # Weakly: a listener that is just forgotten must not fill its queue for ever.
        self._listeners: SubjectTable[weakref.ref[Subscription]] = SubjectTable()
        self._found: dict[str, tuple[weakref.ref[Subscription], ...]] = {}
        self._handlers: SubjectTable[Handler] = SubjectTable()
        self._answering: set[asyncio.Task[bytes]] = set()

    @property
    def listeners(self) -> int:
        return len(self._listeners)

    async def publish(self, subject: str, body: bytes) -> None:
        """To everyone who listens now; never waits for them. Raises ValueError for a subject that is none."""
        heard_by = self._heard_by(subject)
        if not heard_by:
            return
        message = BusMessage(subject, body)
        for reference in heard_by:
            listener = reference()
            if listener is not None:
                listener.put(message)

    def is_heard(self, subject: str) -> bool:
        """Whether anybody listens to a subject now. Raises ValueError for a subject that is none."""
        return bool(self._heard_by(subject))

    def subscribe(self, subject: str) -> Subscription:
        """Listens from this call on, not from the first message asked for."""
        pattern = check_pattern(subject)
        subscription = Subscription(self._capacity, lambda: self._forget(pattern, reference))
        reference = weakref.ref(subscription, lambda dead: self._forget(pattern, dead))
        self._listeners.add(pattern, reference)
        self._found.clear()
        return subscription

    def _forget(self, pattern: str, reference: "weakref.ref[Subscription]") -> None:
        self._listeners.remove(pattern, reference)
        self._found.clear()

    def _heard_by(self, subject: str) -> tuple["weakref.ref[Subscription]", ...]:
        """Who listens; found once for each subject, until somebody comes or goes."""
        found = self._found.get(subject)
        if found is None:
            if len(self._found) >= _MAX_FOUND:
                self._found.clear()
            found = self._found[subject] = tuple(self._listeners.find(check_subject(subject)))
        return found

    async def request(self, subject: str, body: bytes, timeout_s: float) -> bytes:
        """One answer of whoever serves the subject.

        Raises NobodyThere (a LookupError) at once where nobody does, TimeoutError after ``timeout_s``, ServiceFailed
        (a RuntimeError) if the handler did. A handler runs on when its caller has given up, as on another node.
        """
        handler = next(self._handlers.find(check_subject(subject)), None)
        if handler is None:
            raise NobodyThere(subject)
        answer = asyncio.ensure_future(_answer(handler, subject, body))
        self._answering.add(answer)
        answer.add_done_callback(self._answered)
        async with asyncio.timeout(timeout_s):
            return await asyncio.shield(answer)

    async def serve(self, subject: str, handler: Handler) -> Callable[[], None]:
        """Answer requests on a subject, wildcards included; the result stops it. Of several who serve a subject,
        one answers each request."""
        pattern = check_pattern(subject)
        self._handlers.add(pattern, handler)
        return lambda: self._handlers.remove(pattern, handler)

    def _answered(self, answer: asyncio.Task[bytes]) -> None:
        self._answering.discard(answer)
        if not answer.cancelled():
            answer.exception()  # logged where it was raised; its caller may have given up


async def _answer(handler: Handler, subject: str, body: bytes) -> bytes:
    try:
        return await handler(body)
    except Exception as error:
        log.exception("service_failed", subject=subject)
        raise ServiceFailed(subject) from error
