"""Power once a minute, and when no CSMS was there."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from stationmaster.csms.power_watch import PowerWatch, slot_of
from stationmaster.domain.overview import Downtime, PowerSample

NOW = datetime(2026, 3, 1, 12, 7, 30, tzinfo=UTC)


class World:
    """Reads, journal and clock in one."""

    def __init__(self, last: datetime | None = None) -> None:
        self.last = last
        self.stored: list[Any] = []

    def now(self) -> datetime:
        return NOW

    def monotonic(self) -> float:
        return 0.0

    async def sleep(self, seconds: float) -> None:
        raise AssertionError

    async def tenants(self) -> Sequence[str]:
        return ["default", "idle"]

    async def power_by_site(self, now: datetime) -> Sequence[tuple[str, str | None, int]]:
        assert now == NOW
        return [("default", "Mall", 4000), ("default", None, 70)]

    async def last_power_sample(self) -> datetime | None:
        return self.last

    async def store(self, records: Sequence[Any], events: Sequence[Any] = ()) -> None:
        self.stored += records


def a_watch(world: World) -> PowerWatch:
    return PowerWatch(world, world, world)  # type: ignore[arg-type]


async def test_every_tenant_has_a_sample_for_its_slot_even_if_nothing_charges() -> None:
    world = World()
    await a_watch(world).sample()
    slot = NOW.replace(minute=5, second=0)
    found = {(sample.tenant, sample.site): sample for sample in world.stored}
    assert found["default", "Mall"] == PowerSample(tenant="default", site="Mall", at=slot, taken_at=NOW, power_w=4000)
    assert {place: sample.power_w for place, sample in found.items()} == {
        ("default", None): 70,
        ("default", "Mall"): 4000,
        ("idle", None): 0,
    }


async def test_the_time_since_the_last_sample_is_a_downtime() -> None:
    last = NOW - timedelta(hours=3)
    world = World(last)
    await a_watch(world).note_downtime()
    assert world.stored == [Downtime(last, NOW)]


async def test_a_first_start_and_a_clock_that_went_back_are_no_downtime() -> None:
    for last in (None, NOW, NOW + timedelta(hours=1)):
        world = World(last)
        await a_watch(world).note_downtime()
        assert world.stored == []


def test_slots_are_of_five_minutes() -> None:
    assert slot_of(NOW) == NOW.replace(minute=5, second=0)
    assert slot_of(slot_of(NOW)) == slot_of(NOW)
