"""OCPP 1.6 core profile: by section of edition 2, and by item of the errata sheet."""

from datetime import timedelta
from decimal import Decimal

import pytest
from case_16 import BLOCKED, EXPIRED, GROUP, TAG, TAG_2, UNKNOWN, Case16
from versions import OLDER

from stationmaster.csms.commands.kinds import RawCall
from stationmaster.csms.settings import CsmsSettings, TenantPolicy
from stationmaster.domain.cost.transaction_energy import anomalies, energy
from stationmaster.domain.identity import Evse, IdToken
from stationmaster.domain.messages import (
    ChangeAvailability,
    RequestStartTransaction,
    RequestStopTransaction,
    Reset,
    TriggerMessage,
    UnlockConnector,
)
from stationmaster.ocpp.version import Version
from stationmaster.testing import WireClient, WireError, csms_bench
from stationmaster.testing.script import moment
from stationmaster.transport.errors import ConnectRefused

PENDING = CsmsSettings(default_policy=TenantPolicy(registration="open", first_status="Pending"))
BOOT = {"chargePointVendor": "Maker", "chargePointModel": "Model", "firmwareVersion": "1.2"}


# Boot and heartbeat


async def test_1_6_s4_2_boot_is_answered_with_status_time_and_interval(case: Case16) -> None:
    answer = await case.client.call("BootNotification", BOOT)

    assert (answer["status"], answer["interval"]) == ("Accepted", 300)
    assert answer["currentTime"].endswith("Z")
    stored = await case.view.station()
    assert (stored.info.vendor, stored.info.firmware_version, stored.version) == ("Maker", "1.2", str(case.version))


async def test_1_6_s4_2_a_pending_station_may_be_asked_but_not_started(version: Version) -> None:
    async with csms_bench(PENDING) as bench:
        case = await Case16.booted(bench, version)
        case.client.on("GetConfiguration", {"configurationKey": []})

        asked = await case.view.ask(RawCall(action="GetConfiguration", payload={}))
        assert (await case.view.outcome(asked)).state == "effect_seen"
        start = await case.view.ask(RequestStartTransaction(id_token=IdToken(TAG), remote_start_id=0))

        assert (await case.view.outcome(start)).state == "failed"


async def test_1_6_s4_2_a_raw_remote_start_of_a_pending_station_is_vetoed_too(version: Version) -> None:
    async with csms_bench(PENDING) as bench:
        case = await Case16.booted(bench, version)

        raw = await case.view.ask(RawCall(action="RemoteStartTransaction", payload={"idTag": TAG}))

        assert (await case.view.outcome(raw)).state == "failed"
        assert case.client.received.empty()


async def test_1_6_J_errata_3_10_a_call_before_the_boot_is_accepted_gets_SecurityError(version: Version) -> None:
    async with csms_bench(PENDING) as bench:
        case = await Case16.booted(bench, version)

        with pytest.raises(WireError) as refused:
            await case.status("Available")

        assert refused.value.code == "SecurityError"


async def test_1_6_errata_3_68_an_unknown_station_gets_404() -> None:
    async with csms_bench(CsmsSettings()) as bench:
        with pytest.raises(ConnectRefused) as refused:
            await bench.dial("STRANGER", Version.V16)

        assert refused.value.status == 404


async def test_1_6_s4_6_a_heartbeat_is_answered_with_the_time(case: Case16) -> None:
    assert list(await case.client.call("Heartbeat")) == ["currentTime"]


# Authorize


@pytest.mark.parametrize(
    ("tag", "status"),
    [(TAG, "Accepted"), (TAG.lower(), "Accepted"), (BLOCKED, "Blocked"), (EXPIRED, "Expired"), (UNKNOWN, "Invalid")],
)
async def test_1_6_s4_1_authorize_tells_the_status_of_a_tag(case: Case16, tag: str, status: str) -> None:
    answer = await case.client.call("Authorize", {"idTag": tag})

    assert answer["idTagInfo"]["status"] == status


async def test_1_6_s3_10_tags_of_a_group_share_the_parentIdTag(case: Case16) -> None:
    infos = [(await case.client.call("Authorize", {"idTag": tag}))["idTagInfo"] for tag in (TAG, TAG_2)]

    assert [info["parentIdTag"] for info in infos] == [GROUP, GROUP]


# Transactions


async def test_1_6_s4_8_start_gives_an_id_and_the_tags_status(case: Case16) -> None:
    answer = await case.start(TAG)

    assert answer["idTagInfo"]["status"] == "Accepted"
    stored = await case.view.transaction(str(answer["transactionId"]))
    assert (stored.meter_start_wh, stored.authorization) == (1000, "Accepted")
    assert stored.evse == Evse(1, 1)


async def test_1_6_s4_8_a_start_with_an_unknown_tag_is_stored_and_answered_Invalid(case: Case16) -> None:
    answer = await case.start(UNKNOWN)

    assert answer["idTagInfo"]["status"] == "Invalid"
    stored = await case.view.transaction(str(answer["transactionId"]))
    assert (stored.is_open, stored.authorization) == (True, "Unknown")


async def test_1_6_errata_3_54_transaction_ids_are_positive_and_unique(case: Case16) -> None:
    ids = [(await case.start(connector=connector))["transactionId"] for connector in range(1, 6)]

    assert min(ids) > 0
    assert max(ids) < 2**31
    assert len(set(ids)) == 5


async def test_1_6_s4_10_stop_ends_the_transaction(case: Case16) -> None:
    transaction_id = (await case.start())["transactionId"]

    answer = await case.stop(transaction_id, idTag=TAG)

    assert answer["idTagInfo"]["status"] == "Accepted"
    stored = await case.view.transaction()
    assert (stored.is_open, stored.stopped_reason) == (False, "Local")
    assert energy(stored) == (Decimal(7400), "registers")
    assert anomalies(stored) == ()


@pytest.mark.parametrize("reason", ["EVDisconnected", "Remote"])
async def test_1_6_s4_10_the_reason_of_a_stop_is_stored(case: Case16, reason: str) -> None:
    transaction_id = (await case.start())["transactionId"]

    await case.stop(transaction_id, reason=reason)

    assert (await case.view.transaction()).stopped_reason == reason


async def test_1_6_J_errata_2_6_a_stop_without_a_reason_is_local(case: Case16) -> None:
    transaction_id = (await case.start())["transactionId"]

    assert await case.stop(transaction_id) == {}

    assert (await case.view.transaction()).stopped_reason == "Local"


async def test_1_6_s3_16_5_the_data_of_a_stop_is_stored(case: Case16) -> None:
    at = case.now()
    transaction_id = (await case.start(at=at))["transactionId"]
    data = [
        {
            "timestamp": moment(at + timedelta(minutes=i)),
            "sampledValue": [{"value": str(1000 + 100 * i), "unit": "Wh", "context": context}],
        }
        for i, context in enumerate(("Transaction.Begin", "Sample.Periodic", "Transaction.End"))
    ]

    await case.stop(transaction_id, 1200, transactionData=data)

    readings = await case.view.readings()
    assert [reading.register_wh for reading in readings] == [1000, 1100, 1200]
    assert energy(await case.view.transaction()) == (Decimal(200), "registers")


async def test_1_6_s3_7_a_session_from_the_offline_queue_is_stored_with_its_own_times(case: Case16) -> None:
    began = case.now() - timedelta(hours=9)
    transaction_id = (await case.start(at=began))["transactionId"]
    await case.meter_values("2000", transactionId=transaction_id, at=began + timedelta(minutes=30))
    await case.stop(transaction_id, at=began + timedelta(hours=1))

    stored = await case.view.transaction()
    assert stored.started_at is not None and stored.ended_at is not None
    assert stored.ended_at - stored.started_at == timedelta(hours=1)
    assert not await case.view.oddities()


async def test_1_6_errata_3_18_messages_of_a_start_that_was_never_delivered_are_answered(case: Case16) -> None:
    assert await case.meter_values("2000", transactionId=-1) == {}
    first = await case.stop(-1, idTag=TAG, at=case.now())

    assert first["idTagInfo"]["status"] == "Accepted"
    stored = await case.view.transaction()
    assert (stored.is_open, anomalies(stored)) == (False, ("lost_start",))
    assert [reading.register_wh for reading in await case.view.readings()] == [2000]


async def test_1_6_errata_3_18_the_stop_of_a_lost_start_is_stored_once_however_often_it_comes(case: Case16) -> None:
    at = case.now()

    for _ in range(3):
        await case.stop(-1, at=at, idTag=TAG)

    assert len(await case.view.transactions()) == 1


@pytest.mark.parametrize("wire_id", [-1, 0])
async def test_1_6_errata_3_18_a_stop_without_an_id_ends_the_transaction_that_it_must_mean(
    case: Case16, wire_id: int
) -> None:
    await case.start(TAG, connector=1)
    await case.start(TAG_2, connector=2)

    await case.stop(wire_id, idTag=TAG_2)

    first, second = await case.view.transactions()
    assert (first.is_open, second.is_open) == (True, False)
    assert anomalies(second) == ("ended_without_id",)


async def test_1_6_errata_3_18_a_stop_that_may_mean_two_transactions_ends_neither(case: Case16) -> None:
    await case.start(TAG, connector=1)
    await case.start(TAG_2, connector=2)

    await case.stop(-1)

    assert [tx.is_open for tx in await case.view.transactions()] == [True, True, False]


async def test_1_6_errata_3_18_meter_values_without_an_id_belong_to_the_transaction_at_their_connector(
    case: Case16,
) -> None:
    transaction_id = (await case.start(connector=2))["transactionId"]

    await case.meter_values("2500", connector=2, transactionId=-1)

    (reading,) = await case.view.readings()
    assert reading.transaction_key == (await case.view.transaction(str(transaction_id))).key


# Meter values


async def test_1_6_s4_7_a_bare_value_is_the_register_in_Wh(case: Case16) -> None:
    transaction_id = (await case.start())["transactionId"]

    assert await case.meter_values("1500", transactionId=transaction_id) == {}

    stored = await case.view.transaction()
    assert stored.last_register is not None and stored.last_register.wh == 1500
    (reading,) = await case.view.readings()
    assert (reading.register_wh, reading.transaction_key) == (1500, stored.key)


async def test_1_6_s4_7_values_of_connector_0_are_the_whole_stations(case: Case16) -> None:
    assert await case.meter_values("1500", connector=0) == {}

    (reading,) = await case.view.readings()
    assert (reading.evse_id, reading.transaction_key) == (0, None)


# Status


@pytest.mark.parametrize(
    ("word", "status", "charging_state"),
    [
        ("Available", "Available", None),
        ("Preparing", "Occupied", "EVConnected"),
        ("Charging", "Occupied", "Charging"),
        ("SuspendedEVSE", "Occupied", "SuspendedEVSE"),
        ("SuspendedEV", "Occupied", "SuspendedEV"),
        ("Finishing", "Occupied", "Idle"),
        ("Reserved", "Reserved", None),
        ("Unavailable", "Unavailable", None),
        ("Faulted", "Faulted", None),
    ],
)
async def test_1_6_s4_9_every_status_is_stored(
    case: Case16, word: str, status: str, charging_state: str | None
) -> None:
    assert await case.status(word) == {}

    connector = (await case.view.connectors())[1, 1]
    told = charging_state if case.version not in OLDER else None  # 1.2 and 1.5 say Occupied, and no more
    assert (connector.status, connector.charging_state) == (status, told)


async def test_1_6_s4_9_an_error_with_another_status_than_Faulted_is_a_warning(case: Case16) -> None:
    await case.status("Charging", errorCode="HighTemperature", info="62 C", vendorId="Maker", vendorErrorCode="E17")

    connector = (await case.view.connectors())[1, 1]
    assert (connector.status, connector.error_code, connector.info) == ("Occupied", "HighTemperature", "62 C")
    assert (connector.vendor_id, connector.vendor_error_code) == ("Maker", "E17")


async def test_1_6_s4_9_connector_0_is_the_station(case: Case16) -> None:
    await case.status("Unavailable", connector=0)

    assert (await case.view.connectors())[0, 0].status == "Unavailable"


# Commands


@pytest.mark.parametrize("connector", [1, None], ids=["named", "left open"])
async def test_1_6_s5_11_a_remote_start_is_linked_to_its_transaction(case: Case16, connector: int | None) -> None:
    evse = None if connector is None else Evse(connector)
    request = RequestStartTransaction(id_token=IdToken(TAG), remote_start_id=0, evse=evse)

    asked, command = await case.commanded(request, "RemoteStartTransaction")

    assert asked == {"idTag": TAG, **({} if connector is None else {"connectorId": connector})}
    assert command.state == "accepted"
    transaction_id = (await case.start())["transactionId"]
    done = await case.view.command(command)
    assert (done.state, done.transaction_key) == (
        "effect_seen",
        (await case.view.transaction(str(transaction_id))).key,
    )


async def test_1_6_s5_11_a_profile_without_a_transactionId_goes_with_the_start(case: Case16) -> None:
    profile = {
        "id": 1,
        "stackLevel": 0,
        "chargingProfilePurpose": "TxProfile",
        "chargingProfileKind": "Relative",
        "chargingSchedule": [
            {"id": 1, "chargingRateUnit": "A", "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 8.1}]}
        ],
    }
    request = RequestStartTransaction(id_token=IdToken(TAG), remote_start_id=0, charging_profile=profile)

    asked, _ = await case.commanded(request, "RemoteStartTransaction")

    assert asked["chargingProfile"]["chargingProfilePurpose"] == "TxProfile"
    assert asked["chargingProfile"]["chargingSchedule"]["chargingSchedulePeriod"] == [{"startPeriod": 0, "limit": 8.1}]
    assert "transactionId" not in asked["chargingProfile"]


async def test_1_6_s5_12_a_remote_stop_names_the_transaction(case: Case16) -> None:
    transaction_id = (await case.start())["transactionId"]

    asked, command = await case.commanded(
        RequestStopTransaction(transaction_id=str(transaction_id)), "RemoteStopTransaction"
    )

    assert asked == {"transactionId": transaction_id}
    await case.stop(transaction_id)
    assert (await case.view.command(command)).state == "effect_seen"


@pytest.mark.parametrize(("type_", "word"), [("Immediate", "Hard"), ("OnIdle", "Soft")])
async def test_1_6_s5_14_a_reset_is_seen_in_the_next_boot(case: Case16, type_: str, word: str) -> None:
    asked, command = await case.commanded(Reset(type=type_), "Reset")  # type: ignore[arg-type]

    assert asked == {"type": word}
    await case.client.call("BootNotification", BOOT)
    assert (await case.view.command(command)).state == "effect_seen"


async def test_1_6_s5_14_one_EVSE_cannot_be_reset(case: Case16) -> None:
    command = await case.view.outcome(await case.view.ask(Reset(type="OnIdle", evse_id=1)))

    assert command.state == "unsupported"
    assert "EVSE" in (command.detail or "")
    assert case.client.received.empty()


async def test_1_6_s5_2_availability_is_changed_and_the_change_reported(case: Case16) -> None:
    asked, command = await case.commanded(ChangeAvailability(operative=False, evse=Evse(1)), "ChangeAvailability")

    assert asked == {"connectorId": 1, "type": "Inoperative"}
    await case.status("Unavailable")
    assert (await case.view.command(command)).state == "effect_seen"


async def test_1_6_s5_2_connector_0_is_the_whole_station(case: Case16) -> None:
    asked, command = await case.commanded(ChangeAvailability(operative=True), "ChangeAvailability", "Scheduled")

    assert asked == {"connectorId": 0, "type": "Operative"}
    assert (command.state, command.status) == ("accepted", "Scheduled")


@pytest.mark.parametrize(
    ("word", "state", "status"),
    [
        ("Unlocked", "accepted", "Unlocked"),
        ("UnlockFailed", "rejected", "UnlockFailed"),
        ("NotSupported", "rejected", "NotSupported"),
    ],
)
async def test_1_6_s5_18_and_errata_3_87_what_became_of_an_unlock(
    case: Case16, word: str, state: str, status: str
) -> None:
    asked, command = await case.commanded(UnlockConnector(evse=Evse(1, 1)), "UnlockConnector", word)

    assert asked == {"connectorId": 1}
    assert (command.state, command.status) == (state, status)


async def test_1_6_s5_17_a_triggered_message_is_the_effect(case: Case16) -> None:
    asked, command = await case.commanded(
        TriggerMessage(requested="StatusNotification", evse=Evse(1, 1)), "TriggerMessage"
    )

    assert asked == {"requestedMessage": "StatusNotification", "connectorId": 1}
    await case.status("Available")
    assert (await case.view.command(command)).state == "effect_seen"


@pytest.mark.parametrize("requested", ["TransactionEvent", "StartTransaction"])
async def test_1_6_s5_17_start_and_stop_cannot_be_triggered(case: Case16, requested: str) -> None:
    command = await case.view.outcome(await case.view.ask(TriggerMessage(requested=requested)))

    assert command.state == "unsupported"


@pytest.mark.parametrize("status", ["Accepted", "Rejected", "NotSupported", "RebootRequired"])
async def test_1_6_s5_3_configuration_is_changed_by_a_raw_call(case: Case16, status: str) -> None:
    wanted = {"key": "HeartbeatInterval", "value": "60"}

    asked, command = await case.commanded(
        RawCall(action="ChangeConfiguration", payload=wanted), "ChangeConfiguration", status
    )

    assert asked == wanted
    assert command.state == ("accepted" if status in ("Accepted", "RebootRequired") else "rejected")
    assert command.status == status


async def test_1_6_J_s4_1_1_calls_that_come_at_once_are_answered_in_order(case: Case16) -> None:
    assert isinstance(case.client, WireClient)
    calls = [case.client.start_call("Heartbeat", message_id=f"h{i}") for i in range(10)]
    for call in calls:
        await call

    answered = [frame[1] for frame in case.client.frames if frame[0] == 3 and str(frame[1]).startswith("h")]
    assert answered == [f"h{i}" for i in range(10)]


async def test_1_6_s3_15_times_with_fractions_and_offsets_are_understood(case: Case16) -> None:
    told = {"connectorId": 1, "idTag": TAG, "meterStart": 0, "timestamp": "2030-06-01T12:00:00.123456+02:00"}

    await case.client.call("StartTransaction", told)

    stored = await case.view.transaction()
    assert stored.started_at is not None
    assert stored.started_at.isoformat() == "2030-06-01T10:00:00.123456+00:00"
