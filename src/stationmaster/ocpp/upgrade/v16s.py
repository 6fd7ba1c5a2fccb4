"""OCPP 1.6 in SOAP and in JSON: the messages are the same, but for a misspelling that only the JSON schemas have."""

from collections.abc import Mapping

from stationmaster.ocpp.upgrade.rows import Place, Row, Values
from stationmaster.ocpp.upgrade.table import Table
from stationmaster.ocpp.version import Version

_CELSIUS = {"Celcius": "Celsius"}


def _samples(*at: str) -> tuple[Row, ...]:
    place: Place = (*at, "*", "sampledValue", "*")
    return (Values(place, "unit", lowered=_CELSIUS),)


REQUESTS: Mapping[str, tuple[Row, ...]] = {
    "MeterValues": _samples("meterValue"),
    "StopTransaction": _samples("transactionData"),
}

TABLE = Table(head=Version.V16, requests=REQUESTS, responses={}, differs_in_writing_only=True)
