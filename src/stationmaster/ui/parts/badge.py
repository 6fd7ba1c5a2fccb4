"""A state as a badge: a word, a colour and an icon, so that no one needs to tell colours apart."""

from nicegui import ui

from stationmaster.ui.words import COLOURS, Look


class StateBadge:
    """``show`` changes it; ``element`` is all of it."""

    def __init__(self, look: Look) -> None:
        with ui.badge().classes("px-2 py-1 text-sm items-center gap-1") as self.element:
            self._icon = ui.icon(look.icon, size="16px").props("aria-hidden=true")
            self._label = ui.label(look.label)
        self.show(look)

    def show(self, look: Look) -> None:
        self.element.props(f"color={COLOURS[look.tone]} text-color=white")
        self._icon.name = look.icon
        self._label.set_text(look.label)
