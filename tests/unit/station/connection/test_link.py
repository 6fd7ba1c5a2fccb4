"""B01-B04 and the back-off of part 4, §5.3."""

from datetime import timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stationmaster.domain.diagnostics.security_events import SecurityEventNotification
from stationmaster.domain.identity import Evse
from stationmaster.domain.messages import (
    BootAnswer,
    BootNotification,
    ChangeAvailability,
    Heartbeat,
    RequestStartTransaction,
    StatusNotification,
    TransactionEvent,
    TriggerMessage,
)
from stationmaster.ocpp.errors import ErrorKind, OCPPError
from stationmaster.session.failures import CallTimedOut
from stationmaster.station.connection.back_off import BackOff
from stationmaster.station.settings import Settings


def boot(b, status, interval_s=0):
    b.csms.script[BootNotification] = lambda _: BootAnswer(
        status=status, current_time=b.clock.now(), interval_s=interval_s
    )


async def test_B01_FR_05_boot_comes_first_then_every_connector(bench):
    async with bench(evses=2) as b:
        await b.power_down()
        await b.power_up()
        told = [type(request) for _, request in b.csms.told if not isinstance(request, SecurityEventNotification)]
        assert told == [BootNotification] + [StatusNotification] * 2
        assert b.csms.statuses == [(1, 1, "Available"), (2, 1, "Available")]
        assert b.csms.all(BootNotification)[0].reason == "PowerUp"


async def test_B02_FR_02_pending_station_says_nothing_but_boot(bench):
    async with bench() as b:
        await b.power_down()
        boot(b, "Pending", 100)
        await b.power_up()
        await b.plug()
        await b.settle(99)
        assert [type(request) for _, request in b.csms.told] == [BootNotification]
        boot(b, "Accepted", 300)
        await b.settle(2)
        assert b.csms.statuses == [(1, 1, "Occupied")]
        assert len(b.csms.events) == 1  # B02.FR.03


async def test_B02_FR_05_pending_station_rejects_a_remote_start(bench, card):
    async with bench() as b:
        await b.power_down()
        boot(b, "Pending", 100)
        await b.power_up()
        answer = await b.csms.ask(RequestStartTransaction(id_token=card, remote_start_id=1, evse=Evse(1)))
        assert answer.status == "Rejected"


async def test_B02_FR_04_triggered_boot_does_not_wait(bench):
    async with bench() as b:
        await b.power_down()
        boot(b, "Pending", 1000)
        await b.power_up()
        answer = await b.csms.ask(TriggerMessage(requested="BootNotification"))
        await b.settle(1)
        assert answer.status == "Accepted"
        assert [request.reason for request in b.csms.all(BootNotification)] == ["PowerUp", "Triggered"]


async def test_B03_FR_06_rejected_station_waits_the_interval(bench):
    async with bench() as b:
        await b.power_down()
        boot(b, "Rejected", 50)
        await b.power_up()
        await b.settle(120)
        first, second, third = b.csms.times(BootNotification)
        assert (second - first, third - second) == pytest.approx((50, 50))


async def test_B03_FR_08_rejected_station_answers_with_SecurityError(bench):
    async with bench() as b:
        await b.power_down()
        boot(b, "Rejected", 50)
        await b.power_up()
        with pytest.raises(OCPPError) as refusal:
            await b.csms.ask(ChangeAvailability(operative=False))
        assert refusal.value.kind is ErrorKind.SECURITY


async def test_B03_FR_05_interval_0_leaves_the_wait_to_the_station(bench):
    async with bench(boot_retry_interval_s=70) as b:
        await b.power_down()
        boot(b, "Rejected", 0)
        await b.power_up()
        await b.settle(75)
        assert len(b.csms.all(BootNotification)) == 2


async def test_unanswered_boot_is_repeated(bench):
    async with bench(boot_retry_interval_s=70) as b:
        await b.power_down()
        b.csms.script[BootNotification] = lambda _: CallTimedOut()
        await b.power_up()
        await b.settle(101)
        assert len(b.csms.all(BootNotification)) == 2


async def test_B01_FR_06_time_is_taken_from_the_csms(bench):
    async with bench() as b:
        await b.power_down()
        b.csms.script[BootNotification] = lambda _: BootAnswer(
            status="Accepted", current_time=b.clock.now() + timedelta(days=365), interval_s=300
        )
        await b.power_up()
        await b.plug()
        assert b.csms.events[0].timestamp - b.clock.now() > timedelta(days=364)


async def test_B01_FR_04_heartbeat_comes_at_the_interval_of_the_boot(bench):
    async with bench() as b:
        await b.power_down()
        boot(b, "Accepted", 100)
        await b.power_up()
        await b.settle(350)
        times = b.csms.times(Heartbeat)
        assert len(times) == 3
        assert times[1] - times[0] == pytest.approx(100, abs=1)


async def test_G02_FR_05_other_messages_put_heartbeats_off(bench):
    async with bench(tx_updated_interval_s=50) as b:
        await b.power_down()
        boot(b, "Accepted", 100)
        await b.power_up()
        await b.charge()
        b.csms.forget()
        await b.settle(1000)
        assert b.csms.all(Heartbeat) == []
        assert len(b.csms.events) == 20


async def test_G02_FR_07_heartbeat_comes_once_a_day_at_least(bench):
    async with bench(tx_updated_interval_s=3000) as b:
        await b.charge()
        await b.settle(90_000)
        assert len(b.csms.all(Heartbeat)) == 1


async def test_B04_FR_01_long_offline_reports_every_connector(bench):
    async with bench(evses=2, offline_threshold_s=8, retry_back_off_wait_minimum_s=10) as b:
        b.csms.drop(and_refuse=False)
        await b.settle()
        await b.plug()
        await b.settle(11)
        assert b.csms.statuses == [(1, 1, "Occupied"), (2, 1, "Available")]
        assert b.csms.all(BootNotification) == []


async def test_B04_FR_02_short_offline_reports_changes_only(bench):
    async with bench(evses=2, offline_threshold_s=12, retry_back_off_wait_minimum_s=10) as b:
        b.csms.drop(and_refuse=False)
        await b.settle()
        await b.plug()
        await b.settle(11)
        assert b.csms.statuses == [(1, 1, "Occupied")]


async def test_reconnecting_waits_longer_after_each_failure_and_for_ever(bench):
    async with bench(retry_back_off_wait_minimum_s=10, retry_back_off_repeat_times=2) as b:
        b.csms.dialled.clear()
        start = b.clock.monotonic()
        b.csms.drop()
        await b.settle(200)
        waits = [later - earlier for earlier, later in zip([start, *b.csms.dialled], b.csms.dialled, strict=False)]
        assert waits == pytest.approx([10, 20, 40, 40, 40, 40], abs=0.1)


async def test_success_resets_the_back_off(bench):
    async with bench(retry_back_off_wait_minimum_s=10) as b:
        b.csms.drop()
        await b.settle(100)
        b.csms.reachable = True
        await b.settle(400)
        b.csms.dialled.clear()
        dropped = b.clock.monotonic()
        b.csms.drop(and_refuse=False)
        await b.settle(15)
        assert b.csms.dialled == pytest.approx([dropped + 10], abs=0.1)


@given(seed=st.integers(), minimum=st.integers(1, 60), spread=st.integers(0, 60), times=st.integers(0, 8))
def test_back_off_lies_between_its_doubled_minimum_and_its_random_part(seed, minimum, spread, times):
    settings = Settings(
        retry_back_off_wait_minimum_s=minimum,
        retry_back_off_random_range_s=spread,
        retry_back_off_repeat_times=times,
    )
    back_off = BackOff(Random(seed))
    for failures in range(12):
        least = minimum * 2 ** min(failures, times)
        assert least <= back_off.next_s(settings) <= least + spread


async def test_events_wait_while_the_csms_cannot_be_reached_at_all(bench):
    async with bench() as b:
        await b.power_down()
        b.csms.reachable = False
        await b.power_up()
        await b.plug()
        await b.settle(3600)
        b.csms.reachable = True
        await b.settle(400)
        kinds = [type(request) for _, request in b.csms.told]
        assert kinds[0] is BootNotification and TransactionEvent in kinds
        assert b.csms.events[0].offline
