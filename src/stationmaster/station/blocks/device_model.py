"""B05-B08 Device model: variables are read and set, and reports of them are sent."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

import msgspec

from stationmaster.domain.device_model.addresses import (
    Component,
    GetBaseReport,
    GetReport,
    GetVariables,
    NotifyReport,
    ReportAnswer,
    ReportData,
    SetVariables,
    VariablesAnswer,
    asked_for,
    overall,
)
from stationmaster.domain.messages import Answer
from stationmaster.station.device_model.reporting import Reporting
from stationmaster.station.device_model.variable_table import BYTES_PER_MESSAGE, ITEMS_PER_MESSAGE
from stationmaster.station.device_model.variables import Entry, Variables
from stationmaster.station.ports import Clock, Line, Spawn, TooMany
from stationmaster.station.settings import Configuration

MOST_ITEMS = 2 * ITEMS_PER_MESSAGE
"""What is more than this is refused; up to there it is answered, though it should not have come (B06.FR.16)."""
PART_BYTES = BYTES_PER_MESSAGE // 2
"""Of a part's data in our own spelling; the wire's is somewhat longer."""
_TROUBLE = ("Problem", "Tripped", "Overload", "Fallback")
_WITHOUT_IT_TOO = {"Active": True, "Available": True, "Enabled": True, "Problem": False}
"""The criteria, and whether a component without a variable of that name meets it (B08.FR.07-10)."""


class DeviceModel:
    """While the parts of a report go out, another is Rejected."""

    def __init__(
        self, variables: Variables, line: Line, clock: Clock, configuration: Configuration, spawn: Spawn
    ) -> None:
        self._variables = variables
        self._clock = clock
        self._configuration = configuration
        self._reporting = Reporting(line, spawn)

    async def get_variables(self, request: GetVariables) -> Answer:
        """B06."""
        _bound(request.variables)
        results = tuple(map(self._variables.get, request.variables))
        return VariablesAnswer(status=overall(results), results=results)

    async def set_variables(self, request: SetVariables) -> Answer:
        """B05: each setting by itself, in order."""
        _bound(request.settings)
        results = tuple([self._variables.set(setting.ref, setting.value) for setting in request.settings])
        return VariablesAnswer(status=overall(results), results=results)

    # Reports ──────────────────────────────────────────────────────────────────────────────────────────────────────

    async def base_report(self, request: GetBaseReport) -> Answer:
        """B07."""
        belongs = _BASES.get(request.report_base)
        if belongs is None:
            return ReportAnswer(status="NotSupported", reason="UnsupportedParam")  # B07.FR.02
        return self._answer(request.request_id, filter(belongs, self._variables.entries()))

    async def report(self, request: GetReport) -> Answer:
        """B08."""
        _bound(request.component_variables)
        if not set(request.criteria) <= _WITHOUT_IT_TOO.keys():
            return ReportAnswer(status="NotSupported", reason="UnsupportedParam")  # B08.FR.02
        entries = list(self._variables.entries())
        meeting = _meeting(request.criteria, entries)
        wanted = [
            entry
            for entry in entries
            if (meeting is None or entry.component in meeting)
            and (not request.component_variables or _is_asked_for(request, entry))
        ]
        return self._answer(request.request_id, wanted)

    def _answer(self, request_id: int, entries: Iterable[Entry]) -> Answer:
        if self._reporting.busy:
            return ReportAnswer(status="Rejected", info="another report is being sent")
        data = [entry.report() for entry in entries]
        if self._configuration.conventions.reports_inline:
            return ReportAnswer(status="Accepted", report=tuple(data))
        if not data:
            return ReportAnswer(status="EmptyResultSet")  # B08.FR.15
        self._reporting.begin(self._messages(request_id, data))
        return ReportAnswer(status="Accepted")

    def _messages(self, request_id: int, data: Sequence[ReportData]) -> Iterator[NotifyReport]:
        """B07.FR.03, .04, .10: in as few parts as hold it."""
        parts = list(in_parts(data))
        for seq_no, part in enumerate(parts):
            yield NotifyReport(
                request_id=request_id,
                seq_no=seq_no,
                generated_at=self._clock.now(),
                to_be_continued=seq_no < len(parts) - 1,
                report=tuple(part),
            )


def in_parts(data: Iterable[ReportData], most_bytes: int = PART_BYTES) -> Iterator[list[ReportData]]:
    """The data in its order, each part no longer than this in bytes; one item alone may be."""
    part: list[ReportData] = []
    room = most_bytes
    for item in data:
        size = len(msgspec.json.encode(item))
        if part and size > room:
            yield part
            part, room = [], most_bytes
        part.append(item)
        room -= size
    if part:
        yield part


def _bound(items: Sequence[object]) -> None:
    if len(items) > MOST_ITEMS:
        raise TooMany(f"more than {ITEMS_PER_MESSAGE} items")


def _is_asked_for(request: GetReport, entry: Entry) -> bool:
    return any(asked_for(question, entry.component, entry.variable) for question in request.component_variables)


def _meeting(criteria: Iterable[str], entries: Iterable[Entry]) -> set[Component] | None:
    """The components that meet one of the criteria (B08.FR.13); None: there are none to meet."""
    if not criteria:
        return None
    said: dict[Component, dict[str, bool]] = {}
    for entry in entries:
        known = said.setdefault(entry.component, {})
        if entry.variable.name in _WITHOUT_IT_TOO:
            known[entry.variable.name] = entry.read() == "true"
    return {
        component
        for component, known in said.items()
        if any(known.get(criterion, _WITHOUT_IT_TOO[criterion]) for criterion in criteria)
    }


def _is_summary(entry: Entry) -> bool:
    """B07.FR.09: how available the station is, and what is wrong with it."""
    name = entry.variable.name
    return name == "AvailabilityState" or (name in _TROUBLE and entry.readable and entry.read() == "true")


_BASES: Mapping[str, Callable[[Entry], bool]] = {
    "ConfigurationInventory": lambda entry: entry.writable,  # B07.FR.07
    "FullInventory": lambda entry: True,  # B07.FR.08
    "SummaryInventory": _is_summary,
}
