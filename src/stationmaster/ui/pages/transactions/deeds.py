"""What can be done about a transaction that goes on: stop it, limit it, ask its station, close it by hand."""

from typing import Any

from nicegui import ui

from stationmaster.ui.parts.form import FormDialog, allow, confirm
from stationmaster.ui.parts.outcome import Outcomes
from stationmaster.ui.visit import Visit


class Deeds:
    """The buttons, in ``place``; there only while it goes on."""

    def __init__(self, visit: Visit, transaction: dict[str, Any], outcomes: Outcomes, place: ui.element) -> None:
        self._visit, self._outcomes = visit, outcomes
        self._key, self._station = transaction["key"], transaction["station"]
        self._place = place
        with place:
            for title, icon, do in (
                ("Limit", "speed", self._limit),
                ("Ask the station", "help_center", self._ask),
                ("Close by hand", "rule", self._close),
            ):
                allow(visit, ui.button(title, icon=icon, on_click=do).props("outline no-caps"), "operator")
            allow(
                visit, ui.button("Stop", icon="stop", on_click=self._stop).props("no-caps color=negative"), "operator"
            )

    def show(self, now: dict[str, Any]) -> None:
        self._place.visible = now["open"]

    def _stop(self) -> None:
        async def stop() -> None:
            await self._give("RequestStopTransaction", "Stop")

        confirm(self._visit, "Stop this transaction?", "Stop it", stop, danger=True)

    async def _ask(self) -> None:
        asked = {"type": "GetTransactionStatus", "transaction": self._key}
        await self._outcomes.try_give(self._station, asked, "Ask what the station knows of it")

    async def _give(self, kind: str, title: str) -> None:
        await self._outcomes.give(self._station, {"type": kind, "transaction": self._key}, title)

    def _limit(self) -> None:
        form = FormDialog(self._visit, "How far may it go?", "Set the limit")
        with form:
            ui.label("What is left empty stays as it is. A limit can be changed, not taken away.").classes("sm-quiet")
            energy = form.field("max_energy_wh", ui.number("Energy (kWh)", min=0, step=1))
            cost = form.field("max_cost", ui.number("Cost, taxes included", min=0, step=1))
            time = form.field("max_time_s", ui.number("Minutes from its start", min=0, step=15))
            soc = form.field("max_soc_pct", ui.number("State of charge (%)", min=0, max=100, step=5))

        async def send() -> None:
            limits = {
                "max_energy_wh": _whole(energy.value, 1000),
                "max_cost": cost.value,
                "max_time_s": _whole(time.value, 60),
                "max_soc_pct": _whole(soc.value, 1),
            }
            asked = {name: value for name, value in limits.items() if value is not None}
            await self._visit.api.put(f"/transactions/{self._key}/limit", asked)
            ui.notify("The limit is set; its state stands under “What it is”.", type="positive")

        form.on_send(send)
        form.open(once=True)

    def _close(self) -> None:
        form = FormDialog(self._visit, "Close by hand", "Close it", danger=True)
        with form:
            ui.label(
                "For a transaction whose end never comes. Nothing is said to the station; any later word of the "
                "transaction opens it again."
            )
            detail = form.field("detail", ui.textarea("Why").props("autofocus maxlength=500").classes("w-full"))

        async def send() -> None:
            await self._visit.api.post(f"/transactions/{self._key}/close", {"detail": detail.value or ""})
            ui.notify("Closed", type="positive")

        form.on_send(send)
        form.open(once=True)


def _whole(value: float | None, unit: int) -> int | None:
    """In the API's unit."""
    return None if value is None else round(value * unit)
