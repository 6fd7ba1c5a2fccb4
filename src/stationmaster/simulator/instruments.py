"""A reading of a charge path as the samples that a station sends."""

from decimal import Decimal
from itertools import chain

from stationmaster.domain.metering.values import ENERGY_REGISTER, POWER_IMPORT, SOC, Sample
from stationmaster.simulator.charge_path import Reading

_PHASES = ("L1", "L2", "L3")


def samples(reading: Reading, *, ac: bool) -> tuple[Sample, ...]:
    """Everything that can be measured: at the outlet, on AC by phase; the SoC where the car tells it; what is fed back
    and reactive power where something can be fed."""
    return (
        Sample(f"{reading.energy_wh:.3f}", ENERGY_REGISTER, unit="Wh"),
        Sample(_drawn(reading.power_w, 1), POWER_IMPORT, unit="W"),
        *(() if reading.fed_wh is None else _fed(reading, reading.fed_wh)),
        *(_by_phase(reading) if ac else _at_the_cable(reading)),
        Sample(f"{reading.offered_current_a:.1f}", "Current.Offered", unit="A"),
        Sample(f"{reading.offered_power_w:.1f}", "Power.Offered", unit="W"),
        Sample(f"{reading.frequency_hz:.3f}", "Frequency", unit="Hertz"),
        Sample(f"{reading.temperature_c:.1f}", "Temperature", location="Body", unit="Celsius"),
        *(() if reading.soc is None else (Sample(f"{reading.soc * 100:.1f}", SOC, location="EV", unit="Percent"),)),
    )


def _by_phase(reading: Reading) -> tuple[Sample, ...]:
    named = tuple(zip(_PHASES, reading.phases, strict=False))
    both_ways = reading.fed_wh is not None
    currents = (_currents(phase.current_a, both_ways, name) for name, phase in named)
    return (
        *chain.from_iterable(currents),
        *(Sample(f"{phase.voltage_v:.1f}", "Voltage", phase=f"{name}-N", unit="V") for name, phase in named),
    )


def _at_the_cable(reading: Reading) -> tuple[Sample, ...]:
    return (
        *_currents(reading.outlet_current_a, reading.fed_wh is not None),
        Sample(f"{reading.outlet_voltage_v:.1f}", "Voltage", unit="V"),
    )


def _currents(current_a: float, both_ways: bool, phase: str | None = None) -> tuple[Sample, ...]:
    drawn = Sample(_drawn(current_a, 2), "Current.Import", phase=phase, unit="A")
    return (drawn, Sample(_drawn(-current_a, 2), "Current.Export", phase=phase, unit="A")) if both_ways else (drawn,)


def _fed(reading: Reading, fed_wh: Decimal) -> tuple[Sample, ...]:
    """Reactive power is exported where it is injected (over-excited)."""
    return (
        Sample(f"{fed_wh:.3f}", "Energy.Active.Export.Register", unit="Wh"),
        Sample(_drawn(-reading.power_w, 1), "Power.Active.Export", unit="W"),
        Sample(_drawn(-reading.reactive_var, 1), "Power.Reactive.Import", unit="var"),
        Sample(_drawn(reading.reactive_var, 1), "Power.Reactive.Export", unit="var"),
    )


def _drawn(value: float, digits: int) -> str:
    """The value this way, 0 while it goes the other way."""
    return f"{max(0.0, value):.{digits}f}"
