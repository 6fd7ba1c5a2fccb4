"""The files that a station brings when it is asked for its logs: text, one line for each entry, compressed."""

import gzip
import re
from collections.abc import Iterable, Sequence
from datetime import datetime

import msgspec

from stationmaster.station.diagnostics.log_ring import Line
from stationmaster.station.ports import HardwareDescription

MAX_NAME = 255


class LogFile(msgspec.Struct, frozen=True):
    name: str
    body: bytes


def within(lines: Iterable[Line], oldest: datetime | None, latest: datetime | None) -> list[Line]:
    """The lines of a span of time, its ends included."""
    return [line for line in lines if (oldest is None or line.at >= oldest) and (latest is None or line.at <= latest)]


def log_file(station: str, log_type: str, at: datetime, texts: Iterable[object]) -> LogFile:
    """A file of these lines. The same lines make the same file."""
    label = re.sub(r"[^A-Za-z0-9_.-]+", "_", f"{station}-{log_type}-{at:%Y%m%dT%H%M%SZ}")
    body = "".join(f"{text}\n" for text in texts).encode()
    return LogFile(f"{label[: MAX_NAME - 7]}.log.gz", gzip.compress(body, mtime=0))


def about(description: HardwareDescription, version: str, at: datetime) -> Sequence[str]:
    """How a diagnostics file begins: what kind of station it is."""
    info = description.info
    return (
        f"at {at.isoformat().replace('+00:00', 'Z')}",
        f"station {info.vendor} {info.model}, serial number {info.serial_number or '-'}",
        f"firmware {info.firmware_version or '-'}, OCPP {version}",
        *(f"EVSE {evse.id}: {evse.current}, {len(evse.connectors)} connectors" for evse in description.evses),
    )
