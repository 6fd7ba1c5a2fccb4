"""Firmware images: putting one in, its content and its signature, and what is found of that."""

from typing import Any

from nicegui import ui

from stationmaster.ui.formats import NONE, moment, size, text
from stationmaster.ui.pages.firmware.looks import IMAGES, TABS, VERDICTS
from stationmaster.ui.pages.firmware.upload import Upload
from stationmaster.ui.parts.badge import StateBadge
from stationmaster.ui.parts.data_table import Column, DataTable, Listing, Row, badge_cell
from stationmaster.ui.parts.form import allow, confirm
from stationmaster.ui.parts.heading import heading, named
from stationmaster.ui.parts.page_tabs import page_tabs
from stationmaster.ui.parts.panel import Facts
from stationmaster.ui.parts.question import Field, ask
from stationmaster.ui.visit import Visit, page
from stationmaster.ui.words import look_of

_FACTS = ("For", "File", "Size", "SHA-256", "Uploaded", "Signature", "Signed by", "Certificate is valid")
_FIELDS = (
    Field(path="name", label="Name"),
    Field(path="version", label="Version", hint="As a station that runs it tells when it boots"),
    Field(path="file_name", label="File name", value="firmware.bin", hint="How its address ends"),
    Field(path="vendor", label="Vendor", hint="Whose stations it is for; empty: any"),
    Field(path="model", label="Model", hint="Empty: any"),
)
_SIGNATURE = (
    Field(path="signature", label="Signature", kind="area", hint="Base64, over the SHA-256 of the whole image"),
    Field(path="signing_certificate", label="Signing certificate", kind="area", hint="PEM"),
)


@page("/firmware/images", title="Firmware", role="operator")
def images(visit: Visit) -> None:
    page_tabs("Firmware", TABS, "/firmware/images")
    with ui.row().classes("w-full justify-end"):
        new = allow(visit, ui.button("New image", icon="add"), "administrator")
    listing = Listing(
        path="/firmware-images",
        columns=_columns(visit),
        label="Firmware images",
        empty="No image is here. Make one known, then upload its file.",
    )
    table: DataTable = DataTable(visit, listing, on_select=lambda image: ImageDialog(visit, image, table))
    new.on_click(lambda: _make(visit, table))


def _columns(visit: Visit) -> tuple[Column, ...]:
    return (
        Column(name="name", label="Image", cell=lambda image: str(image["name"])),
        Column(name="version", label="Version", cell=lambda image: str(image["version"])),
        Column(name="for", label="For", cell=made_for),
        Column(name="state", label="State", cell=lambda image: badge_cell(look_of(IMAGES, image["state"]))),
        Column(name="signed", label="Signature", cell=_verdict_cell),
        Column(name="size", label="Size", align="right", cell=_size, wide_only=True),
        Column(
            name="at", label="Uploaded", cell=lambda image: moment(image["uploaded_at"], visit.zone), wide_only=True
        ),
    )


def made_for(image: Row) -> str:
    """Whose stations."""
    return " ".join(word for word in (image["vendor"], image["model"]) if word) or "any"


def _size(image: Row) -> str:
    return size(image["size_bytes"]) if image["uploaded_at"] else NONE


def _verdict_cell(image: Row) -> Any:
    return badge_cell(look_of(VERDICTS, image["verdict"]["signature"]))


def _make(visit: Visit, table: DataTable) -> None:
    async def send(body: dict[str, Any]) -> None:
        made = await visit.api.post("/firmware-images", body)
        table.first_page()
        ImageDialog(visit, made, table)

    ask(visit, "New image", "Make it known", _FIELDS, send, role="administrator")


class ImageDialog:
    """One image, with all that can be done to it."""

    def __init__(self, visit: Visit, image: Row, table: DataTable) -> None:
        self._visit, self._table = visit, table
        self._path = f"/firmware-images/{image['key']}"
        title = f"{image['name']} {image['version']}"
        with visit.client:
            self._dialog = named(ui.dialog(), title)
            with self._dialog, ui.card().classes("sm-card w-full").style("max-width: 760px"):
                heading(title, 2)
                with ui.row().classes("gap-2"):
                    self._state = StateBadge(look_of(IMAGES, image["state"]))
                    self._verdict = StateBadge(look_of(VERDICTS, image["verdict"]["signature"]))
                self._facts = Facts(*_FACTS)
                self._problems = ui.label().classes("sm-error pl-2")
                self._upload = Upload(visit, f"{self._path}/content", self._changed)
                with ui.row().classes("w-full gap-2 justify-end"):
                    self._retire = self._button("Retire", "inventory_2", self._turn)
                    self._button("Sign", "draw", self._sign)
                    self._button("Delete", "delete", self._delete)
                    ui.button("Close", on_click=self._dialog.close).props("flat autofocus")
        self._dialog.on("hide", self._dialog.delete)
        self._show(image)
        self._dialog.open()

    def _button(self, label: str, icon: str, do: Any) -> ui.button:
        button = ui.button(label, icon=icon, on_click=do).props("outline no-caps")
        return allow(self._visit, button, "administrator")

    def _show(self, image: Row) -> None:
        verdict = image["verdict"]
        self._state.show(look_of(IMAGES, image["state"]))
        self._verdict.show(look_of(VERDICTS, verdict["signature"]))
        until = moment(verdict["not_after"], self._visit.zone)
        self._facts.show(
            {
                "For": made_for(image),
                "File": image["file_name"],
                "Size": _size(image),
                "SHA-256": image["sha256"],
                "Uploaded": moment(image["uploaded_at"], self._visit.zone),
                "Signature": verdict["scheme"] or look_of(VERDICTS, verdict["signature"]).label,
                "Signed by": text(verdict["subject"]),
                "Certificate is valid": f"until {until}" if verdict["not_after"] else None,
            }
        )
        self._problems.set_text("; ".join(verdict["problems"]))
        self._problems.visible = bool(verdict["problems"])
        self._upload.element.visible = image["uploaded_at"] is None
        self._is_retired = image["state"] == "retired"
        self._retire.set_text("Use it again" if self._is_retired else "Retire")

    async def _changed(self) -> None:
        image = await self._visit.trying(self._visit.api.get(self._path))
        if image is not None and not self._dialog.is_deleted:
            self._show(image)
        self._table.refresh()

    async def _turn(self) -> None:
        await self._visit.trying(self._visit.api.patch(self._path, {"retired": not self._is_retired}))
        await self._changed()

    def _sign(self) -> None:
        async def send(body: dict[str, Any]) -> None:
            nothing = {"signature": None, "signing_certificate": None}
            await self._visit.api.put(f"{self._path}/signature", nothing | body)
            await self._changed()

        ask(self._visit, "Sign the image", "Sign", _SIGNATURE, send, role="administrator")

    def _delete(self) -> None:
        async def send() -> None:
            await self._visit.api.delete(self._path)
            self._dialog.close()
            self._table.first_page()

        confirm(self._visit, "Delete the image and its content?", "Delete", send, danger=True)
