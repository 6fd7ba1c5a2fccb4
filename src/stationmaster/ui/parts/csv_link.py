"""What a list shows, as a file: the API writes it, however long it is."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from nicegui import ui


class CsvLink:
    """A link that downloads. ``show`` is told the query that the list is asked with."""

    def __init__(self, path: str, filters: Mapping[str, Any]) -> None:
        self._path = path
        self._link = ui.link("Download CSV").classes("sm-link").props("download")
        self.show(filters)

    def show(self, filters: Mapping[str, Any]) -> None:
        given = {name: value for name, value in filters.items() if value not in (None, "")}
        self._link.props["href"] = f"/api/v1{self._path}?{urlencode({**given, 'format': 'csv'})}"
        self._link.update()
