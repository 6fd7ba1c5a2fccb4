"""In which versions each test runs: 1.6 in JSON, the same in SOAP, 1.5 and 1.2, as far as they have what it is about.

A test is named by itself or by its file. What needs a message is left out where the version has none such; what else
does not apply stands in ``LEFT_OUT``, with the reason.
"""

from collections.abc import Mapping
from typing import NamedTuple

from stationmaster.ocpp.messages import messages
from stationmaster.ocpp.version import SOAP_VERSIONS, Version

WAYS = (Version.V16, Version.V16S, Version.V15, Version.V12)
_BEFORE_1_6 = (Version.V15, Version.V12)


class LeftOut(NamedTuple):
    versions: tuple[Version, ...]
    because: str
    tests: tuple[str, ...]


NEEDS: Mapping[str, tuple[str, ...]] = {
    "CancelReservation": ("test_reservation",),
    "DataTransfer": ("test_data_transfer", "test_prices"),
    "ExtendedTriggerMessage": (
        "test_1_6_security_L01_a_trigger_is_answered_in_the_form_it_was_asked_in",
        "test_1_6_security_L01_idle_is_told_in_the_form_it_was_asked_in",
    ),
    "GetConfiguration": ("test_configuration", "test_1_6_s9_1_the_feature_profile_is_told"),
    "GetLog": (
        "test_1_6_security_N01_FR_03_the_security_log_is_brought",
        "test_1_6_security_N01_FR_11_a_second_request_cancels_the_first",
    ),
    "InstallCertificate": ("test_certificates",),
    "SecurityEventNotification": ("test_1_6_security_A04_FR_01_security_events_are_told",),
    "SendLocalList": ("test_local_list",),
    "SetChargingProfile": ("test_1_6_s5_11_without_smart_charging_a_profile_is_ignored",),
    "SignedUpdateFirmware": (
        "test_1_6_security_L01_a_signed_image_is_verified_and_told_with_its_request",
        "test_1_6_security_L01_a_wrong_signature_and_a_wrong_certificate_are_told_apart",
        "test_1_6_security_L01_FR_20_a_station_for_signed_firmware_does_not_know_the_plain_form",
        "test_1_6_security_L01_FR_26_a_newer_request_cancels_the_one_before",
    ),
    "TriggerMessage": (
        "test_1_6_s4_2_a_pending_charge_point_refuses_remote_starts_and_sends_what_is_triggered",
        "test_1_6_errata_3_35_a_boot_is_not_triggered_once_accepted",
        "test_1_6_s5_17_without_connector_the_status_of_all_is_told",
        "test_1_6_errata_3_46_triggered_values_of_an_idle_connector_have_no_transaction",
        "test_1_6_s5_17_the_status_of_one_connector",
        "test_1_6_s5_17_a_heartbeat_does_not_care_for_the_connector",
        "test_1_6_errata_3_46_triggered_meter_values_are_the_sampled_measurands",
        "test_1_6_s5_17_a_missing_connector_is_rejected",
        "test_1_6_s4_4_without_an_upload_the_diagnostics_status_is_idle",
        "test_1_6_s4_5_idle_is_told_when_triggered_and_nothing_goes_on",
    ),
}
"""Which messages tests cannot do without."""

LEFT_OUT: tuple[LeftOut, ...] = (
    LeftOut(
        SOAP_VERSIONS,
        "there is no WebSocket to dial",
        ("test_1_6J_errata_3_4_a_refused_dial_is_tried_again_with_growing_waits",),
    ),
    LeftOut(_BEFORE_1_6, "prices and costs go with 1.6", ("test_prices",)),
    LeftOut(
        _BEFORE_1_6,
        "a connector that is not there is told as one that could not be unlocked: Rejected",
        ("test_1_6_errata_3_87_unlock_of_a_missing_connector",),
    ),
    LeftOut(
        _BEFORE_1_6,
        "the list keeps what the Central System says (1.5 §4.8), so there is no conflict and no word for one",
        ("test_s3_5_2_a_start_that_the_list_accepted_and_the_CSMS_refuses_is_told_as_a_conflict",),
    ),
    LeftOut(
        (Version.V16, Version.V16S),
        "the list is the Central System's alone: 1.6 §3.5.2 wants the conflict told",
        ("test_1_5_s4_8_and_s4_10_the_list_keeps_what_the_CSMS_says_at_a_start",),
    ),
    LeftOut(
        (Version.V16, Version.V16S),
        "the charge point as a whole is Available unless it is switched off (1.6 §4.9)",
        ("test_1_5_s7_10_the_charge_point_is_what_its_connectors_come_to",),
    ),
    LeftOut(
        (Version.V12,),
        "a remote start cannot name the connector",
        ("test_1_6_s5_11_a_busy_or_missing_connector_is_rejected",),
    ),
    LeftOut(
        (Version.V12,),
        "a meter value is a number, without context or transaction, and StopTransaction has none",
        (
            "test_1_6_s3_16_2_aligned_values_come_at_the_clock",
            "test_1_6_s3_16_5_no_transactionData_where_nothing_is_to_be_measured",
            "test_1_6_errata_3_14_transactionData_begins_and_ends_with_the_transaction",
        ),
    ),
    LeftOut(
        _BEFORE_1_6,
        "samples of one phase have no place, as voltages are",
        ("test_1_6_errata_3_15_sampled_values_come_at_the_interval_with_their_measurands",),
    ),
)


def versions_of(module: str, test: str) -> tuple[Version, ...]:
    """Those in which a test runs, by the name of its file and its own."""
    return tuple(version for version in WAYS if not _reasons(version, {module.rpartition(".")[2], test}))


def _reasons(version: Version, names: set[str]) -> list[str]:
    lacking = [action for action, tests in NEEDS.items() if action not in messages(version) and names & {*tests}]
    rows = [row.because for row in LEFT_OUT if version in row.versions and names & {*row.tests}]
    return [*(f"there is no {action}" for action in lacking), *rows]
