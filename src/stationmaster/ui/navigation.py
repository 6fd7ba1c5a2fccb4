"""What pages there are, in the order and the groups of the menu."""

from typing import Literal

import msgspec

Role = Literal["viewer", "operator", "administrator"]
ROLES: tuple[Role, ...] = ("viewer", "operator", "administrator")


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """A page of the menu. ``role``: the least that may open it."""

    path: str
    title: str
    icon: str
    group: str
    role: Role = "viewer"


ENTRIES: tuple[Entry, ...] = (
    Entry(path="/", title="Overview", icon="space_dashboard", group=""),
    Entry(path="/stations", title="Stations", icon="ev_station", group=""),
    Entry(path="/transactions", title="Transactions", icon="receipt_long", group=""),
    Entry(path="/alarms", title="Alarms", icon="notification_important", group=""),
    Entry(path="/smart-charging", title="Smart charging", icon="insights", group=""),
    Entry(path="/tokens", title="Tokens", icon="badge", group="Drivers"),
    Entry(path="/reservations", title="Reservations", icon="event_available", group="Drivers"),
    Entry(path="/tariffs", title="Tariffs", icon="sell", group="Drivers"),
    Entry(path="/firmware", title="Firmware", icon="system_update_alt", group="Hardware"),
    Entry(path="/display-messages", title="Display messages", icon="sms", group="Hardware"),
    Entry(path="/messages", title="Message log", icon="forum", group="Hardware", role="operator"),
    Entry(path="/sites", title="Sites", icon="place", group="Administration"),
    Entry(path="/settings", title="Settings", icon="settings", group="Administration"),
    Entry(path="/people", title="People", icon="group", group="Administration", role="administrator"),
    Entry(path="/api-keys", title="API keys", icon="vpn_key", group="Administration", role="administrator"),
    Entry(path="/audit", title="Audit log", icon="history_edu", group="Administration", role="administrator"),
)


def may(role: str, needed: Role) -> bool:
    """Whether a role is enough to be offered something: the API decides by itself."""
    return role in ROLES and ROLES.index(role) >= ROLES.index(needed)


def entry_of(path: str) -> Entry | None:
    """The entry that a page belongs to: its own, or that of the list it is opened from."""
    inner = [entry for entry in ENTRIES if entry.path != "/" and (path + "/").startswith(entry.path + "/")]
    return (
        max(inner, key=lambda entry: len(entry.path)) if inner else next((e for e in ENTRIES if e.path == path), None)
    )
