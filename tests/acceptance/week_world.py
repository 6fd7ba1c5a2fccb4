"""A simulated town in virtual time over the memory network: its stations, its drivers, one CSMS, and their bills."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random

import msgspec
from week_books import Books, open_books
from week_cards import BERLIN, TOP_UP, Issue, draw, issue, report_lost
from week_people import all_of, drivers
from week_street import HOUR, Misfortune, Post

from stationmaster.clock.virtual import VirtualClock, run_virtual
from stationmaster.csms.settings import CsmsSettings, TenantPolicy
from stationmaster.domain.authorization.prepaid import Account
from stationmaster.domain.authorization.refusals import RefusalFilter
from stationmaster.domain.cost.sites import PlaceFacts, Site
from stationmaster.domain.cost.tariff import Component, Conditions, Price, Tariff, TaxRate
from stationmaster.domain.cost.tariff_choice import Assignment
from stationmaster.domain.identity import DEFAULT_TENANT
from stationmaster.domain.queries import PageRequest
from stationmaster.testing import CsmsBench, csms_bench

MONDAY = datetime(2030, 3, 25, tzinfo=UTC)
"""Of a week at whose end the clocks of Berlin go forward."""
SETTINGS = CsmsSettings(
    heartbeat_interval_s=1800,
    message_log=False,  # a week of frames is no part of what is looked at, and fills the memory
    default_policy=TenantPolicy(registration="open", local_lists="on"),
)
VAT = (TaxRate("VAT", Decimal(19)),)
SETTLED_S = 24 * HOUR
"""Longer than any message is tried again, or any policy waits, after all have gone."""


class WorldPlan(msgspec.Struct, frozen=True, kw_only=True):
    """The same plan makes the same world."""

    drivers: int
    stations: int
    days: float
    seed: int = 1


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """``same_again``: every bill is the same when it is made once more. ``counts``: of visits and of those in which a
    car was charged, by kind of card. ``refusals`` by status."""

    books: Books
    same_again: bool
    counts: dict[str, Counter[str]]
    power_cuts: int
    line_cuts: int
    refusals: Counter[str]


def live_through(plan: WorldPlan) -> Outcome:
    return run_virtual(_live_through(plan))


async def _live_through(plan: WorldPlan) -> Outcome:
    async with csms_bench(SETTINGS, clock=VirtualClock(MONDAY)) as bench, asyncio.TaskGroup() as tasks:
        await _publish(bench)
        posts = [Post(bench, number, plan.seed, tasks) for number in range(plan.stations)]
        await _open(bench, posts)
        accounts: list[Account] = []
        cards = draw(plan.drivers, Random(f"cards:{plan.seed}"))
        somewhere = tuple(post.view.key for post in posts[::3])
        await issue(cards, Issue(bench=bench, days=plan.days, somewhere=somewhere, accounts=accounts))
        tasks.create_task(report_lost(cards, bench, plan.days * 12 * HOUR))
        people, counts = drivers(bench, posts, cards, plan.seed)
        async with _misfortune(bench, posts, plan.seed):
            await all_of(people, bench.clock.monotonic() + plan.days * 24 * HOUR)
        await _settle(bench, posts)
        books = await open_books(bench, posts, accounts, TOP_UP)
        outcome = Outcome(
            books=books,
            same_again=await _same_again(bench, books),
            counts=counts,
            power_cuts=sum(post.power_cuts for post in posts),
            line_cuts=sum(post.line_cuts for post in posts),
            refusals=await _refusals(bench),
        )
        for post in posts:
            await post.station.stop()
        return outcome


async def _publish(bench: CsmsBench) -> None:
    """A price by day, one by night, one for those who only stand there, and a fee for each session."""
    start = MONDAY - timedelta(days=30)
    prices = (Price(Decimal("0.29"), Conditions(from_time="22:00", to_time="06:00")), Price(Decimal("0.47")))
    tariff = Tariff(
        key=bench.storage.keys.take(),
        tenant=DEFAULT_TENANT,
        name="street",
        version=1,
        valid_from=start,
        currency="EUR",
        energy=Component(prices, VAT),
        idle_time=Component((Price(Decimal("0.02"), Conditions(min_idle_time_s=3600)),), VAT),
        fixed=Component((Price(Decimal("0.35")),), VAT),
    )
    assignment = Assignment(key=bench.storage.keys.take(), tenant=DEFAULT_TENANT, tariff=tariff.name, from_at=start)
    await bench.storage.journal.store([tariff, assignment, Site(tenant=DEFAULT_TENANT, name="Town", zone=BERLIN)])
    await bench.csms.book.load(DEFAULT_TENANT)


async def _open(bench: CsmsBench, posts: list[Post]) -> None:
    """Until all stations are in service; they stand in the town."""
    for post in posts:
        post.power_up()
    for post in posts:
        await post.accepted()
    await bench.storage.journal.store([PlaceFacts(station_key=post.view.key, site="Town") for post in posts])
    await bench.csms.book.load(DEFAULT_TENANT)


@asynccontextmanager
async def _misfortune(bench: CsmsBench, posts: list[Post], seed: int) -> AsyncIterator[None]:
    """For as long as the context lasts; then everything is put right."""
    async with asyncio.TaskGroup() as group:
        fates = [Misfortune(post, bench, seed) for post in posts]
        works = [work for fate in fates for work in (fate.of_power, fate.of_line, fate.of_parts, fate.of_operators)]
        tasks = [group.create_task(work()) for work in works]
        yield
        for task in tasks:
            task.cancel()


async def _settle(bench: CsmsBench, posts: list[Post]) -> None:
    """Until everything has been told, and paid."""
    async with asyncio.timeout(SETTLED_S):
        while not all(post.is_quiet() for post in posts):
            await bench.clock.sleep(60)
    await bench.clock.sleep(2 * HOUR)


async def _same_again(bench: CsmsBench, books: Books) -> bool:
    """Whether every bill, made once more from what was kept, is the same to the last byte."""
    for bill in books.bills:
        again = await bench.csms.bills.recomputed(bill)
        if again is None or not again[0]:
            return False
    return True


async def _refusals(bench: CsmsBench) -> Counter[str]:
    """How often a token was refused, by status."""
    found: Counter[str] = Counter()
    request: PageRequest | None = PageRequest(limit=1000)
    while request is not None:
        page = await bench.storage.reads.refusals(RefusalFilter(tenant=DEFAULT_TENANT), request)
        found.update(each.refusal.status for each in page.items)
        request = PageRequest(limit=1000, cursor=page.next_cursor) if page.next_cursor else None
    return found
