"""What the API finds wrong with what was typed, shown where it was typed."""

from typing import Any

from nicegui import ui
from nicegui.elements.mixins.validation_element import ValidationElement

from stationmaster.ui.api import Problem
from stationmaster.ui.visit import Visit

_OUTER = ("body.", "query.", "path.")


class FieldProblems:
    """Made where what belongs to no input is to be said. ``fields``: inputs by their place in the request, such as
    ``id_token.value`` or ``energy.prices[0].amount``."""

    def __init__(self, visit: Visit) -> None:
        self._visit = visit
        self.fields: dict[str, Any] = {}
        self._rest = ui.label().classes("sm-error pl-2").props("role=alert")
        self._rest.visible = False

    def clear(self) -> None:
        """Before it is sent again."""
        self._rest.visible = False
        for element in self.fields.values():
            if isinstance(element, ValidationElement):
                element.error = None

    def tell(self, problem: Problem) -> None:
        if problem.is_signed_out:
            self._visit.failed(problem)
            return
        elsewhere = []
        for path, detail in problem.errors:
            place = _inner(path)
            element = self.fields.get(place)
            if isinstance(element, ValidationElement):
                element.error = f"{element.error}; {detail}" if element.error else detail
            else:
                elsewhere.append(f"{place}: {detail}")
        if elsewhere or not problem.errors:
            self._rest.set_text("; ".join(elsewhere) or problem.detail)
            self._rest.visible = True


def _inner(path: str) -> str:
    for outer in _OUTER:
        path = path.removeprefix(outer)
    return path
