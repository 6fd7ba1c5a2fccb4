"""Every table: whoever needs the whole schema takes ``metadata`` from here."""

from stationmaster.storage.schema import authorization as schema_authorization
from stationmaster.storage.schema import battery_swap as schema_battery_swap
from stationmaster.storage.schema import billing as schema_billing
from stationmaster.storage.schema import certificates as schema_certificates
from stationmaster.storage.schema import charging_needs as schema_charging_needs
from stationmaster.storage.schema import data_transfer as schema_data_transfer
from stationmaster.storage.schema import der as schema_der
from stationmaster.storage.schema import device_model as schema_device_model
from stationmaster.storage.schema import diagnostics as schema_diagnostics
from stationmaster.storage.schema import display as schema_display
from stationmaster.storage.schema import event_streams as schema_event_streams
from stationmaster.storage.schema import firmware as schema_firmware
from stationmaster.storage.schema import local_list as schema_local_list
from stationmaster.storage.schema import monitoring as schema_monitoring
from stationmaster.storage.schema import network_profile as schema_network_profile
from stationmaster.storage.schema import overview as schema_overview
from stationmaster.storage.schema import payment as schema_payment
from stationmaster.storage.schema import people as schema_people
from stationmaster.storage.schema import privacy as schema_privacy
from stationmaster.storage.schema import registers as schema_registers
from stationmaster.storage.schema import reservation as schema_reservation
from stationmaster.storage.schema import tariffs as schema_tariffs
from stationmaster.storage.schema import transaction_status as schema_transaction_status
from stationmaster.storage.schema import transfers as schema_transfers
from stationmaster.storage.schema.core import metadata

__all__ = [
    "metadata",
    "schema_authorization",
    "schema_battery_swap",
    "schema_billing",
    "schema_certificates",
    "schema_charging_needs",
    "schema_data_transfer",
    "schema_der",
    "schema_device_model",
    "schema_diagnostics",
    "schema_display",
    "schema_event_streams",
    "schema_firmware",
    "schema_local_list",
    "schema_monitoring",
    "schema_network_profile",
    "schema_overview",
    "schema_payment",
    "schema_people",
    "schema_privacy",
    "schema_registers",
    "schema_reservation",
    "schema_tariffs",
    "schema_transaction_status",
    "schema_transfers",
]
