"""Network profiles in the store."""

from datetime import timedelta
from typing import Any

from storage_records import NOW, a_station

from stationmaster.domain.device_model.network_profile import Apn, NetworkProfile, NetworkProfileSet
from stationmaster.storage.sqlite import SQLiteStorage


def a_profile(slot: int, station_key: int = 1, **changes: Any) -> NetworkProfileSet:
    fields: dict[str, Any] = {"csms_url": f"wss://{slot}.test", "message_timeout_s": 30, "security_profile": 2}
    return NetworkProfileSet(station_key=station_key, slot=slot, set_at=NOW, profile=NetworkProfile(**fields | changes))


async def test_profiles_are_read_back_by_slot_and_the_newest_of_a_slot_counts(storage: SQLiteStorage) -> None:
    apn = Apn(apn="internet", authentication="AUTO", user_name="u")
    first, second = a_profile(2, apn=apn), a_profile(1)
    newer = NetworkProfileSet(station_key=1, slot=1, set_at=NOW + timedelta(hours=1), profile=first.profile)
    await storage.journal.store([a_station(1), first, second])
    await storage.journal.store([newer])

    assert list(await storage.reads.network_profiles("default", 1)) == [newer, first]


async def test_profiles_are_a_tenants_and_a_stations_own(storage: SQLiteStorage) -> None:
    await storage.journal.store([a_station(1), a_station(2, tenant="other"), a_profile(1), a_profile(1, 2)])

    assert [known.station_key for known in await storage.reads.network_profiles("default", 1)] == [1]
    assert await storage.reads.network_profiles("default", 2) == []
    assert await storage.reads.network_profiles("other", 1) == []
