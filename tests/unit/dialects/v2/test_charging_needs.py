from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from stationmaster.dialects import dialect_for
from stationmaster.dialects.table import Unattributable, Unsupported
from stationmaster.domain.charging_needs import ChargingNeedsAnswer, NotifyEVChargingNeeds
from stationmaster.domain.facts import StationFacts
from stationmaster.ocpp import codec
from stationmaster.ocpp.messages import messages
from stationmaster.ocpp.version import Version
from stationmaster.ocpp.wire import decode_plain

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
ACTION = "NotifyEVChargingNeeds"
AC: dict[str, Any] = {
    "requestedEnergyTransfer": "AC_three_phase",
    "acChargingParameters": dict.fromkeys(("energyAmount", "evMinCurrent", "evMaxCurrent", "evMaxVoltage"), 6),
    "departureTime": "2026-03-01T18:00:00Z",
}
DER: dict[str, Any] = {
    "requestedEnergyTransfer": "AC_BPT_DER",
    "availableEnergyTransfer": ["AC_BPT_DER", "AC_BPT"],
    "controlMode": "DynamicControl",
    "mobilityNeedsMode": "EVCC_SECC",
    "v2xChargingParameters": {"maxDischargePower": Decimal("11000.5"), "targetSoC": 80},
    "derChargingParameters": {
        "evSupportedDERControl": ["FreqDroop", "HFMustTrip"],
        "maxDischargeApparentPower_L2": Decimal(3700),
        "evInverterModel": "X",
        "evIslandingDetectionMethod": ["RoCoF"],
    },
}


def heard(version: Version, request: NotifyEVChargingNeeds, answer: ChargingNeedsAnswer) -> tuple[Any, Any]:
    """What the CSMS reads, and what the station reads of its answer, over the bytes of the version."""
    facts, dialect = StationFacts(version=version.value), dialect_for(version)
    exchange = dialect.outgoing[NotifyEVChargingNeeds](facts, request)
    call = next(exchange)
    reading = codec.read_request(version, ACTION, codec.write_request(version, ACTION, call.message))
    assert reading.violations == ()
    row = dialect.incoming[ACTION]
    said = row.read(facts, reading.message)
    raw = codec.write_response(version, ACTION, row.write(facts, said, answer))
    try:
        exchange.send(codec.read_response(version, ACTION, raw).message)
    except StopIteration as done:
        return said, done.value
    raise AssertionError


@pytest.mark.parametrize("status", ["Accepted", "Rejected", "Processing", "NoChargingProfile"])
def test_R02_FR_01_a_cars_inverter_is_told_whole(status: str) -> None:
    request = NotifyEVChargingNeeds(evse_id=2, needs=DER, max_schedule_tuples=16, timestamp=NOW)
    answer = ChargingNeedsAnswer(status=status, reason="Why")
    assert heard(Version.V21, request, answer) == (request, answer)


@pytest.mark.parametrize("version", [Version.V20, Version.V201])
def test_before_2_1_there_is_no_word_for_having_no_profile_but_rejected(version: Version) -> None:
    request = NotifyEVChargingNeeds(evse_id=2, needs=AC)
    said, answer = heard(version, request, ChargingNeedsAnswer(status="NoChargingProfile"))
    assert (said, answer.status) == (request, "Rejected")


def test_der_parameters_need_2_1() -> None:
    call = next(
        dialect_for(Version.V201).outgoing[NotifyEVChargingNeeds](
            StationFacts(version="2.0.1"), NotifyEVChargingNeeds(evse_id=1, needs=DER)
        )
    )
    with pytest.raises(ValueError, match="cannot carry"):
        codec.write_request(Version.V201, ACTION, call.message)


def test_needs_off_the_schema_are_not_said() -> None:
    row = dialect_for(Version.V21).outgoing[NotifyEVChargingNeeds]
    with pytest.raises(Unsupported, match="needs"):
        next(row(StationFacts(version="2.1"), NotifyEVChargingNeeds(evse_id=1, needs={"tea": 1})))


@pytest.mark.parametrize("payload", [b"{}", b'{"evseId": 1}', b'{"chargingNeeds": {}}'])
def test_needs_of_nobody_or_of_nothing_are_not_taken(payload: bytes) -> None:
    message = msgspec.convert(decode_plain(payload), messages(Version.V21)[ACTION].lenient_request)
    with pytest.raises(Unattributable):
        dialect_for(Version.V21).incoming[ACTION].read(StationFacts(version="2.1"), message)


def test_what_a_station_tells_off_the_schema_is_kept_as_far_as_it_goes() -> None:
    payload = b'{"evseId": 1, "chargingNeeds": {"derChargingParameters": {"evSupportedDERControl": ["Tea"]}}}'
    reading = codec.read_request(Version.V21, ACTION, payload)
    assert reading.violations
    said: Any = dialect_for(Version.V21).incoming[ACTION].read(StationFacts(version="2.1"), reading.message)
    assert said.needs == {"derChargingParameters": {"evSupportedDERControl": ["Tea"]}}
