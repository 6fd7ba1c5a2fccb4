"""I Tariff and cost, E16: what a driver is told of prices with a token and in between, and limits a station keeps."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from csms_case import BLOCKED, VALID, Case

from stationmaster.csms.blocks.limits import wished
from stationmaster.csms.cost.accruals import Accruals, SoFar
from stationmaster.domain.cost.tariff import Component, Conditions, Price, Tariff, TaxRate
from stationmaster.domain.cost.tariff_choice import Assignment
from stationmaster.domain.records import Learned
from stationmaster.domain.transactions.limits import TransactionLimit
from stationmaster.ocpp.version import Version
from stationmaster.testing import CsmsBench, ScriptedTransaction
from stationmaster.testing.script import meter_value

VAT = (TaxRate("VAT", Decimal(25)),)
FLAT = Component((Price(Decimal("0.40")),), VAT)


async def publish(case: Case, *, key: int = 901, **terms: Any) -> Tariff:
    """A tariff for all, everywhere, since three hours ago."""
    since = case.bench.clock.now() - timedelta(hours=3)
    terms = {"energy": FLAT, **terms}
    tariff = Tariff(key=key, tenant="default", name="street", version=key, valid_from=since, currency="EUR", **terms)
    known = case.bench.csms.book.content("default").assignments
    assignment = Assignment(key=key + 1, tenant="default", tariff="street", from_at=since)
    await case.bench.storage.journal.store([tariff] if known else [tariff, assignment])
    await case.bench.csms.book.load("default")
    return tariff


async def learned(case: Case, **told: str) -> None:
    """What the station has told of itself."""
    desk = case.bench.csms.directory.get(case.view.key)
    assert desk is not None
    names = {f"can:{name}" if value in ("yes", "no") else f"told:{name}": value for name, value in told.items()}
    records = [Learned(station_key=case.view.key, name=name, value=value) for name, value in names.items()]
    await case.bench.storage.journal.store(records)
    desk.state = desk.state.with_learned(names)


@pytest.fixture
async def newest(bench: CsmsBench) -> Case:
    """A booted station of 2.1."""
    case = await Case.connect(bench, Version.V21, "NotifyEvent")
    await case.booted()
    return case


async def answered(case: Case, token: str = VALID) -> dict[str, Any]:
    return await case.station.say("Authorize", {"idToken": {"idToken": token, "type": "ISO14443"}})


async def begun(case: Case, evse: tuple[int, int] = (1, 1)) -> ScriptedTransaction:
    """A transaction that began an hour ago and charges."""
    tx = case.station.transaction()
    at = case.bench.clock.now() - timedelta(hours=1)
    value = meter_value(at, 1000, "Transaction.Begin")
    await tx.started("Authorized", token=VALID, chargingState="Charging", evse=evse, values=(value,), at=at)
    return tx


async def test_I01_FR_01_the_price_comes_with_the_token(case: Case) -> None:
    await publish(case)
    await learned(case, DisplayMessage="yes")
    info = (await answered(case))["idTokenInfo"]
    assert info["personalMessage"]["content"] == "0.40 EUR/kWh; plus VAT 25 %"


async def test_I01_FR_02_a_refused_token_has_no_price(case: Case) -> None:
    await publish(case)
    await learned(case, DisplayMessage="yes")
    assert "personalMessage" not in (await answered(case, BLOCKED))["idTokenInfo"]


async def test_I08_FR_01_09_a_station_that_reckons_is_given_the_driver_s_tariff(newest: Case) -> None:
    tariff = await publish(newest)
    await learned(newest, Tariff="yes", Cost="yes")
    told = (await answered(newest))["tariff"]
    assert told == {
        "tariffId": tariff.wire_id,
        "currency": "EUR",
        "energy": {"prices": [{"priceKwh": 0.4}], "taxRates": [{"type": "VAT", "tax": 25, "stack": 0}]},
        "description": told["description"],
    }


async def test_I08_FR_08_another_version_has_another_id(newest: Case) -> None:
    await learned(newest, Tariff="yes")
    ids = []
    for key in (901, 911):
        await publish(newest, key=key, energy=Component((Price(Decimal(key)),)))
        ids.append((await answered(newest))["tariff"]["tariffId"])
    assert len(set(ids)) == 2


async def test_I08_a_tariff_without_words_in_2_1_is_left_out_and_the_token_counts(newest: Case) -> None:
    await publish(newest, includes_tax=True)
    await learned(newest, Tariff="yes")
    said = await answered(newest)
    assert said["idTokenInfo"]["status"] == "Accepted"
    assert "tariff" not in said


async def test_I08_FR_01_a_station_that_does_not_reckon_is_given_none(newest: Case) -> None:
    await publish(newest)
    assert "tariff" not in await answered(newest)


async def test_I08_where_the_evses_differ_in_price_no_tariff_is_told_before_one_is_chosen(newest: Case) -> None:
    await publish(newest)
    await learned(newest, Tariff="yes")
    await newest.reported("Available", (2, 1))
    since = newest.bench.clock.now() - timedelta(hours=3)
    elsewhere = Tariff(
        key=950, tenant="default", name="quick", version=1, valid_from=since, currency="EUR", energy=FLAT
    )
    at_two = Assignment(
        key=951, tenant="default", tariff="quick", from_at=since, station_key=newest.view.key, evse_id=2
    )
    await newest.bench.storage.journal.store([elsewhere, at_two])
    await newest.bench.csms.book.load("default")
    assert "tariff" not in await answered(newest)


async def test_I02_FR_01_a_cost_that_grows_with_time_is_told_although_nothing_is_heard(case: Case) -> None:
    await publish(case, charging_time=Component((Price(Decimal("0.60")),)))
    await learned(case, Cost="yes")
    tx = await begun(case)
    case.station.answer("CostUpdated", {})
    now = case.bench.clock.now()

    await case.bench.csms.costs.watch.look(now)  # it was told a moment ago
    assert case.bench.csms.costs.running.of((await case.view.transaction(tx.id)).key) == 0
    await case.bench.csms.costs.watch.look(now + timedelta(minutes=2))

    asked = await case.station.asked("CostUpdated")
    assert asked["transactionId"] == tx.id
    assert 37.0 < asked["totalCost"] < 37.5  # 62 minutes at 0.60


async def test_I02_a_cost_that_cannot_be_reckoned_keeps_nobody_else_from_being_told(
    case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    await publish(case, charging_time=Component((Price(Decimal("0.60")),)))
    await learned(case, Cost="yes")
    broken, tx = await begun(case), await begun(case, (2, 1))
    case.station.answer("CostUpdated", {})
    key = (await case.view.transaction(broken.id)).key
    until = Accruals.until

    async def failing(accruals: Accruals, tenant: str, transaction_key: int, at: datetime) -> SoFar | None:
        if transaction_key == key:
            raise OverflowError
        return await until(accruals, tenant, transaction_key, at)

    monkeypatch.setattr(Accruals, "until", failing)
    await case.bench.csms.costs.watch.look(case.bench.clock.now() + timedelta(minutes=2))

    assert (await case.station.asked("CostUpdated"))["transactionId"] == tx.id


async def test_I02_a_cost_that_stands_still_is_not_repeated(case: Case) -> None:
    await publish(case)
    await learned(case, Cost="yes")
    await begun(case)
    await case.bench.csms.costs.watch.look(case.bench.clock.now() + timedelta(minutes=2))
    assert case.station.client.received.empty()


async def test_I02_a_station_that_does_not_say_that_it_shows_costs_is_not_called(case: Case) -> None:
    await publish(case, charging_time=Component((Price(Decimal("0.60")),)))
    await begun(case)
    await case.bench.csms.costs.watch.look(case.bench.clock.now() + timedelta(minutes=2))
    assert case.station.client.received.empty()


async def test_I06_FR_02_what_holds_from_a_boundary_on_is_told_in_the_next_answer(case: Case) -> None:
    cheap = Component((Price(Decimal("0.20"), Conditions(min_energy_wh=Decimal(5000))), Price(Decimal("0.40"))))
    await publish(case, energy=cheap)
    await learned(case, DisplayMessage="yes")
    tx = await begun(case)
    at = case.bench.clock.now() - timedelta(hours=1)
    answers = []
    for minute, register in ((10, 3000), (20, 5000), (30, 8000), (40, 9000)):
        then = at + timedelta(minutes=minute)
        answers.append(await tx.updated("MeterValuePeriodic", values=(meter_value(then, register),), at=then))
    told = [each.get("updatedPersonalMessage", {}).get("content") for each in answers]
    assert told == [None, None, "Now 0.20 EUR/kWh", None]


async def wish(case: Case, tx: ScriptedTransaction, **limit: Any) -> None:
    """The operator sets it."""
    desk = case.bench.csms.directory.get(case.view.key)
    assert desk is not None
    transaction = await case.view.transaction(tx.id)

    def decide(state: Any, at: Any) -> Any:
        return wished(state, at, transaction=transaction, limit=TransactionLimit(**limit), source="operator")

    await desk.settle(decide)


@pytest.mark.parametrize(
    ("supported", "said", "by"),
    [
        ("maxEnergy,maxTime", {"maxEnergy": 9000, "maxTime": 3600}, "station"),
        ("maxEnergy", {"maxEnergy": 9000}, "csms"),
        ("maxCost", None, "csms"),
    ],
)
async def test_E16_FR_12_only_limits_that_the_station_supports_are_sent(
    newest: Case, supported: str, said: Any, by: str
) -> None:
    await learned(newest, SupportedLimits=supported)
    tx = newest.station.transaction()
    await newest.charging(tx)
    await wish(newest, tx, max_energy_wh=Decimal(9000), max_time_s=3600)

    answer = await tx.updated("MeterValuePeriodic")

    assert answer.get("transactionLimit") == said
    found = (await newest.view.transaction(tx.id)).limits
    assert found is not None
    assert found.enforced_by == by
