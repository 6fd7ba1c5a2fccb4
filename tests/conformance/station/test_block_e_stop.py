"""E Transactions, as certification tests a station: what ends them."""

import pytest
from station_case import CARD, CARD_2, StationCase

TOKEN_2 = {"idToken": CARD_2, "type": "ISO14443"}


def points(case: StationCase, stop: str, **more: str) -> None:
    """Start points under which a transaction runs until any of the stop points."""
    case.set(TxCtrlr__TxStartPoint="EVConnected", TxCtrlr__TxStopPoint=stop, **more)


async def remote_stop(case: StationCase, tx: str) -> None:
    assert (await case.ask("RequestStopTransaction", transactionId=tx))["status"] == "Accepted"


async def test_TC_E_06_CS_a_local_stop_down_to_the_empty_bay(case: StationCase) -> None:
    await case.charging()

    said = await case.swipe()
    (ended,) = said.events
    assert (ended.kind, ended.trigger, ended.state) == ("Ended", "StopAuthorized", "EVConnected")
    assert ended.token in (None, CARD) and ended.reason in (None, "Local")
    assert "Authorize" not in said.order

    said = await case.unplug()
    assert said.reports == [(1, 1, "Available")]
    assert said.events == []


@pytest.mark.parametrize("remote", [False, True])
async def test_TC_E_14_CS_the_pulled_plug_ends_where_EVConnected_does(case: StationCase, remote: bool) -> None:
    points(case, "EVConnected")
    tx = (await case.charging()).tx
    if remote:
        await remote_stop(case, tx)
        said = await case.wait()
    else:
        said = await case.swipe()
    (stopped,) = said.events
    assert stopped.brief == ("Updated", "RemoteStop" if remote else "StopAuthorized", "EVConnected")

    said = await case.unplug()

    assert said.reports == [(1, 1, "Available")]
    (ended,) = said.events
    assert ended.brief == ("Ended", "EVCommunicationLost", "Idle")
    assert ended.reason in (("Remote", "EVDisconnected") if remote else ("Local", "EVDisconnected", None))


async def test_TC_E_20_CS_the_plug_pulled_at_the_car_ends_where_EVConnected_does(case: StationCase) -> None:
    points(case, "EVConnected")
    await case.charging()

    said = await case.unplug()

    (ended,) = said.events
    assert ended.brief == ("Ended", "EVCommunicationLost", "Idle")
    assert ended.reason == "EVDisconnected"


async def test_TC_E_15_CS_the_card_ends_where_Authorized_does(case: StationCase) -> None:
    points(case, "Authorized")
    await case.charging()

    (ended,) = (await case.swipe()).events

    assert (ended.kind, ended.trigger) == ("Ended", "StopAuthorized")
    assert ended.reason in (None, "Local")


async def test_TC_E_21_CS_the_remote_stop_ends_where_Authorized_does(case: StationCase) -> None:
    points(case, "Authorized")
    await remote_stop(case, (await case.charging()).tx)

    (ended,) = (await case.wait()).events

    assert (ended.kind, ended.trigger, ended.reason) == ("Ended", "RemoteStop", "Remote")


async def test_TC_E_16_CS_a_token_refused_later_ends_where_Authorized_does(case: StationCase) -> None:
    points(case, "Authorized", TxCtrlr__StopTxOnInvalidId="true", AuthCtrlr__OfflineTxForUnknownIdEnabled="true")
    await case.go_offline()
    await case.swipe()
    await case.plug()
    case.tx_infos[CARD] = {"status": "Invalid"}

    *queued, ended = (await case.back_online()).events

    assert queued[0].kind == "Started" and all(event.offline for event in queued)
    assert (ended.kind, ended.trigger, ended.reason) == ("Ended", "Deauthorized", "DeAuthorized")
    assert ended.state in ("EVConnected", "SuspendedEVSE")
    assert not case.hardware.energized(1)


async def test_TC_E_17_CS_the_plug_pulled_at_the_car_ends_where_so_configured(case: StationCase) -> None:
    points(case, "Authorized", TxCtrlr__StopTxOnEVSideDisconnect="true")
    await case.charging()

    said = await case.unplug()

    assert said.reports == [(1, 1, "Available")]
    (ended,) = said.events
    assert ended.brief == ("Ended", "EVCommunicationLost", "Idle")
    assert ended.reason == "EVDisconnected"


async def test_TC_E_07_CS_a_local_stop_opens_the_power_path(case: StationCase) -> None:
    points(case, "PowerPathClosed")
    await case.charging()

    (ended,) = (await case.swipe()).events

    assert (ended.kind, ended.trigger) == ("Ended", "StopAuthorized")
    assert ended.reason in (None, "Local")


async def test_TC_E_35_CS_a_remote_stop_opens_the_power_path(case: StationCase) -> None:
    points(case, "PowerPathClosed")
    await remote_stop(case, (await case.charging()).tx)

    events = (await case.wait()).events

    assert "RemoteStop" in [event.trigger for event in events]
    assert (events[-1].kind, events[-1].reason) == ("Ended", "Remote")


async def test_TC_E_37_CS_the_plug_pulled_at_the_car_opens_the_power_path(case: StationCase) -> None:
    points(case, "PowerPathClosed")
    await case.charging()

    (ended,) = (await case.unplug()).events

    assert ended.brief == ("Ended", "EVCommunicationLost", "Idle")
    assert ended.reason in ("EVDisconnected", "StoppedByEV")


async def test_TC_E_08_CS_a_local_stop_ends_the_flow_of_energy(case: StationCase) -> None:
    points(case, "EnergyTransfer")
    await case.charging()

    events = (await case.swipe()).events

    assert events[0].trigger == "StopAuthorized"
    assert events[-1].kind == "Ended" and events[-1].reason in (None, "Local")


async def test_TC_E_22_CS_a_car_that_stops_drawing_ends_the_flow_of_energy(case: StationCase) -> None:
    points(case, "EnergyTransfer")
    await case.plug(soc=0.79, limit=0.8)
    await case.swipe()

    ended = (await case.wait(3600)).events[-1]

    assert (ended.kind, ended.trigger, ended.reason) == ("Ended", "ChargingStateChanged", "StoppedByEV")
    assert ended.state in ("EVConnected", "SuspendedEV")


async def test_TC_E_54_CS_a_car_that_ends_the_session_itself(case: StationCase) -> None:
    points(case, "EVConnected")
    await case.charging()
    case.hardware.stop_by_car(1)
    (stopped,) = (await case.wait()).events
    assert stopped.kind == "Updated"

    (ended,) = (await case.unplug()).events

    assert ended.brief == ("Ended", "EVCommunicationLost", "Idle")
    assert ended.reason in ("StoppedByEV", "EVDisconnected")


async def test_TC_E_24_CS_the_plug_pulled_at_the_car_frees_the_cable_where_so_configured(case: StationCase) -> None:
    points(case, "EVConnected", OCPPCommCtrlr__UnlockOnEVSideDisconnect="true")
    await case.charging()

    said = await case.unplug()

    (ended,) = said.events
    assert ended.brief == ("Ended", "EVCommunicationLost", "Idle")
    assert said.reports == [(1, 1, "Available")]


async def test_TC_E_25_CS_the_cable_is_kept_for_its_owner_where_so_configured(case: StationCase) -> None:
    points(case, "EVConnected", OCPPCommCtrlr__UnlockOnEVSideDisconnect="false")
    await case.charging()

    said = await case.unplug()

    (ended,) = said.events
    assert ended.brief == ("Ended", "EVCommunicationLost", "Idle")
    assert said.reports == [] and case.hardware.locked(1)
    assert (await case.swipe(CARD_2)).events == [] and case.hardware.locked(1)  # E09.FR.03

    said = await case.swipe()

    assert said.events == [] and said.reports == [(1, 1, "Available")]
    assert not case.hardware.locked(1)


async def test_TC_E_26_CS_the_transaction_outlives_the_plug_pulled_at_the_car(case: StationCase) -> None:
    case.set(TxCtrlr__TxStartPoint="Authorized", TxCtrlr__TxStopPoint="Authorized")
    case.set(TxCtrlr__StopTxOnEVSideDisconnect="false", TxCtrlr__EVConnectionTimeOut="60")
    await case.swipe()
    await case.plug()

    said = await case.unplug()
    assert said.told == [("Updated", "EVCommunicationLost", "Idle")]
    assert not case.hardware.energized(1) and case.hardware.locked(1)  # E10.FR.01

    said = await case.plug()
    assert said.told == [
        ("Updated", "CablePluggedIn", "EVConnected"),
        ("Updated", "ChargingStateChanged", "Charging"),
    ]


@pytest.mark.parametrize("model", ["Wallbox 11"])
async def test_TC_E_27_CS_a_fixed_cable_that_is_not_plugged_in_again_ends_the_transaction(case: StationCase) -> None:
    case.set(TxCtrlr__TxStartPoint="Authorized", TxCtrlr__TxStopPoint="Authorized")
    case.set(TxCtrlr__StopTxOnEVSideDisconnect="false", TxCtrlr__EVConnectionTimeOut="60")
    await case.swipe()
    await case.plug()
    said = await case.unplug()
    assert said.reports == [(1, 1, "Available")]
    assert said.told == [("Updated", "EVCommunicationLost", "Idle")]

    (ended,) = (await case.wait(60)).events

    assert (ended.kind, ended.trigger, ended.reason) == ("Ended", "EVConnectTimeout", "Timeout")


# By number ────────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_E06_FR_16_a_fault_ends_the_transaction_as_an_abnormal_condition(case: StationCase) -> None:
    await case.charging()
    case.hardware.fail(1, "GroundFailure")

    said = await case.wait()

    (ended,) = said.events
    assert (ended.kind, ended.trigger, ended.reason) == ("Ended", "AbnormalCondition", "GroundFault")
    assert said.reports == [(1, 1, "Faulted")]
    assert not case.hardware.energized(1)


async def test_E09_FR_01_whoever_plugs_in_again_needs_a_new_authorization(case: StationCase) -> None:
    points(case, "EVConnected", TxCtrlr__StopTxOnEVSideDisconnect="true")
    await case.charging()
    await case.unplug()

    await case.plug()

    assert not case.hardware.energized(1)


@pytest.mark.parametrize(("stop", "kind"), [("PowerPathClosed", "Ended"), ("EVConnected", "Updated")])
async def test_E15_FR_04_05_a_stop_by_the_car_ends_or_updates(case: StationCase, stop: str, kind: str) -> None:
    points(case, stop)
    await case.charging()
    case.hardware.stop_by_car(1)

    (stopped,) = (await case.wait()).events

    assert (stopped.kind, stopped.trigger) == (kind, "StopAuthorized")
    assert stopped.reason == ("StoppedByEV" if kind == "Ended" else None)


async def test_E10_FR_01_a_detachable_cable_is_let_go_when_its_owner_stops(case: StationCase) -> None:
    case.set(TxCtrlr__TxStopPoint="Authorized", TxCtrlr__StopTxOnEVSideDisconnect="false")
    await case.charging()
    await case.unplug()
    assert case.hardware.locked(1)

    said = await case.swipe()

    assert said.events[-1].kind == "Ended" and said.reports == [(1, 1, "Available")]
    assert not case.hardware.locked(1)


async def test_E10_FR_01_a_detachable_cable_stays_when_nobody_plugs_in_again(case: StationCase) -> None:
    case.set(TxCtrlr__TxStopPoint="Authorized", TxCtrlr__StopTxOnEVSideDisconnect="false")
    case.set(TxCtrlr__EVConnectionTimeOut="60")
    await case.charging()
    await case.unplug()

    assert (await case.wait(60)).events[-1].reason == "Timeout"
    assert case.hardware.locked(1)
    await case.swipe()
    assert not case.hardware.locked(1)


async def refused_later(case: StationCase) -> None:
    """Let in offline, refused when the line is back."""
    case.set(AuthCtrlr__OfflineTxForUnknownIdEnabled="true")
    await case.go_offline()
    await case.plug()
    await case.swipe()
    case.tx_infos[CARD] = {"status": "Invalid"}
    assert (await case.back_online()).events[-1].reason == "DeAuthorized"
    assert case.hardware.locked(1)


async def test_C15_FR_05_the_cable_of_a_refused_token_is_kept_until_it_is_shown(case: StationCase) -> None:
    await refused_later(case)

    start = await case.ask("RequestStartTransaction", idToken=TOKEN_2, remoteStartId=1, evseId=1)
    assert start["status"] == "Rejected"
    assert (await case.swipe(CARD_2)).events == [] and case.hardware.locked(1)
    assert (await case.swipe()).events == []
    assert not case.hardware.locked(1)


async def test_C15_FR_05_a_kept_cable_is_kept_over_a_loss_of_power_and_freed_by_command(case: StationCase) -> None:
    await refused_later(case)
    await case.cut_power()
    await case.power_up()
    assert case.hardware.locked(1)

    assert (await case.ask("UnlockConnector", evseId=1, connectorId=1))["status"] == "Unlocked"

    assert not case.hardware.locked(1)
    case.tx_infos.clear()
    assert (await case.swipe()).told[-1] == ("Updated", "ChargingStateChanged", "Charging")


async def test_E06_FR_10_a_suspended_transaction_that_is_stopped_lets_the_cable_go(case: StationCase) -> None:
    case.set(TxCtrlr__StopTxOnInvalidId="false")
    case.tx_infos[CARD] = {"status": "Invalid"}
    await case.plug()
    await case.swipe()
    assert case.hardware.locked(1)

    await case.swipe()

    assert not case.hardware.locked(1)
