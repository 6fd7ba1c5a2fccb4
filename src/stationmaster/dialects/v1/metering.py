"""J Meter values in 1.6: values are text, may be signed data, and have no power of ten.

What 1.6 has no word for is left out of what we send: samples of 2.x measurands, at the location Upstream or in units
that are not listed. Frequency and revolutions go without their unit, as 1.6 lists none for them.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from stationmaster.dialects.moments import utc_or
from stationmaster.dialects.plain import decimal_text
from stationmaster.dialects.table import Exchange, Incoming, Outgoing, Unattributable, WireCall
from stationmaster.dialects.words import words
from stationmaster.domain.facts import StationFacts
from stationmaster.domain.identity import Evse
from stationmaster.domain.messages import ACKNOWLEDGED, MeterValues, Request
from stationmaster.domain.metering.values import DEFAULT_CONTEXT, DEFAULT_LOCATION, ENERGY_REGISTER, MeterValue, Sample
from stationmaster.ocpp import v16
from stationmaster.ocpp.v16 import lenient as wire

_MEASURANDS: Mapping[str, v16.Measurand] = words(v16.Measurand)
_CONTEXTS: Mapping[str, v16.ReadingContext] = words(v16.ReadingContext)
_LOCATIONS: Mapping[str, v16.Location] = words(v16.Location)
_PHASES: Mapping[str | None, v16.Phase | None] = {None: None, **words(v16.Phase)}
_FORMATS: Mapping[str | None, v16.ValueFormat] = words(v16.ValueFormat)
_UNITS: Mapping[str | None, v16.UnitOfMeasure | None] = {
    None: None,
    "Hz": None,
    "Hertz": None,
    "RPM": None,
    **words(v16.UnitOfMeasure),
}
_SPELLED: dict[str | None, str] = {"Celcius": "Celsius"}


def read_meter_values(values: Iterable[wire.MeterValue]) -> tuple[MeterValue, ...]:
    """Every sample that has a value. A unit that is not given stays None: its default depends on the measurand."""
    return tuple(
        [
            MeterValue(
                utc_or(value.timestamp),
                tuple(
                    [
                        Sample(
                            sample.value,
                            sample.measurand or ENERGY_REGISTER,
                            sample.context or DEFAULT_CONTEXT,
                            sample.phase,
                            sample.location or DEFAULT_LOCATION,
                            _SPELLED.get(sample.unit, sample.unit),
                            0,
                            sample.format,
                        )
                        for sample in value.sampled_value
                        if sample.value is not None
                    ]
                ),
            )
            for value in values
        ]
    )


def write_meter_values(values: Iterable[MeterValue]) -> tuple[v16.MeterValue, ...]:
    """What 1.6 can carry of the values; a moment of which nothing is left is left out."""
    carried = ((value, tuple(_write_samples(value.samples))) for value in values)
    return tuple(
        v16.MeterValue(timestamp=value.timestamp, sampled_value=samples) for value, samples in carried if samples
    )


def _write_samples(samples: Iterable[Sample]) -> Iterator[v16.SampledValue]:
    for sample in samples:
        if (
            sample.measurand in _MEASURANDS
            and sample.location in _LOCATIONS
            and sample.phase in _PHASES
            and sample.unit in _UNITS
        ):
            yield _sampled_value(sample, _text(sample), _FORMATS.get(sample.format))
            if sample.signed is not None:
                # The signed reading follows the plain one: it is the evidence that a bill stands on.
                yield _sampled_value(sample, str(sample.signed.get("signedMeterData", "")), "SignedData")


def _sampled_value(sample: Sample, text: str, format_: v16.ValueFormat | None) -> v16.SampledValue:
    return v16.SampledValue(
        value=text,
        context=_CONTEXTS.get(sample.context, "Other"),
        format=format_,
        measurand=_MEASURANDS[sample.measurand],
        phase=_PHASES[sample.phase],
        location=_LOCATIONS[sample.location],
        unit=_UNITS[sample.unit],
    )


def _text(sample: Sample) -> str:
    number = sample.number if sample.multiplier else None
    return decimal_text(number) if number is not None else sample.value


def _read(facts: StationFacts, message: wire.MeterValuesRequest) -> MeterValues:
    transaction = str(message.transaction_id) if message.transaction_id is not None else None
    return MeterValues(
        evse=_evse(facts, message.connector_id, transaction),
        meter_values=read_meter_values(message.meter_value),
        transaction_id=transaction,
    )


def _evse(facts: StationFacts, connector_id: int | None, transaction: str | None) -> Evse:
    """Where the values were taken; a transaction's values need no connector to be attributed."""
    if connector_id is not None:
        return facts.evse_of(connector_id)
    if transaction is None:
        raise Unattributable("connectorId")
    return Evse(0)


def _write_answer(facts: StationFacts, request: MeterValues, answer: Any) -> v16.MeterValuesResponse:
    return v16.MeterValuesResponse()


def _meter_values(facts: StationFacts, request: MeterValues) -> Exchange:
    """No call where nothing is left that 1.6 could carry."""
    message = meter_values_request(facts, request.evse, request.transaction_id, request.meter_values)
    if message.meter_value:
        yield WireCall("MeterValues", message)
    return ACKNOWLEDGED


def meter_values_request(
    facts: StationFacts, evse: Evse | None, transaction_id: str | None, values: Iterable[MeterValue]
) -> v16.MeterValuesRequest:
    """MeterValues.req; ``transaction_id`` is this side's own."""
    return v16.MeterValuesRequest(
        connector_id=facts.connector_of(evse),
        transaction_id=wire_id(facts, transaction_id) if transaction_id is not None else None,
        meter_value=write_meter_values(values),
    )


def wire_id(facts: StationFacts, transaction_id: str | None) -> int:
    """The wire's transactionId behind this side's own; -1 for one that was never learned (1.6 errata 3.18)."""
    known = facts.wire_transactions.get(transaction_id or "", "-1")
    return int(known) if known.removeprefix("-").isdecimal() else -1


INCOMING: Mapping[str, Incoming] = {"MeterValues": Incoming(_read, _write_answer)}
OUTGOING: Mapping[type[Request], Outgoing] = {MeterValues: _meter_values}
