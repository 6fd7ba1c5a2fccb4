"""A station that speaks SOAP, told what to say in the words of 1.6: so the tests of 1.6 in JSON run over it too."""

import asyncio
from collections.abc import Callable
from copy import deepcopy

from stationmaster.ocpp.upgrade import lift, lower
from stationmaster.testing import SoapWireClient
from stationmaster.testing.wire import Answer, Payload


class SoapStation:
    """Has of a ``WireClient`` what the tests need. What it is told to say is lowered to its version, and what it hears
    is lifted; the client beneath holds it against the version's own schema.

    Raises ``upgrade.Untold`` and ``upgrade.Refused`` where its version has no words for what it is told to say.
    """

    def __init__(self, client: SoapWireClient) -> None:
        self._client = client
        self.version = client.version

    @property
    def received(self) -> asyncio.Queue[tuple[str, Payload]]:
        """What it was asked, in its own version's words."""
        return self._client.received

    def on(self, action: str, answer: Answer) -> None:
        """How a call of the CSMS is answered from now on."""
        if callable(answer):
            told: Callable[[Payload], Payload | None] = answer
            self._client.on(action, lambda request: self._answered(action, told(self._lifted(action, False, request))))
        else:
            self._client.on(action, self._lowered(action, True, answer))

    async def call(self, action: str, payload: Payload | None = None) -> Payload:
        """Post a request and return its answer. Raises as SoapWireClient.call."""
        answer = await self._client.call(action, self._lowered(action, False, payload or {}))
        return self._lifted(action, True, answer)

    async def expect(self, action: str) -> Payload:
        """The next call that the CSMS makes of an action; raises as SoapWireClient.expect."""
        return self._lifted(action, False, await self._client.expect(action))

    def _answered(self, action: str, answer: Payload | None) -> Payload | None:
        return None if answer is None else self._lowered(action, True, answer)

    def _lowered(self, action: str, response: bool, payload: Payload) -> Payload:
        lowered: Payload = lower(self.version, action, response, deepcopy(payload))
        return lowered

    def _lifted(self, action: str, response: bool, payload: Payload) -> Payload:
        lifted: Payload = lift(self.version, action, response, deepcopy(payload))
        return lifted
