"""O in 1.x: there are no display messages."""

from collections.abc import Mapping

from stationmaster.dialects.refusal import unsupported
from stationmaster.dialects.table import Incoming, Outgoing
from stationmaster.domain.display_message import (
    ClearDisplayMessage,
    GetDisplayMessages,
    NotifyDisplayMessages,
    SetDisplayMessage,
)
from stationmaster.domain.messages import Request

_REASON = "OCPP 1.x has no display messages; a station of 1.6 may be told prices by DataTransfer"

INCOMING: Mapping[str, Incoming] = {}
OUTGOING: Mapping[type[Request], Outgoing] = {
    request: unsupported(_REASON)
    for request in (SetDisplayMessage, GetDisplayMessages, ClearDisplayMessage, NotifyDisplayMessages)
}
