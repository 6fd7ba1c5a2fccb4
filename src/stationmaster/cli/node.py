"""A node put together: storage, bus, CSMS, listeners for stations and for people. The composition root of `serve`."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import structlog

from stationmaster import __version__
from stationmaster.api.app import create_app
from stationmaster.api.http.keys import KeyRing
from stationmaster.api.http.server import listen, port_of, serve
from stationmaster.api.http.services import Services
from stationmaster.api.metrics import Figure
from stationmaster.bus.memory import MemoryBus
from stationmaster.cli.authorization import oracle_of
from stationmaster.cli.collector import calm
from stationmaster.cli.first_secrets import FirstSecrets, first_secrets, shown
from stationmaster.cli.node_info import NodeInfo
from stationmaster.cli.node_settings import settings_of_tenants
from stationmaster.cli.node_terms import csms_settings, http_limits, limits, session_terms
from stationmaster.cli.payments import vat_oracle_of
from stationmaster.cli.settings import USUAL, ServeSettings
from stationmaster.clock.wall import WallClock
from stationmaster.csms.app import CSMS
from stationmaster.csms.background import Background, kept_up
from stationmaster.csms.firmware.transfers import TransferDesk
from stationmaster.csms.people.desk import PeopleDesk
from stationmaster.csms.people.sessions import SessionRing
from stationmaster.csms.people.sign_in import SignInDesk
from stationmaster.csms.ports import Clock, OtherSystems
from stationmaster.domain.failures import StorageFailed
from stationmaster.domain.identity import DEFAULT_TENANT
from stationmaster.security.pepper import load_pepper
from stationmaster.security.person_passwords import PersonPasswords
from stationmaster.storage.blobs import DirectoryBlobs
from stationmaster.storage.engine import DatabaseUnusable
from stationmaster.storage.sqlite import SQLiteStorage
from stationmaster.transport import websocket_server
from stationmaster.transport.file_server import FileServer, serve_files
from stationmaster.transport.soap_client import SoapClient

if TYPE_CHECKING:
    from litestar import Litestar

    from stationmaster.transport.ftp_server import FtpServer

log = structlog.get_logger(__name__)

RETENTION_EVERY_S = 3600.0
SOAP = "/soap"
FILES = "files"
"""The directory of stations' files and of firmware images, in the data directory."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """A node that is up."""

    csms: CSMS
    storage: SQLiteStorage
    bus: MemoryBus
    ocpp: websocket_server.Server
    files: FileServer
    info: NodeInfo


class Ready(Protocol):
    def __call__(self, node: NodeInfo, /) -> None: ...


async def run_node(settings: ServeSettings, ready: Ready) -> None:
    """Serve until cancelled, then end in order: no new messages, those received are stored and answered."""

    def tell(info: NodeInfo) -> None:
        calm()
        ready(info)

    async with running_node(settings, ready=tell):
        await asyncio.Event().wait()


@asynccontextmanager
async def running_node(
    settings: ServeSettings, clock: Clock | None = None, ready: Ready | None = None
) -> AsyncIterator[Node]:
    """A node for as long as the context lasts. ``clock``: another than the wall's, for demonstrations. ``ready``: to
    be told of it; without it, whoever enters is."""
    clock = clock or WallClock()
    _make_directory(settings.data_dir)
    pepper = load_pepper(settings.data_dir)
    async with AsyncExitStack() as stack:
        storage = await SQLiteStorage.open(str(settings.database_path))
        stack.push_async_callback(storage.close)
        for tenant in settings.tenants:
            await storage.add_tenant(tenant)
        bus = MemoryBus()
        blobs = await DirectoryBlobs.open(settings.data_dir / FILES)
        oracle = oracle_of(settings)
        if oracle is not None:
            stack.push_async_callback(oracle.close)
        vat_oracle = vat_oracle_of(settings)
        if vat_oracle is not None:
            stack.push_async_callback(vat_oracle.close)
        others = OtherSystems(tokens=oracle, vat=vat_oracle)
        csms = CSMS(storage, bus, clock, csms_settings(settings), pepper, blobs, others)
        await csms.start()
        stack.push_async_callback(csms.stop)
        files, ocpp = await _serve_stations(csms, settings, stack)
        background = Background()
        stack.push_async_callback(background.stop)
        background.start(kept_up(partial(_retain, storage, csms, clock), clock))
        key_ring = KeyRing(storage.reads, storage.journal, storage.keys, bus, clock, pepper)
        given = services(csms, storage, bus, clock, key_ring, settings, ocpp_url(settings, ocpp.port))
        stack.callback(given.people.passwords.close)
        app = create_app(given)
        port = await _serve_people(app, bus, settings, stack)
        csms.soap.own.add(port)
        # Secrets are shown once: they are made when nothing more can keep them from being shown.
        tenants = (DEFAULT_TENANT, *settings.tenants)
        first = await first_secrets(settings.data_dir, tenants, key_ring, given.people)
        info = _info(given, first, settings, port, csms.files.addresses["http"])
        if ready is not None:
            ready(info)
        shown(settings.data_dir)
        yield Node(csms=csms, storage=storage, bus=bus, ocpp=ocpp, files=files, info=info)


def _info(given: Services, first: FirstSecrets, settings: ServeSettings, api_port: int, files_url: str) -> NodeInfo:
    keys, passwords = dict(first.keys), dict(first.passwords)
    return NodeInfo(
        ocpp_url=given.ocpp_url,
        soap_url=given.soap_url,
        api_url=f"http://{_shown(settings.api_host)}:{api_port}",
        files_url=files_url,
        data_dir=settings.data_dir,
        api_key=keys.pop(DEFAULT_TENANT),
        password=passwords.pop(DEFAULT_TENANT),
        tenants=keys,
        passwords=passwords,
    )


async def _serve_people(app: "Litestar", bus: MemoryBus, settings: ServeSettings, stack: AsyncExitStack) -> int:
    """Open the listener for people and programs, which is closed with the stack; the result is its port."""
    listeners = await listen(settings.api_host, settings.api_port)
    port = port_of(listeners)
    if settings.pages:
        from stationmaster.cli.pages.before import pages_before

        await stack.enter_async_context(pages_before(app, listeners, bus, settings))
    else:
        stack.push_async_callback((await serve(app, listeners, ending=app.state.streams.end)).close)
    return port


def _make_directory(path: Path) -> None:
    """For nobody else to read: keys are in it."""
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise DatabaseUnusable(f"the data directory {path} cannot be made: {error.strerror}") from error


def services(
    csms: CSMS,
    storage: SQLiteStorage,
    bus: MemoryBus,
    clock: Clock,
    key_ring: KeyRing,
    settings: ServeSettings = USUAL,
    ocpp_url: str = "",
) -> Services:
    """What the API works with. ``ocpp_url``: what stations add their identity to."""
    reads, journal, keys = storage.reads, storage.journal, storage.keys
    sessions = SessionRing(reads, journal, keys, bus, clock, key_ring.secrets, session_terms(settings))
    people = PeopleDesk(reads, journal, keys, clock, sessions, PersonPasswords())
    return Services(
        commands=csms.commands,
        judgement=csms.judgement,
        stations=csms.stations,
        transactions=csms.transactions,
        queries=reads,
        journal=journal,
        keys=keys,
        outbox=storage.outbox,
        bus=bus,
        clock=clock,
        key_ring=key_ring,
        people=people,
        sign_in=SignInDesk(reads, journal, keys, clock, people),
        blobs=csms.files.blobs,
        firmware=csms.firmware,
        drivers=csms.drivers,
        tariffs=csms.tariffs,
        prices=csms.prices,
        bills=csms.bills,
        retention=csms.retention,
        web_payments=csms.web_payments,
        version=__version__,
        ocpp_url=ocpp_url,
        soap_url=csms.soap.url,
        figures=_figures(csms),
        settings=settings_of_tenants(settings),
    )


def _figures(csms: CSMS) -> tuple[Figure, ...]:
    return (
        Figure(name="stations_known", help="Stations in the directory.", read=lambda: len(csms.directory)),
        Figure(
            name="stations_connected",
            help="Stations connected to this node.",
            read=lambda: sum(desk.session is not None for desk in csms.directory),
        ),
        Figure(
            name="log_frames_dropped",
            help="Frames that the message log had no room for.",
            read=lambda: csms.message_log.dropped if csms.message_log else 0,
            kind="counter",
        ),
        Figure(
            name="outside_asked",
            help="Questions to outside authorization systems.",
            read=lambda: csms.outside.asked if csms.outside else 0,
            kind="counter",
        ),
        Figure(
            name="outside_silent",
            help="Questions that they did not answer in time, or not readably.",
            read=lambda: csms.outside.silent if csms.outside else 0,
            kind="counter",
        ),
    )


def _shown(host: str) -> str:
    """A host as it stands in a URL; the wildcard addresses are reached by loopback."""
    reached = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - compared, not bound
    return f"[{reached}]" if ":" in reached else reached


async def _serve_stations(
    csms: CSMS, settings: ServeSettings, stack: AsyncExitStack
) -> tuple[FileServer, websocket_server.Server]:
    """Open the listeners for stations; they are closed with the stack, at once: each may wait for silent stations."""
    routes = (csms.soap_route().on(),) if settings.soap else ()
    if settings.soap:
        client = SoapClient(reach=csms.soap.reach, own=csms.soap.own)
        stack.push_async_callback(client.close)
        csms.soap.client = client
    opened: list[Callable[[], Awaitable[None]]] = []
    stack.push_async_callback(_all_of, opened)
    files = await serve_files(
        csms.files, settings.files_host, settings.files_port, limits=http_limits(settings), routes=routes
    )
    opened.append(files.close)
    csms.files.addresses["http"] = files_url(settings, files.port)
    csms.soap.url = soap_url(settings, files.port) if settings.soap else None
    csms.soap.own.add(files.port, csms.files.addresses["http"], csms.soap.url or "")
    ocpp = await websocket_server.serve(
        settings.ocpp_host,
        settings.ocpp_port,
        admit=csms.admit,
        connected=csms.connected,
        limits=limits(settings),
    )
    opened.append(ocpp.close)
    csms.soap.own.add(ocpp.port, ocpp_url(settings, ocpp.port))
    if settings.ftp_port:
        ftp = await _serve_ftp(csms.files, settings)
        opened.append(ftp.close)
        csms.soap.own.add(ftp.port, csms.files.addresses["ftp"])
    return files, ocpp


async def _all_of(works: Sequence[Callable[[], Awaitable[None]]]) -> None:
    await asyncio.gather(*(work() for work in works))


async def _serve_ftp(files: TransferDesk, settings: ServeSettings) -> "FtpServer":
    """pyftpdlib is loaded where it is wanted only."""
    from stationmaster.transport.ftp_server import serve_ftp

    first, last = map(int, settings.ftp_passive_ports.split("-"))
    address = None if settings.ftp_address == "auto" else settings.ftp_address
    server = await serve_ftp(
        files, settings.files_host, settings.ftp_port, passive_ports=range(first, last + 1), address=address
    )
    files.addresses["ftp"] = f"ftp://{address or _shown(settings.files_host)}:{server.port}"
    return server


def files_url(settings: ServeSettings, port: int) -> str:
    """How stations reach the listener for files."""
    return f"http://{_shown(settings.files_host)}:{port}" if settings.files_url == "auto" else settings.files_url


def soap_url(settings: ServeSettings, port: int) -> str:
    """Where stations post that speak SOAP."""
    own = settings.soap_url == "auto"
    return f"{files_url(settings, port).rstrip('/')}{SOAP}" if own else settings.soap_url.rstrip("/")


def ocpp_url(settings: ServeSettings, port: int) -> str:
    """How stations reach the listener for OCPP: what they add their identity to."""
    own = settings.ocpp_url == "auto"
    return f"ws://{_shown(settings.ocpp_host)}:{port}/ocpp" if own else settings.ocpp_url.rstrip("/")


async def _retain(storage: SQLiteStorage, csms: CSMS, clock: Clock) -> None:
    while True:
        try:
            own = await csms.retention.of_tenants()
            gone = await storage.retention.run(csms.retention.program, clock.now(), own)
            gone["files"] = await csms.files.sweep()
        except StorageFailed as failed:
            log.error("retention failed", reason=str(failed))
        else:
            log.debug("retention", **gone)
        await clock.sleep(RETENTION_EVERY_S)
