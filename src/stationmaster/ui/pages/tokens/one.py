"""One token: what is known of it, whether it would be let in, what it charges, and when it was refused."""

from typing import Any

from nicegui import background_tasks, ui

from stationmaster.ui.api import Problem
from stationmaster.ui.formats import moment
from stationmaster.ui.pages.tokens.forms import change_token
from stationmaster.ui.pages.tokens.judging import judging
from stationmaster.ui.pages.tokens.looks import rules_in_words
from stationmaster.ui.pages.tokens.money import Money
from stationmaster.ui.pages.tokens.refusals import refusal_columns
from stationmaster.ui.pages.tokens.rules import MOST_NAMED, change_rules, station_names
from stationmaster.ui.pages.tokens.transactions import token_transactions
from stationmaster.ui.parts.badge import StateBadge
from stationmaster.ui.parts.data_table import DataTable, Listing
from stationmaster.ui.parts.form import allow, confirm
from stationmaster.ui.parts.outcome import Outcomes
from stationmaster.ui.parts.panel import Facts, panel
from stationmaster.ui.visit import Visit, page, refusal
from stationmaster.ui.words import TOKENS, look_of

_GRID = "grid grid-cols-1 lg:grid-cols-2 gap-4 w-full items-start"


@page("/tokens/{token_key}", title="Token")
async def token(visit: Visit, token_key: str) -> None:
    if not token_key.isdecimal():
        refusal("There is no such token.")
        return
    found = await visit.api.get(f"/tokens/{token_key}")
    ui.page_title(f"{found['value']} · Stationmaster")
    TokenPage(visit, found)


class TokenPage:
    """Its parts follow the token as it is changed."""

    def __init__(self, visit: Visit, found: dict[str, Any]) -> None:
        self._visit, self._token = visit, found
        self._header()
        self._outcomes = Outcomes(visit)
        with ui.element("div").classes(_GRID):
            with panel("What is known of it"):
                self._facts = Facts(
                    "Type",
                    "Group",
                    "Expires",
                    "At one time",
                    "Priority",
                    "Language",
                    "Party",
                    "Contract",
                    "On local lists",
                    "Note",
                )
            with ui.column().classes("w-full gap-4"):
                with panel("Would it be let in?"):
                    judging(visit, found)
                with panel("Where and when it may charge"):
                    self._rules_panel()
                self._money = Money(visit)
        with panel("Its transactions"):
            token_transactions(visit, found["value"])
        with panel("When it was refused"):
            self._refusals()
        visit.watch(f"/tokens/{found['key']}", self._show, kinds=("TokenChanged",), every_s=15.0, failed=self._gone)
        self._shown_rules: Any = ()
        self._show(found)

    def _header(self) -> None:
        visit = self._visit
        with ui.row().classes("items-center gap-3 w-full"):
            self._badge = StateBadge(look_of(TOKENS, self._token["status"]))
            ui.label(self._token["value"]).classes("sm-tile-value").style("overflow-wrap:anywhere")
            ui.space()
            self._block = ui.button("Block", icon="block", on_click=lambda: self._put("Blocked"))
            self._unblock = ui.button("Accept again", icon="check_circle", on_click=lambda: self._put("Accepted"))
            stop = ui.button("Stop all it charges", icon="stop", on_click=self._stop)
            change = ui.button("Change", icon="edit", on_click=lambda: change_token(visit, self._token))
            forget = ui.button("Forget", icon="delete", on_click=self._forget)
            for button in (self._block, self._unblock, stop, change, forget):
                allow(visit, button.props("outline no-caps"), "operator")

    def _rules_panel(self) -> None:
        self._rules = ui.column().classes("w-full gap-1")
        button = ui.button("Change", icon="edit", on_click=lambda: change_rules(self._visit, self._token))
        button.props('outline no-caps aria-label="Change where and when it may charge"')
        allow(self._visit, button, "operator")

    def _refusals(self) -> None:
        DataTable(
            self._visit,
            Listing(
                path="/refusals",
                columns=refusal_columns(self._visit, with_token=False),
                label="Refusals of the token",
                empty="It was never refused, as far as that is kept.",
                filters={"token": self._token["value"]},
                rows_per_page=10,
            ),
        )

    def _show(self, now: dict[str, Any]) -> None:
        self._token = now
        self._badge.show(look_of(TOKENS, now["status"]))
        self._block.visible = now["status"] != "Blocked"
        self._unblock.visible = now["status"] != "Accepted"
        contract = [each for each in (now["contract_id"], now["contract_issuer"]) if each]
        self._facts.show(
            {
                "Type": now["type"] or "whatever a station says",
                "Group": now["group"],
                "Expires": moment(now["expires_at"], self._visit.zone),
                "At one time": "no limit" if now["max_concurrent"] is None else now["max_concurrent"],
                "Priority": now["charging_priority"],
                "Language": ", ".join(each for each in (now["language"], now["language2"]) if each),
                "Party": now["party_id"],
                "Contract": ", ".join(contract),
                "On local lists": now["on_lists"],
                "Note": now["note"],
            }
        )
        self._money.show(now["account"])
        if now["rules"] != self._shown_rules:
            self._shown_rules = now["rules"]
            background_tasks.create(self._show_rules(now["rules"]))

    async def _show_rules(self, rules: dict[str, Any] | None) -> None:
        places = rules["places"] if rules else []
        names = await station_names(self._visit, [place["station"] for place in places[:MOST_NAMED]])
        if self._rules.is_deleted:
            return
        self._rules.clear()
        with self._rules:
            for sentence in rules_in_words(rules, names) or ["Everywhere, at any time."]:
                ui.label(sentence)

    def _gone(self, problem: Problem) -> None:
        self._visit.failed(problem)

    async def _put(self, status: str) -> None:
        try:
            changed = await self._visit.api.patch(f"/tokens/{self._token['key']}", {"status": status})
        except Problem as problem:
            self._visit.failed(problem)
            return
        self._show(changed)
        ui.notify(f"Its status is {status} now; stations that keep it on a list are told.", type="positive")

    def _stop(self) -> None:
        async def stop() -> None:
            asked = (await self._visit.api.post(f"/tokens/{self._token['key']}/stop"))["items"]
            for each in asked:
                path = f"/stations/{each['station']}/commands/{each['command']}"
                command = await self._visit.api.get(path)
                self._outcomes.follow(command, f"Stop transaction {each['transaction']}")
            if not asked:
                ui.notify("It charges nowhere now.")

        confirm(self._visit, "Stop all that this token charges?", "Stop all", stop, danger=True)

    def _forget(self) -> None:
        async def forget() -> None:
            await self._visit.api.delete(f"/tokens/{self._token['key']}")
            ui.navigate.to("/tokens")

        confirm(self._visit, "Forget this token? Its transactions stay.", "Forget", forget, danger=True)
