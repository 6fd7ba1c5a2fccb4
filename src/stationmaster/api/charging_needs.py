"""What cars told their stations over ISO 15118: the energy they need, and what their inverters can do."""

from datetime import datetime
from typing import Any

import msgspec
from litestar import Router, get

from stationmaster.api.http.parameters import Paging, StationKey
from stationmaster.api.http.resources import PageOf, page_of, shaped
from stationmaster.api.http.services import ApiRequest
from stationmaster.api.stations import known_station
from stationmaster.domain.charging_needs import KnownNeeds


class ChargingNeedsResource(msgspec.Struct, frozen=True, kw_only=True):
    """``energy_transfer``: what the car asked for (AC_three_phase, DC_BPT, AC_BPT_DER, ...). ``der_modes``: the DER
    controls that its own inverter executes. ``needs``: all that it told, as ChargingNeedsType of OCPP 2.1.
    ``transaction``: the one that ran there when it was told. ``told_at``: the car's time, where it lay a while at the
    station."""

    evse_id: int
    energy_transfer: str | None
    der_modes: tuple[str, ...]
    transaction: int | None
    received_at: datetime
    told_at: datetime | None
    max_schedule_tuples: int | None
    needs: dict[str, Any]


@get("/{station_key:int}/charging-needs", summary="What the cars at a station told of themselves, by EVSE")
async def list_charging_needs(
    request: ApiRequest, page: Paging, station_key: StationKey
) -> PageOf[ChargingNeedsResource]:
    """The newest of each EVSE; the car may have left since."""
    await known_station(request, station_key)
    return page_of(await request.queries.charging_needs(request.tenant, station_key, page), _resource)


def _resource(known: KnownNeeds) -> ChargingNeedsResource:
    return shaped(
        ChargingNeedsResource,
        known,
        energy_transfer=known.energy_transfer,
        der_modes=known.der_modes,
        transaction=known.transaction_key,
    )


charging_needs_router = Router("/stations", route_handlers=[list_charging_needs], tags=["Charging needs"])
