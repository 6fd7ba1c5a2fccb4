from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stationmaster.domain.firmware import campaign as c
from stationmaster.domain.firmware.updates import FirmwareUpdate, ImageRef

AT = datetime(2030, 1, 1, tzinfo=UTC)
IMAGE = ImageRef(key=1, blob="fw-1", file_name="f", version="2.0")
FAILURES = ["DownloadFailed", "InstallationFailed", "Rejected", "InvalidSignature"]


def campaign(*waves: c.Wave, **fields: Any) -> c.Campaign:
    made = c.Campaign(key=9, tenant="t", name="C", image=IMAGE, waves=waves or (c.Wave(),), created_at=AT, **fields)
    return c.started(made, AT)


def update(key: int, state: Any, detail: str | None = None) -> FirmwareUpdate:
    return FirmwareUpdate(
        key=key,
        tenant="t",
        station_key=1,
        request_id=key,
        state=state,
        created_at=AT,
        updated_at=AT,
        silent_at=AT,
        ended_at=AT,
        detail=detail,
    )


class World:
    """Does what plans say; ``fate`` tells how an attempt ends, None: not yet."""

    def __init__(self, made: c.Campaign, stations: int, fate: Any, offline: frozenset[int] = frozenset()) -> None:
        self.campaign = made
        self.members = list(c.drawn(made, range(1, stations + 1), AT))
        self.updates: dict[int, FirmwareUpdate] = {}
        self.fate = fate
        self.connected = frozenset(range(1, stations + 1)) - offline
        self.at = AT
        self.most = 0

    def step(self) -> c.Plan:
        self.at += timedelta(seconds=30)
        for key, known in list(self.updates.items()):
            if known.state == "under_way":
                member = next(member for member in self.members if member.update_key == key)
                self.updates[key] = self.fate(member, key) or known
        made = c.plan(self.campaign, self.members, self.updates, self.connected, self.at)
        self.campaign = made.campaign
        for member in made.changed:
            self.members[member.place] = member
        for member in made.start:
            key = len(self.updates) + 100
            self.updates[key] = msgspec.structs.replace(update(key, "under_way"), ended_at=None)
            self.members[member.place] = c.begun(member, key, self.at)
        self.most = max(self.most, self.count["under_way"])
        return made

    def run(self, steps: int = 1000) -> None:
        for _ in range(steps):
            if self.campaign.state != "running" and not self.count["under_way"]:
                return
            self.step()
        raise AssertionError("it does not end")

    @property
    def count(self) -> Counter[str]:
        return Counter(member.state for member in self.members)


def lucky(member: c.Member, key: int) -> FirmwareUpdate:
    return update(key, "installed")


def test_waves_have_their_size_and_the_last_one_the_rest() -> None:
    made = campaign(c.Wave(size=3), c.Wave(percent=25), c.Wave())
    members = c.drawn(made, range(1, 101), AT)
    assert Counter(member.wave for member in members) == {0: 3, 1: 25, 2: 72}
    assert [member.place for member in members] == list(range(100))


def test_the_draw_is_the_same_each_time_and_another_in_another_campaign() -> None:
    made = campaign()
    keys = [member.station_key for member in c.drawn(made, range(50), AT)]
    assert keys == [member.station_key for member in c.drawn(made, reversed(range(50)), AT)]
    other = msgspec.structs.replace(made, key=10)
    assert keys != [member.station_key for member in c.drawn(other, range(50), AT)]


def test_stations_that_are_connected_are_drawn_first() -> None:
    made = campaign(c.Wave(size=3), c.Wave())
    members = c.drawn(made, range(20), AT, connected={4, 5, 6, 7})
    assert {member.station_key for member in members[:4]} == {4, 5, 6, 7}
    assert {member.station_key for member in members if member.wave == 0} < {4, 5, 6, 7}


def test_a_wave_that_waits_for_stations_says_for_how_many_and_until_when() -> None:
    world = World(campaign(c.Wave(size=4), c.Wave(), offline_wait_s=600), 6, lucky)
    away = {member.station_key for member in world.members if member.place in (0, 1)}
    world.connected -= away
    world.step()
    assert world.campaign.detail == ("wave 1 waits for 2 stations that are not connected, until 2030-01-01T00:10:00Z")
    assert c.not_connected(world.campaign, world.members, world.connected) == 2
    assert world.step().campaign is world.campaign

    world.connected |= {world.members[0].station_key}
    world.step()
    assert world.campaign.detail == "wave 1 waits for 1 station that is not connected, until 2030-01-01T00:10:00Z"
    world.run()
    assert (world.campaign.state, world.campaign.detail, world.count["offline"]) == ("finished", None, 1)


def test_what_a_wave_waited_for_is_not_why_it_was_aborted() -> None:
    world = World(campaign(), 2, lucky, offline=frozenset({1}))
    world.step()
    assert world.campaign.detail is not None
    assert c.aborted(world.campaign, world.members, world.at)[0].detail is None


@settings(max_examples=60)
@given(data=st.data())
def test_a_campaign_never_goes_further_than_it_may_and_its_report_is_whole(data: st.DataObject) -> None:
    stations = data.draw(st.integers(1, 30))
    waves = data.draw(
        st.lists(st.builds(c.Wave, size=st.integers(1, 9), max_failures=st.integers(0, 4)), min_size=1, max_size=4)
    )
    parallel, attempts = data.draw(st.integers(1, 10)), data.draw(st.integers(1, 3))
    failing = data.draw(st.frozensets(st.integers(1, stations), max_size=stations))
    offline = data.draw(st.frozensets(st.integers(1, stations), max_size=3))
    word = data.draw(st.sampled_from(FAILURES))

    def fate(member: c.Member, key: int) -> FirmwareUpdate | None:
        if data.draw(st.booleans()):
            return None
        return update(key, "failed", word) if member.station_key in failing else lucky(member, key)

    world = World(campaign(*waves, parallel=parallel, attempts=attempts), stations, fate, offline)
    world.run()
    assert world.most <= parallel
    assert sum(world.count.values()) == stations
    assert all(member.attempts <= attempts for member in world.members)
    for number, wave in enumerate(waves):
        failed = sum(member.state == "failed" and member.wave == number for member in world.members)
        passed = world.campaign.state == "finished" or number < world.campaign.wave
        assert not passed or failed <= wave.max_failures
    later = [member for member in world.members if member.wave > world.campaign.wave]
    assert all((member.state, member.attempts) == ("waiting", 0) for member in later)
    for member in world.members:
        assert (member.state == "done") <= (member.station_key not in failing | offline)
    if world.campaign.state == "finished":
        assert all(member.is_final for member in world.members)


def test_planning_twice_starts_nothing_twice() -> None:
    world = World(campaign(parallel=2), 5, lambda *_: None)
    assert len(world.step().start) == 2
    again = world.step()
    assert (again.start, again.changed, again.campaign) == ((), (), world.campaign)


def test_the_next_wave_waits_while_the_last_one_soaks() -> None:
    world = World(campaign(c.Wave(size=2, soak_s=600), c.Wave()), 4, lucky)
    for _ in range(5):
        world.step()
    assert (world.campaign.wave, world.count["done"]) == (0, 2)
    for _ in range(20):
        world.step()
    assert world.campaign.wave == 1


def test_updated_stations_that_are_gone_after_the_soak_count_as_failures() -> None:
    world = World(campaign(c.Wave(size=2, soak_s=60), c.Wave()), 4, lucky)
    world.step()
    world.step()
    world.connected = frozenset()
    for _ in range(5):
        world.step()
    assert world.campaign.state == "paused"
    assert "not connected" in (world.campaign.detail or "")


@pytest.mark.parametrize("word", sorted(c.DISTRUST))
def test_an_image_that_a_station_does_not_trust_is_sent_to_no_other(word: str) -> None:
    world = World(campaign(c.Wave(max_failures=99), parallel=1), 5, lambda member, key: update(key, "failed", word))
    world.run()
    assert (world.campaign.state, world.count["failed"], world.count["waiting"]) == ("paused", 1, 4)


def test_what_is_unsupported_is_not_tried_again() -> None:
    fate = lambda member, key: update(key, "unsupported", "OCPP 1.x installs at once")  # noqa: E731
    world = World(campaign(c.Wave(max_failures=9), attempts=3), 2, fate)
    world.run()
    assert [member.attempts for member in world.members] == [1, 1]


def test_an_operator_can_only_do_what_the_state_allows() -> None:
    draft = msgspec.structs.replace(campaign(), state="draft")
    for wrong in (lambda: c.paused(draft, ""), lambda: c.resumed(draft, (), AT), lambda: c.retried(draft, (), AT)):
        with pytest.raises(c.WrongState):
            wrong()
    over, withdrawn = c.aborted(campaign(), c.drawn(campaign(), range(3), AT), AT)
    assert [member.state for member in withdrawn] == ["withdrawn"] * 3
    with pytest.raises(c.WrongState):
        c.started(over, AT)


def test_those_that_failed_come_again_in_a_wave_of_their_own() -> None:
    world = World(campaign(c.Wave(max_failures=9), attempts=1), 3, lambda m, key: update(key, "failed", "Rejected"))
    world.run()
    assert (world.campaign.state, world.count["failed"]) == ("finished", 3)
    world.campaign, again = c.retried(world.campaign, world.members, world.at)
    for member in again:
        world.members[member.place] = member
    world.fate = lucky
    world.run()
    assert (world.campaign.state, world.campaign.wave, world.count["done"]) == ("finished", 1, 3)
