"""Our station against CSMS of MobilityHouse's `ocpp`, over real WebSockets: everything it says fits their schemas."""

from decimal import Decimal

import pytest
from mobilityhouse_csms import SYSTEMS
from our_station import CARD, connected, plug

from stationmaster.ocpp.version import Version
from stationmaster.station.metering.readings import energy_wh

EVERY = pytest.mark.parametrize("version", SYSTEMS, ids=str)


@EVERY
async def test_it_boots_with_its_make_and_tells_the_state_of_every_connector(version: Version) -> None:
    async with connected(version) as (csms, _):
        boot = await csms.heard.first("BootNotification")
        if version is Version.V16:
            assert (boot["charge_point_vendor"], boot["charge_point_model"]) == ("Stationmaster", "Motorway 2x300")
            told = [await csms.heard.first("StatusNotification", number) for number in (1, 2, 3)]
            assert {(status["connector_id"], status["status"]) for status in told} == {
                (0, "Available"),
                (1, "Available"),
                (2, "Available"),
            }
        else:
            assert boot["charging_station"]["vendor_name"] == "Stationmaster"
            assert boot["reason"] == "PowerUp"
            await csms.heard.first("NotifyEvent" if version is Version.V21 else "StatusNotification")


@EVERY
async def test_a_card_starts_and_ends_a_transaction_with_the_energy_of_the_meter(version: Version) -> None:
    async with connected(version) as (csms, hardware):
        plug(hardware)
        hardware.present(CARD, 1)
        assert (await csms.heard.first("Authorize"))["id_tag" if version is Version.V16 else "id_token"]
        wire_id = await csms.began()
        await csms.measured(wire_id, 3)
        hardware.present(CARD, 1)
        if version is not Version.V16:  # a cable is enough to keep a transaction of 2.x open
            hardware.unplug(1)
        _, energy = await csms.ended(wire_id)
    metered_wh = energy_wh(hardware, 1)
    assert metered_wh > 100
    rounded = Decimal("0.5") if version is Version.V16 else Decimal(0)  # 1.6 tells the end in whole Wh; it began at 0
    assert abs(Decimal(str(energy)) - metered_wh) <= rounded + 1  # the meter goes on till the contactor opens


@EVERY
async def test_pulling_the_plug_ends_a_transaction_with_that_reason(version: Version) -> None:
    async with connected(version) as (csms, hardware):
        plug(hardware)
        hardware.present(CARD, 1)
        wire_id = await csms.began()
        await csms.measured(wire_id, 1)
        hardware.unplug(1)
        reason, _ = await csms.ended(wire_id)
    assert reason == "EVDisconnected"


@EVERY
async def test_it_is_started_and_stopped_remotely(version: Version) -> None:
    async with connected(version) as (csms, hardware):
        assert await csms.start_remotely("CARD") == "Accepted"
        plug(hardware)
        wire_id = await csms.began()
        if version is not Version.V16:  # the cable may come before the card has been looked up
            started = await csms.heard.first("TransactionEvent", trigger_reason="RemoteStart")
            assert started["transaction_info"]["remote_start_id"] == 7
        await csms.measured(wire_id, 1)
        assert await csms.stop_remotely(wire_id) == "Accepted"
        if version is not Version.V16:
            await csms.heard.first("TransactionEvent", trigger_reason="RemoteStop")
            hardware.unplug(1)
        reason, energy = await csms.ended(wire_id)
    assert reason == "Remote"
    assert energy > 0


@EVERY
async def test_a_transaction_that_is_not_there_is_not_stopped(version: Version) -> None:
    async with connected(version) as (csms, _):
        assert await csms.stop_remotely("4711") == "Rejected"
