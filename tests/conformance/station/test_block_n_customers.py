"""N09, N10 Customer information, as certification tests a station."""

from typing import Any

import pytest
from scripted_csms import Payload
from station_case import CARD, CARD_2, StationCase

TOKEN = {"idToken": CARD, "type": "ISO14443"}
CERTIFICATE = {
    "hashAlgorithm": "SHA256",
    "issuerNameHash": "ab" * 32,
    "issuerKeyHash": "cd" * 32,
    "serialNumber": "1f",
}


async def ask(case: StationCase, report: bool = True, clear: bool = False, **named: Any) -> tuple[str, list[Payload]]:
    """The status, and what was told after it."""
    case.take()
    named = named or {"idToken": TOKEN}
    answer = await case.ask("CustomerInformation", requestId=9, report=report, clear=clear, **named)
    said = await case.wait()
    assert said.order[0] == "CustomerInformation!"
    parts = said.payloads("NotifyCustomerInformation")
    assert {part["requestId"] for part in parts} <= {9}
    assert [part["seqNo"] for part in parts] == list(range(len(parts)))
    assert [part.get("tbc", False) for part in parts] == [True] * (len(parts) - 1) + [False] * bool(parts)
    return answer["status"], parts


async def known(case: StationCase, token: str = CARD) -> None:
    """The CSMS has said something of the token."""
    await case.swipe(token)
    await case.wait(200)


async def test_TC_N_27_CS_a_known_token_is_reported(case: StationCase) -> None:
    await known(case)
    status, parts = await ask(case)
    assert status == "Accepted"  # N09.FR.02
    assert "authorization cache: Accepted" in "".join(part["data"] for part in parts)  # N09.FR.05


async def test_TC_N_28_CS_of_an_unknown_token_one_part_says_that_there_is_nothing(case: StationCase) -> None:
    status, parts = await ask(case)
    assert (status, [part["data"] for part in parts]) == ("Accepted", [""])  # N09.FR.06


@pytest.mark.parametrize(
    "named", [{"idToken": TOKEN, "customerIdentifier": "x"}, {"customerCertificate": CERTIFICATE, "idToken": TOKEN}]
)
async def test_N09_FR_09_a_customer_with_two_names_is_invalid(case: StationCase, named: Payload) -> None:
    assert await ask(case, **named) == ("Invalid", [])  # N09.FR.09


async def test_TC_N_30_CS_a_known_token_is_reported_and_erased(case: StationCase) -> None:
    await known(case)
    status, parts = await ask(case, clear=True)
    assert status == "Accepted"
    assert "authorization cache" in "".join(part["data"] for part in parts)  # N10.FR.03
    assert (await ask(case))[1][0]["data"] == ""


async def test_TC_N_31_CS_an_unknown_token_is_reported_and_erased(case: StationCase) -> None:
    assert [part["data"] for part in (await ask(case, clear=True))[1]] == [""]  # N10.FR.04


async def test_TC_N_32_CS_a_token_is_erased_without_a_report(case: StationCase) -> None:
    await known(case)
    await known(case, CARD_2)
    status, parts = await ask(case, report=False, clear=True)
    assert (status, [part["data"] for part in parts]) == ("Accepted", ["cleared"])  # N10.FR.06
    assert (await ask(case))[1][0]["data"] == ""
    other = {"idToken": {"idToken": CARD_2, "type": "ISO14443"}}
    assert "authorization cache" in (await ask(case, **other))[1][0]["data"]


@pytest.mark.parametrize("named", [{"customerIdentifier": "Jane"}, {"customerCertificate": CERTIFICATE}])
async def test_TC_N_62_CS_and_TC_N_63_CS_nothing_is_known_of_a_customer_by_other_names(
    case: StationCase, named: Payload
) -> None:
    assert (await ask(case, report=False, clear=True, **named))[0] == "Accepted"
    assert [part["data"] for part in (await ask(case, **named))[1]] == [""]


async def test_N09_FR_07_asking_for_nothing_is_refused(case: StationCase) -> None:
    assert await ask(case, report=False, clear=False) == ("Rejected", [])


async def test_N09_FR_05_a_running_session_is_reported_and_goes_on(case: StationCase) -> None:
    await case.charging()
    _, parts = await ask(case, clear=True)
    assert "EVSE 1: authorized" in "".join(part["data"] for part in parts)
    assert case.hardware.energized(1)
