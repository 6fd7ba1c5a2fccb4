"""Security events, uploads, transfers and customers' data, as every storage engine keeps them and lets go of them."""

from datetime import UTC, datetime, timedelta

import msgspec

from stationmaster.domain.diagnostics.customer_information import CustomerReport, CustomerReportPart
from stationmaster.domain.diagnostics.log_upload import LogUpload
from stationmaster.domain.diagnostics.security_events import SecurityEvent, SecurityEventFilter
from stationmaster.domain.station import Station
from stationmaster.domain.transfer import FileStored, ReceivedFile, Transfer, TransferClosed
from stationmaster.storage.retention import RetentionPolicy
from stationmaster.storage.sqlite import SQLiteStorage

NOW = datetime(2030, 1, 1, tzinfo=UTC)
STATION = Station(key=1, tenant="default", identity="S", created_at=NOW)
EVENT = SecurityEvent(
    station_key=1, type="FirmwareUpdated", timestamp=NOW, received_at=NOW, critical=True, tech_info="1.2"
)
UPLOAD = LogUpload(key=5, tenant="default", station_key=1, request_id=5, log_type="SecurityLog", created_at=NOW)
REPORT = CustomerReport(key=6, tenant="default", station_key=1, request_id=6, created_at=NOW)
TRANSFER = Transfer(
    key=5,
    tenant="default",
    station_key=1,
    purpose="upload",
    opened_at=NOW,
    expires_at=NOW + timedelta(hours=1),
    max_bytes=9,
)
FILE = ReceivedFile(blob="up-5-1-1", name="a", size_bytes=3, sha256="00", received_at=NOW)
PARTS = [CustomerReportPart(report_key=6, seq_no=n, received_at=NOW, data=str(n)) for n in (1, 0)]


async def test_an_event_told_twice_is_kept_once_and_seen_by_its_tenant_alone(storage: SQLiteStorage) -> None:
    other = msgspec.structs.replace(EVENT, tech_info="1.3")
    await storage.journal.store([STATION, EVENT, EVENT, other])
    await storage.journal.store([EVENT])
    found = (await storage.reads.security_events(SecurityEventFilter(tenant="default"))).items
    assert [stored.event for stored in found] == [other, EVENT]
    assert (await storage.reads.security_events(SecurityEventFilter(tenant="other"))).items == ()
    before = SecurityEventFilter(tenant="default", to_at=NOW)
    assert (await storage.reads.security_events(before)).items == ()


async def test_a_transfer_keeps_what_happens_to_it_whatever_is_written_first(storage: SQLiteStorage) -> None:
    await storage.journal.store([STATION, TRANSFER])
    await storage.journal.store([FileStored(key=5, file=FILE)])
    await storage.journal.store([TransferClosed(key=5, closed_at=NOW + timedelta(minutes=1))])
    await storage.journal.store([TransferClosed(key=5, closed_at=NOW + timedelta(minutes=9))])
    await storage.journal.store([TRANSFER])
    found = await storage.reads.transfer(5)
    assert found == msgspec.structs.replace(TRANSFER, file=FILE, closed_at=NOW + timedelta(minutes=1))
    assert await storage.reads.brought_blobs() == {"up-5-1-1"}


async def test_an_upload_is_read_with_its_file_and_a_report_with_its_parts_in_order(storage: SQLiteStorage) -> None:
    await storage.journal.store([STATION, UPLOAD, TRANSFER, REPORT, *PARTS, PARTS[0]])
    await storage.journal.store([FileStored(key=5, file=FILE), msgspec.structs.replace(UPLOAD, state="uploaded")])
    upload = await storage.reads.log_upload("default", 1, 5)
    report = await storage.reads.customer_report("default", 1, 6)
    assert upload is not None and (upload.upload.state, upload.file, upload.command) == ("uploaded", FILE, None)
    assert report is not None and report.text == "01"
    for tenant, station in (("other", 1), ("default", 2)):
        assert await storage.reads.log_upload(tenant, station, 5) is None
        assert await storage.reads.customer_report(tenant, station, 6) is None


async def test_a_station_is_loaded_with_what_it_was_asked_lately(storage: SQLiteStorage) -> None:
    many = [msgspec.structs.replace(UPLOAD, key=key) for key in range(1, 31)]
    await storage.journal.store([STATION, REPORT, *many])
    state = await storage.reads.load(1)
    assert state is not None
    assert [upload.key for upload in state.inquiries.uploads] == list(range(21, 31))
    assert state.inquiries.reports == (REPORT,)


async def test_all_of_it_goes_in_its_time_and_personal_data_first(storage: SQLiteStorage) -> None:
    await storage.journal.store([STATION, EVENT, UPLOAD, TRANSFER, REPORT, *PARTS])
    await storage.journal.store([FileStored(key=5, file=FILE)])

    gone = await storage.retention.run(RetentionPolicy(), NOW + timedelta(days=31))
    assert (gone["customer_reports"], gone["customer_report_parts"], gone["log_uploads"]) == (1, 2, 0)
    gone = await storage.retention.run(RetentionPolicy(), NOW + timedelta(days=92))
    assert (gone["log_uploads"], gone["transfers"], gone["security_events"]) == (1, 1, 0)
    assert await storage.reads.brought_blobs() == set()
    gone = await storage.retention.run(RetentionPolicy(), NOW + timedelta(days=366))
    assert gone["security_events"] == 1
