"""All stations: searched, filtered, sorted and paged by the API. What was asked for stands in the address."""

from collections.abc import Mapping
from typing import Any

from nicegui import ui

from stationmaster.ui.formats import moment, power, text
from stationmaster.ui.pages.stations.admitting import admit
from stationmaster.ui.parts.address import Address
from stationmaster.ui.parts.data_table import Cell, Column, DataTable, Listing, Row, badge_cell
from stationmaster.ui.parts.form import allow
from stationmaster.ui.parts.page_tabs import page_tabs
from stationmaster.ui.visit import Visit, page
from stationmaster.ui.words import STATIONS, VERSIONS, look_of, word_of

TABS = (("Stations", "/stations"), ("Unknown callers", "/stations/unknown"))
_CHANGES = (
    *("StationConnected", "StationDisconnected", "StationRegistered", "StationChanged"),
    *("ConnectorStatusChanged", "TransactionStarted", "TransactionEnded"),
)
_FACETS = {
    "state": "State",
    "site": "Site",
    "version": "Version",
    "vendor": "Vendor",
    "model": "Model",
    "firmware_version": "Firmware",
}
_ROWS = {25: "25 rows", 50: "50 rows", 100: "100 rows"}
_SORT = "identity"


@page("/stations", title="Stations")
def stations(visit: Visit) -> None:
    page_tabs("Stations", TABS, "/stations")
    StationList(visit)


class StationList:
    """The filters and the table. The address is what holds: filters are set from it, and write to it."""

    def __init__(self, visit: Visit) -> None:
        self._visit = visit
        self._address = Address(visit, self._went_back)
        self._options: dict[str, dict[str, str]] = {}
        wanted = wanted_in(self._address.values)
        with ui.row().classes("items-center gap-2 w-full"):
            self._text = ui.input("Search", value=wanted["text"], on_change=lambda e: self._ask(text=e.value))
            self._text.props("dense outlined clearable debounce=300 maxlength=200 type=search").classes("w-64")
            ui.space()
            admit_button = ui.button("Admit a station", icon="add", on_click=lambda: admit(visit)).props("no-caps")
            allow(visit, admit_button, "operator")
        with ui.row().classes("items-center gap-2 w-full"):
            self._selects = {name: self._select(name, label, wanted[name]) for name, label in _FACETS.items()}
            self._rows = ui.select(_ROWS, value=wanted["rows"], label="Page")
            self._rows.on_value_change(lambda e: self._ask(rows=e.value))
            self._rows.props("dense outlined").classes("w-28")
            ui.button("No filters", icon="filter_alt_off", on_click=self._clear).props("flat no-caps")
        self._table = DataTable(visit, _listing(visit, wanted), on_sort=self._sorted)
        visit.watch("/stations/facets", self._offer, every_s=60.0)

    def _select(self, name: str, label: str, value: str) -> ui.select:
        self._options[name] = choices(name, [], value)
        select = ui.select(
            self._options[name], value=value, label=label, on_change=lambda e: self._ask(**{name: e.value})
        )
        return select.props("dense outlined options-dense").classes("w-40")

    def _offer(self, facets: dict[str, list[dict[str, Any]]]) -> None:
        for name, select in self._selects.items():
            options = choices(name, facets[name], str(select.value or ""))
            if options != self._options[name]:
                self._options[name] = options
                select.set_options(options)

    def _ask(self, **changed: Any) -> None:
        """What was chosen goes into the address, and the table asks for it."""
        before = wanted_in(self._address.values)
        self._address.put(**{name: written(name, value) for name, value in changed.items()})
        self._apply(before, wanted_in(self._address.values))

    def _sorted(self, sort: str) -> None:
        self._address.put(sort=written("sort", sort))

    def _apply(self, before: dict[str, Any], wanted: dict[str, Any]) -> None:
        if wanted != before:
            self._table.ask(filters_of(wanted), sort=wanted["sort"], rows_per_page=wanted["rows"])

    def _went_back(self, values: Mapping[str, str]) -> None:
        wanted = wanted_in(values)
        self._text.value = wanted["text"]
        for name, select in self._selects.items():
            if wanted[name] not in self._options[name]:
                self._options[name] |= {wanted[name]: label_of(name, wanted[name])}
                select.set_options(self._options[name])
            select.value = wanted[name]
        self._rows.value = wanted["rows"]
        self._table.ask(filters_of(wanted), sort=wanted["sort"], rows_per_page=wanted["rows"])

    def _clear(self) -> None:
        self._text.value = ""
        for select in self._selects.values():
            select.value = ""


def wanted_in(values: Mapping[str, str]) -> dict[str, Any]:
    """What an address asks for; what it should not say is as if it said nothing."""
    lengths = {str(length): length for length in _ROWS}
    return {
        "text": values.get("text", ""),
        **{name: values.get(name, "") for name in _FACETS},
        "sort": values.get("sort", _SORT),
        "rows": lengths.get(values.get("rows", ""), next(iter(_ROWS))),
    }


def written(name: str, value: Any) -> str | None:
    """How it stands in the address; what is usual is left out."""
    usual = {"sort": _SORT, "rows": next(iter(_ROWS))}.get(name)
    return None if value in (None, "", usual) else str(value)


def filters_of(wanted: Mapping[str, Any]) -> dict[str, Any]:
    """As the API takes them."""
    return {name: wanted[name] or None for name in ("text", *_FACETS)}


def choices(name: str, facet: list[dict[str, Any]], chosen: str) -> dict[str, str]:
    """The values that there are, with how many stations have them; what is chosen stays, even if none has it."""
    found = {each["value"]: f"{label_of(name, each['value'])} ({each['count']:,})" for each in facet if each["value"]}
    rest = {chosen: label_of(name, chosen)} if chosen and chosen not in found else {}
    return {"": "All"} | found | rest


def label_of(name: str, value: str) -> str:
    if name == "state":
        return look_of(STATIONS, value).label
    return word_of(VERSIONS, value) if name == "version" else value


def _listing(visit: Visit, wanted: Mapping[str, Any]) -> Listing:
    return Listing(
        path="/stations",
        columns=columns(visit.zone),
        label="Stations",
        empty="No station matches. Take a filter away, or admit a station.",
        kinds=_CHANGES,
        filters=filters_of(wanted),
        sort=wanted["sort"],
        rows_per_page=wanted["rows"],
        total=True,
    )


def columns(zone: Any) -> tuple[Column, ...]:
    return (
        Column(name="identity", label="Identity", cell=_identity, sort="identity"),
        Column(name="name", label="Name", cell=lambda each: text(each["name"]), sort="name", wide_only=True),
        Column(name="state", label="State", cell=_state, sort="state"),
        Column(name="power", label="Power", cell=lambda each: power(each["power_w"]), align="right"),
        Column(name="site", label="Site", cell=lambda each: text(each["site"]), sort="site", wide_only=True),
        Column(name="version", label="OCPP", cell=_version, sort="version", wide_only=True),
        Column(name="hardware", label="Hardware", cell=_hardware, sort="vendor", wide_only=True),
        Column(name="firmware", label="Firmware", cell=_firmware, sort="firmware_version", wide_only=True),
        Column(
            name="seen",
            label="Last seen",
            cell=lambda each: moment(each["last_seen_at"], zone),
            sort="last_seen",
            wide_only=True,
        ),
    )


def _identity(station: Row) -> Cell:
    return Cell(text=station["identity"], href=f"/stations/{station['key']}")


def _state(station: Row) -> Cell:
    return badge_cell(look_of(STATIONS, station["state"]))


def _version(station: Row) -> str:
    return word_of(VERSIONS, text(station["version"]))


def _hardware(station: Row) -> str:
    return text(" ".join(word for word in (station["info"]["vendor"], station["info"]["model"]) if word))


def _firmware(station: Row) -> str:
    return text(station["info"]["firmware_version"])
