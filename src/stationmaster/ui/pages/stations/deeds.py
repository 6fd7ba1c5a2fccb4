"""What an operator can have a station do from its page: a dialog each, and what became of it beneath."""

from typing import Any

from nicegui import ui

from stationmaster.ui.formats import from_input
from stationmaster.ui.pages.stations import deed_words as words
from stationmaster.ui.parts.form import FormDialog
from stationmaster.ui.parts.outcome import Outcomes
from stationmaster.ui.parts.token_input import TokenInput
from stationmaster.ui.visit import Visit

WHOLE = 0
"""Stands for the station, where an EVSE is chosen."""


class Deeds:
    """``connected`` and ``evses`` are what the page was told last: what is offered in the dialogs goes by them."""

    def __init__(self, visit: Visit, station: dict[str, Any], outcomes: Outcomes) -> None:
        self._visit = visit
        self.station_key: int = station["key"]
        self._outcomes = outcomes
        self.connected: bool = station["connected"]
        self.evses: tuple[int, ...] = ()

    async def start(self, evse_id: int | None) -> None:
        """Choose a token, and have it charge."""
        form = self._form("Start charging", "Start")
        with form:
            token = TokenInput(self._visit)
            form.field("id_token.value", token.input)
            place = self._place(evse_id, "Whichever is free")
            wait = self._wait()

        async def send() -> None:
            command = {"type": "RequestStartTransaction", "id_token": token.id_token, **_evse(place.value)}
            await self._give(command, wait, f"Start {words.at(place.value)} for {token.value}")

        form.on_send(send)
        form.open()
        await token.offer()

    def stop(self, transaction: dict[str, Any], evse_id: int) -> None:
        whose = f" of {transaction['token']}" if transaction["token"] else ""
        command = {"type": "RequestStopTransaction", "transaction": transaction["key"]}
        self._sure(f"Stop the transaction{whose} {words.at(evse_id)}?", "Stop", command, f"Stop {words.at(evse_id)}")

    def unlock(self, evse_id: int, connector_id: int) -> None:
        command = {"type": "UnlockConnector", "evse_id": evse_id, "connector_id": connector_id}
        title = f"Unlock {words.at(evse_id, connector_id)}"
        self._sure(f"{title}?", "Unlock", command, title)

    async def reserve(self, evse_id: int | None) -> None:
        """Have a place kept for a token, for some time or until a moment."""
        form = self._form("Reserve", "Reserve")
        with form:
            token = TokenInput(self._visit, "For the token")
            form.field("id_token.value", token.input)
            place = self._place(evse_id, "Whichever is free")
            form.field("evse_id", place)
            length = ui.select(words.LENGTHS, value=60, label="How long").classes("w-full")
            form.field("minutes", length)
            until = ui.input("Until").props("type=datetime-local stack-label").classes("w-full")
            form.field("expires_at", until).bind_visibility_from(length, "value", lambda chosen: chosen == words.UNTIL)
            wait = self._wait()

        async def send() -> None:
            until_then = length.value == words.UNTIL
            body = {
                "id_token": token.id_token,
                "expires_at": from_input(until.value, self._visit.zone) if until_then else None,
                "minutes": None if until_then else length.value,
                **_evse(place.value),
                **_lifetime(wait),
            }
            made = await self._visit.api.post(f"/stations/{self.station_key}/reservations", body)
            await self._follow(made["command"], f"Reserve {words.at(place.value)} for {token.value}")

        form.on_send(send)
        form.open()
        await token.offer()

    def cancel(self, reservation: dict[str, Any]) -> None:
        """Let a reserved place go."""
        title = f"Cancel the reservation of {reservation['token']}"
        form = self._form(f"{title}?", "Cancel the reservation", danger=True, give_up="Keep it")

        async def send() -> None:
            after = await self._visit.api.post(f"/reservations/{reservation['key']}/cancel")
            await self._follow(after["command"], title)

        form.on_send(send)
        form.open()

    def availability(self, evse_id: int | None) -> None:
        """Have a place taken out of service, or put in."""
        form = self._form("Service", "Ask for it")
        with form:
            chosen = ui.radio(words.SERVICE, value=False)
            place = self._place(evse_id, "The whole station")
            wait = self._wait()

        async def send() -> None:
            operative = bool(chosen.value)
            command = {"type": "ChangeAvailability", "operative": operative, **_evse(place.value)}
            where = words.place(place.value)
            await self._give(command, wait, f"Put {where} in service" if operative else f"Take {where} out of service")

        form.on_send(send)
        form.open()

    def reset(self) -> None:
        form = self._form("Reset", "Reset", danger=True)
        with form:
            kind = ui.radio(words.RESETS, value="OnIdle")
            place = self._place(None, "The whole station")
            wait = self._wait()

        async def send() -> None:
            command = {"type": "Reset", "reset_type": kind.value, **_evse(place.value)}
            await self._give(command, wait, f"Reset {words.place(place.value)} ({words.RESET_NAMES[kind.value]})")

        form.on_send(send)
        form.open()

    def trigger(self) -> None:
        """Ask the station to send a message."""
        form = self._form("Trigger a message", "Ask for it")
        with form:
            message = ui.select(words.TRIGGERS, value="StatusNotification", label="Message").classes("w-full")
            form.field("requested", message)
            place = self._place(None, "Not of an EVSE")
            wait = self._wait()

        async def send() -> None:
            command = {"type": "TriggerMessage", "requested": message.value, **_evse(place.value)}
            await self._give(command, wait, f"Trigger {message.value}")

        form.on_send(send)
        form.open()

    def _sure(self, question: str, do_label: str, command: dict[str, Any], title: str) -> None:
        form = self._form(question, do_label, danger=True)
        with form:
            wait = self._wait()
        form.on_send(lambda: self._give(command, wait, title))
        form.open()

    def _form(self, title: str, label: str, *, danger: bool = False, give_up: str = "Cancel") -> FormDialog:
        form = FormDialog(self._visit, title, label, danger=danger, give_up=give_up)
        form.dialog.on("hide", form.dialog.delete)
        return form

    def _place(self, evse_id: int | None, otherwise: str) -> ui.select:
        known = {WHOLE: otherwise} | {each: f"EVSE {each}" for each in self.evses}
        chosen = evse_id if evse_id in known else WHOLE
        return ui.select(known, value=chosen, label="Where").classes("w-full")

    def _wait(self) -> ui.select | None:
        """How long it may wait for a station that is not there; one that is there gets it at once."""
        if self.connected:
            return None
        ui.label(words.AWAY).classes("sm-quiet")
        return ui.select(words.LIFETIMES, value=3600, label="Wait for the station").classes("w-full")

    async def _give(self, command: dict[str, Any], wait: ui.select | None, title: str) -> None:
        await self._outcomes.give(self.station_key, {**command, **_lifetime(wait)}, title)

    async def _follow(self, command_key: int, title: str) -> None:
        self._outcomes.follow(await self._visit.api.get(f"/stations/{self.station_key}/commands/{command_key}"), title)


def _evse(chosen: int | None) -> dict[str, int]:
    return {"evse_id": chosen} if chosen else {}


def _lifetime(wait: ui.select | None) -> dict[str, int]:
    return {} if wait is None else {"lifetime_s": wait.value}
