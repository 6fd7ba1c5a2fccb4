"""Monitors, events and alarms in the store."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from storage_records import NOW, a_station

from stationmaster.domain.device_model.addresses import Component, Variable
from stationmaster.domain.identity import Evse
from stationmaster.domain.messages import EventData
from stationmaster.domain.monitoring.alarms import (
    Alarm,
    AlarmAcknowledgement,
    KnownMonitor,
    KnownMonitors,
    StationEvent,
    Subject,
    ended,
)
from stationmaster.domain.monitoring.monitors import Monitor
from stationmaster.domain.monitoring.queries import AlarmFilter, StationEventFilter
from stationmaster.domain.queries import PageRequest
from stationmaster.storage.retention import RetentionPolicy
from stationmaster.storage.sqlite import SQLiteStorage


def a_monitor(key: int) -> KnownMonitor:
    monitor = Monitor(
        id=key,
        component=Component(name="EVSE", evse=Evse(1)),
        variable=Variable(name="Power"),
        type="UpperThreshold",
        value=Decimal("11000.5"),
        severity=4,
    )
    return KnownMonitor(monitor=monitor, told_at=NOW)


def an_alarm(key: int, **changes: Any) -> Alarm:
    fields: dict[str, Any] = {
        "key": key,
        "tenant": "default",
        "station_key": 1,
        "subject": Subject(component=Component(name="EVSE", evse=Evse(key)), variable=Variable(name="Power")),
        "severity": 5,
        "raised_at": NOW,
        "received_at": NOW,
        "last_at": NOW,
    }
    return Alarm(**fields | changes)


def a_station_event(number: int, **changes: Any) -> StationEvent:
    event = EventData(
        event_id=number,
        timestamp=NOW + timedelta(seconds=number),
        trigger="Delta",
        component="EVSE",
        variable="Power",
        actual_value=str(number),
        evse=Evse(1),
    )
    fields: dict[str, Any] = {"station_key": 1, "received_at": NOW + timedelta(seconds=number), "event": event}
    return StationEvent(**fields | {"digest": number} | changes)


async def found(storage: SQLiteStorage, **query: Any) -> list[int]:
    wanted = AlarmFilter(**{"tenant": "default", **query})
    keys = [seen.alarm.key for seen in (await storage.reads.alarms(wanted)).items]
    assert await storage.reads.alarm_count(wanted) == len(keys)
    return keys


async def test_a_stations_monitors_and_open_alarms_are_loaded_with_it(storage: SQLiteStorage) -> None:
    known = KnownMonitors(station_key=1, monitors=(a_monitor(3), a_monitor(1)))
    over = ended(an_alarm(11), NOW, NOW)
    await storage.journal.store([a_station(1), known, an_alarm(10), over, an_alarm(12, station_key=2)])

    state = await storage.reads.load(1)

    assert state is not None
    assert list(state.watched.alarms.values()) == [an_alarm(10)]
    assert state.watched.monitors == {1: a_monitor(1), 3: a_monitor(3)}
    assert await storage.reads.monitors(1) == [a_monitor(1), a_monitor(3)]
    assert await storage.reads.monitors(2) == []


async def test_alarms_stand_open_first_then_worst_first_then_newest_first(storage: SQLiteStorage) -> None:
    await storage.journal.store([an_alarm(1), an_alarm(2, severity=1), an_alarm(3), an_alarm(4, severity=0)])
    await storage.journal.store([ended(an_alarm(4, severity=0), NOW, NOW)])

    assert await found(storage) == [2, 3, 1, 4]
    assert await found(storage, open=True) == [2, 3, 1]
    assert await found(storage, open=False) == [4]
    assert await found(storage, severity=1) == [2, 4]


async def test_alarms_are_found_by_what_is_said_of_them_and_of_their_stations(storage: SQLiteStorage) -> None:
    by_code = Subject(component=Component(name="Connector"), variable=Variable(name="Problem"), code="GroundFailure")
    told = {"info": "100 % wet", "value": "true", "vendor_error_code": "E17", "tech_code": "0x1F"}
    await storage.journal.store([a_station(1), a_station(2), an_alarm(1, subject=by_code, **told)])
    seen = AlarmAcknowledgement(alarm_key=2, at=NOW, by="ada", note="Kim drives there")
    await storage.journal.store([an_alarm(2, station_key=2), seen])
    for text in ("connector", "problem", "GROUND", "0 % W", "e17", "0x1f", "true", a_station(1).identity.lower()):
        assert await found(storage, text=text) == [1], text
    assert await found(storage, text="kim") == [2]
    for text in ("severity", "1_0", "ada", "%%"):
        assert await found(storage, text=text) == [], text


async def test_alarms_are_found_by_when_they_were_first_told_of(storage: SQLiteStorage) -> None:
    hour = timedelta(hours=1)
    await storage.journal.store([an_alarm(key, received_at=NOW + key * hour) for key in (1, 2, 3)])
    assert await found(storage, from_at=NOW + 2 * hour) == [3, 2]
    assert await found(storage, from_at=NOW + hour, to_at=NOW + 3 * hour) == [2, 1]


async def test_alarms_come_in_pages_to_their_end(storage: SQLiteStorage) -> None:
    await storage.journal.store([an_alarm(key, severity=key % 3) for key in range(1, 8)])
    seen: list[int] = []
    request = PageRequest(limit=2)
    while True:
        page = await storage.reads.alarms(AlarmFilter(tenant="default"), request)
        seen += [each.alarm.key for each in page.items]
        if page.next_cursor is None:
            break
        request = PageRequest(limit=2, cursor=page.next_cursor)
    assert seen == [6, 3, 7, 4, 1, 5, 2]


async def test_alarms_are_a_tenants_and_a_stations_own(storage: SQLiteStorage) -> None:
    await storage.journal.store([an_alarm(1), an_alarm(2, station_key=2), an_alarm(3, tenant="other")])
    assert await found(storage) == [2, 1]
    assert await found(storage, station_key=2) == [2]
    assert await storage.reads.alarm("default", 3) is None
    assert await storage.reads.alarm("other", 3) is not None


async def test_an_acknowledgement_holds_whatever_the_station_says_later(storage: SQLiteStorage) -> None:
    await storage.journal.store([an_alarm(1)])
    first = AlarmAcknowledgement(alarm_key=1, at=NOW, by="Ann", note="on my way")
    await storage.journal.store([first])
    await storage.journal.store([AlarmAcknowledgement(alarm_key=1, at=NOW + timedelta(hours=1), by="Bob")])
    over = ended(an_alarm(1, count=3), NOW, NOW)
    await storage.journal.store([over])

    seen = await storage.reads.alarm("default", 1)

    assert seen is not None
    assert (seen.alarm, seen.acknowledgement) == (over, first)
    assert await found(storage, acknowledged=True) == [1]
    assert await found(storage, acknowledged=False) == []


async def test_an_event_that_comes_again_is_kept_once(storage: SQLiteStorage) -> None:
    again = a_station_event(1, received_at=NOW + timedelta(minutes=5))
    await storage.journal.store([a_station(1), a_station_event(1), again, a_station_event(2)])

    page = await storage.reads.station_events(StationEventFilter(tenant="default", station_key=1))

    assert [stored.event for stored in page.items] == [a_station_event(2), a_station_event(1)]


async def test_events_are_found_by_what_they_are_about(storage: SQLiteStorage) -> None:
    await storage.journal.store(
        [
            a_station(1),
            a_station(2, tenant="other"),
            a_station_event(1, severity=3),
            a_station_event(2, alarm_key=9),
            a_station_event(3, station_key=2),
        ]
    )

    async def numbers(**query: Any) -> list[int]:
        page = await storage.reads.station_events(StationEventFilter(**{"tenant": "default", **query}))
        return [stored.event.event.event_id for stored in page.items]

    assert await numbers() == [2, 1]
    assert await numbers(severity=3) == [1]
    assert await numbers(alarm_key=9) == [2]
    assert await numbers(variable="Power", component="EVSE") == [2, 1]
    assert await numbers(component="Connector") == []
    assert await numbers(from_at=NOW + timedelta(seconds=2)) == [2]
    assert await numbers(to_at=NOW + timedelta(seconds=2)) == [1]


async def test_old_events_and_ended_alarms_are_let_go_and_open_alarms_stay(storage: SQLiteStorage) -> None:
    over = ended(an_alarm(2), NOW, NOW)
    await storage.journal.store([a_station(1), an_alarm(1), over, a_station_event(1)])

    gone = await storage.retention.run(RetentionPolicy(), NOW + timedelta(days=400))

    assert (gone["alarms"], gone["station_events"]) == (1, 1)
    assert await found(storage) == [1]
