"""Requests about monitors and their answers, as far as 2.x can carry them, at random; 1.x carries none."""

from decimal import Decimal
from typing import Any

from device_model_strategies import maybe, moments, numbers, questions, text
from hypothesis import strategies as st

from stationmaster.domain import messages as m
from stationmaster.domain.device_model.addresses import Component, Variable
from stationmaster.domain.monitoring import monitors as n
from stationmaster.domain.statuses import in_one_word

_SETTINGS = tuple(
    n.MonitorSetting(
        component=Component(name="EVSE"),
        variable=Variable(name=name),
        type="Delta",
        value=Decimal(1),
        severity=severity,
    )
    for name, severity in (("Power", 3), ("Power", 4), ("AvailabilityState", 4))
)
_reasons: dict[str, Any] = {"reason": maybe(text(20))}


def _set(*results: n.MonitorResult) -> n.MonitoringAnswer:
    return n.MonitoringAnswer(status=in_one_word(result.status for result in results), results=results)


def _cleared(*results: n.ClearResult) -> n.ClearMonitoringAnswer:
    return n.ClearMonitoringAnswer(status=in_one_word(result.status for result in results), results=results)


def _result(setting: n.MonitorSetting) -> st.SearchStrategy[n.MonitorResult]:
    return st.builds(
        n.MonitorResult,
        component=st.just(setting.component),
        variable=st.just(setting.variable),
        type=st.just(setting.type),
        severity=st.just(setting.severity),
        status=st.sampled_from(["Accepted", "UnknownComponent", "UnsupportedMonitorType", "Rejected", "Duplicate"]),
        id=maybe(numbers),
        **_reasons,
    )


V2_REQUESTS: dict[type[m.Request], st.SearchStrategy[Any]] = {
    n.SetVariableMonitoring: st.just(n.SetVariableMonitoring(monitors=_SETTINGS)),
    n.ClearVariableMonitoring: st.just(n.ClearVariableMonitoring(ids=(3, 1, 2))),
    n.SetMonitoringBase: st.builds(
        n.SetMonitoringBase, base=st.sampled_from(["All", "FactoryDefault", "HardWiredOnly"])
    ),
    n.SetMonitoringLevel: st.builds(n.SetMonitoringLevel, severity=st.integers(0, 9)),
    n.GetMonitoringReport: st.builds(
        n.GetMonitoringReport,
        request_id=numbers,
        criteria=st.lists(st.sampled_from(sorted(n.CRITERIA)), max_size=3, unique=True).map(tuple),
        component_variables=st.lists(questions, max_size=3).map(tuple),
    ),
    # Where a monitor comes from is said since 2.1 alone: a subject of the unit tests, as the monitors themselves are.
    n.NotifyMonitoringReport: st.builds(
        n.NotifyMonitoringReport,
        request_id=numbers,
        seq_no=numbers,
        generated_at=moments,
        to_be_continued=st.booleans(),
    ),
}
_answers = st.builds(
    m.CommandAnswer, status=st.sampled_from(["Accepted", "Rejected", "NotSupported", "EmptyResultSet"]), **_reasons
)
V2_ANSWERS: dict[type[m.Request], st.SearchStrategy[Any]] = {
    n.SetVariableMonitoring: st.builds(_set, *map(_result, _SETTINGS)),
    n.ClearVariableMonitoring: st.builds(
        _cleared,
        *[
            st.builds(
                n.ClearResult,
                id=st.just(monitor_id),
                status=st.sampled_from(["Accepted", "Rejected", "NotFound"]),
                **_reasons,
            )
            for monitor_id in (3, 1, 2)
        ],
    ),
    n.SetMonitoringBase: _answers,
    n.GetMonitoringReport: _answers,
    n.NotifyMonitoringReport: st.just(m.ACKNOWLEDGED),
}
NOT_IN_V1 = frozenset(V2_REQUESTS)
