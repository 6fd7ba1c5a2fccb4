"""The node that `serve` runs, with tenants of its configuration, and what it keeps up."""

import asyncio
import socket
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
import structlog

from stationmaster.cli.config import load
from stationmaster.cli.node import Node, running_node
from stationmaster.cli.node_terms import csms_settings, retention_terms, session_terms
from stationmaster.cli.settings import ServeSettings
from stationmaster.clock.scaled import ScaledClock
from stationmaster.clock.wall import WallClock
from stationmaster.csms.settings import TenantPolicy
from stationmaster.domain.station import Station
from stationmaster.domain.transfer import Transfer
from stationmaster.ocpp.version import Version
from stationmaster.storage.engine import DatabaseUnusable
from stationmaster.storage.retention import Retention
from stationmaster.testing.bench import BOOTS
from stationmaster.testing.wire import WireClient
from stationmaster.transport import websocket_client
from stationmaster.transport.callback_address import Reach
from stationmaster.transport.errors import ConnectRefused
from stationmaster.transport.file_client import FileClient

CONFIG = """
[network]
ocpp_port = 0
api_port = 0
files_port = 0
pages = false
[storage]
data_dir = "data"
[tenants.a]
registration = "open"
first_status = "Pending"
log_id_tokens = "plain"
[tenants.b]
"""


@pytest.fixture
def settings(tmp_path: Path) -> ServeSettings:
    (tmp_path / "stationmaster.toml").write_text(CONFIG)
    return load({}, {}, directory=tmp_path).settings


@pytest.fixture
async def node(settings: ServeSettings) -> AsyncIterator[Node]:
    async with running_node(settings) as running:
        yield running


async def dial(node: Node, path: str) -> WireClient:
    """Connect to a path below the URL that the node tells. Raises ConnectRefused."""
    client = WireClient(Version.V201)
    client.connection = await websocket_client.connect(
        f"{node.info.ocpp_url}/{path}",
        subprotocols=(Version.V201.subprotocol,),
        receiver_factory=lambda _: client,
    )
    return client


async def test_a_station_is_let_in_by_the_policy_of_its_tenant_or_else_listed_for_its_operator(node: Node) -> None:
    client = await dial(node, "a/S1")
    answer = await client.call("BootNotification", BOOTS[2])
    for path in ("b/S2", "S3", "c/S4"):
        with pytest.raises(ConnectRefused) as refused:
            await dial(node, path)
        assert refused.value.status == 404
    client.connection.close(1000, "")
    await client.closed
    reads = node.storage.reads
    async with asyncio.timeout(5):  # callers are written in the background
        while not all([(await reads.unknown_callers(tenant)).items for tenant in ("b", "c", "default")]):
            await asyncio.sleep(0.01)

    assert answer["status"] == "Pending"
    assert await reads.find_station("a", "S1") is not None
    assert await reads.tenants() == ["a", "b", "default"]
    listed = {tenant: (await reads.unknown_callers(tenant)).items for tenant in ("a", "b", "default")}
    assert {tenant: [caller.identity for caller in callers] for tenant, callers in listed.items()} == {
        "a": [],
        "b": ["S2"],
        "default": ["S3"],
    }


async def test_each_tenant_gets_a_key_and_an_administrator_at_its_first_start_alone(settings: ServeSettings) -> None:
    async with running_node(settings) as first:
        told = _secrets(first)
        people = [await first.storage.reads.person_named(tenant, "admin") for tenant in ("default", "a", "b")]
    async with running_node(settings) as second:
        again = _secrets(second)

    assert list(first.info.tenants) == list(first.info.passwords) == ["a", "b"]
    assert len(set(told)) == 6 and all(told)
    assert [person is not None and person.role for person in people] == ["administrator"] * 3
    assert again == [None] * 6
    assert not any(secret in repr(first.info) for secret in told if secret)


async def test_a_start_that_finds_its_port_taken_leaves_the_secrets_to_the_next(settings: ServeSettings) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        busy = msgspec.structs.replace(settings, api_port=taken.getsockname()[1])
        with pytest.raises(OSError, match="in use"):
            async with running_node(busy):
                pass
    async with running_node(settings) as node:
        told = _secrets(node)
    assert len(set(told)) == 6 and all(told)


def _secrets(node: Node) -> list[str | None]:
    info = node.info
    return [info.api_key, *info.tenants.values(), info.password, *info.passwords.values()]


async def test_how_long_people_stay_signed_in_is_a_setting(settings: ServeSettings) -> None:
    terms = session_terms(msgspec.structs.replace(settings, session_idle_minutes=30, session_days=2))
    assert (terms.idle, terms.longest) == (timedelta(minutes=30), timedelta(days=2))


def test_the_policies_of_the_csms_are_those_of_the_configuration(settings: ServeSettings) -> None:
    made = csms_settings(settings)
    kept = retention_terms(settings)
    closed = TenantPolicy(registration="closed", mask_id_tokens=True, retention=kept)
    opened = TenantPolicy(registration="open", first_status="Pending", mask_id_tokens=False, retention=kept)
    assert (made.default_policy, made.policy("a"), made.policy("b")) == (closed, opened, closed)
    strict = csms_settings(ServeSettings(require_station_auth=True, no_authorization="refuse"))
    assert (strict.default_policy.require_password, strict.default_policy.accept_no_authorization) == (True, False)


async def test_retention_that_dies_is_logged_and_started_again(
    settings: ServeSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs, again = 0, asyncio.Event()

    async def run(*_: Any) -> dict[str, int]:
        nonlocal runs
        runs += 1
        if runs == 1:
            raise RuntimeError("unforeseen")
        again.set()
        return {}

    monkeypatch.setattr(Retention, "run", run)
    with structlog.testing.capture_logs() as logs:
        async with running_node(settings, ScaledClock(3600)), asyncio.timeout(5):
            await again.wait()

    assert [str(line["exc_info"]) for line in logs if line["log_level"] == "error"] == ["unforeseen"]


async def test_stations_bring_files_over_http_and_where_it_is_wanted_over_ftp(settings: ServeSettings) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    with_ftp = msgspec.structs.replace(settings, ftp_port=port, ftp_passive_ports="50000-50099")
    async with running_node(with_ftp) as node:
        files = node.csms.files
        assert list(files.addresses) == ["http", "ftp"]
        assert node.info.files_url == files.addresses["http"]
        station = Station(key=1, tenant="default", identity="S", created_at=WallClock().now())
        transfer = Transfer(
            key=5,
            tenant="default",
            station_key=1,
            purpose="upload",
            opened_at=WallClock().now(),
            expires_at=WallClock().now() + timedelta(hours=1),
            max_bytes=100,
        )
        await node.storage.journal.store([station, transfer])
        for scheme in files.addresses:
            await FileClient().upload(files.url(5, "upload", scheme=scheme), f"{scheme}.log", b"x")
            brought = await node.storage.reads.transfer(5)
            assert brought is not None and brought.file is not None and brought.file.name == f"{scheme}.log"
    assert len(list((with_ftp.data_dir / "files").iterdir())) == 1


async def test_a_data_directory_that_cannot_be_made_is_a_database_that_cannot_be_used(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    settings = ServeSettings(data_dir=tmp_path / "file" / "data", ocpp_port=0, api_port=0, files_port=0, pages=False)
    with pytest.raises(DatabaseUnusable, match="cannot be made"):
        async with running_node(settings):
            pass


async def test_the_data_directory_is_for_nobody_else_to_read(node: Node) -> None:
    assert node.info.data_dir.stat().st_mode & 0o777 == 0o700


async def test_stations_that_speak_soap_post_to_the_port_for_files(settings: ServeSettings) -> None:
    async with running_node(msgspec.structs.replace(settings, soap_loopback_callbacks=True)) as node:
        url = node.info.soap_url
        assert url == f"{node.info.files_url}/soap" == node.csms.soap.url
        async with httpx.AsyncClient() as http:
            shown = await http.get(f"{url}/a/v1.5?wsdl")
            posted = await http.post(url, content=b"<a/>", headers={"Content-Type": "application/soap+xml"})
        assert f'location="{url}/a/v1.5"' in shown.text
        assert (posted.status_code, "ProtocolError" in posted.text) == (400, True)
        assert node.csms.soap.reach == Reach(loopback=True, private=True)


async def test_soap_can_be_switched_off(settings: ServeSettings) -> None:
    async with running_node(msgspec.structs.replace(settings, soap=False)) as node:
        assert node.info.soap_url is None
        async with httpx.AsyncClient() as http:
            assert (await http.get(f"{node.info.files_url}/soap?wsdl")).status_code == 404
