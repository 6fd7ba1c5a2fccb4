"""What came with 2.1: requests about DER controls, battery swaps and periodic event streams, and their answers."""

from typing import Any

from device_model_strategies import maybe, moments, numbers, some, text
from hypothesis import strategies as st

from stationmaster.domain import battery_swap as b
from stationmaster.domain import messages as m
from stationmaster.domain.der import controls as der
from stationmaster.domain.identity import IdToken
from stationmaster.domain.monitoring import event_streams as e

Strategies = dict[type[m.Request], st.SearchStrategy[Any]]

_reasons: dict[str, Any] = {"reason": maybe(text(20))}
_acknowledged = st.just(m.ACKNOWLEDGED)
_decimals = st.decimals(-99, 99, places=2)
_tokens = st.builds(IdToken, text(36), st.sampled_from(["ISO14443", "eMAID"]))
_types = st.sampled_from(sorted(der.SETTING_OF))

# ── DER control ─────────────────────────────────────────────────────────────────────────────────────────────────────


def _setting(**members: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({"priority": numbers, **members})


def _scheduled(**members: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    when = {"startTime": st.just("2026-03-01T12:00:00Z"), "duration": st.decimals(0, 99, places=1)}
    return _setting(**members) | _setting(**members, **when)


_points = st.lists(st.fixed_dictionaries({"x": _decimals, "y": _decimals}), min_size=1, max_size=10)
_powers = _scheduled(displacement=_decimals, excitation=st.booleans())
_SETTINGS: dict[str, st.SearchStrategy[dict[str, Any]]] = {
    "curve": _scheduled(curveData=_points, yUnit=st.sampled_from(["PctMaxW", "PctMaxVar", "Not_Applicable"])),
    "enterService": _setting(
        **dict.fromkeys(("highVoltage", "lowVoltage", "highFreq", "lowFreq", "delay", "rampRate"), _decimals)
    ),
    "fixedPFAbsorb": _powers,
    "fixedPFInject": _powers,
    "fixedVar": _scheduled(setpoint=_decimals, unit=st.sampled_from(["PctMaxW", "PctMaxVar"])),
    "freqDroop": _scheduled(
        **dict.fromkeys(("overFreq", "underFreq", "overDroop", "underDroop", "responseTime"), _decimals)
    ),
    "gradient": _setting(gradient=_decimals, softGradient=_decimals),
    "limitMaxDischarge": _scheduled(pctMaxDischargePower=_decimals),
}


def _set(kind: str) -> st.SearchStrategy[Any]:
    member = der.SETTING_OF[kind]
    return st.builds(
        der.SetDERControl,
        id=text(36),
        type=st.just(kind),
        is_default=st.booleans(),
        settings=st.fixed_dictionaries({member: _SETTINGS[member]}),
    )


def _reported(kind: str) -> st.SearchStrategy[Any]:
    """A report tells its controls by type, so one type keeps them in order; some types are always defaults."""
    always = kind in der.ALWAYS_DEFAULT
    control = st.builds(
        der.DERControl,
        id=text(36),
        type=st.just(kind),
        is_default=st.just(True) if always else st.booleans(),
        setting=_SETTINGS[der.SETTING_OF[kind]],
        superseded=st.just(False) if always else st.booleans(),
    )
    return st.lists(control, max_size=3).map(tuple)


_ids = st.lists(text(36), max_size=3, unique=True).map(tuple)
_DER: Strategies = {
    der.SetDERControl: _types.flatmap(_set),
    der.GetDERControl: st.builds(
        der.GetDERControl,
        request_id=numbers,
        is_default=maybe(st.booleans()),
        type=maybe(_types),
        id=maybe(text(36)),
    ),
    der.ClearDERControl: st.builds(
        der.ClearDERControl, is_default=st.booleans(), type=maybe(_types), id=maybe(text(36))
    ),
    der.ReportDERControl: st.builds(
        der.ReportDERControl,
        request_id=numbers,
        controls=_types.flatmap(_reported),
        to_be_continued=st.booleans(),
    ),
    der.NotifyDERStartStop: st.builds(
        der.NotifyDERStartStop, id=text(36), started=st.booleans(), timestamp=moments, superseded=_ids
    ),
    der.NotifyDERAlarm: st.builds(
        der.NotifyDERAlarm,
        type=_types,
        timestamp=moments,
        fault=st.sampled_from([None, "OverVoltage", "UnderFrequency"]),
        ended=st.booleans(),
        extra=maybe(text(200)),
    ),
}
_der_statuses = st.sampled_from(["Accepted", "Rejected", "NotSupported", "NotFound"])
_DER_ANSWERS: Strategies = {
    der.SetDERControl: st.builds(der.DERAnswer, status=_der_statuses, superseded=_ids, **_reasons),
    der.GetDERControl: st.builds(m.CommandAnswer, status=_der_statuses, **_reasons),
    der.ClearDERControl: st.builds(m.CommandAnswer, status=_der_statuses, **_reasons),
    der.ReportDERControl: _acknowledged,
    der.NotifyDERStartStop: _acknowledged,
    der.NotifyDERAlarm: _acknowledged,
}

# ── Battery swap ────────────────────────────────────────────────────────────────────────────────────────────────────

_percents = st.decimals(0, 100, places=1)
_batteries = st.builds(
    b.Battery,
    evse_id=numbers,
    serial_number=text(50),
    soc_pct=_percents,
    soh_pct=_percents,
    produced_at=maybe(moments),
    vendor_info=maybe(text(500)),
)
_SWAP: Strategies = {
    b.BatterySwap: st.builds(
        b.BatterySwap,
        event=st.sampled_from(["BatteryIn", "BatteryOut", "BatteryOutTimeout"]),
        request_id=numbers,
        id_token=_tokens,
        batteries=some(_batteries),
    ),
    b.RequestBatterySwap: st.builds(b.RequestBatterySwap, id_token=_tokens, request_id=numbers),
}

# ── Periodic event streams ──────────────────────────────────────────────────────────────────────────────────────────

_params = st.builds(e.StreamParams, interval_s=maybe(numbers), values=maybe(numbers))
_streams = st.builds(e.EventStream, id=numbers, monitoring_id=numbers, params=_params)
_STREAMS: Strategies = {
    e.OpenPeriodicEventStream: st.builds(e.OpenPeriodicEventStream, stream=_streams),
    e.ClosePeriodicEventStream: st.builds(e.ClosePeriodicEventStream, id=numbers),
    e.GetPeriodicEventStream: st.just(e.GetPeriodicEventStream()),
    e.AdjustPeriodicEventStream: st.builds(e.AdjustPeriodicEventStream, id=numbers, params=_params),
    e.NotifyPeriodicEventStream: st.builds(
        e.NotifyPeriodicEventStream,
        id=numbers,
        base_time=moments,
        values=some(st.tuples(_decimals, text(99))),
        pending=numbers,
    ),
}

V21_REQUESTS: Strategies = {**_DER, **_SWAP, **_STREAMS}
V21_ANSWERS: Strategies = {
    **_DER_ANSWERS,
    b.BatterySwap: _acknowledged,
    e.ClosePeriodicEventStream: _acknowledged,
    e.GetPeriodicEventStream: st.builds(e.EventStreamList, streams=st.lists(_streams, max_size=3).map(tuple)),
    e.NotifyPeriodicEventStream: _acknowledged,
}
