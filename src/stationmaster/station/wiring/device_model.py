"""Variables, the ways to the CSMS that are among them, and monitors of them."""

from collections.abc import Callable
from functools import partial

from stationmaster.domain.device_model.addresses import (
    GetBaseReport,
    GetReport,
    GetVariables,
    SetVariables,
    VariableRef,
)
from stationmaster.domain.device_model.network_profile import SetNetworkProfile
from stationmaster.domain.monitoring.monitors import (
    ClearVariableMonitoring,
    GetMonitoringReport,
    SetMonitoringBase,
    SetMonitoringLevel,
    SetVariableMonitoring,
)
from stationmaster.ocpp.version import Version
from stationmaster.station.blocks.availability import Availability
from stationmaster.station.blocks.device_model import DeviceModel
from stationmaster.station.blocks.event_streams import EventStreams
from stationmaster.station.blocks.metering import Metering
from stationmaster.station.blocks.monitoring import Monitoring
from stationmaster.station.blocks.network_profile import NetworkProfileSetting, Shown
from stationmaster.station.blocks.provisioning import Provisioning
from stationmaster.station.blocks.security_log import SecurityLog
from stationmaster.station.blocks.transactions import Transactions
from stationmaster.station.device_model.event_queue import EventQueue
from stationmaster.station.device_model.live_values import as_it_is, built_in, has_sockets
from stationmaster.station.device_model.monitors import PRECONFIGURED, MonitorStore
from stationmaster.station.device_model.variable_table import POINTS, SIGNING
from stationmaster.station.device_model.watching import Watching
from stationmaster.station.parts import Parts


def _network_profiles(parts: Parts) -> NetworkProfileSetting:
    shown = (
        Shown(slots=True, longest_password=64) if parts.version == "2.1" else Shown(slots=False, longest_password=40)
    )
    made = NetworkProfileSetting(
        parts.route, shown, lambda: parts.spawn(parts.link.reconnect()), parts[SecurityLog].note
    )
    parts.variables.live |= made.live()
    parts.variables.checks["OCPPCommCtrlr.NetworkConfigurationPriority"] = made.check_priority
    if _tells_entries(parts):
        parts.variables.sources.append(made.entries)
    parts.handlers[SetNetworkProfile] = made.set_profile
    return made


def _device_model(parts: Parts) -> DeviceModel:
    """The variables at work: what tells their values, and who goes by them."""
    variables, description = parts.variables, parts.description
    variables.live |= built_in(description, parts.configuration)
    variables.live |= as_it_is(parts.hardware, parts[Availability], parts[Transactions], parts.clock)
    variables.live["OCPPCommCtrlr.FileTransferProtocols"] = lambda _: ",".join(parts.files.protocols)
    if Version(parts.version).is_soap:
        variables.absent.add("OCPPCommCtrlr.WebSocketPingInterval")
    if not has_sockets(description):
        variables.fixed.add("OCPPCommCtrlr.UnlockOnEVSideDisconnect")
    if parts.version != "2.0" and any(evse.signs_readings for evse in description.evses):
        for name in ("TxCtrlr.TxStartPoint", "TxCtrlr.TxStopPoint"):
            variables.choices[name] = (*POINTS, "DataSigned")
    else:  # 2.0 has no words for the methods that meters sign by
        variables.absent |= {row.name for row in SIGNING}
    variables.on_change.append(partial(_on_variable, parts))
    made = DeviceModel(variables, parts.link, parts.clock, parts.configuration, parts.spawn)
    parts.handlers[GetVariables] = made.get_variables
    parts.handlers[SetVariables] = made.set_variables
    parts.handlers[GetBaseReport] = made.base_report
    parts.handlers[GetReport] = made.report
    return made


def _on_variable(parts: Parts, ref: VariableRef, before: str, now: str) -> None:
    if ref.component.name in ("SampledDataCtrlr", "AlignedDataCtrlr"):
        parts[Metering].on_settings()
    elif ref.variable.name == "HeartbeatInterval":
        parts[Provisioning].on_settings()


def _event_queue(parts: Parts) -> EventQueue:
    made = EventQueue(parts.memory, parts.link, parts.clock, parts.configuration)
    parts[Availability].next_event_id = made.next_id
    parts.keep_running(made.run)
    parts.resumes.append(made.resume)
    parts.losses.append(made.went_offline)
    return made


def _monitor_store(parts: Parts) -> MonitorStore:
    made = MonitorStore(parts.memory, PRECONFIGURED if _tells_entries(parts) else ())
    parts.variables.live["MonitoringCtrlr.ActiveMonitoringBase"] = lambda _: made.base
    parts.variables.live["MonitoringCtrlr.ActiveMonitoringLevel"] = lambda _: str(made.level)
    return made


def _watching(parts: Parts) -> Watching:
    made = Watching(
        parts[MonitorStore],
        parts.variables,
        parts[EventQueue],
        parts[EventStreams],
        parts[Transactions],
        parts.clock,
        parts.configuration,
    )
    parts[EventStreams].adjusted = parts[MonitorStore].stream_adjusted
    parts.variables.on_change.append(made.on_variable)
    parts[Availability].observers.append(made.look)
    parts.keep_running(made.run)
    parts.resumes.append(made.look)
    return made


def _monitoring(parts: Parts) -> Monitoring:
    store, watching = parts[MonitorStore], parts[Watching]
    made = Monitoring(store, watching, parts.variables, parts.link, parts.clock, parts.spawn)
    parts.handlers[SetVariableMonitoring] = made.set_monitors
    parts.handlers[ClearVariableMonitoring] = made.clear_monitors
    parts.handlers[SetMonitoringBase] = made.set_base
    parts.handlers[SetMonitoringLevel] = made.set_level
    parts.handlers[GetMonitoringReport] = made.report
    return made


def _tells_entries(parts: Parts) -> bool:
    """2.x has a device model, 1.x a flat list of keys."""
    return parts.version.startswith("2")


BLOCKS: tuple[Callable[[Parts], object], ...] = (
    _network_profiles,
    _device_model,
    _event_queue,
    _monitor_store,
    _watching,
    _monitoring,
)
