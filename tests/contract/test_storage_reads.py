"""What operators ask of the store: stations, tokens, commands, and what was odd."""

from datetime import timedelta
from typing import Any

import msgspec
from storage_records import NOW, a_command, a_station

from stationmaster.domain.authorization.tokens import Token
from stationmaster.domain.command import advance
from stationmaster.domain.identity import IdToken
from stationmaster.domain.queries import CommandFilter, OddityFilter, PageRequest, StationFilter, TokenFilter
from stationmaster.domain.records import ApiKey, Conflict, EvseName, Oddity, TokenImported, TokenRemoved, UnknownCaller
from stationmaster.domain.station import Connector
from stationmaster.storage.sqlite import SQLiteStorage
from stationmaster.storage.statements import MAX_CALLERS


async def test_tokens_are_found_by_value_without_case_and_by_type(storage: SQLiteStorage) -> None:
    rfid = Token(key=1, tenant="default", id_token=IdToken("Abc", "ISO14443"))
    central = Token(key=2, tenant="default", id_token=IdToken("ABC", "Central"))
    open_type = Token(key=3, tenant="default", id_token=IdToken("xyz"))
    await storage.journal.store([rfid, central, open_type])
    find = storage.reads.find_token
    assert await find("default", IdToken("aBC", "ISO14443")) == rfid
    assert await find("default", IdToken("abc", "Central")) == central
    assert await find("default", IdToken("abc")) in (rfid, central)
    assert await find("default", IdToken("XYZ", "eMAID")) == open_type
    assert await find("default", IdToken("abc", "eMAID")) is None
    assert await find("other", IdToken("abc")) is None


async def test_a_removed_token_is_gone_and_may_come_again(storage: SQLiteStorage) -> None:
    def token(key: int) -> Token:
        return Token(key=key, tenant="default", id_token=IdToken("T"))

    await storage.journal.store([token(1), TokenRemoved(tenant="other", key=1)])
    assert await storage.reads.token("default", 1) == token(1)
    await storage.journal.store([TokenRemoved(tenant="default", key=1), token(2)])
    assert await storage.reads.find_token("default", IdToken("t")) == token(2)


async def test_stations_are_filtered_and_scoped(storage: SQLiteStorage) -> None:
    later = NOW + timedelta(seconds=1)
    await storage.journal.store(
        [
            a_station(1, version="1.6", connected_at=NOW),
            a_station(2, version="2.0.1", connected_at=NOW, disconnected_at=later),
            a_station(3, connected_at=later, disconnected_at=NOW, registration="Pending"),
            a_station(4, tenant="other", connected_at=NOW),
        ]
    )

    async def keys(**query: Any) -> list[int]:
        return [s.key for s in (await storage.reads.stations(StationFilter(tenant="default", **query))).items]

    assert await keys() == [1, 2, 3]
    assert await keys(connected=True) == [1, 3]
    assert await keys(connected=False) == [2]
    assert await keys(version="2.0.1") == [2]
    assert await keys(registration="Pending") == [3]
    await storage.journal.store([a_station(3, registration="Rejected")])
    assert (await keys(registration="Pending"), await keys(registration="Rejected")) == ([], [3])
    assert await storage.reads.station("default", 4) is None
    assert await storage.reads.tenants() == ["default", "other"]


async def test_connectors_are_listed_in_order(storage: SQLiteStorage) -> None:
    def connector(evse_id: int, connector_id: int, status: str) -> Connector:
        return msgspec.convert(
            {
                "station_key": 1,
                "evse_id": evse_id,
                "connector_id": connector_id,
                "status": status,
                "since": NOW,
                "received_at": NOW,
            },
            Connector,
        )

    there = [connector(0, 0, "Faulted"), connector(1, 1, "Occupied"), connector(2, 1, "Available")]
    await storage.journal.store([a_station(), *reversed(there)])
    assert await storage.reads.connectors("default", 1) == there
    assert await storage.reads.connectors("other", 1) == []


async def test_tokens_are_searched(storage: SQLiteStorage) -> None:
    await storage.journal.store(
        [
            Token(key=1, tenant="default", id_token=IdToken("ABC1")),
            Token(key=2, tenant="default", id_token=IdToken("abd2"), status="Blocked"),
        ]
    )
    both = await storage.reads.tokens(TokenFilter(tenant="default", text="aB"))
    blocked = await storage.reads.tokens(TokenFilter(tenant="default", status="Blocked"))
    assert ([t.key for t in both.items], [t.key for t in blocked.items]) == ([1, 2], [2])


async def test_commands_are_found_by_state(storage: SQLiteStorage) -> None:
    sent = advance(a_command(2, station_key=2), "sent", sent_at=NOW)
    done = advance(sent, "accepted", answered_at=NOW, answer={"status": "Accepted"})
    await storage.journal.store([a_command(1), sent, a_command(3)])
    reads = storage.reads
    assert [c.key for c in await reads.unfinished_commands()] == [1, 2, 3]
    assert await reads.unfinished_commands(2) == [sent]
    await storage.journal.store([done])
    assert await reads.unfinished_commands(2) == []
    assert await reads.load_command(2) == done
    assert await reads.command("other", 2) is None
    page = await reads.commands(CommandFilter(tenant="default", state="queued"))
    assert [c.key for c in page.items] == [3, 1]


async def test_commands_in_hand_are_those_sent_and_the_late_ones_that_may_still_take_effect(
    storage: SQLiteStorage,
) -> None:
    sent = [advance(a_command(key), "sent", sent_at=NOW) for key in range(1, 6)]
    old = advance(a_command(6, created_at=NOW - timedelta(hours=2)), "sent", sent_at=NOW)
    found = [
        advance(sent[0], "accepted"),
        advance(sent[1], "unknown"),
        advance(sent[2], "timed_out"),
        old,
    ]
    others = [
        advance(sent[3], "rejected"),
        advance(sent[4], "effect_seen"),
        advance(msgspec.structs.replace(old, key=7), "accepted"),
        a_command(8),
        advance(a_command(9, station_key=2), "sent", sent_at=NOW),
    ]
    await storage.journal.store([*found, *others])
    assert await storage.reads.commands_in_hand(1, NOW) == found


async def test_oddities_are_listed_and_counted(storage: SQLiteStorage) -> None:
    def oddity(minute: int, kind: str) -> Oddity:
        at = NOW + timedelta(minutes=minute)
        return Oddity(station_key=1, at=at, kind=kind, action=None, detail="d")

    await storage.journal.store([a_station(), oddity(0, "late"), oddity(1, "null"), oddity(2, "late")])
    page = await storage.reads.oddities(OddityFilter(tenant="default", station_key=1))
    assert [logged.oddity.kind for logged in page.items] == ["late", "null", "late"]
    counts = await storage.reads.oddity_counts("default")
    assert [(c.kind, c.count, c.first_at, c.last_at) for c in counts] == [
        ("late", 2, NOW, NOW + timedelta(minutes=2)),
        ("null", 1, NOW + timedelta(minutes=1), NOW + timedelta(minutes=1)),
    ]
    assert await storage.reads.oddity_counts("other") == []


async def test_conflicts_callers_keys_and_settings_are_kept(storage: SQLiteStorage) -> None:
    conflict = Conflict(station_key=1, transaction_key=None, dedupe_key="3", received_at=NOW, body=b"\x00{}")
    api_key = ApiKey(key=1, tenant="default", name="n", role="viewer", hash="h", created_at=NOW)
    caller = UnknownCaller(tenant="default", identity="?", at=NOW, address="10.0.0.1", subprotocols="ocpp1.6")
    later = msgspec.structs.replace(caller, at=NOW + timedelta(hours=1), address="10.0.0.2")
    await storage.journal.store([a_station(), conflict, api_key, caller, later])
    assert [c.conflict for c in (await storage.reads.conflicts("default", 1)).items] == [conflict]
    assert await storage.reads.all_api_keys() == [api_key]
    (seen,) = (await storage.reads.unknown_callers("default")).items
    assert (seen.calls, seen.first_at, seen.last_at, seen.address) == (2, NOW, later.at, "10.0.0.2")
    await storage.put_setting("default", "language", "de")
    await storage.put_setting("default", "language", "fr")
    assert await storage.reads.setting("default", "language") == "fr"
    assert await storage.reads.setting("other", "language") is None


async def test_evse_ids_are_kept_apart_from_what_stations_tell(storage: SQLiteStorage) -> None:
    def name(connector_id: int, eid: str | None, station_key: int = 1) -> EvseName:
        return EvseName(station_key=station_key, evse_id=1, connector_id=connector_id, eid=eid)

    await storage.journal.store([a_station(), name(1, "A"), name(2, "B"), name(0, "C"), name(1, "Z", station_key=2)])
    await storage.journal.store([name(1, "A2"), name(2, None)])
    there = Connector(station_key=1, evse_id=1, connector_id=1, status="Occupied", since=NOW, received_at=NOW)
    await storage.journal.store([there])
    assert await storage.reads.evse_names(1) == {(1, 0): "C", (1, 1): "A2"}
    state = await storage.reads.load(1)
    assert state is not None
    assert (state.eids, state.connectors) == ({(1, 0): "C", (1, 1): "A2"}, {(1, 1): there})
    assert (state.eid(1, 1), state.eid(1, 2), state.eid(1, None), state.eid(2, 1)) == ("A2", "C", "C", None)


async def test_the_same_tokens_are_found_among_many(storage: SQLiteStorage) -> None:
    def token(key: int, value: str, type: str | None = None, tenant: str = "default") -> Token:
        return Token(key=key, tenant=tenant, id_token=IdToken(value, type))

    known = [token(number, f"Card{number}") for number in range(1, 1201)]
    others = [token(2001, "card1", "Central"), token(2002, "card1", tenant="other")]
    await storage.journal.store([*known, *others])
    wanted = [IdToken(f"CARD{number}") for number in range(1, 1301)]
    found = await storage.reads.same_tokens("default", wanted)
    assert sorted(token.key for token in found) == [token.key for token in known]
    assert await storage.reads.same_tokens("default", [IdToken("CARD1", "Central")]) == others[:1]
    assert await storage.reads.same_tokens("default", []) == []


async def test_an_imported_token_takes_the_place_of_the_same_one_and_keeps_its_key(storage: SQLiteStorage) -> None:
    def token(key: int, value: str, **fields: Any) -> Token:
        return Token(key=key, tenant="default", id_token=IdToken(value), **fields)

    await storage.journal.store([token(1, "Cärd", note="old"), token(2, "Other")])
    given = [token(11, "CÄRD", status="Blocked"), token(12, "New", note="n"), token(13, "new")]
    await storage.journal.store([TokenImported(token=each) for each in given])
    await storage.journal.store([TokenImported(token=token(2, "other", note="same key"))])

    assert list((await storage.reads.tokens(TokenFilter(tenant="default"))).items) == [
        token(1, "Cärd", status="Blocked"),
        token(12, "New"),
        token(2, "Other", note="same key"),
    ]
    blocked = (await storage.reads.tokens(TokenFilter(tenant="default", status="Blocked"))).items
    assert [each.key for each in blocked] == [1]
    assert await storage.reads.token("default", 11) is None


async def test_of_a_tenants_unknown_callers_only_the_latest_are_kept(storage: SQLiteStorage) -> None:
    def caller(number: int, tenant: str = "default", minute: int = 0) -> UnknownCaller:
        at = NOW + timedelta(seconds=number, minutes=minute)
        return UnknownCaller(tenant=tenant, identity=f"C{number:05}", at=at, address="", subprotocols="")

    await storage.journal.store([caller(0, tenant="other"), *(caller(number) for number in range(MAX_CALLERS))])
    await storage.journal.store([caller(0, minute=10**4)])
    await storage.journal.store([caller(number) for number in (MAX_CALLERS, MAX_CALLERS + 1)])
    first = await storage.reads.unknown_callers("default", PageRequest(limit=2))
    assert [seen.identity for seen in first.items] == ["C00000", "C00003"]
    assert len((await storage.reads.unknown_callers("other")).items) == 1
