from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from stationmaster.dialects import dialect_for
from stationmaster.dialects.table import Unattributable, Unsupported
from stationmaster.domain.der.controls import (
    SETTING_OF,
    ClearDERControl,
    DERAnswer,
    DERControl,
    GetDERControl,
    NotifyDERAlarm,
    NotifyDERStartStop,
    ReportDERControl,
    SetDERControl,
)
from stationmaster.domain.facts import StationFacts
from stationmaster.domain.messages import ACKNOWLEDGED, Answer, CommandAnswer, Request
from stationmaster.ocpp import codec
from stationmaster.ocpp.messages import messages
from stationmaster.ocpp.version import JSON_VERSIONS, Version

FACTS = StationFacts(version="2.1")
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
WHEN = {"priority": 1, "startTime": "2026-03-01T12:00:00Z", "duration": Decimal("60.5")}
CURVE = {"curveData": [{"x": Decimal("1.5"), "y": Decimal(110)}], "yUnit": "PctEffectiveV", **WHEN}
SETTINGS: dict[str, Any] = {
    "curve": CURVE,
    "fixedPFAbsorb": {"displacement": Decimal("0.9"), "excitation": True, **WHEN},
    "fixedPFInject": {"displacement": Decimal("0.9"), "excitation": False, **WHEN},
    "fixedVar": {"setpoint": Decimal(-20), "unit": "PctMaxVar", **WHEN},
    "limitMaxDischarge": {"pctMaxDischargePower": Decimal("55.5"), **WHEN},
    "freqDroop": dict.fromkeys(("overFreq", "underFreq", "overDroop", "underDroop", "responseTime"), Decimal(50))
    | WHEN,
    "enterService": {"priority": 0} | dict.fromkeys(("highVoltage", "lowVoltage", "highFreq", "lowFreq"), Decimal(50)),
    "gradient": {"priority": 0, "gradient": Decimal(1), "softGradient": Decimal(2)},
}


def heard(request: Request, answer: Answer) -> tuple[Any, Any]:
    """What the other side reads, and what we read of its answer, over the bytes of 2.1."""
    dialect = dialect_for(Version.V21)
    exchange = dialect.outgoing[type(request)](FACTS, request)
    call = next(exchange)
    row = dialect.incoming[call.action]
    reading = codec.read_request(Version.V21, call.action, codec.write_request(Version.V21, call.action, call.message))
    assert reading.violations == ()
    said = row.read(FACTS, reading.message)
    raw = codec.write_response(Version.V21, call.action, row.write(FACTS, said, answer))
    try:
        exchange.send(codec.read_response(Version.V21, call.action, raw).message)
    except StopIteration as done:
        return said, done.value
    raise AssertionError


@pytest.mark.parametrize("kind", SETTING_OF)
def test_every_type_of_control_arrives_with_its_setting(kind: str) -> None:
    name = SETTING_OF[kind]
    request = SetDERControl(
        id="c", type=kind, is_default="startTime" not in SETTINGS[name], settings={name: SETTINGS[name]}
    )
    answer = DERAnswer(status="Accepted", superseded=("a", "b"))
    assert heard(request, answer) == (request, answer)


@pytest.mark.parametrize(
    ("request_", "answer"),
    [
        (GetDERControl(request_id=-3), CommandAnswer(status="NotFound")),
        (GetDERControl(request_id=7, is_default=False, type="FixedVar", id="a"), CommandAnswer(status="Accepted")),
        (ClearDERControl(is_default=True), CommandAnswer(status="NotSupported")),
        (ClearDERControl(is_default=False, type="FixedVar", id="a"), CommandAnswer(status="Accepted")),
        (NotifyDERStartStop(id="a", started=True, timestamp=NOW, superseded=("b",)), ACKNOWLEDGED),
        (NotifyDERStartStop(id="a", started=False, timestamp=NOW), ACKNOWLEDGED),
        (NotifyDERAlarm(type="HVMustTrip", timestamp=NOW, fault="OverVoltage", extra="x"), ACKNOWLEDGED),
        (NotifyDERAlarm(type="HVMustTrip", timestamp=NOW, fault="OverVoltage", ended=True), ACKNOWLEDGED),
        (NotifyDERAlarm(type="HVMustTrip", timestamp=NOW), ACKNOWLEDGED),
    ],
)
def test_what_is_said_is_heard(request_: Request, answer: Answer) -> None:
    assert heard(request_, answer) == (request_, answer)


def test_a_report_carries_controls_of_all_types() -> None:
    controls = tuple(
        DERControl(
            id=kind,
            type=kind,
            is_default="startTime" not in SETTINGS[name],
            setting=SETTINGS[name],
            superseded=name == "curve",
        )
        for kind, name in SETTING_OF.items()
    )
    request = ReportDERControl(request_id=7, controls=controls, to_be_continued=True)
    said, _ = heard(request, ACKNOWLEDGED)
    assert (said.request_id, said.to_be_continued) == (7, True)
    assert sorted(said.controls, key=lambda each: each.id) == sorted(controls, key=lambda each: each.id)


def test_an_entry_of_a_report_that_names_nothing_is_passed_over() -> None:
    message = msgspec.convert(
        {"requestId": 1, "curve": [{}], "gradient": [{"id": "g"}]},
        messages(Version.V21)["ReportDERControl"].lenient_request,
    )
    read = dialect_for(Version.V21).incoming["ReportDERControl"].read
    assert read(FACTS, message) == ReportDERControl(request_id=1)


@pytest.mark.parametrize(
    "request_",
    [
        SetDERControl(id="c", type="Tea", is_default=True, settings={"gradient": SETTINGS["gradient"]}),
        SetDERControl(id="c", type="Gradients", is_default=True, settings={"tea": {}}),
        SetDERControl(id="c", type="Gradients", is_default=True, settings={"gradient": {"priority": 0}}),
        ClearDERControl(is_default=True, type="Tea"),
    ],
)
def test_what_2_1_has_no_words_for_is_unsupported(drive: Any, request_: Request) -> None:
    with pytest.raises(Unsupported, match=r"OCPP 2\.1"):
        drive(dialect_for(Version.V21).outgoing[type(request_)], FACTS, request_)


@pytest.mark.parametrize("version", [version for version in JSON_VERSIONS if version is not Version.V21])
@pytest.mark.parametrize(
    "request_",
    [GetDERControl(), ClearDERControl(is_default=True), NotifyDERStartStop(id="a", started=True, timestamp=NOW)],
)
def test_der_control_needs_2_1(drive: Any, version: Version, request_: Request) -> None:
    with pytest.raises(Unsupported, match=r"needs OCPP 2\.1"):
        drive(dialect_for(version).outgoing[type(request_)], StationFacts(version=version), request_)


@pytest.mark.parametrize(
    "action",
    ["SetDERControl", "GetDERControl", "ClearDERControl", "ReportDERControl", "NotifyDERStartStop", "NotifyDERAlarm"],
)
def test_an_empty_message_is_about_nothing(action: str) -> None:
    empty = msgspec.convert({}, messages(Version.V21)[action].lenient_request)
    with pytest.raises(Unattributable):
        dialect_for(Version.V21).incoming[action].read(FACTS, empty)
