"""A file from the person's computer straight into the API, with a bar that shows how far it is.

The browser sends it itself, with the session's cookie: however large it is, it passes neither the page's connection nor
this program's memory.
"""

import json
from collections.abc import Awaitable, Callable

from nicegui import ui
from nicegui.events import GenericEventArguments

from stationmaster.ui.formats import size
from stationmaster.ui.navigation import Role
from stationmaster.ui.parts.heading import named
from stationmaster.ui.visit import Visit

_SEND = """(event) => {
  const input = event.target, file = input.files[0];
  if (!file) return;
  const request = new XMLHttpRequest();
  let told = 0;
  const end = () => { input.value = ''; emit('end', request.status, request.responseText.slice(0, 5000)); };
  request.open('PUT', %s);
  request.setRequestHeader('content-type', 'application/octet-stream');
  request.upload.onprogress = (sent) => {
    if (Date.now() - told > 250) { told = Date.now(); emit('sent', sent.loaded, sent.total); }
  };
  request.onload = end;
  request.onerror = end;
  emit('sent', 0, file.size);
  request.send(file);
}"""


class Upload:
    """``path`` begins behind /api/v1 and takes the file itself by PUT; ``done`` is called when it is there."""

    def __init__(
        self, visit: Visit, path: str, done: Callable[[], Awaitable[None]], *, role: Role = "administrator"
    ) -> None:
        self._done = done
        with ui.column().classes("w-full gap-1") as self.element:
            ui.label("Choose the file: it is sent at once.").classes("sm-quiet")
            file = named(ui.element("input").props("type=file").classes("w-full"), "File")
            file.props("disabled" if not visit.may(role) else "")
            file.on("change", self._told, js_handler=_SEND % json.dumps(f"/api/v1{path}"))
            self._bar = named(ui.linear_progress(0, show_value=False, size="14px"), "How much has been sent")
            self._words = ui.label().props("role=status")
            self._problem = ui.label().classes("sm-error pl-2").props("role=alert")
        self._bar.visible = self._problem.visible = False

    async def _told(self, event: GenericEventArguments) -> None:
        what, first, second = event.args
        if what == "sent":
            self._show(int(first), int(second))
            return
        self._bar.visible = False
        self._words.set_text("")
        if 200 <= int(first) < 300:
            await self._done()
        else:
            self._problem.set_text(_in_words(str(second)))
            self._problem.visible = True

    def _show(self, sent: int, whole: int) -> None:
        self._problem.visible = False
        self._bar.visible = True
        self._bar.value = sent / whole if whole else 0
        self._words.set_text(f"{size(sent)} of {size(whole)} sent")


def _in_words(answer: str) -> str:
    """The API's problem document, or that the line broke."""
    try:
        return str(json.loads(answer)["detail"])
    except (ValueError, KeyError, TypeError):
        return "The file did not arrive. Try again."
