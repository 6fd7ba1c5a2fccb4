from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from stationmaster.dialects import dialect_for
from stationmaster.dialects.table import Unattributable, Unsupported
from stationmaster.domain.facts import StationFacts
from stationmaster.domain.messages import ACKNOWLEDGED, Answer, CommandAnswer, Request
from stationmaster.domain.payment.payments import (
    NotifySettlement,
    NotifyWebPaymentStarted,
    SettlementAnswer,
    VatAnswer,
    VatNumberValidation,
)
from stationmaster.domain.priority_charging import NotifyPriorityCharging, UsePriorityCharging
from stationmaster.ocpp import codec
from stationmaster.ocpp.version import JSON_VERSIONS, Version

DIALECT = dialect_for(Version.V21)
FACTS = StationFacts(version="2.1")
ADDRESS = {"name": "Ada", "address1": "1 Mill Lane", "city": "York", "country": "UK"}
SETTLED = NotifySettlement(
    psp_ref="psp-1",
    status="Settled",
    amount=Decimal("12.34"),
    at=datetime(2026, 5, 1, 12, tzinfo=UTC),
    transaction_id="tx-1",
    info="fine",
    receipt_id="R1",
    receipt_url="https://psp.example/R1",
    vat_number="DE136695976",
    vat_company=ADDRESS,
)
STARTED = NotifyWebPaymentStarted(evse_id=2, timeout_s=300)
ASKED = VatNumberValidation(vat_number="DE136695976", evse_id=2)


@pytest.mark.parametrize(
    ("request_", "answer"),
    [
        (SETTLED, SettlementAnswer(receipt_url="https://us.example/1", receipt_id="1")),
        (NotifySettlement(psp_ref="p", status="Canceled", amount=Decimal(0), at=SETTLED.at), SettlementAnswer()),
        (ASKED, VatAnswer(vat_number="DE136695976", evse_id=2, status="Accepted", company=ADDRESS)),
        (ASKED, VatAnswer(vat_number="DE136695976", evse_id=2, status="Rejected", reason="InvalidValue", info="no")),
        (UsePriorityCharging(transaction_id="tx-1", activate=False), CommandAnswer(status="NoProfile")),
        (UsePriorityCharging(transaction_id="t", activate=True), CommandAnswer(status="Rejected", reason="TxNotFound")),
        (NotifyPriorityCharging(transaction_id="tx-1", activated=True), ACKNOWLEDGED),
        (STARTED, ACKNOWLEDGED),
    ],
)  # fmt: skip
def test_what_is_said_is_heard(request_: Request, answer: Answer) -> None:
    exchange = DIALECT.outgoing[type(request_)](FACTS, request_)
    call = next(exchange)
    row = DIALECT.incoming[call.action]
    reading = codec.read_request(Version.V21, call.action, codec.write_request(Version.V21, call.action, call.message))
    assert reading.violations == ()
    assert row.read(FACTS, reading.message) == request_
    raw = codec.write_response(Version.V21, call.action, row.write(FACTS, request_, answer))
    with pytest.raises(StopIteration) as done:
        exchange.send(codec.read_response(Version.V21, call.action, raw).message)
    assert done.value.value == answer


@pytest.mark.parametrize("version", [each for each in JSON_VERSIONS if each is not Version.V21])
@pytest.mark.parametrize(
    "request_", [SETTLED, ASKED, STARTED, UsePriorityCharging(transaction_id="1", activate=True),
                 NotifyPriorityCharging(transaction_id="1", activated=True)],
    ids=lambda request: type(request).__name__,
)  # fmt: skip
def test_older_versions_have_no_words_for_it(drive: Any, version: Version, request_: Request) -> None:
    row = dialect_for(version).outgoing[type(request_)]
    with pytest.raises(Unsupported, match=r"2\.1"):
        drive(row, StationFacts(version=version.value), request_)


@pytest.mark.parametrize(
    ("action", "message", "field"),
    [
        ("NotifySettlement", {"status": "Settled"}, "pspRef"),
        ("NotifySettlement", {"pspRef": "p"}, "status"),
        ("VatNumberValidation", {}, "vatNumber"),
        ("UsePriorityCharging", {"transactionId": "t"}, "activate"),
        ("NotifyPriorityCharging", {"activated": True}, "transactionId"),
        ("NotifyWebPaymentStarted", {"timeout": 60}, "evseId"),
        ("NotifyWebPaymentStarted", {"evseId": 1}, "timeout"),
    ],
)
def test_what_lacks_what_it_is_about_cannot_be_attributed(action: str, message: dict[str, Any], field: str) -> None:
    reading = codec.read_request(Version.V21, action, msgspec.json.encode(message))
    with pytest.raises(Unattributable) as failure:
        DIALECT.incoming[action].read(FACTS, reading.message)
    assert failure.value.field == field


def test_a_status_or_an_address_that_2_1_has_not_is_not_sent(drive: Any) -> None:
    for wrong in ({"status": "Lost"}, {"vat_company": {"name": "Ada"}}):
        request = NotifySettlement(**{"psp_ref": "p", "status": "Settled", "amount": Decimal(1), **wrong})
        with pytest.raises(Unsupported):
            drive(DIALECT.outgoing[NotifySettlement], FACTS, request)


def test_an_evse_that_cannot_be_is_none_as_the_answer_could_not_carry_it() -> None:
    row = DIALECT.incoming["VatNumberValidation"]
    message = codec.read_request(Version.V21, "VatNumberValidation", b'{"vatNumber":"DE1","evseId":-5}').message
    assert row.read(FACTS, message) == VatNumberValidation(vat_number="DE1", evse_id=None)
