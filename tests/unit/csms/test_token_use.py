"""Who may charge, and how often at one time."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest

from stationmaster.domain.identity import IdToken
from stationmaster.domain.messages import RequestStartTransaction
from stationmaster.domain.queries import TransactionFilter
from stationmaster.domain.reservation.reservations import ReserveNow
from stationmaster.ocpp.version import Version
from stationmaster.testing import CsmsBench, ScriptedStation, StationView
from stationmaster.testing.script import moment

Boots = Callable[[str], Awaitable[tuple[ScriptedStation, StationView]]]


def _status(answer: dict[str, Any]) -> str:
    status: str = answer["idTokenInfo"]["status"]
    return status


async def test_a_token_in_use_at_one_station_is_refused_at_another(boots: Boots) -> None:
    first, _ = await boots("S1")
    second, view = await boots("S2")
    running = first.transaction()
    assert _status(await running.started("Authorized", token="T1")) == "Accepted"

    refused = await second.transaction().started("Authorized", token="T1")

    assert _status(refused) == "ConcurrentTx"
    stored = await view.transaction()
    assert (stored.authorization, stored.is_open) == ("ConcurrentTx", True)


async def test_of_two_stations_at_the_same_moment_one_gets_the_token(boots: Boots) -> None:
    stations = [(await boots(f"S{number}"))[0] for number in range(5)]

    answers = await asyncio.gather(*[s.transaction().started("Authorized", token="T1") for s in stations])

    assert sorted(map(_status, answers)) == ["Accepted"] + ["ConcurrentTx"] * 4


async def test_a_refused_token_is_free_once_the_other_transaction_ends(boots: Boots) -> None:
    first, _ = await boots("S1")
    second, view = await boots("S2")
    running = first.transaction()
    await running.started("Authorized", token="T1")
    await running.ended("StopAuthorized", token="T1", stoppedReason="Local")

    assert _status(await second.transaction().started("Authorized", token="T1")) == "Accepted"
    assert (await view.transaction()).authorization == "Accepted"


async def test_a_repeat_of_a_refused_start_is_refused_again(boots: Boots) -> None:
    await (await boots("S1"))[0].transaction().started("Authorized", token="T1")
    second, view = await boots("S2")
    start = second.transaction("T").payload("Started", "Authorized", token="T1")

    answers = [await second.say("TransactionEvent", start) for _ in range(3)]

    assert [_status(answer) for answer in answers] == ["ConcurrentTx"] * 3
    assert len(await view.events(await view.transaction())) == 1


async def test_a_refused_token_is_not_accepted_by_the_next_event_that_carries_it(boots: Boots) -> None:
    await (await boots("S1"))[0].transaction().started("Authorized", token="T1")
    second, view = await boots("S2")
    tx = second.transaction()
    await tx.started("Authorized", token="T1")

    answer = await tx.updated("ChargingStateChanged", token="T1", chargingState="Charging")

    assert _status(answer) == "ConcurrentTx"
    assert (await view.transaction()).authorization == "ConcurrentTx"


async def test_the_events_of_the_transaction_that_uses_a_token_are_accepted(boots: Boots) -> None:
    station, _ = await boots("S1")
    tx = station.transaction()
    await tx.started("Authorized", token="T1")

    for trigger in ("StopAuthorized", "Authorized"):
        assert _status(await tx.updated(trigger, token="T1")) == "Accepted"


@pytest.mark.parametrize(("limit", "accepted"), [(None, 5), (2, 2)])
async def test_a_token_may_be_used_as_often_as_it_says(
    bench: CsmsBench, boots: Boots, limit: int | None, accepted: int
) -> None:
    await bench.add_token("FLEET", "ISO14443", max_concurrent=limit)

    answers = [
        await (await boots(f"S{number}"))[0].transaction().started("Authorized", token="FLEET") for number in range(5)
    ]

    assert [_status(answer) for answer in answers].count("Accepted") == accepted


async def test_1_6_a_tag_in_use_is_ConcurrentTx_and_the_start_is_stored(bench: CsmsBench) -> None:
    client = await bench.boot("S16", Version.V16)
    told = {"idTag": "T1", "meterStart": 0, "timestamp": moment(bench.clock.now())}
    await client.call("StartTransaction", {"connectorId": 1, **told})

    answers = [await client.call("StartTransaction", {"connectorId": 2, **told}) for _ in range(2)]

    assert answers[0] == answers[1]
    assert answers[0]["idTagInfo"]["status"] == "ConcurrentTx"
    assert len(await bench.view("S16").transactions()) == 2


@pytest.mark.parametrize("status", ["Blocked", "Invalid", "NoCredit"])
async def test_a_token_that_is_not_accepted_does_not_use_up_its_turn(
    bench: CsmsBench, boots: Boots, status: str
) -> None:
    await bench.add_token("T2", "ISO14443", status=status)
    station, view = await boots("S1")

    answer = await station.transaction().started("Authorized", token="T2")

    assert _status(answer) == status
    assert (await view.transaction()).authorization == status


async def test_one_contract_is_in_use_however_it_is_spelled(bench: CsmsBench, boots: Boots) -> None:
    await bench.add_token("NL-ABC-C0000001-X", "eMAID")
    first, second = [(await boots(identity))[0] for identity in ("S1", "S2")]
    spelled = [{"idToken": value, "type": "eMAID"} for value in ("NLABCC0000001X", "nl-abc-c0000001-x")]
    running = first.transaction()

    assert _status(await running.started("Authorized", token=spelled[0])) == "Accepted"
    assert _status(await second.transaction().started("Authorized", token=spelled[1])) == "ConcurrentTx"


async def test_a_contract_is_known_to_a_station_without_types(bench: CsmsBench) -> None:
    await bench.add_token("NLABC1", "eMAID")
    old = await bench.boot("S1", Version.V16)
    for id_tag in ("NL-ABC-1", "nlabc1"):
        answer = await old.call("Authorize", {"idTag": id_tag})
        assert answer["idTagInfo"]["status"] == "Accepted"
    assert (await old.call("Authorize", {"idTag": "NL:ABC1"}))["idTagInfo"]["status"] == "Invalid"


async def test_a_transaction_is_found_by_any_spelling_of_its_token(bench: CsmsBench, boots: Boots) -> None:
    await bench.add_token("NLABC1", "eMAID")
    station, view = await boots("S1")
    await station.transaction().started("Authorized", token={"idToken": "NLABC1", "type": "eMAID"})
    running = await view.transaction()

    for spelling in ("NL-ABC-1", "nlabc1"):
        query = TransactionFilter(tenant="default", token=spelling)
        assert [each.key for each in (await bench.storage.reads.transactions(query)).items] == [running.key]


async def test_a_remote_start_has_the_type_that_the_token_is_known_by(boots: Boots) -> None:
    station, view = await boots("S1")
    station.answer("RequestStartTransaction", {"status": "Accepted"})
    command = await view.ask(RequestStartTransaction(id_token=IdToken("t1"), remote_start_id=0))
    asked = await station.asked("RequestStartTransaction")
    assert asked["idToken"] == {"idToken": "t1", "type": "ISO14443"}

    told = {"token": asked["idToken"], "remoteStartId": asked["remoteStartId"]}
    assert _status(await station.transaction().started("RemoteStart", **told)) == "Accepted"
    assert (await view.command(command)).state == "effect_seen"


async def test_a_remote_start_of_a_token_that_nobody_knows_is_as_it_was_asked_for(boots: Boots) -> None:
    station, view = await boots("S1")
    station.answer("RequestStartTransaction", {"status": "Rejected"})
    await view.ask(RequestStartTransaction(id_token=IdToken("NOBODYS"), remote_start_id=0))
    asked = await station.asked("RequestStartTransaction")
    assert asked["idToken"] == {"idToken": "NOBODYS", "type": "Central"}


async def test_a_token_that_is_known_without_a_type_is_named_as_the_card_that_a_reader_will_tell_of(
    bench: CsmsBench, boots: Boots
) -> None:
    await bench.add_token("PLAIN")
    station, view = await boots("S1")
    plain, until = IdToken("PLAIN"), bench.clock.now() + timedelta(hours=1)
    for request in (
        ReserveNow(id_token=plain, expires_at=until),
        RequestStartTransaction(id_token=plain, remote_start_id=0),
    ):
        action = type(request).__name__
        station.answer(action, {"status": "Accepted"})
        await view.ask(request)
        assert (await station.asked(action))["idToken"] == {"idToken": "PLAIN", "type": "ISO14443"}
