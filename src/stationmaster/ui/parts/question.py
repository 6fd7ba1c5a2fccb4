"""Forms told by a table: which inputs there are, and where in the request's body their values go."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import tzinfo
from typing import Any, Literal

import msgspec
from nicegui import ui

from stationmaster.ui.formats import for_input, kept_moment
from stationmaster.ui.navigation import Role
from stationmaster.ui.parts.form import FormDialog, allow
from stationmaster.ui.visit import Visit

Kind = Literal["text", "area", "secret", "number", "moment", "check", "choice"]


class Field(msgspec.Struct, frozen=True, kw_only=True):
    """An input. ``path``: its value's place in the body, such as ``message.content``. ``options``: of a choice, what is
    sent and what is shown; an empty key stands for nothing. ``value``: what stands in it at first; a moment's as the
    API has it, which is sent exactly so while nobody changes it."""

    path: str
    label: str
    kind: Kind = "text"
    options: Mapping[Any, str] = {}
    value: Any = None
    hint: str = ""


Send = Callable[[dict[str, Any]], Awaitable[Any]]
"""Is given the body; a Problem that it raises is shown at its input."""


def ask(
    visit: Visit, title: str, send_label: str, fields: Sequence[Field], send: Send, *, role: Role = "operator"
) -> FormDialog:
    """Open a form; it closes when the API has taken what was sent."""
    form = FormDialog(visit, title, send_label)
    with form:
        inputs = [(field, form.field(field.path, _input(field, visit.zone))) for field in fields]

    async def sent() -> None:
        await send(body_of([(field, element.value) for field, element in inputs], visit.zone))

    form.on_send(sent)
    allow(visit, form.button, role)
    form.open(once=True)
    return form


def body_of(values: Sequence[tuple[Field, Any]], zone: tzinfo) -> dict[str, Any]:
    """The request's body: what was left empty is left out, moments are the zone's, numbers as far as they are some."""
    body: dict[str, Any] = {}
    for field, typed in values:
        value = _read(field, typed, zone)
        if value is None or value == "":
            continue
        *outer, last = field.path.split(".")
        place = body
        for name in outer:
            place = place.setdefault(name, {})
        place[last] = value
    return body


def _read(field: Field, typed: Any, zone: tzinfo) -> Any:
    if field.kind == "moment":
        return kept_moment(field.value, typed, zone)
    if field.kind == "number" and isinstance(typed, str):
        return number(typed)
    return typed


def number(typed: str) -> int | float | str:
    """A number as JSON has it; what is none goes on as it is, for the API to say so."""
    for read in (int, float):
        try:
            return read(typed.strip())
        except ValueError:
            continue
    return typed.strip()


def _input(field: Field, zone: tzinfo) -> Any:
    element = _MADE[field.kind](field, zone).classes("w-full")
    if field.hint:
        element.props["hint"] = field.hint
    return element


def _first(field: Field) -> str:
    return "" if field.value is None else str(field.value)


def _moment(field: Field, zone: tzinfo) -> ui.input:
    """Seconds are asked for only where there are some."""
    step = "step=1" if field.value else ""
    return ui.input(field.label, value=for_input(field.value, zone)).props(f"type=datetime-local stack-label {step}")


_MADE: Mapping[Kind, Callable[[Field, tzinfo], Any]] = {
    "text": lambda field, _: ui.input(field.label, value=_first(field)),
    "area": lambda field, _: ui.textarea(field.label, value=_first(field)).props("autogrow"),
    "secret": lambda field, _: ui.input(field.label, password=True, password_toggle_button=True).props(
        "autocomplete=off"
    ),
    "number": lambda field, _: ui.input(field.label, value=_first(field)).props("inputmode=decimal"),
    "moment": _moment,
    "check": lambda field, _: ui.checkbox(field.label, value=bool(field.value)),
    "choice": lambda field, _: ui.select(dict(field.options), value=field.value, label=field.label),
}
