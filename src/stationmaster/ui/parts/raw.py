"""Data as it came, to be read by people: never anything but text."""

import json
from collections.abc import Sequence
from typing import Any

from nicegui import ui

from stationmaster.ui.parts.heading import heading, named


def shown_raw(title: str, sections: Sequence[tuple[str, Any]]) -> None:
    """A dialog with pieces of JSON, each under its heading."""
    with named(ui.dialog(), title) as dialog, ui.card().classes("sm-card w-full").style("max-width: 900px"):
        heading(title, 2)
        for name, value in sections:
            if name:
                heading(name, 3)
            raw_text(value if isinstance(value, str) else json.dumps(value, indent=2, ensure_ascii=False))
        with ui.row().classes("w-full justify-end"):
            ui.button("Close", on_click=dialog.close).props("flat autofocus")
    dialog.on("hide", dialog.delete)
    dialog.open()


def raw_text(text: str) -> ui.label:
    """Text with its line breaks, wrapped where it is too wide."""
    return ui.label(text).classes("sm-mono w-full").style("white-space: pre-wrap")


def pretty(text: str) -> str:
    """JSON with line breaks; anything else as it is."""
    try:
        return json.dumps(json.loads(text), indent=2, ensure_ascii=False)
    except ValueError:
        return text
