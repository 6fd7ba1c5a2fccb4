"""The table of happenings, and what must hold whatever happens."""

import asyncio

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from stationmaster.clock.virtual import run_virtual
from stationmaster.station.situation import HAPPENINGS, Situation, after, charging_state, event_type, points

POINTS = ("EVConnected", "Authorized", "PowerPathClosed", "EnergyTransfer")
names = st.sampled_from(sorted(HAPPENINGS))
some_points = st.lists(st.sampled_from(POINTS), unique=True).map(tuple)


@given(st.lists(names, max_size=30))
def test_power_path_is_closed_only_with_a_plug_and_an_authorization(happenings):
    situation = Situation()
    for name in happenings:
        situation = after(situation, name, 1)
        if situation.path_closed:
            assert {"EVConnected", "Authorized", "PowerPathClosed"} <= points(situation)
        if situation.connector is None:
            assert charging_state(situation) == "Idle"


@given(names, some_points, some_points, st.booleans())
def test_transaction_starts_only_when_none_runs_and_ends_only_when_one_does(name, start, stop, running):
    kind = event_type(
        name,
        Situation(),
        after(Situation(), name, 1),
        running=running,
        start_points=start,
        stop_points=stop,
    )
    assert kind in ((None, "Updated", "Ended") if running else (None, "Started"))


acts = st.lists(
    st.sampled_from(["plug", "unplug", "swipe", "other", "draw", "pause", "drop", "back", "cut", "minute"]),
    max_size=25,
)


@settings(max_examples=60, deadline=None)
@given(acts, some_points.filter(bool), some_points.filter(bool))
def test_whatever_people_and_lines_do_the_story_told_is_whole(bench, other_card, acts, start, stop):
    """Every transaction: one start, then numbers without a gap, at most one end, nothing after it."""
    station = bench(
        tx_start_point=start,
        tx_stop_point=stop,
        offline_tx_for_unknown_id_enabled=True,
        tx_updated_interval_s=60,
    )
    run_virtual(_play(station, other_card, acts))


async def _play(bench, other_card, acts):
    doing = {
        "plug": lambda: bench.plug() if bench.hardware.cables[1] is None else bench.settle(),
        "unplug": lambda: bench.unplug() if bench.hardware.cables[1] else bench.settle(),
        "swipe": bench.swipe,
        "other": lambda: bench.swipe(other_card),
        "draw": bench.draw,
        "pause": lambda: bench.draw(False),
        "drop": lambda: _drop(bench),
        "back": lambda: _back(bench),
        "cut": lambda: _cut(bench),
        "minute": lambda: bench.settle(61),
    }
    async with bench:
        for act in acts:
            await doing[act]()
            assert not bench.hardware.closed[1] or bench.hardware.cables[1]
            state = bench.program.transactions.state(1)
            assert state.situation.drawing is not True or state.transaction is not None
        await _back(bench)
        await bench.settle(2000)
        assert len(bench.program.queue) == 0
        _assert_whole(bench.csms.events, {transaction.id for _, transaction in bench.program.transactions.running()})


async def _drop(bench):
    bench.csms.drop()
    await bench.settle()


async def _back(bench):
    bench.csms.reachable = True
    await bench.settle()


async def _cut(bench):
    await bench.power_down()
    await asyncio.sleep(5)
    await bench.power_up()


def _assert_whole(events, running):
    stories = {}
    for event in events:
        story = stories.setdefault(event.transaction_id, [])
        # A repetition after a lost line is no new event.
        if not story or msgspec.structs.replace(story[-1], offline=True) != msgspec.structs.replace(
            event, offline=True
        ):
            story.append(event)
    for transaction_id, story in stories.items():
        assert [event.seq_no for event in story] == list(range(len(story)))
        kinds = [event.event_type for event in story]
        assert kinds[0] == "Started" and kinds.count("Started") == 1
        assert "Ended" not in kinds[:-1]
        assert (kinds[-1] == "Ended") is (transaction_id not in running)
