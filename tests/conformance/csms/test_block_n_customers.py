"""N09, N10 Customer information: what a CSMS asks and puts together."""

from typing import Any

import pytest
from csms_case import VALID, Case

from stationmaster.domain.certificates import CertificateHash
from stationmaster.domain.command import Command
from stationmaster.domain.diagnostics.customer_information import CustomerInformation, CustomerReportView
from stationmaster.domain.identity import IdToken
from stationmaster.testing.script import moment
from stationmaster.testing.wire import Payload

TOKEN = IdToken(VALID, "ISO14443")
HASH = CertificateHash("SHA256", "ab" * 32, "cd" * 32, "1f")


async def ask(case: Case, report: bool, clear: bool, status: str = "Accepted", **named: Any) -> tuple[Payload, Command]:
    request = CustomerInformation(report=report, clear=clear, **(named or {"id_token": TOKEN}))
    asked, command = await case.commanded(request, "CustomerInformation", status)
    assert (asked["report"], asked["clear"]) == (report, clear)
    return asked, command


async def tell(case: Case, asked: Payload, data: str, seq_no: int = 0, more: bool = False) -> None:
    part: Payload = {"data": data, "seqNo": seq_no, "tbc": more, "generatedAt": moment(case.station.now())}
    part["requestId"] = asked["requestId"]
    assert await case.station.say("NotifyCustomerInformation", part) == {}


async def found(case: Case, command: Command) -> CustomerReportView:
    view = await case.bench.storage.reads.customer_report("default", case.view.key, command.key)
    assert view is not None
    return view


async def test_TC_N_27_CSMS_what_is_known_of_a_token_is_put_together_from_its_parts(case: Case) -> None:
    asked, command = await ask(case, True, False)
    assert asked["idToken"] == {"idToken": VALID, "type": "ISO14443"}
    assert not {"customerCertificate", "customerIdentifier"} & set(asked)  # N09.FR.04
    await tell(case, asked, "x" * 512, 0, True)
    await tell(case, asked, "x" * 512, 0, True)  # told again after a timeout
    assert (await found(case, command)).report.state == "accepted"
    await tell(case, asked, "y", 1)
    view = await found(case, command)
    assert (view.report.state, view.text, view.gaps) == ("complete", "x" * 512 + "y", False)
    (event,) = await case.view.told("CustomerInformationReceived")
    assert "y" not in str(event.data.values())


async def test_TC_N_28_CSMS_nothing_is_known(case: Case) -> None:
    asked, command = await ask(case, True, False)
    await tell(case, asked, "")
    view = await found(case, command)
    assert (view.report.state, view.text) == ("complete", "")


@pytest.mark.parametrize("status", ["Rejected", "Invalid"])
async def test_TC_N_29_CSMS_a_station_may_refuse(case: Case, status: str) -> None:
    _, command = await ask(case, True, False, status)
    view = await found(case, command)
    assert (command.state, view.report.state, view.report.status) == ("rejected", "rejected", status)


async def test_TC_N_30_CSMS_and_TC_N_31_CSMS_a_token_is_reported_and_erased(case: Case) -> None:
    asked, command = await ask(case, True, True)
    await tell(case, asked, "all of it")
    view = await found(case, command)
    assert (view.report.state, view.report.clear, view.text) == ("complete", True, "all of it")


async def test_TC_N_32_CSMS_a_token_is_erased_without_a_report(case: Case) -> None:
    asked, command = await ask(case, False, True)
    await tell(case, asked, "cleared")
    assert (await found(case, command)).report.state == "complete"


async def test_TC_N_62_CSMS_a_customer_is_named_by_an_identifier(case: Case) -> None:
    asked, command = await ask(case, True, True, identifier="Jane")
    assert asked["customerIdentifier"] == "Jane"
    assert not {"customerCertificate", "idToken"} & set(asked)
    await tell(case, asked, "")
    assert (await found(case, command)).report.state == "complete"


async def test_TC_N_63_CSMS_a_customer_is_named_by_a_certificate(case: Case) -> None:
    asked, _ = await ask(case, False, True, certificate=HASH)
    assert asked["customerCertificate"] == {
        "hashAlgorithm": "SHA256",
        "issuerNameHash": "ab" * 32,
        "issuerKeyHash": "cd" * 32,
        "serialNumber": "1f",
    }
    assert not {"customerIdentifier", "idToken"} & set(asked)


@pytest.mark.parametrize("named", [{}, {"id_token": TOKEN, "identifier": "Jane"}])
async def test_N09_FR_04_a_customer_without_one_name_is_not_asked_about(case: Case, named: Any) -> None:
    command = await case.view.ask(CustomerInformation(report=True, clear=False, **named))
    done = await case.view.outcome(command)
    assert (done.state, "N09.FR.04" in (done.detail or "")) == ("failed", True)


async def test_what_nobody_asked_for_is_kept_as_a_report_of_its_own(case: Case) -> None:
    await tell(case, {"requestId": 77}, "unasked")
    (event,) = await case.view.told("CustomerInformationReceived")
    view = await case.bench.storage.reads.customer_report("default", case.view.key, event.data["report"])
    assert view is not None
    assert (view.report.command_key, view.report.request_id, view.text) == (None, 77, "unasked")
