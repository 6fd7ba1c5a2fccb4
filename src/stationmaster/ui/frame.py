"""What stands around every page: the header, the menu, the theme, who is signed in."""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import groupby

from nicegui import ui

from stationmaster.ui import theme
from stationmaster.ui.navigation import ENTRIES, Entry, entry_of, may
from stationmaster.ui.parts.heading import heading, named
from stationmaster.ui.visit import Visit

_THEME_ICONS = {"auto": "brightness_auto", "light": "light_mode", "dark": "dark_mode"}


@contextmanager
def frame(visit: Visit, title: str, dark: ui.dark_mode) -> Iterator[None]:
    """The page's own content goes inside."""
    with ui.header(elevated=False).classes("items-center gap-2 px-3 py-1 no-wrap"):
        ui.html(  # what the keyboard comes to first
            '<a href="#main" class="sm-skip text-white">Skip to content</a>', sanitize=False
        )
        menu = ui.button(icon="menu").props('flat color=white aria-label="Menu"')
        ui.link("Stationmaster", "/").classes("text-white text-lg no-underline font-semibold")
        ui.space()
        _theme_button(visit, dark)
        _person(visit)
    with ui.left_drawer(value=None, bordered=True).classes("p-2").props("width=230 breakpoint=900") as drawer:
        _menu(visit)
    menu.on_click(drawer.toggle)
    with ui.element("div").props("id=main tabindex=-1").classes("w-full"), ui.column().classes("sm-page"):
        heading(title, 1)
        yield


def _menu(visit: Visit) -> None:
    here = entry_of(visit.path.partition("?")[0])
    with ui.element("nav").props('aria-label="Pages"').classes("w-full"):
        for group, entries in groupby(ENTRIES, key=lambda entry: entry.group):
            shown = [entry for entry in entries if may(visit.who.role, entry.role)]
            if group and shown:
                ui.label(group).classes("sm-quiet text-xs mt-3 px-4")
            with ui.element("ul").classes("w-full p-0 m-0").style("list-style:none"):
                for entry in shown:
                    with ui.element("li"):
                        _menu_link(entry, is_here=entry == here)


def _menu_link(entry: Entry, *, is_here: bool) -> None:
    link = ui.link(target=entry.path).classes(
        "sm-nav flex items-center gap-3 px-4 py-2 rounded no-underline text-inherit"
    )
    if is_here:
        link.props("aria-current=page")
    with link:
        ui.icon(entry.icon, size="20px").props("aria-hidden=true")
        ui.label(entry.title)


def _theme_button(visit: Visit, dark: ui.dark_mode) -> None:
    state = {"theme": visit.theme if visit.theme in theme.THEMES else "auto"}
    button = ui.button(icon=_THEME_ICONS[state["theme"]]).props(
        f'flat round color=white aria-label="Theme: {state["theme"]}"'
    )

    def turn() -> None:
        following = theme.THEMES[(theme.THEMES.index(state["theme"]) + 1) % len(theme.THEMES)]
        state["theme"] = following
        dark.value = theme.value_of(following)
        button.props(f'icon={_THEME_ICONS[following]} aria-label="Theme: {following}"')
        ui.run_javascript(f"smCookie('sm_theme', '{following}')")

    button.on_click(turn)


def _person(visit: Visit) -> None:
    button = ui.button(icon="account_circle").props("flat color=white no-caps")
    with named(button, f"Signed in as {visit.who.name}"):
        ui.label(visit.who.name).classes("sm-wide-only ml-1")
        with ui.menu():
            ui.item(f"{visit.who.name}, {visit.who.role}").props("disable")
            if visit.who.tenant != "default":
                ui.item(f"tenant {visit.who.tenant}").props("disable")
            ui.separator()
            ui.menu_item("Settings", on_click=lambda: ui.navigate.to("/settings"))
            ui.menu_item("Sign out", on_click=lambda: ui.navigate.to("/sign-out"))
