"""C Authorization: where, when and on what money, by requirement."""

from collections.abc import AsyncIterator
from datetime import timedelta
from decimal import Decimal

import pytest
from csms_case import BLOCKED, UNKNOWN, VALID, Case, accepted, seeded

from stationmaster.domain.authorization.prepaid import Account, AccountEntry
from stationmaster.domain.authorization.refusals import RefusalFilter, StoredRefusal
from stationmaster.domain.authorization.token_rules import EvseKinds, TokenPlace, TokenRules, Window
from stationmaster.domain.device_model.addresses import Component, Variable, VariableRef
from stationmaster.domain.device_model.variables import VariableValue
from stationmaster.domain.identity import Evse
from stationmaster.domain.queries import Page
from stationmaster.ocpp.version import Version
from stationmaster.testing import CsmsBench, csms_bench

CARD = "04500118"


async def refusals(case: Case) -> Page[StoredRefusal]:
    return await case.bench.storage.reads.refusals(RefusalFilter(tenant="default"))


async def supply_phases(case: Case, phases: str, evse_id: int) -> None:
    """As a report would tell it: 0 is direct current."""
    ref = VariableRef(component=Component(name="EVSE", evse=Evse(evse_id)), variable=Variable(name="SupplyPhases"))
    station = await case.view.station()
    value = VariableValue(station_key=station.key, ref=ref, value=phases, told_at=case.bench.clock.now(), source="get")
    await case.bench.storage.journal.store([value])


async def test_C01_FR_18_a_token_for_another_kind_of_EVSE_is_not_accepted(newer_case: Case) -> None:
    case = newer_case
    await supply_phases(case, "3", 1)
    await case.bench.add_token(CARD, "ISO14443", rules=TokenRules(kinds=EvseKinds(currents=("DC",))))
    assert (await case.station.authorize(CARD))["status"] == "NotAllowedTypeEVSE"
    await supply_phases(case, "0", 2)
    info = await case.station.authorize(CARD)
    assert (info["status"], info["evseId"]) == ("Accepted", [2])


async def test_C01_FR_19_a_token_that_may_charge_everywhere_is_answered_without_EVSEs(case: Case) -> None:
    assert "evseId" not in await case.station.authorize(VALID)


async def test_C01_FR_20_a_token_for_some_EVSEs_is_answered_with_them(newer_case: Case) -> None:
    case = newer_case
    key = (await case.view.station()).key
    places = (TokenPlace(station_key=key, evse_ids=(2,)),)
    await case.bench.add_token(CARD, "ISO14443", rules=TokenRules(places=places))
    info = await case.station.authorize(CARD)
    assert (info["status"], info["evseId"]) == ("Accepted", [2])

    tx = case.station.transaction()
    await case.pre_session(tx)
    assert (await tx.updated("Authorized", token=CARD))["idTokenInfo"]["status"] == "NotAtThisLocation"


async def test_C01_FR_22_a_token_for_other_stations_is_not_accepted_and_names_no_EVSEs(case: Case) -> None:
    await case.bench.add_token(CARD, "ISO14443", rules=TokenRules(places=(TokenPlace(station_key=999_999),)))
    assert await case.station.authorize(CARD) == {"status": "NotAtThisLocation"}
    (stored,) = (await refusals(case)).items
    assert (stored.refusal.status, stored.refusal.purpose) == ("NotAtThisLocation", "authorize")


async def test_C01_FR_24_a_second_token_on_a_refused_transaction_is_NotAtThisTime(case: Case) -> None:
    tx = case.station.transaction()
    await case.pre_session(tx)
    assert (await tx.updated("Authorized", token=BLOCKED))["idTokenInfo"]["status"] == "Blocked"
    assert (await tx.updated("Authorized", token=VALID))["idTokenInfo"]["status"] == "NotAtThisTime"


async def test_a_token_outside_its_hours_is_NotAtThisTime(case: Case) -> None:
    now = case.bench.clock.now()
    yesterday = ((now - timedelta(days=2)).weekday(),)
    await case.bench.add_token(CARD, "ISO14443", rules=TokenRules(windows=(Window(days=yesterday),)))
    info = await case.station.authorize(CARD)
    assert info["status"] == "NotAtThisTime"
    assert "cacheExpiryDateTime" in info


async def test_C04_FR_06_who_guesses_PINs_has_to_wait(case: Case) -> None:
    await case.bench.add_token("4711", "KeyCode")
    for _ in range(5):
        assert (await case.station.authorize("0000", "KeyCode"))["status"] != "Accepted"
    assert (await case.station.authorize("4711", "KeyCode"))["status"] == "NotAtThisTime"
    assert all("0000" not in each.refusal.id_token.value for each in (await refusals(case)).items)
    assert (await case.station.authorize(VALID))["status"] == "Accepted"


@pytest.fixture
async def prepaid() -> AsyncIterator[Case]:
    async with csms_bench() as bench:
        await seeded(bench)
        account = Account(key=5, tenant="default", name="A", currency="EUR")
        await bench.storage.journal.store([account])
        await bench.add_token(CARD, "ISO14443", account=5)
        case = await Case.connect(bench, Version.V21, "NotifyEvent")
        await case.booted()
        yield case


async def top_up(bench: CsmsBench, amount: str) -> None:
    entry = AccountEntry(
        key=bench.storage.keys.take(),
        account_key=5,
        at=bench.clock.now(),
        kind="top_up",
        amount=Decimal(amount),
        reference="P-1",
        by="test",
    )
    await bench.storage.journal.store([entry])


async def test_C17_FR_01_a_prepaid_token_with_a_balance_is_accepted_and_not_cached(prepaid: Case) -> None:
    await top_up(prepaid.bench, "10")
    info = await prepaid.station.authorize(CARD)
    assert info["status"] == "Accepted"
    assert "cacheExpiryDateTime" in info


async def test_C17_FR_02_a_prepaid_token_without_a_balance_has_no_credit_and_is_not_cached(prepaid: Case) -> None:
    info = await prepaid.station.authorize(CARD)
    assert info["status"] == "NoCredit"
    assert "cacheExpiryDateTime" in info


async def test_C17_a_balance_is_held_for_the_transaction_that_it_may_pay(prepaid: Case) -> None:
    await top_up(prepaid.bench, "10")
    first, second = prepaid.station.transaction(), prepaid.station.transaction()
    await prepaid.pre_session(first)
    accepted(await first.updated("Authorized", token=CARD))
    await prepaid.bench.add_token("04500119", "ISO14443", account=5)
    await prepaid.pre_session(second, (2, 1))

    said = await second.updated("Authorized", token="04500119")

    assert said["idTokenInfo"]["status"] == "NoCredit"
    (hold,) = await prepaid.bench.storage.reads.account_holds(5)
    assert (hold.amount, hold.transaction_key) == (10, (await prepaid.view.transaction(first.id)).key)


async def test_a_refusal_is_kept_with_its_transaction(case: Case) -> None:
    tx = case.station.transaction()
    await case.pre_session(tx)
    await tx.updated("Authorized", token=UNKNOWN)
    (stored,) = (await refusals(case)).items
    transaction = await case.view.transaction(tx.id)
    refusal = stored.refusal
    assert (refusal.transaction_key, refusal.status, refusal.purpose) == (transaction.key, "Unknown", "start")
    assert (refusal.evse_id, refusal.reason) == (1, "the token is not known")


async def test_a_refusal_by_a_check_is_kept_too(case: Case) -> None:
    for evse_id in (1, 2):
        tx = case.station.transaction()
        await case.pre_session(tx, (evse_id, 1))
        await tx.updated("Authorized", token=VALID)
    (stored,) = (await refusals(case)).items
    assert (stored.refusal.status, stored.refusal.reason) == ("ConcurrentTx", "the token is in use elsewhere")
