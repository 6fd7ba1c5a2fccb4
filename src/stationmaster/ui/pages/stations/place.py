"""Where a station stands: its site, and what tariffs and maps need to know of the place."""

from typing import Any

from nicegui import ui

from stationmaster.ui.formats import power, text
from stationmaster.ui.parts.form import FormDialog, allow
from stationmaster.ui.parts.panel import Facts, panel
from stationmaster.ui.visit import Visit

KINDS = {"": "Not said", "AC": "AC", "DC": "DC"}
NOTHING: dict[str, Any] = dict.fromkeys(
    ("site", "zone", "evse_kind", "max_power_w", "zone_in_force", "latitude", "longitude")
)
_MOST_SITES = 1000


class PlacePanel:
    """That of the station as a whole; its EVSEs may have their own by the API."""

    def __init__(self, visit: Visit, station: dict[str, Any]) -> None:
        self._visit = visit
        self._path = f"/stations/{station['key']}/places"
        self._place = NOTHING
        with panel("Where it stands"):
            self._facts = Facts("Site", "Coordinates", "Time zone of prices", "Kind of EVSEs", "Most power of an EVSE")
            button = ui.button("Change", icon="edit", on_click=self._change).props("outline no-caps")
            button.props["aria-label"] = "Change where it stands"
            allow(visit, button, "administrator")
        visit.watch(self._path, self._show, every_s=30.0)

    def _show(self, places: dict[str, Any]) -> None:
        self._place = next((each for each in places["items"] if each["evse_id"] == 0), NOTHING)
        self._facts.show(
            {
                "Site": text(self._place["site"]),
                "Coordinates": coordinates(self._place),
                "Time zone of prices": text(self._place["zone_in_force"]),
                "Kind of EVSEs": text(self._place["evse_kind"]),
                "Most power of an EVSE": power(self._place["max_power_w"]),
            }
        )

    async def _change(self) -> None:
        sites = await self._visit.api.get("/sites", {"limit": _MOST_SITES})
        before = self._place
        names = {"": "None"} | {site["name"]: f"{site['name']} ({site['zone']})" for site in sites["items"]}
        form = FormDialog(self._visit, "Change where it stands", "Save")
        with form:
            ui.label("It holds for transactions that end from now on.").classes("sm-quiet")
            inputs = {
                "site": ui.select(names, value=before["site"] if before["site"] in names else "", label="Site"),
                "zone": ui.input("Time zone, if not the site's", value=before["zone"] or ""),
                "evse_kind": ui.select(KINDS, value=before["evse_kind"] or "", label="Kind of EVSEs"),
                "max_power_w": ui.number("Most power of an EVSE, in W", value=before["max_power_w"]),
                "latitude": ui.number("Degrees north, if not the site's", value=before["latitude"]),
                "longitude": ui.number("Degrees east", value=before["longitude"]),
            }
            for name, element in inputs.items():
                form.field(name, element.classes("w-full"))

        async def send() -> None:
            body = {name: None if element.value == "" else element.value for name, element in inputs.items()}
            await self._visit.api.put(f"{self._path}/0", body)
            self._show(await self._visit.api.get(self._path))
            ui.notify("Saved", type="positive")

        form.on_send(send)
        form.dialog.on("hide", form.dialog.delete)
        form.open()


def coordinates(place: dict[str, Any]) -> str:
    """The station's own, where it has some."""
    if place["latitude"] is None or place["longitude"] is None:
        return "the site's"
    return f"{place['latitude']}, {place['longitude']}"
