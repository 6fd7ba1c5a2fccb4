"""In which versions the tests of this folder run: all of 1.x, but for what stands here, each with its reason."""

from collections.abc import Iterator
from typing import NamedTuple

from stationmaster.dialects.coverage import UNSUPPORTED
from stationmaster.ocpp.version import SOAP_VERSIONS, Version

VERSIONS_1X = (Version.V16, *SOAP_VERSIONS[::-1])
OLDER = (Version.V15, Version.V12)


class LeftOut(NamedTuple):
    """Tests that do not apply to some versions. A test is named by its name, ``name[word]`` where only its cases
    with that parameter do not, or the name of its module, which stands for all tests in there."""

    versions: tuple[Version, ...]
    why: str
    tests: frozenset[str]


_TOLD_PRICES = """
test_the_price_follows_the_answer_to_authorize
test_a_station_of_many_languages_is_told_in_all_that_there_are
test_a_token_that_was_not_asked_about_is_told_its_price_at_the_start
test_a_price_is_not_told_twice
test_the_running_cost_follows_the_start_and_each_meter_value
test_prices_to_come_by_the_clock_are_told_ahead
test_the_total_follows_the_stop
test_a_total_that_comes_long_after_the_end_is_told_to_nobody
test_of_a_transaction_whose_end_is_told_late_no_cost_is_kept_in_mind
test_the_total_waits_for_the_car_where_idling_costs_after_the_stop
test_a_car_that_left_before_the_stop_was_told_is_on_the_bill_all_the_same
test_a_car_that_is_said_to_have_left_in_the_far_future_is_not_believed
test_a_cost_that_grows_with_time_is_told_although_nothing_is_heard
"""

NEEDED: tuple[tuple[str, str], ...] = (
    ("InstallCertificate", "test_1_6_M05_a_root_is_installed"),
    ("GetInstalledCertificateIds", "test_1_6_M03_both_kinds_are_asked_for"),
    ("SignCertificate", "test_1_6_A02_a_request_is_kept_and_the_certificate_sent"),
    (
        "SecurityEventNotification",
        "test_1_6_security_A04_events_are_kept_under_the_names_of_2_x "
        "test_keys_of_the_security_whitepaper_tell_that_its_messages_may_be_sent",
    ),
    (
        "GetLog",
        "test_1_6_security_N01_a_station_that_showed_the_extension_is_asked_by_it "
        "test_1_6_security_a_station_that_refuses_the_extension_after_all_is_asked_plainly",
    ),
    (
        "SignedUpdateFirmware",
        "test_1_6_security_L01_a_signed_update_is_asked_for_and_followed_by_its_id "
        "test_1_6_security_L01_FR_24_an_invalid_certificate_ends_it",
    ),
    ("ExtendedTriggerMessage", "test_1_6_security_L01_a_trigger_asks_in_the_form_that_the_station_has"),
    ("TriggerMessage", "test_1_6_s5_17_a_triggered_message_is_the_effect"),
    (
        "GetConfiguration",
        "test_5_8_keys_are_asked_for_by_name_and_their_values_shown "
        "test_5_8_without_a_key_all_of_them_are_told_and_what_is_gone_is_forgotten "
        "test_GetConfigurationMaxKeys_bounds_the_keys_of_one_request "
        "test_a_station_that_refuses_the_message_leaves_the_command_failed[GetConfiguration] "
        "test_1_6_s4_2_a_pending_station_may_be_asked_but_not_started",
    ),
    ("ReserveNow", "test_reservation"),
    ("SendLocalList", "test_local_list"),
    (
        "DataTransfer",
        f"test_data_transfer {_TOLD_PRICES} "
        "test_a_car_of_nobody_or_without_a_time_is_rejected test_a_message_of_this_vendor_that_nobody_knows_is_told_so",
    ),
)
"""(an action, what is tested with it): left out where a version lacks it, for the reason that the product gives."""

UNSAID: tuple[tuple[tuple[Version, ...], str, str], ...] = (
    (
        SOAP_VERSIONS,
        "a rule of 1.6-J: what comes at once over HTTP has no order",
        "test_1_6_J_s4_1_1_calls_that_come_at_once_are_answered_in_order",
    ),
    (
        OLDER,
        "1.6 has more words: for what needs a reboot, for no lock at all, for an upload that has begun, for idle",
        "test_5_3_a_key_is_changed_and_the_station_s_word_shown[RebootRequired] "
        "test_1_6_s5_3_configuration_is_changed_by_a_raw_call[RebootRequired] "
        "test_1_6_s5_18_and_errata_3_87_what_became_of_an_unlock[NotSupported] "
        "test_1_6_s6_17_an_upload_that_begins_is_told "
        "test_1_6_s4_5_idle_changes_nothing",
    ),
    (
        (Version.V16, Version.V16S),
        "only the list of 1.5 has a hash",
        "test_1_6_s5_15_a_difference_that_is_not_taken_is_followed_by_the_whole_list[HashError]",
    ),
    ((Version.V12,), "no word for reserved, as nothing can be", "test_1_6_s4_9_every_status_is_stored[Reserved]"),
    (
        OLDER,
        "the end of a transaction has no reason there: tests/acceptance/test_soap_stations.py",
        "test_1_6_s4_10_the_reason_of_a_stop_is_stored test_1_6_J_errata_2_6_a_stop_without_a_reason_is_local",
    ),
    ((Version.V12,), "the end of a transaction has no meter values", "test_1_6_s3_16_5_the_data_of_a_stop_is_stored"),
    (
        (Version.V12,),
        "a status has no details",
        "test_1_6_s4_9_an_error_with_another_status_than_Faulted_is_a_warning",
    ),
    ((Version.V15,), "what is said of prices in DataTransfer is said in 1.6 only", _TOLD_PRICES),
    (
        OLDER,
        "no charging profiles",
        "test_1_6_s5_11_a_profile_without_a_transactionId_goes_with_the_start",
    ),
    (
        (Version.V12,),
        "a remote start cannot name the connector",
        "test_1_6_s5_11_a_remote_start_is_linked_to_its_transaction[named]",
    ),
)
"""(versions, what their messages cannot say, what is tested with it)."""


def left_out() -> Iterator[LeftOut]:
    for action, tests in NEEDED:
        for version in SOAP_VERSIONS:
            why = UNSUPPORTED.get((version, action))
            if why is not None:
                yield LeftOut((version,), f"{action} {why}", frozenset(tests.split()))
    for versions, why, tests in UNSAID:
        yield LeftOut(versions, why, frozenset(tests.split()))
