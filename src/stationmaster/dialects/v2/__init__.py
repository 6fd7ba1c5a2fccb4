"""OCPP 2.x, in the shape of 2.1; the codec lowers to 2.0.1 and 2.0."""

from stationmaster.dialects.table import Dialect
from stationmaster.dialects.v2 import (
    authorization,
    availability,
    events,
    metering,
    provisioning,
    remote_control,
    transactions,
)

_BLOCKS = (provisioning, authorization, transactions, metering, availability, events, remote_control)

DIALECT = Dialect(
    family=2,
    incoming={action: row for block in _BLOCKS for action, row in block.INCOMING.items()},
    outgoing={request: row for block in _BLOCKS for request, row in block.OUTGOING.items()},
)
