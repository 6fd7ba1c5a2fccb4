"""F06: which trigger a message of a station answers."""

from collections.abc import Mapping

from stationmaster.domain.certificates import SignCertificate
from stationmaster.domain.messages import NotifyEvent, Request

_ALL_USES = "SignCombinedCertificate"
_OF_USE: Mapping[str, tuple[str, ...]] = {
    "ChargingStationCertificate": ("SignChargingStationCertificate", _ALL_USES),
    "V2GCertificate": ("SignV2GCertificate", _ALL_USES),
    "V2G20Certificate": ("SignV2G20Certificate",),
}

SHOWN: frozenset[str] = frozenset(
    {
        *(name for names in _OF_USE.values() for name in names),
        *("BootNotification", "FirmwareStatusNotification", "Heartbeat", "LogStatusNotification", "MeterValues"),
        *("PublishFirmwareStatusNotification", "StatusNotification", "TransactionEvent"),
    }
)
"""The triggers of which one can see that they were answered. A CustomTrigger may be answered by anything."""


def triggers_of(request: Request) -> tuple[str, ...]:
    """What was triggered, if it was, as TriggerMessage names it."""
    if isinstance(request, SignCertificate):
        return _OF_USE.get(request.use, ())
    if isinstance(request, NotifyEvent):
        return ("StatusNotification",)  # 2.1's form of it
    return (type(request).__name__,)
