"""The station's settings: fields are the variables of OCPP 2.x's device model, with their bounds.

A 1.x key is another name for the same variable; the dialect knows which. What may not be set because a version
prescribes it stands in `Conventions`.
"""

from typing import Annotated, Any, Literal, get_args

import msgspec
from msgspec import Meta

from stationmaster.station.ports import Memory

TxPoint = Literal["ParkingBayOccupancy", "EVConnected", "Authorized", "DataSigned", "PowerPathClosed", "EnergyTransfer"]
Seconds = Annotated[int, Meta(ge=0, le=31_536_000)]
Measurands = Annotated[tuple[str, ...], Meta(max_length=40)]
Points = Annotated[tuple[TxPoint, ...], Meta(max_length=6)]

ENERGY = ("Energy.Active.Import.Register",)
USUAL = ("Energy.Active.Import.Register", "Power.Active.Import", "Current.Import", "Voltage", "SoC")
_KEY = "settings"


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that can be set, in the units that the names tell. Defaults are those of a 2.x station."""

    # OCPPCommCtrlr
    heartbeat_interval_s: Annotated[int, Meta(ge=1, le=31_536_000)] = 300
    offline_threshold_s: Seconds = 60
    message_timeout_s: Annotated[int, Meta(ge=1, le=600)] = 30
    message_attempts: Annotated[int, Meta(ge=1, le=1000)] = 3
    message_attempt_interval_s: Seconds = 60
    retry_back_off_wait_minimum_s: Annotated[int, Meta(ge=1, le=86_400)] = 10
    retry_back_off_random_range_s: Annotated[int, Meta(ge=0, le=86_400)] = 10
    retry_back_off_repeat_times: Annotated[int, Meta(ge=0, le=16)] = 5
    web_socket_ping_interval_s: Seconds = 60
    unlock_on_ev_side_disconnect: bool = True
    boot_retry_interval_s: Annotated[int, Meta(ge=1, le=86_400)] = 60
    queue_capacity: Annotated[int, Meta(ge=10, le=1_000_000)] = 10_000
    # TxCtrlr
    tx_start_point: Points = ("EVConnected", "Authorized")
    tx_stop_point: Points = ("EVConnected", "Authorized")
    ev_connection_timeout_s: Seconds = 120
    stop_tx_on_invalid_id: bool = True
    stop_tx_on_ev_side_disconnect: bool = True
    max_energy_on_invalid_id_wh: Annotated[int, Meta(ge=0, le=1_000_000)] = 0
    tx_resumption_timeout_s: Seconds = 0
    # SampledDataCtrlr
    tx_started_measurands: Measurands = ENERGY
    tx_updated_interval_s: Seconds = 60
    tx_updated_measurands: Measurands = USUAL
    tx_ended_interval_s: Seconds = 0
    tx_ended_measurands: Measurands = ENERGY
    # AlignedDataCtrlr
    aligned_interval_s: Annotated[int, Meta(ge=0, le=86_400)] = 0
    aligned_measurands: Measurands = ENERGY
    aligned_tx_ended_interval_s: Annotated[int, Meta(ge=0, le=86_400)] = 0
    aligned_tx_ended_measurands: Measurands = ()
    aligned_send_during_idle: bool = False
    # AuthCtrlr, AuthCacheCtrlr
    auth_enabled: bool = True
    authorize_remote_start: bool = True
    local_authorize_offline: bool = True
    local_pre_authorize: bool = False
    disable_remote_authorization: bool = False
    offline_tx_for_unknown_id_enabled: bool = False
    master_pass_group_id: Annotated[str, Meta(max_length=36)] = ""
    auth_cache_enabled: bool = True
    auth_cache_life_time_s: Seconds = 2_592_000
    auth_cache_disable_post_authorize: bool = False
    # EVSE
    evse_allow_reset: bool = True


VARIABLES: dict[str, str] = {
    "OCPPCommCtrlr.HeartbeatInterval": "heartbeat_interval_s",
    "OCPPCommCtrlr.OfflineThreshold": "offline_threshold_s",
    "OCPPCommCtrlr.MessageTimeout[Default]": "message_timeout_s",
    "OCPPCommCtrlr.MessageAttempts[TransactionEvent]": "message_attempts",
    "OCPPCommCtrlr.MessageAttemptInterval[TransactionEvent]": "message_attempt_interval_s",
    "OCPPCommCtrlr.RetryBackOffWaitMinimum": "retry_back_off_wait_minimum_s",
    "OCPPCommCtrlr.RetryBackOffRandomRange": "retry_back_off_random_range_s",
    "OCPPCommCtrlr.RetryBackOffRepeatTimes": "retry_back_off_repeat_times",
    "OCPPCommCtrlr.WebSocketPingInterval": "web_socket_ping_interval_s",
    "OCPPCommCtrlr.UnlockOnEVSideDisconnect": "unlock_on_ev_side_disconnect",
    "TxCtrlr.TxStartPoint": "tx_start_point",
    "TxCtrlr.TxStopPoint": "tx_stop_point",
    "TxCtrlr.EVConnectionTimeOut": "ev_connection_timeout_s",
    "TxCtrlr.StopTxOnInvalidId": "stop_tx_on_invalid_id",
    "TxCtrlr.StopTxOnEVSideDisconnect": "stop_tx_on_ev_side_disconnect",
    "TxCtrlr.MaxEnergyOnInvalidId": "max_energy_on_invalid_id_wh",
    "TxCtrlr.TxResumptionTimeout": "tx_resumption_timeout_s",
    "SampledDataCtrlr.TxStartedMeasurands": "tx_started_measurands",
    "SampledDataCtrlr.TxUpdatedInterval": "tx_updated_interval_s",
    "SampledDataCtrlr.TxUpdatedMeasurands": "tx_updated_measurands",
    "SampledDataCtrlr.TxEndedInterval": "tx_ended_interval_s",
    "SampledDataCtrlr.TxEndedMeasurands": "tx_ended_measurands",
    "AlignedDataCtrlr.Interval": "aligned_interval_s",
    "AlignedDataCtrlr.Measurands": "aligned_measurands",
    "AlignedDataCtrlr.TxEndedInterval": "aligned_tx_ended_interval_s",
    "AlignedDataCtrlr.TxEndedMeasurands": "aligned_tx_ended_measurands",
    "AlignedDataCtrlr.SendDuringIdle": "aligned_send_during_idle",
    "AuthCtrlr.Enabled": "auth_enabled",
    "AuthCtrlr.AuthorizeRemoteStart": "authorize_remote_start",
    "AuthCtrlr.LocalAuthorizeOffline": "local_authorize_offline",
    "AuthCtrlr.LocalPreAuthorize": "local_pre_authorize",
    "AuthCtrlr.DisableRemoteAuthorization": "disable_remote_authorization",
    "AuthCtrlr.OfflineTxForUnknownIdEnabled": "offline_tx_for_unknown_id_enabled",
    "AuthCtrlr.MasterPassGroupId": "master_pass_group_id",
    "AuthCacheCtrlr.Enabled": "auth_cache_enabled",
    "AuthCacheCtrlr.LifeTime": "auth_cache_life_time_s",
    "AuthCacheCtrlr.DisablePostAuthorize": "auth_cache_disable_post_authorize",
    "EVSE.AllowReset": "evse_allow_reset",
}
"""Component.Variable[instance] to the field that holds it."""

_FIELDS: dict[str, Any] = {field.name: field.type for field in msgspec.structs.fields(Settings)}


class Conventions(msgspec.Struct, frozen=True, kw_only=True):
    """What a generation of OCPP prescribes and no variable changes.

    ``status_tells_session``: connector states follow the session (1.6's nine states), and the station as a whole has
    one. ``csms_names_transactions``: ids come with the answer to the start. ``idle_reset_stops``: a reset on idle ends
    transactions instead of waiting for them (1.6 Soft). ``unlock_stops``: so does an unlock command.
    ``triggers_sampled``: triggered meter values are the sampled measurands with their transaction (1.6 errata 3.46).
    ``keeps_cables``: that of a token refused while online stays locked too (1.6 errata 3.5).
    ``plug_waits``: a plug without an authorization in time counts as finished (1.6 errata 3.20).
    """

    status_tells_session: bool = False
    csms_names_transactions: bool = False
    idle_reset_stops: bool = False
    unlock_stops: bool = False
    triggers_sampled: bool = False
    keeps_cables: bool = False
    plug_waits: bool = False


FIRST_GENERATION = Conventions(
    status_tells_session=True,
    csms_names_transactions=True,
    idle_reset_stops=True,
    unlock_stops=True,
    triggers_sampled=True,
    keeps_cables=True,
    plug_waits=True,
)
SECOND_GENERATION = Conventions()


def defaults(family: int) -> Settings:
    """The settings of a new station of generation 1 or 2; 1.x leaves the points of a transaction no choice."""
    if family == 1:
        # A plug pulled at the car ends a transaction by ending its authorization, or not at all (1.6 §4.10).
        return Settings(tx_start_point=("PowerPathClosed",), tx_stop_point=("Authorized",), evse_allow_reset=False)
    return Settings()


def with_value(settings: Settings, variable: str, text: str) -> Settings:
    """The settings with one variable changed. Raises KeyError for an unknown one, ValueError for a bad value."""
    field = VARIABLES[variable]
    return with_fields(settings, {field: _parsed(_FIELDS[field], text)})


def with_fields(settings: Settings, changes: dict[str, Any]) -> Settings:
    """The settings with fields changed. Raises ValueError outside the bounds."""
    return msgspec.convert(msgspec.structs.asdict(settings) | changes, Settings)


def value_of(settings: Settings, variable: str) -> str:
    """A variable as the wire carries it: lists with commas, booleans as words. Raises KeyError for an unknown one."""
    value = getattr(settings, VARIABLES[variable])
    if isinstance(value, tuple):
        return ",".join(value)
    return str(value).lower() if isinstance(value, bool) else str(value)


class Configuration:
    """The settings in force, kept in memory; blocks read ``now`` each time they need it."""

    def __init__(self, memory: Memory, initial: Settings, conventions: Conventions = SECOND_GENERATION) -> None:
        self._memory = memory
        self.conventions = conventions
        kept = memory.get(_KEY)
        self.now = initial if kept is None else _restored(initial, kept)

    def change(self, variable: str, text: str) -> None:
        """Set one variable for good. Raises as :func:`with_value`."""
        self.now = with_value(self.now, variable, text)
        self._memory.put(_KEY, msgspec.json.encode(self.now))


def _restored(initial: Settings, kept: bytes) -> Settings:
    """What was kept, upon the defaults: a newer program may have fields that an older one did not write."""
    known = {name: value for name, value in msgspec.json.decode(kept, type=dict[str, Any]).items() if name in _FIELDS}
    return with_fields(initial, known)


def _parsed(annotation: Any, text: str) -> Any:
    inner = get_args(annotation)[0] if hasattr(annotation, "__metadata__") else annotation
    if getattr(inner, "__origin__", None) is tuple:
        return [item.strip() for item in text.split(",") if item.strip()]
    return msgspec.convert(text, inner, strict=False)
