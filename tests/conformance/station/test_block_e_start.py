"""E Transactions, as certification tests a station: what starts them, and what comes before energy flows."""

import pytest
from said import Said
from station_case import CARD, CARD_2, StationCase


def charged(case: StationCase, said: Said) -> None:
    assert said.told[-1] == ("Updated", "ChargingStateChanged", "Charging")
    assert case.hardware.drawing(1)


async def test_TC_E_09_CS_the_plug_starts_where_EVConnected_does(case: StationCase) -> None:
    case.set(TxCtrlr__TxStartPoint="EVConnected")
    await case.pre_session()

    said = await case.swipe()

    assert said.told == [
        ("Updated", "Authorized", "EVConnected"),
        ("Updated", "ChargingStateChanged", "Charging"),
    ]
    assert said.events[0].token == CARD


async def test_TC_E_10_CS_the_card_starts_where_Authorized_does(case: StationCase) -> None:
    case.set(TxCtrlr__TxStartPoint="Authorized")

    said = await case.swipe()

    assert said.order == ["Authorize", "TransactionEvent"]
    (started,) = said.events
    assert (started.kind, started.trigger, started.token) == ("Started", "Authorized", CARD)
    said = await case.plug()
    assert said.told == [
        ("Updated", "CablePluggedIn", "EVConnected"),
        ("Updated", "ChargingStateChanged", "Charging"),
    ]


@pytest.mark.parametrize("asks", [True, False])
async def test_TC_E_13_CS_the_remote_start_starts_where_Authorized_does(case: StationCase, asks: bool) -> None:
    case.set(TxCtrlr__TxStartPoint="Authorized", AuthCtrlr__AuthorizeRemoteStart=str(asks).lower())

    said = await case.remote_start(11)

    assert ("Authorize" in said.order) == asks
    (started,) = said.events
    assert (started.kind, started.trigger, started.remote_start_id) == ("Started", "RemoteStart", 11)
    charged(case, await case.plug())


@pytest.mark.parametrize("remote", [False, True])
async def test_TC_E_01_CS_the_closed_power_path_starts(case: StationCase, remote: bool) -> None:
    case.set(TxCtrlr__TxStartPoint="PowerPathClosed")
    said = await (case.remote_start(5) if remote else case.swipe())
    assert said.events == []

    said = await case.plug()

    assert said.reports == [(1, 1, "Occupied")]
    started, charging = said.events
    assert started.kind == "Started"
    assert started.trigger == ("RemoteStart" if remote else "CablePluggedIn")
    assert (started.token, started.place) == (CARD, (1, 1))
    assert started.remote_start_id == (5 if remote else None)
    assert charging.brief == ("Updated", "ChargingStateChanged", "Charging")


@pytest.mark.parametrize("remote", [False, True])
async def test_TC_E_02_CS_the_flow_of_energy_starts(case: StationCase, remote: bool) -> None:
    case.set(TxCtrlr__TxStartPoint="EnergyTransfer")
    said = await (case.remote_start(5) if remote else case.swipe())
    assert said.events == []

    said = await case.plug()

    assert said.reports == [(1, 1, "Occupied")]
    (started,) = said.events
    assert started.brief == ("Started", "RemoteStart" if remote else "ChargingStateChanged", "Charging")
    assert (started.token, started.place) == (CARD, (1, 1))
    assert started.remote_start_id == (5 if remote else None)


async def test_TC_E_03_CS_cable_first(case: StationCase) -> None:
    await case.charging()


async def test_TC_E_04_CS_authorization_first(case: StationCase) -> None:
    said = await case.swipe() + await case.plug()

    assert said.reports == [(1, 1, "Occupied")]
    assert said.told == [
        ("Started", "Authorized", "Idle"),
        ("Updated", "CablePluggedIn", "EVConnected"),
        ("Updated", "ChargingStateChanged", "Charging"),
    ]
    assert [event.token for event in said.events] == [CARD, None, None]


async def test_TC_E_38_CS_a_car_that_is_not_ready_suspends(case: StationCase) -> None:
    await case.swipe()

    said = await case.plug(soc=0.8, limit=0.8)

    assert said.told[-1] == ("Updated", "ChargingStateChanged", "SuspendedEV")
    assert case.hardware.energized(1) and not case.hardware.drawing(1)


@pytest.mark.parametrize(
    ("start", "stop", "ends"),
    [
        ("Authorized", "Authorized", True),
        ("EVConnected,Authorized", "EVConnected,Authorized", True),
        ("PowerPathClosed", "PowerPathClosed", None),
    ],
)
async def test_TC_E_05_CS_nobody_plugs_in_and_the_next_attempt_works(
    case: StationCase, start: str, stop: str, ends: bool | None
) -> None:
    case.set(TxCtrlr__TxStartPoint=start, TxCtrlr__TxStopPoint=stop, TxCtrlr__EVConnectionTimeOut="30")
    await case.swipe()

    said = await case.wait(30)

    if ends:
        (ended,) = said.events
        assert ended.brief == ("Ended", "EVConnectTimeout", "Idle")
        assert ended.reason == "Timeout"
    else:
        assert said.events == []
    await case.swipe()
    charged(case, await case.plug())


async def test_TC_E_39_CS_a_plug_that_comes_too_late_does_not_charge(case: StationCase) -> None:
    case.set(TxCtrlr__EVConnectionTimeOut="30")
    await case.swipe()
    (ended,) = (await case.wait(30)).events
    assert (ended.kind, ended.trigger, ended.reason) == ("Ended", "EVConnectTimeout", "Timeout")

    said = await case.plug()

    assert said.reports == [(1, 1, "Occupied")]
    assert [event.trigger for event in said.events] in ([], ["CablePluggedIn"])
    assert not case.hardware.energized(1)


async def test_TC_E_52_CS_without_remote_authorization_an_unknown_token_is_refused(case: StationCase) -> None:
    case.set(AuthCtrlr__DisableRemoteAuthorization="true")

    said = await case.swipe() + await case.plug()

    assert "Authorize" not in said.order
    assert [event.trigger for event in said.events] == ["CablePluggedIn"]
    assert not case.hardware.energized(1)


# By number ────────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_E01_FR_08_no_transaction_id_comes_twice_not_even_over_a_loss_of_power(case: StationCase) -> None:
    ids = []
    for _ in range(3):
        ids.append((await case.charging()).tx)
        await case.swipe()
        await case.unplug()
        await case.cut_power()
        await case.power_up()

    assert len(set(ids)) == 3


async def test_E01_FR_14_one_transaction_per_EVSE(case: StationCase) -> None:
    first = await case.charging()

    said = await case.swipe(CARD_2)

    assert {event.tx for event in said.events} <= {first.tx}


async def test_E01_FR_09_begin_values_come_once_with_the_start(case: StationCase) -> None:
    case.set(TxCtrlr__TxStartPoint="Authorized")

    said = await case.swipe() + await case.plug()

    assert [event.contexts for event in said.events if event.values] == [["Transaction.Begin"]]


async def test_E01_FR_19_a_pause_of_the_car_is_SuspendedEV(case: StationCase) -> None:
    await case.swipe()
    await case.plug(soc=0.79, limit=0.8)

    said = await case.wait(3600)

    assert ("Updated", "ChargingStateChanged", "SuspendedEV") in said.told


async def test_E02_FR_20_a_failed_authorization_is_no_event_of_the_transaction(case: StationCase) -> None:
    await case.pre_session()
    case.infos[CARD] = {"status": "Blocked"}
    assert (await case.swipe()).events == []

    (authorized, _) = (await case.swipe(CARD_2)).events

    assert (authorized.trigger, authorized.token) == ("Authorized", CARD_2)
