"""The strict types accept and refuse exactly what the schemas do, and lose nothing on the way through."""

import importlib
import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

import msgspec
import pytest
from jsonschema import Draft4Validator, Draft6Validator, FormatChecker
from jsonschema.validators import extend
from schema_payloads import Case, Payloads

import schemas
from generator.names import definition_name
from stationmaster.ocpp.checks import decimal_of
from stationmaster.ocpp.kinds import CustomData, read_kind
from stationmaster.ocpp.wire import decode_plain, encode

STRICT_ACCEPTS = {
    # JSON Schema calls 5.0 an integer; the specification's integers have no fraction. The lenient twin reads it.
    "whole number with a fraction": False,
    # The specification's integers have 32 bits; what no store could keep is refused at the door.
    "integer beyond 64 bits": False,
    # A few bytes must not become a number with millions of digits.
    "number beyond a double": False,
}
"""The meant differences between a strict type and its schema, and what the strict type does."""


def _is_integer(_checker: Any, value: object) -> bool:
    if isinstance(value, Decimal):
        return value == value.to_integral_value()
    return isinstance(value, int) and not isinstance(value, bool)


FORMATS = FormatChecker(["date-time"])


@FORMATS.checks("uri", raises=ValueError)
def _is_uri(value: object) -> bool:
    if not isinstance(value, str):
        return True
    allowed = re.fullmatch(r"(?:[-A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=]|%[0-9A-Fa-f]{2})*", value)
    return bool(allowed and urlsplit(value).scheme)


DRAFT_6 = extend(Draft6Validator, type_checker=Draft6Validator.TYPE_CHECKER.redefine("integer", _is_integer))


def _roots(version: str) -> Iterator[tuple[str, dict[str, Any], dict[str, Any]]]:
    """(class name, schema of the object, schema to validate with) for each message and each definition."""
    seen = set()
    for message, schema in schemas.load(version).items():
        definitions = schema.get("definitions", {})
        yield message, schema, schema
        for name, definition in definitions.items():
            class_name = definition_name(version, message, name)
            if definition.get("type") == "object" and class_name not in seen:
                seen.add(class_name)
                yield class_name, definition, {**definition, "$schema": schema["$schema"], "definitions": definitions}


def _checks(version: str) -> Iterator[tuple[str, Case, bool, list[Any]]]:
    """(where, case, whether it should be accepted, what the type made of it: nothing if it refused)."""
    module = importlib.import_module(f"stationmaster.ocpp.{version}")
    for name, schema, whole in _roots(version):
        draft = Draft4Validator if "draft-04" in whole["$schema"] else DRAFT_6
        validator = draft(whole, format_checker=FORMATS)
        kind = CustomData if name == "CustomDataType" else getattr(module, name)
        decoder = msgspec.json.Decoder(kind, dec_hook=read_kind, float_hook=decimal_of)
        for case in Payloads(schema, whole.get("definitions", {})).cases():
            raw = encode(case.payload)
            try:
                out = [decode_plain(encode(decoder.decode(raw)))]
            except msgspec.ValidationError:
                out = []
            meant = STRICT_ACCEPTS.get(case.difference or "")
            yield name, case, validator.is_valid(case.payload) if meant is None else meant, out


@pytest.mark.parametrize("version", schemas.VERSIONS)
def test_strict_types_agree_with_the_schemas_and_lose_nothing(version: str) -> None:
    disagreements, losses, accepted, refused = [], [], 0, 0
    for name, case, expected, out in _checks(version):
        if bool(out) is not expected:
            disagreements.append(f"{name} {case.label}: should be {'accepted' if expected else 'refused'}")
        elif out and case.exact and out[0] != case.payload:
            losses.append(f"{name} {case.label}: {out[0]} for {case.payload}")
        accepted, refused = accepted + bool(out), refused + (not out)
    assert not disagreements, "\n".join(disagreements[:40])
    assert not losses, "\n".join(losses[:40])
    assert accepted > 500
    assert refused > 1000


def test_a_type_that_forgets_a_bound_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    class Careless(msgspec.Struct, forbid_unknown_fields=True):
        idTag: str

    v16 = importlib.import_module("stationmaster.ocpp.v16")
    monkeypatch.setattr(v16, "AuthorizeRequest", Careless)
    noticed = [
        case.label
        for name, case, expected, out in _checks("v16")
        if name == "AuthorizeRequest" and expected is not bool(out)
    ]
    assert noticed == ["$.idTag of 21 characters"]
