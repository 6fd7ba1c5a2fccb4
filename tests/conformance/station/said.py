"""What a station of 2.x said, in the words in which the certification cases ask about it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from scripted_csms import Call, Payload


@dataclass(frozen=True)
class TxEvent:
    """A TransactionEventRequest."""

    at: float
    payload: Payload

    @property
    def brief(self) -> tuple[str, str, str | None]:
        """(eventType, triggerReason, chargingState)."""
        return self.kind, self.trigger, self.state

    @property
    def kind(self) -> str:
        return str(self.payload["eventType"])

    @property
    def trigger(self) -> str:
        return str(self.payload["triggerReason"])

    @property
    def info(self) -> Payload:
        return dict(self.payload["transactionInfo"])

    @property
    def tx(self) -> str:
        return str(self.info["transactionId"])

    @property
    def state(self) -> str | None:
        return self.info.get("chargingState")

    @property
    def reason(self) -> str | None:
        return self.info.get("stoppedReason")

    @property
    def remote_start_id(self) -> int | None:
        return self.info.get("remoteStartId")

    @property
    def token(self) -> str | None:
        return self.payload.get("idToken", {}).get("idToken")

    @property
    def place(self) -> tuple[int | None, int | None]:
        evse = self.payload.get("evse", {})
        return evse.get("id"), evse.get("connectorId")

    @property
    def seq_no(self) -> int:
        return int(self.payload["seqNo"])

    @property
    def offline(self) -> bool:
        return bool(self.payload.get("offline", False))

    @property
    def timestamp(self) -> datetime:
        return datetime.fromisoformat(self.payload["timestamp"])

    @property
    def values(self) -> list[Payload]:
        return list(self.payload.get("meterValue", []))

    @property
    def contexts(self) -> list[str]:
        """The context of each moment; all samples of a moment have the same."""
        return [context_of(value) for value in self.values]


def context_of(value: Payload) -> str:
    (context,) = {sample.get("context", "Sample.Periodic") for sample in value["sampledValue"]}
    return str(context)


def measurands_of(value: Payload) -> set[str]:
    return {sample.get("measurand", "Energy.Active.Import.Register") for sample in value["sampledValue"]}


def moment_of(value: Payload) -> datetime:
    return datetime.fromisoformat(value["timestamp"])


class Said(list[Call]):
    """Calls and answers in the order in which they arrived."""

    def __add__(self, later: list[Any]) -> "Said":
        return Said([*self, *later])

    @property
    def order(self) -> list[str]:
        """The actions; an answer to one of ours with a sign behind it."""
        return [f"{call.action}!" if call.is_answer else call.action for call in self]

    def of(self, action: str) -> list[Call]:
        return [call for call in self if call.action == action and not call.is_answer]

    def payloads(self, action: str) -> list[Payload]:
        return [call.payload for call in self.of(action)]

    @property
    def events(self) -> list[TxEvent]:
        return [TxEvent(call.at, call.payload) for call in self.of("TransactionEvent")]

    @property
    def told(self) -> list[tuple[str, str, str | None]]:
        return [event.brief for event in self.events]

    @property
    def reports(self) -> list[tuple[int, int | None, str]]:
        """(evse, connector, status) of each report, by StatusNotification or by NotifyEvent."""
        return [report for call in self if not call.is_answer for report in _reports(call)]


def _reports(call: Call) -> Iterator[tuple[int, int | None, str]]:
    if call.action == "StatusNotification":
        said: Any = call.payload
        yield said["evseId"], said["connectorId"], said["connectorStatus"]
    elif call.action == "NotifyEvent":
        for data in call.payload["eventData"]:
            component, variable = data["component"], data["variable"]["name"]
            if (component["name"], variable, data["trigger"]) == ("Connector", "AvailabilityState", "Delta"):
                yield component["evse"]["id"], component["evse"]["connectorId"], data["actualValue"]
