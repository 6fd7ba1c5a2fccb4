"""The settings of a node as its API shows them."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from stationmaster.api.http.services import NodeSetting
from stationmaster.cli.settings import SECTIONS, SETTINGS, ServeSettings, Setting
from stationmaster.domain.identity import DEFAULT_TENANT


def settings_of_tenants(settings: ServeSettings) -> Callable[[str], Sequence[NodeSetting]]:
    """What is in force by tenant. The default tenant's administrators run the node: they see all of it."""

    def of_tenant(tenant: str) -> Sequence[NodeSetting]:
        own = settings.of_tenant(tenant) if tenant in settings.tenants else settings
        rows = [row for row in SETTINGS if tenant == DEFAULT_TENANT or row.per_tenant]
        return [_shown(row, getattr(own, row.name)) for row in rows]

    return of_tenant


def _shown(row: Setting, value: Any) -> NodeSetting:
    return NodeSetting(
        name=row.name,
        section=row.section,
        section_title=SECTIONS[row.section],
        help=row.help,
        value=_plain(value),
        default=_plain(row.default),
        flag=row.flag,
        environment_variable=row.environment_variable,
        per_tenant=row.per_tenant,
    )


def _plain(value: Any) -> int | float | bool | str:
    return str(value) if isinstance(value, Path) else value
