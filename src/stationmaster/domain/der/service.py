"""How an inverter stands to the grid under its DER controls: in service, deviating, or tripped (2.1 part 2, R05).

A must-trip curve takes it out of service, once its threshold has been crossed for long enough. It comes back when the
grid has been calm for as long as EnterService says, which also says what calm is; without one, as soon as no trip
curve is crossed. Momentary cessation holds only while its cause does.

Everything here is pure: :func:`conducted` makes the next state from the last one.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import msgspec

from stationmaster.domain.der.controls import DERControl
from stationmaster.domain.der.grid import GridSample, acting, rank

_TRIP, _CESSATION = "MustTrip", "MomCess"


class Cause(msgspec.Struct, frozen=True):
    """A control that makes the inverter deviate, and the gridEventFault behind it, if there is one."""

    type: str
    fault: str | None


class Conduct(msgspec.Struct, frozen=True, kw_only=True):
    """``since``: by the id of a control, since when its cause has lasted. ``causes``: why it deviates now.
    ``tripped``: what put it out of service. ``calm_since``: while it is out. ``entered_at``: when it came back."""

    since: Mapping[str, datetime] = {}
    causes: tuple[Cause, ...] = ()
    tripped: Cause | None = None
    calm_since: datetime | None = None
    entered_at: datetime | None = None

    @property
    def ceased(self) -> bool:
        """Whether no power flows, either way."""
        return self.tripped is not None or any(cause.type.endswith(_CESSATION) for cause in self.causes)

    @property
    def ruling(self) -> Cause | None:
        """The cause that is told, where there are several."""
        return min(self.causes, key=lambda cause: rank(cause.type), default=None)


def conducted(
    before: Conduct, controls: Iterable[DERControl], sample: GridSample, now: datetime, spread: float = 0.0
) -> Conduct:
    """The conduct now. ``spread`` from 0 to 1 is this inverter's own share of randomDelay."""
    controls = tuple(controls)
    crossed = {control.id: (control, cause) for control in controls if (cause := acting(control, sample)) is not None}
    since = {name: before.since.get(name, now) for name in crossed}
    causes = tuple(
        Cause(control.type, cause.fault)
        for name, (control, cause) in crossed.items()
        if (now - since[name]).total_seconds() >= cause.after_s
    )
    trip = min((cause for cause in causes if trips(cause.type)), key=lambda cause: cause.type, default=None)
    if trip is not None:
        return Conduct(since=since, causes=causes, tripped=trip)
    if before.tripped is None:
        return Conduct(since=since, causes=causes, entered_at=before.entered_at)
    enter = setting_of(controls, "EnterService")
    calm = not any(trips(control.type) for control, _ in crossed.values()) and _within(enter, sample)
    calm_since = (before.calm_since or now) if calm else None
    delay_s = _seconds(enter, "delay") + spread * _seconds(enter, "randomDelay")
    if calm_since is not None and (now - calm_since).total_seconds() >= delay_s:
        return Conduct(since=since, causes=causes, entered_at=now)
    return Conduct(since=since, causes=(*causes, before.tripped), tripped=before.tripped, calm_since=calm_since)


def trips(kind: str) -> bool:
    """Whether a type of control takes an inverter out of service."""
    return kind.endswith(_TRIP)


def ramped(conduct: Conduct, controls: Iterable[DERControl], now: datetime) -> float:
    """Which share of its power the inverter has come back to, from 0 to 1: EnterService.rampRate, or else
    Gradients.softGradient, is how long it takes over it, in seconds."""
    controls = tuple(controls)
    if conduct.entered_at is None:
        return 1.0
    ramp_s = _seconds(setting_of(controls, "EnterService"), "rampRate")
    ramp_s = ramp_s or _seconds(setting_of(controls, "Gradients"), "softGradient")
    elapsed_s = max(0.0, (now - conduct.entered_at).total_seconds())
    return 1.0 if elapsed_s >= ramp_s else elapsed_s / ramp_s


def setting_of(controls: Iterable[DERControl], kind: str) -> Mapping[str, Any]:
    """The setting of the control of this type, empty where there is none."""
    return next((control.setting for control in controls if control.type == kind), {})


def _within(enter: Mapping[str, Any], sample: GridSample) -> bool:
    """EnterService; its voltages are in percent of nominal, as those of the trip curves are."""
    if not enter:
        return True
    voltage = float(enter["lowVoltage"]) <= sample.voltage_pct <= float(enter["highVoltage"])
    return voltage and float(enter["lowFreq"]) <= sample.frequency_hz <= float(enter["highFreq"])


def _seconds(setting: Mapping[str, Any], member: str) -> float:
    value = setting.get(member)
    return 0.0 if value is None else max(0.0, float(value))
