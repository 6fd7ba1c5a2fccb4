"""The form that makes a tariff, or a new version of one."""

from collections.abc import Awaitable, Callable

from nicegui import ui

from stationmaster.ui.api import Problem
from stationmaster.ui.pages.tariffs.editor import TariffEditor
from stationmaster.ui.pages.tariffs.words import NEW, path_of
from stationmaster.ui.parts.field_problems import FieldProblems
from stationmaster.ui.visit import Visit, page


@page(NEW, title="New tariff", role="administrator")
def new_tariff(visit: Visit) -> None:
    editor = TariffEditor(visit, None)

    async def make() -> str:
        body = editor.body()
        await visit.api.post("/tariffs", body)
        return str(body["name"])

    _ends(visit, editor, "Make the tariff", make)


@page("/tariffs/{name}/change", title="New version of a tariff", role="administrator")
async def new_version(visit: Visit, name: str) -> None:
    found = await visit.api.get(path_of(name))
    ui.label(
        f"Of {found['name']}, whose version {found['version']} stays as it is: it holds until this one begins, and for "
        "sessions that began before."
    ).classes("sm-quiet")
    editor = TariffEditor(visit, found)

    async def make() -> str:
        await visit.api.put(path_of(name), editor.body())
        return name

    _ends(visit, editor, "Make the version", make)


def _ends(visit: Visit, editor: TariffEditor, label: str, make: Callable[[], Awaitable[str]]) -> None:
    problems = FieldProblems(visit)
    sent = False

    async def send() -> None:
        """Once, however fast it is clicked: what is made has left this page for its own."""
        nonlocal sent
        if sent:
            return
        sent, made = True, False
        problems.clear()
        problems.fields = editor.fields()
        problems.clear()
        button.props("loading")
        try:
            name = await make()
        except Problem as problem:
            problems.tell(problem)
            editor.open_faults()
        else:
            made = True
            ui.navigate.to(path_of(name))
        finally:
            sent = made
            button.props(remove="loading")

    with ui.row().classes("gap-2"):
        button = ui.button(label, icon="check", on_click=send)
        ui.link("Give up", "/tariffs").classes("sm-link self-center")
