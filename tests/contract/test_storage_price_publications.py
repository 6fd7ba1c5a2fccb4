"""Which stations were told a tariff's price, by which commands, and what became of those."""

from datetime import timedelta
from typing import Any

from storage_records import NOW, a_command, a_station

from stationmaster.domain.command import advance
from stationmaster.domain.cost.publications import PricePublished, StationTold
from stationmaster.domain.queries import PageRequest
from stationmaster.storage.retention import RetentionPolicy
from stationmaster.storage.sqlite import SQLiteStorage


def a_publication(key: int, *stations: StationTold, **changes: Any) -> PricePublished:
    fields: dict[str, Any] = {"tenant": "default", "tariff": "day", "version": 1, "at": NOW, "published_by": "me"}
    return PricePublished(key=key, stations=stations, **fields | changes)


async def test_a_publication_tells_the_states_of_its_commands(storage: SQLiteStorage) -> None:
    queued = a_command(21)
    published = a_publication(
        5,
        StationTold(station_key=1, commands=(21, 22)),
        StationTold(station_key=2, unsupported="it shows no prices"),
    )
    await storage.journal.store([a_station(), queued, published])
    (seen,) = (await storage.reads.price_publications("default", "day")).items
    assert (seen.published, seen.states, seen.partial) == (published, {21: "queued"}, 0)
    sent = advance(queued, "sent")
    await storage.journal.store([advance(sent, "accepted", status="Partial")])
    (seen,) = (await storage.reads.price_publications("default", "day")).items
    assert (seen.states, seen.partial) == ({21: "accepted"}, 1)


async def test_publications_are_told_newest_first_of_one_tariff_of_one_tenant(storage: SQLiteStorage) -> None:
    await storage.journal.store(
        [
            *(a_publication(key, version=key) for key in (1, 2, 3)),
            a_publication(4, tariff="night"),
            a_publication(5, tenant="other"),
        ]
    )
    first = await storage.reads.price_publications("default", "day", PageRequest(limit=2))
    rest = await storage.reads.price_publications("default", "day", PageRequest(limit=2, cursor=first.next_cursor))
    assert [[seen.published.key for seen in page.items] for page in (first, rest)] == [[3, 2], [1]]
    assert rest.next_cursor is None


async def test_publications_are_kept_as_long_as_commands(storage: SQLiteStorage) -> None:
    old = NOW - timedelta(days=40)
    await storage.journal.store(
        [a_publication(1, at=old), a_publication(2), a_publication(3, at=old, tenant="other"), a_publication(4)]
    )
    let_go = await storage.retention.run(
        RetentionPolicy(commands_days=30), NOW, {"other": RetentionPolicy(commands_days=None)}
    )
    assert let_go["price_publications"] == 1
    kept = (await storage.reads.price_publications("default", "day")).items
    assert [seen.published.key for seen in kept] == [4, 2]
    assert len((await storage.reads.price_publications("other", "day")).items) == 1
