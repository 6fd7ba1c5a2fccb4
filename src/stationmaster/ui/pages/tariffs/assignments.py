"""Whom tariffs are for and where: the list, with adding and withdrawing."""

from typing import Any

from nicegui import ui

from stationmaster.ui.formats import from_input, moment
from stationmaster.ui.pages.tariffs.words import LOOKS, tabs_of
from stationmaster.ui.parts.data_table import Cell, Column, DataTable, Listing, Row, badge_cell
from stationmaster.ui.parts.form import FormDialog, allow
from stationmaster.ui.parts.page_tabs import page_tabs
from stationmaster.ui.parts.pickers import SITES, STATIONS, TARIFFS, TOKENS, Picker
from stationmaster.ui.visit import Visit, page
from stationmaster.ui.words import look_of

_SHOWN = {"false": "Now and later", "true": "Ended", "": "All"}
_TOKEN_TYPES = (
    "",
    "Central",
    "DirectPayment",
    "eMAID",
    "EVCCID",
    "ISO14443",
    "ISO15693",
    "KeyCode",
    "Local",
    "MacAddress",
    "NoAuthorization",
    "VIN",
)


@page("/tariffs/_/assignments", title="Assignments of tariffs")
def all_assignments(visit: Visit) -> None:
    page_tabs("Tariffs", tabs_of(visit), "/tariffs/_/assignments")
    table_of(visit, None)


def table_of(visit: Visit, tariff: str | None) -> None:
    """The assignments of one tariff, or of all."""
    with ui.row().classes("items-center gap-4 w-full"):
        state = ui.select(_SHOWN, value="false", label="Show").classes("w-40")
        ui.space()
        add = ui.button("Assign" if tariff else "Assign a tariff", icon="add", on_click=lambda: assign(visit, tariff))
        allow(visit, add, "administrator")
    table = DataTable(
        visit,
        Listing(
            path="/tariff-assignments",
            columns=_columns(visit, with_tariff=tariff is None),
            label="Assignments",
            empty="Nothing is assigned here. A tariff counts only where it is assigned: to all, a site, a station, a "
            "group or a driver.",
            kinds=("TariffBookChanged",),
            filters={"tariff": tariff, "ended": "false"},
            every_s=60.0,
        ),
        on_select=lambda assignment: _open(visit, assignment),
    )
    state.on_value_change(lambda event: table.filter(ended=event.value))


def _columns(visit: Visit, *, with_tariff: bool) -> tuple[Column, ...]:
    name = Column(name="tariff", label="Tariff", cell=lambda each: Cell(text=each["tariff"]))
    return (
        *((name,) if with_tariff else ()),
        Column(name="who", label="For whom", cell=who_in_words),
        Column(name="where", label="Where", cell=where_in_words),
        Column(name="state", label="State", cell=lambda each: badge_cell(look_of(LOOKS, each["state"]))),
        Column(name="priority", label="Priority", align="right", cell=lambda each: str(each["priority"])),
        Column(name="from", label="From", cell=lambda each: moment(each["from_at"], visit.zone), wide_only=True),
        Column(
            name="to",
            label="Until",
            cell=lambda each: moment(each["withdrawn_at"] or each["to_at"], visit.zone),
            wide_only=True,
        ),
    )


def who_in_words(assignment: Row) -> str:
    """The drivers that an assignment is for; keys by what they are called."""
    told = (
        ("token", assignment["token_value"] or assignment["token"]),
        ("group", assignment["group"]),
        ("contract", assignment["contract_id"]),
        ("party", assignment["party_id"]),
        ("tokens of type", assignment["token_type"]),
    )
    words = [f"{name} {value}" for name, value in told if value is not None]
    if assignment["ad_hoc"] is not None:
        words.append("drivers without a token" if assignment["ad_hoc"] else "drivers with a token")
    return ", ".join(words) or "all drivers"


def where_in_words(assignment: Row) -> str:
    """The places that an assignment is for."""
    told = (
        ("site", assignment["site"]),
        ("station", assignment["station_identity"] or assignment["station"]),
        ("EVSE", assignment["evse_id"]),
        ("connector", assignment["connector_id"]),
    )
    return ", ".join(f"{name} {value}" for name, value in told if value is not None) or "everywhere"


def assign(visit: Visit, tariff: str | None) -> None:
    """The form for a new one."""
    form = FormDialog(visit, f"Assign {tariff}" if tariff else "Assign a tariff", "Assign", wide=True)
    with form:
        ui.label(
            "All that you fill in must fit; what you leave empty fits all. Where several fit, the one of higher "
            "priority holds; then the one for fewer drivers; then the one for fewer places."
        ).classes("sm-quiet")
        pickers = {} if tariff else {"tariff": Picker(visit, TARIFFS)}
        with ui.grid().classes("w-full grid-cols-1 sm:grid-cols-2 gap-x-4"):
            pickers |= {"site": Picker(visit, SITES), "station": Picker(visit, STATIONS)}
            pickers |= {"token": Picker(visit, TOKENS)}
            inputs = _inputs()
    for name, picker in pickers.items():
        form.field(name, picker.element)
    for name, element in inputs.items():
        form.field(name, element)

    async def send() -> None:
        await visit.api.post("/tariff-assignments", _body(visit, tariff, pickers, inputs))
        ui.notify("Assigned", type="positive")

    form.on_send(send)
    form.open(once=True)


def _inputs() -> dict[str, Any]:
    who = {None: "All", True: "Drivers without a token that is known", False: "Drivers with a token"}
    return {
        "evse_id": ui.number("EVSE", min=1, precision=0),
        "connector_id": ui.number("Connector", min=1, precision=0),
        "group": ui.input("Group of tokens"),
        "contract_id": ui.input("Contract id"),
        "party_id": ui.input("Party id"),
        "token_type": ui.select({each: each or "Any" for each in _TOKEN_TYPES}, value="", label="Type of token"),
        "ad_hoc": ui.select(who, value=None, label="Drivers"),
        "priority": ui.number("Priority", value=0, min=-1000, max=1000, precision=0),
        "from_at": ui.input("From (now where it is empty)").props("type=datetime-local stack-label"),
        "to_at": ui.input("Until (without end where it is empty)").props("type=datetime-local stack-label"),
    }


def _body(visit: Visit, tariff: str | None, pickers: dict[str, Picker], inputs: dict[str, Any]) -> dict[str, Any]:
    given: dict[str, Any] = {name: picker.value for name, picker in pickers.items()}
    given |= {name: element.value for name, element in inputs.items()}
    for name in ("evse_id", "connector_id", "priority"):
        given[name] = None if given[name] is None else int(given[name])
    for name in ("from_at", "to_at"):
        given[name] = from_input(given[name], visit.zone)
    if tariff is not None:
        given["tariff"] = tariff
    return {name: value for name, value in given.items() if value not in (None, "")}


def _open(visit: Visit, assignment: Row) -> None:
    form = FormDialog(visit, f"{assignment['tariff']}: {who_in_words(assignment)}", "Withdraw", danger=True)
    with form:
        ui.label(f"Where: {where_in_words(assignment)}")
        ui.label(f"From {moment(assignment['from_at'], visit.zone)}").classes("sm-quiet")
        ui.label("Sessions that began before keep their price.").classes("sm-quiet")
        at = form.field("at", ui.input("From when on (now where it is empty)"))
        at.props("type=datetime-local stack-label")

    async def withdraw() -> None:
        await visit.api.delete(f"/tariff-assignments/{assignment['key']}", {"at": from_input(at.value, visit.zone)})
        ui.notify("Withdrawn", type="positive")

    form.on_send(withdraw)
    if assignment["state"] == "ended":
        form.button.visible = False
    allow(visit, form.button, "administrator")
    form.open(once=True)
