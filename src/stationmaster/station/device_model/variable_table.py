"""The variables of a station: what each is called, what it may hold, and where its value comes from.

A row names its variable as ``Component.Variable[instance]``. Its value is a field of ``settings.Settings``, a fact that
never changes, or something the program tells when it is asked (`Variables.live`); a row of which nobody tells anything
is not part of the station. The bounds of a setting stand at its field and nowhere else. Sources: OCPP 2.0.1 and 2.1
part 2, Referenced Components and Variables; OCPP 1.6 §9.
"""

from typing import Any, Literal

import msgspec

from stationmaster.domain.device_model.addresses import CONFIGURATION_KEY, Mutability
from stationmaster.domain.display_message import PRIORITIES

Tier = Literal["station", "EVSE", "Connector"]

POINTS = ("ParkingBayOccupancy", "EVConnected", "Authorized", "PowerPathClosed", "EnergyTransfer")
MEASURANDS = (
    "Current.Export",
    "Current.Import",
    "Current.Offered",
    "Energy.Active.Export.Interval",
    "Energy.Active.Export.Register",
    "Energy.Active.Import.Interval",
    "Energy.Active.Import.Register",
    "Energy.Reactive.Export.Interval",
    "Energy.Reactive.Export.Register",
    "Energy.Reactive.Import.Interval",
    "Energy.Reactive.Import.Register",
    "Frequency",
    "Power.Active.Export",
    "Power.Active.Import",
    "Power.Factor",
    "Power.Offered",
    "Power.Reactive.Export",
    "Power.Reactive.Import",
    "SoC",
    "Voltage",
)
"""Those that every version knows."""
LIMITS = ("maxCost", "maxEnergy", "maxTime", "maxSoC")
STATES = ("Available", "Occupied", "Reserved", "Unavailable", "Faulted")
TRANSFERS = ("FTP", "FTPS", "HTTP", "HTTPS", "SFTP")
MONITORING_BASES = ("All", "FactoryDefault", "HardWiredOnly")
WORKING_MODES = ("CC", "CV", "Full", "Ready", "Standby")
TEXT_FORMATS = ("ASCII", "URI", "UTF8")
DISPLAY_STATES = ("Charging", "Faulted", "Idle", "Unavailable")
DISPLAY_LANGUAGES = ("de", "en", "es", "fr", "it", "nl")
SLOTS = ("1", "2", "3")
"""Of network profiles: at least two (B09.FR.06)."""

ITEMS_PER_MESSAGE = 50
BYTES_PER_MESSAGE = 32_768
MOST_LIST_ENTRIES = 1000
MOST_LIST_BYTES = 400_000


class Row(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """``field`` of the settings, or a ``fact``, or neither: told when asked.

    ``mutability_1x``: where generation 1 differs. ``generation``: of which versions it is a part, None: of all.
    ``since`` is the first version of generation 2 that has it. ``reboot``: a new value counts after a restart.
    ``most`` is the field of the settings that bounds a value which is told, ``limit`` a bound that never changes.
    ``hardware`` names what the hardware must be able to (a flag of ``HardwareDescription``); without it the station has
    no such variable.
    """

    name: str
    data_type: str
    mutability: Mutability = "ReadOnly"
    mutability_1x: Mutability | None = None
    unit: str | None = None
    values: tuple[str, ...] | None = None
    field: str | None = None
    fact: str | None = None
    tier: Tier = "station"
    since: Literal["2.0", "2.1"] = "2.0"
    generation: int | None = None
    reboot: bool = False
    most: str | None = None
    limit: int | None = None
    hardware: str | None = None

    @property
    def component(self) -> str:
        return self.name.partition(".")[0]

    @property
    def variable(self) -> str:
        return self.name.partition(".")[2].partition("[")[0]

    @property
    def instance(self) -> str | None:
        return self.name.partition("[")[2].rstrip("]") or None


def _setting(name: str, data_type: str, field: str, unit: str | None = None, **more: object) -> Row:
    return msgspec.convert(
        {"mutability": "ReadWrite", **more, "name": name, "data_type": data_type, "field": field, "unit": unit}, Row
    )


def _fact(
    name: str, data_type: str, fact: str, values: tuple[str, ...] | None = None, generation: int | None = None
) -> Row:
    return Row(name=name, data_type=data_type, fact=fact, values=values, generation=generation)


def _told(name: str, data_type: str, **more: object) -> Row:
    return msgspec.convert({**more, "name": name, "data_type": data_type}, Row)


def _key(name: str, data_type: str, fact: str | None = None, field: str | None = None) -> Row:
    """A key of 1.x that 2.x has no variable for."""
    mutability: Mutability = "ReadOnly" if field is None else "ReadWrite"
    return Row(
        name=f"{CONFIGURATION_KEY}.{name}",
        data_type=data_type,
        mutability=mutability,
        fact=fact,
        field=field,
        generation=1,
    )


COMMUNICATION = (
    _setting("OCPPCommCtrlr.HeartbeatInterval", "integer", "heartbeat_interval_s", "s"),
    _setting("OCPPCommCtrlr.OfflineThreshold", "integer", "offline_threshold_s", "s"),
    _setting(
        "OCPPCommCtrlr.MessageTimeout[Default]",
        "integer",
        "message_timeout_s",
        "s",
        mutability="ReadOnly",
        mutability_1x="ReadWrite",
    ),
    _setting("OCPPCommCtrlr.MessageAttempts[TransactionEvent]", "integer", "message_attempts"),
    _setting("OCPPCommCtrlr.MessageAttemptInterval[TransactionEvent]", "integer", "message_attempt_interval_s", "s"),
    _setting("OCPPCommCtrlr.RetryBackOffWaitMinimum", "integer", "retry_back_off_wait_minimum_s", "s"),
    _setting("OCPPCommCtrlr.RetryBackOffRandomRange", "integer", "retry_back_off_random_range_s", "s"),
    _setting("OCPPCommCtrlr.RetryBackOffRepeatTimes", "integer", "retry_back_off_repeat_times"),
    _setting("OCPPCommCtrlr.WebSocketPingInterval", "integer", "web_socket_ping_interval_s", "s"),
    _setting("OCPPCommCtrlr.UnlockOnEVSideDisconnect", "boolean", "unlock_on_ev_side_disconnect"),
    _setting("OCPPCommCtrlr.ResetRetries", "integer", "reset_retries"),
    _setting(
        "OCPPCommCtrlr.NetworkConfigurationPriority", "SequenceList", "network_priority", values=SLOTS, reboot=True
    ),
    _setting("OCPPCommCtrlr.NetworkProfileConnectionAttempts", "integer", "network_profile_connection_attempts"),
    _told("OCPPCommCtrlr.ActiveNetworkProfile", "integer"),
    _told("OCPPCommCtrlr.FileTransferProtocols", "MemberList", values=TRANSFERS),
    *(
        _fact(f"DeviceDataCtrlr.{variable}[{message}]", "integer", str(most))
        for variable, most in (("ItemsPerMessage", ITEMS_PER_MESSAGE), ("BytesPerMessage", BYTES_PER_MESSAGE))
        for message in ("GetReport", "GetVariables", "SetVariables")
    ),
    _told("ClockCtrlr.DateTime", "dateTime"),
    _setting("ClockCtrlr.TimeSource", "SequenceList", "time_source", values=("Heartbeat",)),
    _setting("ClockCtrlr.TimeOffset", "string", "time_offset"),
    _setting("ClockCtrlr.TimeOffset[NextTransition]", "string", "next_time_offset"),
    _setting("ClockCtrlr.NextTimeOffsetTransitionDateTime", "dateTime", "next_time_offset_transition"),
    _setting("SecurityCtrlr.OrganizationName", "string", "organization_name"),
    _setting("SecurityCtrlr.CertSigningWaitMinimum", "integer", "cert_signing_wait_minimum_s", "s"),
    _setting("SecurityCtrlr.CertSigningRepeatTimes", "integer", "cert_signing_repeat_times"),
    _told("SecurityCtrlr.CertificateEntries", "integer", most="certificate_entries"),
    _told("SecurityCtrlr.SecurityProfile", "integer"),
    _told("SecurityCtrlr.Identity", "string"),
)
AUTHORIZATION = (
    _setting("AuthCtrlr.Enabled", "boolean", "auth_enabled"),
    _setting("AuthCtrlr.AuthorizeRemoteStart", "boolean", "authorize_remote_start"),
    _setting("AuthCtrlr.LocalAuthorizeOffline", "boolean", "local_authorize_offline"),
    _setting("AuthCtrlr.LocalPreAuthorize", "boolean", "local_pre_authorize"),
    _setting("AuthCtrlr.DisableRemoteAuthorization", "boolean", "disable_remote_authorization"),
    _setting("AuthCtrlr.OfflineTxForUnknownIdEnabled", "boolean", "offline_tx_for_unknown_id_enabled"),
    _setting("AuthCtrlr.MasterPassGroupId", "string", "master_pass_group_id"),
    _fact("AuthCacheCtrlr.Available", "boolean", "true"),
    _fact("AuthCacheCtrlr.Policy", "OptionList", "CUSTOM", ("LRU", "LFU", "FIFO", "CUSTOM"), generation=2),
    _setting("AuthCacheCtrlr.Enabled", "boolean", "auth_cache_enabled"),
    _setting("AuthCacheCtrlr.LifeTime", "integer", "auth_cache_life_time_s", "s"),
    _setting("AuthCacheCtrlr.DisablePostAuthorize", "boolean", "auth_cache_disable_post_authorize"),
)
LOCAL_LIST = (
    _fact("LocalAuthListCtrlr.Available", "boolean", "true"),
    _setting("LocalAuthListCtrlr.Enabled", "boolean", "local_list_enabled"),
    _told("LocalAuthListCtrlr.Entries", "integer", limit=MOST_LIST_ENTRIES),
    _fact("LocalAuthListCtrlr.ItemsPerMessage", "integer", str(ITEMS_PER_MESSAGE)),
    _fact("LocalAuthListCtrlr.BytesPerMessage", "integer", str(BYTES_PER_MESSAGE), generation=2),
    _told("LocalAuthListCtrlr.Storage", "integer", unit="B", limit=MOST_LIST_BYTES, generation=2),
    _setting("LocalAuthListCtrlr.DisablePostAuthorize", "boolean", "local_list_disable_post_authorize", generation=2),
    _fact("LocalAuthListCtrlr.SupportsExpiryDateTime", "boolean", "true", generation=2),
    _key("LocalAuthListMaxLength", "integer", str(MOST_LIST_ENTRIES)),
)
RESERVATION = (
    _fact("ReservationCtrlr.Available", "boolean", "true"),
    _setting("ReservationCtrlr.Enabled", "boolean", "reservation_enabled", generation=2),
    _setting("ReservationCtrlr.NonEvseSpecific", "boolean", "reservation_non_evse_specific", mutability="ReadOnly"),
)
TRANSACTIONS = (
    _setting(
        "TxCtrlr.TxStartPoint", "MemberList", "tx_start_point", values=POINTS, mutability_1x="ReadOnly"
    ),  # 1.x leaves no choice
    _setting("TxCtrlr.TxStopPoint", "MemberList", "tx_stop_point", values=POINTS, mutability_1x="ReadOnly"),
    _setting("TxCtrlr.EVConnectionTimeOut", "integer", "ev_connection_timeout_s", "s"),
    _setting("TxCtrlr.StopTxOnInvalidId", "boolean", "stop_tx_on_invalid_id"),
    _setting("TxCtrlr.StopTxOnEVSideDisconnect", "boolean", "stop_tx_on_ev_side_disconnect"),
    _setting("TxCtrlr.MaxEnergyOnInvalidId", "integer", "max_energy_on_invalid_id_wh", "Wh"),
    _setting("TxCtrlr.ResumptionTimeout", "integer", "tx_resumption_timeout_s", "s", since="2.1"),
    _setting("TxCtrlr.AllowEnergyTransferResumption", "boolean", "tx_allow_energy_resumption", since="2.1"),
    _setting(
        "TxCtrlr.EnergyTransferResumptionRandomRange",
        "integer",
        "energy_resumption_random_range_s",
        "s",
        since="2.1",
    ),
    Row(
        name="TxCtrlr.SupportedLimits",
        data_type="MemberList",
        fact=",".join(LIMITS),
        values=LIMITS,
        since="2.1",
    ),
)
METERING = (
    _fact("SampledDataCtrlr.Available", "boolean", "true"),
    _setting("SampledDataCtrlr.TxStartedMeasurands", "MemberList", "tx_started_measurands", values=MEASURANDS),
    _setting("SampledDataCtrlr.TxUpdatedInterval", "integer", "tx_updated_interval_s", "s"),
    _setting("SampledDataCtrlr.TxUpdatedMeasurands", "MemberList", "tx_updated_measurands", values=MEASURANDS),
    _setting("SampledDataCtrlr.TxEndedInterval", "integer", "tx_ended_interval_s", "s"),
    _setting("SampledDataCtrlr.TxEndedMeasurands", "MemberList", "tx_ended_measurands", values=MEASURANDS),
    _fact("AlignedDataCtrlr.Available", "boolean", "true"),
    _setting("AlignedDataCtrlr.Interval", "integer", "aligned_interval_s", "s"),
    _setting("AlignedDataCtrlr.Measurands", "MemberList", "aligned_measurands", values=MEASURANDS),
    _setting("AlignedDataCtrlr.TxEndedInterval", "integer", "aligned_tx_ended_interval_s", "s"),
    _setting("AlignedDataCtrlr.TxEndedMeasurands", "MemberList", "aligned_tx_ended_measurands", values=MEASURANDS),
    _setting("AlignedDataCtrlr.SendDuringIdle", "boolean", "aligned_send_during_idle"),
)
SIGNING = (
    _setting("SampledDataCtrlr.SignReadings", "boolean", "sampled_sign_readings", generation=2),
    _setting(
        "SampledDataCtrlr.SignStartedReadings", "boolean", "sampled_sign_started_readings", generation=2, since="2.1"
    ),
    _setting(
        "SampledDataCtrlr.SignUpdatedReadings", "boolean", "sampled_sign_updated_readings", generation=2, since="2.1"
    ),
    _setting("AlignedDataCtrlr.SignReadings", "boolean", "aligned_sign_readings", generation=2),
    _setting(
        "AlignedDataCtrlr.SignUpdatedReadings", "boolean", "aligned_sign_updated_readings", generation=2, since="2.1"
    ),
    _setting(
        "OCPPCommCtrlr.PublicKeyWithSignedMeterValue",
        "OptionList",
        "public_key_with_signed_meter_value",
        values=("Never", "OncePerTransaction", "EveryMeterValue"),
        generation=2,
    ),
)
"""Of a station whose meters sign what they read."""
MONITORING = (
    _fact("MonitoringCtrlr.Available", "boolean", "true", generation=2),
    _setting("MonitoringCtrlr.Enabled", "boolean", "monitoring_enabled", generation=2),
    _setting("MonitoringCtrlr.OfflineQueuingSeverity", "integer", "offline_queuing_severity", generation=2),
    _told("MonitoringCtrlr.ActiveMonitoringBase", "OptionList", values=MONITORING_BASES, generation=2),
    _told("MonitoringCtrlr.ActiveMonitoringLevel", "integer", generation=2),
    _setting(
        "MonitoringCtrlr.MaxPeriodicEventStreams",
        "integer",
        "max_periodic_event_streams",
        mutability="ReadOnly",
        generation=2,
        since="2.1",
    ),
    *(
        _fact(f"MonitoringCtrlr.{variable}[{message}]", "integer", str(most), generation=2)
        for variable, most in (("ItemsPerMessage", ITEMS_PER_MESSAGE), ("BytesPerMessage", BYTES_PER_MESSAGE))
        for message in ("SetVariableMonitoring", "ClearVariableMonitoring")
    ),
)
TIERS = (
    _fact("ChargingStation.Available", "boolean", "true"),
    _told("ChargingStation.AvailabilityState", "OptionList", values=STATES),
    _told("ChargingStation.SupplyPhases", "integer"),
    _told("ChargingStation.Model", "string"),
    _told("ChargingStation.VendorName", "string"),
    _told("ChargingStation.SerialNumber", "string"),
    _told("ChargingStation.FirmwareVersion", "string"),
    _setting(
        "ChargingStation.AllowNewSessionsPendingFirmwareUpdate",
        "boolean",
        "allow_new_sessions_pending_firmware_update",
    ),
    Row(name="EVSE.Available", data_type="boolean", fact="true", tier="EVSE"),
    _told("EVSE.AvailabilityState", "OptionList", values=STATES, tier="EVSE"),
    _told("EVSE.SupplyPhases", "integer", tier="EVSE"),
    _told("EVSE.Power", "decimal", unit="W", tier="EVSE"),
    _setting("EVSE.AllowReset", "boolean", "evse_allow_reset", mutability="ReadOnly", tier="EVSE"),
    _told("EVSE.ChargingState", "OptionList", tier="EVSE", since="2.1", values=(
        "Idle", "EVConnected", "Charging", "SuspendedEV", "SuspendedEVSE",
    )),
    _told("EVSE.ActiveTransactionId", "string", tier="EVSE", since="2.1"),
    Row(name="Connector.Available", data_type="boolean", fact="true", tier="Connector"),
    _told("Connector.AvailabilityState", "OptionList", values=STATES, tier="Connector"),
    _told("Connector.ConnectorType", "string", tier="Connector"),
    _told("Connector.SupplyPhases", "integer", tier="Connector"),
    _told("ConnectorPlugRetentionLock.Problem", "boolean", tier="Connector"),
)  # fmt: skip
_SWAP: dict[str, Any] = {"generation": 2, "since": "2.1", "hardware": "swaps_batteries"}
BATTERY_SWAP = (
    _setting("BatterySwapCtrlr.TargetSoC", "integer", "swap_target_soc_pct", "%", **_SWAP),
    _setting("BatterySwapCtrlr.MaxSoC", "integer", "swap_max_soc_pct", "%", **_SWAP),
    _setting("BatterySwapCtrlr.IdToken", "string", "swap_id_token", **_SWAP),
    _setting("BatterySwapCtrlr.Timeout[In]", "integer", "swap_timeout_in_s", "s", **_SWAP),
    _setting("BatterySwapCtrlr.Timeout[Out]", "integer", "swap_timeout_out_s", "s", **_SWAP),
    _told("BatteryCartridge.Available", "boolean", tier="EVSE", **_SWAP),
    _told("BatteryCartridge.SoC", "integer", unit="%", tier="EVSE", **_SWAP),
    _told("BatteryCartridge.SoH", "integer", unit="%", tier="EVSE", **_SWAP),
    _told("BatteryCartridge.WorkingMode", "OptionList", values=WORKING_MODES, tier="EVSE", **_SWAP),
    _told("Connector.SlotStatus", "OptionList", values=("Open", "Locked", "Faulted"), tier="Connector", **_SWAP),
)
_PAYMENT: dict[str, Any] = {"generation": 2, "since": "2.1", "hardware": "takes_payments"}
PAYMENT_DETAILS = ("PspRef", "PaymentBrand", "PaymentRecognition", "CardLast4Digits")
PAYMENT = (
    _told("PaymentCtrlr.Enabled", "boolean", fact="true", **_PAYMENT),
    _setting("PaymentCtrlr.AuthorizeDirectPayment", "boolean", "authorize_direct_payment", **_PAYMENT),
    _setting("PaymentCtrlr.AuthorizationAmount", "decimal", "authorization_amount", **_PAYMENT),
    _setting("PaymentCtrlr.IncrementalAuthorizationAmount", "decimal", "incremental_authorization_amount", **_PAYMENT),
    _setting(
        "PaymentCtrlr.IncrementalAuthorizationThreshold", "decimal", "incremental_authorization_threshold", **_PAYMENT
    ),
    _setting("PaymentCtrlr.PaymentDetails", "MemberList", "payment_details", values=PAYMENT_DETAILS, **_PAYMENT),
    _setting("PaymentCtrlr.SettlementByCSMS", "boolean", "settlement_by_csms", **_PAYMENT),
    _setting("PaymentCtrlr.ReceiptByCSMS", "boolean", "receipt_by_csms", **_PAYMENT),
    _setting("PaymentCtrlr.ReceiptServerUrl", "string", "receipt_server_url", **_PAYMENT),
)
_WEB: dict[str, Any] = {"generation": 2, "since": "2.1"}
URL_PARAMETERS = ("maxcost", "maxenergy", "maxtime")
WEB_PAYMENTS = (
    _setting("WebPaymentsCtrlr.Enabled", "boolean", "web_payments_enabled", **_WEB),
    _setting("WebPaymentsCtrlr.URLTemplate", "string", "web_payments_url_template", **_WEB),
    _told("WebPaymentsCtrlr.URLParameters", "MemberList", fact=",".join(URL_PARAMETERS), values=URL_PARAMETERS, **_WEB),
    _setting("WebPaymentsCtrlr.TOTPVersion", "OptionList", "web_payments_totp_version", values=("v1",), **_WEB),
    _setting("WebPaymentsCtrlr.ValidityTime", "integer", "web_payments_validity_s", "s", **_WEB),
    _setting("WebPaymentsCtrlr.Length", "integer", "web_payments_length", **_WEB),
)
COST_1X = (
    _setting(
        f"{CONFIGURATION_KEY}.CustomDisplayCostAndPrice",
        "boolean",
        "display_cost_and_price",
        mutability="ReadOnly",
        generation=1,
    ),
    _setting(f"{CONFIGURATION_KEY}.CustomIdleFeeAfterStop", "boolean", "idle_fee_after_stop", generation=1),
    _setting(f"{CONFIGURATION_KEY}.Language", "OptionList", "display_language", values=DISPLAY_LANGUAGES, generation=1),
    _fact(f"{CONFIGURATION_KEY}.CustomMultiLanguageMessages", "boolean", "true", generation=1),
    _fact(f"{CONFIGURATION_KEY}.NumberOfDecimalsForCostValues", "integer", "6", generation=1),
    _fact(f"{CONFIGURATION_KEY}.SupportedLanguages", "string", ",".join(DISPLAY_LANGUAGES), generation=1),
)
"""Prices and costs told by DataTransfer (OCA, California's pricing rules)."""
KEYS_1X = (
    _key("NumberOfConnectors", "integer"),
    _key("SupportedFeatureProfiles", "string"),
    _key("CertificateStoreMaxLength", "integer"),
    _key("ConnectorPhaseRotation", "string", field="connector_phase_rotation"),
    _key("FreeVendIdTag", "string", field="free_vend_id_tag"),
    *(
        _key(f"{key}MaxLength", "integer", "40")
        for key in ("MeterValuesAlignedData", "MeterValuesSampledData", "StopTxnAlignedData", "StopTxnSampledData")
    ),
)
DISPLAY_MESSAGES = (
    _fact("DisplayMessageCtrlr.Available", "boolean", "true", generation=2),
    _told("DisplayMessageCtrlr.DisplayMessages", "integer", most="display_messages", generation=2),
    _fact("DisplayMessageCtrlr.SupportedFormats", "MemberList", ",".join(TEXT_FORMATS), TEXT_FORMATS, generation=2),
    _fact(
        "DisplayMessageCtrlr.SupportedPriorities",
        "MemberList",
        ",".join(PRIORITIES),
        PRIORITIES,
        generation=2,
    ),
    _told("DisplayMessageCtrlr.SupportedStates", "MemberList", values=DISPLAY_STATES, generation=2, since="2.1"),
    _setting(
        "DisplayMessageCtrlr.Language",
        "OptionList",
        "display_language",
        values=DISPLAY_LANGUAGES,
        generation=2,
        since="2.1",
    ),
)
_LOCAL_COST: dict[str, Any] = {"generation": 2, "since": "2.1"}
COST = (
    _fact("TariffCostCtrlr.Available[Tariff]", "boolean", "true", generation=2),
    _setting("TariffCostCtrlr.Enabled[Tariff]", "boolean", "tariff_enabled", generation=2),
    _fact("TariffCostCtrlr.Available[Cost]", "boolean", "true", generation=2),
    _setting("TariffCostCtrlr.Enabled[Cost]", "boolean", "cost_enabled", generation=2),
    _setting("TariffCostCtrlr.Enabled[RunningCost]", "boolean", "running_cost_enabled", **_LOCAL_COST),
    _setting("TariffCostCtrlr.Interval[Cost]", "integer", "cost_interval_s", "s", **_LOCAL_COST),
    _setting("TariffCostCtrlr.Interval[Tariff]", "integer", "tariff_interval_s", "s", **_LOCAL_COST),
    _setting(
        "TariffCostCtrlr.MaxElements[Tariff]", "integer", "tariff_max_elements", mutability="ReadOnly", **_LOCAL_COST
    ),
    _setting(
        "TariffCostCtrlr.ConditionsSupported[Tariff]",
        "boolean",
        "tariff_conditions_supported",
        mutability="ReadOnly",
        **_LOCAL_COST,
    ),
    _setting(
        "TariffCostCtrlr.HandleFailedTariff[Tariff]",
        "OptionList",
        "handle_failed_tariff",
        values=("Deauthorize", "UseDefaultTariff", "CentralCost"),
        **_LOCAL_COST,
    ),
    _told("TariffCostCtrlr.Problem", "boolean", **_LOCAL_COST),
    _setting(
        "TariffCostCtrlr.OfflineTariffFallbackMessage", "string", "offline_tariff_fallback_message", **_LOCAL_COST
    ),
    _setting("TariffCostCtrlr.Currency", "string", "currency", generation=2),
    _setting("TariffCostCtrlr.TariffFallbackMessage", "string", "tariff_fallback_message", generation=2),
    _setting("TariffCostCtrlr.TotalCostFallbackMessage", "string", "total_cost_fallback_message", generation=2),
)
TABLE: tuple[Row, ...] = (
    *COMMUNICATION,
    *AUTHORIZATION,
    *LOCAL_LIST,
    *RESERVATION,
    *TRANSACTIONS,
    *METERING,
    *SIGNING,
    *MONITORING,
    *DISPLAY_MESSAGES,
    *COST,
    *TIERS,
    *BATTERY_SWAP,
    *PAYMENT,
    *WEB_PAYMENTS,
    *COST_1X,
    *KEYS_1X,
)

FIELDS: dict[str, str] = {row.name: row.field for row in TABLE if row.field is not None}
"""The settings by the names of their variables."""
