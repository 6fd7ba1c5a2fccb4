"""What the API needs of the rest of the program. The CSMS's services and the store fulfil these structurally."""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from stationmaster.csms.command_kinds import RawCall
from stationmaster.domain.authorization import Token
from stationmaster.domain.command import Command
from stationmaster.domain.identity import IdToken, StationRef
from stationmaster.domain.messages import Request
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
from stationmaster.domain.station import Station, StationState
from stationmaster.domain.transaction import Transaction


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


class Queries(StationQueries, TokenQueries, TransactionQueries, Protocol):
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
