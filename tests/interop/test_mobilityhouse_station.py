"""Stations of MobilityHouse's `ocpp` against our CSMS, over real WebSockets: what is stored is what they said."""

import asyncio
from decimal import Decimal
from typing import Any

import pytest
from mobilityhouse_station import STATIONS, at, foreign_station
from node_rest import NodeRest, new_identity

from stationmaster.cli.node import Node
from stationmaster.clock.timeouts import within
from stationmaster.clock.wall import WallClock
from stationmaster.domain.command import Command
from stationmaster.domain.cost.transaction_energy import anomalies, energy
from stationmaster.domain.identity import DEFAULT_TENANT, Evse, IdToken
from stationmaster.domain.messages import RequestStartTransaction, RequestStopTransaction
from stationmaster.domain.transactions.transaction import Transaction
from stationmaster.ocpp.version import Version

pytestmark = pytest.mark.asyncio(loop_scope="session")
EVERY = pytest.mark.parametrize("version", STATIONS, ids=str)
ANSWER_S = 10.0


@pytest.fixture
def node(rest: NodeRest) -> Node:
    return rest.node


def connected(node: Node, version: Version) -> Any:
    return foreign_station(node.info.ocpp_url, new_identity(), version)


async def station_key(node: Node, station: Any) -> int:
    known = await node.storage.reads.find_station(DEFAULT_TENANT, station.id)
    assert known is not None
    return known.key


async def stored(node: Node, station: Any, wire_id: str) -> Transaction:
    transaction = await node.storage.reads.find_by_wire_id(await station_key(node, station), wire_id)
    assert transaction is not None
    return transaction


async def in_state(node: Node, command: Command, state: str) -> Command:
    """The command, once it has come to a state."""
    clock = WallClock()

    async def watched() -> Command:
        while True:
            current = await node.csms.commands.get(command.tenant, command.station_key, command.key)
            assert current is not None
            if current.state == state:
                return current
            await clock.sleep(0.01)

    return await within(clock, ANSWER_S, watched())


@EVERY
async def test_it_boots_and_is_known_by_its_make(node: Node, version: Version) -> None:
    async with connected(node, version) as station:
        answer = await station.boot()
    assert (answer.status, answer.interval) == ("Accepted", 300)
    known = await node.storage.reads.find_station(DEFAULT_TENANT, station.id)
    assert known is not None
    assert (known.info.vendor, known.info.model, known.version) == ("House", "Foreign", str(version))


@EVERY
async def test_known_cards_are_accepted_and_others_are_not(node: Node, version: Version) -> None:
    async with connected(node, version) as station:
        await station.boot()
        assert await station.authorize("card") == "Accepted"
        assert await station.authorize("STRANGER") in ("Invalid", "Unknown")


@EVERY
async def test_a_transaction_is_stored_with_its_meter_values_and_energy(node: Node, version: Version) -> None:
    async with connected(node, version) as station:
        await station.boot()
        wire_id = await station.begin(0, 1000)
        for minute, register_wh in ((1, 1180), (2, 1365)):
            await station.measure(wire_id, minute, register_wh)
        assert (await stored(node, station, wire_id)).is_open
        await station.end(wire_id, 3, 1540)

    transaction = await stored(node, station, wire_id)
    assert energy(transaction) == (Decimal(540), "registers")
    assert (transaction.started_at, transaction.ended_at) == (at(0), at(3))
    assert transaction.evse == Evse(1, 1)
    assert transaction.id_token is not None and transaction.id_token.value == "CARD"
    assert (transaction.authorization, transaction.stopped_reason) == ("Accepted", "Local")
    assert anomalies(transaction) == ()
    readings = (await node.storage.reads.readings(DEFAULT_TENANT, transaction.key)).items
    at_both_ends = () if version is Version.V16 else (Decimal(1000), Decimal(1540))
    assert sorted(r.register_wh for r in readings) == sorted((Decimal(1180), Decimal(1365), *at_both_ends))


@EVERY
async def test_it_is_started_remotely_and_the_command_names_the_transaction(node: Node, version: Version) -> None:
    async with connected(node, version) as station:
        await station.boot()
        asked = RequestStartTransaction(id_token=IdToken("CARD", "ISO14443"), remote_start_id=7, evse=Evse(1))
        command = await node.csms.commands.submit(DEFAULT_TENANT, await station_key(node, station), asked)
        answered = await node.csms.commands.wait(command, ANSWER_S)
        assert (answered.state, answered.status) == ("accepted", "Accepted")
        received = station.received.starts.get_nowait()
        if version is Version.V16:
            assert received == {"connector_id": 1, "id_tag": "CARD"}
        else:
            assert received == {
                "evse_id": 1,
                "remote_start_id": 7,
                "id_token": {"id_token": "CARD", "type": "ISO14443"},
            }
        wire_id = await station.begin(0, 1000, remote_start_id=7)
        seen = await in_state(node, command, "effect_seen")
        await station.end(wire_id, 1, 1100)  # the card is in use as long as it goes on
    assert seen.transaction_key == (await stored(node, station, wire_id)).key


@EVERY
async def test_it_is_stopped_remotely(node: Node, version: Version) -> None:
    async with connected(node, version) as station:
        await station.boot()
        wire_id = await station.begin(0, 1000)
        asked = RequestStopTransaction(transaction_id=wire_id)
        command = await node.csms.commands.submit(DEFAULT_TENANT, await station_key(node, station), asked)
        assert (await node.csms.commands.wait(command, ANSWER_S)).state == "accepted"
        received = station.received.stops.get_nowait()
        assert str(received["transaction_id"]) == wire_id
        await station.end(wire_id, 1, 1200, reason="Remote")
        await in_state(node, command, "effect_seen")
    assert (await stored(node, station, wire_id)).stopped_reason == "Remote"


@EVERY
async def test_messages_sent_at_once_are_all_answered(node: Node, version: Version) -> None:
    async with connected(node, version) as station:
        await station.boot()
        wire_id = await station.begin(0, 1000)
        await asyncio.gather(*(station.measure(wire_id, minute, 1000 + minute) for minute in range(1, 21)))
        await station.end(wire_id, 21, 1500)
    readings = (await node.storage.reads.readings(DEFAULT_TENANT, (await stored(node, station, wire_id)).key)).items
    assert len(readings) == (20 if version is Version.V16 else 22)
