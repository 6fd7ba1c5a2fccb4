"""Putting a bill right: what was wrong, and why. The bill before stays; a new version follows."""

from collections.abc import Callable, Mapping
from datetime import tzinfo
from typing import Any

from nicegui import ui

from stationmaster.ui.api import Problem
from stationmaster.ui.formats import changed_moment, for_input, kept_moment, moment
from stationmaster.ui.parts.form import FormDialog
from stationmaster.ui.visit import Visit

KINDS = {
    "adjustment": "More or less to pay",
    "times": "Its start or end",
    "register": "What the meter stood at",
    "idle": "A time that was not what it seemed",
    "tariff": "By another tariff",
    "payer": "Somebody else pays",
    "waive": "Nothing is to be paid",
}
_WAS = {"waiting": "waiting: costs nothing", "charging": "charging", "idle": "idle", "paused": "paused"}
_MARKS = {"begin": "at the start", "sample": "in between", "end": "at the end"}

Body = Callable[[], dict[str, Any]]


def correct(visit: Visit, transaction: Mapping[str, Any]) -> None:
    """Ask what is to be changed, and send it."""
    form = FormDialog(visit, "Correct the bill", "Make a new version", wide=True)
    bodies: dict[str, Body] = {}
    with form:
        ui.label("What was billed before stays; this makes a new version of the bill.").classes("sm-quiet")
        kind = ui.select(KINDS, value="adjustment", label="What is wrong").classes("w-full")
        fields = _Fields(visit, form, transaction)
        for name in KINDS:
            with ui.column().classes("w-full gap-2").bind_visibility_from(kind, "value", value=name):
                bodies[name] = getattr(fields, name)()
        reason = form.field("reason", ui.textarea("Reason, kept with it").props("maxlength=500").classes("w-full"))

    async def send() -> None:
        change = {name: value for name, value in bodies[kind.value]().items() if value not in (None, "")}
        body = {"kind": kind.value, "reason": reason.value or "", **change}
        bill = await visit.api.post(f"/transactions/{transaction['key']}/corrections", body)
        ui.notify(f"Version {bill['version']} of the bill is made", type="positive")

    form.on_send(send)
    form.open(once=True)


class _Fields:
    """The inputs of each kind of correction; each method says how its part of the body is made."""

    def __init__(self, visit: Visit, form: FormDialog, transaction: Mapping[str, Any]) -> None:
        self._zone, self._form, self._transaction = visit.zone, form, transaction

    def adjustment(self) -> Body:
        amount = self._form.field("amount", ui.input("Amount, such as -2.50", placeholder="-2.50").classes("w-full"))
        text = self._form.field("text", ui.input("What for, as it stands on the bill").classes("w-full"))
        return lambda: {"amount": _number(amount.value), "text": text.value or ""}

    def times(self) -> Body:
        inputs = {
            name: self._input(name, label, self._transaction[name])
            for name, label in (("started_at", "Started"), ("ended_at", "Ended"))
        }
        return lambda: changed_times(
            self._transaction, {name: field.value for name, field in inputs.items()}, self._zone
        )

    def register(self) -> Body:
        at = self._time("stated[0].at", "Read at", self._transaction["ended_at"])
        wh = self._form.field("stated[0].wh", ui.input("Register (Wh)").classes("w-full"))
        mark = ui.select(_MARKS, value="end", label="Read").classes("w-full")
        return lambda: {"stated": [{"at": at(), "wh": _number(wh.value), "mark": mark.value}]}

    def idle(self) -> Body:
        first = self._time("from_at", "From", None)
        last = self._time("to_at", "To", self._transaction["ended_at"])
        was = ui.select(_WAS, value="waiting", label="It was").classes("w-full")
        return lambda: {"from_at": first(), "to_at": last(), "was": was.value}

    def tariff(self) -> Body:
        name = self._form.field("tariff", ui.input("Name of the tariff").classes("w-full"))
        version = self._form.field("version", ui.number("Version; empty: the newest", min=1, step=1).classes("w-full"))
        return lambda: {
            "tariff": name.value or "",
            "version": None if version.value is None else int(version.value),
        }

    def payer(self) -> Body:
        payer = self._form.field("payer", ui.input("Who pays").classes("w-full"))
        return lambda: {"payer": payer.value or ""}

    def waive(self) -> Body:
        ui.label("The new version comes to nothing.")
        return dict

    def _time(self, path: str, label: str, given: str | None) -> Callable[[], str | None]:
        field = self._input(path, label, given)
        return lambda: kept_moment(given, field.value, self._zone)

    def _input(self, path: str, label: str, given: str | None) -> ui.input:
        field = ui.input(label, value=for_input(given, self._zone)).classes("w-full")
        field.props("type=datetime-local step=1 stack-label")
        self._form.field(path, field)
        return field


def changed_times(
    transaction: Mapping[str, Any], typed: Mapping[str, str | None], zone: tzinfo
) -> dict[str, str | None]:
    """The ends of a transaction that were typed anew. The other one is not sent: it is billed as it was told.

    Raises Problem where neither was.
    """
    changed = {name: changed_moment(for_input(transaction[name], zone), text, zone) for name, text in typed.items()}
    if not any(changed.values()):
        raise Problem(422, "", (("body.ended_at", "neither its start nor its end is changed"),))
    return changed


def _number(text: str | None) -> Any:
    """As the API takes an amount: its text; it says itself what is wrong with it."""
    return (text or "").strip()


def corrected_in_words(change: Mapping[str, Any], zone: tzinfo) -> str:
    """What a correction changed."""
    said = [
        f"{name.removesuffix('_at').replace('_', ' ')} {_value(value, zone)}"
        for name, value in change.items()
        if name not in ("kind", "taxes") and value not in (None, [], ())
    ]
    return f"{KINDS.get(change['kind'], change['kind'])}: {', '.join(said)}" if said else KINDS[change["kind"]]


def _value(value: Any, zone: tzinfo) -> str:
    if isinstance(value, list):
        return "; ".join(f"{_value(each['at'], zone)}: {each['wh']} Wh" for each in value)
    try:
        return moment(value, zone) if isinstance(value, str) and "T" in value else str(value)
    except ValueError:
        return str(value)
