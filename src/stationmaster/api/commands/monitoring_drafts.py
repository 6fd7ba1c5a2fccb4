"""Commands about monitors as a client writes them."""

from decimal import Decimal
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from stationmaster.api.commands.draft import Draft
from stationmaster.api.http.parameters import MAX_INT32, ConnectorId
from stationmaster.domain.device_model.addresses import Component, ComponentVariable, Variable
from stationmaster.domain.identity import Evse
from stationmaster.domain.messages import Request
from stationmaster.domain.monitoring.event_streams import StreamParams
from stationmaster.domain.monitoring.monitors import (
    ClearVariableMonitoring,
    GetMonitoringReport,
    MonitorSetting,
    SetMonitoringBase,
    SetMonitoringLevel,
    SetVariableMonitoring,
)

Name = Annotated[str, Meta(min_length=1, max_length=50)]
Severity = Annotated[int, Meta(ge=0, le=9, description="0 Danger to 9 Debug: the lower, the worse.")]
MonitorId = Annotated[int, Meta(ge=0, le=MAX_INT32)]
MonitorType = Literal[
    "UpperThreshold",
    "LowerThreshold",
    "Delta",
    "Periodic",
    "PeriodicClockAligned",
    "TargetDelta",
    "TargetDeltaRelative",
]
Criterion = Literal["ThresholdMonitoring", "DeltaMonitoring", "PeriodicMonitoring"]
Base = Literal["All", "FactoryDefault", "HardWiredOnly"]


class ComponentPlace(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A component of the device model; without ``evse_id``: of the station itself."""

    component: Annotated[Name, Meta(examples=["EVSE"])]
    instance: Name | None = None
    evse_id: Annotated[int, Meta(ge=1, le=MAX_INT32)] | None = None
    connector_id: ConnectorId | None = None

    def place(self) -> Component:
        evse = None if self.evse_id is None else Evse(self.evse_id, self.connector_id)
        return Component(name=self.component, instance=self.instance, evse=evse)


class StreamDraft(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A message every ``interval_s``, and as soon as there are ``values``: one of them at least."""

    interval_s: Annotated[int, Meta(ge=0, le=MAX_INT32)] | None = None
    values: Annotated[int, Meta(ge=0, le=MAX_INT32)] | None = None

    def params(self) -> StreamParams:
        return StreamParams(interval_s=self.interval_s, values=self.values)


class MonitorDraft(ComponentPlace, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``value``: the bound, the difference, or for periodic ones seconds. ``id``: replace the monitor of that id.
    ``stream`` (2.1): the values of a Periodic, PeriodicClockAligned or Delta monitor come many in a message."""

    variable: Annotated[Name, Meta(examples=["Power"])]
    variable_instance: Name | None = None
    type: MonitorType
    value: Decimal
    severity: Severity = 5
    transaction: Annotated[bool, Meta(description="It counts only while a transaction goes on.")] = False
    id: MonitorId | None = None
    stream: StreamDraft | None = None

    def setting(self) -> MonitorSetting:
        return MonitorSetting(
            component=self.place(),
            variable=Variable(name=self.variable, instance=self.variable_instance),
            type=self.type,
            value=self.value,
            severity=self.severity,
            transaction=self.transaction,
            id=self.id,
            stream=None if self.stream is None else self.stream.params(),
        )


class MonitoredDraft(ComponentPlace, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is left out stands for all."""

    variable: Name | None = None
    variable_instance: Name | None = None

    def question(self) -> ComponentVariable:
        named = self.variable is not None
        variable = Variable(name=self.variable or "", instance=self.variable_instance) if named else None
        return ComponentVariable(component=self.place(), variable=variable)


class SetVariableMonitoringCommand(Draft, frozen=True, kw_only=True, tag="SetVariableMonitoring"):
    """N04. As many messages as the station's limits ask for; the answer tells what became of each monitor."""

    monitors: Annotated[tuple[MonitorDraft, ...], Meta(min_length=1, max_length=500)]

    def request(self) -> Request:
        return SetVariableMonitoring(monitors=tuple(draft.setting() for draft in self.monitors))


class ClearVariableMonitoringCommand(Draft, frozen=True, kw_only=True, tag="ClearVariableMonitoring"):
    """N06."""

    ids: Annotated[tuple[MonitorId, ...], Meta(min_length=1, max_length=2000)]

    def request(self) -> Request:
        return ClearVariableMonitoring(ids=self.ids)


class SetMonitoringBaseCommand(Draft, frozen=True, kw_only=True, tag="SetMonitoringBase"):
    """N03. FactoryDefault takes away all monitors that were set; HardWiredOnly the preconfigured ones too."""

    base: Base

    def request(self) -> Request:
        return SetMonitoringBase(base=self.base)


class SetMonitoringLevelCommand(Draft, frozen=True, kw_only=True, tag="SetMonitoringLevel"):
    """N05. Monitors of this severity and worse report."""

    severity: Severity

    def request(self) -> Request:
        return SetMonitoringLevel(severity=self.severity)


class GetMonitoringReportCommand(Draft, frozen=True, kw_only=True, tag="GetMonitoringReport"):
    """N02. Without any filter: all monitors. What comes is at /monitors."""

    criteria: Annotated[tuple[Criterion, ...], Meta(max_length=3)] = ()
    component_variables: Annotated[tuple[MonitoredDraft, ...], Meta(max_length=100)] = ()

    def request(self) -> Request:
        return GetMonitoringReport(
            criteria=tuple(dict.fromkeys(self.criteria)),
            component_variables=tuple(draft.question() for draft in self.component_variables),
        )
