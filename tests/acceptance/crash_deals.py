"""Transactions as a station means them, in the words of its version: what should stand in the books in the end."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

from stationmaster.domain.messages import EventType
from stationmaster.ocpp.version import Version

Payload = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Said:
    """One message. ``event`` None: it is MeterValues of 1.x; ``reading``: it carries meter values. ``bears_id``: of the
    transaction, which the CSMS gave."""

    action: str
    payload: Payload
    at: datetime
    register_wh: int
    event: EventType | None
    reading: bool
    bears_id: bool = False


@dataclass(slots=True)
class Deal:
    """One transaction. Its messages are answered in order, the first ``answered`` of them so far."""

    station: str
    messages: list[Said]
    wire_id: str | None
    answered: int = 0
    named: set[str] = field(default_factory=set)

    @property
    def energy_wh(self) -> int:
        return self.messages[-1].register_wh - self.messages[0].register_wh

    def payload(self, said: Said) -> Payload:
        """As it is sent."""
        if not said.bears_id:
            return said.payload
        return {**said.payload, "transactionId": int(self.wire_id or "-1")}

    def note(self, said: Said, answer: Payload) -> None:
        """Learn from an answer, to a repetition as to the first."""
        if "transactionId" in answer:
            self.wire_id = str(answer["transactionId"])
            self.named.add(self.wire_id)


def deals(station: str, version: Version, random: Random, start: datetime) -> Iterator[Deal]:
    """One transaction after another at one connector, the register going on from each to the next."""
    at, register_wh = start, random.randrange(10_000_000)
    while True:
        moments = []
        for _ in range(random.randint(2, 7)):
            register_wh += random.randint(0, 400) if moments else 0
            moments.append((at, register_wh))
            at += timedelta(milliseconds=random.randint(1_000, 60_000))
        if version.family == 1:
            yield _first_generation(station, version, random, moments)
        else:
            yield _second_generation(station, random, moments)


def _first_generation(station: str, version: Version, random: Random, moments: list[tuple[datetime, int]]) -> Deal:
    bears_id = version is not Version.V12
    messages = [
        Said("MeterValues", _READINGS[version](_text(at), wh), at, wh, None, True, bears_id) for at, wh in moments[1:-1]
    ]
    (begin, first_wh), (end, last_wh) = moments[0], moments[-1]
    start = {"connectorId": 1, "idTag": "CRASH", "timestamp": _text(begin), "meterStart": first_wh}
    stop = {"timestamp": _text(end), "meterStop": last_wh}
    if version in (Version.V16, Version.V16S):
        stop["reason"] = random.choice(("Local", "EVDisconnected"))
    messages.insert(0, Said("StartTransaction", start, begin, first_wh, "Started", False))
    messages.append(Said("StopTransaction", stop, end, last_wh, "Ended", False, True))
    return Deal(station, messages, None)


_READINGS: dict[Version, Callable[[str, int], Payload]] = {
    Version.V12: lambda at, wh: {"connectorId": 1, "values": {"timestamp": at, "value": wh}},
    Version.V15: lambda at, wh: {"connectorId": 1, "values": {"timestamp": at, "value": wh}},
    Version.V16: lambda at, wh: {
        "connectorId": 1,
        "meterValue": [{"timestamp": at, "sampledValue": [{"value": str(wh)}]}],
    },
    Version.V16S: lambda at, wh: {"connectorId": 1, "meterValue": {"timestamp": at, "sampledValue": {"value": wh}}},
}
"""MeterValues of the first generation; in SOAP a list of one is that one."""


def _second_generation(station: str, random: Random, moments: list[tuple[datetime, int]]) -> Deal:
    name = str(UUID(int=random.getrandbits(128), version=4))
    last = len(moments) - 1
    messages = []
    for number, (at, wh) in enumerate(moments):
        kind: EventType = "Started" if number == 0 else "Ended" if number == last else "Updated"
        context = {"Started": "Transaction.Begin", "Ended": "Transaction.End"}.get(kind, "Sample.Periodic")
        payload: Payload = {
            "eventType": kind,
            "timestamp": _text(at),
            "triggerReason": {"Started": "Authorized", "Ended": "EVDeparted"}.get(kind, "MeterValuePeriodic"),
            "seqNo": number,
            "transactionInfo": {"transactionId": name, "chargingState": "Charging"},
            "meterValue": [{"timestamp": _text(at), "sampledValue": [{"value": wh, "context": context}]}],
        }
        if number == 0:
            payload |= {"evse": {"id": 1, "connectorId": 1}, "idToken": {"idToken": "CRASH", "type": "ISO14443"}}
        if number == last:
            payload["transactionInfo"]["stoppedReason"] = "EVDisconnected"
        messages.append(Said("TransactionEvent", payload, at, wh, kind, True))
    return Deal(station, messages, name)


def _text(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
