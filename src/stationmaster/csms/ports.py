"""What the CSMS needs of the world. Engines fulfil these structurally; each has a contract suite."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from stationmaster.csms.cost.billing_ports import BillingRows
from stationmaster.csms.firmware.ports import FirmwareRows
from stationmaster.csms.local_list.ports import ListRows
from stationmaster.csms.privacy.ports import PersonalData, PrivacyRows
from stationmaster.domain.authorization.judging import TokenFacts
from stationmaster.domain.authorization.prepaid import Payable
from stationmaster.domain.authorization.token_rules import KnownEvse
from stationmaster.domain.authorization.tokens import Token
from stationmaster.domain.command import Command
from stationmaster.domain.decision import Decision
from stationmaster.domain.device_model.reports import OpenReport, Subject
from stationmaster.domain.frame_stretch import Stretch
from stationmaster.domain.identity import IdToken
from stationmaster.domain.metering.values import Sample
from stationmaster.domain.payment.payments import Settlement, SettlementStatus
from stationmaster.domain.payment.web_payment import WebPaymentSeen
from stationmaster.domain.queries import CommittedEvent
from stationmaster.domain.records import ApiKey, Event, Record, TransactionEventRecord
from stationmaster.domain.reservation.reservations import Reservation
from stationmaster.domain.retention import RetentionTerms
from stationmaster.domain.station import Place, Station, StationState
from stationmaster.domain.transactions.transaction import Transaction
from stationmaster.domain.transactions.transaction_status import TransactionStatus
from stationmaster.domain.transfer import BlobFacts, Transfer


class Clock(Protocol):
    def now(self) -> datetime: ...
    def monotonic(self) -> float: ...
    async def sleep(self, seconds: float) -> None: ...


class Journal(Protocol):
    """The one way to write. Durable when it returns: a crash of the machine one moment later loses nothing.

    Decisions of many stations go into one transaction; those of one caller are stored in the order they were given.
    It does *not* promise that two callers' decisions are stored in the order they called.
    """

    on_committed: Callable[[Sequence[CommittedEvent]], None]
    """Called on the loop with the events of each batch, in order, after they are on disk."""

    async def commit(self, decision: Decision, *, station_key: int | None = None, generation: int = 0) -> Decision:
        """Store and return what held: the decision itself, or the ``otherwise`` of its first check that failed.

        With ``station_key``, a generation lower than the station's newest raises StaleGeneration. Raises
        StorageFailed when it could not be stored.
        """
        ...

    def submit(
        self,
        decision: Decision,
        done: Callable[[Decision | Exception], None],
        *,
        station_key: int | None = None,
        generation: int = 0,
    ) -> None:
        """As ``commit``, without a task: ``done`` is called once, on the loop, with what held or the exception."""
        ...

    async def register_connection(self, station_key: int) -> int:
        """The generation of a station's new connection. From then on older ones cannot commit."""
        ...

    async def store(self, records: Sequence[Record], events: Sequence[Event] = ()) -> None:
        """Store without a decision (what operators do, connection states)."""
        ...


class Keys(Protocol):
    """Surrogate keys, drawn while deciding: unique over all nodes, positive, growing, with gaps."""

    def take(self) -> int: ...


class Stations(Protocol):
    """Reads of stations."""

    async def all_stations(self) -> Sequence[Station]: ...
    async def station(self, tenant: str, station_key: int) -> Station | None: ...
    async def find_station(self, tenant: str, identity: str) -> Station | None: ...
    async def load(self, station_key: int) -> StationState | None:
        """The whole aggregate: connectors, and open transactions with their latest registers and sequence numbers."""
        ...

    async def evse_names(self, station_key: int) -> Mapping[Place, str]:
        """What roaming partners call the station's EVSEs."""
        ...


class Tokens(Protocol):
    async def find_token(self, tenant: str, id_token: IdToken) -> Token | None:
        """By value without case, and by type where one is given (1.x has none) and a token of that type is known."""
        ...


class TokenJudging(Protocol):
    """Reads for judging tokens."""

    async def token_facts(self, tenant: str, id_token: IdToken) -> TokenFacts:
        """A token, what is said of its group, and its account, as of one moment."""
        ...

    async def evse_kinds(self, station_key: int) -> Mapping[int, KnownEvse]:
        """By EVSE id, as far as the station told of its device model."""
        ...


class PayableRows(Protocol):
    async def payable(
        self, *, transaction_key: int | None = None, after_bill: int = 0, held_only: bool = False
    ) -> Sequence[Payable]:
        """Issued bills of transactions that money was held for, some, in the order of their keys after one: of one
        transaction, of those for which it is still held, or of all."""
        ...


class Oracle(Protocol):
    """Another system that knows tokens, or VAT numbers; of each tenant its own."""

    async def ask(self, tenant: str, question: bytes) -> bytes:
        """A question as JSON, and the answer as it came. Raises OracleSilent; a cancelled question is given up."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherSystems:
    """Who is asked about tokens, and who about VAT numbers; None: nobody."""

    tokens: Oracle | None = None
    vat: Oracle | None = None


NO_OTHERS = OtherSystems()


class Transactions(Protocol):
    """Reads for what memory cannot know: transactions that are over."""

    async def find_by_wire_id(self, station_key: int, wire_id: str) -> Transaction | None: ...
    async def find_by_start_key(self, station_key: int, start_key: str) -> Transaction | None:
        """The newest with this key, ended ones too."""
        ...

    async def find_lost_ends(self, station_key: int, lost_key: str) -> Sequence[Transaction]:
        """Those of a station that are known by their end alone, and wait for a start with this key; the newest 100."""
        ...

    async def find_begun_between(self, station_key: int, first: datetime, before: datetime) -> Sequence[Transaction]:
        """Those of a station whose first event is, by its own time, at ``first`` or later, and before ``before``."""
        ...

    async def find_ended(self, station_key: int, ended_at: datetime) -> Sequence[Transaction]:
        """Those of a station that ended at exactly this time of its own."""
        ...

    async def silent_transactions(
        self, before: datetime, after: int, limit: int
    ) -> Sequence[tuple[Transaction, datetime]]:
        """Open ones of which nothing was received since ``before``, of any tenant, with a key above ``after``, by key;
        and when something was received last."""
        ...

    async def newest_samples(self, transaction_key: int) -> Sequence[Sample]:
        """Of a transaction's newest reading, by the station's time."""
        ...

    async def transaction_statuses(
        self, tenant: str, transaction_keys: Iterable[int]
    ) -> Mapping[int, TransactionStatus]:
        """What stations said of these when they were asked last, by key."""
        ...

    async def find_event(self, transaction_key: int, dedupe_key: str) -> TransactionEventRecord | None: ...


class Commands(Protocol):
    async def load_command(self, key: int) -> Command | None: ...
    async def unfinished_commands(self, station_key: int | None = None) -> Sequence[Command]:
        """Those queued or sent, oldest first."""
        ...

    async def commands_in_hand(self, station_key: int, since: datetime) -> Sequence[Command]:
        """Of a station, oldest first: those sent, and those made from ``since`` on that may still take effect."""
        ...

    async def accepted_commands(self, since: datetime | None, until: datetime) -> Sequence[tuple[int, int]]:
        """Key and station of those that are accepted, and were made from ``since`` on and before ``until``."""
        ...


class ApiKeys(Protocol):
    async def all_api_keys(self) -> Sequence[ApiKey]: ...


class Reports(Protocol):
    """Reads of reports that memory no longer holds."""

    async def find_report(self, station_key: int, subject: Subject, request_id: int) -> OpenReport | None:
        """The newest report of a station with this number."""
        ...

    async def part_digest(self, report_key: int, seq_no: int) -> int | None: ...


class PowerRows(Protocol):
    """Reads of the power at sites."""

    async def tenants(self) -> Sequence[str]: ...
    async def power_by_site(self, now: datetime) -> Sequence[tuple[str, str | None, int]]:
        """Of every tenant: the site (None: of stations at none) and the power there in W, where anything charges."""
        ...

    async def last_power_sample(self) -> datetime | None: ...


class TransferRows(Protocol):
    """Reads of file transfers, of any tenant."""

    async def transfer(self, key: int) -> Transfer | None: ...
    async def brought_blobs(self) -> Collection[str]:
        """The blobs of every file that a station brought and that is still listed."""
        ...


class BlobWriter(Protocol):
    """One blob on its way. Nothing of it can be read before it is committed."""

    async def write(self, data: bytes) -> None:
        """Raises OSError; the blob is to be aborted then."""
        ...

    async def commit(self) -> BlobFacts:
        """On disk, under its name, when it returns; a blob that had the name is replaced. Raises OSError."""
        ...

    async def abort(self) -> None: ...


class Blobs(Protocol):
    """Files by names of ours (small letters, digits and hyphens; ValueError for others). Rows tell what they are."""

    async def create(self, name: str) -> BlobWriter: ...
    async def size(self, name: str) -> int:
        """Bytes; raises BlobMissing."""
        ...

    def read(self, name: str, start: int = 0, end: int | None = None) -> AsyncIterator[bytes]:
        """The bytes from ``start`` up to ``end``, in portions. Raises BlobMissing."""
        ...

    async def delete(self, name: str) -> None:
        """One that is not there is deleted already. Who reads it at the moment may read to its end."""
        ...

    async def sizes(self) -> Mapping[str, int]:
        """The bytes of every blob that is whole."""
        ...


class MessageLog(Protocol):
    """Off the answer's path: it alone may lose its last second in a crash."""

    def write(self, stretches: Sequence[Stretch]) -> asyncio.Future[None]:
        """Store what is masked already; on disk when the future is done. Never blocks. Raises StorageFailed once
        closed; the future raises it where it could not be stored."""
        ...


class Reservations(Protocol):
    """Reads of reservations that memory does not hold, of any tenant."""

    async def find_reservation(self, station_key: int, reservation_id: int) -> Reservation | None:
        """The newest with this number, those that are over too."""
        ...

    async def unsettled_reservations(self) -> Sequence[Reservation]:
        """Those whose newest command the station has not answered yet."""
        ...

    async def lapsing_reservations(self, before: datetime) -> Sequence[Reservation]:
        """Those that are open and end until then."""
        ...


class Payments(Protocol):
    """Reads of settlements, of any tenant."""

    async def find_settlement(
        self, station_key: int, psp_ref: str, status: SettlementStatus, at: datetime
    ) -> Settlement | None: ...
    async def transaction_paid_by(self, station_key: int, psp_ref: str) -> int | None:
        """The newest transaction of a station whose token is this payment."""
        ...

    async def web_payment(self, tenant: str, key: int) -> WebPaymentSeen | None: ...


class TenantTerms(Protocol):
    async def retention_terms(self) -> Mapping[str, RetentionTerms]:
        """How long things are kept, by tenant, as far as it was set over the API."""
        ...


class Reads(
    TenantTerms,
    Stations,
    Tokens,
    TokenJudging,
    PayableRows,
    Transactions,
    PowerRows,
    Commands,
    ApiKeys,
    Reports,
    TransferRows,
    FirmwareRows,
    BillingRows,
    Reservations,
    Payments,
    ListRows,
    PrivacyRows,
    Protocol,
):
    """All that a CSMS reads."""


class Store(Protocol):
    """A storage engine as a whole."""

    @property
    def journal(self) -> Journal: ...
    @property
    def keys(self) -> Keys: ...
    @property
    def reads(self) -> Reads: ...
    @property
    def personal(self) -> PersonalData: ...
    @property
    def message_log(self) -> MessageLog: ...


class BusMessage(Protocol):
    @property
    def subject(self) -> str: ...
    @property
    def body(self) -> bytes: ...


class Subscription(Protocol):
    """What is heard on a subject. Whoever stops listening before the end closes it."""

    def __aiter__(self) -> "Subscription": ...
    async def __anext__(self) -> BusMessage: ...
    async def aclose(self) -> None: ...


class Bus(Protocol):
    """Between nodes, and between the parts of one. Subjects are dotted words of ours, never a station's identity."""

    def is_heard(self, subject: str) -> bool:
        """False only where surely nobody listens: what nobody hears need not be written."""
        ...

    async def publish(self, subject: str, body: bytes) -> None:
        """To everyone who listens now. Delivery is not promised to those who come later."""
        ...

    def subscribe(self, subject: str) -> Subscription:
        """``*`` stands for one word, ``>`` for the rest. A slow listener loses the oldest, and is told so."""
        ...

    async def request(self, subject: str, body: bytes, timeout_s: float) -> bytes:
        """One answer of whoever serves the subject; LookupError at once where nobody does, TimeoutError later."""
        ...

    async def serve(self, subject: str, handler: Callable[[bytes], Awaitable[bytes]]) -> Callable[[], None]:
        """Answer requests on a subject; the result stops it."""
        ...
