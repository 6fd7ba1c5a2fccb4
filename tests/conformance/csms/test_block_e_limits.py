"""E16 Limits of a transaction, as 2.1 has them; C17.FR.03 is told in the same way."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from csms_case import VALID, Case, accepted

from stationmaster.csms.blocks.limits import wished
from stationmaster.domain.identity import IdToken
from stationmaster.domain.messages import RequestStartTransaction
from stationmaster.domain.transactions.limits import LimitState, TransactionLimit
from stationmaster.domain.transactions.transaction import Transaction
from stationmaster.ocpp.version import Version
from stationmaster.testing import CsmsBench, ScriptedTransaction
from stationmaster.testing.script import meter_value


@pytest.fixture
async def case_21(bench: CsmsBench) -> Case:
    case = await Case.connect(bench, Version.V21, "NotifyEvent")
    await case.booted()
    return case


async def wish(case: Case, tx: ScriptedTransaction, **limit: Any) -> None:
    """The operator sets it."""
    desk = case.bench.csms.directory.get(case.view.key)
    assert desk is not None
    transaction = await case.view.transaction(tx.id)

    def decide(state: Any, at: Any) -> Any:
        return wished(state, at, transaction=transaction, limit=TransactionLimit(**limit), source="operator")

    await desk.settle(decide)


async def limits(case: Case, tx: ScriptedTransaction) -> LimitState:
    found = (await case.view.transaction(tx.id)).limits
    assert found is not None
    return found


async def test_E16_FR_02_a_limit_is_in_the_first_answer_and_only_there(case_21: Case) -> None:
    tx = case_21.station.transaction()
    await case_21.charging(tx)
    await wish(case_21, tx, max_energy_wh=Decimal(9000), max_time_s=3600)

    first = await tx.updated("MeterValuePeriodic")
    second = await tx.updated("MeterValuePeriodic")

    assert first["transactionLimit"] == {"maxEnergy": 9000, "maxTime": 3600}
    assert "transactionLimit" not in second
    assert (await limits(case_21, tx)).state == "sent"


async def test_E16_FR_02_a_repeat_is_answered_with_it_again(case_21: Case) -> None:
    tx = case_21.station.transaction()
    await case_21.charging(tx)
    await wish(case_21, tx, max_energy_wh=Decimal(9000))
    payload = tx.payload("Updated", "MeterValuePeriodic")

    answers = [await case_21.station.say("TransactionEvent", payload) for _ in range(2)]

    assert [answer["transactionLimit"] for answer in answers] == [{"maxEnergy": 9000}] * 2


async def test_E16_FR_03_the_station_confirms_it(case_21: Case) -> None:
    tx = case_21.station.transaction()
    await case_21.charging(tx)
    await wish(case_21, tx, max_energy_wh=Decimal(9000))
    await tx.updated("MeterValuePeriodic")

    answer = await tx.updated("LimitSet", transactionLimit={"maxEnergy": 9000})

    assert "transactionLimit" not in answer
    found = await limits(case_21, tx)
    assert (found.state, found.enforced_by) == ("confirmed", "station")
    assert (await case_21.view.transaction(tx.id)).limit == TransactionLimit(max_energy_wh=Decimal(9000))


async def test_E16_FR_07_the_CSMS_has_the_last_word(case_21: Case) -> None:
    tx = case_21.station.transaction()
    await case_21.charging(tx)
    await wish(case_21, tx, max_energy_wh=Decimal(9000))

    answer = await tx.updated("LimitSet", transactionLimit={"maxEnergy": 20000})

    assert answer["transactionLimit"] == {"maxEnergy": 9000}


async def test_E16_FR_08_a_station_that_keeps_to_less_is_told_nothing(case_21: Case) -> None:
    tx = case_21.station.transaction()
    await case_21.charging(tx)
    await tx.updated("LimitSet", transactionLimit={"maxEnergy": 5000, "maxTime": 60})
    await wish(case_21, tx, max_energy_wh=Decimal(9000))

    assert "transactionLimit" not in await tx.updated("MeterValuePeriodic")
    assert (await limits(case_21, tx)).state == "confirmed"


async def test_E16_FR_12_a_limit_is_raised_by_another_and_never_taken_away(case_21: Case) -> None:
    tx = case_21.station.transaction()
    await case_21.charging(tx)
    await wish(case_21, tx, max_energy_wh=Decimal(9000))
    await tx.updated("MeterValuePeriodic")
    await tx.updated("LimitSet", transactionLimit={"maxEnergy": 9000})

    await wish(case_21, tx, max_time_s=60)

    assert (await limits(case_21, tx)).wished == TransactionLimit(max_energy_wh=Decimal(9000), max_time_s=60)
    assert (await tx.updated("MeterValuePeriodic"))["transactionLimit"] == {"maxTime": 60}


async def test_E16_FR_18_what_comes_from_an_offline_queue_is_answered_without(case_21: Case) -> None:
    tx = case_21.station.transaction()
    await case_21.charging(tx)
    await wish(case_21, tx, max_energy_wh=Decimal(9000))

    assert "transactionLimit" not in await tx.updated("MeterValuePeriodic", offline=True)
    assert "transactionLimit" in await tx.updated("MeterValuePeriodic")


@pytest.mark.parametrize(
    ("trigger", "by"),
    [
        ("EnergyLimitReached", "energy"),
        ("TimeLimitReached", "time"),
        ("CostLimitReached", "cost"),
        ("SoCLimitReached", "soc"),
    ],
)
async def test_E16_FR_05_that_it_is_reached_is_known(case_21: Case, trigger: str, by: str) -> None:
    tx = case_21.station.transaction()
    await case_21.charging(tx)
    await wish(case_21, tx, max_energy_wh=Decimal(9000))
    await tx.updated("MeterValuePeriodic")

    await tx.updated(trigger, chargingState="SuspendedEVSE")

    found = await limits(case_21, tx)
    assert (found.state, found.by) == ("reached", by)


async def test_E16_FR_02_what_a_remote_start_brings_is_told_with_its_transaction(case_21: Case) -> None:
    request = RequestStartTransaction(
        id_token=IdToken(VALID, "ISO14443"), remote_start_id=0, limit=TransactionLimit(max_energy_wh=Decimal(4000))
    )
    asked, _ = await case_21.commanded(request, "RequestStartTransaction")
    assert "limit" not in asked
    tx = case_21.station.transaction()

    answer = await tx.started("RemoteStart", token=VALID, remoteStartId=asked["remoteStartId"], evse=(1, 1))

    accepted(answer)
    assert answer["transactionLimit"] == {"maxEnergy": 4000}
    assert (await limits(case_21, tx)).source == "command"


async def test_before_2_1_the_transaction_is_stopped_by_the_CSMS(case_201: Case) -> None:
    case = case_201
    case.station.answer("RequestStopTransaction", {"status": "Accepted"})
    tx = case.station.transaction()
    await case.charging(tx)
    now = case.bench.clock.now()
    await wish(case, tx, max_energy_wh=Decimal(3000))
    assert ((await limits(case, tx)).state, (await limits(case, tx)).enforced_by) == ("not_supported", "csms")
    await tx.updated("MeterValuePeriodic", values=(meter_value(now, 1000.0, "Transaction.Begin"),))
    await case.bench.csms.limit_watch.look()
    assert (await limits(case, tx)).state == "not_supported"

    answer = await tx.updated("MeterValuePeriodic", values=(meter_value(now + timedelta(minutes=9), 4100.0),))
    await case.bench.csms.limit_watch.look()

    assert "transactionLimit" not in answer
    assert await case.station.asked("RequestStopTransaction") == {"transactionId": tx.id}
    found = await limits(case, tx)
    assert (found.state, found.by) == ("reached", "energy")
    (told,) = [event for event in await case.view.told("TransactionLimit") if event.data["state"] == "reached"]
    assert told.data["enforced_by"] == "csms"


async def test_a_cost_limit_is_kept_by_the_cost_that_is_reckoned_here(case_201: Case) -> None:
    case = case_201
    case.station.answer("RequestStopTransaction", {"status": "Accepted"})
    tx = case.station.transaction()
    await case.charging(tx)
    await wish(case, tx, max_cost=Decimal("5.00"))
    watch = case.bench.csms.limit_watch
    await watch.look()
    assert (await limits(case, tx)).state == "not_supported"

    async def reckoned(transaction: Transaction, at: datetime) -> Decimal:
        return Decimal("5.01")

    watch.cost = reckoned
    await watch.look()

    assert (await limits(case, tx)).by == "cost"


async def test_a_cost_that_cannot_be_reckoned_keeps_no_other_limit_from_being_kept(case_201: Case) -> None:
    case = case_201
    case.station.answer("RequestStopTransaction", {"status": "Accepted"})
    tx = case.station.transaction()
    await case.charging(tx)
    await wish(case, tx, max_cost=Decimal("5.00"), max_time_s=0)

    async def failing(transaction: Transaction, at: datetime) -> Decimal:
        raise OverflowError

    case.bench.csms.limit_watch.cost = failing
    await case.bench.csms.limit_watch.look()

    assert (await limits(case, tx)).by == "time"
