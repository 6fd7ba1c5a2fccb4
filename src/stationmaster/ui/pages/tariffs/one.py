"""One tariff: its prices, whom it is for, its versions; what it would cost; and its price told to stations."""

from typing import Any

from nicegui import ui

from stationmaster.ui.formats import moment
from stationmaster.ui.formats import text as shown
from stationmaster.ui.pages.tariffs.assignments import table_of
from stationmaster.ui.pages.tariffs.preview import Preview
from stationmaster.ui.pages.tariffs.publish import PublishOutcomes, publish
from stationmaster.ui.pages.tariffs.words import LOOKS, bounds_in_words, path_of, price_rows
from stationmaster.ui.parts.badge import StateBadge
from stationmaster.ui.parts.data_table import Column, badge_cell
from stationmaster.ui.parts.form import allow
from stationmaster.ui.parts.panel import Facts, panel
from stationmaster.ui.parts.plain_table import PlainTable
from stationmaster.ui.visit import Visit, page
from stationmaster.ui.words import look_of

_PAUSES = {"paused": "nothing", "idle": "idle time", "charging": "charging time"}
_WAITS = {"free": "nothing", "idle": "idle time", "charging": "charging time"}
_AFTER = {"none": "nothing", "idle": "idle time"}


@page("/tariffs/{name}", title="Tariff")
async def tariff(visit: Visit, name: str) -> None:
    versions = (await visit.api.get(f"{path_of(name)}/versions"))["items"]
    ui.page_title(f"{versions[0]['name']} · Stationmaster")
    with ui.row().classes("items-center gap-2 w-full"):
        ui.link("All tariffs", "/tariffs").classes("sm-link")
        ui.space()
        change = ui.button("Change", icon="edit", on_click=lambda: ui.navigate.to(f"{path_of(name)}/change"))
        allow(visit, change, "administrator")
        tell = ui.button("Show at stations", icon="campaign", on_click=lambda: publish(visit, name, told))
        allow(visit, tell, "operator")
    told: PublishOutcomes = PublishOutcomes(visit)
    told.follow(name)
    shown_version = Version(visit)
    with panel("Versions"):
        table = PlainTable(_version_columns(visit), label="Versions", empty="")
    with panel("What would it cost?"):
        Preview(visit, name)
    with panel("Whom it is for, and where"):
        table_of(visit, name)

    def show(answer: Any) -> None:
        shown_version.show(answer["items"])
        table.show(answer["items"])

    show({"items": versions})
    visit.watch(f"{path_of(name)}/versions", show, kinds=("TariffBookChanged",), every_s=60.0)


class Version:
    """The newest version, or another one that was chosen: its prices and what else it says."""

    def __init__(self, visit: Visit) -> None:
        self._visit = visit
        self._versions: dict[int, dict[str, Any]] = {}
        with panel():
            with ui.row().classes("items-center gap-3 w-full"):
                self._name = ui.label().classes("sm-section")
                self._state = StateBadge(look_of(LOOKS, "later"))
                ui.space()
                self._chosen = ui.select({}, label="Version", on_change=self._choose).classes("w-56")
            self._text = ui.label().classes("text-base").props('data-testid="price-text"')
            self._warnings = ui.label().classes("sm-error pl-2")
            self._table = PlainTable(_PRICES, label="Prices", empty="Nothing has a price: sessions cost nothing.")
            self._facts = Facts(
                "Prices are",
                "At least",
                "At most",
                "Session without energy",
                "While the station holds back",
                "Plugged in before charging",
                "Plugged in after the session",
                "Energy between two readings",
                "Halves of a cent",
                "Id at stations (OCPP 2.1)",
            )

    def show(self, versions: list[dict[str, Any]]) -> None:
        newest = versions[0]["version"]
        follows = not self._versions or self._chosen.value == max(self._versions)
        self._versions = {each["version"]: each for each in versions}
        zone = self._visit.zone
        options = {n: f"{n}, from {moment(each['valid_from'], zone)}" for n, each in self._versions.items()}
        self._chosen.set_options(options, value=newest if follows else self._chosen.value)
        self._choose()

    def _choose(self) -> None:
        version = self._versions.get(self._chosen.value)
        if version is None:
            return
        self._name.set_text(version["name"])
        self._state.show(look_of(LOOKS, version["state"]))
        self._text.set_text(version["price_text"])
        self._warnings.set_text("; ".join(version["warnings"]))
        self._warnings.visible = bool(version["warnings"])
        self._table.show(price_rows(version))
        bounds = bounds_in_words(version)
        self._facts.show(
            {
                "Prices are": f"in {version['currency']}, {'with' if version['includes_tax'] else 'without'} tax",
                "At least": bounds.get("At least"),
                "At most": bounds.get("At most"),
                "Session without energy": "costs no start price and no minimum"
                if version["free_without_energy"]
                else "costs its start price and the minimum",
                "While the station holds back": f"counts as {_PAUSES[version['suspended_evse']]}",
                "Plugged in before charging": f"counts as {_WAITS[version['before_charging']]}",
                "Plugged in after the session": f"counts as {_AFTER[version['after_stop']]}",
                "Energy between two readings": "is split evenly where a price changes"
                if version["boundary"] == "interpolate"
                else "costs what held at the first of them",
                "Halves of a cent": "are rounded up" if version["rounding"] == "half_up" else "go to the even cent",
                "Id at stations (OCPP 2.1)": version["wire_id"],
            }
        )


_PRICES = (
    Column(name="what", label="For", cell=lambda row: row["what"]),
    Column(name="price", label="Price", align="right", cell=lambda row: row["price"]),
    Column(name="when", label="When", cell=lambda row: row["when"]),
    Column(name="taxes", label="Tax", cell=lambda row: row["taxes"]),
    Column(name="step", label="In steps of", cell=lambda row: row["step"], wide_only=True),
)


def _version_columns(visit: Visit) -> tuple[Column, ...]:
    zone = visit.zone
    return (
        Column(name="version", label="Version", cell=lambda each: str(each["version"])),
        Column(name="state", label="State", cell=lambda each: badge_cell(look_of(LOOKS, each["state"]))),
        Column(name="from", label="From", cell=lambda each: moment(each["valid_from"], zone)),
        Column(name="to", label="Until", cell=lambda each: moment(each["valid_to"], zone)),
        Column(name="price", label="Price", cell=lambda each: each["price_text"], wide_only=True),
        Column(name="by", label="Made by", cell=lambda each: shown(each["created_by"]), wide_only=True),
    )
