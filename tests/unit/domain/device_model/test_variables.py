import pytest

from stationmaster.domain.device_model.addresses import Attribute, Component, ReportData, Variable, VariableRef
from stationmaster.domain.device_model.variables import HEARTBEAT_INTERVAL, learned_from, without_secrets
from stationmaster.domain.secret_names import is_secret


def ref(component: str, variable: str, instance: str | None = None) -> VariableRef:
    return VariableRef(component=Component(name=component), variable=Variable(name=variable, instance=instance))


@pytest.mark.parametrize(
    ("address", "value", "learned"),
    [
        (ref("DeviceDataCtrlr", "ItemsPerMessage", "GetVariables"), "50", {"most:items:GetVariables": "50"}),
        (ref("DeviceDataCtrlr", "BytesPerMessage", "SetVariables"), "8000", {"most:bytes:SetVariables": "8000"}),
        (ref("LocalAuthListCtrlr", "ItemsPerMessage"), "20", {"most:items:SendLocalList": "20"}),
        (ref("DeviceDataCtrlr", "ItemsPerMessage", "GetVariables"), "0", {}),
        (ref("DeviceDataCtrlr", "ItemsPerMessage", "GetVariables"), "many", {}),
        (ref("DeviceDataCtrlr", "ItemsPerMessage"), "50", {}),
        (
            ref("OCPPCommCtrlr", "NetworkConfigurationPriority"),
            "1,2",
            {"told:NetworkConfigurationPriority": "1,2"},
        ),
        (ref("SecurityCtrlr", "SecurityProfile"), "1", {"can:SecurityExtension": "yes"}),
        (
            ref("ConfigurationKey", "SupportedFeatureProfiles"),
            "Core,Security,Reservation",
            {"can:SecurityExtension": "yes", "can:LocalAuthList": "no", "can:Reservation": "yes"},
        ),
        (
            ref("ConfigurationKey", "SupportedFeatureProfiles"),
            "Core,LocalAuthListManagement",
            {"can:LocalAuthList": "yes", "can:Reservation": "no"},
        ),
        (ref("ReservationCtrlr", "Available"), "false", {"can:Reservation": "no"}),
        (ref("OCPPCommCtrlr", "HeartbeatInterval"), "300", {HEARTBEAT_INTERVAL: "300"}),
        (ref("OCPPCommCtrlr", "OfflineThreshold"), "300", {}),
    ],
)
def test_limits_and_abilities_are_learned_from_values(
    address: VariableRef, value: str, learned: dict[str, str]
) -> None:
    assert learned_from(address, value) == learned


@pytest.mark.parametrize(
    "name", ["BasicAuthPassword", "AuthorizationKey", "SimPin", "sim_pin", "VpnKey", "MasterPassphrase"]
)
def test_names_of_secrets_are_known(name: str) -> None:
    assert is_secret(name)


def test_values_that_may_not_be_kept_are_taken_out_of_a_report() -> None:
    def data(name: str, **fields: object) -> ReportData:
        attribute = Attribute(value="x", **fields)  # type: ignore[arg-type]
        return ReportData(component=Component(name="C"), variable=Variable(name=name), attributes=(attribute,))

    assert without_secrets(data("WifiPassword")).attributes[0].value is None
    assert without_secrets(data("Key", mutability="WriteOnly")).attributes[0].value is None
    plain = data("Plain")
    assert without_secrets(plain) is plain
