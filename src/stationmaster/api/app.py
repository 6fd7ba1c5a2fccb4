"""The API put together."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from functools import cache, partial

from litestar import Litestar, Router
from litestar.datastructures import State
from litestar.types import ControllerRouterHandler, Message, Scope

from stationmaster.api.api_keys import api_keys_router
from stationmaster.api.audit import audit_router
from stationmaster.api.authorization.accounts import accounts_router
from stationmaster.api.authorization.local_lists import local_lists_router, station_local_list_router
from stationmaster.api.authorization.refusals import refusals_router
from stationmaster.api.authorization.token_files import token_files_router
from stationmaster.api.authorization.token_groups import token_groups_router
from stationmaster.api.authorization.token_import import token_import_router
from stationmaster.api.authorization.token_judging import token_judging_router
from stationmaster.api.authorization.token_stops import token_stops_router
from stationmaster.api.authorization.tokens import tokens_router
from stationmaster.api.battery_swaps import battery_swap_requests_router, battery_swaps_router
from stationmaster.api.certificates import certificate_requests_router, certificates_router
from stationmaster.api.charging_needs import charging_needs_router
from stationmaster.api.commands.calls import calls_router
from stationmaster.api.commands.commands import commands_router
from stationmaster.api.connectors import connectors_router
from stationmaster.api.cost.bill_holds import bill_holds_router
from stationmaster.api.cost.bills import bills_router, transaction_bills_router
from stationmaster.api.cost.cdrs import cdrs_router
from stationmaster.api.cost.price_publications import price_publications_router
from stationmaster.api.cost.site_stations import site_stations_router
from stationmaster.api.cost.sites import places_router, sites_router
from stationmaster.api.cost.station_costs import station_costs_router
from stationmaster.api.cost.tariff_assignments import tariff_assignments_router, tariff_choice_router
from stationmaster.api.cost.tariff_preview import tariff_preview_router
from stationmaster.api.cost.tariffs import tariffs_router
from stationmaster.api.data_transfers import data_transfers_router
from stationmaster.api.der import der_router
from stationmaster.api.device_model.network_profiles import network_profiles_router
from stationmaster.api.device_model.reports import reports_router
from stationmaster.api.device_model.setting_templates import setting_templates_router
from stationmaster.api.device_model.station_templates import station_templates_router
from stationmaster.api.device_model.variables import variables_router
from stationmaster.api.diagnostics.customer_information import customer_information_router
from stationmaster.api.diagnostics.exchanges import exchanges_router
from stationmaster.api.diagnostics.health import station_health_router
from stationmaster.api.diagnostics.log_uploads import log_uploads_router
from stationmaster.api.diagnostics.message_export import message_export_router
from stationmaster.api.diagnostics.messages import messages_router
from stationmaster.api.diagnostics.protocol import protocol_router
from stationmaster.api.diagnostics.security_events import security_events_router, station_security_events_router
from stationmaster.api.display_messages import display_messages_router
from stationmaster.api.display_overview import display_overview_router
from stationmaster.api.drivers import drivers_router
from stationmaster.api.firmware.campaigns import firmware_campaigns_router
from stationmaster.api.firmware.images import firmware_images_router
from stationmaster.api.firmware.updates import firmware_updates_router, station_firmware_router
from stationmaster.api.http import problems
from stationmaster.api.http.access import authorize
from stationmaster.api.http.audit import audit_middleware, audited
from stationmaster.api.http.event_stream import EventStreams
from stationmaster.api.http.openapi import document, openapi_config
from stationmaster.api.http.parameters import DEPENDENCIES, refuse_unknown
from stationmaster.api.http.resources import JsonResponse
from stationmaster.api.http.services import ApiRequest, Services
from stationmaster.api.http.shared import SharedAnswers
from stationmaster.api.metrics import Metrics
from stationmaster.api.monitoring.alarms import alarms_router, station_alarms_router
from stationmaster.api.monitoring.events import events_router
from stationmaster.api.monitoring.monitors import monitoring_router
from stationmaster.api.monitoring.periodic_streams import periodic_streams_router
from stationmaster.api.overview import overview_router
from stationmaster.api.payment.payments import settlements_router, vat_checks_router
from stationmaster.api.payment.web_payments import station_web_payments_router, web_payments_router
from stationmaster.api.people import people_router
from stationmaster.api.priority_charging import priority_charging_router
from stationmaster.api.reservations import reservations_router, station_reservations_router
from stationmaster.api.retention import retention_router
from stationmaster.api.session import session_router
from stationmaster.api.settings import settings_router
from stationmaster.api.station_address import station_address_router
from stationmaster.api.station_now import station_now_router
from stationmaster.api.stations import stations_router
from stationmaster.api.system import get_index, get_metrics, system_router
from stationmaster.api.transactions.meter_values import meter_values_router
from stationmaster.api.transactions.registers import registers_router
from stationmaster.api.transactions.running import running_transactions_router
from stationmaster.api.transactions.series import transaction_series_router
from stationmaster.api.transactions.signed_data import signed_data_router
from stationmaster.api.transactions.timeline import transaction_timeline_router
from stationmaster.api.transactions.transaction_list import transaction_list_router
from stationmaster.api.transactions.transactions import transactions_router

MAX_BODY_BYTES = 256 * 1024

ROUTERS = (
    overview_router,
    stations_router,
    connectors_router,
    station_now_router,
    station_address_router,
    registers_router,
    commands_router,
    calls_router,
    data_transfers_router,
    log_uploads_router,
    station_health_router,
    customer_information_router,
    display_messages_router,
    display_overview_router,
    drivers_router,
    security_events_router,
    station_security_events_router,
    certificates_router,
    certificate_requests_router,
    der_router,
    charging_needs_router,
    battery_swap_requests_router,
    battery_swaps_router,
    settlements_router,
    vat_checks_router,
    web_payments_router,
    station_web_payments_router,
    priority_charging_router,
    station_reservations_router,
    reservations_router,
    station_local_list_router,
    local_lists_router,
    periodic_streams_router,
    variables_router,
    reports_router,
    setting_templates_router,
    station_templates_router,
    firmware_images_router,
    firmware_updates_router,
    station_firmware_router,
    firmware_campaigns_router,
    alarms_router,
    station_alarms_router,
    monitoring_router,
    network_profiles_router,
    tariffs_router,
    tariff_preview_router,
    price_publications_router,
    tariff_assignments_router,
    tariff_choice_router,
    sites_router,
    site_stations_router,
    places_router,
    bills_router,
    bill_holds_router,
    transaction_bills_router,
    station_costs_router,
    cdrs_router,
    tokens_router,
    token_import_router,
    token_files_router,
    token_judging_router,
    token_stops_router,
    token_groups_router,
    accounts_router,
    refusals_router,
    transaction_list_router,
    transactions_router,
    meter_values_router,
    running_transactions_router,
    transaction_series_router,
    transaction_timeline_router,
    signed_data_router,
    messages_router,
    message_export_router,
    exchanges_router,
    protocol_router,
    events_router,
    session_router,
    people_router,
    audit_router,
    api_keys_router,
    settings_router,
    retention_router,
    system_router,
)
_HEADERS = ((b"cache-control", b"no-store"), (b"x-content-type-options", b"nosniff"))


def create_app(services: Services) -> Litestar:
    """The ASGI application. While its lifespan runs it follows changes of API keys and sessions."""
    return Litestar(
        _routes(),
        guards=[authorize, refuse_unknown, audited],
        middleware=[audit_middleware],
        dependencies=DEPENDENCIES,
        exception_handlers=problems.HANDLERS,
        request_class=ApiRequest,
        response_class=JsonResponse,
        request_max_body_size=MAX_BODY_BYTES,
        openapi_config=None,
        before_send=[_add_headers, _count],
        lifespan=[_following_keys],
        state=state_of(services),
        logging_config=None,
        debug=False,
    )


def state_of(services: Services) -> State:
    """All that an application works with; another one may take its place while nothing is served."""
    streams = EventStreams(services.bus, services.outbox, services.clock)
    metrics = Metrics(services.figures, lambda: streams.count)
    described = partial(description, services.version)
    made = {"services": services, "streams": streams, "metrics": metrics, "openapi": described}
    return State(made | {"shared": SharedAnswers(services.clock)})


def _routes() -> list[ControllerRouterHandler]:
    return [Router("/api/v1", route_handlers=ROUTERS), get_metrics, get_index]


@cache
def description(version: str) -> bytes:
    """The OpenAPI document of a version of the program."""
    return document(_described(version))


def _described(version: str) -> Litestar:
    """The same routes for the framework to describe: beside a description it would serve pages that need the internet,
    so this one is never served."""
    return Litestar(
        _routes(),
        dependencies=DEPENDENCIES,
        request_class=ApiRequest,
        openapi_config=openapi_config(version),
        logging_config=None,
    )


@asynccontextmanager
async def _following_keys(app: Litestar) -> AsyncIterator[None]:
    services: Services = app.state.services
    following = []
    for name, ring in (("api-keys", services.key_ring), ("sessions", services.people.sessions)):
        await ring.load()
        following.append(asyncio.create_task(ring.follow_changes(), name=name))
    try:
        yield
    finally:
        for task in following:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        await services.people.sessions.close()


async def _count(message: Message, scope: Scope) -> None:
    await scope["litestar_app"].state.metrics.count(message, scope)


async def _add_headers(message: Message, _: Scope) -> None:
    """Nothing of this is for caches, nor for browsers to guess at."""
    if message["type"] == "http.response.start":
        message["headers"] = [*message["headers"], *_HEADERS]
