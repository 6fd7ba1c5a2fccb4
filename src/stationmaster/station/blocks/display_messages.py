"""O Display messages, as a station: what the CSMS wants to be read, kept over a loss of power, and which of it where.

A message with a transaction belongs to its EVSE and goes with it (O02.FR.02); one whose time is over goes by itself
(O01.FR.07).
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec
import structlog

from stationmaster.domain.display_message import (
    ClearDisplayMessage,
    GetDisplayMessages,
    MessageInfo,
    NotifyDisplayMessages,
    Priority,
    SetDisplayMessage,
    Supported,
    in_language,
    refusal,
    standing,
)
from stationmaster.domain.messages import CommandAnswer
from stationmaster.domain.texts import Text
from stationmaster.station import display
from stationmaster.station.ports import Clock, Line, Memory, NotTold, Spawn
from stationmaster.station.screen import NO_MESSAGES, Layers

log = structlog.get_logger(__name__)

PER_PART = 5
"""Messages in one part of a list."""
_KEY = "display_messages"
_ACCEPTED = CommandAnswer(status="Accepted")
_UNKNOWN = CommandAnswer(status="Unknown")


class Scene(msgspec.Struct, frozen=True, kw_only=True):
    """What goes on at an EVSE: ``states`` that messages can be for, and the language of who charges there."""

    states: frozenset[str]
    transaction_id: str | None = None
    language: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """Where messages are shown: what goes on at an EVSE, the transactions under way, what the display takes, and how
    many messages at most."""

    scene: Callable[[int], Scene]
    running: Callable[[], Collection[str]]
    supported: Supported
    most: Callable[[], int]


class DisplayMessages:
    """``refresh`` is called when the display may have to change."""

    def __init__(
        self,
        stage: Stage,
        memory: Memory,
        line: Line,
        clock: Clock,
        spawn: Spawn,
    ) -> None:
        self._stage = stage
        self._memory = memory
        self._line = line
        self._clock = clock
        self._spawn = spawn
        kept = memory.get(_KEY)
        known = () if kept is None else msgspec.json.decode(kept, type=tuple[MessageInfo, ...])
        self._messages = {info.id: info for info in known}
        self.refresh: Callable[[], None] = lambda: None

    def __len__(self) -> int:
        self._forget_what_is_over()
        return len(self._messages)

    # Asked by the CSMS ────────────────────────────────────────────────────────────────────────────────────────────

    async def set_message(self, request: SetDisplayMessage) -> CommandAnswer:
        """O01, O02, O06: a message of the same id is replaced whole."""
        info = request.info
        self._forget_what_is_over()
        refused = refusal(info, self._stage.supported) or self._hindrance(info)
        if refused is not None:
            return refused
        if info.priority == "AlwaysFront":  # O01.FR.16: there is one at most
            self._drop(each.id for each in tuple(self._messages.values()) if each.priority == "AlwaysFront")
        self._messages[info.id] = info
        self._keep()
        return _ACCEPTED

    async def list_messages(self, request: GetDisplayMessages) -> CommandAnswer:
        """O03, O04."""
        self._forget_what_is_over()
        wanted = [info for _, info in sorted(self._messages.items()) if request.wants(info)]
        if not wanted:
            return _UNKNOWN
        self._spawn(self._tell(request.request_id, wanted))
        return _ACCEPTED

    async def clear_message(self, request: ClearDisplayMessage) -> CommandAnswer:
        """O05."""
        self._forget_what_is_over()
        if request.id not in self._messages:
            return _UNKNOWN
        self._drop((request.id,))
        self._keep()
        return _ACCEPTED

    def _hindrance(self, info: MessageInfo) -> CommandAnswer | None:
        running = self._stage.running()
        if info.transaction_id is not None and info.transaction_id not in running:
            return CommandAnswer(status="UnknownTransaction")  # O02.FR.01
        if standing(info, self._clock.now(), running) == "over":
            return CommandAnswer(status="Rejected", reason="InvalidValue", info="its time is over")
        replaced = {each.id for each in self._messages.values() if _gives_way(each, info)}
        if len(self._messages) - len(replaced) >= self._stage.most():  # O01.FR.11
            return CommandAnswer(status="Rejected", reason="TooManyElements", info="there are too many messages")
        return None

    async def _tell(self, request_id: int, wanted: Sequence[MessageInfo]) -> None:
        """A part that is not taken ends it: the CSMS can ask again."""
        for start in range(0, len(wanted), PER_PART):
            part = NotifyDisplayMessages(
                request_id=request_id,
                messages=tuple(wanted[start : start + PER_PART]),
                to_be_continued=start + PER_PART < len(wanted),
            )
            try:
                await self._line.perform(part, triggered=True)
            except NotTold as failure:
                log.warning("display messages not taken", failure=str(failure))
                return

    # Shown ────────────────────────────────────────────────────────────────────────────────────────────────────────

    def layers(self, evse_id: int) -> Layers:
        """What is to be read at an EVSE now."""
        if not self._messages:
            return NO_MESSAGES
        now, scene = self._clock.now(), self._stage.scene(evse_id)
        there = [info for _, info in sorted(self._messages.items()) if _belongs(info, evse_id, scene)]
        running = self._stage.running()
        shown = [info for info in there if standing(info, now, running) == "shown"]
        texts: dict[Priority, list[str]] = {"AlwaysFront": [], "InFront": [], "NormalCycle": []}
        for info in shown:
            texts[info.priority].append(_shown(in_language(info, scene.language)))
        return Layers(
            always_front=next(iter(texts["AlwaysFront"]), None),
            in_front=tuple(texts["InFront"]),
            in_turns=tuple(texts["NormalCycle"]),
            until=_next_change(there, now),
        )

    # Observer of transactions ─────────────────────────────────────────────────────────────────────────────────────

    def on_evse(self, evse_id: int) -> None:
        self._forget_what_is_over()
        self.refresh()

    def on_lock_failure(self, evse_id: int, connector_id: int) -> None:
        """The EVSE says so itself."""

    # Inside ───────────────────────────────────────────────────────────────────────────────────────────────────────

    def _forget_what_is_over(self) -> None:
        """O01.FR.07, O02.FR.02."""
        now, running = self._clock.now(), self._stage.running()
        over = [info.id for info in self._messages.values() if standing(info, now, running) == "over"]
        if over:
            self._drop(over)
            self._keep()

    def _drop(self, ids: Iterable[int]) -> None:
        for message_id in ids:
            self._messages.pop(message_id, None)

    def _keep(self) -> None:
        """O01.FR.10."""
        self._memory.put(_KEY, msgspec.json.encode(tuple(self._messages.values())))
        self.refresh()


def _shown(text: Text) -> str:
    return display.qr_code(text.content) if text.format == "QRCODE" else text.content


def _gives_way(known: MessageInfo, to: MessageInfo) -> bool:
    return known.id == to.id or (known.priority == to.priority == "AlwaysFront")


def _belongs(info: MessageInfo, evse_id: int, scene: Scene) -> bool:
    """Whether a message is for what goes on there."""
    place = info.display.evse if info.display is not None else None
    return (
        (place is None or place.id in (0, evse_id))
        and info.transaction_id in (None, scene.transaction_id)
        and (info.state is None or info.state in scene.states)
    )


def _next_change(messages: Iterable[MessageInfo], now: datetime) -> datetime | None:
    moments = [moment for info in messages for moment in (info.from_at, info.to_at) if moment is not None]
    return min((moment for moment in moments if moment > now), default=None)
