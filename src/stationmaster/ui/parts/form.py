"""Forms in dialogs: what the API finds wrong with a field is shown at that field, anything else above the buttons."""

from collections.abc import Awaitable, Callable
from typing import Any

from nicegui import ui

from stationmaster.ui.api import Problem
from stationmaster.ui.navigation import Role, may
from stationmaster.ui.parts.field_problems import FieldProblems
from stationmaster.ui.parts.heading import heading, named
from stationmaster.ui.visit import Visit

_ENTERED = """(event) => {
    const line = event.target.closest("input:not([role=combobox], [type=checkbox], [type=radio], [type=file])");
    if (!line || event.repeat || event.isComposing) return;
    line.dispatchEvent(new Event("change"));
    emit();
}"""
"""Of inputs of one line alone: Enter means something else in others. An input that waits for a pause in the typing is
told before that it is finished, so that what was typed is known when it is sent."""


class FormDialog:
    """A dialog with inputs, a button that sends and one that gives up.

    Inputs are made inside ``with form:`` and told to ``field``; ``on_send`` takes a coroutine that calls the API and
    may raise Problem; ``open`` shows it. Enter in an input of one line sends it, too.
    """

    def __init__(
        self,
        visit: Visit,
        title: str,
        send_label: str,
        *,
        danger: bool = False,
        wide: bool = False,
        give_up: str = "Cancel",
    ) -> None:
        self._send: Callable[[], Awaitable[Any]] | None = None
        self._sending = False
        self.dialog = named(ui.dialog(), title)
        with self.dialog, ui.card().classes("sm-card w-full").style(f"max-width: {900 if wide else 520}px"):
            heading(title, 2)
            self._body = ui.column().classes("w-full gap-2")
            self._body.on("keydown.enter", self._entered, js_handler=_ENTERED)
            self._problems = FieldProblems(visit)
            with ui.row().classes("w-full justify-end"):
                ui.button(give_up, on_click=self.dialog.close).props("flat")
                self.button = ui.button(send_label, on_click=self._sent)
                if danger:
                    self.button.props("color=negative")

    def __enter__(self) -> "FormDialog":
        self._body.__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        self._body.__exit__(*error)

    def field(self, path: str, element: Any) -> Any:
        """Have the API's word on a field shown at its input."""
        self._problems.fields[path] = element
        return element

    def on_send(self, send: Callable[[], Awaitable[Any]]) -> None:
        """Called when the form is sent; it closes if no Problem is raised."""
        self._send = send

    def open(self, *, once: bool = False) -> None:
        """``once``: it is made anew for each time, so it is taken away when it closes."""
        if once:
            self.dialog.on("hide", self.dialog.delete)
        self.dialog.open()

    def close(self) -> None:
        self.dialog.close()

    async def _entered(self) -> None:
        """Enter does what the button does, where somebody could press that."""
        if self.button.enabled and self.button.visible:
            await self._sent()

    async def _sent(self) -> None:
        """Once, however fast it is clicked: a second click may be on its way while the first is still sent."""
        if self._send is None or self._sending or not self.dialog.value:
            return
        self._sending = True
        self._problems.clear()
        self.button.props("loading")
        try:
            await self._send()
        except Problem as problem:
            self._problems.tell(problem)
        else:
            self.dialog.close()
        finally:
            self._sending = False
            self.button.props(remove="loading")


def confirm(
    visit: Visit, question: str, do_label: str, do: Callable[[], Awaitable[Any]], *, danger: bool = False
) -> None:
    """Ask before doing; a Problem is shown in the dialog, which then stays open."""
    form = FormDialog(visit, question, do_label, danger=danger)
    form.on_send(do)
    form.dialog.on("hide", form.dialog.delete)
    form.open()


def allow(visit: Visit, element: ui.button, role: Role) -> ui.button:
    """Show a button that the person's role may not use as disabled, and why."""
    if not may(visit.who.role, role):
        element.disable()
        with element:
            ui.tooltip(f"This needs the role {role}; yours is {visit.who.role}.")
    return element
