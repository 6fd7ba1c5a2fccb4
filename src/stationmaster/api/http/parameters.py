"""Parameters that several operations share, each with its bounds; and those that an operation does not have."""

from datetime import datetime
from typing import Annotated, Any

from litestar.connection import ASGIConnection
from litestar.di import NamedDependency, Provide
from litestar.enums import ParamType
from litestar.handlers import BaseRouteHandler
from litestar.params import PathParameter, QueryParameter, SkipValidation
from msgspec import Meta, Struct

from stationmaster.api.http.problems import FieldError, ProblemError, invalid
from stationmaster.api.http.wire_names import parameters_of
from stationmaster.domain.queries import PageRequest

MAX_INT32 = 2**31 - 1
MAX_INT64 = 2**63 - 1
MAX_WAIT_S = 120
_MAX_UNKNOWN = 10
"""Of the parameters that an operation does not have, how many a problem names."""
_MAX_NAME = 100

StationKey = Annotated[int, PathParameter(ge=1, le=MAX_INT64, description="Our key of the station, not its identity.")]
TokenKey = Annotated[int, PathParameter(ge=1, le=MAX_INT64)]
TransactionKey = Annotated[int, PathParameter(ge=1, le=MAX_INT64, description="Our key, not the id on the wire.")]
CommandKey = Annotated[int, PathParameter(ge=1, le=MAX_INT64)]
LogUploadKey = Annotated[int, PathParameter(ge=1, le=MAX_INT64)]
CustomerReportKey = Annotated[int, PathParameter(ge=1, le=MAX_INT64)]
FirmwareImageKey = Annotated[int, PathParameter(ge=1, le=MAX_INT64)]
FirmwareUpdateKey = Annotated[int, PathParameter(ge=1, le=MAX_INT64, description="The key of its command, too.")]
PublicationKey = Annotated[int, PathParameter(ge=1, le=MAX_INT64, description="The key of its command, too.")]
CampaignKey = Annotated[int, PathParameter(ge=1, le=MAX_INT64)]
ApiKeyKey = Annotated[int, PathParameter(ge=1, le=MAX_INT64)]

Limit = Annotated[int, QueryParameter(ge=1, le=1000, description="The most items in one page.")]
Cursor = Annotated[
    str | None,
    QueryParameter(max_length=4096, description="The next_cursor of the last page; none for the first."),
]
OfStation = Annotated[int | None, QueryParameter(name="station", ge=1, le=MAX_INT64, description="Key of a station.")]
Text = Annotated[str | None, QueryParameter(max_length=200, description="Some part of it, in whatever case.")]
From = Annotated[datetime | None, QueryParameter(name="from", description="From this moment on (RFC 3339, with zone).")]
To = Annotated[datetime | None, QueryParameter(name="to", description="Before this moment (RFC 3339, with zone).")]
Counting = Annotated[bool, QueryParameter(name="count", description="Tell how many match, too.")]
Wait = Annotated[
    float, QueryParameter(ge=0, le=MAX_WAIT_S, description="Seconds to wait for the station's answer before answering.")
]

EvseId = Annotated[int, Meta(ge=0, le=MAX_INT32)]
ConnectorId = Annotated[int, Meta(ge=1, le=MAX_INT32)]
PartyId = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=20,
        pattern=r"^[A-Za-z0-9*_.\-]+\Z",
        description="Of A-Z, a-z, 0-9 and * _ . -",
        examples=["DE*ABC"],
    ),
]


class Period(Struct, frozen=True):
    """``from_at`` <= moment < ``to_at``."""

    from_at: datetime | None
    to_at: datetime | None


def page_request(limit: Limit = 50, cursor: Cursor = None) -> PageRequest:
    return PageRequest(limit=limit, cursor=cursor)


def period(from_at: From = None, to_at: To = None) -> Period:
    """A time without a zone could be anybody's."""
    for name, moment in (("from", from_at), ("to", to_at)):
        if moment is not None and moment.tzinfo is None:
            raise invalid(f"query.{name}", "a time needs its zone, such as Z")
    return Period(from_at, to_at)


Paging = NamedDependency[SkipValidation[PageRequest]]
Within = NamedDependency[SkipValidation[Period]]

DEPENDENCIES = {
    "page": Provide(page_request, sync_to_thread=False),
    "within": Provide(period, sync_to_thread=False),
}
"""Parameters that go together, made into one argument of a handler."""


async def refuse_unknown(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """A guard: a misspelled filter would else be no filter at all. Raises a ProblemError of 400. A coroutine, as what
    is none is run on a thread.

    OPTIONS asks of a path, so a query there is for its other methods.
    """
    if not connection.scope["query_string"] or connection.scope.get("method") == "OPTIONS":
        return
    known = [given.name for given in parameters_of(handler).values() if given.source is ParamType.QUERY]
    unknown = [name[:_MAX_NAME] for name in dict.fromkeys(connection.query_params) if name not in known]
    if unknown:
        there = f"those that it has are {', '.join(sorted(known))}" if known else "it has none"
        raise ProblemError(
            400,
            f"This operation does not have every query parameter of the request: {there}.",
            kind="unknown-parameter",
            errors=[FieldError(f"query.{name}", "not known here") for name in unknown[:_MAX_UNKNOWN]],
        )
