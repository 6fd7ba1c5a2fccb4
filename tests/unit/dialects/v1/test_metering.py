from datetime import UTC, datetime
from typing import Any, get_args

import pytest

from stationmaster.dialects.moments import UNKNOWN_TIME
from stationmaster.dialects.table import Unattributable
from stationmaster.dialects.v1.metering import INCOMING, OUTGOING, read_meter_values, write_meter_values
from stationmaster.domain.facts import StationFacts
from stationmaster.domain.identity import Evse
from stationmaster.domain.messages import ACKNOWLEDGED, MeterValues
from stationmaster.domain.metering.values import MeterValue, Sample
from stationmaster.ocpp import v16
from stationmaster.ocpp.v16 import lenient as wire

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
FACTS = StationFacts(version="1.6")
READ = INCOMING["MeterValues"].read


def written(*samples: Sample) -> list[v16.SampledValue]:
    return [each for value in write_meter_values([MeterValue(AT, samples)]) for each in value.sampled_value]


def test_a_bare_value_gets_the_defaults_but_no_unit() -> None:
    values = read_meter_values([wire.MeterValue(sampled_value=(wire.SampledValue(value="1e3"),))])
    assert values == (MeterValue(UNKNOWN_TIME, (Sample("1e3"),)),)
    assert values[0].samples[0].unit is None


def test_the_old_spelling_of_celsius_is_corrected() -> None:
    (value,) = read_meter_values([wire.MeterValue(sampled_value=(wire.SampledValue(value="20", unit="Celcius"),))])
    assert value.samples[0].unit == "Celsius"


def test_a_sample_without_a_value_is_left_out() -> None:
    (value,) = read_meter_values([wire.MeterValue(sampled_value=(wire.SampledValue(unit="W"),))])
    assert value.samples == ()


def test_values_of_a_transaction_need_no_connector_and_others_do() -> None:
    assert READ(FACTS, wire.MeterValuesRequest(transaction_id=7)).evse == Evse(0)
    with pytest.raises(Unattributable, match="connectorId"):
        READ(FACTS, wire.MeterValuesRequest())


def test_connector_zero_is_the_main_meter() -> None:
    assert READ(FACTS, wire.MeterValuesRequest(connector_id=0)).evse == Evse(0)


@pytest.mark.parametrize("unit", get_args(v16.UnitOfMeasure))
@pytest.mark.parametrize("measurand", get_args(v16.Measurand))
def test_every_measurand_and_unit_of_16_is_written_as_it_was_read(measurand: str, unit: str) -> None:
    (value,) = read_meter_values(
        [wire.MeterValue(sampled_value=(wire.SampledValue(value="1", measurand=measurand, unit=unit),))]
    )
    (sample,) = written(*value.samples)
    assert (sample.measurand, sample.unit) == (measurand, "Celsius" if unit == "Celcius" else unit)


@pytest.mark.parametrize("context", get_args(v16.ReadingContext))
@pytest.mark.parametrize("location", get_args(v16.Location))
@pytest.mark.parametrize("phase", get_args(v16.Phase))
def test_every_context_location_and_phase_of_16_is_written_as_it_was_read(
    context: str, location: str, phase: str
) -> None:
    raw = wire.SampledValue(value="1", context=context, location=location, phase=phase)
    (value,) = read_meter_values([wire.MeterValue(sampled_value=(raw,))])
    (sample,) = written(*value.samples)
    assert (sample.context, sample.location, sample.phase) == (context, location, phase)


def test_a_power_of_ten_is_applied_as_16_has_no_place_for_it() -> None:
    assert [each.value for each in written(Sample("12.5", multiplier=3), Sample("5", multiplier=-1))] == [
        "12500",
        "0.5",
    ]


def test_a_signed_reading_of_2x_follows_the_plain_one() -> None:
    plain, signed = written(Sample("12", signed={"signedMeterData": "T0NNRg==", "encodingMethod": "OCMF"}))
    assert (plain.value, plain.format) == ("12", None)
    assert (signed.value, signed.format, signed.measurand) == ("T0NNRg==", "SignedData", plain.measurand)


@pytest.mark.parametrize(
    "sample",
    [
        Sample("1", "Display.PresentSOC"),
        Sample("1", location="Upstream"),
        Sample("1", unit="lx"),
        Sample("1", phase="L9"),
    ],
)
def test_what_16_has_no_word_for_is_left_out(sample: Sample) -> None:
    assert [each.value for each in written(sample, Sample("2"))] == ["2"]


def test_a_frequency_goes_without_its_unit() -> None:
    assert written(Sample("50", "Frequency", unit="Hz"))[0].unit is None


def test_no_call_is_made_where_nothing_is_left_to_say(drive: Any) -> None:
    request = MeterValues(evse=Evse(1, 1), meter_values=(MeterValue(AT, (Sample("1", unit="lx"),)),))
    assert drive(OUTGOING[MeterValues], FACTS, request) == ([], ACKNOWLEDGED)
