"""What a foreign station and a foreign CSMS have in common: they answer as they are told to, and note what they heard.

Everything goes through MobilityHouse's own classes and schemas, both ways, except where a test says otherwise. In 2.1
their library leaves a call that it has no handler for without any answer.
"""

import asyncio
from collections.abc import Callable
from inspect import isawaitable
from itertools import count
from typing import Any

Payload = dict[str, Any]
Answer = Payload | Callable[[Payload], Any]
"""The fields of an answer, or what makes them of the request (it may be a coroutine, and may raise an OCPPError)."""
WAIT_S = 15


class Heard:
    """What the other side said, in their snake_case, and in the order of its coming."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, Payload]] = []
        self._news = asyncio.Event()

    def note(self, action: str, payload: Payload) -> None:
        self.calls.append((action, payload))
        self._news.set()

    def all(self, action: str, **fields: Any) -> list[Payload]:
        """Those calls of an action that have these fields."""
        return [
            payload
            for said, payload in self.calls
            if said == action and all(payload.get(name) == value for name, value in fields.items())
        ]

    async def first(self, action: str, number: int = 1, **fields: Any) -> Payload:
        """The call of this number, counted from 1; waits until it has come."""
        async with asyncio.timeout(WAIT_S):
            while len(found := self.all(action, **fields)) < number:
                self._news.clear()
                await self._news.wait()
        return found[number - 1]

    async def whole(self, action: str) -> list[Payload]:
        """The parts of what comes in parts, once the last has come: the one that nothing is said to follow."""
        for number in count(1):
            if not (await self.first(action, number)).get("tbc", False):
                break
        return self.all(action)


class Scripted:
    """To be mixed into a ChargePoint of their library."""

    route_map: dict[str, dict[str, Any]]
    _call: Any
    _call_result: Any
    call: Any

    def __init__(self, identity: str, connection: Any) -> None:
        super().__init__(identity, connection, response_timeout=10)  # type: ignore[call-arg]
        self.heard = Heard()

    def says(self, action: str, answer: Answer, *, checked: bool = True) -> None:
        """From now on this is answered. ``checked`` False: their schemas are not asked about it."""
        shape = getattr(self._call_result, action)

        async def handle(**payload: Any) -> Any:
            self.heard.note(action, payload)
            made = answer(payload) if callable(answer) else answer
            return shape(**(await made if isawaitable(made) else made))

        self.route_map[action] = {"_on_action": handle, "_skip_schema_validation": not checked}

    async def tell(self, action: str, **fields: Any) -> Any:
        """Call the other side; its answer as an object of theirs. Raises an OCPPError for a CALLERROR."""
        return await self.call(getattr(self._call, action)(**fields), suppress=False)
