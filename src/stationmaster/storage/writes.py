"""How every record is written: each block's own table of statements, put together."""

from stationmaster.storage import (
    writes_battery_swap,
    writes_certificates,
    writes_data_transfer,
    writes_der,
    writes_device_model,
    writes_diagnostics,
    writes_event_streams,
    writes_firmware,
    writes_monitoring,
    writes_network_profile,
    writes_transfers,
)
from stationmaster.storage.statements import CORE, Write

WRITES: dict[type, tuple[Write, ...]] = {
    **CORE,
    **writes_transfers.WRITES,
    **writes_firmware.WRITES,
    **writes_diagnostics.WRITES,
    **writes_data_transfer.WRITES,
    **writes_certificates.WRITES,
    **writes_der.WRITES,
    **writes_battery_swap.WRITES,
    **writes_event_streams.WRITES,
    **writes_device_model.WRITES,
    **writes_monitoring.WRITES,
    **writes_network_profile.WRITES,
}
