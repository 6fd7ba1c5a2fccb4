"""CSMS of MobilityHouse's `ocpp` and the drivers of our station: cards, local lists, reservations, costs, displays."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from mobilityhouse_csms import SYSTEMS
from our_station import CARD, connected, plug, said

from stationmaster.domain.identity import IdToken
from stationmaster.ocpp.version import Version
from stationmaster.simulator.hardware import SimulatedHardware
from stationmaster.station import display

EVERY = pytest.mark.parametrize("version", SYSTEMS, ids=str)
NEWER = pytest.mark.parametrize("version", [Version.V201, Version.V21], ids=str)
OTHER = IdToken("OTHER", "ISO14443")
WAIT_S = 10


async def shows(hardware: SimulatedHardware, text: str) -> None:
    """That this is to be read at EVSE 1, at some time."""
    async with asyncio.timeout(WAIT_S):
        while text not in hardware.display(1):
            await asyncio.sleep(0.005)


def refuse(csms: Any, version: Version, status: str) -> None:
    """Every card is told so."""
    csms.says("Authorize", {"id_tag_info" if version is Version.V16 else "id_token_info": {"status": status}})


async def charging(csms: Any, hardware: SimulatedHardware) -> str:
    plug(hardware)
    hardware.present(CARD, 1)
    wire_id: str = await csms.began()
    if not csms.heard.all("StartTransaction"):  # a cable is enough to begin one of 2.x
        await csms.heard.first("TransactionEvent", trigger_reason="Authorized")
    return wire_id


_OF_16 = ("Blocked", "Expired", "Invalid", "ConcurrentTx")
REFUSALS = [
    (version, status)
    for version in SYSTEMS
    for status in display.REFUSALS
    if version is not Version.V16 or status in _OF_16
]


@pytest.mark.parametrize(("version", "status"), REFUSALS, ids=lambda value: str(value))
async def test_every_refusal_is_read_on_the_display_and_nothing_flows(version: Version, status: Any) -> None:
    async with connected(version) as (csms, hardware):
        refuse(csms, version, status)
        plug(hardware)
        hardware.present(CARD, 1)
        await shows(hardware, display.REFUSALS[status])
        assert not hardware.energized(1)
        assert len(csms.heard.all("Authorize")) == 1


def entry(version: Version, token: IdToken, status: str | None) -> dict[str, Any]:
    """Of a local list; without a status the token is removed."""
    if version is Version.V16:
        return {"id_tag": token.value} | ({} if status is None else {"id_tag_info": {"status": status}})
    named = {"id_token": {"id_token": token.value, "type": token.type}}
    return named | ({} if status is None else {"id_token_info": {"status": status}})


async def send_list(csms: Any, version: Version, number: int, update: str, *entries: dict[str, Any]) -> str:
    name = "list_version" if version is Version.V16 else "version_number"
    fields = {name: number, "update_type": update, "local_authorization_list": list(entries)}
    return str((await csms.tell("SendLocalList", **fields)).status)


async def list_version(csms: Any, version: Version) -> int:
    answer = await csms.tell("GetLocalListVersion")
    return int(answer.list_version if version is Version.V16 else answer.version_number)


@EVERY
async def test_a_local_list_is_kept_changed_and_used_without_a_line(version: Version) -> None:
    async with connected(version) as (csms, hardware):
        assert await list_version(csms, version) == 0
        both = entry(version, CARD, "Accepted"), entry(version, OTHER, "Accepted")
        assert await send_list(csms, version, 5, "Full", *both) == "Accepted"
        assert await send_list(csms, version, 4, "Differential", both[0]) == "VersionMismatch"
        assert await send_list(csms, version, 6, "Differential", entry(version, OTHER, "Blocked")) == "Accepted"
        assert await list_version(csms, version) == 6
        asked = len(csms.heard.all("Authorize"))
        await csms._connection.close()
        hardware.present(OTHER, 1)
        await shows(hardware, display.REFUSALS["Blocked"])
        assert len(csms.heard.all("Authorize")) == asked


async def reserve(csms: Any, version: Version, number: int, evse_id: int = 1) -> str:
    until = (datetime.now(UTC) + timedelta(hours=1)).isoformat(timespec="seconds").replace("+00:00", "Z")
    if version is Version.V16:
        fields = {"connector_id": evse_id, "expiry_date": until, "id_tag": CARD.value, "reservation_id": number}
    else:
        token = {"id_token": CARD.value, "type": CARD.type}
        fields = {"evse_id": evse_id, "expiry_date_time": until, "id_token": token, "id": number}
    return str((await csms.tell("ReserveNow", **fields)).status)


@EVERY
async def test_a_place_is_kept_for_its_driver_and_refused_to_others(version: Version) -> None:
    async with connected(version) as (csms, hardware):
        assert await reserve(csms, version, 7) == "Accepted"
        await said(csms, version, 1, "Reserved")
        assert await reserve(csms, version, 8) == "Occupied"
        plug(hardware)
        hardware.present(OTHER, 1)
        await shows(hardware, display.RESERVED_FOR_OTHERS)
        hardware.present(CARD, 1)
        if version is Version.V16:
            assert (await csms.heard.first("StartTransaction"))["reservation_id"] == 7
        else:
            told = await csms.heard.first("TransactionEvent", trigger_reason="Authorized")
            assert told["reservation_id"] == 7


@EVERY
async def test_a_reservation_is_cancelled_once(version: Version) -> None:
    async with connected(version) as (csms, _):
        assert await reserve(csms, version, 7, 2) == "Accepted"
        await said(csms, version, 2, "Reserved")
        csms.heard.calls.clear()
        assert (await csms.tell("CancelReservation", reservation_id=7)).status == "Accepted"
        await said(csms, version, 2, "Available")
        assert (await csms.tell("CancelReservation", reservation_id=7)).status == "Rejected"


@NEWER
async def test_what_it_costs_is_read_while_it_goes_on_and_at_the_end(version: Version) -> None:
    async with connected(version) as (csms, hardware):
        wire_id = await charging(csms, hardware)
        await csms.tell("CostUpdated", total_cost=3.5, transaction_id=wire_id)
        await shows(hardware, "3.50 EUR")
        csms.says("TransactionEvent", lambda event: {"total_cost": 7.25 if event["event_type"] == "Ended" else 5.5})
        await csms.heard.first("TransactionEvent", trigger_reason="MeterValuePeriodic")
        await shows(hardware, "5.50 EUR")
        hardware.unplug(1)
        await csms.ended(wire_id)
        await shows(hardware, "7.25 EUR")


@NEWER
async def test_messages_are_read_listed_and_taken_off(version: Version) -> None:
    def message(number: int, text: str, **more: Any) -> dict[str, Any]:
        return {"id": number, "priority": "AlwaysFront", "message": {"format": "UTF8", "content": text}, **more}

    async with connected(version) as (csms, hardware):
        csms.says("NotifyDisplayMessages", {})
        assert (await csms.tell("SetDisplayMessage", message=message(3, "Closed from noon"))).status == "Accepted"
        await shows(hardware, "Closed from noon")
        nowhere = message(4, "Never", transaction_id="never")
        assert (await csms.tell("SetDisplayMessage", message=nowhere)).status == "UnknownTransaction"
        assert (await csms.tell("GetDisplayMessages", request_id=9)).status == "Accepted"
        told = await csms.heard.first("NotifyDisplayMessages", request_id=9)
        assert [each["id"] for each in told["message_info"]] == [3]
        assert (await csms.tell("ClearDisplayMessage", id=3)).status == "Accepted"
        assert (await csms.tell("ClearDisplayMessage", id=3)).status == "Unknown"
        assert (await csms.tell("GetDisplayMessages", request_id=10)).status == "Unknown"
        assert "Closed" not in hardware.display(1)


@EVERY
async def test_its_cache_is_cleared(version: Version) -> None:
    async with connected(version) as (csms, _):
        assert (await csms.tell("ClearCache")).status == "Accepted"


@NEWER
async def test_it_says_how_a_transaction_stands(version: Version) -> None:
    async with connected(version) as (csms, hardware):
        assert (await csms.tell("GetTransactionStatus")).messages_in_queue is False
        wire_id = await charging(csms, hardware)
        answer = await csms.tell("GetTransactionStatus", transaction_id=wire_id)
        assert answer.ongoing_indicator is True
        hardware.unplug(1)
        await csms.ended(wire_id)
        assert (await csms.tell("GetTransactionStatus", transaction_id=wire_id)).ongoing_indicator is False
        unknown = await csms.tell("GetTransactionStatus", transaction_id="never")
        assert unknown.ongoing_indicator is False
