"""Importing a file of tokens: looked through by the API first, told line by line, then taken."""

from typing import Any

from nicegui import ui
from nicegui.events import UploadEventArguments

from stationmaster.ui.api import Problem
from stationmaster.ui.formats import count
from stationmaster.ui.formats import text as shown
from stationmaster.ui.pages.tokens.looks import tabs
from stationmaster.ui.parts.data_table import Cell, Column, Row
from stationmaster.ui.parts.page_tabs import page_tabs
from stationmaster.ui.parts.panel import panel
from stationmaster.ui.parts.plain_table import PlainTable
from stationmaster.ui.visit import Visit, page
from stationmaster.ui.words import Look, look_of

MAX_BYTES = 4_000_000
MOST_SHOWN = 200
"""Lines; the wrong ones first."""
_RESULTS = {
    "created": Look("new", "good", "add_circle"),
    "changed": Look("changes", "busy", "edit"),
    "unchanged": Look("known already", "quiet", "check"),
    "wrong": Look("wrong", "bad", "error"),
}
_EXAMPLE = "value,type,group,status,note\n04A1B2C3D4,ISO14443,fleet,Accepted,white van\n"


@page("/tokens/import", title="Import tokens", role="operator")
def import_tokens(visit: Visit) -> None:
    page_tabs("Tokens", tabs(visit), "/tokens")
    with panel("The file"):
        ui.label(
            "CSV with the names of the columns in its first line, or a JSON list as the API takes it; at most 5,000 "
            "tokens. A token that is known is replaced; those that are not in the file stay as they are."
        )
        ui.label(_EXAMPLE).classes("sm-mono").style("white-space: pre-wrap")
        _Import(visit)


class _Import:
    """The file, what would become of each line, and the buttons that take it."""

    def __init__(self, visit: Visit) -> None:
        self._visit = visit
        self._content = ""
        self._storing = False
        upload = (
            ui.upload(auto_upload=True, max_file_size=MAX_BYTES).props('accept=".csv,.json,.txt"').classes("hidden")
        )
        upload.on_upload(self._uploaded)
        choose = ui.button("Choose a file", icon="upload_file").props("no-caps")
        choose.on("click", js_handler=f"() => getElement({upload.id}).$refs.qRef.pickFiles()")
        upload.on_rejected(lambda: ui.notify("A file has at most 4 MB, and is CSV or JSON.", type="negative"))
        self._text = ui.textarea("Or paste it here").props("debounce=500 autogrow").classes("w-full sm-mono")
        ui.button("Look through what is pasted", icon="search", on_click=self._pasted).props("outline no-caps")
        self._said = ui.label().classes("font-semibold").props('role=status data-testid="import"')
        with ui.row().classes("gap-2"):
            self._take = ui.button("Import", icon="save", on_click=self._store)
            self._take_right = ui.button(
                "Import the lines that are right", icon="save", on_click=lambda: self._store(skip_wrong=True)
            )
            for button in (self._take, self._take_right):
                button.props("no-caps")
                button.visible = False
        self._lines = PlainTable(_COLUMNS, label="What becomes of each line", empty="")
        self._lines.show([])

    async def _uploaded(self, event: UploadEventArguments) -> None:
        content = await event.file.read()
        event.sender.reset()  # type: ignore[attr-defined]
        try:
            self._content = content.decode("utf-8-sig")
        except UnicodeDecodeError:
            self._content = content.decode("cp1252", errors="replace")
        await self._send(store=False)

    async def _pasted(self) -> None:
        self._content = self._text.value or ""
        await self._send(store=False)

    async def _store(self, *, skip_wrong: bool = False) -> None:
        """Once, however fast it is clicked."""
        if self._storing:
            return
        self._storing = True
        try:
            await self._send(store=True, skip_wrong=skip_wrong)
        finally:
            self._storing = False

    async def _send(self, *, store: bool, skip_wrong: bool = False) -> None:
        body = {"content": self._content, "dry_run": not store, "skip_wrong": skip_wrong}
        try:
            found = await self._visit.api.post("/tokens/import/file", body)
        except Problem as problem:
            self._take.visible = self._take_right.visible = False
            self._lines.show([])
            self._said.set_text(problem.in_words())
            if problem.is_signed_out:
                self._visit.failed(problem)
            return
        self._show(found)

    def _show(self, found: dict[str, Any]) -> None:
        some = found["created"] + found["changed"] > 0
        self._take.visible = some and not found["wrong"] and not found["stored"]
        self._take_right.visible = some and found["wrong"] > 0 and not found["stored"]
        self._said.set_text(in_words(found))
        wrong_first = sorted(found["lines"], key=lambda line: line["result"] != "wrong")
        self._lines.show(wrong_first[:MOST_SHOWN])


def in_words(found: dict[str, Any]) -> str:
    """What became of a file, or would become of it."""
    counts = ", ".join(
        f"{count(found[name])} {look.label}" for name, look in _RESULTS.items() if found[name] or name == "created"
    )
    if found["stored"]:
        return f"Imported: {counts}."
    more = "" if len(found["lines"]) <= MOST_SHOWN else f" The first {MOST_SHOWN} lines are shown, wrong ones first."
    return f"Nothing is stored yet: {counts}.{more}"


def _result(line: Row) -> Cell:
    look = look_of(_RESULTS, line["result"])
    return Cell(text=look.label, look=look)


_COLUMNS = (
    Column(name="line", label="Line", align="right", cell=lambda line: str(line["line"])),
    Column(name="value", label="Token", cell=lambda line: line["value"]),
    Column(name="type", label="Type", cell=lambda line: shown(line["type"]), wide_only=True),
    Column(name="result", label="Comes to", cell=_result),
    Column(name="detail", label="What is wrong", cell=lambda line: line["detail"] or ""),
)
