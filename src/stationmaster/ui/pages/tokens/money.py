"""The money of a prepaid account: balance, what is held of it, entries; and putting some on it."""

from collections.abc import Callable, Mapping
from typing import Any

from nicegui import ui

from stationmaster.ui.formats import NONE, moment, money
from stationmaster.ui.parts.data_table import Cell, Column, DataTable, Listing, Row
from stationmaster.ui.parts.panel import Facts, panel
from stationmaster.ui.parts.question import Field, ask
from stationmaster.ui.visit import Visit

_KINDS = {"top_up": "put on", "charge": "charged", "hold": "held", "release": "let go"}


class Money:
    """A token's account, where it has one; ``show`` is told its key."""

    def __init__(self, visit: Visit) -> None:
        self._visit = visit
        self._key: int | None = None
        self._stop: Callable[[], None] = lambda: None
        with panel("Prepaid account") as self._panel:
            self._place = ui.column().classes("w-full")
        self._panel.visible = False

    def show(self, key: int | None) -> None:
        if key == self._key:
            return
        self._key = key
        self._panel.visible = key is not None
        self._stop()
        self._place.clear()
        with self._place:
            if key is None:
                return
            if self._visit.may("operator"):
                self._stop = account_parts(self._visit, key)
            else:
                ui.label(f"To see its money needs the role operator; yours is {self._visit.who.role}.")


def account_parts(visit: Visit, key: int) -> Callable[[], None]:
    """An account, wherever it stands. The result ends what keeps it true, before it is taken away."""
    name = ui.link("", f"/tokens/accounts/{key}").classes("sm-link")
    balance = ui.label(NONE).classes("sm-tile-value").props('data-testid="balance"')
    facts = Facts("Held for what runs", "Left to charge with", "Note")
    account: dict[str, Any] = {}
    with ui.row().classes("gap-2"):
        for title, icon, do in (
            ("Put money on it", "add_card", _top_up),
            ("Charge for a transaction", "payments", _charge),
        ):
            button = ui.button(title, icon=icon, on_click=lambda do=do: do(visit, account))
            button.props("outline no-caps")

    def show(now: dict[str, Any]) -> None:
        account.update(now)
        currency = now["currency"]
        name.set_text(now["name"])
        balance.set_text(money(now["balance"], currency))
        held = (
            f"{money(now['held'], currency)} for {len(now['holds'])}" if now["holds"] else money(now["held"], currency)
        )
        left = money(now["available"], currency)
        facts.show({"Held for what runs": held, "Left to charge with": left, "Note": now["note"]})

    stop = visit.watch(f"/accounts/{key}", show, kinds=("AccountChanged",), every_s=10.0)
    table = _entries(visit, key, account)

    def stop_both() -> None:
        stop()
        table.stop()

    return stop_both


def _entries(visit: Visit, key: int, account: Mapping[str, Any]) -> DataTable:
    return DataTable(
        visit,
        Listing(
            path=f"/accounts/{key}/entries",
            columns=(
                Column(name="at", label="When", cell=lambda entry: moment(entry["at"], visit.zone)),
                Column(name="kind", label="What", cell=lambda entry: _KINDS.get(entry["kind"], str(entry["kind"]))),
                Column(
                    name="amount",
                    label="Amount",
                    align="right",
                    cell=lambda entry: money(entry["amount"], account.get("currency")),
                ),
                Column(name="reference", label="Reference", cell=lambda entry: entry["reference"], wide_only=True),
                Column(name="transaction", label="Transaction", cell=_transaction),
                Column(name="by", label="By", cell=lambda entry: entry["by"], wide_only=True),
            ),
            label="What came in and went out",
            empty="Nothing came in yet.",
            kinds=("AccountChanged",),
            rows_per_page=10,
        ),
    )


def _transaction(entry: Row) -> Cell | str:
    key = entry["transaction"]
    return NONE if key is None else Cell(text="open it", href=f"/transactions/{key}")


_AMOUNT = Field(path="amount", label="Amount, such as 20.00")
_REFERENCE = Field(
    path="reference",
    label="Reference",
    hint="Of the payment or the bill: the same one is taken once, however often sent.",
)


def _top_up(visit: Visit, account: Mapping[str, Any]) -> None:
    async def send(body: dict[str, Any]) -> None:
        now = await visit.api.post(f"/accounts/{account['key']}/top-ups", {"amount": "", "reference": "", **body})
        ui.notify(f"There is {money(now['balance'], now['currency'])} on it now", type="positive")

    ask(visit, f"Put {account['currency']} on it", "Put on", (_AMOUNT, _REFERENCE), send)


def _charge(visit: Visit, account: Mapping[str, Any]) -> None:
    async def send(body: dict[str, Any]) -> None:
        asked = {"amount": "", "reference": "", "transaction": 0, **body}
        now = await visit.api.post(f"/accounts/{account['key']}/charges", asked)
        ui.notify(f"There is {money(now['balance'], now['currency'])} on it now", type="positive")

    transaction = Field(
        path="transaction", label="Key of the transaction", kind="number", hint="It ends its page's address."
    )
    ask(visit, "Charge for a transaction that is billed elsewhere", "Charge", (transaction, _AMOUNT, _REFERENCE), send)
