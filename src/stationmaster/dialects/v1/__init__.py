"""OCPP 1.x, in the shape of 1.6."""

from stationmaster.dialects.table import Dialect
from stationmaster.dialects.v1 import (
    authorization,
    availability,
    certificates,
    data_transfer,
    device_model,
    diagnostics,
    firmware,
    metering,
    monitoring,
    network_profile,
    newest,
    provisioning,
    remote_control,
    security,
    transactions,
    trigger,
)

_BLOCKS = (
    provisioning,
    authorization,
    transactions,
    metering,
    availability,
    remote_control,
    trigger,
    data_transfer,
    certificates,
    newest,
    firmware,
    device_model,
    monitoring,
    security,
    diagnostics,
    network_profile,
)

DIALECT = Dialect(
    family=1,
    incoming={action: row for block in _BLOCKS for action, row in block.INCOMING.items()},
    outgoing={request: row for block in _BLOCKS for request, row in block.OUTGOING.items()},
)
