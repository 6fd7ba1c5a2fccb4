"""Whatever a payload holds, reading it gives a message in the head's shape, or says that it is unreadable."""

from collections.abc import Iterator
from contextlib import suppress
from typing import Any, get_args

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from schema_payloads import Payloads

import schemas
from stationmaster.ocpp.codec import SchemaViolation, read_native, read_request, read_response
from stationmaster.ocpp.messages import messages
from stationmaster.ocpp.salvage import Unreadable
from stationmaster.ocpp.upgrade import readable_as
from stationmaster.ocpp.upgrade.v20 import NATIVE_ONLY
from stationmaster.ocpp.version import JSON_VERSIONS, Version
from stationmaster.ocpp.wire import encode

BEYOND_THE_HEAD = {
    # 2.0 has any number here, 2.1 a whole one that must fit in 64 bits.
    ("TransactionEvent", f"$.cableMaxCurrent = {10**20}")
}
SCHEMA_FOLDERS = dict(zip(JSON_VERSIONS, schemas.VERSIONS, strict=True))


def _head(version: Version, action: str) -> Version:
    return version if version is Version.V16 or action in NATIVE_ONLY else Version.V21


def _shapes(version: Version, action: str, response: bool) -> tuple[type[msgspec.Struct] | None, ...]:
    """The strict type and the lenient twin of a head; what is valid 2.0.1 may keep a type of its own."""
    head = messages(_head(version, action))[action]
    strict, lenient = (head.response, head.lenient_response) if response else (head.request, head.lenient_request)
    if version is not Version.V201 or strict is None:
        return strict, lenient
    native = messages(version)[action]
    ours = native.response if response else native.request
    return (None, lenient) if ours is None else (readable_as(ours, strict), lenient)


def _unlike(message: object, twin: type[msgspec.Struct], path: str = "$") -> Iterator[str]:
    """Where a message holds what its lenient twin could not, or lacks one of its attributes."""
    for field in msgspec.structs.fields(twin):
        here, value = f"{path}.{field.name}", getattr(message, field.name, field)
        part = next((each for each in _structs(field.type)), None)
        if value is field or (value is None and field.default is not None):
            yield f"{here}: {value}"
        elif part is None or value is None:
            try:
                msgspec.convert(value, field.type, dec_hook=_refuse)
            except msgspec.ValidationError as error:
                yield f"{here}: {error}"
        else:
            for item in value if isinstance(value, tuple) else (value,):
                yield from _unlike(item, part, here)


def _structs(annotation: object) -> Iterator[type[msgspec.Struct]]:
    if isinstance(annotation, type) and issubclass(annotation, msgspec.Struct):
        yield annotation
    for inner in get_args(annotation):
        yield from _structs(inner)


def _refuse(kind: Any, value: object) -> object:
    if not isinstance(value, kind):
        raise ValueError(f"{value!r} is no {kind.__name__}")
    return value


def _is_valid(version: Version, action: str, raw: bytes, response: bool) -> bool:
    with suppress(SchemaViolation):
        read_native(version, action, raw, response)
        return True
    return False


@pytest.mark.parametrize("version", JSON_VERSIONS)
def test_a_payload_one_step_from_its_schema_is_read_and_its_violations_are_named(version: Version) -> None:
    native = schemas.load(SCHEMA_FOLDERS[version])
    for action in messages(version):
        for response in (False, True):
            schema = native.get(f"{action}{'Response' if response else 'Request'}", {})
            shapes = _shapes(version, action, response)
            for case in Payloads(schema, schema.get("definitions", {})).cases():
                raw = encode(case.payload)
                if not schema:
                    break
                reading = (read_response if response else read_request)(version, action, raw)
                assert type(reading.message) in shapes, f"{action} {case.label}"
                assert shapes[1] is not None
                assert list(_unlike(reading.message, shapes[1])) == [], f"{action} {case.label}"
                if (action, case.label) not in BEYOND_THE_HEAD:
                    valid = _is_valid(version, action, raw, response)
                    assert (not reading.violations) is valid, f"{action} {case.label}"


MEMBERS = ("evseId", "meterValue", "sampledValue", "value", "timestamp", "connectorId", "transactionData", "customData")
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(MEMBERS), inner, max_size=5),
    max_leaves=20,
)


@given(version=st.sampled_from(JSON_VERSIONS), value=ANY_JSON)
def test_any_json_is_a_message_or_unreadable(version: Version, value: object) -> None:
    action = "MeterValues"
    with suppress(Unreadable):
        assert read_request(version, action, msgspec.json.encode(value)).message is not None


@given(version=st.sampled_from(JSON_VERSIONS), raw=st.binary(max_size=60))
def test_any_bytes_are_a_message_or_unreadable(version: Version, raw: bytes) -> None:
    with suppress(Unreadable):
        assert read_request(version, "Heartbeat", raw).message is not None


@pytest.mark.parametrize("version", JSON_VERSIONS)
@pytest.mark.parametrize("depth", [100, 400, 800, 990, 2000])
def test_deep_nesting_is_carried_or_unreadable(version: Version, depth: int) -> None:
    raw = b'{"vendorId":"v","unknown":%s,"data":%s}' % ((b"[" * depth + b"]" * depth,) * 2)
    with suppress(Unreadable):
        assert read_request(version, "DataTransfer", raw).message is not None
