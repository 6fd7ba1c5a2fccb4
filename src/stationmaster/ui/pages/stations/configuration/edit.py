"""Setting values: a dialog with an input for each, in the shape that the device model gives it."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from nicegui import ui

from stationmaster.ui.formats import text
from stationmaster.ui.pages.stations.configuration.values import WRITTEN_ONLY, Setting, bounds
from stationmaster.ui.parts.form import FormDialog, allow
from stationmaster.ui.visit import Visit

MOST = 20
"""Values in one dialog: more are better made a template."""

Send = Callable[[list[tuple[Setting, str]]], Awaitable[None]]
"""Is given the values that were changed."""


def edit(visit: Visit, settings: Sequence[Setting], send: Send) -> None:
    """Show values and, where they can be set, have them set. The API's word on one is shown at its input."""
    writable = [setting for setting in settings if setting.is_writable]
    title = settings[0].name if len(settings) == 1 else f"{len(settings)} values"
    form = FormDialog(visit, title, "Set")
    inputs: list[tuple[Setting, Any]] = []
    with form:
        for setting in settings:
            if setting.is_writable:
                inputs.append((setting, _input(setting, named=len(settings) > 1)))
            else:
                _shown(setting)
        nothing = ui.label().classes("sm-quiet")

    async def sent() -> None:
        changed = [(setting, value) for setting, element in inputs if (value := _changed(setting, element)) is not None]
        for place, (setting, _) in enumerate(changed):
            form.field(f"settings[{place}].value", next(element for other, element in inputs if other is setting))
        if changed:
            await send(changed)

    form.on_send(sent)
    if writable:
        allow(visit, form.button, "operator")
    else:
        nothing.set_text("The station says that nobody can set this: it is read only.")
        form.button.disable()
    form.open(once=True)


def _shown(setting: Setting) -> None:
    with ui.column().classes("gap-0"):
        ui.label(f"{setting.name}: read only").classes("sm-quiet")
        ui.label(text(setting.value)).classes("sm-mono")


def _input(setting: Setting, *, named: bool) -> Any:
    label = setting.name if named else "Value"
    element = _CHOOSERS.get(setting.data_type or "", _typed)(setting, label).classes("w-full")
    element.props["hint"] = (
        f"{bounds(setting)}; {WRITTEN_ONLY}" if setting.mutability == "WriteOnly" else bounds(setting)
    )
    return element


def _typed(setting: Setting, label: str) -> Any:
    secret = setting.mutability == "WriteOnly"
    element = ui.input(label, value=setting.value or "", password=secret, password_toggle_button=secret)
    return element.props("maxlength=2500" + (" inputmode=numeric" if setting.data_type == "integer" else ""))


def _switched(setting: Setting, label: str) -> Any:
    said = (setting.value or "").lower()
    return ui.select(["true", "false"], label=label, value=said if said in ("true", "false") else None)


def _chosen(setting: Setting, label: str) -> Any:
    if not setting.choices:
        return _typed(setting, label)
    if not setting.is_list:
        return ui.select(_with(setting.choices, [setting.value]), label=label, value=setting.value or None)
    members = [word.strip() for word in (setting.value or "").split(",") if word.strip()]
    return ui.select(_with(setting.choices, members), label=label, value=members, multiple=True).props("use-chips")


def _with(choices: Sequence[str], values: Sequence[str | None]) -> list[str]:
    """The choices, and what is set although it is none of them."""
    return list(dict.fromkeys([*choices, *(value for value in values if value)]))


_CHOOSERS = {"boolean": _switched, "OptionList": _chosen, "MemberList": _chosen, "SequenceList": _chosen}


def _changed(setting: Setting, element: Any) -> str | None:
    """The value as it is to be set; None where it is the old one."""
    value = element.value
    if isinstance(value, list):
        before = [word.strip() for word in (setting.value or "").split(",") if word.strip()]
        return None if value == before else ",".join(value)
    if value is None:
        return None
    if element.value == (setting.value or "") or (setting.data_type == "boolean" and value == _lower(setting.value)):
        return None
    return str(value)


def _lower(value: str | None) -> str:
    return (value or "").lower()
