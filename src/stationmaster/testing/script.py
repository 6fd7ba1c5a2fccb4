"""A 2.x station by script: a test names what matters, and the rest of each message is filled in."""

from collections.abc import Callable
from datetime import UTC, datetime
from itertools import count
from typing import Any, Literal

from stationmaster.ocpp.upgrade import lift, lower
from stationmaster.ocpp.version import Version
from stationmaster.testing.wire import Payload, WireClient

StatusForm = Literal["StatusNotification", "NotifyEvent"]
Evse = tuple[int, int | None]
"""(EVSE id, connector id)."""


def moment(at: datetime) -> str:
    """A time as it stands on the wire."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def id_token(value: str, type: str = "ISO14443") -> Payload:
    """An IdTokenType."""
    return {"idToken": value, "type": type}


def place(evse: Evse) -> Payload:
    """An EVSEType."""
    return {"id": evse[0]} if evse[1] is None else {"id": evse[0], "connectorId": evse[1]}


def meter_value(at: datetime, register_wh: float, context: str = "Sample.Periodic", **more: Any) -> Payload:
    """A MeterValueType with the import register in Wh; ``more`` are further members of its one sample."""
    return {"timestamp": moment(at), "sampledValue": [{"value": register_wh, "context": context, **more}]}


class ScriptedStation:
    """Speaks the words of 2.0.1; to a line of version 2.0 they are lowered, and what comes from it is lifted.

    ``form`` is how connector status is reported; 2.1 knows the event only, 2.0 the notification only.
    """

    def __init__(self, client: WireClient, now: Callable[[], datetime], form: StatusForm | None = None) -> None:
        self.client = client
        self.now = now
        self.form = form or ("NotifyEvent" if client.version is Version.V21 else "StatusNotification")
        self._transactions = count(1)
        self._events = count(1)

    async def say(self, action: str, payload: Payload | None = None) -> Payload:
        """Call the CSMS and return its answer. Raises as WireClient.call."""
        return self._lifted(action, True, await self.client.call(action, self._lowered(action, False, payload or {})))

    def answer(self, action: str, payload: Payload | Callable[[Payload], Payload | None]) -> None:
        """How a call of the CSMS is answered from now on."""
        if callable(payload):
            told = payload
            self.client.on(action, lambda request: self._told(action, told, request))
        else:
            self.client.on(action, self._lowered(action, True, payload))

    async def asked(self, action: str) -> Payload:
        """The next call that the CSMS makes of an action."""
        return self._lifted(action, False, await self.client.expect(action))

    async def boot(self, reason: str = "PowerUp", **station: Any) -> Payload:
        about = {"vendorName": "Maker", "model": "Model", **station}
        return await self.say("BootNotification", {"reason": reason, "chargingStation": about})

    async def report(self, status: str, evse: Evse = (1, 1)) -> Payload:
        """A connector's status, in the station's form (G01)."""
        if self.form == "NotifyEvent":
            return await self.notify("Connector", "AvailabilityState", status, evse=evse)
        about = {"timestamp": moment(self.now()), "connectorStatus": status, "evseId": evse[0], "connectorId": evse[1]}
        return await self.say("StatusNotification", about)

    async def notify(self, component: str, variable: str, value: str, *, evse: Evse, trigger: str = "Delta") -> Payload:
        """One event of a variable (N07)."""
        event = {
            "eventId": next(self._events),
            "timestamp": moment(self.now()),
            "trigger": trigger,
            "actualValue": value,
            "eventNotificationType": "HardWiredNotification",
            "component": {"name": component, "evse": place(evse)},
            "variable": {"name": variable},
        }
        return await self.say("NotifyEvent", {"generatedAt": moment(self.now()), "seqNo": 0, "eventData": [event]})

    async def authorize(self, token: str, type: str = "ISO14443") -> Payload:
        """The idTokenInfo that the CSMS answers."""
        answer = await self.say("Authorize", {"idToken": id_token(token, type)})
        info: Payload = answer["idTokenInfo"]
        return info

    async def meter_values(self, evse_id: int, *values: Payload) -> Payload:
        return await self.say("MeterValues", {"evseId": evse_id, "meterValue": list(values)})

    def transaction(self, transaction_id: str | None = None) -> "ScriptedTransaction":
        """A transaction that has not begun yet."""
        return ScriptedTransaction(self, transaction_id or f"T-{next(self._transactions)}")

    def _told(self, action: str, answer: Callable[[Payload], Payload | None], request: Payload) -> Payload | None:
        said = answer(self._lifted(action, False, request))
        return None if said is None else self._lowered(action, True, said)

    def _lowered(self, action: str, response: bool, payload: Payload) -> Payload:
        if self.client.version is not Version.V20:
            return payload
        lowered: Payload = lower(Version.V20, action, response, _copy(payload))
        return lowered

    def _lifted(self, action: str, response: bool, payload: Payload) -> Payload:
        if self.client.version is not Version.V20:
            return payload
        lifted: Payload = lift(Version.V20, action, response, _copy(payload))
        return lifted


class ScriptedTransaction:
    """Counts its own sequence numbers; ``seq_no`` is the next one and may be set."""

    def __init__(self, station: ScriptedStation, transaction_id: str) -> None:
        self.id = transaction_id
        self.seq_no = 0
        self._station = station

    async def started(self, trigger: str, **more: Any) -> Payload:
        return await self.event("Started", trigger, **more)

    async def updated(self, trigger: str, **more: Any) -> Payload:
        return await self.event("Updated", trigger, **more)

    async def ended(self, trigger: str, **more: Any) -> Payload:
        return await self.event("Ended", trigger, **more)

    async def event(self, event_type: str, trigger: str, **said: Any) -> Payload:
        """Send the next TransactionEvent; ``said`` is what :meth:`payload` takes."""
        payload = self.payload(event_type, trigger, **said)
        self.seq_no += 1
        return await self._station.say("TransactionEvent", payload)

    def payload(
        self,
        event_type: str,
        trigger: str,
        *,
        token: str | Payload | None = None,
        evse: Evse | None = None,
        values: tuple[Payload, ...] = (),
        at: datetime | None = None,
        offline: bool | None = None,
        **info: Any,
    ) -> Payload:
        """A TransactionEventRequest, not counted; ``info`` are members of its transactionInfo."""
        return _without_none(
            {
                "eventType": event_type,
                "triggerReason": trigger,
                "timestamp": moment(at or self._station.now()),
                "seqNo": self.seq_no,
                "offline": offline,
                "transactionInfo": {"transactionId": self.id, **info},
                "idToken": id_token(token) if isinstance(token, str) else token,
                "evse": place(evse) if evse is not None else None,
                "meterValue": list(values) or None,
            }
        )


def _without_none(payload: Payload) -> Payload:
    return {name: value for name, value in payload.items() if value is not None}


def _copy(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _copy(inner) for name, inner in value.items()}
    return [_copy(inner) for inner in value] if isinstance(value, list) else value
