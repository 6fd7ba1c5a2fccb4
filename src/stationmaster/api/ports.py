"""What the API needs of the rest of the program. The CSMS's services and the store fulfil these structurally."""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Protocol

from stationmaster.api.cost.ports import PublicationQueries
from stationmaster.api.firmware.ports import FirmwareQueries
from stationmaster.api.overview_ports import OverviewQueries, StationListQueries
from stationmaster.api.people_ports import PeopleQueries
from stationmaster.csms.commands.kinds import RawCall
from stationmaster.domain.authorization.prepaid import Account, AccountEntry, Funds, Hold
from stationmaster.domain.authorization.refusals import RefusalFilter, StoredRefusal
from stationmaster.domain.authorization.token_groups import TokenGroup
from stationmaster.domain.authorization.tokens import Token
from stationmaster.domain.authorization.verdict import Question, Verdict
from stationmaster.domain.battery_swap import Swap, SwapFilter
from stationmaster.domain.certificates import CertificateRequest, CertificatesSeen
from stationmaster.domain.charging_needs import KnownNeeds
from stationmaster.domain.command import Command
from stationmaster.domain.cost.bill import Bill, Inputs
from stationmaster.domain.cost.billing_records import BillFilter, BillingFacts, BillSeen, Charged
from stationmaster.domain.cost.register_gaps import KnownRegister
from stationmaster.domain.data_transfer import DataTransferFilter, StoredTransfer
from stationmaster.domain.decision import Decision
from stationmaster.domain.der.controls import KnownControl, StoredAlarm
from stationmaster.domain.device_model.addresses import ReportData
from stationmaster.domain.device_model.network_profile import NetworkProfileSet
from stationmaster.domain.device_model.reports import OpenReport, ReportFilter
from stationmaster.domain.device_model.setting_templates import ApplicationProgress, SettingTemplate
from stationmaster.domain.device_model.variables import KnownVariable, VariableFilter
from stationmaster.domain.diagnostics.customer_information import CustomerReportFilter, CustomerReportView
from stationmaster.domain.diagnostics.log_upload import LogUploadFilter, LogUploadView
from stationmaster.domain.diagnostics.security_events import SecurityEventFilter, StoredSecurityEvent
from stationmaster.domain.display_message import KnownMessage
from stationmaster.domain.display_overview import DisplayFilter, StationDisplay
from stationmaster.domain.driver_data import DriverExport, Erasure
from stationmaster.domain.identity import IdToken, StationRef
from stationmaster.domain.local_list.entries import ListContent, ListState, LocalListState
from stationmaster.domain.messages import Request
from stationmaster.domain.metering.series import ReadingStretch
from stationmaster.domain.monitoring.alarms import KnownMonitor
from stationmaster.domain.monitoring.event_streams import KnownStream, StoredStreamValue, StreamValueFilter
from stationmaster.domain.monitoring.queries import AlarmFilter, AlarmSeen, StationEventFilter, StoredEvent
from stationmaster.domain.payment.payments import (
    Settlement,
    SettlementFilter,
    SettlementSeen,
    SettlementStatus,
    VatCheck,
    VatCheckFilter,
)
from stationmaster.domain.payment.web_payment import WebPaymentFilter, WebPaymentSeen
from stationmaster.domain.priority_charging import PriorityCharging
from stationmaster.domain.queries import (
    CallerSeen,
    CommandFilter,
    CommittedEvent,
    FrameExchange,
    FrameFilter,
    FrameTail,
    LoggedFrame,
    LoggedOddity,
    OddityCount,
    OddityFilter,
    Page,
    PageRequest,
    StationFilter,
    TokenFilter,
    TransactionFilter,
)
from stationmaster.domain.records import ApiKey, Event, Reading, Record, TransactionEventRecord
from stationmaster.domain.reservation.reservations import Reservation, ReservationFilter
from stationmaster.domain.station import Station, StationState
from stationmaster.domain.station_health import Faults
from stationmaster.domain.station_now import StationNow
from stationmaster.domain.transactions.limits import TransactionLimit
from stationmaster.domain.transactions.timeline import TimelineEvent
from stationmaster.domain.transactions.transaction import Transaction
from stationmaster.domain.transactions.transaction_status import TransactionStatus


class Clock(Protocol):
    def now(self) -> datetime: ...
    def monotonic(self) -> float: ...
    async def sleep(self, seconds: float) -> None: ...


class Commands(Protocol):
    """The command desk."""

    async def submit(
        self,
        tenant: str,
        station_key: int,
        request: Request | RawCall,
        *,
        requested_by: str | None = None,
        lifetime_s: float | None = None,
        key: int | None = None,
    ) -> Command: ...
    async def get(self, tenant: str, station_key: int, key: int) -> Command | None: ...
    async def wait(self, command: Command, timeout_s: float) -> Command: ...


class Judgement(Protocol):
    """Says what a token may do."""

    async def consider(self, state: StationState | None, question: Question, *, ask_outside: bool = True) -> Verdict:
        """Nothing is remembered of it. ``state``: the station's, where the question is about one."""
        ...


class Stations(Protocol):
    """The station desk."""

    async def create(self, ref: StationRef, password: str | None = None, **fields: Any) -> Station:
        """Raises AlreadyThere."""
        ...

    async def change(self, station: Station, password: str | None = None, **fields: Any) -> Station:
        """Raises AddressRefused."""
        ...

    async def name_evse(self, station: Station, evse_id: int, connector_id: int, eid: str | None) -> None: ...


class TransactionDesk(Protocol):
    """Where the transaction is over meanwhile, nothing is done."""

    async def close(self, transaction: Transaction, detail: str) -> None: ...
    async def limit(self, transaction: Transaction, limit: TransactionLimit) -> None: ...


class StationQueries(Protocol):
    async def stations(self, query: StationFilter, request: PageRequest = ...) -> Page[Station]: ...
    async def station(self, tenant: str, station_key: int) -> Station | None: ...
    async def load(self, station_key: int) -> StationState | None:
        """Of any tenant."""
        ...

    async def unknown_callers(self, tenant: str, request: PageRequest = ...) -> Page[CallerSeen]: ...
    async def station_now(self, station_key: int, now: datetime) -> StationNow:
        """Of any tenant."""
        ...

    async def oddities(self, query: OddityFilter, request: PageRequest = ...) -> Page[LoggedOddity]: ...
    async def oddity_counts(self, tenant: str, station_key: int | None = None) -> Sequence[OddityCount]: ...
    async def frames(self, query: FrameFilter, request: PageRequest = ...) -> Page[LoggedFrame]: ...
    async def frame_tail(self, query: FrameFilter, after: int | None, limit: int) -> FrameTail: ...
    async def frame_exchange(self, tenant: str, key: int) -> FrameExchange | None: ...


class StationHealthQueries(Protocol):
    async def station_faults(self, station_key: int, now: datetime) -> Faults:
        """Of a station of any tenant."""
        ...


class RegisterQueries(Protocol):
    async def evse_registers(self, station_key: int) -> Sequence[KnownRegister]:
        """Those of a station of any tenant, by EVSE."""
        ...


class TokenQueries(Protocol):
    async def tokens_of(
        self, tenant: str, *, contract_id: str | None = None, group: str | None = None, most: int
    ) -> Sequence[Token]:
        """Tokens of a contract, or of a group, by key."""
        ...

    async def tokens(self, query: TokenFilter, request: PageRequest = ...) -> Page[Token]: ...
    async def token_count(self, query: TokenFilter) -> int: ...
    async def token(self, tenant: str, key: int) -> Token | None: ...
    async def token_values(self, tenant: str, keys: Iterable[int]) -> Mapping[int, str]:
        """By key; those that are gone are left out."""
        ...

    async def find_token(self, tenant: str, id_token: IdToken) -> Token | None: ...
    async def same_tokens(self, tenant: str, id_tokens: Sequence[IdToken]) -> Sequence[Token]:
        """Those that are known by the same value, without case, and the same type."""
        ...


class AuthorizationQueries(Protocol):
    async def token_group(self, tenant: str, name: str) -> TokenGroup | None: ...
    async def token_groups(self, tenant: str, request: PageRequest = ...) -> Page[TokenGroup]: ...
    async def funds(self, tenant: str, account_key: int) -> Funds | None: ...
    async def accounts(self, tenant: str, request: PageRequest = ...) -> Page[Account]: ...
    async def account_named(self, tenant: str, name: str) -> Account | None: ...
    async def account_holds(self, account_key: int) -> Sequence[Hold]:
        """Those that are not released; of an account of any tenant."""
        ...

    async def account_entry(self, account_key: int, kind: str, reference: str) -> AccountEntry | None:
        """Of an account of any tenant."""
        ...

    async def account_entries(self, account_key: int, request: PageRequest = ...) -> Page[AccountEntry]:
        """Of an account of any tenant, newest first."""
        ...

    async def refusals(self, query: RefusalFilter, request: PageRequest = ...) -> Page[StoredRefusal]: ...


class TransactionQueries(Protocol):
    async def transactions(self, query: TransactionFilter, request: PageRequest = ...) -> Page[Transaction]: ...
    async def transaction_count(self, query: TransactionFilter) -> int: ...
    async def still_open(self, tenant: str, keys: Iterable[int]) -> Sequence[Transaction]:
        """As they are stored, without what only their events and readings tell."""
        ...

    async def transaction(self, tenant: str, key: int) -> Transaction | None: ...
    async def transaction_statuses(
        self, tenant: str, transaction_keys: Iterable[int]
    ) -> Mapping[int, TransactionStatus]:
        """By key, of those that the station was asked about."""
        ...

    async def station_identities(self, tenant: str, station_keys: Iterable[int]) -> Mapping[int, str]:
        """By key; those of another tenant are left out."""
        ...

    async def transaction_events(
        self, tenant: str, transaction_key: int, request: PageRequest = ...
    ) -> Page[TransactionEventRecord]: ...
    async def readings(self, tenant: str, transaction_key: int, request: PageRequest = ...) -> Page[Reading]: ...
    def all_readings(self, tenant: str, transaction_key: int) -> AsyncIterator[Reading]: ...
    async def reading_stretches(self, transaction_key: int, most: int) -> Sequence[ReadingStretch]:
        """Of a transaction of any tenant."""
        ...

    async def transaction_timeline(
        self, transaction_key: int, request: PageRequest, *, newest_first: bool = False
    ) -> Page[TimelineEvent]:
        """Of a transaction of any tenant, by the station's time."""
        ...

    async def newest_powers(self, transaction_keys: Iterable[int]) -> Mapping[int, Decimal]:
        """In W, of transactions of any tenant."""
        ...


class CertificateQueries(Protocol):
    async def installed_certificates(self, tenant: str, station_key: int) -> Sequence[CertificatesSeen]: ...
    async def certificate_requests(
        self, tenant: str, station_key: int | None = None, request: PageRequest = ...
    ) -> Page[CertificateRequest]: ...


class BillQueries(Protocol):
    async def bills(self, query: BillFilter, request: PageRequest = ...) -> Page[Bill]: ...
    async def bill_count(self, query: BillFilter) -> int: ...
    async def bill(self, tenant: str, key: int) -> Bill | None: ...
    async def bill_inputs(self, digest: str) -> Inputs | None:
        """Of any tenant."""
        ...

    async def charged(self, tenant: str, transaction_keys: Iterable[int]) -> Mapping[int, Charged]:
        """What the current bills of transactions come to, by transaction."""
        ...

    async def bills_seen(self, query: BillFilter, request: PageRequest = ...) -> Page[BillSeen]:
        """Oldest first."""
        ...

    async def billing_facts(self, transaction_key: int) -> BillingFacts | None:
        """Of a transaction of any tenant."""
        ...


class PaymentQueries(Protocol):
    async def settlements(self, query: SettlementFilter, request: PageRequest = ...) -> Page[SettlementSeen]: ...
    async def settlement(self, tenant: str, key: int) -> SettlementSeen | None: ...
    async def find_settlement(
        self, station_key: int, psp_ref: str, status: SettlementStatus, at: datetime
    ) -> Settlement | None: ...
    async def web_payments(self, query: WebPaymentFilter, request: PageRequest = ...) -> Page[WebPaymentSeen]: ...
    async def web_payment(self, tenant: str, key: int) -> WebPaymentSeen | None: ...
    async def vat_checks(self, query: VatCheckFilter, request: PageRequest = ...) -> Page[VatCheck]: ...
    async def priority_chargings(
        self, tenant: str, station_key: int, request: PageRequest = ...
    ) -> Page[PriorityCharging]: ...


class BatterySwapQueries(Protocol):
    async def battery_swaps(self, query: SwapFilter, request: PageRequest = ...) -> Page[Swap]: ...


class ReservationQueries(Protocol):
    async def reservations(self, query: ReservationFilter, request: PageRequest = ...) -> Page[Reservation]: ...
    async def reservation_count(self, query: ReservationFilter) -> int: ...
    async def reservation(self, tenant: str, key: int) -> Reservation | None: ...
    async def open_reservations(self, station_key: int) -> Sequence[Reservation]:
        """Of a station of any tenant: those for which it may be keeping a place."""
        ...


class EventStreamQueries(Protocol):
    async def event_streams(self, tenant: str, station_key: int) -> Sequence[KnownStream]: ...
    async def stream_values(self, query: StreamValueFilter, request: PageRequest = ...) -> Page[StoredStreamValue]: ...


class ChargingNeedsQueries(Protocol):
    async def charging_needs(self, tenant: str, station_key: int, request: PageRequest = ...) -> Page[KnownNeeds]: ...


class DERQueries(Protocol):
    async def der_controls(self, tenant: str, station_key: int, request: PageRequest = ...) -> Page[KnownControl]: ...
    async def der_alarms(
        self, tenant: str, station_key: int, request: PageRequest = ..., *, open_only: bool = False
    ) -> Page[StoredAlarm]: ...


class DataTransferQueries(Protocol):
    async def data_transfers(self, query: DataTransferFilter, request: PageRequest = ...) -> Page[StoredTransfer]: ...


class InquiryQueries(Protocol):
    async def security_events(
        self, query: SecurityEventFilter, request: PageRequest = ...
    ) -> Page[StoredSecurityEvent]: ...
    async def log_uploads(self, query: LogUploadFilter, request: PageRequest = ...) -> Page[LogUploadView]: ...
    async def log_upload(self, tenant: str, station_key: int, key: int) -> LogUploadView | None: ...
    async def customer_reports(
        self, query: CustomerReportFilter, request: PageRequest = ...
    ) -> Page[CustomerReportView]:
        """Without what was told."""
        ...

    async def customer_report(self, tenant: str, station_key: int, key: int) -> CustomerReportView | None: ...


class Blobs(Protocol):
    """See ``csms.ports.Blobs``."""

    async def size(self, name: str) -> int: ...
    def read(self, name: str, start: int = 0, end: int | None = None) -> AsyncIterator[bytes]: ...


class DisplayQueries(Protocol):
    async def display_messages(self, station_key: int) -> Sequence[KnownMessage]:
        """Those of a station of any tenant, by id."""
        ...

    async def displays(self, query: DisplayFilter, request: PageRequest = ...) -> Page[StationDisplay]: ...


class PrivacyQueries(Protocol):
    async def erasures(self, tenant: str, request: PageRequest = ...) -> Page[Erasure]: ...
    async def erasure(self, tenant: str, key: int) -> Erasure | None: ...
    async def driver_export(self, tenant: str, key: int) -> DriverExport | None: ...


class NetworkProfileQueries(Protocol):
    async def network_profiles(self, tenant: str, station_key: int) -> Sequence[NetworkProfileSet]: ...


class MonitoringQueries(Protocol):
    async def monitors(self, station_key: int) -> Sequence[KnownMonitor]:
        """Those of a station of any tenant."""
        ...

    async def alarms(self, query: AlarmFilter, request: PageRequest = ...) -> Page[AlarmSeen]: ...
    async def alarm_count(self, query: AlarmFilter) -> int: ...
    async def alarm(self, tenant: str, key: int) -> AlarmSeen | None: ...
    async def station_events(self, query: StationEventFilter, request: PageRequest = ...) -> Page[StoredEvent]: ...


class DeviceModelQueries(Protocol):
    async def variables(self, query: VariableFilter, request: PageRequest = ...) -> Page[KnownVariable]: ...
    async def variables_named(
        self, tenant: str, station_keys: Sequence[int], names: Sequence[tuple[str, str]]
    ) -> Mapping[int, Sequence[KnownVariable]]:
        """Of each station, the variables with one of these names of component and variable, on whatever tier."""
        ...

    async def reports(self, query: ReportFilter, request: PageRequest = ...) -> Page[OpenReport]: ...
    async def report(self, tenant: str, key: int) -> OpenReport | None: ...
    async def reported(self, tenant: str, report_key: int) -> Sequence[ReportData]:
        """What a report of variables tells, in the order of its parts."""
        ...

    async def setting_templates(self, tenant: str, request: PageRequest = ...) -> Page[SettingTemplate]: ...
    async def setting_template(self, tenant: str, key: int) -> SettingTemplate | None: ...
    async def setting_template_named(self, tenant: str, name: str) -> SettingTemplate | None: ...
    async def template_applications(
        self, tenant: str, template_key: int, request: PageRequest = ...
    ) -> Page[ApplicationProgress]: ...


class LocalListQueries(Protocol):
    async def local_list(self, tenant: str, station_key: int) -> LocalListState | None: ...
    async def local_lists(
        self, tenant: str, state: ListState | None = None, request: PageRequest = ...
    ) -> Page[LocalListState]:
        """By station."""
        ...

    async def local_list_wish(self, station_key: int) -> bool | None:
        """Of any tenant."""
        ...

    async def list_content(self, tenant: str, digest: str) -> ListContent | None: ...


class Queries(
    StationQueries,
    StationListQueries,
    OverviewQueries,
    PeopleQueries,
    StationHealthQueries,
    RegisterQueries,
    TokenQueries,
    AuthorizationQueries,
    TransactionQueries,
    DataTransferQueries,
    CertificateQueries,
    DERQueries,
    ChargingNeedsQueries,
    BatterySwapQueries,
    PaymentQueries,
    BillQueries,
    PublicationQueries,
    ReservationQueries,
    LocalListQueries,
    EventStreamQueries,
    MonitoringQueries,
    InquiryQueries,
    NetworkProfileQueries,
    DisplayQueries,
    PrivacyQueries,
    DeviceModelQueries,
    FirmwareQueries,
    Protocol,
):
    """All that is read; pages raise InvalidCursor."""

    async def commands(self, query: CommandFilter, request: PageRequest = ...) -> Page[Command]: ...
    async def commands_in_hand(self, station_key: int, since: datetime) -> Sequence[Command]:
        """Of a station, oldest first: those sent, and those made from ``since`` on that may still take effect."""
        ...


class ApiKeyQueries(Protocol):
    async def all_api_keys(self) -> Sequence[ApiKey]:
        """Those of every tenant; revoked ones too."""
        ...


class Journal(Protocol):
    async def store(self, records: Sequence[Record], events: Sequence[Event] = ()) -> None:
        """On disk when it returns. Raises StorageFailed."""
        ...

    async def commit(self, decision: Decision) -> Decision:
        """Store and return what held, as its checks say. Raises StorageFailed."""
        ...


class Keys(Protocol):
    def take(self) -> int: ...


class Outbox(Protocol):
    async def after(self, seq: int, limit: int = ...) -> Sequence[CommittedEvent]: ...
    async def first_seq(self) -> int:
        """The place of the oldest event that is still there, or else of the next one."""
        ...

    async def last_seq(self) -> int: ...


class BusMessage(Protocol):
    @property
    def body(self) -> bytes: ...
    @property
    def lost(self) -> int:
        """Messages dropped just before this one, because the listener was too slow."""
        ...


class Subscription(Protocol):
    async def __anext__(self) -> BusMessage: ...
    async def aclose(self) -> None: ...


class Bus(Protocol):
    def subscribe(self, subject: str) -> Subscription:
        """Listens from this call on."""
        ...

    async def publish(self, subject: str, body: bytes) -> None: ...
    async def request(self, subject: str, body: bytes, timeout_s: float) -> bytes:
        """One answer of whoever serves the subject; LookupError at once where nobody does, TimeoutError later."""
        ...
