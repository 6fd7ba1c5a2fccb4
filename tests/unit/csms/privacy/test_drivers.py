"""Erasing a driver: taken up after a restart, in portions, whatever else happens meanwhile."""

import asyncio

import msgspec
import pytest

from stationmaster.csms.privacy.drivers import DriverDesk, NotNow
from stationmaster.domain.authorization.tokens import Token
from stationmaster.domain.driver_data import Subject, pseudonym
from stationmaster.domain.identity import IdToken
from stationmaster.domain.records import Oddity
from stationmaster.domain.station import Station
from stationmaster.storage import personal_data
from stationmaster.testing import csms_bench
from stationmaster.testing.bench import OPEN

VALUE = "04A1B2C3"
SECRET = b"a pepper for tests"


@pytest.fixture
async def bench():
    async with csms_bench(OPEN) as made:
        station = Station(key=9, tenant="default", identity="CS-9", created_at=made.clock.now())
        await made.storage.journal.store([station])
        yield made


async def mentioned(bench, times):
    at = bench.clock.now()
    rows = [Oddity(station_key=9, at=at, kind="k", action=None, detail=f"{VALUE} at {n}") for n in range(times)]
    await bench.storage.journal.store(rows)


async def left(bench):
    def look(writing):
        return writing.connection.execute(
            "SELECT count(*) FROM oddities WHERE instr(detail, ?) > 0", (VALUE,)
        ).fetchone()[0]

    return await bench.storage.journal.run(look)


async def begun(bench, token):
    return await bench.csms.drivers.erase("default", [token], reason=None, ask_stations=True, requested_by="somebody")


async def done(bench, erasure):
    async with asyncio.timeout(10):
        while True:
            found = await bench.storage.reads.erasure("default", erasure.key)
            if found.state == "done":
                return found
            await asyncio.sleep(0.02)


async def test_many_rows_go_in_portions(bench, monkeypatch):
    monkeypatch.setattr(personal_data, "PORTION", 7)
    await mentioned(bench, 30)
    token = await bench.add_token(VALUE, "ISO14443")
    found = await done(bench, await begun(bench, token))
    assert found.changed["oddities"] == 30
    assert await left(bench) == 0
    assert await bench.storage.reads.token("default", token.key) is None


async def test_an_erasure_that_a_crash_cut_off_goes_on_where_it_was(bench, monkeypatch):
    monkeypatch.setattr(personal_data, "PORTION", 7)
    await mentioned(bench, 30)
    token = await bench.add_token(VALUE, "ISO14443")
    storage = bench.storage
    idle = DriverDesk(storage, bench.bus, bench.clock, bench.csms.commands, OPEN, SECRET)  # nothing runs by itself
    erasure = await idle.erase("default", [token], reason=None, ask_stations=True, requested_by=None)
    meant = [Subject(token_key=token.key, id_token=token.id_token, pseudonym=erasure.pseudonyms[0])]
    while erasure.changed.get("oddities", 0) < 14:
        erasure = await storage.personal.erase(erasure, meant)
    (kept,) = await storage.reads.erasures_under_way()
    assert kept == erasure and kept.after > 0

    bench.csms.drivers._news.set()  # as at a start
    found = await done(bench, erasure)
    assert found.changed["oddities"] == 30
    assert await left(bench) == 0


async def test_a_row_that_changes_while_it_is_looked_at_is_not_written_over(bench):
    await mentioned(bench, 1)
    token = await bench.add_token(VALUE, "ISO14443")
    change = ("x", 1, "what stood there before")
    place = next(each for each in personal_data.PLACES if each.table.name == "oddities")
    erasure = await begun(bench, token)
    await bench.storage.journal.run(lambda writing: personal_data._write(writing, place, [change], erasure))
    assert await left(bench) == 1


async def test_the_same_driver_is_not_erased_twice_at_once(bench):
    token = await bench.add_token(VALUE, "ISO14443")
    await begun(bench, token)
    with pytest.raises(NotNow, match="already"):
        await begun(bench, token)


async def test_another_tenant_s_driver_of_the_same_card_stays(bench):
    other = Token(key=bench.storage.keys.take(), tenant="other", id_token=IdToken(VALUE, "ISO14443"))
    elsewhere = Station(key=10, tenant="other", identity="CS-9", created_at=bench.clock.now())
    odd = Oddity(station_key=10, at=bench.clock.now(), kind="k", action=None, detail=f"{VALUE} here")
    await bench.storage.add_tenant("other")
    await bench.storage.journal.store([elsewhere, other, odd])
    token = await bench.add_token(VALUE, "ISO14443")
    await done(bench, await begun(bench, token))
    assert await left(bench) == 1
    assert await bench.storage.reads.token("other", other.key) == other


async def test_an_erasure_holds_no_value_of_a_token(bench):
    token = await bench.add_token(VALUE, "ISO14443")
    found = await done(bench, await begun(bench, token))
    assert VALUE not in msgspec.json.encode(found).decode()
    assert found.pseudonyms == (pseudonym(SECRET, "default", token.id_token),)


async def test_the_account_that_a_token_charged_on_is_told_to_remain(bench):
    token = await bench.add_token(VALUE, "ISO14443", account=77)
    found = await done(bench, await begun(bench, token))
    assert "account 77" in {each.what for each in found.remains}


async def test_a_fleet_of_hundreds_of_cards_is_erased_at_once(bench):
    cards = [
        Token(key=10_000 + n, tenant="default", id_token=IdToken(f"{VALUE}{n:03}", "ISO14443"), group="fleet")
        for n in range(400)
    ]
    await bench.storage.journal.store(cards)
    at = bench.clock.now()
    rows = [Oddity(station_key=9, at=at, kind="k", action=None, detail=f"{VALUE}{n:03} was here") for n in (0, 399)]
    await bench.storage.journal.store([*rows, Oddity(station_key=9, at=at, kind="k", action=None, detail="nobody")])
    erasure = await bench.csms.drivers.erase("default", cards, reason=None, ask_stations=False, requested_by=None)
    found = await done(bench, erasure)
    assert found.changed["oddities"] == 2
    assert await left(bench) == 0
    assert await bench.storage.reads.tokens_of("default", group="fleet", most=1) == []
