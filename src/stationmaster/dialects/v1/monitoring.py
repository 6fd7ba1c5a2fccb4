"""N Monitoring in 1.x: there is none. What its stations say of their errors comes with their status."""

from collections.abc import Mapping

from stationmaster.dialects.refusal import unsupported
from stationmaster.dialects.table import Incoming, Outgoing
from stationmaster.domain.messages import Request
from stationmaster.domain.monitoring.monitors import (
    ClearVariableMonitoring,
    GetMonitoringReport,
    NotifyMonitoringReport,
    SetMonitoringBase,
    SetMonitoringLevel,
    SetVariableMonitoring,
)

_NO_MONITORS = "OCPP 1.x has no monitors; a station reports its errors with its status, unasked"

INCOMING: Mapping[str, Incoming] = {}
OUTGOING: Mapping[type[Request], Outgoing] = {
    SetVariableMonitoring: unsupported(_NO_MONITORS),
    ClearVariableMonitoring: unsupported(_NO_MONITORS),
    SetMonitoringBase: unsupported(_NO_MONITORS),
    SetMonitoringLevel: unsupported(_NO_MONITORS),
    GetMonitoringReport: unsupported(_NO_MONITORS),
    NotifyMonitoringReport: unsupported("OCPP 1.x has no monitors to report"),
}
