from decimal import Decimal
from typing import Any, get_args

import msgspec
import pytest

from stationmaster.dialects.table import Unattributable, Unsupported
from stationmaster.dialects.v1.charging_profile import lift_profile, lower_profile
from stationmaster.dialects.v1.provisioning import INCOMING as PROVISIONING
from stationmaster.dialects.v1.provisioning import OUTGOING as RESETS
from stationmaster.dialects.v1.remote_control import INCOMING, OUTGOING
from stationmaster.dialects.v1.trigger import INCOMING as TRIGGERS
from stationmaster.dialects.v1.trigger import OUTGOING as SEND_TRIGGER
from stationmaster.domain import messages as m
from stationmaster.domain.facts import StationFacts
from stationmaster.domain.identity import Evse, IdToken
from stationmaster.ocpp import v16
from stationmaster.ocpp.v16 import lenient as wire

FACTS = StationFacts(version="1.6")
SECURE = StationFacts(version="1.6", capabilities=frozenset({"SecurityExtension"}))


def profile(**changes: Any) -> dict[str, Any]:
    period = {"startPeriod": 0, "limit": 16.04, "numberPhases": 3, **changes.pop("period", {})}
    schedule = {"id": 9, "chargingRateUnit": "A", "chargingSchedulePeriod": [period], **changes.pop("schedule", {})}
    head = {"id": 5, "stackLevel": 1, "chargingProfilePurpose": "TxProfile", "chargingProfileKind": "Relative"}
    return {**head, "chargingSchedule": [schedule], **changes}


def start(**fields: Any) -> m.RequestStartTransaction:
    return m.RequestStartTransaction(id_token=IdToken("A1"), remote_start_id=4, **fields)


def test_a_remote_start_leaves_out_the_connector_of_the_whole_station(drive: Any) -> None:
    response = wire.RemoteStartTransactionResponse(status="Accepted")
    calls, answer = drive(OUTGOING[m.RequestStartTransaction], FACTS, start(evse=Evse(0)), response)
    assert calls[0].message == v16.RemoteStartTransactionRequest(id_tag="A1")
    assert answer == m.RequestStartAnswer(status="Accepted")


def test_a_limit_is_rounded_down_to_a_tenth() -> None:
    period = lower_profile(profile()).charging_schedule.charging_schedule_period[0]
    assert (period.limit, period.number_phases) == (Decimal("16.0"), 3)


def test_a_profile_comes_back_with_its_id_on_the_schedule() -> None:
    lowered = lower_profile(profile(period={"limit": 6}))
    lifted = lift_profile(lowered)  # type: ignore[arg-type]
    assert lifted == profile(period={"limit": Decimal("6.0")}, schedule={"id": 5})


def test_names_of_purposes_and_types_of_ids_follow_the_version() -> None:
    lowered = lower_profile(profile(chargingProfilePurpose="ChargingStationMaxProfile", transactionId="17"))
    assert (lowered.charging_profile_purpose, lowered.transaction_id) == ("ChargePointMaxProfile", 17)
    lifted = lift_profile(lowered)  # type: ignore[arg-type]
    assert (lifted["chargingProfilePurpose"], lifted["transactionId"]) == ("ChargingStationMaxProfile", "17")


@pytest.mark.parametrize(
    ("refused", "reason"),
    [
        (profile(chargingSchedule=[]), "one chargingSchedule"),
        (profile(chargingSchedule=profile()["chargingSchedule"] * 2), "one chargingSchedule"),
        (profile(maxOfflineDuration=60), "maxOfflineDuration"),
        (profile(period={"phaseToUse": 2}), "phaseToUse"),
        (profile(schedule={"limitAtSoC": {}}), "limitAtSoC"),
        (profile(chargingProfileKind="Dynamic"), "chargingProfileKind"),
        (profile(period={"limit": None}), "limit"),
        (profile(schedule={"chargingSchedulePeriod": 7}), "chargingSchedulePeriod"),
        (profile(schedule={"chargingSchedulePeriod": [7]}), "limit"),
    ],
)
def test_a_profile_that_16_cannot_carry_is_refused_with_what_it_is(refused: dict[str, Any], reason: str) -> None:
    with pytest.raises(Unsupported, match=reason):
        lower_profile(refused)


def test_a_remote_start_takes_a_transaction_profile_only(drive: Any) -> None:
    with pytest.raises(Unsupported, match="TxProfile"):
        drive(
            OUTGOING[m.RequestStartTransaction],
            FACTS,
            start(charging_profile=profile(chargingProfilePurpose="TxDefaultProfile")),
        )


def test_only_a_number_is_a_transaction_id_of_16(drive: Any) -> None:
    with pytest.raises(Unsupported, match="transactionId"):
        drive(OUTGOING[m.RequestStopTransaction], FACTS, m.RequestStopTransaction(transaction_id="a-7"))


@pytest.mark.parametrize(
    ("wire_status", "status"),
    [("Unlocked", "Unlocked"), ("UnlockFailed", "UnlockFailed"), ("NotSupported", "NotSupported")],
)
def test_every_unlock_status_of_16_is_read_and_written(drive: Any, wire_status: str, status: str) -> None:
    response = wire.UnlockConnectorResponse(status=wire_status)
    calls, answer = drive(OUTGOING[m.UnlockConnector], FACTS, m.UnlockConnector(evse=Evse(2, 1)), response)
    assert (calls[0].message.connector_id, answer.status) == (2, status)
    assert INCOMING["UnlockConnector"].write(FACTS, None, answer).status == wire_status


def test_an_unlock_refused_for_a_transaction_failed_in_the_words_of_16() -> None:
    answer = m.CommandAnswer(status="OngoingAuthorizedTransaction")
    assert INCOMING["UnlockConnector"].write(FACTS, None, answer).status == "UnlockFailed"


@pytest.mark.parametrize(("wire_type", "kind"), [("Hard", "Immediate"), ("Soft", "OnIdle")])
def test_both_resets_of_16_are_read_and_written(drive: Any, wire_type: str, kind: Any) -> None:
    request = PROVISIONING["Reset"].read(FACTS, wire.ResetRequest(type=wire_type))
    assert request == m.Reset(type=kind)
    calls, _ = drive(RESETS[m.Reset], FACTS, request, wire.ResetResponse(status="Accepted"))
    assert calls[0].message.type == wire_type


def test_a_scheduled_reset_is_accepted_in_the_words_of_16() -> None:
    assert PROVISIONING["Reset"].write(FACTS, None, m.CommandAnswer(status="Scheduled")).status == "Accepted"


@pytest.mark.parametrize("reset", [m.Reset(type="ImmediateAndResume"), m.Reset(type="OnIdle", evse_id=1)])
def test_resets_that_16_lacks_are_unsupported(drive: Any, reset: m.Reset) -> None:
    with pytest.raises(Unsupported):
        drive(RESETS[m.Reset], FACTS, reset)


def test_every_trigger_of_16_can_be_read() -> None:
    for word in get_args(v16.MessageTrigger):
        TRIGGERS["TriggerMessage"].read(FACTS, wire.TriggerMessageRequest(requested_message=word))
    for word in get_args(v16.MessageTriggerEnumType):
        TRIGGERS["ExtendedTriggerMessage"].read(FACTS, wire.ExtendedTriggerMessageRequest(requested_message=word))


@pytest.mark.parametrize(
    ("facts", "requested", "action", "word"),
    [
        (FACTS, "Heartbeat", "TriggerMessage", "Heartbeat"),
        (SECURE, "Heartbeat", "TriggerMessage", "Heartbeat"),
        (FACTS, "LogStatusNotification", "TriggerMessage", "DiagnosticsStatusNotification"),
        (SECURE, "LogStatusNotification", "ExtendedTriggerMessage", "LogStatusNotification"),
        (SECURE, "SignChargingStationCertificate", "ExtendedTriggerMessage", "SignChargePointCertificate"),
    ],
)
def test_a_trigger_goes_by_the_message_that_the_station_has(
    drive: Any, facts: StationFacts, requested: str, action: str, word: str
) -> None:
    request = m.TriggerMessage(requested=requested, evse=Evse(3, 1))
    calls, _ = drive(SEND_TRIGGER[m.TriggerMessage], facts, request, wire.TriggerMessageResponse(status="Accepted"))
    assert (calls[0].action, calls[0].message.requested_message, calls[0].message.connector_id) == (action, word, 3)
    read = TRIGGERS[action].read(facts, calls[0].message)
    assert read == msgspec.structs.replace(request, extended=action == "ExtendedTriggerMessage")


@pytest.mark.parametrize("requested", ["SignChargingStationCertificate", "TransactionEvent", "CustomTrigger"])
def test_triggers_that_a_plain_16_station_lacks_are_unsupported(drive: Any, requested: str) -> None:
    with pytest.raises(Unsupported, match=requested):
        drive(SEND_TRIGGER[m.TriggerMessage], FACTS, m.TriggerMessage(requested=requested))


@pytest.mark.parametrize(
    ("read", "message"),
    [
        (INCOMING["RemoteStartTransaction"].read, wire.RemoteStartTransactionRequest()),
        (INCOMING["RemoteStopTransaction"].read, wire.RemoteStopTransactionRequest()),
        (INCOMING["UnlockConnector"].read, wire.UnlockConnectorRequest()),
        (PROVISIONING["Reset"].read, wire.ResetRequest(type="Warm")),
        (TRIGGERS["TriggerMessage"].read, wire.TriggerMessageRequest(requested_message="Tea")),
    ],
)
def test_a_command_without_its_object_is_unattributable(read: Any, message: Any) -> None:
    with pytest.raises(Unattributable):
        read(FACTS, message)
