"""A scripted station fills in what a test does not name."""

from stationmaster.ocpp.version import Version
from stationmaster.testing import ScriptedStation, csms_bench
from stationmaster.testing.script import id_token, meter_value, place


async def test_the_numbers_of_a_transaction_count_up() -> None:
    async with csms_bench() as bench:
        station = ScriptedStation(await bench.boot("S1", Version.V201), bench.clock.now)
        first, second = station.transaction(), station.transaction()

        for tx in (first, second, first, first):
            await tx.event("Updated" if tx.seq_no else "Started", "Trigger")

        assert first.id != second.id
        assert (first.seq_no, second.seq_no) == (3, 1)
        assert (await bench.view("S1").transaction(first.id)).seq_seen == ((0, 2),)


async def test_only_what_is_said_is_in_the_message() -> None:
    async with csms_bench() as bench:
        station = ScriptedStation(await bench.boot("S1", Version.V201), bench.clock.now)
        tx = station.transaction("T")

        bare = tx.payload("Started", "CablePluggedIn")
        full = tx.payload(
            "Started",
            "CablePluggedIn",
            token="04A1",
            evse=(1, 2),
            values=(meter_value(bench.clock.now(), 5.0),),
            chargingState="EVConnected",
        )

    assert set(bare) == {"eventType", "triggerReason", "timestamp", "seqNo", "transactionInfo"}
    assert bare["transactionInfo"] == {"transactionId": "T"}
    assert (full["idToken"], full["evse"]) == (id_token("04A1"), place((1, 2)))
    assert full["transactionInfo"]["chargingState"] == "EVConnected"
    assert full["meterValue"][0]["sampledValue"][0]["value"] == 5.0


async def test_the_words_of_2_0_1_are_lowered_for_a_line_of_2_0() -> None:
    async with csms_bench() as bench:
        client = await bench.boot("S1", Version.V20)
        station = ScriptedStation(client, bench.clock.now)

        await station.transaction("T").started("CablePluggedIn", evse=(1, 1), chargingState="EVConnected")

        assert (await bench.view("S1").transaction()).wire_id == "T"


async def test_a_status_is_reported_in_the_form_of_the_version() -> None:
    async with csms_bench() as bench:
        forms = {}
        for version in (Version.V20, Version.V201, Version.V21):
            station = ScriptedStation(await bench.dial(version, version), bench.clock.now)
            await station.boot()
            await station.report("Occupied", (1, 2))
            forms[version] = station.form
            assert await bench.view(version).status(1, 2) == "Occupied"

    assert list(forms.values()) == ["StatusNotification", "StatusNotification", "NotifyEvent"]
