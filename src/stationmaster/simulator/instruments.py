"""A reading of a charge path as the samples that a station sends."""

from stationmaster.domain.metering import ENERGY_REGISTER, POWER_IMPORT, SOC, Sample
from stationmaster.simulator.charge_path import Reading

_PHASES = ("L1", "L2", "L3")


def samples(reading: Reading, *, ac: bool) -> tuple[Sample, ...]:
    """Everything that can be measured: at the outlet, on AC by phase; the SoC where the car tells it."""
    return (
        Sample(f"{reading.energy_wh:.3f}", ENERGY_REGISTER, unit="Wh"),
        Sample(f"{reading.power_w:.1f}", POWER_IMPORT, unit="W"),
        *(_by_phase(reading) if ac else _at_the_cable(reading)),
        Sample(f"{reading.offered_current_a:.1f}", "Current.Offered", unit="A"),
        Sample(f"{reading.offered_power_w:.1f}", "Power.Offered", unit="W"),
        Sample(f"{reading.frequency_hz:.3f}", "Frequency", unit="Hertz"),
        Sample(f"{reading.temperature_c:.1f}", "Temperature", location="Body", unit="Celsius"),
        *(() if reading.soc is None else (Sample(f"{reading.soc * 100:.1f}", SOC, location="EV", unit="Percent"),)),
    )


def _by_phase(reading: Reading) -> tuple[Sample, ...]:
    named = tuple(zip(_PHASES, reading.phases, strict=False))
    return (
        *(Sample(f"{phase.current_a:.2f}", "Current.Import", phase=name, unit="A") for name, phase in named),
        *(Sample(f"{phase.voltage_v:.1f}", "Voltage", phase=f"{name}-N", unit="V") for name, phase in named),
    )


def _at_the_cable(reading: Reading) -> tuple[Sample, ...]:
    return (
        Sample(f"{reading.outlet_current_a:.2f}", "Current.Import", unit="A"),
        Sample(f"{reading.outlet_voltage_v:.1f}", "Voltage", unit="V"),
    )
