"""Who may do what: one table, looked into before anything of a request is read. What is not listed is refused."""

from collections.abc import Mapping
from typing import Any

from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler

from stationmaster.api.http.origin import proves_same_origin
from stationmaster.api.http.problems import ProblemError
from stationmaster.api.http.services import Services
from stationmaster.api.http.session_cookie import COOKIE
from stationmaster.domain.people.person import Caller
from stationmaster.domain.people.roles import Role, may

Connection = ASGIConnection[Any, Any, Any, Any]

OPEN = frozenset({"get_index", "get_health", "get_openapi", "options_handler", "sign_in"})
"""These tell nothing of anyone, so they need no key; one is the framework's, and names a path's methods; the last is
how people get in."""

UNATTENDED = "x-unattended"
"""A header of requests that an open page makes by itself: they do not keep a session alive."""

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
"""They change nothing."""

NEEDED: Mapping[str, Role] = {
    "get_version": "viewer",
    "get_metrics": "viewer",
    "list_stations": "viewer",
    "list_unknown_callers": "viewer",
    "get_station_facets": "viewer",
    "get_overview": "viewer",
    "get_power_history": "viewer",
    "list_station_use": "viewer",
    "get_station_map": "viewer",
    "get_station": "viewer",
    "list_connectors": "viewer",
    "get_station_now": "viewer",
    "get_station_address": "viewer",
    "get_station_health": "viewer",
    "list_oddities": "viewer",
    "count_oddities": "viewer",
    "list_registers": "viewer",
    "list_tokens": "viewer",
    "get_token": "viewer",
    "judge_token": "viewer",
    "list_refusals": "viewer",
    "list_token_groups": "viewer",
    "get_token_group": "viewer",
    "put_token_group": "operator",
    "stop_token": "operator",
    "delete_token_group": "operator",
    "list_accounts": "operator",
    "create_account": "operator",
    "get_account": "operator",
    "list_account_entries": "operator",
    "top_up_account": "operator",
    "charge_account": "operator",
    "list_transactions": "viewer",
    "get_transaction": "viewer",
    "list_transaction_events": "viewer",
    "close_transaction": "operator",
    "limit_transaction": "operator",
    "list_meter_values": "viewer",
    "get_transaction_series": "viewer",
    "get_transaction_timeline": "viewer",
    "list_running_transactions": "viewer",
    "get_signed_data": "viewer",
    "list_tariffs": "viewer",
    "get_tariff": "viewer",
    "list_tariff_versions": "viewer",
    "list_tariff_assignments": "viewer",
    "choose_tariff": "viewer",
    "list_sites": "viewer",
    "get_site": "viewer",
    "list_site_places": "viewer",
    "list_places": "viewer",
    "list_price_publications": "viewer",
    "preview_tariff": "viewer",
    "publish_tariff": "operator",
    "create_tariff": "administrator",
    "change_tariff": "administrator",
    "create_tariff_assignment": "administrator",
    "withdraw_tariff_assignment": "administrator",
    "put_site": "administrator",
    "change_site_stations": "administrator",
    "put_place": "administrator",
    "delete_place": "administrator",
    "list_bills": "viewer",
    "get_bill": "viewer",
    "explain_bill": "viewer",
    "recompute_bill": "viewer",
    "get_transaction_bill": "viewer",
    "get_running_cost": "viewer",
    "get_station_cost": "viewer",
    "list_bill_versions": "viewer",
    "list_bill_corrections": "viewer",
    "list_cdrs": "viewer",
    "get_bill_holds": "viewer",
    "put_bill_holds": "administrator",
    "delete_bill_holds": "administrator",
    "release_bill": "operator",
    "correct_bill": "operator",
    "list_commands": "viewer",
    "list_alarms": "viewer",
    "get_alarm": "viewer",
    "list_alarm_events": "viewer",
    "list_station_alarms": "viewer",
    "list_monitors": "viewer",
    "list_station_events": "viewer",
    "get_command": "viewer",
    "list_variables": "viewer",
    "list_configuration": "viewer",
    "list_reports": "viewer",
    "get_report": "viewer",
    "list_inventory_changes": "viewer",
    "list_setting_templates": "viewer",
    "get_setting_template": "viewer",
    "list_template_applications": "viewer",
    "get_template_drift": "viewer",
    "list_station_templates": "viewer",
    "create_setting_template": "operator",
    "delete_setting_template": "operator",
    "apply_setting_template": "operator",
    "list_security_events": "viewer",
    "list_station_security_events": "viewer",
    "request_log": "operator",
    "list_log_uploads": "operator",
    "get_log_upload": "operator",
    "get_log_file": "operator",
    "ask_customer_information": "administrator",
    "list_customer_information": "administrator",
    "get_customer_information": "administrator",
    "create_driver_export": "administrator",
    "get_driver_export": "administrator",
    "erase_driver": "administrator",
    "list_erasures": "administrator",
    "get_erasure": "administrator",
    "list_display_messages": "viewer",
    "list_station_displays": "viewer",
    "set_display_messages": "operator",
    "set_display_message": "operator",
    "replace_display_message": "operator",
    "clear_display_message": "operator",
    "refresh_display_messages": "operator",
    "list_data_transfers": "operator",
    "list_network_profiles": "operator",
    "set_network_profile": "administrator",
    "list_certificates": "operator",
    "list_der_controls": "viewer",
    "list_charging_needs": "viewer",
    "list_battery_swaps": "viewer",
    "list_settlements": "operator",
    "get_settlement": "operator",
    "list_vat_checks": "operator",
    "record_settlement": "operator",
    "list_web_payments": "operator",
    "get_web_payment": "operator",
    "open_web_payment": "operator",
    "pay_web_payment": "operator",
    "cancel_web_payment": "operator",
    "set_up_web_payments": "operator",
    "list_priority_charging": "viewer",
    "list_event_streams": "viewer",
    "list_stream_values": "viewer",
    "refresh_event_streams": "operator",
    "adjust_event_stream": "operator",
    "request_battery_swap": "operator",
    "list_reservations": "viewer",
    "get_reservation": "viewer",
    "reserve": "operator",
    "change_reservation": "operator",
    "cancel_reservation": "operator",
    "list_der_alarms": "viewer",
    "set_der_control": "operator",
    "refresh_der_controls": "operator",
    "clear_der_control": "operator",
    "clear_der_controls": "operator",
    "list_station_certificate_requests": "operator",
    "list_certificate_requests": "operator",
    "refresh_certificates": "operator",
    "install_certificate": "administrator",
    "delete_certificate": "administrator",
    "answer_certificate_request": "administrator",
    "stream_events": "viewer",
    "list_firmware_updates": "viewer",
    "list_station_firmware_updates": "viewer",
    "get_firmware_update": "viewer",
    "list_publications": "viewer",
    "list_campaigns": "viewer",
    "get_campaign": "viewer",
    "list_campaign_waves": "viewer",
    "list_campaign_stations": "viewer",
    "list_firmware_images": "operator",
    "get_firmware_image": "operator",
    "update_firmware": "operator",
    "publish_firmware": "operator",
    "unpublish_firmware": "operator",
    "create_firmware_image": "administrator",
    "change_firmware_image": "administrator",
    "delete_firmware_image": "administrator",
    "put_image_content": "administrator",
    "put_image_signature": "administrator",
    "create_campaign": "administrator",
    "delete_campaign": "administrator",
    "start_campaign": "administrator",
    "pause_campaign": "administrator",
    "resume_campaign": "administrator",
    "abort_campaign": "administrator",
    "retry_campaign": "administrator",
    "admit_station": "operator",
    "change_station": "operator",
    "name_evse": "operator",
    "list_local_lists": "viewer",
    "get_local_list": "viewer",
    "list_local_list_entries": "operator",
    "keep_local_list": "operator",
    "sync_local_list": "operator",
    "create_token": "operator",
    "import_tokens": "operator",
    "import_token_file": "operator",
    "change_token": "operator",
    "delete_token": "operator",
    "give_command": "operator",
    "acknowledge_alarm": "operator",
    "list_messages": "operator",
    "follow_messages": "operator",
    "export_messages": "operator",
    "get_message": "operator",
    "list_protocol_actions": "viewer",
    "get_protocol_message": "viewer",
    "call_station": "administrator",
    "get_session": "viewer",
    "end_session": "viewer",
    "change_own_password": "viewer",
    "list_own_sessions": "viewer",
    "end_own_session": "viewer",
    "list_people": "administrator",
    "create_person": "administrator",
    "get_person": "administrator",
    "change_person": "administrator",
    "reset_password": "administrator",
    "end_sessions_of_person": "administrator",
    "list_audit": "administrator",
    "list_settings": "administrator",
    "get_retention": "viewer",
    "put_retention": "administrator",
    "list_api_keys": "administrator",
    "create_api_key": "administrator",
    "revoke_api_key": "administrator",
}
"""The least role for each operation, by the name of its handler."""


async def authorize(connection: Connection, handler: BaseRouteHandler) -> None:
    """A guard: sets ``scope["auth"]`` to the Caller, or refuses with 401; then refuses with 403 what the caller may not
    do. It waits for nothing, but one that is no coroutine would be run on a thread, where sessions must not be
    touched."""
    operation = handler.handler_name
    if operation in OPEN:
        return
    secret, by_cookie = _presented(connection)
    unattended = UNATTENDED in connection.headers
    caller = _caller(connection.app.state.services, secret, unattended=unattended)
    if caller is None:
        raise ProblemError(
            401,
            "This needs a session (POST /api/v1/session, then its cookie) or an API key (Authorization: Bearer <key>, "
            "or X-API-Key).",
            headers={"WWW-Authenticate": 'Bearer realm="stationmaster"'},
        )
    connection.scope["auth"] = caller
    if by_cookie and connection.scope.get("method") not in SAFE_METHODS and not proves_same_origin(connection.headers):
        raise ProblemError(403, "By cookie, this is for this site's own pages: Origin or Sec-Fetch-Site must say so.")
    needed = NEEDED.get(operation)
    if needed is None or not may(caller.role, needed):
        whose = "yours" if caller.kind == "person" else "the key's"
        raise ProblemError(403, f"This needs the role {needed or 'administrator'}; {whose} is {caller.role}.")


def _caller(services: Services, secret: str, *, unattended: bool) -> Caller | None:
    session = services.people.sessions.find(secret, unattended=unattended)
    if session is not None:
        return Caller(
            tenant=session.tenant,
            role=session.role,
            kind="person",
            key=session.person_key,
            name=session.name,
            session_key=session.key,
        )
    key = services.key_ring.find(secret)
    if key is None:
        return None
    return Caller(tenant=key.tenant, role=key.role, kind="api_key", key=key.key, name=key.name)


def _presented(connection: Connection) -> tuple[str, bool]:
    """What the caller shows, and whether it is a cookie. What stands in a header goes before."""
    if header := connection.headers.get("authorization"):
        scheme, _, credentials = header.partition(" ")
        if scheme.lower() == "bearer":
            return credentials.strip(), False
    if key := connection.headers.get("x-api-key"):
        return key, False
    return connection.cookies.get(COOKIE, ""), True
