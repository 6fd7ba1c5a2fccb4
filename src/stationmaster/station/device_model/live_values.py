"""Variables that no setting holds: what the station is made of, and how it stands with it now."""

from collections.abc import Mapping

from stationmaster.domain.identity import Evse
from stationmaster.domain.messages import ConnectorStatus
from stationmaster.domain.metering.values import power_w
from stationmaster.station.blocks.availability import Availability
from stationmaster.station.blocks.transactions import Transactions
from stationmaster.station.device_model.variables import Live
from stationmaster.station.ports import Clock, Hardware, HardwareDescription
from stationmaster.station.settings import Configuration
from stationmaster.station.situation import charging_state

_WORST_FIRST: tuple[ConnectorStatus, ...] = ("Faulted", "Occupied", "Reserved", "Available", "Unavailable")
_FEATURE_PROFILES = "Core,FirmwareManagement,RemoteTrigger,LocalAuthListManagement,Reservation"
_SOCKET = "s"


def built_in(description: HardwareDescription, configuration: Configuration) -> Mapping[str, Live]:
    """What the hardware's makers have settled."""
    info = description.info
    evses = {evse.id: evse for evse in description.evses}
    types = {Evse(evse.id, plug.id): plug.type for evse in description.evses for plug in evse.connectors}
    most_phases = max((evse.phases for evse in description.evses), default=0)
    told: dict[str, Live] = {
        "ChargingStation.Model": lambda _: info.model,
        "ChargingStation.VendorName": lambda _: info.vendor,
        "ChargingStation.SupplyPhases": lambda _: str(most_phases),
        "EVSE.SupplyPhases": lambda at: str(evses[_of(at).id].phases),
        "Connector.SupplyPhases": lambda at: str(evses[_of(at).id].phases),
        "Connector.ConnectorType": lambda at: types[_of(at)],
        "ConfigurationKey.NumberOfConnectors": lambda _: str(len(types)),
        "ConfigurationKey.SupportedFeatureProfiles": lambda _: _FEATURE_PROFILES,
        "ConfigurationKey.ConnectorPhaseRotation": lambda _: (
            configuration.now.connector_phase_rotation or _rotations(description)
        ),
    }
    if info.serial_number is not None:
        told["ChargingStation.SerialNumber"] = lambda _: info.serial_number or ""
    if info.firmware_version is not None:
        told["ChargingStation.FirmwareVersion"] = lambda _: info.firmware_version or ""
    if not has_sockets(description):
        told["OCPPCommCtrlr.UnlockOnEVSideDisconnect"] = lambda _: "false"
    return told


def has_sockets(description: HardwareDescription) -> bool:
    """Whether there is a cable that could be let go; one with a plug at its end is the station's own."""
    return any(plug.type.startswith(_SOCKET) for evse in description.evses for plug in evse.connectors)


def as_it_is(
    hardware: Hardware, availability: Availability, transactions: Transactions, clock: Clock
) -> Mapping[str, Live]:
    """What changes while the station works."""

    def state(at: Evse | None) -> str:
        if at is None:
            return availability.status(Evse(0)).status
        mine = {availability.status(plug).status for plug in availability.connectors if plug.id == at.id}
        return next(status for status in _WORST_FIRST if status in mine)

    def power(at: Evse | None) -> str:
        return str(power_w(hardware.read_meter(_of(at).id)) or 0)

    def transaction(at: Evse | None) -> str:
        running = transactions.state(_of(at).id).transaction
        return "" if running is None else running.id

    return {
        "ClockCtrlr.DateTime": lambda _: clock.now().isoformat(timespec="seconds").replace("+00:00", "Z"),
        "ChargingStation.AvailabilityState": state,
        "EVSE.AvailabilityState": state,
        "EVSE.Power": power,
        "EVSE.ChargingState": lambda at: charging_state(transactions.state(_of(at).id).situation),
        "EVSE.ActiveTransactionId": transaction,
        "Connector.AvailabilityState": lambda at: availability.status(_of(at)).status,
        "ConnectorPlugRetentionLock.Problem": lambda at: str(availability.lock_failed(_of(at).id)).lower(),
    }


def _of(at: Evse | None) -> Evse:
    assert at is not None  # rows of an EVSE or a Connector are read at one
    return at


def _rotations(description: HardwareDescription) -> str:
    """1.6 §9.1.7: nobody has told how it is wired; with one phase or none there is nothing to tell."""
    phases = [evse.phases for evse in description.evses for _ in evse.connectors]
    station = "Unknown" if 3 in phases else "NotApplicable"
    each = ["Unknown" if phase == 3 else "NotApplicable" for phase in phases]
    return ",".join(f"{number}.{rotation}" for number, rotation in enumerate([station, *each]))
