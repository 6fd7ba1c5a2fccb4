"""The power at each site, written down once a minute for the course of the day; and by that, when no CSMS was there."""

from datetime import UTC, datetime, timedelta

from stationmaster.csms.ports import Clock, Journal, PowerRows
from stationmaster.domain.overview import SLOT_S, Downtime, PowerSample

EVERY_S = 60.0


class PowerWatch:
    """Any node has one: each sees the power of all, and samples are averaged."""

    def __init__(self, reads: PowerRows, journal: Journal, clock: Clock) -> None:
        self._reads = reads
        self._journal = journal
        self._clock = clock

    async def note_downtime(self) -> None:
        """Before the first station is let in: what happened since the last sample, nobody knows."""
        last, now = await self._reads.last_power_sample(), self._clock.now()
        if last is not None and last < now:
            await self._journal.store([Downtime(last, now)])

    async def run(self) -> None:
        while True:
            await self.sample()
            await self._clock.sleep(EVERY_S)

    async def sample(self) -> None:
        """What charges at this moment, of every tenant."""
        now = self._clock.now()
        found: dict[tuple[str, str | None], int] = {(tenant, None): 0 for tenant in await self._reads.tenants()}
        for tenant, site, power_w in await self._reads.power_by_site(now):
            found[tenant, site] = power_w
        at = slot_of(now)
        await self._journal.store(
            [
                PowerSample(tenant=tenant, site=site, at=at, taken_at=now, power_w=power_w)
                for (tenant, site), power_w in found.items()
            ]
        )


def slot_of(moment: datetime) -> datetime:
    """When the slot of a moment began."""
    begun = datetime(1970, 1, 1, tzinfo=UTC)
    return begun + (moment - begun) // timedelta(seconds=SLOT_S) * timedelta(seconds=SLOT_S)
