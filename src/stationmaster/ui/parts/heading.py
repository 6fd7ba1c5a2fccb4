"""Headings and names: for those who walk a page by them, or hear it read."""

from html import escape
from typing import TypeVar

from nicegui import ui

Element = TypeVar("Element", bound=ui.element)


def heading(text: str, level: int = 2) -> ui.html:
    """``level`` 1 is the page's title, 2 a section, 3 a part of one."""
    return ui.html(escape(text), tag=f"h{level}", sanitize=False).classes("sm-title" if level == 1 else "sm-section")


def named(element: Element, name: str) -> Element:
    """Give an element its accessible name; any text may stand in it (``props("…")`` would read some as props)."""
    element.props["aria-label"] = name
    return element
