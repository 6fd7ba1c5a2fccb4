"""What is stored of vendors' messages, certificates, DER controls, battery swaps and event streams."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from storage_records import NOW, a_station

from stationmaster.domain.battery_swap import Battery, Swap, SwapFilter
from stationmaster.domain.certificates import (
    CertificateHash,
    CertificateRequest,
    CertificateRequestMoved,
    CertificatesSeen,
    InstalledCertificate,
)
from stationmaster.domain.data_transfer import DataTransferFilter, DataTransferRecord
from stationmaster.domain.der.controls import ControlForgotten, DERAlarm, DERAlarmEnded, DERControl, KnownControl
from stationmaster.domain.identity import IdToken
from stationmaster.domain.monitoring.event_streams import (
    KnownStream,
    StreamClosed,
    StreamParams,
    StreamValue,
    StreamValueFilter,
)
from stationmaster.domain.queries import PageRequest
from stationmaster.storage.retention import RetentionPolicy
from stationmaster.storage.sqlite import SQLiteStorage

OURS, THEIRS = "default", "other"


@pytest.fixture(autouse=True)
async def stations(storage: SQLiteStorage) -> None:
    await storage.journal.store([a_station(1), a_station(2, tenant=THEIRS)])


def a_transfer(number: int, station_key: int = 1, **changes: Any) -> DataTransferRecord:
    fields: dict[str, Any] = {
        "station_key": station_key,
        "at": NOW + timedelta(seconds=number),
        "direction": "in",
        "vendor_id": "com.acme",
        "message_id": str(number),
        "status": "Accepted",
        "data": '{"n":1}',
    }
    return DataTransferRecord(**fields | changes)


async def test_data_transfers_are_listed_newest_first_by_tenant(storage: SQLiteStorage) -> None:
    records = [a_transfer(1), a_transfer(2, direction="out", vendor_id="org.two"), a_transfer(3, station_key=2)]
    await storage.journal.store(records)

    async def found(tenant: str = OURS, **query: Any) -> list[DataTransferRecord]:
        page = await storage.reads.data_transfers(DataTransferFilter(tenant=tenant, **query))
        return [stored.record for stored in page.items]

    assert await found() == [records[1], records[0]]
    assert await found(THEIRS) == [records[2]]
    assert await found(direction="out") == await found(vendor_id="org.two") == [records[1]]
    assert await found(message_id="1", station_key=1) == [records[0]]
    assert await found(station_key=2) == []


async def test_data_transfers_go_page_by_page(storage: SQLiteStorage) -> None:
    await storage.journal.store([a_transfer(number) for number in range(3)])
    query = DataTransferFilter(tenant=OURS)
    first = await storage.reads.data_transfers(query, PageRequest(limit=2))
    second = await storage.reads.data_transfers(query, PageRequest(limit=2, cursor=first.next_cursor))
    found = [stored.record.message_id for page in (first, second) for stored in page.items]
    assert (found, second.next_cursor) == (["2", "1", "0"], None)


async def test_installed_certificates_are_replaced_use_by_use(storage: SQLiteStorage) -> None:
    named = InstalledCertificate(use="MORootCertificate", hash=CertificateHash("SHA256", "a", "b", "1"))
    first = CertificatesSeen(station_key=1, use=named.use, seen_at=NOW, certificates=(named,))
    other = CertificatesSeen(station_key=1, use="CSMSRootCertificate", seen_at=NOW)
    later = msgspec.structs.replace(first, seen_at=NOW + timedelta(days=1), certificates=())
    await storage.journal.store([first, other])
    assert await storage.reads.installed_certificates(OURS, 1) == [other, first]
    await storage.journal.store([later])
    assert await storage.reads.installed_certificates(OURS, 1) == [other, later]
    assert await storage.reads.installed_certificates(THEIRS, 1) == []


async def test_a_certificate_request_moves_on_unless_it_was_refused(storage: SQLiteStorage) -> None:
    kept = CertificateRequest(station_key=1, use="V2GCertificate", csr="PEM", received_at=NOW, request_id=4)
    refused = msgspec.structs.replace(kept, use="ChargingStationCertificate", state="refused")
    moves = [CertificateRequestMoved(station_key=1, use=each.use, state="sent") for each in (kept, refused)]
    await storage.journal.store([kept, refused, *moves])
    found = (await storage.reads.certificate_requests(OURS)).items
    assert found == (refused, msgspec.structs.replace(kept, state="sent"))
    assert (await storage.reads.certificate_requests(THEIRS)).items == ()


def a_control(name: str, station_key: int = 1) -> KnownControl:
    control = DERControl(id=name, type="FixedVar", is_default=True, setting={"priority": 1, "setpoint": 20.5})
    return KnownControl(station_key=station_key, control=control, state="waiting", desired=True, changed_at=NOW)


async def test_der_controls_come_back_with_the_aggregate(storage: SQLiteStorage) -> None:
    controls = [a_control("a"), a_control("b"), a_control("c", 2)]
    await storage.journal.store([*controls, ControlForgotten(station_key=1, id="b")])
    state = await storage.reads.load(1)
    assert state is not None and dict(state.der.controls) == {"a": controls[0]}
    assert (await storage.reads.der_controls(OURS, 1)).items == (controls[0],)
    assert (await storage.reads.der_controls(OURS, 2)).items == ()


async def test_a_decimal_in_a_der_setting_stays_a_number(storage: SQLiteStorage) -> None:
    known = a_control("a")
    exact = msgspec.structs.replace(known.control, setting={"priority": 1, "setpoint": Decimal("20.5")})
    await storage.journal.store([msgspec.structs.replace(known, control=exact)])
    assert (await storage.reads.der_controls(OURS, 1)).items == (known,)


async def test_an_alarm_is_kept_once_and_ends_with_its_fault(storage: SQLiteStorage) -> None:
    def alarm(kind: str, fault: str | None) -> DERAlarm:
        return DERAlarm(station_key=1, type=kind, fault=fault, started_at=NOW, received_at=NOW)

    over, bend, other = alarm("HVMustTrip", "OverVoltage"), alarm("VoltWatt", "OverVoltage"), alarm("FixedVar", None)
    ended_at = NOW + timedelta(minutes=1)
    ended = DERAlarmEnded(station_key=1, fault="OverVoltage", ended_at=ended_at)
    await storage.journal.store([over, over, bend, other, ended])
    found = [stored.alarm for stored in (await storage.reads.der_alarms(OURS, 1)).items]
    assert found == [other, *(msgspec.structs.replace(each, ended_at=ended_at) for each in (bend, over))]
    still = [stored.alarm for stored in (await storage.reads.der_alarms(OURS, 1, open_only=True)).items]
    assert still == [other]
    assert (await storage.reads.der_alarms(THEIRS, 1)).items == ()


async def test_battery_swaps_are_found_by_station_and_state(storage: SQLiteStorage) -> None:
    battery = Battery(evse_id=1, serial_number="A", soc_pct=Decimal("9.5"), soh_pct=Decimal(98), produced_at=NOW)

    def swap(key: int, state: Any, tenant: str = OURS, station_key: int = 1) -> Swap:
        return Swap(
            key=key,
            tenant=tenant,
            station_key=station_key,
            request_id=key,
            id_token=IdToken("T"),
            state=state,
            started_at=NOW,
            changed_at=NOW,
            brought=(battery,),
        )

    swaps = [swap(1, "requested"), swap(2, "in"), swap(3, "in", THEIRS, 2)]
    await storage.journal.store([*swaps, swap(1, "done")])

    async def found(tenant: str = OURS, **query: Any) -> list[Swap]:
        return list((await storage.reads.battery_swaps(SwapFilter(tenant=tenant, **query))).items)

    assert await found() == [swaps[1], swap(1, "done")]
    assert await found(state="in") == [swaps[1]]
    assert await found(THEIRS, station_key=2) == [swaps[2]]
    assert await found(station_key=2) == []
    state = await storage.reads.load(1)
    assert state is not None and state.swaps == (swap(1, "done"), swaps[1])


async def test_streams_close_and_their_values_stay(storage: SQLiteStorage) -> None:
    stream = KnownStream(
        station_key=1, id=0, monitoring_id=5, params=StreamParams(values=2), opened_at=NOW, last_at=NOW, pending=3
    )
    values = [
        StreamValue(
            station_key=1,
            stream_id=0,
            monitoring_id=5,
            at=NOW + timedelta(seconds=number),
            received_at=NOW,
            value=str(number),
        )
        for number in range(3)
    ]
    await storage.journal.store([stream, *values])
    state = await storage.reads.load(1)
    assert state is not None and dict(state.streams) == {0: stream}
    assert await storage.reads.event_streams(OURS, 1) == [stream]
    assert await storage.reads.event_streams(THEIRS, 1) == []
    await storage.journal.store([StreamClosed(station_key=1, id=0)])
    assert await storage.reads.event_streams(OURS, 1) == []

    async def found(tenant: str = OURS, **query: Any) -> list[StreamValue]:
        page = await storage.reads.stream_values(StreamValueFilter(tenant=tenant, station_key=1, stream_id=0, **query))
        return [stored.value for stored in page.items]

    assert await found() == values
    assert await found(from_at=values[1].at, to_at=values[2].at) == [values[1]]
    assert await found(THEIRS) == []


async def test_what_is_old_goes_but_an_alarm_that_holds_on_stays(storage: SQLiteStorage) -> None:
    value = StreamValue(station_key=1, stream_id=0, monitoring_id=None, at=NOW, received_at=NOW, value="x")
    alarms = [
        DERAlarm(station_key=1, type="HVMustTrip", fault=fault, started_at=NOW, received_at=NOW, ended_at=ended_at)
        for fault, ended_at in (("OverVoltage", NOW), ("OverFrequency", None))
    ]
    await storage.journal.store([a_transfer(0), value, *alarms])
    gone = await storage.retention.run(RetentionPolicy(), NOW + timedelta(days=400))
    assert (gone["data_transfers"], gone["stream_values"], gone["der_alarms"]) == (1, 1, 1)
    left = (await storage.reads.der_alarms(OURS, 1)).items
    assert [stored.alarm.fault for stored in left] == ["OverFrequency"]
