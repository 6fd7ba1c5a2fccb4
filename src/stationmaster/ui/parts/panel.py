"""Panels: a card with a heading, an empty state that says what to do next, a list of facts."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from nicegui import ui

from stationmaster.ui.formats import text
from stationmaster.ui.parts.heading import heading


@contextmanager
def panel(title: str = "", *, classes: str = "w-full") -> Iterator[ui.card]:
    """A card; its content goes inside."""
    with ui.card().classes(f"sm-card {classes}") as card:
        if title:
            heading(title, 2)
        yield card


def empty(what: str, next_step: str = "", *, link: tuple[str, str] | None = None) -> ui.column:
    """Nothing is there: say so, and what to do next. ``link``: (text, path)."""
    with ui.column().classes("items-center w-full py-6 gap-1") as column:
        ui.label(what)
        if next_step:
            ui.label(next_step).classes("sm-quiet text-center")
        if link:
            ui.link(link[0], link[1]).classes("sm-link")
    return column


class Facts:
    """Names beside values; ``show`` changes only what differs."""

    def __init__(self, *names: str) -> None:
        self._values: dict[str, ui.label] = {}
        with (
            ui.element("dl")
            .classes("grid gap-x-6 gap-y-1 m-0")
            .style("grid-template-columns: max-content minmax(0, 1fr); max-width: 100%")
        ):
            for name in names:
                with ui.element("dt").classes("sm-quiet"):
                    ui.label(name)
                with ui.element("dd").classes("m-0").style("overflow-wrap:anywhere"):
                    self._values[name] = ui.label(text(None))

    def show(self, values: Mapping[str, object]) -> None:
        """Values by name; those that are left out stay."""
        for name, value in values.items():
            self._values[name].set_text(text(value))
