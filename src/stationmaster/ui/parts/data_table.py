"""A table over a list of the API: searched, filtered, sorted and turned page by page there, never loaded whole.

It shows one page, keeps it true by a feed, and shows what goes wrong in place of rows. Cells are prepared here as text,
so that the browser only sets them.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

import msgspec
from nicegui import ui

from stationmaster.ui.api import Problem
from stationmaster.ui.parts.heading import named
from stationmaster.ui.visit import Visit
from stationmaster.ui.words import COLOURS, Look

Row = dict[str, Any]


class Cell(msgspec.Struct, frozen=True, kw_only=True):
    """What stands in a cell: text; with a link to a page, or as a badge."""

    text: str
    href: str = ""
    look: Look | None = None


class Column(msgspec.Struct, frozen=True, kw_only=True):
    """``cell`` makes a cell (or plain text) of an item of the API. ``sort``: the API's name for sorting by it."""

    name: str
    label: str
    cell: Callable[[Row], Cell | str]
    align: Literal["left", "right"] = "left"
    sort: str = ""
    wide_only: bool = False


BODY_CELL = r"""
<q-td :props="props">
  <button v-if="props.value.opens" type="button" class="sm-opens">
    <q-badge v-if="props.value.colour" :color="props.value.colour" text-color="white" class="px-2 py-1 text-sm">
      <q-icon :name="props.value.icon" size="16px" class="q-mr-xs" aria-hidden="true" />{{ props.value.text }}</q-badge>
    <template v-else>{{ props.value.text }}</template></button>
  <a v-else-if="props.value.href" :href="props.value.href" class="sm-link">{{ props.value.text }}</a>
  <q-badge v-else-if="props.value.colour" :color="props.value.colour" text-color="white" class="px-2 py-1 text-sm">
    <q-icon :name="props.value.icon" size="16px" class="q-mr-xs" aria-hidden="true" />{{ props.value.text }}</q-badge>
  <span v-else>{{ props.value.text }}</span>
</q-td>
"""
"""The cell that opens a row has a button: its click is the row's, and it can be reached by keyboard."""
_LOADING = '<q-linear-progress indeterminate size="2px" aria-label="Loading" class="absolute-top" />'
_SELECT_ALL = '<q-checkbox dense v-model="props.selected" aria-label="Select all that are shown" />'
_SELECT_ROW = """<q-checkbox dense v-model="props.selected" :aria-label="'Select ' + props.row._name" @click.stop />"""


class Listing(msgspec.Struct, frozen=True, kw_only=True):
    """What a table is over. ``label`` names it for those who cannot see it; ``empty`` is what it says without rows;
    ``kinds``: events after which to look anew (see Visit.watch), of one station where ``station_key`` is given;
    ``filters``: the query's other parameters; ``sort``: the API's word for the first order; ``key``: the item's field
    that tells it from others, or what makes one of it; ``total``: whether the API counts (``count=true``); ``paged``
    False: the API answers with the whole of a short list; ``selectable``: rows can be ticked, see ``selected``."""

    path: str
    columns: Sequence[Column]
    label: str
    empty: str
    kinds: tuple[str, ...] = ()
    station_key: int | None = None
    filters: Mapping[str, Any] = {}
    sort: str = ""
    rows_per_page: int = 25
    every_s: float = 10.0
    key: str | Callable[[Row], str] = "key"
    total: bool = False
    paged: bool = True
    selectable: bool = False

    def key_of(self, item: Row) -> Any:
        return item[self.key] if isinstance(self.key, str) else self.key(item)


class DataTable:
    """Made where it is to stand. ``on_select`` is called with the item of a row that is clicked, ``on_shown`` with
    those of the page whenever they are shown, ``on_sort`` when somebody chooses another order."""

    def __init__(
        self,
        visit: Visit,
        listing: Listing,
        *,
        on_select: Callable[[Row], Any] | None = None,
        on_shown: Callable[[Sequence[Row]], Any] | None = None,
        on_sort: Callable[[str], Any] | None = None,
    ) -> None:
        self._visit = visit
        self._listing = listing
        self._sort = listing.sort
        self._rows_per_page = listing.rows_per_page
        self._sort_select: ui.select | None = None
        self._on_sort = on_sort
        self.filters: dict[str, Any] = dict(listing.filters)
        self._cursors: list[str | None] = [None]
        self._next: str | None = None
        self._items: dict[Any, Row] = {}
        self._opens = on_select is not None
        self._on_shown = on_shown
        self._stop: Callable[[], None] = lambda: None
        self._build(on_select)
        self.refresh()

    def _build(self, on_select: Callable[[Row], Any] | None) -> None:
        columns = [
            {
                "name": column.name,
                "label": column.label,
                "field": column.name,
                "align": column.align,
                "classes": "sm-wide-only" if column.wide_only else "",
                "headerClasses": "sm-wide-only" if column.wide_only else "",
            }
            for column in self._listing.columns
        ]
        with ui.column().classes("w-full gap-1"):
            self._problem = ui.label().classes("sm-error pl-2").props("role=alert")
            self._problem.visible = False
            selection: Literal["multiple"] | None = "multiple" if self._listing.selectable else None
            self.table = ui.table(columns=columns, rows=[], row_key="_key", selection=selection)
            self.table.classes("sm-card w-full")
            self.table.props('flat wrap-cells hide-bottom loading :pagination="{rowsPerPage: 0}"')
            named(self.table, self._listing.label)
            self.table.add_slot("body-cell", BODY_CELL)
            self.table.add_slot("loading", _LOADING)
            if self._listing.selectable:
                self.table.add_slot("header-selection", _SELECT_ALL)
                self.table.add_slot("body-selection", _SELECT_ROW)
            if on_select is not None:
                self.table.on(
                    "rowClick", lambda event: on_select(self._items[event.args[1]["_key"]]), [[], ["_key"], None]
                )
                self.table.classes("cursor-pointer")
            self._nothing = ui.label(self._listing.empty).classes("sm-quiet w-full text-center py-4")
            self._nothing.visible = False
            with ui.row().classes("items-center w-full") as tools:
                self._tools()
            tools.visible = self._listing.paged

    def _tools(self) -> None:
        sorts = {column.sort: column.label for column in self._listing.columns if column.sort}
        if sorts:
            options = {s: f"{t}, rising" for s, t in sorts.items()} | {
                f"-{s}": f"{t}, falling" for s, t in sorts.items()
            }
            chosen = self._sort if self._sort in options else next(iter(options))
            self._sort_select = ui.select(
                options, value=chosen, label="Sort by", on_change=lambda e: self.sort_by(e.value)
            )
            self._sort_select.props("dense outlined").classes("w-48")
        ui.space()
        self._count = ui.label().classes("sm-quiet")
        with ui.row().classes("items-center gap-1 no-wrap") as self._pager:
            self._back = ui.button(icon="chevron_left", on_click=self._previous).props(
                'flat round aria-label="Previous page"'
            )
            self._place = ui.label("1")
            self._onward = ui.button(icon="chevron_right", on_click=self._following).props(
                'flat round aria-label="Next page"'
            )

    @property
    def selected(self) -> list[Row]:
        """The items of the ticked rows that are shown, as they are now."""
        return [self._items[row["_key"]] for row in self.table.selected if row["_key"] in self._items]

    def filter(self, **values: Any) -> None:
        """Ask with other filters, from the first page on."""
        self.filters.update(values)
        self.first_page()

    def sort_by(self, sort: str) -> None:
        if sort == self._sort:
            return
        self._sort = sort
        self.first_page()
        if self._on_sort is not None:
            self._on_sort(sort)

    def ask(self, filters: Mapping[str, Any], *, sort: str, rows_per_page: int) -> None:
        """Ask for something else altogether, from the first page on."""
        self.filters = dict(filters)
        self._sort, self._rows_per_page = sort, rows_per_page
        self.first_page()
        if self._sort_select is not None:
            self._sort_select.value = sort

    def first_page(self) -> None:
        self._cursors = [None]
        self.refresh()

    def refresh(self) -> None:
        """Ask for this page, and keep asking."""
        self._stop()
        self.table.props("loading")
        query = dict(self.filters)
        if self._listing.paged:
            query |= {
                "limit": self._rows_per_page,
                "cursor": self._cursors[-1],
                "sort": self._sort,
                "count": True if self._listing.total else None,
            }
        self._stop = self._visit.watch(
            self._listing.path,
            self._show,
            query=query,
            kinds=self._listing.kinds,
            station_key=self._listing.station_key,
            every_s=self._listing.every_s,
            failed=self._failed,
        )

    def stop(self) -> None:
        """Ask no more: for a table that is taken away before its page is."""
        self._stop()

    def untick(self, item: Row) -> None:
        """Where its row is ticked, it is not any more."""
        key = self._listing.key_of(item)
        self.table.selected = [row for row in self.table.selected if row["_key"] != key]

    def _show(self, answer: Any) -> None:
        items = answer["items"] if self._listing.paged else answer
        self._next = answer.get("next_cursor") if self._listing.paged else None
        self._items = {self._listing.key_of(item): item for item in items}
        self.redraw()
        self.table.props(remove="loading")
        self._problem.visible = False
        self._nothing.visible = not items
        if self._listing.total and self._listing.paged and answer.get("total") is not None:
            self._count.set_text(f"{answer['total']:,} in all")
        self._place.set_text(str(len(self._cursors)))
        self._back.set_enabled(len(self._cursors) > 1)
        self._onward.set_enabled(self._next is not None)
        self._pager.visible = len(self._cursors) > 1 or self._next is not None
        if self._on_shown is not None:
            self._on_shown(items)

    def redraw(self) -> None:
        """Make the cells anew: something that they also show has changed."""
        self.table.rows = [self._row(item) for item in self._items.values()]

    def _row(self, item: Row) -> Row:
        cells = {column.name: cell_of(column.cell(item)) for column in self._listing.columns}
        first = next(iter(cells.values()))
        if self._opens and not first.get("href"):
            first["opens"] = True
        return {"_key": self._listing.key_of(item), "_name": first["text"], **cells}

    def _failed(self, problem: Problem) -> None:
        self.table.props(remove="loading")
        if problem.is_signed_out:
            self._visit.failed(problem)
            return
        self._problem.set_text(problem.in_words())
        self._problem.visible = True

    def _following(self) -> None:
        if self._next is not None:
            self._cursors.append(self._next)
            self.refresh()

    def _previous(self) -> None:
        if len(self._cursors) > 1:
            self._cursors.pop()
            self.refresh()


def cell_of(cell: Cell | str) -> Row:
    """As the slot of a table takes it."""
    if isinstance(cell, str):
        return {"text": cell}
    shown = {"text": cell.text, "href": cell.href}
    if cell.look is not None:
        shown |= {"colour": COLOURS[cell.look.tone], "icon": cell.look.icon}
    return shown


def badge_cell(look: Look) -> Cell:
    """A state in a table."""
    return Cell(text=look.label, look=look)
