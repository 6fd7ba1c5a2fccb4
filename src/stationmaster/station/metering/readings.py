"""Which of the measured values go into a message (J01, J02)."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Protocol

import msgspec

from stationmaster.domain.metering.values import MeterValue, Sample, register_wh
from stationmaster.station.metering.signed_values import signed
from stationmaster.station.ports import SignedReading


class Meter(Protocol):
    def read_meter(self, evse_id: int) -> Iterable[Sample]: ...


class SigningMeter(Meter, Protocol):
    def sign_meter(self, evse_id: int, at: datetime, context: str) -> SignedReading: ...


def selected(samples: Iterable[Sample], measurands: Iterable[str], context: str) -> tuple[Sample, ...]:
    """The samples of these measurands, each with its phases and locations, in the given context."""
    wanted = frozenset(measurands)
    return tuple(msgspec.structs.replace(sample, context=context) for sample in samples if sample.measurand in wanted)


def reading(
    meter: SigningMeter, evse_id: int, measurands: Iterable[str], context: str, at: datetime, *, sign: bool = False
) -> MeterValue | None:
    """A reading of an EVSE now, or None where nothing of it is wanted or measured (J02.FR.18: one timestamp)."""
    samples = selected(meter.read_meter(evse_id), measurands, context)
    if not samples:
        return None
    value = MeterValue(at, samples)
    return signed(value, meter.sign_meter(evse_id, at, context)) if sign else value


def whole_wh(meter: Meter, evse_id: int) -> int | None:
    """The import register in whole Wh, as 1.6 wants it."""
    energy = register_wh(meter.read_meter(evse_id))
    return None if energy is None else int(energy.to_integral_value(rounding="ROUND_HALF_UP"))


def energy_wh(meter: Meter, evse_id: int) -> Decimal:
    """The import register, 0 without one."""
    return register_wh(meter.read_meter(evse_id)) or Decimal(0)
