"""B Provisioning."""

from datetime import datetime, timedelta

import pytest
from csms_case import VALID, Case, seeded

from stationmaster.csms.commands.kinds import RawCall
from stationmaster.csms.settings import CsmsSettings, TenantPolicy
from stationmaster.domain.device_model.network_profile import NetworkProfile, SetNetworkProfile
from stationmaster.domain.identity import IdToken
from stationmaster.domain.messages import RequestStartTransaction, Reset, TriggerMessage
from stationmaster.ocpp.version import Version
from stationmaster.testing import CsmsBench, WireError, csms_bench

OFFLINE_THRESHOLD = {"component": {"name": "OCPPCommCtrlr"}, "variable": {"name": "OfflineThreshold"}}
PENDING = CsmsSettings(
    default_policy=TenantPolicy(registration="open", first_status="Pending"), boot_retry_interval_s=7
)
REJECTED = CsmsSettings(default_policy=TenantPolicy(registration="open", first_status="Rejected"))


async def test_TC_B_01_CSMS_a_cold_boot_is_accepted_with_the_time_and_an_interval(case: Case) -> None:
    before = case.bench.clock.now()

    answer = await case.booted()

    assert answer["currentTime"].endswith("Z")
    told = datetime.fromisoformat(answer["currentTime"])
    assert abs(told - before) < timedelta(seconds=5)
    assert answer["interval"] == 300
    stored = await case.view.station()
    assert (stored.info.vendor, stored.info.model, stored.boot_reason) == ("Maker", "Model", "PowerUp")
    assert stored.booted_at is not None and stored.booted_at >= before


@pytest.mark.parametrize("form", ["StatusNotification", "NotifyEvent"])
async def test_TC_B_02_CSMS_a_pending_station_may_be_asked_and_is_accepted_once_the_operator_says_so(form: str) -> None:
    async with csms_bench(PENDING) as bench:
        case = await Case.connect(bench, Version.V201, form)  # type: ignore[arg-type]
        assert (await case.station.boot())["status"] == "Pending"
        result = {"attributeStatus": "Accepted", "attributeValue": "60", **OFFLINE_THRESHOLD}
        case.station.answer("GetVariables", {"getVariableResult": [result]})
        command = await case.view.ask(RawCall(action="GetVariables", payload={"getVariableData": [OFFLINE_THRESHOLD]}))
        assert (await case.view.outcome(command)).answer == {"getVariableResult": [result]}  # B02.FR.01

        case.station.answer("TriggerMessage", {"status": "Rejected"})
        await bench.csms.stations.change(bench.station("CS-1"), registration="Accepted")
        await case.booted()

        assert not case.station.client.closed.done()  # B02.FR.06


@pytest.mark.parametrize("settings", [PENDING, REJECTED], ids=["Pending", "Rejected"])
@pytest.mark.parametrize("form", ["StatusNotification", "NotifyEvent"])
@pytest.mark.parametrize("version", [Version.V201, Version.V21])
async def test_TC_B_30_CSMS_what_comes_before_the_registration_is_accepted_gets_SecurityError(
    settings: CsmsSettings, form: str, version: Version
) -> None:
    async with csms_bench(settings) as bench:
        case = await Case.connect(bench, version, form)  # type: ignore[arg-type]
        answer = await case.station.boot()
        assert answer["status"] == settings.default_policy.first_status

        with pytest.raises(WireError) as refused:
            await case.station.report("Available")

        assert refused.value.code == "SecurityError"
        assert await case.view.connectors() == {}
        with pytest.raises(WireError):
            await case.station.transaction().started("CablePluggedIn", evse=(1, 1), chargingState="EVConnected")
        assert not await case.view.transactions()


@pytest.mark.parametrize("settings", [PENDING, REJECTED], ids=["Pending", "Rejected"])
@pytest.mark.parametrize("form", ["StatusNotification", "NotifyEvent"])
async def test_TC_B_31_CSMS_a_station_that_is_admitted_is_asked_to_boot_again(
    settings: CsmsSettings, form: str
) -> None:
    async with csms_bench(settings) as bench:
        case = await Case.connect(bench, Version.V201, form)  # type: ignore[arg-type]
        assert (await case.station.boot())["status"] != "Accepted"
        case.station.answer("TriggerMessage", {"status": "Accepted"})

        await bench.csms.stations.change(bench.station("CS-1"), registration="Accepted")

        assert await case.station.asked("TriggerMessage") == {"requestedMessage": "BootNotification"}
        await case.booted("Triggered")


async def test_TC_B_20_CSMS_a_station_without_a_transaction_is_reset(case: Case) -> None:
    asked, command = await case.commanded(Reset(type="OnIdle"), "Reset")

    assert asked == {"type": "OnIdle"}
    assert command.state == "accepted"
    await case.booted("RemoteReset")
    await case.took_effect(command)
    assert (await case.view.station()).boot_reason == "RemoteReset"


async def test_TC_B_21_CSMS_a_reset_on_idle_waits_for_the_transaction(case: Case) -> None:
    tx = case.station.transaction()
    await case.charging(tx)

    asked, command = await case.commanded(Reset(type="OnIdle"), "Reset", "Scheduled")

    assert asked == {"type": "OnIdle"}
    assert (command.state, command.status) == ("accepted", "Scheduled")
    await tx.updated("StopAuthorized", chargingState="EVConnected", token=VALID)
    await tx.ended("EVCommunicationLost", chargingState="Idle", stoppedReason="EVDisconnected")
    await case.ended(tx, "EVDisconnected")
    assert (await case.view.command(command)).state == "accepted"
    await case.booted("ScheduledReset")
    await case.took_effect(command)


async def test_TC_B_22_CSMS_an_immediate_reset_ends_the_transaction(case: Case) -> None:
    tx = case.station.transaction()
    await case.charging(tx)

    asked, command = await case.commanded(Reset(type="Immediate"), "Reset")

    assert asked == {"type": "Immediate"}
    await tx.ended("ResetCommand", chargingState="EVConnected", stoppedReason="ImmediateReset")
    await case.ended(tx, "ImmediateReset")
    await case.booted("RemoteReset", "Occupied")
    await case.reported("Available", (2, 1))
    await case.took_effect(command)


async def test_TC_B_25_CSMS_one_EVSE_is_reset(newer_case: Case) -> None:
    case = newer_case

    asked, command = await case.commanded(Reset(type="OnIdle", evse_id=1), "Reset")

    assert asked == {"type": "OnIdle", "evseId": 1}
    assert command.state == "accepted"


async def test_TC_B_26_CSMS_a_reset_of_one_EVSE_on_idle_waits_for_its_transaction(newer_case: Case) -> None:
    case = newer_case
    tx = case.station.transaction()
    await case.charging(tx)

    asked, command = await case.commanded(Reset(type="OnIdle", evse_id=1), "Reset", "Scheduled")

    assert asked == {"type": "OnIdle", "evseId": 1}
    assert command.status == "Scheduled"
    await tx.updated("StopAuthorized", chargingState="EVConnected", token=VALID)
    await tx.ended("EVCommunicationLost", chargingState="Idle", stoppedReason="EVDisconnected")
    await case.ended(tx, "EVDisconnected")


async def test_TC_B_27_CSMS_an_immediate_reset_of_one_EVSE_ends_its_transaction(newer_case: Case) -> None:
    case = newer_case
    tx = case.station.transaction()
    await case.charging(tx)

    asked, _ = await case.commanded(Reset(type="Immediate", evse_id=1), "Reset")

    assert asked == {"type": "Immediate", "evseId": 1}
    await tx.ended("ResetCommand", chargingState="EVConnected", stoppedReason="ImmediateReset")
    await case.ended(tx, "ImmediateReset")


NETWORK_PROFILE = {
    "configurationSlot": 1,
    "connectionData": {
        "messageTimeout": 30,
        "ocppCsmsUrl": "wss://csms.test/ocpp",
        "ocppInterface": "Wired0",
        "ocppTransport": "JSON",
        "ocppVersion": "OCPP20",
        "securityProfile": 2,
    },
}


@pytest.mark.parametrize(
    "status",
    [
        pytest.param("Accepted", id="TC_B_42"),
        pytest.param("Failed", id="TC_B_44"),
    ],
)
async def test_TC_B_42_CSMS_and_TC_B_44_CSMS_a_network_profile_is_set_or_not(case_201: Case, status: str) -> None:
    profile = NetworkProfile(csms_url="wss://csms.test/ocpp", message_timeout_s=30, security_profile=2)

    asked, command = await case_201.commanded(SetNetworkProfile(slot=1, profile=profile), "SetNetworkProfile", status)

    assert asked == NETWORK_PROFILE
    assert (command.state, command.status) == ("accepted" if status == "Accepted" else "rejected", status)
    kept = await case_201.bench.storage.reads.network_profiles("default", case_201.view.key)
    assert [(known.slot, known.profile) for known in kept] == ([(1, profile)] if status == "Accepted" else [])


async def test_TC_B_58_CSMS_a_version_that_it_does_not_speak_is_refused(bench: CsmsBench) -> None:
    refused = await bench.dial("CS-9", Version.V201, subprotocols=("ocpp0.1",))

    code, _ = await refused.closed

    assert code == 1002
    assert refused.connection.subprotocol is None
    taken = await bench.dial("CS-9", Version.V201, subprotocols=("ocpp0.1", "ocpp2.0.1"))
    assert taken.connection.subprotocol == "ocpp2.0.1"


# Requirements that the cases do not reach


async def test_B01_FR_10_a_strict_CSMS_answers_a_station_that_never_booted_with_SecurityError() -> None:
    settings = CsmsSettings(default_policy=TenantPolicy(registration="open"), strictness="strict")
    async with csms_bench(settings) as bench:
        case = await Case.connect(bench, Version.V201, "StatusNotification")

        with pytest.raises(WireError) as refused:
            await case.station.report("Available")

        assert refused.value.code == "SecurityError"
        await case.booted()


async def test_B01_FR_10_what_was_triggered_is_taken_from_a_pending_station() -> None:
    async with csms_bench(PENDING) as bench:
        case = await Case.connect(bench, Version.V201, "StatusNotification")
        await case.station.boot()
        await case.commanded(TriggerMessage(requested="Heartbeat"), "TriggerMessage")

        assert "currentTime" in await case.station.say("Heartbeat")
        with pytest.raises(WireError):
            await case.station.say("Heartbeat")


async def test_B02_FR_05_no_remote_start_is_sent_to_a_pending_station() -> None:
    async with csms_bench(PENDING) as bench:
        await seeded(bench)
        case = await Case.connect(bench, Version.V201, "StatusNotification")
        await case.station.boot()

        command = await case.view.ask(RequestStartTransaction(id_token=IdToken(VALID, "ISO14443"), remote_start_id=0))

        done = await case.view.outcome(command)
        assert (done.state, done.sent_at) == ("failed", None)
        assert "B02.FR.05" in (done.detail or "")
        assert case.station.client.received.empty()


async def test_B02_FR_08_the_interval_of_a_pending_station_is_its_wait() -> None:
    async with csms_bench(PENDING) as bench:
        case = await Case.connect(bench, Version.V201, "StatusNotification")

        assert (await case.station.boot())["interval"] == 7


async def test_B03_FR_03_no_message_goes_to_a_rejected_station() -> None:
    async with csms_bench(REJECTED) as bench:
        case = await Case.connect(bench, Version.V201, "StatusNotification")
        await case.station.boot()

        command = await case.view.ask(Reset(type="OnIdle"))

        assert (await case.view.outcome(command)).state == "failed"
        assert case.station.client.received.empty()


async def test_B12_FR_09_a_reset_that_the_station_rejects_is_shown_as_rejected(case_201: Case) -> None:
    _, command = await case_201.commanded(Reset(type="Immediate", evse_id=1), "Reset", "Rejected")

    assert (command.state, command.status) == ("rejected", "Rejected")
