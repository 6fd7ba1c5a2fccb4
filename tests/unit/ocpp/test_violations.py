"""The decoder's complaints as kinds and wire paths."""

import msgspec
import pytest

from stationmaster.ocpp.codec import SchemaViolation, read_native
from stationmaster.ocpp.version import Version
from stationmaster.ocpp.violations import MAX_DETAIL_CHARS, ViolationKind, steps, violation_of

BOOT = '"chargePointModel":"M"'
VENDOR = '"chargePointVendor":"V"'


@pytest.mark.parametrize(
    ("payload", "kind", "path"),
    [
        ("[]", ViolationKind.FORMAT, "$"),
        ("null", ViolationKind.FORMAT, "$"),
        ("{", ViolationKind.FORMAT, "$"),
        ("", ViolationKind.FORMAT, "$"),
        (f"{{{BOOT}}}", ViolationKind.OCCURRENCE, "$.chargePointVendor"),
        (f'{{{BOOT},{VENDOR},"extra":1}}', ViolationKind.OCCURRENCE, "$.extra"),
        (f'{{{BOOT},{VENDOR},"imsi":null}}', ViolationKind.TYPE, "$.imsi"),
        (f'{{{BOOT},"chargePointVendor":5}}', ViolationKind.TYPE, "$.chargePointVendor"),
        (f'{{{BOOT},"chargePointVendor":"{"V" * 21}"}}', ViolationKind.PROPERTY, "$.chargePointVendor"),
    ],
)
def test_a_broken_boot_notification_is_described_by_kind_and_path(payload: str, kind: ViolationKind, path: str) -> None:
    with pytest.raises(SchemaViolation) as caught:
        read_native(Version.V16, "BootNotification", payload.encode())
    assert (caught.value.violation.kind, caught.value.violation.path) == (kind, path)


@pytest.mark.parametrize(
    ("sampled", "kind", "path"),
    [
        ('{"value":"1","unit":"mWh"}', ViolationKind.PROPERTY, "$.meterValue[0].sampledValue[1].unit"),
        ('{"unit":"Wh"}', ViolationKind.OCCURRENCE, "$.meterValue[0].sampledValue[1].value"),
        ('{"value":"1","x":1}', ViolationKind.OCCURRENCE, "$.meterValue[0].sampledValue[1].x"),
        ("[]", ViolationKind.TYPE, "$.meterValue[0].sampledValue[1]"),
    ],
)
def test_the_path_leads_into_lists(sampled: str, kind: ViolationKind, path: str) -> None:
    payload = (
        '{"connectorId":1,"meterValue":[{"timestamp":"2026-01-01T00:00:00Z",'
        f'"sampledValue":[{{"value":"1"}},{sampled}]}}]}}'
    )
    with pytest.raises(SchemaViolation) as caught:
        read_native(Version.V16, "MeterValues", payload.encode())
    assert (caught.value.violation.kind, caught.value.violation.path) == (kind, path)


@pytest.mark.parametrize(
    ("complaint", "kind"),
    [
        ("Invalid RFC3339 encoded datetime - at `$.a`", ViolationKind.PROPERTY),
        ("Expected `datetime` with a timezone component - at `$.a`", ViolationKind.PROPERTY),
        ("Expected `number` >= 0 - at `$.a`", ViolationKind.PROPERTY),
        ("Expected `number` that's a multiple of 0.1 - at `$.a`", ViolationKind.PROPERTY),
        ("Expected `array` of length <= 4 - at `$.a`", ViolationKind.OCCURRENCE),
        ("Expected `number`, got `str` - at `$.a`", ViolationKind.TYPE),
        ("something the decoder may say one day - at `$.a`", ViolationKind.PROPERTY),
    ],
)
def test_each_complaint_has_a_kind(complaint: str, kind: ViolationKind) -> None:
    violation = violation_of(complaint)
    assert (violation.kind, violation.path) == (kind, "$.a")


def test_what_a_stranger_sent_cannot_make_a_detail_long_or_lead_the_path_astray() -> None:
    violation = violation_of(f"Invalid enum value 'x - at `$.lie` {'y' * 5000}' - at `$.status`")
    assert violation.path == "$.status"
    assert len(violation.detail) == MAX_DETAIL_CHARS


def test_a_path_comes_apart_into_members_and_indexes() -> None:
    assert steps("$.meterValue[0].sampledValue[12].value") == ("meterValue", 0, "sampledValue", 12, "value")
    assert steps("$") == ()


def test_the_decoder_still_words_its_complaints_as_the_rules_expect() -> None:
    class Probe(msgspec.Struct, forbid_unknown_fields=True):
        a: int

    for payload, wording in ((b"{}", "Object missing required field `a`"), (b'{"b":1}', "unknown field `b`")):
        with pytest.raises(msgspec.ValidationError, match=wording):
            msgspec.json.decode(payload, type=Probe)
