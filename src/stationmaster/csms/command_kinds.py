"""What can be asked of a station."""

from typing import Any

import msgspec

from stationmaster.domain.messages import (
    ChangeAvailability,
    Request,
    RequestStartTransaction,
    RequestStopTransaction,
    Reset,
    TriggerMessage,
    UnlockConnector,
)


class RawCall(msgspec.Struct, frozen=True, kw_only=True):
    """A message in the station's own version, as an integrator wrote it."""

    action: str
    payload: dict[str, Any]


KINDS: dict[str, type[Request] | type[RawCall]] = {
    kind.__name__: kind
    for kind in (
        ChangeAvailability,
        RequestStartTransaction,
        RequestStopTransaction,
        Reset,
        TriggerMessage,
        UnlockConnector,
        RawCall,
    )
}
"""By name, as a command is stored."""
