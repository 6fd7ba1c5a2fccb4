"""OCPP 1.x, in the shape of 1.6."""

from stationmaster.dialects.table import Dialect
from stationmaster.dialects.v1 import (
    authorization,
    availability,
    certificates,
    clear_cache,
    cost,
    data_transfer,
    device_model,
    diagnostics,
    display_message,
    firmware,
    local_list,
    metering,
    monitoring,
    network_profile,
    newest,
    provisioning,
    remote_control,
    reservation,
    security,
    transaction_status,
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
    display_message,
    network_profile,
    transaction_status,
    clear_cache,
    local_list,
    reservation,
    cost,
)

DIALECT = Dialect(
    family=1,
    incoming={action: row for block in _BLOCKS for action, row in block.INCOMING.items()},
    outgoing={request: row for block in _BLOCKS for request, row in block.OUTGOING.items()},
)
