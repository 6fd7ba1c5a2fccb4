"""One station beside the templates of settings that take it in."""

import msgspec
from litestar import Router, get

from stationmaster.api.device_model.setting_template_shapes import ItemDriftResource, item_resource
from stationmaster.api.http.parameters import Paging, StationKey
from stationmaster.api.http.resources import PageOf
from stationmaster.api.http.services import ApiRequest
from stationmaster.api.stations import known_station
from stationmaster.csms.device_model.setting_templates import drifts
from stationmaster.domain.device_model.setting_templates import DriftState


class StationTemplateResource(msgspec.Struct, frozen=True, kw_only=True):
    """A template that takes the station in. ``settings``: how many it has; ``items``: those that are not in line."""

    template: int
    name: str
    state: DriftState
    settings: int
    items: tuple[ItemDriftResource, ...]


@get("/{station_key:int}/setting-templates", summary="How a station stands to the templates that take it in, by name")
async def list_station_templates(
    request: ApiRequest, page: Paging, station_key: StationKey
) -> PageOf[StationTemplateResource]:
    """By what the station told last. A page looks through ``limit`` templates, and shows those that take it in."""
    station = await known_station(request, station_key)
    found = await request.queries.setting_templates(request.tenant, page)
    taking = [template for template in found.items if template.stations.takes(station)]
    shown = []
    for template in taking:
        (drift,) = await drifts(request.queries, template, [station])
        shown.append(
            StationTemplateResource(
                template=template.key,
                name=template.name,
                state=drift.state,
                settings=len(template.settings),
                items=tuple(item_resource(item) for item in drift.items if item.state != "in_line"),
            )
        )
    return PageOf(tuple(shown), found.next_cursor)


station_templates_router = Router("/stations", route_handlers=[list_station_templates], tags=["Setting templates"])
