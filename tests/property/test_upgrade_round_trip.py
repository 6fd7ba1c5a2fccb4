"""A 2.0 payload lifted to the shape of 2.1 and lowered again is the same payload, outside the tables below."""

from collections.abc import Iterator
from typing import Any

import pytest
from round_trip import ANYTHING, Losses, changes, is_listed
from schema_payloads import Case, Payloads

import schemas
from stationmaster.ocpp.codec import (
    CannotCarry,
    SchemaViolation,
    read_native,
    read_request,
    read_response,
    write_request,
    write_response,
)
from stationmaster.ocpp.messages import messages
from stationmaster.ocpp.version import Version
from stationmaster.ocpp.wire import decode_plain, encode

LOST: Losses = {
    "AuthorizeRequest": {"$.evseId": ANYTHING},
    # A chain is taken apart at the end lines of PEM, which the made-up texts do not have.
    "CertificateSignedRequest": {"$.cert": ANYTHING},
    # An empty object says nothing; there is no place to keep it.
    "ClearChargingProfileRequest": {"$.chargingProfile": ANYTHING},
    "FirmwareStatusNotificationRequest": {
        "$.status": {
            "CertificateVerified": "DownloadScheduled",
            "InvalidCertificate": "InvalidSignature",
            "RevokedCertificate": "InvalidSignature",
            "PublishFailed": "InstallationFailed",
        }
    },
    # Without a schedule there is no place for the EVSE, and 2.1 has none for two of its members.
    "GetCompositeScheduleResponse": {
        "$.evseId": ANYTHING,
        "$.schedule": ANYTHING,
        "$.schedule.chargingSchedule.startSchedule": ANYTHING,
        "$.schedule.chargingSchedule.minChargingRate": ANYTHING,
    },
    "InstallCertificateResponse": {
        "$.status": dict.fromkeys(
            (
                *("SignatureError", "CertificateExpired", "CertificateRevoked"),
                *("NoCertificateAvailable", "ContractCancelled"),
            ),
            "CertChainError",
        )
    },
    "NotifyEVChargingNeedsRequest": {
        "$.chargingNeeds.requestedEnergyTransfer": dict.fromkeys(
            ("DC_combo_core", "DC_core", "DC_unique"), "DC_extended"
        )
    },
    "NotifyEventRequest": {"$.eventData.variableMonitoringEvent": ANYTHING},
    "ReportChargingProfilesRequest": {"$.chargingProfile.primary": ANYTHING},
    "RequestStartTransactionRequest": {"$.chargingProfile.primary": ANYTHING},
    "ReserveNowRequest": {"$.reservation.evse.connectorId": ANYTHING},
    "SetChargingProfileRequest": {"$.chargingProfile.primary": ANYTHING},
    "SetVariableMonitoringResponse": {"$.setMonitoringResult.status": {"OutOfRange": "Rejected"}},
    "SetVariablesResponse": {
        "$.setVariableResult.attributeStatus": dict.fromkeys(("InvalidValue", "OutOfRange"), "Rejected")
    },
    # 2.1 counts whole amperes.
    "TransactionEventRequest": {
        "$.cableMaxCurrent": ANYTHING,
        "$.transactionData.stoppedReason": {"UnlockCommand": "Other"},
    },
}
"""What a round trip changes: by message and place any value, or each old value and what becomes of it."""

REFUSED = {
    # 2.1 sends the certificates inside the EXI response.
    "Get15118EVCertificateResponse"
}
"""Messages that can be read from 2.0 but not written for it."""


def _messages() -> Iterator[tuple[str, bool, str]]:
    for action in messages(Version.V20):
        yield action, False, f"{action}Request"
        yield action, True, f"{action}Response"


def _accepted(action: str, response: bool, schema: dict[str, Any]) -> Iterator[Case]:
    for case in Payloads(schema, schema.get("definitions", {}), deep=True).cases():
        try:
            read_native(Version.V20, action, encode(case.payload), response)
        except SchemaViolation:
            continue
        if case.exact:
            yield case


def test_lowering_a_lifted_payload_gives_the_payload_back() -> None:
    native = schemas.load("v20")
    unlisted, tried, met = [], 0, set()
    for action, response, name in _messages():
        read, write = (read_response, write_response) if response else (read_request, write_request)
        if name in REFUSED:
            continue
        for case in _accepted(action, response, native[name]):
            reading = read(Version.V20, action, encode(case.payload))
            back = decode_plain(write(Version.V20, action, reading.message))
            for path, before, after in changes(case.payload, back):
                met.add((name, path))
                if not is_listed(LOST, name, path, before, after):
                    unlisted.append(f"{name} {case.label}: {path} {before!r} became {after!r}")
            tried += 1
    assert not unlisted, "\n".join(unlisted[:40])
    assert met == {(name, path) for name, losses in LOST.items() for path in losses}
    assert tried > 1000


@pytest.mark.parametrize("name", sorted(REFUSED))
def test_a_message_that_cannot_be_lowered_is_refused(name: str) -> None:
    schema = schemas.load("v20")[name]
    payload = next(Payloads(schema, schema["definitions"]).cases()).payload
    reading = read_response(Version.V20, "Get15118EVCertificate", encode(payload))
    with pytest.raises(CannotCarry):
        write_response(Version.V20, "Get15118EVCertificate", reading.message)
