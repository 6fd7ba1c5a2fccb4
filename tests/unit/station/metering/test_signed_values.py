"""Signatures beside meter values, and the key that they are checked with."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stationmaster.domain.metering.values import MeterValue, Sample
from stationmaster.station.metering.signed_values import signed, tells_key, unsigned, with_keys
from stationmaster.station.ports import SignedReading

AT = datetime(2026, 5, 1, tzinfo=UTC)
BY_METER = SignedReading(data="ZGF0YQ==", signing_method="S", encoding_method="OCMF", public_key="a2V5")
PLAIN = MeterValue(AT, (Sample("1000"), Sample("333", phase="L1"), Sample("7000", measurand="Power.Active.Import")))
SIGNED = signed(PLAIN, BY_METER)


def keys(values):
    return [sample.signed["publicKey"] for value in values for sample in value.samples if sample.signed]


def test_only_the_total_register_is_signed_and_the_values_stay_what_they_were():
    assert [sample.signed is not None for sample in SIGNED.samples] == [True, False, False]
    assert SIGNED.samples[0].signed == {
        "signedMeterData": "ZGF0YQ==",
        "signingMethod": "S",
        "encodingMethod": "OCMF",
        "publicKey": "a2V5",
    }
    assert unsigned(SIGNED) == PLAIN


@given(st.lists(st.booleans(), max_size=6), st.booleans())
def test_the_key_is_told_once_in_a_transaction_in_the_first_value_that_is_signed(are_signed, told):
    values = [SIGNED if is_signed else PLAIN for is_signed in are_signed]
    found = with_keys(values, "OncePerTransaction", told=told)
    first = [] if told or not any(are_signed) else ["a2V5"]
    assert keys(found) == first + [""] * (sum(are_signed) - len(first))
    assert tells_key(found) == bool(first)


@pytest.mark.parametrize("told", [False, True])
def test_the_key_is_told_always_or_never_where_so_configured(told):
    assert keys(with_keys([SIGNED, SIGNED], "EveryMeterValue", told=told)) == ["a2V5", "a2V5"]
    assert keys(with_keys([SIGNED, SIGNED], "Never", told=told)) == ["", ""]
    assert with_keys([PLAIN], "Never", told=told) == (PLAIN,)
