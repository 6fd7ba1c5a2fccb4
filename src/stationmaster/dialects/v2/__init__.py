"""OCPP 2.x, in the shape of 2.1; the codec lowers to 2.0.1 and 2.0."""

from stationmaster.dialects.table import Dialect
from stationmaster.dialects.v2 import (
    authorization,
    availability,
    battery_swap,
    certificates,
    customer_information,
    data_transfer,
    der,
    diagnostics,
    event_streams,
    events,
    firmware,
    metering,
    monitoring,
    monitoring_report,
    network_profile,
    provisioning,
    remote_control,
    reports,
    security,
    transactions,
    variables,
)

_BLOCKS = (
    provisioning,
    authorization,
    transactions,
    metering,
    availability,
    events,
    remote_control,
    data_transfer,
    certificates,
    der,
    battery_swap,
    event_streams,
    variables,
    reports,
    firmware,
    monitoring,
    monitoring_report,
    security,
    diagnostics,
    customer_information,
    network_profile,
)

DIALECT = Dialect(
    family=2,
    incoming={action: row for block in _BLOCKS for action, row in block.INCOMING.items()},
    outgoing={request: row for block in _BLOCKS for request, row in block.OUTGOING.items()},
)
