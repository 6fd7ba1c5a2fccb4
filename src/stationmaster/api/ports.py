"""What the API needs of the rest of the program. The CSMS's services and the store fulfil these structurally."""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from stationmaster.csms.command_kinds import RawCall
from stationmaster.domain.alarms import KnownMonitor
from stationmaster.domain.authorization import Token
from stationmaster.domain.battery_swap import Swap, SwapFilter
from stationmaster.domain.campaign import Campaign
from stationmaster.domain.certificates import CertificateRequest, CertificatesSeen
from stationmaster.domain.command import Command
from stationmaster.domain.customer_information import CustomerReportFilter, CustomerReportView
from stationmaster.domain.data_transfer import DataTransferFilter, StoredTransfer
from stationmaster.domain.der import KnownControl, StoredAlarm
from stationmaster.domain.device_model import ReportData
from stationmaster.domain.event_streams import KnownStream, StoredStreamValue, StreamValueFilter
from stationmaster.domain.firmware import FirmwareStatusRecord, FirmwareUpdate, Publication
from stationmaster.domain.firmware_image import FirmwareImage
from stationmaster.domain.firmware_queries import MemberFilter, MemberSeen, UpdateFilter
from stationmaster.domain.identity import IdToken, StationRef
from stationmaster.domain.log_upload import LogUploadFilter, LogUploadView
from stationmaster.domain.messages import Request
from stationmaster.domain.monitoring_queries import AlarmFilter, AlarmSeen, StationEventFilter, StoredEvent
from stationmaster.domain.network_profile import NetworkProfileSet
from stationmaster.domain.queries import (
    CallerSeen,
    CommandFilter,
    CommittedEvent,
    FrameFilter,
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
from stationmaster.domain.reports import OpenReport, ReportFilter
from stationmaster.domain.security_events import SecurityEventFilter, StoredSecurityEvent
from stationmaster.domain.setting_templates import ApplicationProgress, SettingTemplate
from stationmaster.domain.station import Station, StationState
from stationmaster.domain.transaction import Transaction
from stationmaster.domain.variables import KnownVariable, VariableFilter


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
    ) -> Command: ...
    async def get(self, tenant: str, station_key: int, key: int) -> Command | None: ...
    async def wait(self, command: Command, timeout_s: float) -> Command: ...


class Stations(Protocol):
    """The station desk."""

    async def create(self, ref: StationRef, password: str | None = None, **fields: Any) -> Station:
        """Raises AlreadyThere."""
        ...

    async def change(self, station: Station, password: str | None = None, **fields: Any) -> Station: ...
    async def name_evse(self, station: Station, evse_id: int, connector_id: int, eid: str | None) -> None: ...


class StationQueries(Protocol):
    async def stations(self, query: StationFilter, request: PageRequest = ...) -> Page[Station]: ...
    async def station(self, tenant: str, station_key: int) -> Station | None: ...
    async def load(self, station_key: int) -> StationState | None:
        """Of any tenant."""
        ...

    async def unknown_callers(self, tenant: str, request: PageRequest = ...) -> Page[CallerSeen]: ...
    async def oddities(self, query: OddityFilter, request: PageRequest = ...) -> Page[LoggedOddity]: ...
    async def oddity_counts(self, tenant: str, station_key: int | None = None) -> Sequence[OddityCount]: ...
    async def frames(self, query: FrameFilter, request: PageRequest = ...) -> Page[LoggedFrame]: ...


class TokenQueries(Protocol):
    async def tokens(self, query: TokenFilter, request: PageRequest = ...) -> Page[Token]: ...
    async def token(self, tenant: str, key: int) -> Token | None: ...
    async def find_token(self, tenant: str, id_token: IdToken) -> Token | None: ...
    async def same_tokens(self, tenant: str, id_tokens: Sequence[IdToken]) -> Sequence[Token]:
        """Those that are known by the same value, without case, and the same type."""
        ...


class TransactionQueries(Protocol):
    async def transactions(self, query: TransactionFilter, request: PageRequest = ...) -> Page[Transaction]: ...
    async def transaction(self, tenant: str, key: int) -> Transaction | None: ...
    async def station_identities(self, tenant: str, station_keys: Iterable[int]) -> Mapping[int, str]:
        """By key; those of another tenant are left out."""
        ...

    async def transaction_events(
        self, tenant: str, transaction_key: int, request: PageRequest = ...
    ) -> Page[TransactionEventRecord]: ...
    async def readings(self, tenant: str, transaction_key: int, request: PageRequest = ...) -> Page[Reading]: ...
    def all_readings(self, tenant: str, transaction_key: int) -> AsyncIterator[Reading]: ...


class CertificateQueries(Protocol):
    async def installed_certificates(self, tenant: str, station_key: int) -> Sequence[CertificatesSeen]: ...
    async def certificate_requests(
        self, tenant: str, station_key: int | None = None, request: PageRequest = ...
    ) -> Page[CertificateRequest]: ...


class BatterySwapQueries(Protocol):
    async def battery_swaps(self, query: SwapFilter, request: PageRequest = ...) -> Page[Swap]: ...


class EventStreamQueries(Protocol):
    async def event_streams(self, tenant: str, station_key: int) -> Sequence[KnownStream]: ...
    async def stream_values(self, query: StreamValueFilter, request: PageRequest = ...) -> Page[StoredStreamValue]: ...


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


class NetworkProfileQueries(Protocol):
    async def network_profiles(self, tenant: str, station_key: int) -> Sequence[NetworkProfileSet]: ...


class MonitoringQueries(Protocol):
    async def monitors(self, station_key: int) -> Sequence[KnownMonitor]:
        """Those of a station of any tenant."""
        ...

    async def alarms(self, query: AlarmFilter, request: PageRequest = ...) -> Page[AlarmSeen]: ...
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


class FirmwareQueries(Protocol):
    async def firmware_image(self, tenant: str, key: int) -> FirmwareImage | None: ...
    async def firmware_images(self, tenant: str, request: PageRequest = ...) -> Page[FirmwareImage]: ...
    async def firmware_update(self, tenant: str, key: int) -> FirmwareUpdate | None: ...
    async def firmware_updates(self, query: UpdateFilter, request: PageRequest = ...) -> Page[FirmwareUpdate]: ...
    async def firmware_statuses(self, update_key: int) -> Sequence[FirmwareStatusRecord]:
        """Of an update of any tenant."""
        ...

    async def publication(self, tenant: str, key: int) -> Publication | None: ...
    async def publications(self, tenant: str, station_key: int, request: PageRequest = ...) -> Page[Publication]: ...
    async def campaign(self, tenant: str, key: int) -> Campaign | None: ...
    async def campaigns(self, tenant: str, request: PageRequest = ...) -> Page[Campaign]: ...
    async def campaign_counts(self, keys: Sequence[int]) -> Mapping[int, Mapping[str, int]]:
        """Members by state, of campaigns of any tenant."""
        ...

    async def campaign_members(self, query: MemberFilter, request: PageRequest = ...) -> Page[MemberSeen]: ...


class Queries(
    StationQueries,
    TokenQueries,
    TransactionQueries,
    DataTransferQueries,
    CertificateQueries,
    DERQueries,
    BatterySwapQueries,
    EventStreamQueries,
    MonitoringQueries,
    InquiryQueries,
    NetworkProfileQueries,
    DeviceModelQueries,
    FirmwareQueries,
    Protocol,
):
    """All that is read; pages raise InvalidCursor."""

    async def commands(self, query: CommandFilter, request: PageRequest = ...) -> Page[Command]: ...


class ApiKeyQueries(Protocol):
    async def all_api_keys(self) -> Sequence[ApiKey]:
        """Those of every tenant; revoked ones too."""
        ...


class Journal(Protocol):
    async def store(self, records: Sequence[Record], events: Sequence[Event] = ()) -> None:
        """On disk when it returns. Raises StorageFailed."""
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
