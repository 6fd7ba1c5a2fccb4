"""N02-N06 Monitoring: monitors are set, cleared and reported; ``watching`` does what they are set for."""

from collections.abc import Iterator, Sequence

from stationmaster.domain.device_model.addresses import VariableRef, asked_for
from stationmaster.domain.messages import Answer, CommandAnswer
from stationmaster.domain.monitoring.monitors import (
    CRITERIA,
    MILDEST,
    WORST,
    ClearMonitoringAnswer,
    ClearResult,
    ClearVariableMonitoring,
    GetMonitoringReport,
    Monitor,
    MonitoringAnswer,
    MonitorResult,
    MonitorSetting,
    NotifyMonitoringReport,
    SetMonitoringBase,
    SetMonitoringLevel,
    SetVariableMonitoring,
)
from stationmaster.domain.statuses import in_one_word
from stationmaster.station.device_model.monitors import MonitorStore, address, refusal
from stationmaster.station.device_model.reporting import Reporting
from stationmaster.station.device_model.variable_table import ITEMS_PER_MESSAGE, MONITORING_BASES
from stationmaster.station.device_model.variables import Variables
from stationmaster.station.device_model.watching import Watching
from stationmaster.station.ports import Clock, Line, Spawn, TooMany

MOST_ITEMS = 2 * ITEMS_PER_MESSAGE
"""What is more than this is refused; up to there it is answered, though it should not have come (N06.FR.06)."""
PART_ITEMS = 40


class Monitoring:
    """One report at a time, as in ``device_model``."""

    def __init__(
        self,
        store: MonitorStore,
        watching: Watching,
        variables: Variables,
        line: Line,
        clock: Clock,
        spawn: Spawn,
    ) -> None:
        self._store = store
        self._watching = watching
        self._variables = variables
        self._clock = clock
        self._reporting = Reporting(line, spawn)

    async def set_monitors(self, request: SetVariableMonitoring) -> Answer:
        """N04: each by itself, in order."""
        _bound(request.monitors)
        results = tuple([self._set(setting) for setting in request.monitors])
        return MonitoringAnswer(status=in_one_word(result.status for result in results), results=results)

    def _set(self, setting: MonitorSetting) -> MonitorResult:
        entry = self._variables.find(VariableRef(component=setting.component, variable=setting.variable))
        verdict = refusal(setting, entry, self._store.all)
        if verdict is not None:
            return _result(setting, verdict.status, reason=verdict.reason, info=verdict.info)
        kept = self._store.add(setting)
        self._watching.begin(kept)
        return _result(setting, "Accepted", monitor_id=kept.monitor.id)

    async def clear_monitors(self, request: ClearVariableMonitoring) -> Answer:
        """N06. One that was triggered ends without a word (N07.FR.12)."""
        _bound(request.ids)
        results = tuple([self._clear(monitor_id) for monitor_id in request.ids])
        return ClearMonitoringAnswer(status=in_one_word(result.status for result in results), results=results)

    def _clear(self, monitor_id: int) -> ClearResult:
        if monitor_id not in self._store.all:
            return ClearResult(id=monitor_id, status="NotFound")
        self._store.remove(monitor_id)
        self._watching.end(monitor_id)
        return ClearResult(id=monitor_id, status="Accepted")

    async def set_base(self, request: SetMonitoringBase) -> Answer:
        """N03."""
        if request.base not in MONITORING_BASES:
            return CommandAnswer(status="NotSupported", reason="UnsupportedParam")
        before = dict(self._store.all)
        self._store.set_base(request.base)
        now = dict(self._store.all)
        for monitor_id, kept in before.items():
            if now.get(monitor_id) != kept:
                self._watching.end(monitor_id)
        for monitor_id, kept in now.items():
            if before.get(monitor_id) != kept:
                self._watching.begin(kept)
        return CommandAnswer(status="Accepted")

    async def set_level(self, request: SetMonitoringLevel) -> Answer:
        """N05."""
        if not WORST <= request.severity <= MILDEST:
            return CommandAnswer(status="Rejected", reason="ValueOutOfRange")
        self._store.set_level(request.severity)
        return CommandAnswer(status="Accepted")

    # N02 Reporting ────────────────────────────────────────────────────────────────────────────────────────────────

    async def report(self, request: GetMonitoringReport) -> Answer:
        """One report at a time."""
        _bound(request.component_variables)
        if not set(request.criteria) <= CRITERIA.keys():
            return CommandAnswer(status="NotSupported", reason="UnsupportedParam")  # N02.FR.02
        if self._reporting.busy:
            return CommandAnswer(status="Rejected", info="another report is being sent")
        monitors = [kept.monitor for kept in self._store.all.values() if _is_asked_for(request, kept.monitor)]
        if not monitors:
            return CommandAnswer(status="EmptyResultSet")  # N02.FR.10
        self._reporting.begin(self._messages(request.request_id, monitors))
        return CommandAnswer(status="Accepted")

    def _messages(self, request_id: int, monitors: Sequence[Monitor]) -> Iterator[NotifyMonitoringReport]:
        """N02.FR.03, .04, .09. Monitors of one variable stand together."""
        ordered = sorted(monitors, key=lambda monitor: (repr(address(monitor)), monitor.id))
        parts = [ordered[at : at + PART_ITEMS] for at in range(0, len(ordered), PART_ITEMS)]
        for seq_no, part in enumerate(parts):
            yield NotifyMonitoringReport(
                request_id=request_id,
                seq_no=seq_no,
                generated_at=self._clock.now(),
                to_be_continued=seq_no < len(parts) - 1,
                monitors=tuple(part),
            )


def _is_asked_for(request: GetMonitoringReport, monitor: Monitor) -> bool:
    """N02.FR.05-.08, .11: by type and by variable, where these are given."""
    by_type = not request.criteria or any(monitor.type in CRITERIA[criterion] for criterion in request.criteria)
    return by_type and (
        not request.component_variables
        or any(asked_for(question, monitor.component, monitor.variable) for question in request.component_variables)
    )


def _result(
    setting: MonitorSetting,
    status: str,
    *,
    monitor_id: int | None = None,
    reason: str | None = None,
    info: str | None = None,
) -> MonitorResult:
    return MonitorResult(
        component=setting.component,
        variable=setting.variable,
        type=setting.type,
        severity=setting.severity,
        status=status,
        id=monitor_id,
        reason=reason,
        info=info,
    )


def _bound(items: Sequence[object]) -> None:
    if len(items) > MOST_ITEMS:
        raise TooMany(f"more than {ITEMS_PER_MESSAGE} items")
