"""The station's settings: fields are the variables of OCPP 2.x's device model, with their bounds.

A 1.x key is another name for the same variable; the dialect knows which. What the variables are called and who may set
them stands in `variable_table`; what may not be set because a version prescribes it, in `Conventions`.
"""

from collections.abc import Callable
from typing import Annotated, Any, Literal, get_args

import msgspec
from msgspec import Meta

from stationmaster.station.device_model.variable_table import FIELDS
from stationmaster.station.metering.signed_values import KeyPolicy
from stationmaster.station.ports import Memory

TxPoint = Literal["ParkingBayOccupancy", "EVConnected", "Authorized", "DataSigned", "PowerPathClosed", "EnergyTransfer"]
_ROTATION = r"[0-9]+\.(NotApplicable|Unknown|RST|RTS|SRT|STR|TRS|TSR)"
Seconds = Annotated[int, Meta(ge=0, le=31_536_000)]
Measurands = Annotated[tuple[str, ...], Meta(max_length=40)]
Points = Annotated[tuple[TxPoint, ...], Meta(max_length=6)]
FailedTariff = Literal["Deauthorize", "UseDefaultTariff", "CentralCost"]
DisplayLanguage = Literal["de", "en", "es", "fr", "it", "nl"]
Money = Annotated[str, Meta(pattern=r"^[0-9]{1,6}(\.[0-9]{1,4})?$")]
PaymentDetail = Literal["PspRef", "PaymentBrand", "PaymentRecognition", "CardLast4Digits"]
Slots = Annotated[tuple[Literal["1", "2", "3"], ...], Meta(min_length=1, max_length=3)]
TimeOffset = Annotated[str, Meta(pattern=r"^([+-](0[0-9]|1[0-4]):[0-5][0-9])?$")]
IdTag = Annotated[str, Meta(min_length=1, max_length=20)]
PhaseRotations = Annotated[str, Meta(max_length=500, pattern=rf"^({_ROTATION}(, *{_ROTATION})*)?$")]

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
    reset_retries: Annotated[int, Meta(ge=0, le=10)] = 0
    network_priority: Slots = ("1",)
    network_profile_connection_attempts: Annotated[int, Meta(ge=1, le=100)] = 3
    # ClockCtrlr, SecurityCtrlr
    time_source: Annotated[tuple[Literal["Heartbeat"], ...], Meta(min_length=1, max_length=1)] = ("Heartbeat",)
    time_offset: TimeOffset = "+00:00"
    next_time_offset: TimeOffset = ""
    next_time_offset_transition: Annotated[str, Meta(max_length=40)] = ""
    organization_name: Annotated[str, Meta(max_length=64)] = "Stationmaster"
    cert_signing_wait_minimum_s: Seconds = 30
    cert_signing_repeat_times: Annotated[int, Meta(ge=0, le=16)] = 3
    certificate_entries: Annotated[int, Meta(ge=1, le=100)] = 20
    # MonitoringCtrlr
    monitoring_enabled: bool = True
    offline_queuing_severity: Annotated[int, Meta(ge=0, le=9)] = 5
    # MonitoringCtrlr
    max_periodic_event_streams: Annotated[int, Meta(ge=0, le=100)] = 10
    # DisplayMessageCtrlr
    display_messages: Annotated[int, Meta(ge=1, le=1000)] = 20
    display_language: DisplayLanguage = "en"
    # TariffCostCtrlr
    currency: Annotated[str, Meta(pattern=r"^[A-Z]{3}$", max_length=3)] = "EUR"
    tariff_fallback_message: Annotated[str, Meta(max_length=255)] = ""
    total_cost_fallback_message: Annotated[str, Meta(max_length=255)] = ""
    offline_tariff_fallback_message: Annotated[str, Meta(max_length=255)] = ""
    tariff_enabled: bool = True
    cost_enabled: bool = True
    running_cost_enabled: bool = True
    cost_interval_s: Annotated[int, Meta(ge=5, le=86_400)] = 60
    tariff_interval_s: Annotated[int, Meta(ge=0, le=86_400)] = 60
    tariff_max_elements: Annotated[int, Meta(ge=1, le=100)] = 100
    tariff_conditions_supported: bool = True
    handle_failed_tariff: FailedTariff = "UseDefaultTariff"
    display_cost_and_price: bool = True
    idle_fee_after_stop: bool = False
    # WebPaymentsCtrlr
    web_payments_enabled: bool = False
    web_payments_url_template: Annotated[str, Meta(max_length=2000)] = ""
    web_payments_totp_version: Literal["v1"] = "v1"
    web_payments_validity_s: Annotated[int, Meta(ge=6, le=3600)] = 30
    web_payments_length: Annotated[int, Meta(ge=6, le=64)] = 8
    # PaymentCtrlr
    authorize_direct_payment: bool = True
    authorization_amount: Money = "50.00"
    incremental_authorization_amount: Money = "0"
    incremental_authorization_threshold: Money = "5.00"
    payment_details: Annotated[tuple[PaymentDetail, ...], Meta(max_length=20)] = ()
    settlement_by_csms: bool = False
    receipt_by_csms: bool = False
    receipt_server_url: Annotated[str, Meta(max_length=500)] = ""
    # BatterySwapCtrlr
    swap_target_soc_pct: Annotated[int, Meta(ge=0, le=100)] = 80
    swap_max_soc_pct: Annotated[int, Meta(ge=0, le=100)] = 95
    swap_id_token: Annotated[str, Meta(max_length=255)] = ""
    swap_timeout_in_s: Seconds = 120
    swap_timeout_out_s: Seconds = 120
    batteries_per_swap: Annotated[int, Meta(ge=1, le=100)] = 1
    # TxCtrlr
    tx_start_point: Points = ("EVConnected", "Authorized")
    tx_stop_point: Points = ("EVConnected", "Authorized")
    ev_connection_timeout_s: Seconds = 120
    stop_tx_on_invalid_id: bool = True
    stop_tx_on_ev_side_disconnect: bool = True
    max_energy_on_invalid_id_wh: Annotated[int, Meta(ge=0, le=1_000_000)] = 0
    tx_resumption_timeout_s: Seconds = 0
    tx_allow_energy_resumption: bool = False
    energy_resumption_random_range_s: Seconds = 60
    # SampledDataCtrlr
    tx_started_measurands: Measurands = ENERGY
    tx_updated_interval_s: Seconds = 60
    tx_updated_measurands: Measurands = USUAL
    tx_ended_interval_s: Seconds = 0
    tx_ended_measurands: Measurands = ENERGY
    sampled_sign_readings: bool = False
    sampled_sign_started_readings: bool = True
    sampled_sign_updated_readings: bool = True
    public_key_with_signed_meter_value: KeyPolicy = "OncePerTransaction"
    # AlignedDataCtrlr
    aligned_sign_readings: bool = False
    aligned_sign_updated_readings: bool = False
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
    # LocalAuthListCtrlr
    local_list_enabled: bool = True
    local_list_disable_post_authorize: bool = False
    # ReservationCtrlr
    reservation_enabled: bool = True
    reservation_non_evse_specific: bool = True
    # EVSE
    evse_allow_reset: bool = True
    # Security: whether a station of 1.6 has the security extension
    security_extension: bool = True
    # Firmware
    allow_new_sessions_pending_firmware_update: bool = False
    firmware_signed_only: bool = True
    firmware_retries: Annotated[int, Meta(ge=0, le=100)] = 3
    firmware_retry_interval_s: Seconds = 60
    max_firmware_bytes: Annotated[int, Meta(ge=1024, le=2**31 - 1)] = 64 * 2**20
    # Keys of 1.x. The idTag stands for nobody: transactions start with it where `auth_enabled` is off. A CSMS that has
    # it as a token lets them charge, at several EVSEs at once if that token may be in use more than once
    connector_phase_rotation: PhaseRotations = ""
    free_vend_id_tag: IdTag = "NOAUTH"


VARIABLES = FIELDS
"""Component.Variable[instance] to the field that holds it."""

_FIELDS: dict[str, Any] = {field.name: field.type for field in msgspec.structs.fields(Settings)}


def bounds_of(field: str) -> tuple[int | None, int | None]:
    """The least and the most that a number may be, or the characters of a text; None: no bound."""
    annotation = _FIELDS[field]
    if not hasattr(annotation, "__metadata__"):
        return None, None
    meta = annotation.__metadata__[0]
    if get_args(annotation)[0] is str:
        return meta.min_length, meta.max_length
    return meta.ge, meta.le


class Conventions(msgspec.Struct, frozen=True, kw_only=True):
    """What a generation of OCPP prescribes and no variable changes.

    ``status_tells_session``: connector states follow the session (1.6's nine states), and the station as a whole has
    one. ``csms_names_transactions``: ids come with the answer to the start. ``idle_reset_stops``: a reset on idle ends
    transactions instead of waiting for them (1.6 Soft). ``unlock_stops``: so does an unlock command.
    ``triggers_sampled``: triggered meter values are the sampled measurands with their transaction (1.6 errata 3.46).
    ``keeps_cables``: that of a token refused while online stays locked too (1.6 errata 3.5).
    ``plug_waits``: a plug without an authorization in time counts as finished (1.6 errata 3.20).
    ``reports_inline``: the settings are told in the answer to the question, not in messages of their own.
    ``list_may_be_unsupported``: a local list that is switched off is not supported (1.6 §4.4, §5.15).
    ``list_excludes_cache``: tokens of the list are not cached (1.6 §3.5.3). ``lists_busy_tokens``: one that is listed
    as in use elsewhere is valid (1.6 §3.5.2). ``cache_keeps_expired``: what expires becomes Expired (1.6 §3.5.1).
    ``tells_list_conflicts``: where the CSMS refuses what the list accepts, the CSMS is told (1.6 §3.5.2).
    ``list_learns``: the list keeps what the CSMS last said of a token on it (1.5 §3.3, §4.8, §4.10).
    ``occupied_says_all``: there is one word for all of a session, and the station as a whole is what its connectors
    come to (1.5 §7.10, 1.2 §7.5).
    """

    status_tells_session: bool = False
    csms_names_transactions: bool = False
    idle_reset_stops: bool = False
    unlock_stops: bool = False
    triggers_sampled: bool = False
    keeps_cables: bool = False
    plug_waits: bool = False
    reports_inline: bool = False
    list_may_be_unsupported: bool = False
    list_excludes_cache: bool = False
    lists_busy_tokens: bool = False
    cache_keeps_expired: bool = False
    tells_list_conflicts: bool = False
    list_learns: bool = False
    occupied_says_all: bool = False


FIRST_GENERATION = Conventions(
    status_tells_session=True,
    csms_names_transactions=True,
    idle_reset_stops=True,
    unlock_stops=True,
    triggers_sampled=True,
    keeps_cables=True,
    plug_waits=True,
    reports_inline=True,
    list_may_be_unsupported=True,
    list_excludes_cache=True,
    lists_busy_tokens=True,
    cache_keeps_expired=True,
    tells_list_conflicts=True,
)
BEFORE_1_6 = msgspec.structs.replace(
    FIRST_GENERATION, tells_list_conflicts=False, list_learns=True, occupied_says_all=True
)
SECOND_GENERATION = Conventions()


def defaults(family: int) -> Settings:
    """The settings of a new station of generation 1 or 2; 1.x leaves the points of a transaction no choice."""
    if family == 1:
        # A plug pulled at the car ends a transaction by ending its authorization, or not at all (1.6 §4.10).
        return Settings(
            tx_start_point=("PowerPathClosed",),
            tx_stop_point=("Authorized",),
            evse_allow_reset=False,
            firmware_signed_only=False,
        )
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
    """The settings in force, kept in memory; blocks read ``now`` each time they need it.

    ``on_change`` is told of a variable whose value has become another: its name, the old and the new one.
    """

    def __init__(self, memory: Memory, initial: Settings, conventions: Conventions = SECOND_GENERATION) -> None:
        self._memory = memory
        self.conventions = conventions
        self.on_change: Callable[[str, str, str], None] = _nobody
        kept = memory.get(_KEY)
        self.now = initial if kept is None else _restored(initial, kept)

    def unwatch(self) -> None:
        """The program that listened is gone."""
        self.on_change = _nobody

    def change(self, variable: str, text: str) -> None:
        """Set one variable for good. Raises as :func:`with_value`."""
        before = value_of(self.now, variable)
        changed = with_value(self.now, variable, text)
        if changed == self.now:
            return
        self._memory.put(_KEY, msgspec.json.encode(changed))
        self.now = changed
        self.on_change(variable, before, value_of(changed, variable))


def _nobody(variable: str, before: str, now: str) -> None:
    """Until a program listens."""


def _restored(initial: Settings, kept: bytes) -> Settings:
    """What was kept, upon the defaults: a newer program may have fields that an older one did not write."""
    known = {name: value for name, value in msgspec.json.decode(kept, type=dict[str, Any]).items() if name in _FIELDS}
    return with_fields(initial, known)


def _parsed(annotation: Any, text: str) -> Any:
    inner = get_args(annotation)[0] if hasattr(annotation, "__metadata__") else annotation
    if getattr(inner, "__origin__", None) is tuple:
        return [item.strip() for item in text.split(",") if item.strip()]
    return msgspec.convert(text, inner, strict=False)
