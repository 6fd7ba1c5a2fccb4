"""What stands on the display."""

from collections.abc import Mapping
from datetime import UTC, datetime

from stationmaster.domain.messages import AuthorizationStatus
from stationmaster.station.records import EvseState
from stationmaster.station.situation import charging_state

REFUSALS: Mapping[AuthorizationStatus, str] = {
    "Blocked": "This card is blocked",
    "ConcurrentTx": "This card is already charging elsewhere",
    "Expired": "This card has expired",
    "Invalid": "This card is not valid",
    "NoCredit": "This card has no credit left",
    "NotAllowedTypeEVSE": "This card may not charge at this kind of outlet",
    "NotAtThisLocation": "This card may not charge here",
    "NotAtThisTime": "This card may not charge now",
    "Unknown": "This card is not known",
}
OUT_OF_ORDER = "Out of order"
TARIFF_REFUSED = "Not at this price: nothing is charged"
RESERVED_FOR_OTHERS = "Reserved for somebody else"
RESERVED = "Reserved"
NOT_YOURS = "Somebody else is charging here"
UNPLUG_FIRST = "Please unplug the vehicle first"
CHOOSE_TO_STOP = "Master pass: choose what to stop"
NOTHING_TO_STOP = "Master pass: nothing is charging"
LOCK_FAILED = "The plug could not be locked: please plug in again"
NO_PRIORITY = "Priority charging is not available here"
PAYING = "Somebody is paying for this place on the web"
STARTING = "Starting up"
NO_BATTERY = "No charged battery is available"
SWAP_UNDER_WAY = "Another swap is under way"
INSERT_BATTERY = "Please put your battery into the open slot"

_CHARGING = {
    "Charging": "Charging",
    "SuspendedEV": "The vehicle has paused charging",
    "SuspendedEVSE": "Charging is paused",
    "EVConnected": "Preparing to charge",
    "Idle": "Please plug in",
}


def qr_code(content: str) -> str:
    """Of a display without pictures: what the picture would hold."""
    return f"[QR] {content}"


def reserved_until(moment: datetime, offset: str) -> str:
    """In the station's own time: ``offset`` is ClockCtrlr.TimeOffset, such as +01:00, or empty."""
    zone = datetime.strptime(offset, "%z").tzinfo if offset else UTC
    return f"Reserved until {moment.astimezone(zone):%H:%M}"


def text_of(state: EvseState, *, operative: bool = True, faulted: bool = False) -> str:
    """What the driver should know of an EVSE."""
    situation = state.situation
    if faulted or not (operative or state.transaction or situation.connector):
        return OUT_OF_ORDER
    if situation.authorized:
        return _CHARGING[charging_state(situation)]
    if situation.connector is None:
        return "Available"
    return "Finished: please unplug" if situation.finished or state.transaction_stopped else "Please show your card"
