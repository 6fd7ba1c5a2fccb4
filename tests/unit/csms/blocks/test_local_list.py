"""When the local list of a station is looked at, and what becomes of turns that do not work out."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from stationmaster.clock.virtual import VirtualClock
from stationmaster.csms.settings import CsmsSettings, TenantPolicy
from stationmaster.domain.local_list.entries import ContentsForgotten, ListContent, ListWish
from stationmaster.domain.queries import CommandFilter
from stationmaster.domain.records import Event
from stationmaster.ocpp.version import Version
from stationmaster.testing import CsmsBench, WireClient, csms_bench

KEEPING = CsmsSettings(default_policy=TenantPolicy(registration="open", local_lists="on"), local_list_delay_s=30)


BOOT = {"reason": "PowerUp", "chargingStation": {"vendorName": "Maker", "model": "Model"}}


class ListStation:
    """A station of 2.0.1 by script that remembers versions, and says no more of its list than it is told to."""

    def __init__(self, bench: CsmsBench, client: WireClient) -> None:
        self.bench = bench
        self.client = client
        self.version = 0
        self.asked = 0
        self.sent: list[dict[str, Any]] = []
        self.status = "Accepted"
        self.variables = {"ItemsPerMessage": "100", "Available": "true", "Enabled": "true"}
        client.on("GetVariables", self._variables)
        client.on("GetLocalListVersion", self._version)
        client.on("SendLocalList", self._send)

    @classmethod
    async def boot(cls, bench: CsmsBench) -> "ListStation":
        station = cls(bench, await bench.dial("CS-1", Version.V201))
        await station.client.call("BootNotification", BOOT)
        await bench.clock.sleep(5)
        return station

    @property
    def state(self) -> Any:
        key = self.bench.station("CS-1").key
        desk = self.bench.csms.directory.get(key)
        assert desk is not None
        return desk.state.local_list

    async def touched(self, wait_s: float = 60) -> None:
        """Tokens have changed."""
        event = Event(kind="TokenChanged", tenant="default", at=self.bench.clock.now(), data={})
        await self.bench.storage.journal.store([], [event])
        await self.bench.clock.sleep(wait_s)

    def _variables(self, payload: dict[str, Any]) -> dict[str, Any]:
        results = []
        for asked in payload["getVariableData"]:
            value = self.variables.get(asked["variable"]["name"])
            told = {"attributeStatus": "UnknownVariable"} if value is None else {"attributeStatus": "Accepted"}
            results.append({**asked, **told, **({} if value is None else {"attributeValue": value})})
        return {"getVariableResult": results}

    def _version(self, payload: dict[str, Any]) -> dict[str, Any]:
        self.asked += 1
        return {"versionNumber": self.version}

    def _send(self, payload: dict[str, Any]) -> dict[str, Any]:
        self.sent.append(payload)
        if self.status == "Accepted":
            self.version = payload["versionNumber"]
        return {"status": self.status}


@pytest.fixture
async def bench() -> AsyncIterator[CsmsBench]:
    async with csms_bench(KEEPING, clock=VirtualClock()) as made:
        await made.add_token("A1", "ISO14443")
        yield made


async def test_a_station_that_boots_gets_its_list_and_is_asked_for_its_limits_once(bench: CsmsBench) -> None:
    station = await ListStation.boot(bench)
    assert [sent["updateType"] for sent in station.sent] == ["Full"]
    assert (station.state.state, station.state.version, station.state.entries) == ("in_sync", 1, 1)


async def test_tokens_must_be_left_alone_for_a_moment(bench: CsmsBench) -> None:
    station = await ListStation.boot(bench)
    asked = station.asked
    for _ in range(4):
        await station.touched(wait_s=15)
    assert station.asked == asked
    await bench.clock.sleep(45)
    assert station.asked == asked + 1


async def test_a_list_that_was_refused_is_tried_again_after_an_hour(bench: CsmsBench) -> None:
    station = await ListStation.boot(bench)
    station.status = "Failed"
    await bench.add_token("B2", "ISO14443")
    await bench.add_token("C3", "ISO14443")
    await station.touched()
    assert (station.state.state, station.state.problem) == ("refused", "Failed")
    refused = len(station.sent)
    await bench.clock.sleep(50 * 60)
    assert len(station.sent) == refused
    station.status = "Accepted"
    await bench.clock.sleep(15 * 60)
    assert (station.state.state, station.state.entries, station.state.problem) == ("in_sync", 3, None)


async def test_a_station_that_does_not_look_at_expiry_gets_the_list_anew_when_one_expires(bench: CsmsBench) -> None:
    await bench.add_token("B2", "ISO14443", expires_at=bench.clock.now() + timedelta(hours=2))
    station = await ListStation.boot(bench)
    assert station.state.resync_at is not None
    await bench.clock.sleep(2 * 3600 + 120)
    entries = {entry["idToken"]["idToken"]: entry for entry in station.sent[-1]["localAuthorizationList"]}
    assert entries["B2"]["idTokenInfo"]["status"] == "Expired"
    assert (station.state.state, station.state.resync_at) == ("in_sync", None)


async def test_a_station_that_has_no_lists_is_not_sent_any(bench: CsmsBench) -> None:
    client = await bench.dial("CS-1", Version.V201)
    station = ListStation(bench, client)
    station.variables["Available"] = "false"
    await client.call("BootNotification", BOOT)
    await bench.clock.sleep(5)
    assert (station.sent, station.asked, station.state.state) == ([], 0, "unsupported")


async def test_a_station_that_comes_back_is_looked_at_where_something_may_have_changed(bench: CsmsBench) -> None:
    station = await ListStation.boot(bench)
    station.client.connection.cut()
    await bench.clock.sleep(5)
    again = ListStation(bench, await bench.dial("CS-1", Version.V201))
    again.version = station.version
    await bench.clock.sleep(5)
    assert again.asked == 0
    again.client.connection.cut()
    await bench.add_token("B2", "ISO14443")
    await station.touched()
    third = ListStation(bench, await bench.dial("CS-1", Version.V201))
    third.version = station.version
    await bench.clock.sleep(5)
    assert (len(third.sent), third.state.entries) == (1, 2)


async def test_a_station_that_lost_its_list_gets_all_of_it(bench: CsmsBench) -> None:
    station = await ListStation.boot(bench)
    station.version = 0
    await station.touched()
    assert [(sent["updateType"], sent["versionNumber"]) for sent in station.sent] == [("Full", 1), ("Full", 2)]


async def test_where_nobody_wants_lists_nothing_is_asked_or_stored() -> None:
    settings = CsmsSettings(default_policy=TenantPolicy(registration="open"))
    async with csms_bench(settings, clock=VirtualClock()) as bench:
        station = await ListStation.boot(bench)
        assert (station.asked, station.state) == (0, None)
        await bench.storage.journal.store(
            [ListWish(station_key=bench.station("CS-1").key, tenant="default", wanted=True)]
        )
        await station.client.call("BootNotification", BOOT)
        await bench.clock.sleep(5)
        assert station.state.state == "in_sync"


async def test_a_compiled_list_stands_in_no_command_once_it_is_answered(bench: CsmsBench) -> None:
    await ListStation.boot(bench)
    page = await bench.storage.reads.commands(CommandFilter(tenant="default", station_key=bench.station("CS-1").key))
    (command,) = [command for command in page.items if command.kind == "SendLocalList"]
    assert (command.state, command.request["entries"]) == ("accepted", [])


async def test_contents_that_no_station_has_any_more_go(bench: CsmsBench) -> None:
    station = await ListStation.boot(bench)
    reads, in_use, now = bench.storage.reads, station.state.digest, bench.clock.now()
    old = ListContent(tenant="default", digest="0" * 64, made_at=now, entries=())
    await bench.storage.journal.store([old, ContentsForgotten(before=now)])
    assert await reads.list_content("default", old.digest) == old
    await bench.storage.journal.store([ContentsForgotten(before=now + timedelta(hours=1))])
    assert await reads.list_content("default", old.digest) is None
    kept = await reads.list_content("default", in_use)
    assert kept is not None and [entry.id_token.value for entry in kept.entries] == ["A1"]


async def test_what_is_known_of_a_list_outlasts_a_restart(tmp_path: Any) -> None:
    clock = VirtualClock()
    path = str(tmp_path / "lists.sqlite")
    async with csms_bench(KEEPING, clock=clock, path=path) as bench:
        await bench.add_token("A1", "ISO14443")
        version = (await ListStation.boot(bench)).version
    async with csms_bench(KEEPING, clock=clock, path=path) as bench:
        station = ListStation(bench, await bench.dial("CS-1", Version.V201))
        station.version = version
        await bench.clock.sleep(5)
        assert (station.asked, station.sent, station.state.state) == (1, [], "in_sync")
