"""Security events, log uploads with their files, and customer reports with their parts."""

import sqlite3
from collections.abc import Callable
from typing import TypeVar

import msgspec
import sqlalchemy as sa

from stationmaster.domain.command import Command
from stationmaster.domain.diagnostics.customer_information import (
    CustomerReport,
    CustomerReportFilter,
    CustomerReportPart,
    CustomerReportView,
)
from stationmaster.domain.diagnostics.inquiries import KEPT, Inquiries
from stationmaster.domain.diagnostics.log_upload import LogUpload, LogUploadFilter, LogUploadView
from stationmaster.domain.diagnostics.security_events import SecurityEvent, SecurityEventFilter, StoredSecurityEvent
from stationmaster.domain.queries import FIRST_PAGE, Page, PageRequest
from stationmaster.storage.readers import Readers, fetch
from stationmaster.storage.reads.paging import matching, of_tenant, page
from stationmaster.storage.rows import Row, micros, moment, to_command
from stationmaster.storage.schema.core import commands
from stationmaster.storage.schema.diagnostics import (
    customer_report_parts,
    customer_reports,
    log_uploads,
    security_events,
)
from stationmaster.storage.schema.transfers import transfers
from stationmaster.storage.statements import Sql, compiled
from stationmaster.storage.writes.transfers import to_file

Kind = TypeVar("Kind", LogUpload, CustomerReport)

_to_log_upload = msgspec.json.Decoder(LogUpload).decode
_to_customer_report = msgspec.json.Decoder(CustomerReport).decode
_u, _r, _p = log_uploads.c, customer_reports.c, customer_report_parts.c
_uploads = (
    sa.select(_u.body, commands.c.body, transfers.c.file)
    .outerjoin(commands, commands.c.key == _u.key)
    .outerjoin(transfers, transfers.c.key == _u.key)
)
_reports = sa.select(_r.body, commands.c.body, _r.key).outerjoin(commands, commands.c.key == _r.key)
_PARTS = compiled(
    sa.select(_p.seq_no, _p.received_at, _p.data).where(_p.report_key == sa.bindparam("report_key")).order_by(_p.seq_no)
)


def _newest_of(table: sa.Table) -> Sql:
    t = table.c
    return compiled(
        sa.select(t.body).where(t.station_key == sa.bindparam("station_key")).order_by(t.key.desc()).limit(KEPT)
    )


_NEWEST_UPLOADS, _NEWEST_REPORTS = _newest_of(log_uploads), _newest_of(customer_reports)


class InquiryReads:
    def __init__(self, readers: Readers) -> None:
        self._run = readers.run

    async def security_events(
        self, query: SecurityEventFilter, request: PageRequest = FIRST_PAGE
    ) -> Page[StoredSecurityEvent]:
        e = security_events.c
        critical = None if query.critical is None else int(query.critical)
        statement = sa.select(*e).where(
            of_tenant(security_events, query.tenant),
            *matching([(e.station_key, query.station_key), (e.type, query.type), (e.critical, critical)]),
        )
        if query.from_at is not None:
            statement = statement.where(e.timestamp >= micros(query.from_at))
        if query.to_at is not None:
            statement = statement.where(e.timestamp < micros(query.to_at))
        return await self._run(
            lambda connection: page(connection, statement, (e.key,), request, _to_event, newest_first=True)
        )

    async def log_uploads(self, query: LogUploadFilter, request: PageRequest = FIRST_PAGE) -> Page[LogUploadView]:
        statement = _uploads.where(_u.tenant == query.tenant, _u.station_key == query.station_key)
        return await self._run(
            lambda connection: page(connection, statement, (_u.key,), request, _to_upload, newest_first=True)
        )

    async def log_upload(self, tenant: str, station_key: int, key: int) -> LogUploadView | None:
        statement = _uploads.where(_u.key == key, _u.tenant == tenant, _u.station_key == station_key)
        found = await self._run(lambda connection: fetch(connection, statement))
        return _to_upload(found[0]) if found else None

    async def customer_reports(
        self, query: CustomerReportFilter, request: PageRequest = FIRST_PAGE
    ) -> Page[CustomerReportView]:
        """Without their parts."""
        statement = _reports.where(_r.tenant == query.tenant, _r.station_key == query.station_key)
        return await self._run(
            lambda connection: page(connection, statement, (_r.key,), request, _to_report, newest_first=True)
        )

    async def customer_report(self, tenant: str, station_key: int, key: int) -> CustomerReportView | None:
        statement = _reports.where(_r.key == key, _r.tenant == tenant, _r.station_key == station_key)

        def read(connection: sqlite3.Connection) -> CustomerReportView | None:
            found = fetch(connection, statement)
            if not found:
                return None
            parts = tuple(_to_part(key, row) for row in fetch(connection, _PARTS, report_key=key))
            return msgspec.structs.replace(_to_report(found[0]), parts=parts)

        return await self._run(read)


def inquiries(connection: sqlite3.Connection, station_key: int) -> Inquiries:
    """What a station was asked lately."""
    return Inquiries(
        uploads=_newest(connection, _NEWEST_UPLOADS, station_key, _to_log_upload),
        reports=_newest(connection, _NEWEST_REPORTS, station_key, _to_customer_report),
    )


def _newest(
    connection: sqlite3.Connection, newest: Sql, station_key: int, read: Callable[[str], Kind]
) -> tuple[Kind, ...]:
    return tuple(read(row[0]) for row in reversed(fetch(connection, newest, station_key=station_key)))


def _to_event(row: Row) -> StoredSecurityEvent:
    critical = row[5]
    event = SecurityEvent(
        station_key=row[1],
        type=row[2],
        timestamp=moment(row[3]),
        received_at=moment(row[4]),
        critical=None if critical is None else bool(critical),
        tech_info=row[6],
    )
    return StoredSecurityEvent(row[0], event)


def _to_upload(row: Row) -> LogUploadView:
    return LogUploadView(
        upload=msgspec.json.decode(row[0], type=LogUpload), command=_command(row[1]), file=to_file(row[2])
    )


def _to_report(row: Row) -> CustomerReportView:
    report = msgspec.json.decode(row[0], type=CustomerReport)
    return CustomerReportView(report=report, command=_command(row[1]), parts=())


def _command(body: str | None) -> Command | None:
    return None if body is None else to_command(body)


def _to_part(report_key: int, row: Row) -> CustomerReportPart:
    return CustomerReportPart(report_key=report_key, seq_no=row[0], received_at=moment(row[1]), data=row[2])
