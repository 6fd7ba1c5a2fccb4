"""What a simulated station says in SOAP, as bytes that are ready but for the few fields that differ each time: whole
requests, HTTP's head included. See ``scripts``.
"""

import re
from collections.abc import Mapping
from urllib.parse import urlsplit

import msgspec

from stationmaster.cli.benchmark.scripts import START_WH, WH_PER_SECOND, Timeline
from stationmaster.cli.errors import CommandFailed

_ENVELOPE = (
    b'<?xml version="1.0" encoding="UTF-8"?>'
    b'<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:a="http://www.w3.org/2005/08/addressing"'
    b' xmlns="%(namespace)b"><s:Header>'
    b'<chargeBoxIdentity s:mustUnderstand="true">%(identity)b</chargeBoxIdentity>'
    b'<a:Action s:mustUnderstand="true">/%(action)b</a:Action><a:MessageID>%%(id)b</a:MessageID>'
    b"<a:From><a:Address>%(callback)b</a:Address></a:From>"
    b'<a:ReplyTo s:mustUnderstand="true"><a:Address>http://www.w3.org/2005/08/addressing/anonymous</a:Address>'
    b'</a:ReplyTo><a:To s:mustUnderstand="true">%(url)b</a:To></s:Header><s:Body>%(body)b</s:Body></s:Envelope>'
)
_HEAD = (
    b"POST %(path)b HTTP/1.1\r\nHost: %(host)b\r\nUser-Agent: bench\r\n"
    b'Content-Type: application/soap+xml; charset=utf-8; action="/%(action)b"\r\nContent-Length: %%d\r\n\r\n'
)
_BOOT = (
    b"<bootNotificationRequest><chargePointVendor>Bench</chargePointVendor><chargePointModel>One</chargePointModel>"
    b"<chargePointSerialNumber>0000001</chargePointSerialNumber><firmwareVersion>1.0.0</firmwareVersion>"
    b"</bootNotificationRequest>"
)
_START = (
    b"<startTransactionRequest><connectorId>1</connectorId><idTag>BENCH</idTag><timestamp>%(at)b</timestamp>"
    b"<meterStart>%(wh)d</meterStart></startTransactionRequest>"
)
_READINGS_16 = (
    b"<meterValuesRequest><connectorId>1</connectorId><transactionId>%(transaction)d</transactionId>"
    b"<meterValue><timestamp>%(at)b</timestamp>"
    b"<sampledValue><value>%(wh)d</value><context>Sample.Periodic</context>"
    b"<measurand>Energy.Active.Import.Register</measurand><unit>Wh</unit></sampledValue>"
    b"<sampledValue><value>10950.5</value><context>Sample.Periodic</context>"
    b"<measurand>Power.Active.Import</measurand><unit>W</unit></sampledValue>"
    b"<sampledValue><value>15.9</value><context>Sample.Periodic</context>"
    b"<measurand>Current.Import</measurand><phase>L1</phase><unit>A</unit></sampledValue>"
    b"</meterValue></meterValuesRequest>"
)
_READINGS_15 = (
    b"<meterValuesRequest><connectorId>1</connectorId><transactionId>%(transaction)d</transactionId>"
    b"<values><timestamp>%(at)b</timestamp>"
    b'<value context="Sample.Periodic" measurand="Energy.Active.Import.Register" unit="Wh">%(wh)d</value>'
    b'<value context="Sample.Periodic" measurand="Power.Active.Import" unit="W">10950.5</value>'
    b'<value context="Sample.Periodic" measurand="Current.Import" unit="Amp">15.9</value>'
    b"</values></meterValuesRequest>"
)
_NOWHERE = b"http://192.0.2.%d:%d/"
"""Where it says that it listens: in a network that leads nowhere (RFC 5737), as nobody calls it."""
_TRANSACTION = re.compile(rb"transactionId>([0-9]+)<")


class Wording(msgspec.Struct, frozen=True):
    """What the versions differ in."""

    namespace: bytes
    readings: bytes


READINGS_16S, READINGS_15 = "MeterValues (1.6 SOAP)", "MeterValues (1.5 SOAP)"

SOAP_MESSAGES: Mapping[str, Wording] = {
    READINGS_16S: Wording(b"urn://Ocpp/Cs/2015/10/", _READINGS_16),
    READINGS_15: Wording(b"urn://Ocpp/Cs/2012/06/", _READINGS_15),
}
"""The measured messages, each of three samples, by the name that they go by in the results."""


class SoapScript:
    """One station's part. ``number`` counts its messages, from 0: its message ids and the seconds it speaks of."""

    def __init__(self, wording: Wording, times: Timeline, url: str, name: str, station: int) -> None:
        self.identity = f"{name}-{station}"
        self._times = times
        self._station = station
        self._url = url
        self._wording = wording
        self._transaction_id = 0
        self._boot = self._template(b"BootNotification", _BOOT)
        self._begin = self._template(b"StartTransaction", _START)
        self._measured = self._template(b"MeterValues", wording.readings)

    def boot(self, number: int) -> bytes:
        return self._written(self._boot, number)

    def begin(self, number: int) -> bytes:
        """Start a transaction."""
        return self._written(self._begin, number)

    def begun(self, answer: bytes) -> None:
        """The envelope that came back. Raises CommandFailed where it starts nothing."""
        found = _TRANSACTION.search(answer)
        if found is None:
            raise CommandFailed(f"the StartTransaction of {self.identity} was answered with {answer!r}")
        self._transaction_id = int(found[1])

    def measured(self, number: int) -> bytes:
        """The message of which many are sent."""
        return self._written(self._measured, number)

    def message_id(self, number: int) -> bytes:
        """What the answer must name."""
        return b"urn:uuid:%08d-0000-4000-8000-%012d" % (self._station, number)

    def _template(self, action: bytes, body: bytes) -> tuple[bytes, bytes]:
        """Head and envelope of one action, with what differs from message to message left open."""
        parts = urlsplit(self._url)
        known = {
            b"namespace": self._wording.namespace,
            b"identity": self.identity.encode(),
            b"action": action,
            b"callback": _NOWHERE % (self._station % 256, 8000 + self._station // 256),
            b"url": self._url.encode(),
            b"path": parts.path.encode(),
            b"host": parts.netloc.encode(),
        }
        return _HEAD % known, _ENVELOPE % {**known, b"body": body}

    def _written(self, template: tuple[bytes, bytes], number: int) -> bytes:
        head, envelope = template
        body = envelope % {
            b"id": self.message_id(number),
            b"transaction": self._transaction_id,
            b"at": self._times[number],
            b"wh": START_WH + number * WH_PER_SECOND,
        }
        return head % len(body) + body
