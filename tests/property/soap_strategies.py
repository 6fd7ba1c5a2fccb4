"""Payloads of the SOAP versions, made from the tables of their messages."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from stationmaster.ocpp.soap.elements import Decimals, Field, Operation, Plain, Shape, Text, Words
from stationmaster.ocpp.soap.tables import SERVICES
from stationmaster.ocpp.version import Version

MESSAGES = [
    (version, operation.action, is_response)
    for version, service in SERVICES.items()
    for operation in service.operations.values()
    for is_response in (False, True)
]

CHARACTERS = st.characters(
    codec="utf-8", exclude_categories=("Cs",), exclude_characters=[*map(chr, (*range(9), 11, 12)), "\ufffe", "\uffff"]
).filter(lambda each: each >= " " or each in "\t\n\r")
"""All that XML has."""
MOMENTS = st.datetimes(datetime(1970, 1, 2), datetime(2099, 1, 1)).map(
    lambda at: (
        at.replace(microsecond=at.microsecond // 1000 * 1000, tzinfo=UTC)
        .isoformat(timespec="milliseconds" if at.microsecond >= 1000 else "seconds")
        .replace("+00:00", "Z")
    )
)
URIS = st.sampled_from(("ftp://user:secret@host/a%20b", "https://host/up?a=b&c=d", "ftps://[::1]:990/"))
TENTHS = st.integers(-(10**6), 10**6).map(lambda tenths: Decimal(tenths) / 10)
KEYS = st.sampled_from(("HeartBeatInterval", "HeartbeatInterval", "MeterValueSampleInterval")) | st.text(
    CHARACTERS, max_size=15
)
_PLAIN: dict[Plain, st.SearchStrategy[Any]] = {
    Plain.TEXT: st.text(CHARACTERS, max_size=15),
    Plain.INT: st.integers(-(2**31), 2**31 - 1),
    Plain.FLAG: st.booleans(),
    Plain.MOMENT: MOMENTS,
    Plain.URI: URIS,
}


def payloads(version: Version, action: str, is_response: bool) -> st.SearchStrategy[dict[str, Any]]:
    """Payloads that the version's strict type accepts; a list that may be empty may be there, and be so."""
    operation: Operation = SERVICES[version].operations[action]
    return _objects(operation.shape(is_response))


def _objects(shape: Shape) -> st.SearchStrategy[dict[str, Any]]:
    required = {each.name: _values(each) for each in shape.fields if each.required or each.name == "meterValue"}
    optional = {each.name: _values(each) for each in shape.fields if each.name not in required}
    return st.fixed_dictionaries(required, optional=optional)


def _values(field: Field) -> st.SearchStrategy[Any]:
    one = _one(field)
    return st.lists(one, min_size=int(field.required), max_size=3) if field.many else one


def _one(field: Field) -> st.SearchStrategy[Any]:
    kind = field.type
    if isinstance(kind, Shape):
        return _objects(kind)
    if isinstance(kind, Words):
        return st.sampled_from(kind.values)
    if field.name in ("key", "unknownKey"):
        return KEYS
    if isinstance(kind, Text):
        return st.text(CHARACTERS, max_size=min(kind.max_length, 30))
    return TENTHS if isinstance(kind, Decimals) else _PLAIN[kind]
