"""The API over fakes of its ports: what is stored is in dicts, and commands do as the test says."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, cast

import httpx
import msgspec
import pytest
from litestar import Litestar

from stationmaster.api.app import create_app, state_of
from stationmaster.api.http.keys import KeyRing
from stationmaster.api.http.services import Services
from stationmaster.api.metrics import Figure
from stationmaster.bus.memory import MemoryBus
from stationmaster.clock.wall import WallClock
from stationmaster.csms import subjects
from stationmaster.csms.blocks.authorization import Judgement
from stationmaster.csms.commands.kinds import RawCall
from stationmaster.csms.firmware.desk import FirmwareDesk
from stationmaster.csms.operations import AlreadyThere
from stationmaster.csms.people.desk import PeopleDesk
from stationmaster.csms.people.sessions import SessionRing
from stationmaster.csms.people.sign_in import SignInDesk
from stationmaster.csms.settings import CsmsSettings
from stationmaster.domain.authorization.judging import TokenFacts
from stationmaster.domain.authorization.prepaid import Account, Funds
from stationmaster.domain.authorization.token_rules import KnownEvse
from stationmaster.domain.authorization.tokens import Token
from stationmaster.domain.claims import OtherAdministratorClaim, PersonClaim, PersonNameClaim
from stationmaster.domain.command import Command
from stationmaster.domain.cost.billing_records import Charged
from stationmaster.domain.decision import Decision
from stationmaster.domain.failures import StorageFailed
from stationmaster.domain.identity import IdToken, StationRef
from stationmaster.domain.messages import Request
from stationmaster.domain.overview import (
    MapArea,
    MoneyOfDay,
    Overview,
    PowerHistory,
    SiteOverview,
    SitePower,
    StationMap,
    StationUse,
    StationUsePage,
    Use,
    UseOrder,
)
from stationmaster.domain.people.audit import AuditEntry, AuditOutcome
from stationmaster.domain.people.person import (
    Person,
    PersonSignedIn,
    Session,
    SessionEnded,
    SessionsEnded,
    SessionUsed,
    name_key,
)
from stationmaster.domain.queries import (
    CallerSeen,
    CommittedEvent,
    FrameExchange,
    FrameTail,
    InvalidCursor,
    LoggedFrame,
    LoggedOddity,
    OddityCount,
    Page,
    PageRequest,
)
from stationmaster.domain.records import ApiKey, Event, Reading, TokenImported, TokenRemoved, TransactionEventRecord
from stationmaster.domain.station import Connector, Station, StationState
from stationmaster.domain.station_list import FACETS, FacetValue, ListedStation, StationOrder, StationPage
from stationmaster.domain.transactions.transaction import Transaction
from stationmaster.domain.transactions.transaction_status import TransactionStatus
from stationmaster.security.person_passwords import HashCost, PersonPasswords
from stationmaster.storage.memory_blobs import MemoryBlobs

T0 = datetime(2030, 1, 1, 12, 0, tzinfo=UTC)


def paged(items: Sequence[Any], page: PageRequest) -> Page[Any]:
    """Cursors are positions here; the store's contract tests look at real ones."""
    try:
        start = int(page.cursor or 0)
    except ValueError as error:
        raise InvalidCursor("not a cursor") from error
    end = start + page.limit
    return Page(tuple(items[start:end]), str(end) if end < len(items) else None)


class FakeQueries:
    def __init__(self) -> None:
        self.all_stations: dict[int, Station] = {}
        self.all_connectors: list[Connector] = []
        self.all_tokens: dict[int, Token] = {}
        self.all_accounts: dict[int, Account] = {}
        self.all_transactions: dict[int, Transaction] = {}
        self.all_charged: dict[int, Charged] = {}
        self.powers: dict[int, Decimal] = {}
        self.told_statuses: dict[int, TransactionStatus] = {}
        self.all_events: list[TransactionEventRecord] = []
        self.stored_readings: list[Reading] = []
        self.all_commands: dict[int, Command] = {}
        self.all_frames: list[LoggedFrame] = []
        self.all_oddities: list[LoggedOddity] = []
        self.callers: list[CallerSeen] = []
        self.eids: dict[tuple[int, int], str] = {}
        self.all_people: dict[int, Person] = {}
        self.open_sessions: dict[int, Session] = {}
        self.log: dict[int, AuditEntry] = {}
        self.asked: list[Any] = []
        """The filters of list queries, in order."""

    async def people(self, tenant: str, page: PageRequest) -> Page[Person]:
        return paged([p for p in self.all_people.values() if p.tenant == tenant], page)

    async def person(self, tenant: str, key: int) -> Person | None:
        found = self.all_people.get(key)
        return found if found is not None and found.tenant == tenant else None

    async def person_named(self, tenant: str, name: str) -> Person | None:
        theirs = (p for p in self.all_people.values() if p.tenant == tenant)
        return next((p for p in theirs if name_key(p.name) == name_key(name)), None)

    async def is_administered(self, tenant: str) -> bool:
        return any(p.tenant == tenant and _administers(p) for p in self.all_people.values())

    async def tenants(self) -> list[str]:
        return ["default", "other"]

    async def all_sessions(self) -> list[Session]:
        return list(self.open_sessions.values())

    async def audit(self, query: Any, page: PageRequest) -> Page[AuditEntry]:
        self.asked.append(query)
        return paged([e for e in reversed(self.log.values()) if e.tenant == query.tenant], page)

    async def all_audit(self, query: Any) -> AsyncIterator[AuditEntry]:
        for entry in (await self.audit(query, PageRequest(limit=1000))).items:
            yield entry

    async def listed_stations(
        self, query: Any, now: datetime, order: StationOrder, page: PageRequest, *, count: bool = False
    ) -> StationPage:
        self.asked.append(query)
        found = [ListedStation(station=s, state="available") for s in self.all_stations.values()]
        theirs = [listed for listed in found if listed.station.tenant == query.tenant]
        some = paged(theirs, page)
        return StationPage(items=some.items, next_cursor=some.next_cursor, total=len(theirs) if count else None)

    async def listed_station(self, tenant: str, station_key: int, now: datetime) -> ListedStation | None:
        found = await self.station(tenant, station_key)
        return None if found is None else ListedStation(station=found, state="available")

    async def overview(self, tenant: str, now: datetime, day_from: datetime) -> Overview:
        self.asked.append((tenant, day_from))
        mall = SiteOverview(name="Mall", states={"charging": 2}, power_w=7000, energy_wh=900)
        return Overview(
            at=now,
            day_from=day_from,
            total=3,
            online=2,
            states={"charging": 2},
            connectors={"Occupied": 3},
            power_w=7000,
            energy_wh=900,
            money=(MoneyOfDay(currency="EUR", issued=Decimal("12.30"), held=Decimal("0.00")),),
            begun=4,
            over=3,
            running=1,
            alarms={5: 2, 0: 1},
            unseen=2,
            sites=(mall, SiteOverview(name=None)),
            sites_left_out=0,
        )

    async def site_use(self, tenant: str, now: datetime) -> dict[str | None, Use]:
        return {"Mall": Use(0.25, 0.75)}

    async def power_history(self, tenant: str, now: datetime, hours: int, most_sites: int) -> PowerHistory:
        self.asked.append((tenant, hours, most_sites))
        return PowerHistory(from_at=T0, slot_s=300, sites=(SitePower("Mall", (None, 7000)),))

    async def station_use(
        self, tenant: str, now: datetime, days: int, order: UseOrder, page: PageRequest, site: str | None
    ) -> StationUsePage:
        self.asked.append((tenant, days, order.name, page.limit, site))
        use = StationUse(key=1, identity="CS-1", name=None, site="Mall", state="offline", use=Use(0.5, None))
        return StationUsePage((use,), T0, "next")

    async def station_map(self, tenant: str, cells: int, area: MapArea | None = None) -> StationMap:
        self.asked.append((tenant, cells, area))
        return StationMap(points=(), area=area, stations=0, without=3)

    async def stations(self, query: Any, page: PageRequest) -> Page[Station]:
        self.asked.append(query)
        return paged([s for s in self.all_stations.values() if s.tenant == query.tenant], page)

    async def station_facets(self, tenant: str) -> dict[str, list[FacetValue]]:
        return {name: [FacetValue(None, len(self.all_stations))] for name in FACETS}

    async def station(self, tenant: str, station_key: int) -> Station | None:
        found = self.all_stations.get(station_key)
        return found if found is not None and found.tenant == tenant else None

    async def load(self, station_key: int) -> StationState | None:
        station = self.all_stations.get(station_key)
        if station is None:
            return None
        return StationState(
            station=station,
            connectors={(c.evse_id, c.connector_id): c for c in self.all_connectors},
            eids=dict(self.eids),
            open={t.wire_id: t for t in self.all_transactions.values() if t.is_open},
        )

    async def unknown_callers(self, tenant: str, page: PageRequest) -> Page[CallerSeen]:
        return paged([c for c in self.callers if c.tenant == tenant], page)

    async def oddities(self, query: Any, page: PageRequest) -> Page[LoggedOddity]:
        self.asked.append(query)
        return paged(self.all_oddities, page)

    async def oddity_counts(self, tenant: str, station_key: int | None = None) -> list[OddityCount]:
        return [OddityCount(station_key=1, kind="too_early", count=3, first_at=T0, last_at=T0)]

    async def frames(self, query: Any, page: PageRequest) -> Page[LoggedFrame]:
        self.asked.append(query)
        return paged(self.all_frames, page)

    async def frame_tail(self, query: Any, after: int | None, limit: int) -> FrameTail:
        self.asked.append(query)
        behind = [logged for logged in self.all_frames if after is None or logged.key > after]
        shown = tuple(behind[:limit])
        return FrameTail(shown, shown[-1].key if shown else after or 0, len(behind) > limit)

    async def frame_exchange(self, tenant: str, key: int) -> FrameExchange | None:
        found = [logged for logged in self.all_frames if logged.key in (key, key ^ 1)]
        one = next((logged for logged in found if logged.key == key), None)
        other = next((logged for logged in found if logged.key != key), None)
        return None if one is None else FrameExchange(one, other)

    async def tokens(self, query: Any, page: PageRequest) -> Page[Token]:
        self.asked.append(query)
        return paged([t for t in self.all_tokens.values() if t.tenant == query.tenant], page)

    async def token_count(self, query: Any) -> int:
        return sum(token.tenant == query.tenant for token in self.all_tokens.values())

    async def token(self, tenant: str, key: int) -> Token | None:
        found = self.all_tokens.get(key)
        return found if found is not None and found.tenant == tenant else None

    async def token_facts(self, tenant: str, id_token: IdToken) -> TokenFacts:
        return TokenFacts(token=await self.find_token(tenant, id_token))

    async def evse_kinds(self, station_key: int) -> dict[int, KnownEvse]:
        return {}

    async def funds(self, tenant: str, account_key: int) -> Funds | None:
        account = self.all_accounts.get(account_key)
        if account is None or account.tenant != tenant:
            return None
        return Funds(account=account, balance=Decimal(0), held=Decimal(0))

    async def find_token(self, tenant: str, id_token: IdToken) -> Token | None:
        same = [t for t in self.all_tokens.values() if t.tenant == tenant and t.id_token.key == id_token.key]
        return next((t for t in same if t.id_token.type in (id_token.type, None)), None)

    async def same_tokens(self, tenant: str, id_tokens: Sequence[IdToken]) -> list[Token]:
        wanted = {(id_token.key, id_token.type) for id_token in id_tokens}
        known = [t for t in self.all_tokens.values() if t.tenant == tenant]
        return [t for t in known if (t.id_token.key, t.id_token.type) in wanted]

    async def transactions(self, query: Any, page: PageRequest) -> Page[Transaction]:
        self.asked.append(query)
        return paged([t for t in self.all_transactions.values() if t.tenant == query.tenant], page)

    async def transaction_count(self, query: Any) -> int:
        return len(self.all_transactions)

    async def charged(self, tenant: str, keys: Iterable[int]) -> dict[int, Charged]:
        return {key: self.all_charged[key] for key in keys if key in self.all_charged}

    async def newest_powers(self, keys: Iterable[int]) -> dict[int, Decimal]:
        return {key: self.powers[key] for key in keys if key in self.powers}

    async def transaction(self, tenant: str, key: int) -> Transaction | None:
        found = self.all_transactions.get(key)
        return found if found is not None and found.tenant == tenant else None

    async def station_identities(self, tenant: str, station_keys: Iterable[int]) -> dict[int, str]:
        wanted = set(station_keys)
        return {s.key: s.identity for s in self.all_stations.values() if s.tenant == tenant and s.key in wanted}

    async def transaction_statuses(self, tenant: str, keys: Iterable[int]) -> dict[int, TransactionStatus]:
        return {key: self.told_statuses[key] for key in keys if key in self.told_statuses}

    async def transaction_events(self, tenant: str, key: int, page: PageRequest) -> Page[TransactionEventRecord]:
        return paged([e for e in self.all_events if e.transaction_key == key], page)

    async def readings(self, tenant: str, key: int, page: PageRequest) -> Page[Reading]:
        return paged([r for r in self.stored_readings if r.transaction_key == key], page)

    async def all_readings(self, tenant: str, key: int) -> AsyncIterator[Reading]:
        for reading in self.stored_readings:
            if reading.transaction_key == key:
                yield reading

    async def commands(self, query: Any, page: PageRequest) -> Page[Command]:
        self.asked.append(query)
        return paged([c for c in self.all_commands.values() if c.tenant == query.tenant], page)

    async def commands_in_hand(self, station_key: int, since: datetime) -> list[Command]:
        return [c for c in self.all_commands.values() if c.station_key == station_key and c.state == "accepted"]


def _administers(person: Person) -> bool:
    return person.role == "administrator" and person.is_enabled


class FakeStore:
    """Journal, keys, outbox and the keys to the API in one; what is committed is told on the bus."""

    def __init__(self, queries: FakeQueries, bus: MemoryBus) -> None:
        self.queries = queries
        self.bus = bus
        self.api_keys: dict[int, ApiKey] = {}
        self.outbox: list[CommittedEvent] = []
        self.fail = False
        self.pruned = 0
        """How many of the oldest events are forgotten."""
        self.last_key = 1000

    def take(self) -> int:
        self.last_key += 1
        return self.last_key

    async def all_api_keys(self) -> list[ApiKey]:
        return list(self.api_keys.values())

    async def store(self, records: Sequence[Any], events: Sequence[Event] = ()) -> None:
        if self.fail:
            raise StorageFailed("disk full")
        for record in records:
            if isinstance(record, Token):
                self.queries.all_tokens[record.key] = record
            elif isinstance(record, TokenImported):
                self.queries.all_tokens[record.token.key] = record.token
            elif isinstance(record, TokenRemoved):
                self.queries.all_tokens.pop(record.key)
            elif isinstance(record, ApiKey):
                self.api_keys[record.key] = record
            else:
                self._keep(record)
        for event in events:
            await self.tell(event)

    def _keep(self, record: Any) -> None:
        """What is kept of people, and of what they did."""
        q = self.queries
        match record:
            case Person(key=key):
                q.all_people[key] = record
            case PersonSignedIn(person_key=key, at=at, password_hash=hashed):
                q.all_people[key] = msgspec.structs.replace(q.all_people[key], last_sign_in_at=at, password_hash=hashed)
            case Session(key=key):
                q.open_sessions[key] = record
            case SessionUsed(key=key, at=at):
                q.open_sessions[key] = msgspec.structs.replace(q.open_sessions[key], used_at=at)
            case SessionEnded(key=key):
                q.open_sessions.pop(key, None)
            case SessionsEnded(person_key=key):
                q.open_sessions = {s.key: s for s in q.open_sessions.values() if s.person_key != key}
            case AuditEntry(key=key):
                q.log[key] = record
            case AuditOutcome(key=key, status=status):
                q.log[key] = msgspec.structs.replace(q.log[key], status=status)

    async def commit(self, decision: Decision) -> Decision:
        held = next((check.otherwise for check in decision.checks if not self._holds(check.claim)), decision)
        await self.store(held.records, held.events)
        return held

    def _holds(self, claim: Any) -> bool:
        people = self.queries.all_people
        match claim:
            case PersonNameClaim(tenant=tenant, name_key=name):
                return not any(p.tenant == tenant and name_key(p.name) == name for p in people.values())
            case PersonClaim(key=key, role=role, password_hash=hashed, enabled=enabled):
                p = people[key]
                return (p.role, p.password_hash, p.is_enabled) == (role, hashed, enabled)
            case OtherAdministratorClaim(tenant=tenant, person_key=key):
                return any(_administers(p) and p.tenant == tenant and p.key != key for p in people.values())
        raise AssertionError(claim)

    async def tell(self, event: Event, *, in_passing: bool = False) -> None:
        seq = None if in_passing else len(self.outbox) + 1
        committed = CommittedEvent(seq, event)
        if seq is not None:
            self.outbox.append(committed)
        await self.bus.publish(subjects.event(event.kind, event.station_key), msgspec.json.encode(committed))

    async def after(self, seq: int, limit: int = 500) -> list[CommittedEvent]:
        start = max(seq, self.pruned)
        return self.outbox[start : start + limit]

    async def first_seq(self) -> int:
        return self.pruned + 1

    async def last_seq(self) -> int:
        return len(self.outbox)


class FakeCommands:
    """A command stays queued unless a test says how it ends when it is waited for."""

    def __init__(self, queries: FakeQueries) -> None:
        self.queries = queries
        self.submitted: list[tuple[Request | RawCall, str | None, float | None]] = []
        self.waits: list[float] = []
        self.ending: dict[str, Any] = {}

    async def submit(
        self,
        tenant: str,
        station_key: int,
        request: Request | RawCall,
        *,
        requested_by: str | None = None,
        lifetime_s: float | None = None,
        key: int | None = None,
    ) -> Command:
        self.submitted.append((request, requested_by, lifetime_s))
        command = Command(
            key=key or 500 + len(self.submitted),
            station_key=station_key,
            tenant=tenant,
            kind=type(request).__name__,
            request=msgspec.to_builtins(request),
            created_at=T0,
            expires_at=T0 + timedelta(minutes=1),
            requested_by=requested_by,
        )
        self.queries.all_commands[command.key] = command
        return command

    async def get(self, tenant: str, station_key: int, key: int) -> Command | None:
        found = self.queries.all_commands.get(key)
        return found if found and (found.tenant, found.station_key) == (tenant, station_key) else None

    async def wait(self, command: Command, timeout_s: float) -> Command:
        self.waits.append(timeout_s)
        return msgspec.structs.replace(command, **self.ending)


class FakeStations:
    def __init__(self, queries: FakeQueries, store: FakeStore) -> None:
        self.queries = queries
        self.store = store
        self.passwords: list[str | None] = []

    async def create(self, ref: StationRef, password: str | None = None, **fields: Any) -> Station:
        if any(station.ref == ref for station in self.queries.all_stations.values()):
            raise AlreadyThere(str(ref))
        station = Station(key=self.store.take(), tenant=ref.tenant, identity=ref.identity, created_at=T0, **fields)
        return await self.change(station, password)

    async def change(self, station: Station, password: str | None = None, **fields: Any) -> Station:
        self.passwords.append(password)
        if password is not None:
            fields["password_hash"] = "hashed"
        changed = msgspec.structs.replace(station, **fields)
        self.queries.all_stations[changed.key] = changed
        return changed

    async def name_evse(self, station: Station, evse_id: int, connector_id: int, eid: str | None) -> None:
        if eid is None:
            self.queries.eids.pop((evse_id, connector_id), None)
        else:
            self.queries.eids[evse_id, connector_id] = eid


CHEAP = HashCost(memory_kib=8, passes=1)
PASSWORD = "correct horse battery"


class World:
    """Everything behind the API, and clients for each role."""

    _app: Litestar | None = None
    """One for all tests: it is slow to make, and remembers nothing but its state."""

    def __init__(self) -> None:
        self.bus = MemoryBus()
        self.clock = WallClock()
        self.queries = FakeQueries()
        self.store = FakeStore(self.queries, self.bus)
        self.commands = FakeCommands(self.queries)
        self.stations = FakeStations(self.queries, self.store)
        self.ring = KeyRing(self.store, self.store, self.store, self.bus, self.clock, b"pepper")
        store, reads = self.store, self.queries
        self.sessions = SessionRing(reads, store, store, self.bus, self.clock, self.ring.secrets)
        self.people = PeopleDesk(reads, store, store, self.clock, self.sessions, PersonPasswords(CHEAP))
        self.services = Services(
            commands=self.commands,
            judgement=Judgement(self.queries, CsmsSettings()),
            stations=self.stations,
            transactions=cast("Any", None),
            queries=self.queries,
            journal=self.store,
            keys=self.store,
            outbox=self.store,
            bus=self.bus,
            clock=self.clock,
            blobs=MemoryBlobs(),
            firmware=FirmwareDesk(cast("Any", None), cast("Any", None), cast("Any", self.commands), self.clock),
            tariffs=cast("Any", None),
            bills=cast("Any", None),
            retention=cast("Any", None),
            prices=cast("Any", None),
            web_payments=cast("Any", None),
            drivers=cast("Any", None),
            key_ring=self.ring,
            people=self.people,
            sign_in=SignInDesk(reads, store, store, self.clock, self.people),
            version="1.2.3",
            figures=(Figure(name="stations_connected", help="Stations connected.", read=lambda: 7),),
        )
        self.app = World._app = World._app or create_app(self.services)
        self.app.state = state_of(self.services)

    def client(self, secret: str | None = None) -> httpx.AsyncClient:
        headers = {} if secret is None else {"Authorization": f"Bearer {secret}"}
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
        return httpx.AsyncClient(transport=transport, base_url="http://csms.test", headers=headers)

    async def person(self, name: str = "jo", role: Any = "viewer", tenant: str = "default") -> Person:
        """Somebody whose password is PASSWORD."""
        return await self.people.create(tenant, name, role, PASSWORD)

    async def signed_in(self, role: Any, name: str | None = None, tenant: str = "default") -> httpx.AsyncClient:
        """A client with a new person's session."""
        person = await self.person(name or f"{role}-{len(self.queries.all_people)}", role, tenant)
        session, token, records = self.sessions.begun(person, "here", "tests")
        await self.store.store(records)
        self.sessions.add(session)
        return self.client(token)

    async def client_of(self, role: Any, tenant: str = "default") -> httpx.AsyncClient:
        _, secret = await self.ring.make(tenant, f"{role} of {tenant}", role)
        return self.client(secret)

    def add_station(self, key: int = 1, **fields: Any) -> Station:
        values = {"identity": f"CS-{key}", "tenant": "default", "created_at": T0} | fields
        self.queries.all_stations[key] = Station(key=key, **values)
        return self.queries.all_stations[key]

    def add_transaction(self, key: int = 10, **fields: Any) -> Transaction:
        values = {
            "tenant": "default",
            "station_key": 1,
            "wire_id": f"wire-{key}",
            "first_event_at": T0,
            "received_at": T0,
            "started_at": T0,
        }
        self.queries.all_transactions[key] = Transaction(key=key, **(values | fields))
        return self.queries.all_transactions[key]


@pytest.fixture
async def world() -> AsyncIterator[World]:
    made = World()
    started, ending = asyncio.Event(), asyncio.Event()

    async def live() -> None:
        async with made.app.lifespan():
            started.set()
            await ending.wait()

    living = asyncio.create_task(live())  # the framework wants one task to begin and to end it
    await started.wait()
    yield made
    ending.set()
    await living


@pytest.fixture
async def viewer(world: World) -> httpx.AsyncClient:
    return await world.client_of("viewer")


@pytest.fixture
async def operator(world: World) -> httpx.AsyncClient:
    return await world.client_of("operator")


@pytest.fixture
async def administrator(world: World) -> httpx.AsyncClient:
    return await world.client_of("administrator")


@pytest.fixture
async def stranger(world: World) -> httpx.AsyncClient:
    """An administrator, but of another tenant."""
    return await world.client_of("administrator", "other")
