"""A price told to stations: what of it is stored, and when."""

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from stationmaster.csms.cost.price_publication import NEVER_CONNECTED, Price
from stationmaster.domain.command import Command
from stationmaster.domain.cost.publications import PricePublished, StationTold
from stationmaster.domain.cost.tariff import Component, Tariff
from stationmaster.domain.cost.tariff import Price as PerUnit
from stationmaster.domain.failures import StorageFailed
from stationmaster.domain.identity import StationRef
from stationmaster.domain.queries import CommandFilter
from stationmaster.domain.records import Event, Record
from stationmaster.ocpp.version import Version
from stationmaster.testing import CsmsBench

PRICE = Price(
    tariff=Tariff(
        key=1,
        tenant="default",
        name="day",
        version=3,
        valid_from=datetime(2026, 1, 1, tzinfo=UTC),
        currency="EUR",
        energy=Component((PerUnit(Decimal("0.40")),)),
    )
)


async def never_seen(bench: CsmsBench) -> int:
    return (await bench.csms.stations.create(StationRef("default", "NEVER"))).key


async def publications(bench: CsmsBench) -> Sequence[PricePublished]:
    return [seen.published for seen in (await bench.storage.reads.price_publications("default", "day")).items]


async def commands(bench: CsmsBench) -> Sequence[Command]:
    return (await bench.storage.reads.commands(CommandFilter(tenant="default"))).items


async def test_who_was_told_by_which_commands_and_who_could_not_be_is_kept(bench: CsmsBench) -> None:
    client = await bench.boot("S1", Version.V201)
    client.on("SetVariables", {"setVariableResult": []})
    station, never = bench.station("S1").key, await never_seen(bench)
    published = await bench.csms.prices.publish("default", (station, never), PRICE, "me")
    (command,) = await commands(bench)
    assert published.stations == (
        StationTold(station_key=station, commands=(command.key,)),
        StationTold(station_key=never, unsupported=NEVER_CONNECTED),
    )
    assert (published.tariff, published.version, published.published_by) == ("day", 3, "me")
    assert await publications(bench) == [published]


async def test_a_publication_is_stored_at_once_with_its_commands_and_its_event(
    bench: CsmsBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    stations = []
    for number in range(3):
        await bench.boot(f"S{number}", Version.V201)
        stations.append(bench.station(f"S{number}").key)
    stored: list[tuple[Sequence[Record], Sequence[Event]]] = []
    journal, store = bench.storage.journal, bench.storage.journal.store

    async def noted(records: Sequence[Record], events: Sequence[Event] = ()) -> None:
        stored.append((records, events))
        await store(records, events)

    monkeypatch.setattr(journal, "store", noted)
    published = await bench.csms.prices.publish("default", stations, PRICE, "me")
    records, events = stored[0]
    assert {record.key for record in records if isinstance(record, Command)} == {
        key for told in published.stations for key in told.commands
    }
    assert [record for record in records if not isinstance(record, Command)] == [published]
    (event,) = [event for event in events if event.kind == "PricePublished"]
    assert event.data == {"publication": published.key, "tariff": "day", "version": 3, "stations": 3}
    assert [event.kind for event in events].count("CommandChanged") == 3


async def test_where_it_cannot_be_stored_no_station_is_told(bench: CsmsBench, monkeypatch: pytest.MonkeyPatch) -> None:
    client = await bench.boot("S1", Version.V201)

    async def full(*_: Any) -> None:
        raise StorageFailed("disk full")

    with monkeypatch.context() as patched:
        patched.setattr(bench.storage.journal, "store", full)
        with pytest.raises(StorageFailed):
            await bench.csms.prices.publish("default", (bench.station("S1").key,), PRICE, "me")
    assert (await publications(bench), await commands(bench)) == ([], ())
    assert [frame for frame in client.frames if frame[0] == 2] == []


async def test_a_station_that_is_not_known_keeps_the_others_from_being_told(bench: CsmsBench) -> None:
    await bench.boot("S1", Version.V201)
    for unknown in (999_999, bench.station("S1").key):
        tenant = "default" if unknown == 999_999 else "other"
        with pytest.raises(LookupError):
            await bench.csms.prices.publish(tenant, (bench.station("S1").key, unknown), PRICE, "me")
    assert (await publications(bench), await commands(bench)) == ([], ())


async def test_a_publication_that_no_station_can_be_told_is_kept_with_the_reasons(bench: CsmsBench) -> None:
    never = await never_seen(bench)
    published = await bench.csms.prices.publish("default", (never,), PRICE, "me")
    assert await publications(bench) == [published]
    assert [told.unsupported for told in published.stations] == [NEVER_CONNECTED]
