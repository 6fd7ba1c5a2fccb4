"""The place of smart charging in the menu."""

from stationmaster.ui.parts.panel import empty, panel
from stationmaster.ui.visit import Visit, page


@page("/smart-charging", title="Smart charging")
def smart_charging(visit: Visit) -> None:
    with panel():
        empty(
            "Smart charging is not built yet.",
            "Limits that drivers and tariffs set are enforced already; a site's own limits and plans come next.",
            link=("Transactions under way", "/transactions?open=true"),
        )
