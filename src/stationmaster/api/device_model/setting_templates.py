"""Settings for many stations: templates, their application, and which stations drifted from them."""

from collections.abc import Mapping
from typing import Annotated

import msgspec
from litestar import Response, Router, delete, get, post
from litestar.params import JSONBody, PathParameter, QueryParameter

from stationmaster.api.commands.device_model_drafts import settings_of
from stationmaster.api.device_model.setting_template_shapes import (
    ApplicationResource,
    ApplyDraft,
    DriftResource,
    SelectionDraft,
    TemplateDraft,
    TemplateResource,
    application_resource,
    drift_resource,
    template_resource,
)
from stationmaster.api.http.parameters import MAX_INT64, Paging
from stationmaster.api.http.problems import conflict, invalid, not_found
from stationmaster.api.http.resources import JsonResponse, PageOf, page_of
from stationmaster.api.http.services import ApiRequest
from stationmaster.csms.device_model.setting_templates import (
    WORST_FIRST,
    TooManyStations,
    apply_template,
    drift_summary,
    drifts,
    selected_stations,
)
from stationmaster.domain.command import CommandState
from stationmaster.domain.device_model.addresses import VariableSetting
from stationmaster.domain.device_model.setting_templates import (
    ApplicationProgress,
    DriftState,
    SettingTemplate,
    StationSelection,
    TemplateApplied,
)
from stationmaster.domain.failures import StorageFailed
from stationmaster.domain.records import Event
from stationmaster.domain.secret_names import is_secret
from stationmaster.domain.station import Station

MAX_SHOWN = 1000

TemplateKey = Annotated[int, PathParameter(ge=1, le=MAX_INT64)]


@get("/", summary="Templates of settings, by name")
async def list_setting_templates(request: ApiRequest, page: Paging) -> PageOf[TemplateResource]:
    return page_of(await request.queries.setting_templates(request.tenant, page), template_resource)


@post("/", summary="Make a template of settings")
async def create_setting_template(request: ApiRequest, data: JSONBody[TemplateDraft]) -> Response[TemplateResource]:
    """It changes no station until it is applied."""
    if await _is_taken(request, data.name):
        raise _duplicate()
    services = request.services
    template = SettingTemplate(
        key=services.keys.take(),
        tenant=request.tenant,
        name=data.name,
        stations=await _selection(request, data.stations),
        settings=_plain_settings(data),
        created_at=services.clock.now(),
        created_by=request.caller.name,
    )
    try:
        await _save(request, template, "created")
    except StorageFailed:
        if await _is_taken(request, data.name):  # somebody else was faster
            raise _duplicate() from None
        raise
    location = f"/api/v1/setting-templates/{template.key}"
    return JsonResponse(template_resource(template), headers={"Location": location})


@get("/{template_key:int}", summary="One template")
async def get_setting_template(request: ApiRequest, template_key: TemplateKey) -> TemplateResource:
    return template_resource(await _template(request, template_key))


@delete("/{template_key:int}", summary="Remove a template; what it set stays set")
async def delete_setting_template(request: ApiRequest, template_key: TemplateKey) -> None:
    template = await _template(request, template_key)
    removed = msgspec.structs.replace(template, removed_at=request.services.clock.now())
    await _save(request, removed, "removed")


@post("/{template_key:int}/apply", summary="Give the template's stations its settings")
async def apply_setting_template(
    request: ApiRequest, template_key: TemplateKey, data: JSONBody[ApplyDraft]
) -> Response[ApplicationResource]:
    """Each station is given one SetVariables command, shown here as it was given; the template's applications tell
    what became of them."""
    template = await _template(request, template_key)
    stations = await _stations(request, template)
    if data.stations is not None:
        stations = [station for station in stations if station.key in data.stations]
    if data.differing_only:
        states = {drift.station_key: drift.state for drift in await drifts(request.queries, template, stations)}
        stations = [station for station in stations if states[station.key] != "in_line"]
    services = request.services
    application = TemplateApplied(
        key=services.keys.take(),
        template_key=template.key,
        tenant=request.tenant,
        at=services.clock.now(),
        applied_by=request.caller.name,
    )
    applied = await apply_template(
        template, stations, services.commands, services.keys, services.journal, application, data.lifetime_s
    )
    given: tuple[tuple[int, int, CommandState], ...] = tuple(
        (station, command, "queued") for station, command in applied.commands
    )
    return JsonResponse(application_resource(ApplicationProgress(applied=applied, states=given)))


@get("/{template_key:int}/applications", summary="When a template was applied, and what became of it, newest first")
async def list_template_applications(
    request: ApiRequest, page: Paging, template_key: TemplateKey
) -> PageOf[ApplicationResource]:
    await _template(request, template_key)
    found = await request.queries.template_applications(request.tenant, template_key, page)
    return page_of(found, application_resource)


@get("/{template_key:int}/drift", summary="Which stations are in line with a template, and where others differ")
async def get_template_drift(
    request: ApiRequest,
    template_key: TemplateKey,
    limit: Annotated[int, QueryParameter(ge=0, le=MAX_SHOWN, description="The most stations that are listed.")] = 100,
    in_state: Annotated[
        DriftState | None, QueryParameter(name="state", description="Only stations in this state.")
    ] = None,
) -> DriftResource:
    """By what each station told last; ask them for reports to know better."""
    template = await _template(request, template_key)
    found = await drift_summary(request.queries, template, limit=limit, only=in_state)
    counts: Mapping[str, int] = {state: found.counts[state] for state in WORST_FIRST}
    return DriftResource(**counts, stations=tuple(drift_resource(drift, identity) for drift, identity in found.first))


async def _template(request: ApiRequest, key: int) -> SettingTemplate:
    template = await request.queries.setting_template(request.tenant, key)
    if template is None:
        raise not_found("template of settings")
    return template


async def _stations(request: ApiRequest, template: SettingTemplate) -> list[Station]:
    try:
        return await selected_stations(request.queries, template)
    except TooManyStations as error:
        raise conflict("too-many-stations", f"{error}.") from None


async def _selection(request: ApiRequest, draft: SelectionDraft) -> StationSelection:
    if draft.stations is None:
        return StationSelection(vendor=draft.vendor, model=draft.model, firmware_version=draft.firmware_version)
    if (draft.vendor, draft.model, draft.firmware_version) != (None, None, None):
        raise invalid("body.stations", "name stations by key, or by what they are, not both")
    keys = tuple(dict.fromkeys(draft.stations))
    for place, key in enumerate(keys):
        if await request.queries.station(request.tenant, key) is None:
            raise invalid(f"body.stations.stations[{place}]", "there is no such station")
    return StationSelection(station_keys=keys)


def _plain_settings(data: TemplateDraft) -> tuple[VariableSetting, ...]:
    """A secret belongs to one station, and is not kept."""
    settings = settings_of(data.settings)
    for place, setting in enumerate(settings):
        if is_secret(setting.ref.variable.name):
            raise invalid(f"body.settings[{place}]", "a secret is set by a command to each station, not by a template")
    return settings


async def _is_taken(request: ApiRequest, name: str) -> bool:
    return await request.queries.setting_template_named(request.tenant, name) is not None


def _duplicate() -> Exception:
    return conflict("already-there", "There is a template of this name already.")


async def _save(request: ApiRequest, template: SettingTemplate, what: str) -> None:
    data = {"template": template.key, "name": template.name, "what": what}
    event = Event(kind="SettingTemplateChanged", tenant=template.tenant, at=request.services.clock.now(), data=data)
    await request.services.journal.store([template], [event])


setting_templates_router = Router(
    "/setting-templates",
    route_handlers=[
        list_setting_templates,
        create_setting_template,
        get_setting_template,
        delete_setting_template,
        apply_setting_template,
        list_template_applications,
        get_template_drift,
    ],
    tags=["Setting templates"],
)
