"""Signed meter values (part 2, Meter Values §2.4): the meter's own signature beside the register that it signed."""

from collections.abc import Iterable
from typing import Literal

import msgspec

from stationmaster.domain.metering.values import ENERGY_REGISTER, MeterValue, Sample
from stationmaster.station.ports import SignedReading

KeyPolicy = Literal["Never", "OncePerTransaction", "EveryMeterValue"]
"""OCPPCommCtrlr.PublicKeyWithSignedMeterValue."""

_KEY = "publicKey"


def signed(value: MeterValue, by_meter: SignedReading) -> MeterValue:
    """The value with the signature at its total import register; a meter signs nothing else."""
    beside = {
        "signedMeterData": by_meter.data,
        "signingMethod": by_meter.signing_method,
        "encodingMethod": by_meter.encoding_method,
        _KEY: by_meter.public_key,
    }
    samples = [msgspec.structs.replace(each, signed=beside) if _is_register(each) else each for each in value.samples]
    return MeterValue(value.timestamp, tuple(samples))


def unsigned(value: MeterValue) -> MeterValue:
    """The value without its signatures."""
    samples = [msgspec.structs.replace(each, signed=None) if each.signed else each for each in value.samples]
    return MeterValue(value.timestamp, tuple(samples))


def with_keys(values: Iterable[MeterValue], policy: KeyPolicy, *, told: bool) -> tuple[MeterValue, ...]:
    """The values with the public key where the policy wants it, and elsewhere with an empty one, as 2.0.1 must have it.

    ``told``: the key was in an earlier message of the transaction.
    """
    left = {"Never": 0, "OncePerTransaction": 0 if told else 1}.get(policy)
    found = []
    for value in values:
        samples = []
        for sample in value.samples:
            if sample.signed is not None and left == 0:
                sample = msgspec.structs.replace(sample, signed=sample.signed | {_KEY: ""})  # noqa: PLW2901
            elif sample.signed is not None and left is not None:
                left -= 1
            samples.append(sample)
        found.append(MeterValue(value.timestamp, tuple(samples)))
    return tuple(found)


def tells_key(values: Iterable[MeterValue]) -> bool:
    """Whether the public key is in it."""
    return any(each.signed and each.signed.get(_KEY) for value in values for each in value.samples)


def _is_register(sample: Sample) -> bool:
    return sample.measurand == ENERGY_REGISTER and sample.phase is None
