"""What can be read, by subject. All of it runs on a reader's thread and returns domain structs."""

from stationmaster.storage.reads.authorization import AuthorizationReads
from stationmaster.storage.reads.battery_swap import BatterySwapReads
from stationmaster.storage.reads.billing import BillingReads
from stationmaster.storage.reads.campaigns import CampaignReads
from stationmaster.storage.reads.certificates import CertificateReads
from stationmaster.storage.reads.charging_needs import ChargingNeedsReads
from stationmaster.storage.reads.commands import CommandReads
from stationmaster.storage.reads.data_transfer import DataTransferReads
from stationmaster.storage.reads.der import DERReads
from stationmaster.storage.reads.device_model import DeviceModelReads
from stationmaster.storage.reads.diagnostics import DiagnosticReads
from stationmaster.storage.reads.display import DisplayReads
from stationmaster.storage.reads.event_streams import EventStreamReads
from stationmaster.storage.reads.firmware import FirmwareReads
from stationmaster.storage.reads.inquiries import InquiryReads
from stationmaster.storage.reads.local_list import LocalListReads
from stationmaster.storage.reads.monitoring import MonitoringReads
from stationmaster.storage.reads.network_profile import NetworkProfileReads
from stationmaster.storage.reads.newest_samples import NewestSampleReads
from stationmaster.storage.reads.overview import OverviewReads
from stationmaster.storage.reads.payment import PaymentReads
from stationmaster.storage.reads.people import PeopleReads
from stationmaster.storage.reads.power_history import PowerHistoryReads
from stationmaster.storage.reads.prepaid import PrepaidReads
from stationmaster.storage.reads.privacy import PrivacyReads
from stationmaster.storage.reads.registers import RegisterReads
from stationmaster.storage.reads.reservation import ReservationReads
from stationmaster.storage.reads.silent_transactions import SilentTransactionReads
from stationmaster.storage.reads.station_health import StationHealthReads
from stationmaster.storage.reads.station_list import StationListReads
from stationmaster.storage.reads.station_map import StationMapReads
from stationmaster.storage.reads.station_now import StationNowReads
from stationmaster.storage.reads.station_use import StationUseReads
from stationmaster.storage.reads.stations import StationReads
from stationmaster.storage.reads.system import SystemReads
from stationmaster.storage.reads.tariffs import TariffReads
from stationmaster.storage.reads.tenant_terms import TenantTermReads
from stationmaster.storage.reads.tokens import TokenReads
from stationmaster.storage.reads.transaction_series import TransactionSeriesReads
from stationmaster.storage.reads.transaction_status import TransactionStatusReads
from stationmaster.storage.reads.transaction_timeline import TransactionTimelineReads
from stationmaster.storage.reads.transactions import TransactionReads
from stationmaster.storage.reads.transfers import TransferReads

__all__ = ["Reads"]


class Reads(
    StationReads,
    StationListReads,
    StationUseReads,
    OverviewReads,
    PowerHistoryReads,
    StationMapReads,
    StationHealthReads,
    StationNowReads,
    TokenReads,
    AuthorizationReads,
    PrepaidReads,
    TransactionReads,
    TransactionStatusReads,
    TransactionSeriesReads,
    TransactionTimelineReads,
    SilentTransactionReads,
    NewestSampleReads,
    CommandReads,
    DiagnosticReads,
    SystemReads,
    DataTransferReads,
    CertificateReads,
    DERReads,
    ChargingNeedsReads,
    BatterySwapReads,
    BillingReads,
    TariffReads,
    EventStreamReads,
    DeviceModelReads,
    MonitoringReads,
    NetworkProfileReads,
    DisplayReads,
    PrivacyReads,
    ReservationReads,
    RegisterReads,
    TenantTermReads,
    PaymentReads,
    LocalListReads,
    TransferReads,
    FirmwareReads,
    CampaignReads,
    InquiryReads,
    PeopleReads,
):
    """All subjects in one."""
