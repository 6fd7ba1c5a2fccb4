"""Transactions whose end never comes are closed, say so, and are opened again by any later word."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from stationmaster.clock.virtual import VirtualClock
from stationmaster.csms.settings import CsmsSettings, TenantPolicy
from stationmaster.csms.transactions.transaction_watch import TransactionWatch
from stationmaster.domain.cost.transaction_energy import anomalies
from stationmaster.ocpp.version import Version
from stationmaster.testing import CsmsBench, ScriptedStation, StationView, csms_bench
from stationmaster.testing.script import meter_value, moment
from stationmaster.testing.wire import WireClient

HOUR_S, DAY_S = 3600.0, 86_400.0
SOON = CsmsSettings(
    default_policy=TenantPolicy(registration="open", transactions_ask_after_h=1, transactions_close_after_d=1)
)


@pytest.fixture
async def bench() -> AsyncIterator[CsmsBench]:
    async with csms_bench(SOON, clock=VirtualClock()) as made:
        await made.add_token("T1", "ISO14443")
        yield made


@pytest.fixture
async def station(bench: CsmsBench) -> ScriptedStation:
    return ScriptedStation(await bench.boot("S1", Version.V201), bench.clock.now)


@pytest.fixture
def view(bench: CsmsBench, station: ScriptedStation) -> StationView:
    return bench.view("S1")


def _goes_on(ongoing: bool, queued: bool = False) -> dict[str, Any]:
    return {"ongoingIndicator": ongoing, "messagesInQueue": queued}


async def test_E01_FR_14_another_one_at_its_EVSE_closes_a_transaction_at_once(
    bench: CsmsBench, station: ScriptedStation, view: StationView
) -> None:
    first, second = station.transaction("A"), station.transaction("B")
    await first.started("CablePluggedIn", evse=(1, 1), values=(meter_value(bench.clock.now(), 500.0),))
    at = bench.clock.now()
    await bench.clock.sleep(HOUR_S)

    await second.started("CablePluggedIn", evse=(1, 1))

    stored = await view.transaction("A")
    assert stored.closed is not None
    assert (stored.is_open, stored.ended_at, stored.over_at) == (False, None, at)
    assert (stored.closed.reason, stored.closed.decided_at) == ("next_began", bench.clock.now())
    assert "closed_by_policy" in anomalies(stored)
    (told,) = await view.told("TransactionClosed")
    assert told.data == {"transaction": stored.key, "wire_id": "A", "reason": "next_began"}
    assert (await view.transaction("B")).is_open


async def test_one_at_another_EVSE_or_from_an_offline_queue_closes_nothing(
    bench: CsmsBench, station: ScriptedStation, view: StationView
) -> None:
    await station.transaction("A").started("CablePluggedIn", evse=(1, 1))
    await bench.clock.sleep(60)
    await station.transaction("B").started("CablePluggedIn", evse=(2, 1))
    await station.transaction("C").started("CablePluggedIn", evse=(1, 1), offline=True)

    assert [tx.is_open for tx in await view.transactions()] == [True, True, True]


async def test_a_late_end_takes_the_place_of_the_closing(
    bench: CsmsBench, station: ScriptedStation, view: StationView
) -> None:
    first = station.transaction("A")
    await first.started("CablePluggedIn", evse=(1, 1))
    await bench.clock.sleep(HOUR_S)
    await station.transaction("B").started("CablePluggedIn", evse=(1, 1))

    await first.ended("EVCommunicationLost", stoppedReason="EVDisconnected")

    stored = await view.transaction("A")
    assert (stored.closed, stored.ended_at, stored.stopped_reason) == (None, bench.clock.now(), "EVDisconnected")
    assert "reopened" in anomalies(stored)
    assert len(await view.told("TransactionReopened")) == 1


async def test_one_that_goes_on_after_all_is_open_again_and_is_not_closed_at_once_a_second_time(
    bench: CsmsBench, station: ScriptedStation, view: StationView
) -> None:
    first, second = station.transaction("A"), station.transaction("B")
    await first.started("CablePluggedIn", evse=(1, 1))
    await bench.clock.sleep(60)
    await second.started("CablePluggedIn", evse=(1, 1))

    await first.updated("MeterValuePeriodic", values=(meter_value(bench.clock.now(), 900.0),))
    await second.updated("ChargingStateChanged", evse=(1, 1), chargingState="Charging")

    assert [tx.is_open for tx in await view.transactions()] == [True, True]
    assert len(await view.told("TransactionClosed")) == 1


async def test_a_station_that_knows_no_such_transaction_closes_it(
    bench: CsmsBench, station: ScriptedStation, view: StationView
) -> None:
    station.answer("GetTransactionStatus", _goes_on(False))
    await station.transaction("A").started("CablePluggedIn", evse=(1, 1))

    await bench.clock.sleep(1.2 * HOUR_S)

    stored = await view.transaction("A")
    assert stored.closed is not None and stored.closed.reason == "station_says_over"
    assert await station.asked("GetTransactionStatus") == {"transactionId": "A"}


@pytest.mark.parametrize("answer", [_goes_on(True), _goes_on(False, queued=True)])
async def test_one_that_goes_on_or_whose_messages_wait_stays_open(
    bench: CsmsBench, station: ScriptedStation, view: StationView, answer: dict[str, Any]
) -> None:
    station.answer("GetTransactionStatus", answer)
    await station.transaction("A").started("CablePluggedIn", evse=(1, 1))

    await bench.clock.sleep(3 * HOUR_S)

    assert (await view.transaction("A")).is_open


async def test_a_station_that_says_that_it_goes_on_keeps_it_open_for_good(
    bench: CsmsBench, station: ScriptedStation, view: StationView
) -> None:
    station.answer("GetTransactionStatus", _goes_on(True))
    await station.transaction("A").started("CablePluggedIn", evse=(1, 1))

    await bench.clock.sleep(1.2 * DAY_S)

    assert (await view.transaction("A")).is_open


async def test_a_long_silence_closes_the_transaction_of_a_station_that_is_gone(
    bench: CsmsBench, station: ScriptedStation, view: StationView
) -> None:
    await station.transaction("A").started("CablePluggedIn", evse=(1, 1))
    bench.csms.directory.get(view.key).session.close(1000, "gone")  # type: ignore[union-attr]

    await bench.clock.sleep(0.95 * DAY_S)
    assert (await view.transaction("A")).is_open
    await bench.clock.sleep(0.1 * DAY_S)

    stored = await view.transaction("A")
    assert stored.closed is not None
    assert (stored.closed.reason, stored.closed.detail) == ("silent", "nothing was heard of it for 1 d")


async def test_a_policy_of_never_closes_nothing(bench: CsmsBench, station: ScriptedStation, view: StationView) -> None:
    policy = TenantPolicy(transactions_ask_after_h=0, transactions_close_after_d=0)
    settings = CsmsSettings(default_policy=policy)
    watch = TransactionWatch(bench.storage, bench.clock, settings, bench.csms.directory, bench.csms.commands)
    await station.transaction("A").started("CablePluggedIn", evse=(1, 1))
    await bench.clock.sleep(0.5 * HOUR_S)

    await watch.look()

    assert (await view.transaction("A")).is_open


async def test_a_closed_transaction_is_closed_after_a_restart_too(
    bench: CsmsBench, station: ScriptedStation, view: StationView
) -> None:
    await station.transaction("A").started("CablePluggedIn", evse=(1, 1), token="T1")
    await bench.clock.sleep(60)
    await station.transaction("B").started("CablePluggedIn", evse=(1, 1))

    loaded = await bench.storage.reads.load(view.key)

    assert loaded is not None
    assert set(loaded.open) == {"B"}
    other = ScriptedStation(await bench.boot("S2", Version.V201), bench.clock.now)
    await bench.add_token("T2", "ISO14443", max_concurrent=1)
    assert (await other.transaction().started("Authorized", token="T1"))["idTokenInfo"]["status"] == "Accepted"


# 1.6


async def _old(bench: CsmsBench) -> tuple[WireClient, int]:
    client = await bench.boot("S16", Version.V16)
    start = {"connectorId": 1, "idTag": "T1", "meterStart": 100, "timestamp": moment(bench.clock.now())}
    return client, (await client.call("StartTransaction", start))["transactionId"]


async def _status(bench: CsmsBench, client: WireClient, status: str) -> None:
    told = {"connectorId": 1, "errorCode": "NoError", "status": status, "timestamp": moment(bench.clock.now())}
    await client.call("StatusNotification", told)


async def test_16_a_connector_that_is_free_for_an_hour_closes_a_silent_transaction(bench: CsmsBench) -> None:
    client, wire_id = await _old(bench)
    await bench.clock.sleep(0.5 * HOUR_S)
    await _status(bench, client, "Available")

    await bench.clock.sleep(1.2 * HOUR_S)

    stored = await bench.view("S16").transaction(str(wire_id))
    assert stored.closed is not None and stored.closed.reason == "connector_free"


async def test_16_meter_values_open_it_again_and_a_repeated_start_still_gets_its_id(bench: CsmsBench) -> None:
    client, wire_id = await _old(bench)
    began = moment(bench.clock.now())
    await bench.clock.sleep(60)
    start = {"connectorId": 1, "idTag": "T1", "meterStart": 900, "timestamp": moment(bench.clock.now())}
    other = (await client.call("StartTransaction", start))["transactionId"]
    view = bench.view("S16")
    assert [tx.is_open for tx in await view.transactions()] == [False, True]

    again = {"connectorId": 1, "idTag": "T1", "meterStart": 100, "timestamp": began}
    assert (await client.call("StartTransaction", again))["transactionId"] == wire_id != other
    assert not (await view.transaction(str(wire_id))).is_open
    sampled = [{"timestamp": moment(bench.clock.now()), "sampledValue": [{"value": "1200"}]}]
    await client.call("MeterValues", {"connectorId": 1, "transactionId": wire_id, "meterValue": sampled})

    stored = await view.transaction(str(wire_id))
    assert stored.is_open and "reopened" in stored.flags
    stop = {"transactionId": wire_id, "meterStop": 1300, "timestamp": moment(bench.clock.now())}
    await client.call("StopTransaction", stop)
    assert (await view.transaction(str(wire_id))).meter_stop_wh == 1300
