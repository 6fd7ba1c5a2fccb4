"""What is stored of cars' needs."""

from decimal import Decimal

import msgspec
from storage_records import NOW, a_station

from stationmaster.domain.charging_needs import KnownNeeds
from stationmaster.domain.queries import PageRequest
from stationmaster.storage.sqlite import SQLiteStorage

NEEDS = {"requestedEnergyTransfer": "DC_BPT", "v2xChargingParameters": {"maxDischargePower": 11_000.5}}


async def test_the_newest_needs_of_each_evse_stay_and_are_seen_by_their_tenant(storage: SQLiteStorage) -> None:
    await storage.journal.store([a_station(1), a_station(2, tenant="other")])
    first = KnownNeeds(station_key=1, evse_id=1, needs={}, received_at=NOW)
    newer = msgspec.structs.replace(first, needs=NEEDS, told_at=NOW, transaction_key=5, max_schedule_tuples=3)
    second = KnownNeeds(station_key=1, evse_id=2, needs=NEEDS, received_at=NOW)
    await storage.journal.store([first, second, newer])
    assert (await storage.reads.charging_needs("default", 1)).items == (newer, second)
    page = await storage.reads.charging_needs("default", 1, PageRequest(limit=1))
    assert page.items == (newer,)
    assert (await storage.reads.charging_needs("other", 1)).items == ()


async def test_a_decimal_stays_a_number(storage: SQLiteStorage) -> None:
    await storage.journal.store([a_station(1)])
    needs = {"v2xChargingParameters": {"maxDischargePower": Decimal("11000.5")}}
    await storage.journal.store([KnownNeeds(station_key=1, evse_id=1, needs=needs, received_at=NOW)])
    (found,) = (await storage.reads.charging_needs("default", 1)).items
    assert found.needs == needs
