"""What a tariff would cost in a session that is made up, line by line, and why."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from nicegui import ui

from stationmaster.ui.api import Problem
from stationmaster.ui.formats import clock_time, for_input, from_input, money, scaled, zone_of
from stationmaster.ui.pages.tariffs.words import path_of
from stationmaster.ui.pages.transactions.price import quantity, unit_price, what
from stationmaster.ui.parts.data_table import Column, Row
from stationmaster.ui.parts.field_problems import FieldProblems
from stationmaster.ui.parts.plain_table import PlainTable
from stationmaster.ui.visit import Visit


class Preview:
    """The session, and below it what it would cost."""

    def __init__(self, visit: Visit, name: str) -> None:
        self._visit, self._name = visit, name
        self._zone = visit.zone
        with ui.grid().classes("w-full grid-cols-1 sm:grid-cols-2 lg:grid-cols-4 gap-x-4"):
            self._energy = ui.input("Energy", value="20").props('suffix="kWh" inputmode=decimal')
            self._start = ui.input("From", value=_evening(visit)).props("type=datetime-local stack-label")
            self._length = ui.input("For", value="3:00").props('suffix="h:min"')
            self._idle = ui.input("Idle at the end for", value="0:00").props('suffix="h:min"')
            self._where = ui.input("Time zone of the station", value=_zone_name(visit))
            self._kind = ui.select({None: "AC or DC alike", "AC": "AC", "DC": "DC"}, value=None, label="EVSE")
            self._reserved = ui.input("Reserved before it for", value="").props('suffix="h:min"')
            self._version = ui.number("Version (newest where it is empty)", min=1, precision=0)
        self._problems = FieldProblems(visit)
        self._problems.fields = {
            "energy_wh": self._energy,
            "start": self._start,
            "end": self._length,
            "idle_from": self._idle,
            "zone": self._where,
            "evse_kind": self._kind,
            "reserved_from": self._reserved,
            "version": self._version,
        }
        ui.button("Reckon", icon="calculate", on_click=self._reckon).props("outline")
        with ui.column().classes("w-full gap-2") as self._answer:
            self._total = ui.label().classes("sm-tile-value").props('data-testid="preview-total"')
            self._table = PlainTable(_LINES, label="Lines of the preview", empty="It costs nothing.")
            self._sums = ui.label().classes("sm-quiet")
        self._answer.visible = False

    async def _reckon(self) -> None:
        self._problems.clear()
        try:
            answer = await self._visit.api.post(f"{path_of(self._name)}/preview", self._body())
        except Problem as problem:
            self._answer.visible = False
            self._problems.tell(problem)
            return
        self._show(answer["content"])

    def _body(self) -> dict[str, Any]:
        zone = zone_of(self._where.value or "")
        body = session_of(
            start=from_input(self._start.value, zone),
            length=self._length.value or "",
            idle=self._idle.value or "",
            reserved=self._reserved.value or "",
        )
        body |= {"energy_wh": scaled(self._energy.value, 1000), "zone": self._where.value or None}
        body |= {"evse_kind": self._kind.value}
        body["version"] = None if self._version.value is None else int(self._version.value)
        return {name: value for name, value in body.items() if value is not None}

    def _show(self, content: dict[str, Any]) -> None:
        currency, zone = content["currency"], zone_of(self._where.value or "")
        self._total.set_text(money(content["total"], currency))
        self._table.show([{**line, "currency": currency, "zone": zone} for line in content["lines"]])
        self._sums.set_text(f"Net {money(content['net'], currency)}, tax {money(content['tax'], currency)}")
        self._answer.visible = True


def session_of(*, start: str | None, length: str, idle: str, reserved: str) -> dict[str, Any]:
    """The moments of a session by its length. What is no time is left for the API to find wrong."""
    begin = _parsed(start)
    long, unused, before = _span(length), _span(idle), _span(reserved)
    if begin is None or long is None:
        return {"start": start or "", "end": length}
    end = begin + long
    body = {"start": begin.isoformat(), "end": end.isoformat()}
    if idle:
        body["idle_from"] = idle if unused is None else (end - unused).isoformat()
    if reserved:
        body["reserved_from"] = reserved if before is None else (begin - before).isoformat()
    return body


def _span(text: str) -> timedelta | None:
    """``3:00``, ``0:45``, or minutes alone."""
    hours, _, minutes = text.strip().rpartition(":")
    if not (minutes.isdecimal() and (hours or "0").isdecimal() and len(text) < 9):
        return None
    return timedelta(hours=int(hours or 0), minutes=int(minutes))


def _parsed(moment: str | None) -> datetime | None:
    try:
        return datetime.fromisoformat(moment) if moment else None
    except ValueError:
        return None


def _evening(visit: Visit) -> str:
    """Six o'clock today."""
    return for_input(visit.house.clock.now().astimezone(visit.zone).replace(hour=18, minute=0, second=0), visit.zone)


def _zone_name(visit: Visit) -> str:
    return visit.zone.key if isinstance(visit.zone, ZoneInfo) else "UTC"


def why(line: Row) -> str:
    """When each part of a line was, and why its price held."""
    return "; ".join(
        f"{clock_time(part['from_at'], line['zone'])[:5]}-{clock_time(part['to_at'], line['zone'])[:5]} {part['why']}"
        for part in line["parts"]
    )


_LINES = (
    Column(name="what", label="For", cell=what),
    Column(name="quantity", label="Quantity", align="right", cell=quantity),
    Column(name="price", label="Price", align="right", cell=unit_price),
    Column(name="amount", label="Amount", align="right", cell=lambda line: money(line["amount"], line["currency"])),
    Column(name="why", label="When and why", cell=why),
)
