"""What is known of a station's variables, or of its configuration keys where it speaks 1.x."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any

import msgspec
from litestar import Router, get
from litestar.di import NamedDependency, Provide
from litestar.params import QueryParameter, SkipValidation

from stationmaster.api.http.parameters import MAX_INT32, Paging, StationKey, Text
from stationmaster.api.http.problems import not_found
from stationmaster.api.http.resources import PageOf, page_of, shaped
from stationmaster.api.http.services import ApiRequest
from stationmaster.api.stations import known_station
from stationmaster.dialects.v1.configuration_keys import is_specified, key_of
from stationmaster.domain.device_model.addresses import (
    CONFIGURATION_KEY,
    Attribute,
    Characteristics,
    Component,
    Mutability,
    Variable,
    VariableRef,
    name_of,
)
from stationmaster.domain.device_model.variables import KnownVariable, Source, VariableFilter


class AddressResource(msgspec.Struct, frozen=True, kw_only=True):
    """Without ``evse_id``: of the station itself."""

    component: str
    instance: str | None
    evse_id: int | None
    connector_id: int | None
    variable: str
    variable_instance: str | None


class AttributeResource(msgspec.Struct, frozen=True, kw_only=True):
    """``value`` null: it may not be read, or is not known."""

    type: str
    value: str | None
    mutability: Mutability
    persistent: bool
    constant: bool


class CharacteristicsResource(msgspec.Struct, frozen=True, kw_only=True):
    """The limits of a text or a list are those of its length."""

    data_type: str
    supports_monitoring: bool
    unit: str | None
    min_limit: Decimal | None
    max_limit: Decimal | None
    max_elements: int | None
    values_list: tuple[str, ...] | None


class VariableResource(AddressResource, frozen=True, kw_only=True):
    """``source`` and ``told_at``: how and when the newest value came to be known."""

    attributes: tuple[AttributeResource, ...]
    characteristics: CharacteristicsResource | None
    source: Source
    told_at: datetime


class ConfigurationResource(msgspec.Struct, frozen=True, kw_only=True):
    """A key of 1.x. ``counterpart``: the variable of 2.x that it means, null where there is none. ``data_type`` and
    ``unit`` are the specification's, null where it does not know the key: no station of 1.x tells them."""

    key: str
    value: str | None
    readonly: bool
    counterpart: str | None
    data_type: str | None
    unit: str | None
    source: Source
    told_at: datetime


class Place(msgspec.Struct, frozen=True):
    """Exact names; what is None is not looked at."""

    component: str | None
    variable: str | None
    evse_id: int | None


def _place(
    component: Annotated[str | None, QueryParameter(max_length=50)] = None,
    variable: Annotated[str | None, QueryParameter(max_length=50)] = None,
    evse_id: Annotated[
        int | None, QueryParameter(name="evse", ge=0, le=MAX_INT32, description="0: of the station itself.")
    ] = None,
) -> Place:
    return Place(component, variable, evse_id)


Placed = NamedDependency[SkipValidation[Place]]


@get(
    "/{station_key:int}/variables",
    summary="What is known of a station's variables, by address",
    dependencies={"place": Provide(_place, sync_to_thread=False)},
)
async def list_variables(
    request: ApiRequest,
    page: Paging,
    station_key: StationKey,
    place: Placed,
    mutability: Annotated[Mutability | None, QueryParameter()] = None,
    text: Text = None,
) -> PageOf[VariableResource]:
    """What the station told last, in a report or an answer, or was set to. A command asks it anew."""
    await known_station(request, station_key)
    query = VariableFilter(
        tenant=request.tenant,
        station_key=station_key,
        component=place.component,
        variable=place.variable,
        evse_id=place.evse_id,
        mutability=mutability,
        text=text,
    )
    return page_of(await request.queries.variables(query, page), _variable_resource)


@get("/{station_key:int}/configuration", summary="What is known of a 1.x station's configuration keys")
async def list_configuration(
    request: ApiRequest, page: Paging, station_key: StationKey, text: Text = None
) -> PageOf[ConfigurationResource]:
    station = await known_station(request, station_key)
    if station.version is None or not station.version.startswith("1."):
        raise not_found("configuration: the station does not speak OCPP 1.x, so it has variables")
    query = VariableFilter(tenant=request.tenant, station_key=station_key, text=text)
    found = await request.queries.variables(query, page)
    keys = [resource for known in found.items if (resource := _configuration_resource(known)) is not None]
    return PageOf(tuple(keys), found.next_cursor)


def address_fields(component: Component, variable: Variable) -> dict[str, Any]:
    """The members of an :class:`AddressResource`."""
    evse = component.evse
    return {
        "component": component.name,
        "instance": component.instance,
        "evse_id": None if evse is None else evse.id,
        "connector_id": None if evse is None else evse.connector_id,
        "variable": variable.name,
        "variable_instance": variable.instance,
    }


def attribute_resources(attributes: tuple[Attribute, ...]) -> tuple[AttributeResource, ...]:
    return tuple(shaped(AttributeResource, attribute) for attribute in attributes)


def characteristics_resource(told: Characteristics | None) -> CharacteristicsResource | None:
    return None if told is None else shaped(CharacteristicsResource, told)


def _variable_resource(known: KnownVariable) -> VariableResource:
    return VariableResource(
        **address_fields(known.component, known.variable),
        attributes=attribute_resources(known.attributes),
        characteristics=characteristics_resource(known.characteristics),
        source=known.source,
        told_at=known.told_at,
    )


def _configuration_resource(known: KnownVariable) -> ConfigurationResource | None:
    ref = VariableRef(component=known.component, variable=known.variable)
    key = key_of(ref)
    actual = next((attribute for attribute in known.attributes if attribute.type == "Actual"), None)
    if key is None or key.ref != ref:
        return None
    return ConfigurationResource(
        key=key.name,
        value=None if actual is None or actual.value is None else key.lower(actual.value),
        readonly=actual is not None and actual.mutability == "ReadOnly",
        counterpart=None if ref.component.name == CONFIGURATION_KEY else name_of(ref),
        data_type=key.characteristics.data_type if is_specified(key) else None,
        unit=key.characteristics.unit,
        source=known.source,
        told_at=known.told_at,
    )


variables_router = Router("/stations", route_handlers=[list_variables, list_configuration], tags=["Device model"])
