"""2.0 in the shape of 2.1, where the two say the same thing differently."""

from copy import deepcopy
from typing import Any

import pytest

from stationmaster.ocpp.messages import messages
from stationmaster.ocpp.upgrade import Refused
from stationmaster.ocpp.upgrade.v20 import NATIVE_ONLY, REQUESTS, RESPONSES, TABLE
from stationmaster.ocpp.version import Version

PEM = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"


@pytest.mark.parametrize(
    ("action", "old", "new"),
    [
        ("ChangeAvailability", {"evseId": 0}, {}),
        ("ChangeAvailability", {"evseId": 2}, {"evse": {"id": 2}}),
        ("CertificateSigned", {"cert": [PEM, PEM]}, {"certificateChain": PEM + PEM}),
        (
            "GetInstalledCertificateIds",
            {"typeOfCertificate": "V2GRootCertficate"},
            {"certificateType": ["V2GRootCertificate"]},
        ),
        (
            "ReserveNow",
            {"reservation": {"id": 1, "evse": {"id": 2}, "connectorCode": "cCCS2"}},
            {"id": 1, "evseId": 2, "connectorType": "cCCS2"},
        ),
        (
            "TransactionEvent",
            {"transactionData": {"id": "x", "chargingState": "EVDetected"}},
            {"transactionInfo": {"transactionId": "x", "chargingState": "EVConnected"}},
        ),
        (
            "SetChargingProfile",
            {"chargingProfile": {"chargingSchedule": {"chargingRateUnit": "A"}}},
            {"chargingProfile": {"chargingSchedule": [{"chargingRateUnit": "A", "id": 0}]}},
        ),
    ],
)
def test_a_request_is_lifted_and_lowered(action: str, old: dict[str, Any], new: dict[str, Any]) -> None:
    assert TABLE.lower(action, False, deepcopy(new)) == old
    assert TABLE.lift(action, False, deepcopy(old)) == new


def test_what_the_older_version_insists_on_is_filled_in() -> None:
    report = {"reportData": [{"variableAttribute": [{"mutability": "WriteOnly"}]}]}
    assert TABLE.lower("NotifyReport", False, report) == {
        "tbc": False,
        "reportData": [
            {"variableAttribute": [{"mutability": "WriteOnly", "value": "", "constant": False, "persistence": False}]}
        ],
    }


def test_a_state_that_2_0_has_no_word_for_is_left_out() -> None:
    info = {"transactionInfo": {"transactionId": "x", "chargingState": "Idle"}}
    assert TABLE.lower("TransactionEvent", False, info) == {"transactionData": {"id": "x"}}


@pytest.mark.parametrize(
    ("action", "payload", "path"),
    [
        (
            "SetChargingProfile",
            {"chargingProfile": {"chargingSchedule": [{}, {}]}},
            "$.chargingProfile.chargingSchedule",
        ),
        (
            "ReportChargingProfiles",
            {"chargingProfile": [{"chargingSchedule": [{}, {}]}]},
            "$.chargingProfile[*].chargingSchedule",
        ),
        ("Get15118EVCertificate", {"action": "Update"}, "$.action"),
    ],
)
def test_what_2_0_cannot_say_is_refused(action: str, payload: dict[str, Any], path: str) -> None:
    with pytest.raises(Refused) as caught:
        TABLE.lower(action, False, payload)
    assert caught.value.path == path


@pytest.mark.parametrize("junk", [1, "text", [], [1, [2]], {}, {"*": 1}, True])
def test_no_shape_of_payload_breaks_lifting(junk: object) -> None:
    members = ("chargingProfile", "reservation", "meterValue", "eventData", "schedule", "transactionData", "cert")
    for action in messages(Version.V20):
        for response in (False, True):
            TABLE.lift(action, response, dict.fromkeys(members, junk))


def test_the_tables_name_only_actions_that_both_versions_have() -> None:
    shared = set(messages(Version.V20)) & set(messages(Version.V21))
    assert set(REQUESTS) | set(RESPONSES) <= shared
    assert set(messages(Version.V20)) - shared == NATIVE_ONLY


def test_what_vendors_exchange_is_not_touched() -> None:
    payload = {"vendorId": "v", "data": {"customData": 1, "statusInfo": 2}}
    assert TABLE.lower("DataTransfer", False, deepcopy(payload)) == payload
