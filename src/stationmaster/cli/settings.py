"""The settings of a CSMS: one declaration that flags, environment, configuration file and help are made from."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Final, Literal

import msgspec
from msgspec import Meta

ENVIRONMENT_PREFIX: Final = "STATIONMASTER_"
DATABASE_NAME: Final = "stationmaster.db"

SECTIONS: Final[Mapping[str, str]] = {
    "network": "Where it listens",
    "people": "How people sign in",
    "stations": "How stations are treated",
    "authorization": "Who may charge, beside the tokens that are known",
    "payments": "How drivers pay at once",
    "storage": "What is kept, where and how long",
    "log": "What the program says",
}
"""Tables of the configuration file, with their titles in the help."""

TENANTS: Final = "tenants"
"""The table of the configuration file that holds a table for each tenant."""
TENANT_NAME: Final = re.compile(r"[A-Za-z0-9_-]{1,48}")
"""What may stand, as it is, in `/ocpp/NAME/IDENTITY` and as a key of TOML."""

_DAYS: Final[Mapping[str, Any]] = {"ge": 1, "le": 36_500}
_TENANT_DAYS: Final[Mapping[str, Any]] = {"tenants": True, "ge": 0, "le": 36_500}
_TENANT_MINUTES: Final[Mapping[str, Any]] = {"tenants": True, "ge": 1, "le": 44_640}
_PORT: Final = {"ge": 0, "le": 65_535}


def _in(section: str, text: str, *, tenants: bool = False, **bounds: Any) -> Meta:
    """``tenants``: each of them may have its own."""
    return Meta(description=text, extra={"section": section, "tenants": tenants}, **bounds)


class ServeSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that can be set for `serve`; the unit of a number stands in its name.

    They hold for the default tenant, and for another one where it has nothing of its own (:meth:`of_tenant`).
    """

    ocpp_host: Annotated[
        str, _in("network", "Address for stations; 0.0.0.0 or :: for all interfaces.", min_length=1)
    ] = "127.0.0.1"
    ocpp_port: Annotated[
        int, _in("network", "Port for stations (OCPP over WebSocket); 0 takes any free one.", **_PORT)
    ] = 9000
    ocpp_url: Annotated[
        str,
        _in(
            "network",
            "How stations reach that port, as wss://host/ocpp; auto: by its own address.",
            pattern=r"^(auto|wss?://[!-~]{1,1900})\Z",
        ),
    ] = "auto"
    api_host: Annotated[str, _in("network", "Address for people and programs (REST API).", min_length=1)] = "127.0.0.1"
    api_port: Annotated[int, _in("network", "Port of web pages and REST API; 0 takes any free one.", **_PORT)] = 8080
    pages: Annotated[bool, _in("network", "Serve the operator's web pages beside the REST API.")] = True
    pages_priority: Annotated[
        Literal["idle", "low"],
        _in(
            "network",
            "Processor time of web pages: idle, what nobody else wants; low, a little even where others want all.",
        ),
    ] = "idle"
    files_host: Annotated[str, _in("network", "Address where stations bring and fetch files (HTTP).", min_length=1)] = (
        "127.0.0.1"
    )
    files_port: Annotated[int, _in("network", "Port for files; 0 takes any free one.", **_PORT)] = 9001
    files_url: Annotated[
        str,
        _in(
            "network",
            "How stations reach that port, as http://host:port; auto: by its own address.",
            pattern=r"^(auto|https?://[!-~]{1,1900})\Z",
        ),
    ] = "auto"
    soap: Annotated[bool, _in("network", "Serve stations that speak SOAP (1.2, 1.5, 1.6), on the port for files.")] = (
        True
    )
    soap_url: Annotated[
        str,
        _in(
            "network",
            "How stations reach SOAP, as https://host/soap; auto: files_url and /soap.",
            pattern=r"^(auto|https?://[!-~]{1,1900})\Z",
        ),
    ] = "auto"
    soap_private_callbacks: Annotated[
        bool, _in("network", "Call SOAP stations in private networks, such as a VPN, too.")
    ] = True
    soap_loopback_callbacks: Annotated[
        bool, _in("network", "Call SOAP stations on this machine itself, too: for trials only.")
    ] = False
    ftp_port: Annotated[int, _in("network", "Port for files over FTP too, on files_host; 0: no FTP.", **_PORT)] = 0
    ftp_passive_ports: Annotated[
        str,
        _in("network", "Ports for FTP's data connections, as FIRST-LAST.", pattern=r"^[0-9]{4,5}-[0-9]{4,5}\Z"),
    ] = "50000-50099"
    ftp_address: Annotated[
        str, _in("network", "IPv4 address that FTP tells stations to connect to; auto: its own.", min_length=1)
    ] = "auto"
    max_connections: Annotated[
        int, _in("network", "Stations connected at once; more are refused.", ge=1, le=1_000_000)
    ] = 20_000
    max_message_kib: Annotated[
        int, _in("network", "Longest message taken from a station, in KiB.", ge=16, le=65_536)
    ] = 256
    websocket_ping_interval_s: Annotated[
        int, _in("network", "Seconds of silence before a station is pinged; 0: never.", ge=0, le=86_400)
    ] = 60

    session_idle_minutes: Annotated[
        int, _in("people", "Minutes without use after which a person is signed out.", ge=5, le=44_640)
    ] = 480
    session_days: Annotated[
        int, _in("people", "Days after which a person must sign in again in any case.", ge=1, le=365)
    ] = 7

    registration: Annotated[
        Literal["closed", "open"],
        _in(
            "stations",
            "Unknown stations: closed refuses and lists them for you to admit; open takes them in.",
            tenants=True,
        ),
    ] = "closed"
    first_status: Annotated[
        Literal["Accepted", "Pending", "Rejected"],
        _in("stations", "What stations that open registration takes in are told at boot.", tenants=True),
    ] = "Accepted"
    require_station_auth: Annotated[
        bool, _in("stations", "Refuse stations that have no password set (security profile 0).", tenants=True)
    ] = False
    no_authorization: Annotated[
        Literal["accept", "refuse"],
        _in("stations", "Charging that nobody showed a token for (type NoAuthorization of 2.x).", tenants=True),
    ] = "accept"
    certificate_requests: Annotated[
        Literal["keep", "refuse"],
        _in("stations", "Stations that request certificates: keep the requests for you to answer.", tenants=True),
    ] = "keep"
    least_battery_soh_pct: Annotated[
        int,
        _in("stations", "Batteries of less health, in %, that a swap brings are marked.", tenants=True, ge=0, le=100),
    ] = 0
    local_lists: Annotated[
        Literal["off", "on"],
        _in("stations", "Keep the tokens on the stations' local authorization lists.", tenants=True),
    ] = "off"
    receipt_url: Annotated[
        str,
        _in(
            "stations",
            "Where drivers find the receipt of a payment by card; {settlement} stands for its key. Empty: nowhere.",
            tenants=True,
            pattern=r"^(https?://[!-~]{1,1900})?\Z",
        ),
    ] = ""
    lists_limited_tokens: Annotated[
        bool,
        _in(
            "stations",
            "List tokens too that may be used only so often at one time; offline nobody counts.",
            tenants=True,
        ),
    ] = True
    soap_callbacks: Annotated[
        Literal["told", "operator"],
        _in("stations", "Call SOAP stations where they say, or only where an operator says.", tenants=True),
    ] = "told"
    transactions_ask_after_h: Annotated[
        int,
        _in(
            "stations",
            "Hours of silence until a station is asked whether a transaction goes on; 0: never.",
            tenants=True,
            ge=0,
            le=8760,
        ),
    ] = 6
    transactions_close_after_d: Annotated[
        int,
        _in(
            "stations",
            "Days of silence until a transaction is closed, whatever its station says; 0: never.",
            tenants=True,
            ge=0,
            le=3650,
        ),
    ] = 7
    strictness: Annotated[
        Literal["lenient", "strict", "observe"],
        _in(
            "stations",
            "Messages that break the schema: lenient reads and records them, strict refuses them, "
            "observe reads them and records every deviation.",
        ),
    ] = "lenient"
    heartbeat_interval_s: Annotated[
        int, _in("stations", "Seconds between heartbeats, told to stations at boot.", ge=1, le=86_400)
    ] = 300
    boot_retry_interval_s: Annotated[
        int, _in("stations", "Seconds until a station that was told Pending or Rejected boots again.", ge=1, le=86_400)
    ] = 60
    call_timeout_s: Annotated[int, _in("stations", "Seconds that a station has to answer a call.", ge=1, le=600)] = 30

    inventory: Annotated[
        Literal["changed", "off"],
        _in("stations", "changed: ask a station for its full inventory when it is new or its firmware changed."),
    ] = "changed"
    monitor_reports: Annotated[
        Literal["after-boot", "off"],
        _in("stations", "after-boot: ask a station that boots for its monitors again, where it was known to have any."),
    ] = "after-boot"

    authorization_url: Annotated[
        str,
        _in(
            "authorization",
            "Address of a system that is asked about tokens (HTTP POST); none: nobody is asked.",
            tenants=True,
            pattern=r"^(none|https?://[^\s@]{1,2000})\Z",
        ),
    ] = "none"
    authorization_secret_file: Annotated[
        str, _in("authorization", "File with the bearer token for that system; none: none.", tenants=True, min_length=1)
    ] = "none"  # noqa: S105  (no password: no file)
    authorization_ask: Annotated[
        Literal["unknown", "all"],
        _in("authorization", "Ask about tokens that are unknown here, or about all.", tenants=True),
    ] = "unknown"
    authorization_timeout_ms: Annotated[
        int,
        _in("authorization", "Milliseconds until it counts as silent.", tenants=True, ge=200, le=10_000),
    ] = 2000
    authorization_when_silent: Annotated[
        Literal["own", "accept", "refuse"],
        _in("authorization", "When it is silent: go by what is known here, accept, or refuse.", tenants=True),
    ] = "own"
    authorization_overrules: Annotated[
        bool, _in("authorization", "Its acceptance goes before a refusal by what is known here.", tenants=True)
    ] = False
    prepaid_hold_most: Annotated[
        int,
        _in(
            "authorization",
            "The most of a prepaid account that is held for one transaction, in whole units; 0: all that is there.",
            tenants=True,
            ge=0,
            le=1_000_000,
        ),
    ] = 0

    web_payment_url: Annotated[
        str,
        _in(
            "payments",
            "Address of your payment page, for QR codes, such as "
            "https://pay.example/{chargingstationid}/{evse}/{totp}/{version}; none: no web payments.",
            tenants=True,
            pattern=r"^(none|https?://[!-~]{1,1900})\Z",
        ),
    ] = "none"
    web_payment_validity_s: Annotated[
        int, _in("payments", "Seconds until a QR code is replaced by the next one.", tenants=True, ge=6, le=3600)
    ] = 30
    web_payment_code_length: Annotated[
        int, _in("payments", "Letters of the code in the address.", tenants=True, ge=6, le=64)
    ] = 8
    web_payment_timeout_s: Annotated[
        int, _in("payments", "Seconds a driver has to pay; the EVSE is held so long.", tenants=True, ge=30, le=3600)
    ] = 300
    direct_payments: Annotated[
        Literal["accept", "refuse"],
        _in("payments", "Payments at a station's own terminal, when it asks about them.", tenants=True),
    ] = "accept"
    vat_url: Annotated[
        str,
        _in(
            "payments",
            "Address of a system that is asked about VAT numbers (HTTP POST); none: their form is looked at.",
            tenants=True,
            pattern=r"^(none|https?://[^\s@]{1,2000})\Z",
        ),
    ] = "none"
    vat_secret_file: Annotated[
        str, _in("payments", "File with the bearer token for that system; none: none.", tenants=True, min_length=1)
    ] = "none"  # noqa: S105  (no password: no file)
    vat_timeout_ms: Annotated[
        int, _in("payments", "Milliseconds until it counts as silent.", tenants=True, ge=200, le=10_000)
    ] = 3000
    vat_when_silent: Annotated[
        Literal["accept", "refuse"],
        _in("payments", "When it is silent: accept numbers whose form is right, or refuse them.", tenants=True),
    ] = "refuse"

    data_dir: Annotated[Path, _in("storage", "Directory of the database and the secrets; made if missing.")] = Path(
        "stationmaster-data"
    )
    message_log: Annotated[bool, _in("storage", "Keep the OCPP messages themselves, with secrets masked.")] = True
    log_id_tokens: Annotated[
        Literal["mask", "plain"],
        _in("storage", "Id tokens in kept messages and in the log: masked, or as they are.", tenants=True),
    ] = "mask"
    max_upload_mib: Annotated[int, _in("storage", "Longest file taken from a station, in MiB.", ge=1, le=16_384)] = 100
    files_quota_mib: Annotated[
        int, _in("storage", "All files of stations together, in MiB; more are refused.", ge=1, le=16_777_216)
    ] = 10_240
    erase_signed_values: Annotated[
        Literal["keep", "remove"],
        _in("storage", "What meters signed, when its driver is erased: it may name the driver.", tenants=True),
    ] = "keep"
    readings_days: Annotated[int, _in("storage", "Days that meter values are kept.", tenants=True, **_DAYS)] = 400
    signed_readings_days: Annotated[
        int, _in("storage", "Days that signed meter values of transactions are kept; 0: for ever.", **_TENANT_DAYS)
    ] = 0
    downsample_after_days: Annotated[
        int, _in("storage", "Days until a finished transaction's meter values are thinned; 0: never.", **_TENANT_DAYS)
    ] = 0
    downsample_minutes: Annotated[
        int, _in("storage", "Minutes of which one of a transaction's meter values stays then.", **_TENANT_MINUTES)
    ] = 15
    idle_downsample_after_days: Annotated[
        int,
        _in("storage", "Days until meter values of EVSEs without a transaction are thinned; 0: never.", **_TENANT_DAYS),
    ] = 30
    idle_downsample_minutes: Annotated[
        int, _in("storage", "Minutes of which one of those stays then, if no energy was counted.", **_TENANT_MINUTES)
    ] = 60
    frames_days: Annotated[int, _in("storage", "Days that OCPP messages are kept.", tenants=True, **_DAYS)] = 14
    oddities_days: Annotated[
        int, _in("storage", "Days that records of odd messages are kept.", tenants=True, **_DAYS)
    ] = 90
    outbox_days: Annotated[
        int, _in("storage", "Days that events are kept for those who come late.", tenants=True, **_DAYS)
    ] = 7

    log_level: Annotated[
        Literal["debug", "info", "warning", "error"], _in("log", "The least that is worth a line.")
    ] = "info"
    log_format: Annotated[
        Literal["console", "json"], _in("log", "Lines for people, or one JSON object a line for programs.")
    ] = "console"

    tenants: Mapping[str, Mapping[str, Any]] = {}
    """Those beside the default one, by name, with what each has of its own by setting name."""

    @property
    def database_path(self) -> Path:
        return self.data_dir / DATABASE_NAME

    def of_tenant(self, name: str) -> "ServeSettings":
        """These settings as they hold for a tenant."""
        return msgspec.structs.replace(self, **self.tenants[name])


USUAL: Final = ServeSettings()


class Setting(msgspec.Struct, frozen=True, kw_only=True):
    """One row of the declaration: a field of ServeSettings and how to name and check it from outside."""

    name: str
    section: str
    help: str
    default: Any
    type: Any  # as msgspec.convert takes it, bounds included
    expects: str  # "an integer from 0 to 65535"
    kind: str  # the short word of the help: integer, text, path, closed|open
    is_switch: bool
    per_tenant: bool

    @property
    def flag(self) -> str:
        return "--" + self.name.replace("_", "-")

    @property
    def environment_variable(self) -> str:
        return ENVIRONMENT_PREFIX + self.name.upper()


def _expectation(kind: msgspec.inspect.Type, text: str) -> tuple[str, str]:
    """What a value must be, in a sentence and in a word. ``text``: the setting's help."""
    match kind:
        case msgspec.inspect.IntType(ge=low, le=high):
            return f"an integer from {low} to {high}", "integer"
        case msgspec.inspect.BoolType():
            return "true or false", "on/off"
        case msgspec.inspect.LiteralType(values=values):
            return "one of " + ", ".join(f'"{value}"' for value in values), "|".join(map(str, values))
        case msgspec.inspect.CustomType():
            return "a path", "path"
        case msgspec.inspect.StrType(pattern=str()):
            return f"as is said of it ({text.removesuffix('.')})", "text"
        case _:
            return "a text that is not empty", "text"


def _settings() -> tuple[Setting, ...]:
    info = msgspec.inspect.type_info(ServeSettings)
    assert isinstance(info, msgspec.inspect.StructType)
    rows = []
    for field, plain in zip(info.fields, msgspec.structs.fields(ServeSettings), strict=True):
        meta = field.type
        if field.name == TENANTS:
            continue
        assert isinstance(meta, msgspec.inspect.Metadata) and meta.extra and meta.extra_json_schema
        expects, kind = _expectation(meta.type, meta.extra_json_schema["description"])
        rows.append(
            Setting(
                name=field.name,
                section=meta.extra["section"],
                help=meta.extra_json_schema["description"],
                default=field.default,
                type=plain.type,
                expects=expects,
                kind=kind,
                is_switch=isinstance(meta.type, msgspec.inspect.BoolType),
                per_tenant=meta.extra["tenants"],
            )
        )
    return tuple(rows)


SETTINGS: Final = _settings()
"""Every setting, in the order of the declaration."""

BY_NAME: Final[Mapping[str, Setting]] = {setting.name: setting for setting in SETTINGS}

TENANTS_OWN: Final = tuple(setting.name for setting in SETTINGS if setting.per_tenant)
"""The settings that each tenant may have its own of."""
