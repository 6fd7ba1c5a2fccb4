"""What of a page stands in its address: so that a link can be shared, and the browser's Back works."""

import json
from collections.abc import Callable, Mapping
from urllib.parse import parse_qsl, urlencode, urlsplit

from nicegui import ui
from nicegui.events import GenericEventArguments

from stationmaster.ui.visit import Visit

_HEAR = """
window.addEventListener('popstate', () => emitEvent('sm_back', window.location.search.slice(0, 2000)));
"""


class Address:
    """The query of the page's URL. ``values`` holds it as text; ``put`` changes it without loading the page anew.

    ``on_back`` is called with the values when the person goes back or forward to another query of this page.
    """

    def __init__(self, visit: Visit, on_back: Callable[[Mapping[str, str]], None] | None = None) -> None:
        parts = urlsplit(visit.path)
        self._path = parts.path
        self._on_back = on_back
        self.values: dict[str, str] = dict(parse_qsl(parts.query))
        if on_back is not None:
            ui.on("sm_back", self._went_back)
            ui.run_javascript(_HEAR)

    def put(self, **values: str | None) -> None:
        """Set or, with nothing in them, take away values; the address before can be gone back to."""
        merged = {**self.values, **values}
        after = {name: value for name, value in merged.items() if value not in (None, "")}
        if after == self.values:
            return
        self.values = {name: str(value) for name, value in after.items()}
        query = f"?{urlencode(self.values)}" if self.values else ""
        ui.run_javascript(f"window.history.pushState({{}}, '', {json.dumps(self._path + query)})")

    def _went_back(self, event: GenericEventArguments) -> None:
        self.values = dict(parse_qsl(str(event.args).removeprefix("?")))
        if self._on_back is not None:
            self._on_back(self.values)
