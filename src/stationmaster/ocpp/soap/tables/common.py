"""What the tables of 1.2, 1.5 and 1.6 have in common, and the way they are put together."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from stationmaster.ocpp.sender import Sender
from stationmaster.ocpp.soap.elements import Field, Operation, Plain, Shape, Words

TEXT, INT, FLAG, MOMENT, URI = Plain.TEXT, Plain.INT, Plain.FLAG, Plain.MOMENT, Plain.URI

AUTHORIZATION_STATUS = Words("AuthorizationStatus", ("Accepted", "Blocked", "Expired", "Invalid", "ConcurrentTx"))
AVAILABILITY_STATUS = Words("AvailabilityStatus", ("Accepted", "Rejected", "Scheduled"))
AVAILABILITY_TYPE = Words("AvailabilityType", ("Inoperative", "Operative"))
CLEAR_CACHE_STATUS = Words("ClearCacheStatus", ("Accepted", "Rejected"))
REMOTE_STATUS = Words("RemoteStartStopStatus", ("Accepted", "Rejected"))
RESET_STATUS = Words("ResetStatus", ("Accepted", "Rejected"))
RESET_TYPE = Words("ResetType", ("Hard", "Soft"))

CONNECTOR = Field("connectorId", INT)
CONNECTOR_IF_ANY = Field("connectorId", INT, "?")
LOCATION = Field("location", URI)
RETRIES = (Field("retries", INT, "?"), Field("retryInterval", INT, "?"))
TIMESTAMP = Field("timestamp", MOMENT)
TRANSACTION = Field("transactionId", INT)
TRANSACTION_IF_ANY = Field("transactionId", INT, "?")


def from_station(action: str, request: tuple[Field, ...], response: tuple[Field, ...] = ()) -> Operation:
    """An operation of the CentralSystemService."""
    return _operation(action, Sender.STATION, request, response)


def from_csms(action: str, request: tuple[Field, ...], response: tuple[Field, ...] = ()) -> Operation:
    """An operation of the ChargePointService."""
    return _operation(action, Sender.CSMS, request, response)


def from_both(action: str, request: tuple[Field, ...], response: tuple[Field, ...]) -> Operation:
    """An operation that both services have."""
    return _operation(action, Sender.BOTH, request, response)


def status(words: Words) -> tuple[Field, ...]:
    """The one field of most answers."""
    return (Field("status", words),)


def by_action(operations: Iterable[Operation]) -> Mapping[str, Operation]:
    """In the order of their names."""
    return MappingProxyType({each.action: each for each in sorted(operations, key=lambda each: each.action)})


def _operation(action: str, sender: Sender, request: tuple[Field, ...], response: tuple[Field, ...]) -> Operation:
    return Operation(action, sender, Shape(f"{action}Request", request), Shape(f"{action}Response", response))
