"""C24, C25 Payment on a web page (2.1), at a station. There are no certification cases."""

import re
from decimal import Decimal
from typing import Any

import pytest
from scripted_csms import Payload
from station_case import CARD, StationCase

from stationmaster.domain.identity import IdToken
from stationmaster.domain.payment.totp import is_valid
from stationmaster.domain.transactions.limits import TransactionLimit
from stationmaster.ocpp.version import Version

pytestmark = pytest.mark.parametrize("version", [Version.V21], ids=["2.1"])

TEMPLATE = "https://pay.example/{chargingstationid}/{evse}/{totp}/{version}"
SECRET = "a secret between two"


async def set_variable(case: StationCase, name: str, value: str) -> Payload:
    wanted = {"component": {"name": "WebPaymentsCtrlr"}, "variable": {"name": name}, "attributeValue": value}
    (result,) = (await case.ask("SetVariables", setVariableData=[wanted]))["setVariableResult"]
    return result  # type: ignore[no-any-return]


async def set_up(case: StationCase, **others: str) -> None:
    values = {"URLTemplate": TEMPLATE, "SharedSecret": SECRET, "Enabled": "true"} | others
    for name, value in values.items():
        assert (await set_variable(case, name, value))["attributeStatus"] == "Accepted", name


async def shown(case: StationCase, evse: int = 1) -> str | None:
    """The address in the code on the display, which takes turns with what else there is; None: no code is shown."""
    for _ in range(12):
        text = case.hardware.display(evse)
        if text.startswith("[QR] "):
            return text.removeprefix("[QR] ")
        await case.wait(1)
    return None


async def started(case: StationCase, evse: int = 1, timeout: int = 120) -> None:
    assert await case.ask("NotifyWebPaymentStarted", evseId=evse, timeout=timeout) == {}


async def start_paid(case: StationCase, evse: int = 1) -> Payload:
    token = {"idToken": "psp-1", "type": "DirectPayment"}
    return await case.ask("RequestStartTransaction", idToken=token, remoteStartId=7, evseId=evse)


async def test_C25_FR_01_51_52_an_idle_EVSE_shows_its_code_in_the_station_s_words(case: StationCase) -> None:
    await set_up(case)
    for evse in (1, 2):
        url = await shown(case, evse)
        assert url is not None
        found = re.fullmatch(rf"https://pay\.example/S1/{evse}/([0-9A-Za-z]{{8}})/v1", url)
        assert found is not None
        assert is_valid(found[1], (SECRET,), case.clock.now(), 30, 8)


async def test_C25_FR_01_another_code_each_time_and_none_where_somebody_charges(case: StationCase) -> None:
    await set_up(case, ValidityTime="60", Length="12")
    first = await shown(case)
    await case.wait(61)
    second = await shown(case)
    assert first is not None and second is not None and first != second
    assert len(second.split("/")[5]) == 12
    await case.charging()
    assert await shown(case) is None
    assert await shown(case, 2) is not None


async def test_C25_FR_01_without_a_switch_or_a_template_there_is_no_code(case: StationCase) -> None:
    await set_up(case)
    await set_variable(case, "Enabled", "false")
    assert await shown(case) is None
    await set_variable(case, "Enabled", "true")
    assert (await set_variable(case, "URLTemplate", ""))["attributeStatus"] == "Accepted"
    assert await shown(case) is None


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("URLTemplate", "https://pay.example/{chargingstationid}/{version}"),
        ("URLTemplate", "https://pay.example/{roamingevseid}/{totp}/{version}"),
        ("ValidityTime", "5"),
        ("ValidityTime", "3601"),
        ("Length", "5"),
        ("TOTPVersion", "v2"),
        ("SharedSecret", ""),
        ("URLParameters", "maxtime"),
    ],
)
async def test_C25_FR_50_what_makes_no_code_is_rejected(case: StationCase, name: str, value: str) -> None:
    assert (await set_variable(case, name, value))["attributeStatus"] == "Rejected"


async def test_the_secret_is_told_to_nobody(case: StationCase) -> None:
    await set_up(case)
    asked = {"component": {"name": "WebPaymentsCtrlr"}, "variable": {"name": "SharedSecret"}}
    (result,) = (await case.ask("GetVariables", getVariableData=[asked]))["getVariableResult"]
    assert result["attributeStatus"] == "Rejected" and "attributeValue" not in result
    await case.ask("GetBaseReport", requestId=1, reportBase="FullInventory")
    said = await case.wait()
    reported = [each for part in said.payloads("NotifyReport") for each in part["reportData"]]
    (secret,) = [each for each in reported if each["variable"]["name"] == "SharedSecret"]
    (attribute,) = secret["variableAttribute"]
    assert attribute["mutability"] == "WriteOnly" and "value" not in attribute
    assert SECRET not in str([call.payload for call in case.csms.heard])


async def test_C25_a_secret_of_its_own_is_there_from_the_first_start_and_kept(case: StationCase) -> None:
    own = case.memory.get("web_payments.secret")
    assert own is not None and len(own) >= 32
    await set_up(case)
    await case.cut_power()
    await case.power_up()
    assert case.memory.get("web_payments.secret") == SECRET.encode()
    assert await shown(case) is not None


async def test_C25_FR_03_56_57_58_a_driver_s_wishes_stand_in_the_code(case: StationCase) -> None:
    await set_up(case)
    wish = TransactionLimit(max_energy_wh=Decimal(20000), max_time_s=600, max_cost=Decimal("9.5"))
    case.hardware.ask_limit(1, wish)
    url = await shown(case)
    assert url is not None and url.endswith("/v1?maxenergy=20000&maxtime=600&maxcost=9.5")
    other = await shown(case, 2)
    assert other is not None and other.endswith("/v1")


async def test_C25_FR_04_05_06_25_and_are_kept_by_the_station_and_told_once(case: StationCase) -> None:
    await set_up(case)
    case.hardware.ask_limit(1, TransactionLimit(max_energy_wh=Decimal(500)))
    await case.plug()
    assert (await start_paid(case))["status"] == "Accepted"
    said = await case.wait(600)
    limits = [told["transactionInfo"].get("transactionLimit") for told in said.payloads("TransactionEvent")]
    assert [limit for limit in limits if limit] == [{"maxEnergy": 500}]
    assert "EnergyLimitReached" in [event.trigger for event in said.events]
    assert not case.hardware.energized(1)


async def test_C25_FR_22_27_while_somebody_pays_nobody_else_can_begin(case: StationCase) -> None:
    await set_up(case)
    await started(case)
    assert await shown(case) is None
    assert case.hardware.display(1) == "Somebody is paying for this place on the web"
    await case.plug()
    said = await case.swipe(CARD)
    assert said.payloads("Authorize") == []
    assert case.hardware.display(1) == "Somebody is paying for this place on the web"
    assert not case.hardware.drawing(1)
    assert await shown(case, 2) is not None


async def test_C25_FR_21_after_the_timeout_the_EVSE_is_free_again(case: StationCase) -> None:
    await set_up(case)
    await started(case, timeout=30)
    await case.wait(31)
    assert await shown(case) is not None
    await case.charging(1, CARD)


async def test_C25_a_payment_that_came_to_nothing_frees_the_EVSE_at_once(case: StationCase) -> None:
    await set_up(case)
    await started(case)
    await started(case, timeout=0)
    await case.charging(1, CARD)


async def test_C25_FR_22_23_the_remote_start_ends_the_wait_and_charges(case: StationCase) -> None:
    await set_up(case)
    await started(case)
    await case.plug()
    assert (await start_paid(case))["status"] == "Accepted"
    said = await case.wait()
    assert case.hardware.drawing(1)
    token = next(told["idToken"] for told in said.payloads("TransactionEvent") if "idToken" in told)
    assert token == {"idToken": "psp-1", "type": "DirectPayment"}
    assert case.hardware.display(1) == "Charging"


async def test_C25_FR_22_a_remote_start_that_is_refused_ends_the_wait(case: StationCase) -> None:
    await started(case)
    case.infos["psp-1"] = {"status": "Invalid"}
    await start_paid(case)
    await case.wait(61)
    await case.charging(1, CARD)


async def test_C25_FR_22_a_common_reader_leads_to_another_EVSE(case: StationCase) -> None:
    await started(case, evse=1)
    case.hardware.present(IdToken(CARD, "ISO14443"))
    await case.wait()
    await case.plug(2)
    assert case.hardware.drawing(2)


async def test_C25_an_EVSE_that_is_not_there_or_0_does_no_harm(case: StationCase) -> None:
    await started(case, evse=99)
    await started(case, evse=0)
    assert case.hardware.display(1) == case.hardware.display(2) == "Somebody is paying for this place on the web"


@pytest.mark.parametrize("timeout", [-1, 10**18])
async def test_C25_no_timeout_is_too_long_or_too_short(case: StationCase, timeout: int) -> None:
    await started(case, timeout=timeout)
    assert (case.hardware.display(1) == "Available") is (timeout < 0)
    await case.wait(86_401)
    assert case.hardware.display(1) == "Available"


async def test_C25_who_charges_is_not_disturbed(case: StationCase) -> None:
    await case.charging(1, CARD)
    await started(case)
    assert case.hardware.display(1) == "Charging"
    await case.swipe(CARD)
    assert not case.hardware.drawing(1)


async def test_O01_a_message_may_be_a_QR_code(case: StationCase) -> None:
    message: dict[str, Any] = {"format": "QRCODE", "content": "https://receipts.example/1", "language": "en"}
    answer = await case.ask("SetDisplayMessage", message={"id": 1, "priority": "InFront", "message": message})
    assert answer["status"] == "Accepted"
    await case.wait(1)
    assert case.hardware.display(1) == "[QR] https://receipts.example/1"
    asked = {"component": {"name": "DisplayMessageCtrlr"}, "variable": {"name": "SupportedFormats"}}
    (result,) = (await case.ask("GetVariables", getVariableData=[asked]))["getVariableResult"]
    assert result["attributeValue"] == "ASCII,URI,UTF8,QRCODE"
