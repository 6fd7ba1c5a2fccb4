"""A node put together: storage, bus, CSMS, listeners for stations and for people. The composition root of `serve`."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import structlog

from stationmaster import __version__
from stationmaster.api.app import create_app
from stationmaster.api.http.keys import KeyRing
from stationmaster.api.http.server import serve_api
from stationmaster.api.http.services import Services
from stationmaster.api.metrics import Figure
from stationmaster.bus.memory import MemoryBus
from stationmaster.cli.authorization import oracle_of, outside_policy
from stationmaster.cli.collector import calm
from stationmaster.cli.node_info import NodeInfo
from stationmaster.cli.node_settings import settings_of_tenants
from stationmaster.cli.payments import vat_oracle_of, vat_policy, web_payment_policy
from stationmaster.cli.settings import USUAL, ServeSettings
from stationmaster.clock.wall import WallClock
from stationmaster.csms.app import CSMS
from stationmaster.csms.background import Background, kept_up
from stationmaster.csms.firmware.transfers import TransferDesk
from stationmaster.csms.people.desk import PeopleDesk
from stationmaster.csms.people.sessions import SessionRing
from stationmaster.csms.people.sign_in import SignInDesk
from stationmaster.csms.ports import Clock, OtherSystems
from stationmaster.csms.settings import CsmsSettings, FileSettings, TenantPolicy
from stationmaster.domain.failures import StorageFailed
from stationmaster.domain.identity import DEFAULT_TENANT
from stationmaster.domain.people.person import SessionTerms
from stationmaster.domain.retention import RetentionPolicy, RetentionTerms, with_terms
from stationmaster.security.pepper import load_pepper
from stationmaster.security.person_passwords import PersonPasswords
from stationmaster.storage.blobs import DirectoryBlobs
from stationmaster.storage.engine import DatabaseUnusable
from stationmaster.storage.sqlite import SQLiteStorage
from stationmaster.transport.file_server import FileServer, serve_files
from stationmaster.transport.limits import Limits
from stationmaster.transport.websocket_server import Server, serve

if TYPE_CHECKING:
    from litestar import Litestar

    from stationmaster.transport.ftp_server import FtpServer
    from stationmaster.ui.app import Front

log = structlog.get_logger(__name__)

RETENTION_EVERY_S = 3600.0
FILES = "files"
"""The directory of stations' files and of firmware images, in the data directory."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """A node that is up."""

    csms: CSMS
    storage: SQLiteStorage
    bus: MemoryBus
    ocpp: Server
    files: FileServer
    info: NodeInfo


class Ready(Protocol):
    def __call__(self, node: NodeInfo, /) -> None: ...


async def run_node(settings: ServeSettings, ready: Ready) -> None:
    """Serve until cancelled, then end in order: no new messages, those received are stored and answered."""
    async with running_node(settings) as node:
        calm()
        ready(node.info)
        await asyncio.Event().wait()


@asynccontextmanager
async def running_node(settings: ServeSettings, clock: Clock | None = None) -> AsyncIterator[Node]:
    """A node for as long as the context lasts. ``clock``: another than the wall's, for demonstrations."""
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
        front = _pages(app, bus) if settings.pages else None
        api = await serve_api(app, settings.api_host, settings.api_port, front)
        stack.push_async_callback(api.close)
        # Secrets are shown once: they are made when nothing more can keep them from being shown.
        tenants = (DEFAULT_TENANT, *settings.tenants)
        api_keys = {name: await key_ring.ensure_first(name) for name in tenants}
        passwords = {name: await given.people.ensure_first(name) for name in tenants}
        info = NodeInfo(
            ocpp_url=given.ocpp_url,
            api_url=f"http://{_shown(settings.api_host)}:{api.port}",
            files_url=csms.files.addresses["http"],
            data_dir=settings.data_dir,
            api_key=api_keys.pop(DEFAULT_TENANT),
            password=passwords.pop(DEFAULT_TENANT),
            tenants=api_keys,
            passwords=passwords,
        )
        yield Node(csms=csms, storage=storage, bus=bus, ocpp=ocpp, files=files, info=info)


def _pages(app: "Litestar", bus: MemoryBus) -> "Front":
    """Imported only where pages are wanted: their framework takes a second to load."""
    from stationmaster.cli.pages import front_of

    return front_of(app, bus)


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
        figures=_figures(csms),
        settings=settings_of_tenants(settings),
    )


def session_terms(settings: ServeSettings) -> SessionTerms:
    return SessionTerms(
        idle=timedelta(minutes=settings.session_idle_minutes), longest=timedelta(days=settings.session_days)
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


def csms_settings(settings: ServeSettings) -> CsmsSettings:
    """How the CSMS is to behave, for all and for each tenant."""
    return CsmsSettings(
        heartbeat_interval_s=settings.heartbeat_interval_s,
        boot_retry_interval_s=settings.boot_retry_interval_s,
        call_timeout_s=settings.call_timeout_s,
        strictness=settings.strictness,
        message_log=settings.message_log,
        inventory=settings.inventory,
        monitor_reports=settings.monitor_reports,
        files=file_settings(settings),
        retention=retention_policy(settings),
        default_policy=tenant_policy(settings),
        policies={name: tenant_policy(settings.of_tenant(name)) for name in settings.tenants},
    )


def tenant_policy(settings: ServeSettings) -> TenantPolicy:
    """From the settings as they hold for the tenant."""
    return TenantPolicy(
        registration=settings.registration,
        first_status=settings.first_status,
        require_password=settings.require_station_auth,
        accept_no_authorization=settings.no_authorization == "accept",
        mask_id_tokens=settings.log_id_tokens == "mask",
        certificate_requests=settings.certificate_requests,
        least_battery_soh_pct=settings.least_battery_soh_pct,
        outside=outside_policy(settings),
        prepaid_hold_most=Decimal(settings.prepaid_hold_most) if settings.prepaid_hold_most else None,
        local_lists=settings.local_lists,
        lists_limited_tokens=settings.lists_limited_tokens,
        receipt_url=settings.receipt_url or None,
        erase_signed_values=settings.erase_signed_values,
        retention=retention_terms(settings),
        direct_payments=settings.direct_payments,
        web_payments=web_payment_policy(settings),
        vat=vat_policy(settings),
        transactions_ask_after_h=settings.transactions_ask_after_h,
        transactions_close_after_d=settings.transactions_close_after_d,
    )


def file_settings(settings: ServeSettings) -> FileSettings:
    return FileSettings(
        max_upload_bytes=settings.max_upload_mib * 1024 * 1024, quota_bytes=settings.files_quota_mib * 1024 * 1024
    )


async def _serve_stations(csms: CSMS, settings: ServeSettings, stack: AsyncExitStack) -> tuple[FileServer, Server]:
    """Open the listeners for stations; they are closed with the stack."""
    files = await serve_files(csms.files, settings.files_host, settings.files_port)
    stack.push_async_callback(files.close)
    csms.files.addresses["http"] = files_url(settings, files.port)
    ocpp = await serve(
        settings.ocpp_host,
        settings.ocpp_port,
        admit=csms.admit,
        connected=csms.connected,
        limits=limits(settings),
    )
    stack.push_async_callback(ocpp.close)
    if settings.ftp_port:
        stack.push_async_callback((await _serve_ftp(csms.files, settings)).close)
    return files, ocpp


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


def ocpp_url(settings: ServeSettings, port: int) -> str:
    """How stations reach the listener for OCPP: what they add their identity to."""
    own = settings.ocpp_url == "auto"
    return f"ws://{_shown(settings.ocpp_host)}:{port}/ocpp" if own else settings.ocpp_url.rstrip("/")


def limits(settings: ServeSettings) -> Limits:
    return Limits(
        max_message_bytes=settings.max_message_kib * 1024,
        max_connections=settings.max_connections,
        ping_interval_s=settings.websocket_ping_interval_s,
    )


def retention_policy(settings: ServeSettings) -> RetentionPolicy:
    """How long things are kept of tenants that say nothing else."""
    return with_terms(RetentionPolicy(), retention_terms(settings))


def retention_terms(settings: ServeSettings) -> RetentionTerms:
    """From the settings as they hold for the tenant."""
    return RetentionTerms(
        readings_days=settings.readings_days,
        signed_readings_days=settings.signed_readings_days,
        frames_days=settings.frames_days,
        oddities_days=settings.oddities_days,
        outbox_days=settings.outbox_days,
        downsample_after_days=settings.downsample_after_days,
        downsample_minutes=settings.downsample_minutes,
        idle_downsample_after_days=settings.idle_downsample_after_days,
        idle_downsample_minutes=settings.idle_downsample_minutes,
    )


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
