"""E01-E15 on the bench."""

import pytest

from stationmaster.domain.messages import (
    Authorize,
    AuthorizeAnswer,
    ChangeAvailability,
    IdTokenInfo,
    TransactionAnswer,
    TransactionEvent,
)

CHARGING = [("Started", "CablePluggedIn"), ("Updated", "Authorized"), ("Updated", "ChargingStateChanged")]


def contexts(event):
    return [sample.context for value in event.meter_values for sample in value.samples]


async def test_E02_cable_first_tells_plug_card_and_energy_in_order(bench, card):
    async with bench() as b:
        await b.charge()
        assert b.told() == CHARGING
        plugged, authorized, charging = b.csms.events
        assert (plugged.evse.id, plugged.evse.connector_id) == (1, 1)
        assert plugged.id_token is None and authorized.id_token == card and charging.id_token is None
        assert [event.charging_state for event in b.csms.events] == ["EVConnected", "EVConnected", "Charging"]
        assert b.hardware.closed[1] and b.hardware.locked == {1}


async def test_E03_card_first_starts_with_the_card(bench, card):
    async with bench() as b:
        await b.swipe()
        await b.plug()
        await b.draw()
        assert b.told() == [
            ("Started", "Authorized"),
            ("Updated", "CablePluggedIn"),
            ("Updated", "ChargingStateChanged"),
        ]
        assert b.csms.events[0].id_token == card
        assert b.csms.events[0].charging_state == "Idle"
        assert b.csms.events[1].evse.connector_id == 1  # E01.FR.16


@pytest.mark.parametrize(
    ("point", "first"),
    [
        ("EVConnected", ("Started", "CablePluggedIn")),
        ("Authorized", ("Started", "Authorized")),
        ("PowerPathClosed", ("Started", "Authorized")),
        ("EnergyTransfer", ("Started", "ChargingStateChanged")),
    ],
)
async def test_E01_transaction_starts_at_the_point_that_is_set(bench, point, first, card):
    async with bench(tx_start_point=(point,)) as b:
        await b.charge()
        assert b.told()[0] == first
        assert [e.id_token for e in b.csms.events if e.id_token] == [card]


async def test_E01_FR_05_power_path_is_closed_by_the_plug_when_the_card_came_first(bench):
    async with bench(tx_start_point=("PowerPathClosed",)) as b:
        await b.swipe()
        assert b.told() == []
        await b.plug()
        assert b.told() == [("Started", "CablePluggedIn")]


async def test_E01_FR_07_numbers_run_from_0_without_gap(bench):
    async with bench(tx_updated_interval_s=60) as b:
        await b.charge()
        await b.settle(300)
        await b.swipe()
        assert [event.seq_no for event in b.csms.events] == list(range(len(b.csms.events)))
        assert b.csms.events[-1].event_type == "Ended"


async def test_E01_FR_08_transaction_ids_differ_over_restarts(bench):
    async with bench() as b:
        ids = [await b.charge()]
        await b.swipe()
        await b.unplug()
        await b.power_down()
        await b.power_up()
        ids.append(await b.charge())
        assert len(set(ids)) == 2


async def test_E01_FR_09_started_carries_the_reading_at_the_begin(bench):
    async with bench() as b:
        await b.plug()
        (started,) = b.csms.events
        assert contexts(started) == ["Transaction.Begin"]
        assert started.meter_wh == 1000


async def test_E06_FR_11_ended_carries_the_readings_at_both_ends(bench):
    async with bench() as b:
        await b.charge()
        b.hardware.energy_wh = 6500.4
        await b.swipe()
        ended = b.csms.events[-1]
        assert contexts(ended) == ["Transaction.Begin", "Transaction.End"]
        assert ended.meter_wh == 6500


async def test_E01_FR_14_second_card_does_not_start_a_second_transaction(bench, other_card):
    async with bench() as b:
        await b.charge()
        await b.swipe(other_card)
        assert b.told() == CHARGING
        assert b.hardware.texts[1] == "Somebody else is charging here"


async def test_E03_FR_05_nobody_plugs_in_and_the_transaction_ends(bench):
    async with bench(ev_connection_timeout_s=90) as b:
        await b.swipe()
        await b.settle(89)
        assert len(b.csms.events) == 1
        await b.settle(2)
        assert b.told() == [("Started", "Authorized"), ("Ended", "EVConnectTimeout")]
        assert b.csms.events[-1].stopped_reason == "Timeout"
        await b.plug()
        assert not b.hardware.closed[1]


async def test_C01_FR_26_late_plug_after_the_timeout_does_not_charge(bench):
    async with bench(ev_connection_timeout_s=90, tx_start_point=("PowerPathClosed",)) as b:
        await b.swipe()
        await b.settle(91)
        await b.plug()
        assert b.told() == []
        assert not b.hardware.closed[1]


async def test_E03_plug_in_time_stops_the_clock(bench):
    async with bench(ev_connection_timeout_s=90) as b:
        await b.swipe()
        await b.settle(80)
        await b.plug()
        await b.settle(100)
        assert b.told()[-1] == ("Updated", "CablePluggedIn")
        assert b.hardware.closed[1]


async def test_E07_same_card_ends_it_and_frees_the_plug(bench, card):
    async with bench() as b:
        await b.charge()
        await b.swipe()
        ended = b.csms.events[-1]
        assert (ended.event_type, ended.trigger_reason, ended.stopped_reason) == ("Ended", "StopAuthorized", "Local")
        assert ended.id_token == card and ended.charging_state == "EVConnected"
        assert not b.hardware.closed[1] and b.hardware.locked == set()


async def test_E06_FR_02_stop_point_EVConnected_waits_for_the_plug(bench):
    async with bench(tx_stop_point=("EVConnected",)) as b:
        await b.charge()
        await b.swipe()
        assert b.told()[-1] == ("Updated", "StopAuthorized")
        await b.unplug()
        ended = b.csms.events[-1]
        assert (ended.event_type, ended.trigger_reason, ended.stopped_reason) == (
            "Ended",
            "EVCommunicationLost",
            "Local",
        )
        assert ended.charging_state == "Idle"


async def test_C01_FR_23_deauthorized_transaction_is_not_taken_over(bench, other_card):
    async with bench(tx_stop_point=("EVConnected",)) as b:
        await b.charge()
        await b.swipe()
        await b.swipe(other_card)
        assert b.told()[-1] == ("Updated", "StopAuthorized")
        assert not b.hardware.closed[1]


async def test_E06_FR_07_energy_as_stop_point_ends_when_the_car_pauses(bench):
    async with bench(tx_stop_point=("EnergyTransfer",)) as b:
        await b.charge()
        await b.draw(False)
        ended = b.csms.events[-1]
        assert (ended.event_type, ended.stopped_reason) == ("Ended", "StoppedByEV")
        assert not b.hardware.closed[1]


async def test_E01_FR_19_pause_of_the_car_is_SuspendedEV(bench):
    async with bench() as b:
        await b.charge()
        await b.draw(False)
        await b.draw(False)
        await b.draw(True)
        assert [event.charging_state for event in b.csms.events[3:]] == ["SuspendedEV", "Charging"]


async def test_E09_plug_pulled_at_the_car_ends_it(bench):
    async with bench(tx_stop_point=("Authorized",)) as b:
        await b.charge()
        await b.unplug()
        ended = b.csms.events[-1]
        assert (ended.event_type, ended.trigger_reason, ended.stopped_reason, ended.charging_state) == (
            "Ended",
            "EVCommunicationLost",
            "EVDisconnected",
            "Idle",
        )


async def test_E10_plug_pulled_and_back_goes_on(bench):
    async with bench(tx_stop_point=("Authorized",), stop_tx_on_ev_side_disconnect=False) as b:
        await b.charge()
        await b.unplug()
        assert not b.hardware.closed[1]
        await b.plug()
        await b.draw()
        assert b.told()[3:] == [
            ("Updated", "EVCommunicationLost"),
            ("Updated", "CablePluggedIn"),
            ("Updated", "ChargingStateChanged"),
        ]
        assert [event.charging_state for event in b.csms.events[3:]] == ["Idle", "EVConnected", "Charging"]


async def test_E10_FR_02_plug_pulled_and_not_back_times_out(bench):
    async with bench(
        tx_stop_point=("Authorized",), stop_tx_on_ev_side_disconnect=False, ev_connection_timeout_s=60
    ) as b:
        await b.charge()
        await b.unplug()
        await b.settle(61)
        ended = b.csms.events[-1]
        assert (ended.event_type, ended.trigger_reason, ended.stopped_reason) == (
            "Ended",
            "EVConnectTimeout",
            "Timeout",
        )


async def test_E15_FR_04_car_ends_the_session(bench):
    async with bench() as b:
        await b.charge()
        b.hardware.listener.on_ev_stop(1)
        await b.settle()
        ended = b.csms.events[-1]
        assert (ended.event_type, ended.trigger_reason, ended.stopped_reason) == (
            "Ended",
            "StopAuthorized",
            "StoppedByEV",
        )


async def test_E15_FR_05_car_ends_the_session_but_no_stop_point_is_reached(bench):
    async with bench(tx_stop_point=("EVConnected",)) as b:
        await b.charge()
        b.hardware.listener.on_ev_stop(1)
        await b.settle()
        assert b.told()[-1] == ("Updated", "StopAuthorized")


async def test_E06_FR_16_fault_ends_it(bench):
    async with bench() as b:
        await b.charge()
        b.hardware.listener.on_fault(1, 1, "GroundFailure")
        await b.settle()
        ended = b.csms.events[-1]
        assert (ended.event_type, ended.trigger_reason, ended.stopped_reason) == (
            "Ended",
            "AbnormalCondition",
            "GroundFault",
        )
        assert not b.hardware.closed[1]
        assert b.csms.statuses[-1] == (1, 1, "Faulted")


async def test_G05_FR_01_jammed_lock_keeps_the_contactor_open(bench):
    async with bench() as b:
        b.hardware.jammed = True
        await b.plug()
        await b.swipe()
        assert not b.hardware.closed[1]
        assert "lock" in b.hardware.texts[1]


def refuse(event: TransactionEvent) -> TransactionAnswer:
    return TransactionAnswer(id_token_info=IdTokenInfo(status="Invalid") if event.id_token else None)


async def test_C15_FR_04_invalid_card_ends_the_transaction(bench):
    async with bench() as b:
        b.csms.script[TransactionEvent] = refuse
        await b.plug()
        await b.swipe()
        ended = b.csms.events[-1]
        assert (ended.event_type, ended.trigger_reason, ended.stopped_reason) == (
            "Ended",
            "Deauthorized",
            "DeAuthorized",
        )
        assert not b.hardware.closed[1]


async def test_C15_FR_03_invalid_card_only_stops_energy_where_no_stop_point_is_reached(bench):
    async with bench(tx_stop_point=("EVConnected",)) as b:
        b.csms.script[TransactionEvent] = refuse
        await b.charge()
        assert ("Updated", "Deauthorized") in b.told()
        assert not b.hardware.closed[1]


async def test_C15_FR_06_invalid_card_suspends_where_it_may_not_end(bench):
    async with bench(stop_tx_on_invalid_id=False) as b:
        b.csms.script[TransactionEvent] = refuse
        await b.plug()
        await b.swipe()
        suspended = b.csms.events[-1]
        assert (suspended.event_type, suspended.charging_state) == ("Updated", "SuspendedEVSE")
        assert not b.hardware.closed[1]
        await b.swipe()
        assert b.told()[-1] == ("Ended", "StopAuthorized")


async def test_C15_FR_07_invalid_card_gets_the_energy_that_is_allowed(bench):
    async with bench(stop_tx_on_invalid_id=False, max_energy_on_invalid_id_wh=500) as b:
        b.csms.script[TransactionEvent] = refuse
        await b.charge()
        await b.settle(30)
        assert b.hardware.closed[1]
        b.hardware.energy_wh += 500
        await b.settle(10)
        assert not b.hardware.closed[1]
        assert b.csms.events[-1].charging_state == "SuspendedEVSE"


async def test_C09_FR_03_card_of_the_same_group_stops(bench, other_card):
    family = IdTokenInfo(status="Accepted", group=other_card)
    async with bench() as b:
        b.csms.script[Authorize] = lambda _: AuthorizeAnswer(id_token_info=family)
        await b.charge()
        await b.swipe(other_card)
        ended = b.csms.events[-1]
        assert ended.trigger_reason == "StopAuthorized" and ended.id_token == other_card


async def test_C09_FR_11_refused_card_of_the_same_group_does_not_stop(bench, card, other_card):
    def verdict(request):
        status = "Accepted" if request.id_token == card else "Invalid"
        return AuthorizeAnswer(id_token_info=IdTokenInfo(status=status, group=other_card))

    async with bench() as b:
        b.csms.script[Authorize] = verdict
        await b.charge()
        await b.swipe(other_card)
        assert b.told() == CHARGING


async def test_C16_FR_01_master_pass_stops_everything_and_starts_nothing(bench, other_card, card):
    def verdict(request):
        group = other_card if request.id_token == other_card else None
        return AuthorizeAnswer(id_token_info=IdTokenInfo(status="Accepted", group=group))

    async with bench(evses=2, master_pass_group_id=other_card.value) as b:
        b.csms.script[Authorize] = verdict
        await b.charge(evse_id=1)
        await b.swipe(other_card, 2)
        assert b.csms.events[-1].stopped_reason == "MasterPass"
        await b.plug(2)
        assert not b.hardware.closed[2]


async def test_power_loss_ends_the_transaction_after_the_restart(bench):
    async with bench() as b:
        transaction = await b.charge()
        await b.power_down()
        await b.power_up()
        ended = b.csms.events[-1]
        assert (ended.event_type, ended.stopped_reason, ended.transaction_id) == ("Ended", "PowerLoss", transaction)
        assert ended.seq_no == 3
        assert not b.hardware.closed[1]


async def test_E17_short_power_loss_is_survived_where_resuming_is_set(bench):
    async with bench(
        tx_resumption_timeout_s=600, tx_allow_energy_resumption=True, energy_resumption_random_range_s=0
    ) as b:
        transaction = await b.charge()
        await b.power_down()
        await b.settle(60)
        await b.power_up()
        assert b.told()[-1] == ("Updated", "TxResumed")
        assert b.csms.events[-1].transaction_id == transaction
        assert b.hardware.closed[1]


async def test_long_power_loss_ends_it_even_where_resuming_is_set(bench):
    async with bench(tx_resumption_timeout_s=600) as b:
        await b.charge()
        await b.power_down()
        await b.settle(700)
        await b.power_up()
        assert b.csms.events[-1].stopped_reason == "PowerLoss"


async def test_car_that_was_plugged_in_without_power_is_noticed(bench):
    async with bench() as b:
        await b.power_down()
        b.hardware.cables[1] = 1
        await b.power_up()
        assert b.told() == [("Started", "CablePluggedIn")]


async def test_second_transaction_follows_without_unplugging(bench):
    async with bench() as b:
        await b.charge()
        await b.swipe()
        await b.swipe()
        assert b.told()[-2:] == [("Ended", "StopAuthorized"), ("Started", "Authorized")]
        first, second = b.csms.events[0].transaction_id, b.csms.events[-1].transaction_id
        assert first != second


async def test_C02_station_without_authorization_charges_at_once(bench):
    async with bench(auth_enabled=False) as b:
        await b.plug()
        assert b.hardware.closed[1]
        assert b.csms.events[-1].id_token.type == "NoAuthorization"
        b.hardware.listener.on_stop_button(1)
        await b.settle()
        assert b.told()[-1] == ("Ended", "StopAuthorized")


async def test_second_transaction_starts_even_where_only_the_plug_starts_one(bench):
    async with bench(tx_start_point=("EVConnected",)) as b:
        await b.charge()
        await b.swipe()
        assert b.told()[-1] == ("Ended", "StopAuthorized")
        await b.swipe()
        assert b.told()[-1] == ("Started", "Authorized")
        assert b.hardware.closed[1]


async def test_car_at_an_evse_that_is_switched_off_starts_nothing_until_it_is_on_and_authorized(bench):
    async with bench() as b:
        await b.csms.ask(ChangeAvailability(operative=False))
        await b.plug()
        assert b.csms.events == []
        await b.csms.ask(ChangeAvailability(operative=True))
        await b.swipe()
        assert b.told() == [("Started", "Authorized")]
        assert b.csms.statuses[-1] == (1, 1, "Occupied")


async def test_cable_of_another_connector_means_nothing_to_a_transaction(bench):
    async with bench(connectors=2) as b:
        await b.charge()
        b.hardware.listener.on_cable(1, 2, True)
        b.hardware.listener.on_cable(1, 2, False)
        await b.settle()
        assert b.told() == CHARGING and b.hardware.closed[1]
