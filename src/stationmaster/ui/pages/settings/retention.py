"""How long a tenant's things are kept."""

from collections.abc import Mapping
from typing import Any

from nicegui import ui

from stationmaster.ui.formats import counted
from stationmaster.ui.pages.settings.tabs import tabs
from stationmaster.ui.parts.data_table import Column
from stationmaster.ui.parts.form import allow
from stationmaster.ui.parts.page_tabs import page_tabs
from stationmaster.ui.parts.panel import panel
from stationmaster.ui.parts.plain_table import PlainTable
from stationmaster.ui.parts.question import Field, ask
from stationmaster.ui.visit import Visit, page

KINDS: Mapping[str, str] = {
    "readings_days": "Meter values",
    "signed_readings_days": "Meter values of transactions that the meter signed",
    "frames_days": "OCPP messages",
    "oddities_days": "What was odd about messages",
    "outbox_days": "Events, for programs that come late",
    "commands_days": "Commands",
    "refusals_days": "Refusals",
    "reservations_days": "Reservations",
    "place_states_days": "States of connectors",
    "security_events_days": "Security events",
    "data_transfers_days": "Vendors' own messages",
    "audit_days": "Audit log",
    "downsample_after_days": "Meter values of a transaction in full, then thinned out",
    "downsample_minutes": "Thinned out to one in",
    "idle_downsample_after_days": "Meter values while nobody charges in full, then thinned out",
    "idle_downsample_minutes": "Those thinned out to one in",
}
"""By the API's names, which end in their unit."""


@page("/settings/retention", title="Settings")
def retention(visit: Visit) -> None:
    page_tabs("Settings", tabs(visit), "/settings/retention")
    now: dict[str, Any] = {}
    with panel("How long things are kept"):
        with ui.row().classes("items-center gap-3 w-full"):
            ui.label("What bills stand on is kept as long as they need it, whatever is said here.").classes(
                "sm-quiet flex-1"
            )
            change = ui.button("Change", icon="edit", on_click=lambda: _change(visit, now)).props("no-caps")
            allow(visit, change, "administrator")
        columns = (
            Column(name="kind", label="What", cell=lambda row: row["kind"]),
            Column(name="kept", label="Kept", cell=lambda row: row["kept"]),
            Column(name="by", label="Said by", cell=lambda row: row["by"]),
        )
        table = PlainTable(columns, label="How long things are kept", empty="")
        table.table.classes("sm-wraps")

    def show(found: dict[str, Any]) -> None:
        now.update(found)
        table.show(rows_of(found))

    visit.watch("/retention", show, kinds=("RetentionChanged",), every_s=60.0)


def rows_of(found: Mapping[str, Any]) -> list[dict[str, Any]]:
    """A row for each kind that is known here, and for any that the API has besides."""
    return [
        {
            "kind": KINDS.get(name, name),
            "kept": kept(name, value),
            "by": "you" if found["own"].get(name) is not None else "the node",
        }
        for name, value in found["in_force"].items()
    ]


def kept(name: str, value: int | None) -> str:
    """``400 days``, ``60 minutes``, ``for ever``."""
    if value is None:
        return "for ever"
    return counted(value, "minute" if name.endswith("_minutes") else "day")


def _change(visit: Visit, now: Mapping[str, Any]) -> None:
    own = now.get("own", {})

    async def send(body: dict[str, Any]) -> None:
        await visit.api.put("/retention", body)
        ui.notify("It holds within the hour", type="positive")

    fields = [
        Field(
            path=name,
            label=f"{KINDS.get(name, name)} ({'minutes' if name.endswith('_minutes') else 'days'})",
            kind="number",
            value=own.get(name),
            hint=f"Empty: as the node has it, now {kept(name, value)}." + ("" if _minutes(name) else " 0: for ever."),
        )
        for name, value in now.get("in_force", {}).items()
    ]
    ask(visit, "How long things are kept", "Save", fields, send, role="administrator")


def _minutes(name: str) -> bool:
    return name.endswith("_minutes")
