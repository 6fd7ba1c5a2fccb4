"""What came with OCPP 2.0 and 2.1, and 1.x has nothing for."""

from collections.abc import Mapping

from stationmaster.dialects.refusal import unsupported
from stationmaster.dialects.table import Incoming, Outgoing
from stationmaster.domain.battery_swap import BatterySwap, RequestBatterySwap
from stationmaster.domain.charging_needs import NotifyEVChargingNeeds
from stationmaster.domain.der.controls import (
    ClearDERControl,
    GetDERControl,
    NotifyDERAlarm,
    NotifyDERStartStop,
    ReportDERControl,
    SetDERControl,
)
from stationmaster.domain.messages import Request
from stationmaster.domain.monitoring.event_streams import (
    AdjustPeriodicEventStream,
    ClosePeriodicEventStream,
    GetPeriodicEventStream,
    NotifyPeriodicEventStream,
    OpenPeriodicEventStream,
)
from stationmaster.domain.payment.payments import NotifySettlement, NotifyWebPaymentStarted, VatNumberValidation
from stationmaster.domain.priority_charging import NotifyPriorityCharging, UsePriorityCharging

_DER = unsupported("OCPP 1.x has no DER control; it needs OCPP 2.1")
_NEEDS = unsupported("OCPP 1.x has no charging needs of cars; they need OCPP 2.0")
_PAYMENT = unsupported("OCPP 1.x has no payments at the station; they need OCPP 2.1")
_PRIORITY = unsupported("OCPP 1.x has no priority charging; it needs OCPP 2.1")
_STREAM = unsupported("OCPP 1.x has no periodic event stream; it needs OCPP 2.1")
_SWAP = unsupported("OCPP 1.x has no battery swap; it needs OCPP 2.1")

INCOMING: Mapping[str, Incoming] = {}
OUTGOING: Mapping[type[Request], Outgoing] = {
    NotifyEVChargingNeeds: _NEEDS,
    SetDERControl: _DER,
    GetDERControl: _DER,
    ClearDERControl: _DER,
    ReportDERControl: _DER,
    NotifyDERStartStop: _DER,
    NotifyDERAlarm: _DER,
    BatterySwap: _SWAP,
    RequestBatterySwap: _SWAP,
    NotifySettlement: _PAYMENT,
    VatNumberValidation: _PAYMENT,
    NotifyWebPaymentStarted: unsupported("OCPP 1.x cannot be told of a payment on a web page; it needs OCPP 2.1"),
    UsePriorityCharging: _PRIORITY,
    NotifyPriorityCharging: _PRIORITY,
    OpenPeriodicEventStream: _STREAM,
    ClosePeriodicEventStream: _STREAM,
    GetPeriodicEventStream: _STREAM,
    AdjustPeriodicEventStream: _STREAM,
    NotifyPeriodicEventStream: _STREAM,
}
