"""How every record is written: each block's own table of statements, put together."""

from stationmaster.storage.statements import CORE, Write
from stationmaster.storage.writes import authorization as writes_authorization
from stationmaster.storage.writes import battery_swap as writes_battery_swap
from stationmaster.storage.writes import billing as writes_billing
from stationmaster.storage.writes import certificates as writes_certificates
from stationmaster.storage.writes import charging_needs as writes_charging_needs
from stationmaster.storage.writes import data_transfer as writes_data_transfer
from stationmaster.storage.writes import der as writes_der
from stationmaster.storage.writes import device_model as writes_device_model
from stationmaster.storage.writes import diagnostics as writes_diagnostics
from stationmaster.storage.writes import display as writes_display
from stationmaster.storage.writes import event_streams as writes_event_streams
from stationmaster.storage.writes import firmware as writes_firmware
from stationmaster.storage.writes import local_list as writes_local_list
from stationmaster.storage.writes import monitoring as writes_monitoring
from stationmaster.storage.writes import network_profile as writes_network_profile
from stationmaster.storage.writes import overview as writes_overview
from stationmaster.storage.writes import payment as writes_payment
from stationmaster.storage.writes import people as writes_people
from stationmaster.storage.writes import privacy as writes_privacy
from stationmaster.storage.writes import registers as writes_registers
from stationmaster.storage.writes import reservation as writes_reservation
from stationmaster.storage.writes import stations as writes_stations
from stationmaster.storage.writes import tariffs as writes_tariffs
from stationmaster.storage.writes import tenant_terms as writes_tenant_terms
from stationmaster.storage.writes import transaction_status as writes_transaction_status
from stationmaster.storage.writes import transfers as writes_transfers

WRITES: dict[type, tuple[Write, ...]] = {
    **CORE,
    **writes_stations.WRITES,
    **writes_authorization.WRITES,
    **writes_transfers.WRITES,
    **writes_firmware.WRITES,
    **writes_diagnostics.WRITES,
    **writes_data_transfer.WRITES,
    **writes_certificates.WRITES,
    **writes_der.WRITES,
    **writes_charging_needs.WRITES,
    **writes_battery_swap.WRITES,
    **writes_event_streams.WRITES,
    **writes_device_model.WRITES,
    **writes_monitoring.WRITES,
    **writes_display.WRITES,
    **writes_privacy.WRITES,
    **writes_network_profile.WRITES,
    **writes_reservation.WRITES,
    **writes_payment.WRITES,
    **writes_local_list.WRITES,
    **writes_tariffs.WRITES,
    **writes_tenant_terms.WRITES,
    **writes_registers.WRITES,
    **writes_billing.WRITES,
    **writes_transaction_status.WRITES,
    **writes_overview.WRITES,
    **writes_people.WRITES,
}
WRITES |= {kind: (*WRITES[kind], write) for kind, write in writes_stations.STANDS_ANEW.items()}
