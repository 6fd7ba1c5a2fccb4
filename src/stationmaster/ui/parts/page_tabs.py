"""Pages that belong together, as tabs: links, so that each can be shared, and gone back to."""

from collections.abc import Sequence

from nicegui import ui

from stationmaster.ui.parts.heading import named

Tab = tuple[str, str]
"""Title and path."""


def page_tabs(name: str, tabs: Sequence[Tab], here: str) -> None:
    """``name`` says what they are the parts of; ``here`` is the path of the one that is open."""
    with named(ui.element("nav"), name).classes("w-full flex gap-1 flex-wrap"):
        for title, path in tabs:
            link = ui.link(title, path).classes("sm-nav px-4 py-2 rounded no-underline text-inherit")
            if path == here:
                link.props("aria-current=page")
