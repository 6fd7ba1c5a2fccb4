"""Tables as CSV (RFC 4180), written row by row so that length costs no memory."""

import csv
import io
from collections.abc import AsyncIterator, Iterable, Sequence
from datetime import datetime
from typing import Any, Literal

from litestar import Request, Response
from litestar.response import Stream

from stationmaster.api.http.resources import rfc3339

Format = Literal["json", "csv"]
MEDIA_TYPE = "text/csv"
_PORTION_CHARS = 32 * 1024
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def wants_csv(request: Request[Any, Any, Any], wanted: Format | None) -> bool:
    """The query parameter wins over the Accept header; JSON is what nobody asked for."""
    if wanted is not None:
        return wanted == "csv"
    accepted = request.headers.get("accept", "")
    return "text/csv" in accepted and "application/json" not in accepted


def csv_response(name: str, header: Sequence[str], rows: AsyncIterator[Iterable[Any]]) -> Response[Any]:
    return Stream(
        _written(header, rows),
        media_type=f"{MEDIA_TYPE}; header=present",
        headers={"Content-Disposition": f'attachment; filename="{name}.csv"'},
    )


async def _written(header: Sequence[str], rows: AsyncIterator[Iterable[Any]]) -> AsyncIterator[bytes]:
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(header)
    async for row in rows:
        writer.writerow([_cell(value) for value in row])
        if buffer.tell() > _PORTION_CHARS:
            yield _taken(buffer)
    yield _taken(buffer)


def _taken(buffer: io.StringIO) -> bytes:
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text.encode()


def _cell(value: Any) -> Any:
    """Truth and time as in JSON. Text that a spreadsheet would run as a formula is quoted: what a station sends must
    not run anywhere."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return rfc3339(value)
    if isinstance(value, str) and value.startswith(_FORMULA) and not _is_number(value):
        return f"'{value}"
    return value


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
