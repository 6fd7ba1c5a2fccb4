"""One reservation: how it stands, changing and cancelling it."""

from typing import Any

from nicegui import ui

from stationmaster.ui.formats import changed_moment, for_input, moment
from stationmaster.ui.formats import text as shown
from stationmaster.ui.pages.reservations.listing import follow, whole
from stationmaster.ui.pages.reservations.wording import CHANGES, became, place
from stationmaster.ui.parts.badge import StateBadge
from stationmaster.ui.parts.form import FormDialog, allow, confirm
from stationmaster.ui.parts.outcome import Outcomes
from stationmaster.ui.parts.panel import Facts, panel
from stationmaster.ui.parts.token_input import TokenInput
from stationmaster.ui.visit import Visit, page
from stationmaster.ui.words import RESERVATIONS, look_of

_FACTS = ("Place", "Until", "Group", "What became of it", "Asked", "By", "Changed", "Number there")


@page("/reservations/{key}", title="Reservation")
async def reservation(visit: Visit, key: str) -> None:
    found = await visit.api.get(f"/reservations/{key}")
    ui.link("All reservations", "/reservations").classes("sm-link")
    Reserved(visit, found)


class Reserved:
    """It follows what becomes of the reservation."""

    def __init__(self, visit: Visit, found: dict[str, Any]) -> None:
        self._visit, self._now = visit, found
        with panel():
            with ui.row().classes("items-center gap-3 w-full"):
                ui.label(found["token"]).classes("sm-section")
                self._state = StateBadge(look_of(RESERVATIONS, found["state"]))
                ui.space()
                self._change = allow(visit, ui.button("Change", icon="edit", on_click=self._changing), "operator")
                self._cancel = allow(
                    visit, ui.button("Cancel it", icon="event_busy", on_click=self._cancelling), "operator"
                )
                self._cancel.props("color=negative")
            self._outcomes = Outcomes(visit)
            self._facts = Facts(
                "Place", "Until", "Group", "What became of it", "Asked", "By", "Changed", "Number there"
            )
            with ui.row().classes("gap-4"):
                name = found["station_identity"] or f"station {found['station']}"
                ui.link(f"Station {name}", f"/stations/{found['station']}").classes("sm-link")
                self._used = ui.link("", "").classes("sm-link")
        self.show(found)
        path = f"/reservations/{found['key']}"
        visit.watch(path, self.show, kinds=CHANGES, station_key=found["station"], every_s=15.0)

    def show(self, now: dict[str, Any]) -> None:
        self._now, zone = now, self._visit.zone
        self._state.show(look_of(RESERVATIONS, now["state"]))
        self._facts.show(
            {
                "Place": place(now),
                "Until": moment(now["expires_at"], zone),
                "Group": now["group"],
                "What became of it": became(now),
                "Asked": moment(now["asked_at"], zone),
                "By": shown(now["requested_by"]),
                "Changed": moment(now["changed_at"], zone),
                "Number there": now["reservation_id"],
            }
        )
        self._change.visible = self._cancel.visible = now["is_open"]
        self._used.visible = now["transaction"] is not None
        self._used.set_text(f"Used by transaction {now['transaction']}")
        self._used.props["href"] = f"/transactions/{now['transaction']}"

    def _changing(self) -> None:
        prefilled = for_input(self._now["expires_at"], self._visit.zone)
        form = FormDialog(self._visit, "Change the reservation", "Change it")
        with form:
            ui.label("If the station refuses, nothing has changed.").classes("sm-quiet")
            until = ui.input("Until", value=prefilled)
            form.field("expires_at", until.props("type=datetime-local step=1 stack-label").classes("w-full"))
            evse = ui.number("EVSE", value=self._now["evse_id"], min=1, precision=0).classes("w-full")
            form.field("evse_id", evse)
            token = TokenInput(self._visit, "For the token")
            token.input.value = self._now["token"]
            form.field("id_token.value", token.input)

        async def send() -> None:
            body: dict[str, Any] = {
                "expires_at": changed_moment(prefilled, until.value, self._visit.zone),
                "evse_id": whole(evse.value),
            }
            body["id_token"] = token.id_token if token.value != self._now["token"] else None
            given = {name: value for name, value in body.items() if value is not None}
            made = await self._visit.api.patch(f"/reservations/{self._now['key']}", given)
            await follow(self._visit, self._outcomes, made, "Change")

        form.on_send(send)
        form.open(once=True)

    def _cancelling(self) -> None:
        async def cancel() -> None:
            after = await self._visit.api.post(f"/reservations/{self._now['key']}/cancel")
            await follow(self._visit, self._outcomes, after, "Cancel")

        confirm(self._visit, "Cancel this reservation?", "Cancel the reservation", cancel, danger=True)
