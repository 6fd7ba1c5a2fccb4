"""A way back in for who has lost their password."""

import asyncio
import re
from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner, Result

from stationmaster.cli.main import app
from stationmaster.cli.node import running_node
from stationmaster.cli.settings import DATABASE_NAME, ServeSettings
from stationmaster.domain.people.audit import AuditFilter
from stationmaster.storage.engine import ServeLock


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ServeSettings:
    monkeypatch.chdir(tmp_path)
    return ServeSettings(ocpp_port=0, api_port=0, files_port=0, data_dir=tmp_path, pages=False, tenants={"acme": {}})


def renew(settings: ServeSettings, *arguments: str) -> Result:
    return CliRunner().invoke(app, ["password", *arguments, "--data-dir", str(settings.data_dir)])


async def tried(settings: ServeSettings, password: str | None, tenant: str = "default") -> int:
    """What the API answers to admin with this password; None: the one that the first start told."""
    async with running_node(settings) as node:
        told = {"default": node.info.password, **node.info.passwords}[tenant]
        body = {"name": "admin", "password": password or told, "tenant": tenant}
        async with httpx.AsyncClient(base_url=node.info.api_url, trust_env=False) as client:
            return (await client.post("/api/v1/session", json=body)).status_code


@pytest.mark.parametrize("tenant", ["default", "acme"])
def test_the_first_administrator_signs_in_with_the_password_told_and_later_with_a_renewed_one(
    settings: ServeSettings, tenant: str
) -> None:
    assert asyncio.run(tried(settings, None, tenant)) == 201
    result = renew(settings, "ADMIN", "--tenant", tenant)
    assert result.exit_code == 0, result.output
    found = re.search(r"Password of admin  (\S+)  ", result.stdout)
    assert found is not None
    assert asyncio.run(tried(settings, found[1], tenant)) == 201
    assert asyncio.run(_written(settings, tenant)) == ("command_line", "reset_password", 200)


async def _written(settings: ServeSettings, tenant: str) -> tuple[str, str, int | None]:
    async with running_node(settings) as node:
        assert node.info.password is None and set(node.info.passwords.values()) == {None}
        entries = (await node.storage.reads.audit(AuditFilter(tenant=tenant, operation="reset_password"))).items
    (entry,) = entries
    return entry.actor_kind, entry.operation, entry.status


def test_without_a_database_or_the_person_there_is_nothing_to_renew(settings: ServeSettings) -> None:
    result = renew(settings, "admin")
    assert result.exit_code == 1 and "no database" in result.output
    asyncio.run(tried(settings, "x"))
    result = renew(settings, "nobody")
    assert result.exit_code == 1 and "nobody of the name nobody" in " ".join(result.output.split())


def test_while_a_node_serves_it_changes_nothing(settings: ServeSettings) -> None:
    asyncio.run(tried(settings, "x"))
    lock = ServeLock(str(settings.data_dir / DATABASE_NAME))
    try:
        assert renew(settings, "admin").exit_code == 4
    finally:
        lock.release()
