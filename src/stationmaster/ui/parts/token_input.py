"""Choosing a token: typed, with those that are known offered while one types."""

from itertools import count
from typing import Any

from nicegui import ui
from nicegui.events import ValueChangeEventArguments

from stationmaster.ui.api import Problem
from stationmaster.ui.visit import Visit

_MOST = 20
_numbers = count(1)


class TokenInput:
    """``id_token`` is what the API takes: the type is that of the known token of this value."""

    def __init__(self, visit: Visit, label: str = "Token") -> None:
        self._visit = visit
        self._types: dict[str, str | None] = {}
        name = f"sm-tokens-{next(_numbers)}"
        self.input = ui.input(label, on_change=self._typed).classes("w-full")
        self.input.props(f"debounce=250 list={name} autocomplete=off maxlength=255 autofocus")
        self.input.props["hint"] = "Type a part of it, and choose; or type one that is not known here."
        self._offered = ui.element("datalist").props(f"id={name}")

    @property
    def value(self) -> str:
        return str(self.input.value or "").strip()

    @property
    def id_token(self) -> dict[str, Any]:
        kind = self._types.get(self.value)
        return {"value": self.value} if kind is None else {"value": self.value, "type": kind}

    async def offer(self) -> None:
        """Show the known tokens that have what is typed."""
        try:
            found = await self._visit.api.get("/tokens", {"text": self.value, "limit": _MOST})
        except Problem as problem:
            self._visit.failed(problem)
            return
        if self._offered.is_deleted:
            return
        self._types |= {token["value"]: token["type"] for token in found["items"]}
        self._offered.clear()
        with self._offered:
            for token in found["items"]:
                option = ui.element("option")
                option.props["value"] = token["value"]
                option.props["label"] = " · ".join(word for word in (token["status"], token["note"]) if word)

    async def _typed(self, event: ValueChangeEventArguments[Any]) -> None:
        self.input.error = None
        await self.offer()
