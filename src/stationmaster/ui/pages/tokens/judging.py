"""Whether a token would be let in now, and why not. Asking changes nothing."""

from typing import Any

from nicegui import ui

from stationmaster.ui.api import Problem
from stationmaster.ui.formats import NONE, duration, energy, moment, money
from stationmaster.ui.parts.badge import StateBadge
from stationmaster.ui.parts.panel import Facts
from stationmaster.ui.parts.pickers import STATIONS, Picker
from stationmaster.ui.visit import Visit
from stationmaster.ui.words import TOKENS, look_of

_PURPOSES = {"authorize": "be let in", "start": "start charging", "stop": "stop charging"}
_SOURCES = {
    "own": "the rules here",
    "outside": "the other system",
    "policy": "a policy of ours",
    "free": "charging is free for all",
    "command": "an operator's command",
    "payment": "a payment",
}


def judging(visit: Visit, token: dict[str, Any]) -> None:
    """A station, and what the token is to do there."""
    with ui.row().classes("items-center gap-3 w-full"):
        with ui.element("div").classes("w-56"):
            station = Picker(visit, STATIONS, label="At station")
        evse = ui.number("EVSE", min=1, step=1).classes("w-20")
        purpose = ui.select(_PURPOSES, value="start", label="May it").classes("w-36")
        button = ui.button("Judge", icon="gavel").props("outline no-caps")
    with ui.column().classes("w-full gap-2").props('role=status data-testid="judgement"') as said:
        badge = StateBadge(look_of(TOKENS, None))
        facts = Facts("Why", "Says", "Stations may keep it until", "As far as", "Looked at again when it starts")
    said.visible = False

    async def judge() -> None:
        asked = {
            "id_token": {"value": token["value"], "type": token["type"]},
            "station": station.value,
            "evse_id": None if evse.value is None else int(evse.value),
            "purpose": purpose.value,
            "ask_outside": True,
        }
        try:
            verdict = await visit.api.post("/tokens/judge", asked)
        except Problem as problem:
            visit.failed(problem)
            return
        badge.show(look_of(TOKENS, verdict["status"]))
        facts.show(
            {
                "Why": verdict["reason"] or ("nothing speaks against it" if verdict["status"] == "Accepted" else NONE),
                "Says": _SOURCES.get(verdict["source"], verdict["source"]),
                "Stations may keep it until": moment(verdict["cache_expiry"], visit.zone),
                "As far as": _limit(verdict["limit"]),
                "Looked at again when it starts": "; ".join(verdict["depends_on"]),
            }
        )
        said.visible = True

    button.on_click(judge)


def _limit(limit: dict[str, Any] | None) -> str:
    if limit is None:
        return NONE
    said = [
        energy(limit["max_energy_wh"]) if limit["max_energy_wh"] is not None else "",
        money(limit["max_cost"], None) if limit["max_cost"] is not None else "",
        duration(limit["max_time_s"]) if limit["max_time_s"] is not None else "",
        f"{limit['max_soc_pct']} %" if limit["max_soc_pct"] is not None else "",
    ]
    return ", ".join(each for each in said if each) or NONE
