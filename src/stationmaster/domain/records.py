"""What a decision wants stored. A storage engine maps each of these types to a table; rows that are whole structs of
their own (Station, Connector, Transaction, Token, Command) are records too."""

from datetime import datetime
from decimal import Decimal
from typing import Any

import msgspec

from stationmaster.domain.authorization.prepaid import Account, AccountEntry, Hold, HoldReleased
from stationmaster.domain.authorization.refusals import Refusal
from stationmaster.domain.authorization.token_groups import GroupUse, TokenGroup, TokenGroupRemoved
from stationmaster.domain.authorization.tokens import Token
from stationmaster.domain.battery_swap import Swap
from stationmaster.domain.callback import CallbackKnown
from stationmaster.domain.certificates import CertificateRequest, CertificateRequestMoved, CertificatesSeen
from stationmaster.domain.charging_needs import KnownNeeds
from stationmaster.domain.command import Command
from stationmaster.domain.cost.bill import Bill
from stationmaster.domain.cost.bill_flags import BillHolds
from stationmaster.domain.cost.billing_records import CorrectionMade, FrozenInputs, PlaceForgotten, Unplugged
from stationmaster.domain.cost.publications import PricePublished
from stationmaster.domain.cost.register_gaps import KnownRegister
from stationmaster.domain.cost.sites import PlaceFacts, PlaceState, Site
from stationmaster.domain.cost.tariff import Tariff
from stationmaster.domain.cost.tariff_choice import Assignment
from stationmaster.domain.data_transfer import DataTransferRecord
from stationmaster.domain.der.controls import ControlForgotten, DERAlarm, DERAlarmEnded, KnownControl
from stationmaster.domain.device_model.network_profile import NetworkProfileSet
from stationmaster.domain.device_model.reports import OpenReport, ReportPart
from stationmaster.domain.device_model.setting_templates import SettingTemplate, TemplateApplied
from stationmaster.domain.device_model.variables import VariableReported, VariablesForgotten, VariableValue
from stationmaster.domain.diagnostics.customer_information import CustomerReport, CustomerReportPart
from stationmaster.domain.diagnostics.log_upload import LogUpload
from stationmaster.domain.diagnostics.security_events import SecurityEvent
from stationmaster.domain.display_message import KnownMessages
from stationmaster.domain.driver_data import DriverExport, Erasure
from stationmaster.domain.firmware.campaign import Campaign, CampaignRemoved, Member
from stationmaster.domain.firmware.images import FirmwareImage, FirmwareImageRemoved
from stationmaster.domain.firmware.updates import FirmwareStatusRecord, FirmwareUpdate, Publication
from stationmaster.domain.local_list.entries import ContentsForgotten, ListContent, ListWish, LocalListState
from stationmaster.domain.messages import StationInfo
from stationmaster.domain.metering.values import Sample
from stationmaster.domain.monitoring.alarms import Alarm, AlarmAcknowledgement, KnownMonitors, StationEvent
from stationmaster.domain.monitoring.event_streams import KnownStream, StreamClosed, StreamValue
from stationmaster.domain.overview import Downtime, PowerSample
from stationmaster.domain.payment.payments import Settlement, VatCheck
from stationmaster.domain.payment.web_payment import WebPayment
from stationmaster.domain.people.audit import AuditEntry, AuditOutcome
from stationmaster.domain.people.person import (
    Person,
    PersonSignedIn,
    Session,
    SessionEnded,
    SessionsEnded,
    SessionsOver,
    SessionUsed,
)
from stationmaster.domain.priority_charging import PriorityCharging
from stationmaster.domain.reservation.reservations import Reservation
from stationmaster.domain.retention import RetentionWish
from stationmaster.domain.station import Connector, Station
from stationmaster.domain.transactions.transaction import Transaction
from stationmaster.domain.transactions.transaction_status import TransactionStatus
from stationmaster.domain.transfer import FileStored, Transfer, TransferClosed


class Boot(msgspec.Struct, frozen=True, kw_only=True):
    """What a BootNotification changes of a station's row, and nothing else: an operator may be changing the rest."""

    station_key: int
    version: str
    info: StationInfo
    reason: str
    booted_at: datetime


class Presence(msgspec.Struct, frozen=True, kw_only=True):
    """When a station was last there. None leaves what is stored."""

    station_key: int
    version: str | None = None
    connected_at: datetime | None = None
    disconnected_at: datetime | None = None
    last_seen_at: datetime | None = None
    skew_s: float | None = None


class TransactionEventRecord(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One event of a transaction as it was received: the evidence. ``seq_no`` None: 1.6.

    ``dedupe_key`` is unique within the transaction; ``digest`` tells a repeat from a conflict.
    """

    station_key: int
    transaction_key: int
    dedupe_key: str
    digest: int
    event_type: str
    trigger_reason: str
    seq_no: int | None
    timestamp: datetime
    received_at: datetime
    offline: bool
    body: bytes
    """The domain TransactionEvent as JSON, meter values left out: they are readings."""


class EvseName(msgspec.Struct, frozen=True, kw_only=True):
    """What roaming partners call an EVSE (ISO 15118-2 EVSEID, eMI3), as an operator set it; None: nothing any more.

    It stands at a Place: connectors of one EVSE may have EVSE ids of their own, as 1.6 knows no EVSEs.
    """

    station_key: int
    evse_id: int
    connector_id: int
    eid: str | None


class WireIdPassedOn(msgspec.Struct, frozen=True, kw_only=True):
    """A transaction that is over has another wire id from now on, for its own names another one of its station: see
    ``blocks.matching``. To be written before that one."""

    transaction_key: int
    wire_id: str


class Reading(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Samples taken at one moment. Unique by (station_key, taken_at, digest): a repeat is dropped in silence."""

    station_key: int
    taken_at: datetime
    digest: int
    transaction_key: int | None
    evse_id: int
    connector_id: int
    received_at: datetime
    register_wh: Decimal | None
    power_w: Decimal | None
    samples: tuple[Sample, ...]


class Conflict(msgspec.Struct, frozen=True, kw_only=True):
    """A message with the key of one that is stored, but with other content."""

    station_key: int
    transaction_key: int | None
    dedupe_key: str
    received_at: datetime
    body: bytes


class Oddity(msgspec.Struct, frozen=True, kw_only=True):
    """Something that a station did which it should not have: recorded, counted, shown."""

    station_key: int
    at: datetime
    kind: str
    action: str | None
    detail: str


class TokenImported(msgspec.Struct, frozen=True, kw_only=True):
    """A token that is to be known as given, whoever else makes it known at the same time: where one of its value and
    type is there already, that one is changed, and keeps its key and its spelling."""

    token: Token


class TokenRemoved(msgspec.Struct, frozen=True, kw_only=True):
    tenant: str
    key: int


class Learned(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that we learned of a station, and go by when we speak to it: see ``StationState.learned``."""

    station_key: int
    name: str
    value: str


class Unlearned(msgspec.Struct, frozen=True, kw_only=True):
    """What we learned of a station under this name holds no longer."""

    station_key: int
    name: str


class ConnectorForgotten(msgspec.Struct, frozen=True, kw_only=True):
    """A station has no such place any more, see ``station.Place``."""

    station_key: int
    evse_id: int
    connector_id: int


class UnknownCaller(msgspec.Struct, frozen=True, kw_only=True):
    """A station that called and is not known: for the operator to admit."""

    tenant: str
    identity: str
    at: datetime
    address: str
    subprotocols: str


class ApiKey(msgspec.Struct, frozen=True, kw_only=True):
    """A key to the REST API. Only its hash is kept; ``role`` is administrator, operator or viewer."""

    key: int
    tenant: str
    name: str
    role: str
    hash: str
    created_at: datetime
    revoked_at: datetime | None = None


class Event(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What others may want to hear. Stored in the outbox with its cause, unless it is one in passing."""

    kind: str
    tenant: str
    at: datetime
    station_key: int | None = None
    data: dict[str, Any] = {}


class FrameRecord(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One frame of the message log, masked. ``direction``: "in" from the station, "out" to it."""

    station_key: int
    at: datetime
    direction: str
    kind: str
    message_id: str | None
    action: str | None
    frame: str
    error: str | None = None


Record = (
    Station
    | Boot
    | Presence
    | CallbackKnown
    | Connector
    | ConnectorForgotten
    | EvseName
    | Transaction
    | TransactionStatus
    | TransactionEventRecord
    | WireIdPassedOn
    | Reading
    | Conflict
    | Oddity
    | Learned
    | Unlearned
    | Token
    | TokenImported
    | TokenRemoved
    | TokenGroup
    | TokenGroupRemoved
    | GroupUse
    | Account
    | AccountEntry
    | Hold
    | HoldReleased
    | Refusal
    | UnknownCaller
    | ApiKey
    | DataTransferRecord
    | CertificateRequest
    | CertificateRequestMoved
    | CertificatesSeen
    | KnownControl
    | KnownNeeds
    | Swap
    | KnownStream
    | StreamClosed
    | StreamValue
    | ControlForgotten
    | DERAlarm
    | DERAlarmEnded
    | OpenReport
    | ReportPart
    | VariableReported
    | VariableValue
    | VariablesForgotten
    | SettingTemplate
    | TemplateApplied
    | Command
    | FirmwareImage
    | FirmwareImageRemoved
    | FirmwareUpdate
    | FirmwareStatusRecord
    | Publication
    | Campaign
    | CampaignRemoved
    | Member
    | Transfer
    | TransferClosed
    | FileStored
    | SecurityEvent
    | LogUpload
    | CustomerReport
    | CustomerReportPart
    | KnownMonitors
    | KnownMessages
    | Erasure
    | DriverExport
    | NetworkProfileSet
    | LocalListState
    | ListContent
    | ListWish
    | ContentsForgotten
    | Reservation
    | Settlement
    | VatCheck
    | WebPayment
    | PriorityCharging
    | Tariff
    | Assignment
    | PricePublished
    | Site
    | PlaceFacts
    | PlaceForgotten
    | PlaceState
    | KnownRegister
    | BillHolds
    | RetentionWish
    | Bill
    | FrozenInputs
    | CorrectionMade
    | Unplugged
    | StationEvent
    | Alarm
    | AlarmAcknowledgement
    | PowerSample
    | Downtime
    | Person
    | PersonSignedIn
    | Session
    | SessionUsed
    | SessionEnded
    | SessionsEnded
    | SessionsOver
    | AuditEntry
    | AuditOutcome
)
