"""The OpenAPI document: what the framework finds in the handlers, and what it cannot know of errors and other forms."""

import re
from collections.abc import Iterator
from inspect import cleandoc
from typing import Any

import msgspec
from litestar import Litestar, Response
from litestar.handlers import BaseRouteHandler
from litestar.openapi.config import OpenAPIConfig
from litestar.openapi.spec import Components, License, SecurityScheme, Tag
from litestar.routes import HTTPRoute

from stationmaster.api.http import csv_stream, problems
from stationmaster.api.http.access import NEEDED, OPEN
from stationmaster.api.http.session_cookie import COOKIE
from stationmaster.api.http.wire_names import parameters_of

_DESCRIPTION = """\
Manages charging stations of every OCPP version through one set of resources.

Keys (`Authorization: Bearer` or `X-API-Key`) and people, who sign in for a session, belong to a tenant and have a role:
a viewer reads, an operator also acts, an administrator also sends raw calls and manages people and keys. Times are
RFC 3339 in UTC with `Z`. Energy and power are JSON numbers with all the digits that were measured (read them as
decimals); money is a string. Lists come in pages: ask again with `cursor` set to `next_cursor` until that is null.
Every error is an RFC 9457 problem document, whose `errors` name places as the client wrote them. A query parameter that
an operation does not have is refused.
"""
_TAGS = {
    "Overview": "The whole fleet: now, over the day, by site and station, and on a map.",
    "Stations": "Admission, state, Connectors, and what was odd.",
    "Commands": "What is asked of stations, and what became of it.",
    "Transactions": "Charging, with its meter values.",
    "Tariffs": "Prices, who pays which and where, and the time zones they go by.",
    "Bills": "What sessions cost, why, and charge detail records.",
    "Tokens": "Who may charge, where and when; groups of them; and who was refused, and why.",
    "Prepaid accounts": "Money on account, what is held of it, and what was paid.",
    "Payments": "Payments on web pages, what was settled, VAT numbers that were checked, priority charging (2.1).",
    "Drivers": "What is kept of a driver: given out, or erased.",
    "Local lists": "The tokens that stations know by themselves.",
    "Display messages": "What stations show to their drivers.",
    "Diagnostics": "Security events, logs, and what stations know of persons.",
    "Firmware": "Images, updates of one station, publications, and campaigns over many.",
    "Setting templates": "Settings for many stations, and which of them drifted.",
    "Reservations": "Places that stations keep for somebody.",
    "Battery swap": "Batteries that drivers brought and took.",
    "Device model": "What stations tell of their variables, reports of them, and what changed.",
    "Monitoring": "What stations watch for, what they noticed, and the alarms of it.",
    "Event streams": "Values that stations tell of periodically (2.1).",
    "Network profiles": "The ways by which stations reach the CSMS.",
    "Certificates": "Those that stations have, and their requests for new ones.",
    "Data transfer": "Vendors' own messages.",
    "DER control": "How stations serve the grid, and its alarms (2.1).",
    "Charging needs": "What cars said that they need.",
    "Messages": "What went over the wire.",
    "Events": "What happens, as it happens.",
    "API keys": "Which programs may use this API.",
    "People": "Who signs in, what they may do, and who did what.",
    "System": "The node itself.",
}
_PROBLEMS = {
    "400": "The body is not JSON, or a query parameter is none of the operation's; errors names it.",
    "401": "No session and no API key, or none that is in force; or nobody signs in like this.",
    "403": "The caller's role is not enough, or a browser asks on behalf of another site.",
    "404": "There is no such thing, or it is another tenant's.",
    "406": "It cannot be had in any form that the request takes.",
    "409": "It does not fit with what is there.",
    "413": "The body is too long.",
    "415": "The body is not JSON, and does not say it is.",
    "422": "Something in the request is not valid; errors says what and where.",
    "429": "Too many wrong passwords; Retry-After says when to try again.",
    "503": "It cannot be served or stored at the moment; Retry-After says when to try again.",
}
_CONFLICTS = frozenset(
    {
        "admit_station",
        "create_token",
        "create_account",
        "top_up_account",
        "charge_account",
        "sync_local_list",
        "erase_driver",
        "close_transaction",
        "limit_transaction",
        "record_settlement",
        "open_web_payment",
        "pay_web_payment",
        "cancel_web_payment",
        "set_up_web_payments",
        "give_command",
        "create_tariff",
        "change_tariff",
        "withdraw_tariff_assignment",
        "release_bill",
        "get_transaction_bill",
        "get_running_cost",
        "correct_bill",
        "call_station",
        "revoke_api_key",
        "create_person",
        "change_person",
        "reset_password",
        "end_session",
        "end_own_session",
        "change_own_password",
        "acknowledge_alarm",
        "request_battery_swap",
        "reserve",
        "change_reservation",
        "cancel_reservation",
        "create_setting_template",
        "apply_setting_template",
        "put_image_content",
        "delete_firmware_image",
        "update_firmware",
        "publish_firmware",
        "create_campaign",
        "delete_campaign",
        "start_campaign",
        "pause_campaign",
        "resume_campaign",
        "abort_campaign",
        "retry_campaign",
    }
)
_REFERS = frozenset(
    {
        "export_messages",
        "create_token",
        "import_tokens",
        "judge_token",
        "create_driver_export",
        "erase_driver",
        "create_tariff_assignment",
        "choose_tariff",
        "change_site_stations",
        "reserve",
    }
)
"""What they refer to may not be there, beside what stands in their path."""
_GUESSED = frozenset({"sign_in", "change_own_password"})
"""They take a password, which somebody may be guessing."""
_FILES = frozenset({"put_image_content"})
"""Their handlers read the body as it comes, so the framework knows of none."""
_ALSO_CSV = frozenset(
    {
        "listTransactions",
        "listMeterValues",
        "listAudit",
        "listTokens",
        "listAlarms",
        "listBills",
        "listReservations",
        "listCdrs",
    }
)
_ALSO = {"getSignedData": ("application/xml", "text/plain")}
"""Other forms, which the request chooses between."""
_PAGE = re.compile(r"PageOf_(?:[\w.]*\.)?(\w+?)_")
_NO_SHAPES = (bytes, None, type(None), Any)
_TEXTS = {
    "getMetrics": "text/plain",
    "streamEvents": "text/event-stream",
    "getLogFile": "application/octet-stream",
    "exportMessages": "application/x-ndjson",
}


def openapi_config(version: str) -> OpenAPIConfig:
    return OpenAPIConfig(
        title="Stationmaster",
        version=version,
        description=_DESCRIPTION,
        license=License(name="Apache-2.0", identifier="Apache-2.0"),
        tags=[Tag(name=name, description=text) for name, text in _TAGS.items()],
        components=Components(
            security_schemes={
                "bearer": SecurityScheme(type="http", scheme="bearer", description="An API key, or a session."),
                "apiKey": SecurityScheme(type="apiKey", name="X-API-Key", security_scheme_in="header"),
                "session": SecurityScheme(
                    type="apiKey", name=COOKIE, security_scheme_in="cookie", description="What signing in sets."
                ),
            }
        ),
        security=[{"bearer": []}, {"apiKey": []}, {"session": []}],
        use_handler_docstrings=True,
        operation_id_creator=lambda handler, method, parts: camel(handler.handler_name),
    )


def camel(name: str) -> str:
    """``list_stations`` as ``listStations``."""
    return re.sub(r"_([a-z])", lambda found: found[1].upper(), name)


def document(app: Litestar) -> bytes:
    """The document of an application that has :func:`openapi_config`, as JSON."""
    tree = _renamed(app.openapi_schema.to_schema())
    handlers = {camel(handler.handler_name): handler for route in _routes(app) for handler in route.route_handlers}
    for item in tree["paths"].values():
        for method, operation in item.items():
            handler = handlers[operation["operationId"]]
            _complete(operation, handler.handler_name, changes=method != "get")
            _bound(operation, handler)
    tree["components"]["responses"] = _problem_responses()
    tree["components"]["schemas"] = _schemas(app)
    return msgspec.json.format(msgspec.json.encode(tree, order="sorted"), indent=2)


def _routes(app: Litestar) -> list[HTTPRoute]:
    return [route for route in app.routes if isinstance(route, HTTPRoute)]


def _schemas(app: Litestar) -> dict[str, Any]:
    """The shapes as msgspec knows them: with their descriptions, tags, and closed where they are closed."""
    shapes = [shape for route in _routes(app) for shape in _shapes(route)]
    _, found = msgspec.json.schema_components([problems.Problem, *shapes], ref_template="#/components/schemas/{name}")
    return dict(_renamed(found))


def _shapes(route: HTTPRoute) -> Iterator[Any]:
    for handler in route.route_handlers:
        field = handler.parsed_data_field
        if field is not None:
            yield field.annotation
        returned = handler.parsed_return_field
        inner = (returned.inner_types or ()) if returned.is_subclass_of(Response) else (returned,)
        yield from (field.annotation for field in inner if field.annotation not in _NO_SHAPES)


def _renamed(tree: Any) -> Any:
    """Names for people (``StationResourcePage``), decimals as the numbers they are written as, regular
    expressions as JSON Schema spells them, docstrings as Markdown."""
    if isinstance(tree, list):
        return [_renamed(item) for item in tree]
    if isinstance(tree, str):
        return _PAGE.sub(r"\1Page", tree)
    if not isinstance(tree, dict):
        return tree
    if tree.get("format") == "decimal":
        return {"type": "number"}
    renamed = {_renamed(name): _renamed(value) for name, value in tree.items()}
    if isinstance(pattern := renamed.get("pattern"), str) and pattern.endswith(r"\Z"):
        renamed["pattern"] = pattern.removesuffix(r"\Z") + "$"
    if isinstance(text := renamed.get("description"), str):
        renamed["description"] = cleandoc(text).replace("``", "`")
    return renamed


def _complete(operation: dict[str, Any], name: str, *, changes: bool) -> None:
    responses: dict[str, Any] = operation["responses"]
    responses.pop("400", None)  # the framework's own form of it
    if name in _FILES:
        operation["requestBody"] = {"required": True, "content": {"application/octet-stream": {}}}
    has_input = bool(operation.get("parameters") or operation.get("requestBody"))
    statuses = {
        "400": True,
        "401": name not in OPEN or name in _GUESSED,
        "403": changes or (name not in OPEN and NEEDED[name] != "viewer"),
        "404": name in _REFERS or any(parameter["in"] == "path" for parameter in operation.get("parameters", ())),
        "406": camel(name) in _ALSO,
        "409": name in _CONFLICTS,
        "413": "requestBody" in operation,
        "415": "requestBody" in operation and name not in _FILES,
        "422": has_input,
        "429": name in _GUESSED,
        "503": True,
    }
    for status, applies in statuses.items():
        if applies:
            responses[status] = {"$ref": f"#/components/responses/Problem{status}"}
    if name in NEEDED:
        operation["x-role"] = NEEDED[name]
    operation_id = operation["operationId"]
    if operation_id in _ALSO_CSV:
        responses["200"]["content"][csv_stream.MEDIA_TYPE] = {"schema": {"type": "string"}}
    for media_type in _ALSO.get(operation_id, ()):
        responses["200"]["content"][media_type] = {"schema": {"type": "string"}}
    if operation_id in _TEXTS:
        responses["200"]["content"] = {_TEXTS[operation_id]: {"schema": {"type": "string"}}}


def _bound(operation: dict[str, Any], handler: BaseRouteHandler) -> None:
    """Bounds as they are: the framework writes them as floats, which round the largest integers."""
    known = {parameter.path: parameter.definition for parameter in parameters_of(handler).values()}
    for parameter in operation.get("parameters", ()):
        schema, definition = parameter["schema"], known[f"{parameter['in']}.{parameter['name']}"]
        bounds = {"minimum": definition.ge, "maximum": definition.le}
        schema.update({name: bound for name, bound in bounds.items() if name in schema})


def _problem_responses() -> dict[str, Any]:
    content = {problems.MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {f"Problem{status}": {"description": text, "content": content} for status, text in _PROBLEMS.items()}
