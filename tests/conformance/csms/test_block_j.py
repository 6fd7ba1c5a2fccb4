"""J Meter values."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from csms_case import Case

from stationmaster.domain.cost.transaction_energy import energy
from stationmaster.testing import ScriptedTransaction
from stationmaster.testing.script import meter_value

INTERVAL = timedelta(minutes=15)
SIGNED = {
    "signedMeterData": "c2lnbmVk",
    "signingMethod": "ECDSA-secp256r1-SHA256",
    "encodingMethod": "OCMF",
    "publicKey": "",
}


def _rounds(case: Case, count: int, context: str, first_wh: float = 0.0, **more: Any) -> list[dict[str, Any]]:
    """Readings one interval apart, the newest now, each 100 Wh more."""
    start = case.bench.clock.now() - INTERVAL * (count - 1)
    return [meter_value(start + INTERVAL * i, first_wh + 100 * i, context, **more) for i in range(count)]


async def _running(case: Case) -> ScriptedTransaction:
    tx = case.station.transaction()
    await case.charging(tx)
    return tx


async def _ends_with(case: Case, tx: ScriptedTransaction, context: str, **more: Any) -> None:
    """The end brings every reading so far; all of them are stored, and the bill comes from the first and last."""
    values = _rounds(case, 4, context, 1000.0, **more)
    begin = {**values[0]["sampledValue"][0], "context": "Transaction.Begin"}
    end = {**values[-1]["sampledValue"][0], "context": "Transaction.End"}
    values[0]["sampledValue"], values[-1]["sampledValue"] = [begin], [end]

    await case.disconnected(tx, values=tuple(values))

    stored = await case.view.transaction(tx.id)
    assert energy(stored) == (Decimal(300), "registers")
    readings = await case.view.readings()
    assert [reading.register_wh for reading in readings] == [1000, 1100, 1200, 1300]
    assert {reading.transaction_key for reading in readings} == {stored.key}
    assert [bool(reading.samples[0].signed) for reading in readings] == [bool(more)] * 4


async def test_TC_J_01_CSMS_clock_aligned_values_without_a_transaction(case: Case) -> None:
    for value in _rounds(case, 3, "Sample.Clock"):
        for evse_id in (0, 1, 2):
            assert await case.station.meter_values(evse_id, value) == {}

    readings = await case.view.readings()
    assert sorted((reading.evse_id, reading.register_wh) for reading in readings) == [
        (evse_id, wh) for evse_id in (0, 1, 2) for wh in (0, 100, 200)
    ]
    assert {reading.transaction_key for reading in readings} == {None}
    assert {reading.samples[0].context for reading in readings} == {"Sample.Clock"}


async def test_TC_J_01_CSMS_clock_aligned_values_as_events_of_the_fiscal_meter(case: Case) -> None:
    for _ in range(3):
        said = await case.station.notify(
            "FiscalMetering", "EnergyActiveImportRegister", "100", evse=(1, None), trigger="Periodic"
        )
        assert said == {}

    told = await case.view.told("NotifyEvent")
    assert [event["component"] for entry in told for event in entry.data["events"]] == ["FiscalMetering"] * 3


async def test_TC_J_02_CSMS_clock_aligned_values_during_a_transaction(case: Case) -> None:
    tx = await _running(case)

    for value in _rounds(case, 3, "Sample.Clock"):
        await case.station.meter_values(0, value)
        await case.station.meter_values(2, value)
        assert await tx.updated("MeterValueClock", values=(value,)) == {}

    await case.still_open(tx, "Charging")
    stored = await case.view.transaction(tx.id)
    assert stored.last_register is not None and stored.last_register.wh == 200
    by_place = [(reading.evse_id, reading.transaction_key) for reading in await case.view.readings()]
    assert sorted(by_place, key=str) == sorted([(0, None), (1, stored.key), (2, None)] * 3, key=str)


async def test_TC_J_03_CSMS_clock_aligned_values_come_with_the_end(case: Case) -> None:
    await _ends_with(case, await _running(case), "Sample.Clock")


async def test_TC_J_04_CSMS_signed_clock_aligned_values_come_with_the_end(case: Case) -> None:
    await _ends_with(case, await _running(case), "Sample.Clock", signedMeterValue=SIGNED)


async def test_TC_J_07_CSMS_a_value_is_sampled_at_the_start(case: Case) -> None:
    tx = case.station.transaction()

    await case.pre_session(tx, values=(meter_value(case.bench.clock.now(), 512.5, "Transaction.Begin"),))

    assert (await case.view.transaction(tx.id)).meter_start_wh == Decimal("512.5")


async def test_TC_J_08_CSMS_the_first_value_comes_once_the_EVSE_is_known(case: Case) -> None:
    tx = case.station.transaction()
    await case.authorized(tx)
    assert (await case.view.transaction(tx.id)).meter_start_wh is None

    await case.pre_session(tx, values=(meter_value(case.bench.clock.now(), 512.5, "Transaction.Begin"),))
    await case.charging(tx)

    assert (await case.view.transaction(tx.id)).meter_start_wh == Decimal("512.5")


async def test_TC_J_09_CSMS_values_are_sampled_while_it_runs(case: Case) -> None:
    tx = await _running(case)

    begun = case.bench.clock.now()  # what lies before it is not the transaction's
    for place in range(3):
        value = meter_value(begun + INTERVAL * place, 1000.0 + 100 * place, "Sample.Periodic")
        assert await tx.updated("MeterValuePeriodic", values=(value,)) == {}

    await case.still_open(tx, "Charging")
    stored = await case.view.transaction(tx.id)
    assert energy(stored) == (Decimal(200), "samples")
    assert [reading.register_wh for reading in await case.view.readings()] == [1000, 1100, 1200]


async def test_TC_J_10_CSMS_sampled_values_come_with_the_end(case: Case) -> None:
    await _ends_with(case, await _running(case), "Sample.Periodic")


async def test_TC_J_11_CSMS_signed_sampled_values_come_with_the_end(case: Case) -> None:
    await _ends_with(case, await _running(case), "Sample.Periodic", signedMeterValue=SIGNED)


# Requirements that the cases do not reach


async def test_J01_FR_18_the_same_values_twice_are_stored_once(case: Case) -> None:
    value = meter_value(case.bench.clock.now(), 5.0, "Sample.Clock")

    for _ in range(2):
        assert await case.station.meter_values(1, value) == {}

    assert len(await case.view.readings()) == 1


async def test_J01_FR_07_every_sample_is_kept_as_it_was_sent(case_201: Case) -> None:
    at = meter_value(case_201.bench.clock.now(), 0.1)
    at["sampledValue"] = [
        {"value": 8.1, "measurand": "Current.Import", "phase": "L1", "unitOfMeasure": {"unit": "A"}},
        {"value": 1.5, "measurand": "Power.Active.Import", "unitOfMeasure": {"unit": "W", "multiplier": 3}},
        {"value": 44, "measurand": "SoC", "location": "EV", "unitOfMeasure": {"unit": "Percent"}},
    ]

    await case_201.station.meter_values(1, at)

    (reading,) = await case_201.view.readings()
    assert reading.power_w == 1500
    assert [(s.measurand, s.value, s.phase, s.location, s.unit, s.multiplier) for s in reading.samples] == [
        ("Current.Import", "8.1", "L1", "Outlet", "A", 0),
        ("Power.Active.Import", "1.5", None, "Outlet", "W", 3),
        ("SoC", "44", None, "EV", "Percent", 0),
    ]


async def test_J02_FR_19_every_event_is_answered_also_several_at_once(case_201: Case) -> None:
    tx = await _running(case_201)
    client = case_201.station.client
    sent = []
    for i in range(20):
        value = meter_value(case_201.bench.clock.now(), float(i))
        payload = tx.payload("Updated", "MeterValuePeriodic", values=(value,))
        tx.seq_no += 1
        sent.append(client.start_call("TransactionEvent", payload))

    assert [await answer for answer in sent] == [{}] * 20

    await case_201.still_open(tx, "Charging")
    assert len(await case_201.view.readings()) == 20
