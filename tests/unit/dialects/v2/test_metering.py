from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from stationmaster.dialects.table import Unattributable
from stationmaster.dialects.v2.metering import INCOMING, OUTGOING, read_meter_values, write_meter_values
from stationmaster.domain.facts import StationFacts
from stationmaster.domain.identity import Evse
from stationmaster.domain.messages import ACKNOWLEDGED, MeterValues
from stationmaster.domain.metering.values import MeterValue, Sample
from stationmaster.ocpp import v21
from stationmaster.ocpp.v21 import lenient as wire

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
FACTS = StationFacts(version="2.0.1")
SIGNED = {"signedMeterData": "T0NNRg==", "signingMethod": "", "encodingMethod": "OCMF", "publicKey": "oca:base16"}


def written(*samples: Sample, facts: StationFacts = FACTS) -> list[v21.SampledValueType]:
    return [each for value in write_meter_values(facts, [MeterValue(AT, samples)]) for each in value.sampled_value]


def test_a_number_becomes_its_digits_and_keeps_its_power_of_ten() -> None:
    raw = wire.SampledValueType(
        value=Decimal("1.5E+3"), unit_of_measure=wire.UnitOfMeasureType(unit="Wh", multiplier=3)
    )
    (value,) = read_meter_values([wire.MeterValueType(timestamp=AT, sampled_value=(raw,))])
    assert value.samples == (Sample("1500", unit="Wh", multiplier=3),)
    assert value.samples[0].number == 1_500_000


def test_a_sample_without_a_value_is_left_out() -> None:
    (value,) = read_meter_values([wire.MeterValueType(sampled_value=(wire.SampledValueType(),))])
    assert value.samples == ()


def test_a_signed_value_is_kept_whole_with_the_names_of_the_wire() -> None:
    (sample,) = written(Sample("1", signed=SIGNED))
    (value,) = read_meter_values([wire.MeterValueType(timestamp=AT, sampled_value=(sample,))])  # type: ignore[arg-type]
    assert value.samples[0].signed == SIGNED


def test_a_signed_value_that_2x_would_refuse_does_not_cost_the_reading() -> None:
    (sample,) = written(Sample("1", signed={"publicKey": "alone"}))
    assert (sample.value, sample.signed_meter_value) == (Decimal(1), None)


@pytest.mark.parametrize(
    "sample",
    [
        Sample("T0NNRg==", format="SignedData"),
        Sample("12", format="SignedData"),
        Sample("full"),
        Sample("NaN"),
        Sample("1", "Temperature"),
        Sample("1", location="Roof"),
        Sample("1", context="Whim"),
        Sample("1", phase="L9"),
    ],
)
def test_what_2x_has_no_place_for_is_left_out(sample: Sample) -> None:
    assert [each.value for each in written(sample, Sample("2"))] == [2]


@pytest.mark.parametrize("sample", [Sample("80", "Display.PresentSOC"), Sample("1", location="Upstream")])
def test_words_of_21_are_left_out_of_what_an_older_version_gets(sample: Sample) -> None:
    assert written(sample) == []
    assert len(written(sample, facts=StationFacts(version="2.1"))) == 1


def test_a_sample_without_unit_and_power_of_ten_has_no_unit_of_measure() -> None:
    assert written(Sample("1"))[0].unit_of_measure is None
    assert written(Sample("1", multiplier=3))[0].unit_of_measure == v21.UnitOfMeasureType(multiplier=3)


def test_values_from_nowhere_are_unattributable() -> None:
    with pytest.raises(Unattributable, match="evseId"):
        INCOMING["MeterValues"].read(FACTS, wire.MeterValuesRequest())


def test_no_call_is_made_where_nothing_is_left_to_say(drive: Any) -> None:
    request = MeterValues(evse=Evse(1), meter_values=(MeterValue(AT, (Sample("full"),)),))
    assert drive(OUTGOING[MeterValues], FACTS, request) == ([], ACKNOWLEDGED)
