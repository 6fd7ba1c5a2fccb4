"""C24, C25 Payment on a web page or at a kiosk (2.1), C05 and C18 tokens that nobody stored, at a CSMS. There are no
certification cases."""

from collections.abc import AsyncIterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from csms_case import VALID, Case

from stationmaster.csms.blocks.web_payment import codes_of
from stationmaster.csms.payment.web_payments import Refused, WebPaymentDesk
from stationmaster.csms.settings import CsmsSettings, TenantPolicy, WebPaymentPolicy
from stationmaster.domain.command import Command
from stationmaster.domain.device_model.addresses import Component, SetVariables, Variable, VariableRef, VariableSetting
from stationmaster.domain.identity import IdToken
from stationmaster.domain.messages import RequestStartTransaction
from stationmaster.domain.payment.totp import interval_of, totp
from stationmaster.domain.queries import CommandFilter
from stationmaster.domain.transactions.limits import TransactionLimit
from stationmaster.ocpp.version import Version
from stationmaster.testing import csms_bench
from stationmaster.testing.script import moment
from stationmaster.testing.wire import Payload

TEMPLATE = "https://pay.example/{chargingstationid}/{evse}/{totp}/{version}"
POLICY = TenantPolicy(registration="open", web_payments=WebPaymentPolicy(template=TEMPLATE, timeout_s=120))


@pytest.fixture
def policy() -> TenantPolicy:
    return POLICY


@pytest.fixture
async def case(policy: TenantPolicy) -> AsyncIterator[Case]:
    async with csms_bench(CsmsSettings(default_policy=policy)) as bench:
        await bench.add_token(VALID, "ISO14443")
        case = await Case.connect(bench, Version.V21, "NotifyEvent")
        await case.booted()
        yield case


def desk_of(case: Case) -> WebPaymentDesk:
    return case.bench.csms.web_payments


async def set_up(case: Case, **refused: str) -> tuple[dict[str, str], Command]:
    """What the station was told, by variable, and the command; ``refused``: variables that it does not take."""

    def answer(asked: Payload) -> Payload:
        return {
            "setVariableResult": [
                {
                    "component": each["component"],
                    "variable": each["variable"],
                    "attributeStatus": refused.get(each["variable"]["name"], "Accepted"),
                }
                for each in asked["setVariableData"]
            ]
        }

    case.station.answer("SetVariables", answer)
    command = await desk_of(case).set_up("default", case.view.key, None)
    asked = await case.station.asked("SetVariables")
    told = {each["variable"]["name"]: each["attributeValue"] for each in asked["setVariableData"]}
    return told, await case.view.outcome(command)


def code(case: Case, told: dict[str, str], age: int = 0) -> str:
    at = case.bench.clock.now() - timedelta(seconds=age)
    length = int(told["Length"])
    return totp(told["SharedSecret"], interval_of(at, int(told["ValidityTime"])), length)


def url(case: Case, told: dict[str, str], age: int = 0, more: str = "") -> str:
    return f"https://pay.example/CS-1/1/{code(case, told, age)}/v1{more}"


async def refusal(case: Case, address: str) -> str:
    with pytest.raises(Refused) as refused:
        await desk_of(case).open_by_code("default", address)
    return refused.value.kind


def quiet(case: Case) -> None:
    case.station.answer("NotifyWebPaymentStarted", {})
    case.station.answer("RequestStartTransaction", {"status": "Accepted"})


async def started(case: Case, token: Payload, transaction: str = "tx-1", **more: Any) -> Payload:
    said = {
        "eventType": "Started",
        "timestamp": moment(case.station.now()),
        "triggerReason": "RemoteStart",
        "seqNo": 0,
        "transactionInfo": {"transactionId": transaction} | more,
        "evse": {"id": 1, "connectorId": 1},
        "idToken": token,
    }
    return await case.station.say("TransactionEvent", said)


async def test_C25_FR_07_09_21_a_valid_code_opens_a_payment_and_the_station_is_told(case: Case) -> None:
    told, command = await set_up(case)
    assert (command.state, told["URLTemplate"], told["Length"], told["Enabled"]) == ("accepted", TEMPLATE, "8", "true")
    case.station.answer("NotifyWebPaymentStarted", {})
    payment = await desk_of(case).open_by_code("default", url(case, told))
    assert (payment.evse_id, payment.by_code, payment.state) == (1, True, "open")
    assert await case.station.asked("NotifyWebPaymentStarted") == {"evseId": 1, "timeout": 120}


@pytest.mark.parametrize(("age", "kind"), [(0, None), (30, None), (-30, None), (90, "code-not-valid")])
async def test_C25_FR_07_08_a_code_counts_for_its_interval_and_its_neighbours(
    case: Case, age: int, kind: str | None
) -> None:
    told, _ = await set_up(case)
    quiet(case)
    if kind is not None:
        assert await refusal(case, url(case, told, age)) == kind
    else:
        assert (await desk_of(case).open_by_code("default", url(case, told, age))).state == "open"


async def test_C25_FR_08_a_wrong_code_and_a_wrong_version_start_nothing(case: Case) -> None:
    told, _ = await set_up(case)
    wrong = [
        "https://pay.example/CS-1/1/00000000/v1",
        url(case, told).replace("/v1", "/v2"),
        f"https://pay.example/CS-1/1/{code(case, told)}0/v1",
        url(case, told).replace("CS-1", "CS-2"),
    ]
    assert [await refusal(case, each) for each in wrong] == ["code-not-valid"] * 4
    assert await refusal(case, "https://elsewhere.example/CS-1/1/00000000/v1") == "url-not-readable"


async def test_C25_FR_59_60_the_driver_s_limits_are_taken_and_what_means_nothing_is_not(case: Case) -> None:
    told, _ = await set_up(case)
    quiet(case)
    asked = "?maxenergy=20000&maxtime=3600&maxcost=9.50&colour=red"
    payment = await desk_of(case).open_by_code("default", url(case, told, more=asked))
    limit = TransactionLimit(max_energy_wh=Decimal(20000), max_time_s=3600, max_cost=Decimal("9.50"))
    assert payment.limit == limit


async def test_C25_FR_23_24_what_is_paid_is_started_and_limited(case: Case) -> None:
    told, _ = await set_up(case)
    quiet(case)
    payment = await desk_of(case).open_by_code("default", url(case, told, more="?maxenergy=20000"))
    details = (("4242", "CardLast4Digits"),)
    paid = await desk_of(case).pay(payment, "psp-1", Decimal("30.00"), details)
    asked = await case.station.asked("RequestStartTransaction")
    token = {
        "idToken": "psp-1",
        "type": "DirectPayment",
        "additionalInfo": [{"additionalIdToken": "4242", "type": "CardLast4Digits"}],
    }
    assert (asked["idToken"], asked["evseId"]) == (token, 1)
    said = await started(case, token, remoteStartId=asked["remoteStartId"])
    assert said["idTokenInfo"]["status"] == "Accepted"
    assert said["transactionLimit"] == {"maxEnergy": 20000, "maxCost": 30}
    assert await desk_of(case).pay(paid, "psp-1", Decimal("30.00")) == paid
    with pytest.raises(Refused, match="another reference"):
        await desk_of(case).pay(paid, "psp-2", Decimal("30.00"))


async def test_C25_FR_23_what_was_paid_before_a_crash_is_started_when_it_is_said_again(case: Case) -> None:
    quiet(case)
    payment = await desk_of(case).open_at("default", case.view.key, 1, TransactionLimit())
    paid = msgspec.structs.replace(
        payment, state="paid", psp_ref="psp-1", amount=Decimal(5), command=case.bench.storage.keys.take()
    )
    await case.bench.storage.journal.store([paid])  # and here it crashed
    for _ in range(2):
        await desk_of(case).pay(paid, "psp-1", Decimal(5))
    assert (await case.station.asked("RequestStartTransaction"))["idToken"]["idToken"] == "psp-1"
    commands = await case.bench.storage.reads.commands(CommandFilter(tenant="default", station_key=case.view.key))
    assert [each.kind for each in commands.items].count("RequestStartTransaction") == 1


async def test_C24_a_reference_that_has_paid_before_pays_for_nothing_more(case: Case) -> None:
    quiet(case)
    await started(case, {"idToken": "psp-1", "type": "DirectPayment"})
    payment = await desk_of(case).open_at("default", case.view.key, None, TransactionLimit())
    with pytest.raises(Refused, match="already"):
        await desk_of(case).pay(payment, "psp-1", Decimal(5))


async def test_C24_FR_01_02_a_kiosk_s_payment_is_started_and_limited(case: Case) -> None:
    quiet(case)
    limit = TransactionLimit(max_time_s=600)
    payment = await desk_of(case).open_at("default", case.view.key, None, limit)
    assert not payment.by_code and payment.told is None
    await desk_of(case).pay(payment, "psp-1", Decimal(5))
    asked = await case.station.asked("RequestStartTransaction")
    assert "evseId" not in asked
    said = await started(case, asked["idToken"], remoteStartId=asked["remoteStartId"])
    assert said["transactionLimit"] == {"maxTime": 600, "maxCost": 5}


async def test_C25_a_place_where_somebody_charges_or_pays_is_not_for_sale(case: Case) -> None:
    quiet(case)
    await desk_of(case).open_at("default", case.view.key, 1, TransactionLimit())
    with pytest.raises(Refused, match="paying"):
        await desk_of(case).open_at("default", case.view.key, 1, TransactionLimit())
    with pytest.raises(Refused, match="no such EVSE"):
        await desk_of(case).open_at("default", case.view.key, 9, TransactionLimit())


async def test_C25_nobody_pays_for_a_station_that_is_away_or_a_place_in_use(case: Case) -> None:
    await started(case, {"idToken": VALID, "type": "ISO14443"})
    with pytest.raises(Refused, match="charging there"):
        await desk_of(case).open_at("default", case.view.key, 1, TransactionLimit())
    case.station.client.connection.cut()
    await case.station.client.closed
    with pytest.raises(Refused, match="not connected"):
        await desk_of(case).open_at("default", case.view.key, 1, TransactionLimit())


async def test_a_new_secret_takes_the_place_of_the_old_one(case: Case) -> None:
    first, _ = await set_up(case)
    second, _ = await set_up(case)
    assert first["SharedSecret"] != second["SharedSecret"]
    assert await refusal(case, url(case, first)) == "code-not-valid"
    quiet(case)
    assert (await desk_of(case).open_by_code("default", url(case, second))).state == "open"


async def test_a_secret_that_the_station_did_not_take_leaves_the_old_one_in_force(case: Case) -> None:
    first, _ = await set_up(case)
    second, command = await set_up(case, SharedSecret="Rejected")
    assert (command.state, command.status) == ("accepted", "Partial")
    assert await refusal(case, url(case, second)) == "code-not-valid"
    quiet(case)
    assert (await desk_of(case).open_by_code("default", url(case, first))).state == "open"


async def test_a_station_that_makes_its_codes_in_another_way_makes_none_that_count(case: Case) -> None:
    told, _ = await set_up(case, Length="Rejected")
    assert await refusal(case, url(case, told)) == "code-not-valid"
    assert codes_of(case.bench.csms.directory.get(case.view.key).state) == ()  # type: ignore[union-attr]


@pytest.mark.parametrize("variable", ["Enabled", "TOTPVersion"])
async def test_a_station_may_have_no_switch_and_one_version_only(case: Case, variable: str) -> None:
    told, _ = await set_up(case, **{variable: "UnknownVariable"})
    quiet(case)
    assert (await desk_of(case).open_by_code("default", url(case, told))).state == "open"


async def test_while_nobody_knows_which_secret_the_station_has_both_count(case: Case) -> None:
    first, _ = await set_up(case)
    case.station.answer("SetVariables", lambda _: None)
    command = await desk_of(case).set_up("default", case.view.key, None)
    asked = await case.station.asked("SetVariables")
    second = {each["variable"]["name"]: each["attributeValue"] for each in asked["setVariableData"]}
    again = await case.reconnect()
    assert (await again.view.outcome(command)).state == "unknown"
    quiet(again)
    for told in (first, second):
        payment = await desk_of(again).open_by_code("default", url(again, told))
        await desk_of(again).cancel(payment)


async def test_a_code_by_a_secret_of_somebody_else_is_not_ours_to_look_at(case: Case) -> None:
    await set_up(case)
    secret = VariableRef(component=Component(name="WebPaymentsCtrlr"), variable=Variable(name="SharedSecret"))
    command = await case.view.ask(SetVariables(settings=(VariableSetting(ref=secret, value="a roaming partner's"),)))
    await case.view.outcome(command)
    assert codes_of(case.bench.csms.directory.get(case.view.key).state) == ()  # type: ignore[union-attr]


async def test_another_validity_time_counts_from_then_on(case: Case) -> None:
    told, _ = await set_up(case)
    time = VariableRef(component=Component(name="WebPaymentsCtrlr"), variable=Variable(name="ValidityTime"))
    command = await case.view.ask(SetVariables(settings=(VariableSetting(ref=time, value="300"),)))
    await case.view.outcome(command)
    quiet(case)
    assert (await desk_of(case).open_by_code("default", url(case, told | {"ValidityTime": "300"}))).state == "open"


@pytest.mark.parametrize(("kind", "status"), [("DirectPayment", "Accepted"), ("ISO14443", "Unknown")])
async def test_C18_FR_05_a_payment_at_the_station_is_good_for_its_session(case: Case, kind: str, status: str) -> None:
    token = {"idToken": "psp-77", "type": kind}
    said = await case.station.say("Authorize", {"idToken": token})
    assert said["idTokenInfo"]["status"] == status
    if kind == "DirectPayment":
        assert said["idTokenInfo"]["cacheExpiryDateTime"] <= moment(case.bench.clock.now())
        assert (await started(case, token))["idTokenInfo"]["status"] == "Accepted"
        ended = {
            "eventType": "Ended",
            "timestamp": moment(case.station.now()),
            "triggerReason": "StopAuthorized",
            "seqNo": 1,
            "transactionInfo": {"transactionId": "tx-1", "stoppedReason": "Local"},
            "idToken": token,
        }
        assert (await case.station.say("TransactionEvent", ended))["idTokenInfo"]["status"] == "Accepted"


@pytest.mark.parametrize("policy", [msgspec.structs.replace(POLICY, direct_payments="refuse")], ids=["refusing"])
async def test_C18_FR_04_07_a_tenant_may_refuse_payments_at_stations(case: Case, policy: TenantPolicy) -> None:
    token = {"idToken": "psp-77", "type": "DirectPayment"}
    assert (await case.station.say("Authorize", {"idToken": token}))["idTokenInfo"]["status"] == "Unknown"
    quiet(case)
    payment = await desk_of(case).open_at("default", case.view.key, 1, TransactionLimit())
    await desk_of(case).pay(payment, "psp-77", Decimal(5))
    await case.station.asked("RequestStartTransaction")
    assert (await case.station.say("Authorize", {"idToken": token}))["idTokenInfo"]["status"] == "Accepted"


@pytest.mark.parametrize(("kind", "status"), [("Central", "Accepted"), ("ISO14443", "Unknown")])
async def test_C05_a_token_of_our_own_making_is_good_for_the_session_that_it_began(
    case: Case, kind: str, status: str
) -> None:
    token = {"idToken": "sms-4711", "type": kind}
    assert (await case.station.say("Authorize", {"idToken": token}))["idTokenInfo"]["status"] == "Unknown"
    quiet(case)
    request = RequestStartTransaction(id_token=IdToken("sms-4711", kind), remote_start_id=0)
    await case.view.ask(request)
    asked = await case.station.asked("RequestStartTransaction")
    said = await started(case, token, remoteStartId=asked["remoteStartId"])
    assert said["idTokenInfo"]["status"] == status


async def test_C18_a_payment_that_is_known_and_blocked_is_refused(case: Case) -> None:
    await case.bench.add_token("psp-0", "DirectPayment", status="Blocked")
    said = await case.station.say("Authorize", {"idToken": {"idToken": "psp-0", "type": "DirectPayment"}})
    assert said["idTokenInfo"]["status"] == "Blocked"
