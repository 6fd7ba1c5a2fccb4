"""The queue of transaction messages: E04, E08, E11-E13, and 1.6's ids."""

import itertools

import msgspec
import pytest

from stationmaster.dialects.table import Unsupported
from stationmaster.domain.messages import TransactionAnswer, TransactionEvent
from stationmaster.domain.transactions.limits import TransactionLimit
from stationmaster.session.failures import CallRefused, CallTimedOut
from stationmaster.station.settings import FIRST_GENERATION


async def test_E12_transaction_offline_is_sent_whole_afterwards(bench):
    async with bench(offline_tx_for_unknown_id_enabled=True) as b:
        b.csms.drop()
        await b.settle()
        await b.charge()
        await b.swipe()
        await b.unplug()
        assert b.csms.events == []
        b.csms.reachable = True
        await b.settle(120)
        kinds = [event.event_type for event in b.csms.events]
        assert kinds[0] == "Started" and kinds[-1] == "Ended"
        assert all(event.offline for event in b.csms.events)
        assert [event.seq_no for event in b.csms.events] == list(range(len(kinds)))


async def test_E11_events_before_and_after_the_gap_are_not_offline(bench):
    async with bench(tx_updated_interval_s=10) as b:
        await b.charge()
        b.csms.drop()
        await b.settle(25)
        b.csms.reachable = True
        await b.settle(60)
        marks = [event.offline for event in b.csms.events]
        assert marks[:3] == [False] * 3 and True in marks and marks[-1] is False


async def test_E11_FR_07_event_under_way_when_the_line_breaks_becomes_offline(bench):
    async with bench() as b:
        b.csms.script[TransactionEvent] = lambda _: CallTimedOut()
        await b.plug()
        b.csms.drop()
        await b.settle()
        del b.csms.script[TransactionEvent]
        b.csms.script[TransactionEvent] = lambda _: TransactionAnswer()
        b.csms.reachable = True
        await b.settle(60)
        first, again = b.csms.events
        assert (first.offline, again.offline) == (False, True)
        assert again == msgspec.structs.replace(first, offline=True)


async def test_events_left_by_a_power_cut_are_sent_as_offline(bench):
    async with bench() as b:
        b.csms.drop()
        await b.settle()
        await b.plug()
        await b.power_down()
        b.csms.reachable = True
        await b.power_up()
        await b.settle(1)
        started, ended = b.csms.events
        assert started.offline and started.event_type == "Started"
        assert (ended.event_type, ended.stopped_reason) == ("Ended", "PowerLoss")
        assert started.transaction_id == ended.transaction_id


@pytest.mark.parametrize(("failure", "unanswered_s"), [(CallTimedOut(), 30), (CallRefused("InternalError", ""), 0)])
async def test_E13_FR_03_attempts_wait_longer_each_time_and_end(bench, failure, unanswered_s):
    async with bench(message_attempts=3, message_attempt_interval_s=20) as b:
        b.csms.script[TransactionEvent] = lambda _: failure
        await b.plug()
        await b.settle(1000)
        times = b.csms.times(TransactionEvent)
        gaps = [later - earlier for earlier, later in itertools.pairwise(times)]
        assert gaps == pytest.approx([20 + unanswered_s, 40 + unanswered_s], abs=1)
        assert len(b.program.queue) == 0
        assert b.program.queue.discarded == 1


async def test_E13_FR_04_next_event_follows_the_one_that_was_discarded(bench):
    async with bench(message_attempts=2, message_attempt_interval_s=1) as b:
        b.csms.script[TransactionEvent] = lambda event: (
            CallRefused("InternalError", "") if event.seq_no == 0 else TransactionAnswer()
        )
        await b.plug()
        await b.swipe()
        await b.settle(60)
        assert [event.seq_no for event in b.csms.events] == [0, 0, 1]


async def test_lost_connections_cost_no_attempt(bench):
    async with bench(message_attempts=1, retry_back_off_repeat_times=0) as b:
        b.csms.script[TransactionEvent] = lambda _: CallTimedOut()
        await b.plug()
        for _ in range(5):
            b.csms.drop(and_refuse=False)
            await b.settle(12)
        b.csms.script[TransactionEvent] = lambda _: TransactionAnswer()
        b.csms.drop(and_refuse=False)
        await b.settle(20)
        assert b.program.queue.discarded == 0
        assert len(b.csms.events) == 7 and len(b.program.queue) == 0


async def test_E04_FR_08_full_queue_drops_updates_only(bench):
    async with bench(queue_capacity=10, tx_updated_interval_s=1, offline_tx_for_unknown_id_enabled=True) as b:
        b.csms.drop()
        await b.settle()
        await b.charge()
        await b.settle(40)
        await b.swipe()
        assert len(b.program.queue) <= 11
        b.csms.reachable = True
        await b.settle(120)
        kinds = [event.event_type for event in b.csms.events]
        assert kinds[0] == "Started" and "Ended" in kinds
        numbers = [event.seq_no for event in b.csms.events]
        assert numbers == sorted(numbers)


async def test_E12_FR_04_what_tells_of_a_limit_is_never_dropped(bench):
    async with bench(queue_capacity=10, tx_updated_interval_s=1, offline_tx_for_unknown_id_enabled=True) as b:
        b.csms.drop()
        await b.settle()
        await b.charge()
        b.hardware.listener.on_limit(1, TransactionLimit(max_time_s=20))
        await b.settle(60)
        b.csms.reachable = True
        await b.settle(120)
        told = [event.trigger_reason for event in b.csms.events]
        assert "LimitSet" in told and "TimeLimitReached" in told
        assert sum(event.offline for event in b.csms.events) < 20  # of some 60


async def test_I07_FR_32_what_names_the_tariff_is_never_dropped(bench):
    async with bench(queue_capacity=10, tx_updated_interval_s=1, offline_tx_for_unknown_id_enabled=True) as b:
        b.program.transactions.more = lambda evse_id, event: (
            msgspec.structs.replace(event, tariff_id="T1") if event.trigger_reason == "Authorized" else event,
            {},
        )
        b.csms.drop()
        await b.settle()
        await b.charge()
        await b.settle(60)
        b.csms.reachable = True
        await b.settle(120)
        assert [event.tariff_id for event in b.csms.events if event.tariff_id is not None] == ["T1"]
        assert sum(event.offline for event in b.csms.events) < 20


async def test_E14_queue_knows_whose_events_wait(bench):
    async with bench() as b:
        b.csms.drop()
        await b.settle()
        await b.plug()
        (transaction,) = [running.id for _, running in b.program.transactions.running()]
        assert b.program.queue.waiting_for() and b.program.queue.waiting_for(transaction)
        assert not b.program.queue.waiting_for("another")


async def test_id_that_the_csms_gives_is_kept_until_the_end_is_told(bench):
    async with bench(conventions=FIRST_GENERATION, tx_start_point=("PowerPathClosed",)) as b:
        b.csms.script[TransactionEvent] = lambda event: TransactionAnswer(
            transaction_id="77" if event.event_type == "Started" else None
        )
        transaction = await b.charge()
        assert b.program.facts().wire_transactions == {transaction: "77"}
        assert b.program.queue.own_id("77") == transaction
        await b.power_down()
        b.csms.reachable = False
        await b.power_up()
        assert b.program.facts().wire_transactions == {transaction: "77"}
        b.csms.reachable = True
        await b.settle(60)
        assert b.csms.events[-1].event_type == "Ended"
        assert b.program.facts().wire_transactions == {}


async def test_transaction_whose_start_was_discarded_has_no_wire_id(bench):
    async with bench(conventions=FIRST_GENERATION, tx_start_point=("PowerPathClosed",), message_attempts=1) as b:
        b.csms.script[TransactionEvent] = lambda event: (
            CallRefused("GenericError", "") if event.event_type == "Started" else TransactionAnswer()
        )
        await b.charge()
        await b.swipe()
        assert b.csms.events[-1].event_type == "Ended"
        assert b.program.facts().wire_transactions == {}


async def test_what_the_version_cannot_say_is_dropped_and_does_not_block(bench):
    async with bench() as b:
        b.csms.script[TransactionEvent] = lambda event: (
            Unsupported("no words for it") if event.seq_no == 0 else TransactionAnswer()
        )
        await b.plug()
        await b.swipe()
        assert [event.seq_no for event in b.csms.events] == [0, 1]
        assert len(b.program.queue) == 0
