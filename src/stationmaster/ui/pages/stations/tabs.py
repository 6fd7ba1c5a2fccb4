"""The tabs of a station's page: a module each, whose ``build`` is called when the tab is opened for the first time."""

from collections.abc import Awaitable, Callable
from typing import Any

import msgspec

from stationmaster.ui.navigation import Role
from stationmaster.ui.pages.stations import (
    certificates,
    charging_profiles,
    configuration,
    data_transfers,
    display,
    firmware,
    health,
    local_list,
    logs,
    messages,
    more,
    now,
    ours,
)
from stationmaster.ui.visit import Visit

Build = Callable[[Visit, dict[str, Any]], Awaitable[None] | None]
"""Called inside the tab's panel with the visit and the API's StationResource, as it was when the page was opened.
What it shows live it watches itself (``visit.watch(…, station_key=station["key"])``). It may raise Problem."""


class Tab(msgspec.Struct, frozen=True, kw_only=True):
    """``name`` stands in the page's address; ``role``: the least that is offered the tab."""

    name: str
    title: str
    icon: str
    build: Build
    role: Role = "viewer"


TABS: tuple[Tab, ...] = (
    Tab(name="now", title="Now", icon="bolt", build=now.build),
    Tab(name="configuration", title="Configuration", icon="tune", build=configuration.build),
    Tab(name="firmware", title="Firmware", icon="system_update_alt", build=firmware.build),
    Tab(name="logs", title="Logs and diagnostics", icon="description", build=logs.build),
    Tab(name="certificates", title="Certificates", icon="workspace_premium", build=certificates.build, role="operator"),
    Tab(name="messages", title="Messages", icon="forum", build=messages.build, role="operator"),
    Tab(name="health", title="Health", icon="monitor_heart", build=health.build),
    Tab(name="display", title="Display", icon="sms", build=display.build),
    Tab(name="local-list", title="Local list", icon="playlist_add_check", build=local_list.build),
    Tab(name="data-transfer", title="Data transfer", icon="swap_horiz", build=data_transfers.build, role="operator"),
    Tab(name="charging-profiles", title="Charging profiles", icon="insights", build=charging_profiles.build),
    Tab(name="more", title="More", icon="more_horiz", build=more.build),
    Tab(name="settings", title="Settings", icon="settings", build=ours.build),
)
