"""How security events, log uploads and customer reports are written."""

import msgspec

from stationmaster.domain.diagnostics.customer_information import CustomerReport, CustomerReportPart
from stationmaster.domain.diagnostics.log_upload import LogUpload
from stationmaster.domain.diagnostics.security_events import SecurityEvent
from stationmaster.storage.rows import Values, micros
from stationmaster.storage.schema.diagnostics import (
    customer_report_parts,
    customer_reports,
    log_uploads,
    security_events,
)
from stationmaster.storage.statements import Write, insert_once, upsert

_encode = msgspec.json.encode
_FIXED = ("tenant", "station_key", "created_at")


def security_event_row(event: SecurityEvent) -> Values:
    return (
        event.station_key,
        event.type,
        micros(event.timestamp),
        micros(event.received_at),
        None if event.critical is None else int(event.critical),
        event.tech_info,
        event.digest,
    )


def inquiry_row(inquiry: LogUpload | CustomerReport) -> Values:
    return (
        inquiry.key,
        inquiry.tenant,
        inquiry.station_key,
        micros(inquiry.created_at),
        inquiry.state,
        _encode(inquiry).decode(),
    )


def part_row(part: CustomerReportPart) -> Values:
    return (part.report_key, part.seq_no, micros(part.received_at), part.data)


WRITES: dict[type, tuple[Write, ...]] = {
    SecurityEvent: (Write(insert_once(security_events), security_event_row),),
    LogUpload: (Write(upsert(log_uploads, ("key",), keep=_FIXED), inquiry_row),),
    CustomerReport: (Write(upsert(customer_reports, ("key",), keep=_FIXED), inquiry_row),),
    CustomerReportPart: (Write(upsert(customer_report_parts, ("report_key", "seq_no")), part_row),),
}
