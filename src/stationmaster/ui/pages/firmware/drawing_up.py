"""Drawing up a campaign: which image to which stations, in which waves."""

from typing import Any

from nicegui import ui

from stationmaster.ui.formats import from_input
from stationmaster.ui.pages.stations.firmware_images import ready_images
from stationmaster.ui.parts.form import FormDialog, allow
from stationmaster.ui.parts.heading import heading, named
from stationmaster.ui.parts.pickers import STATIONS, Picker
from stationmaster.ui.parts.question import number
from stationmaster.ui.visit import Visit

_MINUTE_S = 60


async def draw_up(visit: Visit) -> None:
    images = await visit.trying(ready_images(visit.api))
    if images is None:
        return
    form = FormDialog(visit, "New campaign", "Draw it up", wide=True)
    with form:
        if not images:
            ui.label("There is no image with content yet: put one in first.")
            ui.link("Images", "/firmware/images").classes("sm-link")
            form.button.disable()
        draft = Draft(visit, form, images)

    async def send() -> None:
        made = await visit.api.post("/firmware-campaigns", draft.body())
        ui.navigate.to(f"/firmware/{made['key']}")

    form.on_send(send)
    allow(visit, form.button, "administrator")
    form.dialog.on("hide", form.dialog.delete)
    form.open()


class Draft:
    """The inputs; ``body`` is what the API takes."""

    def __init__(self, visit: Visit, form: FormDialog, images: dict[int, str]) -> None:
        self._zone = visit.zone
        self._name = form.field("name", ui.input("Name").classes("w-full").props("autofocus"))
        first = next(iter(images), None)
        self._image = form.field("image", ui.select(images, value=first, label="Image").classes("w-full"))
        heading("Which stations", 3)
        ui.label("Those that fit all that you give; nothing: all of the image's vendor and model.").classes("sm-quiet")
        self._stations = Picker(visit, STATIONS, label="Stations", several=True)
        form.field("target.stations", self._stations.element)
        with ui.row().classes("w-full gap-3"):
            self._texts = {
                path: form.field(path, ui.input(label).classes("w-52"))
                for path, label in (
                    ("target.vendor", "Vendor"),
                    ("target.model", "Model"),
                    ("target.from_versions", "Present version"),
                )
            }
        heading("In which waves", 3)
        ui.label("The last wave takes the stations that are left.").classes("sm-quiet")
        self._waves: list[WaveInputs] = []
        self._place = ui.column().classes("w-full gap-2")
        ui.button("Add a wave before it", icon="add", on_click=self._add).props("flat no-caps")
        self._last = WaveInputs(self._place, 0, is_last=True)
        with ui.expansion("More").classes("w-full"):
            self._numbers = {
                path: form.field(path, ui.input(label, value=value).props("inputmode=numeric").classes("w-full"))
                for path, label, value in (
                    ("parallel", "Updates under way at once", "50"),
                    ("attempts", "Attempts for each station", "2"),
                    ("offline_wait_s", "Minutes to wait for stations that are not connected", "60"),
                )
            }
            install = ui.input("Install it at").props("type=datetime-local stack-label").classes("w-full")
            self._install_at = form.field("install_at", install)
            self._unsigned = ui.checkbox("Send it even if it is not signed")

    def _add(self) -> None:
        self._waves.append(WaveInputs(self._place, len(self._waves)))
        self._last.rename(len(self._waves))

    def body(self) -> dict[str, Any]:
        texts = {path.partition(".")[2]: each.value.strip() for path, each in self._texts.items() if each.value}
        if "from_versions" in texts:
            texts["from_versions"] = [texts["from_versions"]]
        numbers = {path: number(each.value) for path, each in self._numbers.items()}
        return {
            "name": self._name.value or "",
            "image": self._image.value,
            "target": texts | ({"stations": self._stations.value} if self._stations.value else {}),
            "waves": [each.body() for each in (*self._waves, self._last)],
            **numbers,
            "offline_wait_s": seconds(numbers["offline_wait_s"]),
            "install_at": from_input(self._install_at.value, self._zone),
            "allow_unsigned": self._unsigned.value,
        }


class WaveInputs:
    """One wave; the last has no size of its own."""

    def __init__(self, place: ui.column, index: int, *, is_last: bool = False) -> None:
        self._is_last = is_last
        with place, ui.row().classes("w-full items-center gap-3") as row:
            self._title = ui.label().classes("w-16")
            if is_last:
                ui.label("all that are left").classes("w-56 sm-quiet")
            else:
                self._size = _number("Stations, or", "w-28")
                self._percent = _number("% of all", "w-24")
            self._soak = _number("Then wait, minutes", "w-36", "0")
            self._failures = _number("Failures borne", "w-32", "0")
        if not is_last:
            row.move(target_index=index)
        self.rename(index)

    def rename(self, index: int) -> None:
        self._title.set_text(f"Wave {index + 1}")
        for element, what in ((self._soak, "Then wait, minutes"), (self._failures, "Failures borne")):
            named(element, f"Wave {index + 1}: {what}")

    def body(self) -> dict[str, Any]:
        size = {} if self._is_last else _given(size=self._size.value, percent=self._percent.value)
        return {
            **size,
            "soak_s": seconds(number(self._soak.value or "0")),
            "max_failures": number(self._failures.value or "0"),
        }


def _number(label: str, width: str, value: str = "") -> ui.input:
    return ui.input(label, value=value).props("dense outlined inputmode=numeric").classes(width)


def _given(**typed: str | None) -> dict[str, Any]:
    return {name: number(value) for name, value in typed.items() if value}


def seconds(minutes: float | str) -> float | str:
    """Of minutes as they were typed; what is no number goes on as it is, for the API to say so."""
    return minutes if isinstance(minutes, str) else minutes * _MINUTE_S
