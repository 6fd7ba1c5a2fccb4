"""Every table: whoever needs the whole schema takes ``metadata`` from here."""

from stationmaster.storage import (
    schema_battery_swap,
    schema_certificates,
    schema_data_transfer,
    schema_der,
    schema_device_model,
    schema_diagnostics,
    schema_event_streams,
    schema_firmware,
    schema_monitoring,
    schema_network_profile,
    schema_transfers,
)
from stationmaster.storage.schema import metadata

__all__ = [
    "metadata",
    "schema_battery_swap",
    "schema_certificates",
    "schema_data_transfer",
    "schema_der",
    "schema_device_model",
    "schema_diagnostics",
    "schema_event_streams",
    "schema_firmware",
    "schema_monitoring",
    "schema_network_profile",
    "schema_transfers",
]
