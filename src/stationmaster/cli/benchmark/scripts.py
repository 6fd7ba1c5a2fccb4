"""What a simulated station says, as bytes that are ready but for the few fields that differ each time.

The load shares its cores with the server that is measured, so a message is one formatting of bytes: no structs, no
encoder. Every message has a message id, a time and a register value of its own: a server may drop what it has stored
already.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Protocol

START_WH = 1_234_000
WH_PER_SECOND = 3


class Timeline:
    """Times of one second after another as OCPP writes them, made once for all stations."""

    def __init__(self, start: datetime) -> None:
        self._start = start
        self._texts: list[bytes] = []

    def at(self, second: int) -> datetime:
        return self._start + timedelta(seconds=second)

    def __getitem__(self, second: int) -> bytes:
        while second >= len(self._texts):
            self._texts.append(self.at(len(self._texts)).strftime("%Y-%m-%dT%H:%M:%SZ").encode())
        return self._texts[second]


class Script(Protocol):
    """One station's part. ``number`` counts its messages, from 0: it is the message id and the second it speaks of."""

    subprotocol: str

    def boot(self, number: int) -> bytes: ...
    def begin(self, number: int) -> bytes:
        """Start a transaction."""
        ...

    def begun(self, answer: Any) -> None:
        """The answer's payload."""
        ...

    def measured(self, number: int) -> bytes:
        """The message of which many are sent."""
        ...


class Script16:
    """OCPP 1.6: MeterValues within a transaction."""

    subprotocol = "ocpp1.6"

    def __init__(self, times: Timeline) -> None:
        self._times = times
        self._transaction_id = 0

    def boot(self, number: int) -> bytes:
        return (
            b'[2,"%d","BootNotification",{"chargePointVendor":"Bench","chargePointModel":"One",'
            b'"chargePointSerialNumber":"0000001","firmwareVersion":"1.0.0"}]' % number
        )

    def begin(self, number: int) -> bytes:
        return b'[2,"%d","StartTransaction",{"connectorId":1,"idTag":"BENCH","meterStart":%d,"timestamp":"%b"}]' % (
            number,
            START_WH,
            self._times[number],
        )

    def begun(self, answer: Any) -> None:
        self._transaction_id = answer["transactionId"]

    def measured(self, number: int) -> bytes:
        return (
            b'[2,"%d","MeterValues",{"connectorId":1,"transactionId":%d,"meterValue":[{"timestamp":"%b","sampledValue":['
            b'{"value":"%d","context":"Sample.Periodic","measurand":"Energy.Active.Import.Register","unit":"Wh"},'
            b'{"value":"10950.5","context":"Sample.Periodic","measurand":"Power.Active.Import","unit":"W"},'
            b'{"value":"15.9","context":"Sample.Periodic","measurand":"Current.Import","phase":"L1","unit":"A"}]}]}]'
            % (number, self._transaction_id, self._times[number], START_WH + number * WH_PER_SECOND)
        )


class Script201:
    """OCPP 2.0.1: TransactionEvent Updated."""

    subprotocol = "ocpp2.0.1"

    def __init__(self, times: Timeline) -> None:
        self._times = times
        self._begun_at = 0

    def boot(self, number: int) -> bytes:
        return (
            b'[2,"%d","BootNotification",{"reason":"PowerUp","chargingStation":{"vendorName":"Bench","model":"One",'
            b'"serialNumber":"0000001","firmwareVersion":"1.0.0"}}]' % number
        )

    def begin(self, number: int) -> bytes:
        self._begun_at = number
        return (
            b'[2,"%d","TransactionEvent",{"eventType":"Started","timestamp":"%b","triggerReason":"CablePluggedIn",'
            b'"seqNo":0,"transactionInfo":{"transactionId":"bench-%d","chargingState":"Charging"},'
            b'"evse":{"id":1,"connectorId":1},"idToken":{"idToken":"","type":"NoAuthorization"}}]'
            % (number, self._times[number], number)
        )

    def begun(self, answer: Any) -> None:
        """The transaction's id is the station's own."""

    def measured(self, number: int) -> bytes:
        return (
            b'[2,"%d","TransactionEvent",{"eventType":"Updated","timestamp":"%b","triggerReason":"MeterValuePeriodic",'
            b'"seqNo":%d,"transactionInfo":{"transactionId":"bench-%d","chargingState":"Charging"},'
            b'"meterValue":[{"timestamp":"%b","sampledValue":['
            b'{"value":%d,"context":"Sample.Periodic","measurand":"Energy.Active.Import.Register",'
            b'"unitOfMeasure":{"unit":"Wh"}},'
            b'{"value":10950.5,"context":"Sample.Periodic","measurand":"Power.Active.Import",'
            b'"unitOfMeasure":{"unit":"W"}},'
            b'{"value":15.9,"context":"Sample.Periodic","measurand":"Current.Import","phase":"L1",'
            b'"unitOfMeasure":{"unit":"A"}}]}]}]'
            % (
                number,
                self._times[number],
                number - self._begun_at,
                self._begun_at,
                self._times[number],
                START_WH + number * WH_PER_SECOND,
            )
        )


NewScript = Callable[[Timeline], Script]

READINGS, EVENTS = "MeterValues (1.6)", "TransactionEvent (2.0.1)"

MESSAGES: Mapping[str, NewScript] = {READINGS: Script16, EVENTS: Script201}
"""The measured messages, each of three samples, by the name that they go by in the results."""
