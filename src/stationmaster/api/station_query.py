"""The parameters of the station list."""

from typing import Annotated, Literal, cast

from litestar.di import NamedDependency, Provide
from litestar.params import FromQuery, QueryParameter, SkipValidation
from msgspec import Struct
from msgspec.structs import replace

from stationmaster.domain.messages import RegistrationStatus
from stationmaster.domain.queries import StationFilter
from stationmaster.domain.standing import Standing
from stationmaster.domain.station_list import SortedBy, StationOrder

_MOST = 200
_OR_NONE = "Empty: those that have none."
Text = Annotated[
    str | None,
    QueryParameter(max_length=_MOST, description="Some part of identity, name or serial number, in whatever case."),
]
Site = Annotated[str | None, QueryParameter(max_length=_MOST, description=f"The site's name. {_OR_NONE}")]
Version = Annotated[str | None, QueryParameter(max_length=5, description=f'As the wire spells it: "2.0.1". {_OR_NONE}')]
Told = Annotated[str | None, QueryParameter(max_length=_MOST, description=f"As the station told it. {_OR_NONE}")]
InState = Annotated[Standing | None, QueryParameter(name="state", description="How it stands, in one word.")]
Sorted = Literal[
    "identity",
    "-identity",
    "name",
    "-name",
    "site",
    "-site",
    "state",
    "-state",
    "version",
    "-version",
    "vendor",
    "-vendor",
    "firmware_version",
    "-firmware_version",
    "last_seen",
    "-last_seen",
]
StationSort = Annotated[Sorted, QueryParameter(description="With a minus: downwards.")]


class StationsWanted(Struct, frozen=True, kw_only=True):
    """A filter that knows no tenant yet."""

    filter: StationFilter

    def of(self, tenant: str) -> StationFilter:
        return replace(self.filter, tenant=tenant)


class StationsTold(Struct, frozen=True):
    """What stations said of themselves."""

    version: str | None
    vendor: str | None
    model: str | None
    firmware_version: str | None


def stations_told(
    version: Version = None, vendor: Told = None, model: Told = None, firmware_version: Told = None
) -> StationsTold:
    return StationsTold(version, vendor, model, firmware_version)


def stations_wanted(
    told: NamedDependency[SkipValidation[StationsTold]],
    text: Text = None,
    site: Site = None,
    in_state: InState = None,
    connected: FromQuery[bool | None] = None,
    registration: FromQuery[RegistrationStatus | None] = None,
) -> StationsWanted:
    query = StationFilter(
        tenant="",
        text=text,
        site=site,
        state=in_state,
        connected=connected,
        registration=registration,
        version=told.version,
        vendor=told.vendor,
        model=told.model,
        firmware_version=told.firmware_version,
    )
    return StationsWanted(filter=query)


def order_of(sort: Sorted) -> StationOrder:
    return StationOrder(cast("SortedBy", sort.removeprefix("-")), sort.startswith("-"))


StationQuery = NamedDependency[SkipValidation[StationsWanted]]
STATION_QUERY = {
    "told": Provide(stations_told, sync_to_thread=False),
    "wanted": Provide(stations_wanted, sync_to_thread=False),
}
