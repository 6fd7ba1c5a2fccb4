"""The variables of a station: what each is called, what it may hold, and where its value comes from.

A row names its variable as ``Component.Variable[instance]``. Its value is a field of ``settings.Settings``, a fact that
never changes, or something the program tells when it is asked (`Variables.live`); a row of which nobody tells anything
is not part of the station. The bounds of a setting stand at its field and nowhere else. Sources: OCPP 2.0.1 and 2.1
part 2, Referenced Components and Variables; OCPP 1.6 §9.
"""

from typing import Literal

import msgspec

from stationmaster.domain.device_model import CONFIGURATION_KEY, Mutability

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
STATES = ("Available", "Occupied", "Reserved", "Unavailable", "Faulted")
TRANSFERS = ("FTP", "FTPS", "HTTP", "HTTPS", "SFTP")
MONITORING_BASES = ("All", "FactoryDefault", "HardWiredOnly")
SLOTS = ("1", "2", "3")
"""Of network profiles: at least two (B09.FR.06)."""

ITEMS_PER_MESSAGE = 50
BYTES_PER_MESSAGE = 32_768


class Row(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """``field`` of the settings, or a ``fact``, or neither: told when asked.

    ``mutability_1x``: where generation 1 differs. ``generation``: of which versions it is a part, None: of all.
    ``since`` is the first version of generation 2 that has it. ``reboot``: a new value counts after a restart.
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
    _fact("OCPPCommCtrlr.FileTransferProtocols", "MemberList", "HTTP,HTTPS", TRANSFERS),
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
    _fact("SecurityCtrlr.CertificateEntries", "integer", "0"),
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
    _setting("AuthCacheCtrlr.Enabled", "boolean", "auth_cache_enabled"),
    _setting("AuthCacheCtrlr.LifeTime", "integer", "auth_cache_life_time_s", "s"),
    _setting("AuthCacheCtrlr.DisablePostAuthorize", "boolean", "auth_cache_disable_post_authorize"),
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
MONITORING = (
    _fact("MonitoringCtrlr.Available", "boolean", "true", generation=2),
    _setting("MonitoringCtrlr.Enabled", "boolean", "monitoring_enabled", generation=2),
    _setting("MonitoringCtrlr.OfflineQueuingSeverity", "integer", "offline_queuing_severity", generation=2),
    _told("MonitoringCtrlr.ActiveMonitoringBase", "OptionList", values=MONITORING_BASES, generation=2),
    _told("MonitoringCtrlr.ActiveMonitoringLevel", "integer", generation=2),
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
KEYS_1X = (
    _key("NumberOfConnectors", "integer"),
    _key("SupportedFeatureProfiles", "string"),
    _key("ConnectorPhaseRotation", "string", field="connector_phase_rotation"),
    *(
        _key(f"{key}MaxLength", "integer", "40")
        for key in ("MeterValuesAlignedData", "MeterValuesSampledData", "StopTxnAlignedData", "StopTxnSampledData")
    ),
)
TABLE: tuple[Row, ...] = (*COMMUNICATION, *AUTHORIZATION, *TRANSACTIONS, *METERING, *MONITORING, *TIERS, *KEYS_1X)

FIELDS: dict[str, str] = {row.name: row.field for row in TABLE if row.field is not None}
"""The settings by the names of their variables."""
