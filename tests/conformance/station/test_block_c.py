"""C Authorization, as certification tests a station: the CSMS is asked, and obeyed."""

import pytest
from station_case import CARD, CARD_2, MASTER, StationCase
from station_tokens import asked, group


async def refused(case: StationCase, status: str) -> None:
    case.infos[CARD] = {"status": status}
    await case.pre_session()

    said = await case.swipe()
    said += await case.wait(35)

    assert said.payloads("Authorize") == [{"idToken": {"idToken": CARD, "type": "ISO14443"}}]
    assert said.events == []
    assert not case.hardware.energized(1)


async def test_TC_C_02_CS_an_invalid_token_starts_nothing(case: StationCase) -> None:
    await refused(case, "Invalid")


async def test_TC_C_06_CS_a_blocked_token_starts_nothing(case: StationCase) -> None:
    await refused(case, "Blocked")


async def test_TC_C_07_CS_an_expired_token_starts_nothing(case: StationCase) -> None:
    await refused(case, "Expired")


async def test_TC_C_56_CS_an_unknown_token_starts_nothing(case: StationCase) -> None:
    await refused(case, "Unknown")


async def test_TC_C_05_CS_an_invalid_token_locks_no_cable(case: StationCase) -> None:
    case.infos[CARD] = {"status": "Invalid"}

    said = await case.swipe()

    assert asked(said) == [CARD] and said.events == []
    await case.plug()
    await case.unplug()  # an unlocked cable comes out
    assert not case.hardware.energized(1)


async def test_TC_C_04_CS_another_token_does_not_stop(case: StationCase) -> None:
    await case.charging()

    said = await case.swipe(CARD_2)

    assert asked(said) == [CARD_2] and said.events == []
    assert case.hardware.drawing(1)


async def test_TC_C_39_CS_a_token_of_the_same_group_stops(case: StationCase) -> None:
    case.infos = {CARD: group("FLEET-7"), CARD_2: group("FLEET-7")}
    await case.charging()

    said = await case.swipe(CARD_2)

    assert asked(said) == [CARD_2]  # C09.FR.05
    (ended,) = said.events
    assert (ended.kind, ended.trigger, ended.token) == ("Ended", "StopAuthorized", CARD_2)
    assert ended.reason in (None, "Local")
    assert (await case.unplug()).reports == [(1, 1, "Available")]


@pytest.mark.parametrize("info", [group("FLEET-8"), {"status": "Accepted"}])
async def test_C09_FR_03_a_token_of_another_group_or_none_does_not_stop(
    case: StationCase, info: dict[str, object]
) -> None:
    case.infos = {CARD: group("FLEET-7"), CARD_2: info}
    await case.charging()

    assert (await case.swipe(CARD_2)).events == []
    assert case.hardware.drawing(1)


async def test_TC_C_42_CS_an_invalid_token_of_the_same_group_does_not_stop(case: StationCase) -> None:
    case.infos = {CARD: group("FLEET-7"), CARD_2: group("FLEET-7", "Invalid")}
    await case.charging()

    said = await case.swipe(CARD_2)

    assert asked(said) == [CARD_2] and said.events == []
    assert case.hardware.drawing(1)


@pytest.mark.parametrize("point", ["Authorized", "PowerPathClosed"])
async def test_TC_C_45_CS_a_master_pass_starts_nothing(case: StationCase, point: str) -> None:
    case.set(TxCtrlr__TxStartPoint=point, AuthCtrlr__MasterPassGroupId="MASTERPASS")
    case.infos[MASTER] = group("MASTERPASS")

    said = await case.swipe(MASTER) + await case.plug()

    assert asked(said) == [MASTER] and said.events == []
    assert not case.hardware.energized(1)


async def test_TC_C_49_CS_a_master_pass_without_a_display_to_choose_stops_everything(case: StationCase) -> None:
    case.set(AuthCtrlr__MasterPassGroupId="MASTERPASS")
    case.infos[MASTER] = group("MASTERPASS")
    await case.charging(1)
    await case.charging(2, CARD_2)

    said = await case.swipe(MASTER)

    assert asked(said) == [MASTER]
    assert {event.place[0] for event in said.events} == {1, 2}
    for ended in said.events:
        assert (ended.kind, ended.reason) == ("Ended", "MasterPass")
        assert ended.token in (None, MASTER)
    assert not case.hardware.energized(1) and not case.hardware.energized(2)


async def test_TC_C_26_CS_an_unknown_token_is_let_in_offline_and_suspended_when_refused_later(
    case: StationCase,
) -> None:
    case.set(
        AuthCtrlr__OfflineTxForUnknownIdEnabled="true",
        AuthCtrlr__LocalAuthorizeOffline="true",
        TxCtrlr__StopTxOnInvalidId="false",
        TxCtrlr__MaxEnergyOnInvalidId="0",
    )
    await case.go_offline()
    assert asked(await case.swipe() + await case.plug()) == []
    assert case.hardware.drawing(1)  # C15.FR.08
    case.tx_infos[CARD] = {"status": "Invalid"}

    said = await case.back_online()

    assert said.reports == case.all_report("Available", evse_1="Occupied") or said.reports == [(1, 1, "Occupied")]
    *queued, suspended = said.events
    assert queued[0].kind == "Started" and all(event.offline for event in queued)
    assert [event.token for event in queued if event.token] == [CARD]
    assert suspended.brief == ("Updated", "ChargingStateChanged", "SuspendedEVSE")  # C15.FR.06
    assert not case.hardware.energized(1)

    said = await case.swipe()
    (stopped,) = said.events
    assert stopped.trigger == "StopAuthorized"
    assert (await case.unplug()).reports == [(1, 1, "Available")]


# By number ────────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_C01_FR_03_the_starting_token_stops_without_being_asked_about(case: StationCase) -> None:
    await case.charging()

    said = await case.swipe()

    assert asked(said) == []
    assert said.events[0].trigger == "StopAuthorized"


async def test_C01_FR_21_a_token_charges_only_at_the_EVSEs_it_is_for(case: StationCase) -> None:
    case.infos[CARD] = {"status": "Accepted", "evseId": [2]}
    await case.plug(1)

    assert (await case.swipe(CARD, 1)).events == []
    await case.charging(2)


async def test_C01_FR_23_nobody_takes_over_a_transaction_that_was_stopped(case: StationCase) -> None:
    case.set(TxCtrlr__TxStopPoint="EVConnected")
    await case.charging()
    await case.swipe()

    assert (await case.swipe(CARD_2)).events == []
    assert not case.hardware.energized(1)


async def test_C01_FR_26_an_authorization_without_a_cable_ends_in_time(case: StationCase) -> None:
    case.set(TxCtrlr__TxStartPoint="PowerPathClosed", TxCtrlr__EVConnectionTimeOut="30")
    await case.swipe()
    await case.wait(30)

    await case.plug()

    assert not case.hardware.energized(1)


async def test_C02_FR_01_03_without_authorization_the_plug_starts_with_an_empty_token(case: StationCase) -> None:
    case.set(AuthCtrlr__Enabled="false")

    said = await case.plug()

    assert "Authorize" not in said.order
    (carrying,) = [event for event in said.events if "idToken" in event.payload]
    assert carrying.payload["idToken"] == {"idToken": "", "type": "NoAuthorization"}
    assert case.hardware.drawing(1)


async def test_C05_FR_01_05_a_remote_start_by_the_operator_asks_nothing(case: StationCase) -> None:
    await case.plug()
    answer = await case.ask(
        "RequestStartTransaction", idToken={"idToken": "OPERATOR", "type": "Central"}, remoteStartId=9, evseId=1
    )
    assert answer["status"] == "Accepted"

    said = await case.wait()

    assert "Authorize" not in said.order
    first = said.events[0]
    assert first.payload["idToken"] == {"idToken": "OPERATOR", "type": "Central"}
    assert first.remote_start_id == 9  # C05.FR.03


async def test_C09_FR_12_the_group_may_come_with_the_answer_to_an_event(case: StationCase) -> None:
    case.tx_infos[CARD] = group("FLEET-7")
    case.infos[CARD_2] = group("FLEET-7")
    await case.charging()

    assert (await case.swipe(CARD_2)).events[-1].kind == "Ended"
