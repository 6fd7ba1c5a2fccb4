"""The demo on a terminal. Pure: a snapshot in, something that Rich can draw out."""

from collections.abc import Callable, Iterator
from typing import Final

import msgspec
from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from stationmaster.cli.node_info import NodeInfo
from stationmaster.cli.snapshot import DemoSnapshot, EvseRow, StationRow
from stationmaster.domain.people.person import FIRST_NAME

STATUS_STYLES: Final = {
    "Available": "green",
    "Preparing": "cyan",
    "Occupied": "cyan",
    "Charging": "bold yellow",
    "SuspendedEV": "yellow",
    "SuspendedEVSE": "yellow",
    "Finishing": "magenta",
    "Reserved": "blue",
    "Unavailable": "dim",
    "Faulted": "bold red",
}
_FRAME_LINES: Final = 13
"""Lines that header, table head and footer need together."""


class _Row(msgspec.Struct, frozen=True):
    """One line of the table. ``leads``: it is the station's first line, and names it."""

    station: StationRow
    evse: EvseRow | None
    leads: bool = True


class _Column(msgspec.Struct, frozen=True):
    """``from_width``: the narrowest terminal that has room for it."""

    title: str
    cell: Callable[[_Row], Text]
    from_width: int = 0
    right: bool = False


def _of_station(text: Callable[[StationRow], Text]) -> Callable[[_Row], Text]:
    return lambda row: text(row.station) if row.leads else Text("")


def _of_evse(text: Callable[[EvseRow], str]) -> Callable[[_Row], Text]:
    return lambda row: Text(text(row.evse)) if row.evse else Text("")


def _line(station: StationRow) -> Text:
    return Text("online", style="green") if station.online else Text("offline", style="red")


def _status(row: _Row) -> Text:
    return Text(row.evse.status, style=STATUS_STYLES.get(row.evse.status, "")) if row.evse else Text("")


_COLUMNS: Final = (
    _Column("Station", _of_station(lambda station: Text(station.identity))),
    _Column("OCPP", _of_station(lambda station: Text(station.version))),
    _Column("Line", _of_station(_line), from_width=70),
    _Column("EVSE", _of_evse(lambda evse: str(evse.id)), right=True),
    _Column("Status", _status),
    _Column("kW", _of_evse(lambda evse: f"{evse.power_w / 1000:.1f}" if evse.power_w else ""), right=True),
    _Column(
        "kWh",
        _of_evse(lambda evse: f"{evse.energy_wh / 1000:.2f}" if evse.energy_wh else ""),
        from_width=70,
        right=True,
    ),
    _Column("Driver", _of_evse(lambda evse: evse.who or ""), from_width=90),
    _Column("Transaction", _of_evse(lambda evse: evse.transaction_id or ""), from_width=110),
)


def render(snapshot: DemoSnapshot, node: NodeInfo, *, width: int, height: int | None = None) -> RenderableType:
    """The whole view for a terminal of this size in characters; without ``height``, every EVSE has its line."""
    if height is not None and node.soap_url is not None:
        height -= 1
    return Group(header(snapshot, node), stations_table(snapshot, width, height), footer(snapshot))


def header(snapshot: DemoSnapshot, node: NodeInfo) -> Panel:
    """Where to look further, and with which key."""
    grid = Table.grid(padding=(0, 2))
    grid.add_row("Open", Text(node.api_url, style="bold cyan"))
    grid.add_row("Sign in as", Text(f"{FIRST_NAME}, password {node.password or 'as before'}", style="bold"))
    grid.add_row("API key", Text(node.api_key or "as before", style="bold"))
    grid.add_row("Stations connect to", Text(node.ocpp_url))
    if node.soap_url is not None:
        grid.add_row("Those that speak SOAP to", Text(node.soap_url))
    grid.add_row("Time in the fleet", f"{snapshot.now:%Y-%m-%d %H:%M:%S} UTC, after {snapshot.elapsed_s:.0f} s here")
    return Panel(grid, title="Stationmaster demo", title_align="left")


def stations_table(snapshot: DemoSnapshot, width: int, height: int | None = None) -> Table:
    """One line per EVSE; what does not fit into the height is counted below, busy EVSEs come before idle ones."""
    columns = [column for column in _COLUMNS if column.from_width <= width]
    table = Table(expand=True, pad_edge=False, box=None, header_style="bold")
    for column in columns:
        table.add_column(column.title, justify="right" if column.right else "left", no_wrap=True, overflow="ellipsis")
    rows = [_Row(station, evse) for station in snapshot.stations for evse in (station.evses or (None,))]
    room = len(rows) if height is None else max(1, height - _FRAME_LINES)
    if len(rows) > room:
        table.caption = f"and {len(rows) - room} more EVSEs"
        rows = _most_telling(rows, room)
    for row in _led(rows):
        table.add_row(*(column.cell(row) for column in columns))
    return table


def footer(snapshot: DemoSnapshot) -> Panel:
    """Totals of the fleet, and per version of OCPP."""
    totals = (
        f"{snapshot.online}/{len(snapshot.stations)} online   {snapshot.power_w / 1000:.1f} kW   "
        f"{snapshot.messages_per_s:.0f} messages/s   {snapshot.messages} messages"
    )
    versions = "   ".join(f"{row.version}: {row.running} running, {row.done} done" for row in snapshot.versions)
    return Panel(Group(Text(totals), Text(versions)), title="Totals and transactions", title_align="left")


def one_line(snapshot: DemoSnapshot) -> str:
    """The same in one line, for a log or a pipe."""
    done = ", ".join(f"{row.version}: {row.done}" for row in snapshot.versions)
    return (
        f"{snapshot.elapsed_s:5.0f} s  {snapshot.online}/{len(snapshot.stations)} online  "
        f"{snapshot.power_w / 1000:7.1f} kW  {snapshot.messages_per_s:5.0f} messages/s  "
        f"{snapshot.running} running  {snapshot.done} done ({done})"
    )


def _most_telling(rows: list[_Row], room: int) -> list[_Row]:
    """As many rows as there is room for, those with a transaction first, in the fleet's order."""
    ranked = sorted(range(len(rows)), key=lambda place: (not _is_busy(rows[place]), place))
    return [rows[place] for place in sorted(ranked[:room])]


def _is_busy(row: _Row) -> bool:
    return row.evse is not None and row.evse.transaction_id is not None


def _led(rows: list[_Row]) -> Iterator[_Row]:
    """The rows, of which only the first of each station names it."""
    before: StationRow | None = None
    for row in rows:
        yield msgspec.structs.replace(row, leads=row.station is not before)
        before = row.station
