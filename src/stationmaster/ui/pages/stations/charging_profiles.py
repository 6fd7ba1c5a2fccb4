"""The tab "Charging profiles": their place, and what a station says today of how much it will give."""

from collections.abc import Sequence
from typing import Any

from stationmaster.ui.formats import NONE, duration, moment
from stationmaster.ui.pages.stations.desk import Desk, tools
from stationmaster.ui.parts.data_table import Column, Row
from stationmaster.ui.parts.panel import Facts, empty, panel
from stationmaster.ui.parts.plain_table import PlainTable
from stationmaster.ui.parts.question import Field, ask
from stationmaster.ui.visit import Visit

_FIELDS = (
    Field(
        path="evse", label="EVSE (or connector of a 1.6 station)", kind="number", value=0, hint="0: the whole station"
    ),
    Field(path="duration", label="Seconds ahead", kind="number", value=86400),
    Field(
        path="unit",
        label="In",
        kind="choice",
        options={"": "as the station will", "A": "amperes", "W": "watts"},
        value="",
    ),
)
_COLUMNS = (
    Column(name="from", label="From", cell=lambda period: duration(period["startPeriod"]) + " on"),
    Column(name="limit", label="At most", align="right", cell=lambda period: period["most"]),
    Column(name="phases", label="Phases", align="right", cell=lambda period: str(period.get("numberPhases", NONE))),
)


def build(visit: Visit, station: dict[str, Any]) -> None:
    CompositeSchedule(Desk(visit, station))


class CompositeSchedule:
    """What the station would give, all its profiles taken together, as it answers when asked."""

    def __init__(self, desk: Desk) -> None:
        with desk.section("Charging profiles") as at:
            self._at = at
            empty(
                "Charging profiles come with smart charging, which is not built yet.",
                "Until then the station can be asked what it would give, all that limits it taken together.",
            )
            with tools():
                at.button("Ask for the composite schedule", "query_stats", self._ask, role="administrator")
        with panel("Composite schedule") as self._card:
            self._facts = Facts("Asked of", "Begins", "Lasts")
            self._periods = PlainTable(_COLUMNS, label="Periods", empty="The station answered without periods.")
        self._card.visible = False

    def _ask(self) -> None:
        ask(self._at.visit, "Ask for the composite schedule", "Ask", _FIELDS, self._send, role="administrator")

    async def _send(self, body: dict[str, Any]) -> None:
        evse = body.get("evse", 0)
        payload = {("connectorId" if self._at.speaks_1x else "evseId"): evse, "duration": body.get("duration")}
        if "unit" in body:
            payload["chargingRateUnit"] = body["unit"]
        call = {"action": "GetCompositeSchedule", "payload": payload, "wait": 0}
        given = await self._at.visit.api.post(self._at.path("calls"), call)
        command = await self._at.visit.api.get(self._at.path(f"commands/{given['command']}"))
        place = "the whole station" if evse == 0 else f"{'connector' if self._at.speaks_1x else 'EVSE'} {evse}"
        self._at.outcomes.follow(command, f"GetCompositeSchedule for {place}", lambda now: self._show(now, place))

    def _show(self, command: dict[str, Any], place: str) -> None:
        answer = command["answer"]
        if answer is None:
            return
        schedule = schedule_of(answer)
        begins = answer.get("scheduleStart") or schedule.get("scheduleStart") or schedule.get("startSchedule")
        self._facts.show(
            {
                "Asked of": f"{place}: {answer.get('status', NONE)}",
                "Begins": moment(begins, self._at.visit.zone),
                "Lasts": duration(schedule.get("duration")),
            }
        )
        self._periods.show(periods_of(schedule))
        self._card.visible = True


def schedule_of(answer: Row) -> Row:
    """The schedule of an answer of any version."""
    found: Row = answer.get("schedule") or answer.get("chargingSchedule") or {}
    return found


def periods_of(schedule: Row) -> Sequence[Row]:
    """Its periods, each with its limit in its unit."""
    unit = schedule.get("chargingRateUnit", "")
    return [
        {**period, "most": f"{period.get('limit', NONE)} {unit}".strip()}
        for period in schedule.get("chargingSchedulePeriod", [])
    ]
