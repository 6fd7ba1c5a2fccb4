"""The tab "Messages": what goes over the wire to and from this station, as it goes, and calls by hand."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from nicegui import ui

from stationmaster.ui.api import Problem
from stationmaster.ui.pages.messages.filters import all_actions
from stationmaster.ui.pages.messages.live import live_log
from stationmaster.ui.parts.badge import StateBadge
from stationmaster.ui.parts.data_table import Row
from stationmaster.ui.parts.form import allow
from stationmaster.ui.parts.heading import heading
from stationmaster.ui.parts.panel import panel
from stationmaster.ui.parts.raw import raw_text
from stationmaster.ui.visit import Visit
from stationmaster.ui.words import COMMANDS, look_of


async def build(visit: Visit, station: dict[str, Any]) -> None:
    with panel("Call by hand"):
        RawCall(visit, station)
    heading("Live", 2)
    live_log(visit, await all_actions(visit), int(station["key"]))


class RawCall:
    """Any call of the station's own version, for administrators: what it takes, and what came back."""

    def __init__(self, visit: Visit, station: Row) -> None:
        self._visit, self._key = visit, int(station["key"])
        self._stop: Callable[[], None] = lambda: None
        self._action = ui.select({}, label="Action", with_input=True).classes("w-72")
        self._payload = ui.textarea("Payload (JSON)", value="{}").props("autogrow").classes("w-full sm-mono")
        self._problem = ui.label().classes("sm-error pl-2").props("role=alert")
        self._problem.visible = False
        self._button = ui.button("Send", icon="send", on_click=self._send)
        allow(visit, self._button, "administrator")
        self._out = ui.column().classes("w-full gap-1").props('role=status aria-live=polite data-testid="raw-answer"')
        with self._out:
            self._badge = StateBadge(look_of(COMMANDS, None))
            self._said = ui.label()
            self._answer = raw_text("")
        self._out.visible = False
        version = station["version"]
        if version:
            visit.watch(f"/protocol/{version}", self._show_actions, every_s=3600.0)

    def _show_actions(self, protocol: Row) -> None:
        self._action.set_options(actions_to_call(protocol))

    async def _send(self) -> None:
        self._problem.visible = False
        try:
            payload = json.loads(self._payload.value or "{}")
        except ValueError as error:
            self._tell(f"The payload is no JSON: {error}")
            return
        if not self._action.value:
            self._tell("Choose an action first.")
            return
        call = {"action": self._action.value, "payload": payload, "wait": 0}
        try:
            given = await self._visit.api.post(f"/stations/{self._key}/calls", call)
        except Problem as problem:
            if problem.is_signed_out:
                self._visit.failed(problem)
            else:
                self._tell(refusal_in_words(problem))
            return
        self._follow(given["command"])

    def _follow(self, command: int) -> None:
        self._stop()
        self._out.visible = True
        self._answer.set_text("")
        path = f"/stations/{self._key}/commands/{command}"
        self._stop = self._visit.watch(path, self._show, kinds=("CommandChanged",), station_key=self._key, every_s=5.0)

    def _show(self, command: Row) -> None:
        self._badge.show(look_of(COMMANDS, command["state"]))
        self._said.set_text(f"{command['request'].get('action', '')} {command['detail'] or ''}".strip())
        answer = command["answer"]
        self._answer.set_text("" if answer is None else json.dumps(answer, indent=2, ensure_ascii=False))

    def _tell(self, words: str) -> None:
        self._problem.set_text(words)
        self._problem.visible = True


def actions_to_call(protocol: Mapping[str, Any]) -> dict[str, str]:
    """Those that go to stations and are answered."""
    return {
        each["action"]: each["action"]
        for each in protocol["actions"]
        if each["answered"] and each["sender"] in ("csms", "both")
    }


def refusal_in_words(problem: Problem) -> str:
    """What is wrong with a call, member by member."""
    wrong = "; ".join(f"{path.removeprefix('body.')}: {what}" for path, what in problem.errors)
    return f"{problem.detail} {wrong}".strip()
