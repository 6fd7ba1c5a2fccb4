"""J Meter values in 2.x: values are numbers with a power of ten, and may have a signed reading beside them.

A sample without a number (1.6's signed data) has no place in 2.x and is left out of what we send, as are samples of
measurands, places, phases and contexts that the version does not list.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

import msgspec

from stationmaster.dialects.moments import UNKNOWN_TIME, utc_or
from stationmaster.dialects.plain import decimal_text, plain_of, struct_of
from stationmaster.dialects.table import Exchange, Incoming, Outgoing, Unattributable, WireCall
from stationmaster.dialects.v2.vocabulary import VOCABULARIES, Vocabulary
from stationmaster.dialects.words import words
from stationmaster.domain.facts import StationFacts
from stationmaster.domain.identity import Evse
from stationmaster.domain.messages import ACKNOWLEDGED, MeterValues, Request
from stationmaster.domain.metering.values import DEFAULT_CONTEXT, DEFAULT_LOCATION, ENERGY_REGISTER, MeterValue, Sample
from stationmaster.ocpp import v21
from stationmaster.ocpp.checks import decimal_of
from stationmaster.ocpp.v21 import lenient as wire

_CONTEXTS: Mapping[str, v21.ReadingContextEnumType] = words(v21.ReadingContextEnumType)
_PHASES: Mapping[str | None, v21.PhaseEnumType | None] = {None: None, **words(v21.PhaseEnumType)}


def read_meter_values(
    values: Iterable[wire.MeterValueType], otherwise: datetime = UNKNOWN_TIME
) -> tuple[MeterValue, ...]:
    """Every sample that has a value; ``otherwise`` is the time of values that have none."""
    return tuple(
        [
            MeterValue(
                utc_or(value.timestamp, otherwise),
                tuple([_read_sample(each, each.value) for each in value.sampled_value if each.value is not None]),
            )
            for value in values
        ]
    )


def _read_sample(sample: wire.SampledValueType, value: Decimal) -> Sample:
    measured_in = sample.unit_of_measure
    signed = sample.signed_meter_value
    return Sample(
        decimal_text(value),
        sample.measurand or ENERGY_REGISTER,
        sample.context or DEFAULT_CONTEXT,
        sample.phase,
        sample.location or DEFAULT_LOCATION,
        measured_in.unit if measured_in is not None else None,
        (measured_in.multiplier or 0) if measured_in is not None else 0,
        None,
        plain_of(signed) if signed is not None else None,
    )


def write_meter_values(facts: StationFacts, values: Iterable[MeterValue]) -> tuple[v21.MeterValueType, ...]:
    """What the version can carry of the values; a moment of which nothing is left is left out."""
    vocabulary = VOCABULARIES[facts.version]
    carried = ((value, tuple(_write_samples(vocabulary, value.samples))) for value in values)
    return tuple(
        v21.MeterValueType(timestamp=value.timestamp, sampled_value=samples) for value, samples in carried if samples
    )


def _write_samples(vocabulary: Vocabulary, samples: Iterable[Sample]) -> Iterator[v21.SampledValueType]:
    for sample in samples:
        value = _number(sample)
        if (
            value is not None
            and sample.measurand in vocabulary.measurands
            and sample.context in _CONTEXTS
            and sample.location in vocabulary.locations
            and sample.phase in _PHASES
        ):
            yield v21.SampledValueType(
                value=value,
                measurand=vocabulary.measurands[sample.measurand],
                context=_CONTEXTS[sample.context],
                phase=_PHASES[sample.phase],
                location=vocabulary.locations[sample.location],
                signed_meter_value=_signed(sample.signed) if vocabulary.signs_freely else None,
                unit_of_measure=_unit(sample),
            )


def _number(sample: Sample) -> Decimal | None:
    if sample.format == "SignedData":
        return None
    try:
        return decimal_of(sample.value)
    except ValueError:
        return None


def _unit(sample: Sample) -> v21.UnitOfMeasureType | None:
    if sample.unit is None and not sample.multiplier:
        return None
    unit = sample.unit[:20] if sample.unit is not None else None
    return v21.UnitOfMeasureType(unit=unit, multiplier=sample.multiplier or None)


def _signed(signed: dict[str, Any] | None) -> v21.SignedMeterValueType | None:
    """The signed reading; one that the schema would refuse must not cost the whole message."""
    if signed is None:
        return None
    try:
        return struct_of(signed, v21.SignedMeterValueType)
    except msgspec.ValidationError:
        return None


def read_values(facts: StationFacts, message: wire.MeterValuesRequest) -> MeterValues:
    if message.evse_id is None:
        raise Unattributable("evseId")
    return MeterValues(evse=Evse(message.evse_id), meter_values=read_meter_values(message.meter_value))


def write_values_answer(facts: StationFacts, request: MeterValues, answer: Any) -> v21.MeterValuesResponse:
    return v21.MeterValuesResponse()


def _meter_values(facts: StationFacts, request: MeterValues) -> Exchange:
    """No call where nothing is left that the version could carry."""
    values = write_meter_values(facts, request.meter_values)
    if values:
        message = v21.MeterValuesRequest(evse_id=request.evse.id, meter_value=values)
        yield WireCall("MeterValues", message)
    return ACKNOWLEDGED


INCOMING: Mapping[str, Incoming] = {"MeterValues": Incoming(read_values, write_values_answer)}
OUTGOING: Mapping[type[Request], Outgoing] = {MeterValues: _meter_values}
