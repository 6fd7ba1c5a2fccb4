"""A secret that can be seen this once: it is closed by its button only."""

from nicegui import ui

from stationmaster.ui.parts.heading import heading, named
from stationmaster.ui.visit import Visit


def show_once(visit: Visit, title: str, what: str, secret: str) -> None:
    """``what`` says what it is for. The dialog stands by itself: that from which it was opened may close."""
    with visit.client:
        dialog = named(ui.dialog().props("persistent"), title)
    with dialog, ui.card().classes("sm-card w-full").style("max-width: 560px"):
        heading(title, 2)
        ui.label(what)
        ui.label(secret).classes("sm-mono text-base").props('data-testid="secret"').style("user-select: all")
        ui.label("It cannot be shown again: copy it now.").classes("sm-quiet")
        with ui.row().classes("w-full justify-end"):
            copy = ui.button("Copy", icon="content_copy").props("outline no-caps")
            copy.on_click(lambda: ui.clipboard.write(secret))
            ui.button("Done", on_click=dialog.close)
    dialog.on("hide", dialog.delete)
    dialog.open()
