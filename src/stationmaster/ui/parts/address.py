"""What of a page stands in its address: so that a link can be shared, and the browser's Back works."""

import json
from collections.abc import Callable, Mapping
from urllib.parse import parse_qsl, urlencode, urlsplit

from nicegui import ui
from nicegui.events import GenericEventArguments

from stationmaster.ui.visit import Visit

_HEAR = """
<script>
const smTellAddress = () => {
  if (window.did_handshake) emitEvent('sm_back', window.location.search.slice(0, 2000));
  else setTimeout(smTellAddress, 20);
};
window.addEventListener('popstate', smTellAddress);
</script>
"""
"""In the page from its first byte on: somebody may go back before it has its live connection."""


class Address:
    """The query of the page's URL; a page has one of these at most. ``values`` holds it as text; ``put`` changes it
    without loading the page anew.

    ``on_back`` is called with the values when the person goes back or forward to another query of this page; without
    it, the page is loaded anew then.
    """

    def __init__(self, visit: Visit, on_back: Callable[[Mapping[str, str]], None] | None = None) -> None:
        parts = urlsplit(visit.path)
        self._path = parts.path
        self._on_back = on_back
        self.values: dict[str, str] = dict(parse_qsl(parts.query))
        ui.on("sm_back", self._went_back)
        ui.add_head_html(_HEAR)

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
        values = dict(parse_qsl(str(event.args).removeprefix("?")))
        if values == self.values:  # to another place of the same page
            return
        self.values = values
        if self._on_back is None:
            ui.navigate.reload()
        else:
            self._on_back(values)
