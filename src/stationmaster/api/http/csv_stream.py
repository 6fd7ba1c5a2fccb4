"""Tables as CSV (RFC 4180), written row by row so that length costs no memory."""

import csv
import io
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from datetime import datetime
from typing import Annotated, Any, Literal, Protocol, TypeVar

import msgspec
from litestar import Request, Response
from litestar.params import QueryParameter
from litestar.response import Stream

from stationmaster.api.http.resources import rfc3339
from stationmaster.domain.queries import MAX_PAGE, PageRequest

Item = TypeVar("Item", bound=msgspec.Struct)
Told_co = TypeVar("Told_co", bound=msgspec.Struct, covariant=True)

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


CsvOrJson = Annotated[Format | None, QueryParameter(name="format", description="csv: all of them, whatever the limit.")]


class _Page(Protocol[Told_co]):
    @property
    def items(self) -> Sequence[Told_co]: ...
    @property
    def next_cursor(self) -> str | None: ...


def csv_list(name: str, shape: type[Item], ask: Callable[[PageRequest], Awaitable[_Page[Item]]]) -> Response[Any]:
    """A list as it is told in pages, all of it, a page at a time; a column for each field of its items."""
    return csv_response(name, shape.__struct_encode_fields__, _every_row(ask))


async def _every_row(ask: Callable[[PageRequest], Awaitable[_Page[Item]]]) -> AsyncIterator[Iterable[Any]]:
    cursor: str | None = None
    while True:
        found = await ask(PageRequest(limit=MAX_PAGE, cursor=cursor))
        for item in found.items:
            yield [_flat(getattr(item, name)) for name in item.__struct_fields__]
        if (cursor := found.next_cursor) is None:
            return


def _flat(value: Any) -> Any:
    """Lists of words with blanks between; what is deeper as JSON."""
    if isinstance(value, tuple | list) and all(isinstance(each, str) for each in value):
        return " ".join(value)
    if isinstance(value, tuple | list | dict | msgspec.Struct):
        return msgspec.json.encode(value).decode()
    return value


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
