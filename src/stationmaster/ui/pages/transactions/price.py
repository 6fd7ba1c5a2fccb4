"""What a transaction costs: so far while it runs, then its bill, line by line, with all versions and corrections."""

from collections.abc import Callable, Mapping
from typing import Any

from nicegui import background_tasks, ui

from stationmaster.ui.api import Problem
from stationmaster.ui.formats import NONE, energy, moment, money
from stationmaster.ui.formats import text as shown
from stationmaster.ui.pages.transactions.corrections import correct, corrected_in_words
from stationmaster.ui.pages.transactions.looks import LINES, bill_cell
from stationmaster.ui.parts.badge import StateBadge
from stationmaster.ui.parts.data_table import Column, Row
from stationmaster.ui.parts.form import allow, confirm
from stationmaster.ui.parts.plain_table import PlainTable
from stationmaster.ui.visit import Visit
from stationmaster.ui.words import BILLS, Look, look_of

_SO_FAR = Look("so far", "busy", "hourglass_top")
_CAUSES = {
    "ended": "the transaction ended",
    "evidence": "the station told more",
    "correction": "corrected",
    "released": "released",
}


class Price:
    """``show`` is told how the transaction stands; ``meanings``: of the flags that bills may have."""

    def __init__(self, visit: Visit, transaction: dict[str, Any], meanings: Mapping[str, str]) -> None:
        self._visit, self._transaction, self._meanings = visit, transaction, meanings
        self._bill: dict[str, Any] | None = None
        self._flags: list[str] = []
        self._open = transaction["open"]
        self._stop: Callable[[], None] | None = None
        with ui.row().classes("items-center gap-3 w-full"):
            self._total = ui.label(NONE).classes("sm-tile-value").props('data-testid="total"')
            self._badge = StateBadge(_SO_FAR)
            ui.space()
            self._release = allow(visit, ui.button("Release", icon="check", on_click=self._let_go), "operator")
            self._correct = allow(visit, ui.button("Correct", icon="edit", on_click=self._put_right), "operator")
            for button in (self._release, self._correct):
                button.props("outline no-caps")
                button.visible = False
        self._badge.element.visible = False
        self._note = ui.label("Looking for its price.").classes("sm-quiet")
        self._lines = PlainTable(_LINES, label="Lines of the price", empty="")
        self._sums = ui.label().classes("sm-quiet")
        self._odd = ui.column().classes("w-full gap-0")
        self._history = BillHistory(visit, transaction)
        kinds = ("BillIssued", "BillHeld")
        path = f"/transactions/{transaction['key']}/bill-versions"
        visit.watch(path, self._billed, kinds=kinds, station_key=transaction["station"], every_s=15.0)

    def show(self, now: dict[str, Any]) -> None:
        self._open = now["open"]
        if self._open and self._stop is None and self._bill is None:
            self._stop = self._visit.watch(
                f"/transactions/{now['key']}/running-cost",
                self._running,
                query={"parts": False},
                every_s=10.0,
                failed=self._no_running,
            )
        elif not self._open and self._stop is not None:
            self._stop()
            self._stop = None
            if self._bill is None:
                self._note.set_text("It is over; its bill is being made.")

    def _running(self, answer: dict[str, Any]) -> None:
        if self._open and self._bill is None:
            self._note.set_text("An estimate, without what is only added at the end. The bill is made when it ends.")
            self._content(answer["content"], _SO_FAR)

    def _no_running(self, problem: Problem) -> None:
        if problem.is_signed_out:
            self._visit.failed(problem)
        elif self._open and self._bill is None:
            self._note.set_text(f"{problem.in_words()} A price is set under Tariffs.")

    def _billed(self, answer: dict[str, Any]) -> None:
        versions = answer["items"]
        self._history.show(versions)
        if not versions:
            if not self._open:
                self._note.set_text(
                    "There is no bill: no tariff was known when it ended. Prices are set under Tariffs."
                )
            return
        self._bill = bill = versions[0]
        if self._stop is not None:
            self._stop()
            self._stop = None
        self._note.set_text("")
        self._content(bill["content"], look_of(BILLS, bill["state"]))
        self._release.visible = bill["state"] == "held"
        self._correct.visible = True

    def _content(self, content: dict[str, Any], look: Look) -> None:
        currency = content["currency"]
        self._total.set_text(money(content["total"], currency))
        self._badge.show(look)
        self._badge.element.visible = True
        self._note.visible = bool(self._note.text)
        self._lines.show([{**line, "currency": currency} for line in content["lines"]])
        net, tax = money(content["net"], currency), money(content["tax"], currency)
        self._sums.set_text(f"Net {net}, tax {tax}; {energy(content['energy_wh'])}")
        self._flagged(content["flags"])

    def _flagged(self, flags: list[str]) -> None:
        if self._flags == flags:
            return
        self._flags = flags
        self._odd.clear()
        with self._odd:
            for flag in flags:
                ui.label(f"Odd: {self._meanings.get(flag, flag)}.").classes("sm-error pl-2")

    def _let_go(self) -> None:
        async def release() -> None:
            assert self._bill is not None
            released = await self._visit.api.post(f"/bills/{self._bill['key']}/release")
            ui.notify(f"Released as version {released['version']}", type="positive")

        confirm(self._visit, "Release this bill? Somebody has looked at what is odd about it.", "Release", release)

    def _put_right(self) -> None:
        correct(self._visit, self._transaction)


def what(line: Row) -> str:
    """What a line is for."""
    name = LINES.get(line["kind"], line["kind"])
    of_which = ", in the amounts above" if line["of_which"] else ""
    return f"{name}{of_which}{': ' + line['text'] if line['text'] else ''}"


def quantity(line: Row) -> str:
    """Rounded for reading; the amount is made of the exact one."""
    return f"{line['quantity']:,.3f} {line['unit']}" if line["unit"] else NONE


def unit_price(line: Row) -> str:
    if line["price"] is None:
        return NONE
    per = f" per {line['unit']}" if line["unit"] else ""
    return f"{money(line['price'], line['currency'])}{per}"


_LINES = (
    Column(name="what", label="For", cell=what),
    Column(name="quantity", label="Quantity", align="right", cell=quantity),
    Column(name="price", label="Price", align="right", cell=unit_price, wide_only=True),
    Column(name="amount", label="Amount", align="right", cell=lambda line: money(line["amount"], line["currency"])),
)


class BillHistory:
    """The sentences behind the amounts; versions and corrections, as far as there are any."""

    def __init__(self, visit: Visit, transaction: dict[str, Any]) -> None:
        self._visit, self._key = visit, transaction["key"]
        self._explained: int | None = None
        self._newest: int | None = None
        with ui.expansion("Explained line by line", icon="lightbulb").classes("w-full") as self._why:
            self._sentences = ui.column().classes("w-full gap-1")
        self._why.on_value_change(self._explain)
        with ui.expansion("Versions and corrections", icon="history").classes("w-full") as self._past:
            self._versions = PlainTable(self._version_columns(), label="Versions of the bill", empty="")
            self._corrections = PlainTable(
                self._correction_columns(), label="Corrections of the bill", empty="Nothing was corrected."
            )
        self._why.visible = self._past.visible = False

    def show(self, versions: list[dict[str, Any]]) -> None:
        self._why.visible = self._past.visible = bool(versions)
        if versions and versions[0]["key"] != self._newest:
            self._newest = versions[0]["key"]
            self._versions.show(versions)
            background_tasks.create(self._look_anew())

    async def _look_anew(self) -> None:
        found = await self._get(f"/transactions/{self._key}/corrections")
        self._corrections.show(found["items"] if found else [])
        await self._explain()

    async def _explain(self) -> None:
        if not self._why.value or self._newest in (None, self._explained):
            return
        found = await self._get(f"/bills/{self._newest}/explanation")
        if found is None:
            return
        self._explained = self._newest
        self._sentences.clear()
        with self._sentences:
            ui.label(f"Tariff {shown(found['tariff'])}: {found['why']}. Local time is that of {found['zone']}.")
            for sentence in found["sentences"]:
                ui.label(sentence)

    async def _get(self, path: str) -> Any:
        try:
            return await self._visit.api.get(path)
        except Problem as problem:
            self._visit.failed(problem)
            return None

    def _version_columns(self) -> tuple[Column, ...]:
        zone = self._visit.zone
        return (
            Column(name="version", label="Version", cell=lambda bill: str(bill["version"])),
            Column(name="state", label="State", cell=bill_cell),
            Column(name="issued", label="Issued", cell=lambda bill: moment(bill["issued_at"], zone)),
            Column(name="cause", label="Why", cell=lambda bill: _CAUSES.get(bill["cause"], str(bill["cause"]))),
            Column(
                name="total",
                label="Total",
                align="right",
                cell=lambda bill: money(bill["content"]["total"], bill["content"]["currency"]),
            ),
        )

    def _correction_columns(self) -> tuple[Column, ...]:
        zone = self._visit.zone
        return (
            Column(name="at", label="Corrected", cell=lambda each: moment(each["at"], zone)),
            Column(name="by", label="By", cell=lambda each: each["by"]),
            Column(name="what", label="What", cell=lambda each: corrected_in_words(each["change"], zone)),
            Column(name="reason", label="Reason", cell=lambda each: each["reason"]),
        )
