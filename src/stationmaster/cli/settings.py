"""The settings of a CSMS: one declaration that flags, environment, configuration file and help are made from."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Final, Literal

import msgspec
from msgspec import Meta

ENVIRONMENT_PREFIX: Final = "STATIONMASTER_"
DATABASE_NAME: Final = "stationmaster.db"

SECTIONS: Final[Mapping[str, str]] = {
    "network": "Where it listens",
    "stations": "How stations are treated",
    "storage": "What is kept, where and how long",
    "log": "What the program says",
}
"""Tables of the configuration file, with their titles in the help."""

_DAYS: Final = {"ge": 1, "le": 36_500}
_PORT: Final = {"ge": 0, "le": 65_535}


def _in(section: str, text: str, **bounds: Any) -> Meta:
    return Meta(description=text, extra={"section": section}, **bounds)


class ServeSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that can be set for `serve`; the unit of a number stands in its name."""

    ocpp_host: Annotated[
        str, _in("network", "Address for stations; 0.0.0.0 or :: for all interfaces.", min_length=1)
    ] = "127.0.0.1"
    ocpp_port: Annotated[
        int, _in("network", "Port for stations (OCPP over WebSocket); 0 takes any free one.", **_PORT)
    ] = 9000
    api_host: Annotated[str, _in("network", "Address for people and programs (REST API).", min_length=1)] = "127.0.0.1"
    api_port: Annotated[int, _in("network", "Port of the REST API; 0 takes any free one.", **_PORT)] = 8080
    max_connections: Annotated[
        int, _in("network", "Stations connected at once; more are refused.", ge=1, le=1_000_000)
    ] = 20_000
    max_message_kib: Annotated[
        int, _in("network", "Longest message taken from a station, in KiB.", ge=16, le=65_536)
    ] = 256
    websocket_ping_interval_s: Annotated[
        int, _in("network", "Seconds of silence before a station is pinged; 0: never.", ge=0, le=86_400)
    ] = 60

    registration: Annotated[
        Literal["closed", "open"],
        _in("stations", "Unknown stations: closed refuses and lists them for you to admit; open takes them in."),
    ] = "closed"
    require_station_auth: Annotated[
        bool, _in("stations", "Refuse stations that have no password set (security profile 0).")
    ] = False
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

    data_dir: Annotated[Path, _in("storage", "Directory of the database and the secrets; made if missing.")] = Path(
        "stationmaster-data"
    )
    message_log: Annotated[bool, _in("storage", "Keep the OCPP messages themselves, with secrets masked.")] = True
    log_id_tokens: Annotated[
        Literal["mask", "plain"], _in("storage", "Id tokens in kept messages and in the log: masked, or as they are.")
    ] = "mask"
    readings_days: Annotated[int, _in("storage", "Days that meter values are kept in full.", **_DAYS)] = 400
    frames_days: Annotated[int, _in("storage", "Days that OCPP messages are kept.", **_DAYS)] = 14
    oddities_days: Annotated[int, _in("storage", "Days that records of odd messages are kept.", **_DAYS)] = 90
    outbox_days: Annotated[int, _in("storage", "Days that events are kept for those who come late.", **_DAYS)] = 7

    log_level: Annotated[
        Literal["debug", "info", "warning", "error"], _in("log", "The least that is worth a line.")
    ] = "info"
    log_format: Annotated[
        Literal["console", "json"], _in("log", "Lines for people, or one JSON object a line for programs.")
    ] = "console"

    @property
    def database_path(self) -> Path:
        return self.data_dir / DATABASE_NAME


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

    @property
    def flag(self) -> str:
        return "--" + self.name.replace("_", "-")

    @property
    def environment_variable(self) -> str:
        return ENVIRONMENT_PREFIX + self.name.upper()


def _expectation(kind: msgspec.inspect.Type) -> tuple[str, str]:
    """What a value must be, in a sentence and in a word."""
    match kind:
        case msgspec.inspect.IntType(ge=low, le=high):
            return f"an integer from {low} to {high}", "integer"
        case msgspec.inspect.BoolType():
            return "true or false", "on/off"
        case msgspec.inspect.LiteralType(values=values):
            return "one of " + ", ".join(f'"{value}"' for value in values), "|".join(map(str, values))
        case msgspec.inspect.CustomType():
            return "a path", "path"
        case _:
            return "a text that is not empty", "text"


def _settings() -> tuple[Setting, ...]:
    info = msgspec.inspect.type_info(ServeSettings)
    assert isinstance(info, msgspec.inspect.StructType)
    rows = []
    for field, plain in zip(info.fields, msgspec.structs.fields(ServeSettings), strict=True):
        meta = field.type
        assert isinstance(meta, msgspec.inspect.Metadata) and meta.extra and meta.extra_json_schema
        expects, kind = _expectation(meta.type)
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
            )
        )
    return tuple(rows)


SETTINGS: Final = _settings()
"""Every setting, in the order of the declaration."""

BY_NAME: Final[Mapping[str, Setting]] = {setting.name: setting for setting in SETTINGS}
