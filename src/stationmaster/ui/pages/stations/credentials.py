"""What has to be entered in a station so that it connects; a password is shown once."""

from typing import Any

from nicegui import ui

from stationmaster.ui.parts.heading import heading, named
from stationmaster.ui.parts.panel import Facts


def connection_facts(address: dict[str, Any]) -> dict[str, object]:
    """Of the API's address of a station. One that speaks SOAP has no identity in its URL."""
    soap = address["soap"]
    in_soap = {"URL, if it speaks SOAP": soap["any"], "chargeBoxIdentity (SOAP)": address["username"]} if soap else {}
    return {
        "URL": address["url"],
        "URL, if the station adds its identity": address["base_url"],
        **in_soap,
        "User name (HTTP Basic)": address["username"],
        "Password": "set" if address["has_password"] else "none: anybody who knows the identity can connect as it",
    }


def shown_once(address: dict[str, Any], password: str | None, onward: str = "") -> None:
    """Says all that has to be entered; it is closed by its button only, as the password cannot be shown again.
    ``onward``: the page that comes after it."""
    dialog = named(ui.dialog().props("persistent"), "Enter this in the station")
    with dialog, ui.card().classes("sm-card w-full").style("max-width: 560px"):
        heading("Enter this in the station", 2)
        told = connection_facts(address)
        if password is not None:
            told["Password"] = password
        Facts(*told).show(told)
        if password is not None:
            ui.label("It cannot be shown again: copy the password now.").classes("sm-quiet")
        with ui.row().classes("w-full justify-end"):
            if password is not None:
                copy = ui.button("Copy the password", icon="content_copy")
                copy.props("outline no-caps").on_click(lambda: ui.clipboard.write(password))
            done = ui.button("Done", on_click=dialog.close)
            if onward:
                done.on_click(lambda: ui.navigate.to(onward))
    dialog.on("hide", dialog.delete)
    dialog.open()
