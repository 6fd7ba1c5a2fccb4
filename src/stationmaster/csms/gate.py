"""What a station may send before its registration is accepted (B01-B03)."""

from stationmaster.domain.messages import BootNotification, Request
from stationmaster.domain.station import Station, StationState, Strictness


def has_registered(station: Station) -> bool:
    """Whether it is accepted and has booted here: from then on it may send anything."""
    return station.booted_at is not None and station.registration == "Accepted"


def refused(state: StationState, request: Request, expected: set[str], strictness: Strictness) -> str | None:
    """Why a request is answered with SecurityError, or None.

    ``expected`` holds the names of requests that we triggered ourselves; one that comes is taken out of it. A station
    that never booted here is let through unless we are strict: it may have booted at the system before us, and its
    transactions must not be lost.
    """
    if isinstance(request, BootNotification) or strictness == "observe":
        return None
    name = type(request).__name__
    if state.station.registration != "Accepted":
        if name in expected:
            expected.discard(name)
            return None
        return f"{name} before the BootNotification is accepted (B02.FR.09, B03.FR.07)"
    if state.station.booted_at is None and strictness == "strict":
        return f"{name} before any BootNotification (B01.FR.10)"
    return None
