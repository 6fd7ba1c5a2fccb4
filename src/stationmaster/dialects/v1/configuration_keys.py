"""1.6's configuration keys and the variables of 2.x's device model that mean the same.

A key without a counterpart, and every vendor's key, is the variable of that name of the component
:data:`~stationmaster.domain.device_model.addresses.CONFIGURATION_KEY`. So are keys whose counterpart is a
characteristic (``LocalAuthListMaxLength``), is spread over many components (``ConnectorPhaseRotation``) or counts
otherwise (``…MaxLength``: items, where 2.x counts characters). Keys compare without case (CiString50).
"""

from collections.abc import Mapping

import msgspec

from stationmaster.domain.device_model.addresses import (
    CONFIGURATION_KEY,
    Characteristics,
    Component,
    Mutability,
    Variable,
    VariableRef,
)

WRITE_ONLY = frozenset({"authorizationkey"})
"""Keys, in small letters, that a station never tells (1.6 security whitepaper, A00.FR.304)."""


class ConfigurationKey(msgspec.Struct, frozen=True, kw_only=True):
    """``ref`` is the variable that the key is read as; ``also`` are those that it sets besides.

    ``lifted`` maps 1.6's words in the value to 2.x's.
    """

    name: str
    ref: VariableRef
    also: tuple[VariableRef, ...] = ()
    characteristics: Characteristics = Characteristics(data_type="string")
    lifted: Mapping[str, str] = {}

    @property
    def is_write_only(self) -> bool:
        return self.name.lower() in WRITE_ONLY

    def lift(self, value: str) -> str:
        return _in_words(value, self.lifted)

    def lower(self, value: str) -> str:
        return _in_words(value, {new: old for old, new in self.lifted.items()})


def key_named(name: str) -> ConfigurationKey:
    """The key of this name, in any case; one that is not in the table is kept as a key, as it is spelled."""
    return _BY_NAME.get(name.lower()) or ConfigurationKey(name=name, ref=_kept(name))


def key_of(ref: VariableRef) -> ConfigurationKey | None:
    """The key by which 1.6 speaks of a variable's actual value; None where it has none."""
    if ref.attribute != "Actual":
        return None
    component = ref.component
    if component.name == CONFIGURATION_KEY:
        return key_named(ref.variable.name) if component.evse is None else None
    return _BY_ADDRESS.get((component.name, component.instance or None, component.evse, *_name(ref.variable)))


def canonical(ref: VariableRef) -> VariableRef:
    """The address that a variable is kept under: that of the device model for a 1.6 key which has a counterpart."""
    if ref.component.name != CONFIGURATION_KEY or ref.attribute != "Actual":
        return ref
    return key_named(ref.variable.name).ref


def is_specified(key: ConfigurationKey) -> bool:
    """Whether the specification knows the key, so that its data type is known."""
    return key.name.lower() in _BY_NAME


def mutability_of(key: ConfigurationKey, readonly: bool) -> Mutability:
    if key.is_write_only:
        return "WriteOnly"
    return "ReadOnly" if readonly else "ReadWrite"


def _name(variable: Variable) -> tuple[str, str | None]:
    return variable.name, variable.instance or None


def _in_words(value: str, words: Mapping[str, str]) -> str:
    if not words:
        return value
    return ",".join([words.get(word.strip(), word.strip()) for word in value.split(",")])


def _kept(name: str) -> VariableRef:
    return VariableRef(component=Component(name=CONFIGURATION_KEY), variable=Variable(name=name))


def _ref(address: str) -> VariableRef:
    """``Component.Variable[Instance]``; nothing of a device that is not the station itself stands in the table."""
    component, _, variable = address.partition(".")
    name, _, instance = variable.rstrip("]").partition("[")
    return VariableRef(component=Component(name=component), variable=Variable(name=name, instance=instance or None))


def _key(
    name: str, data_type: str, unit: str | None, *addresses: str, lifted: Mapping[str, str] | None = None
) -> ConfigurationKey:
    refs = tuple([_ref(address) for address in addresses]) or (_kept(name),)
    return ConfigurationKey(
        name=name,
        ref=refs[0],
        also=refs[1:],
        characteristics=Characteristics(data_type=data_type, unit=unit),
        lifted=lifted or {},
    )


_BOOL, _INT, _TEXT, _MEMBERS, _SEQUENCE = "boolean", "integer", "string", "MemberList", "SequenceList"

KEYS: tuple[ConfigurationKey, ...] = (
    # Core
    _key("AllowOfflineTxForUnknownId", _BOOL, None, "AuthCtrlr.OfflineTxForUnknownIdEnabled"),
    _key("AuthorizationCacheEnabled", _BOOL, None, "AuthCacheCtrlr.Enabled"),
    _key("AuthorizeRemoteTxRequests", _BOOL, None, "AuthCtrlr.AuthorizeRemoteStart"),
    _key("BlinkRepeat", _INT, None),
    _key("ClockAlignedDataInterval", _INT, "s", "AlignedDataCtrlr.Interval", "AlignedDataCtrlr.TxEndedInterval"),
    _key("ConnectionTimeOut", _INT, "s", "TxCtrlr.EVConnectionTimeOut"),
    _key("ConnectorPhaseRotation", _SEQUENCE, None),
    _key("ConnectorPhaseRotationMaxLength", _INT, None),
    _key("GetConfigurationMaxKeys", _INT, None, "DeviceDataCtrlr.ItemsPerMessage[GetVariables]"),
    _key("HeartbeatInterval", _INT, "s", "OCPPCommCtrlr.HeartbeatInterval"),
    _key("LightIntensity", _INT, "Percent"),
    _key("LocalAuthorizeOffline", _BOOL, None, "AuthCtrlr.LocalAuthorizeOffline"),
    _key("LocalPreAuthorize", _BOOL, None, "AuthCtrlr.LocalPreAuthorize"),
    _key("MaxEnergyOnInvalidId", _INT, "Wh", "TxCtrlr.MaxEnergyOnInvalidId"),
    _key("MessageTimeout", _INT, "s", "OCPPCommCtrlr.MessageTimeout[Default]"),
    _key("MeterValuesAlignedData", _MEMBERS, None, "AlignedDataCtrlr.Measurands"),
    _key("MeterValuesAlignedDataMaxLength", _INT, None),
    _key("MeterValuesSampledData", _MEMBERS, None, "SampledDataCtrlr.TxUpdatedMeasurands"),
    _key("MeterValuesSampledDataMaxLength", _INT, None),
    _key(
        "MeterValueSampleInterval", _INT, "s", "SampledDataCtrlr.TxUpdatedInterval", "SampledDataCtrlr.TxEndedInterval"
    ),
    _key("MinimumStatusDuration", _INT, "s"),
    _key("NumberOfConnectors", _INT, None),
    _key("ResetRetries", _INT, None, "OCPPCommCtrlr.ResetRetries"),
    _key("StopTransactionMaxMeterValues", _INT, None),
    _key("StopTransactionOnEVSideDisconnect", _BOOL, None, "TxCtrlr.StopTxOnEVSideDisconnect"),
    _key("StopTransactionOnInvalidId", _BOOL, None, "TxCtrlr.StopTxOnInvalidId"),
    _key("StopTxnAlignedData", _MEMBERS, None, "AlignedDataCtrlr.TxEndedMeasurands"),
    _key("StopTxnAlignedDataMaxLength", _INT, None),
    _key("StopTxnSampledData", _MEMBERS, None, "SampledDataCtrlr.TxEndedMeasurands"),
    _key("StopTxnSampledDataMaxLength", _INT, None),
    _key("SupportedFeatureProfiles", _MEMBERS, None),
    _key("SupportedFeatureProfilesMaxLength", _INT, None),
    _key("TransactionMessageAttempts", _INT, None, "OCPPCommCtrlr.MessageAttempts[TransactionEvent]"),
    _key("TransactionMessageRetryInterval", _INT, "s", "OCPPCommCtrlr.MessageAttemptInterval[TransactionEvent]"),
    _key("UnlockConnectorOnEVSideDisconnect", _BOOL, None, "OCPPCommCtrlr.UnlockOnEVSideDisconnect"),
    _key("WebSocketPingInterval", _INT, "s", "OCPPCommCtrlr.WebSocketPingInterval"),
    # Local authorization list, reservation, smart charging, firmware
    _key("LocalAuthListEnabled", _BOOL, None, "LocalAuthListCtrlr.Enabled"),
    _key("LocalAuthListMaxLength", _INT, None),
    _key("SendLocalListMaxLength", _INT, None, "LocalAuthListCtrlr.ItemsPerMessage"),
    _key("ReserveConnectorZeroSupported", _BOOL, None, "ReservationCtrlr.NonEvseSpecific"),
    _key("ChargeProfileMaxStackLevel", _INT, None, "SmartChargingCtrlr.ProfileStackLevel"),
    _key(
        "ChargingScheduleAllowedChargingRateUnit",
        _MEMBERS,
        None,
        "SmartChargingCtrlr.RateUnit",
        lifted={"Current": "A", "Power": "W"},
    ),
    _key("ChargingScheduleMaxPeriods", _INT, None, "SmartChargingCtrlr.PeriodsPerSchedule"),
    _key("ConnectorSwitch3to1PhaseSupported", _BOOL, None, "SmartChargingCtrlr.Phases3to1"),
    _key("MaxChargingProfilesInstalled", _INT, None),
    _key("SupportedFileTransferProtocols", _MEMBERS, None, "OCPPCommCtrlr.FileTransferProtocols"),
    # Security whitepaper. AuthorizationKey holds bytes, which are no passwordString: it is kept as a key
    _key("AuthorizationKey", _TEXT, None),
    _key("SecurityProfile", _INT, None, "SecurityCtrlr.SecurityProfile"),
    _key("CpoName", _TEXT, None, "SecurityCtrlr.OrganizationName"),
    _key("AdditionalRootCertificateCheck", _BOOL, None, "SecurityCtrlr.AdditionalRootCertificateCheck"),
    _key("CertificateSignedMaxChainSize", _INT, None, "SecurityCtrlr.MaxCertificateChainSize"),
    _key("CertificateStoreMaxLength", _INT, None),
    # The local clock, for displays (OCA, California's pricing rules)
    _key("TimeOffset", _TEXT, None, "ClockCtrlr.TimeOffset"),
    _key("NextTimeOffsetTransitionDateTime", _TEXT, None, "ClockCtrlr.NextTimeOffsetTransitionDateTime"),
    _key("TimeOffsetNextTransition", _TEXT, None, "ClockCtrlr.TimeOffset[NextTransition]"),
    # ISO 15118 over 1.6
    _key("ISO15118PnCEnabled", _BOOL, None, "ISO15118Ctrlr.PnCEnabled"),
    _key("CentralContractValidationAllowed", _BOOL, None, "ISO15118Ctrlr.CentralContractValidationAllowed"),
    _key("ContractValidationOffline", _BOOL, None, "ISO15118Ctrlr.ContractValidationOffline"),
    _key("CertSigningWaitMinimum", _INT, "s", "SecurityCtrlr.CertSigningWaitMinimum"),
    _key("CertSigningRepeatTimes", _INT, None, "SecurityCtrlr.CertSigningRepeatTimes"),
)

_BY_NAME: Mapping[str, ConfigurationKey] = {key.name.lower(): key for key in KEYS}
_BY_ADDRESS: Mapping[tuple[object, ...], ConfigurationKey] = {
    (ref.component.name, ref.component.instance, ref.component.evse, *_name(ref.variable)): key
    for key in reversed(KEYS)
    for ref in (*key.also, key.ref)
}
