"""OCPP 1.x, in the shape of 1.6."""

from stationmaster.dialects.table import Dialect
from stationmaster.dialects.v1 import (
    authorization,
    availability,
    metering,
    provisioning,
    remote_control,
    transactions,
    trigger,
)

_BLOCKS = (provisioning, authorization, transactions, metering, availability, remote_control, trigger)

DIALECT = Dialect(
    family=1,
    incoming={action: row for block in _BLOCKS for action, row in block.INCOMING.items()},
    outgoing={request: row for block in _BLOCKS for request, row in block.OUTGOING.items()},
)
