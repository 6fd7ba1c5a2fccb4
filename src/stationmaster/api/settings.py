"""How the node is set up, to be read; it is changed where it is started."""

from collections.abc import Sequence

import msgspec
from litestar import Router, get

from stationmaster.api.http.resources import shaped
from stationmaster.api.http.services import ApiRequest, NodeSetting


class NodeSettingResource(msgspec.Struct, frozen=True, kw_only=True):
    """One setting as it is in force for the tenant. It is changed by ``flag``, or by ``environment_variable``, or by a
    line ``name = ...`` in the table ``section`` of the configuration file, and holds from the next start on. With
    ``per_tenant`` it may also stand in a tenant's own table."""

    name: str
    section: str
    section_title: str
    help: str
    value: int | float | bool | str
    default: int | float | bool | str
    is_default: bool
    flag: str
    environment_variable: str
    per_tenant: bool


@get("/", summary="The settings in force")
async def list_settings(request: ApiRequest) -> Sequence[NodeSettingResource]:
    """Administrators of the default tenant see all of the node's, those of another one what that may have of its own.
    No secret is among them: where one is needed, the name of its file is set."""
    return [shaped(NodeSettingResource, each, is_default=each.value == each.default) for each in _in_force(request)]


def _in_force(request: ApiRequest) -> Sequence[NodeSetting]:
    return request.services.settings(request.tenant)


settings_router = Router("/settings", route_handlers=[list_settings], tags=["System"])
