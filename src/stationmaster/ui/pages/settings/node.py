"""How the node is set up: to be read here, and changed where it is started."""

from itertools import groupby
from typing import Any

from nicegui import ui

from stationmaster.ui.formats import text as shown
from stationmaster.ui.pages.settings.tabs import tabs
from stationmaster.ui.parts.data_table import Column, Row, badge_cell
from stationmaster.ui.parts.page_tabs import page_tabs
from stationmaster.ui.parts.panel import Facts, panel
from stationmaster.ui.parts.plain_table import PlainTable
from stationmaster.ui.visit import Visit, page
from stationmaster.ui.words import VERSIONS, Look, word_of


@page("/settings/node", title="Settings", role="administrator")
async def node(visit: Visit) -> None:
    page_tabs("Settings", tabs(visit), "/settings/node")
    version = await visit.api.get("/version")
    settings = await visit.api.get("/settings")
    with panel("The node"):
        facts = Facts("Version", "OCPP")
        facts.show(
            {"Version": version["version"], "OCPP": ", ".join(word_of(VERSIONS, each) for each in version["ocpp"])}
        )
        ui.label(
            "These are the settings in force. Each is changed by its flag, by its environment variable or by a line in "
            "stationmaster.toml, and holds from the next start on."
        ).classes("sm-quiet")
    for title, rows in groupby(settings, key=lambda each: each["section_title"]):
        with panel(title):
            table = PlainTable(_COLUMNS, label=title, empty="")
            table.table.classes("sm-wraps")
            table.show(list(rows))


def _value(setting: Row) -> Any:
    return (
        shown(setting["value"]) if setting["is_default"] else badge_cell(Look(shown(setting["value"]), "busy", "tune"))
    )


def where(setting: Row) -> str:
    """Where it is changed, in each of the three ways."""
    return f"{setting['flag']}, {setting['environment_variable']}, [{setting['section']}] {setting['name']}"


_COLUMNS = (
    Column(name="name", label="Setting", cell=lambda setting: setting["name"]),
    Column(name="value", label="In force", cell=_value),
    Column(name="help", label="What it is", cell=lambda setting: setting["help"]),
    Column(name="where", label="Where to change it", cell=where, wide_only=True),
)
