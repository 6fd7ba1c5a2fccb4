"""Nobody hears of what they may not read: each kind of event that is told, beside the read that it is about."""

import ast
import importlib
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import stationmaster
from stationmaster.api.http.access import NEEDED
from stationmaster.api.http.event_stream import GAP, NEEDED_TO_HEAR

SOURCE = Path(stationmaster.__file__).parent
TELLING = ("csms", "api")
READS = {
    "AccountChanged": "list_accounts",
    "AlarmAcknowledged": "list_alarms",
    "AlarmEnded": "list_alarms",
    "AlarmRaised": "list_alarms",
    "ApiKeyChanged": "list_api_keys",
    "AuthorizationRefused": "list_refusals",
    "BatteryRefused": "list_battery_swaps",
    "BatterySwapChanged": "list_battery_swaps",
    "BillHeld": "list_bills",
    "BillIssued": "list_bills",
    "CampaignChanged": "list_campaigns",
    "CertificateRequestChanged": "list_certificate_requests",
    "CertificateRequested": "list_certificate_requests",
    "CertificatesChanged": "list_certificates",
    "CertificatesSeen": "list_certificates",
    "CommandChanged": "list_commands",
    "ConnectorStatusChanged": "list_connectors",
    "CustomerInformationReceived": "list_customer_information",
    "DERAlarm": "list_der_alarms",
    "DERControlsChanged": "list_der_controls",
    "DERStartStop": "list_der_controls",
    "DataTransfer": "list_data_transfers",
    "DisplayMessagesChanged": "list_display_messages",
    "DriverErased": "list_erasures",
    "DriverErasureBegun": "list_erasures",
    "DriverExported": "get_driver_export",
    "EVChargingNeeds": "list_charging_needs",
    "FileReceived": "get_log_file",
    "FirmwareImageChanged": "list_firmware_images",
    "FirmwareStatusChanged": "list_firmware_updates",
    "LocalListChanged": "list_local_lists",
    "LogStatus": "list_log_uploads",
    "LogUploadChanged": "list_log_uploads",
    "MeterValues": "list_meter_values",
    "MonitorsChanged": "list_monitors",
    "NetworkProfileSet": "list_network_profiles",
    "NotifyEvent": "list_station_events",
    "PaymentSettled": "list_settlements",
    "PersonChanged": "list_people",
    "PricePublished": "list_price_publications",
    "PriorityChargingChanged": "list_priority_charging",
    "PublicationChanged": "list_publications",
    "RegisterOdd": "list_registers",
    "ReportReceived": "list_reports",
    "ReservationChanged": "list_reservations",
    "RetentionChanged": "get_retention",
    "SecurityEvent": "list_security_events",
    "SessionChanged": "list_people",
    "SettingTemplateApplied": "list_template_applications",
    "SettingTemplateChanged": "list_setting_templates",
    "StationBooted": "get_station",
    "StationVersionChanged": "get_station",
    "StationCallbackChanged": "get_station",
    "StationChanged": "get_station",
    "StationConnected": "get_station",
    "StationDisconnected": "get_station",
    "StationPasswordChanged": "get_station_address",
    "StationRegistered": "get_station",
    "StreamClosed": "list_event_streams",
    "StreamOpened": "list_event_streams",
    "StreamValues": "list_stream_values",
    "TariffBookChanged": "list_tariffs",
    "TokenAuthorized": "get_token",
    "TokenChanged": "list_tokens",
    "TokenGroupChanged": "list_token_groups",
    "TransactionClosed": "list_transactions",
    "TransactionEnded": "list_transactions",
    "TransactionLimit": "list_transactions",
    "TransactionReopened": "list_transactions",
    "TransactionStarted": "list_transactions",
    "TransactionUpdated": "list_transactions",
    "WebPaymentChanged": "list_web_payments",
}

Maker = tuple[str, str]
"""Module and name of a function that makes an event of the kind that it is given."""


def test_whoever_may_not_read_what_an_event_is_about_is_not_told_it() -> None:
    told = {kind: NEEDED[operation] for kind, operation in READS.items()}
    assert {kind: NEEDED_TO_HEAR.get(kind, "viewer") for kind in told} == told
    assert set(NEEDED_TO_HEAR) <= set(READS)


def test_every_kind_that_the_source_tells_has_its_read() -> None:
    sources = list(_sources())
    told: set[str] = set()
    makers: dict[Maker, int] = {}
    for module, tree in sources:
        for function in (each for each in ast.walk(tree) if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef)):
            for kind in _given_as_kind(function):
                told |= (kinds := set(_texts(kind, module)))
                if not kinds:
                    names = [each.arg for each in function.args.args if each.arg != "self"]
                    makers[module.__name__, function.name] = names.index("kind")
    for module, tree in sources:
        for call in (each for each in ast.walk(tree) if isinstance(each, ast.Call)):
            place = makers.get(_called(call, module))
            if place is not None:
                told |= set(_texts(call.args[place], module))
    assert told == {*READS, GAP}


def _sources() -> Iterator[tuple[ModuleType, ast.Module]]:
    for folder in TELLING:
        for path in sorted((SOURCE / folder).rglob("*.py")):
            name = ".".join(("stationmaster", *path.relative_to(SOURCE).with_suffix("").parts))
            yield importlib.import_module(name.removesuffix(".__init__")), ast.parse(path.read_text(encoding="utf-8"))


def _given_as_kind(function: ast.AST) -> Iterator[ast.expr]:
    for call in ast.walk(function):
        if isinstance(call, ast.Call) and _name_of(call.func) == "Event":
            yield from (given.value for given in call.keywords if given.arg == "kind")


def _texts(given: ast.expr, module: ModuleType) -> Iterator[str]:
    """What it may be: itself, either of two, a module's constant, one of a table's values."""
    match given:
        case ast.Constant(value=str(text)):
            yield text
        case ast.IfExp(body=one, orelse=other):
            yield from (*_texts(one, module), *_texts(other, module))
        case ast.Subscript(value=ast.Name(id=name)):
            yield from getattr(module, name).values()
        case ast.Name(id=name) if name.isupper():
            yield getattr(module, name)


def _called(call: ast.Call, module: ModuleType) -> Maker:
    """Wherever it comes from, and by its own name."""
    name = _name_of(call.func)
    function = getattr(module, name, None)
    return getattr(function, "__module__", module.__name__), getattr(function, "__name__", name)


def _name_of(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
